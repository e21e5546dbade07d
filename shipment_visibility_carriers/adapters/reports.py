"""What sources that only report write alike: texts, times, places, promised dates.

They pass on what hundreds of carriers write, so a field may be null, and a number may stand
where a text is documented. What is of another kind is refused.
"""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator, Field

from ...shipment_visibility.canonical.milestone import Code
from ...shipment_visibility.canonical.schema import (
    Location,
    Precision,
    TrackingEvent,
    Zone,
)
from .countries import alpha_2
from .sandbox.reading import Message, documented, read

__all__ = [
    "OVER",
    "Message",
    "Moment",
    "Number",
    "Text",
    "Time",
    "UnixTime",
    "documented",
    "estimate",
    "link",
    "many",
    "place",
    "promise",
    "read",
]

# After these nobody expects a delivery any more.
OVER = frozenset(
    {
        Code.DELIVERED,
        Code.RETURNING,
        Code.RETURNED,
        Code.CANCELLED,
        Code.LOST,
        Code.EXPIRED,
    }
)
ESTIMATE = "estimated_delivery"

# ISO 8601 as sources write it: a date, a local time, or a moment.
_FORM = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"([T ](?P<time>\d\d:\d\d)(?P<seconds>:\d\d)?(?P<fraction>\.\d{1,9})?)?"
    r" ?(?P<offset>Z|[+-]\d\d:?\d\d)?",
    re.ASCII,
)
# No second of our time is that far from 1970, and no millisecond that near.
_MILLISECONDS = 10**11
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)
_FIRST_YEAR, _LAST_YEAR = 2000, 2099
_LONGEST_LINK = 1000


@dataclass(frozen=True, slots=True)
class Moment:
    """A time as the source gave it.

    :ivar at: aware, with the offset that was written; UTC when none was.
    :ivar text: exactly what was written.
    """

    at: dt.datetime
    text: str
    zone: Zone = Zone.KNOWN
    precision: Precision = Precision.SECOND

    def fields(self) -> dict[str, Any]:
        """The fields of a :class:`TrackingEvent` that say when."""
        return {
            "occurred_at": self.at,
            "occurred_text": self.text,
            "zone": self.zone,
            "precision": self.precision,
        }


def _told(value: object) -> object:
    if value is None:
        return ""
    is_number = isinstance(value, int) and not isinstance(value, bool)
    text = str(value) if is_number else value
    if isinstance(text, str) and "\0" in text:
        raise ValueError("holds a NUL character")
    return text


def _moment(value: object) -> Moment | None:
    if isinstance(value, Moment):
        return value
    if value is None or value == "":
        return None
    form = _FORM.fullmatch(value.strip()) if isinstance(value, str) else None
    if form is None or (form["offset"] and not form["time"]):
        raise ValueError("is no time in the form of ISO 8601")
    try:
        at = dt.datetime.fromisoformat(value.strip().replace(" +", "+"))
    except ValueError:
        raise ValueError("is no possible time") from None
    return Moment(
        at=at if at.tzinfo else at.replace(tzinfo=dt.UTC),
        text=value,
        zone=Zone.KNOWN if at.tzinfo else Zone.LOCAL,
        precision=_precision(form),
    )


def _precision(form: re.Match) -> Precision:
    if not form["time"]:
        return Precision.DAY
    return Precision.SECOND if form["seconds"] else Precision.MINUTE


def _unix(value: object) -> Moment | None:
    if isinstance(value, Moment):
        return value
    if value is None:
        return None
    if not isinstance(value, int) or isinstance(value, bool):
        raise ValueError("is no Unix time")
    unit = "milliseconds" if abs(value) >= _MILLISECONDS else "seconds"
    try:
        return Moment(at=_EPOCH + dt.timedelta(**{unit: value}), text=str(value))
    except OverflowError:
        raise ValueError("is no possible time") from None


# Null is an empty text. A number that stands for a text is one.
Text = Annotated[str, BeforeValidator(_told)]
Number = Annotated[str, BeforeValidator(_told), Field(min_length=1, max_length=128)]
# None where nothing is written. Without an offset it is the wall clock at the place.
Time = Annotated[Moment | None, BeforeValidator(_moment)]
# Seconds or milliseconds, told apart by their size.
UnixTime = Annotated[Moment | None, BeforeValidator(_unix)]


def many(model: type) -> Any:
    """A list of ``model``, which may also be null or left out."""
    return Annotated[
        list[model],
        BeforeValidator(lambda value: [] if value is None else value),
        Field(default=[]),
    ]


def place(
    city: str = "", state: str = "", postal_code: str = "", country: str = "", **more
) -> Location | None:
    """Where it happened; ``None`` when nothing is said of it.

    :param country: in two or three letters; what is neither is left out.
    :param more: ``facility``
    """
    location = Location(
        city=city,
        state=state,
        postal_code=postal_code,
        country=alpha_2(country),
        **more,
    )
    return None if location == Location() else location


def link(text: str) -> str:
    """An address a browser may open; empty when it is none."""
    is_link = text.startswith(("https://", "http://")) and len(text) <= _LONGEST_LINK
    return text if is_link else ""


def estimate(begin: Moment | None, end: Moment | None = None) -> dict[str, Any]:
    """The fields of a :class:`TrackingEvent` that say when delivery is expected.

    What has no time of day, or one without an offset, is a calendar date: of several days
    the last one, which is the promise. Years that no parcel travels in are placeholders.
    """
    begin, end = begin or end, end or begin
    if begin is None or end is None or end.at < begin.at:
        return {}
    if not _FIRST_YEAR <= begin.at.year <= end.at.year <= _LAST_YEAR:
        return {}
    if _is_date(begin) and _is_date(end):
        return {"estimated_date": end.at.date()}
    if Zone.LOCAL in (begin.zone, end.zone):
        return {"estimated_date": end.at.date()}
    return {"estimated_from": begin.at, "estimated_to": end.at}


def _is_date(moment: Moment) -> bool:
    return moment.precision == Precision.DAY or moment.at.time() == dt.time()


def promise(
    carrier: str, number: str, scope: str, said_at: Moment, fields: dict[str, Any]
) -> list[TrackingEvent]:
    """The event that a delivery is expected, each date or window once; none without one.

    :param scope: whose estimate it is, where one number may have several.
    :param said_at: when the source said so.
    :param fields: what :func:`estimate` made of it.
    """
    if not fields:
        return []
    said = "/".join(value.isoformat() for value in fields.values())
    event = TrackingEvent(
        carrier=carrier,
        tracking_number=number,
        event_id="/".join(filter(None, (scope, ESTIMATE, said))),
        raw_code=ESTIMATE,
        code=Code.DELIVERY_SCHEDULED,
        **said_at.fields(),
        **fields,
    )
    return [event]
