"""Ship24: events of a message, what they mean, and in which order they happened."""

import datetime as dt
import json

import pytest

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.schema import Location, Precision, Zone
from odoo.addons.shipment_visibility_carriers.adapters.errors import MalformedMessage
from odoo.addons.shipment_visibility_carriers.adapters.ship24 import messages

EVENT = {
    "eventId": "00000000-0000-4000-8000-000000000001",
    "trackingNumber": "DEMO0001",
    "status": "Handed over to the demo courier",
    "occurrenceDatetime": "2026-02-02T17:12:57+01:00",
    "order": 2,
    "location": "DEMOVILLE, TX 75001",
    "courierCode": "demo-post",
    "statusCode": "transit_handover",
    "statusCategory": "transit",
    "statusMilestone": "in_transit",
}


def event(**changes):
    return EVENT | changes


def tracking(*events, topic="tracking/events", **changes):
    return {
        "metadata": {
            "generatedAt": "2026-02-02T17:13:35.000Z",
            "messageId": "00000000-0000-4000-8000-00000000000a",
            "topic": topic,
        },
        "tracker": {"trackerId": "t-1", "trackingNumber": "DEMO0001"},
        "shipment": {"statusMilestone": "in_transit"},
        "events": list(events),
    } | changes


def message(*trackings):
    return {"trackings": list(trackings)}


MESSAGE = message(tracking(event(), event(eventId="2", statusCode="")))


def read(*trackings):
    return messages.parse_webhook(json.dumps(message(*trackings)).encode(), "ship24")


def one(**changes):
    (found,) = read(tracking(event(**changes)))
    return found


def test_all_of_an_event():
    found = one()
    assert (found.carrier, found.tracking_number) == ("ship24", "DEMO0001")
    assert found.event_id == EVENT["eventId"]
    assert (found.code, found.raw_code) == (
        Code.PICKED_UP,
        "in_transit/transit_handover",
    )
    assert found.raw_status == "in_transit"
    assert found.raw_text == "Handed over to the demo courier"
    assert found.occurred_at.replace(microsecond=0) == dt.datetime(
        2026, 2, 2, 16, 12, 57, tzinfo=dt.UTC
    )
    assert found.zone == Zone.KNOWN
    assert found.location == Location(facility="DEMOVILLE, TX 75001")


@pytest.mark.parametrize(
    ("raw", "code", "reason"),
    [
        ("data_order_created", Code.INFO_RECEIVED, ""),
        ("data_order_cancelled", Code.CANCELLED, ""),
        ("data_delivery_decided", Code.DELIVERY_SCHEDULED, ""),
        ("transit_origin_country_departure", Code.DEPARTED, ""),
        ("destination_arrival", Code.ARRIVED, ""),
        ("customs_received", Code.CUSTOMS_PROCESSING, ""),
        ("customs_rejected", Code.CUSTOMS_HELD, ""),
        ("customs_cleared", Code.CUSTOMS_CLEARED, ""),
        ("delivery_available_for_pickup", Code.AVAILABLE_FOR_PICKUP, ""),
        ("delivery_out_for_delivery", Code.OUT_FOR_DELIVERY, ""),
        ("delivery_refused", Code.ATTEMPT_FAILED, "consignee_refused"),
        ("delivery_exception", Code.ON_HOLD, ""),
        ("delivery_delivered", Code.DELIVERED, ""),
        ("exception_return", Code.RETURNING, ""),
        ("exception_lost", Code.LOST, "carrier_parcel_lost"),
        ("data_delivery_proposed", Code.UNKNOWN, ""),
        ("teleported", Code.UNKNOWN, ""),
    ],
)
def test_what_a_code_means(raw, code, reason):
    found = one(statusCode=raw, statusMilestone="x")
    assert (found.code, found.reason, found.raw_code) == (code, reason, f"x/{raw}")


@pytest.mark.parametrize(
    ("milestone", "code"),
    [
        ("in_transit", Code.IN_TRANSIT),
        ("info_received", Code.INFO_RECEIVED),
        # It was delivered before; this is something after it.
        ("delivered", Code.UNKNOWN),
        ("failed_attempt", Code.UNKNOWN),
        ("exception", Code.UNKNOWN),
        ("pending", Code.UNKNOWN),
    ],
)
@pytest.mark.parametrize("empty", [None, ""])
def test_an_event_without_a_code_is_a_movement_at_most(milestone, code, empty):
    found = one(statusCode=empty, statusMilestone=milestone)
    assert (found.code, found.raw_code) == (code, milestone)


