"""How UPS's scans are read."""

import datetime as dt

import pytest

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.schema import Zone
from odoo.addons.shipment_visibility_carriers.adapters.base import (
    Refused,
    adapter_class,
)
from odoo.addons.shipment_visibility_carriers.adapters.errors import MalformedMessage
from odoo.addons.shipment_visibility_carriers.adapters.transport import Transport
from odoo.addons.shipment_visibility_carriers.adapters.ups import tracking

from . import ups_samples
from .ups_samples import ACCOUNT, NUMBERS, SECRET, activity, tracked, untracked

DESTINATION = [
    {
        "type": "DESTINATION",
        "address": {"city": "Lyon", "stateProvince": "69", "countryCode": "FR"},
    }
]
TO_COME = {
    "deliveryDate": [{"type": "SDD", "date": "20260203"}],
    "deliveryTime": {"type": "EDW", "startTime": "140000", "endTime": "160000"},
    "packageAddress": DESTINATION,
}


def events(*activities, **more):
    return tracking.parse_tracking(tracked(*activities, **more), "ups")


def event(*activity_, **more):
    (found,) = events(activity(*activity_), **more)
    return found


def utc(*parts):
    return dt.datetime(*parts, tzinfo=dt.UTC)


@pytest.fixture
def ups(server):
    adapter = adapter_class("ups")
    credentials = adapter.credentials_model(
        client_id="client",
        client_secret=SECRET,
        account_number=ACCOUNT,
        base_url=server.url,
    )
    server.answer = ups_samples.answer_of
    return adapter(credentials, Transport(5.0))


@pytest.mark.parametrize(
    ("kind", "code", "summary", "meant"),
    [
        ("M", "MP", "003", Code.INFO_RECEIVED),
        ("MV", "VP", "007", Code.CANCELLED),
        ("I", "OR", "005", Code.PICKED_UP),
        ("I", "DP", "005", Code.DEPARTED),
        ("I", "AR", "005", Code.ARRIVED),
        ("I", "OT", "021", Code.OUT_FOR_DELIVERY),
        ("D", "OT", "021", Code.OUT_FOR_DELIVERY),
        ("D", "FS", "011", Code.DELIVERED),
        ("D", "ZP", "040", Code.AVAILABLE_FOR_PICKUP),
        ("I", "YO", "005", Code.IN_TRANSIT),
        ("I", "ER", "012", Code.CUSTOMS_PROCESSING),
        ("X", "EU", "058", Code.CUSTOMS_HELD),
        ("X", "EJ", "032", Code.DELAYED),
        ("I", "YP", "71", Code.AT_DESTINATION),
    ],
)
def test_type_and_code_mean_something_together(kind, code, summary, meant):
    found = event(kind, code, summary)
    assert found.code == meant
    assert found.raw_code == f"{kind}/{code}"


@pytest.mark.parametrize(
    ("kind", "code", "summary"),
    [
        ("X", "AR", "013"),
        ("X", "FS", "013"),
        ("D", "??", ""),
        ("X", "??", "011"),
        ("I", "", ""),
        ("", "FS", ""),
        ("U", "YR", "013"),
    ],
)
def test_what_is_not_known_is_not_guessed(kind, code, summary):
    """Not from a type alone, not from a code alone, nor from a summary of another type."""
    found = event(kind, code, summary)
    assert found.code == Code.UNKNOWN
    assert found.raw_status == "What UPS says"


def test_a_reason_is_told_where_the_code_says_it():
    assert event("X", "EJ", "032").reason == "weather_delay"
    assert event("D", "FS", "011").reason == ""


@pytest.mark.parametrize(
    ("gmt_date", "gmt_time", "hour"),
    [
        ("20260203", "094500", 9),
        ("2026-02-03", "09:45:00", 9),
        ("20260203", "94500", 9),
        ("20260203", "4500", 0),
    ],
)
def test_the_moment_in_gmt_is_certain(gmt_date, gmt_time, hour):
    scan = activity("I", "AR", gmtDate=gmt_date, gmtTime=gmt_time)
    (found,) = events(scan)
    assert found.occurred_at == utc(2026, 2, 3, hour, 45)
    assert found.zone == Zone.KNOWN
    assert found.occurred_text == "20260203 104500"


@pytest.mark.parametrize("offset", ["+01:00", "+01.00"])
def test_a_local_time_with_its_offset_is_certain(offset):
    (found,) = events(activity("I", "AR", gmtOffset=offset))
    assert (found.occurred_at, found.zone) == (utc(2026, 2, 3, 9, 45), Zone.KNOWN)


