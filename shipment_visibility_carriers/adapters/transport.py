"""One HTTP client for all carriers: it keeps the time, keeps secrets, and keeps a journal.

An answer below 300, and a "no" of the carrier's (4xx), is handed to the adapter. Everything
else becomes an error that says what the caller may do, which depends on whether asking again
could do harm:

=============================================  ================  ===================
what happened                                  asked to buy      asked to tell
=============================================  ================  ===================
never connected                                Unavailable       Unavailable
time-out, reset, half an answer, too large     OutcomeUnknown    Unavailable
401, 403                                       AuthFailed        AuthFailed
429, 503                                       Unavailable       Unavailable
other 5xx                                      OutcomeUnknown    Unavailable
3xx                                            OutcomeUnknown    Unavailable
=============================================  ================  ===================

Redirects are never followed: a purchase could be repeated, and credentials would travel on.
"""

import logging
import time
import uuid
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import Any

import requests

from . import wire
from .errors import AuthFailed, CarrierError, OutcomeUnknown, Unavailable
from .gate import Gate
from .masking import Masker
from .wire import Answer

_logger = logging.getLogger(__name__)

USER_AGENT = "shipment-visibility/19.0"
LONGEST_RETRY_AFTER = 24 * 60 * 60.0
# A purchase that would get a smaller share of its time than this is not begun.
LEAST_SHARE_TO_BUY = 0.3


@dataclass(frozen=True, slots=True)
class Exchange:
    """One request and what came of it, fit to be read: secrets are masked.

    :ivar status: the HTTP status; 0 when there was no answer.
    :ivar outcome: ``answered``, or the ``outcome`` of the :class:`.errors.CarrierError`
        it ended in; ``refused`` also when the carrier answered 4xx.
    """

    operation: str
    correlation_id: str
    method: str
    url: str
    request: str
    response: str
    status: int
    outcome: str
    milliseconds: int


@dataclass(slots=True)
class Draft:
    """An exchange that is going on. Whoever carries it out fills in what is answered."""

    operation: str
    method: str
    url: str
    request: str
    status: int = 0
    response: str | bytes = ""
    outcome: str = "failed"
    is_sent: bool = False


