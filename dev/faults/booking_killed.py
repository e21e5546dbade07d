"""The server is killed while it books, and everything else goes wrong as well."""

import random
from collections import Counter
from concurrent.futures import Future, ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass, field
from threading import Event

import requests

from dev.client import ServerError
from dev.environment import databases, odoo
from dev.polling import NotSeen, eventually
from dev.simulator import Simulator

from .harness import Counts, Plan, holds, scenario
from .processes import http_workers, kill, kill_server
from .world import SECRET, World

# The carrier thinks before it buys and again before it answers, so that a kill may fall
# before the purchase, between purchase and answer, and after the answer.
THINKS = 0.25
LATEST = 1.2
# Until all is settled once the carrier works again, and for each delivery on top.
PATIENCE = 120.0
PATIENCE_EACH = 1.0
WHOLE_SERVER_EVERY = 5
# One kill meets so many deliveries.
TOGETHER = 3
# How often which trouble comes beside the kills. A slow answer comes after the time limit.
TROUBLE = {"resets": 0.05, "errors": 0.05, "garbage": 0.05, "slow": 0.05}
TIME_LIMIT = 2

# A request lost with its server counts as lost when its time is over; here it is over at
# once, and so is the time for which somebody has asked to be left alone.
TIME_PASSES = """
UPDATE shipment_booking SET asked_at = asked_at - interval '1 hour'
 WHERE state IN ('requested', 'answered', 'unknown');
DELETE FROM shipment_carrier_gate;
UPDATE queue_job SET eta = NULL WHERE state = 'pending' AND eta IS NOT NULL;
UPDATE shipment_booking_run_line
   SET due_at = NULL, write_date = write_date - interval '1 hour';
UPDATE stock_picking SET write_date = write_date - interval '1 hour'
 WHERE shipment_booking_state = 'queued';
NOTIFY queue_job, 'wake';
"""
AT_WORK = "SELECT count(*) FROM queue_job WHERE state IN ('enqueued', 'started');"

# Each hundredth or so write of a shipment is rolled back, or repeated by Odoo.
TROUBLED_DATABASE = """
CREATE FUNCTION fault_of_storm() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    IF random() < 0.05 THEN
        RAISE EXCEPTION 'a conflict of the storm' USING ERRCODE = '40001';
    ELSIF random() < 0.05 THEN
        RAISE EXCEPTION 'a failure of the storm' USING ERRCODE = '23514';
    END IF;
    RETURN NULL;
END $$;
CREATE CONSTRAINT TRIGGER fault_of_storm AFTER INSERT ON shipment_shipment
    DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION fault_of_storm();
"""
CALM_DATABASE = """
DROP TRIGGER fault_of_storm ON shipment_shipment;
DROP FUNCTION fault_of_storm;
"""


def let_time_pass(database: str) -> bool:
    """All that waits for its time is due, unless a job is at work; whether it is.

    A row changed under a job makes the job begin anew: called each second, this would keep one
    that lasts longer from ever ending.
    """
    if databases.execute(database, AT_WORK) != "0":
        return False
    databases.execute(database, TIME_PASSES)
    return True


@scenario("booking-killed", size=200)
def booking_killed(plan: Plan) -> Counts:
    """SIGKILL at random points of booking, at a carrier that can be asked (size: kills)."""
    return _storm(plan, lookup=True)


@scenario("booking-killed-blind", size=60)
def booking_killed_blind(plan: Plan) -> Counts:
    """As booking-killed, at a carrier that cannot say what became of it (size: kills)."""
    return _storm(plan, lookup=False)


