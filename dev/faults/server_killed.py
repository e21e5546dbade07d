"""Two servers work on one database, and one of them is gone at a stroke."""

import math
import time

from dev.environment import databases, odoo
from dev.polling import eventually

from .barrage import Barrage
from .harness import Counts, Plan, holds, scenario
from .messages import numbers_under_way, travel
from .outcome import (
    PATIENCE,
    equal_to_sequential,
    happened_once,
    is_waiting,
    settle,
    two_worlds,
)
from .processes import job_worker, job_workers, kill_server
from .slowness import slow_down
from .world import World

# Seconds after which the other one must be at work.
LIMIT = 60
# As many drains as the queue has room for.
TOGETHER = 2
HOST = {"workers": 3, "channels": f"root:{TOGETHER}"}
# The queue spares such jobs at first, for they may be on their way.
JUST_BEGUN = """
UPDATE queue_job SET date_enqueued = now() AT TIME ZONE 'UTC' WHERE state = 'started';
"""
LEADS = "queue job runner ready for db"


@scenario("server-killed", size=4)
def server_killed(plan: Plan) -> Counts:
    """One of two servers is killed whole; the other takes over in a minute (size: kills)."""
    with two_worlds(plan) as (disturbed, sequential):
        slow_down(disturbed)
        messages = travel(plan.rng, numbers_under_way(disturbed))
        with odoo.serving(disturbed, name="host-1", **HOST) as first:
            # It leads, because nobody else is there yet.
            eventually(lambda: LEADS in first.log.read_text(), "the first server leads")
            with odoo.serving(disturbed, name="host-2", **HOST) as second:
                worlds = [World(first), World(second)]
                seconds = [
                    _strike(worlds[turn % 2], worlds[1 - turn % 2], bodies)
                    for turn, bodies in enumerate(
                        messages.bodies[start :: plan.size]
                        for start in range(plan.size)
                    )
                ]
                ends = settle(worlds[0], messages)
                effects = happened_once(disturbed, messages)
        return {
            "servers killed while they drained": plan.size,
            "seconds until the other one drained, at most": math.ceil(max(seconds)),
            **ends,
            **effects,
            **equal_to_sequential(messages, disturbed, sequential),
        }


def _strike(leader: World, other: World, bodies: list[bytes]) -> float:
    """Kill the server that drains, in silence; return when the other one goes on."""
    Barrage([leader.webhook_url, other.webhook_url], bodies).run()
    # The worst moment: all the queue's room is taken, by jobs that seem to have just begun.
    eventually(
        lambda: len(job_workers(leader.server, "_job_drain")) == TOGETHER,
        "the leader drains",
        PATIENCE,
    )
    databases.execute(leader.server.database, JUST_BEGUN)
    kill_server(leader.server)
    begin = time.monotonic()
    # Nothing is woken here, and no message arrives: it must come to it by itself.
    eventually(
        lambda: job_worker(other.server, "_job_drain"), "the other drains", PATIENCE
    )
    seconds = time.monotonic() - begin
    holds(seconds < LIMIT, True, f"taken over within a minute ({seconds:.0f} s)")
    eventually(
        lambda: not is_waiting(other.server.database), "the other is done", PATIENCE
    )
    leader.server.start()
    return seconds
