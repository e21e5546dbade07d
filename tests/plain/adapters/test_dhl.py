"""DHL: events of a message, in the words of its divisions, and shipments that go back."""

import datetime as dt
import json

import pytest

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.schema import Location, Zone
from odoo.addons.shipment_visibility_carriers.adapters.dhl import messages
from odoo.addons.shipment_visibility_carriers.adapters.errors import MalformedMessage

PLACE = {
    "address": {
        "countryCode": "NL",
        "postalCode": "1012 AB",
        "addressLocality": "Demostad",
    }
}
EVENT = {
    "timestamp": "2026-02-02T07:53:47+01:00",
    "location": PLACE,
    "statusCode": "transit",
    "status": "PROCESSED_AT_FACILITY",
    "description": "Processed",
    "remark": "",
}
SHIPMENT = {
    "id": "7000000001",
    "service": "express",
    "origin": PLACE,
    "destination": PLACE,
    "status": EVENT,
    "estimatedTimeOfDelivery": "2026-02-04T00:00:00Z",
    "details": {
        "proofOfDelivery": {
            "timestamp": "2026-02-04T10:00:00Z",
            "signed": {"givenName": "Eva", "familyName": "Example", "name": "Eva"},
        }
    },
    "events": [EVENT],
}


def event(**changes):
    return EVENT | changes


def message(*events, **changes):
    shipment = SHIPMENT | {"events": list(events), "status": events[0]} | changes
    return {"shipments": [shipment]}


MESSAGE = message(event(), event(timestamp="2026-02-01T07:00:00", statusCode="unknown"))


def read(content):
    return messages.parse_webhook(json.dumps(content).encode(), "dhl")


def test_all_of_an_event():
    (found,) = read(message(event()))
    assert (found.carrier, found.tracking_number) == ("dhl", "7000000001")
    assert (found.code, found.raw_code) == (Code.IN_TRANSIT, "transit")
    assert (found.raw_status, found.raw_text) == ("PROCESSED_AT_FACILITY", "Processed")
    assert found.occurred_at == dt.datetime(2026, 2, 2, 6, 53, 47, tzinfo=dt.UTC)
    assert found.zone == Zone.KNOWN
    assert found.location == Location(
        city="Demostad", postal_code="1012 AB", country="NL"
    )
    assert found.estimated_date == dt.date(2026, 2, 4)
    assert found.signer == ""


@pytest.mark.parametrize(
    ("raw", "code"),
    [
        ("pre-transit", Code.INFO_RECEIVED),
        ("transit", Code.IN_TRANSIT),
        ("delivered", Code.DELIVERED),
        ("failure", Code.ATTEMPT_FAILED),
        ("unknown", Code.UNKNOWN),
        ("out-for-delivery", Code.UNKNOWN),
        ("", Code.UNKNOWN),
    ],
)
def test_what_a_status_code_means(raw, code):
    (found,) = read(message(event(statusCode=raw)))
    assert (found.code, found.raw_code) == (code, raw)


@pytest.mark.parametrize(
    ("status", "code", "raw"),
    [
        ("VA", Code.INFO_RECEIVED, "transit/VA"),
        ("EE", Code.ARRIVED, "transit/EE"),
        ("PO", Code.OUT_FOR_DELIVERY, "transit/PO"),
        ("ZF", Code.AVAILABLE_FOR_PICKUP, "transit/ZF"),
        ("ZU", Code.DELIVERED, "transit/ZU"),
        # A code that says nothing certain leaves the word to the status code.
        ("LA", Code.IN_TRANSIT, "transit/LA"),
        ("Out for delivery", Code.IN_TRANSIT, "transit"),
    ],
)
def test_the_german_parcel_service_says_more(status, code, raw):
    (found,) = read(message(event(status=status), service="parcel-de"))
    assert (found.code, found.raw_code, found.raw_status) == (code, raw, status)


def test_two_letters_of_another_division_are_no_code_of_the_german_one():
    (found,) = read(message(event(status="ZU"), service="express"))
    assert (found.code, found.raw_code) == (Code.IN_TRANSIT, "transit")


