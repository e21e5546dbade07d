from odoo import api, fields, models


class StockPicking(models.Model):
    """Which deliveries only play."""

    _inherit = "stock.picking"

    shipment_is_test = fields.Boolean(
        string="Test Shipment",
        compute="_compute_shipment_is_test",
        help="Its label is, or would be, one of a carrier's test environment: nobody will "
        "transport it.",
    )

    @api.depends(
        "shipment_ids.account_id.environment", "carrier_id.shipment_environment"
    )
    def _compute_shipment_is_test(self):
        for picking in self:
            # sudo: that it is only a test must be seen by all who see the delivery.
            picking_sudo = picking.sudo()
            booked_with = picking_sudo.shipment_ids.account_id.mapped("environment")
            environments = booked_with or [picking_sudo.carrier_id.shipment_environment]
            picking.shipment_is_test = "test" in environments
