from odoo import Command
from odoo.tests import tagged

from odoo.addons.shipment_visibility.canonical.schema import Money

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestCurrencies(CarriersCommon):
    """A carrier in dollars, a company in euros, an order in pounds."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.usd, cls.eur, cls.gbp = (
            cls.env.ref(f"base.{name}") for name in ("USD", "EUR", "GBP")
        )
        (cls.usd | cls.eur | cls.gbp).active = True
        (cls.usd | cls.eur | cls.gbp).rate_ids.unlink()
        cls.company.currency_id = cls.eur
        cls._set_rate(cls.usd, "2026-01-01", 2.0)
        cls._set_rate(cls.gbp, "2026-01-01", 0.5)
        # Later both have changed: whoever looks at the wrong day is found out.
        cls._set_rate(cls.usd, "2026-02-01", 8.0)
        cls._set_rate(cls.gbp, "2026-02-01", 0.4)
        cls.customer = cls.customer.copy(
            {
                "name": "Example Ltd",
                "country_id": cls.env.ref("base.uk").id,
                "zip": "EC1A 1BB",
                "city": "London",
                "phone": "+44 20 7946 0000",
            }
        )
        cls.pounds = cls.env["product.pricelist"].create(
            {"name": "Pounds", "currency_id": cls.gbp.id}
        )
        cls.delivery_product.list_price = 0.0
        cls.worldwide = cls._create_method("worldwide")

    @classmethod
    def _set_rate(cls, currency, date, rate):
        currency.rate_ids = [
            Command.create({"name": date, "rate": rate, "company_id": cls.company.id})
        ]

    def _order(self, **values):
        return self._create_order(
            pricelist_id=self.pounds.id, date_order="2026-01-15 12:00:00", **values
        )

    def _dollars(self, order):
        (quote,) = [
            quote
            for quote in self.account._adapter().rate(
                self.env["shipment.request.builder"]._from_order(self.worldwide, order)
            )
            if quote.service == "worldwide"
        ]
        self.assertEqual(quote.total.currency, "USD")
        return float(quote.total.amount)

    def test_the_price_is_in_pounds_at_the_orders_date(self):
        order = self._order()
        price = self.worldwide.rate_shipment(order)["price"]
        # 2 dollars are 1 euro is half a pound.
        self.assertAlmostEqual(price, self._dollars(order) / 4, 2)

    def test_margins_are_odoos_own(self):
        order = self._order()
        plain = self.worldwide.rate_shipment(order)["price"]
        self.worldwide.write({"margin": 0.2, "fixed_margin": 10.0})
        price = self.worldwide.rate_shipment(order)["price"]
        # The fixed margin is in the company's currency: 10 euros are, today, 4 pounds.
        fixed = self.worldwide._compute_currency(order, 10.0, "company_to_pricelist")
        self.assertAlmostEqual(price, plain * 1.2 + fixed, 2)

    def test_free_over_leaves_nothing_to_pay(self):
        self.worldwide.write({"free_over": True, "amount": 1.0})
        order = self._order()
        line = self._line(order)
        self.assertEqual(line.price, 0.0)
        self.assertGreater(line.cost, 0.0)
        line.action_choose()
        self.assertEqual(order.order_line.filtered("is_delivery").price_unit, 0.0)

    def _line(self, record):
        action = record.action_compare_rates()
        wizard = self.env[action["res_model"]].browse(action["res_id"])
        return wizard.line_ids.filtered(
            lambda line: line.delivery_carrier_id == self.worldwide
        )

    def test_the_comparison_shows_all_three(self):
        self.worldwide.margin = 0.2
        order = self._order()
        line = self._line(order)
        dollars = self._dollars(order)
        self.assertEqual(line.currency_id, self.gbp)
        self.assertAlmostEqual(line.price, self.gbp.round(dollars / 4) * 1.2, 2)
        self.assertEqual(line.quoted_price, f"{dollars:.2f} USD")
        self.assertEqual(line.company_currency_id, self.eur)
        # What it costs us is at today's rate.
        self.assertAlmostEqual(line.cost, dollars / 8, 2)

    def test_choosing_charges_what_odoo_charges(self):
        self.worldwide.margin = 0.2
        order = self._order()
        self._line(order).action_choose()
        self.assertAlmostEqual(
            order.order_line.filtered("is_delivery").price_unit,
            self.worldwide.rate_shipment(order)["price"],
            2,
        )

    # === FISCAL POSITIONS === #

    def _with_taxes(self):
        """A delivery product with 20 % included, and a position that maps it to none."""
        tax = self.env["account.tax"].create(
            {
                "name": "20 % included",
                "amount": 20.0,
                "price_include_override": "tax_included",
                "company_id": self.company.id,
                "country_id": self.company.account_fiscal_country_id.id,
                "tax_group_id": self._tax_group().id,
            }
        )
        none = tax.copy(
            {"name": "Export", "amount": 0.0, "price_include_override": "tax_excluded"}
        )
        position = self.env["account.fiscal.position"].create({"name": "Export"})
        none.write(
            {
                "fiscal_position_ids": [Command.link(position.id)],
                "original_tax_ids": [Command.link(tax.id)],
            }
        )
        self.delivery_product.taxes_id = tax
        return position, none

    def _tax_group(self):
        return self.env["account.tax.group"].create(
            {
                "name": "Test",
                "company_id": self.company.id,
                "country_id": self.company.account_fiscal_country_id.id,
            }
        )

    def test_the_fiscal_position_takes_the_tax_out_of_the_price(self):
        position, none = self._with_taxes()
        inland, export = self._order(), self._order(fiscal_position_id=position.id)
        inland.fiscal_position_id = False
        gross = self.worldwide.rate_shipment(inland)["price"]
        net = self.worldwide.rate_shipment(export)["price"]
        self.assertAlmostEqual(gross, self._dollars(inland) / 4, 2)
        self.assertAlmostEqual(net, gross / 1.2, 2)
        line = self._line(export)
        self.assertAlmostEqual(line.price, net, 2)
        line.action_choose()
        charged = export.order_line.filtered("is_delivery")
        self.assertEqual(charged.tax_ids, none)
        self.assertAlmostEqual(charged.price_total, net, 2)

    def _shipped(self, order):
        order.action_confirm()
        # Confirming makes it an order of today.
        order.date_order = "2026-01-15 12:00:00"
        picking = order.picking_ids
        picking.move_ids.picked = True
        picking.with_user(self.packer).button_validate()
        self.assertTrue(picking.carrier_tracking_ref)
        return picking

    def test_real_cost_is_what_was_estimated_where_the_carrier_keeps_its_word(self):
        position, _none = self._with_taxes()
        self.worldwide.write({"invoice_policy": "real", "margin": 0.2})
        order = self._order(fiscal_position_id=position.id)
        line = self._line(order)
        line.action_choose()
        picking = self._shipped(order)
        self.assertAlmostEqual(picking.carrier_price, line.price, 1)
        self.assertAlmostEqual(
            order.order_line.filtered("is_delivery").price_unit, line.price, 1
        )

    def test_charges_are_the_carriers_own(self):
        position, _none = self._with_taxes()
        self.worldwide.margin = 0.2
        order = self._order(fiscal_position_id=position.id)
        line = self._line(order)
        line.action_choose()
        charges = self._shipped(order).shipment_ids.charge_ids
        self.assertEqual(charges.currency_id, self.usd)
        for kind, rows in charges.grouped("kind").items():
            with self.subTest(kind=kind):
                self.assertAlmostEqual(
                    sum(rows.mapped("amount")), line.quoted_amount, 2
                )
        self.assertEqual(set(charges.mapped("kind")), {"quoted", "booked"})

    # === ROUNDING AND RATES === #

    def test_lines_of_a_price_come_to_its_total(self):
        self._set_rate(self.usd, "2026-03-01", 3.0)
        order = self._order()
        order.date_order = "2026-03-02 12:00:00"
        # Each line rounded for itself would be 0.33 + 0.33 + 0.33.
        lines = [Money(amount="1.00", currency="USD")] * 3
        self.assertEqual(
            self.worldwide._convert_shipment_money(
                lines, self.eur, self.company, order.date_order
            ),
            1.0,
        )

    def test_a_rate_for_all_companies_is_a_rate(self):
        order = self._order()
        self.usd.rate_ids.company_id = False
        self.assertFalse(self.worldwide.rate_shipment(order)["warning_message"])
        self.usd.rate_ids.unlink()
        self.assertIn(
            "exchange rate", self.worldwide.rate_shipment(order)["warning_message"]
        )

    def test_an_order_in_a_currency_without_a_rate_is_remarked(self):
        self.gbp.rate_ids.unlink()
        warning = self.worldwide.rate_shipment(self._order())["warning_message"]
        self.assertIn("GBP", warning)
        self.assertNotIn("USD", warning)

    def test_a_delivery_without_an_order_is_in_the_companys_currency(self):
        picking = self.env["stock.picking"].create(
            {
                "picking_type_id": self.warehouse.out_type_id.id,
                "partner_id": self.customer.id,
                "location_id": self.warehouse.lot_stock_id.id,
                "location_dest_id": self.env.ref("stock.stock_location_customers").id,
                "carrier_id": self.worldwide.id,
                "move_ids": [
                    Command.create(
                        {
                            "product_id": self.lamp.id,
                            "product_uom_qty": 1,
                            "location_id": self.warehouse.lot_stock_id.id,
                            "location_dest_id": self.env.ref(
                                "stock.stock_location_customers"
                            ).id,
                        }
                    )
                ],
            }
        )
        picking.action_confirm()
        picking.action_assign()
        self.worldwide.fixed_margin = 10.0
        line = self._line(picking)
        self.assertEqual(line.currency_id, self.eur)
        self.assertAlmostEqual(line.price, line.quoted_amount / 8 + 10.0, 2)
        picking.move_ids.picked = True
        picking.button_validate()
        self.assertAlmostEqual(picking.carrier_price, line.price, 2)
