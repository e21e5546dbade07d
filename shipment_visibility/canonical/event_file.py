"""Events from a CSV file: a table in, a :class:`.schema.TrackingEvent` or a refusal a line out.

The first line names the columns, in any order and in capitals or not; columns of other
names are left alone. Delimiters are comma, semicolon or tab. The text is UTF-8, UTF-16 with
a byte order mark, or else Windows' cp1252.

=================  ======================================================================
carrier            code or name of the carrier; may be left out when there is a default
tracking_number    as the carrier writes it
milestone          a canonical code or its label, ``out_for_delivery``, ``Out for delivery``
occurred_at        ``2026-03-02``, ``2026-03-02 14:05`` or ``2026-03-02T14:05:33+01:00``
time_zone          of times without an offset, ``Europe/Paris``; else they are local times
city, postal_code  where it happened
country            two letters
facility           the depot's name
text               the carrier's words
raw_code           the carrier's own code; needed where the milestone is empty or unknown
event_id           the carrier's own id of the event
signer             who took the parcel
estimated_at       when it is expected, written like ``occurred_at``
=================  ======================================================================

Nothing in a file raises: what cannot be read is refused, with the line and the reason.
"""

import datetime as dt
import re
import zoneinfo
from collections.abc import Iterator, Mapping
from dataclasses import replace
from functools import lru_cache

from .event_table import CELL_LIMIT, COLUMNS, NUMBER_LIMIT, Line, Reason, read_lines
from .milestone import MILESTONES, Code
from .schema import Location, Precision, TrackingEvent, Zone

EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
LATEST = dt.timedelta(days=366)

_MOMENT = re.compile(
    r"(?P<date>\d{4}-\d\d-\d\d)"
    r"(?:[T ](?P<time>\d\d:\d\d(?P<seconds>:\d\d)?)(?:[.,]\d+)?"
    r"\s?(?P<offset>Z|[+-]\d\d(?::?\d\d)?)?)?",
    re.ASCII | re.IGNORECASE,
)
_CODES: Mapping[str, Code] = {
    name: row.code
    for row in MILESTONES.values()
    for name in (row.code.value.replace("_", " "), row.label.casefold())
}


class _Refused(Exception):
    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def read_events(
    content: bytes,
    *,
    carriers: Mapping[str, str],
    now: dt.datetime,
    default_carrier: str = "",
) -> Iterator[Line]:
    """Read a file line by line; blank lines are left out.

    :param carriers: ``{code or name, casefolded: code}`` of the carriers that may be named.
    :param now: times much later than this are refused.
    :param default_carrier: code of the carrier of lines that name none.
    """
    reader = _LineReader(carriers, now, default_carrier)
    required = {"tracking_number", "occurred_at"}
    if not default_carrier:
        required.add("carrier")
    for line in read_lines(content, required):
        yield line if line.reason else reader.take(line)


