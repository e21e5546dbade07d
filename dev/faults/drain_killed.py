"""Webhooks arrive while the processes that take and drain them are killed."""

from dev.environment import odoo
from dev.polling import eventually

from .barrage import Barrage
from .harness import Counts, Plan, scenario
from .messages import numbers_under_way, travel
from .outcome import (
    PATIENCE,
    equal_to_sequential,
    happened_once,
    is_waiting,
    settle,
    two_worlds,
)
from .processes import http_workers, job_worker, kill
from .slowness import slow_down
from .world import World


@scenario("drain-killed", size=12)
def drain_killed(plan: Plan) -> Counts:
    """SIGKILL of the drain and of HTTP workers while webhooks arrive (size: kills)."""
    with two_worlds(plan) as (disturbed, sequential):
        slow_down(disturbed)
        messages = travel(plan.rng, numbers_under_way(disturbed))
        with odoo.serving(disturbed, name="killed", workers=3) as server:
            world = World(server)
            killed = _post_and_kill(plan, world, messages.bodies)
            drains = _kill_drains(server, plan.size // 4 or 1)
            ends = settle(world, messages)
            effects = happened_once(disturbed, messages)
        return {
            **killed,
            "drains killed": drains,
            **ends,
            **effects,
            **equal_to_sequential(messages, disturbed, sequential),
        }


def _post_and_kill(plan: Plan, world: World, bodies: list[bytes]) -> Counts:
    moments = set(plan.rng.sample(range(1, len(bodies)), plan.size))

    def maybe_kill(accepted: int) -> None:
        if accepted in moments:
            alive = eventually(lambda: http_workers(world.server), "a worker is alive")
            kill(plan.rng.choice(alive))

    barrage = Barrage([world.webhook_url], bodies, maybe_kill)
    barrage.run()
    return {
        "HTTP workers killed": plan.size,
        "requests repeated by their sender": barrage.repeated,
    }


def _kill_drains(server: odoo.Server, wanted: int) -> int:
    """Kill the worker that drains, as often as wanted or until there is nothing to drain."""
    for killed in range(wanted):
        pid = eventually(
            lambda: job_worker(server, "_job_drain") or not is_waiting(server.database),
            "a drain runs, or nothing is left",
            PATIENCE,
        )
        if pid is True:
            return killed
        kill(pid)
    return wanted
