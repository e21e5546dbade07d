from odoo import api, fields, models

from ..canonical import milestone as vocabulary


class SaleOrder(models.Model):
    _inherit = "sale.order"

    shipment_ids = fields.Many2many(
        "shipment.shipment", string="Shipments", compute="_compute_shipment_ids"
    )
    shipment_count = fields.Integer(compute="_compute_shipment_ids")
    shipment_headline = fields.Selection(
        vocabulary.selection(),
        string="Shipment Status",
        compute="_compute_shipment_ids",
    )

    @api.depends("picking_ids.shipment_ids.headline")
    def _compute_shipment_ids(self):
        for order in self:
            # A salesperson may follow the parcels of the own orders.
            shipments_sudo = order.sudo().picking_ids.shipment_ids
            order.shipment_ids = shipments_sudo.ids
            order.shipment_count = len(shipments_sudo)
            live = shipments_sudo.filtered(lambda s: s.headline != "cancelled")
            order.shipment_headline = live.sorted(
                lambda s: vocabulary.milestone(s.headline).rank or 0
            )[:1].headline

    def action_view_shipments(self):
        """Open the shipments of the order."""
        return self.env["shipment.shipment"]._action_of(self.shipment_ids)
