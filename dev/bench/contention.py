"""What people at their desks notice of carriers who report by the hundred a second."""

import datetime as dt
import itertools
import json
import random
import time
from collections import Counter
from collections.abc import Iterator

from dev import plain_imports
from dev.client import Client
from dev.environment import console, databases, odoo
from dev.polling import eventually
from dev.simulator import Simulator

from .desk import (
    OPEN,
    SAVE,
    SECRET,
    VALIDATE,
    Desk,
    Prepared,
    Timings,
    figures,
    prepare,
    table,
    worst,
)
from .harness import Conditions, Round, benchmark
from .load import Load, Report, post

RATE = 300
ROUNDS = 5
TURNS = 20
WARM_UP = 5
FOLLOWED = 40
OTHERS = 2_000
# One message in so many is about a delivery that somebody has open.
FOLLOWED_EVERY = 10
# What people take to read before they go on.
PAUSE = 0.2
# Until the stream is in full flow; then people begin.
LEAD_IN = 3.0
# Requests are made ready for so long; people are done before.
LONGEST = 60.0
# Linux weighs sessions against each other before it looks at processes: a server started in
# a session of its own has to lower that. Below systemd it is CPUWeight.
LOWER = 'echo 10 > /proc/self/autogroup 2> /dev/null; exec nice -n 10 "$@"'
# Who has so many messages waits for people otherwise: carriers and jobs have a server of
# their own with lower priority, as a proxy that tells /shipment/webhook/ apart gives them.
PEOPLE = {"name": "bench", "workers": 2, "channels": "root:0"}
CARRIERS = {
    "name": "bench-carriers",
    "workers": 3,
    "channels": "root:2,root.shipment.webhook:1",
    "wrapper": ("sh", "-c", LOWER, "lower"),
}
PATIENCE = 300.0
# As carriers report: mostly scans on the way.
CODES = ("PUP", "DEP", "ARR", "DEP", "ARR", "TRN", "DPT", "OFD")
SIDES = ("busy", "idle")

STATE = """
    SELECT count(*) FILTER (WHERE state = 'received'),
           count(*) FILTER (WHERE state = 'done'),
           count(*) FILTER (WHERE state = 'dead')
      FROM shipment_webhook_receipt;
"""
BUSY_JOBS = """
    SELECT count(*) FROM queue_job
     WHERE state IN ('pending', 'enqueued', 'started')
       AND (eta IS NULL OR eta < now() AT TIME ZONE 'UTC' + interval '5 seconds');
"""


@benchmark(
    "contention",
    unit="ms, p95 of the operation that suffers most (less is better)",
    ours=f"while {RATE} webhooks arrive in a second",
    baseline="while none arrives",
)
def contention(conditions: Conditions) -> Iterator[Round]:
    """Working on deliveries while webhooks arrive at 300 a second, against the same idle."""
    with (
        databases.copied(databases.template(), "bench") as database,
        Simulator() as carrier,
        Load() as load,
    ):
        with console.step("deliveries, and shipments on their way"):
            prepared = prepare(
                database,
                carrier.url,
                ready=WARM_UP + 2 * ROUNDS * TURNS,
                followed=FOLLOWED,
                others=OTHERS,
            )
        with (
            odoo.serving(database, **PEOPLE) as server,
            odoo.serving(database, **CARRIERS) as carriers,
        ):
            office = _Office(server, carriers, prepared, load)
            office.warm_up()
            for number in range(ROUNDS):
                # Which one goes first alternates.
                for side in SIDES if number % 2 else SIDES[::-1]:
                    office.work(side)
            yield office.result(conditions)


