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

import codecs
import csv
import datetime as dt
import io
import re
import zoneinfo
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from functools import lru_cache

from .milestone import MILESTONES, Code
from .schema import Location, Precision, TrackingEvent, Zone

COLUMNS = (
    "carrier",
    "tracking_number",
    "milestone",
    "occurred_at",
    "time_zone",
    "city",
    "postal_code",
    "country",
    "facility",
    "text",
    "raw_code",
    "event_id",
    "signer",
    "estimated_at",
)
DELIMITERS = ",;\t"
# Longest text, and longest cell of any other column, in characters.
TEXT_LIMIT = 10_000
CELL_LIMIT = 250
NUMBER_LIMIT = 128
EARLIEST = dt.datetime(2000, 1, 1, tzinfo=dt.UTC)
LATEST = dt.timedelta(days=366)

_CHUNK = 1 << 16
# Control characters but tab and line feed, and the mark of byte order, which is none here.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ud800-\udfff]")
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

# Python's own limit of a cell is too small for a text that is to be cut; Odoo lifts it too.
csv.field_size_limit(max(csv.field_size_limit(), 500 << 20))


class Reason(StrEnum):
    """Why a line is refused. The values are stored; never rename one."""

    EMPTY = "empty"
    COLUMNS = "columns"
    QUOTES = "quotes"
    CELLS = "cells"
    CARRIER = "carrier"
    NUMBER = "number"
    MILESTONE = "milestone"
    TIME = "time"
    TOO_EARLY = "too_early"
    TOO_LATE = "too_late"
    TIME_ZONE = "time_zone"
    COUNTRY = "country"
    TOO_LONG = "too_long"


REASONS: Mapping[Reason, str] = {
    Reason.EMPTY: "The file is empty",
    Reason.COLUMNS: "The first line does not name these columns",
    Reason.QUOTES: "A quotation mark is not closed, or stands where none may be",
    Reason.CELLS: "There are more cells than columns",
    Reason.CARRIER: "No carrier has this code or name",
    Reason.NUMBER: "There is no tracking number",
    Reason.MILESTONE: "No milestone is called so, and there is no code of the carrier",
    Reason.TIME: "The time cannot be read; write it like 2026-03-02 14:05",
    Reason.TOO_EARLY: "The time is before the year 2000",
    Reason.TOO_LATE: "The time is more than a year ahead",
    Reason.TIME_ZONE: "No time zone is called so; write it like Europe/Paris",
    Reason.COUNTRY: "The country is not a code of two letters",
    Reason.TOO_LONG: "The text of a cell is too long",
}


@dataclass(frozen=True, slots=True)
class Line:
    """One line of the file, and what was made of it.

    :ivar number: its place in the file, from 1; of a cell with line breaks the last one.
    :ivar cells: what it holds, by column, as far as the columns are known.
    :ivar event: None when the line is refused.
    :ivar reason: why it is refused; ``detail`` is what was found there.
    """

    number: int
    cells: Mapping[str, str] = field(default_factory=dict)
    event: TrackingEvent | None = None
    reason: Reason | None = None
    detail: str = ""


class _Refused(Exception):
    def __init__(self, reason: Reason, detail: str = "") -> None:
        super().__init__(reason)
        self.reason = reason
        self.detail = detail


def clean(text: str) -> str:
    """The text without what no database takes: NUL and other control characters."""
    return _CONTROL.sub("", text).strip()


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
        yield line if line.reason else reader.read(line)


def read_lines(content: bytes, required: set[str] = frozenset()) -> Iterator[Line]:
    """Read the cells of a file line by line, without a look at what they mean."""
    text = io.TextIOWrapper(
        io.BytesIO(content), _encoding(content), errors="replace", newline=None
    )
    head = ""
    before = 0
    while not head.strip() and (start := text.readline()):
        before += 1
        head = _CONTROL.sub("", start).strip(" \n")
    if not head.strip():
        yield Line(1, reason=Reason.EMPTY)
        return
    columns, delimiter = _columns(head)
    missing = sorted(required - set(columns))
    if not {"milestone", "raw_code"} & set(columns):
        missing.append("milestone")
    if missing:
        yield Line(before, reason=Reason.COLUMNS, detail=", ".join(missing))
        return
    yield from _table(text, columns, delimiter, before)


def _table(text, columns: list[str], delimiter: str, before: int) -> Iterator[Line]:
    lines = (line.replace("\0", "") for line in text)
    rows = csv.reader(lines, delimiter=delimiter, strict=True)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            yield Line(before + rows.line_num, reason=Reason.QUOTES)
            continue
        number = before + rows.line_num
        surplus = any(map(clean, row[len(columns) :]))
        row = [clean(cell[: TEXT_LIMIT * 2])[:TEXT_LIMIT] for cell in row]
        # Of two columns of one name the first counts.
        cells = dict(reversed([*zip(columns, row, strict=False)]))
        if surplus:
            yield Line(number, cells, reason=Reason.CELLS)
        elif any(cells.values()):
            yield Line(number, cells)


def _columns(head: str) -> tuple[list[str], str]:
    """The columns' names, and the delimiter under which most of them are known."""
    found = ([], DELIMITERS[0])
    most = 0
    for delimiter in DELIMITERS:
        names = [
            re.sub(r"[\s_-]+", "_", name.strip(' "').casefold())
            for name in head.split(delimiter)
        ]
        known = len(set(names) & set(COLUMNS))
        if known > most:
            found, most = (names, delimiter), known
    return found


def _encoding(content: bytes) -> str:
    if content.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE)):
        return "utf-16"
    decoder = codecs.getincrementaldecoder("utf-8-sig")()
    view = memoryview(content)
    try:
        for start in range(0, len(content), _CHUNK):
            decoder.decode(view[start : start + _CHUNK])
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return "cp1252"
    return "utf-8-sig"


class _LineReader:
    """What the cells of a line mean."""

    def __init__(self, carriers, now, default_carrier) -> None:
        self.carriers = carriers
        self.default_carrier = default_carrier
        self.latest = now + LATEST

    def read(self, line: Line) -> Line:
        try:
            event = self._event(line.cells)
        except _Refused as refusal:
            detail = refusal.detail[:CELL_LIMIT]
            return Line(line.number, line.cells, None, refusal.reason, detail)
        return Line(line.number, line.cells, event)

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
