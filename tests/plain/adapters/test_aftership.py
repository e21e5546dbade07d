"""What AfterShip's webhooks say. The payloads are made up in its documented shape."""

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
from odoo.addons.shipment_visibility_carriers.adapters.aftership import statuses
from odoo.addons.shipment_visibility_carriers.adapters.errors import MalformedMessage

from .report_checks import ReportChecks

NUMBER = "1Z0000000000000011"
# 2026-02-05T09:00:00Z
TS = 1770282000


def checkpoint(day=1, **changes):
    return {
        "slug": "ups",
        "created_at": "2026-02-01T12:00:00Z",
        "checkpoint_time": f"2026-02-0{day}T08:30:00",
        "location": "Reno, NV, 89501, USA",
        "city": "Reno",
        "state": "NV",
        "zip": "89501",
        "country_iso3": "USA",
        "country_name": "United States",
        "message": "Departed from facility",
        "tag": "InTransit",
        "subtag": "InTransit_007",
        "subtag_message": "Departure Scan",
        "raw_tag": "DP",
        "events": [],
        **changes,
    }


def delivered(day=3, **changes):
    subtag = {"tag": "Delivered", "subtag": "Delivered_003", "message": "Signed"}
    return checkpoint(day, **(subtag | changes))


def webhook(*checkpoints, event="tracking_update", ts=TS, **tracking):
    last = checkpoints[-1] if checkpoints else {"tag": "Pending", "subtag": ""}
    return {
        "ts": ts,
        "event": event,
        "event_id": "9b0f6f4c-0000-4000-8000-000000000001",
        "is_tracking_first_tag": False,
        "msg": {
            "id": "5b7658cec7c33c0e007de3c5",
            "tracking_number": NUMBER,
            "slug": "ups",
            "tag": last["tag"],
            "subtag": last["subtag"],
            "subtag_message": "",
            "signed_by": None,
            "expected_delivery": None,
            "latest_estimated_delivery": None,
            "first_estimated_delivery": None,
            "shipment_pickup_date": None,
            "shipment_delivery_date": None,
            "return_to_sender": False,
            "failed_delivery_attempts": None,
            "checkpoints": list(checkpoints),
            **tracking,
        },
    }


class TestContract(ReportChecks):
    code = "aftership"
    message: ClassVar = webhook(
        checkpoint(1),
        checkpoint(2),
        expected_delivery="2026-02-06",
        latest_estimated_delivery={
            "type": "range",
            "datetime": None,
            "datetime_min": "2026-02-06T08:00:00-08:00",
            "datetime_max": "2026-02-06T20:00:00-08:00",
        },
    )
    silent: ClassVar = (
        webhook(checkpoint(1), event="tracking_pending_time"),
        webhook(),
        {"event": "something_new", "msg": {"id": "x"}},
    )


def read(message):
    return TestContract().parse(message)


def only(message):
    (event,) = read(message)
    return event


def test_all_of_a_checkpoint():
    assert only(webhook(delivered(1), signed_by="J. Doe")) == TrackingEvent(
        carrier="aftership",
        tracking_number=NUMBER,
        raw_code="Delivered_003",
        raw_status="DP",
        raw_text="Signed",
        code=Code.DELIVERED,
        occurred_at=dt.datetime(2026, 2, 1, 8, 30, tzinfo=dt.UTC),
        occurred_text="2026-02-01T08:30:00",
        zone=Zone.LOCAL,
        precision=Precision.SECOND,
        location=Location(city="Reno", state="NV", postal_code="89501", country="US"),
        signer="J. Doe",
    )


