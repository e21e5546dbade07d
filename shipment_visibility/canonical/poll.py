"""When a carrier is asked again about a shipment, and when it is given up.

A carrier's answer costs both sides a request, so one is asked where an answer is likely to be
news: minutes apart on the day of delivery, hours apart on the road, and less and less often the
longer nothing is heard. All times are aware and in UTC.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass
from enum import StrEnum

from .milestone import MILESTONES, SCANS, Code, Phase

_HOUR = dt.timedelta(hours=1)

PACE: Mapping[Phase, dt.timedelta] = {
    Phase.NONE: 6 * _HOUR,
    Phase.PRE_CARRIER: 6 * _HOUR,
    Phase.ORIGIN: 3 * _HOUR,
    Phase.LINE_HAUL: 3 * _HOUR,
    Phase.BORDER: 6 * _HOUR,
    Phase.DESTINATION: 1.5 * _HOUR,
    Phase.LAST_MILE: _HOUR / 3,
    Phase.OUTCOME: 3 * _HOUR,
    Phase.RETURN: 6 * _HOUR,
}
# What waits for the consignee, or for the next round, is not minutes away.
PACE_AFTER: Mapping[Code, dt.timedelta] = {
    Code.ATTEMPT_FAILED: 2 * _HOUR,
    Code.AVAILABLE_FOR_PICKUP: 6 * _HOUR,
}
# After a silence, one is asked when it has grown by this part of itself.
PATIENCE = 8
SLOWEST = 24 * _HOUR
# So long before and after the promised moment the carrier is asked at this pace at least.
NEAR_PROMISE = 12 * _HOUR
PACE_NEAR_PROMISE = _HOUR
# A carrier that reports by itself is asked so long after the last word, to find what got lost.
SAFETY = 24 * _HOUR


class Stop(StrEnum):
    """Why a carrier is not asked any more."""

    FINAL = "final"  # the journey has ended
    SILENT = "silent"  # nothing was heard for too long


@dataclass(frozen=True, slots=True)
class Journey:
    """What is known of a shipment when it is decided about.

    :ivar heard_at: when the last thing happened; else when it was handed over to Odoo.
    :ivar asked_at: when the carrier last answered about it.
    :ivar is_reported: its carrier's webhooks arrive.
    """

    headline: Code
    heard_at: dt.datetime
    promised_at: dt.datetime | None = None
    asked_at: dt.datetime | None = None
    is_reported: bool = False

    @property
    def last_word_at(self) -> dt.datetime:
        """When we last knew for certain how things were."""
        return max(self.heard_at, self.asked_at or self.heard_at)


@dataclass(frozen=True, slots=True)
class Plan:
    """The next question: ``at`` a moment, or none for the reason ``stop``."""

    at: dt.datetime | None = None
    stop: Stop | None = None


def interval(journey: Journey, now: dt.datetime) -> dt.timedelta:
    """How long to wait before the carrier is asked (again). Never zero.

    It grows with the silence and shrinks near the promised moment.
    """
    row = MILESTONES[journey.headline]
    pace = PACE_AFTER.get(row.code, PACE[row.phase])
    wait = min(max(pace, _silence(journey, now) / PATIENCE), SLOWEST)
    if journey.headline in SCANS and _is_near(journey.promised_at, now):
        wait = min(wait, PACE_NEAR_PROMISE)
    return wait


def plan(journey: Journey, now: dt.datetime, give_up_after: dt.timedelta) -> Plan:
    """When the carrier is asked next. A moment is always later than ``now``.

    :param give_up_after: the silence that ends the asking.
    """
    if MILESTONES[journey.headline].terminal:
        return Plan(stop=Stop.FINAL)
    if _silence(journey, now) >= give_up_after:
        return Plan(stop=Stop.SILENT)
    if journey.is_reported:
        at = journey.last_word_at + SAFETY
        return Plan(at if at > now else now + SAFETY)
    return Plan(now + interval(journey, now))


def is_needless(journey: Journey, now: dt.datetime) -> bool:
    """Whether a question that is due can wait, because the carrier reports by itself."""
    return journey.is_reported and now < journey.last_word_at + SAFETY


def _silence(journey: Journey, now: dt.datetime) -> dt.timedelta:
    # A carrier's clock may run ahead of ours.
    return max(now - journey.heard_at, dt.timedelta())


def _is_near(promised_at: dt.datetime | None, now: dt.datetime) -> bool:
    return promised_at is not None and abs(promised_at - now) <= NEAR_PROMISE
