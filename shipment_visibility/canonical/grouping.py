"""Which observations are of the same thing, and what they say of it together.

Two observations are of the same thing when all of this holds:

- they name the same parcel (or both the master number);
- they have the same canonical code; or one of them is UNKNOWN and they have the same raw
  code. Two different known codes are never one thing, whatever the raw codes say;
- their times are equal at the coarser of both precisions;
- their places are equal, or one of them gives none.

That relation is not transitive: a day is the same as 08:00 and as 20:00, which are not the
same. So an entry holds only observations of which each is the same as each other, and they
find their entry in one fixed order: known codes first, then the finest time, then those
that name a place, then the earliest. What is vague joins the first entry that it fits, so
it never glues two precise ones together. The order rests on the content of the
observations alone, hence neither arrival, batches nor duplicates make a difference.
"""

import datetime as dt
from collections.abc import Iterable
from operator import attrgetter

from .facts import Entry, Estimate, Observation
from .milestone import Code
from .schema import Precision, Source, Zone

# Tells any two different observations apart, even of one key.
_CONTENT = attrgetter(*Observation.__slots__)
_FINENESS = {Precision.SECOND: 0, Precision.MINUTE: 1, Precision.DAY: 2}
_TRUST = {
    Source.MANUAL: 0,
    Source.WEBHOOK: 1,
    Source.POLL: 2,
    Source.FILE: 3,
    Source.ODOO: 4,
}
_CERTAINTY = {Zone.KNOWN: 0, Zone.LOCAL: 1, Zone.CLAIMED: 2}


def group(observations: Iterable[Observation]) -> list[Entry]:
    """One entry for each thing that happened, in the order of a timeline."""
    groups: list[_Group] = []
    nearby: dict[tuple, list[_Group]] = {}
    # What the first order fixes, the orders after it keep: sorting is stable.
    distinct = sorted(set(observations), key=lambda o: [*map(str, _CONTENT(o))])
    for observation in sorted(distinct, key=_joining_order):
        candidates = nearby.setdefault(_vicinity(observation), [])
        home = next((g for g in candidates if g.fits(observation)), None)
        if home is None:
            home = _Group()
            groups.append(home)
            candidates.append(home)
        home.join(observation)
    return sorted((g.entry() for g in groups), key=lambda entry: entry.order)


class _Group:
    """Observations that are pairwise of the same thing."""

    def __init__(self) -> None:
        self.members: list[Observation] = []
        self.code = Code.UNKNOWN
        self.location = ""
        self.raw_codes: set[str] = set()
        self.times: set[tuple[dt.datetime, Precision]] = set()

    def fits(self, other: Observation) -> bool:
        return (
            self._same_code(other)
            and ("" in (self.location, other.location) or self._same_place(other))
            and all(
                _same_time(at, precision, other.occurred_at, other.precision)
                for at, precision in self.times
            )
        )

    def _same_code(self, other: Observation) -> bool:
        if other.code == self.code != Code.UNKNOWN:
            return True
        if Code.UNKNOWN not in (self.code, other.code):
            return False
        if other.raw_code:
            return other.raw_code in self.raw_codes
        return self.code == Code.UNKNOWN and other.text == self.members[0].text

    def _same_place(self, other: Observation) -> bool:
        return other.location.casefold() == self.location.casefold()

    def join(self, observation: Observation) -> None:
        self.members.append(observation)
        if observation.code != Code.UNKNOWN:
            self.code = observation.code
        self.location = self.location or observation.location
        self.raw_codes.add(observation.raw_code)
        self.times.add((observation.occurred_at, observation.precision))

    def entry(self) -> Entry:
        timed = min(self.members, key=_timing_order)
        trusted = sorted(self.members, key=_trust_order)
        return Entry(
            key=self.members[0].key,
            package=timed.package,
            code=self.code,
            occurred_at=timed.occurred_at,
            precision=timed.precision,
            zone=timed.zone,
            location=_first(o.location for o in trusted),
            raw_code=_first(o.raw_code for o in trusted),
            reason=_first(o.reason for o in trusted),
            text=_first(o.text for o in trusted),
            signer=_first(o.signer for o in trusted),
            photo_url=_first(o.photo_url for o in trusted),
            estimate=next(filter(None, map(_estimate, trusted)), None),
            sources=tuple(dict.fromkeys(o.source for o in trusted)),
            observation_keys=tuple(sorted({o.key for o in self.members})),
            is_correction=any(o.is_correction and o.code == self.code for o in trusted),
        )


def _vicinity(observation: Observation) -> tuple:
    """What two observations have in common if they can be of the same thing at all."""
    return (observation.package, _floor(observation.occurred_at, Precision.DAY))


def _joining_order(o: Observation) -> tuple:
    vague = (o.code == Code.UNKNOWN, _FINENESS[o.precision], not o.location)
    return (*vague, o.occurred_at, o.location, o.key)


def _timing_order(o: Observation) -> tuple:
    return (_FINENESS[o.precision], _CERTAINTY[o.zone], o.occurred_at)


def _trust_order(o: Observation) -> tuple:
    return (_TRUST[o.source], not o.is_correction, o.key)


def _same_time(
    one: dt.datetime, its: Precision, other: dt.datetime, others: Precision
) -> bool:
    coarser = max(its, others, key=_FINENESS.__getitem__)
    return _floor(one, coarser) == _floor(other, coarser)


def _floor(at: dt.datetime, precision: Precision) -> dt.datetime:
    at = at.astimezone(dt.UTC).replace(microsecond=0)
    if precision == Precision.SECOND:
        return at
    if precision == Precision.MINUTE:
        return at.replace(second=0)
    return at.replace(hour=0, minute=0, second=0)


def _first(values: Iterable[str]) -> str:
    return next(filter(None, values), "")


def _estimate(o: Observation) -> Estimate | None:
    """The estimate an observation gives; None when it gives none, or ends it before begin."""
    begin = o.estimated_from or o.estimated_to
    end = o.estimated_to or o.estimated_from
    if begin and begin > end:
        begin = end = None
    if begin or o.estimated_date:
        return Estimate(begin, end, o.estimated_date)
    return None
