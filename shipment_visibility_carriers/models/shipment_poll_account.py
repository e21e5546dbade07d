from odoo import SUPERUSER_ID, api, fields, models

from odoo.addons.shipment_visibility.canonical.milestone import TERMINAL

# Whoever changes one of these may have put right why the carrier was left alone.
RESUMING = {"active", "poll", "credentials", "environment"}
REPLANNING = {"active", "poll", "adapter", "carrier_id", "poll_silent_days"}


class ShipmentCarrierAccount(models.Model):
    """Whether and how much a carrier is asked for news."""

    _inherit = "shipment.carrier.account"

    is_trackable = fields.Boolean(compute="_compute_is_trackable")
    poll = fields.Boolean(
        string="Ask for News",
        compute="_compute_poll",
        store=True,
        readonly=False,
        precompute=True,
        help="Ask the carrier where parcels are. Where it reports by itself, it is only "
        "asked about those it has not spoken of for a day.",
    )
    poll_numbers = fields.Integer(
        string="Numbers a Run",
        required=True,
        default=500,
        help="About how many tracking numbers it may be asked every five minutes.",
    )
    poll_silent_days = fields.Integer(
        string="Give Up After (days)",
        required=True,
        default=30,
        help="A parcel that nothing is heard of for so long is not asked about any more.",
    )
    poll_paused_until = fields.Datetime(
        string="Not Asked Before", compute="_compute_poll_pause"
    )
    poll_problem = fields.Char(string="Why", compute="_compute_poll_pause")

    _poll_range = models.Constraint(
        "CHECK (poll_numbers > 0 AND poll_silent_days > 0)",
        "The numbers a run and the days after which we give up must be above zero.",
    )

    @api.depends("adapter")
    def _compute_is_trackable(self):
        adapters = self._available_adapters()
        for account in self:
            adapter = adapters.get(account.adapter)
            account.is_trackable = bool(adapter and "track" in adapter.capabilities())

    @api.depends("adapter")
    def _compute_poll(self):
        # A new account has no webhook yet; when one arrives, asking becomes rare by itself.
        for account in self:
            account.poll = account.is_trackable

    def _compute_poll_pause(self):
        pauses = self.env["shipment.poll.pause"]._get(self.ids)
        for account in self:
            until, reason = pauses.get(account.id, (False, False))
            account.poll_paused_until = until
            account.poll_problem = reason

    @api.model_create_multi
    def create(self, vals_list):
        """Override to ask about what is under way with the carrier already."""
        accounts = super().create(vals_list)
        accounts._replan_polls()
        return accounts

    def write(self, vals):
        """Override to ask, or to leave alone, what is under way."""
        result = super().write(vals)
        if REPLANNING & vals.keys():
            self._replan_polls()
        if RESUMING & vals.keys():
            for account in self:
                self.env["shipment.poll.pause"]._end(account.id)
        return result

    def _is_tracking(self, only_polled=False):
        """Whether this account can be asked where a parcel is.

        :param only_polled: and is asked without anybody's doing
        """
        return self.active and self.is_trackable and (self.poll or not only_polled)

    def _has_live_webhooks(self):
        """Whether the carrier reports to this account by itself; a hook for other addons."""
        return False

    def _replan_polls(self):
        """Have the poller look at all that these accounts can ask about, or at none of it."""
        self.env.flush_all()
        now = fields.Datetime.now()
        for account in self:
            if not account._is_tracking(only_polled=True):
                self.env.cr.execute(
                    "UPDATE shipment_shipment SET poll_account_id = NULL, poll_at = NULL"
                    " WHERE poll_account_id = %s",
                    [account.id],
                )
                continue
            # There may be very many under way: no record is made for each.
            self.env.cr.execute(
                """
                UPDATE shipment_shipment
                   SET poll_account_id = %(account)s, poll_at = %(now)s, poll_stop = NULL
                 WHERE active
                   AND poll_at IS NULL
                   AND headline <> ALL(%(final)s)
                   AND company_id = %(company)s
                   AND (account_id = %(account)s
                        OR account_id IS NULL AND carrier_id = ANY(%(carriers)s))
                   AND COALESCE(last_event_at, create_date)
                       > %(now)s - make_interval(days => %(days)s)
                """,
                {
                    "account": account.id,
                    "now": now,
                    "final": list(TERMINAL),
                    "company": account.company_id.id,
                    "carriers": account._get_reported_carriers().ids,
                    "days": account.poll_silent_days,
                },
            )
        self.env["shipment.shipment"].invalidate_model(
            ["poll_account_id", "poll_at", "poll_stop"]
        )

    def _enqueue_poll(self):
        """Have a job ask for news, one an account, unless it is already waiting to."""
        for account in self:
            account.with_user(SUPERUSER_ID).with_delay(
                identity_key=f"shipment_poll:{account.id}",
                description=self.env._(
                    "Ask %(account)s for news", account=account.name
                ),
                max_retries=0,
            )._job_poll()

    def _job_poll(self):
        """Ask about what is due. Safe to run again at any time."""
        self.ensure_one()
        tally = self.env["shipment.poll"]._run(self)
        return f"{tally.asked} shipments, {tally.news} events"
