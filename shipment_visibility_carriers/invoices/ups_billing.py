"""UPS billing data: 250 columns, no header row, one charge a row.

Positions are those of UPS's billing data layout (columns counted from 1 in its guide, from 0
here). The date of the transaction, the references, and the letters of the units of weight are
from general knowledge of that guide.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from functools import lru_cache
from operator import itemgetter
from typing import BinaryIO

from . import families
from .base import InvoiceFormat, Lines, register
from .document import (
    Invoice,
    InvoiceFileError,
    InvoiceKind,
    Line,
    Parcel,
    WeightBasis,
)
from .reading import values
from .reading.cells import NOTHING, Cells
from .reading.table import Table, first_record, found_delimiter
from .reading.text import decoded_head

COLUMNS = 250
ACCOUNT, INVOICE_DATE, INVOICE_NUMBER, INVOICE_CURRENCY, INVOICE_AMOUNT = 2, 4, 5, 9, 10
TRANSACTION_DATE, LEAD_NUMBER, PACKAGES, TRACKING_NUMBER = 11, 13, 18, 20
REFERENCES = (15, 16, 21, 22, 23, 24, 25)
ENTERED_WEIGHT, ENTERED_UNIT, BILLED_WEIGHT, BILLED_UNIT = 26, 27, 28, 29
WEIGHT_TYPE, DIMENSIONS, ZONE, CATEGORY, DETAIL = 31, 32, 33, 34, 35
CLASSIFICATION, CODE, DESCRIPTION = 43, 44, 45
CURRENCY, INCENTIVE, NET, DUE_DATE = 50, 51, 52, 62
_NAMES = {
    ACCOUNT: "Account Number",
    INVOICE_DATE: "Invoice Date",
    INVOICE_NUMBER: "Invoice Number",
    INVOICE_AMOUNT: "Invoice Amount",
    TRANSACTION_DATE: "Transaction Date",
    LEAD_NUMBER: "Lead Shipment Number",
    PACKAGES: "Package Quantity",
    TRACKING_NUMBER: "Tracking Number",
    ENTERED_WEIGHT: "Entered Weight",
    ENTERED_UNIT: "Entered Weight Unit of Measure",
    BILLED_WEIGHT: "Billed Weight",
    BILLED_UNIT: "Billed Weight Unit of Measure",
    DIMENSIONS: "Package Dimensions",
    INCENTIVE: "Incentive Amount",
    NET: "Net Amount",
    DUE_DATE: "Invoice Due Date",
}
_DATES = ("m/d/y", "y-m-d", "yyyymmdd")
# Unit of weight -> ours, and the unit of the size that goes with it.
_UNITS = {"L": ("lb", "in"), "O": ("oz", "in"), "K": ("kg", "cm"), "": ("lb", "in")}
# 1 and 6 are actual weights without a word on who weighed.
_BASES = {
    "2": WeightBasis.DIMENSIONS,
    "7": WeightBasis.DIMENSIONS,
    "9": WeightBasis.DIMENSIONS,
    "3": WeightBasis.MINIMUM,
    "8": WeightBasis.SCALE,
}
_TEXTS = itemgetter(CATEGORY, DETAIL, CLASSIFICATION, CODE, DESCRIPTION, CURRENCY)
_HEAD = itemgetter(
    ACCOUNT, INVOICE_DATE, INVOICE_NUMBER, INVOICE_CURRENCY, INVOICE_AMOUNT, DUE_DATE
)
_REFERENCES = itemgetter(*REFERENCES)
_PARCEL = itemgetter(
    *REFERENCES,
    *(TRANSACTION_DATE, LEAD_NUMBER, PACKAGES, TRACKING_NUMBER, ZONE, DIMENSIONS),
    *(ENTERED_WEIGHT, ENTERED_UNIT, BILLED_WEIGHT, BILLED_UNIT, WEIGHT_TYPE),
)
_SIZE = re.compile(r"([0-9.,]+) {0,9}x {0,9}([0-9.,]+) {0,9}x {0,9}([0-9.,]+)", re.I)


@register("ups_billing")
class UpsBilling(InvoiceFormat):
    """UPS billing data file with 250 columns."""

    title = "UPS billing data (CSV, 250 columns)"

    # No model: there is no read of Odoo to call.
    # pylint: disable-next=method-required-super
    def read(self, stream: BinaryIO, after_row: int = 0) -> Iterator[Line]:
        table = Table(stream)
        return Lines(table.pass_over(after_row), _Parser(table.decimal_mark).lines)

    @classmethod
    def recognise(cls, head: bytes) -> bool:
        text = decoded_head(head)
        record = first_record(text, found_delimiter(text))
        if len(record) != COLUMNS:
            return False
        classes = {*families.UPS_CLASSES, "ACC", "EXM", "MSC"}
        return record[CLASSIFICATION].strip() in classes or _is_header(record)


def _is_header(record: list[str]) -> bool:
    """Some portals add one, though UPS does not."""
    return record[ACCOUNT].strip().casefold() == "account number"


class _Parser:
    def __init__(self, decimal_mark: str) -> None:
        self._cells = Cells(_NAMES, decimal_mark, _DATES)
        self._mark = decimal_mark
        # Invoice and parcel are made once, for charges with the same stand one below the other.
        self._head_told: tuple[str, ...] = ()
        self._invoice: Invoice | None = None
        self._parcel_told: tuple[str, ...] = ()
        self._parcel = Parcel()

    def lines(self, row: int, record: list[str]) -> list[Line]:
        if len(record) != COLUMNS:
            raise InvoiceFileError(
                f"Row {row} has {len(record)} columns; expected {COLUMNS}. "
                "The row may be cut off, or this is another format.",
                row,
            )
        if row == 1 and _is_header(record):
            return []
        cells = self._cells
        cells.take(row, record)
        invoice = self._invoice_of(record)
        # At once and not one by one: this runs for every charge of a file.
        category, detail, classification, code, description, currency = map(
            str.strip, _TEXTS(record)
        )
        net = cells.amount(NET)
        if net is None:
            net = NOTHING if classification == "INF" else cells.needed(NET)
        return [
            Line(
                invoice=invoice,
                row=row,
                part=0,
                family=families.ups(category, detail, classification, code),
                amount=net,
                currency=currency or invoice.currency,
                parcel=self._parcel_of(record),
                raw_category=_joined(category, detail),
                raw_code=_joined(classification, code),
                description=description,
                gross=_gross(net, cells.amount(INCENTIVE)),
                service=description if classification == "FRT" else "",
            )
        ]

    def _parcel_of(self, record: list[str]) -> Parcel:
        told = _PARCEL(record)
        if told != self._parcel_told:
            cells = self._cells
            billed_unit = self._unit(BILLED_UNIT)
            self._parcel = Parcel(
                tracking_number=cells.number(TRACKING_NUMBER),
                master_number=cells.number(LEAD_NUMBER),
                references=tuple(filter(None, map(str.strip, _REFERENCES(record)))),
                zone=cells.text(ZONE),
                pieces=cells.count(PACKAGES),
                entered_weight=cells.kilograms(
                    ENTERED_WEIGHT, self._unit(ENTERED_UNIT)[0]
                ),
                billed_weight=cells.kilograms(BILLED_WEIGHT, billed_unit[0]),
                weight_basis=_BASES.get(cells.text(WEIGHT_TYPE)),
                dimensions=self._size(billed_unit[1]),
                shipped_on=cells.date(TRANSACTION_DATE),
            )
            self._parcel_told = told
        return self._parcel

    def _invoice_of(self, record: list[str]) -> Invoice:
        told = _HEAD(record)
        if self._invoice is None or told != self._head_told:
            cells = self._cells
            total = cells.amount(INVOICE_AMOUNT)
            self._invoice = Invoice(
                carrier="ups",
                account=cells.needed_text(ACCOUNT),
                number=cells.needed_text(INVOICE_NUMBER),
                date=cells.date(INVOICE_DATE),
                currency=cells.text(INVOICE_CURRENCY),
                total=total,
                kind=InvoiceKind.CREDIT_NOTE
                if total is not None and total < 0
                else InvoiceKind.INVOICE,
                due_date=cells.date(DUE_DATE),
            )
            self._head_told = told
        return self._invoice

    def _unit(self, column: int) -> tuple[str, str]:
        try:
            return _UNITS[self._cells.text(column)]
        except KeyError:
            raise self._cells.wrong(
                column, "is no unit of weight; expected L, K or O"
            ) from None

    def _size(self, unit: str) -> tuple[Decimal, Decimal, Decimal] | None:
        text = self._cells.text(DIMENSIONS)
        if not text:
            return None
        try:
            return _size(text, unit, self._mark)
        except ValueError:
            raise self._cells.wrong(
                DIMENSIONS, "is no size; expected one such as 12.0x 9.0x 7.0"
            ) from None


@lru_cache(maxsize=4096)
def _joined(kind: str, detail: str) -> str:
    return "/".join(filter(None, (kind, detail)))


def _gross(net: Decimal, incentive: Decimal | None) -> Decimal | None:
    # The sign of an incentive is not documented; it always makes the charge smaller.
    if incentive is None:
        return None
    return net - abs(incentive) if net < 0 else net + abs(incentive)


def _size(text: str, unit: str, mark: str) -> tuple[Decimal, ...] | None:
    match = _SIZE.fullmatch(text)
    if not match:
        raise ValueError(text)
    length, width, height = match.groups()
    size = (
        _side(length, unit, mark),
        _side(width, unit, mark),
        _side(height, unit, mark),
    )
    return size if all(size) else None


@lru_cache(maxsize=4096)
def _side(text: str, unit: str, mark: str) -> Decimal:
    return values.centimetres(values.decimal(text, mark), unit)
