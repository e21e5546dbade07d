import base64

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..invoices import writing

COLUMNS = (
    "account",
    "invoice",
    "invoice_date",
    "tracking_number",
    "charge_code",
    "charge",
    "amount",
    "currency",
    "reason",
    "evidence",
)


class ShipmentFreightDispute(models.Model):
    """A letter by which a carrier is asked for money, and what it answers."""

    _name = "shipment.freight.dispute"
    _description = "Freight Dispute"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True, default="/", copy=False)
    company_id = fields.Many2one(
        "res.company", required=True, readonly=True, index=True
    )
    carrier_id = fields.Many2one("shipment.carrier", required=True, readonly=True)
    partner_id = fields.Many2one("res.partner", string="Addressee", check_company=True)
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    finding_ids = fields.One2many(
        "shipment.freight.finding", "dispute_id", string="Findings"
    )
    amount = fields.Monetary(compute="_compute_amounts", store=True)
    refunded_amount = fields.Monetary(
        string="Given Back", compute="_compute_amounts", store=True
    )
    deadline = fields.Date(
        compute="_compute_amounts",
        store=True,
        help="The first of its findings' deadlines.",
    )
    sent_on = fields.Date(readonly=True, copy=False)
    state = fields.Selection(
        [("draft", "To Send"), ("sent", "Sent"), ("closed", "Closed")],
        string="Status",
        required=True,
        readonly=True,
        default="draft",
        tracking=True,
        copy=False,
    )

    @api.depends(
        "finding_ids.amount", "finding_ids.refunded_amount", "finding_ids.deadline"
    )
    def _compute_amounts(self):
        for dispute in self:
            findings = dispute.finding_ids
            dispute.amount = sum(findings.mapped("amount"))
            dispute.refunded_amount = sum(findings.mapped("refunded_amount"))
            dispute.deadline = min(
                filter(None, findings.mapped("deadline")), default=False
            )

    @api.model
    def _start(self, findings):
        """Make a dispute of these findings for each company, carrier and currency."""
        disputes = self.browse()
        groups = findings.grouped(lambda f: (f.company_id, f.carrier_id, f.currency_id))
        for (company, carrier, currency), own in groups.items():
            sequence = self.env["ir.sequence"].with_company(company)
            dispute = self.create(
                {
                    "name": sequence.next_by_code("shipment.freight.dispute") or "/",
                    "company_id": company.id,
                    "carrier_id": carrier.id,
                    "partner_id": carrier.vendor_id.id,
                    "currency_id": currency.id,
                }
            )
            own.dispute_id = dispute
            own._decide("disputed")
            disputes |= dispute
        return disputes

    def _action_view(self):
        action = {
            "type": "ir.actions.act_window",
            "name": self.env._("Disputes"),
            "res_model": self._name,
            "view_mode": "list,form",
            "domain": [("id", "in", self.ids)],
        }
        if len(self) == 1:
            action |= {
                "view_mode": "form",
                "views": [(False, "form")],
                "res_id": self.id,
            }
        return action

    def action_send(self):
        """Open the mail to the carrier, with the letter and the table."""
        self.ensure_one()
        template = self.env.ref(
            "shipment_visibility_carriers.mail_template_freight_dispute"
        )
        table = self.env["ir.attachment"].create(
            {
                "name": self._get_table_name(),
                "raw": self._write_table(),
                "mimetype": "text/csv",
                "res_model": self._name,
                "res_id": self.id,
            }
        )
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Send the Dispute"),
            "res_model": "mail.compose.message",
            "view_mode": "form",
            "target": "new",
            "context": {
                "default_model": self._name,
                "default_res_ids": self.ids,
                "default_template_id": template.id,
                "default_attachment_ids": table.ids,
                "default_composition_mode": "comment",
                "mark_freight_dispute_sent": True,
            },
        }

    def message_post(self, **kwargs):
        """Override of Odoo to note that the letter has left."""
        message = super().message_post(**kwargs)
        if self.env.context.get("mark_freight_dispute_sent"):
            self.action_mark_sent()
        return message

    def action_mark_sent(self):
        """Note that the carrier has been asked, by mail or on its own pages."""
        self.filtered(lambda dispute: dispute.state == "draft").write(
            {"state": "sent", "sent_on": fields.Date.context_today(self)}
        )
        return True

    def action_download(self):
        """Hand the table to the browser."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_url",
            "url": f"/web/content/{self._name}/{self.id}/table"
            f"?download=true&filename={self._get_table_name()}",
            "target": "download",
        }

    def _get_table_name(self):
        return f"{self.name.replace('/', '-')}.csv"

    table = fields.Binary(compute="_compute_table")

    def _compute_table(self):
        for dispute in self:
            dispute.table = base64.b64encode(dispute._write_table())

    def _write_table(self):
        """The findings as a table, a charge a row, for the carrier's upload or its clerk."""
        self.ensure_one()
        rules = dict(
            self.env["shipment.freight.finding"]
            ._fields["rule"]
            ._description_selection(self.env)
        )
        places = self.currency_id.decimal_places
        return writing.table(
            [
                COLUMNS,
                *(
                    (
                        finding.invoice_id.account_number,
                        finding.invoice_id.name,
                        finding.invoice_id.date,
                        share.line_id.tracking_number,
                        share.line_id.raw_code,
                        share.line_id.description,
                        f"{share.amount:.{places}f}",
                        self.currency_id.name,
                        rules[finding.rule],
                        finding.explanation,
                    )
                    for finding in self.finding_ids
                    for share in finding.share_ids
                ),
            ]
        )

    def action_close(self):
        """End it: what was not given back is refused, and is paid."""
        for dispute in self:
            if dispute.state == "draft":
                raise UserError(
                    self.env._("%(name)s has not been sent yet.", name=dispute.name)
                )
            dispute.state = "closed"
            # The bill follows from the decision, whoever may make bills.
            dispute.sudo().finding_ids.filtered(
                lambda found: found.state == "disputed"
            )._decide("lost")
        return True
