from odoo import Command, api, fields, models
from odoo.exceptions import UserError

from odoo.addons.shipment_visibility.canonical.schema import CHARGE_FAMILIES
from odoo.addons.shipment_visibility.models.shipment_charge import FAMILIES

from ..invoices.audit import RULES


class ShipmentFreightFinding(models.Model):
    """One thing that is wrong with what a carrier has billed."""

    _name = "shipment.freight.finding"
    _description = "Freight Finding"
    _order = "deadline, id"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name")
    invoice_id = fields.Many2one(
        "shipment.carrier.invoice",
        required=True,
        readonly=True,
        ondelete="cascade",
        index=True,
    )
    company_id = fields.Many2one(
        related="invoice_id.company_id", store=True, index=True
    )
    carrier_id = fields.Many2one(related="invoice_id.carrier_id", store=True)
    shipment_id = fields.Many2one(
        "shipment.shipment", readonly=True, index=True, ondelete="cascade"
    )
    tracking_number = fields.Char(readonly=True)
    rule = fields.Selection(
        [(rule.code, rule.title) for rule in RULES],
        string="What Is Wrong",
        required=True,
        readonly=True,
    )
    family = fields.Selection(
        [(family, FAMILIES[family]) for family in CHARGE_FAMILIES], readonly=True
    )
    share_ids = fields.One2many(
        "shipment.freight.finding.share", "finding_id", readonly=True
    )
    amount = fields.Monetary(string="At Stake", readonly=True, help="Without tax.")
    currency_id = fields.Many2one("res.currency", required=True, readonly=True)
    refunded_amount = fields.Monetary(string="Given Back", readonly=True)
    deadline = fields.Date(readonly=True, help="The last day to dispute it.")
    evidence = fields.Json(readonly=True)
    explanation = fields.Char(string="Why", compute="_compute_explanation")
    is_dispute = fields.Boolean(
        string="Can Be Disputed", readonly=True, help="Else it is work of ours."
    )
    state = fields.Selection(
        [
            ("open", "To Decide"),
            ("accepted", "Accepted"),
            ("disputed", "Disputed"),
            ("refunded", "Given Back"),
            ("lost", "Refused"),
        ],
        string="Status",
        required=True,
        readonly=True,
        default="open",
    )
    dispute_id = fields.Many2one(
        "shipment.freight.dispute", readonly=True, index="btree_not_null"
    )
    exception_id = fields.Many2one(
        "shipment.exception", readonly=True, ondelete="set null", index="btree_not_null"
    )

    freight_currency_id = fields.Many2one(related="shipment_id.freight_currency_id")
    freight_quoted = fields.Monetary(
        related="shipment_id.freight_quoted", currency_field="freight_currency_id"
    )
    freight_booked = fields.Monetary(
        related="shipment_id.freight_booked", currency_field="freight_currency_id"
    )
    freight_invoiced = fields.Monetary(
        related="shipment_id.freight_invoiced", currency_field="freight_currency_id"
    )

    _open_idx = models.Index(
        "(company_id, deadline) WHERE state IN ('open', 'disputed')"
    )

    @api.depends("rule", "tracking_number")
    @api.depends_context("lang")
    def _compute_name(self):
        titles = dict(self._fields["rule"]._description_selection(self.env))
        for finding in self:
            words = (finding.tracking_number, titles.get(finding.rule))
            finding.name = ": ".join(filter(None, words))

    @api.depends("rule", "evidence")
    @api.depends_context("lang")
    def _compute_explanation(self):
        for finding in self:
            finding.explanation = finding._explain()

    def _explain(self):
        """Say in one sentence what is held against the carrier."""
        told = {key: value or "?" for key, value in (self.evidence or {}).items()}
        bases = dict(
            self.env["shipment.charge"]
            ._fields["weight_basis"]
            ._description_selection(self.env)
        )
        told["basis"] = bases.get(told.get("basis"), self.env._("no reason given"))
        if self.rule == "duplicate" and told.get("first_invoice") == told.get(
            "invoice"
        ):
            return self.env._("Billed before on the same invoice.")
        template = {
            "duplicate": self.env._(
                "Billed before on invoice %(first_invoice)s of %(first_date)s."
            ),
            "wrong_account": self.env._(
                "Booked by account %(account)s, billed to %(billed_account)s."
            ),
            "void_label": self.env._("The label was cancelled."),
            "no_scan": self.env._("The carrier has never scanned it."),
            "wrong_currency": self.env._(
                "Agreed in %(currency)s, billed in %(billed_currency)s."
            ),
            "late": self.env._("Promised for %(promised)s, delivered %(delivered)s."),
            "residential": self.env._("The receiver is a business."),
            "address_correction": self.env._(
                "The carrier had confirmed the address before it was booked."
            ),
            "above_contract": self.env._(
                "Billed %(billed)s, by contract %(contract)s."
            ),
            "heavier": self.env._(
                "Entered %(entered_kg)s kg, billed %(billed_kg)s kg (%(basis)s)."
            ),
            "never_quoted": self.env._("The surcharge %(code)s was never quoted."),
            "above_booked": self.env._("Billed %(billed)s, booked for %(booked)s."),
            "unknown_package": self.env._("Nobody knows the parcel."),
        }.get(self.rule, "")
        return template % _Told(told)

    @api.model
    def _replace(self, invoice, found):
        """Put what was found in the place of what was found before and not decided on.

        :param found: ``{shipment: [invoices.audit.Finding]}``
        """
        shipments = self.env["shipment.shipment"].union(*found)
        known = self.search(
            [("invoice_id", "=", invoice.id), ("shipment_id", "in", shipments.ids)]
        )
        decided = known.filtered(lambda finding: finding.state != "open")
        settled = set(
            decided.share_ids.mapped(lambda s: (s.finding_id.rule, s.line_id.id))
        )
        lines = self.env["shipment.carrier.invoice.line"]
        (known - decided).unlink()
        values = []
        for shipment, findings in found.items():
            for finding in findings:
                own = lines.browse(finding.line_ids).filtered(
                    lambda line: line.invoice_id == invoice
                )
                if not own or any((finding.rule, line.id) in settled for line in own):
                    continue
                values.append(self._prepare(invoice, shipment, finding, own))
        return self.create(values)

    def _prepare(self, invoice, shipment, finding, lines):
        shares = {line: amount for line, amount in finding.shares if line in lines.ids}
        return {
            "invoice_id": invoice.id,
            "shipment_id": shipment.id,
            "tracking_number": lines[:1].tracking_number,
            "rule": finding.rule,
            "family": lines[:1].family,
            "amount": float(sum(shares.values())),
            "currency_id": lines[:1].currency_id.id,
            "deadline": finding.deadline,
            "evidence": dict(finding.evidence),
            "is_dispute": finding.is_dispute,
            "share_ids": [
                Command.create({"line_id": line, "amount": float(amount)})
                for line, amount in shares.items()
            ],
        }

    # === DECIDING === #

    def action_accept(self):
        """Pay it all the same."""
        self.check_access("write")
        self.sudo()._accept()
        return True

    def _accept(self):
        self.filtered(lambda finding: finding.state == "open")._decide("accepted")

    def action_dispute(self):
        """Ask the carrier for the money: one letter for each of its invoices' currencies."""
        self.check_access("write")
        chosen = self.filtered(lambda f: f.state == "open" and f.is_dispute)
        if not chosen:
            raise UserError(self.env._("None of these can be disputed."))
        # The disputed part is the invoice's to write, not the user's.
        disputes_sudo = (
            self.env["shipment.freight.dispute"].sudo()._start(chosen.sudo())
        )
        return disputes_sudo.sudo(self.env.su)._action_view()

    def _decide(self, state):
        """Note what became of it; what is disputed is held back from the bill."""
        if not self:
            return
        self.write({"state": state})
        self.share_ids.line_id._count_disputed()
        self._close_exceptions()
        if state != "disputed":
            for invoice in self.invoice_id.filtered(lambda i: i.state == "posted"):
                invoice._bill()

    def _close_exceptions(self):
        """Finance is done with a shipment when all of its findings are decided on."""
        exceptions = self.exception_id
        left = self.search(
            [("exception_id", "in", exceptions.ids), ("state", "=", "open")]
        ).exception_id
        (exceptions - left)._close(fields.Datetime.now())


