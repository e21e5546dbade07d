"""The server is killed while it books, and the user presses Validate again."""

import random
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from threading import Event

import requests

from dev.client import ServerError
from dev.environment import databases, odoo
from dev.polling import eventually
from dev.simulator import Simulator

from .harness import Counts, Plan, holds, scenario
from .processes import http_workers, kill, kill_server
from .world import SECRET, World

# The carrier thinks before it buys and again before it answers, so that a kill may fall
# before the purchase, between purchase and answer, and after the answer.
THINKS = 0.25
LATEST = 1.2
PATIENCE = 120.0
WHOLE_SERVER_EVERY = 5

# A request lost with its server counts as lost when its time is over; here it is over at once.
TIME_PASSES = (
    "UPDATE shipment_booking SET asked_at = asked_at - interval '1 hour'"
    " WHERE state = 'requested';"
)


@scenario("booking-killed", size=20)
def booking_killed(plan: Plan) -> Counts:
    """SIGKILL while a delivery is booked, at a random moment (size: deliveries)."""
    with (
        databases.copied(plan.world, "booking") as database,
        Simulator(SECRET) as carrier,
        odoo.serving(database, name="booking", workers=3) as server,
    ):
        world = World(server)
        world.speak_to(carrier)
        carrier.behave(before=THINKS, after=THINKS)
        pickings = world.deliveries(plan.size)
        states: dict[str, int] = {}
        for number, picking in enumerate(pickings, 1):
            whole = plan.size >= WHOLE_SERVER_EVERY and not number % WHOLE_SERVER_EVERY
            _interrupt(world, picking, plan.rng, whole)
            state = _state_of_booking(database)
            states[f"found {state}"] = states.get(f"found {state}", 0) + 1
            _validate_again(world, picking)
        return {
            "deliveries": len(pickings),
            **states,
            **_check(world, carrier, pickings),
        }


def _interrupt(world: World, picking: int, rng: random.Random, whole: bool) -> None:
    """Validate, and kill while that is under way."""
    never = Event()
    with ThreadPoolExecutor(1) as user:
        pressed: Future = user.submit(_press, world, picking)
        never.wait(rng.uniform(0.0, LATEST))
        if whole:
            kill_server(world.server)
        else:
            for pid in http_workers(world.server):
                kill(pid)
        pressed.result()
    if whole:
        world.server.start()


def _press(world: World, picking: int) -> bool:
    """Press Validate; whether the server said yes."""
    with suppress(requests.RequestException, ServerError):
        world.validate([picking])
        return True
    return False


def _state_of_booking(database: str) -> str:
    """What the kill left behind: the state of the newest booking."""
    state = databases.execute(
        database,
        "SELECT state FROM shipment_booking ORDER BY id DESC LIMIT 1;",
    )
    return state or "nothing"


def _validate_again(world: World, picking: int) -> None:
    """Be the user who tries again until it is done."""

    def is_done() -> bool:
        databases.execute(world.server.database, TIME_PASSES)
        _press(world, picking)
        with suppress(requests.RequestException):
            return world.picking(picking)["state"] == "done"
        return False

    eventually(is_done, f"the delivery {picking} is done", PATIENCE)


def _check(world: World, carrier: Simulator, pickings: list[int]) -> Counts:
    """Each delivery was bought exactly once, and carries what was bought."""
    for picking in pickings:
        values = world.picking(picking)
        bought = [one for one in carrier.purchases(values["name"]) if not one["voided"]]
        holds(len(bought), 1, f"live labels of {values['name']}")
        holds(len(values["shipment_ids"]), 1, f"shipments of {values['name']}")
        holds(world.numbers([picking]), bought[0]["numbers"], "its tracking numbers")
    purchases = carrier.purchases()
    holds(len(purchases), len(pickings), "purchases, of which none was in vain")
    keys = ", ".join(f"'{one['key']}'" for one in purchases)
    booked = databases.execute(
        world.server.database,
        f"SELECT count(*) FROM shipment_booking WHERE state = 'booked' AND key IN ({keys});",
    )
    holds(int(booked), len(pickings), "bookings")
    return {
        "purchases": len(purchases),
        "requests to buy": sum(one["requests"] for one in purchases),
        "bookings": int(booked),
    }
