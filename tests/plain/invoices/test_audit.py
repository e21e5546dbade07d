import datetime as dt
from decimal import Decimal

import pytest

from odoo.addons.shipment_visibility_carriers.invoices.audit import (
    RULES,
    Facts,
    Terms,
    Tolerance,
    audit,
)
from odoo.addons.shipment_visibility_carriers.invoices.document import WeightBasis
from odoo.addons.shipment_visibility_carriers.invoices.tariff import Price, PricedLine

from .ledger import MARCH, billed, eur

LATER = MARCH + dt.timedelta(days=7)
FREIGHT = billed(1, "freight", "10.00", raw_code="001")


def found(lines, terms=None, **facts):
    """What is at stake: ``(rule, {line: amount})`` as text, in the order of the rules."""
    return [
        (each.rule, {line: str(amount) for line, amount in each.shares})
        for each in audit(lines, Facts(**facts), terms or Terms())
    ]


def only(lines, terms=None, **facts):
    [finding] = audit(lines, Facts(**facts), terms or Terms())
    return finding


def contract(**amounts):
    lines = [PricedLine(family, "", Decimal(a)) for family, a in amounts.items()]
    return Price(tuple(lines), "EUR")


def test_of_a_package_we_know_nothing_of_nothing_is_found():
    lines = [
        billed(n, family, "5.00", raw_code=family)
        for n, family in enumerate(
            ("freight", "fuel", "residential", "address_correction", "duty"), 1
        )
    ]
    lines.append(billed(9, "weight_correction", "3.00", billed_weight=Decimal(9)))
    assert found(lines) == []


def test_a_finding_says_what_when_and_why():
    finding = only([FREIGHT, billed(2, "residential", "4.10")], is_residential=False)
    assert finding.rule == "residential"
    assert finding.line_ids == (2,)
    assert (finding.amount, finding.currency) == (Decimal("4.10"), "EUR")
    assert finding.deadline == dt.date(2026, 4, 1)
    assert finding.is_dispute


def test_the_days_to_dispute_can_be_agreed():
    finding = only([FREIGHT], Terms(days={"no_scan": 180}), has_scan=False)
    assert finding.deadline == MARCH + dt.timedelta(days=180)


def test_an_invoice_without_a_date_has_no_deadline():
    line = billed(1, "freight", "10", on=None)
    assert only([line], has_scan=False).deadline is None


def test_each_rule_has_its_own_code_and_title():
    assert len({rule.code for rule in RULES}) == len({r.title for r in RULES}) == 13


# Billed twice


def test_the_same_charge_on_two_invoices_is_found_on_the_later():
    again = billed(2, "fuel", "1.20", "A2", LATER, raw_code="FSC")
    first = billed(7, "fuel", "1.20", "A1", raw_code="FSC")
    finding = only([again, first])
    assert (finding.rule, finding.line_ids) == ("duplicate", (2,))
    assert finding.evidence["first_invoice"] == "A1"
    assert finding.evidence["first_line"] == "7"
    assert finding.evidence["first_date"] == "2026-03-02"


@pytest.mark.parametrize(
    "other",
    [
        {"raw_code": "DSC"},
        {"tracking_number": "T2"},
        {"currency": "USD"},
        {"amount": "1.21"},
        {"family": "area"},
        {"number": "A1"},
    ],
)
def test_what_differs_is_no_duplicate(other):
    first = billed(1, "fuel", "1.20", raw_code="FSC")
    values = {"family": "fuel", "amount": "1.20", "number": "A2", "raw_code": "FSC"}
    assert found([first, billed(2, **{**values, **other})]) == []


def test_lines_without_a_tracking_number_are_not_compared():
    weekly = [
        billed(n, "accessorial", "20", f"A{n}", tracking_number="") for n in (1, 2)
    ]
    assert found(weekly) == []


def test_a_tracking_number_is_the_same_with_blanks():
    again = billed(2, "fuel", "1.20", "A2", LATER, tracking_number="1z 99")
    first = billed(1, "fuel", "1.20", "A1", tracking_number="1Z99")
    assert found([first, again]) == [("duplicate", {2: "1.20"})]


def test_base_freight_is_billed_once_whatever_its_amount():
    again = billed(2, "freight", "12.50", "A2", LATER, raw_code="002")
    assert found([FREIGHT, again]) == [("duplicate", {2: "12.50"})]


