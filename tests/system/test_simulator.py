"""The carrier simulator sells, remembers and fails as the sandbox says."""

import datetime as dt
import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dev import plain_imports
from dev.simulator import Simulator, journeys

plain_imports.enable()

from odoo.addons.shipment_visibility.canonical.operations import (  # noqa: E402
    PickupRequest,
)
from odoo.addons.shipment_visibility.canonical.schema import (  # noqa: E402
    Address,
    Mass,
    Parcel,
    Party,
    ShipmentRequest,
)
from odoo.addons.shipment_visibility_carriers.adapters import (  # noqa: E402
    base,
    signature,
)
from odoo.addons.shipment_visibility_carriers.adapters.transport import (  # noqa: E402
    Transport,
)

START = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)


class Receiver(BaseHTTPRequestHandler):
    """Somebody who is posted webhooks, and checks their signature."""

    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        try:
            signature.scheme("hmac_sha256").verify(
                dict(self.headers), body, [self.server.secret], dt.datetime.now(dt.UTC)
            )
            status = 200 if self.path == "/token" else 404
        except signature.SignatureError:
            status = 401
        self.server.bodies.append(body)
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *_arguments):
        pass


@pytest.fixture(scope="module")
def carrier():
    with Simulator() as simulator:
        yield simulator


@pytest.fixture
def receiver(carrier):
    with ThreadingHTTPServer(("127.0.0.1", 0), Receiver) as server:
        server.secret, server.bodies = carrier.secret, []
        threading.Thread(target=server.serve_forever, daemon=True).start()
        server.url = f"http://127.0.0.1:{server.server_port}/token"
        yield server
        server.shutdown()


@pytest.fixture
def adapter(carrier):
    return speaking_to(carrier)


def speaking_to(carrier, timeout=10.0, **credentials):
    """The sandbox's adapter with this carrier at the other end."""
    adapter_class = base.adapter_class("sandbox")
    credentials = adapter_class.credentials_model(
        base_url=carrier.url, api_key="test", **credentials
    )
    return adapter_class(credentials, Transport(timeout=timeout))


def shipment(key, name="Émile Exemple"):
    """One parcel from Rotterdam to Lyon."""

    def party(name, city, code, country):
        address = Address(street="1 A", city=city, postal_code=code, country=country)
        return Party(name=name, address=address)

    return ShipmentRequest(
        reference=f"WH/OUT/{key}",
        idempotency_key=key,
        service="standard",
        shipper=party("Parcel Demo", "Rotterdam", "3072 AP", "NL"),
        consignee=party(name, "Lyon", "69002", "FR"),
        parcels=(Parcel(reference="1", weight=Mass(value=Decimal(2))),),
        ship_date=dt.date(2026, 1, 30),
        label_format="ZPL",
    )


def test_one_key_is_one_purchase_however_often_it_is_asked_for(carrier, adapter):
    first, second = (adapter.book(shipment("once")) for _turn in range(2))
    assert first == second == adapter.find_by_reference("once")
    (bought,) = carrier.purchases("WH/OUT/once")
    assert (bought["requests"], bought["voided"]) == (2, False)


def test_what_was_bought_since_a_time_is_listed_page_by_page(carrier, adapter):
    adapter.book(shipment("before"))
    since = dt.datetime.now(dt.UTC)
    keys = [f"listed-{number}" for number in range(4)]
    for key in keys:
        adapter.book(shipment(key, name=f"Consignee of {key}"))
    first = adapter.list_purchases(since)
    second = adapter.list_purchases(since, first.next_page)
    assert first.next_page and not second.next_page
    found = [*first.purchases, *second.purchases]
    assert [one.key for one in found] == keys
    assert found[0].reference == "WH/OUT/listed-0"
    assert found[0].consignee == "Consignee of listed-0"
    assert (found[0].postal_code, found[0].country) == ("69002", "FR")
    assert found[0].tracking_numbers and found[0].cost.currency == "EUR"


