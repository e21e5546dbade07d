"""What 17TRACK's webhooks say. The payloads are made up in its documented shape."""

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
from odoo.addons.shipment_visibility_carriers.adapters.seventeen_track import statuses

from .report_checks import ReportChecks

NUMBER = "RR000000011CN"


def scan(day=1, **changes):
    return {
        "time_iso": f"2026-02-0{day}T16:30:00+08:00",
        "time_utc": f"2026-02-0{day}T08:30:00Z",
        "time_raw": {
            "date": f"2026-02-0{day}",
            "time": "16:30:00",
            "timezone": "+08:00",
        },
        "description": "Departed from port",
        "description_translation": None,
        "location": "SHENZHEN",
        "stage": "Departure",
        "sub_status": "InTransit_Departure",
        "address": {
            "country": "CN",
            "state": None,
            "city": "Shenzhen",
            "street": None,
            "postal_code": "518000",
            "coordinates": {"longitude": None, "latitude": None},
        },
        **changes,
    }


def webhook(*providers, latest=None, window=None, **info):
    """A message with the scans of each carrier of the number."""
    first = providers[0][0] if providers and providers[0] else None
    sub_status = latest or (first["sub_status"] if first else "NotFound_Other")
    return {
        "event": "TRACKING_UPDATED",
        "data": {
            "number": NUMBER,
            "carrier": 3011,
            "param": None,
            "tag": "ORD-4711",
            "track_info": {
                "shipping_info": {"shipper_address": {"country": "CN"}},
                "latest_status": {
                    "status": str(sub_status).partition("_")[0],
                    "sub_status": sub_status,
                    "sub_status_descr": None,
                },
                "latest_event": first,
                "time_metrics": {
                    "days_of_transit": 3,
                    "estimated_delivery_date": window
                    or {"source": None, "from": None, "to": None},
                },
                "milestone": [{"key_stage": "Departure", "time_iso": None}],
                "tracking": {
                    "providers_hash": -1,
                    "providers": [
                        {
                            "provider": {"key": 3011 + index, "name": f"Post {index}"},
                            "latest_sync_time": "2026-02-05T09:00:00Z",
                            "events": list(scans),
                        }
                        for index, scans in enumerate(providers)
                    ],
                },
                **info,
            },
        },
    }


class TestContract(ReportChecks):
    code = "seventeen_track"
    message: ClassVar = webhook(
        [scan(2), scan(1)],
        [scan(3)],
        window={
            "source": "Official",
            "from": "2026-02-06T08:00:00-05:00",
            "to": "2026-02-06T20:00:00-05:00",
        },
    )
    silent: ClassVar = (
        {
            "event": "TRACKING_STOPPED",
            "data": {"number": NUMBER, "carrier": 3011, "param": None, "tag": ""},
        },
        {"event": "SOMETHING_NEW"},
        webhook([]),
        webhook(),
    )


def read(message):
    return TestContract().parse(message)


def only(message):
    (event,) = read(message)
    return event


def test_all_of_a_scan():
    assert only(webhook([scan()])) == TrackingEvent(
        carrier="seventeen_track",
        tracking_number=NUMBER,
        raw_code="InTransit_Departure",
        raw_status="Departure",
        raw_text="Departed from port",
        code=Code.DEPARTED,
        occurred_at=dt.datetime(2026, 2, 1, 8, 30, tzinfo=dt.UTC),
        occurred_text="2026-02-01T16:30:00+08:00",
        zone=Zone.KNOWN,
        precision=Precision.SECOND,
        location=Location(city="Shenzhen", postal_code="518000", country="CN"),
    )


