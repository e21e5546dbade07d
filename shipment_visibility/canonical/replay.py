"""Plays the entries of a timeline in order and tells what became of the shipment.

Each parcel has a headline of its own, moved by what is said of it and by what is said of
the master number; the shipment's headline is their roll-up at every moment.
"""

import datetime as dt
from bisect import bisect_right
from collections import Counter, defaultdict
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby

from .facts import Direction, Entry, Occurrence, ParcelHeadline
from .milestone import MILESTONES, REOPENS, Code
from .trouble import Lane, TroubleDesk

# A parcel in one of these is in the consignee's hands, at least in part.
_HANDED_OVER = frozenset({Code.DELIVERED, Code.PARTIALLY_DELIVERED})


def read_as(code: Code, direction: Direction) -> Code:
    """What a code means for the way the shipment goes.

    A return that is back at the shipper is where it should be: delivered.
    """
    if direction == "return" and code == Code.RETURNED:
        return Code.DELIVERED
    return code


def roll_up(codes: Iterable[Code]) -> Code:
    """The headline of a shipment whose parcels have these headlines.

    Cancelled parcels are ignored, unless all are. When some are delivered and others are
    open, lost or returned it is partially delivered; else the least advanced decides.
    """
    counted = set(codes) - {Code.CANCELLED}
    if len(counted) <= 1:
        return next(iter(counted), Code.CANCELLED)
    if counted & _HANDED_OVER:
        return Code.PARTIALLY_DELIVERED
    return min(counted, key=lambda c: (MILESTONES[c].rank or 0, MILESTONES[c].number))


def takes(headline: Code, at: dt.datetime | None, code: Code, entry: Entry) -> bool:
    """Whether a parcel that stands at ``headline`` since ``at`` comes to ``code``.

    The entries come in order, so an older one never asks. Rank plays no part.
    """
    if MILESTONES[code].kind != "state":
        return False
    if not _weighs(code, entry):
        return headline in (Code.UNKNOWN, Code.EXPIRED, code)
    if entry.is_correction or not MILESTONES[headline].terminal:
        return True
    return code in REOPENS[headline] and entry.occurred_at > at


def _weighs(code: Code, entry: Entry) -> bool:
    """Whether a state stands against another; else it only fills a void.

    EXPIRED never overrides. A label says nothing of a parcel that has moved: Odoo's clock
    is right when it is made, and a carrier's local times may lie hours before it.
    """
    if MILESTONES[code].soft:
        return False
    return code != Code.INFO_RECEIVED or entry.is_correction


@dataclass
class _Parcel:
    """A parcel while the replay goes on.

    :ivar corrected_at: when a person last corrected it; only what is newer counts.
    """

    code: Code = Code.UNKNOWN
    at: dt.datetime | None = None
    corrected_at: dt.datetime | None = None

    @property
    def counts(self) -> bool:
        return self.code != Code.CANCELLED


