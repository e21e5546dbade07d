import secrets
from dataclasses import dataclass, field

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import frozendict, ormcache

from odoo.addons.shipment_visibility_carriers.adapters import signature

from ..controllers.webhook import ShipmentWebhook
from ..gateway import limits

TOKEN_DIGITS = 40  # 132 bits


@dataclass(frozen=True, slots=True)
class Door:
    """What the route needs to know of an endpoint; ``secrets`` never shows in a text.

    :ivar key: names the endpoint among those of all databases of this process.
    :ivar networks: from where messages are taken; empty is from everywhere.
    :ivar rate: messages a second; 0 is without limit.
    """

    endpoint_id: int
    key: tuple[str, int]
    scheme: str
    secrets: tuple[str, ...] = field(repr=False)
    settings: signature.Settings
    networks: tuple[limits.Network, ...]
    rate: float
    burst: int


class ShipmentWebhookEndpoint(models.Model):
    """The address at which the carrier behind one account reports."""

    _name = "shipment.webhook.endpoint"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _description = "Webhook Endpoint"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(
        default=True,
        tracking=True,
        help="An archived endpoint answers as if it had never existed.",
    )
    account_id = fields.Many2one(
        "shipment.carrier.account",
        string="Carrier Account",
        required=True,
        ondelete="restrict",
        index=True,
    )
    # The account's: before one is chosen there is none, and any account may be.
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    token = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self._new_token(),
        groups="base.group_system",
    )
    url = fields.Char(
        string="Address", compute="_compute_url", groups="base.group_system"
    )

    _token_uniq = models.UniqueIndex(
        "(token)", "Another endpoint has this address already."
    )

    @api.model
    def _new_token(self):
        # Digits only: some carriers refuse an address that spells a carrier's name.
        return str(secrets.randbelow(10**TOKEN_DIGITS)).zfill(TOKEN_DIGITS)

    @api.depends("token")
    @api.depends_context("uid")
    def _compute_url(self):
        for endpoint in self:
            endpoint.url = endpoint.get_base_url() + endpoint._get_path()

    def _get_path(self):
        return f"{ShipmentWebhook._webhook_url}/{self.token}"

    @api.constrains("account_id")
    def _check_account_reads_webhooks(self):
        for endpoint in self:
            adapter = endpoint.account_id._adapter_class()
            if "parse_webhook" not in adapter.capabilities():
                raise ValidationError(
                    self.env._(
                        "%(carrier)s does not offer webhooks.", carrier=adapter.name
                    )
                )

    # === THE DOORS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override of Odoo to open the door in every process."""
        self._forget_doors()
        return super().create(vals_list)

    def write(self, vals):
        """Override of Odoo to make every process forget the old door."""
        if not self._get_door_fields().isdisjoint(vals):
            self._forget_doors()
        return super().write(vals)

    def unlink(self):
        """Override of Odoo to close the door in every process."""
        self._forget_doors()
        return super().unlink()

    def _forget_doors(self):
        self.env.registry.clear_cache()
        # Until we commit, another thread may put the old doors back.
        self.env.cr.postcommit.add(self.env.registry.clear_cache)

    @api.model
    def _get_door_fields(self):
        """The names of the fields that a door is made of."""
        return {"active", "token"}

    @api.model
    @ormcache()
    def _doors(self):
        """The open doors by token.

        One entry for all of them, because a stranger who tries tokens must not be able to
        fill the cache.
        """
        # The route has no user.
        endpoints_sudo = self.sudo().search([("active", "=", True)])
        return frozendict(
            {
                endpoint.token: Door(**endpoint._prepare_door())
                for endpoint in endpoints_sudo
            }
        )

    def _prepare_door(self):
        """The values of this endpoint's door."""
        self.ensure_one()
        return {"endpoint_id": self.id, "key": (self.env.cr.dbname, self.id)}
