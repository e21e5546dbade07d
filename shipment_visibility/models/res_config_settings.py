from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    group_shipment_amounts = fields.Boolean(
        string="Freight Amounts for Warehouse Users",
        implied_group="shipment_visibility.shipment_group_amounts",
        group="stock.group_stock_user",
    )
    shipment_quiet_from = fields.Float(
        related="company_id.shipment_quiet_from", readonly=False
    )
    shipment_quiet_to = fields.Float(
        related="company_id.shipment_quiet_to", readonly=False
    )
