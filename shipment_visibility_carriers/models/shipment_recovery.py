from datetime import timedelta

from odoo import Command, api, fields, models
from odoo.exceptions import UserError

# Carriers bill by the month: what is older was settled long ago.
MOST_DAYS = 90


class ShipmentRecovery(models.Model):
    """A search for labels that were bought, but are not known here: after a restored backup.

    Each account is asked by jobs of its own, page by page, for what it has bought since. What
    is found becomes a line, and where it is certain for which delivery it was bought, a
    booking that its next validation takes instead of buying.
    """

    _name = "shipment.recovery"
    _description = "Search for Bought Labels"
    _order = "id desc"

    name = fields.Char(compute="_compute_name")
    company_id = fields.Many2one(
        "res.company",
        required=True,
        readonly=True,
        default=lambda self: self.env.company,
    )
    user_id = fields.Many2one(
        "res.users",
        string="Started By",
        required=True,
        readonly=True,
        default=lambda self: self.env.user,
    )
    since = fields.Datetime(
        string="Bought Since",
        required=True,
        help="When the backup was made. Rather too early than too late: what is known "
        "already is recognised.",
    )
    until = fields.Datetime(string="Searched At", readonly=True)
    state = fields.Selection(
        [("draft", "New"), ("running", "Searching"), ("done", "Done")],
        required=True,
        readonly=True,
        default="draft",
    )
    account_ids = fields.One2many(
        "shipment.recovery.account", "recovery_id", string="Accounts", readonly=True
    )
    line_ids = fields.One2many(
        "shipment.recovery.line", "recovery_id", string="All Labels"
    )
    open_line_ids = fields.One2many(
        "shipment.recovery.line",
        "recovery_id",
        string="Labels to Decide",
        domain=[("state", "in", ("unsure", "missing"))],
    )
    known_count = fields.Integer(string="Known Already", compute="_compute_counts")
    kept_count = fields.Integer(string="Kept for Deliveries", compute="_compute_counts")
    open_count = fields.Integer(string="To Decide", compute="_compute_counts")
    line_count = fields.Integer(string="Labels", compute="_compute_counts")
    blind_count = fields.Integer(
        string="Accounts That Cannot Tell", compute="_compute_account_counts"
    )
    failed_count = fields.Integer(
        string="Accounts That Failed", compute="_compute_account_counts"
    )

    @api.depends("since")
    def _compute_name(self):
        for recovery in self:
            moment = recovery.since and fields.Datetime.context_timestamp(
                recovery, recovery.since
            )
            recovery.name = (
                self.env._("Labels since %s", moment.strftime("%Y-%m-%d %H:%M"))
                if moment
                else self.env._("Find Labels Bought Since")
            )

    @api.depends("line_ids.state")
    def _compute_counts(self):
        counts = {
            (recovery.id, state): count
            for recovery, state, count in self.env[
                "shipment.recovery.line"
            ]._read_group(
                [("recovery_id", "in", self.ids)],
                ["recovery_id", "state"],
                ["__count"],
            )
        }
        for recovery in self:
            own = {state: n for (one, state), n in counts.items() if one == recovery.id}
            recovery.known_count = own.get("known", 0)
            recovery.kept_count = own.get("kept", 0)
            recovery.open_count = own.get("unsure", 0) + own.get("missing", 0)
            recovery.line_count = sum(own.values())

    @api.depends("account_ids.state")
    def _compute_account_counts(self):
        for recovery in self:
            states = recovery.account_ids.mapped("state")
            recovery.blind_count = states.count("blind")
            recovery.failed_count = states.count("failed")

    # === BUTTONS === #

    def action_search(self):
        """Ask every account what it has bought since; go on with what was not answered."""
        self.ensure_one()
        self.check_access("write")
        now = fields.Datetime.now()
        if not now - timedelta(days=MOST_DAYS) < self.since < now:
            raise UserError(
                self.env._(
                    "Enter when the backup was made: a time in the last %s days.",
                    MOST_DAYS,
                )
            )
        recovery_sudo = self.sudo()
        if self.state == "draft":
            recovery_sudo.write(
                {
                    "until": now,
                    "account_ids": [
                        Command.create({"account_id": account.id})
                        for account in recovery_sudo._find_accounts()
                    ],
                }
            )
        recovery_sudo.state = "running"
        recovery_sudo.account_ids.filtered(
            lambda account: account.state in ("waiting", "failed")
        )._begin()
        recovery_sudo._finish_if_done()

    def action_view_lines(self):
        """Open all labels that were found."""
        self.ensure_one()
        return {
            "type": "ir.actions.act_window",
            "name": self.name,
            "res_model": "shipment.recovery.line",
            "view_mode": "list,form",
            "domain": [("recovery_id", "=", self.id)],
        }

    def _find_accounts(self):
        """The accounts of the company that can buy labels at all."""
        accounts = self.env["shipment.carrier.account"].search(
            [("company_id", "=", self.company_id.id)]
        )
        adapters = accounts._available_adapters()
        return accounts.filtered(
            lambda a: (
                a.adapter not in adapters
                or "book" in adapters[a.adapter].capabilities()
            )
        )

    def _finish_if_done(self):
        """Say so when no account is being asked any more."""
        for recovery in self.filtered(lambda r: r.state == "running"):
            if "waiting" in recovery.account_ids.mapped("state"):
                continue
            recovery.state = "done"
            recovery.user_id._bus_send(
                "simple_notification",
                {
                    "type": "warning" if recovery.open_count else "success",
                    "title": self.env._("Labels were looked for"),
                    "message": self.env._(
                        "%(kept)s kept for deliveries, %(open)s to decide",
                        kept=recovery.kept_count,
                        open=recovery.open_count,
                    ),
                },
            )
