from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.shipment_visibility_carriers.invoices.audit import (
    Dispute,
    Match,
    match_credits,
)

from .ledger import billed, bounded


def dispute(dispute_id, amount, family="freight", number="T1", code="", currency="EUR"):
    return Dispute(dispute_id, number, family, Decimal(amount), currency, code)


def credit(line_id, amount, family="freight", **told):
    return billed(line_id, family, amount, **told)


def matched(disputes, credits):
    return [
        (match.dispute_id, match.line_id, str(match.amount))
        for match in match_credits(disputes, credits)
    ]


def test_a_credit_answers_the_dispute_of_its_package():
    disputes = [dispute(1, "10.00", number="T2"), dispute(2, "10.00")]
    assert match_credits(disputes, [credit(7, "-10.00")]) == [
        Match(2, 7, Decimal("10.00"))
    ]


def test_the_same_code_comes_before_the_same_family():
    disputes = [dispute(1, "4.00", "area", code="A"), dispute(2, "4", "area", code="B")]
    assert matched(disputes, [credit(7, "-4.00", "area", raw_code="B")]) == [
        (2, 7, "4.00")
    ]


def test_an_exact_amount_comes_before_an_older_dispute():
    disputes = [dispute(1, "9.00"), dispute(2, "4.00")]
    assert matched(disputes, [credit(7, "-4.00")]) == [(2, 7, "4.00")]


def test_a_part_is_matched_and_the_rest_stays_open():
    assert matched([dispute(1, "9.00")], [credit(7, "-4.00"), credit(8, "-2.00")]) == [
        (1, 7, "4.00"),
        (1, 8, "2.00"),
    ]


def test_one_credit_answers_several_disputes_but_no_more_than_they_ask():
    disputes = [dispute(1, "3.00"), dispute(2, "4.00")]
    assert matched(disputes, [credit(7, "-20.00")]) == [(1, 7, "3.00"), (2, 7, "4.00")]


def test_a_credit_without_a_family_answers_what_nothing_else_does():
    disputes = [dispute(1, "3.00", "fuel"), dispute(2, "3.00")]
    credits = [credit(7, "-3.00", "credit"), credit(8, "-3.00", "fuel")]
    assert matched(disputes, credits) == [(1, 8, "3.00"), (2, 7, "3.00")]


def test_what_belongs_elsewhere_is_not_matched():
    others = [
        credit(1, "-3.00", "fuel"),
        credit(2, "-3.00", currency="USD"),
        credit(3, "-3.00", tracking_number=""),
        credit(4, "3.00"),
    ]
    assert matched([dispute(1, "3.00"), dispute(2, "3.00", number="")], others) == []


amounts = st.integers(1, 12).map(Decimal)
families = st.sampled_from(["freight", "fuel", "credit"])
disputes = st.lists(
    st.tuples(amounts, families, st.sampled_from("TU")), max_size=6
).map(lambda rows: [dispute(n, *row) for n, row in enumerate(rows)])
credits = st.lists(st.tuples(amounts, families, st.sampled_from("TU")), max_size=6).map(
    lambda rows: [
        credit(n, -amount, family, tracking_number=number)
        for n, (amount, family, number) in enumerate(rows)
    ]
)


@bounded
@given(disputes, credits, st.randoms(use_true_random=False))
def test_no_money_is_used_twice_in_whatever_order(disputes, credits, random):
    matches = match_credits(disputes, credits)
    for each in disputes:
        paid = sum(m.amount for m in matches if m.dispute_id == each.id)
        assert paid <= each.amount
    for each in credits:
        used = sum(m.amount for m in matches if m.line_id == each.id)
        assert used <= -each.line.amount
    assert len({(m.dispute_id, m.line_id) for m in matches}) == len(matches)
    again = match_credits(
        random.sample(disputes, len(disputes)), random.sample(credits, len(credits)) * 2
    )
    assert again == matches
