from odoo.exceptions import AccessError
from odoo.tests import tagged

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestWarehouseUser(CarriersCommon):
    """A user with no other right than Inventory / User does the whole job."""

    def test_validate_print_cancel_and_send_again(self):
        picking = self._create_picking({self.lamp: 1, self.blanket: 2}, packages=2)
        mine = picking.with_user(self.packer)
        self.assertIn(self.method, mine.allowed_carrier_ids, "the form can be opened")
        mine.button_validate()
        self.assertEqual(mine.state, "done")
        self.assertEqual(len(mine.shipment_ids.package_ids), 2)
        self.assertIn("/shipment/labels/", mine.action_print_shipment_labels()["url"])
        self.assertTrue(mine.carrier_tracking_url)
        mine.cancel_shipment()
        self.assertFalse(mine.carrier_tracking_ref)
        mine.send_to_shipper()
        self.assertTrue(mine.carrier_tracking_ref)
        self.assertEqual(
            self._booking(picking)[0].user_name, self.packer.name, "who booked is known"
        )

    def test_cancel_on_the_shipment(self):
        picking = self._create_picking()
        picking.with_user(self.packer).button_validate()
        shipment = picking.shipment_ids.with_user(self.packer)
        self.assertTrue(shipment.is_voidable)
        shipment.action_void()
        self.assertEqual(shipment.headline, "cancelled")

    def test_send_by_button_with_real_cost(self):
        self.method.invoice_policy = "real"
        picking = self._create_picking()
        picking.picking_type_id.print_label = False
        mine = picking.with_user(self.packer)
        mine.button_validate()
        self.assertFalse(mine.carrier_tracking_ref)
        mine.send_to_shipper()
        self.assertTrue(mine.carrier_tracking_ref)

    def test_return_label(self):
        self.method.return_label_on_delivery = True
        mine = self._create_picking().with_user(self.packer)
        mine.button_validate()
        self.assertEqual(len(mine.return_label_ids), 1)

    def test_bookings_can_be_looked_at(self):
        picking = self._create_picking()
        picking.with_user(self.packer).button_validate()
        booking = self._booking(picking).with_user(self.packer)
        self.assertEqual(booking.state, "booked")
        with self.assertRaises(AccessError):
            booking.read(["answer"])
        with self.assertRaises(AccessError):
            booking.write({"state": "voided"})

    def test_a_salesman_does_not_cancel_labels(self):
        picking = self._create_picking()
        picking.button_validate()
        with self.assertRaises(AccessError):
            picking.shipment_ids.with_user(self.salesman).action_void()
