"""FedEx: scans of a message, what they mean, and the estimate beside them."""

import datetime as dt
import json

import pytest

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.schema import Location, Precision, Zone
from odoo.addons.shipment_visibility_carriers.adapters.errors import MalformedMessage
from odoo.addons.shipment_visibility_carriers.adapters.fedex import messages

NUMBER = "777000000001"
SCAN = {
    "date": "2026-02-02T09:41:00-06:00",
    "eventType": "DL",
    "eventDescription": "Delivered",
    "exceptionCode": "",
    "exceptionDescription": "",
    "scanLocation": {
        "city": "Demoville",
        "stateOrProvinceCode": "TX",
        "postalCode": "75001",
        "countryCode": "US",
        "residential": False,
    },
    "locationType": "DELIVERY_LOCATION",
    "derivedStatusCode": "DL",
    "derivedStatus": "Delivered",
}
RESULT = {
    "trackingNumberInfo": {"trackingNumber": NUMBER, "carrierCode": "FDXE"},
    "scanEvents": [SCAN],
    "dateAndTimes": [
        {"type": "SHIP", "dateTime": "2026-01-30T00:00:00-06:00"},
        {"type": "ESTIMATED_DELIVERY", "dateTime": "2026-02-03T20:00:00-06:00"},
    ],
    "deliveryDetails": {"receivedByName": "E.EXAMPLE", "deliveryAttempts": "0"},
}


def scan(**changes):
    return SCAN | changes


def message(*scans, number=NUMBER, **changes):
    result = RESULT | {"scanEvents": list(scans)} | changes
    return {
        "transactionId": "0a0a0a0a-demo",
        "outputMetaData": [{"timeStamp": "2026-02-02T15:42:00Z", "attempt": 1}],
        "output": {
            "completeTrackResults": [
                {"trackingNumber": number, "trackResults": [result]}
            ]
        },
    }


MESSAGE = message(scan(), scan(eventType="OD", date="2026-02-02T07:00:00-06:00"))


def read(content):
    return messages.parse_webhook(json.dumps(content).encode(), "fedex")


def test_all_of_a_delivery():
    (event,) = read(message(scan()))
    assert (event.carrier, event.tracking_number) == ("fedex", NUMBER)
    assert (event.code, event.raw_code) == (Code.DELIVERED, "DL")
    assert (event.raw_status, event.raw_text) == ("Delivered", "Delivered")
    assert event.occurred_at == dt.datetime(2026, 2, 2, 15, 41, tzinfo=dt.UTC)
    assert event.occurred_text == "2026-02-02T09:41:00-06:00"
    assert (event.zone, event.precision) == (Zone.KNOWN, Precision.SECOND)
    assert event.location == Location(
        city="Demoville", state="TX", postal_code="75001", country="US"
    )
    assert event.signer == "E.EXAMPLE"
    assert event.estimated_to is event.estimated_date is None


@pytest.mark.parametrize(
    ("raw", "code", "reason"),
    [
        ("OC", Code.INFO_RECEIVED, ""),
        ("PU", Code.PICKED_UP, ""),
        ("DP", Code.DEPARTED, ""),
        ("IT", Code.IN_TRANSIT, ""),
        ("AR", Code.ARRIVED, ""),
        ("CP", Code.CUSTOMS_PROCESSING, ""),
        ("CD", Code.CUSTOMS_HELD, "customs_delay"),
        ("CC", Code.CUSTOMS_CLEARED, ""),
        ("FD", Code.AT_DESTINATION, ""),
        ("AO", Code.DELIVERY_SCHEDULED, ""),
        ("OD", Code.OUT_FOR_DELIVERY, ""),
        ("HP", Code.AVAILABLE_FOR_PICKUP, ""),
        ("DE", Code.DELAYED, ""),
        ("SE", Code.DELAYED, ""),
        ("RS", Code.RETURNING, ""),
        ("CA", Code.CANCELLED, ""),
    ],
)
def test_what_an_event_means(raw, code, reason):
    (event,) = read(message(scan(eventType=raw)))
    assert (event.code, event.reason, event.raw_code) == (code, reason, raw)


