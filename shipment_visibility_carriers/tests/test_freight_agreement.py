from odoo import Command
from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.queue_job.tests.common import trap_jobs

from .freight_common import FreightCase


@tagged("post_install", "-at_install")
class TestFreightAgreement(FreightCase):
    """One company ships what another one sells: it pays each freight once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.seller = cls.env["res.company"].create(
            {"name": "Example Sales", "currency_id": cls.currency.id}
        )
        cls.seller_account = cls._create_books(cls.seller)
        cls.warehouse = cls.env["stock.warehouse"].search(
            [("company_id", "=", cls.company.id)], limit=1
        )
        cls.product = cls.env["product.product"].create(
            {
                "name": "Freight of the group",
                "type": "service",
                "taxes_id": False,
                "supplier_taxes_id": False,
            }
        )
        cls.product.with_company(
            cls.seller
        ).property_account_expense_id = cls.seller_account
        cls.agreement = cls.env["shipment.freight.agreement"].create(
            {
                "company_id": cls.company.id,
                "selling_company_id": cls.seller.id,
                "product_id": cls.product.id,
                "timing": "approval",
            }
        )

    @classmethod
    def _create_books(cls, company):
        env = cls.env(context={**cls.env.context, "allowed_company_ids": [company.id]})
        accounts = env["account.account"].create(
            [
                {"name": kind, "code": code, "account_type": kind}
                for kind, code in (
                    ("asset_receivable", "FS1000"),
                    ("liability_payable", "FS2000"),
                    ("expense_direct_cost", "FS3000"),
                )
            ]
        )
        env["account.journal"].create(
            {
                "name": "Bills",
                "code": "FSB",
                "type": "purchase",
                "company_id": company.id,
                "default_account_id": accounts[2].id,
            }
        )
        return accounts[2]

    def order(self, company=None, partner=None):
        company = company or self.company
        goods = self.env["product.product"].create({"name": "Goods"})
        return (
            self.env["sale.order"]
            .with_company(company)
            .create(
                {
                    "company_id": company.id,
                    "partner_id": (partner or self.seller.partner_id).id,
                    "order_line": [Command.create({"product_id": goods.id})],
                }
            )
        )

    def picking(self, order):
        kind = self.warehouse.out_type_id
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": kind.id,
                "location_id": kind.default_location_src_id.id,
                "location_dest_id": kind.default_location_dest_id.id,
                "partner_id": self.customer.id,
            }
        )
        picking.sale_id = order
        return picking

    def ship(self, number="PP1", orders=None):
        """A shipment of goods that the other company has ordered here, and sold."""
        pickings = [self.picking(order) for order in orders or [self.order()]]
        return self.make_shipment(
            number,
            {"freight": 8.0, "fuel": 1.0},
            picking_ids=[picking.id for picking in pickings],
        )

    def approve(self, *lines):
        invoice = self.audited(*lines)
        with trap_jobs() as jobs:
            invoice.action_approve()
            jobs.perform_enqueued_jobs()
        return invoice

    def recharges(self):
        return self.env["shipment.freight.recharge"].search(
            [("agreement_id", "=", self.agreement.id)], order="id"
        )

    # === THE PAIR === #

    def test_a_freight_is_invoiced_here_and_billed_there(self):
        self.ship()
        self.approve(self.line(self.head(), "PP1", "9.50"))
        recharge = self.recharges()
        self.assertEqual(len(recharge), 1)
        invoice, bill = recharge.invoice_id, recharge.bill_id
        self.assertEqual(
            (invoice.move_type, invoice.company_id, invoice.partner_id),
            ("out_invoice", self.company, self.seller.partner_id),
        )
        self.assertEqual(
            (bill.move_type, bill.company_id, bill.partner_id),
            ("in_invoice", self.seller, self.company.partner_id),
        )
        for move in (invoice, bill):
            self.assertEqual(move.state, "draft")
            self.assertAlmostEqual(move.amount_untaxed, 9.5, msg="at cost, no more")
            self.assertEqual(move.ref, recharge.name)
        self.assertEqual(bill.invoice_line_ids.account_id, self.seller_account)
        self.assertIn(self.seller.name, str(invoice.message_ids.mapped("body")))
        self.assertIn(self.company.name, str(bill.message_ids.mapped("body")))

    def test_both_are_posted_when_it_was_agreed(self):
        self.agreement.is_posted = True
        self.ship()
        self.approve(self.line(self.head(), "PP1", "9.50"))
        recharge = self.recharges()
        self.assertEqual((recharge.invoice_state, recharge.bill_state), ("posted",) * 2)

    def test_what_is_recharged_is_not_recharged_again(self):
        self.ship()
        invoice = self.approve(self.line(self.head(), "PP1", "9.50"))
        self.agreement._job_recharge()
        invoice.state = "review"
        with trap_jobs() as jobs:
            invoice.action_approve()
            jobs.perform_enqueued_jobs()
        self.assertEqual(len(self.recharges()), 1)
        with self.assertRaisesRegex(UserError, "nothing to recharge"):
            self.agreement.action_recharge()

    def test_a_later_credit_is_given_back(self):
        shipment = self.ship()
        self.approve(self.line(self.head(), "PP1", "9.50"))
        self.approve(self.line(self.head("CN-1", kind="credit_note"), "PP1", "-4.00"))
        _first, second = self.recharges()
        self.assertEqual(second.invoice_id.move_type, "out_refund")
        self.assertEqual(second.bill_id.move_type, "in_refund")
        self.assertAlmostEqual(second.invoice_id.amount_untaxed, 4.0)
        ledger = self.env["shipment.freight.recharge.line"].search(
            [("shipment_id", "=", shipment.id)]
        )
        self.assertAlmostEqual(sum(ledger.mapped("amount")), 5.5)
        self.agreement._job_recharge()
        self.assertEqual(len(self.recharges()), 2)

    def test_an_invoice_that_is_not_approved_is_not_recharged(self):
        self.ship()
        self.audited(self.line(self.head(), "PP1", "9.50"))
        self.agreement._job_recharge()
        self.assertFalse(self.recharges())

    def test_a_margin_and_customs_as_agreed(self):
        self.agreement.margin = 0.1
        first, second = self.ship(), self.ship("PP2")
        head = self.head()
        self.approve(
            self.line(head, "PP1", "10.00"),
            self.line(head, "PP1", "30.00", "duty", row=2),
        )
        self.assertAlmostEqual(self.recharges().amount, 11.0)
        self.agreement.write({"margin": 0, "with_customs": True})
        head = self.head("INV-2")
        self.approve(
            self.line(head, "PP2", "10.00"),
            self.line(head, "PP2", "30.00", "duty", row=2),
        )
        amounts = {
            line.shipment_id: line.amount for line in self.recharges()[-1].line_ids
        }
        self.assertEqual(amounts, {first: 29.0, second: 40.0})

    def test_cancelled_drafts_are_recharged_another_time(self):
        self.ship()
        self.approve(self.line(self.head(), "PP1", "9.50"))
        first = self.recharges()
        first.with_user(self._both()).action_cancel()
        self.assertEqual(first.invoice_state, "cancel")
        self.assertEqual(first.bill_state, "cancel")
        self.agreement.action_recharge()
        self.assertAlmostEqual(self.recharges()[-1].amount, 9.5)
        second = self.recharges()[-1]
        second.invoice_id.action_post()
        with self.assertRaisesRegex(UserError, "Reset the invoice"):
            second.action_cancel()

    # === WHOSE FREIGHT IT IS === #

    def test_an_order_of_the_other_company_that_is_shipped_here(self):
        self.ship(orders=[self.order(self.seller, self.customer)])
        self.approve(self.line(self.head(), "PP1", "9.50"))
        self.assertAlmostEqual(self.recharges().amount, 9.5)

    def test_a_customers_order_is_no_matter_of_the_other_company(self):
        self.ship(orders=[self.order(partner=self.customer)])
        self.approve(self.line(self.head(), "PP1", "9.50"))
        self.assertFalse(self.recharges())

    def test_an_order_that_asks_for_freight_itself_is_not_charged_twice(self):
        order = self.order()
        order.order_line = [
            Command.create(
                {
                    "product_id": self.product.id,
                    "price_unit": 9.5,
                    "is_delivery": True,
                }
            )
        ]
        self.ship(orders=[order])
        self.approve(self.line(self.head(), "PP1", "9.50"))
        self.assertFalse(self.recharges())

    def test_of_a_shipment_for_several_only_the_share_is_recharged(self):
        self.ship(orders=[self.order(), self.order(partner=self.customer)])
        self.approve(self.line(self.head(), "PP1", "9.51"))
        self.assertAlmostEqual(self.recharges().amount, 4.76)
        self.agreement._job_recharge()
        self.assertEqual(len(self.recharges()), 1)

    # === WHEN === #

    def test_once_a_month_when_it_was_agreed_so(self):
        self.agreement.timing = "month"
        self.ship()
        self.approve(self.line(self.head(), "PP1", "9.50"))
        self.assertFalse(self.recharges())
        with trap_jobs() as jobs:
            self.env["shipment.freight.agreement"]._cron_recharge()
            jobs.perform_enqueued_jobs()
        self.assertEqual(len(self.recharges()), 1)
        with trap_jobs() as jobs:
            self.env["shipment.freight.agreement"]._cron_recharge()
            jobs.assert_jobs_count(0)

    # === WHO === #

    def _both(self):
        return new_test_user(
            self.env,
            login="freight_both",
            groups="account.group_account_invoice,base.group_multi_company",
            company_ids=[Command.set([self.company.id, self.seller.id])],
        )

    def test_only_finance_of_both_companies_sees_the_pair(self):
        self.ship()
        # Whoever approves works for one company only.
        invoice = self.audited(self.line(self.head(), "PP1", "9.50"))
        with trap_jobs() as jobs:
            invoice.with_user(self.clerk).action_approve()
            jobs.perform_enqueued_jobs()
        recharge = self.recharges()
        self.assertEqual(len(recharge), 1)
        for model in ("agreement", "recharge", "recharge.line"):
            records = self.env[f"shipment.freight.{model}"]
            self.assertFalse(records.with_user(self.clerk).search([]))
        with self.assertRaises(AccessError):
            recharge.with_user(self.clerk).read(["amount"])
        both = self._both()
        companies = [self.company.id, self.seller.id]
        seen = recharge.with_user(both).with_context(allowed_company_ids=companies)
        self.assertAlmostEqual(seen.read(["amount"])[0]["amount"], 9.5)
        with self.assertRaises(AccessError):
            seen.write({"state": "cancelled"})
        packer = new_test_user(
            self.env, login="freight_packer", groups="stock.group_stock_user"
        )
        with self.assertRaises(AccessError):
            recharge.with_user(packer).read(["amount"])
