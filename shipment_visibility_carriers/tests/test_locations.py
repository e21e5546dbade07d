import json

from odoo.exceptions import AccessError
from odoo.tests import tagged

from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestLocations(CarriersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.method.shipment_use_drop_off_points = True

    def _order_by(self, method, **values):
        order = self._create_order(user_id=self.salesman.id, **values)
        order.set_delivery_line(method, 5.0)
        return order.with_user(self.salesman)

    def _locations(self, order, **near):
        return order._get_pickup_locations(**near)

    def test_odoos_selector_shows_the_carriers_points(self):
        order = self._order_by(self.method)
        found = self._locations(order)["pickup_locations"]
        self.assertEqual(
            [point["id"] for point in found],
            [f"pt_FR69002_{position}" for position in (1, 2, 3)],
        )
        shop = found[1]
        self.assertEqual(shop["name"], "Corner Shop")
        self.assertEqual(
            (shop["street"], shop["zip_code"], shop["city"], shop["country_code"]),
            ("Market Street 12", "69002", "Lyon", "FR"),
        )
        self.assertEqual(list(shop["opening_hours"]), list("0123456"))
        self.assertEqual(
            shop["opening_hours"]["0"],
            ["09:00-12:30", "14:00-18:30"],
            "0 is Odoo's Monday",
        )
        self.assertEqual(shop["opening_hours"]["6"], [], "closed on Sunday")
        # The selector's component takes texts only.
        self.assertIsInstance(shop["latitude"], str)
        self.assertEqual(json.loads(json.dumps(found)), found)

    def test_another_postal_code_has_other_points(self):
        order = self._order_by(self.method)
        france = self.env.ref("base.fr")
        found = self._locations(order, zip_code="75004", country=france)
        self.assertEqual(found["pickup_locations"][0]["id"], "pt_FR75004_1")
        self.assertEqual(found["pickup_locations"][0]["city"], "Paris")

    def test_points_follow_the_method_and_the_accounts_adapter(self):
        self.assertTrue(self.method.shipment_visibility_use_locations)
        plain = self._create_method("express")
        self.assertFalse(plain.shipment_visibility_use_locations)
        self.assertTrue(plain.shipment_offers_drop_off_points)
        self.patch(SandboxAdapter, "features", frozenset())
        self.env.invalidate_all()
        self.assertFalse(self.method.shipment_visibility_use_locations)
        self.assertFalse(plain.shipment_offers_drop_off_points)

    def test_trouble_at_the_carrier_is_told_in_its_words(self):
        self.account.credentials = {"api_key": "SANDBOX-POINTS-REFUSE"}
        order = self._order_by(self.method)
        self.assertIn("do not deliver", self._locations(order)["error"])

    def test_an_address_without_country_says_what_to_do(self):
        partner = self.customer.copy({"country_id": False})
        order = self._order_by(self.method, partner=partner)
        self.assertIn("Choose the country", self._locations(order)["error"])

    def test_a_salesman_chooses_a_point_and_the_order_goes_there(self):
        order = self._order_by(self.method)
        action = order.action_choose_drop_off_point()
        choice = self.env[action["res_model"]].with_user(self.salesman)
        choice = choice.browse(action["res_id"])
        self.assertEqual(len(choice.line_ids), 3)
        locker, shop, _centre = choice.line_ids
        self.assertIn("Monday – Sunday: 00:00-24:00", locker.hours)
        self.assertIn("Saturday: 09:00-13:00", shop.hours)
        shop.action_choose()
        self.assertEqual(order.pickup_location_data["id"], "pt_FR69002_2")
        self.assertEqual(
            order.shipment_drop_off_point, "Corner Shop, Market Street 12, 69002, Lyon"
        )
        # Odoo makes an address of it, which takes this right.
        self.salesman.group_ids += self.env.ref("base.group_partner_manager")
        order.action_confirm()
        self.assertEqual(order.partner_shipping_id.street, "Market Street 12")
        self.assertTrue(order.partner_shipping_id.is_pickup_location)

    def test_a_salesman_looks_elsewhere(self):
        order = self._order_by(self.method)
        action = order.action_choose_drop_off_point()
        choice = self.env[action["res_model"]].browse(action["res_id"])
        choice.zip = "75004"
        choice.action_search()
        self.assertIn("75004 Paris", choice.line_ids[0].address)
        choice.zip = "none"
        self.account.credentials = {"api_key": "SANDBOX-POINTS-DOWN"}
        choice.action_search()
        self.assertTrue(choice.error)
        self.assertFalse(choice.line_ids)

    def test_another_method_forgets_the_point(self):
        order = self._order_by(self.method)
        point = self._locations(order)["pickup_locations"][0]
        order._set_pickup_location(json.dumps(point))
        order.set_delivery_line(self.method, 6.0)
        self.assertTrue(order.pickup_location_data, "the same method, another price")
        order.set_delivery_line(self._create_method("express"), 7.0)
        self.assertFalse(order.pickup_location_data)

    def test_the_choice_of_others_is_theirs(self):
        order = self._order_by(self.method)
        action = order.action_choose_drop_off_point()
        choice = self.env[action["res_model"]].browse(action["res_id"])
        stranger = self.salesman.copy({"login": "carriers_sales_2"})
        with self.assertRaises(AccessError):
            choice.with_user(stranger).read(["zip"])
