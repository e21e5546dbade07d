from datetime import timedelta

from odoo import fields
from odoo.exceptions import UserError
from odoo.fields import Command
from odoo.tests import Form, new_test_user, tagged

from ..canonical.milestone import Code
from .common import ShipmentCase


@tagged("post_install", "-at_install")
class TestSettle(ShipmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.order = cls.make_order(quantity=4)
        cls.picking = cls.order.picking_ids
        cls.shipment = cls.validate(cls.picking)
        cls.picking.carrier_tracking_ref = "L1"

    def exception(self, code):
        self.ingest(self.event("L1", code, reason="crushed"))
        self.carry_out()
        return self.shipment.exception_ids

    def settle(self, exception, quantity=None, **ticked):
        action = exception.action_settle()
        wizard = self.env[action["res_model"]].with_context(**action["context"])
        form = Form(wizard)
        names = ("replace", "refund", "take_back", "correct", "claim")
        proposed = {name for name in names if form[name]}
        if ticked:
            for name in proposed ^ {name for name in ticked if ticked[name]}:
                form[name] = ticked.get(name, False)
        if quantity is not None:
            with form.line_ids.edit(0) as line:
                line.quantity = quantity
        form.save().action_settle()
        return proposed

    def test_a_loss_is_replaced_written_off_and_claimed(self):
        exception = self.exception(Code.LOST)
        self.assertEqual(
            self.settle(exception), {"replace", "correct", "claim"}, "proposed"
        )
        replacement = exception.replacement_ids
        self.assertEqual(replacement.state, "draft")
        self.assertEqual(replacement.order_line.product_id, self.product)
        self.assertEqual(replacement.order_line.product_uom_qty, 4)
        self.assertEqual(replacement.amount_total, 0)
        scrap = exception.scrap_ids
        self.assertEqual((scrap.state, scrap.scrap_qty), ("draft", 4))
        claim = exception.claim_ids
        self.assertEqual((claim.state, claim.amount), ("draft", 200.0))
        self.assertEqual(claim.deadline, exception.opened_at.date() + timedelta(days=7))
        self.assertTrue(claim.activity_ids, "the deadline is somebody's to do")
        self.assertIn(replacement.name, "".join(exception.message_ids.mapped("body")))
        self.assertEqual(self.settle(exception, claim=True), set(), "not twice")

    def test_only_what_is_affected_is_credited(self):
        self.order._create_invoices().action_post()
        exception = self.exception(Code.DAMAGED)
        self.settle(exception, quantity=1, refund=True)
        refund = exception.refund_ids
        self.assertEqual((refund.state, refund.amount_untaxed), ("draft", 50.0))

    def test_what_is_not_invoiced_cannot_be_credited(self):
        exception = self.exception(Code.DAMAGED)
        wizard = self.env["shipment.exception.settle"].create(
            {"exception_id": exception.id, "refund": True}
        )
        with self.assertRaises(UserError):
            wizard.action_settle()

    def test_what_comes_back_is_expected(self):
        exception = self.exception(Code.RETURNING)
        self.assertIn("take_back", self.settle(exception, quantity=3, take_back=True))
        back = exception.return_ids
        self.assertEqual(back.picking_type_code, "incoming")
        self.assertEqual(back.move_ids.product_uom_qty, 3)

    def test_a_plain_warehouse_user_is_not_offered_what_only_others_may(self):
        packer = new_test_user(self.env, "packer2", groups="stock.group_stock_user")
        exception = self.exception(Code.LOST).with_user(packer)
        action = exception.action_settle()
        wizard = exception.env[action["res_model"]].with_context(**action["context"])
        form = Form(wizard)
        self.assertNotIn("replace", form._view["fields"])
        self.assertTrue(form.claim)

    def test_a_claim_goes_its_way_and_no_other(self):
        exception = self.exception(Code.LOST)
        self.settle(exception, claim=True)
        claim = exception.claim_ids
        claim.evidence_ids = [
            Command.create({"name": "photo.jpg", "raw": b"photo"}),
        ]
        with self.assertRaises(UserError):
            claim.action_pay()
        claim.action_file()
        self.assertEqual(claim.filed_on, fields.Date.context_today(claim))
        self.assertFalse(claim.activity_ids)
        claim.settled_amount = 120
        claim.action_accept()
        claim.action_pay()
        self.assertEqual((claim.state, claim.settled_amount), ("paid", 120))
        with self.assertRaises(UserError):
            claim.action_reject()

    def test_a_claim_over_nothing_is_not_filed(self):
        claim = self.env["shipment.claim"].create({"shipment_id": self.shipment.id})
        with self.assertRaises(UserError):
            claim.action_file()
