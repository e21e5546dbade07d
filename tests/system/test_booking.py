"""Bought once: when a validation is rolled back, repeated by Odoo, or clicked twice.

The failures are real ones of PostgreSQL, raised by a trigger after the carrier was called.
"""

from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager

import pytest

from dev.client import ServerError
from dev.environment import databases
from dev.faults.booking_killed import let_time_pass
from dev.faults.world import World
from dev.polling import eventually

FOLLOWS_WITHIN = 60.0

# A sequence keeps counting through a rollback: so the trigger fails only the first time.
TRIGGER = """
CREATE SEQUENCE fault_times;
CREATE FUNCTION fault() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF nextval('fault_times') = 1 THEN
        RAISE EXCEPTION 'fault of the test' USING ERRCODE = '{code}';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER fault AFTER INSERT ON shipment_shipment
    DEFERRABLE INITIALLY {when} FOR EACH ROW EXECUTE FUNCTION fault();
"""
UNTRIGGER = """
DROP TRIGGER fault ON shipment_shipment;
DROP FUNCTION fault;
DROP SEQUENCE fault_times;
"""


@contextmanager
def failing(world: World, code: str, when: str):
    """The first shipment that is written raises a PostgreSQL error."""
    databases.execute(world.server.database, TRIGGER.format(code=code, when=when))
    try:
        yield
    finally:
        databases.execute(world.server.database, UNTRIGGER)


@pytest.fixture
def picking(world):
    """A delivery that is ready."""
    return world.deliveries(1)[0]


@pytest.fixture
def bought(world, simulator):
    """What the carrier sold for a delivery, and how often it was asked to."""

    def look(picking: int) -> list[dict]:
        return simulator.purchases(world.picking(picking)["name"])

    return look


def check_attached(world, picking, purchases):
    """One purchase, asked for once, and the delivery carries it."""
    assert [one["requests"] for one in purchases] == [1]
    assert not purchases[0]["voided"]
    values = world.picking(picking)
    assert values["state"] == "done"
    assert len(values["shipment_ids"]) == 1
    assert world.numbers([picking]) == purchases[0]["numbers"]


def test_a_validation_buys_once(world, picking, bought):
    world.validate([picking])
    check_attached(world, picking, bought(picking))


def test_a_validation_rolled_back_at_commit_and_repeated_buys_once(
    world, picking, bought
):
    with failing(world, code="P0001", when="DEFERRED"):
        with pytest.raises(ServerError, match="fault of the test"):
            world.validate([picking])
        after = world.picking(picking)
        assert (after["state"], after["shipment_ids"]) == ("assigned", [])
        assert len(bought(picking)) == 1
        world.validate([picking])
    check_attached(world, picking, bought(picking))


def test_a_serialization_retry_buys_once(world, picking, bought, rows):
    with failing(world, code="40001", when="IMMEDIATE"):
        world.validate([picking])
        tries = rows("SELECT last_value FROM fault_times;")
    assert tries == [["2"]], "Odoo repeated the request"
    check_attached(world, picking, bought(picking))


def test_two_clicks_at_once_buy_once(world, picking, bought, simulator):
    simulator.behave(before=0.5, after=0.5)

    def click(user: World) -> str:
        try:
            user.validate([picking])
        except ServerError as refusal:
            return str(refusal)
        return ""

    try:
        with ThreadPoolExecutor(2) as hands:
            said = list(hands.map(click, (world, World(world.server))))
    finally:
        simulator.behave(before=0, after=0)
    assert "" in said, f"one of the two succeeded: {said}"
    check_attached(world, picking, bought(picking))


def test_a_refusal_is_told_in_the_carriers_words_and_leaves_nothing(
    world, picking, bought
):
    partner = world.admin.read("stock.picking", picking, "partner_id")[0]["partner_id"][
        0
    ]
    spoilt = world.admin.create(
        "res.partner",
        name="SANDBOX-BOOK-REFUSE",
        parent_id=partner,
        type="delivery",
        street="1 rue de la République",
        city="Lyon",
        zip="69002",
        country_id=world.admin.search("res.country", [("code", "=", "FR")])[0],
    )
    world.admin.call("stock.picking", "write", [picking], {"partner_id": spoilt})
    with pytest.raises(ServerError, match="We do not deliver to this address"):
        world.validate([picking])
    assert bought(picking) == []
    after = world.picking(picking)
    assert (after["state"], after["shipment_ids"]) == ("assigned", [])
    world.admin.call("stock.picking", "write", [picking], {"partner_id": partner})
    world.validate([picking])
    check_attached(world, picking, bought(picking))


def test_an_answer_that_never_came_is_looked_up_and_not_bought_again(
    world, picking, bought, simulator
):
    account = world.admin.search("shipment.carrier.account", [])
    world.admin.call("shipment.carrier.account", "write", account, {"timeout": 1})
    simulator.behave(after=3)
    try:
        world.validate([picking])
        assert world.label_states([picking])["queued"] == [picking]
        simulator.behave(after=0)

        def has_label() -> bool:
            let_time_pass(world.server.database)
            return bool(world.numbers([picking]))

        eventually(has_label, "the label follows", FOLLOWS_WITHIN)
    finally:
        simulator.behave(after=0)
        world.admin.call("shipment.carrier.account", "write", account, {"timeout": 10})
    check_attached(world, picking, bought(picking))


def test_a_request_lost_with_its_server_is_looked_up(world, picking, bought, rows):
    """As after a crash before the answer was kept: requested, and nobody waits for it."""
    with failing(world, code="P0001", when="DEFERRED"):
        with pytest.raises(ServerError):
            world.validate([picking])
    rows(
        "UPDATE shipment_booking"
        " SET state = 'requested', answer = NULL, remote_id = NULL, numbers = NULL"
        " WHERE key = :'key';",
        key=bought(picking)[0]["key"],
    )
    with pytest.raises(ServerError, match="at this moment"):
        world.validate([picking])
    eventually(lambda: let_time_pass(world.server.database), "no job is at work")
    world.validate([picking])
    check_attached(world, picking, bought(picking))


def test_a_label_is_voided_once_at_the_carrier(world, picking, bought):
    world.validate([picking])
    world.admin.call("stock.picking", "cancel_shipment", [picking])
    assert [one["voided"] for one in bought(picking)] == [True]
    assert world.numbers([picking]) == []