def test_a_carrier_that_forgets_keys_buys_again(carrier, adapter):
    carrier.behave(forgets_keys=True)
    try:
        booked = [
            adapter.parse_booking(adapter.book(shipment("forget"))) for _turn in "ab"
        ]
    finally:
        carrier.behave(forgets_keys=False)
    assert len({one.labels[0].tracking_number for one in booked}) == 2
    assert len(carrier.purchases("WH/OUT/forget")) == 2


def test_voiding_is_remembered_and_may_be_repeated(carrier, adapter):
    remote_id = adapter.parse_booking(adapter.book(shipment("void"))).remote_id
    for _turn in range(2):
        adapter.void(remote_id)
    assert [one["voided"] for one in carrier.purchases("WH/OUT/void")] == [True]


def test_what_was_never_bought_is_not_found(adapter):
    assert adapter.find_by_reference("never") is None
    with pytest.raises(base.Refused):
        adapter.void("shp_0123456789abcdef01234567")


@pytest.mark.parametrize(
    ("word", "error", "is_bought"),
    [
        ("REFUSE", base.Refused, False),
        ("DOWN", base.Unavailable, False),
        ("AUTH", base.AuthFailed, False),
        ("TIMEOUT", base.OutcomeUnknown, True),
        ("GARBAGE", base.MalformedMessage, True),
    ],
)
def test_trouble_on_request(carrier, word, error, is_bought):
    adapter = speaking_to(carrier, timeout=1)
    with pytest.raises(error):
        adapter.parse_booking(adapter.book(shipment(word, f"SANDBOX-{word}")))
    assert bool(adapter.find_by_reference(word)) is is_bought


def test_a_draft_is_bought_once_and_found_by_its_id(carrier):
    aggregator = speaking_to(carrier, two_step=True)
    draft = aggregator.prepare(shipment("draft"))
    assert aggregator.find_by_reference("draft", draft) is None
    request = shipment("draft").model_copy(update={"remote_id": draft})
    first, second = (aggregator.book(request) for _turn in range(2))
    assert first == second == aggregator.find_by_reference("draft", draft)
    (bought,) = carrier.purchases("WH/OUT/draft")
    assert (bought["draft"], bought["requests"]) == (draft, 2)
    unknown = request.model_copy(update={"remote_id": draft[::-1]})
    with pytest.raises(base.Refused, match="no draft"):
        aggregator.book(unknown)


def pickup(reference, **changes):
    """One parcel is fetched in Rotterdam."""
    return PickupRequest(
        reference=reference,
        place=shipment("x").shipper,
        date=dt.date(2026, 1, 30),
        ready=dt.time(14),
        close=dt.time(17),
        parcel_count=1,
        weight=Mass(value=Decimal(2)),
        **changes,
    )


def test_a_driver_is_ordered_once_and_called_off(carrier, adapter):
    first, second = (adapter.pickup(pickup("PICK/1")) for _turn in range(2))
    adapter.cancel_pickup(first.remote_id)
    (visit,) = carrier.pickups()
    assert first == second
    assert (visit["confirmation"], visit["requests"], visit["cancelled"]) == (
        first.confirmation,
        2,
        True,
    )
    with pytest.raises(base.Refused, match="no pickup"):
        adapter.cancel_pickup("pkp_0123456789abcdef01234567")


def test_a_shipment_is_on_one_list_at_most(carrier, adapter):
    one, two, gone = (
        adapter.parse_booking(adapter.book(shipment(f"list{name}"))).remote_id
        for name in ("1", "2", "3")
    )
    adapter.void(gone)
    manifest = adapter.manifest([one])
    assert adapter.manifest([one]) == manifest
    for wrong, words in (([one, two], "on a list already"), ([gone], "is cancelled")):
        with pytest.raises(base.Refused, match=words):
            adapter.manifest(wrong)
    (bought,) = carrier.purchases("WH/OUT/list1")
    assert bought["manifest"] == manifest.remote_id
    assert not carrier.purchases("WH/OUT/list2")[0]["manifest"]


@pytest.fixture
def luck(carrier):
    """The way to say what goes wrong by chance; afterwards nothing does."""
    yield carrier.behave
    carrier.behave(resets=0, errors=0, garbage=0, slow=0, operations=[], latency=0)


