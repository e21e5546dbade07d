import functools
import re

from odoo import api, fields, models
from odoo.exceptions import ValidationError

from odoo.addons.shipment_visibility_carriers.adapters import signature
from odoo.addons.shipment_visibility_carriers.adapters.signature.keyset import KeySet

# Which field says what of `signature.Settings`.
SETTING_FIELDS = {
    "header": "signature_header",
    "algorithm": "signature_algorithm",
    "encoding": "signature_encoding",
    "prefix": "signature_prefix",
    "timestamp_header": "signature_timestamp_header",
}
HEADER_FIELDS = ("signature_header", "signature_timestamp_header")
# A token in the words of RFC 9110, section 5.1.
HEADER_NAME = re.compile(r"[A-Za-z0-9!#$%&'*+.^_`|~-]{1,100}")


@functools.cache
def _keys(url):
    """The carrier's public keys, fetched once for all endpoints of this process."""
    return KeySet(url)


class ShipmentWebhookEndpoint(models.Model):
    """How the carrier proves that a message is its own."""

    _inherit = "shipment.webhook.endpoint"

    scheme = fields.Selection(
        selection="_selection_scheme",
        string="Signature",
        required=True,
        compute="_compute_scheme",
        store=True,
        readonly=False,
        precompute=True,
        tracking=True,
        help="How the carrier signs what it sends.",
    )
    assurance = fields.Selection(
        [("time", "Signed with time"), ("body", "Signed"), ("token", "Token only")],
        string="Proof",
        compute="_compute_assurance",
        help="What a message proves that is let in.",
    )
    open_settings = fields.Json(
        compute="_compute_assurance",
        help="What the scheme leaves to be said of the signature.",
    )
    needs_secret = fields.Boolean(
        compute="_compute_assurance",
        help="The carrier and we share a secret; else it publishes keys.",
    )
    signature_header = fields.Char(
        string="Header",
        help="The header in which the carrier sends the signature or the token.",
    )
    signature_algorithm = fields.Selection(
        [("sha256", "SHA-256"), ("sha512", "SHA-512"), ("sha1", "SHA-1")],
        string="Algorithm",
        required=True,
        default="sha256",
    )
    signature_encoding = fields.Selection(
        [("hex", "Hexadecimal"), ("base64", "Base64")],
        string="Encoding",
        required=True,
        default="hex",
    )
    signature_prefix = fields.Char(
        string="Prefix",
        help="What stands before the signature in its header, such as sha256=",
    )
    signature_timestamp_header = fields.Char(
        string="Time Header",
        help="The header with the time, where the carrier signs the time, a dot and the "
        "message. Leave it empty when the message alone is signed.",
    )

    def _selection_scheme(self):
        return [(scheme.code, scheme.name) for scheme in signature.schemes().values()]

    @api.depends("account_id")
    def _compute_scheme(self):
        for endpoint in self:
            adapter = endpoint.account_id and endpoint.account_id._adapter_class()
            endpoint.scheme = (adapter and adapter.webhook_scheme) or endpoint.scheme

    @api.depends("scheme")
    def _compute_assurance(self):
        schemes = signature.schemes()
        for endpoint in self:
            scheme = schemes.get(endpoint.scheme)
            endpoint.assurance = scheme and scheme.assurance.value
            endpoint.open_settings = scheme and sorted(scheme.open_settings)
            endpoint.needs_secret = not (scheme and scheme.keys_url)

    @api.constrains("scheme", *HEADER_FIELDS)
    def _check_signature_headers(self):
        for endpoint in self:
            for name in HEADER_FIELDS:
                value = endpoint[name]
                if value and not HEADER_NAME.fullmatch(value):
                    raise ValidationError(
                        self.env._(
                            "“%(value)s” is not the name of a header.", value=value
                        )
                    )
            open_settings = endpoint.open_settings or []
            if "header" in open_settings and not endpoint.signature_header:
                raise ValidationError(
                    self.env._(
                        "Enter the header in which the carrier sends the signature."
                    )
                )

    def _get_settings(self):
        """What the scheme leaves open, as this endpoint says it."""
        self.ensure_one()
        said = {
            name: self[SETTING_FIELDS[name]] or ""
            for name in self.open_settings or []
            if name in SETTING_FIELDS
        }
        scheme = signature.schemes().get(self.scheme)
        if scheme and scheme.keys_url:
            said["find_key"] = _keys(scheme.keys_url).find
        return signature.Settings(**said)

    @api.model
    def _get_door_fields(self):
        """Override to know the scheme and its settings."""
        return super()._get_door_fields() | {"scheme", *SETTING_FIELDS.values()}

    def _prepare_door(self):
        """Override to know the scheme and its settings."""
        return {
            **super()._prepare_door(),
            "scheme": self.scheme,
            "settings": self._get_settings(),
        }
