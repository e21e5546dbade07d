from odoo import api, fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    shipment_uses_drop_off_points = fields.Boolean(
        related="carrier_id.shipment_visibility_use_locations",
        string="Delivered to a Drop-off Point",
    )
    shipment_drop_off_point = fields.Char(
        compute="_compute_shipment_drop_off_point",
        string="Drop-off Point",
    )

    @api.depends("pickup_location_data")
    def _compute_shipment_drop_off_point(self):
        for order in self:
            point = order.pickup_location_data or {}
            parts = [point.get(name) for name in ("name", "street", "zip_code", "city")]
            order.shipment_drop_off_point = ", ".join(filter(None, parts))

    def set_delivery_line(self, carrier, amount):
        """Override of `delivery`: another method does not know the point of the last one."""
        for order in self:
            if order.carrier_id != carrier and order.pickup_location_data:
                order.pickup_location_data = False
        return super().set_delivery_line(carrier, amount)

    def action_choose_drop_off_point(self):
        """Choose where the customer fetches the parcel."""
        self.ensure_one()
        self.check_access("write")
        return self.env["shipment.drop.off.choice"]._open_for(self)
