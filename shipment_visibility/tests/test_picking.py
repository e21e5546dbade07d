from odoo.exceptions import UserError
from odoo.tests import Form, new_test_user, tagged

from ..canonical.milestone import Code
from .common import ShipmentCase


@tagged("post_install", "-at_install")
class TestPicking(ShipmentCase):
    def test_a_fixed_price_delivery_has_a_shipment_too(self):
        order = self.make_order()
        shipment = self.validate(order.picking_ids)
        self.assertEqual(len(shipment), 1)
        self.assertEqual(shipment.delivery_carrier_id, self.method)
        self.assertEqual(shipment.partner_id, self.customer)
        self.assertEqual(shipment.order_ids, order)
        self.assertEqual(order.shipment_ids, shipment)
        self.assertEqual(shipment.package_ids.weight_kg, 3.0)
        self.assertIn("Lamp", shipment.package_ids.contents)

    def test_no_shipment_without_a_delivery_method(self):
        order = self.make_order()
        order.picking_ids.carrier_id = False
        self.assertFalse(self.validate(order.picking_ids))

    def test_a_number_typed_later_belongs_to_the_same_shipment(self):
        picking = self.make_order().picking_ids
        shipment = self.validate(picking)
        picking.carrier_tracking_ref = " 00-11 , 00-12 "
        self.assertEqual(picking.shipment_ids, shipment)
        self.assertEqual(
            shipment.package_ids.mapped("number_normalised"), ["0011", "0012"]
        )
        self.assertEqual(shipment.headline, "info_received")

    def test_a_number_contained_in_another_is_another(self):
        picking = self.make_order().picking_ids
        self.validate(picking)
        picking.carrier_tracking_ref = "12345"
        picking.carrier_tracking_ref = "12345,123"
        self.assertEqual(
            picking.shipment_ids.package_ids.mapped("tracking_number"), ["12345", "123"]
        )

    def test_writing_the_same_number_again_is_nothing_new(self):
        picking = self.make_order().picking_ids
        self.validate(picking)
        picking.carrier_tracking_ref = "N1"
        picking.carrier_tracking_ref = "n-1"
        self.assertEqual(len(picking.shipment_ids.package_ids), 1)

    def test_only_what_leaves_the_warehouse_is_a_shipment(self):
        self.warehouse.delivery_steps = "pick_ship"
        order = self.make_order()
        pick = order.picking_ids.filtered(lambda p: p.picking_type_code == "internal")
        pick.action_assign()
        self.validate(pick)
        ship = order.picking_ids - pick
        ship.action_assign()
        self.validate(ship)
        (pick | ship).carrier_tracking_ref = "CHAIN1"
        self.assertFalse(pick.shipment_ids)
        self.assertEqual(len(ship.shipment_ids), 1)

    def test_a_backorder_has_a_shipment_of_its_own(self):
        order = self.make_order(quantity=5)
        picking = order.picking_ids
        picking.move_ids.write({"quantity": 2, "picked": True})
        wizard = Form.from_action(self.env, picking.button_validate()).save()
        wizard.process()
        backorder = order.picking_ids - picking
        self.assertEqual(len(picking.shipment_ids), 1)
        self.validate(backorder)
        self.assertEqual(len(backorder.shipment_ids), 1)
        self.assertNotEqual(backorder.shipment_ids, picking.shipment_ids)

    def test_one_parcel_a_package(self):
        picking = self.make_order(quantity=4).picking_ids
        line = picking.move_line_ids
        line.quantity = 3
        line.copy({"quantity": 1, "picking_id": picking.id})
        for each in picking.move_line_ids:
            each.result_package_id = self.env["stock.package"].create({})
        shipment = self.validate(picking)
        self.assertEqual(sorted(shipment.package_ids.mapped("weight_kg")), [1.5, 4.5])

    def test_the_delivery_shows_where_it_is(self):
        picking = self.make_order().picking_ids
        self.validate(picking)
        picking.carrier_tracking_ref = "W1"
        self.ingest(self.event("W1", Code.OUT_FOR_DELIVERY))
        self.assertEqual(picking.shipment_headline, "out_for_delivery")
        self.assertIn(
            "out_for_delivery",
            [entry["code"] for entry in picking.shipment_timelines[0]["entries"]],
        )
        self.assertIn(
            picking,
            self.env["stock.picking"].search(
                [("shipment_headline", "=", "out_for_delivery")]
            ),
        )

    def test_a_cancelled_label_frees_its_number(self):
        shipment = self.make_shipment("V1")
        shipment._cancel("Voided")
        self.assertEqual(shipment.headline, "cancelled")
        again = self.make_shipment("V1")
        self.ingest(self.event("V1", Code.DELIVERED))
        self.assertEqual(again.headline, "delivered")
        self.assertEqual(shipment.headline, "cancelled")

    def test_a_shipment_is_found_by_a_part_of_any_number(self):
        shipment = self.make_shipment("1Z 888-777", "1Z 888-778")
        Shipment = self.env["shipment.shipment"]
        self.assertEqual(
            Shipment.search([("tracking_numbers", "ilike", "88 8777")]), shipment
        )
        # A few characters are looked for in another way.
        self.assertIn(shipment, Shipment.search([("tracking_numbers", "ilike", "8-7")]))
        self.assertFalse(Shipment.search([("tracking_numbers", "=", "1Z888")]))

    def test_deliveries_of_one_address_leave_as_one_shipment(self):
        packer = new_test_user(self.env, "merger", groups="stock.group_stock_user")
        orders = self.make_order() | self.make_order()
        shipments = self.validate(orders.picking_ids)
        self.assertEqual(len(shipments), 2)
        shipments.with_user(packer).action_merge()
        shipment = shipments.exists()
        self.assertEqual(shipment.picking_ids, orders.picking_ids)
        self.assertEqual(shipment.package_ids.mapped("sequence"), [1, 2])
        orders.picking_ids[1].carrier_tracking_ref = "ONE-1, ONE-2"
        self.ingest(*(self.event(n, Code.DELIVERED) for n in ("ONE-1", "ONE-2")))
        self.assertEqual(
            orders.picking_ids.mapped("shipment_headline"), ["delivered"] * 2
        )

    def test_what_differs_or_has_left_does_not_become_one(self):
        first, second = self.make_order(), self.make_order()
        shipments = self.validate(first.picking_ids | second.picking_ids)
        shipments[0].service = "express"
        first.picking_ids.carrier_tracking_ref = "TWO-1"
        with self.assertRaises(UserError):
            shipments.action_merge()
        stranger = self.make_shipment(partner_id=self.env.user.partner_id.id)
        with self.assertRaises(UserError):
            (shipments[1] | stranger).action_merge()
        with self.assertRaises(UserError):
            shipments[1].action_merge()
