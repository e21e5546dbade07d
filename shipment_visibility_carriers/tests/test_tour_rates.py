from odoo.tests import HttpCase, tagged

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestRatesTours(HttpCase, CarriersCommon):
    def test_a_salesperson_compares_and_chooses(self):
        self.env["delivery.carrier"].search(
            [("id", "!=", self.method.id)]
        ).active = False
        express = self._create_method("express")
        order = self._create_order(user_id=self.salesman.id)
        self.start_tour(
            f"/odoo/sales/{order.id}",
            "shipment_visibility_carriers_compare",
            login=self.salesman.login,
        )
        order.invalidate_recordset()
        self.assertEqual(order.carrier_id, express)
        self.assertEqual(order.shipment_choice_ids.user_id, self.salesman)