class Transport:
    """What an adapter is given to talk to its carrier.

    It may be used by several threads at a time; the journal is called in the caller's.

    :param timeout: seconds one request may take in all, from the look-up of the name to the
        last byte of the answer.
    :param journal: called with every finished :class:`Exchange`; it must not raise.
    :param budget: seconds all requests may take together, counted from the first one;
        without it each has its own ``timeout``.
    :param gate: asked before each request, and told what came of it.
    :param secrets: values to mask wherever they turn up, beside the credentials' own.
    :param correlation_id: names the business this is about, in every exchange.
    """

    def __init__(
        self,
        timeout: float = 10.0,
        journal: Callable[[Exchange], None] | None = None,
        secrets: Sequence[str] = (),
        correlation_id: str = "",
        budget: float | None = None,
        gate: Gate | None = None,
    ):
        self.timeout = timeout
        self._budget = budget
        self._deadline: float | None = None
        self._gate = gate
        self.correlation_id = correlation_id or str(uuid.uuid4())
        self._journal = journal
        self._masker = Masker(secrets)

    def conceal(self, secrets: Iterable[str]) -> None:
        """Mask these values too, from now on."""
        self._masker.add(secrets)

    def masked(self, text: str) -> str:
        """``text`` fit to be shown, such as a carrier's error that quotes our key."""
        return self._masker.values(text)

    def send(
        self,
        operation: str,
        method: str,
        url: str,
        *,
        headers: Mapping[str, str] | None = None,
        params: Mapping[str, str] | None = None,
        json: Any = None,
        data: Any = None,
        auth: Any = None,
        idempotent: bool | None = None,
    ) -> Answer:
        """Send one request and return the answer when the adapter is to judge it.

        :param operation: what it is for, as the journal names it.
        :param idempotent: whether asking twice is harmless; by default only GET and HEAD are.
        :raise CarrierError: see the table at the top of this module.
        """
        if idempotent is None:
            idempotent = method in ("GET", "HEAD")
        request = requests.Request(
            method,
            url,
            headers={"User-Agent": USER_AGENT, **(headers or {})},
            params=params,
            json=json,
            data=data,
            # Without this, requests would put a password from ~/.netrc in its place.
            auth=auth or _no_auth,
        )
        with self._exchange(operation, method, self._masker.text(url)) as draft:
            try:
                prepared = request.prepare()
            except ValueError:
                raise _unsendable() from None
            draft.url = self._masker.text(prepared.url)
            draft.request = self._written(prepared.headers, prepared.body)
            seconds = self._seconds(0.0 if idempotent else LEAST_SHARE_TO_BUY)
            draft.is_sent = True
            answer = self._ask(prepared, idempotent, seconds)
            draft.status = answer.status
            draft.response = self._written(answer.headers, answer.body)
            return judged(answer, idempotent)

    @contextmanager
    def local(
        self,
        operation: str,
        request: bytes | str,
        *,
        method: str = "LOCAL",
        url: str = "",
    ) -> Iterator[Draft]:
        """Journal a call that needs no network; inside, fill in what is answered."""
        with self._exchange(operation, method, url) as draft:
            draft.request = self._masker.body(request)
            draft.is_sent = True
            try:
                yield draft
            finally:
                draft.response = self._masker.body(draft.response)

    @contextmanager
    def _exchange(self, operation: str, method: str, url: str) -> Iterator[Draft]:
        draft = Draft(operation, method, url, request="")
        self._reserve()
        begin = time.monotonic()
        retry_after = None
        try:
            yield draft
            draft.outcome = "refused" if draft.status >= 400 else "answered"
        except CarrierError as error:
            draft.outcome = error.outcome
            retry_after = getattr(error, "retry_after", None)
            raise
        finally:
            self._report(draft, retry_after)
            self._write(draft, round((time.monotonic() - begin) * 1000))

    def _reserve(self) -> None:
        """Wait for the gate, within the time there is."""
        if not self._gate:
            return
        wait = self._gate.reserve(self._seconds())
        if wait:
            time.sleep(wait)

    def _report(self, draft: Draft, retry_after: float | None) -> None:
        # What was never sent says nothing of the carrier.
        if not self._gate or not draft.is_sent:
            return
        try:
            self._gate.report(draft.outcome, draft.status, retry_after)
        except Exception:
            # As with the journal: the answer is worth more.
            _logger.exception("the gate was not told of %s", draft.operation)

    def _seconds(self, least_share: float = 0.0) -> float:
        """The time that the next request may take.

        :raise Unavailable: there is not enough left; nothing was sent.
        """
        if self._budget is None:
            return self.timeout
        now = time.monotonic()
        if self._deadline is None:
            self._deadline = now + self._budget
        left = min(self.timeout, self._deadline - now)
        if left <= self.timeout * least_share:
            raise Unavailable("The carrier takes too long.")
        return left

    def _write(self, draft: Draft, milliseconds: int) -> None:
        if self._journal is None:
            return
        exchange = Exchange(
            operation=draft.operation,
            correlation_id=self.correlation_id,
            method=draft.method,
            url=draft.url,
            request=draft.request,
            response=draft.response,
            status=draft.status,
            outcome=draft.outcome,
            milliseconds=milliseconds,
        )
        try:
            self._journal(exchange)
        except Exception:
            # An answer may be a label that has been paid for: it is worth more than its record.
            _logger.exception("exchange %s was not journalled", draft.operation)

    def _written(self, headers: Mapping[str, str], body: bytes | str | None) -> str:
        return f"{self._masker.headers(headers)}\n\n{self._masker.body(body)}".strip()

    def _ask(
        self, prepared: requests.PreparedRequest, idempotent: bool, seconds: float
    ) -> Answer:
        """The answer, whatever it is; raises when there is none."""
        try:
            return wire.ask(prepared, seconds)
        except wire.NotSendable:
            raise _unsendable() from None
        except wire.NotConnected:
            raise Unavailable("The carrier cannot be reached.") from None
        except wire.TimeUp:
            raise lost("The carrier did not answer in time.", idempotent) from None
        except wire.BrokenOff:
            message = "The connection to the carrier broke off."
            raise lost(message, idempotent) from None


def judged(answer: Answer, idempotent: bool) -> Answer:
    """Hand back an answer for the adapter to judge, or raise what its status means."""
    status = answer.status
    if status in (401, 403):
        raise AuthFailed(f"The carrier did not accept the credentials ({status}).")
    if status in (429, 503):
        raise Unavailable(
            f"The carrier asks to be left alone for a while ({status}).",
            retry_after=_retry_after(answer.headers),
        )
    if 300 <= status < 400:
        raise lost(f"The carrier sent us to another address ({status}).", idempotent)
    if status >= 500:
        raise lost(f"The carrier has a problem of its own ({status}).", idempotent)
    return answer


def lost(message: str, idempotent: bool) -> Unavailable | OutcomeUnknown:
    """The error for a request that may or may not have been carried out."""
    return Unavailable(message) if idempotent else OutcomeUnknown(message)


def _no_auth(request: requests.PreparedRequest) -> requests.PreparedRequest:
    return request


def _unsendable() -> AuthFailed:
    return AuthFailed("The carrier's address or the credentials are not well-formed.")


def _retry_after(headers: Mapping[str, str]) -> float | None:
    """Seconds to wait, of a header that holds seconds or a date by the carrier's own clock."""
    value = headers.get("Retry-After", "").strip()
    try:
        if value.isdecimal():
            seconds = float(value)
        else:
            until = parsedate_to_datetime(value)
            seconds = (until - parsedate_to_datetime(headers["Date"])).total_seconds()
    except (KeyError, TypeError, ValueError, OverflowError):
        return None
    return min(max(seconds, 0.0), LONGEST_RETRY_AFTER)
