"""The cells of one record, and errors that name the column as the user knows it."""

import datetime as dt
from collections.abc import Mapping, Sequence
from decimal import Decimal

from ..document import InvoiceFileError
from . import values

NOTHING = Decimal(0)
_SHOWN = 40
_FEW = {str(count): count for count in range(1, 100)}


class Cells:
    """One record after the other, read by the position of a column, from 0.

    Empty cells, and columns that the record does not have, are empty text or ``None``.

    :param names: position -> what the column is called in errors.
    :raise InvoiceFileError: a cell does not hold what it should, with row and column.
    """

    def __init__(
        self, names: Mapping[int, str], decimal_mark: str, dates: Sequence[str]
    ) -> None:
        self._names = names
        self._mark = decimal_mark
        self._dates = tuple(dates)
        self.row = 0
        self._record: Sequence[str] = ()
        self._width = 0

    def take(self, row: int, record: Sequence[str]) -> None:
        """Read this record from now on."""
        self.row = row
        self._record = record
        self._width = len(record)

    def text(self, column: int) -> str:
        return self._record[column].strip() if 0 <= column < self._width else ""

    def number(self, column: int) -> str:
        """A number that is a name, such as that of a parcel: text, every digit kept."""
        text = self.text(column)
        if text[:2] == '="' and text.endswith('"'):
            # How some exports keep spreadsheets from calculating with it.
            text = text[2:-1].strip()
        try:
            values.refuse_rounded(text)
        except ValueError as error:
            raise self.wrong(column, str(error)) from None
        return text

    def amount(self, column: int) -> Decimal | None:
        text = self.text(column)
        if not text:
            return None
        try:
            return values.decimal(text, self._mark)
        except ValueError as error:
            raise self.wrong(column, str(error)) from None

    def needed(self, column: int) -> Decimal:
        """An amount that must be there."""
        amount = self.amount(column)
        if amount is None:
            raise self.wrong(column, "is empty; expected an amount")
        return amount

    def needed_text(self, column: int) -> str:
        text = self.number(column)
        if not text:
            raise self.wrong(column, "is empty")
        return text

    def date(self, column: int) -> dt.date | None:
        text = self.text(column)
        if not text:
            return None
        try:
            return values.date(text, self._dates)
        except ValueError as error:
            raise self.wrong(column, str(error)) from None

    def count(self, column: int) -> int | None:
        text = self.text(column)
        if text in _FEW:
            return _FEW[text]
        number = self.amount(column)
        if number is None:
            return None
        if number != number.to_integral_value() or number < 0:
            raise self.wrong(column, "is no number of pieces; expected one such as 2")
        return int(number)

    def kilograms(self, column: int, unit: str) -> Decimal | None:
        """A weight; ``None`` when it is 0 or not there."""
        text = self.text(column)
        if not text:
            return None
        try:
            return values.kilograms(text, self._mark, unit)
        except ValueError as error:
            raise self.wrong(column, str(error)) from None

    def wrong(self, column: int, what: str) -> InvoiceFileError:
        """The error that tells the user where and what."""
        name = self._names.get(column, "")
        where = f"column {column + 1}" + (f" ({name})" if name else "")
        shown = self.text(column)
        shown = shown if len(shown) <= _SHOWN else f"{shown[:_SHOWN]}…"
        cell = f"“{shown}” " if shown else ""
        return InvoiceFileError(f"Row {self.row}, {where}: {cell}{what}.", self.row)
