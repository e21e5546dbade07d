from datetime import timedelta
from unittest.mock import patch

from odoo.exceptions import UserError
from odoo.fields import Datetime
from odoo.tests import tagged
from odoo.tools import mute_logger

from odoo.addons.queue_job.tests.common import trap_jobs

from ..canonical.milestone import Code
from .common import USUAL, ShipmentCase


@tagged("post_install", "-at_install")
class TestEffect(ShipmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.env.ref("shipment_visibility.shipment_rule_release_invoice")
        cls.rule.active = True
        cls.rule.activated_at = Datetime.now() - timedelta(days=7)
        notes = cls.env["shipment.rule"].search([("effect", "=", "post_note")])
        notes.activated_at = cls.rule.activated_at

    def deliver(self, number="E1"):
        order = self.make_order()
        shipment = self.validate(order.picking_ids)
        order.picking_ids.carrier_tracking_ref = number
        return order, shipment

    def test_proof_of_delivery_posts_the_invoice_once(self):
        order, shipment = self.deliver()
        with trap_jobs() as trap:
            self.ingest(*self.journey("E1", *USUAL))
            trap.assert_jobs_count(1, only=self.env["shipment.effect"]._job_carry_out)
            trap.perform_enqueued_jobs()
        invoice = order.invoice_ids
        self.assertEqual(invoice.state, "posted")
        self.assertEqual(invoice.amount_untaxed, 105.0)
        effect = shipment.effect_ids.filtered(lambda e: e.rule_id == self.rule)
        self.assertEqual((effect.state, effect.outcome), ("done", invoice.name))
        self.ingest(self.event("E1", Code.DELIVERED, 999))
        self.carry_out()
        self.assertEqual(order.invoice_ids, invoice)

    def test_it_is_done_in_the_name_of_the_bot(self):
        order, _shipment = self.deliver()
        with trap_jobs() as trap:
            self.ingest(self.event("E1", Code.DELIVERED))
            trap.perform_enqueued_jobs()
        self.assertEqual(
            order.invoice_ids.create_uid, self.env.ref("shipment_visibility.user_bot")
        )

    def test_the_chatter_of_delivery_and_order_tells_of_it(self):
        order, _shipment = self.deliver()
        self.ingest(*self.journey("E1", *USUAL))
        self.carry_out()
        for record in (order, order.picking_ids):
            notes = record.message_ids.filtered(lambda m: "Delivered" in m.body)
            self.assertEqual(len(notes), 1)

    def test_no_invoice_before_all_parcels_are_there(self):
        order, shipment = self.deliver("E1,E2")
        self.ingest(self.event("E1", Code.DELIVERED))
        self.carry_out()
        self.assertFalse(order.invoice_ids)
        self.assertEqual(shipment.headline, "partially_delivered")
        self.ingest(self.event("E2", Code.DELIVERED, 5))
        self.carry_out()
        self.assertEqual(order.invoice_ids.state, "posted")

    def test_what_happened_before_the_rule_is_noted_and_not_done(self):
        order, shipment = self.deliver()
        self.rule.activated_at = Datetime.now()
        self.ingest(self.event("E1", Code.DELIVERED))
        self.carry_out()
        self.assertFalse(order.invoice_ids)
        effect = shipment.effect_ids.filtered(lambda e: e.rule_id == self.rule)
        self.assertEqual(effect.state, "skipped")
        self.assertTrue(effect.outcome)

    def test_a_failing_effect_holds_back_nobody(self):
        first, bad = self.deliver("F1")
        second, _good = self.deliver("F2")
        create = type(first)._create_invoices

        def stumble(orders, *args, **kwargs):
            if first in orders:
                raise UserError(orders.env._("No journal."))
            return create(orders, *args, **kwargs)

        self.ingest(self.event("F1", Code.DELIVERED), self.event("F2", Code.DELIVERED))
        with patch.object(type(first), "_create_invoices", stumble):
            self.carry_out()
        self.assertEqual(second.invoice_ids.state, "posted")
        effect = bad.effect_ids.filtered(lambda e: e.rule_id == self.rule)
        self.assertEqual((effect.state, effect.outcome), ("failed", "No journal."))
        with trap_jobs() as trap:
            effect.action_retry()
            trap.perform_enqueued_jobs()
        self.assertEqual(first.invoice_ids.state, "posted")

    def test_what_no_job_has_seen_is_swept_up(self):
        self.deliver()
        with trap_jobs():
            self.ingest(self.event("E1", Code.DELIVERED))
        with trap_jobs() as trap:
            self.env["shipment.effect"]._cron_sweep()
            trap.assert_jobs_count(1)
        self.carry_out()
        with trap_jobs() as trap:
            self.env["shipment.effect"]._cron_sweep()
            trap.assert_jobs_count(0)

    def test_a_programming_error_is_kept_with_its_name(self):
        order, shipment = self.deliver()
        self.ingest(self.event("E1", Code.DELIVERED))
        with (
            patch.object(type(order), "_create_invoices", side_effect=KeyError("x")),
            mute_logger("odoo.addons.shipment_visibility.models.shipment_effect"),
        ):
            self.carry_out()
        effect = shipment.effect_ids.filtered(lambda e: e.rule_id == self.rule)
        self.assertEqual(effect.state, "failed")
        self.assertIn("KeyError", effect.outcome)

    def test_what_was_done_in_error_is_put_to_a_person(self):
        order, shipment = self.deliver()
        self.ingest(self.event("E1", Code.DELIVERED, raw_code="DLX"))
        self.carry_out()
        self.env["shipment.mapping"].create(
            {"carrier_id": self.carrier.id, "raw_code": "DLX", "code": "in_transit"}
        )
        effect = shipment.effect_ids.filtered(lambda e: e.rule_id == self.rule)
        self.assertEqual(effect.state, "withdrawn")
        self.assertEqual(order.invoice_ids.state, "posted")
        self.assertEqual(shipment.exception_ids.state, "open")
        self.assertEqual(shipment.open_exception_count, 1)

    def test_what_turned_out_not_to_be_so_is_not_done_on_request_either(self):
        order, shipment = self.deliver()
        self.rule.activated_at = Datetime.now()
        self.ingest(self.event("E1", Code.DELIVERED, raw_code="DLX"))
        effect = shipment.effect_ids.filtered(lambda e: e.rule_id == self.rule)
        self.assertEqual(effect.state, "skipped")
        self.env["shipment.mapping"].create(
            {"carrier_id": self.carrier.id, "raw_code": "DLX", "code": "in_transit"}
        )
        effect.action_retry()
        self.assertEqual(effect.state, "withdrawn")
        self.carry_out()
        self.assertFalse(order.invoice_ids)

    def test_a_changed_rule_leaves_its_old_decisions_alone(self):
        _order, shipment = self.deliver()
        self.ingest(self.event("E1", Code.DELIVERED))
        self.carry_out()
        self.rule.country_ids = self.env.ref("base.de")
        self.ingest(self.event("E1", Code.DELIVERED, 30))
        effect = shipment.effect_ids.filtered(lambda e: e.rule_id == self.rule)
        self.assertEqual(effect.state, "done")
        self.assertFalse(shipment.exception_ids)

    def test_a_rule_is_for_whom_it_names(self):
        _order, shipment = self.deliver()
        self.rule.country_ids = self.env.ref("base.de")
        self.assertFalse(self.rule._applies_to(shipment))
        self.rule.country_ids |= self.env.ref("base.fr")
        self.assertTrue(self.rule._applies_to(shipment))
        self.rule.partner_category_ids = self.env["res.partner.category"].create(
            {"name": "VIP"}
        )
        self.assertFalse(self.rule._applies_to(shipment))
