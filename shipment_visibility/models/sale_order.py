from odoo import api, fields, models


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "shipment.followed.mixin"]

    shipment_ids = fields.Many2many(
        "shipment.shipment",
        string="Shipments",
        compute="_compute_shipment_ids",
        # A salesperson may follow the parcels of the own orders.
        compute_sudo=True,
        search="_search_shipment_ids",
    )

    @api.depends("picking_ids.shipment_ids")
    def _compute_shipment_ids(self):
        for order in self:
            order.shipment_ids = order.picking_ids.shipment_ids

    @api.model
    def _search_shipment_ids(self, operator, value):
        return [("picking_ids.shipment_ids", operator, value)]

    def _shipment_promise(self):
        """Return the earliest delivery date that these orders promise, if any does."""
        return min(filter(None, self.mapped("commitment_date")), default=False)
