"""FedEx Billing Online: columns by name, pairs of charges."""

import datetime as dt

import pytest

from .samples import D, fedex, kept, lines, table

FUEL = ("Fuel Surcharge", "3.55")
DISCOUNT = ("Earned Discount", "-1.00")


def read(*rows, **layout):
    return lines("fedex_billing", table(fedex(*rows, **layout)))


def test_transportation_and_each_pair_are_lines_that_add_up_to_the_net_charge():
    found = read(({}, [FUEL, DISCOUNT]))
    assert [(line.part, line.family, line.amount) for line in found] == [
        (0, "freight", D("20.00")),
        (1, "fuel", D("3.55")),
        (2, "freight", D("-1.00")),
    ]
    assert found[1].raw_code == "Fuel Surcharge"
    assert {line.row for line in found} == {2}


def test_a_parcel_has_everything_the_row_says():
    line = read(({}, [FUEL, DISCOUNT]))[0]
    assert line.invoice.carrier == "fedex"
    assert line.invoice.account == "DEMO-5101"
    assert line.invoice.date == dt.date(2026, 2, 7)
    assert line.invoice.total == D("22.55")
    assert line.parcel.tracking_number == "700000000042"
    assert line.parcel.master_number == "700000000041"
    assert line.parcel.references == ("SO0042",)
    assert (line.service, line.parcel.zone, line.parcel.pieces) == (
        "FedEx 2Day",
        "05",
        1,
    )
    assert (line.parcel.entered_weight, line.parcel.billed_weight) == (
        D("4.536"),
        D("5.443"),
    )
    assert line.parcel.dimensions == (D("25.40"),) * 3
    assert line.parcel.shipped_on == dt.date(2026, 1, 30)
    assert line.parcel.delivered_on == dt.date(2026, 2, 2)


def test_a_ground_number_is_prefix_and_id():
    line = read(({"Ground Tracking ID Prefix": "9612"}, [FUEL, DISCOUNT]))[0]
    assert line.parcel.tracking_number == "9612700000000042"


def test_the_layout_may_drift():
    plain = read(({}, [FUEL, DISCOUNT]))
    drifted = read(
        ({}, [FUEL, DISCOUNT]),
        in_front=["Consolidated Account Number", "New Column"],
        pairs=30,
    )
    assert [line.fingerprint() for line in plain] == [
        line.fingerprint() for line in drifted
    ]


def test_all_25_pairs_are_read():
    pairs = [(f"Charge {at}", "1.00") for at in range(25)]
    changed = {"Transportation Charge Amount": "0.00", "Net Charge Amount": "25.00"}
    found = read((changed, pairs))
    assert [line.description for line in found[1:]] == [name for name, _ in pairs]


def test_what_the_pairs_do_not_explain_is_a_line_so_that_the_total_holds():
    found = read(({"Net Charge Amount": "24.00"}, [FUEL, DISCOUNT]))
    assert sum(line.amount for line in found) == D("24.00")
    assert (found[-1].family, found[-1].amount) == ("accessorial", D("1.45"))
    assert "Not explained" in found[-1].description


def test_a_refund_without_parts_is_a_credit():
    changed = {"Transportation Charge Amount": "", "Net Charge Amount": "-20.00"}
    (line,) = read((changed, []))
    assert (line.family, line.amount) == ("credit", D("-20.00"))


@pytest.mark.parametrize(
    ("words", "family"),
    [
        ("Residential Delivery", "residential"),
        ("DAS Extended Resi", "area"),
        ("Delivery Area Surcharge Comm", "area"),
        ("Additional Handling - Weight", "handling"),
        ("Address Correction", "address_correction"),
        ("Declared Value Charge", "insurance"),
        ("Customs Duty", "duty"),
        ("Something New", "accessorial"),
    ],
)
def test_the_family_follows_the_words(words, family):
    assert read(({}, [(words, "2.55")]))[1].family == family


def test_a_file_with_a_column_twice_is_refused():
    rows = fedex(({}, [FUEL]))
    rows[0][6] = "Net Charge Amount"
    _, (error,) = kept("fedex_billing", table(rows))
    assert "“Net Charge Amount” is there twice" in str(error)
    assert error.row is None


def test_a_file_of_another_carrier_is_refused():
    _, (error,) = kept("fedex_billing", b"Order,Price\r\n1,2\r\n")
    assert "columns of FedEx's file are missing: billtoaccountnumber" in str(error)


def test_an_empty_file_is_refused():
    _, (error,) = kept("fedex_billing", b"")
    assert "empty" in str(error)


def test_a_charge_without_its_amount_spoils_the_row_and_only_that():
    rows = fedex(({}, [("Fuel Surcharge", "")]), ({}, [FUEL, DISCOUNT]))
    good, (error,) = kept("fedex_billing", table(rows))
    assert {line.row for line in good} == {3}
    assert error.row == 2
    assert "“Fuel Surcharge” is charged" in str(error)
