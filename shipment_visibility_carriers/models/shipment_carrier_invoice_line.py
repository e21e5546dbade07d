from odoo import api, fields, models

from odoo.addons.shipment_visibility.canonical.schema import CHARGE_FAMILIES
from odoo.addons.shipment_visibility.models.shipment_charge import (
    FAMILIES,
    WEIGHT_BASES,
)


class ShipmentCarrierInvoiceLine(models.Model):
    """One charge of a carrier's invoice. What was matched is a charge of its shipment, too."""

    _name = "shipment.carrier.invoice.line"
    _description = "Carrier Invoice Line"
    _order = "invoice_id, row, id"
    _rec_name = "tracking_number"
    _check_company_auto = True

    invoice_id = fields.Many2one(
        "shipment.carrier.invoice", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    carrier_id = fields.Many2one(related="invoice_id.carrier_id")
    # What tells a line from all others, however often the file is sent.
    fingerprint = fields.Char(required=True, readonly=True)
    ordinal = fields.Integer(readonly=True)
    row = fields.Integer(readonly=True)
    tracking_number = fields.Char(readonly=True)
    number_normalised = fields.Char(readonly=True)
    master_number = fields.Char(readonly=True)
    reference = fields.Char(string="References", readonly=True)
    family = fields.Selection(
        [(family, FAMILIES[family]) for family in CHARGE_FAMILIES],
        required=True,
        readonly=True,
    )
    raw_category = fields.Char(string="Carrier's Category", readonly=True)
    raw_code = fields.Char(string="Carrier's Code", readonly=True)
    description = fields.Char(readonly=True)
    amount = fields.Monetary(
        required=True, readonly=True, help="After discounts, without tax."
    )
    amount_company = fields.Monetary(
        string="Amount in Company Currency",
        readonly=True,
        currency_field="company_currency_id",
        help="At the rate of the invoice's date. Information counts as zero.",
    )
    company_currency_id = fields.Many2one(
        related="company_id.currency_id", string="Company Currency"
    )
    gross = fields.Monetary(string="Before Discounts", readonly=True)
    tax = fields.Monetary(readonly=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    service = fields.Char(readonly=True)
    zone = fields.Char(readonly=True)
    pieces = fields.Integer(readonly=True)
    entered_weight = fields.Float(
        string="Entered Weight (kg)", digits="Stock Weight", readonly=True
    )
    billed_weight = fields.Float(
        string="Billed Weight (kg)", digits="Stock Weight", readonly=True
    )
    weight_basis = fields.Selection(WEIGHT_BASES, string="Billed by", readonly=True)
    shipped_on = fields.Date(readonly=True)
    delivered_on = fields.Date(readonly=True)
    shipment_id = fields.Many2one(
        "shipment.shipment",
        index="btree_not_null",
        ondelete="set null",
        check_company=True,
    )
    package_id = fields.Many2one(
        "shipment.package",
        ondelete="set null",
        check_company=True,
        index="btree_not_null",
    )
    charge_ids = fields.One2many("shipment.charge", "invoice_line_id", readonly=True)
    is_unmatched = fields.Boolean(
        readonly=True,
        help="It names a parcel, and nobody knows whose it is.",
    )

    _line_uniq = models.UniqueIndex(
        "(invoice_id, fingerprint, ordinal)", "This line is known already."
    )
    _unmatched_idx = models.Index("(company_id, id) WHERE is_unmatched")

    @api.depends("tracking_number", "description")
    def _compute_display_name(self):
        for line in self:
            words = (line.tracking_number, line.description or line.raw_code)
            line.display_name = " · ".join(filter(None, words))
