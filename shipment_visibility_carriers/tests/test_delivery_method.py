from odoo.tests import Form, tagged

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestDeliveryMethod(CarriersCommon):
    def test_returns_and_insurance_follow_the_adapter(self):
        self.assertTrue(self.method.can_generate_return)
        self.assertTrue(self.method.supports_shipping_insurance)
        fixed = self.env["delivery.carrier"].create(
            {
                "name": "Own van",
                "delivery_type": "fixed",
                "product_id": self.delivery_product.id,
            }
        )
        self.assertFalse(fixed.can_generate_return)
        self.assertFalse(fixed.supports_shipping_insurance)

    def test_form(self):
        with Form(self.env["delivery.carrier"]) as form:
            form.name = "Sandbox"
            form.delivery_type = "shipment_visibility"
            form.product_id = self.delivery_product
            form.shipment_account_id = self.account
            self.assertTrue(form.shipment_service, "the first service is proposed")
            form.shipment_service = "express"

    def test_the_carrier_is_the_accounts(self):
        self.assertEqual(self.method._get_shipment_carrier(), self.account.carrier_id)

    def test_package_types_carry_their_carrier(self):
        with Form(self.env["stock.package.type"]) as form:
            form.name = "Box"
            form.package_carrier_type = "shipment_visibility"
            self.assertEqual(form.shipper_package_code, "CUSTOM")

    def test_uninstalling_archives_methods(self):
        field = self.env["ir.model.fields"]._get("delivery.carrier", "delivery_type")
        selection = field.selection_ids.filtered(
            lambda s: s.value == "shipment_visibility"
        )
        selection.with_context(_force_unlink=True).unlink()
        self.assertEqual(self.method.delivery_type, "fixed")
        self.assertFalse(self.method.active)

    def test_live_labels_are_listed_before_uninstalling(self):
        picking = self._create_picking()
        picking.button_validate()
        wizard = self.env["base.module.uninstall"].create(
            {
                "module_ids": self.env["ir.module.module"]
                .search([("name", "=", "shipment_visibility_carriers")])
                .ids
            }
        )
        self.assertIn(picking.carrier_tracking_ref, wizard.shipment_live_labels)
        picking.cancel_shipment()
        wizard.invalidate_recordset()
        self.assertNotIn(picking.name, wizard.shipment_live_labels or "")

    def test_a_method_with_another_type_is_untouched(self):
        """What we book has a shipment when it is booked; what we do not, as ever."""
        fixed = self.env["delivery.carrier"].create(
            {
                "name": "Own van",
                "delivery_type": "fixed",
                "product_id": self.delivery_product.id,
            }
        )
        picking = self._create_picking(method=fixed)
        picking.button_validate()
        self.assertEqual(len(picking.shipment_ids), 1)
        self.assertFalse(picking.shipment_ids.booking_key)

    def test_a_method_that_only_rates_leaves_the_number_to_a_person(self):
        self.method.integration_level = "rate"
        calls = self._count()
        picking = self._create_picking()
        picking.button_validate()
        self.assertFalse(calls)
        self.assertEqual(len(picking.shipment_ids), 1)
        picking.carrier_tracking_ref = "BY-HAND-1"
        self.assertEqual(picking.shipment_ids.tracking_numbers, "BY-HAND-1")
