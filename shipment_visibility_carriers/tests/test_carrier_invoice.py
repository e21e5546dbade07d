from odoo.exceptions import AccessError
from odoo.tests import tagged

from .freight_common import FreightCase


@tagged("post_install", "-at_install")
class TestCarrierInvoice(FreightCase):
    """What is billed finds its shipment, and counts once."""

    def test_a_line_becomes_a_charge_of_the_parcel_it_names(self):
        shipment = self.make_shipment("PP 100-200", {"freight": 8.0})
        self.store(
            self.line(self.head(), "pp100200", "9.50", billed_weight=None),
            self.line(self.head(), "PP100200", "1.20", "fuel", row=2),
        )
        charges = shipment.charge_ids.filtered(lambda c: c.kind == "invoiced")
        self.assertEqual(
            sorted(charges.mapped(lambda c: (c.family, c.amount, c.invoice_number))),
            [("freight", 9.5, "INV-1"), ("fuel", 1.2, "INV-1")],
        )
        self.assertEqual(charges.package_id, shipment.package_ids)
        self.assertAlmostEqual(shipment.freight_invoiced, 10.7)
        self.assertAlmostEqual(shipment.freight_variance, 2.7)

    def test_a_line_sent_twice_counts_once(self):
        shipment = self.make_shipment("PP1", {"freight": 8.0})
        first = self.store(self.line(self.head(), "PP1", "9.50"))
        again = self.store(
            self.line(self.head(), "PP1", "9.5", row=7),
            self.line(self.head(), "PP1", "1.00", "fuel", row=8),
        )
        self.assertEqual((first.new, again.new, again.known), (1, 1, 1))
        self.assertAlmostEqual(shipment.freight_invoiced, 10.5)
        invoice = self.env["shipment.carrier.invoice"].search([("name", "=", "INV-1")])
        self.assertEqual(invoice.line_count, 2)

    def test_the_same_charge_twice_on_one_invoice_counts_twice(self):
        shipment = self.make_shipment("PP1")
        line = self.line(self.head(), "PP1", "9.50")
        self.store_numbered([(line, 0), (line, 1)])
        self.assertAlmostEqual(shipment.freight_invoiced, 19.0)

    def test_information_is_no_money(self):
        shipment = self.make_shipment("PP1")
        self.store(
            self.line(self.head(), "PP1", "9.50"),
            self.line(self.head(), "PP1", "99.00", "info", row=2),
        )
        invoice = self.env["shipment.carrier.invoice"].search([("name", "=", "INV-1")])
        self.assertAlmostEqual(shipment.freight_invoiced, 9.5)
        self.assertAlmostEqual(invoice.net_total, 9.5)

    def test_another_currency_counts_at_the_rate_of_the_invoice(self):
        shipment = self.make_shipment("PP1")
        code = "CHF" if self.currency.name != "CHF" else "NOK"
        other = self._currency(code)
        self.env["res.currency.rate"].create(
            [
                {"currency_id": other.id, "name": "2026-03-01", "rate": 2.0},
                {"currency_id": other.id, "name": "2026-03-03", "rate": 8.0},
            ]
        )
        self.store(self.line(self.head(currency=code), "PP1", "10.00"))
        self.assertAlmostEqual(shipment.freight_invoiced, 5.0)

    def test_what_cannot_be_paid_exactly_is_rounded_for_the_company(self):
        shipment = self.make_shipment("PP1")
        amounts = ("8.125", "1.005", "0.30")
        self.store(
            *(
                self.line(self.head(), "PP1", amount, row=row)
                for row, amount in enumerate(amounts, 1)
            )
        )
        charges = shipment.charge_ids.filtered(lambda c: c.kind == "invoiced")
        self.assertEqual(sorted(charges.mapped("amount_company")), [0.30, 1.01, 8.13])

    def _currency(self, code):
        currency = (
            self.env["res.currency"]
            .with_context(active_test=False)
            .search([("name", "=", code)])
        )
        currency.active = True
        return currency

    def test_a_credit_lowers_what_was_invoiced(self):
        shipment = self.make_shipment("PP1")
        self.store(
            self.line(self.head(), "PP1", "9.50"),
            self.line(self.head("CN-1", kind="credit_note"), "PP1", "-2.00"),
        )
        self.assertAlmostEqual(shipment.freight_invoiced, 7.5)
        self.assertEqual(
            set(shipment.charge_ids.mapped("kind")), {"invoiced", "credited"}
        )

    def test_what_nobody_knows_waits_and_is_taken_when_it_is_known(self):
        stored = self.store(self.line(self.head(), "PP9", "9.50"))
        self.assertEqual(stored.unmatched, 1)
        line = self.env["shipment.carrier.invoice.line"].search(
            [("tracking_number", "=", "PP9")]
        )
        self.assertTrue(line.is_unmatched)
        shipment = self.make_shipment("PP9")
        self.env["shipment.carrier.invoice.line"]._cron_match()
        self.env.invalidate_all()
        self.assertEqual((line.shipment_id, line.is_unmatched), (shipment, False))
        self.assertAlmostEqual(shipment.freight_invoiced, 9.5)

    def test_a_clerk_says_whose_parcel_it_is(self):
        shipment = self.make_shipment("PP1")
        other = self.make_shipment("PP2")
        self.store(self.line(self.head(), "TYPO", "9.50"))
        line = self.env["shipment.carrier.invoice.line"].search(
            [("tracking_number", "=", "TYPO")]
        )
        line.with_user(self.clerk).package_id = shipment.package_ids
        self.assertAlmostEqual(shipment.freight_invoiced, 9.5)
        line.with_user(self.clerk).package_id = other.package_ids
        self.assertAlmostEqual(other.freight_invoiced, 9.5)
        shipment.invalidate_recordset()
        self.assertAlmostEqual(shipment.freight_invoiced, 0.0)
        with self.assertRaises(AccessError):
            line.with_user(self.clerk).unlink()

    def test_numbers_in_parts_masters_and_references_name_a_parcel(self):
        by_part = self.make_shipment("123456789012")
        by_master = self.make_shipment("PIECE", master_number="MASTER-1")
        self.store(
            self.line(self.head(), "96132234123456789012", "1.00"),
            self.line(self.head(), "OTHER", "2.00", row=2, master_number="master1"),
        )
        self.assertAlmostEqual(by_part.freight_invoiced, 1.0)
        self.assertAlmostEqual(by_master.freight_invoiced, 2.0)

    def test_a_reference_of_one_delivery_names_its_shipment(self):
        picking = self.env["stock.picking"].create(
            {
                "partner_id": self.customer.id,
                "picking_type_id": self.env["stock.warehouse"]
                .search([("company_id", "=", self.company.id)], limit=1)
                .out_type_id.id,
            }
        )
        shipment = self.make_shipment("PP1", picking_ids=[picking.id])
        self.store(
            self.line(self.head(), "XX", "3.00", references=("", picking.name)),
        )
        self.assertAlmostEqual(shipment.freight_invoiced, 3.0)

    def test_the_sum_of_lines_is_compared_with_the_total_stated(self):
        self.store(self.line(self.head(total="12.00"), "PP1", "9.50", tax=0))
        invoice = self.env["shipment.carrier.invoice"].search([("name", "=", "INV-1")])
        self.assertAlmostEqual(invoice.difference, 2.5)
        self.store(self.line(self.head(total="12.00"), "PP1", "2.50", "fuel", row=2))
        invoice.invalidate_recordset()
        self.assertAlmostEqual(invoice.difference, 0.0)

    def test_another_company_sees_nothing_of_it(self):
        self.make_shipment("PP1")
        self.store(self.line(self.head(), "PP1", "9.50"))
        company = self.env["res.company"].create({"name": "Elsewhere"})
        self.clerk.write({"company_ids": [company.id], "company_id": company.id})
        for model in ("shipment.carrier.invoice", "shipment.carrier.invoice.line"):
            self.assertFalse(self.env[model].with_user(self.clerk).search([]))
