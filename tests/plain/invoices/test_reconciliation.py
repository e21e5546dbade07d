"""Shipped, billed, delivered: when the three differ, and when they do not."""

import datetime as dt
from decimal import Decimal

import pytest

from odoo.addons.shipment_visibility_carriers.invoices.reconciliation import (
    Patience,
    Reason,
    Standing,
    differences,
)

TODAY = dt.date(2026, 6, 30)
PATIENCE = Patience(bill=30, deliver=20)


def ago(days):
    return TODAY - dt.timedelta(days=days)


def standing(**values):
    """A parcel that was shipped and billed long ago, and delivered the day after."""
    return Standing(
        **{
            "shipment": 7,
            "headline": "delivered",
            "shipped_on": ago(60),
            "delivered_on": ago(59),
            "is_tracked": True,
            "booked": Decimal("8.00"),
            "billed": Decimal("9.50"),
            "billed_on": ago(50),
            "bills_since": ago(365),
            **values,
        }
    )


def found(**values):
    return [
        (each.reason, each.amount)
        for each in differences(standing(**values), PATIENCE, TODAY)
    ]


def test_what_was_shipped_billed_and_delivered_differs_in_nothing():
    assert found() == []


UNBILLED = {"billed": None, "billed_on": None}
UNDELIVERED = {"delivered_on": None, "headline": "in_transit"}


def test_what_is_shipped_is_expected_on_an_invoice_for_some_days():
    assert not found(**UNBILLED, **UNDELIVERED, shipped_on=ago(30))
    assert found(**UNBILLED, **UNDELIVERED, shipped_on=ago(31)) == [
        (Reason.NOT_BILLED, Decimal("8.00"))
    ]


def test_what_is_delivered_is_expected_on_an_invoice_from_that_day():
    assert not found(**UNBILLED, delivered_on=ago(30))
    assert found(**UNBILLED, delivered_on=ago(31)) == [
        (Reason.DELIVERED_NOT_BILLED, Decimal("8.00"))
    ]


@pytest.mark.parametrize(
    "values",
    [
        {"shipped_on": None, "delivered_on": None, "headline": "info_received"},
        {"headline": "cancelled", "delivered_on": None},
        {"is_ours_to_pay": False},
        {"bills_since": None},
        {"bills_since": ago(20)},
    ],
    ids=["never shipped", "void", "another pays", "no invoices", "before the first"],
)
def test_of_what_no_invoice_is_expected(values):
    assert not found(**UNBILLED, **values)


def test_a_cancelled_label_that_is_billed_is_at_stake_at_once():
    values = {"headline": "cancelled", "delivered_on": None, "billed_on": TODAY}
    assert found(**values) == [(Reason.VOID_BILLED, Decimal("9.50"))]


def test_what_is_billed_is_expected_to_arrive():
    assert not found(**UNDELIVERED, shipped_on=ago(20))
    assert found(**UNDELIVERED, shipped_on=ago(21)) == [
        (Reason.NOT_DELIVERED, Decimal("9.50"))
    ]
    assert found(**{**UNDELIVERED, "headline": "lost"}, shipped_on=ago(21))


def test_of_a_carrier_that_tells_nothing_nothing_is_known():
    assert not found(**{**UNDELIVERED, "headline": "unknown"}, is_tracked=False)


@pytest.mark.parametrize("headline", ["returning", "returned"])
def test_what_came_back_is_not_delivered(headline):
    values = {"headline": headline, "delivered_on": None}
    assert not found(**values)
    assert found(**values, said_delivered=True) == [
        (Reason.RETURNED_AS_DELIVERED, Decimal("9.50"))
    ]


def test_what_was_given_back_in_full_is_settled():
    for values in (
        {"headline": "cancelled", "delivered_on": None},
        UNDELIVERED,
        {"headline": "returned", "delivered_on": None, "said_delivered": True},
    ):
        assert found(**values)
        assert not found(**values, billed=Decimal(0))


def test_what_is_billed_twice_is_said_beside_all_else():
    assert found(twice=Decimal("9.50")) == [(Reason.BILLED_TWICE, Decimal("9.50"))]
    both = found(
        twice=Decimal("9.50"),
        billed=Decimal("19.00"),
        headline="cancelled",
        delivered_on=None,
    )
    assert [reason for reason, _amount in both] == [
        Reason.BILLED_TWICE,
        Reason.VOID_BILLED,
    ]


def test_each_reason_is_found_once_of_a_shipment_and_time_adds_only():
    """A day later the same is found, and perhaps more, as long as the facts stay."""
    for headline in ("unknown", "info_received", "in_transit", "cancelled", "returned"):
        for billed in (None, Decimal(0), Decimal(5)):
            for delivered in (None, ago(40)):
                one = standing(headline=headline, billed=billed, delivered_on=delivered)
                before = set()
                for day in range(0, 90, 7):
                    now = {
                        each.reason
                        for each in differences(
                            one, PATIENCE, ago(60) + dt.timedelta(days=day)
                        )
                    }
                    assert before <= now
                    before = now
