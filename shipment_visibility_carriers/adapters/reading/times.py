"""Times as sources write them: ISO 8601 or Unix time."""

import datetime as dt
import re
from dataclasses import dataclass
from typing import Annotated, Any

from pydantic import BeforeValidator

from ....shipment_visibility.canonical.schema import Precision, Zone

# ISO 8601 as sources write it: a date, a local time, or a moment.
_FORM = re.compile(
    r"\d{4}-?\d\d-?\d\d"
    r"([T ](?P<time>\d\d(:?\d\d(?P<seconds>:?\d\d([.,]\d{1,9})?)?)?)"
    r" ?(?P<offset>Z|[+-]\d\d(:?\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)
# No second of our time is that far from 1970, and no millisecond that near.
_MILLISECONDS = 10**11
_EPOCH = dt.datetime(1970, 1, 1, tzinfo=dt.UTC)


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


def moment(text: str) -> Moment:
    """Read ISO 8601: with an offset, without one, or a date alone.

    :raise ValueError: it is none.
    """
    form = _FORM.fullmatch(text.strip())
    if form is None:
        raise ValueError("is no time in the form of ISO 8601")
    try:
        at = dt.datetime.fromisoformat(re.sub(r" (?=[+\-Zz])", "", form[0]))
    except ValueError:
        raise ValueError("is no possible time") from None
    return Moment(
        at=at if at.tzinfo else at.replace(tzinfo=dt.UTC),
        text=text,
        zone=Zone.KNOWN if at.tzinfo else Zone.LOCAL,
        precision=_precision(form),
    )


def _precision(form: re.Match) -> Precision:
    if not form["time"]:
        return Precision.DAY
    return Precision.SECOND if form["seconds"] else Precision.MINUTE


def _needed(value: object) -> Moment:
    if isinstance(value, Moment):
        return value
    if not isinstance(value, str):
        raise ValueError("is no time in the form of ISO 8601")
    return moment(value)


def _written(value: object) -> Moment | None:
    return None if value is None or value == "" else _needed(value)


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


# Without an offset a time is the wall clock at the place.
RequiredTime = Annotated[Moment, BeforeValidator(_needed)]
# None where nothing is written.
Time = Annotated[Moment | None, BeforeValidator(_written)]
# Seconds or milliseconds, told apart by their size.
UnixTime = Annotated[Moment | None, BeforeValidator(_unix)]
