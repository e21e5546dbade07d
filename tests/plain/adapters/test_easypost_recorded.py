"""Every operation against EasyPost's recorded answers, over HTTP on the loopback."""

import datetime as dt
import json
from decimal import Decimal

import pytest

from odoo.addons.shipment_visibility.canonical.milestone import Code
from odoo.addons.shipment_visibility.canonical.operations import PickupRequest
from odoo.addons.shipment_visibility.canonical.schema import (
    Address,
    CustomsItem,
    Dimensions,
    Mass,
    Money,
    Parcel,
    Party,
    ShipmentRequest,
    Zone,
)
from odoo.addons.shipment_visibility_carriers.adapters.easypost import (
    messages_handover,
    messages_shipment,
    messages_tracking,
)
from odoo.addons.shipment_visibility_carriers.adapters.easypost.messages_request import (
    build_shipments,
)
from odoo.addons.shipment_visibility_carriers.adapters.errors import (
    MalformedMessage,
    NotSupported,
    Refused,
)

from .easypost_desk import easypost
from .easypost_recordings import FILE, FOLDER, Recording, differences

if not FOLDER.is_dir():
    pytest.skip(
        "the folder ../shared/specs/easypost is not here: no operation of the EasyPost "
        "adapter was tried against EasyPost's recorded answers",
        allow_module_level=True,
    )

GROUND = "USPS/GroundAdvantage"
# The recordings that bought at once name the service in the first request; we buy in two
# steps, so as to know the id before there is anything to pay for.
AT_ONCE = ("service", "carrier", "insurance")


def party(recorded):
    return Party(
        name=recorded["name"],
        phone=recorded["phone"],
        email=recorded["email"],
        address=address(recorded),
    )


def address(recorded):
    return Address(
        street=recorded["street1"],
        street2=recorded.get("street2", ""),
        city=recorded["city"],
        state=recorded["state"],
        postal_code=recorded["zip"],
        country=recorded["country"],
    )


def customs_item(recorded):
    return CustomsItem(
        description=recorded["description"],
        quantity=Decimal(recorded["quantity"]),
        value=Money(amount=str(recorded["value"]), currency="USD"),
        weight=Mass(value=Decimal(recorded["weight"]), unit="oz"),
        hs_code=recorded["hs_tariff_number"],
        origin_country=recorded["origin_country"],
    )


def request_of(recorded, **changes):
    """What we would be asked, so that EasyPost is asked what was recorded."""
    box = recorded["parcel"]
    customs = recorded.get("customs_info", {"customs_items": []})
    values = {
        "reference": recorded.get("options", {}).get("invoice_number", "WH/OUT/1"),
        "idempotency_key": "key",
        "service": GROUND,
        "shipper": party(recorded["from_address"]),
        "consignee": party(recorded["to_address"]),
        "parcels": (
            Parcel(
                reference="PACK0001",
                weight=Mass(value=Decimal(str(box["weight"])), unit="oz"),
                dimensions=Dimensions(
                    length=box["length"],
                    width=box["width"],
                    height=box["height"],
                    unit="in",
                ),
                items=tuple(map(customs_item, customs["customs_items"])),
            ),
        ),
        "ship_date": dt.date(2025, 3, 7),
        "label_format": "ZPL",
        **changes,
    }
    return ShipmentRequest(**values)


def without(recorded, *names):
    return {name: value for name, value in recorded.items() if name not in names}


@pytest.fixture
def play(server):
    """``play(name)`` puts a recording behind the server."""

    def _play(name):
        server.answer = Recording(name, server.url)
        return server.answer

    return _play


