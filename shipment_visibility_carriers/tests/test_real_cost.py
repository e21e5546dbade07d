from odoo.tests import tagged

from .common import CarriersCommon


@tagged("post_install", "-at_install")
class TestRealCost(CarriersCommon):
    """The customer who pays the real cost pays for the label that travels, and once."""

    @classmethod
    def setUpClass(cls):
        super().setUpClass()
        cls.method.write({"invoice_policy": "real"})
        cls.delivery_product.invoice_policy = "order"
        (cls.lamp | cls.blanket).invoice_policy = "delivery"

    def _ship(self):
        picking = self._create_picking()
        picking.button_validate()
        self.assertGreater(picking.carrier_price, 0)
        self.assertEqual(self._charged(picking), picking.carrier_price)
        return picking

    def _lines(self, picking):
        return picking.sale_id.order_line.filtered("is_delivery")

    def _charged(self, picking):
        return sum(self._lines(picking).mapped("price_unit"))

    def _correct(self, picking, weight, method=None):
        before = picking.carrier_price
        wizard = self.env["shipment.label.correct"].browse(
            picking.action_correct_label()["res_id"]
        )
        wizard.line_ids.weight = weight
        wizard.carrier_id = method or self.method
        wizard.action_correct()
        self.assertNotEqual(picking.carrier_price, before)

    def _invoice(self, picking):
        invoice = picking.sale_id._create_invoices(final=True)
        invoice.action_post()
        return invoice

    def test_a_corrected_label_is_charged_once(self):
        picking = self._ship()
        self._correct(picking, 25.0)
        self.assertEqual(len(self._lines(picking)), 1)
        self.assertEqual(self._charged(picking), picking.carrier_price)

    def test_a_label_that_was_cancelled_and_sent_again_is_charged_once(self):
        picking = self._ship()
        picking.cancel_shipment()
        picking.send_to_shipper()
        self.assertEqual(len(self._lines(picking)), 1)
        self.assertEqual(self._charged(picking), picking.carrier_price)

    def test_after_the_invoice_only_the_difference_is_charged(self):
        picking = self._ship()
        first = picking.carrier_price
        self._invoice(picking)
        self._correct(picking, 25.0)
        lines = self._lines(picking)
        self.assertEqual(len(lines), 2)
        self.assertEqual(lines[0].price_unit, first)
        self.assertAlmostEqual(lines[1].price_unit, picking.carrier_price - first)
        self.assertGreater(lines[1].price_unit, 0)
        self._correct(picking, 18.0)
        self.assertEqual(self._lines(picking), lines, "not invoiced, so it changes")
        self.assertAlmostEqual(self._charged(picking), picking.carrier_price)

    def test_a_cheaper_label_after_the_invoice_is_given_back(self):
        picking = self._ship()
        self._correct(picking, 25.0)
        self._invoice(picking)
        self._correct(picking, 2.0)
        last = self._lines(picking)[-1]
        self.assertLess(last.price_unit, 0)
        self.assertAlmostEqual(self._charged(picking), picking.carrier_price)
        self.assertEqual(self._invoice(picking).move_type, "out_refund")
        asked = picking.sale_id.invoice_ids.invoice_line_ids.filtered(
            lambda line: line.product_id == self.delivery_product
        )
        self.assertEqual(len(asked), 2)
        self.assertAlmostEqual(
            sum(-line.move_id.direction_sign * line.price_subtotal for line in asked),
            picking.carrier_price,
        )
        self._correct(picking, 25.0)
        self.assertAlmostEqual(self._charged(picking), picking.carrier_price)

    def test_the_same_cost_after_the_invoice_adds_nothing(self):
        picking = self._ship()
        self._invoice(picking)
        picking.cancel_shipment()
        picking.send_to_shipper()
        self.assertEqual(len(self._lines(picking)), 1)

    def test_a_backorder_has_its_own_line(self):
        picking = self._create_picking({self.lamp: 3})
        picking.move_ids.quantity = 1
        picking.with_context(skip_backorder=True).button_validate()
        rest = picking.sale_id.picking_ids - picking
        rest.move_ids.write({"quantity": 2, "picked": True})
        rest.button_validate()
        self.assertEqual(len(self._lines(picking)), 2)
        paid_for_rest = rest.carrier_price
        self._correct(picking, 25.0)
        self.assertEqual(len(self._lines(picking)), 2)
        self.assertEqual(
            sorted(self._lines(picking).mapped("price_unit")),
            sorted([picking.carrier_price, paid_for_rest]),
        )

    def test_another_method_replaces_the_cost_of_the_first(self):
        product = self.env["product.product"].create(
            {"name": "Express", "type": "service", "taxes_id": False}
        )
        other = self._create_method(
            "express", invoice_policy="real", product_id=product.id
        )
        picking = self._ship()
        self._correct(picking, 25.0, other)
        self.assertEqual(self._charged(picking), picking.carrier_price)
        asking = self._lines(picking).filtered("price_unit")
        self.assertEqual(asking.product_id, other.product_id)

    def test_what_is_free_at_last_is_not_charged(self):
        picking = self._ship()
        picking.cancel_shipment()
        self.method.write({"free_over": True, "amount": 1.0})
        picking.send_to_shipper()
        self.assertEqual(picking.carrier_price, 0)
        self.assertEqual(self._charged(picking), 0)