@dataclass
class Storm:
    """What goes on while it lasts."""

    world: World
    carrier: Simulator
    rng: random.Random
    pickings: list[int]
    found: Counter = field(default_factory=Counter)
    _kills: int = 0

    def strike(self, group: list[int], whole: bool) -> None:
        """Let users do something to these deliveries, and kill meanwhile."""
        never = Event()
        act = self._book_in_bulk if self.rng.random() < 0.4 else self._validate
        with ThreadPoolExecutor(len(group)) as users:
            pressed: list[Future] = act(users, group)
            never.wait(self.rng.uniform(0.0, LATEST))
            if whole:
                kill_server(self.world.server)
            else:
                for pid in http_workers(self.world.server):
                    kill(pid)
            for one in pressed:
                one.result()
        self._kills += 1
        if whole:
            self.world.server.start()
        self.found.update(self._states())

    def _validate(self, users: ThreadPoolExecutor, group: list[int]) -> list[Future]:
        # Two users press Validate on the first one.
        return [
            users.submit(_press, self.world, "button_validate", [picking])
            for picking in [group[0], *group]
        ]

    def _book_in_bulk(
        self, users: ThreadPoolExecutor, group: list[int]
    ) -> list[Future]:
        self.world.validate_without_labels(group)
        return [users.submit(_press, self.world, "action_book_labels", group)]

    def _states(self) -> list[str]:
        """What a kill left behind: the states of bookings that are not settled."""
        told = databases.execute(
            self.world.server.database,
            "SELECT state FROM shipment_booking"
            " WHERE state NOT IN ('booked', 'voided', 'refused');",
        )
        return [f"found {state}" for state in told.splitlines()]

    def calm_down(self) -> None:
        """The carrier works again, time passes, and users try again until all is settled."""
        database = self.world.server.database
        databases.execute(database, CALM_DATABASE)
        self.carrier.behave(before=0.0, after=0.0, **dict.fromkeys(TROUBLE, 0.0))

        left: Counter = Counter()

        def is_settled() -> bool:
            let_time_pass(database)
            with suppress(requests.RequestException, ServerError):
                self.world.tidy_bookings()
                states = self.world.label_states(self.pickings)
                left.clear()
                left.update({state: len(ids) for state, ids in states.items()})
                for picking in states["to validate"]:
                    _press(self.world, "button_validate", [picking])
                if states["without label"]:
                    _press(self.world, "action_book_labels", states["without label"])
                return not any(states.values())
            return False

        try:
            eventually(
                is_settled,
                "every delivery has a label or an exception",
                PATIENCE + PATIENCE_EACH * len(self.pickings),
            )
        except NotSeen as trouble:
            raise NotSeen(f"{trouble}; still {dict(left)}") from None
        # What was bought for a validation that did not happen is voided when time passes.
        databases.execute(
            database,
            "UPDATE shipment_booking SET handed_at = handed_at - interval '1 day';",
        )
        self.world.tidy_bookings()


def _storm(plan: Plan, lookup: bool) -> Counts:
    with (
        databases.copied(plan.world, "booking") as database,
        Simulator(SECRET) as carrier,
        odoo.serving(database, name="booking", workers=5, channels="root:2") as server,
    ):
        world = World(server)
        world.speak_to(carrier, lookup=lookup, timeout=TIME_LIMIT)
        world.stock_up(plan.size * TOGETHER)
        pickings = world.deliveries(plan.size * TOGETHER)
        carrier.behave(
            before=THINKS,
            after=THINKS,
            slow_seconds=2.0 * TIME_LIMIT,
            seed=plan.rng.getrandbits(30),
            operations=["book"],
            **TROUBLE,
        )
        databases.execute(database, TROUBLED_DATABASE)
        storm = Storm(world, carrier, plan.rng, pickings)
        for number in range(plan.size):
            group = pickings[number * TOGETHER :][:TOGETHER]
            whole = number % WHOLE_SERVER_EVERY == WHOLE_SERVER_EVERY - 1
            storm.strike(group, whole)
        storm.calm_down()
        return {
            "kills": plan.size,
            "deliveries": len(pickings),
            **storm.found,
            **_check(storm, lookup),
        }


def _press(world: World, button: str, pickings: list[int]) -> bool:
    """Press a button; whether the server said yes."""
    with suppress(requests.RequestException, ServerError):
        world.admin.call("stock.picking", button, pickings)
        return True
    return False


def _check(storm: Storm, lookup: bool) -> Counts:
    """Each delivery has exactly one live label or an exception, and none is unknown to us."""
    purchases = storm.carrier.purchases()
    bookings = storm.world.bookings()
    counts: Counter = Counter()
    live: dict[str, list[dict]] = {}
    for bought in purchases:
        holds(bought["key"] in bookings, True, f"{bought['key']} is known to Odoo")
        if not bought["voided"]:
            live.setdefault(bought["reference"], []).append(bought)
    for picking in storm.world.labelled(storm.pickings):
        name = picking["name"]
        own = live.pop(name, [])
        holds(len(own) <= 1, True, f"at most one live label of {name}: {own}")
        numbers = own[0]["numbers"] if own else []
        if picking["numbers"]:
            holds(picking["numbers"], numbers, f"the label of {name}")
            counts["with a label"] += 1
            continue
        holds(picking["has_exception"], True, f"{name} without label has an exception")
        holds(picking["has_buttons"], True, f"the exception of {name} can be answered")
        counts["with an exception"] += 1
        counts["of them bought"] += len(own)
    holds(live, {}, "labels of deliveries that nobody knows")
    if lookup:
        holds(counts["with an exception"], 0, "exceptions, where all can be looked up")
    return {
        "purchases": len(purchases),
        "voided": sum(bought["voided"] for bought in purchases),
        "requests to buy": sum(bought["requests"] for bought in purchases),
        **counts,
    }
