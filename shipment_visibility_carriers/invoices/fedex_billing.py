"""FedEx Billing Online, download with all columns: a header row, one parcel a row.

Columns are found by their names, because FedEx adds some in front from time to time. At the
end stand up to 25 pairs of a charge's description and amount, all with the same two names.
The names are those of the layout with 156 columns; those of a currency, of the units and of
the lesser references are from general knowledge.
"""

import re
from collections.abc import Iterator, Mapping
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
from .reading import values
from .reading.cells import NOTHING, Cells
from .reading.table import Table, first_record, found_delimiter
from .reading.text import decoded_head

UNEXPLAINED = "Not explained by the charges of the row"
_WORD, _CHARGE = "trackingidchargedescription", "trackingidchargeamount"
# Ours -> what FedEx calls it, letters and digits only; the first that a file has counts.
_COLUMNS = {
    "account": ("billtoaccountnumber", "consolidatedaccountnumber"),
    "invoice_date": ("invoicedate",),
    "number": ("invoicenumber",),
    "total": ("originalamountdue",),
    "currency": ("currency", "currencycode", "invoicecurrency"),
    "prefix": ("groundtrackingidprefix",),
    "tracking": ("expressorgroundtrackingid",),
    "transportation": ("transportationchargeamount",),
    "net": ("netchargeamount",),
    "service": ("servicetype",),
    "ground_service": ("groundservice",),
    "shipped": ("shipmentdate",),
    "delivered": ("poddeliverydate",),
    "actual": ("actualweightamount", "actualweight"),
    "actual_unit": ("actualweightunits",),
    "rated": ("ratedweightamount", "ratedweight"),
    "rated_unit": ("ratedweightunits",),
    "pieces": ("numberofpieces", "pieces"),
    "master": ("tdmastertrackingid",),
    "length": ("dimlength",),
    "width": ("dimwidth",),
    "height": ("dimheight",),
    "size_unit": ("dimunit",),
    "reference_1": ("originalcustomerreference",),
    "reference_2": ("originalref2",),
    "reference_3": ("originalref3ponumber",),
    "zone": ("zonecode", "zone"),
    "cross_prefix": ("crossreftrackingidprefix",),
    "cross": ("crossreftrackingid",),
    "method": ("ratedmethod",),
}
_REQUIRED = ("account", "invoice_date", "number", "tracking", "transportation", "net")
_REFERENCES = ("reference_1", "reference_2", "reference_3")
_DATES = ("yyyymmdd", "y-m-d", "m/d/y")
_UNITS = {
    "": "lb",
    "l": "lb",
    "lb": "lb",
    "lbs": "lb",
    "k": "kg",
    "kg": "kg",
    "kgs": "kg",
}
_SIZE_UNITS = {"": "in", "i": "in", "in": "in", "c": "cm", "cm": "cm"}
_NOT_IN_NAMES = re.compile(r"[^a-z0-9]")


@register("fedex_billing")
class FedexBilling(InvoiceFormat):
    """FedEx Billing Online. Every row holds its net charge whatever its parts say.

    The transportation charge is a line and so is each pair. Where they do not add up to the
    net charge, one more line holds the difference, so that totals are right to the cent.
    """

    title = "FedEx Billing Online (CSV, all columns)"

    # No model: there is no read of Odoo to call.
    # pylint: disable-next=method-required-super
    def read(self, stream: BinaryIO, after_row: int = 0) -> Iterator[Line]:
        table = Table(stream)
        try:
            _, header = next(table)
        except StopIteration:
            raise InvoiceFileError("The file is empty.") from None
        parser = _Parser(_layout(header), header, table.decimal_mark)
        return Lines(table.pass_over(after_row), parser.lines)

    @classmethod
    def recognise(cls, head: bytes) -> bool:
        text = decoded_head(head)
        names = {_plain(each) for each in first_record(text, found_delimiter(text))}
        return {"expressorgroundtrackingid", "netchargeamount"} <= names


class _Layout(NamedTuple):
    columns: Mapping[str, int]
    pairs: tuple[tuple[int, int], ...]


def _plain(name: str) -> str:
    return _NOT_IN_NAMES.sub("", name.casefold())


def _layout(header: list[str]) -> _Layout:
    names = [_plain(name) for name in header]
    columns = {}
    for ours, theirs in _COLUMNS.items():
        name = next((each for each in theirs if each in names), None)
        if name is None:
            continue
        if names.count(name) > 1:
            raise InvoiceFileError(
                f"Row 1: the column “{header[names.index(name)]}” is there twice; "
                "it must be there once."
            )
        columns[ours] = names.index(name)
    missing = [_COLUMNS[each][0] for each in _REQUIRED if each not in columns]
    if missing:
        raise InvoiceFileError(
            "Row 1: these columns of FedEx's file are missing: "
            + ", ".join(missing)
            + "."
        )
    words = [at for at, name in enumerate(names) if name == _WORD]
    charges = [at for at, name in enumerate(names) if name == _CHARGE]
    if len(words) != len(charges):
        raise InvoiceFileError(
            f"Row 1: {len(words)} columns “Tracking ID Charge Description” stand against "
            f"{len(charges)} “Tracking ID Charge Amount”; each needs its other."
        )
    return _Layout(columns, tuple(zip(words, charges, strict=True)))


