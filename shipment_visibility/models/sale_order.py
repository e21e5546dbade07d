from odoo import api, fields, models

from ..canonical import milestone as vocabulary


class SaleOrder(models.Model):
    _inherit = "sale.order"

    shipment_ids = fields.Many2many(
        "shipment.shipment",
        string="Shipments",
        compute="_compute_shipment_ids",
        # A salesperson may follow the parcels of the own orders.
        compute_sudo=True,
    )
    shipment_count = fields.Integer(compute="_compute_shipment_ids", compute_sudo=True)
    shipment_headline = fields.Selection(
        vocabulary.selection(),
        string="Shipment Status",
        compute="_compute_shipment_ids",
        compute_sudo=True,
    )

    @api.depends("picking_ids.shipment_ids.headline")
    def _compute_shipment_ids(self):
        for order in self:
            order.shipment_ids = order.picking_ids.shipment_ids
            order.shipment_count = len(order.shipment_ids)
            live = order.shipment_ids.filtered(lambda s: s.headline != "cancelled")
            order.shipment_headline = live.sorted(
                lambda s: vocabulary.milestone(s.headline).rank or 0
            )[:1].headline

    def _shipment_promise(self):
        """Return the earliest delivery date that these orders promise, if any does."""
        return min(filter(None, self.mapped("commitment_date")), default=False)

    def action_view_shipments(self):
        """Open the shipments of the order."""
        return self.env["shipment.shipment"]._action_of(self.shipment_ids)
