from pydantic import ValidationError as InvalidCredentials

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..adapters import base
from ..adapters.transport import Transport
from ..credential_reference import Unresolved, is_reference
from .shipment_unused_label import RESERVE_DAYS


class ShipmentCarrierAccount(models.Model):
    """The right to talk to one carrier, in one company and one environment."""

    _name = "shipment.carrier.account"
    _inherit = ["shipment.credentials.mixin"]
    _description = "Carrier Account"
    _order = "sequence, name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(default=True)
    sequence = fields.Integer(default=10)
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        help="The account books and is tracked for deliveries of this company only.",
    )
    carrier_id = fields.Many2one(
        "shipment.carrier",
        required=True,
        ondelete="restrict",
        help="Who transports what this account books.",
    )
    environment = fields.Selection(
        [("test", "Test"), ("production", "Production")],
        required=True,
        default="test",
        copy=False,
        help="A test account never buys anything that has to be paid for.",
    )
    timeout = fields.Integer(
        string="Time Limit (s)",
        required=True,
        default=10,
        help="How long the carrier may take to answer one question.",
    )
    calls_per_second = fields.Float(
        string="Requests per Second",
        help="How many requests the carrier takes on average. 0 is without limit.",
    )
    call_burst = fields.Integer(
        string="Requests at Once",
        required=True,
        default=5,
        help="How many may be sent in one go after a quiet moment.",
    )
    parallel_calls = fields.Integer(
        string="Parallel Requests",
        required=True,
        default=10,
        help="How many bulk work may have under way at a time.",
    )
    breaker_failures = fields.Integer(
        string="Failures to Pause",
        required=True,
        default=5,
        help="After so many failures in a row the carrier is left alone for a while.",
    )
    breaker_pause = fields.Integer(
        string="Pause (s)",
        required=True,
        default=30,
        help="How long it is left alone before one request tries again.",
    )
    void_unused = fields.Boolean(
        string="Cancel Unused Labels",
        default=True,
        help="Labels that the carrier has never scanned are cancelled before its refund "
        "ends.",
    )
    void_unused_days = fields.Integer(
        string="Unused after (Days)",
        help="0 is a few days before the carrier's refund ends, where that is known.",
    )
    gate_state = fields.Selection(
        [
            ("closed", "Working"),
            ("blocked", "Asked to Wait"),
            ("open", "Paused after Failures"),
            ("probing", "Trying Again"),
        ],
        string="Connection State",
        compute="_compute_gate_state",
    )
    delivery_carrier_ids = fields.One2many(
        "delivery.carrier", "shipment_account_id", string="Delivery Methods"
    )

    _timeout_range = models.Constraint(
        "CHECK (timeout BETWEEN 1 AND 60)",
        "The time limit must be between 1 and 60 seconds.",
    )

    _limits_range = models.Constraint(
        "CHECK (calls_per_second >= 0 AND call_burst >= 1 AND breaker_failures >= 1"
        " AND breaker_pause >= 1 AND parallel_calls BETWEEN 1 AND 50)",
        "Limits must be positive, and at most 50 requests can be under way at a time.",
    )

    @api.model
    def _available_adapters(self):
        """The adapters of addons that are installed in this very database.

        The registry of adapters is one of the process, which may serve several databases.
        """
        installed = self.env.registry._init_modules
        return {
            code: adapter
            for code, adapter in base.adapters().items()
            if adapter.__module__.split(".")[2] in installed
        }

    def _compute_gate_state(self):
        names = self.env["shipment.carrier.gate"]._get_names(self.ids)
        for account in self:
            account.gate_state = names.get(account.id, "closed")

    @api.constrains("company_id")
    def _check_delivery_methods_company(self):
        self.delivery_carrier_ids._check_shipment_account()

    @api.model_create_multi
    def create(self, vals_list):
        """Override of Odoo to know the carrier behind the adapter."""
        for vals in vals_list:
            if vals.get("adapter") and not vals.get("carrier_id"):
                vals["carrier_id"] = self._get_adapter_carrier(vals["adapter"]).id
        return super().create(vals_list)

    def write(self, vals):
        """Override of Odoo: another adapter is another carrier."""
        if vals.get("adapter") and any(a.adapter != vals["adapter"] for a in self):
            vals = {
                "carrier_id": self._get_adapter_carrier(vals["adapter"]).id,
                **vals,
            }
        return super().write(vals)

    @api.model
    def _get_adapter_carrier(self, code):
        adapter = self._available_adapters().get(code)
        if not adapter:
            raise ValidationError(self.env._("There is no connection %s.", code))
        carrier = (
            self.env["shipment.carrier"]
            .sudo()
            ._get_or_create(code, adapter.name, is_aggregator=adapter.is_aggregator)
        )
        if adapter.tracking_url and not carrier.tracking_url:
            carrier.tracking_url = adapter.tracking_url
        return carrier

    # === THE WAY TO THE CARRIER === #

    def _adapter_class(self):
        """The class that talks to this account's carrier; a hook for other addons.

        :raise UserError: the addon it comes from is not installed.
        """
        self.ensure_one()
        try:
            return self._available_adapters()[self.adapter]
        except KeyError:
            raise UserError(
                self.env._(
                    "The account %(account)s needs an addon that is not installed.",
                    account=self.sudo().name,
                )
            ) from None

    def _adapter(self, correlation_id="", budget=None, journal=None, gate=None):
        """The adapter, ready to talk to the carrier.

        Journal and gate write in transactions of their own; a caller who uses the adapter in
        a thread hands in ones that do not touch this environment.

        :param budget: seconds that all its requests may take together.
        :raise UserError: the account cannot be used as it is set up.
        """
        self.ensure_one()
        account = self.sudo()
        credentials = account._read_credentials()
        account._check_not_neutralized(credentials)
        transport = Transport(
            timeout=account.timeout,
            journal=journal or self.env["shipment.message"]._journal(account),
            gate=gate or self.env["shipment.carrier.gate"]._of(account),
            correlation_id=correlation_id,
            budget=budget,
        )
        return self._adapter_class()(
            credentials,
            transport,
            production=account.environment == "production",
        )

    @api.constrains("void_unused_days", "adapter")
    def _check_void_unused_days(self):
        """Days after the carrier's refund has ended would never cancel anything."""
        adapters = self._available_adapters()
        for account in self:
            adapter = adapters.get(account.adapter)
            refund_days = adapter.refund_days if adapter else 0
            if refund_days and account.void_unused_days >= refund_days:
                raise ValidationError(
                    self.env._(
                        "%(carrier)s takes labels back for %(days)s days only. Enter "
                        "fewer days for unused labels.",
                        carrier=adapter.name,
                        days=refund_days,
                    )
                )

    def _get_unused_days(self):
        """After how many days a label counts as unused; 0 is never."""
        adapter = self._available_adapters().get(self.adapter)
        if not self.void_unused or not adapter or "void" not in adapter.capabilities():
            return 0
        return self.void_unused_days or max(adapter.refund_days - RESERVE_DAYS, 0)

    def _check_not_neutralized(self, credentials):
        """A copy for trying out talks to no carrier, whatever somebody types into it.

        :raise UserError: this is such a copy, and the carrier is a real one.
        """
        parameters_sudo = self.env["ir.config_parameter"].sudo()
        if parameters_sudo.get_param(
            "database.is_neutralized"
        ) and not self._is_harmless(credentials):
            raise UserError(
                self.env._(
                    "This is a neutralized copy of a database. It can talk to no carrier, "
                    "so the account %s cannot be used here. The Sandbox Carrier without "
                    "an address can.",
                    self.name,
                )
            )

    def _is_harmless(self, credentials):
        """Whether the carrier is only played, in this very process."""
        return self.adapter == "sandbox" and not credentials.base_url

    def _can_look_up(self):
        """Whether the carrier can say what became of a lost booking."""
        try:
            return self._adapter().offers("find_by_reference")
        except UserError:
            return False

    def _read_credentials(self):
        """The one place where credentials are read, and references to them resolved.

        :raise UserError: they do not fit; the message names fields and shows no value.
        """
        account = self.sudo()
        model = account._adapter_class().credentials_model
        values, problems = account._resolve_credentials(model)
        if not problems:
            try:
                return model.model_validate(values)
            except InvalidCredentials as error:
                wrong = error.errors(
                    include_url=False, include_context=False, include_input=False
                )
            problems = [account._credential_problem(item) for item in wrong]
        # Outside the handler, so that no traceback carries the values along.
        values = None
        raise UserError(
            self.env._(
                "The credentials of the account %(account)s are not complete: %(wrong)s. "
                "An administrator can enter them.",
                account=account.name,
                wrong=", ".join(problems),
            )
        )

    def _resolve_credentials(self, model):
        """The values with what references name in their place, and those that name nothing."""
        values, problems = dict(self.credentials or {}), []
        for name, field in model.model_fields.items():
            value = values.get(name)
            if not (self._is_secret(field) and is_reference(value)):
                continue
            try:
                values[name] = self._resolve_reference(value)
            except Unresolved as error:
                problems.append(self._explain_unresolved(error))
        return values, problems

    def _credential_problem(self, item):
        field = ".".join(str(part) for part in item["loc"])
        if item["type"] == "missing":
            return self.env._("%s is missing", field)
        return self.env._("%s is not valid", field)

    def _get_reported_carriers(self):
        """The carriers whose numbers this account's events may name."""
        return self.carrier_id
