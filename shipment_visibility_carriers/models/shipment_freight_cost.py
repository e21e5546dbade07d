from decimal import Decimal

from odoo import models

from odoo.addons.shipment_visibility.canonical.freight import (
    ChargeKind,
    FreightCharge,
)
from odoo.addons.shipment_visibility.canonical.reinvoice import real_cost, share

# The invoices of which nobody has said yet that they are right are no cost yet.
APPROVED = ("approved", "posted")
KINDS = ("booked", "adjusted", "invoiced", "credited")


class ShipmentShipment(models.Model):
    """What shipments really cost, as far as the carriers' approved invoices say."""

    _inherit = "shipment.shipment"

    def _read_cost_charges(self):
        """The charges that say what each shipment costs: ``{shipment: charges}``."""
        return (
            self.env["shipment.charge"]
            .search(
                [
                    ("shipment_id", "in", self.ids),
                    ("kind", "in", KINDS),
                    ("family", "!=", "info"),
                    "|",
                    ("invoice_line_id", "=", False),
                    ("invoice_line_id.invoice_id.state", "in", APPROVED),
                ]
            )
            .grouped("shipment_id")
        )

    def _share_with_deliveries(self, cost, currency):
        """What each delivery of a shipment bears of its cost: by weight, to the cent.

        :return: ``{picking: Decimal}``
        """
        pickings = self.picking_ids.sorted("id")
        shares = share(
            cost,
            [Decimal(f"{picking.weight:.4f}") for picking in pickings],
            currency._round_exact,
            currency.name,
        )
        return dict(zip(pickings, shares, strict=True))


class ShipmentCharge(models.Model):
    _inherit = "shipment.charge"

    def _sum_real_cost(self, currency, booked_on):
        """What a shipment with these charges costs, without customs and what is disputed.

        What is invoiced counts at the rate of its own date; what is only booked at the one
        at which its label was priced.

        :param booked_on: the date of the order
        :return: a ``Decimal`` in the currency, not rounded; ``None`` when nobody knows
        """
        return real_cost(charge._as_cost(currency, booked_on) for charge in self)

    def _as_cost(self, currency, booked_on):
        """The charge as a plain value in a currency, less what of it is disputed."""
        amount = self.amount - self.invoice_line_id.disputed_amount
        is_final = self.kind in ("invoiced", "credited")
        converted = self.currency_id._convert(
            amount,
            currency,
            self.company_id,
            self.date if is_final else booked_on,
            round=False,
        )
        return FreightCharge(
            id=self.id,
            kind=ChargeKind(self.kind),
            family=self.family,
            amount=Decimal(repr(converted)),
            currency=currency.name,
            date=self.date,
            shipment=self.shipment_id.id,
            invoice=self.invoice_number or "",
        )
