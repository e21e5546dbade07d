from odoo.exceptions import AccessError, ValidationError
from odoo.tests import new_test_user, tagged

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestCompany(CarriersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.other = cls.env["res.company"].create(
            {"name": "Other Company", "country_id": cls.env.ref("base.be").id}
        )
        cls.stranger = new_test_user(
            cls.env,
            login="carriers_stranger",
            groups="stock.group_stock_manager",
            company_id=cls.other.id,
            company_ids=[cls.other.id],
        )

    def test_an_account_is_seen_by_its_company_only(self):
        accounts = self.env["shipment.carrier.account"].with_user(self.stranger)
        self.assertNotIn(self.account, accounts.search([]))
        with self.assertRaises(AccessError):
            self.account.with_user(self.stranger).read(["name"])

    def test_bookings_and_messages_too(self):
        picking = self._create_picking()
        self.method.send_shipping(picking)
        booking = self._booking(picking)
        self.assertTrue(booking)
        for model in ("shipment.booking", "shipment.message"):
            records = self.env[model].with_user(self.stranger)
            self.assertFalse(records.search([]))

    def test_a_shared_method_is_offered_to_its_accounts_company_only(self):
        order = self._create_order()
        self.assertTrue(self.method._match(self.customer, order))
        self.account.company_id = self.other
        self.assertFalse(self.method._match(self.customer, order))

    def test_another_companys_account_books_nothing(self):
        picking = self._create_picking()
        self.account.company_id = self.other
        with self._raises("belongs to Other Company"):
            self.method.send_shipping(picking)
        self.assertFalse(self._booking(picking))
        rate = self.method.rate_shipment(picking.sale_id)
        self.assertIn("belongs to Other Company", rate["error_message"])

    def test_method_and_account_are_of_one_company(self):
        with self.assertRaisesRegex(ValidationError, "different companies"):
            self.method.company_id = self.other
