"""Reading a message of Easyship's: a shipment and its checkpoints."""

from collections.abc import Sequence

from pydantic import Field

from ....shipment_visibility.canonical.milestone import Code
from ....shipment_visibility.canonical.schema import Location, TrackingEvent
from ..reading import (
    Message,
    Number,
    RequiredTime,
    Words,
    documented,
    place,
    read,
)
from .statuses import meaning

_CHECKPOINTS = "shipment.tracking.checkpoints.created"


class _Checkpoint(Message):
    message: Words = ""
    location: Words = ""
    city: Words = ""
    state: Words = ""
    postal_code: Words = ""
    country_iso3: Words = ""
    checkpoint_time: RequiredTime
    primary_status: Words = ""


class _Shipment(Message):
    tracking_number: Number
    status: Words = ""
    checkpoints: list[_Checkpoint]


class _Kind(Message):
    event_type: str = Field(min_length=1)


class _Webhook(Message):
    data: _Shipment


def parse_webhook(body: bytes, carrier: str) -> list[TrackingEvent]:
    """The checkpoints of a message, in its order, and its status where that says more.

    :raise MalformedMessage: it is not what Easyship documents.
    """
    if read(_Kind, body).event_type != _CHECKPOINTS:
        return []
    shipment = read(_Webhook, body).data
    events = []
    for index, checkpoint in enumerate(shipment.checkpoints):
        with documented(f"data.checkpoints.{index}"):
            events.append(_event(shipment, checkpoint, carrier))
    return [*events, *_headline(shipment, events)]


def _event(shipment: _Shipment, checkpoint: _Checkpoint, carrier: str) -> TrackingEvent:
    code, reason = meaning(checkpoint.primary_status)
    return TrackingEvent(
        carrier=carrier,
        tracking_number=shipment.tracking_number,
        raw_code=checkpoint.primary_status,
        raw_text=checkpoint.message,
        code=code,
        reason=reason,
        **checkpoint.checkpoint_time.fields(),
        location=_location(checkpoint),
    )


def _location(checkpoint: _Checkpoint) -> Location | None:
    return place(
        # The same in one text; all there is where the parts are missing.
        facility="" if checkpoint.city else checkpoint.location,
        city=checkpoint.city,
        state=checkpoint.state,
        postal_code=checkpoint.postal_code,
        country_code=checkpoint.country_iso3,
    )


def _headline(
    shipment: _Shipment, events: Sequence[TrackingEvent]
) -> list[TrackingEvent]:
    """What Easyship says of the whole that no checkpoint says, such as that it is lost.

    It was so by the time of the newest checkpoint; there is no other time in the message.
    """
    code, reason = meaning(shipment.status)
    if not events or code in {Code.UNKNOWN, *(event.code for event in events)}:
        return []
    newest = max(events, key=lambda event: event.occurred_at)
    headline = TrackingEvent(
        carrier=newest.carrier,
        tracking_number=newest.tracking_number,
        raw_code=shipment.status,
        code=code,
        reason=reason,
        occurred_at=newest.occurred_at,
        occurred_text=newest.occurred_text,
        zone=newest.zone,
        precision=newest.precision,
    )
    return [headline]
