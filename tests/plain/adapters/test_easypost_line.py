"""Keys, modes, addresses, pickups, lists and numbers, at a small EasyPost."""

import base64
import datetime as dt
import json

import pytest
from pydantic import ValidationError

from odoo.addons.shipment_visibility.canonical.operations import ServiceLimits
from odoo.addons.shipment_visibility_carriers.adapters.base import (
    FEATURES,
    adapter_class,
)
from odoo.addons.shipment_visibility_carriers.adapters.easypost import (
    messages_handover,
)
from odoo.addons.shipment_visibility_carriers.adapters.errors import (
    AuthFailed,
    OutcomeUnknown,
    Refused,
    Unavailable,
)

from .carrier_server import RESET
from .easypost_desk import KEY, EasyPostDesk, easypost, error, tracker
from .samples import LYON, shipment
from .test_easypost_contract import PICKUP


@pytest.fixture
def desk(server):
    server.answer = EasyPostDesk(server.url)
    return server.answer


def booked(adapter):
    """The ids of two bought shipments."""
    request = shipment(service="USPS/Priority")
    return adapter.parse_booking(adapter.book(request)).remote_id


def of(*ids):
    return PICKUP.model_copy(update={"remote_ids": ids})


def body_of(desk, path):
    return next(
        body
        for (method, asked), body in zip(desk.asked, desk.bodies, strict=True)
        if (method, asked) == ("POST", path)
    )


def test_the_key_is_the_user_name(server, desk):
    easypost(server).rate(shipment(service=""))
    expected = base64.b64encode(f"{KEY}:".encode()).decode()
    assert {received.headers["Authorization"] for received in server.received} == {
        f"Basic {expected}"
    }


@pytest.mark.parametrize(
    ("key", "production", "words"),
    [
        ("EZTKabc", True, "production account with a test key"),
        ("EZAKabc", False, "test account with a production key"),
    ],
)
def test_a_key_of_the_other_mode_is_never_used(server, desk, key, production, words):
    adapter = easypost(server, production, api_key=key)
    for call in (
        lambda: adapter.rate(shipment()),
        lambda: adapter.book(shipment()),
        lambda: adapter.void("shp_1"),
        lambda: adapter.track(["9400"]),
    ):
        with pytest.raises(AuthFailed, match=words) as raised:
            call()
        assert "abc" not in str(raised.value)
    assert not server.received


@pytest.mark.parametrize(
    ("key", "production"), [("EZTKabc", False), ("EZAKabc", True), ("x", True)]
)
def test_a_key_of_the_right_mode_is_used(server, desk, key, production):
    easypost(server, production, api_key=key).track(["9400"])
    assert server.received


@pytest.mark.parametrize(
    "url",
    [
        "http://api.easypost.com",
        "https://easypost.com.evil.example",
        "https://evil.example/easypost.com",
        "http://127.0.0.1.evil.example",
        "http://10.0.0.1",
    ],
)
def test_the_key_goes_to_nobody_else(url):
    model = adapter_class("easypost").credentials_model
    assert model(api_key="EZTKabc").base_url == "https://api.easypost.com"
    with pytest.raises(ValidationError):
        model(api_key="EZTKabc", base_url=url)


def test_carrier_accounts_are_ids_separated_by_commas(server, desk):
    adapter = easypost(server, carrier_accounts="ca_1, ca_2")
    adapter.rate(shipment(service=""))
    asked = body_of(desk, "/v2/shipments")["shipment"]["carrier_accounts"]
    assert asked == ["ca_1", "ca_2"]
    with pytest.raises(ValidationError):
        easypost(server, carrier_accounts="USPS")


def test_a_refusal_never_quotes_the_key(server):
    server.answer = error(f"The key {KEY} may not do this.")
    with pytest.raises(Refused) as raised:
        easypost(server).rate(shipment())
    assert KEY not in str(raised.value)
    assert "may not do this" in str(raised.value)


def test_a_refusal_without_words_still_says_something(server):
    server.answer = (418, {}, b"teapot")
    with pytest.raises(Refused, match=r"gave no reason \(418\)"):
        easypost(server).rate(shipment())


def test_any_service_of_any_carrier_can_be_chosen():
    services = adapter_class("easypost").services
    assert "USPS/Priority" in services
    assert "DhlExpress/ExpressWorldwide" in services
    for nonsense in ("standard", "USPS/", "/Priority", "", " / "):
        assert nonsense not in services


def test_what_it_offers_is_of_the_contract():
    offered = adapter_class("easypost")
    assert offered.features <= set(FEATURES)
    assert all(isinstance(limit, ServiceLimits) for limit in offered.limits.values())
    assert set(offered.limits) <= set(dict(offered.services))