def test_base_freight_twice_on_one_invoice_is_found():
    again = billed(2, "freight", "12.50", raw_code="001")
    assert len(found([FREIGHT, again])) == 1


@pytest.mark.parametrize(
    "told",
    [
        {"raw_category": "ADJ/SCC"},
        {"adjustment": True},
        {"number": "A2", "original": "A1"},
    ],
)
def test_an_adjustment_is_no_second_freight(told):
    assert found([FREIGHT, billed(2, "freight", "2.50", **told)]) == []


def test_each_piece_has_its_freight():
    again = billed(2, "freight", "10.00", raw_code="001")
    assert found([FREIGHT, again], pieces=2) == []
    as_told = billed(2, "freight", "10.00", raw_code="001", pieces=2)
    assert found([FREIGHT, as_told]) == []
    third = billed(3, "freight", "10.00", raw_code="001")
    assert len(found([FREIGHT, again, third], pieces=2)) == 1


def test_freight_that_an_invoice_splits_by_code_is_no_duplicate():
    assert found([FREIGHT, billed(2, "freight", "3", raw_code="400")]) == []


def test_what_was_settled_is_compared_with_and_not_found_again():
    paid = billed(5, "freight", "10.00", "A2", LATER, settled=True, raw_code="001")
    assert found([paid, FREIGHT]) == [("duplicate", {1: "10.00"})]
    assert found([paid], has_scan=False) == []


# Billed though it should not have been


def test_a_voided_label_costs_nothing():
    fuel = billed(2, "fuel", "1.00")
    wrong = [("void_label", {1: "10.00", 2: "1.00"})]
    assert found([FREIGHT, fuel], is_void=True) == wrong
    assert found([FREIGHT, fuel], is_void=False) == []


def test_a_voided_label_that_was_scanned_says_so():
    assert only([FREIGHT], is_void=True, has_scan=True).evidence == {"has_scan": "True"}


def test_what_was_never_scanned_costs_nothing():
    assert found([FREIGHT], has_scan=False) == [("no_scan", {1: "10.00"})]
    assert found([FREIGHT], has_scan=True) == []


def test_another_account_is_billed():
    finding = only([FREIGHT], account="99 888")
    assert (finding.rule, finding.amount) == ("wrong_account", Decimal(10))
    assert finding.evidence == {"account": "99 888", "billed_account": "00012A"}


@pytest.mark.parametrize("account", ["12a", "00012A", "1-2 A", "", None])
def test_the_same_account_may_be_written_differently(account):
    assert found([FREIGHT], account=account) == []


def test_another_currency_is_billed():
    lines = [FREIGHT, billed(2, "fuel", "1.00", currency="USD")]
    assert found(lines, currency="EUR") == [("wrong_currency", {2: "1.00"})]


def test_customs_asks_in_its_own_currency():
    assert found([billed(1, "duty", "9.00", currency="CHF")], currency="EUR") == []


def test_a_residential_surcharge_at_a_home_is_right():
    assert found([billed(1, "residential", "4")], is_residential=True) == []


def test_a_validated_address_needs_no_correction():
    line = billed(1, "address_correction", "17.00", raw_code="ADC")
    assert found([line], is_validated=True) == [("address_correction", {1: "17.00"})]
    assert found([line], is_validated=False) == []


def test_an_unknown_package_is_work_of_ours():
    finding = only([FREIGHT], is_known=False)
    assert (finding.rule, finding.is_dispute) == ("unknown_package", False)
    assert finding.amount == Decimal(10)
    assert finding.evidence == {"tracking_number": "T1"}
    assert found([FREIGHT], is_known=True) == []


def test_of_an_unknown_package_a_duplicate_is_disputed():
    again = billed(2, "freight", "10.00", "A2", LATER, raw_code="001")
    assert found([FREIGHT, again], is_known=False) == [
        ("duplicate", {2: "10.00"}),
        ("unknown_package", {1: "10.00"}),
    ]


# Late

PROMISE = {"is_guaranteed": True, "promised_on": MARCH, "service": "express"}


def test_late_delivery_gives_back_the_freight():
    lines = [FREIGHT, billed(2, "residential", "4.00")]
    finding = only(lines, **PROMISE, delivered_on=LATER)
    assert (finding.rule, finding.line_ids) == ("late", (1,))
    assert finding.deadline == MARCH + dt.timedelta(days=15)
    assert finding.evidence == {
        "service": "express",
        "promised": "2026-03-02",
        "delivered": "2026-03-09",
    }


