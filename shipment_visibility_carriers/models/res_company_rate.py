from odoo import api, fields, models
from odoo.exceptions import ValidationError


class ResCompany(models.Model):
    _inherit = "res.company"

    shipment_label_limit = fields.Monetary(
        string="Label Limit",
        help="A label that costs more needs an approval; 0 for no limit.",
    )
    shipment_label_share = fields.Float(
        string="Label Share",
        digits=(5, 4),
        help="A label that costs more than this share of the order's value needs an approval; "
        "0 for no limit.",
    )

    @api.constrains("shipment_label_limit", "shipment_label_share")
    def _check_shipment_label_limits(self):
        for company in self:
            if company.shipment_label_limit < 0 or company.shipment_label_share < 0:
                raise ValidationError(
                    self.env._("The limit of a label cannot be negative.")
                )
