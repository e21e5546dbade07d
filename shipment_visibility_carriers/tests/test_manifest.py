import io
from base64 import b64decode
from datetime import timedelta

from psycopg2.errors import UniqueViolation
from pypdf import PdfReader

from odoo import Command, fields
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tests import HttpCase, tagged
from odoo.tools import mute_logger

from odoo.addons.shipment_visibility_carriers.adapters.base import (
    OutcomeUnknown,
    Refused,
)
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)

from .common import CarriersCommon


def text_of(content):
    return "".join(page.extract_text() for page in PdfReader(io.BytesIO(content)).pages)


class ManifestCommon(CarriersCommon):
    def _ship(self, **values):
        picking = self._create_picking(**values)
        picking.button_validate()
        return picking.shipment_ids

    def _close_the_day(self):
        """The drafts a packer finds, of this test's account only."""
        self.env["shipment.manifest"].with_user(self.packer).action_close_the_day()
        self.env.flush_all()
        return (
            self.env["shipment.manifest"]
            .with_user(self.packer)
            .search([("account_id", "=", self.account.id), ("state", "=", "draft")])
        )

    def _close(self, manifest):
        answer = manifest.action_close()
        manifest.invalidate_recordset()
        return answer


@tagged("post_install", "-at_install")
class TestManifest(ManifestCommon):
    def test_the_day_is_closed_with_the_carriers_list(self):
        shipments = self._ship() | self._ship()
        manifest = self._close_the_day()
        self.assertEqual(manifest.shipment_ids, shipments)
        self.assertEqual((manifest.shipment_count, manifest.parcel_count), (2, 2))
        calls = self._count("manifest")
        answer = self._close(manifest)
        self.assertEqual(manifest.state, "confirmed")
        self.assertEqual(answer["url"], f"/shipment/manifests/{manifest.id}")
        remote_ids = set(self.env["shipment.booking"].search([]).mapped("remote_id"))
        ((asked,),) = calls
        self.assertEqual(len(asked), 2)
        self.assertLessEqual(set(asked), remote_ids)
        text = text_of(b64decode(manifest.document))
        self.assertTrue(all(one in text for one in asked))

    def test_a_second_click_asks_nothing(self):
        self._ship()
        manifest = self._close_the_day()
        calls = self._count("manifest")
        self._close(manifest)
        self.assertIn("/shipment/manifests/", self._close(manifest)["url"])
        self.assertEqual(len(calls), 1)

    def test_what_is_on_a_list_comes_on_no_other(self):
        first = self._ship()
        closed = self._close_the_day()
        self._close(closed)
        self.assertFalse(self._close_the_day())
        second = self._ship()
        draft = self._close_the_day()
        self.assertEqual(draft.shipment_ids, second)
        with self.assertRaisesRegex(ValidationError, "on another list already"):
            draft.shipment_ids = [Command.link(first.id)]

    def test_the_database_itself_keeps_a_shipment_off_a_second_list(self):
        shipment = self._ship()
        manifest = self._close_the_day()
        other = manifest.copy()
        self.env.flush_all()
        with (
            self.assertRaises(UniqueViolation),
            mute_logger("odoo.sql_db"),
            self.env.cr.savepoint(),
        ):
            self.env.cr.execute(
                "INSERT INTO shipment_manifest_rel (manifest_id, shipment_id) VALUES (%s, %s)",
                [other.id, shipment.id],
            )

    def test_a_draft_takes_up_what_is_booked_later(self):
        first = self._ship()
        draft = self._close_the_day()
        second = self._ship()
        self.assertEqual(self._close_the_day(), draft)
        self.assertEqual(draft.shipment_ids, first | second)

    def test_what_no_driver_takes_along_is_not_listed(self):
        voided, moving, old, waiting = (self._ship() for _turn in range(4))
        voided.action_void()
        moving.sudo().phase = "origin"
        self.env.flush_all()
        self.env.cr.execute(
            "UPDATE shipment_shipment SET create_date = %s WHERE id = %s",
            [fields.Datetime.now() - timedelta(days=5), old.id],
        )
        self.env.invalidate_all()
        self.assertEqual(self._close_the_day().shipment_ids, waiting)

    def test_a_label_cancelled_meanwhile_is_told_before_the_carrier_is_asked(self):
        gone = self._ship() | self._ship()
        manifest = self._close_the_day()
        gone.action_void()
        calls = self._count("manifest")
        with self._raises(f"{gone[1].name}, {gone[0].name}|{gone[0].name}, "):
            self._close(manifest)
        self.assertFalse(calls)

    def test_one_list_for_each_account(self):
        other = self.account.copy({"name": "Sandbox 2"})
        method = self._create_method("express", shipment_account_id=other.id)
        self._ship()
        self._ship(method=method)
        self._close_the_day()
        manifests = self.env["shipment.manifest"].search(
            [("account_id", "in", (self.account | other).ids)]
        )
        self.assertEqual(manifests.account_id, self.account | other)
        self.env.flush_all()
        answer = manifests.with_user(self.packer).action_close()
        self.assertIn(",", answer["url"], "one file for all drivers")

    def test_a_refusal_is_shown_and_can_be_mended(self):
        shipments = self._ship() | self._ship()
        manifest = self._close_the_day()
        manifest_of = SandboxAdapter.manifest

        def picky(adapter, remote_ids):
            if len(remote_ids) > 1:
                raise Refused("One of them is on a list already.")
            return manifest_of(adapter, remote_ids)

        self.patch(SandboxAdapter, "manifest", picky)
        told = self._close(manifest)
        self.assertIn("on a list already", told["params"]["message"])
        self.assertEqual(manifest.state, "refused")
        manifest.shipment_ids = [Command.unlink(shipments[0].id)]
        self.env.flush_all()
        self._close(manifest)
        self.assertEqual(manifest.state, "confirmed")

    def test_an_unknown_outcome_waits_for_a_person(self):
        self._ship()
        manifest = self._close_the_day()
        calls = []

        def lost(*args):
            calls.append(args)
            raise OutcomeUnknown("The connection broke off.")

        self.patch(SandboxAdapter, "manifest", lost)
        self._close(manifest)
        self.assertEqual(manifest.state, "unknown")
        with self._raises("not known whether the carrier has accepted"):
            self._close(manifest)
        self.assertEqual(len(calls), 1)
        manifest.action_accepted()
        manifest.invalidate_recordset()
        self.assertEqual(manifest.state, "confirmed")

    def test_a_carrier_without_lists_gets_ours(self):
        self._ship()
        manifest = self._close_the_day()
        self.patch(SandboxAdapter, "offers", lambda *_args: False)
        calls = self._count("manifest")
        self.assertIn("/shipment/manifests/", self._close(manifest)["url"])
        self.assertFalse(calls)
        self.assertEqual(manifest.state, "confirmed")
        self.assertFalse(manifest.document)

    def test_nothing_to_close_says_so(self):
        self._ship()
        self._close_the_day()
        manifest = self.env["shipment.manifest"].with_user(self.packer)
        manifest.search([("state", "=", "draft")]).action_close()
        self.env.invalidate_all()
        told = manifest.action_close_the_day()
        self.assertEqual(told["tag"], "display_notification")
        empty = manifest.create(
            {"account_id": self.account.id, "warehouse_id": self.warehouse.id}
        )
        with self._raises("lists no shipments"):
            empty.action_close()
        with self.assertRaisesRegex(UserError, "Close the list first"):
            empty.action_print()

    def test_who_may_close(self):
        self._ship()
        manifest = self._close_the_day()
        mine = manifest.with_user(self.salesman)
        self.assertEqual(mine.state, "draft")
        for forbidden in (mine.action_close, mine.action_close_the_day):
            with self.assertRaises(AccessError):
                forbidden()
        with self.assertRaises(AccessError):
            manifest.state = "confirmed"
        with self.assertRaises(AccessError):
            manifest.document = b"eA=="


