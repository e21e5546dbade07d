from dataclasses import replace

from odoo import fields, models

from ..invoices.audit import RULES


class ShipmentFreightDeadline(models.Model):
    """How long a carrier lets itself be asked, where its contract or terms say so."""

    _name = "shipment.freight.deadline"
    _description = "Deadline of Disputes"
    _order = "policy_id, carrier_id, rule, id"
    _check_company_auto = True

    policy_id = fields.Many2one(
        "shipment.freight.policy", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True)
    carrier_id = fields.Many2one("shipment.carrier", help="Empty: all carriers.")
    rule = fields.Selection(
        [(rule.code, rule.title) for rule in RULES if rule.is_dispute],
        string="What Is Wrong",
        help="Empty: whatever is not named.",
    )
    days = fields.Integer(
        required=True,
        default=30,
        help="Days to dispute it: from the date of the invoice; of what is late, from the "
        "promised day of delivery.",
    )

    _range = models.Constraint("CHECK (days >= 0)", "A deadline is not in the past.")


class ShipmentFreightPolicy(models.Model):
    _inherit = "shipment.freight.policy"

    deadline_ids = fields.One2many("shipment.freight.deadline", "policy_id", copy=True)

    def _get_terms(self, carrier):
        """Override of ours to add how long a carrier may be asked."""
        rows = self.deadline_ids.filtered(
            lambda row: not row.carrier_id or row.carrier_id == carrier
        ).sorted(lambda row: (bool(row.carrier_id), bool(row.rule)))
        days = {}
        for row in rows:
            # Of a carrier's own rows, that for all rules comes before those of all carriers.
            named = [row.rule] if row.rule else [rule.code for rule in RULES]
            days.update(dict.fromkeys(named, row.days))
        return replace(super()._get_terms(carrier), days=days)