def test_rates(server, play):
    recording = play("test_shipment_create")
    recorded = recording.body(0)["shipment"]
    quotes = easypost(server).rate(request_of(recorded, service=""))
    assert [
        (quote.service, quote.total.amount, quote.total.currency, quote.source)
        for quote in quotes
    ] == [
        ("USPS/GroundAdvantage", Decimal("6.07"), "USD", "USPS"),
        ("USPS/Priority", Decimal("7.42"), "USD", "USPS"),
        ("USPS/Express", Decimal("34.15"), "USD", "USPS"),
    ]
    # Three days are no date.
    assert {quote.promised_date for quote in quotes} == {None}
    (sent,) = recording.sent
    # Within a country nothing is declared, and labels are PDF or ZPL here.
    expected = without(recorded, "customs_info", "options", "reference")
    assert differences(expected, sent["shipment"]) == []
    assert sent["shipment"]["options"]["invoice_number"] == "123"


def test_a_declaration_is_written_as_recorded(play):
    recorded = play("test_shipment_create").body(0)["shipment"]
    request = request_of(recorded)
    shipper = request.shipper.model_copy(update={"name": "Steve Brule"})
    place = request.consignee.address.model_copy(update={"country": "MX"})
    consignee = request.consignee.model_copy(update={"address": place})
    abroad = request.model_copy(update={"shipper": shipper, "consignee": consignee})
    ((built,)) = build_shipments(abroad, [])
    declared = built["shipment"]["customs_info"]
    assert differences(recorded["customs_info"], declared) == []


def test_a_purchase_in_two_steps_with_its_label_converted(server, play):
    recording = play("test_shipment_convert_label")
    adapter = easypost(server)
    request = request_of(recording.body(0)["shipment"])
    remote_id = adapter.prepare(request)
    assert remote_id == "shp_5f25253b03cd4bd18d27f49763f2433b"
    kept = adapter.book(request.model_copy(update={"remote_id": remote_id}))
    assert recording.is_over
    assert differences(recording.body(1), recording.sent[1]) == []
    booked = adapter.parse_booking(kept)
    assert (booked.remote_id, booked.service) == (remote_id, GROUND)
    (label,) = booked.labels
    assert (label.parcel_reference, label.tracking_number) == (
        "PACK0001",
        "9400100208303109505664",
    )
    assert (label.label.mimetype, label.label.content) == ("application/zpl", FILE)
    assert [
        (charge.family, charge.raw_code, charge.money.amount)
        for charge in booked.charges
    ] == [("freight", "PostageFee", Decimal("6.07000"))]


def test_the_price_of_the_service_is_what_is_bought(server, play):
    recording = play("test_shipment_buy")
    adapter = easypost(server)
    request = request_of(recording.body(0)["shipment"])
    request = request.model_copy(update={"remote_id": adapter.prepare(request)})
    kept = adapter.book(request)
    assert recording.is_over
    assert recording.sent[1] == recording.body(1)
    assert (
        differences(
            without(
                recording.body(0)["shipment"], "customs_info", "options", "reference"
            ),
            recording.sent[0]["shipment"],
        )
        == []
    )
    # That its label in ZPL was not recorded loses nothing of the purchase.
    assert "9400100208303109505657" in kept.decode()
    with pytest.raises(MalformedMessage, match="not recorded here"):
        adapter.parse_booking(kept)


def test_insurance_is_added_to_what_was_bought_without(server, play):
    recording = play("test_shipment_insure")
    recorded = recording.body(0)["shipment"]
    recording.starting_with(1)
    request = request_of(
        recorded,
        remote_id="shp_2b8295fe50f048baaaf8378ba1a4b629",
        insured_value=Money(amount="100", currency="USD"),
    )
    kept = json.loads(easypost(server).book(request))
    assert recording.is_over
    (sent,) = recording.sent
    assert Decimal(sent["amount"]) == Decimal(recording.body(1)["amount"])
    answer = kept["shipments"][0]["answer"].encode()
    shipment = messages_shipment.parse_shipment(answer)
    assert shipment.insurance == Decimal(100)
    assert [
        (charge.family, charge.money.amount)
        for charge in messages_shipment.charges(shipment)
    ] == [("freight", Decimal("6.07")), ("insurance", Decimal("1"))]


