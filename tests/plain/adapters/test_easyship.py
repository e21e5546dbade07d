"""Easyship: checkpoints of a message, its status, and the messages that say nothing certain."""

import datetime as dt
import json

import pytest

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.schema import Location, Zone
from odoo.addons.shipment_visibility_carriers.adapters.easyship import messages
from odoo.addons.shipment_visibility_carriers.adapters.errors import MalformedMessage

CHECKPOINT = {
    "order_number": 4,
    "handler": "Demo Post",
    "message": "Arrived at the demo hub",
    "location": "DEMOVILLE, TX, 75001, USA",
    "city": "DEMOVILLE",
    "country_name": "United States",
    "country_iso3": "USA",
    "state": "TX",
    "postal_code": "75001",
    "checkpoint_time": "2026-02-02T12:00:00.000Z",
    "primary_status": "In Transit to Customer",
}


def checkpoint(**changes):
    return CHECKPOINT | changes


def message(*checkpoints, status="In Transit to Customer", **changes):
    return {
        "event_type": "shipment.tracking.checkpoints.created",
        "resource_type": "shipment",
        "resource_id": "ESDEMO0001",
        "data": {
            "easyship_shipment_id": "ESDEMO0001",
            "platform_order_number": "#1",
            "status": status,
            "tracking_number": "DEMO0001",
            "checkpoints": list(checkpoints),
        }
        | changes,
    }


MESSAGE = message(
    checkpoint(), checkpoint(primary_status="Delivered"), status="Delivered"
)


def read(content):
    return messages.parse_webhook(json.dumps(content).encode(), "easyship")


def test_all_of_a_checkpoint():
    (event,) = read(message(checkpoint()))
    assert (event.carrier, event.tracking_number) == ("easyship", "DEMO0001")
    assert (event.code, event.raw_code) == (Code.IN_TRANSIT, "In Transit to Customer")
    assert event.raw_text == "Arrived at the demo hub"
    assert event.occurred_at == dt.datetime(2026, 2, 2, 12, tzinfo=dt.UTC)
    assert event.zone == Zone.KNOWN
    assert event.location == Location(
        city="DEMOVILLE", state="TX", postal_code="75001", country="US"
    )


@pytest.mark.parametrize(
    ("status", "code", "reason"),
    [
        ("Shipped", Code.IN_TRANSIT, ""),
        ("Arrived at Consolidation Center", Code.ARRIVED, ""),
        ("Out for Delivery", Code.OUT_FOR_DELIVERY, ""),
        ("Failed Delivery Attempt", Code.ATTEMPT_FAILED, ""),
        ("Exception", Code.ON_HOLD, ""),
        ("Delivered", Code.DELIVERED, ""),
        ("delivered", Code.DELIVERED, ""),
        ("To be returned", Code.RETURNING, ""),
        ("Lost by Courier", Code.LOST, "carrier_parcel_lost"),
        ("Delivery Expected (End of Updates)", Code.EXPIRED, ""),
        ("No Recent Tracking Updates", Code.UNKNOWN, ""),
        ("Uncancelled", Code.UNKNOWN, ""),
        ("On the moon", Code.UNKNOWN, ""),
        ("", Code.UNKNOWN, ""),
    ],
)
def test_what_a_status_means(status, code, reason):
    (event,) = read(message(checkpoint(primary_status=status), status=status))
    assert (event.code, event.reason, event.raw_code) == (code, reason, status)


def test_a_place_without_its_parts_is_one_text():
    (event,) = read(message(checkpoint(city=None, state="", country_iso3="XYZ")))
    assert event.location == Location(
        facility="DEMOVILLE, TX, 75001, USA", postal_code="75001"
    )


def test_what_only_the_whole_is_said_to_be_is_told_at_the_newest_time():
    newest = checkpoint(checkpoint_time="2026-02-05T08:00:00Z", message="No news")
    *__, headline = read(message(newest, checkpoint(), status="Lost by Courier"))
    assert (headline.code, headline.raw_code) == (Code.LOST, "Lost by Courier")
    assert headline.occurred_at == dt.datetime(2026, 2, 5, 8, tzinfo=dt.UTC)


def test_what_a_checkpoint_said_is_not_said_again():
    assert len(read(message(checkpoint(), status="Shipped"))) == 1
    assert len(read(message(checkpoint(), status="Uncancelled"))) == 1


@pytest.mark.parametrize(
    "kind",
    [
        "shipment.tracking.status.changed",
        "shipment.cancelled",
        "shipment.label.created",
        "batch.finished",
    ],
)
def test_a_message_without_a_time_or_about_something_else_gives_no_events(kind):
    data = {"status": "Delivered", "tracking_number": "DEMO0001"}
    assert read({"event_type": kind, "data": data}) == []


def test_a_message_without_checkpoints_gives_no_events():
    assert read(message(status="Delivered")) == []


@pytest.mark.parametrize(
    ("content", "named"),
    [
        ({}, "event_type"),
        ({"event_type": "shipment.tracking.checkpoints.created"}, "data"),
        (message(checkpoint(), tracking_number=None), "data.tracking_number"),
        (message(checkpoint(), checkpoints=None), "data.checkpoints"),
        (message(checkpoint(checkpoint_time=None)), "checkpoints.0.checkpoint_time"),
        (message(checkpoint(checkpoint_time="noon")), "checkpoints.0.checkpoint_time"),
        (message(checkpoint(message=["x"])), "checkpoints.0.message"),
    ],
)
def test_what_is_wrong_is_named(content, named):
    with pytest.raises(MalformedMessage, match=named):
        read(content)
