import json
import os
import tempfile
from pathlib import Path
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.tests import tagged
from odoo.tools import config

from odoo.addons.shipment_visibility_carriers import credential_reference

from .common import CarriersCommon

SECRET = "sk_live_do_not_show_4711"


@tagged("post_install", "-at_install")
class TestCredentialReference(CarriersCommon):
    """Secrets that the server keeps, and the database only names."""

    def setUp(self):
        super().setUp()
        folder = Path(self.enterContext(tempfile.TemporaryDirectory()))
        self.secrets = folder / "secrets"
        self.secrets.mkdir()
        (self.secrets / "key").write_text(f"{SECRET}\n")
        (folder / "other").write_text(SECRET)
        self.enterContext(
            patch.dict(config.options, {"shipment_secrets_dir": str(self.secrets)})
        )
        self.enterContext(
            patch.dict(
                os.environ, {"SHIPMENT_TEST_KEY": SECRET, "OTHER_TEST_KEY": SECRET}
            )
        )

    def test_a_variable_and_a_file_stand_for_the_secret(self):
        for reference in ("env:SHIPMENT_TEST_KEY", "file:key"):
            with self.subTest(reference):
                self.assertEqual(self._read(reference), SECRET)

    def test_a_file_may_lie_deeper_or_be_linked_within_the_directory(self):
        (self.secrets / "carriers").mkdir()
        (self.secrets / "carriers" / "key").write_text(SECRET)
        (self.secrets / "linked").symlink_to(self.secrets / "carriers" / "key")
        self.assertEqual(self._read("file:carriers/key"), SECRET)
        self.assertEqual(self._read("file:linked"), SECRET)

    def test_only_variables_that_are_meant_for_us_are_read(self):
        for name in ("OTHER_TEST_KEY", "PATH", "SHIPMENT_", "SHIPMENT_X\n", ""):
            with self.subTest(name):
                self._assert_unread(f"env:{name}", "may not be read")

    def test_no_file_outside_the_directory_is_read(self):
        outside = self.secrets.parent / "other"
        (self.secrets / "link").symlink_to(outside)
        (self.secrets / "door").symlink_to(self.secrets.parent)
        for name in ("../other", str(outside), "link", "door/other", "x/../../other"):
            with self.subTest(name):
                self._assert_unread(f"file:{name}", "outside the directory")

    def test_without_a_directory_no_file_is_read(self):
        with patch.dict(config.options, {"shipment_secrets_dir": ""}):
            self._assert_unread("file:key", "shipment_secrets_dir")

    def test_what_is_not_there_is_named(self):
        (self.secrets / "empty").write_text("\n")
        (self.secrets / "binary").write_bytes(b"\xff\xfe" + SECRET.encode())
        (self.secrets / "long").write_text("x" * 70_000)
        (self.secrets / "folder").mkdir()
        self._assert_unread("env:SHIPMENT_NOT_THERE", "was not found")
        for name in ("nothing", "empty", "binary", "long", "folder"):
            with self.subTest(name):
                self._assert_unread(f"file:{name}", "was not found")

    def test_a_name_that_no_file_can_have_is_not_found(self):
        with self.assertRaises(credential_reference.Unresolved) as caught:
            credential_reference.resolve("file:a\0b", {}, str(self.secrets))
        self.assertEqual(caught.exception.reason, credential_reference.NO_FILE)

    def test_the_form_shows_the_reference_and_whether_it_resolves(self):
        self._set("env:SHIPMENT_TEST_KEY")
        shown = self.account.credential_form["fields"][0]
        self.assertEqual(shown["value"], "env:SHIPMENT_TEST_KEY")
        self.assertFalse(shown["problem"])
        self.assertNotIn(SECRET, json.dumps(self.account.credential_form))
        self._set("env:SHIPMENT_NOT_THERE")
        shown = self.account.credential_form["fields"][0]
        self.assertIn("env:SHIPMENT_NOT_THERE was not found", shown["problem"])

    def test_only_secrets_can_be_references(self):
        self.account.credentials = {"base_url": "env:SHIPMENT_TEST_KEY"}
        with self.assertRaisesRegex(UserError, "base_url is not valid"):
            self.account._read_credentials()

    def test_a_resolved_secret_is_masked_in_the_journal(self):
        self._set("env:SHIPMENT_TEST_KEY")
        adapter = self.account._adapter()
        self.assertNotIn(SECRET, adapter.transport.masked(f"Bearer {SECRET}"))

    def test_a_reference_that_leads_nowhere_buys_nothing(self):
        self._set("env:SHIPMENT_NOT_THERE")
        calls = self._count()
        picking = self._create_picking()
        with self._raises("env:SHIPMENT_NOT_THERE was not found"):
            self.method.send_shipping(picking)
        self.assertFalse(calls)
        self.assertFalse(self._booking(picking))

    def _set(self, reference):
        self.account.credentials = {"api_key": reference}
        self.account.invalidate_recordset()

    def _read(self, reference):
        self._set(reference)
        return self.account._read_credentials().api_key.get_secret_value()

    def _assert_unread(self, reference, pattern):
        with self.assertRaisesRegex(UserError, pattern) as caught:
            self._read(reference)
        self.assertIn(reference, str(caught.exception))
        self.assertNotIn(SECRET, str(caught.exception))
        self.assertIsNone(caught.exception.__context__)
