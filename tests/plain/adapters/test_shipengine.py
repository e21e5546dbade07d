"""What ShipEngine's webhooks say. The payloads are made up in its documented shape."""

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
from odoo.addons.shipment_visibility_carriers.adapters.shipengine import statuses

from .report_checks import ReportChecks

NUMBER = "1Z0000000000000022"
PHOTO = "https://pod.example/4711.png"


def scan(day=1, **changes):
    return {
        "occurred_at": f"2026-02-0{day}T16:30:00Z",
        "carrier_occurred_at": f"2026-02-0{day}T08:30:00",
        "description": "Departed from facility",
        "company_name": "",
        "city_locality": "RENO",
        "state_province": "NV",
        "postal_code": "89501",
        "country_code": "US",
        "signer": "",
        "event_code": "DP",
        "carrier_detail_code": None,
        "status_code": "IT",
        "status_detail_code": "HUB_SCAN_OUT",
        "latitude": None,
        "longitude": None,
        "proof_of_delivery_url": None,
        **changes,
    }


def delivered(day=1, detail="DELIVERED", **changes):
    return scan(day, status_code="DE", status_detail_code=detail, **changes)


def webhook(*scans, kind="API_TRACK", **tracking):
    newest = scans[0] if scans else {"status_code": "NY", "status_detail_code": None}
    return {
        "resource_url": "https://api.shipengine.com/v1/tracking?carrier_code=ups",
        "resource_type": kind,
        "data": {
            "tracking_number": NUMBER,
            "tracking_url": "https://tracking.example/1Z",
            "status_code": newest["status_code"],
            "status_detail_code": newest["status_detail_code"],
            "status_description": "",
            "carrier_code": "ups",
            "carrier_id": 3,
            "carrier_status_code": "I",
            "carrier_detail_code": "DP",
            "carrier_status_description": "Departed",
            "ship_date": None,
            "estimated_delivery_date": None,
            "actual_delivery_date": None,
            "exception_description": None,
            "events": list(scans),
            **tracking,
        },
    }


class TestContract(ReportChecks):
    code = "shipengine"
    message: ClassVar = webhook(
        scan(2, signer="J. Doe", proof_of_delivery_url=PHOTO),
        scan(1),
        estimated_delivery_date="2026-02-06T00:00:00",
    )
    silent: ClassVar = (
        {"resource_type": "API_BATCH", "resource_url": "https://api.example/batches/1"},
        {"resource_type": "API_RATE", "resource_url": "https://api.example/rates/1"},
        {"resource_type": "API_CARRIER_CONNECTED", "data": {"carrier_id": "se-1"}},
        webhook(),
    )


def read(message):
    return TestContract().parse(message)


def only(message):
    (event,) = read(message)
    return event


def test_all_of_a_scan():
    message = webhook(
        delivered(
            description="Delivered, front door",
            signer="J. Doe",
            proof_of_delivery_url=PHOTO,
            company_name="Reno 2",
        )
    )
    assert only(message) == TrackingEvent(
        carrier="shipengine",
        tracking_number=NUMBER,
        raw_code="DE/DELIVERED",
        raw_status="DP",
        raw_text="Delivered, front door",
        code=Code.DELIVERED,
        occurred_at=dt.datetime(2026, 2, 1, 16, 30, tzinfo=dt.UTC),
        occurred_text="2026-02-01T16:30:00Z",
        zone=Zone.KNOWN,
        precision=Precision.SECOND,
        location=Location(
            facility="Reno 2",
            city="RENO",
            state="NV",
            postal_code="89501",
            country="US",
        ),
        signer="J. Doe",
        photo_url=PHOTO,
    )


def test_the_newer_name_of_the_message_is_read_too():
    assert only(webhook(scan(), kind="TRACK_EVENT_V2")).code == Code.DEPARTED


