"""Any table or workbook, by a mapping that finance has made."""

import datetime as dt
import io

import openpyxl
import pytest
from pydantic import ValidationError

from odoo.addons.shipment_visibility_carriers.invoices.mapping import ColumnMapping

from .samples import D, kept, lines, table

COLUMNS = {
    "invoice_number": "Invoice",
    "invoice_date": "Date",
    "tracking_number": "Parcel",
    "charge_code": "Charge",
    "amount": "Net price",
}
HEADER = ["Invoice", "Date", "Parcel", "Charge", "Net price"]
ROW = ["R-1", "2026-02-07", "DEMO1", "Freight", "12.50"]


def mapping(**changed):
    fields = {
        "columns": COLUMNS,
        "constants": {"account": "A-1", "currency": "EUR", "carrier": "demo"},
        "families": {"freight": "freight", "Diesel": "fuel"},
    }
    return ColumnMapping(**{**fields, **changed})


def read(rows, *, delimiter=",", encoding="utf-8", **changed):
    content = table(rows, delimiter, encoding)
    return lines("mapped", content, mapping=mapping(**changed))


def workbook(rows, title="Sheet"):
    book = openpyxl.Workbook()
    book.active.title = title
    for row in rows:
        book.active.append(row)
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def test_columns_are_found_by_name_wherever_they_stand():
    turned = [HEADER[::-1], ROW[::-1]]
    (line,) = read(turned)
    assert (line.invoice.number, line.invoice.account) == ("R-1", "A-1")
    assert line.invoice.carrier == "demo"
    assert line.invoice.date == dt.date(2026, 2, 7)
    assert (line.family, line.amount, line.currency) == ("freight", D("12.50"), "EUR")
    assert line.fingerprint() == read([HEADER, ROW])[0].fingerprint()


def test_columns_may_be_numbers_without_a_header():
    numbers = {what: at for at, what in enumerate(COLUMNS, 1)}
    (line,) = read([ROW], columns=numbers, header_row=0)
    assert (line.row, line.amount) == (1, D("12.50"))


def test_the_header_may_stand_below_a_letterhead():
    above = [["Demo Carrier", "", "", "", ""], ["", "", "", "", ""]]
    (line,) = read([*above, HEADER, ROW], header_row=3)
    assert line.row == 4


def test_blank_rows_above_the_header_count_as_the_spreadsheet_counts():
    content = b"\r\n\r\n" + table([HEADER, ROW])
    (line,) = lines("mapped", content, mapping=mapping(header_row=3))
    assert line.row == 4
    rows = [["Demo Carrier"], [], HEADER, ROW]
    (line,) = lines("mapped", workbook(rows), mapping=mapping(header_row=3))
    assert line.row == 4


def test_going_on_in_a_workbook_reads_the_rest():
    content = workbook([HEADER, ROW, [], ROW, ROW])
    for row, rest in ((1, [2, 4, 5]), (2, [4, 5]), (3, [4, 5]), (4, [5])):
        found = lines("mapped", content, row, mapping())
        assert [line.row for line in found] == rest


def test_every_field_can_be_mapped():
    columns = {
        **COLUMNS,
        "master_number": "Master",
        "reference_1": "Ref",
        "description": "Text",
        "gross": "Gross",
        "tax": "VAT",
        "service": "Service",
        "zone": "Zone",
        "pieces": "Pcs",
        "entered_weight": "Said",
        "billed_weight": "Billed",
        "length": "L",
        "width": "W",
        "height": "H",
        "shipped_on": "Out",
        "delivered_on": "In",
        "due_date": "Due",
        "invoice_total": "Total",
        "original_number": "Old",
        "category": "Why",
    }
    header = [*HEADER, *list(columns.values())[len(COLUMNS) :]]
    told = "M1,SO1,Text,15,2.38,Express,7,2,1,2.5,10,20,30,2026-02-01,2026-02-03"
    rest = [*told.split(","), "2026-03-01", "100", "R-0", "late"]
    (line,) = read(
        [header, [*ROW, *rest]], columns=columns, weight_unit="lb", length_unit="mm"
    )
    assert (line.parcel.master_number, line.parcel.references) == ("M1", ("SO1",))
    assert (line.gross, line.tax) == (D(15), D("2.38"))
    assert (line.service, line.parcel.zone, line.parcel.pieces) == ("Express", "7", 2)
    assert (line.parcel.entered_weight, line.parcel.billed_weight) == (
        D("0.454"),
        D("1.134"),
    )
    assert line.parcel.dimensions == (D(1), D(2), D(3))
    assert (line.parcel.shipped_on, line.parcel.delivered_on) == (
        dt.date(2026, 2, 1),
        dt.date(2026, 2, 3),
    )
    assert line.invoice.due_date == dt.date(2026, 3, 1)
    assert (line.invoice.total, line.invoice.original_number) == (D(100), "R-0")
    assert (line.raw_category, line.description) == ("late", "Text")


def test_codes_have_families_capitals_or_not_and_the_rest_is_kept():
    rows = [[*ROW[:3], code, "1.00"] for code in ("FREIGHT", " diesel ", "Toll")]
    found = read([HEADER, *rows])
    assert [line.family for line in found] == ["freight", "fuel", "accessorial"]
    assert found[2].raw_code == "Toll"


