"""Drivers and lists are asked for once: two clicks at once, and a commit that fails.

The failures are real ones of PostgreSQL, raised by a trigger after the carrier was called.
"""

import datetime as dt
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from dev.client import ServerError
from dev.environment import databases
from dev.faults.world import World

# A sequence keeps counting through a rollback: so the trigger fails only the first time.
TRIGGER = """
CREATE SEQUENCE handover_times;
CREATE FUNCTION handover_fault() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF NEW.state = 'confirmed' AND nextval('handover_times') = 1 THEN
        RAISE EXCEPTION 'fault of the test' USING ERRCODE = '40001';
    END IF;
    RETURN NEW;
END $$;
CREATE TRIGGER handover_fault BEFORE UPDATE ON shipment_pickup
    FOR EACH ROW EXECUTE FUNCTION handover_fault();
"""
UNTRIGGER = """
DROP TRIGGER handover_fault ON shipment_pickup;
DROP FUNCTION handover_fault;
DROP SEQUENCE handover_times;
"""
NOBODY_WAITS = (
    "UPDATE shipment_pickup SET asked_at = asked_at - interval '1 hour'"
    " WHERE state = 'requested';"
)


@contextmanager
def failing(world: World):
    """The first answer about a pickup that is kept raises a PostgreSQL error."""
    databases.execute(world.server.database, TRIGGER)
    try:
        yield
    finally:
        databases.execute(world.server.database, UNTRIGGER)


@pytest.fixture
def shipment(world):
    """A shipment that waits for a driver."""
    (picking,) = world.deliveries(1)
    world.validate([picking])
    return world.picking(picking)["shipment_ids"][0]


def monday() -> str:
    """A day on which drivers work."""
    today = dt.datetime.now(dt.UTC).date()
    return str(today + dt.timedelta(days=7 - today.weekday()))


@pytest.fixture
def pickup(world, shipment):
    """A pickup that is drafted, at an hour of its own."""
    drafted = world.admin.call(
        "shipment.shipment", "action_request_pickup", [shipment]
    )["res_id"]
    # No other test's driver comes at the same time.
    hours = {"ready_hour": 6 + drafted % 10, "close_hour": 18 + drafted % 5}
    world.admin.call("shipment.pickup", "write", [drafted], {"date": monday(), **hours})
    return drafted


def read(world, model, record, *names):
    return world.admin.read(model, record, *names)[0]


def clicked(world, model, method, record):
    """What two users are answered who click at the same moment, errors as text."""

    def click(user: World):
        try:
            return user.admin.call(model, method, [record])
        except ServerError as refusal:
            return str(refusal)

    with ThreadPoolExecutor(2) as hands:
        return list(hands.map(click, (world, World(world.server))))


def test_two_clicks_at_once_order_one_driver(world, pickup, simulator):
    simulator.behave(before=0.5, after=0.5)
    try:
        said = clicked(world, "shipment.pickup", "action_request", pickup)
    finally:
        simulator.behave(before=0, after=0)
    assert any(answer is False for answer in said), f"one of the two succeeded: {said}"
    values = read(world, "shipment.pickup", pickup, "state", "key", "confirmation")
    (ordered,) = (one for one in simulator.pickups() if one["key"] == values["key"])
    assert values["state"] == "confirmed"
    assert values["confirmation"] == ordered["confirmation"]
    assert ordered["requests"] == 1
    world.admin.call("shipment.pickup", "action_cancel", [pickup])
    (called_off,) = (one for one in simulator.pickups() if one["key"] == values["key"])
    assert called_off["cancelled"]


def test_an_answer_that_cannot_be_kept_orders_no_second_driver(
    world, pickup, simulator, rows
):
    before = len(simulator.pickups())
    with failing(world):
        with pytest.raises(ServerError, match="at this moment"):
            world.admin.call("shipment.pickup", "action_request", [pickup])
        tries = rows("SELECT last_value, is_called FROM handover_times;")
    assert tries == [["1", "t"]], "the fault has happened"
    rows(NOBODY_WAITS)
    world.admin.call("ir.cron", "method_direct_trigger", tidy_cron(world))
    values = read(world, "shipment.pickup", pickup, "state", "key")
    assert values["state"] == "unknown"
    with pytest.raises(ServerError, match="not known whether"):
        world.admin.call("shipment.pickup", "action_request", [pickup])
    assert len(simulator.pickups()) == before + 1
    assert simulator.pickups()[-1]["requests"] == 1


def tidy_cron(world):
    return world.admin.search(
        "ir.cron", [("cron_name", "=", "Shipments: tidy bookings nobody claims")]
    )


def test_two_clicks_at_once_close_one_list(world, shipment, simulator):
    world.admin.call("shipment.manifest", "action_close_the_day")
    manifest = read(world, "shipment.shipment", shipment, "manifest_ids")[
        "manifest_ids"
    ][0]
    # The other tests' shipments were booked at another carrier.
    world.admin.call(
        "shipment.manifest", "write", [manifest], {"shipment_ids": [(6, 0, [shipment])]}
    )
    simulator.behave(latency=0.5)
    try:
        said = clicked(world, "shipment.manifest", "action_close", manifest)
    finally:
        simulator.behave(latency=0)
    files = [answer["url"] for answer in said if isinstance(answer, dict)]
    assert f"/shipment/manifests/{manifest}" in files, f"one got the file: {said}"
    values = read(world, "shipment.manifest", manifest, "state", "attempt", "remote_id")
    assert (values["state"], values["attempt"]) == ("confirmed", 1)
    assert values["remote_id"] in {one["manifest"] for one in simulator.purchases()}
    assert world.admin.get(files[0]).content.startswith(b"%PDF")


def test_a_user_is_told_at_once_what_the_carrier_said(world, pickup):
    world.admin.call(
        "shipment.pickup", "write", [pickup], {"instructions": "SANDBOX-PICKUP-REFUSE"}
    )
    told = world.admin.call("shipment.pickup", "action_request", [pickup])
    assert "do not deliver to this address" in told["params"]["message"]
    assert read(world, "shipment.pickup", pickup, "state")["state"] == "refused"
