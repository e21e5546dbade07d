"""From a carrier's webhook to another system: signed, in order, tried again, ended by 410."""

import base64
import datetime as dt
import hashlib
import hmac
import json
import threading
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest

from dev import shell
from dev.environment import databases
from dev.polling import eventually

# What a delivered parcel of the sandbox goes through.
TOLD = [
    "shipment.picked_up",
    "shipment.departed",
    "shipment.arrived",
    "shipment.at_destination",
    "shipment.out_for_delivery",
    "shipment.delivered",
]
# Five minutes, as the specification recommends to receivers.
TOLERANCE = 300

ROTATE = """
import io, logging
from odoo import fields
log = io.StringIO()
logging.getLogger().addHandler(logging.StreamHandler(log))
subscription = env["shipment.subscription"].browse(given["subscription"])
subscription.name  # our snapshot is from here on
with env.registry.cursor() as other:
    other.execute("UPDATE shipment_subscription SET failures = failures + 1")
try:
    subscription.action_new_secret()
    env.cr.commit()
    error = ""
except Exception as caught:
    error = type(caught).__name__
answer({"error": error, "log": log.getvalue()})
"""


class Receiver(ThreadingHTTPServer):
    """Another system, on loopback.

    :ivar answers: statuses, each used once; then it is 204.
    :ivar requests: ``(status answered, headers, body)`` in the order of their arrival.
    """

    daemon_threads = True

    def __init__(self):
        super().__init__(("127.0.0.1", 0), _Handler)
        self.answers = []
        self.requests = []

    @property
    def url(self):
        """Where it listens."""
        return f"http://127.0.0.1:{self.server_port}/events"

    def taken(self):
        """What it has answered 204 to."""
        return [(h, body) for status, h, body in self.requests if status == 204]


class _Handler(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        answers = self.server.answers
        status = answers.pop(0) if answers else 204
        self.server.requests.append((status, self.headers, body))
        self.send_response(status)
        self.send_header("Content-Length", "0")
        self.end_headers()

    def log_message(self, *args):
        """Override of http.server to keep quiet."""


@pytest.fixture
def receiver():
    with Receiver() as server:
        thread = threading.Thread(target=server.serve_forever, args=(0.02,))
        thread.start()
        yield server
        server.shutdown()
        thread.join()


@contextmanager
def subscribed(world, receiver, **values):
    """The id and the secret of a subscription, which the administrator then removes."""
    since = dt.datetime.now(dt.UTC) - dt.timedelta(days=20)
    subscription = world.admin.create(
        "shipment.subscription",
        name="Web shop",
        url=receiver.url,
        listens_since=since.strftime("%Y-%m-%d %H:%M:%S"),
        **values,
    )
    shown = world.admin.call(
        "shipment.subscription", "action_new_secret", [subscription]
    )
    try:
        yield subscription, shown["context"]["default_secret"]
    finally:
        world.admin.call("shipment.subscription", "unlink", [subscription])


def verified(headers, body, secret, now):
    """The message, if it is signed as the specification of Standard Webhooks has it."""
    signed_at = int(headers["webhook-timestamp"])
    assert abs(now.timestamp() - signed_at) < TOLERANCE
    content = b".".join([headers["webhook-id"].encode(), b"%d" % signed_at, body])
    key = base64.b64decode(secret.removeprefix("whsec_"))
    mac = hmac.new(key, content, hashlib.sha256).digest()
    expected = f"v1,{base64.b64encode(mac).decode()}"
    assert expected in headers["webhook-signature"].split(" ")
    assert headers["Content-Type"].startswith("application/cloudevents+json")
    message = json.loads(body)
    assert message["specversion"] == "1.0"
    assert message["id"] == headers["webhook-id"]
    return message


def states(rows, subscription):
    """How many messages of a subscription are in which state."""
    found = rows(
        "SELECT state, count(*) FROM shipment_outbox"
        " WHERE subscription_id = :'subscription'::integer GROUP BY state;",
        subscription=str(subscription),
    )
    return {state: int(count) for state, count in found}


def test_what_a_carrier_tells_is_told_on_signed_and_in_order_until_410(
    world, simulator, unused_numbers, receiver, rows
):
    first, second = next(unused_numbers), next(unused_numbers)
    receiver.answers = [500]
    with subscribed(world, receiver, allow_private_addresses=True) as (
        subscription,
        secret,
    ):
        assert set(simulator.journey(world.webhook_url, [first], "delivered")) == {200}
        eventually(lambda: len(receiver.taken()) >= len(TOLD), "all is told", 30)
        now = dt.datetime.now(dt.UTC)
        messages = [
            verified(headers, body, secret, now) for headers, body in receiver.taken()
        ]
        assert [message["type"] for message in messages] == TOLD
        assert {m["data"]["tracking_number"] for m in messages} == {first}
        times = [message["time"] for message in messages]
        assert times == sorted(times)
        # The one that was refused came again before any other, with its id and signed anew.
        refused, again = receiver.requests[0], receiver.requests[1]
        assert (refused[0], again[0]) == (500, 204)
        assert refused[2] == again[2]
        assert refused[1]["webhook-id"] == again[1]["webhook-id"]
        assert refused[1]["webhook-timestamp"] != again[1]["webhook-timestamp"]
        assert len({headers["webhook-id"] for headers, _body in receiver.taken()}) == 6
        eventually(
            lambda: states(rows, subscription) == {"sent": len(TOLD)}, "all is sent"
        )

        receiver.requests.clear()
        receiver.answers = [410]
        simulator.journey(world.webhook_url, [second], "delivered")
        eventually(
            lambda: (
                rows(
                    "SELECT status FROM shipment_subscription"
                    " WHERE id = :'subscription'::integer;",
                    subscription=str(subscription),
                )
                == [["disabled"]]
            ),
            "it is disabled",
            20,
        )
        assert [status for status, _headers, _body in receiver.requests] == [410]
        told = states(rows, subscription)
        assert told.pop("sent") == len(TOLD)
        assert set(told) <= {"given_up", "waiting"}


def test_a_private_address_gets_nothing_unless_it_is_allowed(
    world, simulator, number, receiver, rows
):
    with subscribed(world, receiver, allow_private_addresses=True) as (subscription, _):
        rows(
            "UPDATE shipment_subscription SET allow_private_addresses = false,"
            " url = replace(url, 'http:', 'https:')"
            " WHERE id = :'subscription'::integer;",
            subscription=str(subscription),
        )
        simulator.journey(world.webhook_url, [number], "in_transit")
        reason = eventually(
            lambda: rows(
                "SELECT reason FROM shipment_outbox WHERE reason IS NOT NULL"
                " AND subscription_id = :'subscription'::integer;",
                subscription=str(subscription),
            ),
            "it has been tried",
        )
    assert "not allowed" in reason[0][0] or "private network" in reason[0][0]
    assert not receiver.requests


def test_a_secret_is_not_logged_when_somebody_else_writes_at_the_same_time(
    world_database,
):
    """Odoo logs a statement that fails, with all its values."""
    with databases.copied(world_database, "system_rotation") as database:
        subscription = databases.execute(
            database,
            "INSERT INTO shipment_subscription (name, url, company_id, active, status,"
            " max_age_days) SELECT 'Shop', 'https://shop.example.com/', min(id), true,"
            " 'working', 30 FROM res_company RETURNING id;",
        ).splitlines()[0]
        told = shell.run(database, ROTATE, subscription=int(subscription))
    assert told["error"] == "SerializationFailure", "Odoo makes the request again"
    assert "could not serialize" in told["log"]
    assert "whsec_" not in told["log"]
