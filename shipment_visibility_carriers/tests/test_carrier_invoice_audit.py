from decimal import Decimal

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from ..invoices.document import WeightBasis
from .freight_common import FreightCase


@tagged("post_install", "-at_install")
class TestCarrierInvoiceAudit(FreightCase):
    """What is wrong with an invoice is found, decided on, and paid or not."""

    def test_a_price_above_the_booked_one_is_a_finding_with_a_deadline(self):
        shipment = self.make_shipment("PP1", {"freight": 8.0, "fuel": 1.0})
        invoice = self.audited(
            self.line(self.head(), "PP1", "9.50"),
            self.line(self.head(), "PP1", "1.00", "fuel", row=2),
        )
        finding = invoice.finding_ids
        self.assertEqual(finding.mapped("rule"), ["above_booked"])
        self.assertAlmostEqual(finding.amount, 1.5)
        self.assertEqual(str(finding.deadline), "2026-04-01")
        self.assertIn("8", finding.explanation)
        self.assertEqual(invoice.state, "review")
        self.assertEqual(shipment.exception_ids.type_id.code, "cost_mismatch")

    def test_auditing_again_finds_the_same_once(self):
        shipment = self.make_shipment("PP1", {"freight": 8.0, "fuel": 1.0})
        invoice = self.audited(self.line(self.head(), "PP1", "9.50"))
        invoice._job_audit()
        self.assertEqual(len(invoice.finding_ids), 1)
        self.assertEqual(len(shipment.exception_ids), 1)
        invoice.finding_ids.action_accept()
        invoice._job_audit()
        self.assertEqual(invoice.finding_ids.mapped("state"), ["accepted"])

    def test_a_tolerance_lets_a_little_pass(self):
        self.policy.tolerance_ids = [
            (0, 0, {"amount": 2.0, "share": 0.5, "carrier_id": self.carrier.id})
        ]
        self.make_shipment("PP1", {"freight": 8.0, "fuel": 1.0})
        invoice = self.audited(self.line(self.head(), "PP1", "9.50"))
        self.assertFalse(invoice.finding_ids)

    def test_a_tolerance_may_be_a_percentage_alone(self):
        self.policy.tolerance_ids = [(0, 0, {"share": 0.2})]
        for number in ("PP1", "PP2"):
            self.make_shipment(number, {"freight": 10.0, "fuel": 1.0})
        invoice = self.audited(
            self.line(self.head(), "PP1", "11.99"),
            self.line(self.head(), "PP2", "12.01"),
        )
        self.assertEqual(invoice.finding_ids.mapped("tracking_number"), ["PP2"])

    def test_an_empty_tolerance_lets_nothing_pass(self):
        self.policy.tolerance_ids = [(0, 0, {})]
        self.make_shipment("PP1", {"freight": 8.0, "fuel": 1.0})
        invoice = self.audited(self.line(self.head(), "PP1", "8.01"))
        self.assertAlmostEqual(invoice.amount_at_stake, 0.01)

    def test_a_line_is_checked_as_soon_as_its_parcel_is_known(self):
        shipment = self.make_shipment("PP1", {"freight": 8.0, "fuel": 1.0})
        invoice = self.audited(self.line(self.head(), "TYPO", "9.50"))
        self.assertFalse(invoice.finding_ids)
        with trap_jobs() as trap:
            invoice.line_ids.with_user(self.clerk).shipment_id = shipment
            trap.perform_enqueued_jobs()
        self.assertAlmostEqual(invoice.amount_at_stake, 1.5)

    def test_a_charge_on_two_invoices_is_found_on_the_second(self):
        self.make_shipment("PP1", {"freight": 9.5, "fuel": 1.0})
        first = self.audited(self.line(self.head(), "PP1", "9.50"))
        first.action_approve()
        second = self.audited(self.line(self.head("INV-2"), "PP1", "9.50"))
        self.assertEqual(second.finding_ids.rule, "duplicate")
        self.assertIn("INV-1", second.finding_ids.explanation)

    def test_a_finding_says_why_in_words(self):
        self.make_shipment("PP1", {"freight": 9.5, "fuel": 1.0})
        self.make_shipment("PP2", {"freight": 9.5, "fuel": 1.0})
        head = self.head()
        invoice = self.audited(
            self.line(head, "PP1", "9.50"),
            self.line(head, "PP1", "9.50", zone="3", row=2),
            self.line(
                head,
                "PP2",
                "12.50",
                row=3,
                billed_weight=Decimal(5),
                weight_basis=WeightBasis.DIMENSIONS,
            ),
        )
        told = {f.rule: f.explanation for f in invoice.finding_ids}
        self.assertEqual(told["duplicate"], "Billed before on the same invoice.")
        self.assertIn("2.000 kg, billed 5.000 kg (By Dimensions)", told["heavier"])

    def test_residential_at_a_business_is_found(self):
        self.make_shipment("PP1")
        invoice = self.audited(self.line(self.head(), "PP1", "4.00", "residential"))
        self.assertEqual(invoice.finding_ids.rule, "residential")

    def test_a_voided_label_is_found(self):
        self.make_shipment("PP1", headline="cancelled")
        invoice = self.audited(self.line(self.head(), "PP1", "4.00"))
        self.assertEqual(invoice.finding_ids.rule, "void_label")
        self.assertAlmostEqual(invoice.amount_at_stake, 4.0)

    def test_little_at_stake_approves_itself_but_for_samples(self):
        self.policy.write({"approve_below": 2.0, "sample_share": 0.0})
        self.make_shipment("PP1", {"freight": 8.0, "fuel": 1.0})
        invoice = self.audited(self.line(self.head(), "PP1", "9.50"))
        self.assertEqual(invoice.state, "approved")
        self.policy.sample_share = 1.0
        self.make_shipment("PP2", {"freight": 8.0, "fuel": 1.0})
        invoice = self.audited(self.line(self.head("INV-2"), "PP2", "9.50"))
        self.assertEqual(invoice.state, "review")
        self.policy.write({"sample_share": 0.0, "approve_below": 1.0})
        self.make_shipment("PP3", {"freight": 8.0, "fuel": 1.0})
        invoice = self.audited(self.line(self.head("INV-3"), "PP3", "9.50"))
        self.assertEqual(invoice.state, "review")

    def test_what_does_not_add_up_cannot_be_approved(self):
        self.make_shipment("PP1")
        invoice = self.audited(self.line(self.head(total="99.00"), "PP1", "9.50"))
        with self.assertRaisesRegex(UserError, "do not add up"):
            invoice.action_approve()

    # === DISPUTES === #

    def dispute(self):
        self.make_shipment("PP1", {"freight": 8.0, "fuel": 1.0})
        invoice = self.audited(
            self.line(self.head(), "PP1", "9.50"),
            self.line(self.head(), "PP1", "1.00", "fuel", row=2),
        )
        action = invoice.finding_ids.with_user(self.clerk).action_dispute()
        dispute = self.env["shipment.freight.dispute"].browse(action["res_id"])
        return invoice, dispute

    def billed(self, invoice, account):
        lines = invoice.move_ids.line_ids.filtered(
            lambda line: line.account_id == account
        )
        return sum(lines.mapped("balance"))

    def test_what_is_disputed_is_held_back_until_it_is_lost(self):
        invoice, dispute = self.dispute()
        self.assertAlmostEqual(dispute.amount, 1.5)
        invoice.action_approve()
        invoice.with_user(self.clerk).action_post()
        bill = invoice.move_ids
        self.assertEqual((bill.move_type, bill.state), ("in_invoice", "posted"))
        self.assertEqual((bill.ref, bill.partner_id), ("INV-1", self.vendor))
        self.assertAlmostEqual(self.billed(invoice, self.expense), 9.0)
        dispute.action_mark_sent()
        dispute.with_user(self.clerk).action_close()
        self.assertEqual(invoice.finding_ids.state, "lost")
        self.assertEqual(len(invoice.move_ids), 2)
        self.assertAlmostEqual(self.billed(invoice, self.expense), 10.5)

    def test_what_is_disputed_can_stand_on_an_account_of_its_own(self):
        self.policy.write(
            {"disputed": "account", "dispute_account_id": self.dispute_account.id}
        )
        invoice, dispute = self.dispute()
        invoice.action_approve()
        invoice.action_post()
        self.assertAlmostEqual(self.billed(invoice, self.expense), 9.0)
        self.assertAlmostEqual(self.billed(invoice, self.dispute_account), 1.5)
        self.assertAlmostEqual(invoice.move_ids.amount_untaxed, 10.5)
        dispute.action_mark_sent()
        dispute.action_close()
        self.assertAlmostEqual(self.billed(invoice, self.expense), 10.5)
        self.assertAlmostEqual(self.billed(invoice, self.dispute_account), 0.0)
        self.assertEqual(
            sorted(invoice.move_ids.mapped("move_type")), ["entry", "in_invoice"]
        )

    def test_a_credit_answers_its_dispute_once(self):
        invoice, dispute = self.dispute()
        credit = self.audited(
            self.line(self.head("CN-1", kind="credit_note"), "PP1", "-1.50")
        )
        self.assertEqual(invoice.finding_ids.state, "refunded")
        self.assertAlmostEqual(dispute.refunded_amount, 1.5)
        self.assertEqual(dispute.state, "closed")
        credit._match_refunds()
        self.assertAlmostEqual(dispute.refunded_amount, 1.5)

    def test_the_letter_tells_the_carrier_what_and_why(self):
        _invoice, dispute = self.dispute()
        table = dispute._write_table().decode("utf-8-sig").splitlines()
        self.assertEqual(len(table), 2)
        for word in ("INV-1", "PP1", "1.50", self.currency.name):
            self.assertIn(word, table[1])
        template = self.env.ref(
            "shipment_visibility_carriers.mail_template_freight_dispute"
        )
        mail = template._generate_template(dispute.ids, ("subject", "body_html"))
        self.assertIn("PP1", mail[dispute.id]["body_html"])
        self.assertIn(dispute.name, mail[dispute.id]["subject"])

    def test_a_cell_is_never_a_formula(self):
        self.make_shipment("PP1", headline="cancelled")
        invoice = self.audited(
            self.line(self.head(), "PP1", "4.00", description="=HYPERLINK(1)")
        )
        invoice.finding_ids.action_dispute()
        table = invoice.finding_ids.dispute_id._write_table().decode("utf-8-sig")
        self.assertIn("'=HYPERLINK", table)

    def test_finance_is_done_when_all_is_decided(self):
        invoice, _dispute = self.dispute()
        shipment = invoice.finding_ids.shipment_id
        self.assertEqual(shipment.exception_ids.state, "resolved")

    # === BILLS === #

    def test_an_invoice_is_billed_once(self):
        self.make_shipment("PP1", {"freight": 9.5, "fuel": 1.0})
        invoice = self.audited(self.line(self.head(), "PP1", "9.50"))
        with self.assertRaisesRegex(UserError, "Approve"):
            invoice.action_post()
        invoice.action_approve()
        invoice.action_post()
        with self.assertRaisesRegex(UserError, "Approve"):
            invoice.action_post()
        self.assertEqual(len(invoice.move_ids), 1)
        self.assertAlmostEqual(invoice.move_ids.amount_untaxed, 9.5)

    def test_a_credit_note_becomes_a_refund(self):
        self.make_shipment("PP1")
        invoice = self.audited(
            self.line(self.head("CN-1", kind="credit_note"), "PP1", "-2.00")
        )
        invoice.action_approve()
        invoice.action_post()
        self.assertEqual(invoice.move_ids.move_type, "in_refund")
        self.assertAlmostEqual(invoice.move_ids.amount_untaxed, 2.0)

    def test_families_and_taxes_go_to_their_accounts(self):
        duties = self.dispute_account
        tax = self.env["account.tax"].create(
            {"name": "Freight 10 %", "amount": 10, "type_tax_use": "purchase"}
        )
        self.policy.account_ids.tax_ids = tax
        self.policy.account_ids = [
            (0, 0, {"family": "duty", "account_id": duties.id, "sequence": 1})
        ]
        self.make_shipment("PP1", {"freight": 9.5, "fuel": 1.0})
        invoice = self.audited(
            self.line(self.head(), "PP1", "9.50"),
            self.line(self.head(), "PP1", "30.00", "duty", row=2),
        )
        invoice.action_approve()
        invoice.action_post()
        lines = invoice.move_ids.invoice_line_ids
        self.assertEqual(
            sorted(
                lines.mapped(lambda line: (line.account_id.code, line.price_subtotal))
            ),
            [("FR1000", 9.5), ("FR2000", 30.0)],
        )
        self.assertAlmostEqual(invoice.move_ids.amount_tax, 0.95)

    def test_without_an_account_the_clerk_is_told_what_to_set(self):
        self.policy.account_ids.unlink()
        self.make_shipment("PP1", {"freight": 9.5, "fuel": 1.0})
        invoice = self.audited(self.line(self.head(), "PP1", "9.50"))
        invoice.action_approve()
        with self.assertRaisesRegex(UserError, "freight policy"):
            invoice.action_post()
