"""DHL Express, invoice and shipment lines."""

import csv
from pathlib import Path

from .parcels import PLAIN, Charge, Document, Parcel, Style, Truth, documents

_COLUMNS = 153
_FIRST_EXTRA, _EXTRA_WIDTH = 91, 7
_CODES = {
    "fuel": ("FF", "FUEL SURCHARGE"),
    "residential": ("TK", "RESIDENTIAL ADDRESS"),
    "area": ("OO", "REMOTE AREA DELIVERY"),
    "handling": ("YY", "OVERWEIGHT PIECE"),
    "accessorial": ("SX", "DIRECT SIGNATURE"),
    "address_correction": ("MA", "ADDRESS CORRECTION"),
    "credit": ("ZZ", "GOODWILL"),
    "freight": ("ZY", "FREIGHT TOLD TWICE"),
}
_NOT_KNOWN = ("credit", "freight")
_TAX_PERCENT = 19


def write(path: Path, lines: int, seed: int = 0, style: Style = PLAIN) -> Truth:
    """A line for each invoice and each shipment; every fifth invoice is a credit note.

    Its amounts stand without a sign, as if they were asked for.
    """
    truth = Truth()
    with path.open("w", encoding=style.encoding, newline="") as file:
        writer = csv.writer(file, delimiter=style.delimiter)
        for document in documents(lines, seed):
            number = _number(document)
            writer.writerow(_invoice_row(document, style))
            truth.add(number, "info", 0)
            for parcel in document.parcels:
                writer.writerow(_shipment_row(document, parcel, style))
                for at, charge in enumerate(_charges(parcel)):
                    cents = charge.cents + _tax(charge)
                    family = charge.family
                    if at and family in _NOT_KNOWN:
                        family = "accessorial"
                    sign = -1 if _is_credit(document) else 1
                    truth.add(number, family, sign * cents)
    return truth


def _charges(parcel: Parcel) -> list[Charge]:
    """No more than a row has room for, and none of a parcel that is below nothing."""
    charges = parcel.charges[: 1 + (_COLUMNS - _FIRST_EXTRA + 1) // _EXTRA_WIDTH]
    if sum(charge.cents + _tax(charge) for charge in charges) > 0:
        return charges
    return [charge._replace(cents=abs(charge.cents)) for charge in charges]


def _tax(charge: Charge) -> int:
    return charge.cents * _TAX_PERCENT // 100


def _is_credit(document: Document) -> bool:
    return document.index % 5 == 0


def _number(document: Document) -> str:
    return ("CN" if _is_credit(document) else "FRA") + document.number


def _head(document: Document, line_type: str) -> list[str]:
    row = [""] * _COLUMNS
    row[0] = line_type
    row[2] = f"FRA{document.number}"
    row[3] = _number(document)
    row[7] = f"{document.day:%Y%m%d}"
    row[11] = "DEMO96000"
    row[69] = "EUR"
    return row


def _invoice_row(document: Document, style: Style) -> list[str]:
    charges = [charge for parcel in document.parcels for charge in _charges(parcel)]
    row = _head(document, "I")
    _totals(row, charges, style)
    return row


def _totals(row: list[str], charges: list[Charge], style: Style) -> None:
    net, tax = sum(charge.cents for charge in charges), sum(map(_tax, charges))
    row[70], row[71], row[73] = map(style.amount, (net, net + tax, tax))


def _shipment_row(document: Document, parcel: Parcel, style: Style) -> list[str]:
    freight, *extras = charges = _charges(parcel)
    row = _head(document, "S")
    _totals(row, charges, style)
    discount = freight.cents // 10
    told = {
        24: str(parcel.number)[:10],
        25: f"{parcel.shipped_on:%Y%m%d}",
        28: f"SO{parcel.number % 100_000:05}",
        31: "P",
        32: "EXPRESS WORLDWIDE",
        33: "1",
        64: style.tenths(parcel.entered),
        65: style.tenths(parcel.billed),
        68: "B" if parcel.billed > parcel.entered else "A",
        69: style.tenths(parcel.billed),
        77: style.amount(freight.cents + discount),
        78: style.amount(_tax(freight)),
        83: "Volume discount",
        84: style.amount(discount),
    }
    for position, text in told.items():
        row[position - 1] = text
    for at, charge in enumerate(extras):
        start = _FIRST_EXTRA - 1 + at * _EXTRA_WIDTH
        cents, tax = charge.cents, _tax(charge)
        row[start : start + _EXTRA_WIDTH] = [
            *_CODES[charge.family],
            style.amount(cents),
            "A",
            style.amount(tax),
            style.amount(0),
            style.amount(cents + tax),
        ]
    return row