class _Office:
    """People at work, with and without messages coming in."""

    def __init__(
        self, server: odoo.Server, carriers: odoo.Server, prepared: Prepared, load: Load
    ):
        self._server = server
        self._port = carriers.port
        self._load = load
        self._prepared = prepared
        self._desk = Desk(Client(server.url, server.database, "admin"), prepared)
        self._messages = _Messages(prepared, carriers.port)
        self._timings = {side: Timings() for side in SIDES}
        self._reports: list[Report] = []
        self._drained = 0
        self._left = 0
        self._seconds = 0.0

    def warm_up(self) -> None:
        """Load what workers load once, and give the followed shipments some history."""
        for _turn in range(WARM_UP):
            self._turn(Timings())
        requests = self._messages.of_followed(len(CODES))
        report = self._load.fire(self._port, requests, CARRIERS["workers"])
        self._check(report)
        self._calm_down()

    def work(self, side: str) -> None:
        """Work for a while, on a server that is idle or busy."""
        timings = self._timings[side]
        if side == "idle":
            for _turn in range(TURNS):
                self._turn(timings)
            return
        requests = self._messages.stream(round(RATE * LONGEST))
        begin, done = time.monotonic(), self._counts()[1]
        with self._load.pouring(self._port, requests, RATE) as stream:
            time.sleep(LEAD_IN)
            for _turn in range(TURNS):
                number = self._turn(timings)
                for request in self._messages.about(number):
                    stream.add(request)
        waiting, done_then, _dead = self._counts()
        self._drained += done_then - done
        self._left = max(self._left, waiting)
        self._seconds += time.monotonic() - begin
        self._check(stream.report)
        self._reports.append(stream.report)
        self._calm_down()

    def _turn(self, timings: Timings) -> str:
        self._desk.open(timings)
        time.sleep(PAUSE)
        self._desk.save(timings)
        time.sleep(PAUSE)
        number = self._desk.validate(timings)
        time.sleep(PAUSE)
        return number

    def _check(self, report: Report) -> None:
        statuses = Counter(reply.status for reply in report.replies)
        if set(statuses) != {200}:
            raise AssertionError(f"webhooks were answered {dict(statuses)}")

    def _counts(self) -> tuple[int, ...]:
        told = databases.execute(self._server.database, STATE)
        return tuple(map(int, told.split("|")))

    def _calm_down(self) -> None:
        """Wait until everything is worked on that has come in, and what follows from it."""
        eventually(lambda: not self._counts()[0], "no message waits", PATIENCE)
        eventually(
            lambda: databases.execute(self._server.database, BUSY_JOBS) == "0",
            "no job runs",
            PATIENCE,
        )
        if dead := self._counts()[2]:
            raise AssertionError(f"{dead} dead letters")

    def result(self, conditions: Conditions) -> Round:
        """All that was measured, put together."""
        compared = {
            name: tuple(self._timings[side].measure(name) for side in SIDES)
            for name in (OPEN, SAVE, VALIDATE)
        }
        name, ours, baseline = worst(compared)
        lost = {side: self._timings[side].lost for side in SIDES}
        print("\n" + "\n".join(table(compared, SIDES)))
        print(f"\nserialization errors that reached a user: {lost}")
        print(
            "the load, PostgreSQL, HTTP workers and the drain share "
            f"{conditions.get('cores')} cores"
        )
        sent = sum(len(report.replies) for report in self._reports)
        print(
            f"webhooks a second: {RATE} wanted, {sent / self._streamed():.0f} answered"
        )
        conditions |= {
            "operations": figures(compared, SIDES),
            "suffers most": name,
            "serialization errors that reached a user": lost["busy"],
            "transactions Odoo repeated by itself": self._repeated(),
            "webhooks answered per second": round(sent / self._streamed(), 1),
            "webhooks answered within, ms (p50, p99)": self._answered_within(),
            "webhooks processed per second meanwhile": round(
                self._drained / self._seconds, 1
            ),
            "most that waited at the end of a stretch": self._left,
            "servers": f"people: {PEOPLE['workers']} workers; carriers and jobs: "
            f"{CARRIERS['workers']} workers, session and processes at nice 10, channels "
            f"{CARRIERS['channels']}; parameters of the drain and rules as installed",
            "webhooks wanted per second": RATE,
            "people": f"pause for {PAUSE} s between any two operations",
            "shared": "the load generator, PostgreSQL, the HTTP workers and the drain "
            "share the cores; the carrier answers at once",
            "webhooks": f"about {OTHERS} shipments, the {FOLLOWED} deliveries that are "
            "opened and saved, and each delivery right after it is validated",
        }
        return Round(ours=ours, baseline=baseline)

    def _streamed(self) -> float:
        return sum(report.elapsed for report in self._reports)

    def _repeated(self) -> int:
        log = self._server.log.read_text(errors="replace")
        return log.count("tries left, try again")

    def _answered_within(self) -> list[float]:
        seconds = sorted(
            reply.seconds for report in self._reports for reply in report.replies
        )
        return [
            round(seconds[int(len(seconds) * share)] * 1000, 1) for share in (0.5, 0.99)
        ]


class _Messages:
    """Signed messages of a carrier, each about one parcel, no two of them alike."""

    def __init__(self, prepared: Prepared, port: int):
        plain_imports.enable()
        from odoo.addons.shipment_visibility_carriers.adapters import signature

        self._scheme = signature.scheme("hmac_sha256")
        self._prepared = prepared
        self._port = port
        self._begin = dt.datetime.now(dt.UTC).replace(microsecond=0)
        self._begin -= dt.timedelta(hours=12)
        self._serial = itertools.count()
        self._turns: Counter[str] = Counter()
        self._random = random.Random(RATE)

    def of_followed(self, each: int) -> list[bytes]:
        """So many messages about each delivery that is opened and saved."""
        return [
            self._request(number)
            for _turn in range(each)
            for number in self._prepared.numbers
        ]

    def stream(self, count: int) -> list[bytes]:
        """Messages as they come: mostly about parcels that nobody looks at."""
        return [
            self._request(
                self._random.choice(
                    self._prepared.others
                    if place % FOLLOWED_EVERY
                    else self._prepared.numbers
                )
            )
            for place in range(count)
        ]

    def about(self, number: str) -> list[bytes]:
        """The first messages about a parcel."""
        return [self._request(number) for _event in range(3)] if number else []

    def _request(self, number: str) -> bytes:
        serial, turn = next(self._serial), self._turns[number]
        self._turns[number] += 1
        moment = self._begin + dt.timedelta(minutes=turn, microseconds=serial % 10**6)
        body = json.dumps(
            {
                "id": f"{number}/{serial}",
                "type": "tracking.updated",
                "events": [
                    {
                        "tracking_number": number,
                        "event_id": f"{number}/{serial}",
                        "code": CODES[turn % len(CODES)],
                        "description": "As carriers write it, with some words",
                        "occurred_at": moment.isoformat(),
                        "location": {"city": "Lyon", "country": "FR"},
                    }
                ],
            }
        ).encode()
        headers = self._scheme.sign(body, SECRET, dt.datetime.now(dt.UTC))
        return post(self._prepared.path, self._port, body, headers)