@pytest.mark.parametrize(
    ("code", "details"),
    [
        (
            Code.INFO_RECEIVED,
            "SHIPMENT_CREATED ELEC_ADVICE_RECD_BY_CARRIER AWAITING_ELECTRONIC_ADVICE",
        ),
        (
            Code.PICKUP_SCHEDULED,
            "AWAITING_PICKUP_DROP_OFF AWAITING_DESPATCH COLLECTION_REQUESTED",
        ),
        (
            Code.PICKUP_FAILED,
            "PICKUP_FAILED COLLECTION_FAILED NOT_YET_RECEIVED_BY_CARRIER",
        ),
        (
            Code.PICKED_UP,
            "PICKED_UP DROPPED_OFF COLLECTION_MADE DESPATCHED RECEIVED_BY_CARRIER",
        ),
        (Code.DEPARTED, "HUB_SCAN_OUT"),
        (
            Code.IN_TRANSIT,
            """IN_TRANSIT HUB_PROCESSING PARCEL_OVER_LABELLED SUB_CONTRACTOR_EVENT
            SUB_CONTRACTOR_RECEIVED""",
        ),
        (Code.ARRIVED, "HUB_SCAN_IN"),
        (Code.CUSTOMS_PROCESSING, "CUSTOMS_PROCESSING"),
        (
            Code.CUSTOMS_HELD,
            """HELD_BY_CUSTOMS HELD_BY_EXPORT_CUSTOMS HELD_BY_IMPORT_CUSTOMS DUTY_NOT_PAID
            HELD_BY_CARRIER_FOR_CLEARANCE_PRE_PROCESSING""",
        ),
        (Code.CUSTOMS_CLEARED, "CUSTOMS_CLEARED"),
        (Code.AT_DESTINATION, "RECEIVED_LOCAL_DELIVERY_DEPOT"),
        (
            Code.DELIVERY_SCHEDULED,
            "DELIVERY_SCHEDULED DELIVERY_RESCHEDULED DELIVERY_ARRANGED_WITH_RECIPIENT",
        ),
        (Code.OUT_FOR_DELIVERY, "OUT_FOR_DELIVERY"),
        (
            Code.ATTEMPT_FAILED,
            """ATTEMPTED_DELIVERY ATTEMPTED_DELIVERY_2ND ATTEMPTED_DELIVERY_3RD
            CUSTOMER_CARDED CUSTOMER_MOVED CUSTOMER_IDENTIFICATION_FAILED
            INVALID_METHOD_OF_PAYMENT NO_ACCESS_TO_RECIPIENTS_ADDRESS NOT_DELIVERED
            NOT_DELIVERED_ADDRESSEE_DECEASED REFUSED_BY_CUSTOMER""",
        ),
        # At a pickup point or in a locker it is not delivered: nobody has it yet.
        (
            Code.AVAILABLE_FOR_PICKUP,
            """AWAITING_COLLECTION_FROM_PICKUP_POINT COLLECT_AT_LOCAL_PO
            CUSTOMER_TO_COLLECT_FROM_CARRIER DELIVERED_TO_PICKUP_POINT
            DELIVERED_TO_LOCKER_COLLECTION_POINT""",
        ),
        (Code.PARTIALLY_DELIVERED, "DELIVERED_IN_PART"),
        (
            Code.DELIVERED,
            """DELIVERED DELIVERED_DAMAGED DELIVERED_SPECIFIED_SAFE_PLACE
            DELIVERED_TO_ALTERNATIVE_DELIVERY_LOCATION DELIVERED_TO_NEIGHBOUR
            DELIVERED_TO_PO_BOX PARCEL_COLLECTED_FROM_PICKUP_POINT PROOF_OF_DELIVERY""",
        ),
        (
            Code.DELAYED,
            "CARRIER_DELAYS DELAYED_NOT_CARRIER MISROUTED MISSORTED ROUTING_ERROR",
        ),
        (
            Code.ON_HOLD,
            "HELD_BY_CARRIER ADDRESS_QUERY COD_AMOUNT_NOT_PAID INCORRECT_DECLARATION",
        ),
        (Code.DAMAGED, "PARCEL_DAMAGED PARCEL_REPACKED"),
        (Code.LOST, "PARCEL_LOST PARCEL_DISPOSED"),
        (
            Code.RETURNING,
            """RETURN_TO_SENDER HAZARDOUS_PROHIBITED NOT_COLLECTED_FROM_PICKUP_POINT
            PARCEL_OUTSIDE_OF_SERVICE_CAPABILITY""",
        ),
        (Code.RETURNED, "UNDELIVERABLE_RETURNED_TO_SENDER"),
        (Code.CANCELLED, "CANCELLED CANCELLED_BEFORE_DESPATCH"),
        (Code.EXPIRED, "TRACKING_EXPIRED"),
        (
            Code.UNKNOWN,
            """COD_AMOUNT_PAID INFORMATION PARCEL_UPDATE_NOTIFICATION_VIA_EMAIL
            PARCEL_UPDATE_NOTIFICATION_VIA_SMS POST_TRANSIT_STATUS
            CARRIER_STATUS_NOT_MAPPED RECD_BY_CARRIER_NO_ELEC_ADVICE TELEPORTED""",
        ),
    ],
)
def test_details(code, details):
    for detail in details.split():
        event = read(webhook(scan(status_code="UN", status_detail_code=detail)))[0]
        assert (detail, event.code) == (detail, code)
        assert event.raw_code == f"UN/{detail}"


