"""Requests that nobody honest sends are refused, whatever they are, and leave nothing behind."""

import base64
import hashlib
import json
import re
import time
from pathlib import Path

from dev.environment import databases, odoo
from dev.hostile import keys, stage, wire
from dev.hostile.attack import Attack
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
LARGEST = 2 * 1024 * 1024
GENUINE_EACH = 2


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
        siege.attack.run(plan.rng.getrandbits(64), plan.size)
        return siege.end()


class Siege:
    """A server under attack: what was let in before, what came, and what it cost.

    :ivar attack: on this server, by somebody who has seen what it accepted.
    """

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
        self._accepted: list[Genuine] = []
        self._peaks: dict[int, int] = {}
        self.attack = Attack(world.server.port, Stage(self._doors, [], key_server.url))

    def begin(self) -> None:
        """Let the carriers send something, so that there is something to be repeated."""
        self._send_genuine("before", GENUINE_EACH)
        self.attack.ground.seen.extend(self._accepted)
        # What a worker needs for the largest message is no growth.
        for number in range(4 * WORKERS):
            largest = f"{MARK} {number} ".encode().ljust(LARGEST, b"x")
            self._accept(self._doors[0], largest)
        self._peaks = self._memory()

    def end(self) -> Counts:
        """Look at what is left when all is over.

        :raise FaultFound: something was let in, leaked, or did harm.
        """
        self._send_genuine("after", 1)
        self._check_receipts()
        growth = self._check_memory()
        self._check_log()
        asked = self._check_keys()
        answers = sorted(self.attack.answers.items())
        return {
            "hostile requests": sum(self.attack.tactics.values()),
            "ways of being hostile": len(self.attack.tactics),
            **{f"answered {status or 'nothing'}": n for status, n in answers},
            "genuine messages stored": len(self._accepted),
            "MB that a worker grew by at its peak": growth // 2**20,
            "requests for keys": asked,
        }

    def _send_genuine(self, when: str, count: int) -> None:
        for door in self._doors:
            for number in range(count):
                name = f"{door.name} {when} {number}"
                body = json.dumps({"id": name, "to": MARK}).encode()
                self._accept(door, body)

    def _accept(self, door: Door, body: bytes) -> None:
        headers = door.sign(body, stage.now())
        answer = wire.send(
            self._server.port, stage.message("genuine", door, headers, body)
        )
        holds(answer.status, 200, f"answer to a genuine message at {door.name}")
        self._accepted.append(Genuine(door, headers, body))

    # === WHAT MUST HOLD === #

    def _check_receipts(self) -> None:
        stored = databases.execute(
            self._server.database,
            "SELECT endpoint.token, digest FROM shipment_webhook_receipt AS receipt"
            " JOIN shipment_webhook_endpoint AS endpoint ON endpoint.id = endpoint_id;",
        ).splitlines()
        genuine = {
            f"{one.door.path.rpartition('/')[2]}|{hashlib.sha256(one.body).hexdigest()}"
            for one in self._accepted
        }
        holds(len(stored), len(genuine), "receipts, against genuine messages")
        holds(set(stored), genuine, "receipts, by endpoint and content")

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
        # A request line that is none is an error to werkzeug, and it is nobody else's.
        errors = [
            line
            for line in log.splitlines()
            if " ERROR " in line and " werkzeug: " not in line
        ]
        holds(errors, [], "errors in the log")
        secrets = [
            secret
            for door in self._doors
            if not isinstance(door, KeyDoor)
            for secret in (door.secret, door.other, door.known)
        ]
        # An address is logged with its query, in which a sender may write what he likes.
        log = re.sub(r"\?\S* HTTP/", " HTTP/", log)
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


def _peak(pid: int) -> int:
    """The most memory that a process has had at a time, in bytes."""
    status = Path(f"/proc/{pid}/status").read_text()
    line = next(one for one in status.splitlines() if one.startswith("VmHWM"))
    return int(line.split()[1]) * 1024
