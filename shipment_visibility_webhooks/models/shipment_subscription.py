from dataclasses import dataclass
from datetime import datetime, timedelta

from odoo import api, fields, models
from odoo.exceptions import AccessError, UserError, ValidationError
from odoo.tools import ormcache

from odoo.addons.shipment_visibility_carriers.adapters.signature import standard

from ..outgoing import address

# What decides whether something is told; kept in every process.
WISH_FIELDS = {
    "active",
    "status",
    "company_id",
    "secret",
    "event_ids",
    "include_internal",
    "carrier_ids",
    "max_age_days",
    "listens_since",
}


@dataclass(frozen=True, slots=True)
class Wish:
    """What one subscriber wants to hear of.

    :ivar carrier_ids: empty for all.
    :ivar since: what happened before is not told, naive UTC.
    """

    subscription_id: int
    company_id: int
    codes: frozenset[str]
    carrier_ids: frozenset[int]
    since: datetime
    max_age: timedelta

    def oldest(self, now: datetime) -> datetime:
        """What happened before this moment is not told."""
        return max(self.since, now - self.max_age)


class ShipmentSubscription(models.Model):
    """Another system that is told what happens to shipments."""

    _name = "shipment.subscription"
    _description = "Event Subscription"
    _inherit = ["mail.thread", "mail.activity.mixin"]
    _order = "name, id"
    _check_company_auto = True

    name = fields.Char(required=True, tracking=True)
    active = fields.Boolean(
        default=True,
        tracking=True,
        help="What happens while it is archived is never told, and what still waits is "
        "given up.",
    )
    company_id = fields.Many2one(
        "res.company",
        required=True,
        index=True,
        default=lambda self: self.env.company,
        help="Only shipments of this company are told of.",
    )
    user_id = fields.Many2one(
        "res.users",
        string="Responsible",
        default=lambda self: self.env.user,
        check_company=True,
        help="Is told when the receiver takes no more messages.",
    )
    url = fields.Char(
        string="Address",
        required=True,
        tracking=True,
        help="Where the messages are posted to.",
    )
    event_ids = fields.Many2many(
        "shipment.subscription.event",
        string="Events",
        help="Empty: all.",
    )
    include_internal = fields.Boolean(
        string="Internal Events",
        help="Also tell what customers are not told, such as damage. For the company's "
        "own systems.",
    )
    carrier_ids = fields.Many2many(
        "shipment.carrier", string="Carriers", help="Empty: all."
    )
    max_age_days = fields.Integer(
        string="Maximum Age (days)",
        required=True,
        default=30,
        help="What happened longer ago is not told: a first poll, an import.",
    )
    allow_private_addresses = fields.Boolean(
        tracking=True,
        copy=False,
        groups="base.group_system",
        help="Let messages go to the company's own network, also without encryption. "
        "Whoever may edit this can reach what only this server can reach.",
    )
    secret = fields.Char(copy=False, prefetch=False, groups=fields.NO_ACCESS)
    previous_secret = fields.Char(copy=False, prefetch=False, groups=fields.NO_ACCESS)
    has_secret = fields.Boolean(compute="_compute_has_secret", compute_sudo=True)
    has_previous_secret = fields.Boolean(
        compute="_compute_has_secret", compute_sudo=True
    )
    listens_since = fields.Datetime(
        readonly=True,
        copy=False,
        help="What happened before is not told.",
    )

    _max_age_range = models.Constraint(
        "CHECK (max_age_days BETWEEN 1 AND 60)",
        "The maximum age must be between 1 and 60 days.",
    )

    @api.depends("secret", "previous_secret")
    def _compute_has_secret(self):
        for subscription in self:
            subscription.has_secret = bool(subscription.secret)
            subscription.has_previous_secret = bool(subscription.previous_secret)

    # === WHERE IT LEADS === #

    @api.constrains("url", "allow_private_addresses")
    def _check_url(self):
        # Whether private addresses are allowed is known to administrators only.
        for subscription_sudo in self.sudo():
            try:
                address.parse(
                    subscription_sudo.url or "",
                    subscription_sudo.allow_private_addresses,
                )
            except address.Forbidden as error:
                raise ValidationError(self._explain_forbidden(error.reason)) from None

    @api.model
    def _explain_forbidden(self, reason):
        """Say why we do not talk to an address, and what to do."""
        return {
            address.MALFORMED: self.env._(
                "This is not a web address. Enter it as https://host/path."
            ),
            address.NOT_HTTPS: self.env._("The address must begin with https://."),
            address.CREDENTIALS: self.env._(
                "Leave user name and password out of the address; messages are signed."
            ),
            address.PORT: self.env._(
                "This port is not allowed. Use 80, 443, 8080 or 8443."
            ),
            address.PRIVATE: self.env._(
                "The address leads into a private network. A system administrator can "
                "allow this in the subscription."
            ),
            address.UNKNOWN_HOST: self.env._(
                "The address leads nowhere: its host name is not known."
            ),
        }[reason]

    def _check_may_redirect(self):
        """An address that may lead inside is for those to change who may allow that."""
        # As above: only administrators may read it.
        if not self._is_administrator():
            if any(self.sudo().mapped("allow_private_addresses")):
                raise AccessError(
                    self.env._(
                        "Only a system administrator can change the address of a "
                        "subscription that may reach private networks."
                    )
                )

    def _is_administrator(self):
        return self.env.su or self.env.user._has_group("base.group_system")

    def copy_data(self, default=None):
        """Override of Odoo: who may not open the private network copies no open one."""
        vals_list = super().copy_data(default)
        if self._is_administrator():
            for subscription, vals in zip(self, vals_list, strict=True):
                allowed = subscription.allow_private_addresses
                vals.setdefault("allow_private_addresses", allowed)
        return vals_list

    def _check_company_kept(self, company_id):
        """What was told of one company's shipments is not for another one to send again."""
        # Also messages that the user does not see.
        messages_sudo = self.env["shipment.outbox"].sudo()
        moved = self.filtered(lambda s: s.company_id.id != company_id)
        if messages_sudo.search_count([("subscription_id", "in", moved.ids)], limit=1):
            raise UserError(
                self.env._(
                    "Messages of another company were recorded for this subscription. "
                    "Archive it and create a new one for the other company."
                )
            )

    # === WHAT IT WANTS === #

    @api.model_create_multi
    def create(self, vals_list):
        """Override of Odoo: a new subscription is told what happens from then on."""
        for vals in vals_list:
            vals.setdefault("listens_since", fields.Datetime.now())
        self._forget_wishes()
        return super().create(vals_list)

    def write(self, vals):
        """Override of Odoo to make every process forget what was wished before."""
        if "url" in vals:
            self._check_may_redirect()
        if "company_id" in vals:
            self._check_company_kept(vals["company_id"])
        if vals.get("active") or vals.get("status") == "working":
            asleep = self.filtered(lambda s: not s.active or s.status == "disabled")
            if asleep:
                super(ShipmentSubscription, asleep).write(
                    {"listens_since": fields.Datetime.now()}
                )
        if not WISH_FIELDS.isdisjoint(vals):
            self._forget_wishes()
        return super().write(vals)

    def unlink(self):
        """Override of Odoo to make every process forget what was wished."""
        self._forget_wishes()
        return super().unlink()

    def _forget_wishes(self):
        self.env.registry.clear_cache()
        # Until we commit, another thread may put the old ones back.
        self.env.cr.postcommit.add(self.env.registry.clear_cache)

    @api.model
    @ormcache()
    def _wishes(self):
        """What live subscriptions want to hear of; read once by each process."""
        # Whoever records an event need not know who is told of it.
        live_sudo = self.sudo().search(
            [("status", "!=", "disabled"), ("secret", "!=", False)]
        )
        return tuple(subscription._wish() for subscription in live_sudo)

    def _wish(self):
        self.ensure_one()
        Event = self.env["shipment.subscription.event"]
        internal = set(Event._codes_for("internal"))
        allowed = set(Event._codes_for("customer"))
        if self.include_internal:
            allowed |= internal
        chosen = set(self.event_ids.mapped("code")) or allowed
        return Wish(
            subscription_id=self.id,
            company_id=self.company_id.id,
            codes=frozenset(chosen & allowed),
            carrier_ids=frozenset(self.carrier_ids.ids),
            since=self.listens_since or self.create_date,
            max_age=timedelta(days=self.max_age_days),
        )

    # === SECRETS === #

    def _live_secrets(self):
        """The secrets that a message is signed with, the newest first."""
        self.ensure_one()
        # Nobody may read them; whoever sends a message needs them nevertheless.
        subscription_sudo = self.sudo()
        secrets = (subscription_sudo.secret, subscription_sudo.previous_secret)
        return [secret for secret in secrets if secret]

    def action_new_secret(self):
        """Make a secret and show it, this once; the one it replaces goes on signing too."""
        self.ensure_one()
        self.check_access("write")
        secret = standard.new_secret()
        # Nobody may read or write it but this method.
        subscription_sudo = self.sudo()
        # A statement that fails is logged with what it would have written. From here on
        # nobody can make this one fail.
        subscription_sudo._await_row()
        subscription_sudo.write(
            {"previous_secret": subscription_sudo.secret, "secret": secret}
        )
        subscription_sudo.flush_recordset()
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("New Secret"),
            "res_model": "shipment.subscription.secret",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_secret": secret},
        }

    def action_remove_previous_secret(self):
        """End the rotation: messages are signed with the current secret only."""
        self.check_access("write")
        self.sudo().previous_secret = False  # as above
