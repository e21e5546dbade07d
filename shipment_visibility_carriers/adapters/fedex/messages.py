"""Reading a message of FedEx's: results of the Track API, each with its scans."""

from typing import Any

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
from .statuses import EVENTS

_ESTIMATED = "ESTIMATED_DELIVERY"


class _Place(Message):
    city: Words = ""
    stateOrProvinceCode: Words = ""
    postalCode: Words = ""
    countryCode: Words = ""


class _Scan(Message):
    date: RequiredTime
    eventType: Words = ""
    eventDescription: Words = ""
    exceptionCode: Words = ""
    exceptionDescription: Words = ""
    derivedStatus: Words = ""
    locationType: Words = ""
    scanLocation: _Place | None = None


class _Date(Message):
    type: Words = ""
    dateTime: Words = ""


class _Window(Message):
    begins: Words = ""
    ends: Words = ""


class _EstimatedWindow(Message):
    window: _Window | None = None


class _Delivery(Message):
    receivedByName: Words = ""
    signedByName: Words = ""


class _NumberInfo(Message):
    trackingNumber: Number


class _Result(Message):
    trackingNumberInfo: _NumberInfo | None = None
    scanEvents: list[_Scan] | None = None
    dateAndTimes: list[_Date] | None = None
    estimatedDeliveryTimeWindow: _EstimatedWindow | None = None
    deliveryDetails: _Delivery | None = None


class _Complete(Message):
    trackingNumber: Number
    trackResults: list[_Result] | None = None


class _Output(Message):
    completeTrackResults: list[_Complete]


class _Webhook(Message):
    output: _Output


def parse_webhook(body: bytes, carrier: str) -> list[TrackingEvent]:
    """The scans of a message, in its order. A result without scans, such as an error, has none.

    :raise MalformedMessage: it is not the Track API's result.
    """
    complete = read(_Webhook, body).output.completeTrackResults
    return [
        event
        for index, one in enumerate(complete)
        for result in one.trackResults or []
        for event in _events(one, result, carrier, index)
    ]


def _events(
    complete: _Complete, result: _Result, carrier: str, index: int
) -> list[TrackingEvent]:
    info = result.trackingNumberInfo
    number = info.trackingNumber if info else complete.trackingNumber
    scans = result.scanEvents or []
    newest = max((scan.date.at for scan in scans), default=None)
    events = []
    for position, scan in enumerate(scans):
        with documented(f"completeTrackResults.{index}.scanEvents.{position}"):
            is_newest = scan.date.at == newest
            events.append(_event(number, result, scan, carrier, is_newest))
    return events


def _event(
    number: str, result: _Result, scan: _Scan, carrier: str, is_newest: bool
) -> TrackingEvent:
    """One scan. The newest carries the estimate: that is when FedEx made it."""
    code, reason = EVENTS.get(scan.eventType, (Code.UNKNOWN, ""))
    return TrackingEvent(
        carrier=carrier,
        tracking_number=number,
        raw_code="/".join(filter(None, (scan.eventType, scan.exceptionCode))),
        raw_status=scan.derivedStatus,
        raw_text=" ".join(
            filter(None, (scan.eventDescription, scan.exceptionDescription))
        ),
        code=code,
        reason=reason,
        **scan.date.fields(),
        location=_location(scan),
        signer=_signer(result.deliveryDetails) if code == Code.DELIVERED else "",
        **(_estimate(result) if is_newest and code not in OVER else {}),
    )


def _location(scan: _Scan) -> Location | None:
    where = scan.scanLocation or _Place()
    return place(
        where.city, where.stateOrProvinceCode, where.postalCode, where.countryCode
    )


def _signer(delivery: _Delivery | None) -> str:
    return (delivery.receivedByName or delivery.signedByName) if delivery else ""


def _estimate(result: _Result) -> dict[str, Any]:
    """The window FedEx estimates, else the time or date."""
    window = (
        result.estimatedDeliveryTimeWindow and result.estimatedDeliveryTimeWindow.window
    )
    if window and (window.begins or window.ends):
        return estimate_in_words(window.begins, window.ends)
    for date in result.dateAndTimes or []:
        if date.type == _ESTIMATED:
            return estimate_in_words(date.dateTime)
    return {}
