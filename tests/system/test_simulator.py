"""The carrier simulator sells, remembers and fails as the sandbox says."""

import datetime as dt
import threading
from decimal import Decimal
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dev import plain_imports
from dev.simulator import Simulator, journeys

plain_imports.enable()

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


def speaking_to(carrier, timeout=10.0):
    """The sandbox's adapter with this carrier at the other end."""
    adapter_class = base.adapter_class("sandbox")
    credentials = adapter_class.credentials_model(base_url=carrier.url, api_key="test")
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
