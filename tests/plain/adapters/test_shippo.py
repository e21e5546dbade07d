"""What Shippo's webhooks say. The payloads are made up in its documented shape."""

import datetime as dt
from typing import ClassVar

import pytest

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.schema import (
    Location,
    Precision,
    TrackingEvent,
    Zone,
)
from odoo.addons.shipment_visibility_carriers.adapters.errors import MalformedMessage
from odoo.addons.shipment_visibility_carriers.adapters.shippo import statuses

from .report_checks import ReportChecks

NUMBER = "9200000000000000000011"


def status(number=1, **changes):
    return {
        "object_id": f"5f3a{number:04}",
        "object_created": f"2026-02-0{number}T18:00:00.123Z",
        "object_updated": f"2026-02-0{number}T19:00:00.456Z",
        "status": "TRANSIT",
        "substatus": {
            "code": "package_departed",
            "text": "Package has departed.",
            "action_required": False,
        },
        "status_date": f"2026-02-0{number}T08:30:00Z",
        "status_details": "Departed USPS facility",
        "location": {
            "city": "Reno",
            "state": "NV",
            "zip": "89501",
            "country": "US",
        },
        **changes,
    }


def webhook(*history, latest=None, **track):
    return {
        "event": "track_updated",
        "test": False,
        "data": {
            "carrier": "usps",
            "tracking_number": NUMBER,
            "eta": None,
            "original_eta": None,
            "servicelevel": {"token": "usps_priority", "name": "Priority Mail"},
            "metadata": "Order 4711",
            "transaction": "1275c67d754f45bf9d6e4d7a3e205314",
            "messages": [],
            "tracking_status": latest or (history[-1] if history else None),
            "tracking_history": list(history),
            **track,
        },
    }


class TestContract(ReportChecks):
    code = "shippo"
    message: ClassVar = webhook(status(1), status(2), eta="2026-02-06T00:00:00Z")
    silent: ClassVar = (
        webhook(status(1)) | {"test": True},
        {"event": "transaction_updated", "test": False, "data": {"object_id": "a"}},
        {"event": "batch_created", "data": {"object_id": "b"}},
        webhook(latest=None),
    )


def read(message):
    return TestContract().parse(message)


def meant(raw, substatus):
    detail = {"code": substatus} if substatus else None
    (event,) = read(webhook(status(1, status=raw, substatus=detail)))
    return event.raw_code, event.code


def test_all_of_a_status():
    (event,) = read(webhook(status(1)))
    assert event == TrackingEvent(
        carrier="shippo",
        tracking_number=NUMBER,
        event_id="5f3a0001",
        raw_code="TRANSIT/package_departed",
        raw_status="Package has departed.",
        raw_text="Departed USPS facility",
        code=Code.DEPARTED,
        occurred_at=dt.datetime(2026, 2, 1, 8, 30, tzinfo=dt.UTC),
        occurred_text="2026-02-01T08:30:00Z",
        zone=Zone.KNOWN,
        precision=Precision.SECOND,
        location=Location(city="Reno", state="NV", postal_code="89501", country="US"),
    )


# Each status with its documented details, at https://docs.goshippo.com/docs/tracking/tracking.
@pytest.mark.parametrize(
    ("raw", "substatus", "code"),
    [
        ("PRE_TRANSIT", "information_received", Code.INFO_RECEIVED),
        ("PRE_TRANSIT", "", Code.INFO_RECEIVED),
        ("TRANSIT", "", Code.IN_TRANSIT),
        ("TRANSIT", "address_issue", Code.ON_HOLD),
        ("TRANSIT", "contact_carrier", Code.ON_HOLD),
        ("TRANSIT", "delayed", Code.DELAYED),
        ("TRANSIT", "delivery_attempted", Code.ATTEMPT_FAILED),
        ("TRANSIT", "delivery_rescheduled", Code.DELIVERY_SCHEDULED),
        ("TRANSIT", "delivery_scheduled", Code.DELIVERY_SCHEDULED),
        ("TRANSIT", "location_inaccessible", Code.ATTEMPT_FAILED),
        ("TRANSIT", "notice_left", Code.ATTEMPT_FAILED),
        ("TRANSIT", "out_for_delivery", Code.OUT_FOR_DELIVERY),
        ("TRANSIT", "package_accepted", Code.PICKED_UP),
        ("TRANSIT", "package_arrived", Code.ARRIVED),
        ("TRANSIT", "package_damaged", Code.DAMAGED),
        ("TRANSIT", "package_departed", Code.DEPARTED),
        ("TRANSIT", "package_forwarded", Code.IN_TRANSIT),
        ("TRANSIT", "package_held", Code.ON_HOLD),
        ("TRANSIT", "package_processed", Code.IN_TRANSIT),
        ("TRANSIT", "package_processing", Code.IN_TRANSIT),
        ("TRANSIT", "pickup_available", Code.AVAILABLE_FOR_PICKUP),
        ("TRANSIT", "reschedule_delivery", Code.ATTEMPT_FAILED),
        ("DELIVERED", "delivered", Code.DELIVERED),
        ("DELIVERED", "information_received", Code.DELIVERED),
        ("FAILURE", "package_undeliverable", Code.ATTEMPT_FAILED),
        ("FAILURE", "package_disposed", Code.LOST),
        ("FAILURE", "package_lost", Code.LOST),
        ("FAILURE", "", Code.ATTEMPT_FAILED),
        ("UNKNOWN", "other", Code.UNKNOWN),
        ("UNKNOWN", "", Code.UNKNOWN),
        # Returned means that the way back has begun, not that it ended.
        ("RETURNED", "return_to_sender", Code.RETURNING),
        ("RETURNED", "package_unclaimed", Code.RETURNING),
        ("RETURNED", "", Code.RETURNING),
        # Nothing is guessed.
        ("TRANSIT", "abducted_by_aliens", Code.UNKNOWN),
        ("TELEPORTED", "", Code.UNKNOWN),
    ],
)
def test_status_and_detail(raw, substatus, code):
    assert meant(raw, substatus) == ("/".join(filter(None, (raw, substatus))), code)


