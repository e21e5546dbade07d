"""Tracking messages: webhooks, and the answer to a poll, which hold the same events."""

import datetime as dt
import re
from collections.abc import Sequence
from typing import Annotated, Literal

from pydantic import AfterValidator, BeforeValidator, Field, model_validator

from ....shipment_visibility.canonical.milestone import Code
from ....shipment_visibility.canonical.schema import Location, TrackingEvent
from ..reading import Message, Text, documented, read
from .statuses import STATUSES

# RFC 3339, section 5.6; the offset is what makes it a moment.
_RFC3339 = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,9})?(Z|[+-]\d\d:\d\d)", re.ASCII
)


def _checked_moment(text: str) -> str:
    if not _RFC3339.fullmatch(text):
        raise ValueError("is not an RFC 3339 time with an offset")
    _moment(text)
    return text


def _moment(text: str) -> dt.datetime:
    try:
        return dt.datetime.fromisoformat(text).astimezone(dt.UTC)
    except (ValueError, OverflowError):
        raise ValueError("is no possible time") from None


def _empty_as_none(value: object) -> object:
    return None if value == "" else value


_Moment = Annotated[str, AfterValidator(_checked_moment)]
_Country = Annotated[str, Field(pattern="^[A-Z]{2}$")]
_Link = Annotated[Text, Field(pattern="^(https?://.*)?$")]


class _Location(Message):
    facility: Text = ""
    city: Text = ""
    state: Text = ""
    postal_code: Text = ""
    country: Annotated[_Country | None, BeforeValidator(_empty_as_none)] = None


class _Estimate(Message):
    """A window from ... to, or a calendar date."""

    begin: _Moment | None = Field(default=None, alias="from")
    end: _Moment | None = Field(default=None, alias="to")
    date: dt.date | None = None

    @model_validator(mode="after")
    def _one_kind(self):
        window = self.begin is not None and self.end is not None
        if window == (self.date is not None) or (
            not window and (self.begin or self.end)
        ):
            raise ValueError("holds neither from and to, nor a date alone")
        if window and _moment(self.begin) > _moment(self.end):
            raise ValueError("ends before it begins")
        return self


class _Event(Message):
    tracking_number: Annotated[Text, Field(min_length=1, max_length=128)]
    event_id: Annotated[Text, Field(min_length=1)]
    code: Annotated[Text, Field(min_length=1)]
    description: Text = ""
    occurred_at: _Moment
    location: _Location | None = None
    signer: Text = ""
    photo_url: _Link = ""
    estimated_delivery: _Estimate | None = None


class _Webhook(Message):
    id: Annotated[Text, Field(min_length=1)]
    type: Literal["tracking.updated"]
    events: list[_Event]


class _Tracking(Message):
    events: list[_Event]


def parse_webhook(body: bytes, carrier: str) -> list[TrackingEvent]:
    """The events of a webhook message, in its order."""
    return _canonical(read(_Webhook, body).events, carrier)


def parse_tracking(body: bytes, carrier: str) -> list[TrackingEvent]:
    """The events in the answer to ``GET /v1/tracking``, in its order."""
    return _canonical(read(_Tracking, body).events, carrier)


def _canonical(events: Sequence[_Event], carrier: str) -> list[TrackingEvent]:
    canonical = []
    for index, event in enumerate(events):
        with documented(f"events.{index}"):
            canonical.append(_tracking_event(event, carrier))
    return canonical


def _tracking_event(event: _Event, carrier: str) -> TrackingEvent:
    code, reason = STATUSES.get(event.code, (Code.UNKNOWN, ""))
    return TrackingEvent(
        carrier=carrier,
        tracking_number=event.tracking_number,
        event_id=event.event_id,
        raw_code=event.code,
        raw_text=event.description,
        code=code,
        reason=reason,
        occurred_at=_moment(event.occurred_at),
        occurred_text=event.occurred_at,
        location=event.location and Location(**event.location.model_dump()),
        signer=event.signer,
        photo_url=event.photo_url,
        **_estimates(event.estimated_delivery),
    )


def _estimates(estimate: _Estimate | None) -> dict[str, dt.datetime | dt.date]:
    if estimate is None:
        return {}
    if estimate.date is not None:
        return {"estimated_date": estimate.date}
    return {
        "estimated_from": _moment(estimate.begin),
        "estimated_to": _moment(estimate.end),
    }
