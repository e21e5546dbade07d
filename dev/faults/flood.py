"""More messages than anybody reads, in no order, much of it twice, some of it poison."""

from pathlib import Path
from tempfile import NamedTemporaryFile

from dev import shell
from dev.environment import databases, odoo

from .barrage import Barrage
from .harness import Counts, Plan, holds, scenario
from .messages import numbers_under_way, travel
from .outcome import equal_to_sequential, happened_once, settle, two_worlds
from .world import World

# So many different messages there are about a parcel, on average.
PER_PARCEL = 7.2
# One in so many comes through the door; the others are put where the door puts them.
POSTED_EVERY = 20
# Of the clean run, which would take an hour one by one.
CLEAN_BATCH = 200
LIMIT = 3600.0

STORE = """
receipts = env["shipment.webhook.receipt"]
endpoint = env["shipment.webhook.endpoint"].search([], limit=1)
with open(given["file"], "rb") as file:
    for number, line in enumerate(file):
        new, drain_waits = receipts._store(endpoint.id, line.rstrip(b"\\n"), {})
        if new and not drain_waits:
            env["shipment.webhook.drain"]._wake()
        env.cr.commit()
answer(number + 1)
"""
# Pairs of drains that had messages at the same time.
SIDE_BY_SIDE = """
SELECT count(*)
  FROM queue_job one
  JOIN queue_job other ON one.id < other.id
   AND one.date_started < other.date_done AND other.date_started < one.date_done
 WHERE one.method_name = '_job_drain' AND other.method_name = '_job_drain'
   AND one.result NOT LIKE '0 %' AND other.result NOT LIKE '0 %';
"""


@scenario("flood", size=100_000)
def flood(plan: Plan) -> Counts:
    """Shuffled, duplicated receipts, a poisoned one in each hundred (size: receipts)."""
    parcels = int(plan.size / PER_PARCEL)
    with two_worlds(plan, more=parcels) as (disturbed, sequential):
        messages = travel(plan.rng, numbers_under_way(disturbed)[:parcels])
        with odoo.serving(disturbed, name="flood", workers=4) as server:
            world = World(server)
            _send(world, messages.bodies)
            ends = settle(world, messages)
            effects = happened_once(disturbed, messages)
        return {
            "receipts": messages.distinct,
            "pairs of drains side by side": int(
                databases.execute(disturbed, SIDE_BY_SIDE)
            ),
            **ends,
            **effects,
            **equal_to_sequential(messages, disturbed, sequential, CLEAN_BATCH),
        }


def _send(world: World, bodies: list[bytes]) -> None:
    """Have all of them stored while they are drained."""
    posted = bodies[::POSTED_EVERY]
    others = [body for turn, body in enumerate(bodies) if turn % POSTED_EVERY]
    with NamedTemporaryFile(suffix=".messages") as file:
        Path(file.name).write_bytes(b"\n".join(others))
        storing = shell.Script(world.server.database, STORE, file=file.name)
        Barrage([world.webhook_url], posted).run()
        holds(storing.result(timeout=LIMIT), len(others), "messages stored")