class ShipmentFreightFindingShare(models.Model):
    """What of one line a finding is about."""

    _name = "shipment.freight.finding.share"
    _description = "Line of a Finding"
    _order = "finding_id, id"

    finding_id = fields.Many2one(
        "shipment.freight.finding", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="finding_id.company_id", store=True)
    line_id = fields.Many2one(
        "shipment.carrier.invoice.line", required=True, ondelete="cascade", index=True
    )
    amount = fields.Monetary(required=True)
    currency_id = fields.Many2one(related="line_id.currency_id")
    description = fields.Char(related="line_id.description")
    family = fields.Selection(related="line_id.family")
    raw_code = fields.Char(related="line_id.raw_code")
    billed = fields.Monetary(related="line_id.amount", string="Billed")
    entered_weight = fields.Float(related="line_id.entered_weight")
    billed_weight = fields.Float(related="line_id.billed_weight")


class ShipmentCarrierInvoiceLine(models.Model):
    _inherit = "shipment.carrier.invoice.line"

    share_ids = fields.One2many("shipment.freight.finding.share", "line_id")

    def _count_disputed(self):
        for line in self:
            shares = line.share_ids.filtered(
                lambda share: share.finding_id.state == "disputed"
            )
            line.disputed_amount = sum(shares.mapped("amount"))


class _Told(dict):
    """Evidence for a sentence; what is not there is not known."""

    def __missing__(self, key):
        return "?"