@pytest.mark.parametrize(
    ("sub_status", "code", "reason"),
    [
        ("NotFound_Other", Code.UNKNOWN, ""),
        ("NotFound_InvalidCode", Code.UNKNOWN, ""),
        ("InfoReceived", Code.INFO_RECEIVED, ""),
        ("InTransit_PickedUp", Code.PICKED_UP, ""),
        ("InTransit_Other", Code.IN_TRANSIT, ""),
        ("InTransit_Departure", Code.DEPARTED, ""),
        ("InTransit_Arrival", Code.ARRIVED, ""),
        ("InTransit_CustomsProcessing", Code.CUSTOMS_PROCESSING, ""),
        ("InTransit_CustomsReleased", Code.CUSTOMS_CLEARED, ""),
        (
            "InTransit_CustomsRequiringInformation",
            Code.CUSTOMS_HELD,
            "customs_documentation",
        ),
        ("Expired_Other", Code.EXPIRED, ""),
        ("AvailableForPickup_Other", Code.AVAILABLE_FOR_PICKUP, ""),
        ("OutForDelivery_Other", Code.OUT_FOR_DELIVERY, ""),
        ("DeliveryFailure_Other", Code.ATTEMPT_FAILED, ""),
        ("DeliveryFailure_NoBody", Code.ATTEMPT_FAILED, "consignee_not_available"),
        # Tried and failed, though for the same cause as Exception_Security.
        ("DeliveryFailure_Security", Code.ATTEMPT_FAILED, "security_issue"),
        ("DeliveryFailure_Rejected", Code.ATTEMPT_FAILED, "consignee_refused"),
        (
            "DeliveryFailure_InvalidAddress",
            Code.ATTEMPT_FAILED,
            "consignee_incorrect_address",
        ),
        ("Delivered_Other", Code.DELIVERED, ""),
        ("Exception_Other", Code.ON_HOLD, ""),
        ("Exception_Returning", Code.RETURNING, ""),
        ("Exception_Returned", Code.RETURNED, ""),
        ("Exception_NoBody", Code.ATTEMPT_FAILED, "consignee_not_available"),
        ("Exception_Security", Code.CUSTOMS_HELD, ""),
        ("Exception_Damage", Code.DAMAGED, "carrier_damaged_parcel"),
        ("Exception_Rejected", Code.ATTEMPT_FAILED, "consignee_refused"),
        ("Exception_Delayed", Code.DELAYED, ""),
        ("Exception_Lost", Code.LOST, "carrier_parcel_lost"),
        ("Exception_Destroyed", Code.LOST, ""),
        ("Exception_Cancel", Code.CANCELLED, ""),
        # Seen, not documented.
        ("InTransit_TransportArrived", Code.UNKNOWN, ""),
        ("Teleported", Code.UNKNOWN, ""),
    ],
)
def test_sub_statuses(sub_status, code, reason):
    event = only(webhook([scan(sub_status=sub_status)]))
    assert (event.raw_code, event.code, event.reason) == (sub_status, code, reason)


def test_each_sub_status_in_the_table_has_a_row_in_this_test():
    rows = test_sub_statuses.pytestmark[0].args[1]
    assert {row[0] for row in rows} >= statuses.SUB_STATUSES.keys()


@pytest.mark.parametrize(
    ("stage", "code"),
    [
        ("InfoReceived", Code.INFO_RECEIVED),
        ("PickedUp", Code.PICKED_UP),
        ("Departure", Code.DEPARTED),
        ("Arrival", Code.ARRIVED),
        ("AvailableForPickup", Code.AVAILABLE_FOR_PICKUP),
        ("OutForDelivery", Code.OUT_FOR_DELIVERY),
        ("Delivered", Code.DELIVERED),
        ("Returning", Code.RETURNING),
        ("Returned", Code.RETURNED),
        (None, Code.UNKNOWN),
    ],
)
def test_a_stage_without_a_sub_status(stage, code):
    event = only(webhook([scan(stage=stage, sub_status="")], latest="NotFound_Other"))
    assert (event.raw_code, event.code) == (stage or "", code)
    assert event.raw_text == "Departed from port"


def test_the_scans_of_all_carriers_of_a_number():
    events = read(webhook([scan(4), scan(3)], [scan(2), scan(1)]))
    assert [event.occurred_at.day for event in events] == [4, 3, 2, 1]
    assert {event.tracking_number for event in events} == {NUMBER}


def test_what_two_carriers_tell_alike_is_told_once():
    assert len(read(webhook([scan(2), scan(1)], [scan(1)]))) == 2


def test_without_a_history_the_latest_event_is_read():
    assert only(webhook([scan()], tracking=None)).code == Code.DEPARTED


@pytest.mark.parametrize(
    ("raw", "at", "zone", "precision"),
    [
        (
            {"date": "2026-02-01", "time": "16:30:00", "timezone": "+08:00"},
            "08:30",
            Zone.KNOWN,
            Precision.SECOND,
        ),
        # The carrier gave no zone: 17TRACK guessed it.
        (
            {"date": "2026-02-01", "time": "16:30:00", "timezone": None},
            "08:30",
            Zone.CLAIMED,
            Precision.SECOND,
        ),
        # The carrier gave a date: midnight is 17TRACK's.
        (
            {"date": "2026-02-01", "time": None, "timezone": None},
            "00:00",
            Zone.LOCAL,
            Precision.DAY,
        ),
        (None, "08:30", Zone.KNOWN, Precision.SECOND),
    ],
)
def test_how_far_a_time_is_to_be_trusted(raw, at, zone, precision):
    event = only(webhook([scan(time_raw=raw)]))
    assert f"{event.occurred_at:%d %H:%M}" == f"01 {at}"
    assert (event.zone, event.precision) == (zone, precision)


