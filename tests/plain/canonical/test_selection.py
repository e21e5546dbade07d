"""The choice among offers: every policy, every reason, and no choice where nothing fits."""

import datetime as dt
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.shipment_visibility.canonical.selection import (
    Candidate,
    Policy,
    Reason,
    choose,
)

MONDAY = dt.date(2026, 11, 23)


def _offer(key, price, days=None, problem=""):
    promised = None if days is None else MONDAY + dt.timedelta(days=days)
    return Candidate(key, Decimal(price), promised, problem)


ECONOMY = _offer("economy", "9.90", 5)
STANDARD = _offer("standard", "12.40", 3)
EXPRESS = _offer("express", "24.00", 1)
VAN = _offer("van", "3.00")
DOWN = _offer("down", "0", problem="The carrier does not answer.")
ALL = (EXPRESS, DOWN, STANDARD, VAN, ECONOMY)


def test_the_cheapest_needs_no_date():
    choice = choose(Policy.CHEAPEST, ALL)
    assert choice.best is VAN
    assert choice.against == {
        "express": Reason.DEARER,
        "down": Reason.REFUSED,
        "standard": Reason.DEARER,
        "economy": Reason.DEARER,
    }


def test_the_fastest_must_promise_a_date():
    choice = choose(Policy.FASTEST, ALL)
    assert choice.best is EXPRESS
    assert choice.against["van"] is Reason.NO_DATE
    assert choice.against["economy"] is Reason.SLOWER


def test_in_time_is_the_cheapest_on_the_promised_day_itself():
    choice = choose(Policy.IN_TIME, ALL, deadline=STANDARD.promised_date)
    assert choice.best is STANDARD
    assert choice.against["economy"] is Reason.TOO_LATE
    assert choice.against["van"] is Reason.NO_DATE
    assert choice.against["express"] is Reason.DEARER


def test_where_nothing_was_promised_everything_is_in_time():
    assert choose(Policy.IN_TIME, ALL).best is VAN


def test_a_given_method_is_taken_although_others_are_cheaper():
    choice = choose(Policy.GIVEN, ALL, given="express")
    assert choice.best is EXPRESS
    assert choice.against["van"] is Reason.NOT_GIVEN


def test_a_given_method_that_cannot_be_had_is_replaced_by_none():
    choice = choose(Policy.GIVEN, ALL, given="down")
    assert choice.best is None
    assert choice.against["down"] is Reason.REFUSED


def test_the_limit_is_inclusive():
    assert choose(Policy.FASTEST, ALL, price_limit=Decimal("24.00")).best is EXPRESS
    choice = choose(Policy.FASTEST, ALL, price_limit=Decimal("23.99"))
    assert choice.best is STANDARD
    assert choice.against["express"] is Reason.TOO_DEAR


def test_a_limit_of_nothing_is_a_limit():
    assert choose(Policy.CHEAPEST, ALL, price_limit=Decimal(0)).best is None


def test_equal_prices_are_decided_by_the_date():
    slow, fast = _offer("slow", "5", 4), _offer("fast", "5", 2)
    assert choose(Policy.CHEAPEST, [slow, fast]).best is fast


def test_nothing_to_choose_from():
    assert choose(Policy.CHEAPEST, []).best is None


_candidates = st.lists(
    st.tuples(
        st.decimals("0", "100", places=2),
        st.none() | st.integers(0, 9),
        st.sampled_from(["", "", "It does not go there."]),
    ),
    max_size=8,
).map(lambda rows: [_offer(number, *row) for number, row in enumerate(rows)])


@given(
    st.sampled_from(Policy),
    _candidates,
    st.none() | st.integers(0, 9),
    st.none() | st.decimals("0", "100", places=2),
)
def test_every_candidate_is_the_best_or_has_a_reason(policy, candidates, days, limit):
    deadline = None if days is None else MONDAY + dt.timedelta(days=days)
    choice = choose(policy, candidates, deadline=deadline, price_limit=limit, given=0)
    taken = {choice.best.key} if choice.best else set()
    assert taken | set(choice.against) == {c.key for c in candidates}
    assert not taken & set(choice.against)
    if choice.best:
        assert not choice.best.problem
        assert limit is None or choice.best.price <= limit
