import logging

from odoo import SUPERUSER_ID, api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import float_compare

from odoo.addons.shipment_visibility.models.shipment_charge import BOOKED_KINDS
from odoo.addons.shipment_visibility.transaction import own_transaction

from ..adapters import base

_logger = logging.getLogger(__name__)

# Who may know what is in a wallet.
FINANCE = (
    "account.group_account_invoice,shipment_visibility.shipment_group_manager,"
    "base.group_system"
)
ACTIVITY = "shipment_visibility_carriers.mail_activity_type_low_balance"
# What was booked in so many days says how long the wallet will last.
RATE_DAYS = 30
# States of the gate in which a carrier is left alone.
LEFT_ALONE = ("blocked", "open")


class ShipmentCarrierAccount(models.Model):
    """The wallet that an aggregator takes the price of each label from.

    Its balance is read where the carrier tells it. When it is below the limit, or a label was
    refused for want of money, somebody is asked once to top it up.
    """

    _name = "shipment.carrier.account"
    _inherit = ["shipment.carrier.account", "mail.thread", "mail.activity.mixin"]
    # Whoever is asked to top it up says that it is done.
    _mail_post_access = "read"

    is_prepaid = fields.Boolean(
        string="Paid from a Wallet",
        help="The carrier takes the price of each label from money paid in advance. What its "
        "charge reports ask for is paid already.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        domain="[('share', '=', False), ('company_ids', 'in', company_id)]",
        help="Who is asked to top up the wallet. Empty: a shipment administrator.",
    )
    balance = fields.Monetary(
        currency_field="balance_currency_id",
        readonly=True,
        copy=False,
        groups=FINANCE,
        help="What the carrier said when it was last asked.",
    )
    balance_currency_id = fields.Many2one(
        "res.currency", readonly=True, copy=False, groups=FINANCE
    )
    balance_at = fields.Datetime(
        string="Balance Read", readonly=True, copy=False, groups=FINANCE
    )
    low_balance = fields.Monetary(
        string="Warn below",
        currency_field="balance_currency_id",
        groups=FINANCE,
        help="In the currency of the wallet. 0: the balance is not read by itself.",
    )
    is_balance_low = fields.Boolean(
        string="Low Balance", readonly=True, copy=False, groups=FINANCE
    )
    funds_refused_at = fields.Datetime(
        string="Refused for Want of Money",
        readonly=True,
        copy=False,
        groups=FINANCE,
        help="When the carrier last sold no label because the wallet held too little.",
    )
    balance_days = fields.Integer(
        string="Lasts (Days)",
        compute="_compute_balance_days",
        groups=FINANCE,
        help="As long as labels are bought as in the last 30 days.",
    )
    can_tell_balance = fields.Boolean(
        compute="_compute_can_tell_balance", groups=FINANCE
    )

    _low_balance_range = models.Constraint(
        "CHECK (low_balance >= 0)", "The limit of a wallet is not negative."
    )

    @api.depends("adapter", "environment")
    def _compute_can_tell_balance(self):
        for account in self:
            account.can_tell_balance = bool(account.adapter) and account._offers(
                "read_balance"
            )

    @api.depends("balance", "balance_at")
    def _compute_balance_days(self):
        told = self.filtered("balance_at")
        spent = told._sum_spent()
        today = fields.Date.context_today(self)
        for account in self:
            rate = account.company_id.currency_id._convert(
                spent.get(account, 0.0) / RATE_DAYS,
                account.balance_currency_id or account.company_id.currency_id,
                account.company_id,
                today,
                round=False,
            )
            lasts = account in told and rate > 0
            account.balance_days = max(account.balance, 0) // rate if lasts else 0

    def _sum_spent(self):
        """What was booked of late with each account, in its company's currency."""
        since = fields.Date.subtract(fields.Date.context_today(self), days=RATE_DAYS)
        # Whoever may know the balance may know how fast it falls.
        shipments_sudo = self.env["shipment.shipment"].sudo()
        spent = {}
        for shipment, amount in (
            self.env["shipment.charge"]
            .sudo()
            ._read_group(
                [
                    (
                        "shipment_id",
                        "in",
                        shipments_sudo._search(
                            [
                                ("account_id", "in", self.ids),
                                ("create_date", ">=", since),
                            ]
                        ),
                    ),
                    ("kind", "in", BOOKED_KINDS),
                ],
                ["shipment_id"],
                ["amount_company:sum"],
            )
        ):
            account = shipment.account_id.sudo(self.env.su)
            spent[account] = spent.get(account, 0.0) + amount
        return spent

    # === READING === #

    @api.model
    def _cron_read_balances(self):
        """Have a job read the balance of each wallet that has a limit, or was empty."""
        accounts_sudo = self.sudo().search(
            [
                ("is_prepaid", "=", True),
                "|",
                ("low_balance", ">", 0),
                ("funds_refused_at", "!=", False),
            ]
        )
        accounts_sudo.filtered(
            lambda account: (
                account.gate_state not in LEFT_ALONE and account.can_tell_balance
            )
        )._enqueue_balance()

    def _enqueue_balance(self, refused_at=None):
        """Have a job read the balance, unless one is waiting to.

        :param refused_at: when a label was refused for want of money, if it was.
        """
        for account in self:
            account.with_user(SUPERUSER_ID).with_delay(
                identity_key=f"shipment_balance:{account.id}:{bool(refused_at)}",
                description=self.env._(
                    "Read the balance of %(account)s", account=account.name
                ),
                max_retries=0,
            )._job_read_balance(refused_at)

    def _job_read_balance(self, refused_at=None):
        """Read the balance and tell when it is low. Safe to run again at any time."""
        self.ensure_one()
        account = self.exists()
        if not account:
            return None
        if refused_at:
            account.funds_refused_at = refused_at
        try:
            account._read_balance(is_refused=bool(refused_at))
        except (base.CarrierError, UserError) as error:
            # What was not told now is told in an hour.
            words = str(error)
        else:
            words = None
        account._judge_balance()
        return words

    def _read_balance(self, is_refused=False):
        """Ask the carrier and keep what it says.

        :param bool is_refused: the wallet has just been found empty: what is read now is
            what later balances are compared with.
        :raise base.CarrierError: it cannot be asked, or does not tell.
        :raise UserError: the account cannot be used as it is set up.
        """
        self.ensure_one()
        told = self._adapter().read_balance()
        currency = self.env["delivery.carrier"]._get_shipment_currency(told.currency)
        amount = currency.round(float(told.amount))
        is_topped_up = (
            not is_refused
            and self.balance_currency_id == currency
            and currency.compare_amounts(amount, self.balance) > 0
        )
        self.write(
            {
                "balance": amount,
                "balance_currency_id": currency.id,
                "balance_at": fields.Datetime.now(),
                **({"funds_refused_at": False} if is_topped_up else {}),
            }
        )

    def _judge_balance(self):
        """Ask once for more money while there is too little; forget it when there is enough."""
        for account in self:
            below = account.balance_at and (
                float_compare(account.balance, account.low_balance, precision_digits=6)
                < 0
            )
            is_low = bool(account.funds_refused_at or account.low_balance and below)
            if is_low == account.is_balance_low:
                continue
            account.is_balance_low = is_low
            if is_low:
                account._ask_for_money()
            else:
                account.activity_unlink([ACTIVITY])

    def _ask_for_money(self):
        user = self.user_id
        if not user.active or self.company_id not in user.company_ids:
            user = self.env["shipment.role.mixin"]._first_of_group(
                "shipment_visibility.shipment_group_manager", self
            )
        # No amount: whoever sees the account sees what is to be done about it.
        self.activity_schedule(
            ACTIVITY,
            note=self.env._(
                "The wallet of %(account)s at %(carrier)s is nearly empty. Top it up "
                "before labels are refused.",
                account=self.name,
                carrier=self.carrier_id.name,
            ),
            user_id=user.id or SUPERUSER_ID,
        )

    # === BUTTONS === #

    def action_read_balance(self):
        """Ask the carrier now, and show what it says."""
        account_sudo = self._as_finance()
        try:
            account_sudo._read_balance()
        except base.CarrierError as error:
            raise UserError(str(error)) from None
        account_sudo._judge_balance()
        return True

    def action_topped_up(self):
        """Say that there is money again, where the carrier does not tell."""
        account_sudo = self._as_finance()
        account_sudo.funds_refused_at = False
        account_sudo._judge_balance()
        return True

    def _as_finance(self):
        """Return the account as finance may change it: only what it holds.

        :raise AccessError: the user is none of those who may know it.
        """
        self.ensure_one()
        self.check_access("read")
        if not self.env.user.has_groups(FINANCE):
            raise AccessError(self.env._("Only finance can look into the wallet."))
        return self.sudo()


class ShipmentBookingDesk(models.AbstractModel):
    """A label that is refused for want of money has somebody asked for it."""

    _inherit = "shipment.booking.desk"

    @api.model
    def _explain_refusal(self, ticket, error):
        """Extend to say who can help, and have them told."""
        explained = super()._explain_refusal(ticket, error)
        if not isinstance(error, base.NoFunds):
            return explained
        self._tell_no_funds(ticket.account_id)
        return UserError(
            self.env._(
                "%(words)s\nThe wallet of the account %(account)s must be topped up. Who "
                "looks after it has been asked to.",
                words=str(explained),
                account=ticket.account_name,
            )
        )

    @api.model
    def _tell_no_funds(self, account_id):
        """Have a job look at the wallet, whatever becomes of the caller's transaction."""
        try:
            with own_transaction(self.env) as env:
                account = env["shipment.carrier.account"].browse(account_id)
                account.sudo()._enqueue_balance(fields.Datetime.now())
        except Exception:
            # What the carrier said is worth more than who is told of it.
            _logger.exception("the empty wallet of account %s", account_id)
