"""Requests that nobody honest sends are refused, whatever they are, and leave nothing behind."""

import base64
import hashlib
import json
import time
from collections import Counter
from pathlib import Path

import psutil
from hypothesis import HealthCheck, Phase, given, seed, settings

import dev.hostile.forgeries
import dev.hostile.protocol
import dev.hostile.tokens  # noqa: F401  (importing registers the tactics)
from dev.environment import databases, odoo
from dev.hostile import keys, stage, wire
from dev.hostile.bodies import MARK
from dev.hostile.doors import Door, KeyDoor, open_doors
from dev.hostile.stage import Genuine, Stage

from .harness import Counts, FaultFound, Plan, holds, scenario
from .processes import http_workers
from .world import World

ADDONS = Path(stage.__file__).parent / "addons"
WORKERS = 2
# What a worker may grow by at its peak. One message of the largest size, in its several
# forms between socket and database, is a dozen megabytes.
MOST_GROWTH = 64 * 1024 * 1024
GENUINE_EACH = 2
# Which answers there are to a message that is not taken.
REFUSED = range(400, 500)
PRESSURE = 429


@scenario("hostile", size=10_000)
def hostile(plan: Plan) -> Counts:
    """Generated requests that no door must let in (size: requests)."""
    with (
        databases.copied(plan.world, "hostile") as database,
        keys.KeyServer() as key_server,
        odoo.serving(
            database,
            name="hostile",
            workers=WORKERS,
            channels="root:0",
            addons=[ADDONS],
            server_wide=["shipment_hostile"],
            wrapper=("env", f"HOSTILE_KEYS_URL={key_server.url}{keys.PATH}"),
        ) as server,
    ):
        siege = Siege(World(server), key_server)
        siege.begin()
        siege.attack(plan)
        return siege.end()


