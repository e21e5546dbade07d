from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .common import CarriersCommon
from .freight_common import FreightCase

CLOSED = "This order is closed."


@tagged("post_install", "-at_install")
class TestOrderFreight(CarriersCommon, FreightCase):
    """Customers pay what the carrier invoices in the end, and once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.carrier = cls.account.carrier_id
        cls.carrier.vendor_id = cls.vendor
        cls.method.write({"invoice_policy": "real", "shipment_follow_invoice": True})
        cls.delivery_product.invoice_policy = "order"
        (cls.lamp | cls.blanket).invoice_policy = "delivery"

    def ship(self, booked=10.0, **values):
        """A delivery that has left, and whose label costs so much."""
        picking = self._create_picking(**values)
        picking.button_validate()
        self.book(picking, booked)
        return picking

    def book(self, picking, amount):
        picking.shipment_ids.charge_ids.unlink()
        picking.shipment_ids.charge_ids = [
            Command.create(
                {
                    "kind": "booked",
                    "amount": amount,
                    "currency_id": self.currency.id,
                    "date": "2026-02-20",
                }
            )
        ]
        method = picking.carrier_id
        picking.carrier_price = method._apply_margins(amount, picking.sale_id)
        picking._add_delivery_cost_to_so()

    def approve(self, picking, amount, number="INV-1", **values):
        """The carrier's invoice for a delivery comes, and is approved."""
        head = self.head(number, **values)
        tracking = picking.shipment_ids.package_ids[:1].tracking_number
        invoice = self.audited(self.line(head, tracking, amount))
        self.assertEqual(invoice.line_ids.shipment_id, picking.shipment_ids)
        with trap_jobs() as jobs:
            invoice.action_approve()
            jobs.perform_enqueued_jobs()
        return invoice

    def lines(self, order):
        return order.order_line.filtered("is_delivery")

    def asked(self, order):
        """What the order asks for freight, invoiced or not."""
        return sum(self.lines(order).mapped("price_unit"))

    def bill(self, order):
        invoice = order._create_invoices(final=True)
        invoice.action_post()
        return invoice

    def notes(self, order):
        return order.message_ids.filtered(lambda m: "instead of" in (m.body or ""))

    # === WHAT FOLLOWS === #

    def test_the_order_asks_for_what_the_carrier_invoices(self):
        picking = self.ship()
        order = picking.sale_id
        self.assertAlmostEqual(self.asked(order), 10.0)
        self.approve(picking, "12.50")
        self.assertEqual(len(self.lines(order)), 1)
        self.assertAlmostEqual(self.asked(order), 12.5)
        note = self.notes(order)
        self.assertEqual(len(note), 1)
        for word in (picking.name, "12.50", "10.00", "INV-1"):
            self.assertIn(word, note.body)

    def test_an_invoice_that_nobody_has_approved_changes_nothing(self):
        picking = self.ship()
        tracking = picking.shipment_ids.package_ids.tracking_number
        self.audited(self.line(self.head(), tracking, "12.50"))
        picking.sale_id._job_follow_freight()
        self.assertAlmostEqual(self.asked(picking.sale_id), 10.0)

    def test_a_method_that_does_not_say_so_keeps_the_price_of_the_label(self):
        self.method.shipment_follow_invoice = False
        picking = self.ship()
        self.approve(picking, "12.50")
        self.assertAlmostEqual(self.asked(picking.sale_id), 10.0)

    def test_an_estimate_stays_whatever_the_carrier_invoices(self):
        self.method.invoice_policy = "estimated"
        picking = self.ship()
        before = self.asked(picking.sale_id)
        self.assertTrue(before)
        self.approve(picking, "12.50")
        self.assertAlmostEqual(self.asked(picking.sale_id), before)

    def test_an_estimate_stays_though_the_method_is_changed_later(self):
        self.method.invoice_policy = "estimated"
        picking = self.ship()
        before = self.asked(picking.sale_id)
        self.method.invoice_policy = "real"
        self.approve(picking, "12.50")
        self.assertAlmostEqual(self.asked(picking.sale_id), before)

    def test_what_was_invoiced_is_followed_by_the_difference(self):
        picking = self.ship()
        order = picking.sale_id
        self.bill(order)
        self.approve(picking, "12.50")
        self.assertEqual(self.lines(order).mapped("price_unit"), [10.0, 2.5])
        self.assertAlmostEqual(
            self.bill(order).amount_untaxed, 2.5, msg="the rest, and nothing else"
        )
        self.assertAlmostEqual(self.asked(order), 12.5)

    def test_a_cheaper_invoice_is_given_back(self):
        picking = self.ship()
        order = picking.sale_id
        self.bill(order)
        self.approve(picking, "7.00")
        self.assertEqual(self.lines(order).mapped("price_unit"), [10.0, -3.0])
        refund = self.bill(order)
        self.assertEqual(refund.move_type, "out_refund")
        self.assertAlmostEqual(refund.amount_untaxed, 3.0)

    def test_a_later_credit_is_given_back_once(self):
        picking = self.ship()
        order = picking.sale_id
        self.approve(picking, "12.50")
        self.bill(order)
        credit = self.approve(picking, "-4.00", "CN-1", kind="credit_note")
        self.assertAlmostEqual(self.asked(order), 8.5)
        order._job_follow_freight()
        credit.state = "review"
        with trap_jobs() as jobs:
            credit.action_approve()
            jobs.perform_enqueued_jobs()
        self.assertAlmostEqual(self.asked(order), 8.5)
        self.assertEqual(len(self.lines(order)), 2)
        self.assertEqual(len(self.notes(order)), 2)

    def test_a_job_that_is_repeated_changes_nothing(self):
        picking = self.ship()
        order = picking.sale_id
        self.bill(order)
        self.approve(picking, "12.50")
        for _again in range(2):
            order._job_follow_freight()
        self.assertEqual(self.lines(order).mapped("price_unit"), [10.0, 2.5])
        self.assertEqual(len(self.notes(order)), 1)

    def test_what_is_disputed_waits_until_it_is_lost(self):
        picking = self.ship()
        tracking = picking.shipment_ids.package_ids.tracking_number
        invoice = self.audited(self.line(self.head(), tracking, "12.50"))
        finding = invoice.finding_ids.filtered(lambda f: f.rule == "above_booked")
        finding.action_dispute()
        with trap_jobs() as jobs:
            invoice.action_approve()
            jobs.perform_enqueued_jobs()
        self.assertAlmostEqual(self.asked(picking.sale_id), 10.0)
        finding.dispute_id.action_mark_sent()
        with trap_jobs() as jobs:
            finding.dispute_id.action_close()
            jobs.perform_enqueued_jobs()
        self.assertAlmostEqual(self.asked(picking.sale_id), 12.5)

    def test_a_parcel_that_is_found_after_the_approval_follows(self):
        picking = self.ship()
        invoice = self.audited(self.line(self.head(), "NOBODY-1", "12.50"))
        invoice.action_approve()
        with trap_jobs() as jobs:
            invoice.line_ids.package_id = picking.shipment_ids.package_ids
            jobs.perform_enqueued_jobs()
        self.assertAlmostEqual(self.asked(picking.sale_id), 12.5)
        other = self.ship(booked=8.0)
        with trap_jobs() as jobs:
            invoice.line_ids.package_id = other.shipment_ids.package_ids
            jobs.perform_enqueued_jobs()
        self.assertAlmostEqual(self.asked(picking.sale_id), 10.0)
        self.assertAlmostEqual(self.asked(other.sale_id), 12.5)

    # === BY THE METHOD'S POLICY === #

    def test_the_methods_margins_are_added(self):
        self.method.write({"margin": 0.2, "fixed_margin": 1.5})
        picking = self.ship()
        self.assertAlmostEqual(self.asked(picking.sale_id), 13.5)
        self.approve(picking, "12.50")
        self.assertAlmostEqual(self.asked(picking.sale_id), 16.5)

    def test_customs_is_not_freight(self):
        picking = self.ship()
        tracking = picking.shipment_ids.package_ids.tracking_number
        head = self.head()
        invoice = self.audited(
            self.line(head, tracking, "12.50"),
            self.line(head, tracking, "80.00", "duty", row=2),
        )
        with trap_jobs() as jobs:
            invoice.action_approve()
            jobs.perform_enqueued_jobs()
        self.assertAlmostEqual(self.asked(picking.sale_id), 12.5)

    def test_a_free_order_stays_free(self):
        self.method.write({"free_over": True, "amount": 1.0})
        picking = self._create_picking()
        picking.button_validate()
        self.assertEqual(self.asked(picking.sale_id), 0)
        self.approve(picking, "12.50")
        self.assertEqual(self.asked(picking.sale_id), 0)
        self.assertFalse(self.notes(picking.sale_id))

    def test_the_fiscal_position_of_the_order_holds_for_the_difference(self):
        paid, exempt = self.env["account.tax"].create(
            [
                {"name": "20 %", "amount": 20, "type_tax_use": "sale"},
                {"name": "0 %", "amount": 0, "type_tax_use": "sale"},
            ]
        )
        position = self.env["account.fiscal.position"].create({"name": "Abroad"})
        exempt.write(
            {
                "fiscal_position_ids": [Command.set(position.ids)],
                "original_tax_ids": [Command.set(paid.ids)],
            }
        )
        self.delivery_product.taxes_id = paid
        picking = self.ship()
        order = picking.sale_id
        order.fiscal_position_id = position
        self.bill(order)
        self.approve(picking, "12.50")
        self.assertEqual(self.lines(order)[-1].tax_ids, exempt)
        self.assertAlmostEqual(self.lines(order)[-1].price_unit, 2.5)

    def test_each_currency_counts_at_its_own_date(self):
        """Billed in one currency, sold in another, kept in a third."""
        billed_in, sold_in = self.env["res.currency"].create(
            [
                {"name": name, "symbol": name, "rounding": 0.01}
                for name in ("XB1", "XS1")
            ]
        )
        rates = (
            (billed_in, "2026-01-01", 9.0),
            (billed_in, "2026-03-02", 2.0),
            (sold_in, "2026-01-01", 7.0),
            (sold_in, "2026-03-02", 4.0),
            (sold_in, "2026-03-03", 5.0),
        )
        self.env["res.currency.rate"].create(
            [
                {
                    "currency_id": currency.id,
                    "name": day,
                    "rate": rate,
                    "company_id": self.company.id,
                }
                for currency, day, rate in rates
            ]
        )
        picking = self.ship()
        order = picking.sale_id
        order.currency_id = sold_in
        self.approve(picking, "12.50", currency="XB1")
        # 12.50 XB1 are 6.25 of the company's on the day of the invoice, and 25 XS1.
        self.assertAlmostEqual(picking.carrier_price, 25.0)
        self.assertAlmostEqual(self.asked(order), 25.0)

    # === ORDERS AND DELIVERIES === #

    def test_deliveries_of_one_shipment_share_its_cost_to_the_cent(self):
        picking = self.ship()
        other = self.ship(lines={self.lamp: 1})
        other.shipment_ids.headline = "cancelled"
        picking.shipment_ids.picking_ids |= other
        self.assertGreater(picking.weight, other.weight)
        self.approve(picking, "12.50")
        share = 12.5 * other.weight / (picking.weight + other.weight)
        self.assertAlmostEqual(other.carrier_price, share, 2)
        self.assertAlmostEqual(
            self.asked(picking.sale_id) + self.asked(other.sale_id), 12.5
        )

    def test_a_cancelled_order_stays_as_it_is(self):
        picking = self.ship()
        order = picking.sale_id
        order._action_cancel()
        self.assertEqual(order.state, "cancel")
        before = self.asked(order)
        self.approve(picking, "12.50")
        self.assertAlmostEqual(self.asked(order), before)

    def test_a_locked_order_asks_its_salesperson_and_follows_when_unlocked(self):
        picking = self.ship()
        order = picking.sale_id
        order.user_id = self.salesman
        order.action_lock()
        self.approve(picking, "12.50")
        order._job_follow_freight()
        self.assertAlmostEqual(self.asked(order), 10.0)
        activity = order.activity_ids
        self.assertEqual(len(activity), 1)
        self.assertEqual(activity.user_id, self.salesman)
        self.assertIn("12.50", activity.note)
        with trap_jobs() as jobs:
            order.action_unlock()
            jobs.perform_enqueued_jobs()
        self.assertAlmostEqual(self.asked(order), 12.5)

    def test_one_order_that_cannot_follow_holds_back_no_other(self):
        stuck, picking = self.ship(), self.ship()
        deliveries = self.env.registry["stock.picking"]
        follow = deliveries._add_delivery_cost_to_so

        def refusing(delivery):
            if delivery == stuck:
                raise UserError(CLOSED)
            return follow(delivery)

        self.patch(deliveries, "_add_delivery_cost_to_so", refusing)
        self.approve(stuck, "11.00")
        self.approve(picking, "12.50", "INV-2")
        (stuck.sale_id | picking.sale_id)._job_follow_freight()
        self.assertAlmostEqual(self.asked(picking.sale_id), 12.5)
        self.assertAlmostEqual(self.asked(stuck.sale_id), 10.0)
        self.assertIn("closed", stuck.sale_id.activity_ids.note)
