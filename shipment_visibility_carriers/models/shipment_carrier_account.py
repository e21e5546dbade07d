from pydantic import ValidationError as InvalidCredentials

from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..adapters import base
from ..adapters.transport import Transport

# How an operation of the contract is called where a user reads of it.
OPERATION_NAMES = {
    "rate": "Rates",
    "book": "Labels",
    "void": "Cancellation",
    "return_label": "Return labels",
    "track": "Tracking",
    "find_by_reference": "Look-up of lost bookings",
    "validate_address": "Address validation",
    "parse_webhook": "Webhooks",
}


class ShipmentCarrierAccount(models.Model):
    """The right to talk to one carrier, in one company and one environment."""

    _name = "shipment.carrier.account"
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
    adapter = fields.Selection(
        selection="_selection_adapter",
        string="Connection",
        required=True,
        help="How we talk to the carrier.",
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
    credentials = fields.Json(
        string="Stored Credentials", copy=False, groups="base.group_system"
    )
    credential_form = fields.Json(
        string="Credentials",
        compute="_compute_credential_form",
        inverse="_inverse_credential_form",
        groups="base.group_system",
        help="What the carrier gave you to identify yourself with. Secrets are never "
        "shown again.",
    )
    capabilities = fields.Char(compute="_compute_capabilities")
    delivery_carrier_ids = fields.One2many(
        "delivery.carrier", "shipment_account_id", string="Delivery Methods"
    )
    delivery_carrier_count = fields.Integer(compute="_compute_delivery_carrier_count")

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
    def _selection_adapter(self):
        return [
            (code, adapter.name)
            for code, adapter in sorted(
                self._available_adapters().items(), key=lambda item: item[1].name
            )
        ]

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

    @api.depends("adapter")
    def _compute_capabilities(self):
        for account in self:
            adapter = self._available_adapters().get(account.adapter)
            offered = adapter.capabilities() if adapter else ()
            account.capabilities = ", ".join(
                name for code, name in OPERATION_NAMES.items() if code in offered
            )

    def _compute_gate_state(self):
        names = self.env["shipment.carrier.gate"]._get_names(self.ids)
        for account in self:
            account.gate_state = names.get(account.id, "closed")

    def _compute_delivery_carrier_count(self):
        counts = dict(
            self.env["delivery.carrier"]._read_group(
                [("shipment_account_id", "in", self.ids)],
                ["shipment_account_id"],
                ["__count"],
            )
        )
        for account in self:
            account.delivery_carrier_count = counts.get(account, 0)

    @api.depends("adapter", "credentials")
    def _compute_credential_form(self):
        """What the form asks for. A secret is only ever said to be there."""
        for account in self:
            adapter = self._available_adapters().get(account.adapter)
            account.credential_form = adapter and {
                "fields": [
                    account._credential_field(name, field)
                    for name, field in adapter.credentials_model.model_fields.items()
                ]
            }

    def _credential_field(self, name, field):
        is_secret = "SecretStr" in str(field.annotation)
        stored = (self.credentials or {}).get(name)
        return {
            "name": name,
            "label": field.title or name.replace("_", " ").capitalize(),
            "help": field.description or "",
            "secret": is_secret,
            "required": field.is_required(),
            "set": bool(stored),
            "value": "" if is_secret else stored or "",
        }

    def _inverse_credential_form(self):
        for account in self:
            typed = (account.credential_form or {}).get("values") or {}
            names = account._adapter_class().credentials_model.model_fields
            kept = {
                name: value
                for name, value in {**(account.credentials or {}), **typed}.items()
                if name in names and value not in (None, "")
            }
            account.credentials = kept or False
        # What was typed must not be in the answer to the one who typed it.
        self.invalidate_recordset(["credential_form"])

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
        """Override of Odoo: another adapter is another carrier, with other credentials."""
        if vals.get("adapter") and any(a.adapter != vals["adapter"] for a in self):
            vals = {
                "carrier_id": self._get_adapter_carrier(vals["adapter"]).id,
                "credentials": False,
                **vals,
            }
        return super().write(vals)

    @api.model
    def _get_adapter_carrier(self, code):
        adapter = self._available_adapters().get(code)
        if not adapter:
            raise ValidationError(self.env._("There is no connection %s.", code))
        carrier = self.env["shipment.carrier"].sudo()._get_or_create(code, adapter.name)
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
        transport = Transport(
            timeout=account.timeout,
            journal=journal or self.env["shipment.message"]._journal(account),
            gate=gate or self.env["shipment.carrier.gate"]._of(account),
            correlation_id=correlation_id,
            budget=budget,
        )
        return self._adapter_class()(
            account._read_credentials(),
            transport,
            production=account.environment == "production",
        )

    def _can_look_up(self):
        """Whether the carrier can say what became of a lost booking."""
        try:
            return self._adapter().offers("find_by_reference")
        except UserError:
            return False

    def _read_credentials(self):
        """The one place where credentials are read.

        :raise UserError: they do not fit; the message names fields and shows no value.
        """
        account = self.sudo()
        model = account._adapter_class().credentials_model
        try:
            return model.model_validate(account.credentials or {})
        except InvalidCredentials as error:
            wrong = error.errors(
                include_url=False, include_context=False, include_input=False
            )
        # Outside the handler, so that no traceback carries the values along.
        raise UserError(
            self.env._(
                "The credentials of the account %(account)s are not complete: %(wrong)s. "
                "An administrator can enter them.",
                account=account.name,
                wrong=", ".join(account._credential_problem(item) for item in wrong),
            )
        )

    def _credential_problem(self, item):
        field = ".".join(str(part) for part in item["loc"])
        if item["type"] == "missing":
            return self.env._("%s is missing", field)
        return self.env._("%s is not valid", field)

    def _get_reported_carriers(self):
        """The carriers whose numbers this account's events may name."""
        return self.carrier_id

    # === BUTTONS === #

    def action_test_connection(self):
        """Ask the carrier something that costs nothing, and show what it says."""
        self.ensure_one()
        self.check_access("write")
        try:
            message = self._probe(self._adapter())
        except base.CarrierError as error:
            return self._notify(str(error), "danger", self.env._("Not connected"))
        return self._notify(message, "success", self.env._("Connected"))

    def _probe(self, adapter):
        """Prove that the carrier takes our credentials.

        :raise base.CarrierError: it does not, or cannot be asked.
        """
        offered = adapter.capabilities()
        if "rate" not in offered:
            return self.env._(
                "The credentials are complete; this carrier offers nothing to try them with."
            )
        request = self.env["shipment.request.builder"]._sample(self)
        try:
            quotes = adapter.rate(request)
        except base.Refused as error:
            # Who argues about the shipment has let us in.
            return self.env._("The carrier answered: %s", str(error))
        return self.env._(
            "The carrier offers: %s", ", ".join(quote.service_name for quote in quotes)
        )

    def _notify(self, message, kind, title):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "title": f"{self.name}: {title}",
                "message": message,
                "sticky": kind == "danger",
            },
        }

    def action_view_delivery_methods(self):
        """Open the delivery methods that book through this account."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "delivery.action_delivery_carrier_form"
        )
        action["domain"] = [("shipment_account_id", "=", self.id)]
        action["context"] = {
            "default_delivery_type": "shipment_visibility",
            "default_shipment_account_id": self.id,
            "default_integration_level": "rate_and_ship",
        }
        return action
