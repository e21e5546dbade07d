"""One request over the network, with a bound on its time and size, and a plain account of failure.

What matters of a failure is whether the carrier may have got the request.
"""

import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from http.client import HTTPException
from queue import Empty, SimpleQueue
from threading import Thread

import requests
from requests.adapters import HTTPAdapter
from requests.structures import CaseInsensitiveDict
from urllib3.exceptions import ConnectTimeoutError, HTTPError, NewConnectionError

MAX_ANSWER_BYTES = 32 * 1024 * 1024
_CHUNK_BYTES = 64 * 1024


class NotSendable(Exception):
    """The address or a header cannot be put into a request. Nothing was sent."""


class NotConnected(Exception):
    """Nobody answered at this address. Nothing was sent."""


class TimeUp(Exception):
    """There was no whole answer in time."""


class BrokenOff(Exception):
    """The connection ended before a whole answer, or the answer was too large."""


@dataclass(frozen=True, slots=True)
class Answer:
    """What a carrier answered. ``headers`` are looked up without regard to case."""

    status: int
    headers: Mapping[str, str]
    body: bytes

    @property
    def ok(self) -> bool:
        """Whether the carrier did what it was asked."""
        return self.status < 300


def ask(
    prepared: requests.PreparedRequest, seconds: float, max_bytes: int | None = None
) -> Answer:
    """Send one request and return the whole answer, of whatever status. Follows no redirect.

    :param seconds: for everything, from the look-up of the name to the last byte.
    :param max_bytes: of the answer's body; ``None`` for what any carrier's answer may have.
    :raise NotSendable, NotConnected, TimeUp, BrokenOff: there is no answer.
    """
    limit = MAX_ANSWER_BYTES if max_bytes is None else max_bytes
    result = _within(seconds, lambda: _transferred(prepared, seconds, limit))
    if isinstance(result, Answer):
        return result
    if isinstance(result, _UNSENDABLE):
        raise NotSendable
    if _never_connected(result):
        raise NotConnected
    if isinstance(result, requests.Timeout):
        raise TimeUp
    if isinstance(result, OSError | HTTPError | HTTPException):
        raise BrokenOff
    raise result


_UNSENDABLE = (
    requests.exceptions.InvalidURL,
    requests.exceptions.InvalidHeader,
    UnicodeEncodeError,
)


def _within(seconds: float, call: Callable[[], Answer]) -> Answer | Exception:
    """The result of ``call`` or the exception it ended in; a time-out when the time is up.

    The time-outs of a socket start again with every byte, and looking up a name has none.
    Row locks are held meanwhile, so the whole is bounded here. A call that is given up is
    left to end by itself; it may still reach the carrier.
    """
    results: SimpleQueue[Answer | Exception] = SimpleQueue()

    def _run():
        try:
            results.put(call())
        except Exception as error:  # It is looked at where it is waited for.
            results.put(error)

    Thread(target=_run, name="carrier-request", daemon=True).start()
    try:
        return results.get(timeout=seconds)
    except Empty:
        return requests.ReadTimeout()


def _transferred(
    prepared: requests.PreparedRequest, seconds: float, max_bytes: int
) -> Answer:
    """Send and read one request, over a connection of its own.

    A kept connection that the carrier has just closed would turn a purchase that never
    happened into one of unknown outcome. Connecting gets half of the time: when it fails,
    it is to be known that it was this that failed. The adapter is used without its session,
    which would read a redirect's body whole and look at its target.
    """
    deadline = time.monotonic() + seconds
    with requests.Session() as session:
        settings = session.merge_environment_settings(
            prepared.url, {}, True, session.verify, session.cert
        )
    adapter = HTTPAdapter()
    try:
        response = adapter.send(prepared, timeout=(seconds / 2, seconds), **settings)
        body = bytearray()
        for chunk in response.iter_content(_CHUNK_BYTES):
            body += chunk
            if len(body) > max_bytes:
                raise requests.ConnectionError("answer too large")
            if time.monotonic() > deadline:
                raise requests.ReadTimeout
        headers = CaseInsensitiveDict(response.headers)
        return Answer(response.status_code, headers, bytes(body))
    finally:
        adapter.close()


def _never_connected(error: Exception) -> bool:
    """Whether it is certain that not one byte was sent."""
    if isinstance(error, requests.exceptions.ProxyError | requests.ConnectTimeout):
        return True
    cause = error.args[0] if error.args else None
    reason = getattr(cause, "reason", cause)
    return isinstance(reason, NewConnectionError | ConnectTimeoutError)
