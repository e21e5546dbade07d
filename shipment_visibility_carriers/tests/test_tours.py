from odoo.tests import HttpCase, tagged

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestTours(HttpCase, CarriersCommon):
    def test_the_warehouse_validates_prints_and_voids(self):
        picking = self._create_picking()
        self.start_tour(
            f"/odoo/deliveries/{picking.id}",
            "shipment_visibility_carriers_warehouse",
            login=self.packer.login,
        )
        picking.invalidate_recordset()
        self.assertEqual(picking.state, "done")
        self.assertFalse(picking.carrier_tracking_ref)
        self.assertEqual(picking.shipment_ids.headline, "cancelled")
        self.assertEqual(self._booking(picking).mapped("state"), ["voided"])

    def test_an_administrator_connects_a_carrier(self):
        self.start_tour(
            "/odoo/action-stock.action_stock_config_settings",
            "shipment_visibility_carriers_connect",
            login="admin",
        )
        account = self.env["shipment.carrier.account"].search(
            [("name", "=", "My sandbox")]
        )
        self.assertEqual(account.environment, "test")