@pytest.mark.parametrize("offset", [None, "", "CET"])
def test_a_local_time_alone_stays_local(offset):
    (found,) = events(activity("I", "AR", gmtOffset=offset))
    assert (found.occurred_at, found.zone) == (utc(2026, 2, 3, 10, 45), Zone.LOCAL)


@pytest.mark.parametrize(
    "moment", ["20261341 104500", "20260203 256100", "20260203 noon"]
)
def test_a_time_that_is_none_is_malformed(moment):
    with pytest.raises(MalformedMessage):
        event("I", "AR", "005", moment)


def test_a_place_is_kept():
    place = event("I", "AR", "005").location
    assert (place.city, place.state, place.postal_code) == ("Lyon", "69", "69002")
    assert (place.country, place.facility) == ("FR", "6901")


def test_a_country_written_out_is_no_code():
    scan = activity("I", "AR", "005")
    scan["location"]["address"] |= {"countryCode": None, "country": "France"}
    (found,) = events(scan)
    assert found.location.country is None


def test_who_signed_is_told_of_the_delivery_alone():
    information = {
        "receivedBy": "MARTIN",
        "deliveryPhoto": {"photo": "https://ups.example/photo.jpg"},
    }
    delivered, before = events(
        activity("D", "FS", "011"),
        activity("I", "OT", "021"),
        deliveryInformation=information,
    )
    assert (delivered.signer, before.signer) == ("MARTIN", "")
    assert delivered.photo_url == "https://ups.example/photo.jpg"


def test_a_photo_itself_is_no_address_of_one():
    picture = {"deliveryPhoto": {"photo": "iVBORw0KGgo" * 500}}
    assert event("D", "FS", "011", deliveryInformation=picture).photo_url == ""


def test_a_window_is_read_where_its_zone_is_certain():
    (found,) = events(activity("I", "OT", "021", gmtOffset="+01:00"), **TO_COME)
    assert found.estimated_from == utc(2026, 2, 3, 13)
    assert found.estimated_to == utc(2026, 2, 3, 15)
    assert found.estimated_date is None


@pytest.mark.parametrize(
    "changes",
    [
        {"deliveryTime": {"type": "EOD"}},
        {"deliveryTime": None},
        {"packageAddress": []},
        {"packageAddress": [{**DESTINATION[0], "address": {"countryCode": "DE"}}]},
    ],
    ids=["end of day", "no time", "no destination", "scanned elsewhere"],
)
def test_otherwise_an_estimate_is_a_date(changes):
    (found,) = events(
        activity("I", "DP", "005", gmtOffset="+01:00"), **{**TO_COME, **changes}
    )
    assert found.estimated_date == dt.date(2026, 2, 3)
    assert found.estimated_from is None


def test_a_new_date_takes_the_place_of_the_old():
    dates = [{"type": "SDD", "date": "20260203"}, {"type": "RDD", "date": "20260205"}]
    assert event("I", "DP", "005", deliveryDate=dates).estimated_date == dt.date(
        2026, 2, 5
    )


def test_the_newest_scan_alone_carries_the_estimate():
    newest, older = events(
        activity("I", "AR", "005"), activity("I", "DP", "005"), **TO_COME
    )
    assert newest.estimated_date and not older.estimated_date


def test_what_is_delivered_is_not_expected_any_more():
    assert event("D", "FS", "011", **TO_COME).estimated_date is None


def test_all_numbers_are_asked_for_one_by_one(ups, server):
    other = tracked(activity("I", "DP"), number=NUMBERS[1])

    def answer(request):
        if request.path.endswith(NUMBERS[1]):
            return 200, {}, other
        return ups_samples.answer_of(request)

    server.answer = answer
    found = ups.track(NUMBERS)
    assert [one.tracking_number for one in found] == list(NUMBERS)


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (200, untracked()),
        (404, ups_samples.problem("Tracking Information Not Found", "TW0001")),
        (404, b""),
        (400, ups_samples.problem("Tracking Information Not Found", "TW0001")),
    ],
)
def test_an_unknown_number_has_no_events(ups, server, status, body):
    def answer(request):
        if "/track/" in request.path:
            return status, {}, body
        return ups_samples.answer_of(request)

    server.answer = answer
    assert ups.track([NUMBERS[0]]) == []


def test_a_number_that_ups_cannot_have_is_not_asked_for(ups, server):
    assert ups.track(["123456", "9" * 35]) == []
    assert server.received == []


def test_another_refusal_is_one(ups, server):
    def answer(request):
        if "/track/" in request.path:
            return 400, {}, ups_samples.problem("Invalid locale.", "TV1001")
        return ups_samples.answer_of(request)

    server.answer = answer
    with pytest.raises(Refused, match=r"Invalid locale. \(TV1001\)"):
        ups.track([NUMBERS[0]])
