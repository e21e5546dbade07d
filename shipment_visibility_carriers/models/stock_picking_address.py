from odoo import api, models


class StockPicking(models.Model):
    _name = "stock.picking"
    _inherit = ["stock.picking", "shipment.address.mixin"]

    @api.depends(
        "shipment_address_digest",
        "partner_id.street",
        "partner_id.street2",
        "partner_id.city",
        "partner_id.zip",
        "partner_id.state_id",
        "partner_id.country_id",
    )
    def _compute_shipment_address_is_checked(self):
        return super()._compute_shipment_address_is_checked()

    @api.depends("carrier_id")
    def _compute_shipment_address_is_asked(self):
        return super()._compute_shipment_address_is_asked()

    def _get_shipment_partner(self):
        return self.partner_id
