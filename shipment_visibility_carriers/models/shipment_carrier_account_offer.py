from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError
from odoo.tools import LazyTranslate

from ..adapters import base

_lt = LazyTranslate(__name__)

# How an operation of the contract is called where a user reads of it. Another addon's
# adapter can do what the contract knows; what is not named here is not worth a word.
OPERATION_NAMES = {
    "rate": _lt("Rates"),
    "book": _lt("Labels"),
    "void": _lt("Cancellation"),
    "return_label": _lt("Return labels"),
    "track": _lt("Tracking"),
    "parse_webhook": _lt("Webhooks"),
    "pickup": _lt("Pickups"),
    "manifest": _lt("Manifests"),
    "drop_off_points": _lt("Drop-off points"),
    "validate_address": _lt("Address validation"),
    "find_by_reference": _lt("Look-up of lost bookings"),
    "list_purchases": _lt("List of bought labels"),
    "read_balance": _lt("Balance of the wallet"),
}
# What does not need anything from us: it comes by itself, or is asked about a number.
REPORTING_OPERATIONS = {"parse_webhook", "track"}
FEATURE_NAMES = {
    "insurance": _lt("Insurance"),
    "several_parcels": _lt("Several parcels"),
    "customs": _lt("Customs documents"),
    "signature": _lt("Signature"),
    "adult_signature": _lt("Adult signature"),
    "saturday": _lt("Saturday delivery"),
    "drop_off_point": _lt("Delivery to a drop-off point"),
    "freight_account": _lt("Freight paid by others"),
    "duties_account": _lt("Duties paid by others"),
    "dangerous_goods": _lt("Dangerous goods"),
}


