"""What the messages of sources that only report have in common: texts, times, estimates."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Annotated, Any

from babel.core import get_global
from pydantic import AfterValidator, BeforeValidator, Field

from ...shipment_visibility.canonical.milestone import Code
from ...shipment_visibility.canonical.schema import Precision, Zone
from .sandbox.reading import Message, documented, read

__all__ = [
    "OVER",
    "Message",
    "Moment",
    "Number",
    "Parsed",
    "Words",
    "country",
    "documented",
    "estimates",
    "moment",
    "read",
    "storable",
]

# After these nobody expects a delivery any more.
OVER = frozenset({Code.DELIVERED, Code.RETURNED, Code.CANCELLED, Code.LOST})
_CLOCK = re.compile(r"[T ]\d\d(:?\d\d(?P<second>:?\d\d)?)?", re.ASCII)


def storable(text: str) -> str:
    """A text that PostgreSQL can store.

    :raise ValueError: it holds NUL.
    """
    if "\0" in text:
        raise ValueError("holds a NUL character")
    return text


def _written(value: object) -> object:
    """Sources write null where there is nothing."""
    return "" if value is None else value


def _as_text(value: object) -> object:
    """Some numbers come as a JSON number; ``True`` is none."""
    if isinstance(value, int) and not isinstance(value, bool):
        return str(value)
    return value


# However long: what is stored is cut by ``TrackingEvent``.
Words = Annotated[str, BeforeValidator(_written), AfterValidator(storable)]
Number = Annotated[
    str,
    Field(min_length=1, max_length=128),
    BeforeValidator(_as_text),
    AfterValidator(storable),
]


@dataclass(frozen=True, slots=True)
class Parsed:
    """A time as a source wrote it.

    :ivar at: aware; with ``zone`` other than known it is the wall clock read as UTC.
    """

    text: str
    at: dt.datetime
    zone: Zone
    precision: Precision

    def event_fields(self) -> dict[str, Any]:
        """The fields of a ``TrackingEvent`` that say when it happened."""
        return {
            "occurred_at": self.at,
            "occurred_text": self.text,
            "zone": self.zone,
            "precision": self.precision,
        }


def moment(text: str) -> Parsed:
    """Read ISO 8601: with an offset, without one, or a date alone.

    :raise ValueError: it is none.
    """
    text = text.strip()
    try:
        at = dt.datetime.fromisoformat(text)
    except ValueError:
        raise ValueError("is no ISO 8601 time") from None
    precision = _precision(text)
    if at.tzinfo is None:
        return Parsed(text, at.replace(tzinfo=dt.UTC), Zone.LOCAL, precision)
    try:
        return Parsed(text, at.astimezone(dt.UTC), Zone.KNOWN, precision)
    except OverflowError:
        raise ValueError("is a time outside the calendar") from None


def _precision(text: str) -> Precision:
    clock = _CLOCK.search(text)
    if clock is None:
        return Precision.DAY
    return Precision.SECOND if clock["second"] else Precision.MINUTE


def _checked_moment(text: str) -> str:
    moment(text)
    return text


Moment = Annotated[str, AfterValidator(storable), AfterValidator(_checked_moment)]


def country(text: str) -> str | None:
    """ISO 3166-1 alpha-2 for a code of two or three letters; nothing for anything else."""
    code = text.strip().upper()
    if len(code) == 3:
        # CLDR's: https://unicode.org/reports/tr35/#territoryAlias
        known = get_global("territory_aliases").get(code, ())
        code = known[0] if len(known) == 1 else ""
    return code if len(code) == 2 and code.isascii() and code.isalpha() else None


def estimates(begin: str, end: str) -> dict[str, dt.datetime | dt.date]:
    """The fields of an estimate: a window where both ends have an offset, else a date.

    Without an offset the clock at the consignee's is meant, so only the date is certain; with
    midnight alone a source fills up a date. What is no time says nothing.
    """
    try:
        first, last = moment(begin or end), moment(end or begin)
    except ValueError:
        return {}
    is_certain = first.zone == last.zone == Zone.KNOWN
    if is_certain and not (_is_midnight(first) and _is_midnight(last)):
        return {"estimated_from": first.at, "estimated_to": last.at}
    return {"estimated_date": dt.datetime.fromisoformat(last.text).date()}


def _is_midnight(parsed: Parsed) -> bool:
    """Whether its own clock shows 00:00."""
    return dt.datetime.fromisoformat(parsed.text).time() == dt.time()
