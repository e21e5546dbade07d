import os
import tempfile
import time
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.modules.neutralize import neutralize_database
from odoo.tests import new_test_user, tagged
from odoo.tools import config

from odoo.addons.queue_job.tests.common import trap_jobs

from ..invoices.inbox import Entry, HostKey, Inbox, InboxError, Trouble
from ..models import shipment_carrier_invoice_fetch as fetch
from ..models import shipment_carrier_invoice_server as server_module
from ..models import shipment_carrier_invoice_source as sources
from .freight_common import FreightCase

SECRET = "demo-password-4711"
# A made-up public key of the right shape.
KEY = HostKey("ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5RGVtbw==")
OTHER_KEY = HostKey("ssh-ed25519", "AAAAC3NzaC1lZDI1NTE5T3RoZXI=")
HEAD = "Invoice,Tracking,Charge,Amount\n"


class SourceCase(FreightCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.admin = new_test_user(
            cls.env, login="freight_admin", groups="base.group_system"
        )
        cls.root = Path(tempfile.mkdtemp())
        cls.addClassCleanup(_remove, cls.root)
        cls.startClassPatcher(
            patch.dict(config.options, {"shipment_invoice_folder": str(cls.root)})
        )
        (cls.root / "in").mkdir()
        cls.source = cls.env["shipment.carrier.invoice.source"].create(
            cls.values(user_id=cls.clerk.id)
        )

    @classmethod
    def values(cls, **values):
        return {
            "name": "Example Parcels",
            "kind": "folder",
            "folder": "in",
            "carrier_id": cls.carrier.id,
            "user_id": False,
            **values,
        }

    def tearDown(self):
        for path in (self.root / "in").iterdir():
            path.unlink()
        super().tearDown()

    def lay(self, name, content=HEAD, age=3600, folder="in"):
        """Put a file there that was written some seconds ago."""
        path = self.root / folder / name
        path.write_text(content)
        os.utime(path, (time.time() - age,) * 2)
        return path

    def look(self, source=None):
        """Look at a source; return the files that jobs import."""
        source = source or self.source
        # What it writes is written beside the test's transaction.
        self.env.flush_all()
        with trap_jobs() as trap:
            source._job_look()
        self.env.invalidate_all()
        files = self.env["shipment.carrier.invoice.file"]
        return [
            files.browse(job.recordset.ids)
            for job in trap.enqueued_jobs
            if job.method_name == "_job_import"
        ]

    def files(self, source=None):
        return self.env["shipment.carrier.invoice.file"].search(
            [("source_id", "=", (source or self.source).id)]
        )


@tagged("post_install", "-at_install")
class TestCarrierInvoiceSource(SourceCase):
    """Files that carriers leave in a folder are imported, each once."""

    def test_a_file_is_fetched_and_its_import_begun(self):
        path = self.lay("a.csv", "some,table\n")
        (file,) = self.look()
        self.assertEqual(file, self.files())
        self.assertEqual((file.name, file.state), ("a.csv", "running"))
        self.assertEqual(file.carrier_id, self.carrier)
        with file._open() as stream:
            self.assertEqual(stream.read(), b"some,table\n")
        self.assertEqual(path.read_text(), "some,table\n")
        self.assertTrue(self.source.looked_at)
        self.assertFalse(self.source.trouble)

    def test_the_content_is_an_attachment_as_any_other(self):
        self.lay("a.csv", "some,table\n")
        (file,) = self.look()
        uploaded = self.env["shipment.carrier.invoice.file"].create(
            {"name": "b.csv", "file": file.file}
        )
        self.assertEqual(uploaded.digest, file.digest)
        attachment = file._attachment()
        self.assertEqual(attachment.file_size, 11)
        self.assertEqual(attachment.raw, b"some,table\n")

    def test_a_file_is_fetched_once_however_often_it_lies_there(self):
        self.lay("a.csv", "1")
        self.assertEqual(len(self.look()), 1)
        self.assertEqual(len(self.look()), 0)
        self.lay("again.csv", "1")
        self.assertEqual(len(self.look()), 0)
        self.assertEqual(len(self.files()), 1)
        self.assertEqual(self.source.seen_ids.file_id, self.files())

    def test_what_was_uploaded_is_not_fetched_again(self):
        self.env["shipment.carrier.invoice.file"].create(
            {"name": "by hand.csv", "file": "MQ=="}
        )
        self.lay("a.csv", "1")
        self.assertEqual(self.look(), [])

    def test_a_known_file_is_not_even_opened(self):
        self.lay("a.csv", "1")
        self.look()
        with patch.object(sources.FolderInbox, "fetch", side_effect=AssertionError):
            self.assertEqual(self.look(), [])

    def test_a_file_that_changes_is_fetched_again(self):
        self.lay("a.csv", "1")
        self.look()
        self.lay("a.csv", "12")
        self.assertEqual(len(self.look()), 1)

    def test_a_file_that_is_being_written_waits_for_the_next_look(self):
        path = self.lay("a.csv", "1", age=0)
        self.assertEqual(self.look(), [])
        path.write_text("12")
        self.assertEqual(self.look(), [])
        self.assertEqual(self.source.seen_ids.mapped("state"), ["waiting"])
        (file,) = self.look()
        self.assertEqual(file._attachment().raw, b"12")

    def test_a_file_that_grows_while_it_is_fetched_waits(self):
        path = self.lay("a.csv", "1")
        real = sources.FolderInbox.fetch

        def grow(inbox, entry):
            path.write_text("123")
            return real(inbox, entry)

        with patch.object(sources.FolderInbox, "fetch", grow):
            self.assertEqual(self.look(), [])
        os.utime(path, (time.time() - 3600,) * 2)
        (file,) = self.look()
        self.assertEqual(file._attachment().raw, b"123")

    def test_only_files_of_the_pattern_are_fetched(self):
        self.source.name_pattern = "*.csv, *.zip"
        for name in ("a.csv", "B.ZIP", "c.pdf", ".d.csv", "e.csv.part"):
            self.lay(name, name)
        self.assertEqual(sorted(file.name for file in self.look()), ["B.ZIP", "a.csv"])

    def test_what_is_gone_is_forgotten(self):
        path = self.lay("a.csv", "1")
        self.look()
        path.unlink()
        self.look()
        self.assertFalse(self.source.seen_ids)
        self.assertEqual(len(self.files()), 1)

    def test_a_file_that_is_too_big_is_left_and_stops_no_other(self):
        self.source.size_limit = 1
        big = self.lay("big.csv", "x" * (1 << 20) + "x")
        self.lay("small.csv", "1")
        (file,) = self.look()
        self.assertEqual(file.name, "small.csv")
        self.assertIn("big.csv is bigger than 1 MB", self.source.trouble)
        self.assertTrue(big.exists())
        self.source.size_limit = 2
        (file,) = self.look()
        self.assertEqual(file.name, "big.csv")
        self.assertFalse(self.source.trouble)

    def test_a_file_that_says_less_than_it_is_does_not_fill_the_disk(self):
        self.source.size_limit = 1
        self.lay("liar.csv", "x" * (3 << 20))
        with patch.object(
            sources.FolderInbox,
            "entries",
            lambda _inbox: [Entry("liar.csv", 1, 0)],
        ):
            self.assertEqual(self.look(), [])
        self.assertIn("bigger", self.source.trouble)

    def test_a_file_without_content_is_left(self):
        self.lay("a.csv", "")
        self.assertEqual(self.look(), [])
        self.assertFalse(self.source.trouble)

    def test_a_job_that_takes_long_hands_over(self):
        self.source.size_limit = 1
        self.lay("a big one.csv", "x" * (1 << 20) + "x")
        for name in ("b.csv", "c.csv"):
            self.lay(name, name)
        with patch.object(fetch, "SECONDS", -1):
            jobs = [self.source]
            with trap_jobs() as trap:
                for _turn in range(5):
                    trap.enqueued_jobs = []
                    self.env.flush_all()
                    self.source._job_look(is_successor=len(jobs) > 1)
                    self.env.invalidate_all()
                    jobs += [
                        job
                        for job in trap.enqueued_jobs
                        if job.method_name == "_job_look"
                    ]
        self.assertEqual(sorted(self.files().mapped("name")), ["b.csv", "c.csv"])
        # The first tried the big one and no other; each of the next took one.
        self.assertEqual(len(jobs), 3)
        self.assertTrue(jobs[-1].kwargs["is_successor"])
        self.assertIn("a big one.csv", self.source.trouble)

    # === TROUBLE === #

    def warnings(self):
        return self.source.activity_ids.filtered(
            lambda activity: activity.user_id == self.clerk
        )

    def test_the_responsible_user_is_told_of_trouble_once(self):
        (self.root / "in").rename(self.root / "away")
        self.look()
        self.assertIn("no readable folder “in”", self.source.trouble)
        self.look()
        self.assertEqual(len(self.warnings()), 1)
        (self.root / "away").rename(self.root / "in")
        self.look()
        self.assertFalse(self.source.trouble)
        self.assertFalse(self.warnings())

    def test_a_source_in_trouble_stops_no_other(self):
        (self.root / "other").mkdir()
        other = self.source.create(self.values(name="Other", folder="other"))
        (self.root / "other").rename(self.root / "gone")
        self.lay("a.csv", "1")
        with trap_jobs() as trap:
            self.source._cron_look()
            jobs = [
                job
                for job in trap.enqueued_jobs
                if job.recordset in (self.source, other)
            ]
        self.assertEqual(len(jobs), 2)
        self.assertEqual(self.look(other), [])
        self.assertEqual(len(self.look()), 1)
        self.assertTrue(other.trouble)
        self.assertFalse(self.source.trouble)

    def test_without_a_directory_in_the_configuration_no_folder_is_taken(self):
        with (
            patch.dict(config.options, {"shipment_invoice_folder": ""}),
            self.assertRaisesRegex(ValidationError, "shipment_invoice_folder"),
        ):
            self.source.create(self.values())
        config.options.pop("shipment_invoice_folder")
        with self.assertRaisesRegex(ValidationError, "shipment_invoice_folder"):
            self.source.create(self.values())
        config.options["shipment_invoice_folder"] = str(self.root)

    def test_no_folder_outside_is_taken(self):
        for folder in ("..", "/etc", "in/../.."):
            with (
                self.subTest(folder),
                self.assertRaisesRegex(ValidationError, "outside"),
            ):
                self.source.create(self.values(folder=folder))

    def test_a_folder_that_becomes_a_link_out_is_not_read(self):
        (self.root / "in").rename(self.root / "away")
        (self.root / "in").symlink_to("/etc")
        try:
            self.look()
        finally:
            (self.root / "in").unlink()
            (self.root / "away").rename(self.root / "in")
        self.assertIn("outside", self.source.trouble)
        self.assertFalse(self.files())

    # === RIGHTS === #

    def test_whoever_works_with_invoices_has_them_fetched_and_changes_nothing(self):
        source = self.source.with_user(self.clerk)
        with trap_jobs() as trap:
            source.action_look()
            trap.assert_jobs_count(1, only=self.source._job_look)
        for attempt in (
            lambda: source.write({"folder": "other"}),
            source.action_ask_host_key,
            source.action_forget_secrets,
            lambda: source.password,
        ):
            with self.assertRaises(AccessError):
                attempt()

    def test_another_company_sees_no_source_and_gets_no_file(self):
        company = self.env["res.company"].create({"name": "Elsewhere"})
        other = self.source.create(
            self.values(
                name="Elsewhere",
                company_id=company.id,
                currency_id=company.currency_id.id,
            )
        )
        self.lay("a.csv", "1")
        (file,) = self.look(other)
        self.assertEqual(file.company_id, company)
        # The same file is another one for another company.
        (own,) = self.look()
        self.assertEqual(own.company_id, self.company)
        found = self.env["shipment.carrier.invoice.source"].with_user(self.clerk)
        self.assertEqual(found.search([]), self.source)
        seen = self.env["shipment.carrier.invoice.seen"].with_user(self.clerk)
        self.assertEqual(seen.search([]).source_id, self.source)
        self.assertNotIn(file, self.env[file._name].with_user(self.clerk).search([]))

    def test_only_who_can_see_it_is_responsible(self):
        stranger = new_test_user(self.env, login="stranger", groups="base.group_user")
        with self.assertRaisesRegex(ValidationError, "stranger"):
            self.source.user_id = stranger


class StandIn(Inbox):
    """A server with one file, that remembers what it was told."""

    terms = None

    def __init__(self, terms):
        type(self).terms = terms
        if terms.host_key != KEY:
            raise InboxError(Trouble.OTHER_HOST_KEY, KEY.fingerprint)

    def entries(self):
        return [Entry("a.csv", 1, 0)]

    def fetch(self, entry):
        return open(os.devnull, "rb")


@tagged("post_install", "-at_install")
class TestCarrierInvoiceSftp(SourceCase):
    """A server is confirmed before a secret is sent, and no secret comes back."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.server = (
            cls.source.with_user(cls.admin)
            .create(
                cls.values(
                    kind="sftp",
                    folder="out",
                    host="sftp.parcels.example",
                    login="shipper",
                    password=SECRET,
                    private_key="demo key",
                )
            )
            .with_user(cls.admin)
        )

    def test_a_secret_is_sent_and_never_given_out(self):
        self.server.invalidate_recordset()
        self.assertFalse(self.server.password)
        self.assertFalse(self.server.private_key)
        self.assertTrue(self.server.has_password)
        terms = self.server.sudo()._get_terms()
        self.assertEqual((terms.password, terms.private_key), (SECRET, "demo key"))
        for name in ("password_stored", "private_key_stored"):
            with self.assertRaises(AccessError):
                self.server.read([name])
        read = self.server.read(["password", "private_key", "display_name"])
        self.assertNotIn(SECRET, str(read))
        exported = self.server.export_data(["password", "name"])
        self.assertNotIn(SECRET, str(exported))

    def test_a_copy_has_no_secret_and_no_confirmed_server(self):
        self.server.sudo().host_key = str(KEY)
        copy = self.server.sudo().copy()
        self.assertFalse(copy.password_stored or copy.private_key_stored)
        self.assertFalse(copy.host_key)

    def test_a_reference_is_shown_and_its_secret_is_sent(self):
        self.server.password = "env:SHIPMENT_TEST_SFTP"
        self.server.invalidate_recordset()
        self.assertEqual(self.server.password, "env:SHIPMENT_TEST_SFTP")
        with patch.dict(os.environ, {"SHIPMENT_TEST_SFTP": SECRET}):
            self.assertEqual(self.server.sudo()._get_terms().password, SECRET)
        with self.assertRaisesRegex(UserError, "was not found"):
            self.server.sudo()._get_terms()
        self.look(self.server.sudo())
        self.assertIn("SHIPMENT_TEST_SFTP was not found", self.server.trouble)

    def test_secrets_are_forgotten(self):
        self.server.action_forget_secrets()
        self.assertFalse(self.server.has_password or self.server.has_private_key)

    def test_without_the_package_it_is_said_what_to_install(self):
        with patch.dict("sys.modules", {"paramiko": None}):
            with self.assertRaisesRegex(UserError, "Python package paramiko"):
                self.server.action_ask_host_key()
            self.look(self.server.sudo())
        self.assertIn("Python package paramiko", self.server.trouble)

    def test_an_administrator_confirms_the_key_that_the_server_shows(self):
        with patch.object(server_module, "offered_key", return_value=KEY) as asked:
            self.server.action_ask_host_key()
        self.assertNotIn(SECRET, str(asked.call_args))
        self.assertFalse(asked.call_args.args[0].password)
        self.assertFalse(self.server.host_key)
        self.assertEqual(self.server.fingerprint_offered, KEY.fingerprint)
        self.server.action_confirm_host_key()
        self.assertEqual(self.server.fingerprint, KEY.fingerprint)
        self.assertFalse(self.server.host_key_offered)

    def test_nothing_is_confirmed_without_the_right_to(self):
        self.server.sudo().host_key_offered = str(KEY)
        clerk = self.server.with_user(self.clerk)
        with self.assertRaises(AccessError):
            clerk.action_confirm_host_key()
        self.assertFalse(self.server.host_key)

    def test_another_server_is_confirmed_anew(self):
        for vals in ({"host": "other.example"}, {"port": 2222}):
            self.server.write({"host_key": str(KEY)})
            self.server.write(vals)
            self.assertFalse(self.server.host_key)
        self.server.write({"host_key": str(KEY)})
        self.server.write({"login": "other", "host": self.server.host})
        self.assertTrue(self.server.host_key)

    def test_a_changed_key_stops_with_its_fingerprint(self):
        self.server.write({"host_key": str(OTHER_KEY)})
        with patch.object(sources, "SftpInbox", StandIn):
            self.look(self.server.sudo())
        self.assertIn(KEY.fingerprint, self.server.trouble)
        self.assertIn("another key", self.server.trouble)
        self.assertNotIn(SECRET, self.server.trouble)

    def test_the_confirmed_key_and_the_secrets_reach_the_connection(self):
        self.server.write({"host_key": str(KEY)})
        with patch.object(sources, "SftpInbox", StandIn):
            self.look(self.server.sudo())
        self.assertFalse(self.server.trouble)
        self.assertEqual(StandIn.terms.host_key, KEY)
        self.assertEqual(StandIn.terms.password, SECRET)
        # It was empty when it came: somebody is still writing it.
        self.assertEqual(self.server.seen_ids.state, "waiting")

    def test_a_neutralised_copy_fetches_nothing_and_keeps_no_secret(self):
        self.env.flush_all()
        neutralize_database(self.env.cr)
        self.env.invalidate_all()
        server = self.server.sudo()
        self.assertFalse(server.active)
        self.assertFalse(server.password_stored or server.private_key_stored)
        with trap_jobs() as trap:
            server._cron_look()
            trap.assert_jobs_count(0)


def _remove(root):
    for path in sorted(root.rglob("*"), reverse=True):
        path.rmdir() if path.is_dir() and not path.is_symlink() else path.unlink()
    root.rmdir()
