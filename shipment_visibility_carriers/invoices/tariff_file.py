"""Reads a contract's rates from the CSV file that ``tariff`` describes."""

import csv
import datetime as dt
import re
from collections.abc import Iterable, Iterator
from decimal import Decimal

from ...shipment_visibility.canonical.freight import CUSTOMS, INFORMATION, ZERO
from ...shipment_visibility.canonical.schema import CHARGE_FAMILIES
from .document import InvoiceFileError
from .tariff import KG_PER_UNIT, Period, Rate, RateTable, Surcharge, Tariff

COLUMNS = (
    "kind",
    "service",
    "zone",
    "up_to",
    "amount",
    "per_unit",
    "percent",
    "code",
    "family",
    "always",
    "valid_from",
    "valid_to",
    "currency",
    "unit",
    "round_to",
)
_REQUIRED = ("kind", "amount", "valid_from", "currency")
_FAMILIES = set(CHARGE_FAMILIES) - {INFORMATION, "freight", "credit", *CUSTOMS}
_MOST_PROBLEMS = 20
_NUMBER = re.compile(r"[0-9]{1,9}(\.[0-9]{0,6})?")


class TariffFileError(InvoiceFileError):
    """A file that cannot be used.

    :ivar problems: the first twenty, each with its row (the header is 1; ``None``: the file).
    """

    def __init__(self, problems: list[tuple[int | None, str]]) -> None:
        told = [f"Row {row}: {text}" if row else text for row, text in problems]
        super().__init__("\n".join(told), problems[0][0])
        self.problems = problems


def read_tariff(lines: Iterable[str]) -> Tariff:
    """Read a contract.

    :param lines: the file's lines of text, as an open file gives them; read once, a row at a time.
    :raise TariffFileError: with what is wrong in which row; then nothing of it can be used.
    """
    book = _Book()
    problems: list[tuple[int | None, str]] = []
    for number, row, has_commas in _rows(lines):
        try:
            book.add(number, _Row(row, has_commas))
        except ValueError as error:
            problems.append((number, str(error)))
        if len(problems) >= _MOST_PROBLEMS:
            break
    if not problems and not book.tables:
        problems.append((None, "The file has no row of the kind rate."))
    if not problems:
        problems += book.problems()
    if problems:
        raise TariffFileError(problems)
    return book.tariff()


def _rows(lines: Iterable[str]) -> Iterator[tuple[int, dict[str, str], bool]]:
    """Number, cells by column, and whether amounts may have a decimal comma."""
    source = iter(lines)
    head = next(source, "").removeprefix("\ufeff")
    has_commas = head.count(";") > head.count(",")
    separator = ";" if has_commas else ","
    names = [
        name.strip().lower() for name in next(csv.reader([head], delimiter=separator))
    ]
    wrong = [f"There is no column {name}." for name in _REQUIRED if name not in names]
    wrong += [
        f"The column {name} is not known." for name in names if name not in COLUMNS
    ]
    wrong += [
        f"The column {name} is there twice."
        for name in dict.fromkeys(names)
        if names.count(name) > 1
    ]
    if wrong:
        raise TariffFileError([(1, text) for text in wrong])
    try:
        for number, cells in enumerate(csv.reader(source, delimiter=separator), 2):
            if not any(cell.strip() for cell in cells):
                continue
            if len(cells) > len(names):
                raise TariffFileError([(number, "It has more cells than the header.")])
            values = [cell.strip() for cell in cells]
            values += [""] * (len(names) - len(values))
            yield number, dict(zip(names, values, strict=True)), has_commas
    except csv.Error as error:
        raise TariffFileError([(None, f"This is no CSV file: {error}.")]) from None


