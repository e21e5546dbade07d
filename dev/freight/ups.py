"""UPS billing data, 250 columns."""

import csv
from pathlib import Path

from .parcels import PLAIN, Document, Parcel, Style, Truth, documents

_COLUMNS = 250
# Family -> classification, code, words, category, detail.
_CODES = {
    "freight": ("FRT", "003", "Ground Commercial", "SHP", "WWS"),
    "fuel": ("FSC", "FSC", "Fuel Surcharge", "SHP", "WWS"),
    "residential": ("ACC", "RES", "Residential Surcharge", "SHP", "WWS"),
    "area": ("ACC", "RDR", "Delivery Area Surcharge", "SHP", "WWS"),
    "handling": ("ACC", "AHW", "Additional Handling", "SHP", "WWS"),
    "accessorial": ("ACC", "DCS", "Delivery Confirmation", "SHP", "WWS"),
    "address_correction": ("ACC", "ADC", "Address Correction Ground", "ADJ", "ADC"),
    "credit": ("FRT", "003", "Ground Guaranteed Service Refund", "ADJ", "GSR"),
    "info": ("INF", "", "Not a charge", "SHP", "WWS"),
}


def write(path: Path, lines: int, seed: int = 0, style: Style = PLAIN) -> Truth:
    """One row a charge; every hundredth parcel has a row of information on top."""
    truth = Truth()
    with path.open("w", encoding=style.encoding, newline="") as file:
        writer = csv.writer(file, delimiter=style.delimiter)
        for document in documents(lines, seed):
            for parcel in document.parcels:
                for family, cents in parcel.charges:
                    writer.writerow(_row(document, parcel, family, cents, style))
                    truth.add(document.number, family, cents)
                if parcel.number % 100 == 0:
                    writer.writerow(_row(document, parcel, "info", 99_99, style))
                    truth.add(document.number, "info", 99_99)
    return truth


def _row(
    document: Document, parcel: Parcel, family: str, cents: int, style: Style
) -> list[str]:
    classification, code, words, category, detail = _CODES[family]
    day, shipped = document.day, parcel.shipped_on
    number = f"1ZDEMO{parcel.number}"
    told = {
        3: "0000DEMO01",
        5: f"{day.month}/{day.day}/{day:%y}",
        6: document.number,
        10: "USD",
        11: style.amount(document.cents),
        12: f"{shipped.month}/{shipped.day}/{shipped:%y}",
        14: number,
        19: "1",
        21: number,
        22: f"SO{parcel.number % 100_000:05}",
        27: style.tenths(parcel.entered),
        28: "L",
        29: style.tenths(parcel.billed),
        30: "L",
        32: "2" if parcel.billed > parcel.entered else "1",
        33: "x ".join(style.tenths(side * 10) for side in parcel.sides),
        34: f"{parcel.zone:03}",
        35: category,
        36: detail,
        44: classification,
        45: code,
        46: words,
        51: "USD",
        52: style.amount(cents // 4 if family == "freight" else 0),
        53: style.amount(cents),
    }
    row = [""] * _COLUMNS
    for position, text in told.items():
        row[position - 1] = text
    return row