def test_the_contract_says_what_a_late_delivery_gives_back():
    lines = [FREIGHT, billed(2, "fuel", "1.00")]
    terms = Terms(refunded=("freight", "fuel"))
    wrong = [("late", {1: "10.00", 2: "1.00"})]
    assert found(lines, terms, **PROMISE, delivered_on=LATER) == wrong


def test_the_carriers_own_word_of_the_delivery_counts():
    line = billed(1, "freight", "10.00", delivered_on=LATER)
    assert found([line], **PROMISE) == [("late", {1: "10.00"})]
    assert found([line], **PROMISE, delivered_on=MARCH) == []


def test_the_first_attempt_ends_the_way():
    lines = [
        billed(1, "freight", "10.00", delivered_on=MARCH),
        billed(2, "fuel", "1.00", delivered_on=LATER),
    ]
    assert found(lines, **PROMISE) == []


def test_hours_count_where_both_are_known():
    noon = dt.datetime(2026, 3, 2, 12, tzinfo=dt.UTC)
    times = {"promised_at": noon, "delivered_on": MARCH}
    hour = dt.timedelta(hours=1)
    assert len(found([FREIGHT], **PROMISE, **times, delivered_at=noon + hour)) == 1
    assert found([FREIGHT], **PROMISE, **times, delivered_at=noon) == []


@pytest.mark.parametrize(
    "facts",
    [
        {**PROMISE},
        {**PROMISE, "delivered_on": MARCH},
        {**PROMISE, "delivered_on": LATER, "is_guaranteed": None},
        {**PROMISE, "delivered_on": LATER, "is_guaranteed": False},
        {**PROMISE, "delivered_on": LATER, "promised_on": None},
    ],
)
def test_what_is_not_late_or_not_known_gives_nothing_back(facts):
    assert found([FREIGHT], **facts) == []


# Weight


def weighed(kilograms, basis=WeightBasis.DIMENSIONS, family="freight", line_id=1, **k):
    return billed(
        line_id,
        family,
        k.pop("amount", "12.00"),
        billed_weight=Decimal(kilograms),
        weight_basis=basis,
        **k,
    )


def test_a_weight_correction_is_found_with_its_basis():
    lines = [FREIGHT, weighed("3", family="weight_correction", line_id=2, amount="2.5")]
    finding = only(lines, entered_weight=Decimal("1.2"))
    assert (finding.rule, finding.line_ids) == ("heavier", (2,))
    assert finding.evidence == {
        "entered_kg": "1.2",
        "billed_kg": "3",
        "basis": "dimensions",
        "amount_from": "correction",
    }


def test_more_weight_costs_what_is_above_the_booked_freight():
    facts = {"entered_weight": Decimal(2), "booked": eur(freight="9.50", fuel="1.00")}
    assert found([weighed("3")], **facts) == [("heavier", {1: "2.50"})]
    facts["booked"] = eur(freight="10.00")
    fuel = billed(2, "fuel", "1.00")
    assert found([weighed("3"), fuel], **facts) == [("heavier", {1: "3.00"})]


def test_more_weight_costs_what_the_contract_has_between_both():
    terms = Terms(
        contract=contract(freight="11.50"), contract_at_entered=contract(freight="9.00")
    )
    assert found([weighed("3")], terms, entered_weight=Decimal(2)) == [
        ("above_contract", {1: "0.50"}),
        ("heavier", {1: "2.50"}),
    ]


def test_with_nothing_to_compare_the_additional_weight_has_its_part():
    finding = only([weighed("3")], entered_weight=Decimal(2))
    assert finding.amount == Decimal("4.00")
    assert finding.evidence["amount_from"] == "share"


def test_the_additional_weight_begins_where_the_carrier_rounds_to():
    terms = Terms(weight_step=Decimal("0.5"))
    wrong = [("heavier", {1: "2.00"})]
    assert found([weighed("3")], terms, entered_weight=Decimal("2.1")) == wrong


def test_customs_is_no_part_of_what_more_weight_costs():
    lines = [weighed("3"), billed(2, "duty", "30.00")]
    facts = {"entered_weight": Decimal(2), "booked": eur(freight="11.00")}
    assert found(lines, **facts) == [("heavier", {1: "1.00"})]


