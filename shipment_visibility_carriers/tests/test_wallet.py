from decimal import Decimal

from odoo import fields
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged

from odoo.addons.shipment_visibility.canonical.schema import Money
from odoo.addons.shipment_visibility_carriers.adapters import base
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)

from ..models.shipment_carrier_account_wallet import ACTIVITY
from .common import CarriersCommon
from .freight_common import FreightCase


@tagged("post_install", "-at_install")
class TestWallet(CarriersCommon):
    """Somebody tops up a wallet before labels are refused."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.bookkeeper = new_test_user(
            cls.env, login="wallet_finance", groups="account.group_account_invoice"
        )
        cls.account.write(
            {"is_prepaid": True, "low_balance": 50, "user_id": cls.bookkeeper.id}
        )
        cls.euro = cls.env.ref("base.EUR")

    def _holds(self, amount, currency="EUR"):
        """What the carrier says from now on."""
        told = amount
        if not isinstance(amount, Exception):
            told = Money(amount=Decimal(amount), currency=currency)

        def read_balance(_adapter):
            if isinstance(told, Exception):
                raise told
            return told

        self.patch(SandboxAdapter, "read_balance", read_balance)

    def _read(self, amount):
        self._holds(amount)
        self.account._job_read_balance()

    def _asked(self):
        return self.account.activity_ids.filtered(
            lambda activity: activity.activity_type_id == self.env.ref(ACTIVITY)
        )

    def _jobs(self):
        return self.env["queue.job"].search(
            [
                ("model_name", "=", "shipment.carrier.account"),
                ("method_name", "=", "_job_read_balance"),
            ]
        )

    # === THE BALANCE === #

    def test_the_balance_is_kept_as_the_carrier_said_it(self):
        self._read("81.255")
        self.assertEqual(self.account.balance, 81.26)
        self.assertEqual(self.account.balance_currency_id, self.euro)
        self.assertTrue(self.account.balance_at)
        self.assertFalse(self.account.is_balance_low)
        self.assertFalse(self._asked())

    def test_below_the_limit_somebody_is_asked_once_until_there_is_enough(self):
        self._read("49.99")
        self.assertTrue(self.account.is_balance_low)
        asked = self._asked()
        self.assertEqual(asked.user_id, self.bookkeeper)
        self._read("30.00")
        self.assertEqual(self._asked(), asked)
        self._read("130.00")
        self.assertFalse(self.account.is_balance_low)
        self.assertFalse(self._asked())
        self._read("20.00")
        self.assertEqual(len(self._asked()), 1)

    def test_who_has_said_that_it_is_done_is_not_asked_every_hour(self):
        self._read("49.99")
        self._asked().with_user(self.bookkeeper).action_feedback("Ordered")
        self._read("48.00")
        self.assertFalse(self._asked())

    def test_who_has_no_responsible_asks_an_administrator(self):
        self.account.user_id = False
        self._read("1.00")
        self.assertTrue(
            self._asked().user_id.has_group(
                "shipment_visibility.shipment_group_manager"
            )
        )

    def test_the_note_names_no_amount(self):
        self._read("49.99")
        self.assertNotIn("49", self._asked().note)
        self.assertIn(self.account.name, self._asked().note)

    def test_a_carrier_that_cannot_be_asked_changes_nothing(self):
        self._read("80.00")
        self._holds(base.Unavailable("Closed"))
        self.assertEqual(self.account._job_read_balance(), "Closed")
        self.assertEqual(self.account.balance, 80)
        self.assertFalse(self.account.is_balance_low)

    def test_it_says_how_long_the_money_lasts(self):
        picking = self._create_picking()
        picking.button_validate()
        booked = sum(picking.shipment_ids.charge_ids.mapped("amount_company"))
        self.account.invalidate_recordset()
        self._holds(str(round(booked * 2, 2)), self.company.currency_id.name)
        self.account._job_read_balance()
        self.assertIn(self.account.balance_days, (59, 60))

    # === THE CRON === #

    def test_only_wallets_with_a_limit_are_read_by_themselves(self):
        accounts = self.account | self.account.copy({"name": "No limit"})
        accounts |= self.account.copy({"name": "No wallet"})
        accounts[1].low_balance = 0
        accounts[2].is_prepaid = False
        before = self._jobs()
        self.env["shipment.carrier.account"]._cron_read_balances()
        jobs = self._jobs() - before
        named = " ".join(jobs.mapped("name"))
        self.assertIn(self.account.name, named)
        self.assertNotIn("No limit", named)
        self.assertNotIn("No wallet", named)

    def test_a_carrier_that_is_left_alone_is_not_asked(self):
        self.patch(
            self.env.registry["shipment.carrier.gate"],
            "_get_names",
            lambda _gates, ids: dict.fromkeys(ids, "open"),
        )
        before = self._jobs()
        self.env["shipment.carrier.account"]._cron_read_balances()
        self.assertEqual(self._jobs(), before)

    def test_a_carrier_that_does_not_tell_is_not_asked(self):
        offers = SandboxAdapter.offers
        self.patch(
            SandboxAdapter,
            "offers",
            lambda adapter, what: what != "read_balance" and offers(adapter, what),
        )
        before = self._jobs()
        self.env["shipment.carrier.account"]._cron_read_balances()
        self.assertEqual(self._jobs(), before)
        self.assertFalse(self.account.can_tell_balance)

    # === REFUSED === #

    def test_a_label_refused_for_want_of_money_has_somebody_asked(self):
        self._read("80.00")
        before = self._jobs()
        picking = self._create_picking(partner=self._spoil("SANDBOX-BOOK-FUNDS"))
        with self._raises("must be topped up"):
            picking.with_user(self.packer).button_validate()
        job = self._jobs() - before
        self.assertEqual(len(job), 1)
        self._holds("0.40")
        self.account._job_read_balance(fields.Datetime.now())
        self.assertTrue(self.account.is_balance_low)
        self.assertEqual(len(self._asked()), 1)

    def test_it_is_asked_also_where_the_label_was_dearer_than_the_limit(self):
        self._holds("80.00")
        self.account._job_read_balance(fields.Datetime.now())
        self.assertTrue(self.account.is_balance_low, "80 was not enough")
        self.account._job_read_balance()
        self.assertTrue(self.account.is_balance_low)
        self._read("500.00")
        self.assertFalse(self.account.is_balance_low)
        self.assertFalse(self._asked())

    def test_where_the_carrier_tells_nothing_a_person_says_it_is_topped_up(self):
        self._holds(base.NotSupported("No balance"))
        self.account._job_read_balance(fields.Datetime.now())
        self.assertEqual(len(self._asked()), 1)
        self.account.with_user(self.bookkeeper).action_topped_up()
        self.assertFalse(self.account.is_balance_low)
        self.assertFalse(self._asked())

    # === WHO SEES IT === #

    def test_finance_reads_the_balance_and_the_warehouse_does_not(self):
        self._read("80.00")
        mine = self.account.with_user(self.bookkeeper)
        self.assertEqual(mine.read(["balance"])[0]["balance"], 80)
        mine.action_read_balance()
        names = ("balance", "low_balance", "is_balance_low", "balance_days")
        packers = self.account.with_user(self.packer)
        for name in names:
            with self.subTest(name), self.assertRaises(AccessError):
                packers.read([name])
        self.assertFalse(set(names) & set(packers.fields_get()))
        with self.assertRaises(AccessError):
            packers.action_read_balance()
        with self.assertRaises(AccessError):
            mine.write({"low_balance": 1})


@tagged("post_install", "-at_install")
class TestWalletBill(FreightCase):
    """What was taken from a wallet is billed and not paid again."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.prepaid = cls.env["account.account"].create(
            {"name": "Wallets", "code": "FR4000", "account_type": "asset_prepayments"}
        )
        cls.policy.wallet_account_id = cls.prepaid
        cls.wallet = cls.env["shipment.carrier.account"].create(
            {
                "name": "Wallet",
                "adapter": "sandbox",
                "carrier_id": cls.carrier.id,
                "company_id": cls.company.id,
                "is_prepaid": True,
                "billing_number": "A-1",
            }
        )

    def billed(self, *lines):
        invoice = self.audited(*lines)
        invoice.action_approve()
        invoice.with_user(self.clerk).action_post()
        bills = invoice.move_ids.filtered(lambda move: move.move_type != "entry")
        return invoice, bills

    def balance(self):
        lines = self.env["account.move.line"].search(
            [("account_id", "=", self.prepaid.id), ("parent_state", "=", "posted")]
        )
        return sum(lines.mapped("balance"))

    def test_a_charge_report_of_a_wallet_is_a_paid_bill(self):
        self.make_shipment("PP1", {"freight": 9.5, "fuel": 1.0})
        invoice, bill = self.billed(self.line(self.head(), "PP1", "9.50"))
        self.assertTrue(invoice.is_prepaid)
        self.assertEqual(bill.state, "posted")
        self.assertEqual(bill.payment_state, "paid")
        self.assertAlmostEqual(bill.amount_residual, 0)
        self.assertAlmostEqual(self.balance(), -9.5)
        expense = bill.line_ids.filtered(lambda line: line.account_id == self.expense)
        self.assertAlmostEqual(expense.balance, 9.5)

    def test_what_is_given_back_is_in_the_wallet_again(self):
        self.make_shipment("PP1")
        _invoice, refund = self.billed(
            self.line(self.head("CN-1", kind="credit_note"), "PP1", "-2.00")
        )
        self.assertEqual(refund.move_type, "in_refund")
        self.assertAlmostEqual(refund.amount_residual, 0)
        self.assertAlmostEqual(self.balance(), 2)

    def test_in_another_currency_nothing_is_left_over(self):
        currency = self.env["res.currency"].create(
            {
                "name": "XWA",
                "symbol": "W",
                "rate_ids": [(0, 0, {"name": "2026-01-01", "rate": 3})],
            }
        )
        self.make_shipment("PP1")
        head = self.head(currency="XWA")
        _invoice, bill = self.billed(self.line(head, "PP1", "10.00"))
        self.assertEqual(bill.currency_id, currency)
        self.assertAlmostEqual(bill.amount_residual, 0)
        self.assertAlmostEqual(self.balance(), -3.33)

    def test_the_invoice_of_another_account_is_to_be_paid(self):
        self.make_shipment("PP1", {"freight": 9.5, "fuel": 1.0})
        invoice, bill = self.billed(self.line(self.head(account="B7"), "PP1", "9.50"))
        self.assertFalse(invoice.is_prepaid)
        self.assertAlmostEqual(bill.amount_residual, 9.5)
        self.assertEqual(self.balance(), 0)

    def test_a_clerk_decides_otherwise(self):
        self.make_shipment("PP1", {"freight": 9.5, "fuel": 1.0})
        invoice = self.audited(self.line(self.head(), "PP1", "9.50"))
        invoice.with_user(self.clerk).is_prepaid = False
        invoice.action_approve()
        invoice.action_post()
        self.assertAlmostEqual(invoice.move_ids.amount_residual, 9.5)

    def test_without_a_prepayment_account_the_bill_waits_for_its_payment(self):
        self.policy.wallet_account_id = False
        self.make_shipment("PP1", {"freight": 9.5, "fuel": 1.0})
        invoice, bill = self.billed(self.line(self.head(), "PP1", "9.50"))
        self.assertEqual(invoice.move_ids, bill)
        self.assertAlmostEqual(bill.amount_residual, 9.5)

    def test_what_is_won_or_lost_later_is_settled_too(self):
        self.make_shipment("PP1", {"freight": 8.0, "fuel": 1.0})
        invoice = self.audited(
            self.line(self.head(), "PP1", "9.50"),
            self.line(self.head(), "PP1", "1.00", "fuel", row=2),
        )
        invoice.finding_ids.with_user(self.clerk).action_dispute()
        invoice.action_approve()
        invoice.action_post()
        self.assertAlmostEqual(self.balance(), -9.0)
        dispute = invoice.finding_ids.dispute_id
        dispute.action_mark_sent()
        dispute.action_close()
        self.assertAlmostEqual(self.balance(), -10.5)
        self.assertEqual(sum(invoice.move_ids.mapped("amount_residual")), 0)