@pytest.mark.parametrize(
    ("subtag", "code"),
    [
        *((f"Delivered_00{number}", Code.DELIVERED) for number in range(1, 6)),
        ("AvailableForPickup_001", Code.AVAILABLE_FOR_PICKUP),
        ("Exception_001", Code.ON_HOLD),
        ("Exception_002", Code.ATTEMPT_FAILED),
        ("Exception_003", Code.ATTEMPT_FAILED),
        ("Exception_004", Code.CUSTOMS_HELD),
        ("Exception_005", Code.DELAYED),
        ("Exception_006", Code.ON_HOLD),
        ("Exception_007", Code.ON_HOLD),
        ("Exception_008", Code.ON_HOLD),
        ("Exception_009", Code.ON_HOLD),
        ("Exception_010", Code.RETURNING),
        ("Exception_011", Code.RETURNED),
        ("Exception_012", Code.DAMAGED),
        ("Exception_013", Code.LOST),
        ("Exception_016", Code.DELAYED),
        ("Exception_017", Code.DELAYED),
        ("Exception_018", Code.CUSTOMS_HELD),
        ("Exception_019", Code.DELAYED),
        ("Exception_020", Code.CANCELLED),
        ("Exception_021", Code.LOST),
        ("AttemptFail_001", Code.ATTEMPT_FAILED),
        ("AttemptFail_002", Code.ATTEMPT_FAILED),
        ("AttemptFail_003", Code.ATTEMPT_FAILED),
        ("InTransit_001", Code.IN_TRANSIT),
        ("InTransit_002", Code.PICKED_UP),
        ("InTransit_003", Code.ARRIVED),
        ("InTransit_004", Code.ARRIVED),
        ("InTransit_005", Code.CUSTOMS_CLEARED),
        ("InTransit_006", Code.CUSTOMS_PROCESSING),
        ("InTransit_007", Code.DEPARTED),
        ("InTransit_008", Code.IN_TRANSIT),
        ("InTransit_009", Code.IN_TRANSIT),
        ("OutForDelivery_001", Code.OUT_FOR_DELIVERY),
        ("OutForDelivery_003", Code.DELIVERY_SCHEDULED),
        ("OutForDelivery_004", Code.DELIVERY_SCHEDULED),
        ("InfoReceived_001", Code.INFO_RECEIVED),
        ("Expired_001", Code.EXPIRED),
        *((f"Pending_00{number}", Code.UNKNOWN) for number in range(1, 7)),
        # Not described where it could be read.
        ("Exception_014", Code.UNKNOWN),
        ("InTransit_012", Code.UNKNOWN),
        ("Teleported_001", Code.UNKNOWN),
    ],
)
def test_subtags(subtag, code):
    tag = subtag.partition("_")[0]
    event = only(webhook(checkpoint(1, tag=tag, subtag=subtag)))
    assert (event.raw_code, event.code) == (subtag, code)
    assert event.raw_text == "Departed from facility"


def test_each_subtag_in_the_table_has_a_row_in_this_test():
    rows = test_subtags.pytestmark[0].args[1]
    assert {row[0] for row in rows} >= statuses.SUBTAGS.keys()


@pytest.mark.parametrize(
    ("tag", "code"),
    [
        ("InfoReceived", Code.INFO_RECEIVED),
        ("InTransit", Code.IN_TRANSIT),
        ("OutForDelivery", Code.OUT_FOR_DELIVERY),
        ("AvailableForPickup", Code.AVAILABLE_FOR_PICKUP),
        ("Delivered", Code.DELIVERED),
        ("AttemptFail", Code.ATTEMPT_FAILED),
        ("Exception", Code.ON_HOLD),
        ("Expired", Code.EXPIRED),
        ("Pending", Code.UNKNOWN),
    ],
)
def test_a_tag_without_a_subtag(tag, code):
    event = only(webhook(checkpoint(1, tag=tag, subtag=None)))
    assert (event.raw_code, event.code) == (tag, code)


def test_the_history_keeps_its_order():
    events = read(webhook(checkpoint(1), checkpoint(2), delivered(3)))
    assert [event.occurred_at.day for event in events] == [1, 2, 3]


@pytest.mark.parametrize(
    ("text", "at", "zone", "precision"),
    [
        ("2026-02-01T08:30:00", "08:30", Zone.LOCAL, Precision.SECOND),
        ("2026-02-01 08:30:00", "08:30", Zone.LOCAL, Precision.SECOND),
        ("2026-02-01T08:30", "08:30", Zone.LOCAL, Precision.MINUTE),
        ("2026-02-01", "00:00", Zone.LOCAL, Precision.DAY),
        ("2026-02-01T08:30:00-08:00", "16:30", Zone.KNOWN, Precision.SECOND),
        ("2026-02-01T08:30:00+0100", "07:30", Zone.KNOWN, Precision.SECOND),
        ("2026-02-01T08:30:00.1234567Z", "08:30", Zone.KNOWN, Precision.SECOND),
    ],
)
def test_a_local_time_says_that_it_is_one(text, at, zone, precision):
    event = only(webhook(checkpoint(1, checkpoint_time=text)))
    assert f"{event.occurred_at:%d %H:%M}" == f"01 {at}"
    assert event.occurred_at.tzinfo == dt.UTC
    assert (event.zone, event.precision, event.occurred_text) == (zone, precision, text)


def test_a_checkpoint_without_a_time_is_left_out():
    assert len(read(webhook(checkpoint(1, checkpoint_time=None), checkpoint(2)))) == 1


def test_the_postal_code_has_a_new_name_since_2026():
    newer = checkpoint(1, postal_code="89502")
    del newer["zip"]
    assert only(webhook(newer)).location.postal_code == "89502"


@pytest.mark.parametrize(
    ("country", "code"), [("DEU", "DE"), ("gbr", "GB"), ("FR", "FR"), ("Narnia", None)]
)
def test_countries_have_three_letters(country, code):
    assert only(webhook(checkpoint(1, country_iso3=country))).location.country == code


def test_without_a_city_the_line_is_the_place():
    event = only(webhook(checkpoint(1, city=None, location="Oakland hub")))
    assert event.location.city == "Oakland hub"


def test_the_checkpoints_own_id_is_the_events():
    early = only(webhook(delivered(1, hash="c0ffee")))
    assert early.event_id == "c0ffee"


