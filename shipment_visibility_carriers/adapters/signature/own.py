"""The scheme of senders that follow us: the sandbox, and any system written for this suite."""

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Mapping
from typing import ClassVar

from .base import (
    NO_SETTINGS,
    Assurance,
    SignatureError,
    SignatureScheme,
    live_secrets,
    register,
    require_match,
    require_recent,
    single_header,
)


@register("hmac_sha256")
class HmacSha256(SignatureScheme):
    """``X-Shipment-Signature: t=<unix>,v1=<hex>``, the HMAC being taken of ``<unix>.<body>``.

    The time is signed too, and a message is accepted for five minutes around it, to both
    sides because clocks differ.
    """

    name = "HMAC-SHA256 with time"
    assurance = Assurance.TIME
    header: ClassVar[str] = "X-Shipment-Signature"
    tolerance: ClassVar[dt.timedelta] = dt.timedelta(minutes=5)

    # At most 10 digits: seconds until the year 2286. Also what two headers, joined by a
    # proxy or by WSGI, look like does not match.
    _FORM = re.compile(r"t=([0-9]{1,10}),v1=([0-9a-f]{64})")

    def verify(self, headers, body, secrets, now, settings=NO_SETTINGS):
        signed_at, given = self._read(headers)
        live = live_secrets(secrets)
        require_recent(int(signed_at), now, self.tolerance)
        require_match(given, [self._digest(signed_at, body, one) for one in live])

    def sign(self, body, secret, now, settings=NO_SETTINGS):
        signed_at = str(int(now.timestamp()))
        digest = self._digest(signed_at, body, secret)
        return {self.header: f"t={signed_at},v1={digest}"}

    def _read(self, headers: Mapping[str, str]) -> tuple[str, str]:
        value = single_header(headers, self.header)
        if not (form := self._FORM.fullmatch(value)):
            raise SignatureError("unreadable signature")
        return form.group(1), form.group(2)

    @staticmethod
    def _digest(signed_at: str, body: bytes, secret: str) -> str:
        signed = signed_at.encode() + b"." + body
        return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()
