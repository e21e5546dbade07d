"""What all schemes share: the contract, the registry, and the comparison of secrets."""

import datetime as dt
import hmac
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
    :cvar assurance: what a verified message proves.
    :cvar open_settings: which of :class:`Settings` an administrator sets.
    """

    code: ClassVar[str] = ""
    name: ClassVar[str] = ""
    assurance: ClassVar[Assurance] = Assurance.BODY
    open_settings: ClassVar[frozenset[str]] = frozenset()

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


def single_header(headers: Mapping[str, str], name: str) -> str:
    """The value of a header that must be there exactly once."""
    values = [value for key, value in headers.items() if key.lower() == name.lower()]
    if not values:
        raise SignatureError("not signed")
    if len(values) > 1:
        raise SignatureError("signed more than once")
    return values[0]


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
