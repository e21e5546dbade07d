from odoo import fields, models


class StockPickingType(models.Model):
    _name = "stock.picking.type"
    _inherit = ["stock.picking.type", "shipment.print.place"]

    shipment_print_automatically = fields.Boolean(
        string="Shipping Labels",
        default=True,
        help="Print labels as soon as they are booked, wherever a printer is set: at the "
        "user's bench, here or at the warehouse.",
    )
