from decimal import Decimal

from hypothesis import given

from odoo.addons.shipment_visibility.canonical.freight import to_digits
from odoo.addons.shipment_visibility_carriers.invoices.variance import (
    Explanation,
    total,
    variance,
)

from .ledger import bounded, charge, charges

RATES = {"EUR": Decimal(1), "USD": Decimal("0.9137")}


def convert(amount, currency, _date):
    return amount * RATES[currency]


def rows(*given):
    return variance(given, convert, to_digits(), "EUR")


def test_what_was_said_stands_side_by_side_by_family():
    freight, fuel, area = rows(
        charge(1, "quoted", "9.00"),
        charge(2, "booked", "10.00"),
        charge(3, "invoiced", "12.50"),
        charge(4, "booked", "1.00", "fuel"),
        charge(5, "invoiced", "1.00", "fuel"),
        charge(6, "invoiced", "3.00", "area"),
        charge(7, "invoiced", "3", "info"),
    )
    assert (freight.quoted, freight.booked, freight.invoiced) == (
        9,
        10,
        Decimal("12.5"),
    )
    assert freight.difference == Decimal("2.50")
    assert freight.explanation is Explanation.HIGHER
    assert (fuel.difference, fuel.explanation) == (0, Explanation.AS_EXPECTED)
    assert fuel.quoted is None
    assert (area.family, area.difference) == ("area", 3)
    assert area.explanation is Explanation.NOT_EXPECTED


def test_a_credit_lowers_the_difference_and_explains_it():
    [row] = rows(
        charge(1, "booked", "10.00"),
        charge(2, "invoiced", "12.00"),
        charge(3, "credited", "-2.00"),
    )
    assert (row.invoiced, row.credited, row.difference) == (12, -2, 0)
    assert row.explanation is Explanation.GIVEN_BACK


def test_a_credit_that_is_too_small_leaves_it_higher():
    [row] = rows(
        charge(1, "booked", "10.00"),
        charge(2, "invoiced", "12.00"),
        charge(3, "credited", "-0.50"),
    )
    assert (row.difference, row.explanation) == (Decimal("1.5"), Explanation.HIGHER)


def test_what_is_not_invoiced_yet_is_lower_by_all_of_it():
    [row] = rows(charge(1, "booked", "10.00"))
    assert (row.difference, row.explanation) == (-10, Explanation.NOT_INVOICED)


def test_less_than_was_booked_is_lower():
    [row] = rows(charge(1, "booked", "10.00"), charge(2, "invoiced", "9.99"))
    assert row.explanation is Explanation.LOWER


def test_what_the_carrier_changed_on_a_booking_is_expected():
    [row] = rows(
        charge(1, "booked", "10"),
        charge(2, "adjusted", "2"),
        charge(3, "invoiced", "12"),
    )
    assert (row.booked, row.difference) == (12, 0)


def test_a_quote_is_expected_only_of_shipments_that_were_never_booked():
    lines = [
        charge(1, "quoted", "10", shipment="S1"),
        charge(2, "quoted", "1", "fuel", shipment="S1"),
        charge(3, "booked", "11", shipment="S1"),
        charge(4, "quoted", "7", shipment="S2"),
    ]
    whole = total(rows(*lines))
    assert (whole.quoted, whole.booked, whole.expected) == (18, 11, 18)


def test_amounts_are_in_one_currency_at_the_day_of_each():
    [row] = rows(
        charge(1, "booked", "10.00", currency="USD"), charge(2, "invoiced", "9.14")
    )
    assert (row.booked, row.difference) == (Decimal("9.14"), 0)


@bounded
@given(charges())
def test_the_rows_add_up_to_the_charges_and_the_totals(lines):
    found = rows(*lines)
    whole = total(found)
    for name in ("difference", "credited"):
        assert sum(getattr(row, name) for row in found) == getattr(whole, name)
    for column, named in (
        ("quoted", ["quoted"]),
        ("booked", ["booked", "adjusted"]),
        ("invoiced", ["invoiced"]),
        ("credited", ["credited"]),
    ):
        mine = [e for e in lines if e.kind in named and e.family != "info"]
        amount = sum(round(e.amount * RATES[e.currency], 9) for e in mine)
        assert abs(amount - (getattr(whole, column) or 0)) <= len(mine) * Decimal(
            ".005"
        )


@bounded
@given(charges())
def test_the_order_and_a_second_time_make_no_difference(lines):
    assert rows(*lines[::-1], *lines) == rows(*lines)
