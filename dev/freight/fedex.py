"""FedEx Billing Online with all columns."""

import csv
from pathlib import Path

from .parcels import PLAIN, Document, Parcel, Style, Truth, documents

_WORD, _CHARGE = "Tracking ID Charge Description", "Tracking ID Charge Amount"
_COLUMNS = 156
_FIRST_PAIR = 106
_NAMES = {
    1: "Bill to Account Number",
    2: "Invoice Date",
    3: "Invoice Number",
    5: "Original Amount Due",
    8: "Ground Tracking ID Prefix",
    9: "Express or Ground Tracking ID",
    10: "Transportation Charge Amount",
    11: "Net Charge Amount",
    12: "Service Type",
    13: "Ground Service",
    14: "Shipment Date",
    15: "POD Delivery Date",
    19: "Actual Weight Amount",
    20: "Actual Weight Units",
    21: "Rated Weight Amount",
    22: "Rated Weight Units",
    23: "Number of Pieces",
    26: "TDMasterTrackingID",
    28: "Dim Length",
    29: "Dim Width",
    30: "Dim Height",
    31: "Dim Divisor",
    49: "Original Customer Reference",
    64: "Zone Code",
    97: "Rated Method",
    156: "Shipment Notes",
}
_WORDS = {
    "fuel": "Fuel Surcharge",
    "residential": "Residential Delivery",
    "area": "DAS Resi",
    "handling": "Additional Handling - Weight",
    "accessorial": "Direct Signature",
    "address_correction": "Address Correction",
    "credit": "Money-Back Guarantee",
}
_NEVER_TOLD = 1_23


def write(path: Path, lines: int, seed: int = 0, style: Style = PLAIN) -> Truth:
    """One row a parcel; every hundredth asks for a little more than its parts explain."""
    truth = Truth()
    with path.open("w", encoding=style.encoding, newline="") as file:
        writer = csv.writer(file, delimiter=style.delimiter)
        writer.writerow(header())
        for document in documents(lines, seed):
            total = style.amount(sum(map(_net, document.parcels)))
            for parcel in document.parcels:
                writer.writerow(_row(document, parcel, total, style))
                for family, cents in parcel.charges:
                    truth.add(document.number, family, cents)
                if _is_unexplained(parcel):
                    truth.add(document.number, "accessorial", _NEVER_TOLD)
    return truth


def header() -> list[str]:
    """The names of the columns; those in between that nobody reads are made up."""
    names = [_NAMES.get(at, f"Unused {at}") for at in range(1, _COLUMNS + 1)]
    for at in range(_FIRST_PAIR - 1, _COLUMNS - 1, 2):
        names[at : at + 2] = [_WORD, _CHARGE]
    return names


def _is_unexplained(parcel: Parcel) -> bool:
    return parcel.number % 100 == 0


def _net(parcel: Parcel) -> int:
    return parcel.cents + (_NEVER_TOLD if _is_unexplained(parcel) else 0)


def _row(document: Document, parcel: Parcel, total: str, style: Style) -> list[str]:
    is_ground = parcel.number % 2
    told = {
        1: "DEMO-5101",
        2: f"{document.day:%Y%m%d}",
        3: document.number,
        5: total,
        8: "9612" if is_ground else "",
        9: str(parcel.number),
        10: style.amount(parcel.charges[0].cents),
        11: style.amount(_net(parcel)),
        12: "Ground" if is_ground else "FedEx Priority Overnight",
        14: f"{parcel.shipped_on:%Y%m%d}",
        19: style.tenths(parcel.entered),
        20: "L",
        21: style.tenths(parcel.billed),
        22: "L",
        23: "1",
        26: str(parcel.number),
        28: str(parcel.sides[0]),
        29: str(parcel.sides[1]),
        30: str(parcel.sides[2]),
        49: f"SO{parcel.number % 100_000:05}",
        64: f"{parcel.zone:02}",
    }
    row = [""] * _COLUMNS
    for position, text in told.items():
        row[position - 1] = text
    for at, (family, cents) in enumerate(parcel.charges[1:]):
        start = _FIRST_PAIR - 1 + 2 * at
        # A second freight charge is the transportation charge told twice.
        row[start] = _WORDS.get(family, "Discount taken back")
        row[start + 1] = style.amount(cents)
    return row
