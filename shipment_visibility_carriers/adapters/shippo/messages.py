"""A Shippo message and its events.

Times are UTC. Who signed is not told. ``eta`` is a date where its time is midnight, as Shippo
writes the dates of most carriers.
"""

from collections.abc import Iterator

from ....shipment_visibility.canonical.schema import TrackingEvent
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

_TRACK = "track_updated"
# Fields of a transaction that a parcel does not have.
_OLD = (
    "data: a label's transaction, as API versions before 2018-02-08 send it; "
    "set a later API version in Shippo and send the message again"
)


class _Location(Message):
    city: LooseWords = ""
    state: LooseWords = ""
    zip: LooseWords = ""
    country: LooseWords = ""


class _Substatus(Message):
    code: LooseWords = ""
    text: LooseWords = ""


class _Status(Message):
    object_id: LooseWords = ""
    object_created: Time = None
    object_updated: Time = None
    status: LooseWords = ""
    substatus: _Substatus | None = None
    status_details: LooseWords = ""
    status_date: Time = None
    location: _Location | None = None

    @property
    def at(self) -> Moment | None:
        """When the carrier scanned it, else when Shippo first knew of it."""
        return self.status_date or self.object_created

    @property
    def meaning(self):
        return meaning(self.status, self.substatus.code if self.substatus else "")

    @property
    def content(self) -> tuple:
        """What makes it the same status where Shippo gives it two ids."""
        return (self.at and self.at.at, self.meaning[0], self.status_details)


class _Envelope(Message):
    event: LooseWords = ""
    test: bool | None = None


class _Kind(Message):
    object_state: object = None
    label_url: object = None
    tracking_url_provider: object = None


class _AnyData(Message):
    data: _Kind


class _Track(Message):
    carrier: LooseWords = ""
    tracking_number: Number
    eta: Time = None
    tracking_status: _Status | None = None
    tracking_history: many(_Status)


class _Webhook(Message):
    data: _Track


def parse_webhook(body: bytes, carrier: str) -> list[TrackingEvent]:
    """The events of a message, the history in Shippo's order, earliest first.

    A status without any time cannot be placed and is left out.

    :raise MalformedMessage: it is not what Shippo documents, or of an old API version.
    """
    envelope = read(_Envelope, body)
    if envelope.test or (envelope.event and envelope.event != _TRACK):
        return []
    if read(_AnyData, body).data.model_fields_set:
        raise MalformedMessage(_OLD)
    track = read(_Webhook, body).data
    with documented("data"):
        return list(_events(track, carrier))


def _events(track: _Track, carrier: str) -> Iterator[TrackingEvent]:
    statuses = list(track.tracking_history)
    latest = track.tracking_status
    if latest and not _is_told(latest, statuses):
        statuses.append(latest)
    for status in statuses:
        if status.at is not None:
            yield _event(track, status, carrier)
    if latest and latest.at and latest.meaning[1] not in OVER:
        said_at = latest.object_updated or latest.at
        expected = estimate(track.eta)
        yield from promise(
            carrier, track.tracking_number, track.carrier, said_at, expected
        )


def _is_told(latest: _Status, history: list[_Status]) -> bool:
    return any(
        (latest.object_id and latest.object_id == told.object_id)
        or latest.content == told.content
        for told in history
    )


def _event(track: _Track, status: _Status, carrier: str) -> TrackingEvent:
    raw_code, code, reason = status.meaning
    where = status.location or _Location()
    return TrackingEvent(
        carrier=carrier,
        tracking_number=track.tracking_number,
        event_id=status.object_id,
        raw_code=raw_code,
        raw_status=status.substatus.text if status.substatus else "",
        raw_text=status.status_details,
        code=code,
        reason=reason,
        location=place(where.city, where.state, where.zip, where.country),
        **status.at.fields(),
    )
