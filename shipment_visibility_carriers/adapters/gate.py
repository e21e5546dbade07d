"""Who may talk to a carrier now: the rate limit and the circuit breaker of one account.

Pure: a state goes in with the time, and the next one comes out. Whoever shares an account keeps
its one state in a common place, so that all of them together respect it. All times are seconds of
one clock, such as the epoch's.
"""

from dataclasses import dataclass, replace
from typing import Protocol

from .errors import Unavailable

# A breaker that opens again and again stays open longer, up to this many times.
MOST_DOUBLINGS = 4
# Without a word of the carrier's how long it wants to be left alone.
PAUSE_WHEN_BUSY = 10.0


class Gate(Protocol):
    """What a :class:`.transport.Transport` asks before and tells after each request."""

    def reserve(self, patience: float) -> float:
        """Seconds to wait before the request may be sent, at most ``patience``.

        :raise Unavailable: it may not be sent that soon.
        """

    def report(self, outcome: str, status: int, retry_after: float | None) -> None:
        """Tell what came of a request that was let in; the words are an ``Exchange``'s."""


@dataclass(frozen=True, slots=True)
class Policy:
    """How an account is to be treated.

    :ivar per_second: requests a second on average; 0 is without limit.
    :ivar burst: how many may be sent at once after a pause.
    :ivar failures: so many in a row open the breaker.
    :ivar pause: seconds it stays open before one request tries again.
    """

    per_second: float = 0.0
    burst: int = 1
    failures: int = 5
    pause: float = 30.0


@dataclass(frozen=True, slots=True)
class State:
    """What is known of an account.

    :ivar slot_at: when the next request would be due at the average rate.
    :ivar blocked_until: the carrier asked to be left alone until then.
    :ivar failures: in a row.
    :ivar trips: how often in a row the breaker opened; 0 when it is closed.
    :ivar open_until: when an open breaker lets one request try.
    :ivar probed_until: that one is under way; nobody else tries before.
    """

    slot_at: float = 0.0
    blocked_until: float = 0.0
    failures: int = 0
    trips: int = 0
    open_until: float = 0.0
    probed_until: float = 0.0

    @property
    def is_clean(self) -> bool:
        """Whether a success would change nothing."""
        return not (self.failures or self.trips)

    def name(self, now: float) -> str:
        """``closed``, ``open``, ``probing`` or ``blocked``, as a person reads it."""
        if self.trips:
            return "open" if now < self.open_until else "probing"
        return "blocked" if now < self.blocked_until else "closed"


def reserve(
    state: State, policy: Policy, now: float, patience: float
) -> tuple[State, float]:
    """Let one request in: the next state, and the seconds to wait before it is sent.

    :param patience: seconds the caller can wait.
    :raise Unavailable: not within ``patience``; nothing was reserved.
    """
    if state.trips:
        return _probe(state, now, patience), 0.0
    wait = max(0.0, state.blocked_until - now)
    if wait > patience:
        raise Unavailable(
            "The carrier has asked to be left alone for a while.", retry_after=wait
        )
    if policy.per_second > 0:
        step = 1 / policy.per_second
        earliest = state.slot_at - step * (max(policy.burst, 1) - 1)
        wait = max(wait, earliest - now)
        state = replace(state, slot_at=max(state.slot_at, now + wait) + step)
    if wait > patience:
        raise Unavailable(
            "The carrier is asked too much at this moment.", retry_after=wait
        )
    return state, wait


def _probe(state: State, now: float, patience: float) -> State:
    until = max(state.open_until, state.probed_until)
    if now < until:
        raise Unavailable(
            "The carrier has failed several times in a row; it is left alone for a while.",
            retry_after=until - now,
        )
    return replace(state, probed_until=now + patience)


def report(
    state: State,
    policy: Policy,
    now: float,
    outcome: str,
    status: int,
    retry_after: float | None,
) -> State:
    """The next state after a request that was let in has ended."""
    if status in (429, 503):
        pause = PAUSE_WHEN_BUSY if retry_after is None else retry_after
        state = replace(state, blocked_until=max(state.blocked_until, now + pause))
        if status == 429:
            return replace(state, failures=0, trips=0, open_until=0.0, probed_until=0.0)
    if outcome not in ("unavailable", "unknown"):
        return State(slot_at=state.slot_at, blocked_until=state.blocked_until)
    failures = state.failures + 1
    if not state.trips and failures < policy.failures:
        return replace(state, failures=failures)
    if state.trips and now < state.open_until:
        # It was under way when the breaker opened, and says nothing new.
        return replace(state, failures=failures)
    pause = policy.pause * 2 ** min(state.trips, MOST_DOUBLINGS)
    return replace(
        state,
        failures=failures,
        trips=state.trips + 1,
        open_until=now + pause,
        probed_until=0.0,
    )