def test_a_weight_correction_has_its_tolerance():
    lines = [FREIGHT, weighed("3", family="weight_correction", line_id=2, amount="2.5")]
    for percent, is_found in ((24, True), (25, False)):
        limit = Tolerance(percent=Decimal(percent))
        terms = Terms(tolerances={"weight_correction": limit})
        assert bool(found(lines, terms, entered_weight=Decimal(1))) is is_found


def test_a_contract_in_another_currency_says_nothing():
    line = weighed("3", currency="USD")
    terms = Terms(
        contract=contract(freight="11"), contract_at_entered=contract(freight="9")
    )
    wrong = [("heavier", {1: "4.00"})]
    assert found([line], terms, entered_weight=Decimal(2)) == wrong


def test_the_carriers_own_entered_weight_will_do():
    line = weighed("3", entered_weight=Decimal(2))
    assert found([line]) == [("heavier", {1: "4.00"})]


@pytest.mark.parametrize(
    ("line", "entered", "terms"),
    [
        (weighed("3"), None, Terms()),
        (weighed("3"), "3", Terms()),
        (weighed("3"), "4", Terms()),
        (
            weighed("3"),
            "2.2",
            Terms(weight_step=Decimal("0.5"), weight=Tolerance(Decimal(1))),
        ),
        (weighed("3"), "2.51", Terms(weight_step=Decimal("0.5"))),
        (weighed("3"), "2.9", Terms(weight=Tolerance(percent=Decimal(4)))),
        (weighed("3", WeightBasis.MINIMUM), "1", Terms()),
        (FREIGHT, "1", Terms()),
    ],
)
def test_a_weight_that_is_right_or_unknown_is_let_pass(line, entered, terms):
    assert found([line], terms, entered_weight=entered and Decimal(entered)) == []


# Surcharges and prices


def test_a_surcharge_that_was_never_quoted_is_found():
    lines = [FREIGHT, billed(2, "handling", "9.00", raw_code="AHC")]
    quoted = eur(freight="10.00", fuel="1.00")
    finding = only(lines, quoted=quoted)
    assert (finding.rule, finding.line_ids) == ("never_quoted", (2,))
    assert finding.evidence == {"family": "handling", "code": "AHC"}
    assert found(lines, quoted=quoted, booked=eur(freight="10", handling="9")) == []


def test_a_surcharge_of_the_contract_need_not_be_quoted():
    lines = [FREIGHT, billed(2, "handling", "9.00")]
    terms = Terms(contract=contract(freight="10.00", handling="9.00"))
    assert found(lines, terms, quoted=eur(freight="10.00", fuel="1")) == []
    terms = Terms(contract=contract(freight="10.00"))
    assert found(lines, terms) == [("never_quoted", {2: "9.00"})]


def test_one_total_may_hold_any_surcharge():
    lines = [FREIGHT, billed(2, "handling", "9.00")]
    assert found(lines, quoted=eur(freight="19.00")) == []
    silent = {"quoted": eur(freight="15.00", fuel="4.00"), "is_itemised": False}
    assert found(lines, **silent) == []
    spoken = {"quoted": eur(freight="19.00"), "is_itemised": True}
    assert found(lines, **spoken) == [("never_quoted", {2: "9.00"})]


def test_freight_above_the_booked_price_is_found():
    finding = only([FREIGHT], booked=eur(freight="9.00", fuel="2.00"))
    assert (finding.rule, finding.amount) == ("above_booked", Decimal("1.00"))
    assert finding.evidence == {
        "family": "freight",
        "booked": "9.00",
        "billed": "10.00",
    }


@pytest.mark.parametrize(
    "booked", [eur(freight="10.00"), eur(freight="11"), {("freight", "USD"): 1}, {}]
)
def test_freight_as_booked_or_in_another_currency_is_let_pass(booked):
    assert found([FREIGHT], booked=booked) == []


def test_a_booked_total_is_compared_with_the_total():
    lines = [FREIGHT, billed(2, "fuel", "1.50", raw_code="FSC")]
    assert found(lines, booked=eur(freight="11.50")) == []
    over = found(lines, booked=eur(freight="11.00"))
    assert [(rule, sum(map(Decimal, of.values()))) for rule, of in over] == [
        ("above_booked", Decimal("0.50"))
    ]


def test_what_comes_afterwards_is_no_part_of_a_booked_total():
    lines = [FREIGHT, billed(2, "duty", "30"), billed(3, "address_correction", "17")]
    assert found(lines, booked=eur(freight="10.00")) == []


