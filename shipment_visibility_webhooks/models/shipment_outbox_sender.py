import time
from collections import Counter
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from odoo import SUPERUSER_ID, api, fields, models

from odoo.addons.shipment_visibility.transaction import own_transaction
from odoo.addons.shipment_visibility_carriers.adapters import signature

from ..outgoing import envelope
from ..outgoing.couriers import Couriers
from ..outgoing.sending import TOTAL_SECONDS, Message

JOB_KEY = "shipment_outbox"
RETRY_KEY = "shipment_outbox_retry"
SEND_SECONDS = 30
# For new messages, while receivers take their time.
LOOK_SECONDS = 1
# Under way at a time in one job, and of those to one receiver.
PARALLEL = 32
PARALLEL_EACH = 8
# To one of which the last messages came to nothing.
PARALLEL_TROUBLED = 1
# A message whose sender was killed is sent again after this.
LEASE = timedelta(seconds=3 * TOTAL_SECONDS)
SOON = timedelta(minutes=1)

LIVE = "(s.active AND s.status != 'disabled' AND s.secret IS NOT NULL)"

# The first waiting message of each shipment and receiver, if it is due. Those after it have
# to wait for it, and whatever another sender has claimed is not due before its lease ends.
CLAIM = f"""
    SELECT head.id
      FROM shipment_subscription AS s
     CROSS JOIN LATERAL (
               SELECT o.id, o.due_at
                 FROM shipment_outbox AS o
                WHERE o.subscription_id = s.id
                  AND o.state = 'waiting'
                  AND o.due_at <= %(now)s
                  AND NOT EXISTS (
                          SELECT 1
                            FROM shipment_outbox AS earlier
                           WHERE earlier.subscription_id = o.subscription_id
                             AND earlier.shipment_id = o.shipment_id
                             AND earlier.state = 'waiting'
                             AND earlier.id < o.id
                      )
             ORDER BY o.due_at, o.id
                LIMIT %(each)s
                  FOR NO KEY UPDATE OF o SKIP LOCKED
           ) AS head
     WHERE {LIVE}
       AND (s.rest_until IS NULL OR s.rest_until <= %(now)s)
       AND s.id != ALL(%(full)s)
  ORDER BY head.due_at, head.id
"""

# Of those whose turn it is: what stands behind another one is due when that one is through.
NEXT_DUE = f"""
    SELECT min(GREATEST(head.due_at, COALESCE(s.rest_until, head.due_at)))
      FROM (
               SELECT DISTINCT ON (subscription_id, shipment_id)
                      subscription_id, due_at
                 FROM shipment_outbox
                WHERE state = 'waiting'
             ORDER BY subscription_id, shipment_id, id
           ) AS head
      JOIN shipment_subscription AS s ON s.id = head.subscription_id
     WHERE {LIVE}
"""


@dataclass(frozen=True, slots=True)
class Ticket:
    """One attempt to send one message; a later attempt of another sender is another one."""

    message_id: int
    subscription_id: int
    attempts: int
    queued_at: datetime


