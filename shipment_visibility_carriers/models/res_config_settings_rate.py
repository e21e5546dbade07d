from odoo import fields, models


class ResConfigSettings(models.TransientModel):
    _inherit = "res.config.settings"

    shipment_label_limit = fields.Monetary(
        related="company_id.shipment_label_limit", readonly=False
    )
    shipment_label_share = fields.Float(
        related="company_id.shipment_label_share", readonly=False
    )
