"""Schemes that sign the body alone: nobody can change it, but an old one may be sent again."""

import base64
import datetime as dt
import hashlib
import hmac
import unicodedata
from collections.abc import Callable
from typing import ClassVar

from . import moments
from .base import (
    NO_SETTINGS,
    Assurance,
    Settings,
    SignatureError,
    SignatureScheme,
    chosen_header,
    live_secrets,
    register,
    require_match,
    require_recent,
    sendable,
    single_header,
)


def as_hex(digest: bytes) -> str:
    """Small letters and digits."""
    return digest.hex()


def as_base64(digest: bytes) -> str:
    """The usual alphabet, with padding."""
    return base64.b64encode(digest).decode()


class BodySigned(SignatureScheme):
    """An HMAC-SHA256 of the body in one header.

    :cvar header: where the signature stands.
    :cvar prefix: what stands before it there.
    :cvar encode: how its bytes are written.
    """

    assurance = Assurance.BODY
    header: ClassVar[str]
    prefix: ClassVar[str] = ""
    encode: ClassVar[Callable[[bytes], str]] = staticmethod(as_hex)

    def verify(self, headers, body, secrets, now, settings=NO_SETTINGS):
        given = single_header(headers, self.header)
        live = live_secrets(secrets)
        require_match(given, [self._value(body, secret) for secret in live])

    def sign(self, body, secret, now, settings=NO_SETTINGS):
        return {self.header: self._value(body, secret)}

    def _value(self, body: bytes, secret: str) -> str:
        return self.prefix + self.encode(self._digest(body, secret))

    def _digest(self, body: bytes, secret: str) -> bytes:
        return hmac.digest(secret.encode(), body, "sha256")


@register("easypost")
class EasyPost(BodySigned):
    """``X-Hmac-Signature: hmac-sha256-hex=<hex>``.

    The secret is normalised first, or one with an accent would not fit. Source: the function
    ``validate_webhook`` of https://github.com/EasyPost/easypost-python. The second version of
    the scheme is described nowhere that could be trusted, and is not accepted.
    """

    name = "EasyPost"
    header = "X-Hmac-Signature"
    prefix = "hmac-sha256-hex="

    def _digest(self, body, secret):
        return super()._digest(body, unicodedata.normalize("NFKD", secret))


@register("aftership")
class AfterShip(BodySigned):
    """``aftership-hmac-sha256: <base64>``, of AfterShip Tracking.

    The ``ts`` inside the body is when the parcel moved, not when the message was sent, so it
    cannot tell an old message. AfterShip's sister products sign with other headers and are not
    accepted. https://www.aftership.com/docs/tracking/webhook/webhook-signature
    """

    name = "AfterShip"
    header = "aftership-hmac-sha256"
    encode = staticmethod(as_base64)


@register("sendcloud")
class Sendcloud(BodySigned):
    """``Sendcloud-Signature: <hex>``.

    The key is the integration's "Secret Key" or its "Webhook Signature Key", depending on the
    type of integration; both may be set at once. https://sendcloud.dev/api/v3/webhooks
    """

    name = "Sendcloud"
    header = "Sendcloud-Signature"


@register("fedex")
class FedEx(BodySigned):
    """``fdx-signature: <base64>``, of Advanced Integrated Visibility.

    FedEx's pages contradict each other: the text and the FAQ speak of a base64 encoded HMAC
    keyed by the security token, the pseudo-code below them of "hex encoding". There is no
    example to decide it. We read base64(HMAC-SHA256(token, body)), and refuse hexadecimal.
    https://developer.fedex.com/api/en-us/catalog/tracking-webhook.html
    """

    name = "FedEx"
    header = "fdx-signature"
    encode = staticmethod(as_base64)


@register("seventeen_track")
class SeventeenTrack(BodySigned):
    """``sign: <hex>``, the SHA-256 of ``<body>/<key>``; a plain hash, no HMAC.

    The key is the API key itself, so that changing it stops the calls to 17TRACK as well.
    17TRACK's own page was not at hand; independent implementations agree on this reading.
    https://api.17track.net/en/doc
    """

    name = "17TRACK"
    header = "sign"

    def _digest(self, body, secret):
        return hashlib.sha256(body + b"/" + secret.encode()).digest()


@register("hmac")
class ChosenHmac(SignatureScheme):
    """An HMAC in a header, of an algorithm and in an encoding, that the administrator chooses.

    Where a header for the time is chosen, what is signed is ``<time>.<body>``, and a message is
    accepted for five minutes around that time, given in seconds, milliseconds or ISO 8601 with
    a zone. Without one an old message may be sent again; the stated assurance is this lesser
    one.
    """

    name = "HMAC in a header of your choice"
    assurance = Assurance.BODY
    open_settings = frozenset(
        {"header", "algorithm", "encoding", "prefix", "timestamp_header"}
    )
    tolerance: ClassVar[dt.timedelta] = dt.timedelta(minutes=5)

    _ALGORITHMS = frozenset({"sha256", "sha1", "sha512"})
    _ENCODINGS: ClassVar = {"hex": as_hex, "base64": as_base64}

    def verify(self, headers, body, secrets, now, settings=NO_SETTINGS):
        given = self._given(headers, settings)
        signed = body
        if settings.timestamp_header:
            name = chosen_header(settings.timestamp_header)
            signed_at = single_header(headers, name)
            require_recent(moments.any_form(signed_at), now, self.tolerance)
            signed = _timed(signed_at, body)
        live = live_secrets(secrets)
        require_match(given, [self._encoded(signed, one, settings) for one in live])

    def sign(self, body, secret, now, settings=NO_SETTINGS):
        header = chosen_header(settings.header)
        times = {}
        if settings.timestamp_header:
            signed_at = str(int(now.timestamp()))
            times = {chosen_header(settings.timestamp_header): signed_at}
            body = _timed(signed_at, body)
        value = settings.prefix + self._encoded(body, secret, settings)
        return {header: sendable(value), **times}

    def _given(self, headers, settings: Settings) -> str:
        value = single_header(headers, chosen_header(settings.header))
        if not value.startswith(settings.prefix):
            raise SignatureError("unreadable signature")
        given = value.removeprefix(settings.prefix)
        # Both ways of writing hexadecimal digits are in use.
        return given.lower() if settings.encoding == "hex" else given

    def _encoded(self, signed: bytes, secret: str, settings: Settings) -> str:
        encode = self._ENCODINGS.get(settings.encoding)
        if encode is None or settings.algorithm not in self._ALGORITHMS:
            raise SignatureError("the algorithm or encoding that is set is unknown")
        return encode(hmac.digest(secret.encode(), signed, settings.algorithm))


def _timed(signed_at: str, body: bytes) -> bytes:
    return signed_at.encode() + b"." + body
