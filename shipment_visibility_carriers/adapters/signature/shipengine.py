"""ShipEngine, which is also the API of ShipStation: signed with a key that it publishes."""

import base64
import binascii
import datetime as dt
import re
from typing import ClassVar

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric.padding import PKCS1v15

from . import moments
from .base import (
    NO_SETTINGS,
    Assurance,
    SignatureError,
    SignatureScheme,
    register,
    require_recent,
    single_header,
)


@register("shipengine")
class ShipEngine(SignatureScheme):
    """RSASSA-PKCS1-v1_5 with SHA-256 over ``<time>.<body>``, the time being ISO 8601 in UTC.

    The headers, and the five minutes around the time in which a message is accepted, are
    documented: https://docs.shipstation.com/apis/docs/guides/webhooks-validation. That the time
    and a dot stand before the body, and the padding, is what working implementations agree on.

    The keys are those of ``Settings.find_key``; the message only says which. They are the same
    for all customers of ShipEngine, so what is proven is that ShipEngine sent it, to whomever:
    that it was meant for us, only the secret address of the endpoint says.
    """

    name = "ShipEngine"
    assurance = Assurance.TIME
    keys_url = "https://api.shipengine.com/jwks"
    signature_header: ClassVar[str] = "x-shipengine-rsa-sha256-signature"
    key_id_header: ClassVar[str] = "x-shipengine-rsa-sha256-key-id"
    time_header: ClassVar[str] = "x-shipengine-timestamp"
    tolerance: ClassVar[dt.timedelta] = dt.timedelta(minutes=5)

    _KEY_ID = re.compile(r"[!-+\--~]{1,200}")

    def verify(self, headers, body, secrets, now, settings=NO_SETTINGS):
        signature = _decoded(single_header(headers, self.signature_header))
        key_id = single_header(headers, self.key_id_header)
        signed_at = single_header(headers, self.time_header)
        if not self._KEY_ID.fullmatch(key_id):
            raise SignatureError("unreadable signature")
        # Before the key is looked for: what is old costs no call to ShipEngine.
        require_recent(moments.iso(signed_at), now, self.tolerance)
        key = settings.find_key(key_id) if settings.find_key else None
        if key is None:
            raise SignatureError("signed with a key that is not known")
        try:
            key.verify(
                signature, signed_at.encode() + b"." + body, PKCS1v15(), hashes.SHA256()
            )
        except InvalidSignature:
            raise SignatureError("wrong signature") from None

    def sign(self, body, secret, now, settings=NO_SETTINGS):
        raise SignatureError("only ShipEngine itself can sign its messages")


def _decoded(value: str) -> bytes:
    try:
        return base64.b64decode(value, validate=True)
    except binascii.Error:
        raise SignatureError("unreadable signature") from None
