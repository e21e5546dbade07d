from odoo import fields, models

from .shipment_rate_choice import PRICES


class SaleOrder(models.Model):
    _inherit = "sale.order"

    shipment_quote = fields.Json(
        copy=False,
        groups=PRICES,
        help="What the carrier quoted when its service was chosen.",
    )
    shipment_choice_ids = fields.One2many(
        "shipment.rate.choice", "order_id", string="Offers", copy=False
    )

    def write(self, vals):
        """Override of Odoo: what was quoted for another delivery method says nothing."""
        if "carrier_id" in vals and "shipment_quote" not in vals:
            changed = self.filtered(
                lambda order: (
                    # Whoever changes the method need not be allowed to see the quote.
                    order.sudo().shipment_quote
                    and order.carrier_id.id != vals["carrier_id"]
                )
            )
            super(SaleOrder, changed.sudo()).write({"shipment_quote": False})
        return super().write(vals)

    def action_confirm(self):
        """Override of `sale` to have a rule choose where there is no delivery method."""
        for order in self:
            if not order.carrier_id and not order.is_all_service:
                # Who has signed or paid has agreed to a price.
                charged = not order.signed_on and not order.amount_paid
                self.env["shipment.selection.rule"]._choose_for(order, charged)
        return super().action_confirm()

    def action_compare_rates(self):
        """Compare what the delivery methods would cost for this order."""
        self.ensure_one()
        return self.env["shipment.rate.compare"]._open({"order_id": self.id})

    def action_view_shipment_offers(self):
        """Show which offer was taken, and what the others would have cost."""
        self.ensure_one()
        return self.shipment_choice_ids._show()