class Replay:
    """One shipment's entries, played once.

    :ivar code: the shipment's headline, since ``at``.
    :ivar moving: the entries that moved a parcel's headline.
    :ivar occurrences: see :class:`.facts.Occurrence`.
    """

    def __init__(
        self,
        entries: Sequence[Entry],
        lanes: Iterable[Lane],
        direction: Direction,
    ) -> None:
        """Play ``entries``; ``lanes`` names all parcels."""
        self.direction = direction
        self.desk = TroubleDesk()
        self.moving: set[Entry] = set()
        self.occurrences: list[Occurrence] = []
        self._counts: Counter[Code] = Counter()
        self._own_states = self._states_by_parcel(entries)
        self._parcels = {lane: _Parcel() for lane in lanes}
        self.code, self.at = self._roll_up(), None
        for (at, *__), step in groupby(sorted(entries, key=self._turn), self._moment):
            self._play(list(step), at)

    # === Set-up === #

    def _read(self, entry: Entry) -> Code:
        return read_as(entry.code, self.direction)

    def _moment(self, entry: Entry) -> tuple:
        """Entries of one moment are played together.

        Parcels that are scanned in the same second pass through no mixed state. A
        correction comes first, and what it corrects never takes effect.
        """
        row = MILESTONES[self._read(entry)]
        rank = -1 if row.rank is None else row.rank
        return (entry.occurred_at, not entry.is_correction, rank, row.number)

    def _turn(self, entry: Entry) -> tuple:
        return (*self._moment(entry), entry.key)

    def _states_by_parcel(self, entries: Sequence[Entry]) -> Mapping[Lane, list]:
        states = defaultdict(list)
        for entry in entries:
            code = self._read(entry)
            if MILESTONES[code].kind == "state" and _weighs(code, entry):
                states[entry.package].append((entry.occurred_at, code))
        return states

    # === Playing === #

    def _play(self, step: list[Entry], at: dt.datetime) -> None:
        kind = MILESTONES[step[0].code].kind
        if kind == "state":
            for entry in step:
                self._play_state(entry)
            self._settle(step, at)
        elif kind == "overlay":
            for entry in step:
                self._open(entry.code, entry, self._live(entry))
        elif told := next(filter(self._live, step), None):
            self._occur(told.code, told)

    def _play_state(self, entry: Entry) -> None:
        code = self._read(entry)
        came = [lane for lane in self._lanes(entry) if self._come(lane, code, entry)]
        if came:
            self.moving.add(entry)
        if MILESTONES[code].soft:
            came = self._unfinished(entry)
        if self._is_trouble(code):
            self._open(code, entry, came)

    def _come(self, lane: Lane, code: Code, entry: Entry) -> bool:
        parcel = self._parcels[lane]
        if entry.is_correction:
            parcel.corrected_at = entry.occurred_at
        elif parcel.corrected_at == entry.occurred_at:
            return False
        if not takes(parcel.code, parcel.at, code, entry):
            return False
        revived = parcel.code == Code.CANCELLED != code
        parcel.code, parcel.at = code, entry.occurred_at
        self.desk.parcel_moved(lane, code, entry.occurred_at)
        if revived and not entry.is_correction:
            self.desk.open_anomaly(entry, lane)
        return True

    def _open(self, code: Code, entry: Entry, lanes: list[Lane]) -> None:
        if lanes and self.desk.open(code, entry, entry.package, lanes):
            self._occur(code, entry)

    def _live(self, entry: Entry) -> list[Lane]:
        return [lane for lane in self._lanes(entry) if self._parcels[lane].counts]

    def _unfinished(self, entry: Entry) -> list[Lane]:
        """A source that stops tracking what has ended is no trouble."""
        return [
            lane
            for lane in self._lanes(entry)
            if not MILESTONES[self._parcels[lane].code].terminal
        ]

    def _is_trouble(self, code: Code) -> bool:
        """PARTIALLY_DELIVERED is trouble of the shipment, see :meth:`_settle`."""
        if code == Code.PARTIALLY_DELIVERED:
            return False
        if code == Code.RETURNING and self.direction == "return":
            return False
        return MILESTONES[code].exception

    def _lanes(self, entry: Entry) -> list[Lane]:
        """The parcels an entry speaks of."""
        if entry.package in self._parcels:
            return [entry.package]
        return [lane for lane in self._parcels if self._binds(entry, lane)]

    def _binds(self, entry: Entry, lane: Lane) -> bool:
        """Whether an end reported of the master number is this parcel's end too.

        Carriers report it as soon as one parcel is there. What the parcel itself tells
        later stands against it, unless that is how such an end is reopened. Only a
        cancellation is ours, of the whole, and holds.
        """
        code = self._read(entry)
        if not MILESTONES[code].terminal or code == Code.CANCELLED:
            return True
        own = self._own_states[lane]
        later = bisect_right(own, entry.occurred_at, key=lambda state: state[0])
        return later == len(own) or own[later][1] in REOPENS[code]

    # === The shipment === #

    def _roll_up(self) -> Code:
        return roll_up(p.code for p in self._parcels.values())

    def _settle(self, step: list[Entry], at: dt.datetime) -> None:
        """After each moment: the shipment comes to where its parcels are."""
        code, entry = self._roll_up(), step[-1]
        if code == self.code:
            if self._read(entry) == code and self.moving.intersection(step):
                self.at = at
            return
        self.desk.close(Code.PARTIALLY_DELIVERED, None, at)
        self.code, self.at = code, at
        if code == Code.PARTIALLY_DELIVERED:
            self.desk.open(code, entry, None, ())
        if code == Code.PARTIALLY_DELIVERED or not self._is_trouble(code):
            self._occur(code, entry)

    def _occur(self, code: Code, entry: Entry) -> None:
        if code != Code.UNKNOWN:
            self._counts[code] += 1
            occurrence = (code, self._counts[code], entry.key, entry.occurred_at)
            self.occurrences.append(Occurrence(*occurrence))

    # === The outcome === #

    @property
    def parcels(self) -> dict[Lane, ParcelHeadline]:
        """Where each parcel stands in the end."""
        return {key: ParcelHeadline(p.code, p.at) for key, p in self._parcels.items()}

    def speaks_for_shipment(self, entry: Entry) -> bool:
        """Whether an entry is about a parcel that still counts."""
        return any(self._parcels[lane].counts for lane in self._lanes(entry))

    def delivered_at(self) -> dt.datetime | None:
        """When the last parcel was delivered; None when the shipment is not."""
        if self.code != Code.DELIVERED:
            return None
        return max(p.at for p in self._parcels.values() if p.counts)

    def signer(self, entries: Sequence[Entry]) -> str:
        """Who signed last for what is delivered now; a proof may follow its delivery."""
        for entry in reversed(entries):
            if entry.signer and self._read(entry) in _HANDED_OVER:
                parcels = (self._parcels[lane] for lane in self._lanes(entry))
                if any(
                    p.counts and p.code in _HANDED_OVER and p.at <= entry.occurred_at
                    for p in parcels
                ):
                    return entry.signer
        return ""
