from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestRights(CarriersCommon):
    """Who may not cancel or buy a label does not do it by another way either."""

    def _ship(self):
        picking = self._create_picking()
        picking.button_validate()
        self.assertTrue(picking.carrier_tracking_ref)
        return picking

    def test_a_salesman_does_not_cancel_by_the_delivery(self):
        picking = self._ship()
        number = picking.carrier_tracking_ref
        voids = self._count("void")
        mine = picking.with_user(self.salesman)
        self.assertTrue(mine.has_access("write"), "it is not for want of this right")
        with self.assertRaises(AccessError):
            mine.cancel_shipment()
        self.assertFalse(voids)
        self.assertEqual(picking.carrier_tracking_ref, number)

    def test_what_the_system_cancels_is_cancelled_whoever_it_serves(self):
        picking = self._ship()
        picking.with_user(self.salesman).sudo().cancel_shipment()
        self.assertEqual(picking.shipment_ids.headline, "cancelled")

    def test_a_number_typed_on_another_transfer_cancels_nothing(self):
        picking = self._ship()
        self.warehouse.delivery_steps = "pick_ship"
        order = self._create_order()
        order.set_delivery_line(self.method, 10.0)
        order.action_confirm()
        other = order.picking_ids[:1]
        self.assertEqual(other.picking_type_code, "internal")
        other.carrier_id = self.method
        voids = self._count("void")
        other.carrier_tracking_ref = picking.carrier_tracking_ref
        self.assertFalse(other._get_booked_shipments())
        other.with_user(self.packer).cancel_shipment()
        self.assertFalse(voids)
        self.assertNotEqual(picking.shipment_ids.headline, "cancelled")
        self.assertTrue(picking.carrier_tracking_ref)

    def test_who_only_sees_a_delivery_buys_no_return_label(self):
        picking = self._ship()
        rule = self.env["ir.rule"].create(
            {
                "name": "Only to be looked at",
                "model_id": self.env["ir.model"]._get_id("stock.picking"),
                "domain_force": [("id", "!=", picking.id)],
                "perm_read": False,
            }
        )
        calls = self._count("return_label")
        mine = picking.with_user(self.packer)
        self.assertTrue(mine.has_access("read"))
        with self.assertRaises(AccessError):
            mine.print_return_label()
        self.assertFalse(calls)
        rule.active = False
        mine.print_return_label()
        self.assertEqual(len(calls), 1)
