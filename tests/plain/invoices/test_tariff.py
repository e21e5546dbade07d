import datetime as dt
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from odoo.addons.shipment_visibility.canonical.freight import to_digits
from odoo.addons.shipment_visibility_carriers.invoices.tariff import NoPrice, price
from odoo.addons.shipment_visibility_carriers.invoices.tariff_file import (
    TariffFileError,
    read_tariff,
)

from .ledger import bounded

HEAD = (
    "kind,service,zone,up_to,amount,per_unit,percent,code,family,always,"
    "valid_from,valid_to,currency,unit,round_to"
)
ROWS = """\
rate,express,1,1,8.00,,,,,,2026-01-01,2026-06-30,EUR,kg,0.5
rate,express,1,5,10.00,0.50,,,,,2026-01-01,2026-06-30,EUR,kg,0.5
rate,express,1,,12.00,1.00,,,,,2026-01-01,2026-06-30,EUR,kg,0.5
rate,express,1,5,11.00,,,,,,2026-07-01,,EUR,kg,1
rate,express,,10,25.00,,,,,,2026-01-01,,EUR,kg,
rate,economy,1,10,3.00,,,,,,2026-01-01,,EUR,lb,1
minimum,economy,1,,4.20,,,,,,2026-01-01,,EUR,,
surcharge,,,,,,12.5,,fuel,yes,2026-01-01,,EUR,,
surcharge,,,,4.10,,,RES,residential,,2026-01-01,,EUR,,
surcharge,express,,,2.05,,,RES,residential,,2026-01-01,,EUR,,
surcharge,,,,9.00,,,,handling,,2026-01-01,,EUR,,
"""
DAY = dt.date(2026, 3, 2)


def book(rows=ROWS, head=HEAD):
    return read_tariff([head + "\n", *rows.splitlines(keepends=True)])


def freight(service, zone, weight, day=DAY):
    priced = price(book(), service, zone, Decimal(weight), day)
    return priced if isinstance(priced, NoPrice) else priced.by_family()["freight"]


@pytest.mark.parametrize(
    ("weight", "amount"),
    [
        ("0.2", "8.00"),
        ("1", "8.00"),
        ("1.01", "10.25"),  # 1.5 kg: half a kilogram above the first break
        ("5", "12.00"),
        ("7.2", "14.50"),
    ],
)
def test_freight_by_weight_break(weight, amount):
    assert freight("express", "1", weight) == Decimal(amount)


def test_weights_are_rounded_up_in_the_units_of_the_contract():
    # 2 lb are 0.90718474 kg: an entered weight of just that is not 3 lb.
    table = book().tables[-1]
    assert table.weight(Decimal("0.90718474")) == 2
    assert table.weight(Decimal("0.91")) == 3


def test_the_minimum_is_what_freight_costs_at_least():
    assert freight("economy", "1", "1") == Decimal("4.20")


def test_the_price_is_that_of_the_day_of_shipment():
    assert freight("express", "1", "2", dt.date(2026, 6, 30)) == Decimal("10.50")
    assert freight("express", "1", "2", dt.date(2026, 7, 1)) == Decimal("11.00")


def test_rates_of_the_zone_win_wherever_they_stand():
    any_zone = "rate,express,,1,9.00,,,,,,2026-01-01,,EUR,kg,\n"
    for rows in (any_zone + RATE, RATE + any_zone):
        priced = price(book(rows), "express", "1", Decimal(1), DAY)
        assert priced.total == Decimal("8.00")


def test_a_zone_without_its_own_rates_has_those_of_any_zone():
    assert freight("express", "9", "2") == Decimal("25.00")


@pytest.mark.parametrize(
    ("asked", "reason"),
    [
        (("overnight", "1", "2", DAY), NoPrice.SERVICE),
        (("economy", "2", "2", DAY), NoPrice.ZONE),
        (("express", "1", "2", dt.date(2025, 12, 31)), NoPrice.DATE),
        (("express", "1", "6", dt.date(2026, 8, 1)), NoPrice.WEIGHT),
    ],
)
def test_no_price_says_why(asked, reason):
    assert freight(*asked) is reason


def test_surcharges_are_amounts_or_percents_of_the_freight():
    codes = [("residential", "RES"), ("handling", "AHC"), ("area", "RDR")]
    priced = price(book(), "express", "1", Decimal(1), DAY, codes)
    assert priced.by_family() == {
        "freight": Decimal("8.00"),
        "residential": Decimal("2.05"),  # what is said of the service wins
        "handling": Decimal("9.00"),  # by its family
        "fuel": Decimal("1.00"),  # always
    }
    assert priced.unknown == ("RDR",)
    assert priced.total == Decimal("20.05")


def test_a_surcharge_that_always_holds_is_priced_once_when_it_is_asked_for():
    codes = [("fuel", "FSC"), ("fuel", "FSC"), ("freight", "001")]
    priced = price(book(), "express", "1", Decimal(1), DAY, codes)
    assert [(line.family, line.code) for line in priced.lines] == [
        ("freight", ""),
        ("fuel", "FSC"),
    ]
    assert not priced.unknown


