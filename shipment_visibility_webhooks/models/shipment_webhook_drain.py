import time
from dataclasses import dataclass

import psycopg2

from odoo import SUPERUSER_ID, api, models
from odoo.modules import module

from odoo.addons.queue_job.exception import RetryableJobError
from odoo.addons.shipment_visibility.transaction import own_transaction

from ..gateway.parameters import parameter
from ..priority import give_way

DRAIN_KEY = "shipment_webhook_drain"
# Over which a limit of messages per second is kept.
RATE_SECONDS = 10
# After which a job asks again that found the database in trouble.
RETRY_SECONDS = 10

# All drains of all hosts count, for they share the table.
RECENTLY_DONE = """
    SELECT count(*)
      FROM shipment_webhook_receipt
     WHERE state = 'done'
       AND done_at > (statement_timestamp() - %s * interval '1 second') AT TIME ZONE 'UTC'
"""

DIED = "The server process ended while it worked on this message."


class ProcessDied(Exception):
    """What is noted of a message before it is looked into, in case nobody comes back."""


@dataclass(frozen=True, slots=True)
class Limits:
    """How much a drain takes on.

    :ivar batch: messages that are worked on in one transaction.
    :ivar seconds: after which a job hands over to the next one.
    :ivar rate: messages per second, all drains together; 0 for no limit.
    """

    batch: int
    seconds: int
    rate: int


class ShipmentWebhookDrain(models.AbstractModel):
    """Works through stored receipts, in batches, with transactions of its own.

    Any number of drains may run, on any host: each claims receipts that no other one holds.
    Killed at any point, it loses nothing, because a batch is recorded and ticked off
    together. How many run side by side is the capacity of the queue's channel.
    """

    _name = "shipment.webhook.drain"
    _description = "Webhook Drain"

    @api.model
    def _wake(self, eta=None):
        """Have the drain run, unless it is already waiting to.

        :param eta: seconds to wait, for what arrives together to be drained together.
        """
        self.with_user(SUPERUSER_ID).with_delay(
            description=self.env._("Process webhook messages"),
            identity_key=DRAIN_KEY,
            max_retries=0,
            eta=eta,
        )._job_drain()

    @api.model
    def _wake_beside(self, eta=None):
        """Have the drain run now, and not only when the caller's own job has ended."""
        with own_transaction(self.env) as env:
            env[self._name]._wake(eta)

    @api.model
    def _cron_sweep(self):
        """Wake the drain for what has been due for more than a minute.

        A message stored while the last drain was about to end wakes nobody.
        """
        if self.env["shipment.webhook.receipt"].search_count(
            [("state", "=", "received"), ("due_at", "<", "-1M")], limit=1
        ):
            self._wake()

    @api.model
    def _job_drain(self):
        """Work while there is work, or for half a minute and then hand over.

        :raise RetryableJobError: the database is in trouble; nothing is lost by waiting
        """
        limits, has_died = self._limits(), self._has_died()
        try:
            if module.current_test:
                # A test's cursors belong to one thread.
                total = self._work(limits, has_died)
            else:
                # People wait for their pages, and nobody for this.
                total = give_way(lambda: self._work(limits, has_died))
            return f"{total} messages"
        except psycopg2.Error as error:
            raise RetryableJobError(
                type(error).__name__, seconds=RETRY_SECONDS
            ) from error

    @api.model
    def _work(self, limits, has_died):
        if has_died:
            self._drain_carefully(limits)
        return self._drain(limits)

    @api.model
    def _limits(self):
        return Limits(
            batch=max(parameter(self.env, "drain_batch"), 1),
            seconds=parameter(self.env, "drain_seconds"),
            rate=parameter(self.env, "drain_rate"),
        )

    @api.model
    def _drain(self, limits):
        """Drain batches until nothing is left, time is up, or the rate is reached."""
        deadline = time.monotonic() + limits.seconds
        total = 0
        has_fellow = False
        while room := self._room(limits):
            count = self._drain_batch(room)
            if not count:
                return total
            total += count
            if time.monotonic() > deadline:
                self._wake_beside()
                return total
            if count == limits.batch and not has_fellow:
                # More than one can do at once: another may help, where the channel has room.
                self._wake_beside()
                has_fellow = True
        self._wake_beside(eta=RATE_SECONDS)
        return total

    @api.model
    def _has_died(self):
        """Whether the process died, or was killed, when it ran this job before."""
        uuid = self.env.context.get("job_uuid")
        job = uuid and self.env["queue.job"].search([("uuid", "=", uuid)], limit=1)
        return bool(job and job.retry)

    @api.model
    def _drain_carefully(self, limits):
        """Take a batch one by one, each counted as an attempt before it is looked into.

        So a message that brings the process down is due later the next time, lets the others
        pass, and is a dead letter in the end.
        """
        for _turn in range(limits.batch):
            with own_transaction(self.env) as env:
                receipt = env["shipment.webhook.receipt"]._claim(1)
                receipt._postpone("transient", ProcessDied(DIED))
            if not receipt:
                return
            with own_transaction(self.env) as env:
                own = receipt.with_env(env).try_lock_for_update()
                if own:
                    env[self._name]._process(own.account_id, own)

    @api.model
    def _room(self, limits):
        """How many messages may be taken on now; 0 when the rate is reached."""
        if not limits.rate:
            return limits.batch
        with own_transaction(self.env) as env:
            env.cr.execute(RECENTLY_DONE, [RATE_SECONDS])
            done = env.cr.fetchone()[0]
        return min(limits.batch, max(limits.rate * RATE_SECONDS - done, 0))

    @api.model
    def _drain_batch(self, limit=None):
        """Claim receipts and leave each of them done, dead or due later.

        :return: how many there were.
        """
        with own_transaction(self.env) as env:
            receipts = env["shipment.webhook.receipt"]._claim(
                limit or self._limits().batch
            )
            groups = receipts.grouped("account_id")
            # Always in the same order, so that two drains do not wait for each other.
            for account in sorted(groups, key=lambda account: account.id):
                env[self._name]._process(account, groups[account])
        return len(receipts)
