from decimal import Decimal

from odoo.exceptions import UserError
from odoo.tests import tagged

from odoo.addons.shipment_visibility.canonical.operations import ServiceLimits
from odoo.addons.shipment_visibility.canonical.schema import Mass
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestRequestChecks(CarriersCommon):
    """What is told before the carrier is asked."""

    def setUp(self):
        super().setUp()
        self._offer("several_parcels", "customs")

    def _offer(self, *features):
        self.patch(SandboxAdapter, "features", frozenset(features))

    def _limit(self, service="", **limits):
        self.patch(SandboxAdapter, "limits", {service: ServiceLimits(**limits)})

    def _told(self, picking, **kwargs):
        """What is wrong with a delivery, in one text; empty when nothing is."""
        try:
            self.env["shipment.request.builder"]._from_picking(
                picking.carrier_id, picking, **kwargs
            )
        except UserError as error:
            return str(error)
        return ""

    # === ADDRESSES === #

    def test_a_wrong_postal_code_is_told_at_both_ends(self):
        self.company.partner_id.zip = "3072"
        picking = self._create_picking(partner=self.customer.copy({"zip": "690"}))
        told = self._told(picking)
        self.assertIn("“690” of Maison Exemple SARL (copy)", told)
        self.assertIn("is not a postal code of France", told)
        self.assertIn("is not a postal code of Netherlands", told)

    def test_a_country_without_postal_codes_asks_for_none(self):
        hong_kong = self.env.ref("base.hk")
        hong_kong.zip_required = True
        self.lamp.country_of_origin = self.env.ref("base.nl")
        partner = self.customer.copy(
            {"zip": False, "country_id": hong_kong.id, "phone": False}
        )
        self.assertNotIn("zip", self._told(self._create_picking(partner=partner)))
        partner.country_id = self.env.ref("base.fr")
        self.assertIn("zip", self._told(self._create_picking(partner=partner)))

    def test_email_and_name_are_looked_at(self):
        partner = self.customer.copy({"email": "ask the shop"})
        self.assertIn(
            "“ask the shop” of Maison Exemple SARL (copy) is not an e-mail address",
            self._told(self._create_picking(partner=partner)),
        )
        partner.email = '"Reception" <desk@shop.example>, other@shop.example'
        request = self.env["shipment.request.builder"]._from_picking(
            self.method, self._create_picking(partner=partner)
        )
        self.assertEqual(request.consignee.email, "desk@shop.example")

    def test_texts_longer_than_the_carrier_takes_are_told(self):
        picking = self._create_picking()
        self.assertFalse(self._told(picking))
        self.patch(SandboxAdapter, "text_limits", {"street": 10})
        self.assertIn("“12 rue de la République” is too long", self._told(picking))

    # === LIMITS === #

    def test_a_parcel_that_is_too_heavy_is_told(self):
        picking = self._create_picking({self.lamp: 2})
        self._limit("standard", weight=Mass(value=Decimal("2.8")))
        self.assertFalse(self._told(picking))
        self._limit("standard", weight=Mass(value=Decimal("2.5")))
        told = self._told(picking)
        self.assertIn(f"{picking.name}/1 weighs 2.8 kg", told)
        self.assertIn("Standard takes 2.5 kg at most", told)

    def test_the_general_limit_is_for_services_without_their_own(self):
        picking = self._create_picking({self.lamp: 2})
        self.patch(
            SandboxAdapter,
            "limits",
            {
                "": ServiceLimits(weight=Mass(value=Decimal(1))),
                "standard": ServiceLimits(weight=Mass(value=Decimal(30))),
            },
        )
        self.assertFalse(self._told(picking))
        picking.carrier_id = self._create_method("express")
        self.assertIn("at most", self._told(picking))
        self.assertFalse(self._told(picking, service=""))

    def test_sizes_are_told_in_centimetres(self):
        picking = self._create_picking(packages=1)
        picking.move_line_ids.result_package_id.package_type_id = self.env[
            "stock.package.type"
        ].create(
            {
                "name": "Tube",
                "packaging_length": 1800,
                "width": 300,
                "height": 200,
                "package_carrier_type": "shipment_visibility",
            }
        )
        self._limit(length=Decimal(175), length_and_girth=Decimal(270))
        told = self._told(picking)
        self.assertIn("is 180 cm long", told)
        self.assertIn("takes 175 cm at most", told)
        self.assertIn("280 cm of length and girth", told)

    def test_too_many_parcels_are_told(self):
        picking = self._create_picking({self.lamp: 1, self.blanket: 1}, packages=2)
        self._limit(parcels=1)
        self.assertIn("There are 2 parcels", self._told(picking))

    # === FEATURES === #

    def test_what_the_carrier_does_not_offer_is_refused_before_it_is_asked(self):
        self._offer()
        self.lamp.is_dangerous_goods = True
        picking = self._create_picking({self.lamp: 1, self.blanket: 1}, packages=2)
        picking.write(
            {
                "shipment_signature": "adult",
                "shipment_saturday": True,
                "shipment_drop_off_point": "P1",
                "shipment_insured_value": 100,
            }
        )
        asked = self._count()
        with self._raises() as caught:
            picking.send_to_shipper()
        told = str(caught.exception)
        for feature in (
            "several parcels",
            "an adult's signature",
            "Saturdays",
            "a drop-off point",
            "insurance",
            "dangerous goods",
        ):
            self.assertIn(feature, told)
        self.assertIn("Sandbox Carrier Standard does not offer", told)
        self.assertFalse(asked)

    def test_what_the_carrier_offers_is_asked_of_it(self):
        self._offer(
            "insurance",
            "adult_signature",
            "saturday",
            "drop_off_point",
            "dangerous_goods",
        )
        self.lamp.is_dangerous_goods = True
        picking = self._create_picking({self.lamp: 1})
        picking.write(
            {
                "shipment_signature": "adult",
                "shipment_saturday": True,
                "shipment_drop_off_point": "P1",
                "shipment_insured_value": 100,
            }
        )
        request = self.env["shipment.request.builder"]._from_picking(
            self.method, picking
        )
        self.assertEqual(request.options.signature, "adult")
        self.assertTrue(request.options.saturday)
        self.assertEqual(request.options.drop_off_point, "P1")
        self.assertEqual(request.insured_value.amount, 100)
        self.assertEqual(request.insured_value.currency, self.company.currency_id.name)
        self.assertTrue(request.parcels[0].is_dangerous)

    def test_only_the_parcel_with_dangerous_goods_is_dangerous(self):
        self._offer("several_parcels", "dangerous_goods")
        self.lamp.is_dangerous_goods = True
        picking = self._create_picking({self.lamp: 1, self.blanket: 1}, packages=2)
        request = self.env["shipment.request.builder"]._from_picking(
            self.method, picking
        )
        self.assertEqual([p.is_dangerous for p in request.parcels], [True, False])

    def test_an_order_is_told_why_it_cannot_be_priced(self):
        order = self._create_order(shipment_saturday=True)
        answer = self.method.rate_shipment(order)
        self.assertFalse(answer["success"])
        self.assertIn("Saturdays", answer["error_message"])

    # === THE BUTTON === #

    def test_the_button_lists_all_problems_to_a_packer(self):
        picking = self._create_picking(partner=self.customer.copy({"zip": "690"}))
        picking.shipment_saturday = True
        action = picking.with_user(self.packer).action_check_shipment()
        check = self.env[action["res_model"]].browse(action["res_id"])
        self.assertEqual(len(check.line_ids), 2)
        self.assertIn("690", check.line_ids[0].problem)
        self.assertIn("Saturdays", check.line_ids[1].problem)

    def test_the_button_says_when_all_is_well(self):
        action = self._create_picking().with_user(self.packer).action_check_shipment()
        self.assertEqual(action["params"]["type"], "success")

    def test_the_button_buys_nothing(self):
        asked = self._count()
        self._create_picking().action_check_shipment()
        self.assertFalse(asked)
