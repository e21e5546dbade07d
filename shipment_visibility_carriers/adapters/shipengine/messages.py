"""A ShipEngine message and its events.

``occurred_at`` is UTC as far as ShipEngine knows the carrier's zone, ``carrier_occurred_at`` the
local time beside it, by whatever offset. Where both are the same clock with no offset but "Z",
ShipEngine did not know the zone.
"""

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from pydantic import Field

from ....shipment_visibility.canonical.milestone import Code
from ....shipment_visibility.canonical.schema import TrackingEvent, Zone
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
    link,
    many,
    place,
    promise,
    read,
)
from .statuses import ALSO_DAMAGED, meaning

_TRACKING = frozenset({"API_TRACK", "TRACK_EVENT_V2"})
_THIN = (
    "data: a tracking message without data, only with the address of it; "
    "subscribe to a tracking event that carries its data"
)
_DAMAGE = "damaged"


class _Event(Message):
    occurred_at: Time = None
    carrier_occurred_at: Time = None
    description: LooseWords = ""
    company_name: LooseWords = ""
    city_locality: LooseWords = ""
    state_province: LooseWords = ""
    postal_code: LooseWords = ""
    country_code: LooseWords = ""
    signer: LooseWords = ""
    event_code: LooseWords = ""
    event_description: LooseWords = ""
    carrier_status_code: LooseWords = ""
    carrier_detail_code: LooseWords = ""
    status_code: LooseWords = ""
    status_detail_code: LooseWords = ""
    proof_of_delivery_url: LooseWords = ""

    @property
    def moment(self) -> Moment | None:
        """When it happened, and how far its zone can be trusted."""
        at, local = self.occurred_at, self.carrier_occurred_at
        if at is None or local is None or at.zone != Zone.KNOWN:
            return at or local
        is_same_clock = at.at.replace(tzinfo=None) == local.at.replace(tzinfo=None)
        if is_same_clock and not local.at.utcoffset() and not at.at.utcoffset():
            return replace(at, zone=Zone.CLAIMED)
        return at


class _Tracking(Message):
    tracking_number: Number
    carrier_code: LooseWords = ""
    status_code: LooseWords = ""
    status_detail_code: LooseWords = ""
    status_description: LooseWords = ""
    carrier_status_description: LooseWords = ""
    exception_description: LooseWords = ""
    estimated_delivery_date: Time = None
    actual_delivery_date: Time = None
    events: many(_Event)

    @property
    def meaning(self) -> tuple[str, Code, str]:
        return meaning(self.status_code, self.status_detail_code)


class _Envelope(Message):
    resource_type: LooseWords = Field(min_length=1)


class _Reference(Message):
    data: dict | None = None


class _Webhook(Message):
    data: _Tracking


def parse_webhook(body: bytes, carrier: str) -> list[TrackingEvent]:
    """The events of a message in ShipEngine's order, mostly newest first.

    An event without any time cannot be placed and is left out.

    :raise MalformedMessage: it is not what ShipEngine documents, or has no data in it.
    """
    if read(_Envelope, body).resource_type not in _TRACKING:
        return []
    if not read(_Reference, body).data:
        raise MalformedMessage(_THIN)
    tracking = read(_Webhook, body).data
    with documented("data"):
        return list(_events(tracking, carrier))


def _events(tracking: _Tracking, carrier: str) -> Iterator[TrackingEvent]:
    told = set()
    times = []
    for scan in tracking.events:
        if scan.moment is not None:
            event = _scan_event(tracking, scan, carrier)
            told.add(event.code)
            times.append(scan.moment)
            yield event
            yield from _damage(event, scan.status_detail_code)
    yield from _headline(tracking, told, carrier)
    if times and not told & OVER and tracking.meaning[1] not in OVER:
        newest = max(times, key=lambda moment: moment.at)
        number, scope = tracking.tracking_number, tracking.carrier_code
        expected = estimate(tracking.estimated_delivery_date)
        yield from promise(carrier, number, scope, newest, expected)


def _scan_event(tracking: _Tracking, scan: _Event, carrier: str) -> TrackingEvent:
    """One scan. ShipEngine gives it no id; its content is one."""
    raw_code, code, reason = meaning(scan.status_code, scan.status_detail_code)
    return TrackingEvent(
        carrier=carrier,
        tracking_number=tracking.tracking_number,
        raw_code=raw_code,
        raw_status=scan.event_code or scan.carrier_detail_code,
        raw_text=scan.description or scan.event_description,
        code=code,
        reason=reason,
        location=place(
            scan.city_locality,
            scan.state_province,
            scan.postal_code,
            scan.country_code,
            facility=scan.company_name,
        ),
        signer=scan.signer,
        photo_url=link(scan.proof_of_delivery_url),
        **scan.moment.fields(),
    )


def _damage(event: TrackingEvent, detail: str) -> Iterator[TrackingEvent]:
    if detail in ALSO_DAMAGED:
        yield event.model_copy(
            update={
                # Another raw code makes it another event.
                "raw_code": f"{event.raw_code}/{_DAMAGE}",
                "code": Code.DAMAGED,
                "reason": "carrier_damaged_parcel",
                "signer": "",
                "photo_url": "",
            }
        )


def _headline(
    tracking: _Tracking, told: set[Code], carrier: str
) -> Iterator[TrackingEvent]:
    """That it is delivered, where no scan says so. Of other statuses no time is given.

    The date's zone is not documented.
    """
    raw_code, code, reason = tracking.meaning
    moment = tracking.actual_delivery_date
    if code != Code.DELIVERED or moment is None or told & {code, *OVER}:
        return
    if moment.zone == Zone.KNOWN and moment.at.utcoffset() == dt.timedelta():
        moment = replace(moment, zone=Zone.CLAIMED)
    yield TrackingEvent(
        carrier=carrier,
        tracking_number=tracking.tracking_number,
        raw_code=raw_code,
        raw_status=tracking.status_description,
        raw_text=tracking.carrier_status_description or tracking.exception_description,
        code=code,
        reason=reason,
        **moment.fields(),
    )
