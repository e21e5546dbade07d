"""Small files in the carriers' layouts, with made-up parcels, and how they are read."""

import csv
import io
from collections.abc import Iterable, Mapping
from decimal import Decimal

from odoo.addons.shipment_visibility_carriers.invoices import base
from odoo.addons.shipment_visibility_carriers.invoices.document import (
    InvoiceFileError,
    Line,
)

D = Decimal


def row(width: int, cells: Mapping[int, str]) -> list[str]:
    """A record with these cells; positions count from 1 as in the carriers' guides."""
    return [cells.get(position, "") for position in range(1, width + 1)]


def table(
    rows: Iterable[list[str]], delimiter: str = ",", encoding: str = "utf-8"
) -> bytes:
    """The bytes of a table."""
    file = io.StringIO()
    csv.writer(file, delimiter=delimiter, lineterminator="\r\n").writerows(rows)
    return file.getvalue().encode(encoding)


def lines(
    code: str, content: bytes, after_row: int = 0, mapping: object = None
) -> list[Line]:
    """All charges, of a file without a wrong row."""
    format_class = base.format_class(code)
    reader = format_class(mapping) if format_class.needs_mapping else format_class()
    return list(reader.read(io.BytesIO(content), after_row))


def kept(
    code: str, content: bytes, after_row: int = 0, mapping: object = None
) -> tuple[list[Line], list[InvoiceFileError]]:
    """What is good in a file, and what is wrong with the rest."""
    format_class = base.format_class(code)
    reader = format_class(mapping) if format_class.needs_mapping else format_class()
    good, wrong = [], []
    try:
        found = reader.read(io.BytesIO(content), after_row)
    except InvoiceFileError as error:
        return [], [error]
    while True:
        try:
            good.append(next(found))
        except StopIteration:
            return good, wrong
        except InvoiceFileError as error:
            wrong.append(error)
            assert len(wrong) < 1000, "the same error again and again"


def ups_row(**changed: str) -> list[str]:
    """One charge for ground transport of a parcel, as the UPS layout has it."""
    cells = {
        "account": (3, "0000DEMO01"),
        "invoice_date": (5, "2/7/26"),
        "invoice": (6, "000000DEMO01066"),
        "invoice_currency": (10, "USD"),
        "invoice_amount": (11, "31.15"),
        "transaction_date": (12, "1/30/26"),
        "lead": (14, "1ZDEMO0300000001"),
        "packages": (19, "1"),
        "tracking": (21, "1ZDEMO0300000001"),
        "reference": (22, "SO0042"),
        "entered": (27, "10.0"),
        "entered_unit": (28, "L"),
        "billed": (29, "12.0"),
        "billed_unit": (30, "L"),
        "weight_type": (32, "2"),
        "size": (33, "12.0x 9.0x 7.0"),
        "zone": (34, "005"),
        "category": (35, "SHP"),
        "detail": (36, "WWS"),
        "classification": (44, "FRT"),
        "code": (45, "003"),
        "description": (46, "Ground Commercial"),
        "currency": (51, "USD"),
        "incentive": (52, "5.00"),
        "net": (53, "12.40"),
        "due": (63, "3/9/26"),
    }
    return row(
        250,
        {position: changed.get(name, text) for name, (position, text) in cells.items()},
    )


FEDEX_PAIR = ("Tracking ID Charge Description", "Tracking ID Charge Amount")
FEDEX_ROW = {
    "Bill to Account Number": "DEMO-5101",
    "Invoice Date": "20260207",
    "Invoice Number": "9-000-00042",
    "Original Amount Due": "22.55",
    "Ground Tracking ID Prefix": "",
    "Express or Ground Tracking ID": "700000000042",
    "Transportation Charge Amount": "20.00",
    "Net Charge Amount": "22.55",
    "Service Type": "FedEx 2Day",
    "Ground Service": "",
    "Shipment Date": "20260130",
    "POD Delivery Date": "20260202",
    "Actual Weight Amount": "10.0",
    "Actual Weight Units": "L",
    "Rated Weight Amount": "12.0",
    "Rated Weight Units": "L",
    "Number of Pieces": "1",
    "TDMasterTrackingID": "700000000041",
    "Dim Length": "10",
    "Dim Width": "10",
    "Dim Height": "10",
    "Original Customer Reference": "SO0042",
    "Zone Code": "05",
}


