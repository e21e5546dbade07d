from odoo import fields, models


class StockPutInPack(models.TransientModel):
    _inherit = "stock.put.in.pack"

    shipment_adapter = fields.Char(string="Carrier Connection")
