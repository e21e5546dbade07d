"""Reading what the sandbox sends: webhooks and the answer to a poll."""

import datetime as dt
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.schema import (
    Location,
    Precision,
    TrackingEvent,
    Zone,
)
from odoo.addons.shipment_visibility_carriers.adapters.errors import MalformedMessage
from odoo.addons.shipment_visibility_carriers.adapters.sandbox import events, messages
from odoo.addons.shipment_visibility_carriers.adapters.sandbox.statuses import STATUSES

EVENT = {
    "tracking_number": "SBX7190590697427613",
    "event_id": "evt_0001",
    "code": "DLV",
    "description": "Delivered, signed for",
    "occurred_at": "2026-02-02T11:04:05.250+01:00",
    "location": {
        "facility": "Lyon 2",
        "city": "Lyon",
        "state": "",
        "postal_code": "69002",
        "country": "FR",
    },
    "signer": "E. Exemple",
    "photo_url": "https://carrier.example/photo/1",
}


def webhook(*changes, **message):
    body = {
        "id": "msg_1",
        "type": "tracking.updated",
        "events": [EVENT | change for change in changes or ({},)],
    }
    return json.dumps(body | message).encode()


def parsed(*changes):
    return events.parse_webhook(webhook(*changes), "sandbox")


def reason(body):
    with pytest.raises(MalformedMessage) as raised:
        events.parse_webhook(body, "sandbox")
    assert raised.value.__cause__ is None
    return str(raised.value)


def test_all_of_an_event():
    (event,) = parsed({})
    assert event == TrackingEvent(
        carrier="sandbox",
        tracking_number="SBX7190590697427613",
        event_id="evt_0001",
        raw_code="DLV",
        raw_text="Delivered, signed for",
        code=Code.DELIVERED,
        occurred_at=dt.datetime(2026, 2, 2, 10, 4, 5, 250_000, dt.UTC),
        occurred_text="2026-02-02T11:04:05.250+01:00",
        zone=Zone.KNOWN,
        precision=Precision.SECOND,
        location=Location(
            facility="Lyon 2", city="Lyon", postal_code="69002", country="FR"
        ),
        signer="E. Exemple",
        photo_url="https://carrier.example/photo/1",
    )


def test_the_least_of_an_event():
    required = ("tracking_number", "event_id", "code", "occurred_at")
    least = {name: EVENT[name] for name in required}
    body = json.dumps({"id": "m", "type": "tracking.updated", "events": [least]})
    (event,) = events.parse_webhook(body.encode(), "sandbox")
    assert (event.location, event.signer, event.photo_url) == (None, "", "")


@pytest.mark.parametrize(("raw", "meaning"), STATUSES.items())
def test_every_code(raw, meaning):
    (event,) = parsed({"code": raw})
    assert (event.raw_code, event.code, event.reason) == (raw, *meaning)


@pytest.mark.parametrize("raw", ["XYZ", "dlv", "DLV "])
def test_a_code_nobody_mapped_is_unknown(raw):
    (event,) = parsed({"code": raw, "description": "Something new"})
    assert (event.code, event.raw_text) == (Code.UNKNOWN, "Something new")


def test_many_events_keep_their_order():
    found = parsed({"event_id": "b"}, {"event_id": "a"}, {"event_id": "b"})
    assert [event.event_id for event in found] == ["b", "a", "b"]


def test_fields_of_tomorrow_are_passed_over():
    assert parsed({"weather": "rain"})
    assert events.parse_webhook(webhook(attempt=2), "sandbox")


def test_an_empty_country_is_none():
    (event,) = parsed({"location": {"city": "Lyon", "country": ""}})
    assert event.location.country is None


