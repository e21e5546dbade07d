from odoo.exceptions import AccessError, UserError
from odoo.tests import new_test_user, tagged

from odoo.addons.shipment_visibility.canonical.schema import Payer
from odoo.addons.shipment_visibility_carriers.adapters.base import FEATURES
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.adapter import (
    SandboxAdapter,
)

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestRequestOptions(CarriersCommon):
    """Signature, Saturday, drop-off points, and who pays."""

    def setUp(self):
        super().setUp()
        self.patch(SandboxAdapter, "features", frozenset(FEATURES))

    def _build(self, picking, **kwargs):
        return self.env["shipment.request.builder"]._from_picking(
            self.method, picking, **kwargs
        )

    def _confirm(self, **values):
        order = self._create_order(**values)
        order.set_delivery_line(self.method, 10.0)
        order.action_confirm()
        return order

    def _account(self, **values):
        return self.env["shipment.payer.account"].create(
            {
                "partner_id": self.customer.id,
                "carrier_id": self.account.carrier_id.id,
                "number": "4711",
                **values,
            }
        )

    # === OPTIONS === #

    def test_the_order_hands_its_options_on(self):
        order = self._confirm(
            shipment_signature="any",
            shipment_saturday=True,
            shipment_contents="gift",
            shipment_freight_payer="receiver",
            shipment_freight_account_id=self._account().id,
        )
        picking = order.picking_ids
        self.assertEqual(picking.shipment_signature, "any")
        self.assertTrue(picking.shipment_saturday)
        self.assertEqual(picking.shipment_contents, "gift")
        request = self._build(picking)
        self.assertEqual(request.options.signature, "any")
        self.assertEqual(request.contents, "gift")
        self.assertEqual(request.freight.account_number, "4711")

    def test_a_change_of_the_order_reaches_what_has_not_left(self):
        order = self._confirm()
        picking = order.picking_ids
        picking.shipment_contents = "gift"
        order.shipment_signature = "adult"
        self.assertEqual(picking.shipment_signature, "adult")
        self.assertEqual(picking.shipment_contents, "gift")
        picking.move_ids.picked = True
        picking.button_validate()
        self.assertEqual(picking.state, "done")
        order.shipment_signature = "none"
        self.assertEqual(picking.shipment_signature, "adult")

    def test_a_backorder_asks_for_the_same(self):
        picking = self._confirm(shipment_signature="adult").picking_ids
        picking.move_ids.quantity = 1
        picking.move_ids.picked = True
        picking.with_context(skip_backorder=True).button_validate()
        backorder = picking.backorder_ids
        self.assertTrue(backorder)
        self.assertEqual(backorder.shipment_signature, "adult")

    def test_the_method_decides_where_nobody_else_does(self):
        self.method.write({"shipment_signature": "any", "shipment_saturday": True})
        picking = self._create_picking()
        self.assertEqual(self._build(picking).options.signature, "any")
        self.assertTrue(self._build(picking).options.saturday)
        picking.shipment_signature = "none"
        self.assertEqual(self._build(picking).options.signature, "none")

    def test_the_pickup_point_of_the_order_is_the_drop_off_point(self):
        order = self._create_order()
        order.set_delivery_line(self.method, 10.0)
        order.pickup_location_data = {
            "id": "P42",
            "name": "Tabac du Coin",
            "street": "3 rue Neuve",
            "city": "Lyon",
            "zip_code": "69001",
            "country_code": "FR",
        }
        order.action_confirm()
        request = self._build(order.picking_ids)
        self.assertEqual(request.options.drop_off_point, "P42")
        self.assertEqual(request.consignee.name, self.customer.name)
        self.assertEqual(request.consignee.company, "Tabac du Coin")
        self.assertEqual(request.consignee.address.street, "3 rue Neuve")

    def test_the_way_back_has_none_of_the_options(self):
        picking = self._confirm(
            shipment_signature="adult",
            shipment_freight_payer="receiver",
            shipment_freight_account_id=self._account().id,
        ).picking_ids
        request = self._build(picking, is_return=True)
        self.assertEqual(request.options.signature, "none")
        self.assertEqual(request.freight.payer, Payer.SHIPPER)
        self.assertEqual(request.contents, "return")

    def test_deliveries_that_ask_for_different_things_are_not_one_shipment(self):
        first = self._create_picking()
        second = self._create_picking()
        second.shipment_signature = "adult"
        with self.assertRaisesRegex(UserError, "Signature on Delivery"):
            self._build(first | second)

    def test_an_insured_value_that_is_said_beats_the_share(self):
        self.lamp.standard_price = 50
        self.method.shipping_insurance = 100
        picking = self._create_picking({self.lamp: 2})
        self.assertEqual(self._build(picking).insured_value.amount, 100)
        picking.shipment_insured_value = 250.5
        self.assertEqual(float(self._build(picking).insured_value.amount), 250.5)

    # === PAYERS === #

    def test_the_receivers_only_account_is_found(self):
        picking = self._create_picking()
        picking.shipment_freight_payer = "receiver"
        with self.assertRaisesRegex(UserError, "choose the payer's account"):
            self._build(picking)
        self._account()
        freight = self._build(picking).freight
        self.assertEqual(freight.payer, Payer.RECEIVER)
        self.assertEqual(
            (freight.account_number, freight.postal_code, freight.country),
            ("4711", "69002", "FR"),
        )
        other = self._account(number="4712", zip="75001")
        self.assertEqual((other.zip, other.country_id.code), ("75001", "FR"))
        with self.assertRaisesRegex(UserError, "choose the payer's account"):
            self._build(picking)

    def test_a_third_party_must_be_named(self):
        self._account()
        picking = self._create_picking()
        picking.shipment_freight_payer = "third_party"
        with self.assertRaisesRegex(UserError, "A third party is to pay"):
            self._build(picking)

    def test_an_account_at_another_carrier_does_not_pay_this_one(self):
        other = self.env["shipment.carrier"].create({"name": "Other", "code": "other"})
        picking = self._create_picking()
        picking.shipment_freight_payer = "receiver"
        picking.shipment_freight_account_id = self._account(carrier_id=other.id)
        with self.assertRaisesRegex(UserError, "is not one at Sandbox Carrier"):
            self._build(picking)

    def test_a_carrier_that_bills_nobody_else_is_not_asked(self):
        self.patch(SandboxAdapter, "features", frozenset())
        self._account()
        picking = self._create_picking()
        picking.shipment_freight_payer = "receiver"
        with self.assertRaisesRegex(UserError, "freight paid by another's account"):
            self._build(picking)

    def test_an_account_of_another_company_is_out_of_sight(self):
        company = self.env["res.company"].create({"name": "Other company"})
        theirs = self._account(company_id=company.id)
        ours = self._account(number="4712", company_id=self.company.id)
        everyones = self._account(number="4713")
        seen = self.env["shipment.payer.account"].with_user(self.salesman)
        self.assertEqual(
            seen.search([("partner_id", "=", self.customer.id)]), ours | everyones
        )
        with self.assertRaises(AccessError):
            theirs.with_user(self.salesman).read(["number"])

    def test_who_keeps_contacts_keeps_their_accounts(self):
        account = self._account()
        with self.assertRaises(AccessError):
            account.with_user(self.packer).number = "0000"
        keeper = new_test_user(
            self.env,
            login="contact_keeper",
            groups="base.group_user,base.group_partner_manager",
        )
        account.with_user(keeper).number = "4799"
        self.assertEqual(account.number, "4799")