def test_each_detail_in_the_table_has_a_row_in_this_test():
    rows = test_details.pytestmark[0].args[1]
    tested = {detail for _code, details in rows for detail in details.split()}
    assert tested >= statuses.DETAILS.keys()


@pytest.mark.parametrize(
    ("status", "code"),
    [
        ("AC", Code.INFO_RECEIVED),
        ("IT", Code.IN_TRANSIT),
        ("SP", Code.AVAILABLE_FOR_PICKUP),
        ("DE", Code.DELIVERED),
        ("AT", Code.ATTEMPT_FAILED),
        # An exception of which nothing is said: USPS has it on parcels that are on time.
        ("EX", Code.UNKNOWN),
        ("UN", Code.UNKNOWN),
        ("NY", Code.UNKNOWN),
        ("ZZ", Code.UNKNOWN),
    ],
)
@pytest.mark.parametrize("detail", [None, "", "CARRIER_STATUS_NOT_MAPPED"])
def test_a_status_without_a_detail(status, code, detail):
    event = only(webhook(scan(status_code=status, status_detail_code=detail)))
    assert event.code == code
    assert event.raw_code == "/".join(filter(None, (status, detail)))


def test_delivered_and_damaged_are_two_events():
    message = webhook(delivered(detail="DELIVERED_DAMAGED", signer="J. Doe"))
    received, damaged = read(message)
    assert (received.code, damaged.code) == (Code.DELIVERED, Code.DAMAGED)
    assert damaged.raw_code != received.raw_code
    assert damaged.occurred_at == received.occurred_at


def test_the_history_keeps_its_order():
    events = read(webhook(scan(3), scan(2), scan(1)))
    assert [event.occurred_at.day for event in events] == [3, 2, 1]


@pytest.mark.parametrize(
    ("at", "local", "time", "zone"),
    [
        ("2026-02-01T16:30:00Z", "2026-02-01T08:30:00", "16:30", Zone.KNOWN),
        ("2026-02-01T16:30:00Z", "2026-02-01T08:30:00Z", "16:30", Zone.KNOWN),
        ("2026-02-01T16:30:00Z", "2026-02-01T08:30:00-08:00", "16:30", Zone.KNOWN),
        ("2026-02-01T16:30:00Z", None, "16:30", Zone.KNOWN),
        # The same clock for both: the zone was not known.
        ("2026-02-01T08:30:00Z", "2026-02-01T08:30:00", "08:30", Zone.CLAIMED),
        ("2026-02-01T08:30:00Z", "2026-02-01T08:30:00Z", "08:30", Zone.CLAIMED),
        ("2026-02-01T08:30:00", "2026-02-01T08:30:00", "08:30", Zone.LOCAL),
        (None, "2026-02-01T08:30:00", "08:30", Zone.LOCAL),
    ],
)
def test_how_far_a_time_is_to_be_trusted(at, local, time, zone):
    event = only(webhook(scan(occurred_at=at, carrier_occurred_at=local)))
    assert (f"{event.occurred_at:%H:%M}", event.zone) == (time, zone)


