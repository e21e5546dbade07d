from datetime import datetime, time, timedelta

import pytz

from odoo import api, fields, models
from odoo.tools import SQL

SHOWN = 10

# For each endpoint a look at the end of an index; a grouping would read all it ever received.
LAST = """
    SELECT endpoint.id,
           (SELECT max(receipt.create_date)
              FROM shipment_webhook_receipt AS receipt
             WHERE receipt.endpoint_id = endpoint.id
               AND receipt.is_trial IS NOT TRUE)
      FROM unnest(%s::int[]) AS endpoint(id)
"""
RECENT = """
    SELECT receipt.id, receipt.endpoint_id
      FROM unnest(%s::int[]) AS endpoint(id)
CROSS JOIN LATERAL (
               SELECT id, endpoint_id, create_date
                 FROM shipment_webhook_receipt
                WHERE endpoint_id = endpoint.id
             ORDER BY create_date DESC
                LIMIT %s
           ) AS receipt
  ORDER BY receipt.create_date DESC, receipt.id DESC
"""
RATES = """
    SELECT endpoint_id,
           count(*) FILTER (WHERE create_date >= %(hour)s),
           count(*) FILTER (WHERE create_date >= %(today)s),
           count(*) FILTER (WHERE create_date >= %(week)s)
      FROM shipment_webhook_receipt
     WHERE endpoint_id = ANY(%(endpoints)s)
       AND create_date >= least(%(today)s, %(week)s)
       AND is_trial IS NOT TRUE
  GROUP BY endpoint_id
"""


class ShipmentWebhookEndpoint(models.Model):
    """What came in: when last, how much, and the messages themselves. Tests do not count."""

    _inherit = "shipment.webhook.endpoint"

    waiting_count = fields.Integer(compute="_compute_receipt_counts")
    dead_count = fields.Integer(compute="_compute_receipt_counts")
    last_received_at = fields.Datetime(
        string="Last Received",
        compute="_compute_last_received_at",
        help="When the carrier last sent a message that was accepted.",
    )
    received_last_hour = fields.Integer(
        string="In the Last Hour", compute="_compute_received"
    )
    received_today = fields.Integer(string="Today", compute="_compute_received")
    received_this_week = fields.Integer(string="In 7 Days", compute="_compute_received")
    recent_receipt_ids = fields.Many2many(
        "shipment.webhook.receipt",
        string="Recent Messages",
        compute="_compute_recent_receipt_ids",
    )

    def _compute_receipt_counts(self):
        counts = {
            (endpoint, state): count
            for endpoint, state, count in self.env[
                "shipment.webhook.receipt"
            ]._read_group(
                [
                    ("endpoint_id", "in", self.ids),
                    ("state", "in", ("received", "dead")),
                ],
                ["endpoint_id", "state"],
                ["__count"],
            )
        }
        for endpoint in self:
            endpoint.waiting_count = counts.get((endpoint, "received"), 0)
            endpoint.dead_count = counts.get((endpoint, "dead"), 0)

    def _compute_last_received_at(self):
        last = self._get_last_received()
        for endpoint in self:
            endpoint.last_received_at = last.get(endpoint)

    def _get_last_received(self):
        """endpoint -> when its carrier last sent a message, of those that ever did."""
        rows = self._query_receipts(SQL(LAST, self.ids))
        return {self.browse(endpoint): at for endpoint, at in rows if at}

    def _compute_received(self):
        now = fields.Datetime.now()
        moments = {
            "hour": now - timedelta(hours=1),
            "today": self._get_start_of_today(),
            "week": now - timedelta(days=7),
        }
        rows = self._query_receipts(SQL(RATES, endpoints=self.ids, **moments))
        rates = {endpoint: counts for endpoint, *counts in rows}
        for endpoint in self:
            (
                endpoint.received_last_hour,
                endpoint.received_today,
                endpoint.received_this_week,
            ) = rates.get(endpoint.id, (0, 0, 0))

    @api.model
    def _get_start_of_today(self):
        """When the user's day began, in UTC."""
        zone = pytz.timezone(self.env.user.tz or "UTC")
        midnight = datetime.combine(fields.Date.context_today(self), time.min)
        return zone.localize(midnight).astimezone(pytz.utc).replace(tzinfo=None)

    def _compute_recent_receipt_ids(self):
        rows = self._query_receipts(SQL(RECENT, self.ids, SHOWN))
        for endpoint in self:
            endpoint.recent_receipt_ids = [
                receipt for receipt, owner in rows if owner == endpoint.id
            ]

    def _query_receipts(self, query):
        self.env["shipment.webhook.receipt"].flush_model()
        return self.env.execute_query(query)

    # === BUTTONS === #

    def action_view_receipts(self):
        """Open the messages this endpoint received; those of a state, if the context says."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility_webhooks.shipment_webhook_receipt_action"
        )
        action["domain"] = [("endpoint_id", "=", self.id)]
        state = self.env.context.get("receipt_state")
        action["context"] = {f"search_default_{state}": 1} if state else {}
        return action
