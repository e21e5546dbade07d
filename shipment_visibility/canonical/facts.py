"""What goes into :func:`.timeline.fold` and what comes out of it.

All times are aware and in UTC. All objects are immutable and compare by content. Nothing
here knows when a thing became known, nor its place in a database.
"""

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from types import MappingProxyType
from typing import Literal

from .milestone import MILESTONES, Code, Phase
from .schema import Precision, Source, Zone

Direction = Literal["outbound", "return", "inbound"]


@dataclass(frozen=True, slots=True)
class Observation:
    """One thing one source said. The input of the fold.

    :ivar key: its identity; says nothing of when or by which row it became known.
    :ivar package: key of the parcel it is about; None when it was said of the master
        number, that is of all parcels.
    :ivar code: the canonical code, as the mappings of today derive it.
    :ivar occurred_at: when it happened, as fine as ``precision`` and as certain as
        ``zone``; a day is its midnight.
    :ivar raw_code: the source's own code.
    :ivar reason: why. From :attr:`Source.MANUAL` it makes the observation a correction.
    :ivar location: the place on one normalised line, empty when the source gave none.
    :ivar estimated_from: begin of the delivery window the source expects.
    :ivar estimated_to: end of that window; equal to its begin for one point of time.
    :ivar estimated_date: an estimate that is a calendar date at the consignee.
    """

    key: str
    package: str | None
    code: Code
    occurred_at: dt.datetime
    source: Source
    precision: Precision = Precision.SECOND
    raw_code: str = ""
    reason: str = ""
    text: str = ""
    location: str = ""
    zone: Zone = Zone.KNOWN
    signer: str = ""
    photo_url: str = ""
    estimated_from: dt.datetime | None = None
    estimated_to: dt.datetime | None = None
    estimated_date: dt.date | None = None

    @property
    def is_correction(self) -> bool:
        """A person's correction, which outranks all others until a newer event.

        What a person states without a reason, and what Odoo notes of its own doings, is
        an ordinary observation.
        """
        return self.source == Source.MANUAL and bool(self.reason)


@dataclass(frozen=True, slots=True)
class Estimate:
    """When a source expects delivery: a window in UTC, a calendar date, or both."""

    begin: dt.datetime | None = None
    end: dt.datetime | None = None
    date: dt.date | None = None


@dataclass(frozen=True, slots=True)
class Entry:
    """One thing that happened, merged from all observations of it.

    The attributes are those of :class:`Observation`; each is taken from the most trusted
    source that gives it: manual, webhook, poll, file, odoo; the time from the finest.

    :ivar key: the key of its leading observation.
    :ivar sources: who reported it, the most trusted first.
    :ivar observation_keys: all observations of it, sorted.
    :ivar is_correction: a person corrected the record by it.
    :ivar moves_headline: it moved the headline of a parcel when it happened; False for
        overlays, information, and news that a terminal state does not take.
    """

    key: str
    package: str | None
    code: Code
    occurred_at: dt.datetime
    precision: Precision
    zone: Zone
    location: str
    raw_code: str
    reason: str
    text: str
    signer: str
    photo_url: str
    estimate: Estimate | None
    sources: tuple[Source, ...]
    observation_keys: tuple[str, ...]
    is_correction: bool = False
    moves_headline: bool = False

    @property
    def order(self) -> tuple[dt.datetime, int, int, str]:
        """The order of a timeline: time, rank, number of the code, key."""
        row = MILESTONES[self.code]
        rank = -1 if row.rank is None else row.rank
        return (self.occurred_at, rank, row.number, self.key)


@dataclass(frozen=True, slots=True)
class ParcelHeadline:
    """Where one parcel stands, and since when; ``at`` is None when nothing is known."""

    code: Code
    at: dt.datetime | None


@dataclass(frozen=True, slots=True)
class OpenedException:
    """Something that went wrong, and when it was over by the course of events.

    :ivar key: ``code/package/n``: the n-th time it went wrong with that parcel, or with
        the whole shipment when ``package`` is empty.
    :ivar reason: the source's reason, or :data:`MOVED_AFTER_CANCELLATION`.
    :ivar text: the source's own words.
    :ivar closed_at: None while it lasts.
    """

    key: str
    code: Code
    reason: str
    opened_at: dt.datetime
    closed_at: dt.datetime | None
    package: str | None
    text: str = ""


# Reason of the exception, of code CANCELLED, when a voided parcel is scanned after all.
MOVED_AFTER_CANCELLATION = "moved_after_cancellation"


@dataclass(frozen=True, slots=True)
class Occurrence:
    """The ``number``-th time (from 1) that ``code`` happened to the shipment.

    Rules act on occurrences. Good news needs all parcels, bad news needs one:

    - a state occurs when the *rolled-up* shipment comes to it from another one. Two
      parcels delivered on two days make one DELIVERED, on the second day; a second scan
      of the same state in a row makes none;
    - a code that opens exceptions (overlays, ATTEMPT_FAILED, LOST, RETURNED ...) occurs
      when the shipment comes to have an open exception of it, of whichever parcel;
    - information occurs each time it is given, UNKNOWN never.

    :ivar entry_key: the entry by which it happened.
    """

    code: Code
    number: int
    entry_key: str
    occurred_at: dt.datetime


@dataclass(frozen=True, slots=True)
class Timeline:
    """What a set of observations means for one shipment.

    :ivar entries: what happened, oldest first.
    :ivar headline: the roll-up of the parcels; UNKNOWN when nothing is known.
    :ivar headline_at: when it last came to be, or was confirmed by another scan.
    :ivar phase: the phase of the headline.
    :ivar parcels: where each parcel stands, by its key.
    :ivar exceptions: in the order in which they were opened.
    :ivar estimated_from: begin of the latest valid estimate, with ``estimated_to`` and
        ``estimated_date``.
    :ivar picked_up_at: the first PICKED_UP; never guessed from a later scan.
    :ivar delivered_at: since when the whole shipment is delivered; None when it is not.
    :ivar signer: who signed for what is delivered now.
    :ivar last_event_at: when the latest entry of any kind happened.
    :ivar occurrences: in the order in which they happened.
    """

    entries: tuple[Entry, ...] = ()
    headline: Code = Code.UNKNOWN
    headline_at: dt.datetime | None = None
    phase: Phase = Phase.NONE
    parcels: Mapping[str, ParcelHeadline] = field(
        default_factory=lambda: MappingProxyType({})
    )
    exceptions: tuple[OpenedException, ...] = ()
    estimated_from: dt.datetime | None = None
    estimated_to: dt.datetime | None = None
    estimated_date: dt.date | None = None
    picked_up_at: dt.datetime | None = None
    delivered_at: dt.datetime | None = None
    signer: str = ""
    last_event_at: dt.datetime | None = None
    occurrences: tuple[Occurrence, ...] = ()
