import logging
from collections import Counter

import psycopg2

from odoo import api, fields, models

from odoo.addons.shipment_visibility.transaction import own_transaction

from ..outgoing import pauses
from ..outgoing.sending import Result
from .shipment_outbox_sender import LIVE

_logger = logging.getLogger(__name__)

# How often we wait for who holds the rows, three seconds each time; a lease lasts longer.
SETTLE_TRIES = 5

SETTLE = """
    UPDATE shipment_outbox AS o
       SET state = v.state, due_at = v.due_at::timestamp, sent_at = v.sent_at::timestamp,
           status_code = v.status_code::integer, reason = v.reason, write_date = v.now::timestamp
      FROM (VALUES %s)
        AS v(id, attempts, queued_at, state, due_at, sent_at, status_code, reason, now)
     WHERE o.id = v.id AND o.attempts = v.attempts AND o.state = 'waiting'
       AND o.queued_at = v.queued_at::timestamp
 RETURNING o.subscription_id, o.state
"""

GIVE_UP_UNWANTED = f"""
    UPDATE shipment_outbox AS o
       SET state = 'given_up', reason = %s, write_date = %s
      FROM shipment_subscription AS s
     WHERE s.id = o.subscription_id
       AND o.state = 'waiting'
       AND {LIVE} IS NOT TRUE
"""


class ShipmentOutboxSender(models.AbstractModel):
    """What came of messages."""

    _inherit = "shipment.outbox.sender"

    def _keep(self, outcomes):
        """Write what came of messages, and then what it says of their receivers.

        Whatever is wrong with a subscription, its messages are not sent once more for it.

        :param outcomes: ``{Ticket: Outcome}``
        """
        if not outcomes:
            return
        given_up = self._settled(outcomes)
        by_subscription = {}
        for ticket, outcome in sorted(outcomes.items(), key=_by_message):
            by_subscription.setdefault(ticket.subscription_id, []).append(outcome)
        with own_transaction(self.env) as env:
            subscriptions = env["shipment.subscription"].browse(sorted(by_subscription))
            subscriptions._note(by_subscription, given_up)

    def _settled(self, outcomes):
        for attempt in range(1, SETTLE_TRIES + 1):
            try:
                with own_transaction(self.env) as env:
                    return env[self._name]._settle(outcomes)
            except psycopg2.errors.LockNotAvailable:
                # Somebody has a great many sent again.
                if attempt == SETTLE_TRIES:
                    raise

    @api.model
    def _settle(self, outcomes):
        """Write what came of messages.

        What somebody else has written meanwhile stays: a message that was sent again or
        given up is no longer this attempt's.

        :param outcomes: ``{Ticket: Outcome}``
        :return: of which subscription how many messages were given up
        """
        if not outcomes:
            return Counter()
        now = fields.Datetime.now()
        rows = [
            self._prepare_settlement(ticket, outcome, now)
            for ticket, outcome in sorted(outcomes.items(), key=_by_message)
        ]
        self.env.cr.execute_values(SETTLE, rows, page_size=len(rows))
        settled = self.env.cr.fetchall()
        self.env["shipment.outbox"].invalidate_model()
        return Counter(
            subscription for subscription, state in settled if state == "given_up"
        )

    def _prepare_settlement(self, ticket, outcome, now):
        state, due_at, sent_at, reason = "sent", now, now, None
        if outcome.result != Result.TAKEN:
            sent_at = None
            reason = self.env["shipment.subscription"]._explain_outcome(outcome)
            pause = None
            if outcome.result != Result.GONE:
                pause = pauses.next_pause(
                    ticket.attempts, now - ticket.queued_at, outcome.retry_after
                )
            state = "given_up" if pause is None else "waiting"
            due_at = now if pause is None else now + pause
        return (
            ticket.message_id,
            ticket.attempts,
            ticket.queued_at,
            state,
            due_at,
            sent_at,
            outcome.status or None,
            reason,
            now,
        )

    @api.model
    def _give_up_unwanted(self):
        """Give up what waits for a subscription that was archived or disabled.

        It would otherwise wait for ever, and arrive as old news when it is enabled again.
        Another process may also have recorded it before it knew.
        """
        reason = self.env._("The subscription was archived or disabled before.")
        self.env.cr.execute(GIVE_UP_UNWANTED, [reason, fields.Datetime.now()])
        self.env["shipment.outbox"].invalidate_model()


def _by_message(item):
    return item[0].message_id
