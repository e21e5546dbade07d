import datetime as dt
from collections import Counter
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.shipment_visibility.canonical.freight import to_digits
from odoo.addons.shipment_visibility_carriers.invoices.accrual import (
    Reason,
    accrued,
    moves,
)

from .ledger import MARCH, bounded, charge, charges

END = dt.date(2026, 3, 31)
APRIL = dt.date(2026, 4, 10)
BOTH = [charge(1, "booked", "10.00"), charge(2, "booked", "1.20", "fuel")]


def due(lines, at=END, closed=()):
    return {
        row.family: (str(row.amount), row.reason)
        for row in accrued(lines, at, to_digits(), closed)
    }


def test_what_is_booked_and_not_invoiced_is_accrued():
    assert due(BOTH) == {
        "freight": ("10.00", Reason.NOT_INVOICED),
        "fuel": ("1.20", Reason.NOT_INVOICED),
    }


def test_what_is_booked_or_invoiced_after_the_period_plays_no_part():
    late = [
        charge(3, "invoiced", "10.00", on=APRIL, number="A1"),
        charge(4, "booked", "7.00", "area", on=APRIL),
    ]
    assert due([*BOTH, *late]) == due(BOTH)
    assert due([*BOTH, *late], APRIL)["freight"] == ("0.00", Reason.INVOICED)
    assert due(BOTH, at=MARCH - dt.timedelta(days=1)) == {}


@pytest.mark.parametrize(
    ("amount", "left"),
    [
        ("4.00", ("6.00", Reason.PARTLY_INVOICED)),
        ("10.00", ("0.00", Reason.INVOICED)),
        ("13.00", ("0.00", Reason.INVOICED)),
    ],
)
def test_an_invoice_reverses_its_own_family(amount, left):
    lines = [*BOTH, charge(3, "invoiced", amount, number="A1")]
    assert due(lines) == {"freight": left, "fuel": ("1.20", Reason.NOT_INVOICED)}


def test_a_booked_total_is_reversed_by_all_that_is_invoiced_beside_customs():
    lines = [
        charge(1, "booked", "11.20"),
        charge(2, "invoiced", "10.00", number="A1"),
        charge(3, "invoiced", "1.00", "fuel", number="A1"),
        charge(4, "invoiced", "30.00", "duty", number="A1"),
    ]
    assert due(lines) == {"freight": ("0.20", Reason.PARTLY_INVOICED)}


def test_with_no_further_invoice_to_come_nothing_is_left():
    lines = [*BOTH, charge(3, "invoiced", "4.00", number="A1")]
    assert due(lines, closed={"S1"}) == {
        "freight": ("0.00", Reason.CLOSED),
        "fuel": ("0.00", Reason.CLOSED),
    }


def test_a_credit_makes_nothing_due_again():
    lines = [
        *BOTH,
        charge(3, "invoiced", "10.00", number="A1"),
        charge(4, "credited", "-10.00", number="C1"),
        charge(5, "invoiced", "-10.00", number="C2"),
    ]
    assert due(lines)["freight"] == ("0.00", Reason.INVOICED)


def test_a_discount_counts_on_its_own_invoice():
    lines = [
        *BOTH,
        charge(3, "invoiced", "12.00", number="A1"),
        charge(4, "invoiced", "-5.00", number="A1"),
    ]
    assert due(lines)["freight"] == ("3.00", Reason.PARTLY_INVOICED)


def test_information_is_not_accrued():
    assert due([charge(1, "booked", "9.00", "info")]) == {}


def test_what_is_posted_is_the_difference_to_what_was_posted():
    before = accrued(BOTH, END, to_digits())
    first = moves(before, {})
    assert [(move.family, move.amount) for move in first] == [
        ("freight", Decimal("10.00")),
        ("fuel", Decimal("1.20")),
    ]
    posted = {row.key: row.amount for row in before}
    assert moves(before, posted) == []
    lines = [*BOTH, charge(3, "invoiced", "4.00", on=APRIL, number="A1")]
    [reversal] = moves(accrued(lines, APRIL, to_digits()), posted)
    assert (reversal.family, reversal.amount) == ("freight", Decimal("-4.00"))
    assert reversal.reason is Reason.PARTLY_INVOICED


def test_what_is_no_longer_booked_is_reversed():
    posted = {("S1", "freight", "EUR"): Decimal("10.00")}
    [reversal] = moves([], posted)
    assert (reversal.amount, reversal.reason) == (-10, Reason.NOT_BOOKED)


def test_two_bookings_of_which_one_is_taken_back():
    lines = [charge(1, "booked", "10.00"), charge(2, "adjusted", "-10.00")]
    assert due(lines) == {"freight": ("0.00", Reason.NOT_BOOKED)}


@bounded
@given(charges(), st.sets(st.sampled_from(["S1", "S2"])))
def test_what_stands_in_the_books_is_what_is_due_and_at_last_nothing(lines, closed):
    books = Counter()
    for day in (0, 7, 14, 14):
        at = MARCH + dt.timedelta(days=day)
        rows = accrued(lines, at, to_digits(), closed)
        for move in moves(rows, dict(books)):
            books[move.shipment, move.family, move.currency] += move.amount
        assert all(0 <= row.amount <= max(row.booked, 0) for row in rows)
        assert {k: v for k, v in books.items() if v} == {
            row.key: row.amount for row in rows if row.amount
        }
    last = accrued(lines, END, to_digits(), {"S1", "S2"})
    for move in moves(last, dict(books)):
        assert move.amount < 0
        books[move.shipment, move.family, move.currency] += move.amount
    assert not any(books.values())


@bounded
@given(charges())
def test_the_order_and_a_second_time_make_no_difference(lines):
    assert accrued([*lines[::-1], *lines], END, to_digits()) == accrued(
        lines, END, to_digits()
    )
