from datetime import timedelta

from odoo import api, fields, models

from ..gateway.parameters import parameter

BATCH_SIZE = 1000


class ShipmentWebhookReceipt(models.Model):
    """How long messages are kept: the content shortest, dead letters longest."""

    _inherit = "shipment.webhook.receipt"

    @api.autovacuum
    def _gc_bodies(self):
        """Delete the content of what was processed; that it came is still known.

        A carrier that repeats itself is recognised by the digest, which stays.
        """
        return self._in_batches(
            "done_at",
            "body_days",
            [("state", "=", "done"), ("body_dropped_at", "=", False)],
            lambda receipts: receipts.write(
                {
                    "body": False,
                    "headers": False,
                    "body_dropped_at": fields.Datetime.now(),
                }
            ),
        )

    @api.autovacuum
    def _gc_done(self):
        """Delete what was processed longer ago than the retention."""
        return self._in_batches(
            "done_at",
            "receipt_days",
            [("state", "=", "done")],
            lambda receipts: receipts.unlink(),
        )

    @api.autovacuum
    def _gc_dead(self):
        """Delete dead letters that nobody looked after for long."""
        return self._in_batches(
            "create_date",
            "dead_days",
            [("state", "=", "dead")],
            lambda receipts: receipts.unlink(),
        )

    def _in_batches(self, moment, name, domain, act):
        """Act on one batch of receipts older than a policy says.

        :return: what an autovacuum method is to answer: how many, and whether there are more.
        """
        oldest = fields.Datetime.now() - timedelta(days=parameter(self.env, name))
        expired = self.search(
            [*domain, (moment, "<", oldest)], limit=BATCH_SIZE, order=moment
        )
        act(expired)
        return len(expired), len(expired) == BATCH_SIZE