def fedex(
    *rows: tuple[Mapping[str, str], Iterable[tuple[str, str]]],
    in_front: Iterable[str] = (),
    pairs: int = 25,
) -> list[list[str]]:
    """A FedEx table: changed cells by name and the pairs of charges of each row."""
    header = [*in_front, *FEDEX_ROW, *(FEDEX_PAIR * pairs)]
    made = [header]
    for changed, charges in rows:
        told = [text for charge in charges for text in charge]
        cells = [changed.get(name, text) for name, text in FEDEX_ROW.items()]
        blanks = [""] * (2 * pairs - len(told))
        made.append([*("-" for _ in in_front), *cells, *told, *blanks])
    return made


def dhl_row(line_type: str = "S", **changed: str) -> list[str]:
    """A shipment of 25.00 with fuel of 5.00 and 19 % tax, as the DHL layout has it."""
    cells = {
        "type": (1, line_type),
        "original": (3, ""),
        "invoice": (4, "FRA00042"),
        "invoice_type": (7, "TDI"),
        "invoice_date": (8, "20260207"),
        "due": (10, "20260309"),
        "account": (12, "DEMO96000"),
        "shipment": (24, "4200000042"),
        "shipped": (25, "20260130"),
        "reference": (28, "SO0042"),
        "product": (31, "P"),
        "product_name": (32, "EXPRESS WORLDWIDE"),
        "pieces": (33, "1"),
        "size": (63, ""),
        "customer_scale": (64, "2.0"),
        "dhl_scale": (65, "2.5"),
        "flag": (68, "B"),
        "weight": (69, "2.5"),
        "currency": (70, "EUR"),
        "net": (71, "30.00"),
        "total": (72, "35.70"),
        "tax": (74, "5.70"),
        "weight_charge": (77, "27.00"),
        "weight_tax": (78, "4.75"),
        "discount_name": (83, "Volume"),
        "discount": (84, "2.00"),
        "extra": (91, "FF"),
        "extra_name": (92, "FUEL SURCHARGE"),
        "extra_charge": (93, "5.00"),
        "extra_tax": (95, "0.95"),
        "extra_total": (97, "5.95"),
        "second": (98, ""),
        "second_name": (99, ""),
        "second_charge": (100, ""),
    }
    return row(
        153,
        {position: changed.get(name, text) for name, (position, text) in cells.items()},
    )


ISA = (
    "ISA*00*          *00*          *02*UPSN           *ZZ*DEMOSHIPPER    "
    "*260207*1200*U*00403*000000042*0*P*>"
)
X12_BODY = """\
ST*210*0001
B3**DEMO42*SHIP42*CC*L*20260207*3115**20260202*035*UPSN
C3*USD
N9*12*DEMO01
LX*1
N9*2I*1ZDEMO0300000001
N9*CR*SO0042
L5*1*GROUND
L0*1***12.0*B***1*PCS**L
L1*1***2500****400
L1*1***615****405
SE*12*0001
"""


def x12(
    body: str = X12_BODY, terminator: str = "~", separator: str = "*", end: bool = True
) -> bytes:
    """An interchange around the transactions in ``body``."""
    segments = [ISA, "GS*IM*UPSN*DEMOSHIPPER*20260207*1200*1*X*004030"]
    segments += body.split("\n")[:-1]
    if end:
        segments += ["GE*1*1", "IEA*1*000000042"]
    text = "".join(segment + terminator for segment in segments)
    return text.replace("*", separator).encode()
