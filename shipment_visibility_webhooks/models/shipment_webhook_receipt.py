import base64
from datetime import timedelta
from hashlib import sha256

from psycopg2.errors import SerializationFailure
from psycopg2.extras import Json

from odoo import api, fields, models

from ..gateway.trial import is_trial
from .shipment_webhook_drain import DRAIN_KEY

# What a parser may need beside the body. Never the headers that prove who sent it.
KEPT_HEADERS = ("Content-Type", "User-Agent")
# Seconds to wait after each failed attempt; when they are used up it is a dead letter. An
# error of our own is given one more chance: what it stumbled over may have been on its way.
PAUSES = {
    "transient": (10, 60, 300, 1800, 7200),
    "account": (60, 300, 1800, 7200),
    "rule": (60,),
}
LONGEST_REASON = 500

# One statement for all that a request asks of the database. No row comes back when the
# message is known; else whether a drain is waiting to run.
STORE = """
    INSERT INTO shipment_webhook_receipt (
        endpoint_id, digest, body, headers, is_trial, state, attempts,
        due_at, create_date, write_date
    )
    SELECT %s, %s, %s, %s, %s, 'received', 0, utc, utc, utc
      FROM (SELECT now() AT TIME ZONE 'UTC') AS clock(utc)
        ON CONFLICT (endpoint_id, digest) DO NOTHING
 RETURNING EXISTS (
               SELECT 1
                 FROM queue_job
                WHERE identity_key = %s
                  AND state IN ('wait_dependencies', 'pending', 'enqueued')
           )
"""

# What was replayed waits behind what is new: old messages by the hundred thousand must not
# delay today's.
CLAIM = """
      SELECT id
        FROM shipment_webhook_receipt
       WHERE state = 'received'
         AND due_at <= statement_timestamp() AT TIME ZONE 'UTC'
    ORDER BY replayed_at NULLS FIRST, due_at, id
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
    is_trial = fields.Boolean(
        string="Test",
        readonly=True,
        help="Sent by an administrator to try the endpoint; no word of the carrier.",
    )
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
            ("unmapped", "Nothing Mapped"),
            ("rule", "Error While Recording"),
            ("transient", "Passing Fault"),
            ("account", "Carrier Account"),
        ],
        readonly=True,
        help="Malformed message: not what the carrier documents.\n"
        "Nothing mapped: it could be read, but nobody knows what its codes mean. When it is "
        "a dead letter, the account does not report for the carrier it names.\n"
        "Error while recording: it could be read, and recording it failed more than once.\n"
        "Passing fault: the database was busy or out of reach; it is tried again.\n"
        "Carrier account: it cannot read messages as it is set up.",
    )
    reason = fields.Char(readonly=True)
    replayed_at = fields.Datetime(
        string="Replayed",
        readonly=True,
        help="When it was last asked to be processed again.",
    )
    body_dropped_at = fields.Datetime(
        string="Content Deleted",
        readonly=True,
        help="Since then it cannot be replayed; that it came is still known.",
    )

    _digest_uniq = models.UniqueIndex(
        "(endpoint_id, digest)", "This message has been stored already."
    )
    _endpoint_idx = models.Index("(endpoint_id, create_date)")
    _claim_idx = models.Index(
        "(replayed_at NULLS FIRST, due_at, id) WHERE state = 'received'"
    )
    _dead_idx = models.Index("(create_date) WHERE state = 'dead'")
    _done_idx = models.Index("(done_at) WHERE state = 'done'")
    _body_idx = models.Index(
        "(done_at) WHERE state = 'done' AND body_dropped_at IS NULL"
    )

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
            is_trial(body),
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
        """Lock receipts that are due and that no other drain holds, in order of arrival."""
        self.env.cr.execute(CLAIM, (limit,))
        return self.browse(row[0] for row in self.env.cr.fetchall())

    def _by_size(self, limit):
        """Yield the receipts in portions whose messages take about so many bytes together."""
        self.env.cr.execute(
            "SELECT id, octet_length(body) FROM shipment_webhook_receipt"
            " WHERE id = ANY(%s)",
            [self.ids],
        )
        sizes = dict(self.env.cr.fetchall())
        portion, total = [], 0
        for receipt_id in self.ids:
            size = sizes.get(receipt_id) or 0
            if portion and total + size > limit:
                yield self.browse(portion)
                portion, total = [], 0
            portion.append(receipt_id)
            total += size
        if portion:
            yield self.browse(portion)

    def _finish(self, failure=False, reason=False):
        """Note that all these messages said is recorded.

        :param failure: ``unmapped`` when nobody knows what it means
        """
        self.write(
            {
                "state": "done",
                "done_at": fields.Datetime.now(),
                "failure": failure,
                "reason": reason,
            }
        )

    def _bury(self, failure, reason):
        """Make dead letters of what waiting cannot heal."""
        self.write({"state": "dead", "failure": failure, "reason": _short(reason)})

    def _postpone(self, failure, error):
        """Try again later, or give up when it has been tried often enough."""
        reason = _short(f"{type(error).__name__}: {error}".partition("\n")[0])
        pauses = PAUSES[failure]
        for attempts, receipts in self.grouped("attempts").items():
            vals = {"attempts": attempts + 1, "failure": failure, "reason": reason}
            if attempts < len(pauses):
                pause = timedelta(seconds=pauses[attempts])
                vals["due_at"] = fields.Datetime.now() + pause
            else:
                vals["state"] = "dead"
            receipts.write(vals)


def _short(reason):
    return reason[:LONGEST_REASON]
