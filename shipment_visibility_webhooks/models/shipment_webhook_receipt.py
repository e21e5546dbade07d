import base64
from datetime import timedelta
from hashlib import sha256

from psycopg2.errors import SerializationFailure
from psycopg2.extras import Json

from odoo import api, fields, models

from odoo.addons.shipment_visibility.transaction import own_transaction

from .shipment_webhook_drain import DRAIN_KEY

# What a parser may need beside the body. Never the headers that prove who sent it.
KEPT_HEADERS = ("Content-Type", "User-Agent")
# Seconds to wait after each failed attempt; when they are used up it is a dead letter.
PAUSES = (10, 60, 300, 1800)
GC_BATCH_SIZE = 1000

# One statement for all that a request asks of the database. No row comes back when the
# message is known; else whether a drain is waiting to run.
STORE = """
    INSERT INTO shipment_webhook_receipt (
        endpoint_id, digest, body, headers, state, attempts,
        due_at, create_date, write_date
    )
    SELECT %s, %s, %s, %s, 'received', 0, utc, utc, utc
      FROM (SELECT now() AT TIME ZONE 'UTC') AS clock(utc)
        ON CONFLICT (endpoint_id, digest) DO NOTHING
 RETURNING EXISTS (
               SELECT 1
                 FROM queue_job
                WHERE identity_key = %s
                  AND state IN ('wait_dependencies', 'pending', 'enqueued')
           )
"""

CLAIM = """
      SELECT id
        FROM shipment_webhook_receipt
       WHERE state = 'received'
         AND due_at <= clock_timestamp() AT TIME ZONE 'UTC'
    ORDER BY id
       LIMIT %s
         FOR UPDATE SKIP LOCKED
"""


class ShipmentWebhookReceipt(models.Model):
    """One message exactly as a carrier sent it, and what became of it.

    The route inserts it, the drain works on it, and nobody else writes it: both use
    transactions in which no user's row is waited for.
    """

    _name = "shipment.webhook.receipt"
    _description = "Webhook Receipt"
    _order = "id desc"

    endpoint_id = fields.Many2one(
        "shipment.webhook.endpoint", required=True, readonly=True, ondelete="restrict"
    )
    account_id = fields.Many2one(related="endpoint_id.account_id")
    company_id = fields.Many2one(related="endpoint_id.company_id")
    digest = fields.Char(
        required=True, readonly=True, help="SHA-256 of the message as received."
    )
    body = fields.Binary(
        string="Message",
        attachment=False,
        readonly=True,
        groups="base.group_system",
        help="The message as received. It may hold names and places.",
    )
    headers = fields.Json(readonly=True, groups="base.group_system")
    state = fields.Selection(
        [("received", "Waiting"), ("done", "Done"), ("dead", "Dead Letter")],
        required=True,
        readonly=True,
        default="received",
    )
    attempts = fields.Integer(readonly=True)
    due_at = fields.Datetime(
        string="Due", required=True, readonly=True, default=fields.Datetime.now
    )
    done_at = fields.Datetime(string="Processed", readonly=True)
    failure = fields.Selection(
        [
            ("malformed", "Malformed Message"),
            ("account", "Carrier Account"),
            ("processing", "Processing"),
        ],
        readonly=True,
        help="Malformed: not what the carrier documents. Carrier account: it cannot read "
        "messages as it is set up. Processing: read, but not recorded.",
    )
    reason = fields.Char(readonly=True)

    _digest_uniq = models.UniqueIndex(
        "(endpoint_id, digest)", "This message has been stored already."
    )
    _open_idx = models.Index("(state, id) WHERE state IN ('received', 'dead')")
    _done_idx = models.Index("(done_at) WHERE state = 'done'")

    @api.depends("endpoint_id")
    def _compute_display_name(self):
        for receipt in self:
            receipt.display_name = f"{receipt.endpoint_id.name} #{receipt.id}"

    # === RECEIVING === #

    @api.model
    def _store(self, endpoint_id, body, headers):
        """Store a verified message, once.

        :return: whether it is new, and whether a drain is already waiting to run.
        :rtype: tuple[bool, bool]
        """
        kept = {name: headers[name] for name in KEPT_HEADERS if name in headers}
        row = (
            endpoint_id,
            sha256(body).hexdigest(),
            base64.b64encode(body),
            Json(kept),
            DRAIN_KEY,
        )
        # A query that fails is logged with its values, unless one says no.
        try:
            self.env.cr.execute(STORE, row, log_exceptions=False)
        except SerializationFailure:
            # A twin was committed after our snapshot. A new snapshot sees it; nothing else
            # has been done in this transaction.
            self.env.cr.rollback()
            self.env.cr.execute(STORE, row, log_exceptions=False)
        stored = self.env.cr.fetchone()
        return bool(stored), bool(stored and stored[0])

    # === PROCESSING === #

    @api.model
    def _claim(self, limit):
        """Lock receipts that are due and that no other drain holds, oldest first."""
        self.env.cr.execute(CLAIM, (limit,))
        return self.browse(row[0] for row in self.env.cr.fetchall())

    def _finish(self):
        self.write(
            {
                "state": "done",
                "done_at": fields.Datetime.now(),
                "failure": False,
                "reason": False,
            }
        )

    def _bury(self, failure, reason):
        self.write({"state": "dead", "failure": failure, "reason": reason})

    def _postpone(self, failure, error):
        """Try again later, or give up when it has been tried often enough."""
        reason = f"{type(error).__name__}: {error}".partition("\n")[0]
        for attempts, receipts in self.grouped("attempts").items():
            vals = {"attempts": attempts + 1, "failure": failure, "reason": reason}
            if attempts < len(PAUSES):
                pause = timedelta(seconds=PAUSES[attempts])
                vals["due_at"] = fields.Datetime.now() + pause
            else:
                vals["state"] = "dead"
            receipts.write(vals)

    # === OPERATING === #

    def action_replay(self):
        """Have messages processed again. Safe at any time, because ingestion converges.

        Who may look at a message may also replay it: nothing is changed but its state.
        """
        self.check_access("read")
        with own_transaction(self.env) as env:
            env[self._name].sudo().browse(self.ids).write(
                {
                    "state": "received",
                    "attempts": 0,
                    "due_at": fields.Datetime.now(),
                    "done_at": False,
                    "failure": False,
                    "reason": False,
                }
            )
        self.invalidate_recordset()
        self.env["shipment.webhook.drain"]._wake()

    @api.autovacuum
    def _gc_done(self):
        """Delete what was processed longer ago than the retention, in batches."""
        days = int(
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("shipment_visibility_webhooks.receipt_days", 90)
        )
        expired = self.search(
            [
                ("state", "=", "done"),
                ("done_at", "<", fields.Datetime.now() - timedelta(days=days)),
            ],
            limit=GC_BATCH_SIZE,
            order="done_at",
        )
        expired.unlink()
        return len(expired), len(expired) == GC_BATCH_SIZE