class _Parser:
    def __init__(self, layout: _Layout, header: list[str], decimal_mark: str) -> None:
        names = {at: name.strip() for at, name in enumerate(header)}
        self._cells = Cells(names, decimal_mark, _DATES)
        self._width = len(header)
        self._at = {each: layout.columns.get(each, -1) for each in _COLUMNS}
        self._pairs = layout.pairs
        self._told: tuple[str, ...] = ()
        self._invoice: Invoice | None = None

    def lines(self, row: int, record: list[str]) -> list[Line]:
        if len(record) != self._width:
            raise InvoiceFileError(
                f"Row {row} has {len(record)} columns, the header has {self._width}. "
                "The row may be cut off.",
                row,
            )
        self._cells.take(row, record)
        invoice = self._invoice_of()
        parcel = self._parcel()
        services = map(
            self._cells.text, (self._at["service"], self._at["ground_service"])
        )
        service = next(filter(None, services), "")
        return [
            Line(
                invoice=invoice,
                row=row,
                part=part,
                family=family,
                amount=amount,
                currency=invoice.currency,
                parcel=parcel,
                raw_code=code,
                description=description,
                service=service,
            )
            for part, (family, amount, code, description) in enumerate(self._charges())
        ]

    def _charges(self) -> list[tuple[str, Decimal, str, str]]:
        cells, at = self._cells, self._at
        net = cells.needed(at["net"])
        charges = []
        transportation = cells.amount(at["transportation"])
        if transportation is not None:
            told = cells.text(at["service"])
            charges.append(("freight", transportation, "", told))
        for word, charge in self._pairs:
            amount, description = cells.amount(charge), cells.text(word)
            if amount is None:
                if description:
                    raise cells.wrong(
                        charge, f"is empty, but “{description}” is charged"
                    )
                continue
            family = families.by_words(description, families.FEDEX_WORDS)
            charges.append((family, amount, description, description))
        if not charges:
            family = "credit" if net < 0 else families.OTHER
            return [(family, net, "", cells.text(at["service"]))]
        difference = net - sum((charge[1] for charge in charges), NOTHING)
        if difference:
            charges.append((families.OTHER, difference, "", UNEXPLAINED))
        return charges

    def _parcel(self) -> Parcel:
        cells, at = self._cells, self._at
        cross = cells.number(at["cross"])
        references = [cells.text(at[each]) for each in _REFERENCES]
        if cross:
            references.append(cells.number(at["cross_prefix"]) + cross)
        return Parcel(
            tracking_number=self._tracking_number(),
            master_number=cells.number(at["master"]),
            references=tuple(filter(None, references)),
            zone=cells.text(at["zone"]),
            pieces=cells.count(at["pieces"]),
            entered_weight=self._weight("actual"),
            billed_weight=self._weight("rated"),
            # What the rated method can say is not documented beyond this.
            weight_basis=WeightBasis.DIMENSIONS
            if "dim" in cells.text(at["method"]).casefold()
            else None,
            dimensions=self._size(),
            shipped_on=cells.date(at["shipped"]),
            delivered_on=cells.date(at["delivered"]),
        )

    def _tracking_number(self) -> str:
        """Ground parcels have the number in two parts; Express has no prefix."""
        number = self._cells.number(self._at["tracking"])
        return self._cells.number(self._at["prefix"]) + number if number else ""

    def _weight(self, which: str) -> Decimal | None:
        unit = self._unit(f"{which}_unit", _UNITS, "weight; expected L or K")
        return self._cells.kilograms(self._at[which], unit)

    def _size(self) -> tuple[Decimal, ...] | None:
        sides = [
            self._cells.amount(self._at[each]) for each in ("length", "width", "height")
        ]
        if not all(sides):
            return None
        unit = self._unit("size_unit", _SIZE_UNITS, "length; expected I or C")
        return tuple(values.centimetres(side, unit) for side in sides)

    def _unit(self, which: str, units: Mapping[str, str], expected: str) -> str:
        try:
            return units[self._cells.text(self._at[which]).casefold()]
        except KeyError:
            raise self._cells.wrong(
                self._at[which], f"is no unit of {expected}"
            ) from None

    def _invoice_of(self) -> Invoice:
        cells, at = self._cells, self._at
        keys = ("account", "number", "invoice_date", "total", "currency")
        told = tuple(cells.text(at[each]) for each in keys)
        if self._invoice is None or told != self._told:
            total = cells.amount(at["total"])
            self._invoice = Invoice(
                carrier="fedex",
                account=cells.needed_text(at["account"]),
                number=cells.needed_text(at["number"]),
                date=cells.date(at["invoice_date"]),
                currency=cells.text(at["currency"]),
                total=total,
                kind=InvoiceKind.CREDIT_NOTE
                if total is not None and total < 0
                else InvoiceKind.INVOICE,
            )
            self._told = told
        return self._invoice