class _Row:
    """The cells of a row, read."""

    def __init__(self, cells: dict[str, str], has_commas: bool) -> None:
        self._cells = cells
        self._has_commas = has_commas

    def text(self, name: str) -> str:
        return self._cells.get(name, "")

    def number(self, name: str) -> Decimal | None:
        """The number of a cell, 0 or above; ``None`` when it is empty."""
        text = self.text(name)
        if not text:
            return None
        plain = text.replace(",", ".") if self._has_commas else text
        if not _NUMBER.fullmatch(plain):
            raise ValueError(f"{name} is {text!r}, which is no number of 0 or above.")
        return Decimal(plain)

    def needed(self, name: str) -> Decimal:
        value = self.number(name)
        if value is None:
            raise ValueError(f"{name} is empty.")
        return value

    def date(self, name: str) -> dt.date | None:
        text = self.text(name)
        if not text:
            return None
        try:
            return dt.date.fromisoformat(text)
        except ValueError:
            raise ValueError(
                f"{name} is {text!r}; write dates as 2026-01-31."
            ) from None

    def period(self) -> Period:
        first = self.date("valid_from")
        if first is None:
            raise ValueError("valid_from is empty.")
        last = self.date("valid_to") or dt.date.max
        if last < first:
            raise ValueError("valid_to is before valid_from.")
        return Period(first, last)

    def currency(self) -> str:
        currency = self.text("currency")
        if not (len(currency) == 3 and currency.isascii() and currency.isupper()):
            raise ValueError(
                f"currency is {currency!r}; write its three letters, such as EUR."
            )
        return currency

    def unit(self) -> str:
        unit = self.text("unit") or "kg"
        if unit not in KG_PER_UNIT:
            raise ValueError(f"unit is {unit!r}; it can be kg or lb.")
        return unit

    def round_to(self) -> Decimal | None:
        step = self.number("round_to")
        if step is not None and step == ZERO:
            raise ValueError("round_to is 0; leave it empty when nothing is rounded.")
        return step

    def surcharge(self) -> Surcharge:
        family, always = self.text("family"), self.text("always").lower()
        if family not in _FAMILIES:
            raise ValueError(
                f"family is {family!r}; it can be {', '.join(sorted(_FAMILIES))}."
            )
        if always not in ("", "yes", "no"):
            raise ValueError(f"always is {always!r}; it can be yes or no.")
        amount, percent = self.number("amount"), self.number("percent")
        if (amount is None) == (percent is None):
            raise ValueError("A surcharge has either an amount or a percent.")
        return Surcharge(
            self.text("service"),
            self.text("zone"),
            self.period(),
            self.currency(),
            family,
            self.text("code"),
            amount,
            percent,
            always == "yes",
        )


class _Table:
    """Rows of one service and zone that are valid in one period."""

    def __init__(self, number: int, row: _Row) -> None:
        self.row = number
        self.terms = (row.currency(), row.unit(), row.round_to())
        self.rates: dict[Decimal | None, Rate] = {}

    def add(self, row: _Row) -> None:
        if (row.currency(), row.unit(), row.round_to()) != self.terms:
            raise ValueError(
                f"currency, unit or round_to differ from row {self.row},"
                " which is of the same service, zone and period."
            )
        up_to = row.number("up_to")
        if up_to in self.rates:
            raise ValueError(
                "There is a price for this service, zone, weight and period before."
            )
        per_unit = row.number("per_unit") or ZERO
        self.rates[up_to] = Rate(up_to, row.needed("amount"), per_unit)


class _Book:
    """What was read so far; only prices are kept, never the rows."""

    def __init__(self) -> None:
        self.tables: dict[tuple[str, str, Period], _Table] = {}
        self._minimums: dict[tuple[str, str, Period], tuple[int, Decimal]] = {}
        self._surcharges: list[tuple[int, Surcharge]] = []

    def add(self, number: int, row: _Row) -> None:
        """Take a row.

        :raise ValueError: says what is wrong with it.
        """
        kind = row.text("kind").lower()
        key = (row.text("service"), row.text("zone"), row.period())
        if kind == "rate":
            if key not in self.tables:
                self.tables[key] = _Table(number, row)
            self.tables[key].add(row)
        elif kind == "minimum":
            if key in self._minimums:
                raise ValueError("There is a minimum for this service and zone before.")
            self._minimums[key] = (number, row.needed("amount"))
        elif kind == "surcharge":
            self._surcharges.append((number, row.surcharge()))
        else:
            raise ValueError(f"kind is {kind!r}; it can be rate, minimum or surcharge.")

    def problems(self) -> list[tuple[int | None, str]]:
        """What only the file as a whole shows."""
        tables = [(table.row, key[:2], key[2]) for key, table in self.tables.items()]
        surcharges = [
            (row, (each.service, each.zone, each.family, each.code), each.period)
            for row, each in self._surcharges
        ]
        found = [*_overlaps(tables), *_overlaps(surcharges)]
        found += [
            (row, "There are no rates of the same service, zone and period.")
            for key, (row, _amount) in self._minimums.items()
            if key not in self.tables
        ]
        return sorted(found)[:_MOST_PROBLEMS]

    def tariff(self) -> Tariff:
        """All of it."""
        tables = []
        for key, table in self.tables.items():
            ordered = sorted(
                table.rates.values(),
                key=lambda rate: (rate.up_to is None, rate.up_to or ZERO),
            )
            _row, minimum = self._minimums.get(key, (0, ZERO))
            tables.append(RateTable(*key, *table.terms, tuple(ordered), minimum))
        return Tariff(tuple(tables), tuple(each for _row, each in self._surcharges))


def _overlaps(
    found: list[tuple[int, tuple[str, ...], Period]],
) -> list[tuple[int, str]]:
    """Rows whose validity begins before that of another row for the same thing has ended."""
    problems = []
    previous = None
    for row, key, period in sorted(found, key=lambda each: (each[1], each[2].first)):
        if previous and previous[1] == key and previous[2].overlaps(period):
            first, second = sorted((previous[0], row))
            problems.append(
                (
                    second,
                    f"Its validity overlaps that of row {first}; end one before the other.",
                )
            )
        if not previous or previous[1] != key or previous[2].last < period.last:
            previous = (row, key, period)
    return problems
