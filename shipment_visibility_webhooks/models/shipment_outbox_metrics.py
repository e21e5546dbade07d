from collections import Counter

from odoo import fields, models

from ..metrics.counters import counters

STATUSES = ("working", "failing", "disabled", "archived")

SUBSCRIPTIONS = """
    SELECT s.id, s.name, CASE WHEN s.active THEN s.status ELSE 'archived' END,
           waiting.count, waiting.age, given_up.count
      FROM shipment_subscription AS s
     CROSS JOIN LATERAL (
               SELECT count(*),
                      extract(epoch FROM (now() AT TIME ZONE 'UTC') - min(queued_at))
                          AS age
                 FROM (SELECT queued_at
                         FROM shipment_outbox
                        WHERE subscription_id = s.id AND state = 'waiting'
                        LIMIT 100000) AS counted
           ) AS waiting
     CROSS JOIN LATERAL (
               SELECT count(*)
                 FROM (SELECT
                         FROM shipment_outbox
                        WHERE subscription_id = s.id AND state = 'given_up'
                        LIMIT 100000) AS counted
           ) AS given_up
"""


class ShipmentOutboxSender(models.AbstractModel):
    _inherit = "shipment.outbox.sender"

    def _settle(self, outcomes):
        """Override to count attempts by what came of them."""
        given_up = super()._settle(outcomes)
        attempts = Counter(
            (ticket.subscription_id, outcome.result.value)
            for ticket, outcome in outcomes.items()
        )

        def count():
            for (subscription, result), number in attempts.items():
                labels = {"subscription": subscription, "outcome": result}
                counters.count("outbox_attempt", number, **labels)

        self.env.cr.postcommit.add(count)
        return given_up


class ShipmentMetric(models.Model):
    _inherit = "shipment.metric"

    def _other_states(self):
        """Override to tell how outgoing messages do."""
        yield from super()._other_states()
        yield from self._outbox_states()

    def _outbox_states(self):
        counts = Counter()
        for subscription, name, status, *numbers in self._rows(SUBSCRIPTIONS):
            counts[status] += 1
            waiting, age, given_up = numbers
            labels = {"subscription": str(subscription)}
            yield "shipment_subscription_info", {**labels, "name": name or ""}, 1
            yield "shipment_outbox_waiting", labels, waiting
            yield "shipment_outbox_oldest_seconds", labels, max(float(age or 0), 0.0)
            yield "shipment_outbox_given_up", labels, given_up
        for status in STATUSES:
            yield "shipment_subscriptions", {"status": status}, counts[status]
        next_due = self.env["shipment.outbox.sender"]._next_due()
        now = fields.Datetime.now()
        overdue = (now - next_due).total_seconds() if next_due else 0.0
        yield "shipment_outbox_overdue_seconds", {}, max(overdue, 0.0)
