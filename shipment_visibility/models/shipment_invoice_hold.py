from odoo import api, fields, models
from odoo.exceptions import UserError

REASONS = [
    ("on_the_way", "Not delivered yet"),
    ("partly", "Some parcels are not delivered"),
    ("outcome", "Lost or returned"),
    ("proof", "No proof of delivery"),
    ("exception", "Open exception"),
    ("costs", "Freight costs are not known"),
]


class ShipmentInvoiceHold(models.Model):
    """Why an order is not invoiced yet, for as long as a rule waits for its parcels.

    There is one for each order; another delivery of the order takes it up again.
    """

    _name = "shipment.invoice.hold"
    _description = "Held Invoice"
    _inherit = ["mail.thread"]
    _order = "state, held_since, id"
    _rec_name = "order_id"

    order_id = fields.Many2one("sale.order", required=True, ondelete="cascade")
    company_id = fields.Many2one(related="order_id.company_id", store=True, index=True)
    currency_id = fields.Many2one(related="order_id.currency_id")
    partner_id = fields.Many2one(related="order_id.partner_id")
    user_id = fields.Many2one(related="order_id.user_id", store=True)
    amount_to_invoice = fields.Monetary(
        related="order_id.amount_to_invoice", string="To Invoice"
    )
    rule_id = fields.Many2one("shipment.rule", required=True, ondelete="cascade")
    shipment_ids = fields.Many2many(
        "shipment.shipment", compute="_compute_shipment_ids", string="Waits for"
    )
    state = fields.Selection(
        [("held", "Held"), ("released", "Released")],
        required=True,
        default="held",
        tracking=True,
    )
    blocks = fields.Boolean(
        string="Cannot Be Invoiced",
        help="Nobody can invoice the order meanwhile, except for down payments.",
    )
    reason = fields.Selection(REASONS, required=True, default="on_the_way")
    details = fields.Char()
    held_since = fields.Datetime(required=True, default=fields.Datetime.now)
    days_held = fields.Integer(compute="_compute_days_held", string="Days")
    released_at = fields.Datetime()
    released_by_id = fields.Many2one(
        "res.users", help="Who released it although something held it."
    )

    _order_uniq = models.UniqueIndex("(order_id)")
    _held_idx = models.Index("(company_id, held_since) WHERE state = 'held'")

    def _compute_shipment_ids(self):
        for hold in self:
            hold.shipment_ids = hold._shipments().filtered(
                lambda shipment: shipment.headline != "delivered"
            )

    @api.depends("held_since", "released_at")
    def _compute_days_held(self):
        now = fields.Datetime.now()
        for hold in self:
            end = hold.released_at or now
            hold.days_held = (end - hold.held_since).days

    def _shipments(self):
        """Return the outbound shipments of the order that count, whose company's ever."""
        shipments = self.order_id.shipment_ids
        return shipments.filtered(
            lambda s: s.direction == "outbound" and s.headline != "cancelled"
        )

    # === Holding === #

    @api.model
    def _hold_shipped(self, shipments):
        """Hold the invoices of orders that leave under a rule that wants it."""
        rules = self.env["shipment.rule"]._of_companies(shipments.company_id)
        for rule in rules.filtered("holds_invoice"):
            self._hold(shipments.filtered(rule._applies_to).picking_ids.sale_id, rule)

    @api.model
    def _hold(self, orders, rule):
        """Return a hold of each order by a rule; one that is held already stays as it is."""
        holds = self.search([("order_id", "in", orders.ids)])
        vals = {
            "rule_id": rule.id,
            "state": "held",
            "blocks": rule.holds_invoice,
            "reason": "on_the_way",
            "details": False,
            "held_since": fields.Datetime.now(),
            "released_at": False,
            "released_by_id": False,
        }
        holds.filtered(lambda hold: hold.state == "released").write(vals)
        return holds | self.create(
            [{**vals, "order_id": order.id} for order in orders - holds.order_id]
        )

    # === Releasing === #

    def _evaluate(self):
        """Say anew why each is held, and release what nothing holds any more."""
        for hold in self.filtered(lambda hold: hold.state == "held"):
            reason, details = hold.rule_id._find_obstacle(hold._shipments())
            if reason:
                # Written also when it is the same: now we have looked.
                hold.write({"reason": reason, "details": details})
            else:
                hold._release()

    @api.model
    def _refresh(self, limit):
        """Evaluate those of whose shipments there is news; called by a job.

        :return: how many there were
        """
        self.env.flush_all()
        self.env.cr.execute(
            """
            SELECT hold.id
              FROM shipment_invoice_hold AS hold
             WHERE hold.state = 'held'
               AND EXISTS (
                   SELECT 1
                     FROM stock_picking AS picking
                     JOIN shipment_picking_rel AS rel ON rel.picking_id = picking.id
                     JOIN shipment_shipment AS shipment ON shipment.id = rel.shipment_id
                    WHERE picking.sale_id = hold.order_id
                      -- A transaction that began before may have ended after.
                      AND (shipment.write_date > hold.write_date - interval '1 minute'
                           OR EXISTS (SELECT 1
                                        FROM shipment_charge AS charge
                                       WHERE charge.shipment_id = shipment.id
                                         AND charge.create_date
                                             > hold.write_date - interval '1 minute')))
          ORDER BY hold.id
             LIMIT %s
            """,
            [limit],
        )
        holds = self.browse([row[0] for row in self.env.cr.fetchall()])
        holds._evaluate()
        holds.filtered(lambda hold: hold.state == "released")._wake_effects()
        return len(holds)

    def _wake_effects(self):
        """Let the decisions that waited for these orders be carried out now."""
        self.env["shipment.effect"].search(
            [
                ("shipment_id", "in", self.order_id.shipment_ids.ids),
                ("state", "=", "waiting"),
                ("rule_id.effect", "=", "release_invoice"),
            ]
        ).due_at = False

    def _release(self):
        self.write(
            {
                "state": "released",
                "details": False,
                "released_at": fields.Datetime.now(),
            }
        )

    def action_release(self):
        """Release by a person's decision; the chatter remembers whose."""
        held = self.filtered(lambda hold: hold.state == "held")
        if not held:
            raise UserError(self.env._("These orders may be invoiced already."))
        held.order_id.check_access("write")
        for hold in held:
            hold.order_id._message_log(
                body=self.env._(
                    "%(user)s released the invoice although it was held: %(reason)s",
                    user=self.env.user.name,
                    reason=hold.details or hold._describe_reason(),
                )
            )
        held._release()
        held.released_by_id = self.env.user

    def _describe_reason(self):
        labels = dict(self._fields["reason"]._description_selection(self.env))
        return labels[self.reason]

    def action_view_order(self):
        """Open the order."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "res_model": "sale.order",
            "res_id": self.order_id.id,
            "view_mode": "form",
        }


class ShipmentRule(models.Model):
    _inherit = "shipment.rule"

    invoice_mode = fields.Selection(
        [
            ("post", "Create and post the invoice"),
            ("draft", "Create a draft invoice"),
            ("unblock", "Only allow to invoice"),
        ],
        string="Invoice",
        default="post",
        required=True,
    )
    holds_invoice = fields.Boolean(
        string="Hold Until Then",
        help="Orders that leave under this rule cannot be invoiced before. Down payments "
        "can.",
    )
    needs_proof = fields.Boolean(
        string="Signature or Document Needed",
        help="Delivered is not enough: somebody signed for it, or there is a document.",
    )
    needs_costs = fields.Boolean(
        string="Freight Costs Needed",
        help="Wait until it is known what the carrier charges.",
    )

    def _find_obstacle(self, shipments):
        """Return why the invoice of these shipments has to wait, and the words for it.

        :return: ``(value of REASONS, text)``, or two empty values
        """
        self.ensure_one()
        for reason, holds in (
            ("outcome", lambda s: s.headline in ("lost", "returned", "returning")),
            ("partly", lambda s: s.headline == "partially_delivered"),
            ("on_the_way", lambda s: s.headline != "delivered"),
            ("exception", lambda s: s.exception_ids.filtered("blocks_invoice")),
            ("proof", lambda s: self.needs_proof and not s._has_proof()),
            ("costs", lambda s: self.needs_costs and not s._has_known_costs()),
        ):
            if holding := shipments.filtered(holds):
                field = self.env["shipment.invoice.hold"]._fields["reason"]
                label = dict(field._description_selection(self.env))[reason]
                return reason, f"{label}: {', '.join(holding.mapped('name'))}"
        return "", ""


class SaleOrder(models.Model):
    _inherit = "sale.order"

    shipment_hold_ids = fields.One2many("shipment.invoice.hold", "order_id")

    def _create_invoices(self, grouped=False, final=False, date=None):
        """Override of `sale` to hold what a rule holds; down payments go another way."""
        # Whoever invoices need not be allowed to see why the parcels are late.
        held = self.sudo().shipment_hold_ids.filtered(
            lambda h: h.state == "held" and h.blocks
        )
        if held:
            lines = "\n".join(
                f"• {hold.order_id.name}: {hold.details or hold._describe_reason()}"
                for hold in held
            )
            raise UserError(
                self.env._(
                    "These orders cannot be invoiced yet:\n%(orders)s\n\nThey are released "
                    "by themselves. Whoever knows better finds them below Sales › To "
                    "Invoice › Held Invoices.",
                    orders=lines,
                )
            )
        return super()._create_invoices(grouped=grouped, final=final, date=date)
