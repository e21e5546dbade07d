import base64

from odoo import Command
from odoo.exceptions import AccessError
from odoo.tests import new_test_user, tagged
from odoo.tools import mute_logger

from .common import CarriersCommon
from .freight_common import FreightCase

AMOUNTS = "shipment_visibility.shipment_group_amounts"
# What is no price of a carrier's: the goods, the customer's invoice, a claim, limits people set.
NO_FREIGHT = {
    ("shipment.invoice.hold", "amount_to_invoice"),
    ("shipment.claim", "amount"),
    ("shipment.claim", "settled_amount"),
    ("shipment.selection.rule", "value_min"),
    ("shipment.selection.rule", "value_max"),
    ("shipment.selection.rule", "price_limit"),
}
OF_FINANCE = (
    "shipment.carrier.invoice",
    "shipment.carrier.invoice.line",
    "shipment.carrier.invoice.file",
    "shipment.carrier.invoice.refusal",
    "shipment.freight.finding",
    "shipment.freight.finding.share",
    "shipment.freight.dispute",
    "shipment.freight.refund",
    "shipment.freight.accrual",
    "shipment.freight.accrual.line",
    "shipment.freight.policy",
    "shipment.freight.account",
    "shipment.freight.tolerance",
    "shipment.freight.tariff",
    "shipment.freight.report",
    "shipment.message",
)
QUIET = ("odoo.addons.base.models.ir_model", "odoo.addons.base.models.ir_rule")


def allow(env, allowed):
    """As the box in the settings does."""
    env["res.config.settings"].create({"group_shipment_amounts": allowed}).execute()


