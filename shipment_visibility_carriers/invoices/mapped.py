"""Any table or workbook, read by a saved mapping of its columns."""

from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO

from .base import InvoiceFormat, Lines, register
from .document import Invoice, InvoiceFileError, InvoiceKind, Line, Parcel
from .mapping import ColumnMapping
from .reading import values
from .reading.archive import ZIP_MARK
from .reading.cells import NOTHING, Cells
from .reading.table import Table
from .reading.workbook import Workbook

_REFERENCES = ("reference_1", "reference_2", "reference_3")
_SIDES = ("length", "width", "height")
_HEAD = ("carrier", "account", "invoice_number", "currency", "original_number")
_HEAD_VALUES = ("invoice_date", "due_date", "invoice_total")
_SHOWN = 12


@register("mapped")
class Mapped(InvoiceFormat):
    """CSV or XLSX with the columns that finance has mapped; one charge a row."""

    title = "Mapped columns (CSV or XLSX)"
    needs_mapping = True

    def __init__(self, mapping: ColumnMapping) -> None:
        self._mapping = mapping

    # No model: there is no read of Odoo to call.
    # pylint: disable-next=method-required-super
    def read(self, stream: BinaryIO, after_row: int = 0) -> Iterator[Line]:
        """As of every format; a workbook needs a seekable stream."""
        table = self._opened(stream)
        header = self._header(table)
        parser = _Parser(self._mapping, header, table.decimal_mark)
        return Lines(table.pass_over(after_row), parser.lines)

    def _opened(self, stream: BinaryIO) -> Table | Workbook:
        mapping = self._mapping
        if stream.seekable():
            start = stream.tell()
            mark = stream.read(4)
            stream.seek(start)
            if mark == ZIP_MARK:
                return Workbook(stream, mapping.sheet, mapping.decimal_mark)
        return Table(stream, mapping.delimiter, mapping.encoding, mapping.decimal_mark)

    def _header(self, table: Table | Workbook) -> list[str]:
        wanted = self._mapping.header_row
        if not wanted:
            return []
        table.pass_over(wanted - 1)
        row, header = next(table, (0, []))
        if row != wanted:
            raise InvoiceFileError(
                f"Row {wanted} should hold the names of the columns, but is empty."
            )
        return [_plain(name) for name in header]


def _plain(name: str) -> str:
    return " ".join(name.split())


class _Parser:
    def __init__(
        self, mapping: ColumnMapping, header: list[str], decimal_mark: str
    ) -> None:
        self._mapping = mapping
        self._at = {
            target: _position(column, header, mapping.header_row)
            for target, column in mapping.columns.items()
        }
        names = dict(enumerate(header))
        if not header:
            names = {at: target.replace("_", " ") for target, at in self._at.items()}
        # Workbooks and many exports write days like this whatever else they do.
        dates = dict.fromkeys((mapping.date_format, "y-m-d"))
        self._cells = Cells(names, decimal_mark, tuple(dates))
        self._families = {
            _plain(code).casefold(): family for code, family in mapping.families.items()
        }
        self._told: tuple[str, ...] = ()
        self._invoice: Invoice | None = None

    def lines(self, row: int, record: list[str]) -> list[Line]:
        cells = self._cells
        cells.take(row, record)
        if not any(map(cells.text, self._at.values())):
            return []
        invoice = self._invoice_of()
        code, description = self._text("charge_code"), self._text("description")
        return [
            Line(
                invoice=invoice,
                row=row,
                part=0,
                family=self._family(code, description),
                amount=cells.needed(self._column("amount")),
                currency=invoice.currency,
                parcel=self._parcel(),
                raw_category=self._text("category"),
                raw_code=code,
                description=description,
                gross=cells.amount(self._column("gross")),
                tax=cells.amount(self._column("tax")) or NOTHING,
                service=self._text("service"),
            )
        ]

    def _parcel(self) -> Parcel:
        cells = self._cells
        return Parcel(
            tracking_number=cells.number(self._column("tracking_number")),
            master_number=cells.number(self._column("master_number")),
            references=tuple(filter(None, map(self._text, _REFERENCES))),
            zone=self._text("zone"),
            pieces=cells.count(self._column("pieces")),
            entered_weight=self._weight("entered_weight"),
            billed_weight=self._weight("billed_weight"),
            dimensions=self._size(),
            shipped_on=cells.date(self._column("shipped_on")),
            delivered_on=cells.date(self._column("delivered_on")),
        )

    def _column(self, target: str) -> int:
        return self._at.get(target, -1)

    def _text(self, target: str) -> str:
        return self._cells.text(self._column(target)) or self._mapping.constants.get(
            target, ""
        )

    def _needed_text(self, target: str) -> str:
        constant = self._mapping.constants.get(target, "")
        text = self._cells.number(self._column(target)) or constant
        return text or self._cells.needed_text(self._column(target))

    def _family(self, code: str, description: str) -> str:
        for told in (code, description):
            family = self._families.get(_plain(told).casefold())
            if told and family:
                return family
        return self._mapping.other_family

    def _weight(self, target: str) -> Decimal | None:
        return self._cells.kilograms(self._column(target), self._mapping.weight_unit)

    def _size(self) -> tuple[Decimal, ...] | None:
        sides = [self._cells.amount(self._column(side)) for side in _SIDES]
        if not all(sides):
            return None
        unit = self._mapping.length_unit
        return tuple(values.centimetres(side, unit) for side in sides)

    def _invoice_of(self) -> Invoice:
        cells = self._cells
        told = tuple(map(self._text, _HEAD + _HEAD_VALUES))
        if self._invoice is None or told != self._told:
            total = cells.amount(self._column("invoice_total"))
            self._invoice = Invoice(
                carrier=self._text("carrier"),
                account=self._needed_text("account"),
                number=self._needed_text("invoice_number"),
                date=cells.date(self._column("invoice_date")),
                currency=self._needed_text("currency"),
                total=total,
                kind=InvoiceKind.CREDIT_NOTE
                if total is not None and total < 0
                else InvoiceKind.INVOICE,
                original_number=cells.number(self._column("original_number")),
                due_date=cells.date(self._column("due_date")),
            )
            self._told = told
        return self._invoice


def _position(column: str | int, header: list[str], header_row: int) -> int:
    """Where a mapped column stands in this file, from 0."""
    if isinstance(column, int):
        if header and column > len(header):
            raise InvoiceFileError(
                f"The mapping asks for column {column}, but the file has {len(header)}."
            )
        return column - 1
    wanted = _plain(column).casefold()
    found = [at for at, name in enumerate(header) if name.casefold() == wanted]
    if len(found) == 1:
        return found[0]
    if found:
        raise InvoiceFileError(
            f"Row {header_row}: the column “{column}” is there {len(found)} times; "
            "map it by its number."
        )
    if wanted.isdecimal() and 0 < int(wanted) <= len(header):
        # On screen a number is written as a name is.
        return int(wanted) - 1
    shown = ", ".join(header[:_SHOWN]) + (", …" if len(header) > _SHOWN else "")
    raise InvoiceFileError(
        f"Row {header_row}: the file has no column “{column}”. It has: {shown}."
    )
