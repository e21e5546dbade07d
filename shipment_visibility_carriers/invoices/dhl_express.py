"""DHL Express invoices: a line I for the invoice, then a line S for each of its shipments.

Positions are those of the layout with 153 columns (counted from 1 there, from 0 here). The
dates of due and shipment, the second and third reference, the tax of the weight charge, other
charges and the fee of the invoice stand where general knowledge of that layout has them.
"""

import re
from collections.abc import Iterator
from decimal import Decimal
from typing import BinaryIO, NamedTuple

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
from .reading.cells import NOTHING, Cells
from .reading.table import Table, first_record, found_delimiter
from .reading.text import decoded_head

UNEXPLAINED = "Not explained by the charges of the shipment"
UNEXPLAINED_TAX = "Tax not told by charge"
LINE_TYPE, ORIGINAL_NUMBER, NUMBER, INVOICE_TYPE, INVOICE_DATE, DUE_DATE = (
    0,
    2,
    3,
    6,
    7,
    9,
)
ACCOUNT, SHIPMENT_NUMBER, SHIPMENT_DATE, REFERENCES = 11, 23, 24, (27, 28, 29)
PRODUCT, PRODUCT_NAME, PIECES, SIZE = 30, 31, 32, 62
CUSTOMER_SCALE, DHL_SCALE, CUSTOMER_VOLUME, DHL_VOLUME = 63, 64, 65, 66
WEIGHT_FLAG, WEIGHT, CURRENCY, NET, GRAND_TOTAL = 67, 68, 69, 70, 71
INVOICE_FEE, WEIGHT_CHARGE, WEIGHT_TAX = 75, 76, 77
OTHERS = ((78, 79), (80, 81))
DISCOUNTS = (83, 85, 87)
EXTRAS, EXTRA_WIDTH = 90, 7
COLUMNS = 153
_NAMES = {
    LINE_TYPE: "Line Type",
    NUMBER: "Invoice Number",
    INVOICE_DATE: "Invoice Date",
    DUE_DATE: "Due Date",
    ACCOUNT: "Billing Account",
    SHIPMENT_NUMBER: "Shipment Number",
    SHIPMENT_DATE: "Shipment Date",
    PIECES: "Pieces",
    CUSTOMER_SCALE: "Cust Scale Weight (A)",
    WEIGHT: "Weight (kg)",
    NET: "Total amount (excl. VAT)",
    GRAND_TOTAL: "Total amount (incl. VAT)",
    INVOICE_FEE: "Invoice Fee",
    WEIGHT_CHARGE: "Weight Charge",
    WEIGHT_TAX: "Weight Tax (VAT)",
}
_DATES = ("yyyymmdd", "y-m-d", "d.m.y", "d/m/y")
# A and B are what the sender's and DHL's scales say, V and W what the sizes come to.
_BASES = {
    "A": WeightBasis.ENTERED,
    "B": WeightBasis.SCALE,
    "V": WeightBasis.DIMENSIONS,
    "W": WeightBasis.DIMENSIONS,
}
_SIZE = re.compile(r"([0-9]{1,4}) *[x*] *([0-9]{1,4}) *[x*] *([0-9]{1,4})", re.I)


@register("dhl_express")
class DhlExpress(InvoiceFormat):
    """DHL Express, commas or semicolons.

    The I line becomes a line of information that carries the invoice and its total, so that an
    invoice is known even when no shipment follows; shipments that come before it, or after going
    on behind it, do not know the total. On a credit note that writes its amounts
    without a sign they are negative here. Where the charges of a shipment do not add up to its
    total, or taxes to its tax, one more line holds the difference.
    """

    title = "DHL Express (CSV, invoice and shipment lines)"

    # No model: there is no read of Odoo to call.
    # pylint: disable-next=method-required-super
    def read(self, stream: BinaryIO, after_row: int = 0) -> Iterator[Line]:
        table = Table(stream)
        return Lines(table.pass_over(after_row), _Parser(table.decimal_mark).lines)

    @classmethod
    def recognise(cls, head: bytes) -> bool:
        text = decoded_head(head)
        record = first_record(text, found_delimiter(text))
        return len(record) == COLUMNS and (
            _is_header(record) or record[LINE_TYPE].strip() in ("I", "S")
        )


def _is_header(record: list[str]) -> bool:
    return record[LINE_TYPE].strip().casefold() == "line type"


class _Charge(NamedTuple):
    family: str
    amount: Decimal
    gross: Decimal | None = None
    tax: Decimal = NOTHING
    code: str = ""
    description: str = ""


