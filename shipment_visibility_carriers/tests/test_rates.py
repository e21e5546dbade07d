from odoo.fields import Command
from odoo.tests import tagged

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestRates(CarriersCommon):
    def test_rate(self):
        order = self._create_order()
        rate = self.method.rate_shipment(order)
        self.assertTrue(rate["success"])
        self.assertGreater(rate["price"], 0)
        self.assertEqual(rate["price"], self._quote(order, "EUR"))

    def test_rate_is_in_the_orders_currency_at_the_orders_date(self):
        self._set_rate("EUR", "2026-01-01", 1.0)
        self._set_rate("USD", "2026-01-01", 2.0)
        self._set_rate("USD", "2026-02-01", 4.0)
        order = self._create_order(
            pricelist_id=self.env["product.pricelist"]
            .create({"name": "USD", "currency_id": self.env.ref("base.USD").id})
            .id
        )
        order.date_order = "2026-01-15 12:00:00"
        january = self.method.rate_shipment(order)["price"]
        order.date_order = "2026-02-15 12:00:00"
        february = self.method.rate_shipment(order)["price"]
        self.assertAlmostEqual(february, 2 * january, delta=0.02)

    def test_a_currency_without_a_rate_is_remarked(self):
        euro = self.env.ref("base.EUR")
        euro.rate_ids.unlink()
        self.company.sudo().currency_id.rate_ids.unlink()
        order = self._create_order()
        rate = self.method.rate_shipment(order)
        self.assertNotEqual(order.currency_id, euro)
        self.assertIn("no exchange rate", rate["warning_message"])
        self._set_rate("EUR", "2020-01-01", 0.5)
        self.assertFalse(self.method.rate_shipment(order)["warning_message"])

    def test_margin_is_added_by_odoo(self):
        order = self._create_order()
        plain = self.method.rate_shipment(order)["price"]
        self.method.margin = 0.5
        self.assertAlmostEqual(self.method.rate_shipment(order)["price"], plain * 1.5)

    def test_refusal_is_told_in_the_carriers_words(self):
        order = self._create_order(partner=self._spoil("SANDBOX-RATE-REFUSE"))
        rate = self.method.rate_shipment(order)
        self.assertFalse(rate["success"])
        self.assertIn("do not deliver to this address", rate["error_message"])

    def test_a_service_that_is_not_offered(self):
        economy = self._create_method("economy")
        far = self.customer.copy({"country_id": self.env.ref("base.us").id})
        rate = economy.rate_shipment(self._create_order(partner=far))
        self.assertFalse(rate["success"])

    def test_problems_of_the_order(self):
        nowhere = self.customer.copy({"country_id": False})
        rate = self.method.rate_shipment(self._create_order(partner=nowhere))
        self.assertIn("country", rate["error_message"])

    def test_cost_of_the_label_is_in_the_orders_currency(self):
        self._set_rate("EUR", "2020-01-01", 1.0)
        self._set_rate("USD", "2020-01-01", 2.0)
        picking = self._create_picking()
        order = picking.sale_id
        shipped = self.method.send_shipping(picking)[0]
        booked = sum(picking.shipment_ids.charge_ids.mapped("amount"))
        expected = self.env.ref("base.EUR")._convert(
            booked, order.currency_id, self.company, order.date_order
        )
        self.assertAlmostEqual(shipped["exact_price"], expected, delta=0.02)

    def test_odoos_own_wizard(self):
        order = self._create_order()
        action = order.action_open_delivery_wizard()
        wizard = (
            self.env["choose.delivery.carrier"]
            .with_context(**action["context"])
            .create({"carrier_id": self.method.id, "order_id": order.id})
        )
        wizard.update_price()
        wizard.button_confirm()
        line = order.order_line.filtered("is_delivery")
        self.assertAlmostEqual(line.price_unit, wizard.delivery_price)

    def test_real_cost_is_invoiced(self):
        self.method.invoice_policy = "real"
        picking = self._create_picking()
        order = picking.sale_id
        order.order_line.filtered("is_delivery").price_unit = 0
        picking.with_user(self.packer).button_validate()
        line = order.order_line.filtered("is_delivery")
        self.assertAlmostEqual(line.price_unit, picking.carrier_price)
        self.assertGreater(line.price_unit, 0)

    def _quote(self, order, currency):
        quotes = self.account._adapter().rate(
            self.env["shipment.request.builder"]._from_order(self.method, order)
        )
        quote = next(q for q in quotes if q.service == "standard")
        self.assertEqual(quote.total.currency, currency)
        return self.env.ref(f"base.{currency}")._convert(
            float(quote.total.amount), order.currency_id, self.company, order.date_order
        )

    def _set_rate(self, name, date, rate):
        currency = self.env.ref(f"base.{name}")
        currency.active = True
        currency.rate_ids.filtered(lambda r: str(r.name) == date).unlink()
        currency.rate_ids = [
            Command.create({"name": date, "rate": rate, "company_id": self.company.id})
        ]
