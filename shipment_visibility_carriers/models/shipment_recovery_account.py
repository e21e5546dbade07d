import time
from datetime import UTC, timedelta

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import UserError
from odoo.tools import format_datetime

from ..adapters import base

# A job ends long before a server would end it; then a successor goes on.
RUN_SECONDS = 45
# When the carrier does not say how long it wants to be left alone.
PAUSE_SECONDS = 5 * 60
MOST_PAUSES = 24
# The clocks of carriers and the time of a backup are not exact.
MARGIN = timedelta(hours=1)


class ShipmentRecoveryAccount(models.Model):
    """What one account can tell of the labels it has bought since."""

    _name = "shipment.recovery.account"
    _description = "Account Asked for Bought Labels"
    _order = "id"
    _rec_name = "account_id"

    recovery_id = fields.Many2one(
        "shipment.recovery", required=True, index=True, ondelete="cascade"
    )
    company_id = fields.Many2one(related="recovery_id.company_id", store=True)
    account_id = fields.Many2one(
        "shipment.carrier.account", required=True, readonly=True, ondelete="cascade"
    )
    state = fields.Selection(
        [
            ("waiting", "Being Asked"),
            ("done", "Has Told All"),
            ("blind", "Cannot Be Known"),
            ("failed", "Failed"),
        ],
        required=True,
        readonly=True,
        default="waiting",
    )
    note = fields.Text(string="What to Know", readonly=True)
    page = fields.Char(readonly=True, help="Where to go on in the carrier's list.")
    is_listed = fields.Boolean(readonly=True, help="The whole list was read.")
    pauses = fields.Integer(readonly=True)
    line_ids = fields.One2many(
        "shipment.recovery.line", "recovery_account_id", readonly=True
    )
    line_count = fields.Integer(string="Labels", compute="_compute_line_count")

    @api.depends("line_ids")
    def _compute_line_count(self):
        counts = dict(
            self.env["shipment.recovery.line"]._read_group(
                [("recovery_account_id", "in", self.ids)],
                ["recovery_account_id"],
                ["__count"],
            )
        )
        for row in self:
            row.line_count = counts.get(row, 0)

    def _begin(self):
        """Have a job ask each account, or say at once what cannot be known."""
        for row in self:
            try:
                is_able = row.account_id._adapter().offers("list_purchases")
            except UserError as error:
                row.write({"state": "failed", "note": str(error)})
                continue
            if not is_able:
                row.write({"state": "blind", "note": row._say_blind()})
                continue
            row.write({"state": "waiting", "note": False, "pauses": 0})
            row._enqueue()

    def _say_blind(self):
        recovery = self.recovery_id
        zone = recovery.user_id.tz or "UTC"
        since, until = (
            format_datetime(self.env, moment, tz=zone, dt_format="short")
            for moment in (recovery.since, recovery.until)
        )
        return self.env._(
            "%(account)s cannot list what was bought. Whether it sold labels between "
            "%(since)s and %(until)s (%(zone)s) that are not known here cannot be found "
            "out from here. Compare the list in the carrier's portal, or the invoice, with "
            "the shipments; enter the numbers that are missing on their deliveries, or "
            "have those labels cancelled there.",
            account=self.account_id.name,
            since=since,
            until=until,
            zone=zone,
        )

    # === JOB === #

    def _enqueue(self, seconds=0, is_successor=False):
        for row in self:
            row.with_user(SUPERUSER_ID).with_delay(
                # While a job runs, its own key is taken.
                identity_key=None if is_successor else f"shipment-recovery-{row.id}",
                description=self.env._(
                    "Ask %(account)s what it has bought", account=row.account_id.name
                ),
                eta=int(seconds),
                max_retries=0,
            )._job_ask()

    def _job_ask(self):
        """Read the carrier's list and settle what is on it, for a while.

        Safe to run again: what is kept of a label has its key, and is found by it.
        """
        row = self.exists()
        if row.state != "waiting" or not row._is_alone():
            return
        try:
            adapter = row.account_id._adapter()
            deadline = time.monotonic() + self._run_seconds()
            while row.state == "waiting":
                if time.monotonic() > deadline:
                    row._enqueue(is_successor=True)
                    return
                row._go_on(adapter)
        except base.Unavailable as error:
            row._pause(error)
        except (base.CarrierError, UserError) as error:
            row.write({"state": "failed", "note": str(error)})
        row.recovery_id._finish_if_done()

    def _run_seconds(self):
        return RUN_SECONDS

    def _is_alone(self):
        """Whether no other job is at this account."""
        self.env.cr.execute(
            "SELECT pg_try_advisory_xact_lock(hashtextextended(%s, 0))",
            [f"shipment.recovery.account {self.id}"],
        )
        return self.env.cr.fetchone()[0]

    def _go_on(self, adapter):
        """Settle one label, or read one page, or end."""
        lines = self.env["shipment.recovery.line"]
        found = lines.search(
            [("recovery_account_id", "=", self.id), ("state", "=", "found")],
            order="id",
            limit=1,
        )
        if found:
            found._settle(adapter)
        elif self.is_listed:
            self.write({"state": "done", "note": False})
        else:
            since = (self.recovery_id.since - MARGIN).replace(tzinfo=UTC)
            answer = adapter.list_purchases(since, self.page or "")
            if answer.next_page and answer.next_page == self.page:
                raise base.MalformedMessage(
                    self.env._("The carrier's list does not end.")
                )
            lines._take(self, answer.purchases)
            self.write({"page": answer.next_page, "is_listed": not answer.next_page})

    def _pause(self, error):
        """Ask again when the carrier can be asked, but not for ever."""
        if self.pauses >= MOST_PAUSES:
            self.write({"state": "failed", "note": str(error)})
            return
        self.write({"pauses": self.pauses + 1, "note": str(error)})
        self._enqueue(error.retry_after or PAUSE_SECONDS, is_successor=True)