class Siege:
    """A server under attack: what was let in before, what came, and what it cost."""

    def __init__(self, world: World, key_server: keys.KeyServer):
        self._server = world.server
        self._keys = key_server
        self._began = time.monotonic()
        # All come from one address, which would be sent away for its refusals alone.
        world.admin.call(
            "ir.config_parameter",
            "set_param",
            "shipment_visibility_webhooks.refusals_per_minute",
            "0",
        )
        account = world.admin.search("shipment.carrier.account", [], limit=1)[0]
        self._doors = open_doors(world.admin, account)
        self._seen: list[Genuine] = []
        self._peaks: dict[int, int] = {}
        self.answers: Counter[str] = Counter()
        self.tactics: Counter[str] = Counter()

    def begin(self) -> None:
        """Let the carriers send something, so that there is something to be repeated."""
        self._send_genuine("before")
        largest = b"x" * (2 * 1024 * 1024 + 1)
        for _number in range(4 * WORKERS):
            door = self._doors[0]
            self._refused(stage.message("warm", door, stage.forged(door, b""), largest))
        self._peaks = self._memory()

    def attack(self, plan: Plan) -> None:
        """Send what the plan's chance generates, and judge each answer.

        :raise FaultFound: one was not refused; its smallest form is in the text.
        """
        ground = Stage(self._doors, self._seen, self._keys.url)

        @seed(plan.rng.getrandbits(64))
        @settings(
            max_examples=plan.size,
            phases=[Phase.generate, Phase.shrink],
            database=None,
            deadline=None,
            report_multiple_bugs=False,
            suppress_health_check=list(HealthCheck),
        )
        @given(stage.requests(ground))
        def besiege(request: wire.Request) -> None:
            self._judge(request)

        besiege()
        holds(
            sum(self.tactics.values()) >= plan.size, True, "enough requests were sent"
        )

    def _judge(self, request: wire.Request) -> None:
        self.tactics[request.tactic] += 1
        answer = self._refused(request)
        self.answers[str(answer.status or "none")] += 1

    def _refused(self, request: wire.Request) -> wire.Answer:
        try:
            answer = wire.send(self._server.port, request)
        except TimeoutError:
            raise FaultFound(f"no answer to {request!r}") from None
        if not _is_refusal(request, answer):
            raise FaultFound(f"answered {answer.status}: {request!r}")
        if MARK.encode() in answer.content:
            raise FaultFound(f"the answer repeats the message: {request!r}")
        return answer

    def end(self) -> Counts:
        """Look at what is left when all is over.

        :raise FaultFound: something was let in, leaked, or did harm.
        """
        before = len(self._seen)
        self._send_genuine("after")
        self._check_receipts()
        growth = self._check_memory()
        self._check_log()
        asked = self._check_keys()
        return {
            "hostile requests": sum(self.tactics.values()),
            "ways of being hostile": len(self.tactics),
            **{f"answered {status}": n for status, n in sorted(self.answers.items())},
            "genuine messages stored": before + len(self._doors),
            "MB that a worker grew by at its peak": growth // 2**20,
            "requests for keys": asked,
        }

    def _send_genuine(self, when: str) -> None:
        for door in self._doors:
            for number in range(GENUINE_EACH if when == "before" else 1):
                self._seen.append(self._accepted(door, f"{when} {number}"))

    def _accepted(self, door: Door, name: str) -> Genuine:
        body = json.dumps({"id": f"{door.name} {name}", "to": MARK}).encode()
        headers = door.sign(body, stage.now())
        request = stage.message("genuine", door, headers, body)
        answer = wire.send(self._server.port, request)
        holds(answer.status, 200, f"answer to a genuine message at {door.name}")
        return Genuine(door, headers, body)

    # === WHAT MUST HOLD === #

    def _check_receipts(self) -> None:
        stored = databases.execute(
            self._server.database,
            "SELECT endpoint.token, digest FROM shipment_webhook_receipt AS receipt"
            " JOIN shipment_webhook_endpoint AS endpoint ON endpoint.id = endpoint_id;",
        )
        known = {
            f"{one.door.path.rpartition('/')[2]}|{hashlib.sha256(one.body).hexdigest()}"
            for one in self._seen
        }
        lines = stored.splitlines()
        holds(len(lines), len(known), "receipts, against genuine messages")
        holds(set(lines), known, "receipts")

    def _memory(self) -> dict[int, int]:
        return {pid: _peak(pid) for pid in http_workers(self._server)}

    def _check_memory(self) -> int:
        """The workers are those of the beginning, and none has become much larger."""
        peaks = self._memory()
        holds(set(peaks), set(self._peaks), "workers, by process id")
        growth = max(peak - self._peaks[pid] for pid, peak in peaks.items())
        if growth > MOST_GROWTH:
            raise FaultFound(f"a worker grew by {growth >> 20} MB at its peak")
        return growth

    def _check_log(self) -> None:
        log = self._server.log.read_text(errors="replace")
        holds("Traceback" in log, False, "a traceback in the log")
        holds(" ERROR " in log, False, "an error in the log")
        secrets = [
            secret
            for door in self._doors
            if not isinstance(door, KeyDoor)
            for secret in (door.secret, door.other, door.known)
        ]
        encoded = base64.b64encode(MARK.encode()).decode().rstrip("=")
        told = [text for text in [MARK, encoded, *filter(None, secrets)] if text in log]
        holds(told, [], "content of messages and secrets in the log")

    def _check_keys(self) -> int:
        asked = self._keys.asked
        holds(set(asked), {keys.PATH}, "what was asked of the server of keys")
        minutes = int((time.monotonic() - self._began) / 60) + 2
        if asked[keys.PATH] > WORKERS * minutes:
            raise FaultFound(f"keys were asked for {asked[keys.PATH]} times")
        return asked[keys.PATH]


def _is_refusal(request: wire.Request, answer: wire.Answer) -> bool:
    if answer.status == PRESSURE:
        return False
    if request.is_replay and answer.status == 200:
        return True
    # Where the head itself breaks off, there is nothing to answer.
    if not answer.status:
        return request.cut is not None
    return answer.status in REFUSED


def _peak(pid: int) -> int:
    """The most memory that a process has had at a time, in bytes."""
    status = Path(f"/proc/{psutil.Process(pid).pid}/status").read_text()
    line = next(one for one in status.splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
