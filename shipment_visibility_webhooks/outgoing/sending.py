"""One message, posted once; what came of it is told as an :class:`Outcome`, never raised.

No redirect is followed, no proxy is used and no password is read from anywhere: the request
goes to the address that was judged, with nothing but what is in the message.
"""

import datetime as dt
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from email.utils import parsedate_to_datetime
from enum import StrEnum
from http.client import HTTPException
from socket import getaddrinfo

import requests
from requests.adapters import HTTPAdapter
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

from . import address
from .address import Forbidden, Target

USER_AGENT = "shipment-visibility/19.0"
CONNECT_SECONDS = 5.0
READ_SECONDS = 10.0
# For everything, from the look-up of the name to the end of the answer.
TOTAL_SECONDS = 20.0
MAX_ANSWER_BYTES = 1024
LONGEST_RETRY_AFTER = 24 * 60 * 60.0

_GONE = 410
# The receiver, or what stands before it, has too much to do.
_BUSY = (429, 502, 503, 504)


class Result(StrEnum):
    """What an attempt ended in."""

    TAKEN = "taken"  # 2xx
    GONE = "gone"  # 410: nobody wants these messages any more
    BUSY = "busy"  # 429, 502, 503, 504
    REFUSED = "refused"  # any other status, a redirect too
    UNREACHABLE = "unreachable"  # nobody answered
    FORBIDDEN = "forbidden"  # we do not talk to this address; nothing was sent


@dataclass(frozen=True, slots=True)
class Message:
    """A message ready to be posted; what could identify us does not show in a text."""

    url: str = field(repr=False)
    headers: Mapping[str, str] = field(repr=False)
    body: bytes = field(repr=False)
    allow_private: bool = False


@dataclass(frozen=True, slots=True)
class Outcome:
    """What came of one attempt.

    :ivar status: the HTTP status; 0 when there was no answer.
    :ivar reason: a constant of :mod:`.address` when forbidden; ``connect``, ``timeout``,
        ``broken`` when unreachable.
    :ivar answer: the beginning of what a receiver that refused had to say.
    :ivar retry_after: seconds that the receiver asks for.
    """

    result: Result
    status: int = 0
    reason: str = ""
    answer: str = ""
    retry_after: float | None = None
    milliseconds: int = 0

    @property
    def is_receivers_trouble(self) -> bool:
        """Whether any other message would have ended the same way now."""
        return self.result in (Result.BUSY, Result.UNREACHABLE)


TIMED_OUT = Outcome(Result.UNREACHABLE, reason="timeout")


def post(message: Message, lookup: Callable = getaddrinfo) -> Outcome:
    """Post a message and tell what came of it.

    :param lookup: as ``socket.getaddrinfo``; asked once
    """
    begin = time.monotonic()
    try:
        target = address.parse(message.url, message.allow_private)
        places = address.resolve(target, message.allow_private, lookup)
        outcome = _posted(target, places, message, begin + TOTAL_SECONDS)
    except Forbidden as error:
        outcome = Outcome(Result.FORBIDDEN, reason=error.reason)
    except requests.Timeout:
        outcome = TIMED_OUT
    except (OSError, HTTPError, HTTPException, ValueError):
        outcome = Outcome(Result.UNREACHABLE, reason="broken")
    return _timed(outcome, begin)


def _timed(outcome: Outcome, begin: float) -> Outcome:
    milliseconds = round((time.monotonic() - begin) * 1000)
    return Outcome(
        outcome.result,
        outcome.status,
        outcome.reason,
        outcome.answer,
        outcome.retry_after,
        milliseconds,
    )


def _posted(
    target: Target, places: list[str], message: Message, deadline: float
) -> Outcome:
    """Post to the first of the places that lets itself be connected to."""
    for place in places:
        try:
            return _posted_to(place, target, message, deadline)
        except (requests.ConnectionError, requests.ConnectTimeout) as error:
            if not _never_connected(error) or time.monotonic() > deadline:
                raise
    return Outcome(Result.UNREACHABLE, reason="connect")


def _posted_to(
    place: str, target: Target, message: Message, deadline: float
) -> Outcome:
    request = requests.Request(
        "POST",
        target.url_at(place),
        headers={
            "User-Agent": USER_AGENT,
            "Accept-Encoding": "identity",
            **message.headers,
            "Host": target.authority,
        },
        data=message.body,
        # Without this, requests would look for a password in ~/.netrc.
        auth=lambda prepared: prepared,
    ).prepare()
    adapter = _PinnedAdapter(target)
    try:
        response = adapter.send(
            request,
            stream=True,
            timeout=(CONNECT_SECONDS, READ_SECONDS),
            verify=_certificates(),
            proxies={},
        )
        return _judged(response, _beginning(response, deadline))
    finally:
        adapter.close()


class _PinnedAdapter(HTTPAdapter):
    """Connects to an address, and asks for the certificate of the name it was found by."""

    def __init__(self, target: Target):
        self._names = (
            {"server_hostname": target.host, "assert_hostname": target.host}
            if target.scheme == "https"
            else {}
        )
        super().__init__()

    def init_poolmanager(self, *args, **kwargs):
        """Override of requests to name the host whose certificate is expected."""
        return super().init_poolmanager(*args, **kwargs, **self._names)


def _certificates() -> bool | str:
    """Whom to trust: what the environment names, as everywhere else in this process."""
    with requests.Session() as session:
        settings = session.merge_environment_settings("", {}, True, True, None)
    return settings["verify"]


def _beginning(response: requests.Response, deadline: float) -> bytes:
    """The first bytes of an answer; the rest is left where it is."""
    body = b""
    while len(body) < MAX_ANSWER_BYTES and time.monotonic() < deadline:
        chunk = response.raw.read1(MAX_ANSWER_BYTES - len(body))
        if not chunk:
            break
        body += chunk
    return body


def _judged(response: requests.Response, body: bytes) -> Outcome:
    status = response.status_code
    if 200 <= status < 300:
        return Outcome(Result.TAKEN, status)
    if status == _GONE:
        result = Result.GONE
    elif status in _BUSY:
        result = Result.BUSY
    else:
        result = Result.REFUSED
    text = "".join(c if c.isprintable() else " " for c in body.decode(errors="replace"))
    return Outcome(
        result, status, answer=text.strip(), retry_after=_retry_after(response.headers)
    )


def _never_connected(error: Exception) -> bool:
    if isinstance(error, requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, of a header that holds seconds or a date by the receiver's clock."""
    value = headers.get("Retry-After", "").strip()
    try:
        if value.isdecimal():
            seconds = float(value)
        else:
            now = headers.get("Date")
            here = parsedate_to_datetime(now) if now else dt.datetime.now(dt.UTC)
            seconds = (parsedate_to_datetime(value) - here).total_seconds()
    except (TypeError, ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)
