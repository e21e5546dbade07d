import secrets
from dataclasses import dataclass, field

from odoo import api, fields, models
from odoo.exceptions import ValidationError
from odoo.tools import frozendict, ormcache

from odoo.addons.shipment_visibility_carriers.adapters import signature

from ..controllers.webhook import ShipmentWebhook

TOKEN_DIGITS = 40  # 132 bits
DOOR_FIELDS = {"active", "token", "scheme", "secret", "previous_secret"}


@dataclass(frozen=True, slots=True)
class Door:
    """What the route needs to know of an endpoint; ``secrets`` never shows in a text."""

    endpoint_id: int
    scheme: str
    secrets: tuple[str, ...] = field(repr=False)


class ShipmentWebhookEndpoint(models.Model):
    """The address at which the carrier behind one account reports."""

    _name = "shipment.webhook.endpoint"
    _description = "Webhook Endpoint"
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True)
    active = fields.Boolean(
        default=True, help="An archived endpoint answers as if it had never existed."
    )
    account_id = fields.Many2one(
        "shipment.carrier.account",
        string="Carrier Account",
        required=True,
        ondelete="restrict",
        index=True,
        check_company=True,
    )
    company_id = fields.Many2one(related="account_id.company_id", store=True)
    scheme = fields.Selection(
        selection="_selection_scheme",
        string="Signature",
        required=True,
        compute="_compute_scheme",
        store=True,
        readonly=False,
        precompute=True,
        help="How the carrier signs what it sends.",
    )
    token = fields.Char(
        required=True,
        readonly=True,
        copy=False,
        default=lambda self: self._new_token(),
        groups="base.group_system",
    )
    secret = fields.Char(
        copy=False,
        default=lambda self: self._new_secret(),
        groups="base.group_system",
        help="Known to the carrier and to us; every message must be signed with it. "
        "Without one, every message is refused.",
    )
    previous_secret = fields.Char(
        copy=False,
        readonly=True,
        groups="base.group_system",
        help="Still accepted until it is removed, so that no message is refused while the "
        "carrier changes over.",
    )
    url = fields.Char(
        string="Address", compute="_compute_url", groups="base.group_system"
    )
    waiting_count = fields.Integer(compute="_compute_receipt_counts")
    dead_count = fields.Integer(compute="_compute_receipt_counts")

    _token_uniq = models.UniqueIndex(
        "(token)", "Another endpoint has this address already."
    )

    def _selection_scheme(self):
        return [(scheme.code, scheme.name) for scheme in signature.schemes().values()]

    @api.model
    def _new_token(self):
        # Digits only: some carriers refuse an address that spells a carrier's name.
        return str(secrets.randbelow(10**TOKEN_DIGITS)).zfill(TOKEN_DIGITS)

    @api.model
    def _new_secret(self):
        return secrets.token_urlsafe(32)

    @api.depends("account_id")
    def _compute_scheme(self):
        for endpoint in self:
            adapter = endpoint.account_id and endpoint.account_id._adapter_class()
            endpoint.scheme = (adapter and adapter.webhook_scheme) or endpoint.scheme

    @api.depends("token")
    @api.depends_context("uid")
    def _compute_url(self):
        for endpoint in self:
            endpoint.url = (
                f"{endpoint.get_base_url()}{ShipmentWebhook._webhook_url}"
                f"/{endpoint.token}"
            )

    def _compute_receipt_counts(self):
        counts = {
            (endpoint, state): count
            for endpoint, state, count in self.env[
                "shipment.webhook.receipt"
            ]._read_group(
                [
                    ("endpoint_id", "in", self.ids),
                    ("state", "in", ("received", "dead")),
                ],
                ["endpoint_id", "state"],
                ["__count"],
            )
        }
        for endpoint in self:
            endpoint.waiting_count = counts.get((endpoint, "received"), 0)
            endpoint.dead_count = counts.get((endpoint, "dead"), 0)

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

    @api.model_create_multi
    def create(self, vals_list):
        """Override of Odoo to open the door in every process."""
        self._forget_doors()
        return super().create(vals_list)

    def write(self, vals):
        """Override of Odoo to make every process forget the old door."""
        if not DOOR_FIELDS.isdisjoint(vals):
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
    @ormcache()
    def _doors(self):
        """The open doors by token.

        One entry for all of them, because a stranger who tries tokens must not be able to
        fill the cache.
        """
        return frozendict(
            {
                endpoint.token: Door(
                    endpoint.id,
                    endpoint.scheme,
                    tuple(filter(None, (endpoint.secret, endpoint.previous_secret))),
                )
                for endpoint in self.sudo().search([("active", "=", True)])
            }
        )

    def action_rotate_secret(self):
        """Make a new secret; the one it replaces stays valid until it is removed."""
        for endpoint in self:
            endpoint.write(
                {
                    "previous_secret": endpoint.secret,
                    "secret": self._new_secret(),
                }
            )

    def action_remove_previous_secret(self):
        """End the rotation: only the current secret is accepted."""
        self.write({"previous_secret": False})

    def action_view_receipts(self):
        """Open the messages this endpoint received."""
        self.ensure_one()
        action = self.env["ir.actions.actions"]._for_xml_id(
            "shipment_visibility_webhooks.shipment_webhook_receipt_action"
        )
        action["domain"] = [("endpoint_id", "=", self.id)]
        action["context"] = {}
        return action
