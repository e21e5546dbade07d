from datetime import timedelta

from odoo import Command, fields
from odoo.exceptions import UserError, ValidationError
from odoo.tests import tagged

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestSelectionRule(CarriersCommon):
    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.env["delivery.carrier"].search([("id", "!=", cls.method.id)]).active = False
        cls.economy = cls._create_method("economy")
        cls.express = cls._create_method("express")
        cls.rules = cls.env["shipment.selection.rule"]
        cls.rules.search([]).active = False

    def _rule(self, **values):
        return self.rules.create(
            {"name": "Rule", "policy": "cheapest", "is_automatic": True, **values}
        )

    def _confirmed(self, **values):
        order = self._create_order(**values)
        order.action_confirm()
        return order

    def _unsent(self, partner=None):
        """A delivery that is ready and has no delivery method."""
        order = self._create_order(partner=partner)
        order.action_confirm()
        picking = order.picking_ids
        picking.action_assign()
        picking.move_ids.picked = True
        self.assertFalse(picking.carrier_id)
        return picking

    # === WHEN === #

    def test_the_first_rule_that_matches_decides(self):
        self._rule(country_ids=self.env.ref("base.de").ids, policy="fastest")
        cheapest = self._rule(sequence=20)
        order = self._create_order()
        self.assertEqual(self.rules._find(order), cheapest)
        self._rule(sequence=5, policy="fastest").active = False
        self.assertEqual(self.rules._find(order), cheapest)

    def test_conditions(self):
        order = self._create_order({self.lamp: 2})
        self.env.company.currency_id = order.currency_id
        value = order.amount_total
        france, europe = self.env.ref("base.fr"), self.env.ref("base.europe")
        tag = self.env["product.tag"].create({"name": "Fragile"})
        self.lamp.product_tag_ids = tag
        other = self.warehouse.copy({"name": "Other", "code": "OTH"})
        cases = [
            (True, {"country_ids": france.ids}),
            (False, {"country_ids": self.env.ref("base.de").ids}),
            (True, {"country_group_ids": europe.ids}),
            (True, {"warehouse_ids": self.warehouse.ids}),
            (False, {"warehouse_ids": other.ids}),
            (True, {"weight_min": 2.8, "weight_max": 2.8}),
            (False, {"weight_min": 2.81}),
            (False, {"weight_max": 2.79}),
            (True, {"value_min": value, "value_max": value}),
            (False, {"value_min": value + 0.01}),
            (False, {"value_max": value - 0.01}),
            (True, {"product_tag_ids": tag.ids}),
            (True, {"product_domain": "[('default_code', '=', 'LAMP')]"}),
            (False, {"product_domain": "[('default_code', '=', 'CHAIR')]"}),
        ]
        order.action_confirm()
        for source in (order, order.picking_ids):
            for expected, conditions in cases:
                with self.subTest(source=source._name, **conditions):
                    rule = self._rule(**conditions)
                    self.assertEqual(self.rules._find(source) == rule, expected)
                    rule.active = False

    def test_rules_of_other_companies_are_not_ours(self):
        company = self.env["res.company"].create({"name": "Other"})
        self._rule(company_id=company.id)
        self.assertFalse(self.rules._find(self._create_order()))

    def test_a_rule_that_means_nothing_is_not_saved(self):
        with self.assertRaises(ValidationError):
            self._rule(policy="given")
        with self.assertRaises(ValidationError):
            self._rule(weight_min=5, weight_max=2)
        with self.assertRaises(ValidationError):
            self._rule(product_domain="[('no_such_field', '=', 1)]")

    # === WITHOUT BEING ASKED: ORDERS === #

    def test_an_order_gets_its_method_when_it_is_confirmed(self):
        rule = self._rule(policy="fastest", name="Hurry")
        order = self._create_order(user_id=self.salesman.id)
        order.with_user(self.salesman).action_confirm()
        self.assertEqual(order.carrier_id, self.express)
        self.assertEqual(order.picking_ids.carrier_id, self.express)
        line = order.order_line.filtered("is_delivery")
        choice = order.shipment_choice_ids
        self.assertAlmostEqual(line.price_unit, choice.price, 2)
        self.assertEqual(choice.rule_id, rule)
        self.assertIn("Hurry", choice.reason)
        against = {o.delivery_carrier_id: o.against for o in choice.offer_ids}
        self.assertEqual(against[self.economy], "Slower")
        self.assertFalse(against[self.express])
        self.assertTrue(order.shipment_quote)

    def test_a_method_that_a_person_chose_stays(self):
        self._rule(policy="fastest")
        calls = self._count("rate")
        order = self._create_order()
        order.set_delivery_line(self.economy, 5.0)
        order.action_confirm()
        self.assertEqual(order.carrier_id, self.economy)
        self.assertFalse(calls)

    def test_a_rule_that_is_not_automatic_waits_to_be_asked(self):
        self._rule(is_automatic=False)
        self.assertFalse(self._confirmed().carrier_id)

    def test_who_has_signed_is_not_charged_more(self):
        self._rule()
        order = self._confirmed(signed_on=fields.Datetime.now())
        self.assertEqual(order.carrier_id, self.economy)
        self.assertFalse(order.order_line.filtered("is_delivery"))

    def test_a_rule_may_choose_without_charging(self):
        self._rule(is_charged=False)
        order = self._confirmed()
        self.assertEqual(order.carrier_id, self.economy)
        self.assertFalse(order.order_line.filtered("is_delivery"))

    def test_the_cheapest_that_keeps_the_promise(self):
        self._rule(policy="in_time")
        dates = {
            quote.service: quote.promised_date
            for quote in self.account._adapter().rate(
                self.env["shipment.request.builder"]._from_order(
                    self.method, self._create_order()
                )
            )
        }
        self.assertLess(dates["standard"], dates["economy"])
        self.customer.tz = "Europe/Paris"
        promised = fields.Datetime.to_datetime(dates["standard"]) + timedelta(hours=12)
        order = self._confirmed(commitment_date=promised)
        self.assertEqual(order.carrier_id, self.method)

    def test_the_promised_day_is_the_customers(self):
        # 23:30 in London is the next day in Paris.
        self.customer.tz = "Europe/Paris"
        order = self._create_order(commitment_date="2026-12-01 23:30:00")
        self.assertEqual(
            self.rules._get_deadline(order), fields.Date.to_date("2026-12-02")
        )

    def test_only_the_candidates_are_asked_about(self):
        self._rule(candidate_ids=(self.method | self.express).ids)
        order = self._confirmed()
        self.assertEqual(order.carrier_id, self.method)
        self.assertEqual(
            order.shipment_choice_ids.offer_ids.delivery_carrier_id,
            self.method | self.express,
        )

    # === WITHOUT BEING ASKED: DELIVERIES === #

    def test_a_delivery_gets_its_method_when_it_is_validated(self):
        picking = self._unsent()
        rule = self._rule()
        picking.with_user(self.packer).button_validate()
        self.assertEqual(picking.state, "done")
        self.assertEqual(picking.carrier_id, self.economy)
        self.assertTrue(picking.carrier_tracking_ref)
        self.assertEqual(len(picking.shipment_ids), 1)
        self.assertEqual(picking.shipment_choice_ids.rule_id, rule)
        kinds = picking.shipment_ids.charge_ids.mapped("kind")
        self.assertEqual(set(kinds), {"quoted", "booked"})

    def test_what_comes_in_gets_no_method(self):
        self._rule()
        calls = self._count("rate")
        receipt = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.in_type_id.id,
                "partner_id": self.customer.id,
                "location_id": self.env.ref("stock.stock_location_suppliers").id,
                "location_dest_id": self.warehouse.lot_stock_id.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.lamp.id,
                            "product_uom_qty": 1,
                            "location_id": self.env.ref(
                                "stock.stock_location_suppliers"
                            ).id,
                            "location_dest_id": self.warehouse.lot_stock_id.id,
                        }
                    )
                ],
            }
        )
        receipt.action_confirm()
        receipt.move_ids.picked = True
        receipt.button_validate()
        self.assertEqual(receipt.state, "done")
        self.assertFalse(receipt.carrier_id or calls)

    # === WHEN NOTHING FITS === #

    def test_nothing_fits_is_told_with_every_reason(self):
        picking = self._unsent()
        self._rule(price_limit=0.5, name="Penny")
        picking.with_user(self.packer).button_validate()
        self.assertEqual(picking.state, "done")
        self.assertFalse(picking.carrier_id)
        note = picking.activity_ids.note
        for word in ("Penny", self.economy.name, self.express.name, "price limit"):
            self.assertIn(word, note)

    def test_a_carrier_in_trouble_does_not_stop_a_confirmation(self):
        self.account.credentials = {"api_key": "SANDBOX-DOWN"}
        self._rule(policy="given", delivery_carrier_id=self.express.id)
        order = self._confirmed()
        self.assertEqual(order.state, "sale")
        self.assertFalse(order.carrier_id)
        self.assertIn(self.express.name, order.activity_ids.note)

    def test_a_given_method_that_does_not_go_there_is_named(self):
        self.express.country_ids = self.env.ref("base.de")
        self._rule(policy="given", delivery_carrier_id=self.express.id)
        order = self._confirmed()
        self.assertFalse(order.carrier_id)
        self.assertIn("not for this address", order.activity_ids.note)

    # === BY THE BUTTON === #

    def _compare(self, record):
        action = record.action_compare_rates()
        return self.env[action["res_model"]].browse(action["res_id"])

    def test_the_button_takes_what_the_rule_would_take(self):
        rule = self._rule(
            policy="fastest",
            is_automatic=False,
            candidate_ids=(self.method | self.economy).ids,
        )
        order = self._create_order()
        wizard = self._compare(order)
        self.assertEqual(wizard.rule_id, rule)
        wizard.action_choose_best()
        self.assertEqual(order.carrier_id, self.method)
        choice = order.shipment_choice_ids
        self.assertEqual(choice.rule_id, rule)
        express = choice.offer_ids.filtered(
            lambda offer: offer.delivery_carrier_id == self.express
        )
        self.assertIn("Not among", express.against)

    def test_the_button_says_why_nothing_fits(self):
        self._rule(price_limit=0.5)
        order = self._create_order()
        with self.assertRaisesRegex(UserError, f"{self.economy.name}: Above"):
            self._compare(order).action_choose_best()
        self.assertFalse(order.carrier_id)
