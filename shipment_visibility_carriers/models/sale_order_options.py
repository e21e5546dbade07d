from odoo import api, models

from .shipment_address_mixin import CHECKED
from .shipment_options import OPTIONS


class SaleOrder(models.Model):
    _name = "sale.order"
    _inherit = ["sale.order", "shipment.options.mixin", "shipment.address.mixin"]

    @api.depends(
        "shipment_address_digest",
        "partner_shipping_id.street",
        "partner_shipping_id.street2",
        "partner_shipping_id.city",
        "partner_shipping_id.zip",
        "partner_shipping_id.state_id",
        "partner_shipping_id.country_id",
    )
    def _compute_shipment_address_is_checked(self):
        return super()._compute_shipment_address_is_checked()

    @api.depends("carrier_id")
    def _compute_shipment_address_is_asked(self):
        return super()._compute_shipment_address_is_asked()

    def _get_shipment_partner(self):
        return self.partner_shipping_id

    def _prepare_shipment_options(self):
        """What a delivery of this order is to ask of its carrier, as values of it."""
        self.ensure_one()
        return {
            **{
                name: self._fields[name].convert_to_write(self[name], self)
                for name in OPTIONS + CHECKED
            },
            "shipment_drop_off_point": (self.pickup_location_data or {}).get("id"),
        }

    def write(self, vals):
        """Override of Odoo to tell the deliveries that have not left yet."""
        result = super().write(vals)
        changed = {name: vals[name] for name in OPTIONS + CHECKED if name in vals}
        if changed:
            # Who may change the order decides; the deliveries follow.
            self.sudo().picking_ids.filtered(
                lambda p: p.state not in ("done", "cancel")
            ).write(changed)
        return result