def test_a_delivered_return_is_back_at_the_sender():
    (found,) = read(message(event(statusCode="delivered"), returnFlag=True))
    assert (found.code, found.raw_code) == (Code.RETURNED, "delivered/return")
    assert found.signer == ""


def test_only_the_present_status_of_a_return_is_on_the_way_back():
    older = event(timestamp="2026-02-01T09:00:00+01:00")
    newer, earlier = read(message(event(), older, returnFlag=True))
    assert (newer.code, earlier.code) == (Code.RETURNING, Code.IN_TRANSIT)


def test_who_signed_is_said_of_the_delivery_alone():
    delivered = event(statusCode="delivered", timestamp="2026-02-04T11:00:00+01:00")
    first, second = read(message(delivered, event()))
    assert (first.code, first.signer) == (Code.DELIVERED, "Eva Example")
    assert second.signer == ""
    # Nobody waits for it any more.
    assert first.estimated_date is second.estimated_date is None


def test_a_time_without_an_offset_is_a_local_one():
    (found,) = read(message(event(timestamp="2026-02-02T07:53:47")))
    assert found.occurred_at == dt.datetime(2026, 2, 2, 7, 53, 47, tzinfo=dt.UTC)
    assert found.zone == Zone.LOCAL


@pytest.mark.parametrize(
    ("frame", "begin", "date"),
    [
        (
            ("2026-02-04T08:00:00+01:00", "2026-02-04T12:00:00+01:00"),
            dt.datetime(2026, 2, 4, 7, tzinfo=dt.UTC),
            None,
        ),
        (("2026-02-04T08:00:00", "2026-02-04T12:00:00"), None, dt.date(2026, 2, 4)),
        (("soon", "later"), None, None),
    ],
)
def test_an_estimate_is_as_fine_as_its_zone_is_certain(frame, begin, date):
    both = dict(zip(("estimatedFrom", "estimatedThrough"), frame, strict=True))
    (found,) = read(message(event(), estimatedDeliveryTimeFrame=both))
    assert (found.estimated_from, found.estimated_date) == (begin, date)


def test_a_status_that_is_no_event_is_told_too():
    status = event(timestamp="2026-02-03T10:00:00+01:00", statusCode="failure")
    found = read(message(event(), status=status))
    assert [one.code for one in found] == [Code.ATTEMPT_FAILED, Code.IN_TRANSIT]
    (found,) = read(message(event(), events=None))
    assert found.code == Code.IN_TRANSIT


def test_a_number_may_come_as_a_number_and_a_point_of_service_is_a_place():
    point = {"servicePoint": {"label": "Demo Shop 12"}}
    (found,) = read(message(event(location=point), id=7000000001))
    assert found.tracking_number == "7000000001"
    assert found.location == Location(facility="Demo Shop 12")


@pytest.mark.parametrize("scope", ["subscription", "subscription.activation"])
def test_a_message_about_a_subscription_says_nothing(scope):
    assert read({"scope": scope, "self": "https://dhl.example/1", "secret": "x"}) == []


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({}, "shipments"),
        ({"shipments": []}, "shipments"),
        ({"packages": [{"package": {}, "events": []}]}, "shipments"),
        (message(event(timestamp="")), "timestamp"),
        (message(event(), id=""), "shipments.0.id"),
        (message(event(), id=True), "shipments.0.id"),
        (message(event(location="Demostad")), "location"),
        (message(event(timestamp="2150-01-01T00:00:00Z")), "events.0.occurred_at"),
    ],
)
def test_what_is_wrong_is_named(content, named):
    with pytest.raises(MalformedMessage, match=named):
        read(content)


def test_an_event_that_comes_again_with_the_next_one_is_the_same_event():
    first = event(timestamp="2026-02-01T09:00:00+01:00", description="Picked up")
    second = event(timestamp="2026-02-01T12:00:00+01:00", description="Sorted")
    told, __ = read(message(first, second))
    assert told in read(message(event(), second, first))
