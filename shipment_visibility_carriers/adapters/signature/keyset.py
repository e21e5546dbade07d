"""Public keys that a carrier publishes as a JWKS (RFC 7517), kept for the messages to come."""

import json
import logging
import time
from collections.abc import Callable, Mapping
from threading import Lock
from typing import Any
from urllib.parse import urlsplit

import jwt
import requests
from cryptography.hazmat.primitives.asymmetric.rsa import RSAPublicKey

from .. import wire

_logger = logging.getLogger(__name__)

MAX_BODY_BYTES = 64 * 1024
MAX_KEYS = 32
MIN_KEY_BITS, MAX_KEY_BITS = 2048, 8192
_LOOPBACK = {"127.0.0.1", "localhost", "::1"}


class KeySet:
    """The RSA keys behind one address, by key id. Safe to use from many threads.

    They are fetched when the first is asked for, again once a day, and when a key id is not
    among them; but never twice within a minute, whatever a message asks for. When the carrier
    does not answer, the keys that are known go on.

    :param url: where they are published; of the scheme, never of a message. Without encryption
        only on this machine.
    :param timeout: seconds for a whole fetch. A message that must wait for one waits as long.
    :param clock: seconds, steadily growing.
    :raise ValueError: the address is not one to fetch keys from.
    """

    interval = 60.0
    lifetime = 24 * 3600.0

    def __init__(
        self,
        url: str,
        timeout: float = 5.0,
        clock: Callable[[], float] = time.monotonic,
    ):
        parts = urlsplit(url)
        on_this_machine = parts.scheme == "http" and parts.hostname in _LOOPBACK
        if not parts.hostname or not (parts.scheme == "https" or on_this_machine):
            raise ValueError("keys are only fetched by https")
        self.url = url
        self._timeout = timeout
        self._clock = clock
        self._lock = Lock()
        self._keys: Mapping[str, RSAPublicKey] = {}
        self._asked_at: float | None = None
        self._loaded_at: float | None = None

    def find(self, key_id: str) -> RSAPublicKey | None:
        """The key of this id; ``None`` when there is none, also because nobody answers."""
        key = self._keys.get(key_id)
        if key is not None and not self._is_due(key):
            return key
        with self._lock:
            # Another thread may have fetched while this one waited.
            if self._is_due(self._keys.get(key_id)):
                self._fetch()
            return self._keys.get(key_id)

    def _is_due(self, key: RSAPublicKey | None) -> bool:
        now = self._clock()
        if self._asked_at is not None and now - self._asked_at < self.interval:
            return False
        is_old = self._loaded_at is None or now - self._loaded_at >= self.lifetime
        return key is None or is_old

    def _fetch(self) -> None:
        self._asked_at = self._clock()
        keys = self._answered()
        if keys:
            self._keys, self._loaded_at = keys, self._asked_at
        else:
            _logger.warning("no keys could be fetched from %s", self.url)

    def _answered(self) -> Mapping[str, RSAPublicKey]:
        """The keys there are now; none when the answer is not one."""
        question = requests.Request(
            "GET", self.url, headers={"Accept": "application/json"}
        )
        try:
            answer = wire.ask(question.prepare(), self._timeout, MAX_BODY_BYTES)
        except (
            requests.RequestException,
            wire.NotSendable,
            wire.NotConnected,
            wire.TimeUp,
            wire.BrokenOff,
        ):
            return {}
        return read_keys(answer.body) if answer.status == 200 else {}


def read_keys(body: bytes) -> dict[str, RSAPublicKey]:
    """The RSA keys of a JWKS by key id, without those that are not for verifying SHA-256.

    Whatever cannot be read is left out; a body that is no JWKS has none.
    """
    try:
        published = json.loads(body)
    except (ValueError, RecursionError):
        return {}
    keys = published.get("keys") if isinstance(published, dict) else None
    entries = keys[:MAX_KEYS] if isinstance(keys, list) else []
    found: dict[str, RSAPublicKey] = {}
    for entry in entries:
        key = _read_key(entry)
        # Of two with one id nobody could say which is meant: the first stays.
        if key is not None:
            found.setdefault(entry["kid"], key)
    return found


def _read_key(entry: Any) -> RSAPublicKey | None:
    if not isinstance(entry, dict) or not _is_meant(entry):
        return None
    try:
        key = jwt.PyJWK(entry, algorithm="RS256").key
    except (jwt.PyJWTError, ValueError, KeyError, TypeError, AttributeError):
        # Versions of the library differ in what gets through of a malformed key.
        return None
    if not isinstance(key, RSAPublicKey):
        return None
    return key if MIN_KEY_BITS <= key.key_size <= MAX_KEY_BITS else None


def _is_meant(entry: Mapping[str, Any]) -> bool:
    """Whether it says to be an RSA key for signatures. What a key does not say is left open."""
    key_id = entry.get("kid")
    return (
        isinstance(key_id, str)
        and bool(key_id)
        and entry.get("kty") == "RSA"
        and entry.get("use", "sig") == "sig"
        and entry.get("alg", "RS256") == "RS256"
    )