def outcomes(carrier, prefix, turns=24):
    """Whether each purchase was answered, or by which error, and whether it was made."""
    adapter, found = speaking_to(carrier), []
    for turn in range(turns):
        try:
            adapter.parse_booking(adapter.book(shipment(f"{prefix}{turn}")))
            found.append("answered")
        except base.CarrierError as error:
            found.append(type(error).__name__)
    made = [bool(carrier.purchases(f"WH/OUT/{prefix}{turn}")) for turn in range(turns)]
    return list(zip(found, made, strict=True))


def test_trouble_by_chance_comes_again_with_its_seed(carrier, luck):
    shares = {"resets": 0.3, "errors": 0.2, "garbage": 0.2, "slow_seconds": 0}
    luck(seed=7, operations=["book"], **shares)
    first = outcomes(carrier, "a")
    luck(seed=7)
    assert outcomes(carrier, "b") == first
    luck(seed=8)
    assert outcomes(carrier, "c") != first
    assert set(first) == {
        ("answered", True),
        ("OutcomeUnknown", True),
        ("OutcomeUnknown", False),
        ("MalformedMessage", True),
    }


def test_trouble_by_chance_is_kept_to_its_operations(carrier, adapter, luck):
    luck(resets=1, operations=["book"])
    assert adapter.rate(shipment("kept"))
    with pytest.raises(base.OutcomeUnknown, match="broke off"):
        adapter.book(shipment("kept"))


def test_a_slow_answer_comes_after_the_purchase(carrier, luck):
    luck(slow=1, slow_seconds=0.5)
    with pytest.raises(base.OutcomeUnknown, match="in time"):
        speaking_to(carrier, timeout=0.1).book(shipment("slow"))
    assert len(carrier.purchases("WH/OUT/slow")) == 1


def test_every_answer_takes_its_time(carrier, luck):
    luck(latency=0.5)
    with pytest.raises(base.Unavailable, match="in time"):
        speaking_to(carrier, timeout=0.1).rate(shipment("late"))
    assert speaking_to(carrier).rate(shipment("late"))


def test_webhooks_are_signed_and_the_carrier_tracks_what_they_told(
    carrier, adapter, receiver
):
    statuses = carrier.journey(
        receiver.url, ["SBX1"], "delivered", signer="É. X", start=START.isoformat()
    )
    assert statuses == [200] * len(journeys.JOURNEYS["delivered"])
    posted = [
        event for body in receiver.bodies for event in adapter.parse_webhook(body, {})
    ]
    assert posted == list(adapter.track(["SBX1"]))
    assert posted[0].occurred_at == START
    assert (posted[-1].signer, bool(posted[-1].photo_url)) == ("É. X", True)


def test_messages_come_out_of_order_and_twice_on_request(carrier, receiver):
    carrier.journey(receiver.url, ["SBX2"], "delivered", shuffled=True, duplicated=True)
    in_order = list(journeys.messages(journeys.events("delivered", "SBX2", START)))
    sent = [body[: body.index(b'"type"')] for body in receiver.bodies]
    once = [body[: body.index(b'"type"')] for body in in_order]
    assert set(sent) == set(once)
    assert len(sent) > len(once)
    assert sent[: len(once)] != once


@pytest.mark.parametrize(
    ("option", "status"), [({"forged": True}, 401), ({"wrong_token": True}, 404)]
)
def test_bad_webhooks_on_request(carrier, receiver, option, status):
    statuses = carrier.journey(receiver.url, ["SBX3"], "in_transit", **option)
    assert set(statuses) == {status}


def test_every_journey_is_documented_to_the_adapter(adapter):
    for name in journeys.JOURNEYS:
        body = journeys.message(journeys.events(name, "SBX4", START), name)
        codes = [event.code.value for event in adapter.parse_webhook(body, {})]
        assert len(codes) == len(journeys.JOURNEYS[name])
        assert "unknown" not in codes


def test_it_ends_with_the_block():
    with Simulator() as carrier:
        process = carrier.process
    assert process.returncode == 0
