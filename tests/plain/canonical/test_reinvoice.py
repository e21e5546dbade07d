import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.shipment_visibility.canonical.freight import (
    ChargeKind,
    FreightCharge,
    to_digits,
)
from odoo.addons.shipment_visibility.canonical.reinvoice import (
    AT_COST,
    Basis,
    Policy,
    customer_price,
    real_cost,
    share,
    still_to_invoice,
)

bounded = settings(derandomize=True, max_examples=60, deadline=None, database=None)
DAY = dt.date(2026, 3, 2)


def charge(charge_id, kind, amount, family="freight"):
    kind = ChargeKind(kind)
    return FreightCharge(charge_id, kind, family, Decimal(amount), "EUR", DAY)


def price(policy, estimated=None, real=None, order="100"):
    known = [None if value is None else Decimal(value) for value in (estimated, real)]
    return customer_price(policy, Decimal(order), *known, to_digits(), "EUR")


@pytest.mark.parametrize(
    ("policy", "amount"),
    [
        (Policy(Basis.FIXED, price=Decimal("4.90")), "4.90"),
        (Policy(Basis.ESTIMATED), "8.00"),
        (Policy(Basis.ESTIMATED, margin_percent=Decimal(10)), "8.80"),
        (Policy(Basis.REAL), "9.99"),
        (AT_COST, "9.99"),
        (Policy(Basis.REAL, margin_percent=Decimal("12.5")), "11.24"),
        (Policy(Basis.REAL, margin_amount=Decimal(2)), "11.99"),
        (Policy(Basis.REAL, free_over=Decimal("100.01")), "9.99"),
        (Policy(Basis.REAL, free_over=Decimal("100")), "0.00"),
        (Policy(Basis.FIXED, price=Decimal(5), free_over=Decimal(50)), "0.00"),
    ],
)
def test_the_price_by_policy(policy, amount):
    assert str(price(policy, estimated="8.00", real="9.99")) == amount


def test_a_cost_that_is_not_known_has_no_price_yet():
    assert price(Policy(Basis.REAL), estimated="8.00") is None
    assert price(Policy(Basis.ESTIMATED), real="8.00") is None
    assert still_to_invoice(None, {1: Decimal(5)}) == 0


def test_more_given_back_than_billed_is_no_negative_price():
    assert price(Policy(Basis.REAL), real="-3.00") == 0


BOOKED = [charge(1, "booked", "10.00"), charge(2, "booked", "1.00", "fuel")]


def test_what_is_booked_counts_until_it_is_invoiced():
    assert real_cost([]) is None
    assert real_cost([charge(9, "quoted", "7")]) is None
    assert real_cost(BOOKED) == 11
    invoiced = [*BOOKED, charge(3, "invoiced", "12.00")]
    assert real_cost(invoiced) == 13
    assert real_cost(invoiced, is_complete=True) == 12


def test_the_first_invoice_takes_the_place_of_a_booked_total():
    lines = [charge(1, "booked", "11.00"), charge(2, "invoiced", "1.00", "fuel")]
    assert real_cost(lines) == 1
    assert real_cost([*lines, charge(3, "invoiced", "10.50")]) == Decimal("11.50")


def test_what_the_carrier_changed_on_a_booking_counts():
    assert real_cost([*BOOKED, charge(3, "adjusted", "-2.00")]) == 9


def test_customs_and_information_are_no_freight():
    lines = [
        *BOOKED,
        charge(3, "invoiced", "30", "duty"),
        charge(4, "booked", "9", "info"),
    ]
    assert real_cost(lines) == 11
    assert real_cost(lines, left_out=frozenset()) == 41


def test_an_invoice_that_comes_later_is_invoiced_by_its_difference():
    policy = Policy(
        Basis.REAL, margin_percent=Decimal(10), margin_amount=Decimal("2.00")
    )
    first = price(policy, real=real_cost(BOOKED))
    assert first == still_to_invoice(first, {}) == Decimal("14.10")
    later = price(policy, real=real_cost([*BOOKED, charge(3, "invoiced", "15.00")]))
    assert still_to_invoice(later, {1: first}) == Decimal("5.50")
    assert still_to_invoice(later, {1: first, 2: Decimal("5.50")}) == 0


def test_a_credit_lowers_what_the_customer_pays():
    lines = [charge(3, "invoiced", "15.00"), charge(4, "credited", "-5.00")]
    now = price(AT_COST, real=real_cost(lines))
    assert still_to_invoice(now, {1: Decimal("15.00")}) == -5


def test_a_fixed_price_is_not_touched_by_what_the_carrier_bills():
    fixed = Policy(Basis.FIXED, price=Decimal("4.90"))
    now = price(fixed, real=real_cost([charge(1, "invoiced", "99.00")]))
    assert still_to_invoice(now, {1: Decimal("4.90")}) == 0


charges = st.lists(
    st.builds(
        charge,
        st.integers(0, 9),
        st.sampled_from(list(ChargeKind)),
        st.integers(-500, 2000).map(lambda cents: Decimal(cents) / 100),
        st.sampled_from(["freight", "fuel", "duty", "info"]),
    ),
    max_size=8,
    unique_by=lambda each: each.id,
)


@bounded
@given(charges, st.integers(0, 3000), st.integers(0, 8))
def test_however_the_charges_arrive_the_customer_pays_the_price_once(
    lines, margin, arrived
):
    policy = Policy(Basis.REAL, margin_percent=Decimal(margin) / 100)
    invoiced = {}
    for known in (lines[:arrived], lines, lines[::-1] + lines):
        now = price(policy, real=real_cost(known))
        invoiced[len(invoiced)] = still_to_invoice(now, invoiced)
    final = price(policy, real=real_cost(lines))
    assert sum(invoiced.values()) == (final or 0)
    assert invoiced[2] == 0


@pytest.mark.parametrize(
    ("amount", "weights", "shares"),
    [
        ("10.00", ("1", "3"), ["2.50", "7.50"]),
        ("10.00", ("1", "1", "1"), ["3.33", "3.34", "3.33"]),
        ("10.00", ("5", "0"), ["5.00", "5.00"]),
        ("-0.01", ("1", "1"), ["-0.01", "0.00"]),
        ("9.99", ("4",), ["9.99"]),
    ],
)
def test_a_cost_is_shared_by_weight(amount, weights, shares):
    found = share(Decimal(amount), [Decimal(w) for w in weights], to_digits(), "EUR")
    assert [str(each) for each in found] == shares


@bounded
@given(
    st.decimals("-1000", "1000", places=2),
    st.lists(st.decimals("0", "50", places=3), min_size=1, max_size=6),
)
def test_the_shares_add_up_to_the_cent(amount, weights):
    assert sum(share(amount, weights, to_digits(), "EUR")) == amount
