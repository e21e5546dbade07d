import json
import secrets
import time

from odoo import api, fields, models

from odoo.addons.shipment_visibility_carriers.adapters import gate

from ..metrics.exposition import render

METRICS_PATH = "/shipment/metrics"
TOKEN_KEY = "shipment_visibility_webhooks.metrics_token"
# Nobody waits long for a number.
BEGIN = "SET LOCAL statement_timeout = '5s'"
BREAKER_STATES = ("closed", "open", "probing", "blocked")

BACKLOG = """
    SELECT count(*),
           extract(epoch FROM (now() AT TIME ZONE 'UTC') - min(create_date)),
           extract(epoch FROM (now() AT TIME ZONE 'UTC') - min(due_at))
      FROM (SELECT create_date, due_at
              FROM shipment_webhook_receipt
             WHERE state = 'received'
             LIMIT 100000) AS waiting
"""
DEAD_LETTERS = """
    SELECT failure, count(*)
      FROM (SELECT failure
              FROM shipment_webhook_receipt
             WHERE state = 'dead'
             LIMIT 100000) AS dead
  GROUP BY failure
"""
GAPS = """
    SELECT carrier.code, count(*), sum(gap.count)
      FROM shipment_mapping_gap AS gap
      JOIN shipment_carrier AS carrier ON carrier.id = gap.carrier_id
  GROUP BY carrier.code
"""
JOBS = """
    SELECT channel, state, count(*),
           max(extract(epoch FROM (now() AT TIME ZONE 'UTC')
                                  - coalesce(eta, date_created)))
           FILTER (WHERE state = 'pending')
      FROM (SELECT channel, state, eta, date_created
              FROM queue_job
             WHERE state IN (
                       'wait_dependencies', 'pending', 'enqueued', 'started', 'failed'
                   )
             LIMIT 100000) AS open
  GROUP BY channel, state
"""
# The lock that queue_job's runner holds as long as it leads in this database.
RUNNER = """
    SELECT count(*)
      FROM pg_locks
     WHERE locktype = 'advisory'
       AND database = (SELECT oid FROM pg_database WHERE datname = current_database())
       AND (classid::bigint << 32) + objid::bigint = %s
       AND objsubid = 1
       AND granted
"""
RUNNER_LOCK = 2293787760715711918
ACCOUNTS = """
    SELECT account.id, account.name, account.adapter, gate.slot_at, gate.blocked_until,
           gate.failures, gate.trips, gate.open_until, gate.probed_until
      FROM shipment_carrier_account AS account
 LEFT JOIN shipment_carrier_gate AS gate ON gate.account_id = account.id
     WHERE account.active
"""
ENDPOINTS = """
    SELECT id, name, account_id
      FROM shipment_webhook_endpoint
     WHERE active
"""
BOOKINGS = """
    SELECT state, count(*)
      FROM shipment_booking
     WHERE state IN ('requested', 'answered', 'unknown', 'voiding')
  GROUP BY state
"""


class ShipmentMetric(models.Model):
    """What all processes have counted together, and what they are asked about themselves.

    Each process adds what it has counted every few seconds, in a transaction of its own. So
    the sums never shrink, whichever process is asked and whichever is restarted.
    """

    _name = "shipment.metric"
    _description = "Metric"
    _log_access = False

    name = fields.Char(required=True, readonly=True)
    labels = fields.Char(required=True, readonly=True, help="As JSON.")
    value = fields.Float(readonly=True)

    _name_uniq = models.UniqueIndex("(name, labels)")

    @api.model
    def _ensure_token(self):
        """Make the token that Prometheus shows, unless there is one."""
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        if not parameters_sudo.get_param(TOKEN_KEY):
            self._rotate_token()

    @api.model
    def _rotate_token(self):
        """Make another token; the one before opens nothing any more."""
        self.env["ir.config_parameter"].sudo().set_param(
            TOKEN_KEY, secrets.token_urlsafe(32)
        )

    @api.model
    def _render(self):
        """The text for Prometheus. A few statements, however much there is."""
        self.env.cr.execute(BEGIN)
        sums = [
            (name, json.loads(labels), value)
            for name, labels, value in self._rows(
                "SELECT name, labels, value FROM shipment_metric"
            )
        ]
        return render(sums, [*self._receipt_states(), *self._other_states()])

    @api.model
    def _rows(self, query, params=None):
        self.env.cr.execute(query, params)
        return self.env.cr.fetchall()

    def _receipt_states(self):
        [(count, age, overdue)] = self._rows(BACKLOG)
        yield "shipment_webhook_backlog", {}, count
        # What is due later is not overdue.
        yield "shipment_webhook_oldest_seconds", {}, max(float(age or 0), 0.0)
        yield "shipment_webhook_overdue_seconds", {}, max(float(overdue or 0), 0.0)
        counts = dict(self._rows(DEAD_LETTERS))
        receipts = self.env["shipment.webhook.receipt"]
        # Also those of which there are none: an alarm needs the change from none to one.
        classes = dict(receipts._fields["failure"]._description_selection(self.env))
        for failure in {*classes, *counts}:
            labels = {"failure": failure or ""}
            yield "shipment_webhook_dead_letters", labels, counts.get(failure, 0)

    def _other_states(self):
        for carrier, codes, events in self._rows(GAPS):
            labels = {"carrier": carrier or ""}
            yield "shipment_mapping_gaps", labels, codes
            yield "shipment_mapping_gap_events", labels, events
        yield from self._job_states()
        yield from self._account_states()
        for endpoint, name, account in self._rows(ENDPOINTS):
            labels = {"endpoint": str(endpoint), "name": name or ""}
            labels["account"] = str(account or "")
            yield "shipment_endpoint_info", labels, 1
        counts = dict(self._rows(BOOKINGS))
        for state in ("requested", "answered", "unknown", "voiding"):
            yield "shipment_bookings", {"state": state}, counts.get(state, 0)

    def _job_states(self):
        overdue = 0.0
        for channel, state, count, seconds in self._rows(JOBS):
            overdue = max(overdue, float(seconds or 0))
            labels = {"channel": channel or "", "state": state}
            yield "shipment_queue_jobs", labels, count
        yield "shipment_queue_overdue_seconds", {}, overdue
        [(runners,)] = self._rows(RUNNER, [RUNNER_LOCK])
        yield "shipment_queue_runner", {}, min(runners, 1)

    def _account_states(self):
        now = time.time()
        for account, name, adapter, *values in self._rows(ACCOUNTS):
            labels = {"account": str(account)}
            info = {**labels, "name": name or "", "carrier": adapter or ""}
            yield "shipment_account_info", info, 1
            current = gate.State(*(value or 0 for value in values)).name(now)
            for state in BREAKER_STATES:
                value = int(state == current)
                yield "shipment_carrier_breaker", {**labels, "state": state}, value
