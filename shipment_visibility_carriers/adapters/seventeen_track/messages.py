"""A 17TRACK message and its events.

An event has the time as the carrier wrote it (``time_raw``) and what 17TRACK makes of it. Where
the carrier gave no zone, 17TRACK guesses one; where it gave no time of day, 17TRACK writes
midnight.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from pydantic import Field

from ....shipment_visibility.canonical.milestone import Code
from ....shipment_visibility.canonical.schema import Precision, TrackingEvent, Zone
from ..errors import MalformedMessage
from ..reading import (
    OVER,
    LooseWords,
    Message,
    Moment,
    Number,
    Time,
    documented,
    estimate,
    many,
    place,
    promise,
    read,
)
from .statuses import meaning

_UPDATED = "TRACKING_UPDATED"
_OLD = (
    "data: a message of API version 1; choose version 2 in the webhook settings of "
    "17TRACK and have it sent again"
)


class _RawTime(Message):
    date: LooseWords = ""
    time: LooseWords = ""
    timezone: LooseWords = ""


class _Address(Message):
    country: LooseWords = ""
    state: LooseWords = ""
    city: LooseWords = ""
    postal_code: LooseWords = ""


class _Event(Message):
    time_iso: Time = None
    time_utc: Time = None
    time_raw: _RawTime | None = None
    description: LooseWords = ""
    location: LooseWords = ""
    stage: LooseWords = ""
    sub_status: LooseWords = ""
    address: _Address | None = None

    @property
    def moment(self) -> Moment | None:
        """When it happened, as finely and as certainly as the carrier said."""
        made, raw = self.time_iso or self.time_utc, self.time_raw
        if made is None or raw is None:
            return made
        if raw.date and not raw.time:
            midnight = made.at.replace(hour=0, minute=0, second=0, microsecond=0)
            return Moment(
                at=midnight.replace(tzinfo=dt.UTC),
                text=raw.date,
                zone=Zone.LOCAL,
                precision=Precision.DAY,
            )
        is_guessed = made.zone == Zone.KNOWN and raw.time and not raw.timezone
        return replace(made, zone=Zone.CLAIMED) if is_guessed else made


class _Provider(Message):
    events: many(_Event)


class _Providers(Message):
    providers: many(_Provider)


class _Status(Message):
    status: LooseWords = ""
    sub_status: LooseWords = ""


class _Window(Message):
    begin: Time = Field(default=None, alias="from")
    end: Time = Field(default=None, alias="to")


class _Times(Message):
    estimated_delivery_date: _Window | None = None


class _Info(Message):
    latest_status: _Status | None = None
    latest_event: _Event | None = None
    time_metrics: _Times | None = None
    tracking: _Providers | None = None

    @property
    def status(self) -> tuple[str, Code, str]:
        latest = self.latest_status or _Status()
        return meaning(latest.sub_status, latest.status)

    @property
    def window(self) -> _Window:
        times = self.time_metrics or _Times()
        return times.estimated_delivery_date or _Window()

    @property
    def events(self) -> list[_Event]:
        """The events of all carriers of the number, each once."""
        providers = self.tracking.providers if self.tracking else []
        events = [event for provider in providers for event in provider.events]
        return list(dict.fromkeys(events or filter(None, [self.latest_event])))


class _Number(Message):
    number: Number
    track_info: _Info


class _Envelope(Message):
    event: LooseWords = Field(min_length=1)


class _Kind(Message):
    track: object = None
    track_info: object = None


class _AnyData(Message):
    data: _Kind


class _Webhook(Message):
    data: _Number


def parse_webhook(body: bytes, carrier: str) -> list[TrackingEvent]:
    """The events of a message, those of one carrier after the other, newest first.

    An event without any time cannot be placed and is left out.

    :raise MalformedMessage: it is not what 17TRACK documents, or of API version 1.
    """
    if read(_Envelope, body).event != _UPDATED:
        return []
    kind = read(_AnyData, body).data
    if kind.track_info is None and kind.track is not None:
        raise MalformedMessage(_OLD)
    data = read(_Webhook, body).data
    with documented("data"):
        return list(_events(data, carrier))


def _events(data: _Number, carrier: str) -> Iterator[TrackingEvent]:
    told = set()
    times = []
    for scan in data.track_info.events:
        if scan.moment is not None:
            event = _event(data.number, scan, carrier)
            told.add(event.code)
            times.append(scan.moment)
            yield event
    if not times:
        return
    newest = max(times, key=lambda moment: moment.at)
    yield from _headline(data, newest, told, carrier)
    if data.track_info.status[1] not in OVER and not told & OVER:
        window = data.track_info.window
        expected = estimate(window.begin, window.end)
        yield from promise(carrier, data.number, "", newest, expected)


def _event(number: str, scan: _Event, carrier: str) -> TrackingEvent:
    """One scan. 17TRACK gives it no id; its content is one."""
    raw_code, code, reason = meaning(scan.sub_status, scan.stage)
    where = scan.address or _Address()
    return TrackingEvent(
        carrier=carrier,
        tracking_number=number,
        raw_code=raw_code,
        raw_status=scan.stage,
        raw_text=scan.description,
        code=code,
        reason=reason,
        location=place(
            where.city or scan.location, where.state, where.postal_code, where.country
        ),
        **scan.moment.fields(),
    )


def _headline(
    data: _Number, newest: Moment, told: set[Code], carrier: str
) -> Iterator[TrackingEvent]:
    """What 17TRACK says of the whole that no event says, such as that it gave up."""
    raw_code, code, reason = data.track_info.status
    if code == Code.UNKNOWN or code in told:
        return
    yield TrackingEvent(
        carrier=carrier,
        tracking_number=data.number,
        event_id=f"latest_status/{raw_code}/{newest.text}",
        raw_code=raw_code,
        raw_status=raw_code,
        code=code,
        reason=reason,
        **newest.fields(),
    )