class ShipmentCarrierAccount(models.Model):
    """What the carrier behind an account offers, and whether it lets us in."""

    _inherit = "shipment.carrier.account"

    capabilities = fields.Json(
        compute="_compute_capabilities", help="What can be done with this carrier."
    )
    features = fields.Json(
        compute="_compute_capabilities", help="What can be asked of a shipment."
    )
    can_ship = fields.Boolean(
        compute="_compute_capabilities",
        help="The carrier does more than report what happens to parcels.",
    )
    tested_at = fields.Datetime(string="Last Tested", readonly=True, copy=False)
    test_outcome = fields.Selection(
        [("connected", "Connected"), ("failed", "Not connected")],
        string="Connection Test",
        readonly=True,
        copy=False,
    )
    test_message = fields.Char(string="Answer", readonly=True, copy=False)
    delivery_carrier_count = fields.Integer(compute="_compute_delivery_carrier_count")
    shipment_count = fields.Integer(compute="_compute_shipment_count")

    @api.depends("adapter")
    def _compute_capabilities(self):
        available = self._available_adapters()
        for account in self:
            adapter = available.get(account.adapter)
            account.capabilities = adapter and self._name_operations(adapter)
            account.features = adapter and self._name_features(adapter)
            account.can_ship = adapter and bool(
                adapter.capabilities() - REPORTING_OPERATIONS
            )

    @api.model
    def _name_operations(self, adapter):
        offered = adapter.capabilities()
        return [
            self.env._(name)
            for code, name in OPERATION_NAMES.items()
            if code in offered
        ]

    @api.model
    def _name_features(self, adapter):
        return [
            self.env._(name)
            for code, name in FEATURE_NAMES.items()
            if code in adapter.features
        ]

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

    def _compute_shipment_count(self):
        counts = dict(
            self.env["shipment.shipment"]._read_group(
                [("account_id", "in", self.ids)], ["account_id"], ["__count"]
            )
        )
        for account in self:
            account.shipment_count = counts.get(account, 0)

    # === CARDS === #

    @api.model
    def get_connection_cards(self):
        """What the settings show of each carrier that can be connected, by name.

        A new addon's adapter appears by itself.

        :raise AccessError: only who administers the database connects carriers.
        """
        if not self.env.user.has_group("base.group_system"):
            raise AccessError(self.env._("Only administrators connect carriers."))
        counts = self._count_accounts()
        adapters = self._available_adapters()
        return [
            {
                "adapter": code,
                "name": name,
                "capabilities": self._name_operations(adapters[code]),
                "features": self._name_features(adapters[code]),
                "services": len(adapters[code].services),
                "test": counts.get((code, "test"), 0),
                "production": counts.get((code, "production"), 0),
            }
            for code, name in self._selection_adapter()
        ]

    @api.model
    def _count_accounts(self):
        groups = self._read_group(
            [("company_id", "in", self.env.companies.ids)],
            ["adapter", "environment"],
            ["__count"],
        )
        return {(code, environment): count for code, environment, count in groups}

    # === ASKING THE CARRIER === #

    def action_test_connection(self):
        """Ask the carrier something that costs nothing, keep and show what it says."""
        self.ensure_one()
        self.check_access("write")
        try:
            message = self._probe(self._adapter())
        except (base.CarrierError, UserError) as error:
            self._keep_test("failed", str(error))
            return self._notify(str(error), "danger", self.env._("Not connected"))
        self._keep_test("connected", message)
        return self._notify(message, "success", self.env._("Connected"))

    def _keep_test(self, outcome, message):
        self.write(
            {
                "tested_at": fields.Datetime.now(),
                "test_outcome": outcome,
                "test_message": message,
            }
        )

    def _probe(self, adapter):
        """Prove that the carrier takes our credentials, and say what it answered.

        :raise base.CarrierError: it does not, or cannot be asked.
        """
        if "rate" not in adapter.capabilities():
            return self.env._(
                "The credentials are complete; this carrier offers nothing to try them with."
            )
        quotes, refusal = self._ask_for_quotes(adapter)
        if refusal:
            return self.env._("The carrier answered: %s", refusal)
        return self.env._(
            "The carrier offers: %s", ", ".join(quote.service_name for quote in quotes)
        )

    def _find_services(self, adapter, partner=None):
        """The carrier's services with what each would cost, and what it says if it argues.

        An aggregator has no list of its own: what it answers is what there is.

        :param partner: to whom the sample would travel; to ourselves without one.
        :return: code -> (name, quote or ``None``), and the carrier's objection.
        :raise base.CarrierError: it does not take our credentials, or cannot be asked.
        """
        quotes, refusal = [], ""
        if "rate" in adapter.capabilities():
            quotes, refusal = self._ask_for_quotes(adapter, partner)
        services = {code: (name, None) for code, name in adapter.services.items()}
        for quote in quotes:
            name, cheaper = services.get(quote.service, (quote.service_name, None))
            services[quote.service] = (name, cheaper or quote)
        return services, refusal

    def _ask_for_quotes(self, adapter, partner=None):
        builder = self.env["shipment.request.builder"]
        request = builder._sample(self)
        if partner:
            problems = []
            consignee = builder._party(partner, problems, strict=False)
            builder._raise(partner.display_name, problems)
            request = request.model_copy(update={"consignee": consignee})
        try:
            return adapter.rate(request), ""
        except base.Refused as error:
            # Who argues about the shipment has let us in.
            return [], str(error)

    def _get_webhook_address(self):
        """Where this account's carrier can report to; a hook for the addon that listens.

        It may open the address if there is none yet.
        """
        return False

    def _notify(self, message, kind, title):
        return {
            "type": "ir.actions.client",
            "tag": "display_notification",
            "params": {
                "type": kind,
                "title": f"{self.name}: {title}",
                "message": message,
                "sticky": kind == "danger",
                # Shows the outcome in the form, too.
                "next": {"type": "ir.actions.act_window_close"},
            },
        }

    # === BUTTONS === #

    def action_add_delivery_methods(self):
        """Choose among the carrier's services once more."""
        self.ensure_one()
        return self.env["shipment.account.connect"]._open_services(self)

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

    def action_view_shipments(self):
        """Open what was booked with this account."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility.shipment_shipment_action"
        )
        action["domain"] = [("account_id", "=", self.id)]
        action["context"] = {"create": False}
        return action

    def action_view_messages(self):
        """Open the conversations with this account's carrier."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility_carriers.shipment_message_action"
        )
        action["domain"] = [("account_id", "=", self.id)]
        action["context"] = {}
        return action
