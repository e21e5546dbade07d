"""What Sendcloud's webhooks say. The payloads are made up in its documented shape."""

import datetime as dt
from typing import ClassVar

import pytest

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.schema import (
    Precision,
    TrackingEvent,
    Zone,
)
from odoo.addons.shipment_visibility_carriers.adapters.errors import MalformedMessage
from odoo.addons.shipment_visibility_carriers.adapters.sendcloud import statuses

from .report_checks import ReportChecks

NUMBER = "3SDEMO000000011"
AT = dt.datetime(2026, 2, 1, 8, 30, tzinfo=dt.UTC)
SECONDS = int(AT.timestamp())


def webhook(
    status=91, text="Parcel en route", at=SECONDS * 1000, changed=None, **parcel
):
    return {
        "action": "parcel_status_changed",
        "timestamp": at,
        "carrier_status_change_timestamp": changed,
        "parcel": {
            "id": 4711,
            "name": "Erika Exemple",
            "city": "Eindhoven",
            "postal_code": "5611 EM",
            "country": {"iso_2": "NL", "iso_3": "NLD", "name": "Netherlands"},
            "tracking_number": NUMBER,
            "tracking_url": "https://tracking.example/3SDEMO",
            "status": {"id": status, "message": text},
            "order_number": "ORD-4711",
            "shipment": {"id": 8, "name": "PostNL Standard"},
            **parcel,
        },
    }


class TestContract(ReportChecks):
    code = "sendcloud"
    message: ClassVar = webhook()
    silent: ClassVar = (
        {"action": "test_webhook", "timestamp": SECONDS},
        {"action": "integration_connected", "integration": {"id": 1}},
        {"action": "integration_deleted"},
        webhook(status=1000, tracking_number=""),
        webhook(status=999, tracking_number=None),
    )


def only(message):
    (event,) = TestContract().parse(message)
    return event


def test_all_of_an_event():
    assert only(webhook()) == TrackingEvent(
        carrier="sendcloud",
        tracking_number=NUMBER,
        event_id=f"4711/91/{SECONDS * 1000}",
        raw_code="91",
        raw_status="Parcel en route",
        raw_text="Parcel en route",
        code=Code.IN_TRANSIT,
        occurred_at=AT,
        occurred_text=str(SECONDS * 1000),
        zone=Zone.KNOWN,
        precision=Precision.SECOND,
    )


@pytest.mark.parametrize(
    ("status", "code"),
    [
        (1, Code.INFO_RECEIVED),
        (3, Code.IN_TRANSIT),
        (4, Code.DELAYED),
        (5, Code.ARRIVED),
        (6, Code.DELAYED),
        (7, Code.IN_TRANSIT),
        (8, Code.ATTEMPT_FAILED),
        (11, Code.DELIVERED),
        (12, Code.AVAILABLE_FOR_PICKUP),
        (13, Code.PICKUP_SCHEDULED),
        (15, Code.PICKUP_FAILED),
        (18, Code.DELAYED),
        (22, Code.PICKED_UP),
        (80, Code.ATTEMPT_FAILED),
        (91, Code.IN_TRANSIT),
        (92, Code.OUT_FOR_DELIVERY),
        (93, Code.DELIVERED),
        (1000, Code.INFO_RECEIVED),
        (1001, Code.INFO_RECEIVED),
        (1998, Code.CANCELLED),
        (2000, Code.CANCELLED),
        (62989, Code.CUSTOMS_PROCESSING),
        (62990, Code.ARRIVED),
        (62991, Code.ATTEMPT_FAILED),
        (62992, Code.RETURNING),
        (62993, Code.DELIVERY_SCHEDULED),
        (62994, Code.DELIVERY_SCHEDULED),
        (62996, Code.ON_HOLD),
        # A forced delivery is no scan.
        (10, Code.UNKNOWN),
        (94, Code.UNKNOWN),
        (999, Code.UNKNOWN),
        (1002, Code.UNKNOWN),
        (1337, Code.UNKNOWN),
        # Asked for, not done: the label is still good.
        (1999, Code.UNKNOWN),
        (2001, Code.UNKNOWN),
        (424242, Code.UNKNOWN),
    ],
)
def test_statuses(status, code):
    event = only(webhook(status, text="Something happened"))
    assert (event.raw_code, event.code) == (str(status), code)
    assert event.raw_text == "Something happened"


def test_each_status_in_the_table_has_a_row_in_this_test():
    rows = test_statuses.pytestmark[0].args[1]
    assert {row[0] for row in rows} >= statuses.STATUSES.keys()


@pytest.mark.parametrize("at", [SECONDS, SECONDS * 1000])
def test_seconds_and_milliseconds_are_told_apart(at):
    assert only(webhook(at=at)).occurred_at == AT


def test_the_carriers_time_is_better_than_sendclouds():
    event = only(webhook(at=SECONDS * 1000 + 999_000, changed=SECONDS * 1000))
    assert event.occurred_at == AT


def test_milliseconds_are_kept():
    assert only(webhook(at=SECONDS * 1000 + 7)).occurred_at.microsecond == 7000


def test_the_same_status_later_is_another_event():
    assert only(webhook()).event_id != only(webhook(at=SECONDS * 1000 + 1)).event_id


def test_the_consignees_address_is_not_where_it_happened():
    assert only(webhook()).location is None


@pytest.mark.parametrize(
    "at", [None, "2026-02-01T08:30:00Z", 123, -1, 1.5, True, 10**30, 10**400]
)
def test_a_time_that_is_none(at):
    with pytest.raises(MalformedMessage):
        only(webhook(at=at))


@pytest.mark.parametrize(
    "parcel",
    [
        {"status": None},
        {"status": {"id": "91", "message": "x"}},
        {"status": {"message": "x"}},
        {"status": {"id": -1}},
        {"id": None},
        {"tracking_number": "9" * 129},
        {"tracking_number": [NUMBER]},
    ],
)
def test_a_parcel_that_is_none(parcel):
    with pytest.raises(MalformedMessage, match="parcel"):
        only(webhook(**parcel))
