from odoo import Command
from odoo.exceptions import UserError
from odoo.tests import tagged

from .freight_common import FreightCase


@tagged("post_install", "-at_install")
class TestFreightAccrual(FreightCase):
    """Booked freight stands in the books until its invoice does."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.accrued = cls.env["account.account"].create(
            {"name": "Accrued", "code": "FR3000", "account_type": "liability_current"}
        )
        cls.policy.write(
            {
                "accrual_account_id": cls.accrued.id,
                "accrual_journal_id": cls.env["account.journal"]
                .create({"name": "Accruals", "code": "FRAC", "type": "general"})
                .id,
            }
        )

    def accrue(self, date="2026-02-28"):
        accrual = self.env["shipment.freight.accrual"].create({"date": date})
        accrual.action_compute()
        return accrual

    def balance(self, account):
        lines = self.env["account.move.line"].search(
            [("account_id", "=", account.id), ("parent_state", "=", "posted")]
        )
        return sum(lines.mapped("balance"))

    def mine(self, accrual, shipment):
        return accrual.line_ids.filtered(lambda line: line.shipment_id == shipment)

    def test_what_is_booked_and_not_invoiced_is_accrued_once(self):
        shipment = self.make_shipment("PP1", {"freight": 8.0, "fuel": 1.0})
        accrual = self.accrue()
        self.assertEqual(
            sorted(self.mine(accrual, shipment).mapped("amount")), [1.0, 8.0]
        )
        accrual.action_post()
        self.assertEqual(accrual.move_id.state, "posted")
        self.assertAlmostEqual(self.balance(self.accrued), -accrual.amount)
        again = self.accrue()
        self.assertFalse(again.line_ids)
        with self.assertRaisesRegex(UserError, "nothing"):
            again.action_post()

    def test_it_is_taken_back_when_the_invoice_is_billed(self):
        self.make_shipment("PP1", {"freight": 8.0, "fuel": 1.0})
        self.accrue().action_post()
        before = self.balance(self.accrued)
        invoice = self.audited(
            self.line(self.head(), "PP1", "8.00"),
            self.line(self.head(), "PP1", "1.00", "fuel", row=2),
        )
        invoice.action_approve()
        invoice.with_user(self.clerk).action_post()
        self.assertAlmostEqual(self.balance(self.accrued), before + 9.0)
        self.assertFalse(
            self.accrue("2026-03-31").line_ids.filtered(
                lambda line: line.shipment_id.package_ids.tracking_number == "PP1"
            )
        )

    def test_what_is_invoiced_in_part_stays_in_part(self):
        shipment = self.make_shipment("PP1", {"freight": 8.0, "fuel": 1.0})
        self.accrue().action_post()
        invoice = self.audited(self.line(self.head(), "PP1", "8.00"))
        invoice.action_approve()
        invoice.action_post()
        standing = shipment._read_accrued()
        self.assertEqual([float(amount) for amount, _ in standing.values()], [1.0])

    def test_another_rate_leaves_no_remainder_in_the_books(self):
        foreign = self.env["res.currency"].create(
            {
                "name": "XFR",
                "symbol": "x",
                "rate_ids": [
                    Command.create({"name": day, "company_rate": rate})
                    for day, rate in (("2026-02-01", 2.0), ("2026-03-01", 4.0))
                ],
            }
        )
        shipment = self.make_shipment("PP1", {"freight": 8.0})
        shipment.charge_ids.currency_id = foreign
        accrual = self.accrue()
        self.assertEqual(self.mine(accrual, shipment).amount_company, 4.0)
        accrual.action_post()
        before = self.balance(self.accrued)
        for amount, worth in (("2.00", 1.0), ("6.00", 3.0)):
            head = self.head(f"INV-{amount}", currency="XFR")
            invoice = self.audited(self.line(head, "PP1", amount))
            invoice.action_approve()
            invoice.action_post()
            before += worth
            self.assertAlmostEqual(self.balance(self.accrued), before)

    def test_a_cancelled_shipment_is_not_waited_for(self):
        shipment = self.make_shipment("PP1", {"freight": 8.0, "fuel": 1.0})
        self.accrue().action_post()
        shipment.headline = "cancelled"
        accrual = self.accrue("2026-03-31")
        mine = self.mine(accrual, shipment)
        self.assertEqual(sorted(mine.mapped("amount")), [-8.0, -1.0])
        self.assertEqual(set(mine.mapped("reason")), {"closed"})

    def test_a_posted_accrual_stays(self):
        self.make_shipment("PP1", {"freight": 8.0})
        accrual = self.accrue()
        accrual.action_post()
        with self.assertRaises(UserError):
            accrual.unlink()
