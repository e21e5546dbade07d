import json
from collections import Counter

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import LazyTranslate

from ..gateway import limits
from ..metrics.counters import counters

_lt = LazyTranslate(__name__)

REFUSALS_PER_MINUTE = 60
REASON_NAMES = {
    "too_large": _lt("Too large"),
    "broken_off": _lt("Broken off"),
    "address": _lt("Address not allowed"),
    "rate": _lt("Too many messages"),
    "source": _lt("Too many refusals"),
    "no_secret": _lt("No secret is set"),
    "settings": _lt("Settings of the signature do not fit"),
    "unsigned": _lt("Not signed"),
    "doubled": _lt("Signed more than once"),
    "stale": _lt("Signed too long ago"),
    "wrong": _lt("Wrong signature"),
    "unknown_key": _lt("Signed with an unknown key"),
    "unreadable": _lt("Signature not readable"),
    "signature": _lt("Signature not accepted"),
}


class ShipmentWebhookEndpoint(models.Model):
    """Who may come to the door, how often, and who was sent away."""

    _inherit = "shipment.webhook.endpoint"

    allowed_networks = fields.Text(
        string="Allowed Addresses",
        tracking=True,
        groups="base.group_system",
        help="IP addresses or networks from which messages are taken, such as 192.0.2.7 or "
        "2001:db8::/32, one a line. Empty is from everywhere. Behind a proxy, Odoo must "
        "run in proxy mode to see where a message comes from.",
    )
    rate_limit = fields.Float(
        string="Messages per Second",
        tracking=True,
        groups="base.group_system",
        help="More than that are refused for a moment, and the carrier is told when to try "
        "again. 0 is without limit. Each worker process of the server counts by itself.",
    )
    rate_burst = fields.Integer(
        string="Messages at Once",
        required=True,
        default=50,
        groups="base.group_system",
        help="How many may come in one go after a quiet moment.",
    )
    refusal_summary = fields.Char(
        string="Refused",
        compute="_compute_refusal_summary",
        groups="base.group_system",
        help="Messages that were not let in, by reason.",
    )

    _rate_range = models.Constraint(
        "CHECK (rate_limit >= 0 AND rate_burst >= 1)",
        "The limit must not be negative, and at least one message must be let in at once.",
    )

    @api.constrains("allowed_networks")
    def _check_allowed_networks(self):
        for endpoint in self:
            try:
                limits.parse_networks(endpoint.allowed_networks or "")
            except ValueError as error:
                raise ValidationError(
                    self.env._(
                        "“%(word)s” is not an IP address or network. Enter one like "
                        "192.0.2.7, 198.51.100.0/24 or 2001:db8::/32.",
                        word=error,
                    )
                ) from None

    def _compute_refusal_summary(self):
        for endpoint in self:
            refusals = endpoint._get_refusals()
            endpoint.refusal_summary = ", ".join(
                f"{self._get_reason_name(reason)}: {count}"
                for reason, count in refusals.most_common()
            )

    @api.model
    def _get_reason_name(self, reason):
        name = REASON_NAMES.get(reason)
        return self.env._(name) if name else reason

    def _get_refusals(self):
        """How many messages were refused, by reason, in all processes together.

        What the other processes have counted in the last seconds is not in it.
        """
        self.ensure_one()
        # Numbers, which say nothing of anybody; whose endpoint it is has been checked.
        sums_sudo = (
            self.env["shipment.metric"].sudo().search([("name", "=", "refused")])
        )
        refusals = Counter()
        for row in sums_sudo:
            labels = json.loads(row.labels)
            if labels.get("endpoint") == str(self.id):
                refusals[labels["reason"]] += int(row.value)
        for labels, count in counters.look("refused"):
            if labels["endpoint"] == self.id:
                refusals[labels["reason"]] += int(count)
        return refusals

    @api.model
    def _get_refusals_per_minute(self):
        """How many refusals a source may cause before it has to wait; 0 is any number."""
        # The route has no user.
        value = (
            self.env["ir.config_parameter"]
            .sudo()
            .get_param("shipment_visibility_webhooks.refusals_per_minute")
        )
        try:
            return int(value or REFUSALS_PER_MINUTE)
        except ValueError:
            return REFUSALS_PER_MINUTE

    @api.model
    def _get_door_fields(self):
        """Override to know the limits."""
        names = {"allowed_networks", "rate_limit", "rate_burst"}
        return super()._get_door_fields() | names

    def _prepare_door(self):
        """Override to know the limits."""
        return {
            **super()._prepare_door(),
            "networks": limits.parse_networks(self.allowed_networks or ""),
            "rate": self.rate_limit,
            "burst": self.rate_burst,
        }
