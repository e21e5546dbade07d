import json
from datetime import timedelta

from odoo import api, fields, models
from odoo.exceptions import UserError
from odoo.tools import SQL

from odoo.addons.shipment_visibility.canonical import milestone as vocabulary
from odoo.addons.shipment_visibility.transaction import own_transaction

from ..gateway.parameters import parameter

GC_BATCH_SIZE = 1000
# What may still be told must be known to have been told: longer than any subscription's
# maximum age.
LEAST_DAYS_KEPT = 61


class ShipmentOutbox(models.Model):
    """One message to one subscriber: what happened, as it was when it was recorded.

    The transaction that records a milestone writes it, so there is a message if and only if
    there is the milestone. From then on only the sender writes it, in transactions of its
    own. Messages of one shipment to one subscriber are sent in the order of their ids.
    """

    _name = "shipment.outbox"
    _description = "Outgoing Message"
    _order = "id desc"
    _rec_name = "event_id"

    subscription_id = fields.Many2one(
        "shipment.subscription", required=True, readonly=True, ondelete="cascade"
    )
    company_id = fields.Many2one("res.company", required=True, readonly=True)
    shipment_id = fields.Many2one(
        "shipment.shipment", required=True, readonly=True, ondelete="cascade"
    )
    event_id = fields.Char(
        string="Message ID",
        required=True,
        readonly=True,
        help="The same for every attempt and for what is sent again, so that a receiver "
        "can tell that it has it already.",
    )
    code = fields.Selection(
        vocabulary.selection(), string="Event", required=True, readonly=True
    )
    entry_key = fields.Char(
        required=True, readonly=True, help="The entry of the timeline it tells of."
    )
    occurred_at = fields.Datetime(required=True, readonly=True)
    data = fields.Json(
        string="Snapshot",
        readonly=True,
        help="The shipment as it was when the event was recorded.",
    )
    content = fields.Text(compute="_compute_content")
    state = fields.Selection(
        [("waiting", "Waiting"), ("sent", "Sent"), ("given_up", "Given Up")],
        required=True,
        readonly=True,
        default="waiting",
    )
    attempts = fields.Integer(readonly=True)
    queued_at = fields.Datetime(
        string="Queued",
        required=True,
        readonly=True,
        help="When it was recorded, or was asked to be sent again.",
    )
    due_at = fields.Datetime(string="Next Attempt", required=True, readonly=True)
    sent_at = fields.Datetime(string="Sent", readonly=True)
    status_code = fields.Integer(string="HTTP Status", readonly=True, aggregator=False)
    reason = fields.Char(readonly=True)

    _entry_uniq = models.UniqueIndex(
        "(shipment_id, subscription_id, code, entry_key)",
        "This event has been recorded for the subscription already.",
    )
    _turn_idx = models.Index(
        "(subscription_id, shipment_id, id) WHERE state = 'waiting'"
    )
    _due_idx = models.Index("(subscription_id, due_at, id) WHERE state = 'waiting'")
    _given_up_idx = models.Index("(subscription_id) WHERE state = 'given_up'")
    _told_idx = models.Index("(create_date) WHERE state IN ('sent', 'given_up')")

    @api.depends("data")
    def _compute_content(self):
        for message in self:
            message.content = json.dumps(message.data, indent=2, ensure_ascii=False)

    @api.model
    def _give_up_waiting(self, subscription, reason):
        """Give up whatever waits for a subscription."""
        self.env.cr.execute(
            """
            UPDATE shipment_outbox
               SET state = 'given_up', reason = %s, write_date = %s
             WHERE subscription_id = %s AND state = 'waiting'
            """,
            [reason, fields.Datetime.now(), subscription.id],
        )
        self.invalidate_model()

    # === SENDING AGAIN === #

    def action_resend(self):
        """Send messages again, or at once if they are waiting.

        Who may look at a message may also have it sent again: its content stays.
        """
        self.check_access("read")
        self._check_enabled(self.subscription_id)
        return self._resend(SQL("id = ANY(%s)", self.ids))

    @api.model
    def _resend_range(self, subscription, begin, end, states):
        """Send again what was recorded for a subscription within a range of time.

        :param states: which messages; what waits is sent in any case
        """
        self._check_enabled(subscription)
        return self._resend(
            SQL(
                "subscription_id = %s AND state = ANY(%s)"
                " AND create_date BETWEEN %s AND %s",
                subscription.id,
                states,
                begin,
                end,
            )
        )

    def _check_enabled(self, subscriptions):
        for subscription in subscriptions:
            if subscription.status == "disabled" or not subscription.active:
                raise UserError(
                    self.env._(
                        "Enable the subscription %(name)s first.",
                        name=subscription.name,
                    )
                )

    @api.model
    def _resend(self, which):
        """Queue the messages that a condition picks out anew."""
        now = fields.Datetime.now()
        with own_transaction(self.env) as env:
            env.cr.execute(
                SQL(
                    """
                    UPDATE shipment_outbox
                       SET state = 'waiting', attempts = 0, queued_at = %(now)s,
                           due_at = %(now)s, sent_at = NULL, status_code = NULL,
                           reason = NULL, write_date = %(now)s
                     WHERE %(which)s
                    """,
                    now=now,
                    which=which,
                )
            )
            count = env.cr.rowcount
        self.invalidate_model()
        if count:
            self.env["shipment.outbox.sender"]._wake()
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": "success" if count else "warning",
                "message": self.env._("%(count)s messages are sent again.", count=count)
                if count
                else self.env._("There is no such message."),
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # === KEEPING === #

    @api.autovacuum
    def _gc_told(self):
        """Delete what was sent or given up longer ago than the retention, in batches."""
        days = parameter(self.env, "outbox_days")
        kept = timedelta(days=max(days, LEAST_DAYS_KEPT))
        expired = self.search(
            [
                ("state", "in", ("sent", "given_up")),
                ("create_date", "<", fields.Datetime.now() - kept),
            ],
            limit=GC_BATCH_SIZE,
            order="create_date",
        )
        expired.unlink()
        return len(expired), len(expired) == GC_BATCH_SIZE
