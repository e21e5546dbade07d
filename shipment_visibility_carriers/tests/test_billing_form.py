from odoo.tests import Form, new_test_user, tagged

from .freight_common import FreightCase


@tagged("post_install", "-at_install")
class TestBillingForm(FreightCase):
    """What is set on forms of carrier and account is what invoices are checked with."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.administrator = new_test_user(
            cls.env,
            login="billing_admin",
            groups="base.group_system,base.group_multi_currency,"
            "shipment_visibility.shipment_group_manager,account.group_account_manager",
        )
        cls.account = cls.env["shipment.carrier.account"].create(
            {
                "name": "Contract",
                "adapter": "sandbox",
                "carrier_id": cls.carrier.id,
                "company_id": cls.company.id,
            }
        )

    def set(self, **values):
        with Form(self.account.with_user(self.administrator)) as form:
            for name, value in values.items():
                setattr(form, name, value)

    def found(self, **head):
        self.make_shipment(
            "PP1", {"freight": 9.5, "fuel": 1.0}, account_id=self.account.id
        )
        invoice = self.audited(self.line(self.head(**head), "PP1", "9.50"))
        return invoice.finding_ids.mapped("rule")

    def test_the_number_on_invoices_finds_another_account_s(self):
        self.set(billing_number="B-77")
        self.assertEqual(self.found(), ["wrong_account"])

    def test_the_number_may_be_written_otherwise(self):
        self.set(billing_number="00 a-1")
        self.assertEqual(self.found(), [])

    def test_the_currency_finds_another_one(self):
        other = self.env["res.currency"].create({"name": "XBF", "symbol": "B"})
        self.set(billing_currency_id=other)
        self.assertEqual(self.found(), ["wrong_currency"])

    def carrier_form(self, user):
        return self.carrier.with_user(user).get_view(
            self.env.ref("shipment_visibility.shipment_carrier_view_list").id, "list"
        )["arch"]

    def test_services_with_a_guarantee_are_given_back_when_late(self):
        arch = self.carrier_form(self.administrator)
        self.assertIn("guaranteed_services", arch)
        accountant = new_test_user(
            self.env, login="billing_acc", groups="account.group_account_manager"
        )
        self.carrier.with_user(accountant).guaranteed_services = "Express, Noon"
        self.make_shipment(
            "PP1",
            {"freight": 9.5, "fuel": 1.0},
            service="express",
            promised_at="2026-02-21 22:00:00",
            delivered_at="2026-02-24 10:00:00",
        )
        invoice = self.audited(self.line(self.head(), "PP1", "9.50"))
        self.assertEqual(invoice.finding_ids.mapped("rule"), ["late"])

    def test_the_vendor_is_chosen_where_the_carrier_is(self):
        self.assertIn("vendor_id", self.carrier_form(self.administrator))
        self.carrier.vendor_id = False
        vendor = self.env["res.partner"].create({"name": "Parcels Billing"})
        accountant = new_test_user(
            self.env, login="billing_acc", groups="account.group_account_manager"
        )
        self.carrier.with_user(accountant).vendor_id = vendor
        self.make_shipment("PP1", {"freight": 9.5, "fuel": 1.0})
        invoice = self.audited(self.line(self.head(), "PP1", "9.50"))
        invoice.action_approve()
        invoice.with_user(self.clerk).action_post()
        self.assertEqual(invoice.move_ids.partner_id, vendor)

    def test_contract_rates_open_from_the_account(self):
        mine = self.account.with_user(self.clerk)
        self.assertEqual(mine.tariff_count, 0)
        action = mine.action_view_tariffs()
        self.assertEqual(action["domain"], [("account_id", "=", self.account.id)])

    def test_the_warehouse_sees_none_of_it(self):
        packer = new_test_user(
            self.env, login="billing_packer", groups="stock.group_stock_user"
        )
        arch = self.account.with_user(packer).get_view(view_type="form")["arch"]
        for name in ("billing_number", "billing_currency_id", "low_balance"):
            self.assertNotIn(f'name="{name}"', arch)
        self.assertNotIn("vendor_id", self.carrier_form(packer))
