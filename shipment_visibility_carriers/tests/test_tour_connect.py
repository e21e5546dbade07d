from odoo.tests import HttpCase, tagged

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestTourConnect(HttpCase, CarriersCommon):
    def test_an_administrator_is_led_from_a_key_to_delivery_methods(self):
        self.start_tour(
            "/odoo/action-stock.action_stock_config_settings",
            "shipment_visibility_carriers_assistant",
            login="admin",
        )
        account = self.env["shipment.carrier.account"].search(
            [("name", "=", "My sandbox")]
        )
        self.assertEqual(account.test_outcome, "connected")
        self.assertEqual(account.credentials, {"api_key": "another-key"})
        services = account.delivery_carrier_ids.mapped("shipment_service")
        self.assertIn("express", services)
        self.assertNotIn("economy", services)
