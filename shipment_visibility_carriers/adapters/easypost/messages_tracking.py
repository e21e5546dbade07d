"""Trackers: the answer to a poll, and what a webhook carries.

Times, from https://docs.easypost.com/docs/trackers: with enough of a place EasyPost knows the
zone, and the time is right; without, the carrier's local time is stamped UTC.
"""

import datetime as dt
import re
from collections.abc import Iterator
from typing import Annotated

from pydantic import AfterValidator, Field

from ....shipment_visibility.canonical.milestone import Code
from ....shipment_visibility.canonical.schema import Location, TrackingEvent, Zone
from .reading import Message, Text, documented, found_date, read
from .statuses import meaning

_COUNTRY = re.compile(r"[A-Z]{2}")
# After these nobody expects a delivery any more.
_OVER = frozenset({"delivered", "return_to_sender", "cancelled", "failure"})


def _checked_moment(text: str) -> str:
    if dt.datetime.fromisoformat(text).tzinfo is None:
        raise ValueError("is a time without a zone")
    return text


_Moment = Annotated[str, AfterValidator(_checked_moment)]


class _Place(Message):
    city: Text = ""
    state: Text = ""
    country: Text = ""
    zip: Text = ""

    @property
    def is_enough(self) -> bool:
        """Whether EasyPost can tell the zone of it."""
        return bool(self.zip or (self.city and (self.state or self.country)))

    def canonical(self) -> Location | None:
        if not any((self.city, self.state, self.country, self.zip)):
            return None
        return Location(
            city=self.city,
            state=self.state,
            postal_code=self.zip,
            country=self.country if _COUNTRY.fullmatch(self.country) else None,
        )


class _Detail(Message):
    message: Text = ""
    description: Text = ""
    status: Text = ""
    status_detail: Text = ""
    datetime: _Moment
    carrier_code: Text = ""
    tracking_location: _Place | None = None


class _CarrierDetail(Message):
    est_delivery_date_local: Text = ""


class _Tracker(Message):
    id: str = Field(min_length=1)
    tracking_code: str = Field(min_length=1, max_length=128)
    status: Text = ""
    status_detail: Text = ""
    updated_at: _Moment
    signed_by: Text = ""
    est_delivery_date: Text = ""
    carrier_detail: _CarrierDetail | None = None
    tracking_details: list[_Detail] | None = None


class _Event(Message):
    description: str = Field(min_length=1)
    mode: Text = ""
    result: dict


class _TrackerEvent(Message):
    result: _Tracker


def build_tracker(tracking_number: str) -> dict:
    """The body of ``POST /v2/trackers``, which answers an existing tracker too."""
    return {"tracker": {"tracking_code": tracking_number}}


def parse_tracker(body: bytes, carrier: str) -> list[TrackingEvent]:
    """All events of a tracker, in EasyPost's order."""
    tracker = read(_Tracker, body)
    with documented("tracker"):
        return list(_events(tracker, carrier))


def parse_webhook(body: bytes, carrier: str, production: bool) -> list[TrackingEvent]:
    """The events of a webhook message; of one that is not about a tracker, none.

    In production a message of the test mode says nothing.
    """
    message = read(_Event, body)
    if not message.description.startswith("tracker."):
        return []
    tracker = read(_TrackerEvent, body).result
    if production and message.mode == "test":
        return []
    with documented("result"):
        return list(_events(tracker, carrier))


def _events(tracker: _Tracker, carrier: str) -> Iterator[TrackingEvent]:
    details = tracker.tracking_details or []
    for detail in details:
        yield _detail_event(tracker, detail, carrier)
    yield from _headline(tracker, details, carrier)
    yield from _estimate(tracker, carrier)


def _detail_event(tracker: _Tracker, detail: _Detail, carrier: str) -> TrackingEvent:
    """One scan. EasyPost gives it no id; its content is one."""
    raw_code, code, reason = meaning(
        detail.status, detail.status_detail, detail.carrier_code
    )
    place = detail.tracking_location or _Place()
    return TrackingEvent(
        carrier=carrier,
        tracking_number=tracker.tracking_code,
        raw_code=raw_code,
        raw_status=detail.status,
        raw_text=detail.message or detail.description,
        code=code,
        reason=reason,
        occurred_at=dt.datetime.fromisoformat(detail.datetime),
        occurred_text=detail.datetime,
        zone=Zone.KNOWN if place.is_enough else Zone.CLAIMED,
        location=place.canonical(),
        signer=tracker.signed_by if code == Code.DELIVERED else "",
    )


def _headline(
    tracker: _Tracker, details: list[_Detail], carrier: str
) -> Iterator[TrackingEvent]:
    """What EasyPost says of the whole that no scan says, such as that it gave up tracking."""
    raw_code, code, reason = meaning(tracker.status, tracker.status_detail, "")
    told = {meaning(detail.status, detail.status_detail, "")[1] for detail in details}
    if code == Code.UNKNOWN or code in told:
        return
    yield TrackingEvent(
        carrier=carrier,
        tracking_number=tracker.tracking_code,
        # The moment of an update moves with each look: what is said makes the event.
        event_id=f"{tracker.id}/{raw_code}",
        raw_code=raw_code,
        raw_status=tracker.status,
        code=code,
        reason=reason,
        occurred_at=dt.datetime.fromisoformat(tracker.updated_at),
        occurred_text=tracker.updated_at,
        signer=tracker.signed_by if code == Code.DELIVERED else "",
    )


def _estimate(tracker: _Tracker, carrier: str) -> Iterator[TrackingEvent]:
    """The date EasyPost expects, each date once."""
    detail = tracker.carrier_detail or _CarrierDetail()
    date = found_date(detail.est_delivery_date_local or tracker.est_delivery_date)
    if date is None or tracker.status in _OVER:
        return
    yield TrackingEvent(
        carrier=carrier,
        tracking_number=tracker.tracking_code,
        event_id=f"{tracker.id}/est_delivery_date/{date}",
        raw_code="est_delivery_date",
        code=Code.DELIVERY_SCHEDULED,
        occurred_at=dt.datetime.fromisoformat(tracker.updated_at),
        occurred_text=tracker.updated_at,
        estimated_date=date,
    )