def test_above_the_contract_comes_before_above_what_was_booked():
    terms = Terms(contract=contract(freight="9.00"))
    assert found([FREIGHT], terms, booked=eur(freight="8.00")) == [
        ("above_contract", {1: "1.00"}),
        ("above_booked", {1: "1.00"}),
    ]


@pytest.mark.parametrize(
    ("tolerance", "is_found"),
    [
        (Tolerance(), True),
        (Tolerance(amount=Decimal("1.00")), False),
        (Tolerance(amount=Decimal("0.99")), True),
        (Tolerance(percent=Decimal("12")), False),
        (Tolerance(percent=Decimal("11")), True),
        (Tolerance(Decimal("5.00"), Decimal("11")), True),
        (Tolerance(Decimal("0.50"), Decimal("50")), True),
        (Tolerance(Decimal("5.00"), Decimal("50")), False),
    ],
)
def test_a_tolerance_lets_pass_until_either_limit_is_exceeded(tolerance, is_found):
    terms = Terms(
        tolerances={"freight": tolerance}, contract=contract(freight="9.00", fuel="1")
    )
    assert bool(found([FREIGHT], terms)) is is_found


def test_the_general_tolerance_holds_where_a_family_has_none():
    booked = eur(freight="9.00", fuel="1")
    lines = [FREIGHT, billed(2, "fuel", "2.00")]
    five = Tolerance(Decimal(5))
    assert found(lines, Terms(tolerances={"": five}), booked=booked) == []
    terms = Terms(tolerances={"": five, "fuel": Tolerance()})
    assert found(lines, terms, booked=booked) == [("above_booked", {2: "1.00"})]


# Money is at stake once, and only while it is missing


def test_money_is_at_stake_once():
    again = billed(2, "freight", "10.00", "A2", LATER, raw_code="001")
    everything = {"is_void": True, "has_scan": False, "account": "X", "is_known": False}
    assert found([FREIGHT, again], **everything) == [
        ("duplicate", {2: "10.00"}),
        ("wrong_account", {1: "10.00"}),
    ]


def test_information_is_no_money():
    info = billed(2, "info", "99.00")
    assert found([FREIGHT, info], is_void=True) == [("void_label", {1: "10.00"})]


def test_what_was_given_back_is_not_at_stake():
    credit = billed(2, "freight", "-10.00", "C1", LATER)
    assert found([FREIGHT, credit], is_void=True) == []
    part = billed(2, "freight", "-4.00", "C1", LATER)
    assert found([FREIGHT, part], is_void=True) == [("void_label", {1: "6.00"})]


def test_a_credit_belongs_to_its_own_package_currency_and_family():
    fuel = billed(2, "fuel", "4.00")
    foreign = [
        billed(3, "freight", "-4.00", "C1", LATER, tracking_number="T2"),
        billed(4, "freight", "-4.00", "C1", LATER, currency="USD"),
        billed(5, "duty", "-4.00", "C1", LATER),
    ]
    whole = [("void_label", {1: "10.00", 2: "4.00"})]
    assert found([FREIGHT, fuel, *foreign], is_void=True) == whole
    own = billed(6, "fuel", "-4.00", "C1", LATER)
    less = [("void_label", {1: "10.00"})]
    assert found([FREIGHT, fuel, own], is_void=True) == less


def test_a_credit_without_a_family_lowers_the_freight_first():
    lines = [
        FREIGHT,
        billed(2, "fuel", "4.00"),
        billed(3, "credit", "-11", "C1", LATER),
    ]
    assert found(lines, is_void=True) == [("void_label", {2: "3.00"})]


def test_a_discount_stays_with_its_invoice():
    lines = [
        billed(1, "freight", "100", "A1", raw_code="F"),
        billed(2, "freight", "-40", "A1", raw_code="D"),
        billed(3, "freight", "100", "A2", LATER, raw_code="F"),
        billed(4, "freight", "-40", "A2", LATER, raw_code="D"),
    ]
    assert found(lines) == [("duplicate", {3: "60"})]


def test_a_credited_duplicate_is_settled():
    again = billed(2, "freight", "10.00", "A2", LATER, raw_code="001")
    credit = billed(3, "freight", "-10.00", "C3", LATER, raw_code="001")
    assert found([FREIGHT, again, credit]) == []


def test_the_same_line_twice_changes_nothing():
    assert found([FREIGHT, FREIGHT], has_scan=False) == [("no_scan", {1: "10.00"})]
