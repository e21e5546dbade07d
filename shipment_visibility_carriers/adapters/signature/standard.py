"""Standard Webhooks, which Svix and many others send by: https://www.standardwebhooks.com."""

import base64
import binascii
import datetime as dt
import hashlib
import hmac
import re
import secrets as randomness
from collections.abc import Mapping, Sequence
from typing import ClassVar, NamedTuple

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import (
    Ed25519PrivateKey,
    Ed25519PublicKey,
)

from . import moments
from .base import (
    NO_SETTINGS,
    Assurance,
    SignatureError,
    SignatureScheme,
    header_values,
    live_secrets,
    matches_any,
    register,
    require_recent,
    single_header,
)

SHARED, PUBLIC, PRIVATE = "whsec_", "whpk_", "whsk_"
SYMMETRIC, ASYMMETRIC = "v1", "v1a"
# The specification asks for 24 to 64.
SECRET_BYTES = 32


def new_secret() -> str:
    """A random ``whsec_…`` secret, as sender and receiver store it."""
    return SHARED + base64.b64encode(randomness.token_bytes(SECRET_BYTES)).decode()


class _Message(NamedTuple):
    """What the headers say: the signed bytes, and version and signature of each claim."""

    signed: bytes
    claims: Sequence[tuple[str, bytes]]


@register("standard_webhooks")
class StandardWebhooks(SignatureScheme):
    """``webhook-id``, ``webhook-timestamp`` and ``webhook-signature``, or the same of ``svix-``.

    What is signed is ``<id>.<unix>.<body>``. The last header may hold several signatures, of
    which one must fit: ``v1`` is an HMAC-SHA256 keyed by a ``whsec_…`` secret (also when its
    prefix is left out), ``v1a`` an Ed25519 signature fitting a ``whpk_…`` public key; others
    are passed over. A sender signs an attempt anew, so a message is accepted for five minutes
    around its time, to both sides, as the specification's own libraries do.
    https://github.com/standard-webhooks/standard-webhooks/blob/main/spec/standard-webhooks.md
    """

    name = "Standard Webhooks"
    assurance = Assurance.TIME
    tolerance: ClassVar[dt.timedelta] = dt.timedelta(minutes=5)
    _FAMILIES: ClassVar[tuple[str, ...]] = ("webhook", "svix")
    # Without a dot, which the specification asks for: the id could otherwise lend its end to
    # the time. Without a comma, by which a proxy joins two.
    _ID = re.compile(r"[!-+\-/-~]{1,256}")
    # A sender signs with the keys of a rotation, two or three; each costs us a calculation.
    _CLAIM = r"v[0-9]{1,3}[a-z]{0,3},[A-Za-z0-9+/_=-]{1,1024}"
    _CLAIMS = re.compile(rf"{_CLAIM}(?: {_CLAIM}){{0,15}}")

    def verify(self, headers, body, secrets, now, settings=NO_SETTINGS):
        message = self._read(headers, body, now)
        keys = [key for one in live_secrets(secrets) for key in _verifying(one)]
        if not keys:
            raise SignatureError("no secret that is set can be read")
        # All are tried, so that the time taken does not tell which one fitted.
        if not any([key.signed(message) for key in keys]):
            raise SignatureError("wrong signature")

    def sign(self, body, secret, now, settings=NO_SETTINGS):
        """Headers of one attempt. The id is that of the body: sent again it stays the same."""
        message_id = f"msg_{hashlib.sha256(body).hexdigest()[:32]}"
        return self.sign_as(message_id, body, [secret], now)

    def sign_as(
        self, message_id: str, body: bytes, secrets: Sequence[str], now: dt.datetime
    ) -> dict[str, str]:
        """The headers of one attempt to send a message, signed with each of the secrets.

        :param message_id: the same for every attempt.
        :param secrets: two while a receiver's are being rotated.
        :raise SignatureError: the id cannot be sent, or a secret cannot sign.
        """
        if not self._ID.fullmatch(message_id):
            raise SignatureError("a message cannot have this id")
        signed_at = str(int(now.timestamp()))
        signed = _signed(message_id, signed_at, body)
        claims = [_claim(signed, secret) for secret in live_secrets(secrets)]
        return {
            "webhook-id": message_id,
            "webhook-timestamp": signed_at,
            "webhook-signature": " ".join(claims),
        }

    def _read(self, headers: Mapping[str, str], body: bytes, now) -> _Message:
        family = self._family(headers)
        message_id = single_header(headers, f"{family}-id")
        signed_at = single_header(headers, f"{family}-timestamp")
        claims = single_header(headers, f"{family}-signature")
        if not self._ID.fullmatch(message_id) or not self._CLAIMS.fullmatch(claims):
            raise SignatureError("unreadable signature")
        require_recent(moments.unix(signed_at), now, self.tolerance)
        return _Message(
            _signed(message_id, signed_at, body),
            [
                (version, signature.encode())
                for version, signature in (one.split(",") for one in claims.split(" "))
            ],
        )

    def _family(self, headers: Mapping[str, str]) -> str:
        for family in self._FAMILIES:
            if header_values(headers, f"{family}-signature"):
                return family
        raise SignatureError("not signed")


