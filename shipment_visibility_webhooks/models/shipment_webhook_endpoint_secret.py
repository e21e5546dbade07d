import secrets

from odoo import api, fields, models
from odoo.exceptions import UserError

# Of a shorter secret, four characters would give too much away.
HINTED_LENGTH = 16


class ShipmentWebhookEndpoint(models.Model):
    """What the carrier and we both know: taken in, shown once, and never given out again.

    Nobody reads or writes the secrets but this code, not even an administrator by RPC.
    """

    _inherit = "shipment.webhook.endpoint"

    secret = fields.Char(
        string="Stored Secret",
        copy=False,
        default=lambda self: self._new_secret(),
        groups=fields.NO_ACCESS,
    )
    previous_secret = fields.Char(
        string="Stored Previous Secret", copy=False, groups=fields.NO_ACCESS
    )
    # Who could write it could have the secret shown again.
    is_secret_new = fields.Boolean(copy=False, default=True, groups=fields.NO_ACCESS)
    can_show_secret = fields.Boolean(
        compute="_compute_secret_hint", compute_sudo=True, groups="base.group_system"
    )
    new_secret = fields.Char(
        string="Secret of the Carrier",
        compute="_compute_new_secret",
        inverse="_inverse_new_secret",
        groups="base.group_system",
        help="Enter the secret here when the carrier gives you one. It is never shown "
        "again.",
    )
    secret_hint = fields.Char(
        string="Secret",
        compute="_compute_secret_hint",
        compute_sudo=True,
        groups="base.group_system",
        help="Known to the carrier and to us. Every message must prove that its sender "
        "knows it.",
    )
    previous_secret_hint = fields.Char(
        string="Previous Secret",
        compute="_compute_secret_hint",
        compute_sudo=True,
        groups="base.group_system",
        help="Still accepted until it is removed, so that no message is refused while the "
        "carrier changes over.",
    )

    @api.model
    def _new_secret(self):
        # Hexadecimal can also be read as the base64 that Standard Webhooks asks for.
        return secrets.token_hex(32)

    @api.depends("secret", "previous_secret", "is_secret_new")
    def _compute_secret_hint(self):
        for endpoint in self:
            endpoint.secret_hint = self._get_hint(endpoint.secret)
            endpoint.previous_secret_hint = self._get_hint(endpoint.previous_secret)
            endpoint.can_show_secret = endpoint.is_secret_new and endpoint.secret

    @api.model
    def _get_hint(self, secret):
        if not secret:
            return False
        if len(secret) < HINTED_LENGTH:
            return self.env._("is set")
        return self.env._("ends in …%(end)s", end=secret[-4:])

    def _compute_new_secret(self):
        self.new_secret = False

    def _inverse_new_secret(self):
        for endpoint in self:
            if typed := (endpoint.new_secret or "").strip():
                # One that nobody has seen, no carrier signs with.
                endpoint._set_secret(typed, is_kept=not endpoint.sudo().is_secret_new)
        # What was typed must not be in the answer to the one who typed it.
        self.invalidate_recordset(["new_secret"], flush=False)

    def _set_secret(self, secret, is_kept):
        """Replace the secret; ``is_kept``: the one before stays valid beside it.

        A second one before stays, too: it is what the carrier signs with.
        """
        # Nobody may write it but we; the caller's own rights have been checked.
        endpoint_sudo = self.sudo()
        known = endpoint_sudo.secret if is_kept else False
        endpoint_sudo.write(
            {
                "previous_secret": endpoint_sudo.previous_secret or known,
                "secret": secret,
                "is_secret_new": False,
            }
        )

    # === BUTTONS === #

    def action_show_secret(self):
        """Show the secret, this once.

        :raise UserError: it has been shown already.
        """
        self.ensure_one()
        self.check_access("write")
        endpoint_sudo = self.sudo()
        endpoint_sudo.lock_for_update()
        endpoint_sudo.invalidate_recordset(["is_secret_new"])
        if not endpoint_sudo.can_show_secret:
            raise UserError(
                self.env._(
                    "The secret has been shown already. If it got lost, make a new one "
                    "with Rotate Secret."
                )
            )
        endpoint_sudo.is_secret_new = False
        return self._open_secret(endpoint_sudo.secret)

    def action_rotate_secret(self):
        """Make a new secret and show it; the one it replaces stays valid until removed.

        :raise UserError: the one before is still valid: the carrier might use it.
        """
        self.ensure_one()
        self.check_access("write")
        if self.sudo().previous_secret:
            raise UserError(
                self.env._(
                    "Two secrets are valid already. Remove the previous one first, when "
                    "the carrier no longer uses it."
                )
            )
        secret = self._new_secret()
        self._set_secret(secret, is_kept=True)
        return self._open_secret(secret)

    def action_remove_previous_secret(self):
        """End the rotation: only the current secret is accepted."""
        self.check_access("write")
        self.sudo().write({"previous_secret": False})

    def _open_secret(self, secret):
        # In the context of the dialog, so that it is stored nowhere.
        return {
            "type": "ir.actions.act_window",
            "name": self.env._("Secret of %s", self.name),
            "res_model": "shipment.webhook.secret",
            "view_mode": "form",
            "views": [(False, "form")],
            "target": "new",
            "context": {"default_secret": secret, "default_url": self.url},
        }

    # === THE DOOR === #

    @api.model
    def _get_door_fields(self):
        """Override to know the live secrets."""
        return super()._get_door_fields() | {"secret", "previous_secret"}

    def _prepare_door(self):
        """Override to know the live secrets."""
        return {
            **super()._prepare_door(),
            "secrets": tuple(filter(None, (self.secret, self.previous_secret))),
        }