@tagged("post_install", "-at_install")
class TestAmountsOfShipments(CarriersCommon):
    """Warehouse users do the whole job and see no amounts, unless they are allowed to."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.finance = new_test_user(
            cls.env, login="rights_finance", groups="account.group_account_invoice"
        )
        cls.packer.group_ids += cls.env.ref("base.group_allow_export")

    def _ship(self):
        picking = self._create_picking()
        picking.with_user(self.packer).button_validate()
        shipment = picking.shipment_ids
        self.assertGreater(shipment.freight_booked, 0)
        return picking, shipment

    def _mine(self, wizard):
        return wizard.line_ids.filtered(
            lambda line: line.delivery_carrier_id == self.method
        )

    def _hidden(self, records, *names):
        """No way of reading tells these fields of these records."""
        for name in names:
            with self.subTest(f"{records._name}.{name}"):
                with self.assertRaises(AccessError):
                    records.read([name])
                with self.assertRaises(AccessError):
                    records.search_read([("id", "in", records.ids)], [name])
                with self.assertRaises(AccessError):
                    records.web_read({name: {}})
                with self.assertRaises(AccessError):
                    records.export_data([name])
                self.assertNotIn(name, records.fields_get())
        told = records.read()[0]
        self.assertFalse(set(names) & set(told), "read() of everything")

    def _seen(self, records, *names):
        told = records.read(names)[0]
        self.assertFalse(set(names) - set(told))
        return told

    @mute_logger(*QUIET)
    def test_a_warehouse_user_sees_no_amount_of_a_shipment(self):
        _picking, shipment = self._ship()
        mine = shipment.with_user(self.packer)
        self.assertTrue(mine.read(["tracking_numbers", "headline"]))
        self._hidden(
            mine,
            *("freight_quoted", "freight_booked", "freight_invoiced"),
            *("freight_variance", "charge_ids"),
        )
        arch = mine.get_view(view_type="form")["arch"]
        self.assertNotIn("freight_booked", arch)
        self.assertNotIn("charge_ids", arch)

    @mute_logger(*QUIET)
    def test_a_warehouse_user_finds_no_amount_by_asking_for_it(self):
        _picking, shipment = self._ship()
        mine = shipment.with_user(self.packer)
        for domain in (
            [("charge_ids.amount", ">", 0)],
            [("charge_ids.kind", "=", "booked")],
        ):
            with self.subTest(domain), self.assertRaises(AccessError):
                mine.search(domain)
        charges = self.env["shipment.charge"].with_user(self.packer)
        for ask in (
            lambda: charges.search([]),
            lambda: charges.search_count([]),
            lambda: charges._read_group([], ["kind"], ["amount_company:sum"]),
            lambda: charges.formatted_read_group([], ["kind"], ["amount_company:sum"]),
            lambda: shipment.charge_ids.with_user(self.packer).read(["amount"]),
            lambda: shipment.charge_ids.with_user(self.packer).export_data(["amount"]),
            lambda: mine.action_view_freight() and charges.search_read([], ["amount"]),
        ):
            with self.assertRaises(AccessError):
                ask()

    @mute_logger(*QUIET)
    def test_a_warehouse_user_sees_no_amount_on_delivery_order_booking_or_offer(self):
        self.company.shipment_label_limit = 10_000
        picking, _shipment = self._ship()
        mine = picking.with_user(self.packer)
        self._hidden(mine, "shipment_quote")
        self.assertGreater(mine.carrier_price, 0, "Odoo's own, and as Odoo shows it")
        booking = self._booking(picking).with_user(self.packer)
        self._hidden(booking, "answer", "entered")
        self.assertNotIn('name="answer"', booking.get_view(view_type="form")["arch"])
        wizard = self.env["shipment.rate.compare"].with_user(self.packer)
        wizard = wizard.create({"picking_id": self._create_picking().id})
        line = self._mine(wizard)
        amounts = ("price", "cost", "quoted_amount", "quoted_price", "quote")
        self._hidden(line, *amounts)
        line.action_choose()
        choice = wizard.picking_id.shipment_choice_ids.with_user(self.packer)
        self.assertEqual(choice.chosen_name, line.name)
        self._hidden(choice, "price", "cost", "cheapest_cost", "extra_cost")
        self._hidden(choice.offer_ids, *amounts)

    def test_the_label_is_corrected_without_seeing_what_it_costs(self):
        picking, shipment = self._ship()
        action = picking.with_user(self.packer).action_correct_label()
        wizard = self.env[action["res_model"]].with_user(self.packer)
        wizard = wizard.browse(action["res_id"])
        self._hidden(wizard, "cost_before", "cost_after", "cost_difference")
        wizard.line_ids.weight = 25.0
        wizard.action_price()
        self.assertFalse(wizard.problem)
        wizard.action_correct()
        self.assertEqual(shipment.headline, "cancelled")

    def test_a_dear_label_is_refused_without_its_price(self):
        self.company.shipment_label_limit = 0.01
        picking = self._create_picking()
        with self._raises("needs an approval") as refused:
            picking.with_user(self.packer).button_validate()
        self.assertNotRegex(str(refused.exception).replace(picking.name, ""), r"\d")
        mine = picking.with_user(self.packer)
        self._hidden(mine.shipment_approval_id, "amount", "price")
        approval_sudo = mine.shipment_approval_id.sudo()
        self.assertNotIn(approval_sudo.price, mine.shipment_approval_text)
        self.assertIn(approval_sudo.price, picking.shipment_approval_text)

    def test_allowed_by_the_setting_the_warehouse_sees_amounts(self):
        _picking, shipment = self._ship()
        allow(self.env, allowed=True)
        mine = shipment.with_user(self.packer)
        told = self._seen(mine, "freight_booked", "freight_quoted", "charge_ids")
        self.assertGreater(told["freight_booked"], 0)
        self.assertTrue(mine.charge_ids.read(["amount"]))
        self.assertIn("freight_booked", mine.get_view(view_type="form")["arch"])
        with self.assertRaises(AccessError), mute_logger(*QUIET):
            mine.charge_ids.write({"amount": 0})
        allow(self.env, allowed=False)
        self._hidden(shipment.with_user(self.packer), "freight_booked", "charge_ids")

    def test_the_setting_takes_nothing_from_finance_or_administrators(self):
        _picking, shipment = self._ship()
        manager = new_test_user(
            self.env,
            login="rights_manager",
            groups="stock.group_stock_manager",
        )
        allow(self.env, allowed=True)
        allow(self.env, allowed=False)
        for user in (self.finance, manager):
            with self.subTest(user.login):
                told = self._seen(shipment.with_user(user), "freight_booked")
                self.assertGreater(told["freight_booked"], 0)

    def test_a_salesman_compares_prices_and_sees_no_charges(self):
        order = self._create_order(user_id=self.salesman.id)
        wizard = self.env["shipment.rate.compare"].with_user(self.salesman)
        wizard = wizard.create({"order_id": order.id})
        self.assertGreater(self._seen(self._mine(wizard), "price")["price"], 0)
        with mute_logger(*QUIET), self.assertRaises(AccessError):
            self.env["shipment.charge"].with_user(self.salesman).search([])

    @mute_logger(*QUIET)
    def test_no_amount_is_forgotten(self):
        """Whatever field holds money: a warehouse user cannot read it, or it is no freight."""
        for model in self.env.registry.models:
            if not model.startswith("shipment."):
                continue
            records = self.env[model].with_user(self.packer)
            if records._abstract or not records.has_access("read"):
                continue
            told = {
                name
                for name, field in records.fields_get().items()
                if field["type"] == "monetary" and (model, name) not in NO_FREIGHT
            }
            with self.subTest(model):
                self.assertFalse(told)


@tagged("post_install", "-at_install")
class TestFreightRights(FreightCase):
    """Finance sees and posts, the warehouse does not, and companies are apart."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.packer = new_test_user(
            cls.env, login="rights_packer", groups="stock.group_stock_user"
        )
        cls.other = cls.env["res.company"].create({"name": "Other Shipper"})
        cls.stranger = new_test_user(
            cls.env,
            login="rights_stranger",
            groups="account.group_account_manager,stock.group_stock_manager",
            company_id=cls.other.id,
            company_ids=[Command.set(cls.other.ids)],
        )

    def fill(self):
        """A record of every model of finance, in the first company."""
        shipment = self.make_shipment("PP1", {"freight": 8.0, "fuel": 1.0})
        invoice = self.audited(
            self.line(self.head(), "PP1", "9.50"),
            self.line(self.head(), "PP1", "1.00", "fuel", row=2),
            self.line(self.head(), "XX9", "3.00", row=3),
        )
        invoice.finding_ids.action_dispute()
        self.policy.tolerance_ids = [Command.create({"amount": 1.0})]
        accrual = self.env["shipment.freight.accrual"].create({"date": "2026-02-28"})
        accrual.action_compute()
        account = self.env["shipment.carrier.account"].create(
            {"name": "Contract", "adapter": "sandbox", "company_id": self.company.id}
        )
        table = (
            "kind,service,zone,up_to,amount,per_unit,percent,code,family,always,"
            "valid_from,valid_to,currency,unit,round_to\n"
            "rate,express,1,1,8.00,,,,,,2026-01-01,,EUR,kg,0.5\n"
        )
        self.env["shipment.freight.tariff"].create(
            {
                "name": "2026",
                "account_id": account.id,
                "file": base64.b64encode(table.encode()),
            }
        )
        file = self.env["shipment.carrier.invoice.file"].create(
            {
                "name": "march.csv",
                "file": base64.b64encode(b"Tracking;Net\nPP1;9.50\n"),
                "format": "fedex",
                "carrier_id": self.carrier.id,
                "company_id": self.company.id,
            }
        )
        self.env["shipment.carrier.invoice.refusal"].create(
            {"file_id": file.id, "row": 2, "reason": "No date"}
        )
        self.env["shipment.freight.refund"].create(
            {
                "finding_id": invoice.finding_ids[:1].id,
                "line_id": invoice.line_ids[:1].id,
                "amount": 1.0,
            }
        )
        self.env.flush_all()
        self.env.invalidate_all()
        return shipment, invoice

    # === FINANCE === #

    def test_finance_sees_approves_and_posts(self):
        shipment, invoice = self.fill()
        mine = invoice.with_user(self.clerk)
        self.assertAlmostEqual(mine.net_total, 13.5)
        self.assertTrue(mine.line_ids.read(["amount"]))
        self.assertTrue(mine.finding_ids.read(["amount"]))
        self.assertAlmostEqual(shipment.with_user(self.clerk).freight_booked, 9.0)
        mine.action_approve()
        mine.action_post()
        self.assertEqual(mine.move_ids.state, "posted")
        self.assertEqual(mine.state, "posted")

    # === THE WAREHOUSE === #

    @mute_logger(*QUIET)
    def test_the_warehouse_reads_nothing_of_finance(self):
        shipment, invoice = self.fill()
        for model in OF_FINANCE:
            records = self.env[model].search([])
            self.assertTrue(records or model == "shipment.message", model)
            mine = records.with_user(self.packer)
            for ask in (
                lambda mine=mine: mine.search([]),
                lambda mine=mine: mine.search_count([]),
                lambda mine=mine: mine.search_read([], ["display_name"]),
                lambda mine=mine: mine._read_group([], [], ["__count"]),
            ):
                with self.subTest(model), self.assertRaises(AccessError):
                    ask()
        exception = shipment.exception_ids.with_user(self.packer)
        self.assertTrue(exception.reason)
        for amount in ("1.5", "9.5", "13.5"):
            self.assertNotIn(amount, exception.reason)
        for act in (
            invoice.with_user(self.packer).action_approve,
            invoice.with_user(self.packer).action_post,
            invoice.finding_ids.with_user(self.packer).action_dispute,
        ):
            with self.assertRaises(AccessError):
                act()

    @mute_logger(*QUIET)
    def test_the_setting_shows_amounts_and_not_finance_s_papers(self):
        shipment, _invoice = self.fill()
        allow(self.env, allowed=True)
        self.assertAlmostEqual(shipment.with_user(self.packer).freight_invoiced, 10.5)
        for model in OF_FINANCE:
            with self.subTest(model), self.assertRaises(AccessError):
                self.env[model].with_user(self.packer).search([])

    # === COMPANIES === #

    @mute_logger(*QUIET)
    def test_another_company_s_finance_finds_nothing(self):
        self.fill()
        models = (*OF_FINANCE, "shipment.charge", "shipment.carrier.account")
        for model in models:
            records = self.env[model].search([("company_id", "=", self.company.id)])
            theirs = self.env[model].with_user(self.stranger)
            own = [("id", "in", records.ids)]
            with self.subTest(model):
                self.assertFalse(theirs.search(own))
                self.assertEqual(theirs.search_count(own), 0)
                self.assertEqual(theirs._read_group(own, [], ["__count"]), [(0,)])
                self.assertFalse(theirs.search_read(own, ["display_name"]))
                if records:
                    with self.assertRaises(AccessError):
                        records[:1].with_user(self.stranger).read(["display_name"])

    @mute_logger(*QUIET)
    def test_another_company_s_finance_changes_nothing(self):
        _shipment, invoice = self.fill()
        for act in (
            invoice.with_user(self.stranger).action_approve,
            invoice.with_user(self.stranger).action_audit,
            invoice.finding_ids.with_user(self.stranger).action_accept,
            lambda: self.policy.with_user(self.stranger).write({"approve_below": 9}),
            lambda: self.policy.account_ids.with_user(self.stranger).write(
                {"sequence": 1}
            ),
            lambda: (
                self.env["shipment.freight.tariff"]
                .search([], limit=1)
                .with_user(self.stranger)
                .write({"name": "x"})
            ),
            lambda: (
                self.env["shipment.carrier.invoice.file"]
                .search([], limit=1)
                .with_user(self.stranger)
                .unlink()
            ),
        ):
            with self.assertRaises(AccessError):
                act()
        self.assertEqual(invoice.state, "review")

    def test_each_company_has_a_policy_of_its_own(self):
        theirs = self.env["shipment.freight.policy"].with_user(self.stranger)
        opened = theirs.browse(theirs.action_open()["res_id"])
        self.assertEqual(opened.company_id, self.other)
        self.assertNotEqual(opened, self.policy)

    def test_counts_on_what_companies_share_are_one_s_own(self):
        self.fill()
        self.make_shipment(
            "PP7", {"freight": 5.0}, company_id=self.other.id, picking_ids=False
        )
        report = self.env["shipment.freight.report"].with_user(self.stranger)
        ((booked,),) = report._read_group(
            [("carrier_id", "=", self.carrier.id)], [], ["booked:sum"]
        )
        self.assertAlmostEqual(booked, 5.0)