@tagged("post_install", "-at_install")
class TestManifestFile(ManifestCommon, HttpCase):
    def _fetch(self, manifests):
        ids = ",".join(map(str, manifests.ids))
        return self.url_open(f"/shipment/manifests/{ids}")

    def test_the_file_is_the_carriers_list_and_ours_where_it_has_none(self):
        self.packer.password = "carriers_packer_1"
        self.authenticate(self.packer.login, "carriers_packer_1")
        self._ship()
        manifest = self._close_the_day()
        self.assertEqual(self._fetch(manifest).status_code, 404, "it is not closed")
        self._close(manifest)
        carriers = self._fetch(manifest)
        self.assertEqual(carriers.headers["Content-Type"], "application/pdf")
        self.assertEqual(carriers.content, b64decode(manifest.document))
        shipment = self._ship()
        own = self._close_the_day()
        self.patch(SandboxAdapter, "offers", lambda *_args: False)
        self._close(own)
        html, _kind = self.env["ir.actions.report"]._render_qweb_html(
            "shipment_visibility_carriers.shipment_manifest_action_report", own.ids
        )
        for words in (own.name, shipment.name, shipment.tracking_numbers, "Lyon"):
            self.assertIn(words, html.decode())

    def test_nobody_else_reads_it(self):
        self._ship()
        manifest = self._close_the_day()
        self._close(manifest)
        self.assertIn("/web/login", self._fetch(manifest).url)
