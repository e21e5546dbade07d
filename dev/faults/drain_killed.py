"""Webhooks arrive while the processes that take and drain them are killed."""

import base64
import datetime as dt
import random
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count
from threading import Lock

import requests

from dev import shell
from dev.environment import databases, odoo
from dev.polling import eventually
from dev.simulator import journeys, webhooks

from .harness import Counts, FaultFound, Plan, holds, scenario
from .processes import http_workers, job_worker, kill
from .told import SNAPSHOT, told
from .world import SECRET, World

SENDERS = 4
# A killed drain is found dead by the runner after ten seconds, and runs again.
PATIENCE = 180.0
MALFORMED_EVERY = 20
# Events of a journey must not depend on when the scenario runs.
START = dt.datetime(2026, 1, 5, 8, tzinfo=dt.UTC)

SEQUENTIAL = """
import base64
receipts = env["shipment.webhook.receipt"]
endpoint = env["shipment.webhook.endpoint"].search([], limit=1)
for body in given["bodies"]:
    receipts._store(endpoint.id, base64.b64decode(body), {})
    env.cr.commit()
    env["shipment.webhook.drain"]._drain_batch()
env.cr.rollback()
"""


@scenario("drain-killed", size=12)
def drain_killed(plan: Plan) -> Counts:
    """SIGKILL of the drain and of HTTP workers while webhooks arrive (size: kills)."""
    with (
        databases.copied(plan.world, "killed") as killed,
        databases.copied(plan.world, "sequential") as sequential,
    ):
        with odoo.serving(killed, name="killed", workers=3) as server:
            bodies, counts = _disturbed(plan, World(server))
        calm = shell.Script(
            sequential,
            SEQUENTIAL + SNAPSHOT,
            bodies=[_text(body) for body in sorted(set(bodies))],
        )
        disturbed = told(killed)
        undisturbed = calm.result(timeout=600)
        _compare(disturbed, undisturbed)
        effects = (
            "SELECT count(*), count(DISTINCT (shipment_id, rule_id, code, occurrence))"
        )
        rows, distinct = databases.execute(
            killed, f"{effects} FROM shipment_effect;"
        ).split("|")
        holds(rows, distinct, "rows of the ledger, against decisions")
    return {**counts, "shipments with the timeline of a sequential run": len(disturbed)}


def _disturbed(plan: Plan, world: World) -> tuple[list[bytes], Counts]:
    """Post everything while killing; wait until all is processed; return what was sent."""
    bodies = list(_bodies(plan.rng, _numbers(world.server.database)))
    barrage = Barrage(world, plan.rng, bodies, kills=plan.size)
    barrage.run()
    drains = _kill_drains(world.server, plan.size // 4 or 1)
    states = _settled(world.server.database)
    distinct = set(bodies)
    malformed = sum(1 for body in distinct if body.startswith(b"not "))
    holds(sum(states.values()), len(distinct), "receipts stored, each message once")
    holds(states.get("dead", 0), malformed, "dead letters, one per malformed message")
    return bodies, {
        "messages accepted": len(bodies),
        "receipts processed": states.get("done", 0),
        "dead letters": states.get("dead", 0),
        "HTTP workers killed": barrage.killed,
        "drains killed": drains,
        "requests repeated by their sender": barrage.repeated,
    }


@dataclass
class Barrage:
    """Posts all bodies from several threads and kills workers on the way."""

    world: World
    rng: random.Random
    bodies: list[bytes]
    kills: int
    killed: int = 0
    repeated: int = 0
    _lock: Lock = field(default_factory=Lock)
    _sent: Iterator[int] = field(default_factory=lambda: count(1))

    def run(self) -> None:
        """Send all; a request that is not accepted is sent again, as carriers do."""
        self._url = self.world.webhook_url
        self._moments = set(self.rng.sample(range(1, len(self.bodies)), self.kills))
        with ThreadPoolExecutor(SENDERS) as senders:
            list(senders.map(self._send, self.bodies))

    def _send(self, body: bytes) -> None:
        def accepted() -> bool:
            status = self._post(body)
            with self._lock:
                self.repeated += status != 200
            return status == 200

        eventually(accepted, "a webhook is accepted", PATIENCE)
        with self._lock:
            if next(self._sent) in self._moments:
                kill(self.rng.choice(self._workers()))
                self.killed += 1

    def _post(self, body: bytes) -> int:
        try:
            with requests.Session() as session:
                return webhooks.post(session, self._url, body, SECRET)
        except requests.RequestException:
            return 0

    def _workers(self) -> list[int]:
        return eventually(lambda: http_workers(self.world.server), "a worker is alive")


def _kill_drains(server: odoo.Server, wanted: int) -> int:
    """Kill the worker that drains, as often as wanted or until there is nothing to drain."""
    killed = 0
    while killed < wanted:
        pid = eventually(
            lambda: job_worker(server, "_job_drain") or not _waiting(server.database),
            "a drain runs, or nothing is left",
            PATIENCE,
        )
        if pid is True:
            break
        kill(pid)
        killed += 1
    return killed


def _waiting(database: str) -> bool:
    """Whether a receipt waits; on the way the queue's runner is woken.

    It looks for dead jobs whenever any job changes, and only every minute otherwise; here
    is no other traffic that would wake it.
    """
    states = "SELECT 1 FROM shipment_webhook_receipt WHERE state = 'received' LIMIT 1;"
    return bool(databases.execute(database, f"NOTIFY queue_job, 'wake'; {states}"))


def _settled(database: str) -> dict[str, int]:
    """Wait until every receipt has come to an end; how many came to which."""
    eventually(lambda: not _waiting(database), "all receipts are processed", PATIENCE)
    rows = databases.execute(
        database, "SELECT state, count(*) FROM shipment_webhook_receipt GROUP BY 1;"
    )
    pairs = (row.split("|") for row in rows.splitlines())
    return {state: int(number) for state, number in pairs}


def _numbers(database: str) -> list[str]:
    rows = databases.execute(
        database, "SELECT tracking_number FROM shipment_package WHERE live ORDER BY id;"
    )
    return rows.splitlines()


def _bodies(rng: random.Random, numbers: list[str]) -> Iterator[bytes]:
    """The messages of a random journey for each number, some twice, some malformed."""
    bodies = []
    for number in numbers:
        name = rng.choice(sorted(journeys.JOURNEYS))
        begin = START + dt.timedelta(minutes=rng.randrange(10000))
        bodies += journeys.messages(journeys.events(name, number, begin))
    bodies += rng.sample(bodies, len(bodies) // 3)
    bodies += [
        b"not JSON %d" % number for number in range(len(bodies) // MALFORMED_EVERY)
    ]
    rng.shuffle(bodies)
    yield from bodies


def _text(body: bytes) -> str:
    return base64.b64encode(body).decode()


def _compare(disturbed: dict, undisturbed: dict) -> None:
    holds(sorted(disturbed), sorted(undisturbed), "shipments")
    for name, one in disturbed.items():
        for what, value in one.items():
            if value != undisturbed[name][what]:
                raise FaultFound(
                    f"{what} of {name} is {value!r}, "
                    f"in a sequential run {undisturbed[name][what]!r}"
                )
