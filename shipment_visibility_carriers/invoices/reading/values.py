"""Amounts, dates, weights and sizes out of text. Nothing here is ever a float."""

import datetime as dt
import re
from collections.abc import Sequence
from decimal import Decimal
from functools import lru_cache

from ....shipment_visibility.canonical.operations import CM_PER_UNIT
from ....shipment_visibility.canonical.schema import Mass

_PLAIN = re.compile(r"-?[0-9]{1,15}(?:\.[0-9]{1,10})?")
_SPACES = " \u00a0\u202f'’"
# With a comma, with a point: groups of three, then decimals.
_MARKED = {
    mark: re.compile(
        rf"[0-9]{{1,3}}(?:[{re.escape(other + _SPACES)}][0-9]{{3}}){{1,4}}"
        rf"(?:{re.escape(mark)}[0-9]{{0,10}})?"
        rf"|[0-9]{{0,15}}{re.escape(mark)}[0-9]{{1,10}}"
        rf"|[0-9]{{1,15}}{re.escape(mark)}?"
    )
    for mark, other in (".,", ",.")
}
_NO_DIGITS = str.maketrans("", "", _SPACES)
_EXAMPLE = {".": "1,234.50", ",": "1.234,50"}
_ROUNDED = re.compile(r"[0-9](?:[.,][0-9]+)?[eE]\+?[0-9]+")
_LONGEST = 40
_FIRST_YEAR, _LAST_YEAR = 2000, 2099

DATE_FORMATS = {
    "yyyymmdd": (
        "20261231",
        re.compile(r"(?P<y>[0-9]{4})(?P<m>[0-9]{2})(?P<d>[0-9]{2})"),
    ),
    "y-m-d": (
        "2026-12-31",
        re.compile(
            r"(?P<y>[0-9]{4})-(?P<m>[0-9]{1,2})-(?P<d>[0-9]{1,2})(?:[T ][0-9:.]{1,20}Z?)?"
        ),
    ),
    "m/d/y": (
        "12/31/2026",
        re.compile(r"(?P<m>[0-9]{1,2})/(?P<d>[0-9]{1,2})/(?P<y>[0-9]{2}|[0-9]{4})"),
    ),
    "d/m/y": (
        "31/12/2026",
        re.compile(r"(?P<d>[0-9]{1,2})/(?P<m>[0-9]{1,2})/(?P<y>[0-9]{2}|[0-9]{4})"),
    ),
    "d.m.y": (
        "31.12.2026",
        re.compile(r"(?P<d>[0-9]{1,2})\.(?P<m>[0-9]{1,2})\.(?P<y>[0-9]{2}|[0-9]{4})"),
    ),
    "d-m-y": (
        "31-12-2026",
        re.compile(r"(?P<d>[0-9]{1,2})-(?P<m>[0-9]{1,2})-(?P<y>[0-9]{2}|[0-9]{4})"),
    ),
}


# Surcharges, weights and sizes of a file are the same again and again.
@lru_cache(maxsize=8192)
def decimal(text: str, mark: str = ".") -> Decimal:
    """A number as people write it: with thousands marks, ``-5``, ``5-`` or ``(5)``.

    :raise ValueError: it is none with this decimal mark, with what was expected.
    """
    if mark == "." and _PLAIN.fullmatch(text):
        return Decimal(text)
    if len(text) > _LONGEST:
        raise ValueError("is too long for an amount")
    bare, negative = _unsigned(text.strip(_SPACES + "$€£"))
    bare = bare.strip(_SPACES + "$€£")
    if not _MARKED[mark].fullmatch(bare):
        raise ValueError(f"is no amount; expected one such as {_EXAMPLE[mark]}")
    other = "," if mark == "." else "."
    bare = bare.replace(other, "").translate(_NO_DIGITS).replace(mark, ".")
    number = Decimal(bare)
    return -number if negative else number


def _unsigned(text: str) -> tuple[str, bool]:
    if text[:1] in ("-", "\u2212", "+"):
        return text[1:], text[0] != "+"
    if text.endswith("-"):
        return text[:-1], True
    if text.startswith("(") and text.endswith(")"):
        return text[1:-1], True
    return text, False


@lru_cache(maxsize=4096)
def date(text: str, formats: Sequence[str]) -> dt.date:
    """A calendar date in the first of ``formats`` that fits.

    :raise ValueError: it fits none, is no day, or lies outside of this century.
    """
    for name in formats:
        match = DATE_FORMATS[name][1].fullmatch(text)
        if match:
            year = int(match["y"])
            year = 2000 + year if year < 100 else year
            if not _FIRST_YEAR <= year <= _LAST_YEAR:
                raise ValueError(
                    f"lies in the year {year}; expected one from {_FIRST_YEAR} on"
                )
            try:
                return dt.date(year, int(match["m"]), int(match["d"]))
            except ValueError:
                continue
    examples = " or ".join(DATE_FORMATS[name][0] for name in formats)
    raise ValueError(f"is no date; expected one such as {examples}")


def refuse_rounded(text: str) -> None:
    """A spreadsheet writes long numbers as 7.9464E+11: the number itself is lost.

    :raise ValueError: this is such a number.
    """
    if "+" in text and _ROUNDED.fullmatch(text):
        raise ValueError(
            "is a number that a spreadsheet has rounded; send the file as the carrier made it"
        )


@lru_cache(maxsize=8192)
def kilograms(text: str, mark: str, unit: str) -> Decimal | None:
    """A weight in kilograms, to the gram; ``unit`` is one of ``Mass``.

    ``None`` for 0: that is what carriers write where they have none.

    :raise ValueError: it is no weight, with what was expected.
    """
    weight = decimal(text, mark)
    if weight < 0:
        raise ValueError("is no weight; expected 0 or more")
    return (
        Mass(value=weight, unit=unit).kg.quantize(Decimal("0.001")) if weight else None
    )


@lru_cache(maxsize=8192)
def centimetres(length: Decimal, unit: str) -> Decimal:
    """A length in centimetres, to a tenth of a millimetre; ``unit`` is one of ``CM_PER_UNIT``."""
    return (length * CM_PER_UNIT[unit]).quantize(Decimal("0.01"))
