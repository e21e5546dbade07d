from decimal import Decimal

from odoo import fields, models

from odoo.addons.shipment_visibility.canonical.reinvoice import (
    Basis,
    Policy,
    customer_price,
)

from .delivery_carrier import TYPE


class DeliveryCarrier(models.Model):
    """What the customer pays when the carrier's invoice says what it really cost."""

    _inherit = "delivery.carrier"

    shipment_follow_invoice = fields.Boolean(
        string="Charge What the Carrier Invoices",
        help="With real cost, the order first asks for what the label costs. When the "
        "carrier's invoice is approved, the order follows it: customers pay, or are given "
        "back, the difference.",
    )

    def _follows_carrier_invoice(self):
        """Whether orders follow what the carrier invoices."""
        return (
            self.delivery_type == TYPE
            and self.invoice_policy == "real"
            and self.shipment_follow_invoice
        )

    def _get_freight_policy(self, order):
        """What the method's fields say, in the currency of an order."""
        return Policy(
            basis=Basis.REAL,
            margin_percent=_exact(self.margin) * 100,
            margin_amount=_exact(
                self._compute_currency(order, self.fixed_margin, "company_to_pricelist")
            ),
            free_over=_exact(
                self._compute_currency(order, self.amount, "company_to_pricelist")
            )
            if self.free_over
            else None,
        )

    def _get_freight_price(self, order, cost):
        """What the customer pays for freight that costs so much, in the order's currency.

        :param cost: a ``Decimal``, without any margin
        """
        adapted = self._adapt_shipment_price(order, float(cost))
        price = customer_price(
            self._get_freight_policy(order),
            _exact(order._compute_amount_total_without_delivery()),
            None,
            _exact(adapted),
            order.currency_id._round_exact,
            order.currency_id.name,
        )
        return float(price)


class ResCurrency(models.Model):
    _inherit = "res.currency"

    def _round_exact(self, amount, _code=None):
        """Round an amount as this currency can be paid; return a ``Decimal``."""
        return Decimal(f"{self.round(float(amount)):.{max(self.decimal_places, 0)}f}")


def _exact(amount):
    return Decimal(repr(float(amount)))
