"""The same event at the same time, and two drains at once, in processes that really compete."""

import base64
import datetime as dt
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import psycopg2
import pytest
import requests

from dev import shell
from dev.environment import databases, postgres
from dev.faults.told import SNAPSHOT
from dev.faults.world import SECRET
from dev.polling import eventually
from dev.simulator import journeys, webhooks

TIMES = 20
START = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)
# Both drains begin when the test gives up the lock that they ask for.
GATE = 4711

DRAIN = """
env.cr.execute("SELECT pg_advisory_lock_shared(%s)", [given["gate"]])
env.cr.rollback()
while env["shipment.webhook.drain"]._drain_batch():
    pass
# What was drained was committed beside this transaction, and after it began.
env.cr.rollback()
env.invalidate_all()
answer(None)
"""


@contextmanager
def connected(database):
    """A connection of the test's own."""
    settings = postgres.connection()
    connection = psycopg2.connect(
        host=settings["PGHOST"],
        port=settings["PGPORT"],
        user=settings["PGUSER"],
        password=settings.get("PGPASSWORD"),
        dbname=database,
    )
    connection.autocommit = True
    try:
        yield connection.cursor()
    finally:
        connection.close()


def post_all(url: str, bodies: list[bytes]) -> Counter:
    """Post all bodies at the same time; how often which status came back."""

    def one(body: bytes) -> int:
        with requests.Session() as session:
            return webhooks.post(session, url, body, SECRET)

    with ThreadPoolExecutor(len(bodies)) as senders:
        return Counter(senders.map(one, bodies))


@pytest.fixture
def event(number):
    """Something that happens to a parcel."""
    return journeys.events("in_transit", number, START)[0]


def test_one_message_sent_20_times_at_once_is_stored_once(world, rows, event):
    body = journeys.message([event], f"same {event['event_id']}")
    assert post_all(world.webhook_url, [body] * TIMES) == {200: TIMES}
    stored = rows(
        "SELECT count(*) FROM shipment_webhook_receipt WHERE digest ="
        " encode(sha256(convert_to(:'body', 'UTF8')), 'hex');",
        body=body.decode(),
    )
    assert stored == [["1"]]


def test_one_event_in_20_messages_at_once_is_one_milestone(world, rows, event, number):
    bodies = [journeys.message([event], f"message {turn}") for turn in range(TIMES)]
    assert post_all(world.webhook_url, bodies) == {200: TIMES}
    count = "SELECT count(*) FROM shipment_milestone WHERE tracking_number = :'number'"
    eventually(
        lambda: (
            not rows(
                "SELECT 1 FROM shipment_webhook_receipt WHERE state = 'received' LIMIT 1;"
            )
        ),
        "all receipts are processed",
    )
    assert rows(f"{count} AND source = 'webhook';", number=number) == [["1"]]


def test_two_drains_at_once_tell_what_one_tells(world_database):
    """Two processes drain the same receipts; a third database is drained by one."""
    with (
        databases.copied(world_database, "system_two") as two,
        databases.copied(world_database, "system_one") as one,
    ):
        for database in (one, two):
            _store(database, _bodies(database))
        with connected(two) as cursor:
            cursor.execute("SELECT pg_advisory_lock(%s)", [GATE])
            drains = [shell.Script(two, DRAIN, gate=GATE) for _number in range(2)]
            alone = shell.Script(one, DRAIN + SNAPSHOT, gate=GATE)
            eventually(lambda: _waiting_at_gate(cursor) == 2, "both drains are ready")
            cursor.execute("SELECT pg_advisory_unlock(%s)", [GATE])
            for drain in drains:
                drain.result()
            cursor.execute(
                "SELECT state, count(*) FROM shipment_webhook_receipt GROUP BY state"
            )
            assert cursor.fetchall() == [("done", len(_bodies(two)))]
        assert shell.run(two, SNAPSHOT) == alone.result()


def _waiting_at_gate(cursor) -> int:
    cursor.execute(
        "SELECT count(*) FROM pg_locks WHERE locktype = 'advisory' AND objid = %s"
        " AND NOT granted",
        [GATE],
    )
    return cursor.fetchone()[0]


def _bodies(database: str) -> list[bytes]:
    numbers = databases.execute(
        database, "SELECT tracking_number FROM shipment_package ORDER BY id;"
    )
    return [
        journeys.message([event], f"{turn} {event['event_id']}")
        for turn in range(4)
        for number in numbers.splitlines()
        for event in journeys.events("delivered", number, START)
    ]


def _store(database: str, bodies: list[bytes]) -> None:
    """Put receipts where the route puts them, without a server."""
    with connected(database) as cursor:
        cursor.execute("SELECT id FROM shipment_webhook_endpoint LIMIT 1")
        endpoint = cursor.fetchone()[0]
        for body in bodies:
            encoded = base64.b64encode(body)
            cursor.execute(
                "INSERT INTO shipment_webhook_receipt"
                " (endpoint_id, digest, body, state, attempts, due_at)"
                " VALUES (%s, md5(%s), %s, 'received', 0, now() AT TIME ZONE 'UTC')",
                [endpoint, encoded.decode(), encoded],
            )