class _LineReader:
    """What the cells of a line mean."""

    def __init__(self, carriers, now, default_carrier) -> None:
        self.carriers = carriers
        self.default_carrier = default_carrier
        self.latest = now + LATEST

    def take(self, line: Line) -> Line:
        try:
            event = self._event(line.cells)
        except _Refused as refusal:
            detail = refusal.detail[:CELL_LIMIT]
            return replace(line, reason=refusal.reason, detail=detail)
        return replace(line, event=event)

    def _event(self, cells: Mapping[str, str]) -> TrackingEvent:
        for column, cell in cells.items():
            if column in COLUMNS and column != "text" and len(cell) > CELL_LIMIT:
                raise _Refused(Reason.TOO_LONG, column)
        written = cells.get("occurred_at", "")
        zone_name = cells.get("time_zone", "")
        moment, zone, precision = self._moment(written, zone_name)
        code, status = _meaning(cells)
        return TrackingEvent(
            carrier=self._carrier(cells.get("carrier", "")),
            tracking_number=_number(cells.get("tracking_number", "")),
            event_id=cells.get("event_id", ""),
            raw_code=cells.get("raw_code", ""),
            raw_status=status,
            raw_text=cells.get("text", ""),
            code=code,
            occurred_at=moment,
            occurred_text=f"{written} {zone_name}".strip(),
            zone=zone,
            precision=precision,
            location=_location(cells),
            signer=cells.get("signer", ""),
            **self._estimate(cells.get("estimated_at", ""), zone_name),
        )

    def _carrier(self, name: str) -> str:
        if not name and self.default_carrier:
            return self.default_carrier
        try:
            return self.carriers[name.casefold()]
        except KeyError:
            raise _Refused(Reason.CARRIER, name) from None

    def _estimate(self, written: str, zone_name: str) -> dict:
        if not written:
            return {}
        moment, _zone, precision = self._moment(written, zone_name)
        if precision == Precision.DAY:
            return {"estimated_date": moment.date()}
        return {"estimated_from": moment, "estimated_to": moment}

    def _moment(self, written: str, zone_name: str):
        """What a time says, how certain its zone is, and how fine it is."""
        found = _MOMENT.fullmatch(written)
        if not found:
            raise _Refused(Reason.TIME, written)
        zone = _zone(zone_name) if zone_name else None
        if zone_name and not zone:
            raise _Refused(Reason.TIME_ZONE, zone_name)
        try:
            moment, certainty = _parse(found, zone)
        except (ValueError, OverflowError):
            raise _Refused(Reason.TIME, written) from None
        if moment < EARLIEST:
            raise _Refused(Reason.TOO_EARLY, written)
        if moment > self.latest:
            raise _Refused(Reason.TOO_LATE, written)
        if not found["time"]:
            return moment, certainty, Precision.DAY
        fine = Precision.SECOND if found["seconds"] else Precision.MINUTE
        return moment, certainty, fine


def _parse(found: re.Match, zone: dt.tzinfo | None) -> tuple[dt.datetime, Zone]:
    moment = dt.datetime.fromisoformat(f"{found['date']}T{found['time'] or '00:00'}")
    if offset := found["offset"]:
        return (moment - _offset(offset)).replace(tzinfo=dt.UTC), Zone.KNOWN
    # A day is the calendar's at the place of the event, whatever the zone.
    if zone and found["time"]:
        return moment.replace(tzinfo=zone).astimezone(dt.UTC), Zone.KNOWN
    return moment.replace(tzinfo=dt.UTC), Zone.LOCAL


def _offset(written: str) -> dt.timedelta:
    if written in "Zz":
        return dt.timedelta()
    digits = written[1:].replace(":", "").ljust(4, "0")
    size = dt.timedelta(hours=int(digits[:2]), minutes=int(digits[2:]))
    if size > dt.timedelta(hours=14):
        raise ValueError("an offset that no place has")
    return -size if written[0] == "-" else size


@lru_cache(maxsize=1000)
def _zone(name: str) -> dt.tzinfo | None:
    try:
        return zoneinfo.ZoneInfo(name)
    except (zoneinfo.ZoneInfoNotFoundError, ValueError, OSError):
        return None


def _meaning(cells: Mapping[str, str]) -> tuple[Code, str]:
    """The code, and the status as the source said it.

    Without a code of the carrier the milestone is what tells events of one moment apart.
    """
    name = cells.get("milestone", "")
    spaced = re.sub(r"[\s_-]+", " ", name.casefold())
    code = _CODES.get(spaced, Code.UNKNOWN)
    if code == Code.UNKNOWN and not cells.get("raw_code"):
        raise _Refused(Reason.MILESTONE, name)
    return code, (name if code == Code.UNKNOWN else code.value)


def _number(written: str) -> str:
    if not any(map(str.isalnum, written)):
        raise _Refused(Reason.NUMBER, written)
    if len(written) > NUMBER_LIMIT:
        raise _Refused(Reason.TOO_LONG, "tracking_number")
    return written


def _location(cells: Mapping[str, str]) -> Location | None:
    country = cells.get("country", "").upper()
    if country and not re.fullmatch("[A-Z]{2}", country):
        raise _Refused(Reason.COUNTRY, country)
    place = {
        column: cells.get(column, "") for column in ("facility", "city", "postal_code")
    }
    if not country and not any(place.values()):
        return None
    return Location(country=country or None, **place)
