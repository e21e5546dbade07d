from decimal import Decimal

from odoo.exceptions import UserError
from odoo.tests import tagged

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestRequest(CarriersCommon):
    def _build(self, picking, **kwargs):
        return self.env["shipment.request.builder"]._from_picking(
            self.method, picking, **kwargs
        )

    def test_parties(self):
        picking = self._create_picking()
        request = self._build(picking)
        self.assertEqual(request.reference, picking.name)
        self.assertEqual(request.consignee.phone, "+33472000000")
        self.assertEqual(request.consignee.address.country, "FR")
        self.assertEqual(request.consignee.address.postal_code, "69002")
        self.assertEqual(request.shipper.address.city, "Rotterdam")

    def test_customs_items(self):
        (parcel,) = self._build(self._create_picking({self.lamp: 2})).parcels
        (item,) = parcel.items
        self.assertEqual(item.hs_code, "9405.21")
        self.assertEqual(item.origin_country, "NL")
        self.assertEqual(item.sku, "LAMP")
        self.assertEqual(item.quantity, 2)
        self.assertEqual(item.weight.kg, Decimal("2.8"))
        self.assertEqual(item.value.currency, self.company.currency_id.name)

    def test_loose_goods_are_declared_once(self):
        picking = self._create_picking({self.lamp: 1, self.blanket: 2}, packages=1)
        declared = [
            item for parcel in self._build(picking).parcels for item in parcel.items
        ]
        self.assertEqual([item.quantity for item in declared], [1, 2])

    def test_package_types(self):
        picking = self._create_picking(packages=1)
        package = picking.move_line_ids.result_package_id
        package.package_type_id = self.env["stock.package.type"].create(
            {
                "name": "Box",
                "packaging_length": 400,
                "width": 300,
                "height": 200,
                "shipper_package_code": "BX",
                "package_carrier_type": "shipment_visibility",
            }
        )
        (parcel,) = self._build(picking).parcels
        self.assertEqual(parcel.packaging, "BX")
        self.assertEqual(
            (parcel.dimensions.length, parcel.dimensions.unit), (Decimal(400), "mm")
        )

    def test_pounds(self):
        self.env["ir.config_parameter"].set_param("product.weight_in_lbs", "1")
        (parcel,) = self._build(self._create_picking({self.lamp: 1})).parcels
        self.assertEqual(
            (parcel.weight.value, parcel.weight.unit), (Decimal("1.4"), "lb")
        )

    def test_all_problems_are_told_at_once(self):
        partner = self.customer.copy(
            {"street": False, "zip": False, "phone": "call the shop"}
        )
        picking = self._create_picking(partner=partner)
        self.lamp.weight = 0
        with self.assertRaises(UserError) as caught:
            self._build(picking)
        told = str(caught.exception)
        for problem in ("street", "zip", "call the shop", "weight"):
            self.assertIn(problem, told)

    def test_a_repeated_validation_asks_for_the_same(self):
        picking = self._create_picking({self.lamp: 1, self.blanket: 2}, packages=2)
        self.assertEqual(self._build(picking), self._build(picking))
        self.assertEqual(
            [parcel.reference for parcel in self._build(picking).parcels],
            [f"{picking.name}/1", f"{picking.name}/2"],
        )

    def test_insurance(self):
        self.lamp.standard_price = 50
        self.method.shipping_insurance = 50
        request = self._build(self._create_picking({self.lamp: 2}))
        self.assertEqual(request.insured_value.amount, 50)

    def test_label_format(self):
        self.method.shipment_label_format = "ZPL"
        self.assertEqual(self._build(self._create_picking()).label_format, "ZPL")

    def test_several_deliveries_are_one_request(self):
        first = self._create_picking({self.lamp: 1, self.blanket: 2}, packages=2)
        second = self._create_picking({self.lamp: 3})
        request = self._build(first | second)
        self.assertEqual(
            [parcel.reference for parcel in request.parcels],
            [f"{first.name}/1", f"{first.name}/2", f"{second.name}/1"],
        )
        self.assertEqual(request.reference, f"{first.name}, {second.name}"[:35])
        self.assertEqual(
            [parcel.weight.kg for parcel in request.parcels],
            [Decimal("1.4"), Decimal("2.2"), Decimal("4.2")],
        )

    def test_deliveries_to_different_addresses_are_not_one_shipment(self):
        here = self._create_picking()
        there = self._create_picking(partner=self.customer.copy({"name": "Annexe"}))
        with self.assertRaisesRegex(UserError, "different addresses"):
            self._build(here | there)
