from odoo import fields, models

from ..canonical.schema import CHARGE_FAMILIES

KINDS = [
    ("quoted", "Quoted"),
    ("booked", "Booked"),
    ("invoiced", "Invoiced"),
    ("credited", "Credited"),
]


class ShipmentCharge(models.Model):
    """One freight cost line, in the amount and currency the carrier said."""

    _name = "shipment.charge"
    _description = "Freight Charge"
    _order = "shipment_id, date, id"
    _rec_name = "description"

    shipment_id = fields.Many2one(
        "shipment.shipment", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="shipment_id.company_id", store=True, index=True
    )
    kind = fields.Selection(KINDS, required=True)
    family = fields.Selection(
        [(family, family.replace("_", " ").capitalize()) for family in CHARGE_FAMILIES],
        required=True,
        default="freight",
    )
    amount = fields.Monetary(required=True)
    currency_id = fields.Many2one("res.currency", required=True)
    raw_code = fields.Char(string="Carrier's Code")
    description = fields.Char()
    date = fields.Date(required=True, default=fields.Date.context_today)
