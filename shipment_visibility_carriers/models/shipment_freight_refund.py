from decimal import Decimal

from odoo import fields, models

from ..invoices.audit import Billed, Dispute, match_credits


class ShipmentFreightRefund(models.Model):
    """So much of a credit answers a finding that was disputed."""

    _name = "shipment.freight.refund"
    _description = "Refund of Freight"
    _order = "id"

    finding_id = fields.Many2one(
        "shipment.freight.finding", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="finding_id.company_id", store=True)
    line_id = fields.Many2one(
        "shipment.carrier.invoice.line", required=True, ondelete="cascade", index=True
    )
    currency_id = fields.Many2one(related="finding_id.currency_id")
    amount = fields.Monetary(required=True)

    _pair_uniq = models.UniqueIndex(
        "(finding_id, line_id)", "This credit has answered this finding already."
    )


class ShipmentCarrierInvoice(models.Model):
    _inherit = "shipment.carrier.invoice"

    def _match_refunds(self):
        """Find the disputes that the credits of an invoice answer; each is used once."""
        self.ensure_one()
        credits = self.env["shipment.carrier.invoice.line"].search(
            [
                ("invoice_id", "=", self.id),
                ("amount", "<", 0),
                ("number_normalised", "!=", False),
            ]
        )
        if not credits:
            return
        findings = self.env["shipment.freight.finding"].search(
            [
                ("state", "=", "disputed"),
                ("company_id", "=", self.company_id.id),
                ("carrier_id", "=", self.carrier_id.id),
                ("tracking_number", "in", list(set(credits.mapped("tracking_number")))),
            ]
        )
        used = {
            line.id: amount
            for line, amount in self.env["shipment.freight.refund"]._read_group(
                [("line_id", "in", credits.ids)], ["line_id"], ["amount:sum"]
            )
        }
        head = self._as_document()
        matches = match_credits(
            [finding._as_dispute() for finding in findings],
            [
                Billed(id=line.id, line=line._as_document(head))
                for line in credits
                if not used.get(line.id)
            ],
        )
        self.env["shipment.freight.refund"].create(
            [
                {
                    "finding_id": match.dispute_id,
                    "line_id": match.line_id,
                    "amount": float(match.amount),
                }
                for match in matches
            ]
        )
        findings._count_refunds()


class ShipmentFreightFinding(models.Model):
    _inherit = "shipment.freight.finding"

    refund_ids = fields.One2many("shipment.freight.refund", "finding_id", readonly=True)

    def _as_dispute(self):
        codes = set(self.share_ids.line_id.mapped("raw_code"))
        missing = self.amount - self.refunded_amount
        return Dispute(
            id=self.id,
            tracking_number=self.tracking_number or "",
            family=self.family or "",
            amount=Decimal(f"{missing:.{self.currency_id.decimal_places}f}"),
            currency=self.currency_id.name,
            raw_code=codes.pop() or "" if len(codes) == 1 else "",
        )

    def _count_refunds(self):
        """Add up what was given back; who got all back is done."""
        for finding in self:
            finding.refunded_amount = sum(finding.refund_ids.mapped("amount"))
        self.filtered(
            lambda f: f.currency_id.compare_amounts(f.refunded_amount, f.amount) >= 0
        )._decide("refunded")
        answered = self.dispute_id.filtered(
            lambda dispute: all(f.state == "refunded" for f in dispute.finding_ids)
        )
        answered.state = "closed"