def test_a_signature_that_comes_later_is_news():
    early = only(webhook(delivered(1, hash="c0ffee")))
    late = only(webhook(delivered(1, hash="c0ffee"), signed_by="J. Doe"))
    assert late.signer == "J. Doe"
    assert late.event_id != early.event_id


def test_nobody_signed_for_what_is_not_delivered():
    first, last = read(webhook(checkpoint(1), delivered(2), signed_by="J. Doe"))
    assert (first.signer, last.signer) == ("", "J. Doe")


def test_that_tracking_ended_is_told_though_no_checkpoint_says_so():
    _scan, given_up = read(webhook(checkpoint(1), tag="Expired", subtag="Expired_001"))
    assert given_up.code == Code.EXPIRED
    assert given_up.occurred_at == dt.datetime(2026, 2, 5, 9, tzinfo=dt.UTC)
    (_scan, again) = read(
        webhook(checkpoint(1), tag="Expired", subtag="Expired_001", ts=TS + 60)
    )
    assert again.event_id == given_up.event_id


def test_milliseconds_are_times_too():
    (event,) = read(webhook(tag="Expired", subtag="Expired_001", ts=TS * 1000))
    assert event.occurred_at == dt.datetime(2026, 2, 5, 9, tzinfo=dt.UTC)


# === THE WAY BACK === #

BACK: dict = {"tag": "Exception", "subtag": "Exception_010"}


def test_what_is_handed_over_on_the_way_back_is_not_delivered():
    message = webhook(checkpoint(1, **BACK), delivered(2), return_to_sender=True)
    assert [event.code for event in read(message)] == [Code.RETURNING, Code.RETURNING]
    assert read(message)[1].raw_code == "Delivered_003/return_to_sender"


def test_what_was_delivered_before_the_way_back_was_delivered():
    message = webhook(delivered(1), checkpoint(2, **BACK), return_to_sender=True)
    assert [event.code for event in read(message)] == [Code.DELIVERED, Code.RETURNING]


def test_the_flag_alone_says_that_it_comes_back():
    _scan, told = read(webhook(checkpoint(1), return_to_sender=True))
    assert (told.code, told.raw_code) == (Code.RETURNING, "return_to_sender")


# === PROMISES === #


def estimate(*checkpoints, **tracking):
    return [
        event
        for event in read(webhook(*checkpoints, **tracking))
        if event.raw_code == "estimated_delivery"
    ]


@pytest.mark.parametrize("text", ["2026-02-06", "2026-02-06T00:00:00"])
def test_a_promised_date_stays_a_date(text):
    (told,) = estimate(checkpoint(1), expected_delivery=text)
    assert told.estimated_date == dt.date(2026, 2, 6)
    assert told.estimated_to is None
    assert told.occurred_at == dt.datetime(2026, 2, 5, 9, tzinfo=dt.UTC)


def test_the_latest_estimate_is_better_than_the_carriers():
    latest = {"type": "specific", "datetime": "2026-02-07T00:00:00"}
    (told,) = estimate(
        checkpoint(1), expected_delivery="2026-02-06", latest_estimated_delivery=latest
    )
    assert told.estimated_date == dt.date(2026, 2, 7)


def test_a_range_of_times_is_a_window():
    (told,) = [event for event in read(TestContract.message) if event.estimated_to]
    assert told.estimated_from == dt.datetime(2026, 2, 6, 16, tzinfo=dt.UTC)
    assert told.estimated_to == dt.datetime(2026, 2, 7, 4, tzinfo=dt.UTC)


def test_of_a_range_of_dates_the_last_is_promised():
    latest = {"datetime_min": "2026-02-06", "datetime_max": "2026-02-08"}
    (told,) = estimate(checkpoint(1), latest_estimated_delivery=latest)
    assert told.estimated_date == dt.date(2026, 2, 8)


def test_a_revised_date_is_told():
    message = webhook(checkpoint(1), event="edd_revise", expected_delivery="2026-02-09")
    assert read(message)[-1].estimated_date == dt.date(2026, 2, 9)


def test_nothing_is_expected_of_what_is_over():
    assert not estimate(delivered(1), expected_delivery="2026-02-06")


# === WHAT IS NONE === #


@pytest.mark.parametrize(
    "change",
    [
        {"checkpoint_time": "yesterday"},
        {"checkpoint_time": "2026-02-30T08:00:00"},
        {"checkpoint_time": "1926-02-01T08:00:00"},
        {"tag": {"name": "InTransit"}},
        {"message": ["Departed"]},
    ],
)
def test_a_checkpoint_that_is_none(change):
    with pytest.raises(MalformedMessage, match="msg"):
        read(webhook(checkpoint(1, **change)))


@pytest.mark.parametrize("ts", ["now", 1.5, True, 10**400, [], 5])
def test_a_time_that_is_none(ts):
    with pytest.raises(MalformedMessage):
        read(webhook(tag="Expired", subtag="Expired_001", ts=ts))


def test_a_message_without_a_number_is_refused():
    with pytest.raises(MalformedMessage, match="tracking_number"):
        read(webhook(checkpoint(1), tracking_number=None))