def test_each_detail_in_the_table_has_a_row_in_this_test():
    rows = test_status_and_detail.pytestmark[0].args[1]
    assert {row[1] for row in rows} >= statuses.SUBSTATUSES.keys()


def test_what_is_unknown_keeps_its_words():
    (event,) = read(webhook(status(1, substatus={"code": "new", "text": "Brand new"})))
    assert (event.raw_code, event.raw_status) == ("TRANSIT/new", "Brand new")
    assert event.raw_text == "Departed USPS facility"


def test_the_history_keeps_its_order_and_the_latest_is_told_once():
    events = read(webhook(status(1), status(2), status(3)))
    assert [event.event_id for event in events] == ["5f3a0001", "5f3a0002", "5f3a0003"]


def test_the_latest_is_told_once_where_it_has_another_id():
    again = status(2) | {"object_id": "another"}
    assert len(read(webhook(status(1), status(2), latest=again))) == 2


def test_a_latest_status_that_is_not_in_the_history_is_an_event_too():
    events = read(webhook(status(1), latest=status(2)))
    assert [event.event_id for event in events] == ["5f3a0001", "5f3a0002"]


def test_a_status_without_the_carriers_time_has_shippos_own():
    (event,) = read(webhook(status(1, status_date=None)))
    assert event.occurred_text == "2026-02-01T18:00:00.123Z"


def test_a_status_without_any_time_is_left_out():
    lost = status(1, status_date=None, object_created=None)
    assert len(read(webhook(lost, status(2)))) == 1


def test_no_location_and_one_of_nothing_are_no_place():
    for location in (None, {}, {"city": None, "country": ""}):
        (event,) = read(webhook(status(1, location=location)))
        assert event.location is None


def estimate(*history, **track):
    return [
        event
        for event in read(webhook(*history, **track))
        if event.raw_code == "estimated_delivery"
    ]


def test_a_promised_date_stays_a_date():
    (told,) = estimate(status(1), eta="2026-02-06T00:00:00Z")
    assert told.estimated_date == dt.date(2026, 2, 6)
    assert told.estimated_from is told.estimated_to is None
    assert told.code == Code.DELIVERY_SCHEDULED
    assert told.occurred_text == "2026-02-01T19:00:00.456Z"


def test_a_promised_time_is_a_time():
    (told,) = estimate(status(1), eta="2026-02-06T20:00:00Z")
    at = dt.datetime(2026, 2, 6, 20, tzinfo=dt.UTC)
    assert (told.estimated_from, told.estimated_to) == (at, at)


def test_each_promise_is_told_once_whatever_happens_meanwhile():
    (first,) = estimate(status(1), eta="2026-02-06T00:00:00Z")
    (again,) = estimate(status(1), status(2), eta="2026-02-06T00:00:00Z")
    (later,) = estimate(status(1), status(2), eta="2026-02-07T00:00:00Z")
    assert first.event_id == again.event_id != later.event_id


@pytest.mark.parametrize("over", ["DELIVERED", "RETURNED"])
def test_nothing_is_expected_of_what_is_over(over):
    assert not estimate(status(1, status=over), eta="2026-02-06T00:00:00Z")


def test_an_old_api_version_is_refused_with_what_to_do():
    transaction = {
        "object_state": "VALID",
        "object_id": "abc",
        "tracking_number": NUMBER,
        "tracking_status": "DELIVERED",
        "label_url": "https://shippo.example/label.pdf",
    }
    with pytest.raises(MalformedMessage, match="API version in Shippo"):
        read({"event": "track_updated", "test": False, "data": transaction})


@pytest.mark.parametrize(
    "change",
    [
        {"status_date": "yesterday"},
        {"status_date": "1926-02-01T08:30:00Z"},
        {"status_date": 1770000000},
        {"status": ["TRANSIT"]},
        {"location": "Reno"},
        {"object_id": {"$oid": "1"}},
    ],
)
def test_a_status_that_is_none(change):
    with pytest.raises(MalformedMessage, match="data"):
        read(webhook(status(1, **change)))


def test_a_number_may_be_written_as_one():
    (event,) = read(webhook(status(1), tracking_number=int(NUMBER)))
    assert event.tracking_number == NUMBER


@pytest.mark.parametrize("number", [None, "", "   ", "9" * 129, 1.5, True])
def test_a_number_that_is_none(number):
    with pytest.raises(MalformedMessage, match="tracking_number"):
        read(webhook(status(1), tracking_number=number))
