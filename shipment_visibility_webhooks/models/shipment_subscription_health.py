import logging
from datetime import timedelta

from markupsafe import escape

from odoo import api, fields, models
from odoo.exceptions import UserError

from ..outgoing import pauses
from ..outgoing.sending import Result

_logger = logging.getLogger(__name__)

# How fresh the times on the form are; more would only be in a person's way who edits it.
FRESHNESS = timedelta(minutes=1)


class ShipmentSubscription(models.Model):
    """How a receiver does, and what is done about it."""

    _inherit = "shipment.subscription"

    status = fields.Selection(
        [
            ("working", "Working"),
            ("failing", "Failing"),
            ("disabled", "Disabled"),
        ],
        required=True,
        readonly=True,
        copy=False,
        default="working",
        tracking=True,
        help="Failing: a message was given up, others are still tried. Disabled: the "
        "receiver said that it wants no more messages; nothing is recorded for it.",
    )
    status_reason = fields.Char(string="Reason", readonly=True, copy=False)
    last_success_at = fields.Datetime(string="Last Success", readonly=True, copy=False)
    last_failure_at = fields.Datetime(string="Last Failure", readonly=True, copy=False)
    failures = fields.Integer(
        readonly=True,
        copy=False,
        help="How often in a row the receiver was down or asked to slow down.",
    )
    rest_until = fields.Datetime(
        string="Left Alone Until",
        readonly=True,
        copy=False,
        help="The receiver is down, or asked to slow down.",
    )
    waiting_count = fields.Integer(compute="_compute_message_counts")
    given_up_count = fields.Integer(compute="_compute_message_counts")

    def _compute_message_counts(self):
        counts = {
            (subscription, state): count
            for subscription, state, count in self.env["shipment.outbox"]._read_group(
                [
                    ("subscription_id", "in", self.ids),
                    ("state", "in", ("waiting", "given_up")),
                ],
                ["subscription_id", "state"],
                ["__count"],
            )
        }
        for subscription in self:
            subscription.waiting_count = counts.get((subscription, "waiting"), 0)
            subscription.given_up_count = counts.get((subscription, "given_up"), 0)

    # === WHAT CAME OF MESSAGES === #

    def _note(self, outcomes, given_up):
        """Keep what came of messages.

        A subscription that somebody else is writing is left out, unless it is to be
        disabled. One that cannot be written stops no other.

        :param outcomes: ``{subscription id: [Outcome]}``
        :param given_up: ids of the subscriptions of which a message was given up
        """
        gone = self.filtered(lambda s: any(map(_is_gone, outcomes[s.id]))).exists()
        # Before the others are locked: who waits for a row must not hold another one.
        gone._note_each(outcomes, given_up)
        free = (self - gone).try_lock_for_update(allow_referencing=True)
        free._note_each(outcomes, given_up)

    def _note_each(self, outcomes, given_up):
        for subscription in self:
            news = outcomes[subscription.id]
            try:
                with self.env.cr.savepoint():
                    subscription._note_outcomes(news, subscription.id in given_up)
            except Exception:
                _logger.exception("subscription %s cannot be noted", subscription.id)

    def _note_outcomes(self, outcomes, given_up):
        self.ensure_one()
        self._await_row()
        if self.status == "disabled":
            # What was under way then tells nothing new.
            return
        gone = next(filter(_is_gone, outcomes), None)
        if gone:
            self._disable(self._explain_outcome(gone))
            return
        bad = [o for o in outcomes if o.result != Result.TAKEN]
        vals = self._prepare_health(bad, len(bad) < len(outcomes))
        if given_up:
            vals |= {
                "status": "failing",
                "status_reason": self._explain_outcome(bad[-1]),
            }
            if self.status == "working":
                self._tell_responsible(
                    self.env._("A message was given up: %(name)s", name=self.name),
                    vals["status_reason"],
                )
        if vals:
            self.write(vals)

    def _await_row(self):
        """Wait until nobody else writes the subscription, and see what they wrote."""
        self.env.cr.execute(
            "SELECT id FROM shipment_subscription WHERE id = ANY(%s)"
            " ORDER BY id FOR NO KEY UPDATE",
            [self.ids],
        )
        self.invalidate_recordset()

    def _prepare_health(self, bad, taken):
        """What changes by news, some of it ``bad``; empty when it is no news at all."""
        now = fields.Datetime.now()
        vals = {}
        if bad and _is_older(self.last_failure_at, now):
            vals["last_failure_at"] = now
        if taken:
            if _is_older(self.last_success_at, now):
                vals["last_success_at"] = now
            if self.failures or self.rest_until:
                vals |= {"failures": 0, "rest_until": False}
            if self.status == "failing":
                vals |= {"status": "working", "status_reason": False}
        asked = max((o.retry_after or 0 for o in bad), default=0)
        troubled = any(o.is_receivers_trouble for o in bad)
        if troubled and (asked or not taken):
            failures = 1 if taken else self.failures + 1
            vals |= {
                "failures": failures,
                "rest_until": now + pauses.rest(failures, asked),
            }
        return vals

    def _disable(self, reason):
        """Tell it nothing more, and give up what waits."""
        self.write(
            {
                "status": "disabled",
                "status_reason": reason,
                "last_failure_at": fields.Datetime.now(),
            }
        )
        self.env["shipment.outbox"]._give_up_waiting(self, reason)
        self._tell_responsible(
            self.env._("No more messages are sent: %(name)s", name=self.name), reason
        )

    def _tell_responsible(self, summary, note):
        """Ask the responsible to look; nobody's missing rights stop the messages."""
        try:
            with self.env.cr.savepoint():
                self.activity_schedule(
                    "mail.mail_activity_data_warning",
                    summary=summary,
                    # It may quote the receiver, which is nobody to write HTML here.
                    note=escape(note),
                    user_id=(self.user_id or self.create_uid).id,
                )
        except UserError:
            _logger.warning("nobody could be told of subscription %s", self.id)

    @api.model
    def _explain_outcome(self, outcome):
        """Say what came of an attempt, without the address."""
        if outcome.result == Result.FORBIDDEN:
            return self._explain_forbidden(outcome.reason)
        if outcome.result == Result.UNREACHABLE:
            return {
                "connect": self.env._("Nobody answers at the address."),
                "timeout": self.env._("The receiver did not answer in time."),
                "broken": self.env._(
                    "The connection broke off, or its certificate is not trusted."
                ),
            }[outcome.reason]
        if outcome.result == Result.GONE:
            return self.env._("The receiver wants no more messages (410).")
        if 300 <= outcome.status < 400:
            return self.env._(
                "The receiver sends us to another address (%(status)s). Enter that one.",
                status=outcome.status,
            )
        if outcome.answer:
            return self.env._(
                "The receiver answered %(status)s: %(answer)s",
                status=outcome.status,
                answer=outcome.answer[:200],
            )
        return self.env._("The receiver answered %(status)s.", status=outcome.status)

    # === OPERATING === #

    def action_enable(self):
        """Tell it again what happens from now on."""
        self.check_access("write")
        self.write(
            {
                "status": "working",
                "status_reason": False,
                "failures": 0,
                "rest_until": False,
            }
        )

    def action_view_messages(self):
        """Open what was told, or is to be told, to this receiver."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility_webhooks.shipment_outbox_action"
        )
        action["domain"] = [("subscription_id", "=", self.id)]
        action["context"] = {
            f"search_default_{name}": 1
            for name in [self.env.context.get("state")]
            if name
        }
        return action


def _is_older(moment, now):
    return not moment or now - moment >= FRESHNESS


def _is_gone(outcome):
    return outcome.result == Result.GONE
