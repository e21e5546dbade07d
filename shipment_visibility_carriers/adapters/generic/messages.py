"""Our own open format: what another system may send, as models that document themselves.

A field that is not known here is refused: a misspelt name would be a lost fact.
"""

import datetime as dt
from typing import Annotated

from pydantic import AfterValidator, BaseModel, ConfigDict, Field

from ....shipment_visibility.canonical.milestone import Code
from ....shipment_visibility.canonical.schema import Location, TrackingEvent, Zone
from ..reading import documented, moment, read, storable

MOST_EVENTS = 1000
_CODES = ", ".join(code.value for code in Code)


def _checked_moment(text: str) -> str:
    if moment(text).zone != Zone.KNOWN:
        raise ValueError("is a time without an offset")
    return text


def _text(length: int, least: int = 0):
    return Annotated[
        str, Field(min_length=least, max_length=length), AfterValidator(storable)
    ]


_Moment = Annotated[
    str,
    Field(max_length=64, json_schema_extra={"format": "date-time"}),
    AfterValidator(_checked_moment),
]


class _Inbound(BaseModel):
    model_config = ConfigDict(
        frozen=True, extra="forbid", strict=True, str_strip_whitespace=True
    )


class InboundPlace(_Inbound):
    """Where it happened, as far as it is known."""

    facility: _text(1000) = Field(default="", description="Name of the depot or hub.")
    city: _text(1000) = ""
    state: _text(1000) = Field(default="", description="State, province or region.")
    postal_code: _text(1000) = ""
    country: Annotated[str, Field(pattern="^([A-Z]{2})?$")] = Field(
        default="", description="ISO 3166-1 alpha-2."
    )


class InboundEvent(_Inbound):
    """One thing that happened to one parcel."""

    tracking_number: _text(128, least=1) = Field(description="As on the parcel.")
    code: _text(250, least=1) = Field(
        description=f"One of: {_CODES}. Any other is stored as unknown, with its text."
    )
    occurred_at: _Moment = Field(
        description="ISO 8601 with an offset, from 2000 to 2099."
    )
    id: _text(1000) = Field(
        default="",
        description="Your own id of the event. The same id is stored once.",
    )
    message: _text(10_000) = Field(default="", description="In your words.")
    place: InboundPlace | None = None
    promised_date: dt.date | None = Field(
        default=None, description="The day on which it is to be delivered."
    )
    signed_by: _text(1000) = Field(default="", description="Who took the parcel.")
    raw_code: _text(250) = Field(
        default="",
        description="Your own code, which an administrator can map; by default the code.",
    )


class InboundMessage(_Inbound):
    """Tracking events of another system. All are accepted or none."""

    events: Annotated[list[InboundEvent], Field(max_length=MOST_EVENTS)]


def parse_webhook(body: bytes, carrier: str) -> list[TrackingEvent]:
    """The events of a message, in its order.

    :raise MalformedMessage: it is not of this format; the text names the field.
    """
    events = []
    for index, inbound in enumerate(read(InboundMessage, body).events):
        with documented(f"events.{index}"):
            events.append(_event(inbound, carrier))
    return events


def _event(inbound: InboundEvent, carrier: str) -> TrackingEvent:
    place = inbound.place and inbound.place.model_dump(exclude={"country"})
    return TrackingEvent(
        carrier=carrier,
        tracking_number=inbound.tracking_number,
        event_id=inbound.id,
        raw_code=inbound.raw_code or inbound.code,
        raw_status=inbound.code,
        raw_text=inbound.message,
        code=_code(inbound.code),
        **moment(inbound.occurred_at).fields(),
        location=place and Location(**place, country=inbound.place.country or None),
        signer=inbound.signed_by,
        estimated_date=inbound.promised_date,
    )


def _code(text: str) -> Code:
    try:
        return Code(text.lower())
    except ValueError:
        return Code.UNKNOWN
