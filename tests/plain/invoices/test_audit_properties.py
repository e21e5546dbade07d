"""What holds for any lines, whatever the rules make of them."""

import datetime as dt
from collections import Counter
from dataclasses import replace
from decimal import Decimal

from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.shipment_visibility.canonical.schema import CHARGE_FAMILIES
from odoo.addons.shipment_visibility_carriers.invoices.audit import (
    Facts,
    Terms,
    Tolerance,
    audit,
)
from odoo.addons.shipment_visibility_carriers.invoices.document import WeightBasis
from odoo.addons.shipment_visibility_carriers.invoices.tariff import Price, PricedLine

from .ledger import MARCH, billed, bounded

cents = st.integers(-2_000, 2_000).map(lambda amount: Decimal(amount) / 100)
prices = st.integers(1, 2_000).map(lambda amount: Decimal(amount) / 100)
maybe = st.sampled_from([None, True, False])
kilograms = st.none() | st.sampled_from([Decimal(1), Decimal(2), Decimal("3.5")])
days = st.sampled_from([None, MARCH, MARCH + dt.timedelta(days=3)])


@st.composite
def lines_of_a_package(draw, amounts=cents):
    """Up to a dozen lines on three invoices, many of them alike."""
    lines = []
    for line_id in range(draw(st.integers(0, 12))):
        invoice = draw(st.integers(0, 2))
        lines.append(
            billed(
                line_id,
                draw(st.sampled_from(["freight", "freight", *CHARGE_FAMILIES])),
                draw(amounts | st.just(Decimal("10.00"))),
                f"A{invoice}",
                MARCH + dt.timedelta(days=7 * invoice),
                account="12" if invoice else "13",
                raw_code=draw(st.sampled_from(["", "X"])),
                raw_category=draw(st.sampled_from(["SHP", "ADJ/SCC"])),
                currency=draw(st.sampled_from(["EUR", "EUR", "USD"])),
                billed_weight=draw(kilograms),
                weight_basis=draw(st.sampled_from([None, *WeightBasis])),
            )
        )
    return lines


amounts_by_family = st.none() | st.dictionaries(
    st.tuples(st.sampled_from(CHARGE_FAMILIES), st.sampled_from(["EUR", "USD"])), prices
)
facts = st.builds(
    Facts,
    is_known=maybe,
    is_void=maybe,
    booked=amounts_by_family,
    quoted=amounts_by_family,
    is_itemised=maybe,
    entered_weight=kilograms,
    pieces=st.sampled_from([None, 1, 2]),
    is_residential=maybe,
    is_validated=maybe,
    has_scan=st.sampled_from([None, True, True, False]),
    is_guaranteed=maybe,
    promised_on=days,
    delivered_on=days,
    account=st.sampled_from([None, "12"]),
    currency=st.sampled_from([None, "EUR"]),
)


@st.composite
def contracts(draw):
    agreed = draw(st.dictionaries(st.sampled_from(["freight", "fuel", "area"]), prices))
    return Price(
        tuple(PricedLine(f, "", amount) for f, amount in agreed.items()), "EUR"
    )


@st.composite
def agreements(draw, tolerances=True):
    limits = st.none() | prices
    return Terms(
        tolerances=draw(
            st.dictionaries(
                st.sampled_from(["", "freight", "fuel"]),
                st.builds(Tolerance, limits, limits),
            )
        )
        if tolerances
        else {},
        weight_step=draw(st.sampled_from([None, Decimal("0.5")])),
        contract=draw(st.none() | contracts()),
        contract_at_entered=draw(st.none() | contracts()),
    )


def at_stake(findings):
    """What of which line is at stake by which rule."""
    stake = Counter()
    for finding in findings:
        for line_id, amount in finding.shares:
            stake[finding.rule, line_id] += amount
    return stake


@bounded
@given(lines_of_a_package(), facts, agreements(), st.randoms(use_true_random=False))
def test_the_order_of_the_lines_makes_no_difference(lines, facts, terms, random):
    shuffled = random.sample(lines, len(lines))
    assert audit(shuffled, facts, terms) == audit(lines, facts, terms)


@bounded
@given(lines_of_a_package(), facts, agreements(), st.data())
def test_lines_that_come_again_change_nothing(lines, facts, terms, data):
    again = data.draw(st.lists(st.sampled_from(lines))) if lines else []
    assert audit([*again, *lines, *again], facts, terms) == audit(lines, facts, terms)


@bounded
@given(lines_of_a_package(), facts, agreements(), st.data())
def test_the_split_of_files_makes_no_difference(lines, facts, terms, data):
    """In another file a line has another row."""
    elsewhere = [
        replace(each, line=replace(each.line, row=data.draw(st.integers(1, 99))))
        for each in lines
    ]
    assert audit(elsewhere, facts, terms) == audit(lines, facts, terms)


@bounded
@given(lines_of_a_package(prices), facts, agreements(tolerances=False))
def test_invoices_that_come_one_by_one_give_what_they_give_together(
    lines, facts, terms
):
    # What a delivery or a weight is, is told by any line: take them from the facts.
    lines = [
        replace(
            each,
            line=replace(
                each.line, parcel=replace(each.line.parcel, billed_weight=None)
            ),
        )
        for each in lines
    ]
    one_by_one = Counter()
    before = []
    for number in ("A0", "A1", "A2"):
        new = [each for each in lines if each.line.invoice.number == number]
        one_by_one += at_stake(audit([*before, *new], facts, terms))
        before += [replace(each, is_settled=True) for each in new]
    assert one_by_one == at_stake(audit(lines, facts, terms))


@bounded
@given(lines_of_a_package(), facts, agreements())
def test_no_more_is_at_stake_than_was_billed(lines, facts, terms):
    stake = Counter()
    for finding in audit(lines, facts, terms):
        assert finding.amount > 0
        for line_id, amount in finding.shares:
            assert amount > 0
            stake[line_id] += amount
    for each in lines:
        assert stake[each.id] <= max(each.line.amount, Decimal(0))
        if each.line.family == "info":
            assert not stake[each.id]
    for currency in ("EUR", "USD"):
        mine = [each for each in lines if each.line.currency == currency]
        customs = ("duty", "tax", "brokerage")
        for of_customs in (True, False):
            side = [e for e in mine if (e.line.family in customs) == of_customs]
            net = sum(e.line.amount for e in side if e.line.family != "info")
            assert sum(stake[e.id] for e in side) <= max(net, Decimal(0))


@bounded
@given(lines_of_a_package(), facts, agreements())
def test_a_finding_is_in_one_currency(lines, facts, terms):
    currencies = {each.id: each.line.currency for each in lines}
    for finding in audit(lines, facts, terms):
        assert {currencies[i] for i in finding.line_ids} == {finding.currency}


@bounded
@given(lines_of_a_package(prices), agreements())
def test_what_is_not_known_is_never_held_against_the_carrier(lines, terms):
    silent = replace(terms, contract=None, contract_at_entered=None)
    findings = audit(lines, Facts(), silent)
    assert {finding.rule for finding in findings} <= {"duplicate"}
