import time

from odoo import api, fields, models
from odoo.fields import Domain
from odoo.tools import SQL

from odoo.addons.shipment_visibility.transaction import own_transaction

BATCH_SIZE = 1000
TABLE = SQL.identifier("shipment_webhook_receipt")
# After which the job hands over to a successor.
SECONDS = 30


class ShipmentWebhookReceipt(models.Model):
    """Having messages processed again: one, some, or all of a time or an account.

    Safe at any time, because ingestion converges: what is known already changes nothing,
    and what is new but old is recorded without telling anybody.
    """

    _inherit = "shipment.webhook.receipt"

    def action_replay(self):
        """Have these messages processed again.

        Who may look at a message may also replay it: nothing is changed but its state.
        """
        self.check_access("read")
        after = 0
        while after is not None:
            after = self._requeue(Domain("id", "in", self.ids), after)[1]
        self.invalidate_recordset()
        self.env["shipment.webhook.drain"]._wake()

    @api.model
    def _job_replay(self, criteria, asked_at, after=0):
        """Replay all that fits, each once, however often the job is run.

        :param dict criteria: as :meth:`_replay_domain` takes them
        :param str asked_at: when the user asked for it
        :param int after: id of the last receipt that was looked at
        """
        domain = self._replay_domain(**criteria)
        domain &= Domain("replayed_at", "=", False) | Domain(
            "replayed_at", "<", asked_at
        )
        deadline = time.monotonic() + SECONDS
        total = 0
        while after is not None:
            if time.monotonic() > deadline:
                self._replay_later(criteria, asked_at, after)
                break
            count, after = self._requeue(domain, after)
            total += count
            self.env["shipment.webhook.drain"]._wake_beside()
        return f"{total} messages"

    @api.model
    def _replay_later(self, criteria, asked_at, after=0):
        """Have a job replay all that fits."""
        self.with_delay(description=self.env._("Replay webhook messages"))._job_replay(
            criteria, asked_at, after
        )

    @api.model
    def _replay_domain(
        self,
        states=("dead",),
        account_id=None,
        date_from=None,
        date_to=None,
        failure=None,
    ):
        """The receipts that fit, and whose content is still there.

        :param date_from: text or time in UTC; received then or later
        :param date_to: received before
        """
        domain = Domain("state", "in", list(states))
        domain &= Domain("body_dropped_at", "=", False)
        if account_id:
            domain &= Domain("endpoint_id.account_id", "=", account_id)
        if date_from:
            domain &= Domain("create_date", ">=", date_from)
        if date_to:
            domain &= Domain("create_date", "<", date_to)
        if failure:
            domain &= Domain("failure", "=", failure)
        return domain

    @api.model
    def _requeue(self, domain, after):
        """Make the next batch wait for the drain, in a transaction of its own.

        What a drain is working on is left to it.

        :return: how many there were, and the id to go on after; ``None`` at the end.
        """
        with own_transaction(self.env) as env:
            # The rules of the user are part of the search: what must not be read stays.
            chosen = env[self._name]._search(
                Domain(domain)
                & Domain("id", ">", after)
                & Domain("body_dropped_at", "=", False),
                order="id",
                limit=BATCH_SIZE,
            )
            found = [
                row[0]
                for row in env.execute_query(
                    SQL("%s FOR UPDATE OF %s SKIP LOCKED", chosen.select(), TABLE)
                )
            ]
            now = fields.Datetime.now()
            env.cr.execute(
                """
                UPDATE shipment_webhook_receipt
                   SET state = 'received', attempts = 0, due_at = %(now)s,
                       replayed_at = %(now)s, done_at = NULL, failure = NULL,
                       reason = NULL, write_uid = %(uid)s, write_date = %(now)s
                 WHERE id = ANY(%(ids)s)
                """,
                {"now": now, "uid": env.uid, "ids": found},
            )
        return len(found), max(found) if len(found) == BATCH_SIZE else None
