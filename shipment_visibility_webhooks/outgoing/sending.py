"""One message, posted once; what came of it is told as an :class:`Outcome`, never raised.

No redirect is followed, no proxy is used and no password is read from anywhere: the request
goes to the address that was judged, with nothing but what is in the message. It is made by
the standard library, which logs nothing: an address may hold a key.
"""

import datetime as dt
import os
import ssl
from collections.abc import Callable, Mapping
from contextlib import closing
from dataclasses import dataclass, field, replace
from email.message import Message as Headers
from email.utils import parsedate_to_datetime
from enum import StrEnum
from functools import lru_cache
from http.client import HTTPConnection, HTTPException, HTTPResponse
from socket import create_connection, getaddrinfo, socket

from requests.certs import where as bundled_certificates

from . import address
from .address import Forbidden, Target
from .wire import Deadline, Wire

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
    deadline = Deadline(TOTAL_SECONDS)
    try:
        target = address.parse(message.url, message.allow_private)
        places = address.resolve(target, message.allow_private, lookup)
        outcome = _posted(target, places, message, deadline)
    except Forbidden as error:
        outcome = Outcome(Result.FORBIDDEN, reason=error.reason)
    except TimeoutError:
        outcome = TIMED_OUT
    except (OSError, HTTPException, ValueError):
        outcome = Outcome(Result.UNREACHABLE, reason="broken")
    return replace(outcome, milliseconds=round(deadline.spent * 1000))


def _posted(
    target: Target, places: list[str], message: Message, deadline: Deadline
) -> Outcome:
    """Post to the first of the places that lets itself be connected to.

    :raise TimeoutError: the time is up. Whoever waited for the outcome has gone on then, and
        what is sent now would be sent beside the next attempt.
    """
    for place in places:
        patience = deadline.left(CONNECT_SECONDS)
        try:
            connection = create_connection((place, target.port), patience)
        except OSError:
            continue
        with closing(connection):
            return _answered(connection, target, message, deadline)
    return Outcome(Result.UNREACHABLE, reason="connect")


def _answered(
    connection: socket, target: Target, message: Message, deadline: Deadline
) -> Outcome:
    if target.scheme == "https":
        # The certificate must be that of the name by which the place was found.
        connection = _trust().wrap_socket(connection, server_hostname=target.host)
    with closing(connection), closing(_named(target)) as http:
        http.sock = Wire(connection, deadline, READ_SECONDS)
        headers = {
            "User-Agent": USER_AGENT,
            "Accept-Encoding": "identity",
            "Connection": "close",
            **message.headers,
            "Host": target.authority,
        }
        http.request("POST", target.path, body=message.body, headers=headers)
        with http.getresponse() as response:
            return _judged(response)


def _named(target: Target) -> HTTPConnection:
    # It never connects by itself: it is given a socket.
    return HTTPConnection(target.host, target.port, timeout=CONNECT_SECONDS)


def _trust() -> ssl.SSLContext:
    """Whom to trust: what the environment names, as everywhere else in this process."""
    named = os.environ.get("REQUESTS_CA_BUNDLE") or os.environ.get("CURL_CA_BUNDLE")
    return _trusting(named or bundled_certificates())


@lru_cache(maxsize=4)
def _trusting(place: str) -> ssl.SSLContext:
    if os.path.isdir(place):
        return ssl.create_default_context(capath=place)
    return ssl.create_default_context(cafile=place)


def _beginning(response: HTTPResponse) -> bytes:
    """The first bytes of an answer; the rest is left where it is."""
    body = b""
    try:
        while len(body) < MAX_ANSWER_BYTES:
            chunk = response.read1(MAX_ANSWER_BYTES - len(body))
            if not chunk:
                break
            body += chunk
    except (OSError, HTTPException):
        # The status has arrived, and says it all.
        return body
    return body


def _judged(response: HTTPResponse) -> Outcome:
    status = response.status
    if 200 <= status < 300:
        return Outcome(Result.TAKEN, status)
    if status == _GONE:
        result = Result.GONE
    elif status in _BUSY:
        result = Result.BUSY
    else:
        result = Result.REFUSED
    said = _beginning(response).decode(errors="replace")
    text = "".join(c if c.isprintable() else " " for c in said)
    return Outcome(
        result, status, answer=text.strip(), retry_after=_retry_after(response.headers)
    )


def _retry_after(headers: Mapping[str, str] | Headers) -> float | None:
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
