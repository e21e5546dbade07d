"""Our own open format: what another system may say, and how a mistake of its is named."""

import datetime as dt
import json

import pytest

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.schema import (
    Location,
    Precision,
    TrackingEvent,
    Zone,
)
from odoo.addons.shipment_visibility_carriers.adapters.errors import MalformedMessage
from odoo.addons.shipment_visibility_carriers.adapters.generic import messages

EVENT = {
    "tracking_number": "PARCEL-0001",
    "code": "out_for_delivery",
    "occurred_at": "2026-02-03T08:15:00+01:00",
    "id": "7f3a",
    "message": "On the van of tour 12",
    "place": {
        "facility": "Depot 3",
        "city": "Lyon",
        "state": "",
        "postal_code": "69002",
        "country": "FR",
    },
    "promised_date": "2026-02-03",
    "signed_by": "E. Exemple",
    "raw_code": "T12-LOADED",
}
LEAST = {name: EVENT[name] for name in ("tracking_number", "code", "occurred_at")}


def event(**changes):
    return EVENT | changes


def message(*events, **changes):
    return {"events": list(events)} | changes


MESSAGE = message(event(), LEAST)


def read(content):
    return messages.parse_webhook(json.dumps(content).encode(), "generic")


def test_all_of_an_event():
    assert read(message(event())) == [
        TrackingEvent(
            carrier="generic",
            tracking_number="PARCEL-0001",
            event_id="7f3a",
            raw_code="T12-LOADED",
            raw_status="out_for_delivery",
            raw_text="On the van of tour 12",
            code=Code.OUT_FOR_DELIVERY,
            occurred_at=dt.datetime(2026, 2, 3, 7, 15, tzinfo=dt.UTC),
            occurred_text="2026-02-03T08:15:00+01:00",
            zone=Zone.KNOWN,
            precision=Precision.SECOND,
            location=Location(
                facility="Depot 3", city="Lyon", postal_code="69002", country="FR"
            ),
            signer="E. Exemple",
            estimated_date=dt.date(2026, 2, 3),
        )
    ]


def test_the_least_of_an_event():
    (found,) = read(message(LEAST))
    assert (found.event_id, found.location, found.signer) == ("", None, "")
    assert found.estimated_date is None
    assert found.raw_code == "out_for_delivery"


@pytest.mark.parametrize("code", list(Code))
def test_every_milestone_can_be_said_in_small_letters_and_capitals(code):
    small, capitals = read(
        message(event(code=code.value), event(code=code.value.upper()))
    )
    assert small.code == capitals.code == code


def test_a_code_nobody_knows_is_unknown_and_can_be_mapped():
    (found,) = read(message(LEAST | {"code": "Loaded", "message": "Tour 12"}))
    assert found.code == Code.UNKNOWN
    assert (found.raw_code, found.raw_text) == ("Loaded", "Tour 12")


def test_a_thousand_events_are_taken_in_their_order_and_no_more():
    many = [event(id=str(number)) for number in range(1000)]
    assert [found.event_id for found in read(message(*many))] == [
        str(number) for number in range(1000)
    ]
    with pytest.raises(MalformedMessage, match="events: .*1000"):
        read(message(*many, event()))


def test_an_empty_message_is_a_test():
    assert read(message()) == []


def test_a_place_without_a_country():
    (found,) = read(message(event(place={"city": "Lyon", "country": ""})))
    assert found.location == Location(city="Lyon")


@pytest.mark.parametrize(
    ("change", "named"),
    [
        ({"tracking_number": ""}, "events.0.tracking_number"),
        ({"tracking_number": "   "}, "events.0.tracking_number"),
        ({"tracking_number": 7}, "events.0.tracking_number"),
        ({"tracking_number": "1" * 129}, "events.0.tracking_number"),
        ({"code": None}, "events.0.code"),
        ({"code": ""}, "events.0.code"),
        ({"occurred_at": "2026-02-03T08:15:00"}, "events.0.occurred_at"),
        ({"occurred_at": "2026-02-03"}, "events.0.occurred_at"),
        ({"occurred_at": 1770000000}, "events.0.occurred_at"),
        ({"occurred_at": "2026-02-30T08:15:00Z"}, "events.0.occurred_at"),
        ({"occurred_at": "1999-02-03T08:15:00Z"}, "events.0.occurred_at"),
        ({"occurred_at": "0001-01-01T00:00:00+14:00"}, "events.0.occurred_at"),
        ({"id": 7}, "events.0.id"),
        ({"message": "a\0b"}, "events.0.message"),
        ({"message": None}, "events.0.message"),
        ({"place": "Lyon"}, "events.0.place"),
        ({"place": {"country": "France"}}, "events.0.place.country"),
        ({"place": {"town": "Lyon"}}, "events.0.place.town"),
        ({"promised_date": "tomorrow"}, "events.0.promised_date"),
        ({"signedBy": "E. Exemple"}, "events.0.signedBy"),
    ],
)
def test_a_mistake_is_named_and_no_value_is_told(change, named):
    with pytest.raises(MalformedMessage) as raised:
        read(message(event(**change)))
    assert str(raised.value).startswith(f"{named}: ")
    for value in change.values():
        if isinstance(value, str) and len(value) > 3 and value.strip():
            assert value not in str(raised.value)


@pytest.mark.parametrize("name", list(LEAST))
def test_what_is_required_is_asked_for(name):
    with pytest.raises(MalformedMessage, match=f"events.0.{name}: "):
        read(message({key: LEAST[key] for key in LEAST if key != name}))


def test_one_bad_event_condemns_the_message():
    with pytest.raises(MalformedMessage, match="^events.1.code: "):
        read(message(event(), event(code=1)))


def test_the_format_documents_itself():
    schema = messages.InboundMessage.model_json_schema()
    inbound = schema["$defs"]["InboundEvent"]
    assert set(inbound["required"]) == set(LEAST)
    assert set(inbound["properties"]) == set(EVENT)
    assert schema["properties"]["events"]["maxItems"] == 1000
    assert "out_for_delivery" in inbound["properties"]["code"]["description"]
    assert inbound["properties"]["occurred_at"]["format"] == "date-time"
