from odoo import api, fields, models


class StockPicking(models.Model):
    """The delivery method of a delivery: how it was chosen, and instead of what."""

    _inherit = "stock.picking"

    shipment_choice_ids = fields.One2many(
        "shipment.rate.choice", "picking_id", string="Offers", copy=False
    )
    shipment_has_offers = fields.Boolean(compute="_compute_shipment_has_offers")

    @api.depends("shipment_choice_ids", "sale_id.shipment_choice_ids")
    def _compute_shipment_has_offers(self):
        for picking in self:
            picking.shipment_has_offers = bool(picking._get_choices())

    def _get_choices(self):
        """Those of the delivery itself, or else of its order."""
        choices = self.shipment_choice_ids
        # Whoever packs an order may see how its delivery method was chosen.
        return choices or self.sudo().sale_id.shipment_choice_ids.sudo(self.env.su)

    def write(self, vals):
        """Override of Odoo: what was quoted for another delivery method says nothing."""
        if "carrier_id" in vals and "shipment_quote" not in vals:
            changed = self.filtered(
                lambda picking: (
                    # Whoever changes the method need not be allowed to see the quote.
                    picking.sudo().shipment_quote
                    and picking.carrier_id.id != vals["carrier_id"]
                )
            )
            super(StockPicking, changed.sudo()).write({"shipment_quote": False})
        return super().write(vals)

    def _send_confirmation_email(self):
        """Override of `stock_delivery` to have a rule choose before the label is booked.

        Only now is it certain what leaves, and in which packages.
        """
        for picking in self:
            if not picking.carrier_id and picking._is_sent_to_customer():
                self.env["shipment.selection.rule"]._choose_for(picking)
        return super()._send_confirmation_email()

    def _is_sent_to_customer(self):
        self.ensure_one()
        return (
            self.picking_type_code == "outgoing"
            and self.location_dest_id.usage == "customer"
        )

    def action_view_shipment_offers(self):
        """Show which offer was taken, and what the others would have cost."""
        self.ensure_one()
        return self._get_choices()._show()
