"""Tracking: ``GET /track/v1/details/<number>``, one number a question.

UPS writes the local time of each scan, and the same moment in GMT beside it where it knows the
zone. Only the latter is certain.
"""

import datetime as dt
from typing import Annotated, Any

from pydantic import Field

from ....shipment_visibility.canonical.milestone import Code
from ....shipment_visibility.canonical.schema import Location, TrackingEvent
from ..reading import Message, Text, documented, read
from . import common, times
from .common import many
from .statuses import meaning

PATH = "/track/v1/details/{number}"
PARAMS = {"locale": "en_US", "returnSignature": "false"}
# UPS takes an inquiry number of this length only.
SHORTEST, LONGEST = 7, 34
NOT_FOUND = frozenset({"TW0001"})
# The latter is the newer promise; DEL is no promise but what happened.
_SCHEDULED, _RESCHEDULED = "SDD", "RDD"
_WINDOWS = frozenset({"EDW", "CDW", "IDW"})
# Pictures themselves come as base64; only an address of one can be kept.
_LINK = ("https://", "http://")


class _Address(Message):
    city: Text | None = None
    stateProvince: Text | None = None
    postalCode: Text | None = None
    countryCode: Text | None = None
    country: Text | None = None

    @property
    def iso(self) -> str | None:
        """The country's code; some scans hold it in ``country`` only."""
        for code in (self.countryCode, self.country):
            if code and len(code) == 2 and code.isalpha():
                return code.upper()
        return None


class _Location(Message):
    address: _Address | None = None
    slic: Text | None = None


class _Status(Message):
    type: Text | None = None
    code: Text | None = None
    description: Text | None = None
    simplifiedTextDescription: Text | None = None
    statusCode: Text | None = None


class _Activity(Message):
    date: Annotated[str, Field(min_length=8)]
    time: Text | None = None
    gmtDate: Text | None = None
    gmtTime: Text | None = None
    gmtOffset: Text | None = None
    location: _Location | None = None
    status: _Status


class _Date(Message):
    type: Text | None = None
    date: Text | None = None


class _Time(Message):
    type: Text | None = None
    startTime: Text | None = None
    endTime: Text | None = None


class _Photo(Message):
    photo: str | None = None


class _Delivery(Message):
    receivedBy: Text | None = None
    deliveryPhoto: _Photo | None = None


class _Place(Message):
    type: Text | None = None
    address: _Address | None = None


class _Package(Message):
    trackingNumber: Annotated[Text, Field(min_length=1)]
    activity: many(_Activity)
    deliveryDate: many(_Date)
    deliveryTime: _Time | None = None
    deliveryInformation: _Delivery | None = None
    packageAddress: many(_Place)


class _Shipment(Message):
    package: many(_Package)


class _Response(Message):
    shipment: many(_Shipment)


class _Answer(Message):
    trackResponse: _Response


def is_not_found(status: int, problem: list[tuple[str, str]]) -> bool:
    """Whether UPS says that it knows no such number."""
    return status == 404 or any(code in NOT_FOUND for code, _text in problem)


def parse_tracking(body: bytes, carrier: str) -> list[TrackingEvent]:
    """The events of all parcels in an answer, newest first as UPS writes them.

    A number without scans, or with a warning in their place, has none.
    """
    shipments = read(_Answer, body).trackResponse.shipment
    return [
        event
        for shipment in shipments
        for package in shipment.package
        for event in _events(package, carrier)
    ]


def _events(package: _Package, carrier: str) -> list[TrackingEvent]:
    events = []
    for index, activity in enumerate(package.activity):
        with documented(f"package.activity.{index}"):
            events.append(_event(package, activity, carrier, newest=index == 0))
    return events


def _event(
    package: _Package, activity: _Activity, carrier: str, newest: bool
) -> TrackingEvent:
    status = activity.status
    kind, raw = status.type or "", status.code or ""
    code, reason = meaning(kind, raw, status.statusCode or "")
    occurred_at, zone = times.moment(
        (activity.date, activity.time),
        (activity.gmtDate, activity.gmtTime),
        activity.gmtOffset,
    )
    return TrackingEvent(
        carrier=carrier,
        tracking_number=package.trackingNumber,
        raw_code=f"{kind}/{raw}",
        raw_status=status.description or "",
        raw_text=status.simplifiedTextDescription or "",
        code=code,
        reason=reason,
        occurred_at=occurred_at,
        occurred_text=" ".join(
            filter(None, (activity.date, activity.time, activity.gmtOffset))
        ),
        zone=zone,
        location=_location(activity.location),
        **(_proof(package.deliveryInformation) if code == Code.DELIVERED else {}),
        **(_estimate(package, activity) if newest and code not in _OVER else {}),
    )


_OVER = frozenset({Code.DELIVERED, Code.RETURNED, Code.CANCELLED, Code.LOST})


def _location(location: _Location | None) -> Location | None:
    if location is None or location.address is None:
        return None
    address = location.address
    return Location(
        facility=location.slic or "",
        city=address.city or "",
        state=address.stateProvince or "",
        postal_code=address.postalCode or "",
        country=address.iso,
    )


def _proof(delivery: _Delivery | None) -> dict[str, str]:
    if delivery is None:
        return {}
    photo = delivery.deliveryPhoto and delivery.deliveryPhoto.photo or ""
    return {
        "signer": delivery.receivedBy or "",
        "photo_url": photo if photo.startswith(_LINK) else "",
    }


def _estimate(package: _Package, activity: _Activity) -> dict[str, Any]:
    """When UPS means to deliver: a window where its zone is certain, else a date.

    A window is in the consignee's local time, which UPS does not give an offset for. The
    newest scan's is taken when it was made in the consignee's own state.
    """
    dates = {item.type: item.date for item in package.deliveryDate if item.date}
    text = dates.get(_RESCHEDULED) or dates.get(_SCHEDULED)
    if not text:
        return {}
    date, window = common.day(text), package.deliveryTime
    zone = times.offset(activity.gmtOffset)
    if window is None or window.type not in _WINDOWS or not window.endTime:
        return {"estimated_date": date}
    if zone is None or not _is_near_consignee(package, activity):
        return {"estimated_date": date}
    end = dt.datetime.combine(date, times.clock(window.endTime), zone)
    begin = dt.datetime.combine(
        date, times.clock(window.startTime or window.endTime), zone
    )
    return {"estimated_from": begin, "estimated_to": end}


def _is_near_consignee(package: _Package, activity: _Activity) -> bool:
    here = activity.location and activity.location.address
    there = next(
        (
            place.address
            for place in package.packageAddress
            if place.address and (place.type or "").upper().startswith("DEST")
        ),
        None,
    )
    if not here or not there or not here.iso:
        return False
    return (here.iso, here.stateProvince) == (there.iso, there.stateProvince)