class ShipmentOutboxSender(models.AbstractModel):
    """Sends what waits in the outbox, many shipments at a time, each in its order.

    Any number of senders may run. A message is claimed for a minute, in a transaction that
    is over before the receiver is asked, and what came of it is written in the next one. A
    sender that is killed in between loses nothing: its messages are due again when the
    minute is over, and bear the same id, by which a receiver knows what it has already.
    """

    _name = "shipment.outbox.sender"
    _description = "Outbox Sender"

    # === RUNNING === #

    @api.model
    def _wake(self, eta=None):
        """Have the sender run, unless it is already waiting to.

        :param eta: seconds to wait, for what is to be tried again shortly.
        """
        self.with_user(SUPERUSER_ID).with_delay(
            description=self.env._("Send events to other systems"),
            identity_key=RETRY_KEY if eta else JOB_KEY,
            max_retries=0,
            eta=eta,
        )._job_send()

    @api.model
    def _cron_sweep(self):
        """Wake the sender for what is due, and give up what nobody waits for.

        A message that was recorded while the last sender was about to end wakes nobody.
        """
        with own_transaction(self.env) as env:
            env[self._name]._give_up_unwanted()
        next_due = self._next_due()
        if next_due and next_due <= fields.Datetime.now():
            self._wake()

    @api.model
    def _next_due(self):
        """When the next message of a live subscription is due; None when none waits."""
        self.env["shipment.outbox"].flush_model()
        self.env["shipment.subscription"].flush_model()
        self.env.cr.execute(NEXT_DUE)
        return self.env.cr.fetchone()[0]

    @api.model
    def _job_send(self):
        """Send while there is something to send, or for half a minute and then hand over."""
        deadline = time.monotonic() + SEND_SECONDS
        couriers = Couriers(PARALLEL)
        under_way, total = set(), 0
        while True:
            in_time = time.monotonic() < deadline
            claimed = self._claimed(couriers.free, under_way) if in_time else {}
            for ticket, message in claimed.items():
                couriers.send_out(ticket, message)
            under_way |= claimed.keys()
            total += len(claimed)
            if not under_way:
                break
            outcomes = couriers.returned(LOOK_SECONDS)
            under_way -= outcomes.keys()
            self._keep(outcomes)
        self._hand_over(in_time)
        return f"{total} messages"

    def _hand_over(self, is_done):
        # The job's own snapshot is as old as its beginning: a successor that it sees waiting
        # may be through.
        with own_transaction(self.env) as env:
            env[self._name]._wake_successor(is_done)

    def _wake_successor(self, is_done):
        if not is_done:
            self._wake()
            return
        next_due, now = self._next_due(), fields.Datetime.now()
        if next_due and next_due <= now + SOON:
            self._wake(eta=max(1, int((next_due - now).total_seconds())))

    # === CLAIMING === #

    def _claimed(self, limit, under_way):
        with own_transaction(self.env) as env:
            return env[self._name]._claim(limit, under_way)

    @api.model
    def _claim(self, limit, under_way):
        """Take messages that are due and whose turn it is, fairly among receivers.

        :param under_way: tickets of this sender that are not back yet
        :return: ``{Ticket: Message}``, committed as claimed when the transaction ends
        """
        if limit <= 0:
            return {}
        self.env["shipment.outbox"].flush_model()
        busy = Counter(ticket.subscription_id for ticket in under_way)
        now = fields.Datetime.now()
        self.env.cr.execute(
            CLAIM,
            {
                "now": now,
                "each": PARALLEL_EACH,
                "full": [s for s, count in busy.items() if count >= PARALLEL_EACH],
            },
        )
        heads = self.env["shipment.outbox"].browse(r[0] for r in self.env.cr.fetchall())
        heads.invalidate_recordset()
        taken = self._choose(heads, limit, busy)
        self._lease(taken, now)
        return {self._ticket(head): self._message(head) for head in taken}

    def _choose(self, heads, limit, busy):
        """Of the messages that could be sent, those that are, in their order.

        A place that is free goes to the receiver that has the fewest under way, however
        long the others' messages have waited: four slow ones would otherwise hold all.

        :param busy: how many are under way by subscription
        """
        ranks, taking = [], Counter(busy)
        for head in heads:
            subscription = head.subscription_id
            share = PARALLEL_TROUBLED if subscription.failures else PARALLEL_EACH
            rank = taking[subscription.id]
            if rank < share:
                taking[subscription.id] += 1
                ranks.append((rank, len(ranks), head))
        return heads.browse(head.id for _rank, _place, head in sorted(ranks)[:limit])

    def _lease(self, messages, now):
        if messages:
            self.env.cr.execute(
                "UPDATE shipment_outbox SET attempts = attempts + 1, due_at = %s"
                " WHERE id = ANY(%s)",
                [now + LEASE, messages.ids],
            )
            messages.invalidate_recordset(["attempts", "due_at"])

    def _ticket(self, message):
        return Ticket(
            message.id,
            message.subscription_id.id,
            message.attempts,
            message.queued_at,
        )

    def _message(self, message):
        shipment = message.shipment_id
        event = envelope.Event(
            id=message.event_id,
            code=message.code,
            occurred_at=message.occurred_at.replace(tzinfo=UTC),
            subject=shipment.name,
            correlation_id=shipment.correlation_id,
            data=message.data,
        )
        return message.subscription_id._sealed(event)


class ShipmentSubscription(models.Model):
    _inherit = "shipment.subscription"

    def _sealed(self, event):
        """The message that tells this receiver of an event, signed now."""
        self.ensure_one()
        body = envelope.build(event, self.get_base_url())
        now = fields.Datetime.now().replace(tzinfo=UTC)
        scheme = signature.scheme("standard_webhooks")
        headers = scheme.sign_as(event.id, body, self._live_secrets(), now)
        # Only administrators may read whether private addresses are allowed.
        return Message(
            self.url,
            {**headers, "Content-Type": envelope.CONTENT_TYPE},
            body,
            self.sudo().allow_private_addresses,
        )