def test_numbers_that_are_not_known_have_no_events(server, desk):
    refused = {"9401": error("No such number.", status=404)}

    def answered(received):
        number = received.json["tracker"]["tracking_code"]
        return refused.get(number) or (200, {}, json.dumps(tracker(number)).encode())

    desk.answers["POST", "/v2/trackers"] = answered
    events = easypost(server).track(["9400", "9401", "9402"])
    assert [event.tracking_number for event in events] == ["9400", "9402"]
    assert easypost(server).track(["9401"]) == []
    refused["9402"] = error("Wrong carrier.")
    assert len(easypost(server).track(["9400", "9402"])) == 1
    with pytest.raises(Refused, match="Wrong carrier"):
        easypost(server).track(["9402"])


def test_a_webhook_message_is_of_this_account_s_mode(server):
    message = {"description": "tracker.updated", "mode": "test"}
    body = json.dumps(message | {"result": tracker("9400")}).encode()
    assert easypost(server).parse_webhook(body, {})
    assert easypost(server, production=True).parse_webhook(body, {}) == []


def test_an_address_is_asked_about_with_a_verdict(server, desk):
    easypost(server).validate_address(LYON.address)
    assert body_of(desk, "/v2/addresses") == {
        "address": {
            "street1": "12 rue de la République",
            "city": "Lyon",
            "zip": "69002",
            "country": "FR",
        },
        "verify": True,
    }


def test_a_pickup_takes_the_best_price(server, desk):
    adapter = easypost(server)
    booked(adapter)
    pickup = adapter.pickup(of("shp_1"))
    asked = body_of(desk, "/v2/pickups")["pickup"]
    assert asked["shipment"] == {"id": "shp_1"}
    assert asked["min_datetime"] == "2026-02-02T14:00:00+01:00"
    assert asked["max_datetime"] == "2026-02-02T17:00:00+01:00"
    assert asked["reference"] == "WH/PICKUP/1"
    assert asked["address"]["city"] == "Rotterdam"
    assert body_of(desk, "/v2/pickups/pickup_1/buy") == {
        "carrier": "USPS",
        "service": "NextDay",
    }
    assert pickup.remote_id == "pickup_1"
    assert pickup.begins_at == dt.datetime(2026, 2, 2, 13, tzinfo=dt.UTC)
    assert [str(charge.money.amount) for charge in pickup.charges] == ["2.50"]


def test_the_carrier_of_the_parcels_is_preferred_to_a_cheaper_one():
    rates = [
        {"carrier": carrier, "service": "Day", "rate": price, "currency": "USD"}
        for carrier, price in (("UPS", "1.00"), ("USPS", "2.00"), ("DHL", "0.50"))
    ]
    offer = {"id": "pickup_1", "status": "unknown", "pickup_rates": rates}
    body = json.dumps(offer).encode()
    for service, carrier in (("USPS/Priority", "USPS"), ("FedEx/Ground", "DHL")):
        _id, chosen = messages_handover.parse_pickup_offer(body, service)
        assert chosen == {"carrier": carrier, "service": "Day"}


def test_several_parcels_are_fetched_together(server, desk):
    adapter = easypost(server)
    adapter.pickup(of(booked(adapter)))
    assert body_of(desk, "/v2/batches") == {
        "batch": {"shipments": [{"id": "shp_1"}, {"id": "shp_2"}]}
    }
    assert body_of(desk, "/v2/pickups")["pickup"]["batch"] == {"id": "batch_1"}


def test_parcels_that_are_together_already_stay_so(server, desk):
    adapter = easypost(server)
    ids = booked(adapter)
    desk._new_batches({"batch": {"shipments": [{"id": "shp_1"}, {"id": "shp_2"}]}})
    desk.shipments["shp_1"]["batch_id"] = "batch_1"
    adapter.pickup(of(ids))
    assert ("POST", "/v2/batches") not in desk.asked
    assert body_of(desk, "/v2/pickups")["pickup"]["batch"] == {"id": "batch_1"}


def test_parcels_that_are_never_put_together_are_not_fetched_by_half(server, desk):
    adapter = easypost(server)
    ids = booked(adapter)
    half = {"id": "batch_1", "state": "creating", "shipments": [{"id": "shp_1"}]}
    desk.answers["GET", "/v2/batches/batch_1"] = (200, {}, json.dumps(half).encode())
    with pytest.raises(Unavailable, match="still putting the parcels together"):
        adapter.pickup(of(ids))
    assert ("POST", "/v2/pickups") not in desk.asked