def test_amounts_are_rounded_as_the_currency_is_paid():
    rows = ROWS.replace("EUR", "JPY").replace("8.00", "805")
    priced = price(
        book(rows), "express", "1", Decimal(1), DAY, round=to_digits(2, JPY=0)
    )
    assert [line.amount for line in priced.lines] == [Decimal(805), Decimal(101)]


def test_semicolons_decimal_commas_and_a_byte_order_mark_are_read():
    commas = ROWS.replace(",", ";").replace(".", ",")
    assert book(commas, "\ufeff" + HEAD.replace(",", ";")) == book()


def test_columns_may_stand_in_any_order_and_empty_rows_are_skipped():
    head = "valid_from,amount,kind,currency,service\n"
    tariff = read_tariff([head, ",,,,\n", "\n", "2026-01-01,5,rate,EUR,letter\n"])
    assert price(tariff, "letter", "7", Decimal(1), DAY).total == Decimal("5.00")


def problems(rows, head=HEAD):
    with pytest.raises(TariffFileError) as caught:
        book(rows, head)
    return caught.value.problems


RATE = "rate,express,1,1,8.00,,,,,,2026-01-01,,EUR,kg,\n"


@pytest.mark.parametrize(
    ("old", "new", "word"),
    [
        ("8.00", "eight", "amount"),
        ("8.00", "NaN", "amount"),
        ("8.00", "-8", "amount"),
        ("8.00", "1e999", "amount"),
        ("8.00", "", "amount"),
        ("rate", "price", "kind"),
        ("2026-01-01", "01.02.2026", "valid_from"),
        ("2026-01-01", "", "valid_from"),
        ("2026-01-01,", "2026-01-01,2025-01-01", "valid_to"),
        ("EUR", "euro", "currency"),
        ("kg,", "st,", "unit"),
        ("kg,", "kg,0", "round_to"),
    ],
)
def test_what_is_wrong_in_a_row_is_said_with_its_number(old, new, word):
    row = RATE.replace("express", "other").replace(old, new, 1)
    [(number, text)] = problems(RATE + row)
    assert number == 3
    assert word in text


def test_all_problems_of_a_file_are_said_at_once_up_to_twenty():
    wrong = RATE.replace("8.00", "x")
    assert [row for row, _text in problems(wrong + RATE + wrong)] == [2, 4]
    assert len(problems(wrong * 30)) == 20


@pytest.mark.parametrize(
    "row",
    [
        "surcharge,,,,,,,RES,residential,,2026-01-01,,EUR,,\n",
        "surcharge,,,,1,,1,RES,residential,,2026-01-01,,EUR,,\n",
        "surcharge,,,,1,,,RES,home,,2026-01-01,,EUR,,\n",
        "surcharge,,,,1,,,RES,info,,2026-01-01,,EUR,,\n",
        "surcharge,,,,1,,,RES,residential,maybe,2026-01-01,,EUR,,\n",
    ],
)
def test_a_surcharge_that_cannot_be_understood_is_refused(row):
    assert [number for number, _text in problems(RATE + row)] == [3]


@pytest.mark.parametrize(
    "second",
    [
        "rate,express,1,2,9.00,,,,,,2026-03-01,2026-04-01,EUR,kg,\n",
        "rate,express,1,1,9.00,,,,,,2026-01-01,,EUR,kg,\n",
        "rate,express,1,2,9.00,,,,,,2026-01-01,,EUR,lb,\n",
    ],
)
def test_overlapping_validity_is_refused(second):
    assert [row for row, _text in problems(RATE + second)] == [3]


def test_overlapping_surcharges_are_refused():
    row = "surcharge,,,,1,,,RES,residential,,{},EUR,,\n"
    long, short = row.format("2026-01-01,"), row.format("2026-02-01,2026-02-03")
    later = row.format("2026-05-01,")
    found = problems(RATE + long + short + later)
    assert [number for number, _text in found] == [4, 5]
    assert all("row 3" in text for _row, text in found)


def test_a_minimum_without_rates_is_refused():
    row = "minimum,economy,1,,4.20,,,,,,2026-01-01,,EUR,,\n"
    assert [number for number, _text in problems(RATE + row)] == [3]


@pytest.mark.parametrize(
    ("head", "word"),
    [
        (HEAD.replace("amount", "price"), "amount"),
        (HEAD.replace("zone", "service"), "twice"),
        ("", "kind"),
    ],
)
def test_a_header_that_is_not_ours_is_refused(head, word):
    found = problems(RATE, head)
    assert {row for row, _text in found} == {1}
    assert any(word in text for _row, text in found)


def test_a_file_without_rates_is_refused():
    assert problems("")[0][0] is None


def test_a_row_longer_than_the_header_is_refused():
    assert [row for row, _text in problems(RATE + RATE.replace("\n", ",,,\n"))] == [3]


weights = st.decimals("0.001", "60", places=3)


@bounded
@given(weights, weights)
def test_a_heavier_shipment_is_never_cheaper(one, other):
    light, heavy = sorted((one, other))
    assert freight("express", "1", str(light)) <= freight("express", "1", str(heavy))


def test_a_file_is_read_a_row_at_a_time():
    taken = []

    def rows():
        yield HEAD + "\n"
        for number in range(200):
            taken.append(number)
            yield RATE.replace("8.00", "x")

    with pytest.raises(TariffFileError):
        read_tariff(rows())
    assert len(taken) == 20
