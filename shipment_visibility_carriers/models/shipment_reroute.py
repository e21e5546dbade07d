from odoo import api, fields, models
from odoo.exceptions import UserError

from .delivery_carrier import TYPE


class ShipmentReroute(models.Model):
    """Another way for a delivery whose carrier is down, up to a price."""

    _name = "shipment.reroute"
    _description = "Way around a Carrier"
    _order = "sequence, id"

    from_method_id = fields.Many2one(
        "delivery.carrier", required=True, index=True, ondelete="cascade"
    )
    sequence = fields.Integer(default=10)
    method_id = fields.Many2one(
        "delivery.carrier",
        string="Delivery Method",
        required=True,
        ondelete="cascade",
        domain=[("delivery_type", "=", TYPE)],
    )
    price_limit = fields.Float(
        help="In the currency of the delivery's company. 0 is without limit.",
    )

    _elsewhere = models.Constraint(
        "CHECK (from_method_id <> method_id)",
        "A delivery method is no way around itself.",
    )
    _limit_positive = models.Constraint(
        "CHECK (price_limit >= 0)", "A price limit cannot be negative."
    )

    @api.constrains("from_method_id", "method_id")
    def _check_company(self, fnames=None):
        """Override of Odoo: both ways must book for one company."""
        for route in self:
            here = route.from_method_id.sudo().shipment_account_id.company_id
            there = route.method_id.sudo().shipment_account_id.company_id
            if here and there != here:
                raise UserError(
                    self.env._(
                        "%(method)s does not book for %(company)s.",
                        method=route.method_id.name,
                        company=here.name,
                    )
                )

    def _check_acceptable_price(self, picking):
        """Whether the delivery may go this way for its price.

        :raise UserError: it does not go this way, or not for this price.
        """
        method = self.method_id
        quote = method._pick_shipment_quote(
            method.sudo()
            .shipment_account_id._adapter(budget=method.shipment_account_id.timeout)
            .rate(method._prepare_shipment_wish(picking).request)
        )
        currency = picking.company_id.currency_id
        price = method._convert_shipment_money(
            [quote.total], currency, picking.company_id, fields.Date.today()
        )
        if self.price_limit and currency.compare_amounts(price, self.price_limit) > 0:
            # No amount: the warehouse reads it.
            raise UserError(
                self.env._("%(method)s costs more than its limit.", method=method.name)
            )
