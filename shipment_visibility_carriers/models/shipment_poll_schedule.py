from datetime import UTC, timedelta

from odoo import api, fields, models

from odoo.addons.shipment_visibility.canonical import milestone as vocabulary
from odoo.addons.shipment_visibility.canonical import poll
from odoo.addons.shipment_visibility.canonical.milestone import Code

STOPS = [
    (poll.Stop.FINAL.value, "The journey has ended"),
    (poll.Stop.SILENT.value, "Nothing was heard for too long"),
    ("numberless", "There is no tracking number to ask about"),
]


class ShipmentShipment(models.Model):
    """When the carrier is asked about a shipment, and by which account.

    ``poll_at`` is written where the row is locked anyway: by ingestion, and by the poller. It
    is empty for whatever is not asked about, so that finding what is due reads an index that
    holds nothing else.
    """

    _inherit = "shipment.shipment"

    poll_account_id = fields.Many2one(
        "shipment.carrier.account", string="Asked Through", readonly=True, copy=False
    )
    poll_at = fields.Datetime(
        string="Carrier Asked Next",
        readonly=True,
        copy=False,
        help="When the carrier is asked for news, unless it reports before.",
    )
    polled_at = fields.Datetime(string="Carrier Last Asked", readonly=True, copy=False)
    poll_stop = fields.Selection(
        STOPS, string="Not Asked Any More", readonly=True, copy=False
    )
    poll_error = fields.Char(
        string="Last Question Failed",
        readonly=True,
        copy=False,
        help="What the carrier said when it was last asked. It will be asked again.",
    )
    is_askable = fields.Boolean(compute="_compute_is_askable", compute_sudo=True)

    _poll_idx = models.Index("(poll_account_id, poll_at) WHERE poll_at IS NOT NULL")

    @api.depends("account_id", "carrier_id", "package_ids.tracking_number")
    def _compute_is_askable(self):
        accounts = self._find_tracking_accounts()
        for shipment in self:
            shipment.is_askable = bool(
                accounts[shipment] and shipment._get_numbers_to_ask(is_over=True)
            )

    def _refold(self):
        """Override to ask the carrier sooner when the news calls for it."""
        result = super()._refold()
        self._plan_polls()
        return result

    def _plan_polls(self):
        """Write when the carrier is asked next.

        A question that comes sooner than it would have to does no harm: then the row is left
        alone, and most news writes nothing here.
        """
        accounts = self._find_tracking_accounts(only_polled=True)
        for shipment in self:
            account = accounts[shipment]
            values = shipment._prepare_plan(account)
            is_planned = shipment.poll_at and shipment.poll_account_id == account
            if (
                is_planned
                and values["poll_at"]
                and shipment.poll_at <= values["poll_at"]
            ):
                continue
            shipment._write_plan(values)

    def _prepare_plan(self, account, is_reported=False):
        """When to ask about the shipment through this account, or why not."""
        self.ensure_one()
        if not account:
            return {"poll_account_id": False, "poll_at": False, "poll_stop": False}
        planned = poll.plan(
            self._as_journey(is_reported),
            _aware(fields.Datetime.now()),
            timedelta(days=account.poll_silent_days),
        )
        stop = planned.stop and planned.stop.value
        if not stop and not self._get_numbers_to_ask():
            stop = "numberless"
        return {
            "poll_account_id": account.id,
            "poll_at": not stop and planned.at.replace(tzinfo=None, microsecond=0),
            "poll_stop": stop or False,
        }

    def _write_plan(self, values):
        """Write what differs."""
        account = values["poll_account_id"] or False
        current = {
            "poll_account_id": self.poll_account_id.id,
            **{name: self[name] for name in values if name != "poll_account_id"},
        }
        wanted = {**values, "poll_account_id": account}
        changes = {
            name: value
            for name, value in wanted.items()
            if (current[name] or False) != (value or False)
        }
        if changes:
            self.write(changes)

    def _as_journey(self, is_reported=False):
        self.ensure_one()
        promise = self._promise()
        return poll.Journey(
            headline=Code(self.headline),
            heard_at=_aware(
                self.last_event_at or self.create_date or fields.Datetime.now()
            ),
            promised_at=promise and _aware(promise) or None,
            asked_at=self.polled_at and _aware(self.polled_at) or None,
            is_reported=is_reported,
        )

    def _get_numbers_to_ask(self, is_over=False):
        """The tracking numbers that something may still be said of.

        :param is_over: those whose journey has ended, too
        """
        self.ensure_one()
        numbered = self.package_ids.filtered("tracking_number")
        if not numbered:
            return [self.master_number] if self.master_number else []
        packages = numbered.filtered(
            lambda package: (
                package.live
                and not package.superseded_by_id
                and (is_over or package.headline not in vocabulary.TERMINAL)
            )
        )
        return list(dict.fromkeys(packages.mapped("tracking_number")))

    def _find_tracking_accounts(self, only_polled=False):
        """The account that can ask about each shipment, which may be none.

        That is the one that booked it; of a shipment that was booked elsewhere, the first one
        of its company that may speak of its carrier.

        :param only_polled: only accounts that are asked by themselves
        """
        accounts = self.env["shipment.carrier.account"]
        elsewhere = self.filtered(lambda s: not s.account_id.active and s.carrier_id)
        by_carrier = {}
        if elsewhere:
            for account in accounts.search(
                [("company_id", "in", elsewhere.company_id.ids)]
            ):
                for carrier in account._get_reported_carriers():
                    if account._is_tracking(only_polled):
                        by_carrier.setdefault((account.company_id, carrier), account)
        found = {}
        for shipment in self:
            own = shipment.account_id
            if own.active:
                found[shipment] = own if own._is_tracking(only_polled) else accounts
            else:
                key = (shipment.company_id, shipment.carrier_id)
                found[shipment] = by_carrier.get(key, accounts)
        return found

    def _is_worth_asking(self, numbers, account, is_reported):
        """Whether a shipment that is due is asked about; else it is planned anew."""
        self.ensure_one()
        now = _aware(fields.Datetime.now())
        values = self._prepare_plan(account, is_reported)
        is_needless = poll.is_needless(self._as_journey(is_reported), now)
        if self.active and values["poll_at"] and not is_needless:
            return bool(numbers)
        if not self.active:
            values["poll_at"] = False
        self._write_plan(values)
        return False

    def _write_polled(self, account, problem, is_reported):
        """Write that the carrier was asked now, and when it is asked next."""
        self.polled_at = fields.Datetime.now()
        self.poll_error = problem or False
        if account._is_tracking(only_polled=True):
            self._write_plan(self._prepare_plan(account, is_reported))

    # === BY HAND === #

    def action_ask_carrier(self):
        """Ask the carriers of these shipments for news, now."""
        self.check_access("read")
        # Whoever sees a shipment may ask where it is; an account is for its administrators.
        shipments_sudo = self.sudo()
        accounts = shipments_sudo._find_tracking_accounts()
        news, problems, is_asked = 0, [], False
        for account in set(accounts.values()):
            if account:
                mine = shipments_sudo.filtered(lambda s, a=account: accounts[s] == a)
                tally = self.env["shipment.poll"]._ask_now(account, mine)
                is_asked = is_asked or tally.asked
                news += tally.news
                problems += tally.problems
        if problems:
            return self._tell_answer(" ".join(dict.fromkeys(problems)), "danger")
        if not is_asked:
            return self._tell_answer(
                self.env._(
                    "There is nobody to ask: no account tracks this carrier, or there is "
                    "no tracking number."
                ),
                "warning",
            )
        if not news:
            return self._tell_answer(self.env._("The carrier has no news."), "info")
        return self._tell_answer(
            self.env._("News from the carrier: %s.", news), "success"
        )

    def _tell_answer(self, message, kind):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "message": message,
                "next": {"type": "ir.actions.client", "tag": "soft_reload"},
            },
        }


def _aware(moment):
    return moment.replace(tzinfo=UTC)
