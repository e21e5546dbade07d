from odoo import fields, models


class SaleOrder(models.Model):
    _inherit = "sale.order"

    shipment_quote = fields.Json(
        copy=False, help="What the carrier quoted when its service was chosen."
    )

    def action_compare_rates(self):
        """Compare what the delivery methods would cost for this order."""
        self.ensure_one()
        return self.env["shipment.rate.compare"]._open({"order_id": self.id})