def _signed(message_id: str, signed_at: str, body: bytes) -> bytes:
    return f"{message_id}.{signed_at}.".encode() + body


class _SharedKey:
    """Of a ``whsec_…`` secret."""

    def __init__(self, key: bytes):
        self._key = key

    def signed(self, message: _Message) -> bool:
        """Whether one of the message's claims is by this key."""
        given = [one for version, one in message.claims if version == SYMMETRIC]
        expected = self.sign(message.signed)
        return any([matches_any(one, [expected]) for one in given])

    def sign(self, signed: bytes) -> bytes:
        """The signature in base64."""
        return base64.b64encode(hmac.digest(self._key, signed, "sha256"))


class _PublicKey:
    """Of a ``whpk_…`` key."""

    def __init__(self, key: Ed25519PublicKey):
        self._key = key

    def signed(self, message: _Message) -> bool:
        """Whether one of the message's claims is by this key."""
        given = [one for version, one in message.claims if version == ASYMMETRIC]
        return any([self._fits(one, message.signed) for one in given])

    def _fits(self, claim: bytes, signed: bytes) -> bool:
        try:
            self._key.verify(base64.b64decode(claim, validate=True), signed)
        except (InvalidSignature, binascii.Error):
            return False
        return True


def _verifying(secret: str) -> list[_SharedKey | _PublicKey]:
    """The key of a secret; of one that cannot be read, and so cannot fit, none."""
    try:
        if secret.startswith(PUBLIC):
            return [_PublicKey(Ed25519PublicKey.from_public_bytes(_raw(secret)))]
        if secret.startswith(PRIVATE):
            return [_PublicKey(_private(secret).public_key())]
        return [_SharedKey(_raw(secret))]
    except ValueError:
        return []


def _claim(signed: bytes, secret: str) -> str:
    try:
        if secret.startswith(PUBLIC):
            raise SignatureError("a public key cannot sign")
        if secret.startswith(PRIVATE):
            signature = base64.b64encode(_private(secret).sign(signed))
            return f"{ASYMMETRIC},{signature.decode()}"
        return f"{SYMMETRIC},{_SharedKey(_raw(secret)).sign(signed).decode()}"
    except ValueError:
        raise SignatureError("the secret that is set cannot be read") from None


def _private(secret: str) -> Ed25519PrivateKey:
    # Some write the public half after it, as the usual libraries keep the two.
    return Ed25519PrivateKey.from_private_bytes(_raw(secret)[:32])


def _raw(secret: str) -> bytes:
    """The bytes of a secret. Missing padding is tolerated, as the libraries do.

    :raise ValueError: it is no base64, or empty.
    """
    text = secret
    for prefix in (SHARED, PUBLIC, PRIVATE):
        text = text.removeprefix(prefix)
    text = text.rstrip("=")
    raw = base64.b64decode(text + "=" * (-len(text) % 4), validate=True)
    if not raw:
        raise ValueError("empty")
    return raw