class _Parser:
    def __init__(self, decimal_mark: str) -> None:
        self._cells = Cells(_NAMES, decimal_mark, _DATES)
        self._told: tuple[str, ...] = ()
        self._invoice: Invoice | None = None
        self._sign = 1

    def lines(self, row: int, record: list[str]) -> list[Line]:
        if len(record) != COLUMNS:
            raise InvoiceFileError(
                f"Row {row} has {len(record)} columns; expected {COLUMNS}. "
                "The row may be cut off, or this is another format.",
                row,
            )
        cells = self._cells
        cells.take(row, record)
        if row == 1 and _is_header(record):
            return []
        line_type = cells.text(LINE_TYPE)
        if line_type not in ("I", "S"):
            raise cells.wrong(LINE_TYPE, "is no line of an invoice; expected I or S")
        invoice = self._invoice_of(line_type == "I")
        if line_type == "I":
            total = invoice.total or NOTHING
            charges = [_Charge("info", total, description="Total of the invoice")]
            return self._made(row, invoice, charges, Parcel())
        service = cells.text(PRODUCT)
        return self._made(row, invoice, self._charges(), self._parcel(), service)

    def _made(
        self,
        row: int,
        invoice: Invoice,
        charges: list[_Charge],
        parcel: Parcel,
        service: str = "",
    ) -> list[Line]:
        return [
            Line(
                invoice=invoice,
                row=row,
                part=part,
                family=charge.family,
                amount=charge.amount,
                gross=charge.gross,
                tax=charge.tax,
                currency=invoice.currency,
                parcel=parcel,
                raw_category=self._cells.text(INVOICE_TYPE),
                raw_code=charge.code,
                description=charge.description,
                service=service,
            )
            for part, charge in enumerate(charges)
        ]

    def _invoice_of(self, is_head: bool) -> Invoice:
        cells = self._cells
        told = tuple(
            cells.text(each)
            for each in (ACCOUNT, NUMBER, INVOICE_TYPE, ORIGINAL_NUMBER)
        )
        total = cells.needed(GRAND_TOTAL)
        kind = _kind(told, total)
        self._sign = -1 if kind is InvoiceKind.CREDIT_NOTE and total > 0 else 1
        if is_head or self._invoice is None or told != self._told:
            original = cells.number(ORIGINAL_NUMBER)
            number = cells.needed_text(NUMBER)
            self._invoice = Invoice(
                carrier="dhl",
                account=cells.needed_text(ACCOUNT),
                number=number,
                date=cells.date(INVOICE_DATE),
                currency=cells.text(CURRENCY),
                total=self._sign * total if is_head else None,
                kind=kind,
                original_number=original if original != number else "",
                due_date=cells.date(DUE_DATE),
            )
            self._told = told
        return self._invoice

    def _signed(self, column: int) -> Decimal | None:
        amount = self._cells.amount(column)
        return None if amount is None else self._sign * amount

    def _charges(self) -> list[_Charge]:
        cells = self._cells
        charges = [self._weight_charge()]
        for name, column in OTHERS:
            charges.append(
                _Charge(
                    families.OTHER,
                    self._signed(column) or NOTHING,
                    description=cells.text(name),
                )
            )
        fee = self._signed(INVOICE_FEE) or NOTHING
        charges.append(_Charge(families.OTHER, fee, description="Invoice Fee"))
        charges += [
            self._extra(start)
            for start in range(EXTRAS, COLUMNS, EXTRA_WIDTH)
            if cells.text(start) or cells.text(start + 2)
        ]
        charges = [each for each in charges if each.amount or each.gross or each.tax]
        net = self._sign * cells.needed(NET)
        difference = net - sum((each.amount for each in charges), NOTHING)
        if difference:
            charges.append(_Charge(families.OTHER, difference, description=UNEXPLAINED))
        tax = self._sign * cells.needed(GRAND_TOTAL) - net
        difference = tax - sum((each.tax for each in charges), NOTHING)
        if difference:
            charges.append(_Charge("tax", difference, description=UNEXPLAINED_TAX))
        return charges

    def _weight_charge(self) -> _Charge:
        gross = self._signed(WEIGHT_CHARGE)
        amount = gross or NOTHING
        for column in DISCOUNTS:
            amount = _discounted(amount, gross, self._cells.amount(column))
        return _Charge(
            "freight",
            amount,
            gross,
            self._signed(WEIGHT_TAX) or NOTHING,
            self._cells.text(PRODUCT),
            self._cells.text(PRODUCT_NAME),
        )

    def _extra(self, start: int) -> _Charge:
        """Code, name, charge, tax code, tax, discount and total of one extra charge."""
        code = self._cells.text(start)
        gross = self._signed(start + 2)
        return _Charge(
            families.DHL_EXTRAS.get(code, families.OTHER),
            _discounted(gross or NOTHING, gross, self._cells.amount(start + 5)),
            gross,
            self._signed(start + 4) or NOTHING,
            code,
            self._cells.text(start + 1),
        )

    def _parcel(self) -> Parcel:
        cells = self._cells
        size = _SIZE.fullmatch(cells.text(SIZE))
        return Parcel(
            tracking_number=cells.number(SHIPMENT_NUMBER),
            references=tuple(filter(None, map(cells.text, REFERENCES))),
            pieces=cells.count(PIECES),
            entered_weight=cells.kilograms(CUSTOMER_SCALE, "kg"),
            billed_weight=cells.kilograms(WEIGHT, "kg"),
            weight_basis=_BASES.get(cells.text(WEIGHT_FLAG)),
            dimensions=tuple(map(Decimal, size.groups())) if size else None,
            shipped_on=cells.date(SHIPMENT_DATE),
        )


def _discounted(
    amount: Decimal, gross: Decimal | None, discount: Decimal | None
) -> Decimal:
    # Whether a discount has a sign is not documented; it always makes the charge smaller.
    if not gross or not discount:
        return amount
    return amount - abs(discount) if gross > 0 else amount + abs(discount)


def _kind(told: tuple[str, ...], total: Decimal) -> InvoiceKind:
    """Credit notes have numbers with CN or correct another invoice to a negative total."""
    _, number, invoice_type, original = told
    invoice_type = invoice_type.upper()
    if number.upper().startswith("CN") or invoice_type in (
        "CN",
        "CREDIT",
        "CREDIT NOTE",
    ):
        return InvoiceKind.CREDIT_NOTE
    if original not in ("", number) and total < 0:
        return InvoiceKind.CREDIT_NOTE
    return InvoiceKind.DUTY if invoice_type == "DUTY" else InvoiceKind.INVOICE
