import json
from unittest.mock import patch

from odoo.tests import tagged

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility_carriers.adapters import base
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestLabels(CarriersCommon):
    def test_one_label_and_number_a_parcel(self):
        picking = self._create_picking({self.lamp: 1, self.blanket: 2}, packages=2)
        picking.button_validate()
        shipment = picking.shipment_ids
        packages = shipment.package_ids
        numbers = packages.mapped("tracking_number")
        self.assertEqual(len(set(numbers)), 2)
        self.assertEqual(picking.carrier_tracking_ref, ",".join(numbers))
        self.assertEqual(
            packages.stock_package_id, picking.move_line_ids.result_package_id
        )
        self.assertEqual(len(packages.label_id), 2)
        self.assertEqual(packages.label_id.mapped("res_model")[0], "shipment.shipment")
        for package in packages:
            self.assertTrue(package.label_id.raw.startswith(b"%PDF"))
        self.assertEqual(packages.mapped("weight_kg"), [1.4, 2.2])

    def test_partly_packed(self):
        picking = self._create_picking({self.lamp: 1, self.blanket: 2}, packages=1)
        picking.button_validate()
        packages = picking.shipment_ids.package_ids
        self.assertEqual(packages.mapped("weight_kg"), [1.4, 2.2])
        self.assertEqual(
            [bool(package.stock_package_id) for package in packages], [True, False]
        )

    def test_labels_stand_in_the_chatter_under_odoos_names(self):
        picking = self._create_picking()
        picking.button_validate()
        names = picking.message_ids.attachment_ids.mapped("name")
        number = picking.carrier_tracking_ref
        self.assertIn(f"LabelShipping-shipment_visibility-{number}.pdf", names)

    def test_zpl(self):
        self.method.shipment_label_format = "ZPL"
        picking = self._create_picking()
        picking.button_validate()
        label = picking.shipment_ids.package_ids.label_id
        self.assertIn(b"^XA", label.raw)

    def test_charges_are_as_the_carrier_said(self):
        picking = self._create_picking()
        picking.button_validate()
        charges = picking.shipment_ids.charge_ids
        self.assertEqual(set(charges.mapped("kind")), {"booked"})
        self.assertEqual(set(charges.currency_id.mapped("name")), {"EUR"})
        self.assertIn("freight", charges.mapped("family"))
        self.assertEqual(picking.shipment_ids.service, "standard")
        self.assertTrue(picking.shipment_ids.promised_at)

    # === CANCELLING === #

    def test_cancel_voids_once_whatever_odoo_calls(self):
        pickings = self._create_picking() | self._create_picking()
        pickings.button_validate()
        voids = self._count("void")
        pickings.cancel_shipment()
        self.assertEqual(len(voids), 2)
        self.assertEqual(set(pickings.shipment_ids.mapped("headline")), {"cancelled"})
        self.assertEqual(pickings.mapped("carrier_tracking_ref"), [False, False])
        for picking in pickings:
            self.assertEqual(self._booking(picking).state, "voided")
            self.assertNotIn("False", picking.message_ids[0].body)

    def test_a_cancelled_delivery_is_booked_anew(self):
        picking = self._create_picking()
        picking.button_validate()
        first = picking.carrier_tracking_ref
        picking.cancel_shipment()
        picking.send_to_shipper()
        self.assertTrue(picking.carrier_tracking_ref)
        self.assertNotEqual(picking.carrier_tracking_ref, first)
        self.assertEqual(len(picking.shipment_ids), 2)

    def test_a_carrier_that_does_not_cancel_says_why(self):
        picking = self._create_picking(partner=self._spoil("SANDBOX-VOID-REFUSE"))
        picking.button_validate()
        with self._raises("was not cancelled"):
            picking.cancel_shipment()
        self.assertEqual(self._booking(picking).state, "booked")
        self.assertTrue(picking.carrier_tracking_ref)

    def test_what_was_delivered_is_not_cancelled(self):
        picking = self._create_picking()
        picking.button_validate()
        picking.shipment_ids._record_own(Code.DELIVERED, "Handed over")
        voids = self._count("void")
        with self._raises("cannot be cancelled any more"):
            picking.cancel_shipment()
        self.assertFalse(voids)

    def test_the_shipment_can_be_cancelled_too(self):
        picking = self._create_picking()
        picking.button_validate()
        picking.shipment_ids.action_void()
        self.assertEqual(picking.shipment_ids.headline, "cancelled")
        self.assertFalse(picking.carrier_tracking_ref)
        self.assertFalse(picking.shipment_ids.is_voidable)

    def test_a_label_that_was_not_booked_here_is_not_cancelled_here(self):
        picking = self._create_picking()
        picking.carrier_tracking_ref = "BY-HAND-7"
        picking.button_validate()
        with self._raises("was not booked from here"):
            picking.cancel_shipment()
        self.assertEqual(picking.carrier_tracking_ref, "BY-HAND-7")

    def test_cancelling_on_a_transfer_of_the_chain(self):
        self.warehouse.delivery_steps = "pick_ship"
        picking = self._create_picking_chain()
        picking.cancel_shipment()
        self.assertFalse(
            any(
                (picking._get_transfer_chain() - picking).mapped("carrier_tracking_ref")
            )
        )

    # === TRACKING === #

    def test_one_parcel_has_one_link(self):
        picking = self._create_picking()
        picking.button_validate()
        self.assertIn(picking.carrier_tracking_ref, picking.carrier_tracking_url)
        self.assertTrue(picking.carrier_tracking_url.startswith("https://"))

    def test_several_parcels_have_a_list_of_links(self):
        picking = self._create_picking({self.lamp: 1, self.blanket: 2}, packages=2)
        picking.button_validate()
        links = json.loads(picking.carrier_tracking_url)
        self.assertEqual(
            [number for number, _url in links], picking.carrier_tracking_ref.split(",")
        )

    # === RETURNS === #

    def test_return_label_of_a_return(self):
        picking = self._create_picking()
        picking.button_validate()
        back = self._create_return(picking)
        back.print_return_label()
        shipment = back.shipment_ids
        self.assertEqual(shipment.direction, "return")
        self.assertEqual(shipment.outbound_id, picking.shipment_ids)
        self.assertEqual(len(back.return_label_ids), 1)
        self.assertTrue(back.return_label_ids.name.startswith("LabelReturn-"))
        calls = self._count("return_label")
        back.print_return_label()
        self.assertFalse(calls, "a second press buys nothing")
        self.assertEqual(len(back.shipment_ids), 1)

    def test_return_label_goes_the_other_way(self):
        calls = self._count("return_label")
        picking = self._create_picking()
        picking.button_validate()
        self._create_return(picking).print_return_label()
        request = calls[0][0]
        self.assertTrue(request.is_return)
        self.assertEqual(request.shipper.name, self.customer.name)
        self.assertEqual(request.consignee.name, self.company.partner_id.name)

    def test_return_label_along_with_the_delivery(self):
        self.method.return_label_on_delivery = True
        picking = self._create_picking()
        picking.button_validate()
        self.assertEqual(
            sorted(picking.shipment_ids.mapped("direction")), ["outbound", "return"]
        )
        self.assertEqual(len(picking.return_label_ids), 1)
        self.assertEqual(len(picking.carrier_tracking_ref.split(",")), 1)

    def test_a_missing_return_label_does_not_undo_the_delivery(self):
        self.method.return_label_on_delivery = True
        refusal = base.Refused("No returns today")
        with patch.object(SandboxAdapter, "return_label", side_effect=refusal):
            picking = self._create_picking()
            picking.button_validate()
        self.assertEqual(picking.state, "done")
        self.assertIn("No returns today", "".join(picking.message_ids.mapped("body")))

    # === HELPERS === #

    def _create_return(self, picking):
        wizard = (
            self.env["stock.return.picking"]
            .with_context(active_id=picking.id, active_model="stock.picking")
            .create({})
        )
        wizard.product_return_moves.quantity = 1
        back = self.env["stock.picking"].browse(
            wizard.action_create_returns()["res_id"]
        )
        back.carrier_id = self.method
        return back

    def _create_picking_chain(self):
        order = self._create_order()
        order.set_delivery_line(self.method, 10.0)
        order.action_confirm()
        for _step in range(2):
            picking = order.picking_ids.filtered(lambda p: p.state != "done")[:1]
            picking.action_assign()
            picking.move_ids.picked = True
            picking.button_validate()
        out = order.picking_ids.filtered(lambda p: p.picking_type_code == "outgoing")
        self.assertTrue(out.carrier_tracking_ref)
        pick = order.picking_ids - out
        self.assertEqual(pick.carrier_tracking_ref, out.carrier_tracking_ref)
        self.assertFalse(pick.shipment_ids)
        self.assertEqual(pick._get_booked_shipments(), out.shipment_ids)
        return out
