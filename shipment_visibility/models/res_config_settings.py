from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    shipment_quiet_from = fields.Float(
        related="company_id.shipment_quiet_from", readonly=False
    )
    shipment_quiet_to = fields.Float(
        related="company_id.shipment_quiet_to", readonly=False
    )
