"""What all schemes share: the contract, the registry, and the comparison of secrets."""

import datetime as dt
import hmac
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, ClassVar


class SignatureError(Exception):
    """The message does not prove that it comes from the carrier. The text names no secret."""


@dataclass(frozen=True, slots=True)
class Settings:
    """What an administrator says of an endpoint's signature, where a scheme leaves it open.

    :ivar header: the header that carries the signature or the token.
    :ivar algorithm: ``sha256``, ``sha1`` or ``sha512``.
    :ivar encoding: ``hex`` or ``base64``.
    :ivar prefix: what stands before the signature in its header, such as ``sha256=``.
    :ivar timestamp_header: the header with the time that is signed as ``<time>.<body>``; empty
        when the body alone is signed.
    :ivar find_key: key id -> the carrier's public key, or ``None``; for schemes that are
        verified with one.
    """

    header: str = ""
    algorithm: str = "sha256"
    encoding: str = "hex"
    prefix: str = ""
    timestamp_header: str = ""
    find_key: Callable[[str], Any] | None = None


NO_SETTINGS = Settings()


class Assurance(StrEnum):
    """What a verified message proves."""

    TIME = "time"
    """Who sent it, that nobody has changed it, and when it was signed."""
    BODY = "body"
    """Who sent it, and that nobody has changed it; an old one may be sent again."""
    TOKEN = "token"
    """That the sender knows the token; whoever sees one message can write others."""


class SignatureScheme:
    """One way of signing a message.

    :cvar code: the registry key; filled by :func:`register`.
    :cvar name: what an administrator chooses from.
    :cvar assurance: the least that a verified message proves.
    :cvar open_settings: which of :class:`Settings` an administrator sets.
    :cvar keys_url: where the carrier publishes the public keys it signs with. A scheme that has
        one needs no secret, but ``Settings.find_key``.
    """

    code: ClassVar[str] = ""
    name: ClassVar[str] = ""
    assurance: ClassVar[Assurance] = Assurance.BODY
    open_settings: ClassVar[frozenset[str]] = frozenset()
    keys_url: ClassVar[str] = ""

    def verify(
        self,
        headers: Mapping[str, str],
        body: bytes,
        secrets: Sequence[str],
        now: dt.datetime,
        settings: Settings = NO_SETTINGS,
    ) -> None:
        """Accept the message by returning.

        :param headers: as received; names are compared without regard to case.
        :param body: the bytes as received, before anything has read them.
        :param secrets: the live ones; there are two while they are being rotated.
        :param now: the aware time of reception.
        :param settings: what the scheme leaves open.
        :raise SignatureError: it is not signed with a live secret, or not now.
        """
        raise NotImplementedError

    def sign(
        self,
        body: bytes,
        secret: str,
        now: dt.datetime,
        settings: Settings = NO_SETTINGS,
    ) -> dict[str, str]:
        """The headers that a sender with this secret adds to this body.

        :raise SignatureError: it cannot be signed with what we have.
        """
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


# Signatures, tokens and claims are a few hundred characters; a long one is only there to cost
# time.
MAX_VALUE_LENGTH = 4096


def single_header(headers: Mapping[str, str], name: str) -> str:
    """The value of a header that must be there exactly once.

    :raise SignatureError: it is not, or the value is not ASCII, or longer than any signature.
    """
    values = header_values(headers, name)
    if not values:
        raise SignatureError("not signed")
    if len(values) > 1:
        raise SignatureError("signed more than once")
    value = values[0]
    if len(value) > MAX_VALUE_LENGTH or not value.isascii():
        raise SignatureError("unreadable signature")
    return value


def header_values(headers: Mapping[str, str], name: str) -> list[str]:
    """All values of a header, its name compared without regard to case."""
    return [value for key, value in headers.items() if key.lower() == name.lower()]


def matches_any(given: str | bytes, expected: Iterable[str | bytes]) -> bool:
    """Whether it is one of the expected, compared in constant time.

    All are compared, so that the time taken does not tell which one was near.
    """
    given = given.encode() if isinstance(given, str) else given
    return any(
        [
            hmac.compare_digest(given, one.encode() if isinstance(one, str) else one)
            for one in expected
        ]
    )


def live_secrets(secrets: Sequence[str]) -> list[str]:
    """Those that are set.

    :raise SignatureError: there is none, so that nothing can be accepted.
    """
    live = [secret for secret in secrets if secret]
    if not live:
        raise SignatureError("no secret is set")
    return live


def require_match(given: str | bytes, expected: Iterable[str | bytes]) -> None:
    """Accept one of the expected by returning; constant time, as :func:`matches_any`.

    :raise SignatureError: it is none of them.
    """
    if not matches_any(given, expected):
        raise SignatureError("wrong signature")


def require_recent(signed_at: float, now: dt.datetime, tolerance: dt.timedelta) -> None:
    """Accept what was signed around now; to both sides, because clocks differ.

    :param signed_at: in seconds since 1970.
    :raise SignatureError: it was signed at another time.
    """
    if abs(now.timestamp() - signed_at) > tolerance.total_seconds():
        raise SignatureError("signed too long ago, or in the future")


_HEADER_NAME = re.compile(r"[!#$%&'*+.^_`|~0-9A-Za-z-]{1,100}")
_HEADER_VALUE = re.compile(rf"[!-~](?:[ -~]{{0,{MAX_VALUE_LENGTH - 2}}}[!-~])?")


def chosen_header(name: str) -> str:
    """The name of a header that an administrator has chosen.

    :raise SignatureError: it is empty, or no header can be called that.
    """
    if not name:
        raise SignatureError("no header is set")
    if not _HEADER_NAME.fullmatch(name):
        raise SignatureError("no header can have the name that is set")
    return name


def sendable(value: str) -> str:
    """A value that goes into a header as it is.

    :raise SignatureError: it would arrive changed, or not at all.
    """
    if not _HEADER_VALUE.fullmatch(value):
        raise SignatureError("a header cannot carry this secret")
    return value
