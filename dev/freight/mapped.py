"""A table and a workbook of the kind that a small carrier makes, and their mapping."""

import csv
from collections.abc import Iterator
from pathlib import Path

from .parcels import Style, Truth, documents, money

HEADER = [
    "Kundennummer",
    "Rechnung",
    "Rechnungsdatum",
    "Sendungsnummer",
    "Art",
    "Text",
    "Betrag (netto)",
    "Gewicht",
]
# The fields of a mapping that reads both.
MAPPING = {
    "columns": {
        "account": "Kundennummer",
        "invoice_number": "Rechnung",
        "invoice_date": "Rechnungsdatum",
        "tracking_number": "Sendungsnummer",
        "charge_code": "Art",
        "description": "Text",
        "amount": "Betrag (netto)",
        "billed_weight": 8,
    },
    "constants": {"currency": "EUR", "carrier": "demo"},
    "date_format": "d.m.y",
    "families": {"Fracht": "freight", "Diesel": "fuel"},
}
_CODES = {"freight": "Fracht", "fuel": "Diesel"}
GERMAN = Style(delimiter=";", decimal_mark=",", encoding="cp1252")


def write(path: Path, lines: int, seed: int = 0, style: Style = GERMAN) -> Truth:
    """One row a charge, with a header."""
    truth = Truth()
    with path.open("w", encoding=style.encoding, newline="") as file:
        writer = csv.writer(file, delimiter=style.delimiter)
        writer.writerow(HEADER)
        for head, cents, weight in _rows(lines, seed, truth):
            writer.writerow([*head, style.amount(cents), style.tenths(weight)])
    return truth


def write_workbook(path: Path, lines: int, seed: int = 0) -> Truth:
    """The same rows with numbers that are numbers."""
    import openpyxl

    truth = Truth()
    book = openpyxl.Workbook(write_only=True)
    sheet = book.create_sheet("Rechnung")
    sheet.append(HEADER)
    for head, cents, weight in _rows(lines, seed, truth):
        sheet.append([*head, float(money(cents)), weight / 10])
    book.save(path)
    return truth


def _rows(lines: int, seed: int, truth: Truth) -> Iterator[tuple[list[str], int, int]]:
    for document in documents(lines, seed):
        for parcel in document.parcels:
            for family, cents in parcel.charges:
                known = family if family in _CODES else "accessorial"
                truth.add(document.number, known, cents)
                head = [
                    "DEMO-77",
                    document.number,
                    f"{document.day:%d.%m.%Y}",
                    f"DE{parcel.number}",
                    _CODES.get(family, "Zuschlag"),
                    "Zuschlag für Größe" if known == "accessorial" else "",
                ]
                yield head, cents, parcel.billed
