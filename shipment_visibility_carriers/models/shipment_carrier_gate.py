import time

from odoo import api, fields, models

from odoo.addons.shipment_visibility.transaction import own_transaction

from ..adapters import gate

COLUMNS = (
    "slot_at",
    "blocked_until",
    "failures",
    "trips",
    "open_until",
    "probed_until",
)
# For so long a state that is in order is not asked for again.
TRUST_SECONDS = 1.0
READ = """
    SELECT slot_at, blocked_until, failures, trips, open_until, probed_until
      FROM shipment_carrier_gate
     WHERE account_id = %s
       FOR UPDATE
"""
WRITE = """
    INSERT INTO shipment_carrier_gate
                (account_id, slot_at, blocked_until, failures, trips, open_until, probed_until)
         VALUES (%s, %s, %s, %s, %s, %s, %s)
    ON CONFLICT (account_id) DO UPDATE
            SET slot_at = EXCLUDED.slot_at,
                blocked_until = EXCLUDED.blocked_until,
                failures = EXCLUDED.failures,
                trips = EXCLUDED.trips,
                open_until = EXCLUDED.open_until,
                probed_until = EXCLUDED.probed_until
"""


class ShipmentCarrierGate(models.Model):
    """The rate limit and the circuit breaker of an account, shared by all workers and hosts.

    Read and written in transactions of its own, each a few statements long: what one worker
    learns of a carrier, the others know with their next request. ``adapters/gate.py`` says
    what it means. It names its account by a plain id: the account's own row is the user's.
    """

    _name = "shipment.carrier.gate"
    _description = "Limits of a Carrier Account"
    _log_access = False

    account_id = fields.Integer(required=True)
    slot_at = fields.Float()
    blocked_until = fields.Float()
    failures = fields.Integer()
    trips = fields.Integer()
    open_until = fields.Float()
    probed_until = fields.Float()

    _account_uniq = models.UniqueIndex("(account_id)")

    @api.model
    def _of(self, account):
        """The gate of an account, as a transport takes it."""
        return AccountGate(self.env, account.id, self._policy(account))

    @api.model
    def _policy(self, account):
        return gate.Policy(
            per_second=account.calls_per_second,
            burst=account.call_burst,
            failures=account.breaker_failures,
            pause=account.breaker_pause,
        )

    @api.model
    def _change(self, account_id, change):
        """Bring an account's state on by ``change(state, now)`` and commit; return its result.

        :param change: returns the next state, and what to return from here.
        """
        with own_transaction(self.env) as env:
            env.cr.execute(READ, [account_id])
            row = env.cr.fetchone()
            state = gate.State(*(value or 0 for value in row)) if row else gate.State()
            following, result = change(state, time.time())
            if following != state:
                values = [getattr(following, column) for column in COLUMNS]
                env.cr.execute(WRITE, [account_id, *values])
        return result

    @api.model
    def _get_names(self, account_ids):
        """account id -> in which state its gate is, for people."""
        with own_transaction(self.env) as env:
            rows = env[self._name].sudo().search([("account_id", "in", account_ids)])
            return {
                row.account_id: gate.State(
                    *(getattr(row, column) for column in COLUMNS)
                ).name(time.time())
                for row in rows
            }


class AccountGate:
    """The gate of one account in one environment; see :class:`..adapters.gate.Gate`.

    Without a rate limit there is nothing to count, so that an account which is in order is
    believed to be so for a moment: bulk work asks once a second, and not at each request.
    """

    def __init__(self, env, account_id, policy):
        self._gates = env["shipment.carrier.gate"]
        self._account_id = account_id
        self._policy = policy
        self._is_clean = False
        self._trusted_until = 0.0

    def reserve(self, patience):
        """Seconds to wait before a request may be sent.

        :raise base.Unavailable: it may not be sent within ``patience`` seconds.
        """
        if self.is_trusted():
            return 0.0

        def change(state, now):
            self._look_at(state, now)
            return gate.reserve(state, self._policy, now, patience)

        return self._gates._change(self._account_id, change)

    def is_trusted(self):
        """Whether a request may be sent without asking."""
        return time.monotonic() < self._trusted_until

    def renew(self):
        """Look again before trust ends, so that nobody has to wait for that."""
        if 0 < self._trusted_until - time.monotonic() < TRUST_SECONDS / 2:
            self._trusted_until = 0.0
            self._gates._change(
                self._account_id, lambda state, now: (state, self._look_at(state, now))
            )

    def _look_at(self, state, now):
        self._is_clean = state.is_clean
        if state.name(now) == "closed" and not self._policy.per_second:
            self._trusted_until = time.monotonic() + TRUST_SECONDS

    def is_news(self, outcome, status):
        """Whether the state is another after a request with this outcome."""
        is_fine = outcome not in ("unavailable", "unknown") and status not in (429, 503)
        return not (is_fine and self._is_clean)

    def report(self, outcome, status, retry_after):
        """Tell what came of a request. A success after successes needs no statement."""
        if not self.is_news(outcome, status):
            return
        self._is_clean, self._trusted_until = False, 0.0

        def change(state, now):
            return (
                gate.report(state, self._policy, now, outcome, status, retry_after),
                None,
            )

        self._gates._change(self._account_id, change)
