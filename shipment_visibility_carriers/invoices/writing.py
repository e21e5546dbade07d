"""Tables for other people's spreadsheets."""

import csv
import io
import re
from collections.abc import Iterable, Sequence

_NUMBER = re.compile(r"[+-]?[0-9][0-9.,]*")
# A cell that begins so is a formula to spreadsheets, some of which pass over what comes first.
_FORMULA = ("=", "+", "-", "@")


def table(rows: Iterable[Sequence[object]]) -> bytes:
    """A table as CSV; what a spreadsheet would take for a formula is a text.

    What carriers write comes back to people in such tables, and a carrier's file is only as
    good as whoever could change it.
    """
    text = io.StringIO()
    csv.writer(text).writerows([list(map(cell, row)) for row in rows])
    # Spreadsheets take a file for UTF-8 only when it says so.
    return text.getvalue().encode("utf-8-sig")


def cell(value: object) -> str:
    """A value as text that is calculated nowhere; numbers stay as they are."""
    text = "" if value is None or value is False else str(value)
    bare = text.lstrip(" \t\r\n\0\u00a0")
    if _NUMBER.fullmatch(text) or not bare.startswith(_FORMULA):
        return text
    return f"'{text}"
