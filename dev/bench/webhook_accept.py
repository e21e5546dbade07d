"""How much of an empty route's rate is left when a webhook is verified and stored."""

import datetime as dt
import itertools
import json
from collections.abc import Callable, Iterator
from pathlib import Path

from dev import plain_imports
from dev.client import Client
from dev.environment import console, databases, odoo, postgres

from .harness import Conditions, Measure, Round, benchmark
from .load import Load, post

ADDONS = Path(__file__).parent / "addons"
WORKERS = 2
CONNECTIONS = 4
RUNS = 5
REQUESTS = 2000
WARM_UP = 200
SECRET = "benchmark"
# Nothing runs jobs on this server: the first receipt wakes a drain that then waits, which
# is what all later requests find. So accepting is measured, and not the drain beside it.
CHANNELS = "root:0"

_numbers = itertools.count(1)


@benchmark(
    "webhook-accept",
    unit="requests/s",
    ours="POST to the webhook route: verified and stored",
    baseline="POST to an empty route with the same options",
)
def webhook_accept(conditions: Conditions) -> Iterator[Round]:
    """Accepting a signed webhook, against an empty POST route of the same server."""
    with databases.copied(databases.template(), "bench") as database:
        install_baseline(database)
        server = odoo.Server(
            database,
            name="bench",
            workers=WORKERS,
            channels=CHANNELS,
            addons=[ADDONS],
        )
        server.start()
        try:
            yield from _measure(server, conditions)
        finally:
            server.stop()


def install_baseline(database: str) -> None:
    """Install what the benchmarks of webhooks compare with."""
    conf = odoo.write_conf(
        "bench-install", http_port=odoo.free_port(), workers=0, addons=[ADDONS]
    )
    with console.step("the baseline's route"):
        console.run(
            odoo.command(
                *("-d", database, "-i", "shipment_bench"),
                *("--stop-after-init", "--no-http"),
                conf=conf,
            ),
            "bench-install",
            env=postgres.environment(),
        )


def _measure(server: odoo.Server, conditions: Conditions) -> Iterator[Round]:
    path = _connect_carrier(Client(server.url, server.database, "admin"))
    empty = f"/shipment/bench/empty/{path.rsplit('/', 1)[1]}"
    with Load() as load:

        def fire(target: str, count: int) -> Measure:
            requests = [_signed(target, server.port) for _number in range(count)]
            report = load.fire(server.port, requests, CONNECTIONS)
            statuses = {reply.status for reply in report.replies}
            if statuses != {200}:
                raise AssertionError(f"{target.split('/')[1:3]} answered {statuses}")
            return Measure(report.rate, [reply.seconds for reply in report.replies])

        fire(path, WARM_UP)
        fire(empty, WARM_UP)
        for number in range(RUNS):
            yield _round(fire, path, empty, ours_first=number % 2 == 0)
    stored = int(
        databases.execute(
            server.database, "SELECT count(*) FROM shipment_webhook_receipt;"
        )
    )
    if stored != WARM_UP + RUNS * REQUESTS:
        raise AssertionError(f"{stored} receipts stored of what was answered 200")
    conditions |= {
        "workers": WORKERS,
        "connections": CONNECTIONS,
        "requests per run": REQUESTS,
        "load": "another process, closed loop, one request per connection on both",
        "body": f"{len(_body())} bytes, each distinct and signed",
        "drain": "not running (queue channel root:0): accepting alone is measured; "
        "one drain job waits, as under load",
        "receipts stored": f"{stored}, one per accepted request",
    }


def _round(
    fire: Callable[[str, int], Measure], path: str, empty: str, ours_first: bool
) -> Round:
    """Measure both; which one goes first alternates."""
    order = (path, empty) if ours_first else (empty, path)
    measures = {target: fire(target, REQUESTS) for target in order}
    return Round(ours=measures[path], baseline=measures[empty])


def _connect_carrier(admin: Client) -> str:
    """Make an account with an endpoint; return the path of its route."""
    account = admin.create("shipment.carrier.account", name="Bench", adapter="sandbox")
    endpoint = admin.create(
        "shipment.webhook.endpoint", name="Bench", account_id=account, new_secret=SECRET
    )
    url = admin.read("shipment.webhook.endpoint", endpoint, "url")[0]["url"]
    return "/shipment/webhook/" + url.rsplit("/", 1)[1]


def _signed(path: str, port: int) -> bytes:
    plain_imports.enable()
    from odoo.addons.shipment_visibility_carriers.adapters import signature

    body = _body()
    headers = signature.scheme("hmac_sha256").sign(
        body, SECRET, dt.datetime.now(dt.UTC)
    )
    return post(path, port, body, headers)


def _body() -> bytes:
    """A message of the usual size about a parcel nobody knows; no two are alike."""
    return json.dumps({"number": next(_numbers), "padding": "x" * 800}).encode()
