from contextlib import contextmanager

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import float_compare

from odoo.addons.shipment_visibility.models.shipment_charge import AMOUNTS
from odoo.addons.shipment_visibility.transaction import own_transaction

ACTIVITY = "shipment_visibility_carriers.mail_activity_type_approval"
STATES = [("waiting", "Waiting"), ("approved", "Approved"), ("refused", "Refused")]
APPROVERS = "shipment_visibility.shipment_group_manager"


class ShipmentApproval(models.Model):
    """Whether a dear label may be bought for a delivery, as its parcels are now.

    Asked for while a validation is stopped, and so in a transaction of its own that outlives
    it. It names the delivery by a plain id: the delivery's row is the user's.
    """

    _name = "shipment.approval"
    _description = "Approval of a Label"
    _order = "id desc"
    _rec_name = "picking_name"

    picking_id = fields.Integer(string="Delivery ID", required=True, readonly=True)
    picking_name = fields.Char(string="Delivery", readonly=True)
    company_id = fields.Integer(string="Company ID", required=True, readonly=True)
    delivery_carrier_id = fields.Integer(string="Delivery Method ID", readonly=True)
    method_name = fields.Char(string="Delivery Method", readonly=True)
    request_hash = fields.Char(
        readonly=True, help="Of the parcels and the address it is asked for."
    )
    amount = fields.Float(
        digits=0,
        readonly=True,
        groups=AMOUNTS,
        help="What the label may cost, in the company's currency.",
    )
    price = fields.Char(readonly=True, groups=AMOUNTS)
    state = fields.Selection(
        STATES,
        required=True,
        default="waiting",
        readonly=True,
    )
    asked_by = fields.Char(readonly=True)
    asked_at = fields.Datetime(readonly=True, default=fields.Datetime.now)
    decided_by_id = fields.Many2one("res.users", readonly=True)
    decided_at = fields.Datetime(readonly=True)

    _picking_idx = models.Index("(picking_id)")
    _waiting_uniq = models.UniqueIndex(
        "(picking_id) WHERE state = 'waiting'", "This label waits for approval already."
    )

    @contextmanager
    def _own(self):
        with own_transaction(self.env) as env:
            yield env[self._name].with_user(SUPERUSER_ID)

    # === ASKING === #

    @api.model
    def _require(self, pickings, method, cost, request_hash):
        """Return where an approval is there already; ask for one and stop where not.

        :param pickings: what leaves with one label; the first of them is asked about.
        :param float cost: of the label, in the company's currency.
        :raise UserError: it is not approved; it says who can do that.
        """
        company = pickings.company_id
        subject = {
            "picking_id": pickings[:1].id,
            "picking_name": ", ".join(pickings.mapped("name")),
            "company_id": company.id,
            "delivery_carrier_id": method.id,
            "method_name": method.name,
            "request_hash": request_hash,
            "amount": cost,
            "price": company.currency_id.format(cost),
            "asked_by": self.env.user.name,
        }
        with self._own() as approvals:
            state, who = approvals._ask(subject)
        if state == "approved":
            return
        # No amounts: the warehouse reads it, now or as a note of a job.
        words = {
            "delivery": subject["picking_name"],
            "method": method.name,
            "who": who or self._get_approver(pickings).name,
        }
        if state == "refused":
            raise UserError(
                self.env._(
                    "%(who)s refused the label of %(delivery)s by %(method)s. Choose "
                    "another delivery method, or ask %(who)s.",
                    **words,
                )
            )
        raise UserError(
            self.env._(
                "The label of %(delivery)s by %(method)s is so dear that it needs an "
                "approval, and %(who)s has been asked for it. Try again when it is approved.",
                **words,
            )
        )

    def _ask(self, subject):
        """Find what was decided about this label, or ask; return the state and by whom."""
        # Of two that ask at the same time one waits here, and then finds the other's.
        self.env.cr.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('shipment.approval', %s))",
            [subject["picking_id"]],
        )
        same = ("delivery_carrier_id", "request_hash")
        earlier = self.search([("picking_id", "=", subject["picking_id"])])
        for approval in earlier:
            if all(approval[name] == subject[name] for name in same):
                state = approval._judge(subject["amount"])
                if state:
                    return state, approval.decided_by_id.name
        waiting = earlier.filtered(lambda approval: approval.state == "waiting")
        if waiting.price != subject["price"] or any(
            waiting[name] != subject[name] for name in same
        ):
            # What is asked for is what was found last.
            waiting.unlink()
            self.create(subject)._enqueue()
        return "waiting", False

    def _judge(self, amount):
        """What this decision says about an amount: its state, or nothing."""
        dearer = float_compare(amount, self.amount, precision_digits=2)
        holds = {"approved": dearer <= 0, "refused": dearer >= 0}
        return holds.get(self.state, False) and self.state

    @api.model
    def _get_approver(self, pickings):
        # Whoever is stopped may know whom to ask.
        roles_sudo = self.env["shipment.role.mixin"].sudo()
        return roles_sudo._first_of_group(APPROVERS, pickings)

    def _enqueue(self):
        """Have a job tell the approver.

        Not here: whoever is stopped may hold rows that an activity would wait for.
        """
        picking = self.env["stock.picking"].browse(self.picking_id)
        picking.with_delay(
            description=self.env._("Ask for approval of %s", self.picking_name)
        )._job_ask_for_approval(
            self.env._(
                "%(who)s asks for a label by %(method)s. The delivery says what it costs.",
                who=self.asked_by,
                method=self.method_name,
            )
        )

    # === DECIDING === #

    def _decide(self, state):
        """Approve or refuse, and say so on the delivery.

        :raise AccessError: only a shipment administrator decides.
        """
        self.ensure_one()
        if not self.env.user.has_group(APPROVERS):
            raise AccessError(
                self.env._("Only a shipment administrator can approve a label.")
            )
        self.check_access("read")
        # Nobody has the right to write what was decided, only to decide.
        self.sudo().write(
            {
                "state": state,
                "decided_by_id": self.env.uid,
                "decided_at": fields.Datetime.now(),
            }
        )
        picking = self.env["stock.picking"].browse(self.picking_id)
        # No amount: the warehouse reads it.
        words = {"method": self.method_name}
        said = (
            self.env._("Approved: a label by %(method)s.", **words)
            if state == "approved"
            else self.env._("Refused: a label by %(method)s.", **words)
        )
        if not picking.activity_feedback([ACTIVITY], feedback=said):
            picking.message_post(body=said)