def test_nobody_comes_for_nothing(server, desk):
    with pytest.raises(Refused, match="labels were bought there"):
        easypost(server).pickup(of())
    assert not desk.asked


def test_a_pickup_without_offers_is_refused_in_the_carriers_words(server, desk):
    none = {
        "id": "pickup_1",
        "status": "unknown",
        "pickup_rates": [],
        "messages": [{"carrier": "USPS", "message": "Not on Sundays"}],
    }
    desk.answers["POST", "/v2/pickups"] = (200, {}, json.dumps(none).encode())
    with pytest.raises(Refused, match="Not on Sundays"):
        easypost(server).pickup(of("shp_1"))


def test_a_lost_answer_to_a_pickup_means_somebody_may_come(server, desk):
    desk.answers["POST", "/v2/pickups/pickup_1/buy"] = RESET
    with pytest.raises(OutcomeUnknown):
        easypost(server).pickup(of("shp_1"))


def test_a_pickup_is_called_off_once_and_again(server, desk):
    adapter = easypost(server)
    adapter.pickup(of("shp_1"))
    adapter.cancel_pickup("pickup_1")
    assert desk.pickups["pickup_1"]["status"] == "canceled"
    desk.answers["POST", "/v2/pickups/pickup_1/cancel"] = error("Already cancelled.")
    adapter.cancel_pickup("pickup_1")


def test_a_pickup_that_is_on_its_way_is_not_called_off(server, desk):
    adapter = easypost(server)
    adapter.pickup(of("shp_1"))
    desk.answers["POST", "/v2/pickups/pickup_1/cancel"] = error("The driver is there.")
    with pytest.raises(Refused, match="driver is there"):
        adapter.cancel_pickup("pickup_1")
    scheduled = json.dumps(desk.pickups["pickup_1"]).encode()
    desk.answers["POST", "/v2/pickups/pickup_1/cancel"] = (200, {}, scheduled)
    with pytest.raises(Refused, match="did not cancel"):
        adapter.cancel_pickup("pickup_1")


def test_the_list_for_the_driver(server, desk):
    adapter = easypost(server)
    manifest = adapter.manifest([booked(adapter)])
    assert body_of(desk, "/v2/scan_forms") == {
        "scan_form": {"shipment": [{"id": "shp_1"}, {"id": "shp_2"}]}
    }
    assert manifest.remote_id == "sf_1"
    assert manifest.document.name == "sf_1.pdf"


def form(desk, **changes):
    values = desk._new_scan_forms(None) | changes
    return 200, {}, json.dumps(values).encode()


def test_a_list_that_is_still_made_is_waited_for(server, desk):
    desk.answers["POST", "/v2/scan_forms"] = form(
        desk, status="creating", form_url=None
    )
    looks = [form(desk, status="creating", form_url=None), form(desk)]
    desk.answers["GET", "/v2/scan_forms/sf_1"] = looks
    assert easypost(server).manifest(["shp_1"]).document.content
    assert not looks


def test_a_list_that_is_never_made(server, desk):
    unfinished = form(desk, status="creating", form_url=None)
    desk.answers["POST", "/v2/scan_forms"] = unfinished
    desk.answers["GET", "/v2/scan_forms/sf_1"] = unfinished
    with pytest.raises(Unavailable, match="still making the list"):
        easypost(server).manifest(["shp_1"])
    desk.answers["POST", "/v2/scan_forms"] = form(
        desk, status="failed", message="Mixed dates."
    )
    with pytest.raises(Refused, match="Mixed dates"):
        easypost(server).manifest(["shp_1"])


def test_a_list_whose_answer_was_lost_is_had_again_and_another_is_not(server, desk):
    adapter = easypost(server)
    ids = booked(adapter).split(",")
    desk._new_batches({"batch": {"shipments": [{"id": one} for one in ids]}})
    for one in ids:
        desk.shipments[one] |= {"scan_form": {"id": "sf_1"}, "batch_id": "batch_1"}
    desk.answers["POST", "/v2/scan_forms"] = error("On a list already.")
    desk.answers["GET", "/v2/scan_forms/sf_1"] = form(desk)
    assert adapter.manifest(ids).remote_id == "sf_1"
    with pytest.raises(Refused, match="On a list already"):
        adapter.manifest(ids[:1])
    desk.shipments["shp_2"]["scan_form"] = {"id": "sf_2"}
    with pytest.raises(Refused, match="On a list already"):
        adapter.manifest(ids)
    desk.shipments["shp_2"]["scan_form"] = None
    with pytest.raises(Refused, match="On a list already"):
        adapter.manifest(ids)
