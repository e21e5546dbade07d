"""Reading a message of DHL's: shipments, each with its status and its events."""

from typing import Any

from pydantic import Field

from ....shipment_visibility.canonical.milestone import Code
from ....shipment_visibility.canonical.schema import Location, TrackingEvent
from ..reading import (
    OVER,
    Message,
    Number,
    RequiredTime,
    Words,
    documented,
    estimate_in_words,
    place,
    read,
)
from .statuses import meaning

# What a message about a subscription, and no shipment, begins its scope with.
_SUBSCRIPTION = "subscription"


class _Address(Message):
    countryCode: Words = ""
    postalCode: Words = ""
    addressLocality: Words = ""


class _ServicePoint(Message):
    label: Words = ""


class _Place(Message):
    address: _Address | None = None
    servicePoint: _ServicePoint | None = None


class _Event(Message):
    timestamp: RequiredTime
    location: _Place | None = None
    statusCode: Words = ""
    status: Words = ""
    description: Words = ""
    remark: Words = ""


class _Frame(Message):
    estimatedFrom: Words = ""
    estimatedThrough: Words = ""


class _Person(Message):
    name: Words = ""
    givenName: Words = ""
    familyName: Words = ""


class _Proof(Message):
    signed: _Person | None = None


class _Details(Message):
    proofOfDelivery: _Proof | None = None


class _Shipment(Message):
    id: Number
    service: Words = ""
    status: _Event | None = None
    events: list[_Event] | None = None
    returnFlag: bool | None = None
    estimatedTimeOfDelivery: Words = ""
    estimatedDeliveryTimeFrame: _Frame | None = None
    details: _Details | None = None


class _Kind(Message):
    scope: Words = ""


class _Webhook(Message):
    shipments: list[_Shipment] = Field(min_length=1)


def parse_webhook(body: bytes, carrier: str) -> list[TrackingEvent]:
    """The events of a message, in its order; of one about a subscription, none.

    :raise MalformedMessage: it is not what "Shipment Tracking - Unified" answers.
    """
    if read(_Kind, body).scope.startswith(_SUBSCRIPTION):
        return []
    return [
        event
        for index, shipment in enumerate(read(_Webhook, body).shipments)
        for event in _events(shipment, carrier, index)
    ]


def _events(shipment: _Shipment, carrier: str, index: int) -> list[TrackingEvent]:
    told = _told(shipment)
    newest = max((event.timestamp.at for event in told), default=None)
    events = []
    for position, event in enumerate(told):
        with documented(f"shipments.{index}.events.{position}"):
            is_newest = event.timestamp.at == newest
            events.append(_event(shipment, event, carrier, is_newest))
    return events


def _told(shipment: _Shipment) -> list[_Event]:
    """The events, and the present status where it is none of them."""
    events, status = shipment.events or [], shipment.status
    known = {(event.timestamp, event.statusCode) for event in events}
    if status is None or (status.timestamp, status.statusCode) in known:
        return events
    return [status, *events]


def _event(
    shipment: _Shipment, event: _Event, carrier: str, is_newest: bool
) -> TrackingEvent:
    """One event. Only the newest is said of what the shipment is now: a return, an estimate.

    A return's delivery is one at the sender's, whenever it is told.
    """
    is_return = bool(shipment.returnFlag) and (
        is_newest or event.statusCode == "delivered"
    )
    raw_code, code = meaning(
        shipment.service, event.statusCode, event.status, is_return
    )
    return TrackingEvent(
        carrier=carrier,
        tracking_number=shipment.id,
        raw_code=raw_code,
        raw_status=event.status,
        raw_text=" ".join(
            dict.fromkeys(filter(None, (event.description, event.remark)))
        ),
        code=code,
        **event.timestamp.fields(),
        location=_location(event.location),
        signer=_signer(shipment.details) if code == Code.DELIVERED else "",
        **(_estimate(shipment) if is_newest and code not in OVER else {}),
    )


def _location(where: _Place | None) -> Location | None:
    if where is None:
        return None
    address, point = where.address or _Address(), where.servicePoint or _ServicePoint()
    return place(
        city=address.addressLocality,
        postal_code=address.postalCode,
        country_code=address.countryCode,
        facility=point.label,
    )


def _signer(details: _Details | None) -> str:
    signed = details and details.proofOfDelivery and details.proofOfDelivery.signed
    if not signed:
        return ""
    if signed.familyName:
        return f"{signed.givenName} {signed.familyName}"
    return signed.name


def _estimate(shipment: _Shipment) -> dict[str, Any]:
    """The window DHL estimates, else the time or date."""
    frame = shipment.estimatedDeliveryTimeFrame
    if frame and (frame.estimatedFrom or frame.estimatedThrough):
        return estimate_in_words(frame.estimatedFrom, frame.estimatedThrough)
    return estimate_in_words(shipment.estimatedTimeOfDelivery)
