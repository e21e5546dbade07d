from odoo import Command, api, fields, models
from odoo.exceptions import UserError


class ShipmentFreightRecharge(models.Model):
    """An invoice in the company that ships, and the bill for it in the one that sells."""

    _name = "shipment.freight.recharge"
    _description = "Recharged Freight"
    _order = "id desc"
    _inherit = ["mail.thread"]
    _mail_post_access = "read"

    name = fields.Char(required=True, readonly=True, copy=False)
    agreement_id = fields.Many2one(
        "shipment.freight.agreement",
        required=True,
        readonly=True,
        index=True,
        ondelete="restrict",
    )
    company_id = fields.Many2one(
        related="agreement_id.company_id", store=True, index=True
    )
    selling_company_id = fields.Many2one(
        related="agreement_id.selling_company_id", store=True, index=True
    )
    currency_id = fields.Many2one(related="company_id.currency_id")
    date = fields.Date(required=True, readonly=True)
    line_ids = fields.One2many(
        "shipment.freight.recharge.line", "recharge_id", readonly=True
    )
    amount = fields.Monetary(
        readonly=True, help="Without tax; negative when it is given back."
    )
    # Together they are the evidence that each shipment was recharged once.
    invoice_id = fields.Many2one(
        "account.move", readonly=True, copy=False, ondelete="restrict", index=True
    )
    bill_id = fields.Many2one(
        "account.move", readonly=True, copy=False, ondelete="restrict", index=True
    )
    invoice_state = fields.Selection(related="invoice_id.state", string="Invoice Is")
    bill_state = fields.Selection(related="bill_id.state", string="Bill Is")
    state = fields.Selection(
        [("made", "Recharged"), ("cancelled", "Cancelled")],
        required=True,
        readonly=True,
        default="made",
        tracking=True,
    )

    @api.model
    def _make(self, agreement, lines):
        """Recharge lines of shipments as one pair of documents."""
        total = agreement.currency_id.round(sum(line["amount"] for line in lines))
        recharge = self.create(
            {
                "name": self.env["ir.sequence"].next_by_code(self._name),
                "agreement_id": agreement.id,
                "date": fields.Date.context_today(self),
                "amount": total,
                "line_ids": [Command.create(line) for line in lines],
            }
        )
        recharge.invoice_id = recharge._create_move("out", agreement.company_id)
        recharge.bill_id = recharge._create_move("in", agreement.selling_company_id)
        recharge._refer()
        if agreement.is_posted:
            (recharge.invoice_id | recharge.bill_id).action_post()
        return recharge

    def _create_move(self, side, company):
        moves = self.env["account.move"].with_company(company)
        return moves.create(self._prepare_move(side))

    def _prepare_move(self, side):
        agreement = self.agreement_id
        is_invoice = side == "out"
        partner = (
            agreement.selling_company_id if is_invoice else agreement.company_id
        ).partner_id
        journal = agreement.journal_id if is_invoice else agreement.bill_journal_id
        company = agreement.company_id if is_invoice else agreement.selling_company_id
        return {
            "move_type": f"{side}_{'refund' if self.amount < 0 else 'invoice'}",
            "company_id": company.id,
            "partner_id": partner.id,
            "currency_id": self.currency_id.id,
            "invoice_date": self.date,
            "ref": self.name,
            "invoice_origin": self.name,
            **({"journal_id": journal.id} if journal else {}),
            "invoice_line_ids": [
                Command.create(
                    {
                        "product_id": agreement.product_id.id,
                        "name": self._describe(),
                        "quantity": 1,
                        "price_unit": abs(self.amount),
                    }
                )
            ],
        }

    def _describe(self):
        return self.env._(
            "Freight of %(count)s shipments, %(name)s",
            count=len(self.line_ids),
            name=self.name,
        )

    def _refer(self):
        """Each document names the other; who may not open it knows at least where it is."""
        for move, other in (
            (self.invoice_id, self.bill_id),
            (self.bill_id, self.invoice_id),
        ):
            move._message_log(
                body=self.env._(
                    "%(name)s: its other side is %(move)s of %(company)s.",
                    name=self.name,
                    move=other.display_name,
                    company=other.company_id.name,
                )
            )

    def action_cancel(self):
        """Take both back as long as they are drafts: the shipments are due again."""
        self.check_access("read")
        for recharge in self:
            # The two documents are taken back together, whoever may write them.
            recharge_sudo = recharge.sudo()
            moves_sudo = recharge_sudo.invoice_id | recharge_sudo.bill_id
            if "posted" in moves_sudo.mapped("state"):
                raise UserError(
                    self.env._(
                        "%(name)s is posted. Reset the invoice and the bill to draft first.",
                        name=recharge.name,
                    )
                )
            moves_sudo.filtered(lambda move: move.state == "draft").button_cancel()
            recharge_sudo.state = "cancelled"
        return True

    def action_view_invoice(self):
        """Open the invoice."""
        return self.invoice_id._get_records_action(name=self.env._("Invoice"))

    def action_view_bill(self):
        """Open the vendor bill."""
        return self.bill_id._get_records_action(name=self.env._("Vendor Bill"))


class ShipmentFreightRechargeLine(models.Model):
    """What was recharged of one shipment; all of its lines together are what it cost."""

    _name = "shipment.freight.recharge.line"
    _description = "Recharged Shipment"
    _order = "recharge_id desc, shipment_id, id"

    recharge_id = fields.Many2one(
        "shipment.freight.recharge", required=True, ondelete="cascade", index=True
    )
    company_id = fields.Many2one(related="recharge_id.company_id", store=True)
    selling_company_id = fields.Many2one(
        related="recharge_id.selling_company_id", store=True
    )
    is_cancelled = fields.Boolean(compute="_compute_is_cancelled", store=True)
    shipment_id = fields.Many2one(
        "shipment.shipment", required=True, ondelete="restrict", index=True
    )
    currency_id = fields.Many2one(related="recharge_id.currency_id")
    cost = fields.Monetary(
        string="Billed by the Carrier",
        help="What the cost of the shipment has changed by since it was last recharged.",
    )
    amount = fields.Monetary(string="Recharged")

    _once_uniq = models.UniqueIndex(
        "(recharge_id, shipment_id)", "A shipment is recharged once each time."
    )
    _pair_idx = models.Index("(company_id, selling_company_id, shipment_id)")

    @api.depends("recharge_id.state")
    def _compute_is_cancelled(self):
        for line in self:
            line.is_cancelled = line.recharge_id.state == "cancelled"
