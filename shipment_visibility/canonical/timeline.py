"""``fold``: the one function that decides what a set of observations means.

It groups them into entries (:mod:`.grouping`), plays these in the order in which they
happened (:mod:`.replay`), and hands out what came of it as a :class:`Timeline`. The
objects are in :mod:`.facts` and may be imported from here.
"""

import datetime as dt
from collections.abc import Iterable, Sequence
from dataclasses import replace
from types import MappingProxyType

from .facts import (
    MOVED_AFTER_CANCELLATION,
    Direction,
    Entry,
    Estimate,
    Observation,
    Occurrence,
    OpenedException,
    ParcelHeadline,
    Timeline,
)
from .grouping import group
from .milestone import MILESTONES, Code
from .replay import Replay
from .trouble import Lane

__all__ = [
    "MOVED_AFTER_CANCELLATION",
    "Direction",
    "Entry",
    "Estimate",
    "Observation",
    "Occurrence",
    "OpenedException",
    "ParcelHeadline",
    "Timeline",
    "fold",
]


def fold(
    observations: Iterable[Observation],
    parcels: Iterable[str],
    direction: Direction = "outbound",
) -> Timeline:
    """What ``observations`` mean for the shipment whose parcels have these keys.

    A pure function of the *set* of observations: their order, repetitions, and when or by
    which way they became known make no difference. It never raises on aware times.

    - What is said of the master number holds for every parcel that tells no later state
      of its own; with one parcel it is said of that parcel.
    - A parcel that is only known from observations is a parcel. Without any parcel
      the shipment as a whole stands for one.
    """
    observations = list(observations)
    lanes = _lanes(observations, parcels)
    if len(lanes) == 1:
        (sole,) = lanes
        observations = [replace(o, package=sole) for o in observations]
    entries = group(observations)
    played = Replay(entries, lanes, direction)
    estimate = _latest_estimate(entries, played)
    headlines = {key: at for key, at in played.parcels.items() if key is not None}
    return Timeline(
        entries=tuple(replace(e, moves_headline=e in played.moving) for e in entries),
        headline=played.code,
        headline_at=played.at,
        phase=MILESTONES[played.code].phase,
        parcels=MappingProxyType(headlines),
        exceptions=played.desk.exceptions(),
        estimated_from=estimate.begin,
        estimated_to=estimate.end,
        estimated_date=estimate.date,
        picked_up_at=_picked_up_at(entries, played),
        delivered_at=played.delivered_at(),
        signer=played.signer(entries),
        last_event_at=entries[-1].occurred_at if entries else None,
        occurrences=tuple(played.occurrences),
    )


def _lanes(
    observations: Iterable[Observation], parcels: Iterable[str]
) -> Sequence[Lane]:
    """All parcels in the order of their keys; one lane for all where there is none."""
    known = {o.package for o in observations if o.package is not None}
    return sorted(known.union(parcels)) or [None]


def _latest_estimate(entries: Sequence[Entry], played: Replay) -> Estimate:
    for entry in reversed(entries):
        if entry.estimate and played.speaks_for_shipment(entry):
            return entry.estimate
    return Estimate()


def _picked_up_at(entries: Sequence[Entry], played: Replay) -> dt.datetime | None:
    moving = (e for e in entries if e.code == Code.PICKED_UP and e in played.moving)
    return next((e.occurred_at for e in moving), None)
