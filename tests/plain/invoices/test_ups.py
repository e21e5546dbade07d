"""UPS billing data: 250 columns, one charge a row."""

import datetime as dt

import pytest

from odoo.addons.shipment_visibility_carriers.invoices.document import (
    InvoiceKind,
    WeightBasis,
)

from .samples import D, kept, lines, table, ups_row


def one(**changed):
    return lines("ups_billing", table([ups_row(**changed)]))[0]


def test_a_charge_has_everything_the_row_says():
    line = one()
    assert line.invoice.carrier == "ups"
    assert line.invoice.account == "0000DEMO01"
    assert line.invoice.number == "000000DEMO01066"
    assert line.invoice.date == dt.date(2026, 2, 7)
    assert line.invoice.due_date == dt.date(2026, 3, 9)
    assert line.invoice.total == D("31.15")
    assert line.invoice.kind is InvoiceKind.INVOICE
    assert (line.row, line.part) == (1, 0)
    assert (line.family, line.amount, line.currency) == ("freight", D("12.40"), "USD")
    assert line.gross == D("17.40")
    assert (
        line.parcel.tracking_number == line.parcel.master_number == "1ZDEMO0300000001"
    )
    assert line.parcel.references == ("SO0042",)
    assert (line.raw_category, line.raw_code) == ("SHP/WWS", "FRT/003")
    assert (line.service, line.parcel.zone, line.parcel.pieces) == (
        "Ground Commercial",
        "005",
        1,
    )
    assert line.parcel.shipped_on == dt.date(2026, 1, 30)


def test_pounds_and_inches_become_kilograms_and_centimetres():
    line = one()
    assert (line.parcel.entered_weight, line.parcel.billed_weight) == (
        D("4.536"),
        D("5.443"),
    )
    assert line.parcel.weight_basis is WeightBasis.DIMENSIONS
    assert line.parcel.dimensions == (D("30.48"), D("22.86"), D("17.78"))


def test_a_metric_shipper_is_read_as_metric():
    line = one(entered_unit="K", billed_unit="K")
    assert (line.parcel.entered_weight, line.parcel.billed_weight) == (D(10), D(12))
    assert line.parcel.dimensions == (D(12), D(9), D(7))


def test_ounces_are_ounces():
    assert one(entered="16.0", entered_unit="O").parcel.entered_weight == D("0.454")


def test_weights_of_nothing_are_none():
    line = one(entered="0.0", billed="", size="0.0x 0.0x 0.0")
    assert (
        line.parcel.entered_weight,
        line.parcel.billed_weight,
        line.parcel.dimensions,
    ) == (None,) * 3


@pytest.mark.parametrize(
    ("category", "detail", "classification", "code", "family"),
    [
        ("SHP", "WWS", "FSC", "FSC", "fuel"),
        ("SHP", "WWS", "ACC", "RES", "residential"),
        ("SHP", "WWS", "ACC", "RDC", "area"),
        ("SHP", "WWS", "ACC", "AHW", "handling"),
        ("SHP", "WWS", "ACC", "DCS", "accessorial"),
        ("SHP", "WWS", "NEW", "XYZ", "accessorial"),
        ("SHP", "IMP", "GOV", "VAT", "duty"),
        ("SHP", "IMP", "BRK", "", "brokerage"),
        ("SHP", "WWS", "TAX", "01", "tax"),
        ("RTN", "RTS", "FRT", "003", "return"),
        ("ADJ", "ADC", "ACC", "ADC", "address_correction"),
        ("ADJ", "SCC", "FRT", "003", "weight_correction"),
        ("ADJ", "SCC", "FSC", "FSC", "fuel"),
        ("ADJ", "RADJ", "FRT", "RES", "residential"),
        ("ADJ", "GSR", "FRT", "003", "credit"),
        ("ADJ", "VOID", "FSC", "FSC", "credit"),
        ("ADJ", "CADJ", "TAX", "01", "tax"),
        ("SHP", "WWS", "INF", "", "info"),
    ],
)
def test_the_family_follows_class_reason_and_code(
    category, detail, classification, code, family
):
    line = one(
        category=category, detail=detail, classification=classification, code=code
    )
    assert line.family == family
    assert line.raw_category == f"{category}/{detail}"
    assert code in line.raw_code


def test_a_line_of_information_may_have_no_amount():
    assert one(classification="INF", net="").amount == 0


def test_the_invoice_amount_repeats_and_is_not_added_up():
    rows = [ups_row(), ups_row(net="18.75", classification="FSC")]
    found = lines("ups_billing", table(rows))
    assert {line.invoice.total for line in found} == {D("31.15")}
    assert sum(line.amount for line in found) == D("31.15")


def test_an_invoice_that_gives_money_back_is_a_credit_note():
    line = one(invoice_amount="-12.40", net="-12.40")
    assert line.invoice.kind is InvoiceKind.CREDIT_NOTE
    assert line.amount == D("-12.40")
    assert line.gross == D("-17.40")


@pytest.mark.parametrize(
    ("changed", "told"),
    [
        ({"net": "12.4O"}, "column 53 (Net Amount): “12.4O” is no amount"),
        ({"net": ""}, "column 53 (Net Amount): is empty"),
        ({"invoice_date": "2/7/1900"}, "lies in the year 1900"),
        ({"invoice_date": "2/30/26"}, "is no date; expected one such as 12/31/2026"),
        ({"billed_unit": "X"}, "expected L, K or O"),
        ({"size": "big"}, "expected one such as 12.0x 9.0x 7.0"),
        ({"tracking": "1.2E+11"}, "a spreadsheet has rounded"),
        ({"invoice": ""}, "column 6 (Invoice Number): is empty"),
        ({"net": "=1+1"}, "“=1+1” is no amount"),
        ({"net": "NaN"}, "is no amount"),
        ({"net": "1E9"}, "is no amount"),
        ({"entered": "-1"}, "is no weight"),
        ({"packages": "1.5"}, "is no number of pieces"),
    ],
)
def test_a_wrong_cell_is_told_with_row_column_and_what_was_expected(changed, told):
    content = table([ups_row(), ups_row(**changed), ups_row()])
    good, wrong = kept("ups_billing", content)
    assert [line.row for line in good] == [1, 3]
    assert [error.row for error in wrong] == [2]
    assert str(wrong[0]).startswith("Row 2")
    assert told in str(wrong[0])


def test_a_row_that_is_cut_off_is_told():
    rows = [ups_row(), ups_row()[:60]]
    good, wrong = kept("ups_billing", table(rows))
    assert len(good) == 1
    assert "Row 2 has 60 columns; expected 250" in str(wrong[0])


def test_a_header_that_somebody_has_added_is_no_charge():
    header = ["Version", "Recipient", "Account Number", *("?" for _ in range(247))]
    assert len(lines("ups_billing", table([header, ups_row()]))) == 1


def test_a_formula_in_a_text_stays_a_text():
    assert one(description="=HYPERLINK(1)").description == "=HYPERLINK(1)"
