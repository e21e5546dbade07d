from threading import Event

from odoo import fields
from odoo.exceptions import AccessError, UserError
from odoo.tests import tagged

from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)
from odoo.addons.shipment_visibility_carriers.wizards import shipment_rate_compare

from .common import CarriersCommon


def today():
    return fields.Date.today()


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
        order = self._create_order(user_id=self.salesman.id)
        wizard = self._compare(order.with_user(self.salesman))
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
        express = self._line(wizard, self.express)
        self.assertEqual(express.quoted_price, f"{express.quoted_amount:.2f} EUR")
        self.assertEqual(express.transit_days, (express.promised_date - today()).days)
        self.assertEqual(express.source, "Sandbox · account")

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

    # === SERVICES WITHOUT A METHOD === #

    def test_who_makes_delivery_methods_also_sees_the_other_services(self):
        calls = self._count("rate")
        wizard = self._compare(self._create_order())
        other = wizard.line_ids.filtered(lambda line: line.service == "express12")
        self.assertEqual(len(calls), 1)
        self.assertFalse(other.delivery_carrier_id)
        self.assertTrue(other.is_available and other.can_choose and other.is_fastest)
        self.assertEqual(
            len(wizard.line_ids.filtered(lambda line: line.service == "express")), 1
        )

    def test_choosing_such_a_service_makes_a_method_like_its_siblings(self):
        self.method.margin = 0.5
        order = self._create_order()
        wizard = self._compare(order)
        other = wizard.line_ids.filtered(lambda line: line.service == "express12")
        other.action_choose()
        made = order.carrier_id
        self.assertEqual(made.shipment_service, "express12")
        self.assertEqual(made.shipment_account_id, self.account)
        self.assertEqual(made.product_id, self.delivery_product)
        self.assertAlmostEqual(made.rate_shipment(order)["price"], other.price, 2)
        self.assertEqual(order.shipment_choice_ids._get_chosen().service, "express12")

    def test_an_account_without_any_method_is_compared_too(self):
        other = self.account.copy({"name": "Second account"})
        order = self._create_order()
        wizard = self._compare(order)
        line = wizard.line_ids.filtered(
            lambda line: line.account_id == other and line.service == "economy"
        )
        line.action_choose()
        self.assertEqual(order.carrier_id.shipment_account_id, other)
        self.assertEqual(order.carrier_id.shipment_service, "economy")

    def test_nobody_makes_a_method_without_the_right_to(self):
        order = self._create_order(user_id=self.salesman.id)
        wizard = self._compare(order)
        other = wizard.line_ids.filtered(lambda line: line.service == "express12")
        self.assertFalse(other.with_user(self.salesman).sudo(False).can_choose)
        with self.assertRaises(AccessError):
            other.with_user(self.salesman).action_choose()

    # === SLOW CARRIERS === #

    def test_a_slow_carrier_is_named_and_asked_again_alone(self):
        self.patch(shipment_rate_compare, "BUDGET", 0.3)
        slow = self.account.copy({"name": "Slow"})
        slow.credentials = {"api_key": "slow"}
        late = self._create_method("standard", shipment_account_id=slow.id)
        gate, calls = Event(), []
        rate = SandboxAdapter.rate

        def slowly(adapter, request):
            key = adapter.credentials.api_key.get_secret_value()
            calls.append(key)
            if key == "slow":
                gate.wait(10)
            return rate(adapter, request)

        self.patch(SandboxAdapter, "rate", slowly)
        self.addCleanup(gate.set)
        wizard = self._compare(self._create_order())
        line = self._line(wizard, late)
        self.assertTrue(line.is_late)
        self.assertIn("has not answered within", line.message)
        self.assertIn(slow.carrier_id.name, line.message)
        self.assertTrue(self._line(wizard, self.method).is_available)
        gate.set()
        calls.clear()
        action = line.action_refresh()
        self.assertEqual(action["res_id"], wizard.id)
        self.assertEqual(calls, ["slow"])
        self.assertTrue(self._line(wizard, late).is_available)
        self.assertFalse(any(wizard.line_ids.mapped("is_late")))
        self.assertEqual(len(wizard.line_ids.filtered("is_cheapest")), 1)

    # === WHAT IS KEPT === #

    def test_the_choice_and_the_alternatives_are_kept(self):
        order = self._create_order(user_id=self.salesman.id)
        wizard = self._compare(order.with_user(self.salesman))
        self._line(wizard, self.express).with_user(self.salesman).action_choose()
        choice = order.shipment_choice_ids
        self.assertEqual(choice.user_id, self.salesman)
        self.assertEqual(choice.chosen_name, self.express.name)
        self.assertEqual(choice.cheapest_name, self.economy.name)
        costs = {o.delivery_carrier_id: o.cost for o in choice.offer_ids}
        self.assertAlmostEqual(
            choice.extra_cost, costs[self.express] - costs[self.economy], 2
        )
        self.assertGreater(choice.extra_cost, 0)
        self.assertEqual(len(choice.offer_ids), 3)
        action = order.with_user(self.salesman).action_view_shipment_offers()
        self.assertEqual(action["res_id"], choice.id)

    def test_a_kept_choice_cannot_be_changed(self):
        order = self._create_order()
        self._line(self._compare(order), self.express).action_choose()
        with self.assertRaises(AccessError):
            order.shipment_choice_ids.with_user(self.salesman).user_id = self.salesman
        with self.assertRaises(AccessError):
            order.shipment_choice_ids.offer_ids.with_user(self.packer)[0].price = 1

    def test_the_delivery_shows_how_its_order_chose(self):
        order = self._create_order()
        self._line(self._compare(order), self.express).action_choose()
        order.action_confirm()
        picking = order.picking_ids.with_user(self.packer)
        self.assertTrue(picking.shipment_has_offers)
        self.assertEqual(
            picking.action_view_shipment_offers()["res_id"],
            order.shipment_choice_ids.id,
        )

    def test_a_quote_is_forgotten_with_its_method(self):
        order = self._create_order()
        self._line(self._compare(order), self.express).action_choose()
        self.assertTrue(order.shipment_quote)
        order.set_delivery_line(self.method, 5.0)
        self.assertFalse(order.shipment_quote)
        picking = self._create_picking()
        self._line(self._compare(picking), self.express).action_choose()
        self.assertTrue(picking.shipment_quote)
        picking.carrier_id = self.economy
        self.assertFalse(picking.shipment_quote)
