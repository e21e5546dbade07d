"""Tokens: one an account and process, for as long as UPS says that it lasts.

OAuth client credentials, ``POST /security/v1/oauth/token``.
"""

import hashlib
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Annotated

from pydantic import Field

from ..errors import AuthFailed, MalformedMessage, Unavailable
from ..reading import Message, read
from ..transport import Transport
from .common import parse_problem, words

TOKEN_PATH = "/security/v1/oauth/token"
# A token is not used in its last minute: the request has to arrive, too.
MARGIN = 60.0


class _Token(Message):
    access_token: Annotated[str, Field(min_length=1)]
    # UPS writes the number as text.
    expires_in: Annotated[int, Field(strict=False, ge=0)]


@dataclass(slots=True)
class _Place:
    """Where one account's token is kept. Who fetches it holds the lock, the others wait."""

    lock: threading.Lock = field(default_factory=threading.Lock)
    token: str = field(default="", repr=False)
    until: float = 0.0


class Tokens:
    """The tokens of all accounts in this process. Used by several threads at a time."""

    def __init__(self, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._lock = threading.Lock()
        self._places: dict[str, _Place] = {}

    def get(
        self, key: str, fetch: Callable[[], tuple[str, float]], patience: float
    ) -> tuple[str, bool]:
        """A token that lasts, and whether it has just been fetched.

        :param fetch: asks the carrier; returns a token and the seconds that it lasts.
        :param patience: seconds to wait for a thread that is asking already.
        :raise Unavailable: that thread has no answer either.
        """
        place = self._place(key)
        if not place.lock.acquire(timeout=patience):
            raise Unavailable("UPS gives no access token in time.")
        try:
            if place.token and self._clock() < place.until:
                return place.token, False
            token, seconds = fetch()
            place.token, place.until = token, self._clock() + seconds - MARGIN
            return token, True
        finally:
            place.lock.release()

    def forget(self, key: str, token: str) -> None:
        """Do not use this token again. One that has taken its place stays."""
        place = self._place(key)
        with place.lock:
            if place.token == token:
                place.token = ""

    def _place(self, key: str) -> _Place:
        with self._lock:
            return self._places.setdefault(key, _Place())


TOKENS = Tokens()


def token_key(
    base_url: str, client_id: str, client_secret: str, account_number: str
) -> str:
    """Names a token without telling a secret; a changed secret has another."""
    parts = "\0".join((base_url, client_id, client_secret, account_number))
    return hashlib.sha256(parts.encode()).hexdigest()


def fetch_token(
    transport: Transport,
    operation: str,
    base_url: str,
    client: tuple[str, str],
    account_number: str,
) -> tuple[str, float]:
    """Ask for a token; it is masked from then on.

    :raise AuthFailed: UPS does not know this client or account.
    :raise Unavailable: what came is no token. Nothing was bought, so it may be asked again.
    """
    answer = transport.send(
        operation,
        "POST",
        base_url + TOKEN_PATH,
        headers={"x-merchant-id": account_number},
        data={"grant_type": "client_credentials"},
        auth=client,
        idempotent=True,
    )
    if not answer.ok:
        problem = words(parse_problem(answer.body)) or f"({answer.status})"
        raise AuthFailed(transport.masked(f"UPS gives no access token: {problem}"))
    try:
        token = read(_Token, answer.body)
    except MalformedMessage:
        raise Unavailable("UPS answered no access token.") from None
    transport.conceal([token.access_token])
    return token.access_token, token.expires_in
