from odoo import fields, models


class ShipmentCharge(models.Model):
    _inherit = "shipment.charge"

    invoice_line_id = fields.Many2one(
        "shipment.carrier.invoice.line",
        string="Line of the Carrier's Invoice",
        readonly=True,
        ondelete="cascade",
    )

    _invoice_line_uniq = models.UniqueIndex(
        "(invoice_line_id) WHERE invoice_line_id IS NOT NULL",
        "A line of a carrier's invoice is one charge.",
    )
