"""Track Alert: the message that UPS posts about one scan of one parcel.

``TrackingEventRequest`` of UPS's own ``UPSTrackAlert.yaml``. It has no id of the event and none of
the message, so the content is the identity. Not every field has a value in every message, and
what has none may be an empty text. Version 1 differs in how it is sent, not in what it says.
"""

from typing import Annotated, Any

from pydantic import BeforeValidator

from ....shipment_visibility.canonical.milestone import Code
from ....shipment_visibility.canonical.schema import Location, Precision, TrackingEvent
from ..errors import MalformedMessage
from ..reading import OVER, Message, Number, Words, documented, place, read
from . import common, times
from .statuses import meaning

# What the test environment (CIE) sends of, by the file's FAQ.
_TEST_NUMBERS = "1ZCIETST"


def _padded(value: object) -> object:
    """The summary, ``011``; the file's samples write it as a number."""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    return f"{value:03d}" if is_number else "" if value is None else value


class _Place(Message):
    city: Words = ""
    stateProvince: Words = ""
    postalCode: Words = ""
    country: Words = ""


class _Status(Message):
    type: Words = ""
    code: Words = ""
    description: Words = ""
    descriptionCode: Annotated[Words, BeforeValidator(_padded)] = ""


class _Alert(Message):
    trackingNumber: Number
    localActivityDate: Words = ""
    localActivityTime: Words = ""
    gmtActivityDate: Words = ""
    gmtActivityTime: Words = ""
    gmtOffset: Words = ""
    activityLocation: _Place | None = None
    activityStatus: _Status
    scheduledDeliveryDate: Words = ""
    receivedBy: Words = ""


def parse_webhook(body: bytes, carrier: str, production: bool) -> list[TrackingEvent]:
    """The event of an alert. In production one about a test number says nothing.

    A delivery photo comes as base64 and only with an extended subscription; there is no address
    of it that could be kept.

    :raise MalformedMessage: it is not what UPS documents, or says not when.
    """
    alert = read(_Alert, body)
    if production and alert.trackingNumber.startswith(_TEST_NUMBERS):
        return []
    if not alert.localActivityDate and not (
        alert.gmtActivityDate and alert.gmtActivityTime
    ):
        raise MalformedMessage("localActivityDate: is empty, and gmtActivityDate too")
    with documented():
        return [_event(alert, carrier)]


def _event(alert: _Alert, carrier: str) -> TrackingEvent:
    status = alert.activityStatus
    code, reason = meaning(status.type, status.code, status.descriptionCode)
    occurred_at, zone = times.moment(
        (alert.localActivityDate, alert.localActivityTime),
        (alert.gmtActivityDate, alert.gmtActivityTime),
        alert.gmtOffset,
    )
    has_gmt = alert.gmtActivityDate and alert.gmtActivityTime
    has_clock = has_gmt or alert.localActivityTime
    return TrackingEvent(
        carrier=carrier,
        tracking_number=alert.trackingNumber,
        raw_code=f"{status.type}/{status.code}",
        raw_status=status.descriptionCode,
        raw_text=status.description,
        code=code,
        reason=reason,
        occurred_at=occurred_at,
        occurred_text=_written_time(alert),
        zone=zone,
        precision=Precision.SECOND if has_clock else Precision.DAY,
        location=_location(alert.activityLocation),
        signer=alert.receivedBy if code == Code.DELIVERED else "",
        **({} if code in OVER else _estimate(alert)),
    )


def _written_time(alert: _Alert) -> str:
    """The time as it was written; GMT where there is no local one."""
    if alert.localActivityDate:
        parts = (alert.localActivityDate, alert.localActivityTime, alert.gmtOffset)
    else:
        parts = (alert.gmtActivityDate, alert.gmtActivityTime, "GMT")
    return " ".join(filter(None, parts))


def _location(where: _Place | None) -> Location | None:
    if where is None:
        return None
    return place(where.city, where.stateProvince, where.postalCode, where.country)


def _estimate(alert: _Alert) -> dict[str, Any]:
    """The day. The window beside it is on the clock of a place that is not named."""
    text = alert.scheduledDeliveryDate
    return {"estimated_date": common.day(text)} if text else {}
