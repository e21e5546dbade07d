from odoo import api, fields, models
from odoo.exceptions import UserError

from ..invoices.reconciliation import Reason

REASONS = [
    (Reason.NOT_BILLED.value, "Shipped, Not Billed"),
    (Reason.DELIVERED_NOT_BILLED.value, "Delivered, Not Billed"),
    (Reason.UNKNOWN.value, "Billed, Not Shipped by Us"),
    (Reason.VOID_BILLED.value, "Billed, Label Cancelled"),
    (Reason.NOT_DELIVERED.value, "Billed, Never Delivered"),
    (Reason.RETURNED_AS_DELIVERED.value, "Returned, Billed as Delivered"),
    (Reason.BILLED_TWICE.value, "Billed on Several Invoices"),
]


class ShipmentFreightDifference(models.Model):
    """Where what we shipped, what was billed and what was delivered differ.

    Written by the reconciliation alone: a difference comes when it is found, and is settled
    when it no longer is. People say which of them they leave as they are, and why.
    """

    _name = "shipment.freight.difference"
    _description = "Freight Difference"
    _order = "date desc, id desc"
    _check_company_auto = True

    name = fields.Char(compute="_compute_name")
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    key = fields.Char(required=True, readonly=True)
    reason = fields.Selection(REASONS, required=True, readonly=True)
    shipment_id = fields.Many2one(
        "shipment.shipment", readonly=True, ondelete="cascade", index="btree_not_null"
    )
    shipment_status = fields.Selection(related="shipment_id.headline")
    carrier_id = fields.Many2one("shipment.carrier", readonly=True)
    invoice_id = fields.Many2one(
        "shipment.carrier.invoice",
        string="Carrier Invoice",
        readonly=True,
        ondelete="cascade",
        index="btree_not_null",
    )
    tracking_number = fields.Char(readonly=True)
    amount = fields.Monetary(
        string="At Stake",
        readonly=True,
        help="What was billed without tax, or booked where nothing was billed.",
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(
        readonly=True, help="Of the invoice, or of the journey where there is none."
    )
    state = fields.Selection(
        [
            ("open", "To Look At"),
            ("aside", "Set Aside"),
            ("settled", "Settled"),
        ],
        required=True,
        readonly=True,
        default="open",
    )
    settled_at = fields.Datetime(
        string="Settled On", readonly=True, help="When it was no longer true."
    )
    note = fields.Char(string="Set Aside Because", readonly=True)
    user_id = fields.Many2one("res.users", string="Set Aside By", readonly=True)

    _key_uniq = models.UniqueIndex(
        "(company_id, key)", "This difference is known already."
    )
    _standing_idx = models.Index("(shipment_id) WHERE state <> 'settled'")
    _open_idx = models.Index("(company_id, date DESC) WHERE state = 'open'")

    @api.depends("reason", "tracking_number", "shipment_id")
    @api.depends_context("lang")
    def _compute_name(self):
        titles = dict(self._fields["reason"]._description_selection(self.env))
        for difference in self:
            words = (
                difference.tracking_number or difference.shipment_id.name,
                titles.get(difference.reason),
            )
            difference.name = ": ".join(filter(None, words))

    def action_set_aside(self):
        """Ask for the word with which these are left as they are."""
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Set Aside"),
            "res_model": "shipment.freight.difference.aside",
            "view_mode": "form",
            "target": "new",
            "context": {"default_difference_ids": self.ids},
        }

    def _set_aside(self, note):
        """Leave what is open as it is, with a word why."""
        self.check_access("write")
        chosen = self.filtered(lambda difference: difference.state == "open")
        if not chosen:
            raise UserError(self.env._("None of these is to be looked at."))
        chosen.write({"state": "aside", "note": note, "user_id": self.env.uid})

    def action_take_up(self):
        """Look at what was set aside again."""
        self.check_access("write")
        self.filtered(lambda difference: difference.state == "aside").write(
            {"state": "open", "note": False, "user_id": False}
        )
        return True

    def action_view_lines(self):
        """Open what the carrier has billed of it."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility_carriers.shipment_carrier_invoice_line_action"
        )
        action["context"] = {}
        if self.shipment_id:
            action["domain"] = [("shipment_id", "=", self.shipment_id.id)]
        else:
            action["domain"] = [
                ("invoice_id", "=", self.invoice_id.id),
                ("tracking_number", "=", self.tracking_number),
            ]
        return action


class ShipmentFreightPatience(models.Model):
    """How long a carrier may take to bill and to deliver."""

    _name = "shipment.freight.patience"
    _description = "Patience with a Carrier"
    _order = "policy_id, carrier_id, id"

    policy_id = fields.Many2one(
        "shipment.freight.policy", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="policy_id.company_id", store=True)
    carrier_id = fields.Many2one("shipment.carrier", required=True, ondelete="cascade")
    bill_days = fields.Integer(
        string="Days to Bill",
        required=True,
        default=30,
        help="From delivery, where that is known, or else from when it was shipped.",
    )
    deliver_days = fields.Integer(string="Days to Deliver", required=True, default=30)

    _carrier_uniq = models.UniqueIndex(
        "(policy_id, carrier_id)", "This carrier is named already."
    )
    _range = models.Constraint(
        "CHECK (bill_days BETWEEN 1 AND 365 AND deliver_days BETWEEN 1 AND 365)",
        "A carrier may take between a day and a year.",
    )


class ShipmentFreightPolicy(models.Model):
    _inherit = "shipment.freight.policy"

    bill_days = fields.Integer(
        string="Days to Bill",
        required=True,
        default=30,
        help="After so many days without an invoice, from delivery or else from when it was "
        "shipped, a shipment is on the list of differences.",
    )
    deliver_days = fields.Integer(
        string="Days to Deliver",
        required=True,
        default=30,
        help="After so many days a shipment that is billed and not delivered is on it.",
    )
    patience_ids = fields.One2many(
        "shipment.freight.patience", "policy_id", string="Days by Carrier", copy=True
    )

    _days_range = models.Constraint(
        "CHECK (bill_days BETWEEN 1 AND 365 AND deliver_days BETWEEN 1 AND 365)",
        "A carrier may take between a day and a year.",
    )