@pytest.mark.parametrize(
    ("text", "at", "zone", "precision"),
    [
        ("2026-02-02T17:12:57", (17, 12, 57), Zone.LOCAL, Precision.SECOND),
        ("2026-02-02T17:12:57+02:00", (15, 12, 57), Zone.KNOWN, Precision.SECOND),
        ("2026-02-02T17:12:57Z", (17, 12, 57), Zone.KNOWN, Precision.SECOND),
        ("2026-02-02T17:12", (17, 12, 0), Zone.LOCAL, Precision.MINUTE),
        ("2026-02-02", (0, 0, 0), Zone.LOCAL, Precision.DAY),
    ],
)
def test_the_forms_of_a_time(text, at, zone, precision):
    found = one(occurrenceDatetime=text)
    expected = dt.datetime(2026, 2, 2, *at, tzinfo=dt.UTC)
    assert found.occurred_at.replace(microsecond=0) == expected
    assert (found.zone, found.precision, found.occurred_text) == (zone, precision, text)


def test_the_order_breaks_a_tie_between_messages():
    first = one(occurrenceDatetime="2026-02-02", order=8)
    second = one(occurrenceDatetime="2026-02-02", order=9)
    assert first.occurred_at < second.occurred_at
    assert second.occurred_at - first.occurred_at < dt.timedelta(seconds=1)


def test_the_order_never_outweighs_a_time():
    earlier = one(occurrenceDatetime="2026-02-02T10:00:00Z", order=9)
    later = one(occurrenceDatetime="2026-02-02T10:00:01Z", order=None)
    assert earlier.occurred_at < later.occurred_at


def test_several_trackings_in_one_message():
    other = {"trackerId": "t-2", "trackingNumber": "DEMO0002"}
    found = read(tracking(event()), tracking(event(eventId="2"), tracker=other))
    assert [(e.tracking_number, e.event_id) for e in found] == [
        ("DEMO0001", EVENT["eventId"]),
        ("DEMO0002", "2"),
    ]


def test_what_is_expected_of_the_whole_and_who_signed():
    delivery = {
        "estimatedDeliveryDate": "2026-02-05T18:00:00",
        "courierEstimatedDeliveryDate": {
            "from": "2026-02-04T17:00:00",
            "to": "2026-02-04T18:00:00",
        },
        "signedBy": "E. Example",
    }
    (found,) = read(tracking(event(), shipment={"delivery": delivery}))
    assert (found.estimated_date, found.estimated_to) == (dt.date(2026, 2, 4), None)
    assert found.signer == ""
    delivered = event(statusCode="delivery_delivered")
    (found,) = read(tracking(delivered, shipment={"delivery": delivery}))
    assert (found.estimated_date, found.signer) == (None, "E. Example")
    del delivery["courierEstimatedDeliveryDate"]
    (found,) = read(tracking(event(), shipment={"delivery": delivery}))
    assert found.estimated_date == dt.date(2026, 2, 5)


def test_a_proof_of_delivery_gives_no_event():
    proof = tracking(topic="tracking/pod", data={"status": "found"})
    del proof["events"]
    assert read(proof) == []
    assert read() == []


def test_fields_that_are_absent():
    bare = {"eventId": "e", "occurrenceDatetime": "2026-02-02", "status": "x"}
    told = {"tracker": {"trackingNumber": "DEMO0001"}, "events": [bare]}
    (found,) = read(told)
    assert (found.code, found.raw_code, found.location) == (Code.UNKNOWN, "", None)


@pytest.mark.parametrize(
    ("told", "named"),
    [
        ({"metadata": {"topic": "tracking/events"}}, "trackings.0"),
        (tracking(event(), tracker=None), "trackings.0"),
        (tracking(event(), tracker={}), "tracker.trackingNumber"),
        (tracking(event(eventId=None)), "events.0.eventId"),
        (tracking(event(occurrenceDatetime="soon")), "events.0.occurrenceDatetime"),
        (tracking(event(order=-1)), "events.0.order"),
        (tracking(event(), event(status=3)), "events.1.status"),
        (tracking(event(occurrenceDatetime="1970-01-01")), "events.0.occurred_at"),
    ],
)
def test_what_is_wrong_is_named(told, named):
    with pytest.raises(MalformedMessage, match=named):
        read(told)
