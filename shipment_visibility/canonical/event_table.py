"""A file of events as a table: its encoding, delimiter, columns and cells.

What the cells mean is :mod:`.event_file`'s business.
"""

import codecs
import csv
import io
import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from enum import StrEnum

from .schema import TrackingEvent

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
RAW_LIMIT = 1_000

_CHUNK = 1 << 16
# Control characters but tab and line feed, and the mark of byte order, which is none here.
_CONTROL = re.compile(r"[\x00-\x08\x0b-\x1f\x7f-\x9f\ufeff\ud800-\udfff]")
# What a spreadsheet takes for a formula, and the apostrophe that keeps it from doing so.
_FORMULA = tuple("=+-@")
_GUARD = re.compile(r"^'(?=[=+\-@])")

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
    :ivar cells: what it holds, by column.
    :ivar raw: the line as it was written, cut.
    :ivar event: None when the line is refused.
    :ivar reason: why it is refused; ``detail`` is what was found there.
    """

    number: int
    cells: Mapping[str, str] = field(default_factory=dict)
    raw: str = ""
    event: TrackingEvent | None = None
    reason: Reason | None = None
    detail: str = ""


def clean(text: str) -> str:
    """The text without what no database takes: NUL and other control characters."""
    return _CONTROL.sub("", text).strip()


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
    seen = []

    def lines():
        for line in text:
            seen.append(line)
            yield line.replace("\0", "")

    rows = csv.reader(lines(), delimiter=delimiter, strict=True)
    while True:
        try:
            row = next(rows)
        except StopIteration:
            return
        except csv.Error:
            row = None
        number = before + rows.line_num
        raw = clean("".join(seen)[: RAW_LIMIT * 2])[:RAW_LIMIT]
        seen.clear()
        if row is None:
            yield Line(number, dict.fromkeys(columns, ""), raw, reason=Reason.QUOTES)
            continue
        # Of two columns of one name the first counts.
        found = reversed([*zip(columns, map(_cell, row), strict=False)])
        cells = dict.fromkeys(columns, "") | dict(found)
        if any(map(clean, row[len(columns) :])):
            yield Line(number, cells, raw, reason=Reason.CELLS)
        elif any(cells.values()):
            yield Line(number, cells, raw)


def _cell(written: str) -> str:
    return _GUARD.sub("", clean(written[: TEXT_LIMIT * 2]))[:TEXT_LIMIT]


def write_lines(content: bytes, reasons: Mapping[int, str]) -> str:
    """Write lines of a file as a file again, each with the reason why it was refused.

    :param reasons: ``{number of the line: reason}``; other lines are left out.
    """
    out = io.StringIO()
    writer = csv.writer(out)
    columns = None
    for line in read_lines(content):
        if columns is None:
            columns = [column for column in line.cells if column != "reason"]
            writer.writerow([*columns, "reason"])
        if line.number in reasons:
            cells = [line.cells.get(column, "") for column in columns]
            if line.reason:
                # What cannot be told apart into cells is given as it was.
                cells = [line.raw, *cells[1:]]
            writer.writerow([*map(_guarded, cells), reasons[line.number]])
    return out.getvalue()


def _guarded(cell: str) -> str:
    """The cell so that no spreadsheet takes it for a formula; reading takes that off."""
    return f"'{cell}" if cell[:1] in _FORMULA else cell


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
