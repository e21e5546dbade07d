from odoo import api, fields, models
from odoo.tools import SQL

KINDS = [
    ("invoice", "Invoice"),
    ("credit_note", "Credit Note"),
    ("duty", "Duties"),
]
STATES = [
    ("imported", "To Check"),
    ("review", "To Review"),
    ("approved", "Approved"),
    ("posted", "Billed"),
    ("cancelled", "Cancelled"),
]


class ShipmentCarrierInvoice(models.Model):
    """One invoice of a carrier, as it was read from its files."""

    _name = "shipment.carrier.invoice"
    _description = "Carrier Invoice"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "date desc, id desc"
    _check_company_auto = True
    _mail_post_access = "read"

    name = fields.Char(string="Number", required=True, readonly=True)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    carrier_id = fields.Many2one(
        "shipment.carrier", required=True, readonly=True, ondelete="restrict"
    )
    account_number = fields.Char(string="Carrier's Account", readonly=True)
    kind = fields.Selection(KINDS, required=True, readonly=True, default="invoice")
    date = fields.Date(string="Invoice Date", readonly=True)
    due_date = fields.Date(readonly=True)
    original_number = fields.Char(
        string="Corrects", readonly=True, help="The invoice that it corrects."
    )
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    is_total_stated = fields.Boolean(readonly=True)
    total_stated = fields.Monetary(
        readonly=True, help="With taxes, as the carrier says it."
    )
    state = fields.Selection(
        STATES, required=True, readonly=True, default="imported", tracking=True
    )
    line_ids = fields.One2many("shipment.carrier.invoice.line", "invoice_id")
    line_count = fields.Integer(string="Lines", compute="_compute_totals")
    unmatched_count = fields.Integer(
        string="Unmatched Lines", compute="_compute_totals"
    )
    net_total = fields.Monetary(
        string="Sum of Lines", compute="_compute_totals", help="Without taxes."
    )
    tax_total = fields.Monetary(string="Taxes", compute="_compute_totals")
    difference = fields.Monetary(
        compute="_compute_totals",
        help="The total that the carrier states, less the sum of its lines and taxes.",
    )

    _number_uniq = models.UniqueIndex(
        "(company_id, carrier_id, coalesce(account_number, ''), name, kind)",
        "This invoice of the carrier is known already.",
    )

    @api.depends("line_ids")
    def _compute_totals(self):
        found = {}
        if self.ids:
            self.line_ids.flush_model()
            found = {
                row[0]: row[1:]
                for row in self.env.execute_query(
                    SQL(
                        """
                        SELECT invoice_id, count(*),
                               count(*) FILTER (WHERE is_unmatched),
                               sum(amount) FILTER (WHERE family <> 'info'),
                               sum(tax) FILTER (WHERE family <> 'info')
                          FROM shipment_carrier_invoice_line
                         WHERE invoice_id = ANY(%s)
                      GROUP BY invoice_id
                        """,
                        self.ids,
                    )
                )
            }
        for invoice in self:
            count, unmatched, net, tax = found.get(invoice.id, (0, 0, 0, 0))
            invoice.line_count = count
            invoice.unmatched_count = unmatched
            invoice.net_total = net or 0
            invoice.tax_total = tax or 0
            invoice.difference = invoice.is_total_stated and invoice.currency_id.round(
                invoice.total_stated - invoice.net_total - invoice.tax_total
            )

    def action_view_lines(self):
        """Open the lines; the context says which are looked for first."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility_carriers.shipment_carrier_invoice_line_action"
        )
        action["domain"] = [("invoice_id", "=", self.id)]
        action["context"] = {
            key: value
            for key, value in self.env.context.items()
            if key.startswith("search_default_")
        }
        return action
