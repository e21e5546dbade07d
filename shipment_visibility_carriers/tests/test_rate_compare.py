from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestRateCompare(CarriersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["delivery.carrier"].search([("id", "!=", cls.method.id)]).active = False
        cls.economy = cls._create_method("economy")
        cls.express = cls._create_method("express")

    def _compare(self, record):
        action = record.action_compare_rates()
        return self.env[action["res_model"]].browse(action["res_id"])

    def _line(self, wizard, method):
        return wizard.line_ids.filtered(lambda line: line.delivery_carrier_id == method)

    def test_all_methods_side_by_side_for_one_question(self):
        calls = self._count("rate")
        wizard = self._compare(self._create_order())
        self.assertEqual(len(calls), 1)
        self.assertEqual(
            wizard.line_ids.delivery_carrier_id,
            self.method | self.economy | self.express,
        )
        self.assertTrue(all(wizard.line_ids.mapped("is_available")))
        prices = wizard.line_ids.mapped("price")
        self.assertEqual(prices, sorted(prices))
        self.assertTrue(self._line(wizard, self.economy).is_cheapest)
        self.assertTrue(self._line(wizard, self.express).is_fastest)
        self.assertEqual(
            self._line(wizard, self.express).quoted_currency_id.name, "EUR"
        )

    def test_other_methods_stand_beside_ours(self):
        fixed = self.env["delivery.carrier"].create(
            {
                "name": "Own van",
                "delivery_type": "fixed",
                "fixed_price": 3.0,
                "product_id": self.delivery_product.id,
            }
        )
        wizard = self._compare(self._create_order())
        self.assertTrue(self._line(wizard, fixed).is_cheapest)

    def test_choosing_sets_the_delivery_line_and_keeps_the_quote(self):
        order = self._create_order(user_id=self.salesman.id)
        line = self._line(self._compare(order.with_user(self.salesman)), self.express)
        line.with_user(self.salesman).action_choose()
        self.assertEqual(order.carrier_id, self.express)
        delivery = order.order_line.filtered("is_delivery")
        self.assertAlmostEqual(delivery.price_unit, line.price)
        order.action_confirm()
        picking = order.picking_ids
        picking.move_ids.picked = True
        picking.button_validate()
        charges = picking.shipment_ids.charge_ids
        self.assertEqual(set(charges.mapped("kind")), {"quoted", "booked"})
        quoted = sum(charges.filtered(lambda c: c.kind == "quoted").mapped("amount"))
        self.assertAlmostEqual(quoted, line.quoted_amount)

    def test_on_the_delivery_its_own_parcels_are_priced(self):
        calls = self._count("rate")
        picking = self._create_picking({self.lamp: 1, self.blanket: 2}, packages=2)
        wizard = self._compare(picking.with_user(self.packer))
        self.assertEqual(len(calls[0][0].parcels), 2)
        self._line(wizard, self.express).with_user(self.packer).action_choose()
        self.assertEqual(picking.carrier_id, self.express)

    def test_what_is_not_offered_says_why_and_cannot_be_chosen(self):
        far = self.customer.copy(
            {"country_id": self.env.ref("base.au").id, "zip": "2000", "city": "Sydney"}
        )
        wizard = self._compare(self._create_order(partner=far))
        line = self._line(wizard, self.economy)
        self.assertFalse(line.is_available)
        self.assertTrue(line.message)
        with self.assertRaises(UserError):
            line.action_choose()
        self.assertTrue(self._line(wizard, self.express).is_available)

    def test_a_carrier_in_trouble_leaves_the_others(self):
        other = self.account.copy({"name": "Down"})
        other.credentials = {"api_key": "SANDBOX-DOWN"}
        down = self._create_method("standard", shipment_account_id=other.id)
        wizard = self._compare(self._create_order())
        self.assertFalse(self._line(wizard, down).is_available)
        self.assertTrue(self._line(wizard, self.method).is_available)