def test_the_time_in_utc_does_where_there_is_no_other():
    event = only(webhook([scan(time_iso=None)]))
    assert event.occurred_at == dt.datetime(2026, 2, 1, 8, 30, tzinfo=dt.UTC)


def test_a_scan_without_any_time_is_left_out():
    without = scan(time_iso=None, time_utc=None)
    assert len(read(webhook([scan(2), without]))) == 1


def test_that_no_news_came_for_long_is_told_though_no_scan_says_so():
    _newest, _scan, expired = read(webhook([scan(2), scan(1)], latest="Expired_Other"))
    assert (expired.code, expired.raw_code) == (Code.EXPIRED, "Expired_Other")
    assert expired.occurred_at == dt.datetime(2026, 2, 2, 8, 30, tzinfo=dt.UTC)


def test_a_main_status_without_a_sub_status():
    events = read(
        webhook(
            [scan(stage=None, sub_status=None)],
            latest_status={"status": "InTransit", "sub_status": None},
        )
    )
    assert [event.code for event in events] == [Code.UNKNOWN, Code.IN_TRANSIT]


def estimate(begin, end, latest=None):
    window = {"source": "Official", "from": begin, "to": end}
    return [
        event
        for event in read(webhook([scan(2), scan(1)], window=window, latest=latest))
        if event.raw_code == "estimated_delivery"
    ]


def test_a_window_of_times():
    (told,) = estimate("2026-02-06T08:00:00-05:00", "2026-02-06T20:00:00-05:00")
    assert told.estimated_from == dt.datetime(2026, 2, 6, 13, tzinfo=dt.UTC)
    assert told.estimated_to == dt.datetime(2026, 2, 7, 1, tzinfo=dt.UTC)
    assert told.estimated_date is None
    assert told.occurred_at == dt.datetime(2026, 2, 2, 8, 30, tzinfo=dt.UTC)


@pytest.mark.parametrize(
    ("begin", "end"),
    [
        ("2026-02-06", "2026-02-08"),
        ("2026-02-06T00:00:00-05:00", "2026-02-08T00:00:00-05:00"),
        (None, "2026-02-08"),
        ("2026-02-08", None),
    ],
)
def test_of_a_window_of_days_the_last_is_promised(begin, end):
    (told,) = estimate(begin, end)
    assert told.estimated_date == dt.date(2026, 2, 8)
    assert told.estimated_from is told.estimated_to is None


@pytest.mark.parametrize(
    ("begin", "end"), [(None, None), ("", ""), ("2026-02-08", "2026-02-06")]
)
def test_what_is_no_window_promises_nothing(begin, end):
    assert not estimate(begin, end)


def test_another_window_is_another_promise():
    (first,) = estimate("2026-02-06", "2026-02-08")
    (again,) = estimate("2026-02-07", "2026-02-08")
    (other,) = estimate("2026-02-06", "2026-02-09")
    assert first.event_id == again.event_id != other.event_id


@pytest.mark.parametrize("latest", ["Delivered_Other", "Exception_Returning"])
def test_nothing_is_expected_of_what_is_over(latest):
    assert not estimate("2026-02-06", "2026-02-08", latest)


def test_api_version_1_is_refused_with_what_to_do():
    old = {
        "event": "TRACKING_UPDATED",
        "data": {"number": NUMBER, "carrier": 3011, "tag": "", "track": {"z1": []}},
    }
    with pytest.raises(MalformedMessage, match="choose version 2"):
        read(old)


@pytest.mark.parametrize(
    "change",
    [
        {"time_iso": "yesterday"},
        {"time_iso": "1926-02-01T08:30:00Z"},
        {"time_iso": 1770282000},
        {"sub_status": ["x"]},
        {"address": "Shenzhen"},
        {"time_raw": "2026-02-01"},
    ],
)
def test_a_scan_that_is_none(change):
    with pytest.raises(MalformedMessage, match="data"):
        read(webhook([scan(**change)]))
