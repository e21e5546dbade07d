from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError

STATES = [
    ("draft", "Draft"),
    ("filed", "Filed"),
    ("accepted", "Accepted"),
    ("paid", "Paid"),
    ("rejected", "Rejected"),
]
# From which states one comes to a state; all else is refused.
STEPS = {
    "filed": ("draft",),
    "accepted": ("filed",),
    "paid": ("accepted",),
    "rejected": ("filed", "accepted"),
    "draft": ("rejected",),
}


class ShipmentClaim(models.Model):
    """What we ask of a carrier for goods that it damaged or lost."""

    _name = "shipment.claim"
    _description = "Carrier Claim"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "state, deadline, id desc"
    _check_company_auto = True

    name = fields.Char(required=True, readonly=True, copy=False)
    exception_id = fields.Many2one(
        "shipment.exception", index="btree_not_null", ondelete="set null"
    )
    shipment_id = fields.Many2one(
        "shipment.shipment", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(
        related="shipment_id.company_id", store=True, index=True
    )
    carrier_id = fields.Many2one(related="shipment_id.carrier_id", store=True)
    package_id = fields.Many2one(
        "shipment.package", domain="[('shipment_id', '=', shipment_id)]"
    )
    tracking_number = fields.Char(related="package_id.tracking_number")
    user_id = fields.Many2one(
        "res.users", string="Responsible", default=lambda self: self.env.user
    )
    state = fields.Selection(STATES, required=True, default="draft", tracking=True)
    currency_id = fields.Many2one(
        "res.currency",
        required=True,
        default=lambda self: self.env.company.currency_id,
    )
    amount = fields.Monetary(string="Claimed", tracking=True)
    settled_amount = fields.Monetary(string="Settled", tracking=True)
    deadline = fields.Date(
        string="File by",
        tracking=True,
        help="The carrier refuses what is claimed later.",
    )
    filed_on = fields.Date(readonly=True, copy=False)
    decided_on = fields.Date(readonly=True, copy=False)
    carrier_reference = fields.Char(
        string="Carrier's Reference", help="Under which the carrier handles it."
    )
    description = fields.Text(string="What Happened")
    outcome = fields.Text(help="What the carrier answered.")
    evidence_ids = fields.Many2many(
        "ir.attachment",
        "shipment_claim_evidence_rel",
        help="Photographs, the invoice of the goods, the carrier's report.",
    )

    _amounts_positive = models.Constraint(
        "CHECK (amount >= 0 AND settled_amount >= 0)",
        "The amounts of a claim cannot be negative.",
    )
    _deadline_idx = models.Index("(deadline) WHERE state = 'draft'")

    @api.model_create_multi
    def create(self, vals_list):
        """Override of Odoo to number claims, and to remind of their deadlines."""
        for vals in vals_list:
            if not vals.get("name"):
                vals["name"] = (
                    self.env["ir.sequence"]
                    .sudo()  # whoever handles exceptions may not draw numbers
                    .next_by_code("shipment.claim")
                )
        claims = super().create(vals_list)
        for claim in claims.filtered("deadline"):
            claim.activity_schedule(
                "mail.mail_activity_data_todo",
                date_deadline=max(
                    claim.deadline - timedelta(days=2), fields.Date.today()
                ),
                summary=self.env._("File the claim with the carrier"),
                user_id=claim.user_id.id or self.env.uid,
            )
        return claims

    def action_file(self):
        """Note that it was sent to the carrier."""
        for claim in self:
            if not claim.amount:
                raise UserError(
                    self.env._(
                        "Enter how much is claimed in %(claim)s.", claim=claim.name
                    )
                )
        self._step("filed", filed_on=fields.Date.context_today(self))
        self.activity_feedback(["mail.mail_activity_data_todo"])

    def action_accept(self):
        """Note that the carrier will pay; all of it, unless another amount is entered."""
        self._step("accepted", decided_on=fields.Date.context_today(self))
        for claim in self.filtered(lambda c: not c.settled_amount):
            claim.settled_amount = claim.amount

    def action_pay(self):
        """Note that the carrier has paid."""
        self._step("paid")

    def action_reject(self):
        """Note that the carrier will not pay."""
        self._step(
            "rejected", decided_on=fields.Date.context_today(self), settled_amount=0.0
        )

    def action_draft(self):
        """Take a rejected claim up again."""
        self._step("draft", decided_on=False, filed_on=False)

    def _step(self, state, **values):
        wrong = self.filtered(lambda claim: claim.state not in STEPS[state])
        if wrong:
            labels = dict(self._fields["state"]._description_selection(self.env))
            raise UserError(
                self.env._(
                    "%(claims)s cannot become “%(state)s” from “%(from_state)s”.",
                    claims=", ".join(wrong.mapped("name")),
                    state=labels[state],
                    from_state=labels[wrong[0].state],
                )
            )
        self.write({"state": state, **values})


class ShipmentException(models.Model):
    _inherit = "shipment.exception"

    claim_ids = fields.One2many("shipment.claim", "exception_id", string="Claims")
    may_claim = fields.Boolean(related="type_id.may_claim")
    replacement_ids = fields.Many2many(
        "sale.order", "shipment_exception_replacement_rel", string="Replacement Orders"
    )
    refund_ids = fields.Many2many(
        "account.move", "shipment_exception_refund_rel", string="Credit Notes"
    )
    return_ids = fields.Many2many(
        "stock.picking", "shipment_exception_return_rel", string="Returns"
    )
    scrap_ids = fields.Many2many(
        "stock.scrap", "shipment_exception_scrap_rel", string="Stock Corrections"
    )

    def action_settle(self):
        """Propose what follows from the loss, for a person to confirm."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("What Follows"),
            "res_model": "shipment.exception.settle",
            "view_mode": "form",
            "target": "new",
            "context": {"default_exception_id": self.id},
        }

    def _affected_move_lines(self):
        """Return what was in the parcel that it is about, or in all of the shipment."""
        self.ensure_one()
        lines = self.shipment_id.picking_ids.move_line_ids.filtered(
            lambda line: line.state == "done"
        )
        package = self.package_id.stock_package_id
        return lines.filtered(lambda line: line.result_package_id == package) or lines
