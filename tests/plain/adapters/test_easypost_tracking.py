"""Trackers: what EasyPost's statuses mean, when it happened, and what a webhook carries."""

import datetime as dt
import json

import pytest

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.schema import Location, Zone
from odoo.addons.shipment_visibility_carriers.adapters.easypost import (
    messages_tracking,
    statuses,
)
from odoo.addons.shipment_visibility_carriers.adapters.errors import MalformedMessage

from .easypost_desk import tracker

HOUSTON = {"city": "HOUSTON", "state": "TX", "country": None, "zip": "77063"}


def detail(status="in_transit", status_detail="arrived_at_facility", **changes):
    return {
        "object": "TrackingDetail",
        "message": "Arrived",
        "description": "",
        "status": status,
        "status_detail": status_detail,
        "datetime": "2026-02-01T08:30:00Z",
        "source": "USPS",
        "carrier_code": "",
        "tracking_location": HOUSTON,
        **changes,
    }


def read(*details, **changes):
    body = json.dumps(tracker("9400", *details, **changes)).encode()
    return messages_tracking.parse_tracker(body, "easypost")


def webhook(*details, description="tracker.updated", mode="production", **changes):
    message = {
        "id": "evt_1",
        "object": "Event",
        "mode": mode,
        "description": description,
        "previous_attributes": {"status": "unknown"},
        "result": tracker("9400", *details, **changes),
    }
    return json.dumps(message).encode()


@pytest.mark.parametrize(
    ("status", "status_detail", "code", "reason"),
    [
        ("pre_transit", "label_created", Code.INFO_RECEIVED, ""),
        ("pre_transit", "awaiting_information", Code.INFO_RECEIVED, ""),
        ("pre_transit", "status_update", Code.INFO_RECEIVED, ""),
        ("in_transit", "received_at_origin_facility", Code.PICKED_UP, ""),
        ("in_transit", "departed_facility", Code.DEPARTED, ""),
        ("in_transit", "departed_origin_facility", Code.DEPARTED, ""),
        ("in_transit", "in_transit", Code.IN_TRANSIT, ""),
        ("in_transit", "status_update", Code.IN_TRANSIT, ""),
        ("in_transit", None, Code.IN_TRANSIT, ""),
        ("in_transit", "transferred_to_destination_carrier", Code.IN_TRANSIT, ""),
        ("in_transit", "arrived_at_facility", Code.ARRIVED, ""),
        ("in_transit", "arrived_at_destination", Code.AT_DESTINATION, ""),
        ("in_transit", "received_at_destination_facility", Code.AT_DESTINATION, ""),
        ("out_for_delivery", "out_for_delivery", Code.OUT_FOR_DELIVERY, ""),
        ("in_transit", "delayed", Code.DELAYED, ""),
        ("in_transit", "weather_delay", Code.DELAYED, "weather_delay"),
        ("in_transit", "missorted", Code.DELAYED, "carrier_sorting_error"),
        ("in_transit", "transit_exception", Code.DELAYED, ""),
        ("in_transit", "held", Code.ON_HOLD, ""),
        (
            "in_transit",
            "address_correction",
            Code.ON_HOLD,
            "consignee_incorrect_address",
        ),
        ("failure", "failure", Code.ATTEMPT_FAILED, ""),
        ("failure", "status_update", Code.ATTEMPT_FAILED, ""),
        ("failure", "delivery_exception", Code.ATTEMPT_FAILED, ""),
        ("failure", "refused", Code.ATTEMPT_FAILED, "consignee_refused"),
        ("failure", "damaged", Code.DAMAGED, "carrier_damaged_parcel"),
        ("failure", "lost", Code.LOST, "carrier_parcel_lost"),
        (
            "available_for_pickup",
            "arrived_at_pickup_location",
            Code.AVAILABLE_FOR_PICKUP,
            "",
        ),
        ("return_to_sender", "return", Code.RETURNING, ""),
        ("cancelled", "cancelled", Code.CANCELLED, ""),
        ("unknown", "expired", Code.EXPIRED, ""),
        # Said by EasyPost of a delivered parcel; by itself it would not be delivered yet.
        ("delivered", "arrived_at_destination", Code.DELIVERED, ""),
        ("delivered", "status_update", Code.DELIVERED, ""),
        # The way back is no delivery, whatever it passes through.
        ("return_to_sender", "arrived_at_destination", Code.RETURNING, ""),
        # Nothing is known, and nothing is guessed.
        ("unknown", "unknown", Code.UNKNOWN, ""),
        ("error", "status_update", Code.UNKNOWN, ""),
        ("in_transit", "abducted_by_aliens", Code.UNKNOWN, ""),
        ("teleported", "status_update", Code.UNKNOWN, ""),
    ],
)
def test_status_and_detail_mean_something_together(status, status_detail, code, reason):
    (event, *_rest) = read(detail(status, status_detail))
    assert (event.code, event.reason) == (code, reason)
    assert event.raw_code == f"{status}/{status_detail or ''}"
    assert event.raw_text == "Arrived"