def test_a_window_and_a_date_are_estimates_of_their_own():
    window = {"from": "2026-02-02T09:00:00Z", "to": "2026-02-02T12:00:00Z"}
    first, second = parsed(
        {"estimated_delivery": window}, {"estimated_delivery": {"date": "2026-02-03"}}
    )
    assert first.estimated_from == dt.datetime(2026, 2, 2, 9, tzinfo=dt.UTC)
    assert first.estimated_to == dt.datetime(2026, 2, 2, 12, tzinfo=dt.UTC)
    assert first.estimated_date is None
    assert second.estimated_date == dt.date(2026, 2, 3)
    assert second.estimated_from is second.estimated_to is None


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"tracking_number": ""}, "events.0.tracking_number"),
        ({"tracking_number": "   "}, "events.0.tracking_number"),
        ({"tracking_number": 7190590697427613}, "events.0.tracking_number"),
        ({"tracking_number": "1" * 129}, "events.0.tracking_number"),
        ({"event_id": None}, "events.0.event_id"),
        ({"code": ""}, "events.0.code"),
        ({"occurred_at": "2026-02-02T11:04:05"}, "events.0.occurred_at"),
        ({"occurred_at": "2026-02-02"}, "events.0.occurred_at"),
        ({"occurred_at": 1770026645}, "events.0.occurred_at"),
        ({"occurred_at": "2026-02-30T11:04:05Z"}, "events.0.occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "events.0.occurred_at"),
        ({"occurred_at": "yesterday"}, "events.0.occurred_at"),
        ({"location": "Lyon"}, "events.0.location"),
        ({"location": {"country": "France"}}, "events.0.location.country"),
        ({"description": "a\0b"}, "events.0.description"),
        ({"photo_url": "javascript:alert(1)"}, "events.0.photo_url"),
        ({"estimated_delivery": {}}, "events.0.estimated_delivery"),
        (
            {"estimated_delivery": {"from": "2026-02-02T09:00:00Z"}},
            "events.0.estimated_delivery",
        ),
        (
            {
                "estimated_delivery": {
                    "from": "2026-02-02T09:00:00Z",
                    "to": "2026-02-02T08:00:00Z",
                }
            },
            "events.0.estimated_delivery",
        ),
        ({"estimated_delivery": {"date": "soon"}}, "events.0.estimated_delivery.date"),
    ],
)
def test_the_reason_names_the_field_and_no_value(change, named):
    said = reason(webhook({"signer": "E. Exemple", **change}))
    assert said.startswith(f"{named}: ")
    for value in (*change.values(), "E. Exemple"):
        if isinstance(value, str) and len(value) > 3:
            assert value not in said


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (webhook(type="tracking.created"), "type"),
        (webhook(id=""), "id"),
        (webhook(events=None), "events"),
        (webhook(events={}), "events"),
        (webhook(events=["x"]), "events.0"),
        (b"", "message"),
        (b"[]", "message"),
        (b'{"id": "x"', "message"),
        (b'{"id": "\xff"}', "message"),
        (b"[" * 100_000, "message"),
    ],
)
def test_what_is_no_webhook(body, named):
    assert reason(body).startswith(f"{named}: ")


def test_one_bad_event_condemns_the_message():
    assert reason(webhook({}, {"code": None})).startswith("events.1.code: ")


def test_the_reason_is_short():
    assert reason(webhook(*[{"code": 1}] * 50)).endswith("; and 47 more")


def test_a_poll_brings_the_same_events():
    body = json.dumps({"events": [EVENT]}).encode()
    assert events.parse_tracking(body, "sandbox") == parsed({})


# === GARBAGE === #

bounded = settings(derandomize=True, max_examples=40, deadline=None, database=None)

JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=9),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [*EVENT, "id", "type", "events", "rates", "error", "date", "from", "to"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=12,
)
PARSERS = [
    lambda body: events.parse_webhook(body, "sandbox"),
    lambda body: events.parse_tracking(body, "sandbox"),
    messages.parse_rates,
    messages.parse_booking,
    messages.parse_void,
    messages.parse_found,
]


def reads_or_refuses(body):
    for parse in PARSERS:
        try:
            parse(body)
        except MalformedMessage as error:
            assert str(error)
    messages.parse_problem(body)


@bounded
@given(st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(body):
    reads_or_refuses(body)


@bounded
@given(JSON)
def test_any_json_is_read_or_refused(content):
    reads_or_refuses(json.dumps(content).encode())


@bounded
@given(st.sampled_from(sorted(EVENT)), JSON)
def test_any_field_is_read_or_refused(name, content):
    body = webhook({name: content})
    reads_or_refuses(body)


@bounded
@given(st.data())
def test_a_cut_message_is_refused(data):
    whole = webhook()
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(MalformedMessage):
        events.parse_webhook(cut, "sandbox")
