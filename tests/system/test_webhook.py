"""Signed, forged, unknown, oversized and malformed webhooks, over real HTTP."""

import datetime as dt
import http.client
import json
import socket
from contextlib import closing

import pytest
import requests

from dev.faults.world import SECRET
from dev.polling import eventually
from dev.simulator import journeys, webhooks

MAX_BODY_BYTES = 2 * 1024 * 1024


@pytest.fixture
def receipts(rows):
    """How many receipts there are."""
    return lambda: int(rows("SELECT count(*) FROM shipment_webhook_receipt;")[0][0])


@pytest.fixture
def receipt(rows):
    """State, class and reason of the receipt that holds a text, when it is decided."""

    def look(text: str) -> list[str]:
        found = rows(
            "SELECT state, failure, reason FROM shipment_webhook_receipt"
            # Other messages need not be text at all.
            " WHERE position(convert_to(:'text', 'UTF8')"
            " IN decode(convert_from(body, 'UTF8'), 'base64')) > 0"
            " AND state != 'received';",
            text=text,
        )
        return found[0] if found else []

    return look


def post(url: str, body: bytes, secret: str = SECRET, **headers: str) -> int:
    """Post a signed body; the status of the answer."""
    signed = webhooks.signed(body, secret)
    return requests.post(
        url,
        data=body,
        headers={"Content-Type": "application/json", **signed, **headers},
        timeout=30,
    ).status_code


def headline(world, number: str) -> dict:
    """What the shipment of this number shows."""
    return world.admin.find(
        "shipment.shipment",
        [("package_ids.tracking_number", "=", number)],
        *("headline", "signer", "phase", "delivered_at"),
    )[0]


def test_a_journey_is_told_whatever_its_order_and_repetitions(world, simulator, number):
    statuses = simulator.journey(
        world.webhook_url,
        [number],
        "delivered",
        signer="R. Exemple",
        shuffled=True,
        duplicated=True,
    )
    assert set(statuses) == {200}
    shown = eventually(
        lambda: (now := headline(world, number))["headline"] == "delivered" and now,
        "the shipment is delivered",
    )
    assert shown["signer"] == "R. Exemple"
    assert shown["phase"] == "outcome"
    told = world.admin.find(
        "shipment.milestone",
        [("tracking_number", "=", number), ("source", "=", "webhook")],
        "code",
    )
    assert len(told) == len(journeys.JOURNEYS["delivered"])


def test_a_forged_signature_is_401_and_stores_nothing(
    world, simulator, number, receipts
):
    before = receipts()
    statuses = simulator.journey(world.webhook_url, [number], "delivered", forged=True)
    assert set(statuses) == {401}
    assert receipts() == before
    assert headline(world, number)["headline"] == "info_received"


def test_a_body_changed_after_signing_is_401(world, receipts):
    before = receipts()
    headers = webhooks.signed(b'{"amount": 1}', SECRET)
    answer = requests.post(
        world.webhook_url, data=b'{"amount": 9}', headers=headers, timeout=30
    )
    assert answer.status_code == 401
    assert receipts() == before


def test_no_signature_is_401(world):
    answer = requests.post(world.webhook_url, data=b"{}", timeout=30)
    assert answer.status_code == 401


def test_an_unknown_token_is_404(world, simulator, number, receipts):
    before = receipts()
    statuses = simulator.journey(
        world.webhook_url, [number], "delivered", wrong_token=True
    )
    assert set(statuses) == {404}
    assert receipts() == before


def test_an_oversized_body_is_413(world, receipts):
    before = receipts()
    assert post(world.webhook_url, b"x" * (MAX_BODY_BYTES + 1)) == 413
    assert receipts() == before


def test_a_message_in_chunks_is_stored_whole(world, receipts):
    before = receipts()
    body = b'{"id": "in chunks", "padding": "' + b"x" * 100_000 + b'"}'
    chunks = (body[start : start + 999] for start in range(0, len(body), 999))
    headers = webhooks.signed(body, SECRET)
    answer = requests.post(world.webhook_url, chunks, headers=headers, timeout=30)
    assert answer.status_code == 200
    assert receipts() == before + 1


def test_a_chunk_that_ends_before_its_length_is_400(world, receipts):
    """Werkzeug's reader tells more bytes than it has then: the rest is anybody's memory."""
    before = receipts()
    with closing(http.client.HTTPConnection("127.0.0.1", world.server.port)) as sender:
        sender.putrequest("POST", world.webhook_url.removeprefix(world.server.url))
        sender.putheader("Transfer-Encoding", "chunked")
        sender.endheaders(b"f" * 200 + b"\r\n" + b"x" * 200)
        sender.sock.shutdown(socket.SHUT_WR)
        assert sender.getresponse().status == 400
    assert receipts() == before


@pytest.mark.parametrize(
    ("body", "named"),
    [
        (b"malformed-not-json", ""),
        (b'["malformed-list"]', ""),
        (
            json.dumps({"id": "malformed-type", "type": "x", "events": []}).encode(),
            "type",
        ),
        (
            json.dumps(
                {"id": "malformed-ev", "type": "tracking.updated", "events": [{"a": 1}]}
            ).encode(),
            "events.0.tracking_number",
        ),
    ],
)
def test_a_body_that_is_not_documented_is_stored_and_dead_lettered(
    world, receipt, body, named
):
    assert post(world.webhook_url, body) == 200
    mark = body.decode().split("malformed", 1)[1].split('"')[0]
    state, failure, reason = eventually(
        lambda: receipt(f"malformed{mark}"), "the receipt is decided"
    )
    assert (state, failure) == ("dead", "malformed")
    assert reason and named in reason


def test_a_form_encoded_body_is_verified_over_its_bytes(world, receipts):
    before = receipts()
    body = b"form=1&token=other&x=%ff"
    content_type = {"Content-Type": "application/x-www-form-urlencoded"}
    assert post(world.webhook_url, body, **content_type) == 200
    assert post(world.webhook_url, body, secret="other", **content_type) == 401
    assert receipts() == before + 1


def test_an_unknown_number_is_a_success_and_waits(world, simulator, rows):
    number = "SBX9999999999999999"
    statuses = simulator.journey(world.webhook_url, [number], "in_transit")
    assert set(statuses) == {200}
    parked = "SELECT count(*) FROM shipment_milestone WHERE tracking_number = :'number'"
    expected = str(len(journeys.JOURNEYS["in_transit"]))
    eventually(
        lambda: (
            rows(f"{parked} AND shipment_id IS NULL;", number=number)[0][0] == expected
        ),
        "the events are parked",
    )


def test_a_code_nobody_knows_is_unknown_and_counted(world, number, rows):
    event = journeys.events("in_transit", number, _now())[0]
    body = journeys.message(
        [event | {"code": "ZZZ", "event_id": f"odd {number}"}], f"odd {number}"
    )
    assert post(world.webhook_url, body) == 200
    eventually(
        lambda: rows("SELECT 1 FROM shipment_mapping_gap WHERE raw_code = 'ZZZ';"),
        "the gap is counted",
    )
    assert headline(world, number)["headline"] == "info_received"


def _now():

    return dt.datetime.now(dt.UTC)