def test_what_was_created_and_not_bought_is_certainly_no_booking(server, play):
    recording = play("test_shipment_retrieve")
    adapter = easypost(server)
    remote_id = adapter.prepare(request_of(recording.body(0)["shipment"]))
    assert adapter.find_by_reference("key", remote_id) is None
    assert recording.is_over


def test_what_was_bought_is_found(server, play):
    play("test_shipment_convert_label").starting_with(3)
    adapter = easypost(server)
    found = adapter.find_by_reference("key", "shp_5f25253b03cd4bd18d27f49763f2433b")
    (label,) = adapter.parse_booking(found).labels
    assert label.tracking_number == "9400100208303109505664"
    assert (label.label.mimetype, label.label.content) == ("application/zpl", FILE)


def test_void(server, play):
    recording = play("test_shipment_refund").starting_with(1)
    easypost(server).void("shp_700d2963c43b4847883c955eeb846b13")
    assert recording.is_over
    assert recording.sent == [recording.body(1)]


def test_what_was_refunded_is_no_booking_any_more(server, play):
    play("test_shipment_refund").starting_with(2)
    adapter = easypost(server)
    remote_id = "shp_700d2963c43b4847883c955eeb846b13"
    assert adapter.find_by_reference("key", remote_id) is None


def pickup_request(recorded):
    return PickupRequest(
        reference="WH/PICKUP/1",
        place=party(recorded["address"]),
        date=dt.date(2025, 3, 8),
        ready=dt.time(9),
        close=dt.time(17),
        zone="America/Los_Angeles",
        remote_ids=(recorded["shipment"]["id"],),
        service=GROUND,
        parcel_count=1,
        weight=Mass(value=Decimal("15.4"), unit="oz"),
        instructions=recorded["instructions"],
    )


def test_pickup(server, play):
    recording = play("test_pickup_buy").starting_with(1)
    recorded = recording.body(1)["pickup"]
    pickup = easypost(server).pickup(pickup_request(recorded))
    assert recording.is_over
    created, bought = recording.sent
    # We say the hours, the recording only the day.
    times = ("min_datetime", "max_datetime")
    assert differences(without(recorded, *times), created["pickup"]) == []
    assert all(created["pickup"][name].startswith(recorded[name]) for name in times)
    assert bought == recording.body(2)
    assert pickup.remote_id == "pickup_97eb98f4c2004ede9f30e26ec4f63233"
    assert pickup.confirmation == "WTC65024896"
    assert pickup.begins_at == dt.datetime(2025, 3, 8, 17, tzinfo=dt.UTC)
    assert pickup.charges == ()


def test_the_offer_of_a_pickup(play):
    answer = json.dumps(play("test_pickup_create").answer(1)).encode()
    assert messages_handover.parse_pickup_offer(answer, GROUND) == (
        "pickup_3cafbbc9dae14281a0c76848a9419cb1",
        {"carrier": "USPS", "service": "NextDay"},
    )


def test_a_pickup_is_called_off(server, play):
    recording = play("test_pickup_cancel").starting_with(3)
    easypost(server).cancel_pickup("pickup_7a497566ff634331bdaffdfe4ab10103")
    assert recording.is_over
    assert recording.sent == [recording.body(3)]


def test_a_batch_is_filled_after_it_was_created(play):
    recording = play("test_batch_buy")
    created, bought = (json.dumps(recording.answer(i)).encode() for i in (0, 1))
    name = "batch_a3e18200e5104896874b4af64a3dde38"
    assert messages_handover.parse_batch(created) == (name, frozenset())
    assert messages_handover.parse_batch(bought) == (
        name,
        {"shp_fd3accc750604a3c9fa45e16b61af49b"},
    )
    assert set(messages_handover.build_batch(["shp_1"])) == set(
        play("test_batch_create").body(0)
    )