def test_a_scan_without_any_time_is_left_out():
    without = scan(occurred_at=None, carrier_occurred_at=None)
    assert len(read(webhook(without, scan(1)))) == 1


def test_only_an_address_of_the_web_is_a_proof():
    event = only(webhook(delivered(proof_of_delivery_url="javascript:alert(1)")))
    assert event.photo_url == ""


def test_a_delivery_that_no_scan_tells():
    message = webhook(
        status_code="DE",
        status_detail_code="DELIVERED",
        actual_delivery_date="2026-02-03T15:00:00",
        carrier_status_description="Delivered",
    )
    event = only(message)
    assert (event.code, event.zone) == (Code.DELIVERED, Zone.LOCAL)
    assert event.occurred_at == dt.datetime(2026, 2, 3, 15, tzinfo=dt.UTC)
    assert event.raw_text == "Delivered"


def test_a_delivery_is_told_once():
    message = webhook(delivered(), actual_delivery_date="2026-02-01T16:30:00Z")
    assert len(read(message)) == 1


def estimate(*scans, **tracking):
    return [
        event
        for event in read(webhook(*scans, **tracking))
        if event.raw_code == "estimated_delivery"
    ]


@pytest.mark.parametrize(
    "text", ["2026-02-06T00:00:00", "2026-02-06T00:00:00Z", "2026-02-06T20:00:00"]
)
def test_a_promised_date_stays_a_date(text):
    (told,) = estimate(scan(2), scan(1), estimated_delivery_date=text)
    assert told.estimated_date == dt.date(2026, 2, 6)
    assert told.estimated_to is None
    assert told.occurred_at == dt.datetime(2026, 2, 2, 16, 30, tzinfo=dt.UTC)


def test_a_promised_time_is_a_time():
    (told,) = estimate(scan(), estimated_delivery_date="2026-02-06T20:00:00Z")
    assert told.estimated_to == dt.datetime(2026, 2, 6, 20, tzinfo=dt.UTC)


@pytest.mark.parametrize("text", [None, "", "0001-01-01T00:00:00Z"])
def test_a_placeholder_promises_nothing(text):
    assert not estimate(scan(), estimated_delivery_date=text)


def test_nothing_is_expected_of_what_is_over():
    day = "2026-02-06T00:00:00"
    assert not estimate(delivered(), estimated_delivery_date=day)
    assert not estimate(
        scan(status_code="EX", status_detail_code="RETURN_TO_SENDER"),
        estimated_delivery_date=day,
    )


@pytest.mark.parametrize("data", [{}, {"data": None}, {"data": {}}])
def test_a_tracking_message_without_data_is_refused_with_the_reason(data):
    thin = {"resource_type": "API_TRACK", "resource_url": "https://api.example/t"}
    with pytest.raises(MalformedMessage, match="without data"):
        read(thin | data)


@pytest.mark.parametrize(
    "change",
    [
        {"occurred_at": "yesterday"},
        {"occurred_at": "0001-01-01T00:00:00Z"},
        {"status_code": 1.5},
        {"signer": {"name": "J. Doe"}},
        {"city_locality": ["RENO"]},
    ],
)
def test_a_scan_that_is_none(change):
    with pytest.raises(MalformedMessage, match="data"):
        read(webhook(scan(**change)))
