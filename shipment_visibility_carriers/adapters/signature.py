"""How a webhook proves who sent it: one small class a scheme, over the raw bytes of the body.

A scheme refuses by raising :class:`SignatureError`. Whatever is missing, doubled, unreadable or
too old is refused, and so is everything while no secret is set.
"""

import datetime as dt
import hashlib
import hmac
import re
from collections.abc import Callable, Mapping, Sequence
from typing import ClassVar


class SignatureError(Exception):
    """The message does not prove that it comes from the carrier. The text names no secret."""


class SignatureScheme:
    """One way of signing a message.

    :cvar code: the registry key; filled by :func:`register`.
    :cvar name: what an administrator chooses from.
    """

    code: ClassVar[str] = ""
    name: ClassVar[str] = ""

    def verify(
        self,
        headers: Mapping[str, str],
        body: bytes,
        secrets: Sequence[str],
        now: dt.datetime,
    ) -> None:
        """Accept the message by returning.

        :param headers: as received; names are compared without regard to case.
        :param body: the bytes as received, before anything has read them.
        :param secrets: the live ones; there are two while they are being rotated.
        :param now: the aware time of reception.
        :raise SignatureError: it is not signed with a live secret, or not now.
        """
        raise NotImplementedError

    def sign(self, body: bytes, secret: str, now: dt.datetime) -> dict[str, str]:
        """The headers that a sender with this secret adds to this body."""
        raise NotImplementedError


_registry: dict[str, SignatureScheme] = {}


def register(
    code: str,
) -> Callable[[type[SignatureScheme]], type[SignatureScheme]]:
    """Class decorator: make a scheme known under ``code``.

    :raise ValueError: another scheme already has this code.
    """

    def _register(scheme_class):
        if code in _registry:
            raise ValueError(f"signature scheme {code!r} is already registered")
        scheme_class.code = code
        _registry[code] = scheme_class()
        return scheme_class

    return _register


def schemes() -> Mapping[str, SignatureScheme]:
    """All schemes by code."""
    return dict(_registry)


def scheme(code: str) -> SignatureScheme:
    """The scheme registered under ``code``.

    :raise SignatureError: there is none, so that nothing can be accepted.
    """
    try:
        return _registry[code]
    except KeyError:
        raise SignatureError("unknown signature scheme") from None


@register("hmac_sha256")
class HmacSha256(SignatureScheme):
    """``X-Shipment-Signature: t=<unix>,v1=<hex>``, the HMAC being taken of ``<unix>.<body>``.

    The time is signed too, and a message is accepted for five minutes around it, to both
    sides because clocks differ.
    """

    name = "HMAC-SHA256 with time"
    header: ClassVar[str] = "X-Shipment-Signature"
    tolerance: ClassVar[dt.timedelta] = dt.timedelta(minutes=5)

    # At most 10 digits: seconds until the year 2286. Also what two headers, joined by a
    # proxy or by WSGI, look like does not match.
    _FORM = re.compile(r"t=([0-9]{1,10}),v1=([0-9a-f]{64})")

    def verify(self, headers, body, secrets, now):
        signed_at, given = self._read(headers)
        live = [secret for secret in secrets if secret]
        if not live:
            raise SignatureError("no secret is set")
        if abs(now.timestamp() - int(signed_at)) > self.tolerance.total_seconds():
            raise SignatureError("signed too long ago, or in the future")
        # All are compared, so that the time taken does not tell which one was near.
        matches = [
            hmac.compare_digest(given, self._digest(signed_at, body, secret))
            for secret in live
        ]
        if not any(matches):
            raise SignatureError("wrong signature")

    def sign(self, body, secret, now):
        signed_at = str(int(now.timestamp()))
        digest = self._digest(signed_at, body, secret)
        return {self.header: f"t={signed_at},v1={digest}"}

    def _read(self, headers: Mapping[str, str]) -> tuple[str, str]:
        value = _single(headers, self.header)
        if not (form := self._FORM.fullmatch(value)):
            raise SignatureError("unreadable signature")
        return form.group(1), form.group(2)

    @staticmethod
    def _digest(signed_at: str, body: bytes, secret: str) -> str:
        signed = signed_at.encode() + b"." + body
        return hmac.new(secret.encode(), signed, hashlib.sha256).hexdigest()


def _single(headers: Mapping[str, str], name: str) -> str:
    """The value of a header that must be there exactly once."""
    values = [value for key, value in headers.items() if key.lower() == name.lower()]
    if not values:
        raise SignatureError("not signed")
    if len(values) > 1:
        raise SignatureError("signed more than once")
    return values[0]
