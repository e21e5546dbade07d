import os

from odoo import api, fields, models
from odoo.tools import config

from .. import credential_reference
from ..credential_reference import Unresolved, is_reference


class ShipmentCredentialsMixin(models.AbstractModel):
    """What somebody types to identify us to a carrier: taken in, and never given out."""

    _name = "shipment.credentials.mixin"
    _description = "Carrier Credentials"

    adapter = fields.Selection(
        selection="_selection_adapter",
        string="Connection",
        required=True,
        help="How we talk to the carrier.",
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

    @api.model
    def _selection_adapter(self):
        adapters = self.env["shipment.carrier.account"]._available_adapters()
        return [
            (code, adapter.name)
            for code, adapter in sorted(
                adapters.items(), key=lambda item: item[1].name.lower()
            )
        ]

    @api.depends("adapter", "credentials")
    def _compute_credential_form(self):
        """What the form asks for. A secret is only ever said to be there."""
        adapters = self.env["shipment.carrier.account"]._available_adapters()
        for record in self:
            adapter = adapters.get(record.adapter)
            record.credential_form = adapter and {
                "fields": [
                    record._credential_field(name, field)
                    for name, field in adapter.credentials_model.model_fields.items()
                ]
            }

    def _credential_field(self, name, field):
        is_secret = self._is_secret(field)
        stored = (self.credentials or {}).get(name)
        # A reference is no secret, and whoever set it must be able to check it.
        reference = is_secret and is_reference(stored)
        return {
            "name": name,
            "label": self._credential_label(name, field),
            "help": field.description or "",
            "secret": is_secret,
            "boolean": field.annotation is bool,
            "required": field.is_required(),
            "set": bool(stored),
            "value": self._get_shown_value(field, stored, reference),
            "problem": self._get_reference_problem(stored) if reference else "",
        }

    @api.model
    def _get_shown_value(self, field, stored, is_reference):
        if self._is_secret(field) and not is_reference:
            return ""
        if field.annotation is bool:
            return bool(field.get_default() if stored is None else stored)
        return stored or ""

    @api.model
    def _is_secret(self, field):
        return "SecretStr" in str(field.annotation)

    @api.model
    def _credential_label(self, name, field):
        return field.title or name.replace("_", " ").capitalize()

    def _inverse_credential_form(self):
        adapters = self.env["shipment.carrier.account"]._available_adapters()
        for record in self:
            typed = (record.credential_form or {}).get("values") or {}
            adapter = adapters.get(record.adapter)
            names = adapter.credentials_model.model_fields if adapter else {}
            kept = {
                name: value.strip() if isinstance(value, str) else value
                for name, value in {**(record.credentials or {}), **typed}.items()
                if name in names and value not in (None, "")
            }
            record.credentials = kept or False
        # What was typed must not be in the answer to the one who typed it.
        self.invalidate_recordset(["credential_form"])

    # === REFERENCES === #

    @api.model
    def _resolve_reference(self, reference):
        """The secret that a reference names.

        :raise Unresolved: there is none that we may read.
        """
        return credential_reference.resolve(
            reference, os.environ, config.get(credential_reference.DIRECTORY_OPTION)
        )

    @api.model
    def _get_reference_problem(self, reference):
        """Why a reference leads nowhere; empty when it does not. Never its value."""
        try:
            self._resolve_reference(reference)
        except Unresolved as error:
            return self._explain_unresolved(error)
        return ""

    @api.model
    def _explain_unresolved(self, error):
        name = error.reference
        option = credential_reference.DIRECTORY_OPTION
        prefix = credential_reference.ENVIRONMENT_PREFIX
        return {
            credential_reference.FORBIDDEN_VARIABLE: self.env._(
                "%(name)s may not be read; the variable's name must begin with "
                "%(prefix)s and be in capitals",
                name=name,
                prefix=prefix,
            ),
            credential_reference.NO_VARIABLE: self.env._(
                "%(name)s was not found; the server has no such environment variable",
                name=name,
            ),
            credential_reference.NO_DIRECTORY: self.env._(
                "%(name)s cannot be read; odoo.conf names no directory for secrets "
                "(%(option)s)",
                name=name,
                option=option,
            ),
            credential_reference.FORBIDDEN_FILE: self.env._(
                "%(name)s may not be read; it lies outside the directory that odoo.conf "
                "names for secrets (%(option)s)",
                name=name,
                option=option,
            ),
            credential_reference.NO_FILE: self.env._(
                "%(name)s was not found; there is no such readable file in the directory "
                "for secrets",
                name=name,
            ),
        }[error.reason]
