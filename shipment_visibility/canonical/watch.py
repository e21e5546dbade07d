"""What should have happened by now: when a shipment's silence itself is trouble."""

import datetime as dt
from dataclasses import dataclass
from typing import Literal

from .milestone import MILESTONES, SCANS, Code
from .timeline import Timeline

WatchKind = Literal["milestone", "handover", "silence", "promise", "proof"]


@dataclass(frozen=True, slots=True)
class Expectation:
    """Something that has to happen within some hours.

    :ivar kind: ``milestone``: ``expected``, or what lies beyond it, follows ``after``;
        ``handover``: what is labelled is scanned; ``silence``: what is under way is heard
        of; ``promise``: it is there when it was promised; ``proof``: what is delivered has
        a signature, a photo or a document.
    :ivar hours: how long that may take, by the clock.
    """

    kind: WatchKind
    hours: float
    after: Code | None = None
    expected: Code | None = None

    @property
    def tolerance(self) -> dt.timedelta:
        """``hours`` as a duration."""
        return dt.timedelta(hours=self.hours)


@dataclass(frozen=True, slots=True)
class Promises:
    """What a timeline does not know: when it was promised (aware UTC), and proof on paper."""

    promised_at: dt.datetime | None = None
    has_document: bool = False


def due(
    expectation: Expectation, timeline: Timeline, promises: Promises
) -> dt.datetime | None:
    """When it is too late, unless something happens before; None when all is well.

    A time in the past says that it is overdue now. What never has to happen, or has
    happened, is never due. Aware, in UTC.
    """
    start = _STARTS[expectation.kind](expectation, timeline, promises)
    return start and start + expectation.tolerance


def _handover(_what: Expectation, timeline: Timeline, _more: Promises):
    labelled = (Code.INFO_RECEIVED, Code.PICKUP_SCHEDULED)
    return timeline.headline_at if timeline.headline in labelled else None


def _silence(_what: Expectation, timeline: Timeline, _more: Promises):
    under_way = timeline.headline in SCANS
    return timeline.last_event_at if under_way and not _is_over(timeline) else None


def _promise(_what: Expectation, timeline: Timeline, promises: Promises):
    return None if _is_over(timeline) else promises.promised_at


def _proof(_what: Expectation, timeline: Timeline, promises: Promises):
    photos = any(entry.photo_url for entry in timeline.entries)
    if timeline.signer or photos or promises.has_document:
        return None
    return timeline.delivered_at


def _milestone(what: Expectation, timeline: Timeline, _more: Promises):
    if _is_over(timeline):
        return None
    moves = [entry for entry in timeline.entries if entry.moves_headline]
    start = next((e.occurred_at for e in reversed(moves) if e.code == what.after), None)
    if start is None or any(_fulfils(e, what.expected, start) for e in moves):
        return None
    return start


_STARTS = {
    "milestone": _milestone,
    "handover": _handover,
    "silence": _silence,
    "promise": _promise,
    "proof": _proof,
}


def _is_over(timeline: Timeline) -> bool:
    return MILESTONES[timeline.headline].terminal


def _fulfils(entry, expected: Code, start: dt.datetime) -> bool:
    rank, needed = MILESTONES[entry.code].rank, MILESTONES[expected].rank
    beyond = rank is not None and needed is not None and rank >= needed
    return entry.occurred_at >= start and (entry.code == expected or beyond)