@pytest.mark.parametrize("raw", ["EA", "ZZ", "dl", "Delivered", ""])
def test_what_fedex_does_not_define_once_is_unknown(raw):
    (event,) = read(message(scan(eventType=raw, eventDescription="Something else")))
    assert (event.code, event.raw_text) == (Code.UNKNOWN, "Something else")


def test_an_exception_is_mapped_by_its_own_code():
    raw = scan(
        eventType="DE",
        eventDescription="Delivery exception",
        exceptionCode="08",
        exceptionDescription="Customer not available or business closed",
    )
    (event,) = read(message(raw))
    assert event.raw_code == "DE/08"
    assert event.raw_text == (
        "Delivery exception Customer not available or business closed"
    )


def test_a_time_without_an_offset_is_a_local_one():
    (event,) = read(message(scan(date="2026-02-02T09:41:00")))
    assert event.occurred_at == dt.datetime(2026, 2, 2, 9, 41, tzinfo=dt.UTC)
    assert event.zone == Zone.LOCAL


def test_the_newest_scan_carries_the_estimate_wherever_it_stands():
    older = scan(eventType="PU", date="2026-02-01T10:00:00-06:00")
    newer = scan(eventType="IT", date="2026-02-01T22:00:00-06:00")
    for scans in ((older, newer), (newer, older)):
        events = {event.code: event for event in read(message(*scans))}
        expected = dt.datetime(2026, 2, 4, 2, tzinfo=dt.UTC)
        assert events[Code.IN_TRANSIT].estimated_to == expected
        assert events[Code.PICKED_UP].estimated_to is None


def test_a_window_is_better_than_a_time_and_midnight_is_a_date():
    transit = scan(eventType="IT")
    window = {
        "window": {
            "begins": "2026-02-03T10:00:00-06:00",
            "ends": "2026-02-03T14:00:00-06:00",
        }
    }
    (event,) = read(message(transit, estimatedDeliveryTimeWindow=window))
    assert event.estimated_from == dt.datetime(2026, 2, 3, 16, tzinfo=dt.UTC)
    assert event.estimated_to == dt.datetime(2026, 2, 3, 20, tzinfo=dt.UTC)
    midnight = {"type": "ESTIMATED_DELIVERY", "dateTime": "2026-02-03T00:00:00-06:00"}
    (event,) = read(message(transit, dateAndTimes=[midnight]))
    assert event.estimated_date == dt.date(2026, 2, 3)
    assert event.estimated_to is None


def test_each_parcel_of_a_shipment_has_its_own_events():
    content = message(scan())
    other = {**RESULT, "trackingNumberInfo": {"trackingNumber": "777000000002"}}
    content["output"]["completeTrackResults"][0]["trackResults"].append(other)
    assert [event.tracking_number for event in read(content)] == [
        "777000000001",
        "777000000002",
    ]


def test_a_result_without_scans_says_nothing():
    error = {"error": {"code": "TRACKING.TRACKINGNUMBER.NOTFOUND", "message": "x"}}
    assert read(message(scanEvents=None, **error)) == []
    assert read({"output": {"completeTrackResults": []}}) == []


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({}, "output"),
        ({"output": {}}, "output.completeTrackResults"),
        (message(scan(date=None)), "scanEvents.0.date"),
        (message(scan(date="2 February")), "scanEvents.0.date"),
        (message(scan(), scan(eventType=7)), "scanEvents.1.eventType"),
        (message(scan(date="1999-12-31T23:59:59Z")), "scanEvents.0.occurred_at"),
    ],
)
def test_what_is_wrong_is_named(content, named):
    with pytest.raises(MalformedMessage, match=named):
        read(content)


def test_a_scan_that_comes_again_with_the_next_one_is_the_same_event():
    picked_up = scan(eventType="PU", date="2026-02-01T10:00:00-06:00")
    left = scan(eventType="DP", date="2026-02-01T12:00:00-06:00")
    on_its_way = scan(eventType="IT", date="2026-02-01T22:00:00-06:00")
    first, __ = read(message(picked_up, left))
    assert first in read(message(on_its_way, left, picked_up))
