from odoo import api, fields, models
from odoo.exceptions import UserError, ValidationError

from ..credential_reference import Unresolved, is_reference
from ..invoices.inbox import HostKey, InboxError, SftpTerms, offered_key
from ..invoices.inbox.sftp import PORT

# What makes a server another one.
WHERE = ("kind", "host", "port")


class ShipmentCarrierInvoiceSource(models.Model):
    """A server behind SFTP.

    Secrets are taken in and never given out; the server's key is confirmed by a person before
    any of them is sent.
    """

    _inherit = "shipment.carrier.invoice.source"

    host = fields.Char(string="Server")
    port = fields.Integer(default=PORT)
    login = fields.Char(string="User")
    password = fields.Char(
        compute="_compute_secrets",
        inverse="_inverse_password",
        groups="base.group_system",
        copy=False,
        help="Of the user; of the private key where there is one. Or where the server finds "
        "it: env:SHIPMENT_… or file:… It is never shown again.",
    )
    private_key = fields.Text(
        compute="_compute_secrets",
        inverse="_inverse_private_key",
        groups="base.group_system",
        copy=False,
        help="As its file has it, or where the server finds it: file:… It is never shown "
        "again.",
    )
    password_stored = fields.Char(groups=fields.NO_ACCESS, copy=False)
    private_key_stored = fields.Text(groups=fields.NO_ACCESS, copy=False)
    has_password = fields.Boolean(compute="_compute_has_secrets", compute_sudo=True)
    has_private_key = fields.Boolean(compute="_compute_has_secrets", compute_sudo=True)
    host_key = fields.Char(string="Confirmed Key", readonly=True, copy=False)
    host_key_offered = fields.Char(string="Shown Key", readonly=True, copy=False)
    fingerprint = fields.Char(
        string="Server's Fingerprint", compute="_compute_fingerprints"
    )
    fingerprint_offered = fields.Char(
        string="Fingerprint to Confirm", compute="_compute_fingerprints"
    )

    _port_range = models.Constraint(
        "CHECK (port BETWEEN 1 AND 65535)", "A port lies between 1 and 65535."
    )

    @api.constrains("kind", "host", "login")
    def _check_server(self):
        for source in self.filtered(lambda s: s.kind == "sftp"):
            if not (source.host and source.login):
                raise ValidationError(
                    self.env._("Enter the server and the user for SFTP.")
                )

    def write(self, vals):
        """Override of Odoo: the key of one server says nothing about another."""
        if any(
            name in vals and any(source[name] != vals[name] for source in self)
            for name in WHERE
        ):
            vals = {"host_key": False, "host_key_offered": False, **vals}
        return super().write(vals)

    # === SECRETS === #

    @api.depends("password_stored", "private_key_stored")
    def _compute_secrets(self):
        """A reference is no secret, and whoever set it must be able to check it."""
        for source in self:
            # What is stored is no user's to read, only what it names.
            source_sudo = source.sudo()
            for name in ("password", "private_key"):
                stored = source_sudo[f"{name}_stored"]
                source[name] = stored if is_reference(stored) else False

    @api.depends("password_stored", "private_key_stored")
    def _compute_has_secrets(self):
        for source in self:
            source.has_password = bool(source.password_stored)
            source.has_private_key = bool(source.private_key_stored)

    def _inverse_password(self):
        self._store_secrets("password")

    def _inverse_private_key(self):
        self._store_secrets("private_key")

    def _store_secrets(self, name):
        for source in self:
            if typed := source[name]:
                # Nobody may read it back, not even who typed it.
                source.sudo()[f"{name}_stored"] = typed
        # What was typed must not be in the answer to the one who typed it.
        self.invalidate_recordset([name])

    def action_forget_secrets(self):
        """Forget the password and the private key."""
        self.check_access("write")
        # Nobody may read them; whoever sets them may take them away.
        self.sudo().write({"password_stored": False, "private_key_stored": False})
        return True

    def _get_terms(self):
        # The only place where secrets are read: to be sent to the server.
        source_sudo = self.sudo()
        return SftpTerms(
            host=self.host,
            port=self.port,
            user=self.login,
            folder=self.folder or "",
            password=self._resolve(source_sudo.password_stored),
            private_key=self._resolve(source_sudo.private_key_stored),
            host_key=_parse_key(self.host_key),
        )

    @api.model
    def _resolve(self, stored):
        if not is_reference(stored):
            return stored or ""
        credentials = self.env["shipment.credentials.mixin"]
        try:
            return credentials._resolve_reference(stored)
        except Unresolved as error:
            problem = credentials._explain_unresolved(error)
        raise UserError(problem)

    # === THE SERVER'S KEY === #

    @api.depends("host_key", "host_key_offered")
    def _compute_fingerprints(self):
        for source in self:
            source.fingerprint = _fingerprint(source.host_key)
            source.fingerprint_offered = _fingerprint(source.host_key_offered)

    def action_ask_host_key(self):
        """Ask the server for its key, for a person to compare. Nothing else is sent."""
        self.ensure_one()
        self.check_access("write")
        terms = SftpTerms(host=self.host, port=self.port, user="")
        try:
            self.host_key_offered = str(offered_key(terms))
        except InboxError as error:
            raise UserError(self._explain(error)) from None
        return True

    def action_confirm_host_key(self):
        """Trust the server that shows this key, and no other."""
        for source in self.filtered("host_key_offered"):
            source.write({"host_key": source.host_key_offered})
            source._message_log(
                body=self.env._(
                    "The server's key was confirmed: %(fingerprint)s",
                    fingerprint=source.fingerprint,
                )
            )
            source.host_key_offered = False
        return True


def _parse_key(text):
    try:
        return HostKey.parse(text or "")
    except ValueError:
        return None


def _fingerprint(text):
    key = _parse_key(text)
    return key.fingerprint if key else False