def test_all_documented_details_are_known():
    documented = set(
        """address_correction arrived_at_destination arrived_at_facility
        arrived_at_pickup_location awaiting_information cancelled damaged delayed
        delivery_exception departed_facility departed_origin_facility expired failure held
        in_transit label_created lost missorted out_for_delivery
        received_at_destination_facility received_at_origin_facility refused return
        transferred_to_destination_carrier transit_exception weather_delay""".split()
    )
    known = {
        name
        for name in documented
        if statuses.meaning("in_transit", name, "")[1] != Code.UNKNOWN
    }
    assert known == documented


def test_the_carriers_own_code_tells_a_collection_from_other_movement():
    (collected, *_rest) = read(detail("in_transit", "in_transit", carrier_code="PU"))
    assert (collected.code, collected.raw_code) == (
        Code.PICKED_UP,
        "in_transit/in_transit/PU",
    )
    (arrived, *_rest) = read(detail(carrier_code="PU"))
    assert arrived.code == Code.ARRIVED


def test_all_of_a_scan():
    (event,) = read(
        detail(
            "delivered",
            "arrived_at_destination",
            message="Delivered, front door",
            datetime="2026-02-01T08:30:00-06:00",
            tracking_location=HOUSTON | {"country": "US"},
        ),
        status="delivered",
        signed_by="J. Doe",
        est_delivery_date="2026-02-03T00:00:00Z",
    )
    assert event.carrier == "easypost"
    assert event.tracking_number == "9400"
    assert event.event_id == ""
    assert event.raw_text == "Delivered, front door"
    assert event.raw_status == "delivered"
    assert event.occurred_at == dt.datetime(2026, 2, 1, 14, 30, tzinfo=dt.UTC)
    assert event.occurred_text == "2026-02-01T08:30:00-06:00"
    assert event.signer == "J. Doe"
    assert event.location == Location(
        city="HOUSTON", state="TX", postal_code="77063", country="US"
    )


@pytest.mark.parametrize(
    ("place", "zone"),
    [
        (HOUSTON, Zone.KNOWN),
        ({"city": "Lyon", "country": "FR"}, Zone.KNOWN),
        ({"zip": "69002"}, Zone.KNOWN),
        ({"city": "Lyon"}, Zone.CLAIMED),
        ({"country": "US"}, Zone.CLAIMED),
        ({"city": None, "state": None, "country": None, "zip": None}, Zone.CLAIMED),
        (None, Zone.CLAIMED),
    ],
)
def test_a_time_without_enough_of_a_place_only_claims_to_be_utc(place, zone):
    (event, *_rest) = read(detail(tracking_location=place))
    assert event.zone == zone


def test_a_country_that_is_none_is_left_out():
    place = {"city": "Lyon", "country": "France", "zip": "69002"}
    (event, *_rest) = read(detail(tracking_location=place))
    assert event.location == Location(city="Lyon", postal_code="69002")


