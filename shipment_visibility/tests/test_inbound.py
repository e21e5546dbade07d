from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import new_test_user, tagged

from ..canonical.milestone import Code
from .common import NOON, ShipmentCase


@tagged("post_install", "-at_install")
class TestInbound(ShipmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["shipment.rule"].search([]).activated_at = (
            fields.Datetime.now() - timedelta(days=7)
        )
        cls.supplier = cls.env["res.partner"].create({"name": "Example Supplier"})

    def receipt(self):
        receipt = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.in_type_id.id,
                "partner_id": self.supplier.id,
                "location_id": self.env.ref("stock.stock_location_suppliers").id,
                "location_dest_id": self.warehouse.lot_stock_id.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.product.id,
                            "product_uom_qty": 5,
                            "location_id": self.env.ref(
                                "stock.stock_location_suppliers"
                            ).id,
                            "location_dest_id": self.warehouse.lot_stock_id.id,
                        }
                    )
                ],
            }
        )
        receipt.action_confirm()
        return receipt

    def track(self, receipt, numbers, **values):
        action = receipt.action_track_inbound()
        wizard = receipt.env[action["res_model"]].with_context(**action["context"])
        wizard.create(
            {"carrier_id": self.carrier.id, "numbers": numbers, **values}
        ).action_track()
        return receipt.shipment_ids

    def test_a_suppliers_parcel_moves_its_receipt(self):
        packer = new_test_user(self.env, "receiver", groups="stock.group_stock_user")
        receipt = self.receipt()
        later = NOON.replace(tzinfo=None) + timedelta(days=5)
        shipment = self.track(
            receipt.with_user(packer), "IN 1\nIN-2, IN-1", expected_at=later
        )
        self.assertEqual(shipment.direction, "inbound")
        self.assertEqual(shipment.partner_id, self.supplier)
        self.assertEqual(len(shipment.package_ids), 2)
        self.assertEqual(receipt.scheduled_date, later)
        self.ingest(self.event("IN1", Code.IN_TRANSIT, estimated_date=NOON.date()))
        self.carry_out()
        self.assertEqual(receipt.scheduled_date.date(), NOON.date())
        self.assertFalse(shipment.plan_due)

    def test_an_arrived_receipt_says_so(self):
        receipt = self.receipt()
        self.track(receipt, "IN3")
        self.ingest(self.event("IN3", Code.DELIVERED))
        self.carry_out()
        self.assertIn("Delivered", "".join(receipt.message_ids.mapped("body")))
        with self.assertRaises(UserError):
            self.track(receipt, " , ")

    def send_back(self, picking):
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({"picking_id": picking.id})
        )
        wizard.product_return_moves.quantity = 1
        return wizard._create_return()

    def test_a_return_points_to_what_it_brings_back_and_finds_its_receipt(self):
        picking = self.make_order().picking_ids
        sent = self.validate(picking)
        receipt = self.send_back(picking)
        back = self.track(receipt, "BACK1") - sent
        self.assertEqual((back.direction, back.outbound_id), ("return", sent))
        self.ingest(self.event("BACK1", Code.RETURNED))
        self.assertEqual(
            back.headline, "delivered", "a return that is back is delivered"
        )
        self.carry_out()
        self.assertIn(back.name, receipt.activity_ids.summary)

    def test_what_the_carrier_brings_back_finds_its_receipt_too(self):
        picking = self.make_order().picking_ids
        sent = self.validate(picking)
        picking.carrier_tracking_ref = "OUT1"
        receipt = self.send_back(picking)
        self.ingest(
            self.event("OUT1", Code.RETURNING), self.event("OUT1", Code.RETURNED, 60)
        )
        self.carry_out()
        self.assertEqual(sent.headline, "returned")
        self.assertIn(sent.name, receipt.activity_ids.summary)

    def test_without_a_receipt_the_ledger_says_so(self):
        picking = self.make_order().picking_ids
        sent = self.validate(picking)
        picking.carrier_tracking_ref = "OUT2"
        self.ingest(self.event("OUT2", Code.RETURNED))
        self.carry_out()
        rule = self.env.ref("shipment_visibility.shipment_rule_match_returned")
        effect = sent.effect_ids.filtered(lambda e: e.rule_id == rule)
        self.assertEqual(effect.state, "skipped")
        self.assertTrue(effect.outcome)
