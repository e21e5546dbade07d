from odoo import api, fields, models

from ..canonical.schema import CHARGE_FAMILIES

KINDS = [
    ("quoted", "Quoted"),
    ("booked", "Booked"),
    ("adjusted", "Adjusted"),
    ("invoiced", "Invoiced"),
    ("credited", "Credited"),
]
FAMILIES = {
    "freight": "Freight",
    "fuel": "Fuel",
    "accessorial": "Accessorial",
    "residential": "Residential",
    "area": "Delivery Area",
    "handling": "Handling",
    "address_correction": "Address Correction",
    "weight_correction": "Weight Correction",
    "return": "Return",
    "insurance": "Insurance",
    "duty": "Customs Duty",
    "tax": "Tax",
    "brokerage": "Brokerage",
    "credit": "Credit",
    "info": "Information",
}
# Who sees what freight costs: finance, administrators, and the warehouse where it is allowed.
AMOUNTS = "shipment_visibility.shipment_group_amounts"
# What the carrier said before it sent an invoice, and what its invoices say.
BOOKED_KINDS = ("booked", "adjusted")
FINAL_KINDS = ("invoiced", "credited")
WEIGHT_BASES = [
    ("entered", "As Entered"),
    ("scale", "Weighed by the Carrier"),
    ("dimensions", "By Dimensions"),
    ("minimum", "Minimum of the Service"),
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
    package_id = fields.Many2one(
        "shipment.package",
        ondelete="set null",
        index="btree_not_null",
        help="Empty for what is charged for the shipment as a whole.",
    )
    company_id = fields.Many2one(
        related="shipment_id.company_id", store=True, index=True
    )
    kind = fields.Selection(
        KINDS,
        required=True,
        help="Quoted: what the carrier said before the label was bought.\n"
        "Booked: what it said when the label was bought.\n"
        "Adjusted: what it corrected before it sent an invoice.\n"
        "Invoiced: what its invoice asks for.\n"
        "Credited: what it gives back; negative.",
    )
    family = fields.Selection(
        [(family, FAMILIES[family]) for family in CHARGE_FAMILIES],
        required=True,
        default="freight",
    )
    amount = fields.Monetary(required=True, help="As the carrier said it, without tax.")
    currency_id = fields.Many2one("res.currency", required=True)
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    amount_company = fields.Monetary(
        string="Amount in Company Currency",
        compute="_compute_amount_company",
        store=True,
        currency_field="company_currency_id",
        help="At the rate of its date. Information is no money, and counts as zero.",
    )
    raw_code = fields.Char(string="Carrier's Code")
    description = fields.Char()
    date = fields.Date(required=True, default=fields.Date.context_today)
    entered_weight = fields.Float(string="Entered Weight (kg)", digits="Stock Weight")
    billed_weight = fields.Float(string="Billed Weight (kg)", digits="Stock Weight")
    weight_basis = fields.Selection(WEIGHT_BASES, string="Billed by")
    invoice_number = fields.Char(
        string="Carrier Invoice", help="The number of the carrier's invoice."
    )

    @api.depends("amount", "currency_id", "company_id", "date", "family")
    def _compute_amount_company(self):
        for charge in self:
            if charge.family == "info" or not charge.currency_id:
                charge.amount_company = 0
                continue
            company = charge.company_id or charge.env.company
            charge.amount_company = charge.currency_id._convert(
                charge.amount,
                company.currency_id,
                company,
                charge.date or fields.Date.context_today(charge),
            )
