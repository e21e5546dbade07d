"""DHL Express: a line for the invoice, a line for each shipment."""

import datetime as dt

import pytest

from odoo.addons.shipment_visibility_carriers.invoices.document import (
    InvoiceKind,
    WeightBasis,
)

from .samples import D, dhl_row, kept, lines, table


def read(*rows, **how):
    return lines("dhl_express", table(rows, **how))


def test_charges_of_a_shipment_after_discounts_with_their_tax():
    freight, fuel = read(dhl_row())
    assert (freight.family, freight.amount, freight.gross, freight.tax) == (
        "freight",
        D("25.00"),
        D("27.00"),
        D("4.75"),
    )
    assert (fuel.family, fuel.raw_code, fuel.amount, fuel.tax) == (
        "fuel",
        "FF",
        D("5.00"),
        D("0.95"),
    )


def test_a_shipment_has_everything_the_row_says():
    line = read(dhl_row(size="30x20x10"))[0]
    assert line.invoice.account == "DEMO96000"
    assert line.invoice.date == dt.date(2026, 2, 7)
    assert line.invoice.due_date == dt.date(2026, 3, 9)
    assert line.parcel.tracking_number == "4200000042"
    assert line.parcel.references == ("SO0042",)
    assert (line.service, line.parcel.pieces, line.currency) == ("P", 1, "EUR")
    assert (line.parcel.entered_weight, line.parcel.billed_weight) == (D(2), D("2.5"))
    assert line.parcel.weight_basis is WeightBasis.SCALE
    assert line.parcel.dimensions == (30, 20, 10)
    assert line.parcel.shipped_on == dt.date(2026, 1, 30)


@pytest.mark.parametrize(
    ("flag", "basis"),
    [
        ("A", WeightBasis.ENTERED),
        ("B", WeightBasis.SCALE),
        ("V", WeightBasis.DIMENSIONS),
        ("W", WeightBasis.DIMENSIONS),
        ("", None),
    ],
)
def test_the_weight_flag_says_which_weight_was_billed(flag, basis):
    assert read(dhl_row(flag=flag))[0].parcel.weight_basis is basis


def test_the_invoice_line_tells_the_total_and_is_no_money():
    head, *charges = read(dhl_row("I"), dhl_row())
    assert (head.family, head.parcel.tracking_number) == ("info", "")
    assert {line.invoice.total for line in (head, *charges)} == {D("35.70")}
    assert sum(line.amount + line.tax for line in charges) == D("35.70")


def test_semicolons_and_decimal_commas_say_the_same():
    with_commas = [cell.replace(".", ",") for cell in dhl_row()]
    there = read(with_commas, delimiter=";", encoding="cp1252")
    assert [line.fingerprint() for line in there] == [
        line.fingerprint() for line in read(dhl_row())
    ]


def test_a_header_row_is_no_charge():
    header = ["Line Type", *(f"Column {at}" for at in range(2, 154))]
    assert len(read(header, dhl_row())) == 2


def test_a_credit_note_without_signs_gives_back():
    found = read(dhl_row("I", invoice="CN00042"), dhl_row(invoice="CN00042"))
    assert found[0].invoice.kind is InvoiceKind.CREDIT_NOTE
    assert found[0].invoice.total == D("-35.70")
    assert sum(line.amount + line.tax for line in found[1:]) == D("-35.70")
    assert found[1].amount == D("-25.00")


def test_a_credit_note_with_signs_gives_back_the_same():
    signed = {
        name: f"-{text}"
        for name, text in {
            "net": "30.00",
            "total": "35.70",
            "tax": "5.70",
            "weight_charge": "27.00",
            "weight_tax": "4.75",
            "extra_charge": "5.00",
            "extra_tax": "0.95",
        }.items()
    }
    found = read(dhl_row(original="FRA00001", **signed))
    assert found[0].invoice.kind is InvoiceKind.CREDIT_NOTE
    assert found[0].invoice.original_number == "FRA00001"
    assert [line.amount for line in found] == [D("-25.00"), D("-5.00")]


def test_duties_come_as_their_own_kind_of_invoice():
    found = read(
        dhl_row(
            invoice_type="DUTY",
            weight_charge="",
            weight_tax="",
            discount="",
            extra="XX",
            extra_charge="20.00",
            extra_tax="",
            second="XB",
            second_charge="10.00",
            net="30.00",
            total="30.00",
            tax="0",
        )
    )
    assert found[0].invoice.kind is InvoiceKind.DUTY
    assert [(line.family, line.amount) for line in found] == [
        ("duty", D("20.00")),
        ("tax", D("10.00")),
    ]


def test_differences_of_charges_and_taxes_are_lines_of_their_own():
    found = read(dhl_row(net="31.00", total="37.00"))
    assert [(line.family, line.amount, line.tax) for line in found[2:]] == [
        ("accessorial", D("1.00"), 0),
        ("tax", D("0.30"), 0),
    ]
    assert sum(line.amount + line.tax for line in found) == D("37.00")


def test_an_unknown_line_type_is_told():
    good, (error,) = kept("dhl_express", table([dhl_row(), dhl_row("X"), dhl_row()]))
    assert {line.row for line in good} == {1, 3}
    assert "Row 2, column 1 (Line Type): “X”" in str(error)


def test_a_row_that_is_cut_off_is_told():
    good, (error,) = kept("dhl_express", table([dhl_row(), dhl_row()[:100]]))
    assert {line.row for line in good} == {1}
    assert "100 columns; expected 153" in str(error)
