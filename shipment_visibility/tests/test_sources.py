import base64
import datetime as dt

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..canonical.milestone import Code
from .common import NOON, ShipmentCase


class SourcesCase(ShipmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.user = new_test_user(
            cls.env,
            "sources_user",
            "base.group_user,shipment_visibility.shipment_group_user",
        )
        cls.manager = new_test_user(
            cls.env,
            "sources_manager",
            "base.group_user,shipment_visibility.shipment_group_manager",
        )
        cls.elsewhere = cls.env["res.company"].create({"name": "Elsewhere"})


@tagged("post_install", "-at_install")
class TestManualEntry(SourcesCase):
    def record(self, shipments, user=None, **values):
        """Fill in the wizard and press Record."""
        entry = (
            self.env["shipment.event.entry"]
            .with_user(user or self.user)
            .with_context(active_model="shipment.shipment", active_ids=shipments.ids)
            .create(
                {
                    "code": "delivered",
                    "occurred_at": fields.Datetime.now() - dt.timedelta(hours=1),
                    **values,
                }
            )
        )
        return entry.action_record()

    def upload(self, user=None):
        """A file as the browser uploads it for the wizard."""
        return (
            self.env["ir.attachment"]
            .with_user(user or self.user)
            .create(
                {
                    "name": "signed.txt",
                    "datas": base64.b64encode(b"signed"),
                    "res_model": "shipment.event.entry",
                    "res_id": 0,
                }
            )
        )

    def test_a_user_records_for_a_shipment_without_a_number(self):
        shipment = self.make_shipment(False)
        self.record(shipment, signer="C. Exemple", city="Lyon")
        self.assertEqual(shipment.headline, "delivered")
        self.assertEqual(shipment.signer, "C. Exemple")
        milestone = shipment.milestone_ids
        self.assertEqual(milestone.source, "manual")
        self.assertEqual(milestone.origin, self.user.name)
        self.assertEqual(milestone.city, "Lyon")

    def test_several_shipments_are_recorded_at_once(self):
        shipments = self.make_shipment("M1") | self.make_shipment("M2")
        self.record(shipments, code="picked_up")
        self.assertEqual(shipments.mapped("headline"), ["picked_up"] * 2)

    def test_only_the_chosen_parcel_is_delivered(self):
        shipment = self.make_shipment("P1", "P2")
        first, second = shipment.package_ids
        self.record(shipment, package_ids=[Command.set(first.ids)])
        self.assertEqual((first.headline, second.headline), ("delivered", "unknown"))

    def test_pressing_record_twice_records_once(self):
        shipment = self.make_shipment("T1")
        moment = fields.Datetime.now()
        for _time in range(2):
            self.record(shipment, occurred_at=moment)
        self.assertEqual(len(shipment.milestone_ids), 1)

    def test_a_reason_makes_it_a_correction(self):
        shipment = self.make_shipment("C1")
        self.ingest(self.event("C1", Code.RETURNED))
        after = NOON.replace(tzinfo=None) + dt.timedelta(minutes=5)
        self.record(shipment, occurred_at=after)
        self.assertEqual(shipment.headline, "returned")
        self.record(
            shipment, occurred_at=after, is_correction=True, reason="Wrong scan"
        )
        self.assertEqual(shipment.headline, "delivered")

    def test_a_correction_needs_a_reason(self):
        shipment = self.make_shipment("C2")
        with self.assertRaises(UserError):
            self.record(shipment, is_correction=True, reason="  ")

    def test_a_reason_without_a_correction_does_not_count(self):
        shipment = self.make_shipment("C3")
        self.record(shipment, reason="left over")
        self.assertFalse(shipment.milestone_ids.reason)

    def test_impossible_times_are_refused(self):
        shipment = self.make_shipment("I1")
        now = fields.Datetime.now()
        for moment in (dt.datetime(1999, 12, 31), now + dt.timedelta(days=2)):
            with self.assertRaises(UserError):
                self.record(shipment, occurred_at=moment)
        self.assertFalse(shipment.milestone_ids)

    def test_nothing_is_recorded_without_a_shipment(self):
        none = self.env["shipment.shipment"]
        with self.assertRaises(UserError):
            self.record(none, attachment_ids=[Command.set(self.upload().ids)])

    def test_parcels_of_another_shipment_are_refused(self):
        shipment = self.make_shipment("W1")
        other = self.make_shipment("W2")
        for shipments in (shipment, shipment | other):
            with self.assertRaises(UserError):
                self.record(shipments, package_ids=[Command.set(other.package_ids.ids)])

    def test_a_shipment_of_another_company_cannot_be_recorded_for(self):
        shipment = self.make_shipment("X1", company_id=self.elsewhere.id)
        with self.assertRaises(AccessError):
            self.record(shipment)
        self.assertFalse(shipment.milestone_ids)

    def test_a_file_proves_the_delivery_of_each_shipment(self):
        shipments = self.make_shipment("D1") | self.make_shipment("D2")
        self.record(shipments, attachment_ids=[Command.set(self.upload().ids)])
        for shipment in shipments:
            proof = shipment.proof_attachment_ids
            self.assertEqual(proof.raw, b"signed")
            self.assertEqual(
                (proof.res_model, proof.res_id), (shipment._name, shipment.id)
            )

    def test_a_photo_of_a_damage_is_no_proof_of_delivery(self):
        shipment = self.make_shipment("D3")
        file = self.upload()
        self.record(shipment, code="damaged", attachment_ids=[Command.set(file.ids)])
        self.assertEqual((file.res_model, file.res_id), (shipment._name, shipment.id))
        self.assertFalse(shipment.proof_attachment_ids)

    def test_a_file_of_another_record_is_copied_not_taken_away(self):
        shipment = self.make_shipment("D4")
        file = self.env["ir.attachment"].create(
            {
                "name": "map.txt",
                "raw": b"map",
                "res_model": "res.partner",
                "res_id": self.customer.id,
            }
        )
        self.record(shipment, self.manager, attachment_ids=[Command.set(file.ids)])
        self.assertEqual(file.res_model, "res.partner")
        self.assertEqual(shipment.proof_attachment_ids.raw, b"map")
