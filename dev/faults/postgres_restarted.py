"""PostgreSQL crashes and comes back, while webhooks arrive and are drained."""

from concurrent.futures import ThreadPoolExecutor

from dev.environment import databases, odoo, postgres
from dev.polling import eventually

from .barrage import Barrage
from .harness import Counts, Plan, holds, scenario
from .messages import numbers_under_way, travel
from .outcome import PATIENCE, equal_to_sequential, happened_once, settle, two_worlds
from .processes import job_worker
from .slowness import slow_down
from .world import World

# What was answered is to outlive the crash, as with any server's usual settings; the clone's
# own cluster trades that for speed.
DURABLE = """
DO $$ BEGIN
    EXECUTE format('ALTER DATABASE %I SET synchronous_commit = on', current_database());
END $$;
"""
# A sequence in a fresh copy of a database hands out numbers that are in no log yet; after a
# crash it would hand them out again. No database that has seen a checkpoint does.
SEASONED = "CHECKPOINT;"


@scenario("postgres-restarted", size=4)
def postgres_restarted(plan: Plan) -> Counts:
    """PostgreSQL crashes while drains are at work and webhooks arrive (size: crashes)."""
    with two_worlds(plan) as (disturbed, sequential):
        slow_down(disturbed)
        databases.execute(disturbed, DURABLE + SEASONED)
        messages = travel(plan.rng, numbers_under_way(disturbed))
        with odoo.serving(disturbed, name="restarted", workers=4) as server:
            world = World(server)
            repeated = sum(
                _crash(world, messages.bodies[turn :: plan.size])
                for turn in range(plan.size)
            )
            ends = settle(world, messages)
            effects = happened_once(disturbed, messages)
        holds(repeated > 0, True, "requests met the crash")
        return {
            "crashes, each with a drain at work": plan.size,
            "requests repeated by their sender": repeated,
            **ends,
            **effects,
            **equal_to_sequential(messages, disturbed, sequential),
        }


def _crash(world: World, bodies: list[bytes]) -> int:
    """Post these, crash once a drain is at work; how many had to be posted again."""
    first, rest = bodies[: len(bodies) // 2], bodies[len(bodies) // 2 :]
    Barrage([world.webhook_url], first).run()
    barrage = Barrage([world.webhook_url], rest)
    eventually(
        lambda: job_worker(world.server, "_job_drain"), "a drain is at work", PATIENCE
    )
    with ThreadPoolExecutor(1) as carriers:
        posting = carriers.submit(barrage.run)
        postgres.crash()
        posting.result()
    return barrage.repeated
