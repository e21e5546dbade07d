import datetime as dt

from odoo import Command, fields
from odoo.tests import tagged

from .common import CarriersCommon
from .freight_common import FreightCase


@tagged("post_install", "-at_install")
class TestVoidCharge(CarriersCommon):
    """What was booked for a label that was cancelled is not counted any more."""

    def _ship(self):
        picking = self._create_picking()
        picking.button_validate()
        self.assertGreater(picking.shipment_ids.freight_booked, 0)
        return picking

    def _booked(self, shipment):
        shipment.invalidate_recordset()
        return shipment.freight_booked

    def test_a_cancelled_label_costs_nothing_and_its_booking_stays_visible(self):
        picking = self._ship()
        shipment = picking.shipment_ids
        booked = shipment.charge_ids.filtered(lambda charge: charge.kind == "booked")
        before = sum(booked.mapped("amount"))
        picking.with_user(self.packer).cancel_shipment()
        self.assertEqual(self._booked(shipment), 0)
        self.assertAlmostEqual(sum(booked.mapped("amount")), before)
        adjusted = shipment.charge_ids - booked
        adjusted = adjusted.filtered(lambda charge: charge.kind == "adjusted")
        self.assertAlmostEqual(sum(adjusted.mapped("amount")), -before)
        self.assertEqual(set(adjusted.mapped("description")), {"Label cancelled"})

    def test_cancelling_twice_takes_it_back_once(self):
        shipment = self._ship().shipment_ids
        shipment._void_label()
        charges = shipment.charge_ids
        shipment._end_voided_label()
        self.assertEqual(shipment.charge_ids, charges)
        self.assertEqual(self._booked(shipment), 0)

    def test_nothing_is_left_over_in_the_company_s_currency(self):
        shipment = self._ship().shipment_ids
        currency = self.env["res.currency"].create(
            {
                "name": "XVC",
                "symbol": "X",
                "rate_ids": [
                    Command.create({"name": "2020-01-01", "rate": 2}),
                    Command.create({"name": fields.Date.today(), "rate": 3}),
                ],
            }
        )
        shipment.charge_ids = [
            Command.create(
                {
                    "kind": kind,
                    "family": "fuel",
                    "amount": amount,
                    "currency_id": currency.id,
                    "date": fields.Date.today() - dt.timedelta(days=9),
                }
            )
            for kind, amount in (("booked", 10.0), ("adjusted", -3.33))
        ]
        shipment._void_label()
        self.assertEqual(self._booked(shipment), 0)

    def test_of_a_corrected_label_only_the_new_one_counts(self):
        picking = self._ship()
        old = picking.shipment_ids
        wizard = self.env["shipment.label.correct"].browse(
            picking.action_correct_label()["res_id"]
        )
        wizard.line_ids.weight = 25.0
        wizard.action_correct()
        new = picking.shipment_ids - old
        order = picking.sale_id
        order.invalidate_recordset()
        self.assertGreater(new.freight_booked, 0)
        self.assertAlmostEqual(order.freight_booked, new.freight_booked)

    def test_an_unused_label_that_the_cron_cancels_costs_nothing(self):
        shipment = self._ship().shipment_ids
        shipment._void_unused(self.account)
        self.assertEqual(shipment.headline, "cancelled")
        self.assertEqual(self._booked(shipment), 0)


@tagged("post_install", "-at_install")
class TestVoidChargeAudit(FreightCase):
    """An invoice for a cancelled label is found, and nothing is accrued for it."""

    def test_what_is_billed_for_a_void_label_is_found_in_whole_and_once(self):
        shipment = self.make_shipment("PP1", {"freight": 8.0, "fuel": 1.0})
        shipment._end_voided_label()
        self.env.flush_all()
        invoice = self.audited(
            self.line(self.head(), "PP1", "8.00"),
            self.line(self.head(), "PP1", "1.00", "fuel", row=2),
        )
        self.assertEqual(invoice.finding_ids.mapped("rule"), ["void_label"])
        self.assertAlmostEqual(invoice.amount_at_stake, 9.0)

    def test_nothing_is_accrued_for_it(self):
        kept = self.make_shipment("PP1", {"freight": 8.0})
        void = self.make_shipment("PP2", {"freight": 8.0})
        void._end_voided_label()
        accrual = self.env["shipment.freight.accrual"].create({"date": "2026-02-28"})
        accrual.action_compute()
        shipments = accrual.line_ids.shipment_id
        self.assertIn(kept, shipments)
        self.assertNotIn(void, shipments)