def test_semicolons_commas_and_other_days_say_the_same():
    row = ["R-1", "7.2.26", "DEMO1", "Freight", "1.012,50"]
    there = read([HEADER, row], delimiter=";", encoding="cp1252", date_format="d.m.y")
    plain = read([HEADER, [*ROW[:4], "1012.50"]])
    assert there == plain


@pytest.mark.parametrize(
    ("rows", "told"),
    [
        ([HEADER, ROW, [*ROW[:4], "12,5x"]], "Row 3, column 5 (Net price): “12,5x”"),
        ([HEADER, ROW, [*ROW[:4], ""]], "Row 3, column 5 (Net price): is empty"),
        ([HEADER, ROW, ["", *ROW[1:]]], "Row 3, column 1 (Invoice): is empty"),
        (
            [HEADER, ROW, ["R-1", "07/02/2026", *ROW[2:]]],
            "(Date): “07/02/2026” is no date; expected one such as 2026-12-31",
        ),
        ([HEADER, ROW, [*ROW[:2], "7.9E+11", *ROW[3:]]], "a spreadsheet has rounded"),
    ],
)
def test_a_wrong_cell_is_told_by_the_name_of_its_column(rows, told):
    content = table([*rows, ROW])
    good, (error,) = kept("mapped", content, mapping=mapping())
    assert [line.row for line in good] == [2, 4]
    assert error.row == 3
    assert told in str(error)


def test_a_column_that_is_not_there_is_told_with_those_that_are():
    _, (error,) = kept("mapped", table([HEADER[:4], ROW[:4]]), mapping=mapping())
    assert "has no column “Net price”. It has: Invoice, Date, Parcel" in str(error)


def test_a_column_that_is_there_twice_is_told():
    content = table([[*HEADER, "Net price"], [*ROW, "9"]])
    _, (error,) = kept("mapped", content, mapping=mapping())
    assert "“Net price” is there 2 times; map it by its number" in str(error)


def test_a_column_that_is_there_twice_is_mapped_by_its_number_as_text():
    twice = [[*HEADER, "Net price"], [*ROW, "9"]]
    (line,) = read(twice, columns={**COLUMNS, "amount": "6"})
    assert line.amount == D(9)


def test_a_column_beyond_the_table_is_told():
    numbers = {**COLUMNS, "amount": 9}
    _, (error,) = kept("mapped", table([HEADER, ROW]), mapping=mapping(columns=numbers))
    assert "asks for column 9, but the file has 5" in str(error)


def test_rows_with_nothing_in_them_are_passed_over():
    assert [line.row for line in read([HEADER, [""] * 5, ROW])] == [3]


def test_a_mapping_that_is_not_complete_is_refused():
    with pytest.raises(ValidationError, match="say which column is: account, currency"):
        ColumnMapping(columns=COLUMNS)
    with pytest.raises(ValidationError, match="columns are numbers, not: Invoice"):
        mapping(header_row=0)
    with pytest.raises(ValidationError):
        mapping(families={"x": "no such family"})


def test_a_mapping_is_saved_and_read_again():
    saved = mapping().model_dump_json()
    assert ColumnMapping.model_validate_json(saved) == mapping()


def test_a_workbook_says_the_same_as_a_table():
    typed = ["R-1", dt.datetime(2026, 2, 7), "DEMO1", "Freight", 12.5]
    content = workbook([HEADER, typed])
    assert lines("mapped", content, mapping=mapping()) == read([HEADER, ROW])


def test_numbers_of_a_workbook_are_what_it_shows():
    amounts = [0.1 + 0.2, 1e-7, 12345678.91, 3, -0.5]
    rows = [[*ROW[:2], 794640000042, "Freight", amount] for amount in amounts]
    found = lines("mapped", workbook([HEADER, *rows]), mapping=mapping())
    assert [line.amount for line in found] == [
        D("0.3"),
        D("0.0000001"),
        D("12345678.91"),
        D(3),
        D("-0.5"),
    ]
    assert {line.parcel.tracking_number for line in found} == {"794640000042"}


def test_a_number_too_long_for_a_workbook_is_told():
    rows = [HEADER, [*ROW[:2], 1.2345678901234567e21, *ROW[3:]]]
    _, (error,) = kept("mapped", workbook(rows), mapping=mapping())
    assert "a spreadsheet has rounded" in str(error)


def test_a_workbook_may_have_decimal_commas_in_its_texts():
    rows = [HEADER, [*ROW[:4], "1.234,50"], [*ROW[:4], 1234.5]]
    found = lines("mapped", workbook(rows), mapping=mapping(decimal_mark=","))
    assert [line.amount for line in found] == [D("1234.50")] * 2


def test_the_sheet_is_the_one_that_the_mapping_names():
    content = workbook([HEADER, ROW], "Charges")
    assert len(lines("mapped", content, mapping=mapping(sheet="Charges"))) == 1
    _, (error,) = kept("mapped", content, mapping=mapping(sheet="Rates"))
    assert "no sheet “Rates”; it has Charges" in str(error)


@pytest.mark.parametrize("cut", [30, 400, 3000])
def test_a_damaged_workbook_is_told(cut):
    content = workbook([HEADER, *[ROW] * 50])[:-cut]
    good, wrong = kept("mapped", content, mapping=mapping())
    assert good == []
    assert "damaged" in str(wrong[0])
