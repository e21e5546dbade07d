from odoo import fields, models


class ResPartner(models.Model):
    _inherit = "res.partner"

    shipment_payer_account_ids = fields.One2many(
        "shipment.payer.account", "partner_id", string="Carrier Accounts"
    )
    shipment_eori = fields.Char(
        string="EORI Number",
        help="Economic operators' registration for customs; printed on the commercial "
        "invoice.",
    )

    def _commercial_fields(self):
        """Override of Odoo: the number is the company's, not the address's."""
        return super()._commercial_fields() + ["shipment_eori"]
