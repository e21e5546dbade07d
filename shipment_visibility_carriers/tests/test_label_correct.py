from odoo.exceptions import UserError
from odoo.tests import Form, tagged

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestLabelCorrect(CarriersCommon):
    """Another label for what has left already."""

    def _open(self, picking):
        action = picking.with_user(self.packer).action_correct_label()
        return (
            self.env[action["res_model"]]
            .with_user(self.packer)
            .browse(action["res_id"])
        )

    def test_a_wrong_weight_is_corrected_in_one_go(self):
        voids = self._count("void")
        picking = self._create_picking()
        picking.button_validate()
        before = picking.shipment_ids
        wizard = self._open(picking)
        with Form(wizard) as form, form.line_ids.edit(0) as line:
            line.weight = 25.0
        wizard.action_correct()
        after = picking.shipment_ids - before
        self.assertEqual(len(voids), 1)
        self.assertEqual(before.headline, "cancelled")
        self.assertEqual(after.package_ids.weight_kg, 25.0)
        self.assertEqual(picking.carrier_tracking_ref, after.tracking_numbers)
        said = picking.message_ids.filtered(lambda m: "Label corrected" in m.body)
        self.assertIn(after.tracking_numbers, said.body)
        self.assertGreater(
            after._get_freight_cost("booked"), before._get_freight_cost("booked")
        )

    def test_the_box_of_a_package_is_corrected(self):
        box = self.env["stock.package.type"].create(
            {
                "name": "Big box",
                "package_carrier_type": "shipment_visibility",
                "packaging_length": 900,
                "width": 600,
                "height": 500,
            }
        )
        picking = self._create_picking(packages=1)
        picking.button_validate()
        wizard = self._open(picking)
        with Form(wizard) as form, form.line_ids.edit(0) as line:
            line.package_type_id = box
            line.weight = 9.0
        wizard.action_correct()
        package = picking.shipment_ids.filtered(
            lambda s: s.headline != "cancelled"
        ).package_ids
        self.assertEqual(package.weight_kg, 9.0)
        self.assertEqual(package.length_cm, 90.0)
        self.assertEqual(package.stock_package_id.package_type_id, box)

    def test_the_difference_is_shown_before_anything_is_changed(self):
        self.packer.group_ids += self.env.ref(
            "shipment_visibility.shipment_group_amounts"
        )
        calls = self._count()
        picking = self._create_picking()
        picking.button_validate()
        wizard = self._open(picking)
        with Form(wizard) as form, form.line_ids.edit(0) as line:
            line.weight = 25.0
        wizard.action_price()
        self.assertTrue(wizard.is_priced)
        self.assertGreater(wizard.cost_difference, 0)
        self.assertEqual(len(calls), 1)
        self.assertFalse(picking.shipment_loose_weight)

    def test_a_carrier_that_does_not_cancel_leaves_all_as_it_is(self):
        picking = self._create_picking(partner=self._spoil("SANDBOX-VOID-REFUSE"))
        picking.button_validate()
        number = picking.carrier_tracking_ref
        wizard = self._open(picking)
        with Form(wizard) as form, form.line_ids.edit(0) as line:
            line.weight = 25.0
        with self.assertRaises(UserError):
            wizard.action_correct()
        self.assertEqual(picking.carrier_tracking_ref, number)
        self.assertNotEqual(picking.shipment_ids.headline, "cancelled")

    def test_correcting_nothing_buys_nothing(self):
        calls = self._count()
        picking = self._create_picking()
        picking.button_validate()
        with self.assertRaisesRegex(UserError, "Nothing has changed"):
            self._open(picking).action_correct()
        self.assertEqual(len(calls), 1)


@tagged("post_install", "-at_install")
class TestShipTogether(CarriersCommon):
    """Several deliveries for one address, one shipment."""

    def test_two_deliveries_are_one_shipment_paid_once(self):
        calls = self._count()
        pickings = self._create_picking() | self._create_picking()
        pickings.with_user(self.packer).action_ship_together()
        self.assertEqual(set(pickings.mapped("state")), {"done"})
        self.assertEqual(len(calls), 1)
        shipment = pickings.shipment_ids
        self.assertEqual(len(shipment), 1)
        self.assertEqual(shipment.picking_ids, pickings)
        self.assertEqual(len(shipment.package_ids), 2)
        self.assertEqual(len(set(pickings.mapped("carrier_tracking_ref"))), 1)
        prices = sorted(pickings.mapped("carrier_price"))
        self.assertEqual(prices[0], 0)
        self.assertGreater(prices[1], 0)

    def test_done_deliveries_can_be_shipped_together_too(self):
        self.warehouse.out_type_id.print_label = False
        pickings = self._create_picking() | self._create_picking()
        pickings.button_validate()
        self.warehouse.out_type_id.print_label = True
        calls = self._count()
        pickings.action_ship_together()
        self.assertEqual(len(calls), 1)
        self.assertEqual(pickings.shipment_ids.picking_ids, pickings)

    def test_cancelling_one_frees_both(self):
        pickings = self._create_picking() | self._create_picking()
        pickings.action_ship_together()
        pickings[0].cancel_shipment()
        self.assertFalse(any(pickings.mapped("carrier_tracking_ref")))
        self.assertEqual(pickings.shipment_ids.headline, "cancelled")

    def test_one_of_them_is_not_booked_alone_beside_the_others(self):
        pickings = self._create_picking() | self._create_picking()
        pickings.action_ship_together()
        desk = self.env["shipment.booking.desk"]
        wish = self.method._prepare_shipment_wish(pickings[0])
        with self._raises("Cancel that one first"):
            desk._obtain(wish)

    def test_different_addresses_do_not_go_together(self):
        pickings = self._create_picking() | self._create_picking(
            partner=self.customer.copy({"street": "1 rue Neuve"})
        )
        with self.assertRaisesRegex(UserError, "different addresses"):
            pickings.action_ship_together()
