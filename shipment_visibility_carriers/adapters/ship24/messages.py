"""Reading a message of Ship24's: trackings, each with one event or more."""

import datetime as dt
from typing import Annotated, Any

from pydantic import Field

from ....shipment_visibility.canonical.milestone import Code
from ....shipment_visibility.canonical.schema import Location, TrackingEvent
from ..errors import MalformedMessage
from ..reading import (
    OVER,
    Message,
    Number,
    RequiredTime,
    Words,
    documented,
    estimate_in_words,
    read,
)
from .statuses import meaning

_EVENTS = "tracking/events"
# A second holds so many; Ship24 counts a parcel's events from one.
_MOST_ORDERED = 999_999


class _Metadata(Message):
    topic: Words = ""


class _Tracker(Message):
    trackingNumber: Number


class _Window(Message):
    from_: Words = Field(default="", alias="from")
    to: Words = ""


class _Delivery(Message):
    estimatedDeliveryDate: Words = ""
    courierEstimatedDeliveryDate: _Window | None = None
    signedBy: Words = ""


class _Shipment(Message):
    delivery: _Delivery | None = None


class _Event(Message):
    eventId: Annotated[Words, Field(min_length=1)]
    status: Words = ""
    occurrenceDatetime: RequiredTime
    order: Annotated[int, Field(ge=0, le=_MOST_ORDERED)] | None = None
    location: Words = ""
    statusCode: Words = ""
    statusMilestone: Words = ""


class _Tracking(Message):
    metadata: _Metadata | None = None
    tracker: _Tracker | None = None
    shipment: _Shipment | None = None
    events: list[_Event] | None = None


class _Webhook(Message):
    trackings: list[_Tracking]


def parse_webhook(body: bytes, carrier: str) -> list[TrackingEvent]:
    """The events of a message, in its order; of what is about something else, none.

    :raise MalformedMessage: it is not what Ship24 documents.
    """
    events = []
    for index, tracking in enumerate(read(_Webhook, body).trackings):
        topic = tracking.metadata.topic if tracking.metadata else ""
        if topic not in ("", _EVENTS):
            continue
        if tracking.tracker is None or tracking.events is None:
            raise MalformedMessage(f"trackings.{index}: without a tracker or events")
        for place, event in enumerate(tracking.events):
            with documented(f"trackings.{index}.events.{place}"):
                events.append(_event(tracking, tracking.tracker, event, carrier))
    return events


def _event(
    tracking: _Tracking, tracker: _Tracker, event: _Event, carrier: str
) -> TrackingEvent:
    raw_code, code, reason = meaning(event.statusMilestone, event.statusCode)
    delivery = (tracking.shipment and tracking.shipment.delivery) or _Delivery()
    return TrackingEvent(
        carrier=carrier,
        tracking_number=tracker.trackingNumber,
        event_id=event.eventId,
        raw_code=raw_code,
        raw_status=event.statusMilestone,
        raw_text=event.status,
        code=code,
        reason=reason,
        **_when(event),
        # One text, in whatever form the courier has it.
        location=Location(facility=event.location) if event.location else None,
        signer=delivery.signedBy if code == Code.DELIVERED else "",
        **({} if code in OVER else _estimate(delivery)),
    )


def _when(event: _Event) -> dict[str, Any]:
    """The time, with the place in Ship24's order as its microseconds.

    It breaks ties between events of one second, or of a day without a time, and shows nowhere.
    """
    fields = event.occurrenceDatetime.fields()
    whole = fields["occurred_at"].replace(microsecond=0)
    return fields | {"occurred_at": whole + dt.timedelta(microseconds=event.order or 0)}


def _estimate(delivery: _Delivery) -> dict[str, Any]:
    """What the courier estimates, else what Ship24 does."""
    window = delivery.courierEstimatedDeliveryDate
    if window and (window.from_ or window.to):
        return estimate_in_words(window.from_, window.to)
    return estimate_in_words(delivery.estimatedDeliveryDate)