def test_only_the_delivery_is_signed():
    events = read(
        detail(),
        detail("delivered", "arrived_at_destination"),
        status="delivered",
        signed_by="J. Doe",
    )
    assert [event.signer for event in events] == ["", "J. Doe"]


def estimate(**changes):
    events = read(detail("in_transit", "in_transit"), **changes)
    found = [event for event in events if event.estimated_date]
    assert len(found) <= 1
    return found[0] if found else None


def test_an_estimate_is_a_date_and_told_once():
    told = estimate(est_delivery_date="2026-02-04T00:00:00Z")
    assert told.estimated_date == dt.date(2026, 2, 4)
    assert told.estimated_from is None
    assert told.code == Code.DELIVERY_SCHEDULED
    later = estimate(
        est_delivery_date="2026-02-04T00:00:00Z", updated_at="2026-02-02T18:00:00Z"
    )
    assert later.event_id == told.event_id
    other = estimate(est_delivery_date="2026-02-05T00:00:00Z")
    assert other.event_id != told.event_id


def test_the_date_at_the_consignee_is_the_better_estimate():
    told = estimate(
        est_delivery_date="2026-02-05T03:00:00Z",
        carrier_detail={"est_delivery_date_local": "2026-02-04"},
    )
    assert told.estimated_date == dt.date(2026, 2, 4)


@pytest.mark.parametrize("status", ["delivered", "return_to_sender", "cancelled"])
def test_nothing_is_expected_of_what_is_over(status):
    assert estimate(est_delivery_date="2026-02-04T00:00:00Z", status=status) is None


def test_what_easypost_says_of_the_whole_is_told_once():
    (_scan, given_up) = read(detail(), status="unknown", status_detail="expired")
    assert given_up.code == Code.EXPIRED
    assert given_up.event_id == "trk_9400/unknown/expired"
    assert given_up.occurred_text == "2026-02-02T12:00:00Z"


def test_what_a_scan_says_is_not_said_again_of_the_whole():
    assert len(read(detail("in_transit", "in_transit"))) == 1


def test_a_new_number_has_no_events():
    assert read(status="unknown", status_detail="unknown") == []
    assert read(status="unknown", status_detail=None, tracking_details=None) == []


def test_a_webhook_carries_the_tracker():
    body = webhook(detail(), status_detail="arrived_at_facility")
    (event,) = messages_tracking.parse_webhook(body, "easypost", True)
    assert (event.code, event.tracking_number) == (Code.ARRIVED, "9400")


def test_a_created_tracker_is_news_too():
    body = webhook(detail(), description="tracker.created")
    assert messages_tracking.parse_webhook(body, "easypost", True)


def test_other_messages_hold_no_events():
    message = {"description": "batch.updated", "mode": "test", "result": {"id": "b"}}
    body = json.dumps(message).encode()
    assert messages_tracking.parse_webhook(body, "easypost", False) == []


def test_a_test_message_says_nothing_in_production():
    body = webhook(detail(), mode="test")
    assert messages_tracking.parse_webhook(body, "easypost", True) == []
    assert messages_tracking.parse_webhook(body, "easypost", False)


@pytest.mark.parametrize(
    "changes",
    [
        {"datetime": "yesterday"},
        {"datetime": "2026-02-01T08:30:00"},
        {"datetime": "1926-02-01T08:30:00Z"},
        {"datetime": None},
        {"status": 7},
        {"tracking_location": "Houston"},
    ],
)
def test_a_scan_that_is_none(changes):
    with pytest.raises(MalformedMessage):
        read(detail(**changes))
    with pytest.raises(MalformedMessage, match="result"):
        messages_tracking.parse_webhook(webhook(detail(**changes)), "easypost", True)


@pytest.mark.parametrize(
    "changes", [{"tracking_code": ""}, {"id": None}, {"updated_at": "now"}]
)
def test_a_tracker_that_is_none(changes):
    with pytest.raises(MalformedMessage):
        read(detail(), **changes)
