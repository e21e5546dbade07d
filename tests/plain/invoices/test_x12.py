"""X12 210: segments, implied decimals, several invoices a file."""

import datetime as dt

import pytest

from .samples import X12_BODY, D, kept, lines, x12


def read(body=X12_BODY, **how):
    return lines("x12_210", x12(body, **how))


def test_amounts_have_two_decimals_without_a_mark():
    freight, fuel = read()
    assert (freight.family, freight.amount) == ("freight", D("25.00"))
    assert (fuel.family, fuel.amount, fuel.raw_code) == ("fuel", D("6.15"), "405")
    assert freight.invoice.total == D("31.15")


def test_a_charge_has_everything_that_came_before_it():
    line = read()[0]
    assert (line.invoice.carrier, line.invoice.account) == ("ups", "DEMO01")
    assert (line.invoice.number, line.invoice.currency) == ("DEMO42", "USD")
    assert line.invoice.date == dt.date(2026, 2, 7)
    assert line.parcel.tracking_number == "1ZDEMO0300000001"
    assert line.parcel.references == ("SO0042",)
    assert (line.parcel.pieces, line.parcel.billed_weight) == (1, D("5.443"))
    assert line.description == "GROUND"
    assert line.parcel.delivered_on == dt.date(2026, 2, 2)
    assert line.row == 12


@pytest.mark.parametrize(
    ("terminator", "separator"), [("~", "*"), ("~\r\n", "*"), ("\n", "|"), ("'", "+")]
)
def test_separators_are_those_that_the_file_says(terminator, separator):
    plain = [line.fingerprint() for line in read()]
    found = read(terminator=terminator, separator=separator)
    assert [line.fingerprint() for line in found] == plain


def test_a_loop_forgets_the_parcel_before_it():
    second = "LX*2\nN9*2I*1ZDEMO0300000002\nL1*2***100****ZZZ\nSE*15*0001\n"
    found = read(X12_BODY.replace("SE*12*0001\n", second))
    assert found[-1].parcel.tracking_number == "1ZDEMO0300000002"
    assert found[-1].parcel.references == ()
    assert found[-1].parcel.billed_weight is None
    assert (found[-1].family, found[-1].raw_code) == ("accessorial", "ZZZ")


def test_each_transaction_is_an_invoice():
    second = X12_BODY.replace("DEMO42", "DEMO43").replace("C3*USD", "C3*CAD")
    found = read(X12_BODY + second)
    assert [line.invoice.number for line in found] == ["DEMO42"] * 2 + ["DEMO43"] * 2
    assert [line.currency for line in found] == ["USD"] * 2 + ["CAD"] * 2


def test_without_a_number_of_the_parcel_it_is_that_of_the_shipment():
    body = X12_BODY.replace("N9*2I*1ZDEMO0300000001\n", "").replace("SE*12", "SE*11")
    assert read(body)[0].parcel.tracking_number == "SHIP42"


def test_other_documents_in_the_file_are_passed_over():
    other = "ST*214*0009\nB10*X*Y*UPSN\nL1*1***999\nSE*4*0009\n"
    assert len(read(other + X12_BODY)) == 2


@pytest.mark.parametrize("amount", ["25.00", "2S00", "1E5", "١٢"])
def test_an_amount_that_is_not_digits_alone_is_told(amount):
    body = X12_BODY.replace("L1*1***2500", f"L1*1***{amount}")
    good, wrong = kept("x12_210", x12(body))
    assert [line.amount for line in good] == [D("6.15")]
    assert [error.row for error in wrong] == [12]
    assert "12345 is 123.45" in str(wrong[0])


def test_charges_of_an_invoice_with_a_broken_head_are_nobodys():
    body = X12_BODY.replace("20260207*3115", "20269907*3115")
    good, wrong = kept("x12_210", x12(X12_BODY.replace("DEMO42", "DEMO41") + body))
    assert {line.invoice.number for line in good} == {"DEMO41"}
    assert "is no date" in str(wrong[0])
    assert [error.row for error in wrong] == [16, 24, 25]


def test_segments_that_went_missing_are_told():
    body = X12_BODY.replace("L1*1***615****405\n", "")
    good, (error,) = kept("x12_210", x12(body))
    assert len(good) == 1
    assert "says that the invoice has 12 segments, but 11 came" in str(error)


@pytest.mark.parametrize("cut", [1, 12, 40, 60, 130])
def test_a_file_that_is_cut_off_is_told(cut):
    content = x12()[:-cut]
    assert kept("x12_210", content)[1]


def test_what_is_no_interchange_is_refused():
    _, (error,) = kept("x12_210", b"Line Type,Invoice\r\n")
    assert "does not begin with an ISA segment" in str(error)


def test_a_segment_without_an_end_is_refused():
    good, wrong = kept("x12_210", x12(end=False) + b"L5*" + b"x" * 1_000_000)
    assert len(good) == 2
    assert "no end of a segment" in str(wrong[0])


def test_going_on_behind_a_segment_knows_what_came_before():
    assert [line.fingerprint() for line in lines("x12_210", x12(), 12)] == [
        read()[1].fingerprint()
    ]
