from odoo import fields, models

from ..metrics.counters import counters
from ..metrics.exposition import observe


class ShipmentWebhookReceipt(models.Model):
    _inherit = "shipment.webhook.receipt"

    def _finish(self, *args, **kwargs):
        """Override to count them, and how long they have waited."""
        # A replay sets when it is due, and the attempts to none: what it has waited before
        # counts no more.
        begun = [
            receipt.create_date if receipt.attempts else receipt.due_at
            for receipt in self
        ]
        result = super()._finish(*args, **kwargs)

        def count():
            counters.count("drained", len(begun), outcome="done")
            now = fields.Datetime.now()
            for at in begun:
                observe("processing_seconds", (now - at).total_seconds())

        self.env.cr.postcommit.add(count)
        return result

    def _bury(self, failure, reason):
        """Override to count dead letters by class."""
        result = super()._bury(failure, reason)
        self._count_after_commit("dead", {failure: len(self)})
        return result

    def _postpone(self, failure, error):
        """Override to count those that are tried again, and those given up."""
        result = super()._postpone(failure, error)
        dead = self.filtered(lambda receipt: receipt.state == "dead")
        self._count_after_commit("retry", {failure: len(self - dead)})
        self._count_after_commit("dead", {failure: len(dead)})
        return result

    def _count_after_commit(self, outcome, failures):
        def count():
            for failure, number in failures.items():
                counters.count("drained", number, outcome=outcome)
                if outcome == "dead":
                    counters.count("dead", number, failure=failure)

        if any(failures.values()):
            self.env.cr.postcommit.add(count)