def test_the_list_for_the_driver(server, play):
    recording = play("test_scanform_create").starting_with(1)
    manifest = easypost(server).manifest(["shp_c1dd0ad87cfc4a038e632cb27d1d88a6"])
    assert recording.is_over
    assert recording.sent == [recording.body(1)]
    assert manifest.remote_id == "sf_8eeeea1e23b44a8388cbb85b12595f46"
    assert manifest.document.content == FILE


def test_tracking(server, play):
    recording = play("test_tracker_create")
    events = easypost(server).track(["EZ1000000001"])
    assert recording.sent == [recording.body(0)]
    assert [
        (event.code, event.raw_code, event.raw_text, event.zone) for event in events[:2]
    ] == [
        (
            Code.INFO_RECEIVED,
            "pre_transit/status_update",
            "Pre-Shipment Info Sent to USPS",
            Zone.CLAIMED,
        ),
        (
            Code.INFO_RECEIVED,
            "pre_transit/status_update",
            "Shipping Label Created",
            Zone.KNOWN,
        ),
    ]
    assert events[1].location.postal_code == "77063"
    assert events[1].occurred_at == dt.datetime(2025, 2, 7, 8, 25, 26, tzinfo=dt.UTC)
    assert [event.estimated_date for event in events] == [
        None,
        None,
        dt.date(2025, 3, 6),
    ]


def test_a_tracker_looked_at_again_tells_the_same(play):
    recording = play("test_tracker_retrieve")
    first, again = (
        messages_tracking.parse_tracker(
            json.dumps(recording.answer(position)).encode(), "easypost"
        )
        for position in (0, 1)
    )
    assert first == again


def test_an_address_that_does_not_exist(server, play):
    recording = play("test_address_create_verify").starting_with(1)
    recorded = recording.body(1)
    with pytest.raises(Refused, match="^Address not found$"):
        easypost(server).validate_address(address(recorded["address"]))
    (sent,) = recording.sent
    people = ("company", "email", "phone")
    assert differences(without(recorded["address"], *people), sent["address"]) == []
    assert sent["verify"] is recorded["verify"]


def test_the_words_of_a_failed_verification(server, play):
    recording = play("test_address_verify_invalid_address")
    server.answer = (422, {}, json.dumps(recording.answer(1)).encode())
    with pytest.raises(Refused) as raised:
        easypost(server).validate_address(Address(street="invalid", country="US"))
    assert str(raised.value) == (
        "Unable to verify address: Address not found; House number is missing "
        "(ADDRESS.VERIFY.FAILURE)"
    )


def test_an_address_without_a_verdict(server, play):
    play("test_address_verify_invalid_address")
    with pytest.raises(NotSupported):
        easypost(server).validate_address(Address(street="invalid", country="US"))


def test_a_suggestion_is_read_from_a_verified_address(server, play):
    """EasyPost verifies the addresses of a shipment that is bought, in the same form."""
    verified = play("test_shipment_buy").answer(1)["to_address"]
    server.answer = (201, {}, json.dumps(verified).encode())
    asked = Address(
        street="179 Harbor Drive",
        city="Redondo Beach",
        state="CA",
        postal_code="90277",
        country="US",
    )
    (found,) = easypost(server).validate_address(asked)
    assert (found.street, found.postal_code) == ("179 N HARBOR DR", "90277-2506")
    assert easypost(server).validate_address(found) == [found]
    good = asked.model_copy(update={"street": "179 N Harbor Dr"})
    assert easypost(server).validate_address(good) == [good]


def test_only_the_carrier_accounts_that_were_recorded(server, play):
    recording = play("test_shipment_refund")
    recorded = recording.body(0)["shipment"]
    (account,) = recorded["carrier_accounts"]
    easypost(server, carrier_accounts=account).prepare(request_of(recorded))
    (sent,) = recording.sent
    assert differences(without(recorded, *AT_ONCE), sent["shipment"]) == []
