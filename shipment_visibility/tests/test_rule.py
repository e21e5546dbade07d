from datetime import timedelta

from odoo.exceptions import UserError, ValidationError
from odoo.fields import Command, Datetime
from odoo.tests import new_test_user, tagged

from ..canonical.milestone import Code
from .common import NOON, USUAL, ShipmentCase


@tagged("post_install", "-at_install")
class TestRule(ShipmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["shipment.rule"].search([]).active = False

    def rule(self, code, effect, **values):
        return self.env["shipment.rule"].create(
            {
                "name": f"{code} {effect}",
                "code": code,
                "effect": effect,
                "activated_at": Datetime.now() - timedelta(days=7),
                **values,
            }
        )

    def deliver(self, number="R1", **values):
        order = self.make_order(**values)
        shipment = self.validate(order.picking_ids)
        order.picking_ids.carrier_tracking_ref = number
        return order, shipment

    def effect(self, rule):
        return self.env["shipment.effect"].search([("rule_id", "=", rule.id)])

    def test_the_preview_lists_whom_the_rule_would_have_been_about(self):
        rule = self.rule("delivered", "post_note", active=False)
        _order, delivered = self.deliver("P1")
        _order, under_way = self.deliver("P2")
        old = self.make_shipment("P3", partner_id=self.customer.id)
        self.ingest(
            self.event("P1", Code.DELIVERED),
            self.event("P2", Code.PICKED_UP),
            self.event("P3", Code.DELIVERED, -40 * 24 * 60),
        )
        shipments = self.env["shipment.shipment"].search(
            rule.action_preview()["domain"]
        )
        self.assertEqual(shipments, delivered)
        rule.country_ids = self.env.ref("base.de")
        self.assertFalse(rule._preview())
        self.assertFalse(self.effect(rule), "a preview decides nothing")
        self.assertTrue(old and under_way)

    def test_an_activity_is_for_whoever_has_the_role(self):
        boss = new_test_user(self.env, "boss", groups="sales_team.group_sale_manager")
        team = self.env["crm.team"].create({"name": "Retail", "user_id": boss.id})
        rule = self.rule("attempt_failed", "schedule_activity", role="team")
        order, _shipment = self.deliver(team_id=team.id)
        self.ingest(self.event("R1", Code.ATTEMPT_FAILED))
        self.carry_out()
        self.assertEqual(self.effect(rule).state, "done")
        self.assertIn(boss, order.activity_ids.user_id)

    def test_what_is_history_by_now_bothers_nobody(self):
        rule = self.rule("attempt_failed", "schedule_activity", role="salesperson")
        order, _shipment = self.deliver()
        self.ingest(
            self.event("R1", Code.ATTEMPT_FAILED), self.event("R1", Code.DELIVERED, 60)
        )
        self.carry_out()
        effect = self.effect(rule)
        self.assertEqual(effect.state, "overtaken")
        self.assertIn("delivered", effect.outcome)
        self.assertFalse(order.activity_ids)

    def test_an_exception_of_the_rules_type_is_opened_once(self):
        kind = self.env["shipment.exception.type"]._get("delay")
        rule = self.rule("arrived", "open_exception", exception_type_id=kind.id)
        _order, shipment = self.deliver()
        self.ingest(self.event("R1", Code.ARRIVED), self.event("R1", Code.ARRIVED, 9))
        self.carry_out()
        self.carry_out()
        self.assertEqual(shipment.exception_ids.type_id, kind)
        self.assertEqual(self.effect(rule).state, "done")
        # A rule's exception is a person's to close.
        self.ingest(self.event("R1", Code.DELIVERED, 60))
        self.assertEqual(shipment.exception_ids.state, "open")
        with self.assertRaises(ValidationError):
            self.rule("arrived", "open_exception")

    def test_the_promise_follows_the_carriers_estimate(self):
        rule = self.rule("delayed", "move_promised_date")
        promised = Datetime.now()
        order, shipment = self.deliver(commitment_date=promised)
        later = promised + timedelta(days=3)
        self.ingest(
            self.event(
                "R1",
                Code.DELAYED,
                estimated_from=later.replace(tzinfo=NOON.tzinfo),
                estimated_to=later.replace(tzinfo=NOON.tzinfo),
            )
        )
        self.carry_out()
        self.assertEqual(order.commitment_date, later)
        self.assertEqual(self.effect(rule).outcome, order.name)
        self.assertEqual(shipment.order_promised_at, promised, "what was said stays")

    def test_an_earlier_estimate_moves_nothing(self):
        rule = self.rule("delayed", "move_promised_date")
        promised = Datetime.now() + timedelta(days=9)
        order, _shipment = self.deliver(commitment_date=promised)
        self.ingest(
            self.event("R1", Code.DELAYED, estimated_date=NOON.date()),
        )
        self.carry_out()
        self.assertEqual(order.commitment_date, promised)
        self.assertEqual(self.effect(rule).state, "skipped")

    def test_a_complete_delivery_is_closed(self):
        rule = self.rule("delivered", "close_delivery")
        order, _shipment = self.deliver()
        order.picking_ids.activity_schedule(
            "mail.mail_activity_data_todo", user_id=self.env.uid
        )
        self.ingest(self.event("R1", Code.DELIVERED))
        self.carry_out()
        self.assertEqual(self.effect(rule).state, "done")
        self.assertTrue(order.locked)
        self.assertFalse(order.picking_ids.activity_ids)

    def test_what_is_justified_again_stands_again(self):
        rule = self.rule("delivered", "post_note")
        _order, shipment = self.deliver()
        self.ingest(self.event("R1", Code.DELIVERED, raw_code="X9"))
        mapping = self.env["shipment.mapping"].create(
            {"carrier_id": self.carrier.id, "raw_code": "X9", "code": "arrived"}
        )
        self.assertEqual(self.effect(rule).state, "withdrawn")
        mapping.unlink()
        self.assertEqual(self.effect(rule).state, "waiting")
        self.carry_out()
        self.assertEqual(self.effect(rule).state, "done")
        self.assertEqual(shipment.headline, "delivered")

    def test_decisions_are_carried_out_in_the_rules_order(self):
        second = self.rule("delivered", "post_note", sequence=20)
        first = self.rule("delivered", "post_note", sequence=10)
        self.deliver()
        self.ingest(self.event("R1", Code.DELIVERED))
        self.assertLess(self.effect(first).id, self.effect(second).id)


@tagged("post_install", "-at_install")
class TestInvoiceHold(ShipmentCase):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.rule = cls.env.ref("shipment_visibility.shipment_rule_release_invoice")
        cls.rule.write(
            {
                "active": True,
                "holds_invoice": True,
                "activated_at": Datetime.now() - timedelta(days=7),
            }
        )

    def deliver(self, number, order=None, **values):
        order = order or self.make_order(**values)
        picking = order.picking_ids.filtered(lambda p: p.state != "done")
        shipment = self.validate(picking)
        picking.carrier_tracking_ref = number
        return order, shipment

    def sweep(self):
        self.env.flush_all()
        self.env["shipment.effect"]._cron_sweep()
        self.carry_out()

    def test_nobody_invoices_what_is_held_except_for_a_down_payment(self):
        order, _shipment = self.deliver("G1")
        hold = order.shipment_hold_ids
        self.assertEqual((hold.state, hold.reason), ("held", "on_the_way"))
        with self.assertRaises(UserError) as caught:
            order._create_invoices()
        self.assertIn(order.name, str(caught.exception))
        wizard = self.env["sale.advance.payment.inv"].create(
            {
                "sale_order_ids": [Command.set(order.ids)],
                "advance_payment_method": "percentage",
                "amount": 20,
            }
        )
        wizard.create_invoices()
        self.assertEqual(len(order.invoice_ids), 1)
        order.invoice_ids.action_post()
        self.ingest(*self.journey("G1", *USUAL))
        self.carry_out()
        final = order.invoice_ids.sorted("id")[-1]
        self.assertEqual((hold.state, final.state), ("released", "posted"))
        # The down payment is taken off: 105 less 20 per cent of it.
        self.assertAlmostEqual(final.amount_untaxed, 84.0)

    def test_only_unblocking_leaves_the_invoice_to_finance(self):
        self.rule.invoice_mode = "unblock"
        order, _shipment = self.deliver("G2")
        self.ingest(self.event("G2", Code.DELIVERED))
        self.carry_out()
        self.assertFalse(order.invoice_ids)
        self.assertEqual(order.shipment_hold_ids.state, "released")
        order._create_invoices()
        self.assertEqual(order.invoice_ids.state, "draft")

    def test_a_draft_is_left_to_be_looked_at(self):
        self.rule.invoice_mode = "draft"
        order, _shipment = self.deliver("G3")
        self.ingest(self.event("G3", Code.DELIVERED))
        self.carry_out()
        self.assertEqual(order.invoice_ids.state, "draft")

    def test_an_open_exception_holds_it_until_it_is_resolved(self):
        order, shipment = self.deliver("G4")
        self.ingest(self.event("G4", Code.DELIVERED), self.event("G4", Code.DAMAGED, 5))
        self.carry_out()
        hold = order.shipment_hold_ids
        self.assertEqual((hold.state, hold.reason), ("held", "exception"))
        self.assertIn(shipment.name, hold.details)
        effect = shipment.effect_ids.filtered(lambda e: e.rule_id == self.rule)
        self.assertEqual(effect.state, "waiting")
        self.assertFalse(order.invoice_ids)
        self.resolve(shipment.exception_ids)
        self.sweep()
        self.assertEqual(order.invoice_ids.state, "posted")
        self.assertEqual(effect.state, "done")

    def test_a_signature_is_waited_for_where_it_is_needed(self):
        self.rule.needs_proof = True
        order, _shipment = self.deliver("G5")
        self.ingest(self.event("G5", Code.DELIVERED))
        self.carry_out()
        self.assertEqual(order.shipment_hold_ids.reason, "proof")
        self.ingest(self.event("G5", Code.DELIVERED, signer="C. Exemple"))
        self.sweep()
        self.assertEqual(order.invoice_ids.state, "posted")

    def test_costs_are_waited_for_where_they_are_needed(self):
        self.rule.needs_costs = True
        order, shipment = self.deliver("G6")
        self.ingest(self.event("G6", Code.DELIVERED))
        self.carry_out()
        self.assertEqual(order.shipment_hold_ids.reason, "costs")
        shipment.charge_ids = [
            Command.create(
                {
                    "kind": "booked",
                    "amount": 7,
                    "currency_id": self.company.currency_id.id,
                }
            )
        ]
        self.sweep()
        self.assertEqual(order.invoice_ids.state, "posted")

    def test_all_parcels_of_the_order_and_then_the_rest_of_it(self):
        order, first = self.deliver("G7")
        self.ingest(self.event("G7", Code.DELIVERED))
        self.carry_out()
        self.assertEqual(order.invoice_ids.amount_untaxed, 105.0)
        order.order_line.filtered("product_id.weight").product_uom_qty = 3
        order.picking_ids.action_assign()
        _order, second = self.deliver("G8", order)
        hold = order.shipment_hold_ids
        self.assertEqual(hold.state, "held", "another delivery, another hold")
        self.assertEqual(hold.shipment_ids, second)
        self.ingest(self.event("G8", Code.DELIVERED))
        self.carry_out()
        self.assertEqual(
            sorted(order.invoice_ids.mapped("amount_untaxed")), [50.0, 105.0]
        )
        self.assertTrue(first)

    def test_a_parcel_that_is_cancelled_later_holds_nothing(self):
        order, first = self.deliver("G9")
        picking = order.picking_ids
        second = self.env["shipment.shipment"]._create_for_pickings(
            picking, delivery_carrier=self.method, parcels=[{"tracking_number": "G10"}]
        )
        self.ingest(self.event("G9", Code.DELIVERED))
        self.carry_out()
        self.assertIn(second.name, order.shipment_hold_ids.details)
        self.assertFalse(order.invoice_ids)
        second._cancel("Voided")
        self.sweep()
        self.assertEqual(order.invoice_ids.state, "posted")
        self.assertTrue(first)

    def test_a_lost_parcel_is_not_invoiced_by_itself(self):
        order, _shipment = self.deliver("G11")
        self.ingest(self.event("G11", Code.LOST))
        self.sweep()
        self.assertEqual(order.shipment_hold_ids.reason, "outcome")
        finance = new_test_user(
            self.env,
            "finance",
            groups="account.group_account_invoice,sales_team.group_sale_manager",
        )
        order.shipment_hold_ids.with_user(finance).action_release()
        order.with_user(finance)._create_invoices()
        self.assertTrue(order.invoice_ids)
        notes = order.message_ids.filtered(lambda m: finance.name in (m.body or ""))
        self.assertEqual(len(notes), 1)

    def test_a_delivery_of_another_company_holds_the_order_too(self):
        order, _shipment = self.deliver("G12")
        other = self.env["res.company"].create({"name": "Other"})
        stranger = self.make_shipment("G13", company_id=other.id)
        stranger.flush_recordset()
        self.env.cr.execute(
            "INSERT INTO shipment_picking_rel (shipment_id, picking_id) VALUES (%s, %s)",
            [stranger.id, order.picking_ids.id],
        )
        self.env.invalidate_all()
        self.ingest(self.event("G12", Code.DELIVERED))
        self.carry_out()
        self.assertIn(stranger.name, order.shipment_hold_ids.details)
        self.ingest(self.event("G13", Code.DELIVERED), company=other)
        self.sweep()
        self.assertEqual(order.invoice_ids.company_id, order.company_id)
