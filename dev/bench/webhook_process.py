"""How much faster stored messages become milestones by the drain than by a job for each."""

from collections.abc import Iterator
from pathlib import Path

import psutil

from dev import shell
from dev.environment import databases, odoo
from dev.faults.processes import http_workers

from .harness import Conditions, Measure, Round, benchmark
from .webhook_accept import ADDONS, install_baseline

RECEIPTS = 20_000
SHIPMENTS = 5_000
# A job for each takes so long that a sample has to do; both are told by the second.
JOBS = 500
JOB_SHIPMENTS = 125
WARM_UP = 100
COUNTED = 1_000
RUNS = 3
WORKERS = 3
SIDE_BY_SIDE = 2
TIMEOUT = 3600.0

MEASURE = """
import base64
import datetime as dt
import hashlib
import json
import random
import time

import odoo.sql_db
from odoo.fields import Command

CODES = ["PUP", "DEP", "ARR", "OFD"]
BEGIN = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=1)
# Nobody works on what is due then: it is set to now when the clock is started.
LATER = dt.datetime.now() + dt.timedelta(days=1)
account = env["shipment.carrier.account"].create({"name": "Bench", "adapter": "sandbox"})
endpoint = env["shipment.webhook.endpoint"].create(
    {"name": "Bench", "account_id": account.id}
)
customer = env["res.partner"].create({"name": "Example Customer"})
# What follows from events is decided and carried out by other jobs: not what is measured.
env["shipment.rule"].search([]).active = False
serial = iter(range(10**9))

def prepare(shipments, receipts, shuffled=True):
    '''Fresh shipments, and messages about them; the ids of the messages.'''
    numbers = [f"SBX{next(serial):016}" for _shipment in range(shipments)]
    for start in range(0, shipments, 500):
        env["shipment.shipment"].create([
            {
                "company_id": env.company.id,
                "carrier_id": account.carrier_id.id,
                "partner_id": customer.id,
                "package_ids": [Command.create({"tracking_number": number})],
            }
            for number in numbers[start : start + 500]
        ])
        env.cr.commit()
        env.invalidate_all()
    rows = []
    for place in range(receipts):
        number, turn = numbers[place % shipments], place // shipments
        moment = BEGIN + dt.timedelta(hours=turn, seconds=place % shipments)
        body = json.dumps({
            "id": f"{number}/{turn}",
            "type": "tracking.updated",
            "events": [{
                "tracking_number": number,
                "event_id": f"{number}/{turn}",
                "code": CODES[turn % len(CODES)],
                "description": "As carriers write it, with some words about the parcel",
                "occurred_at": moment.isoformat(),
                "location": {"city": "Lyon", "country": "FR"},
            }],
        }).encode()
        rows.append((
            endpoint.id, hashlib.sha256(body).hexdigest(), base64.b64encode(body), "{}",
            "received", 0, LATER, LATER, LATER,
        ))
    if shuffled:
        random.Random(shipments).shuffle(rows)
    found = env.cr.execute_values(
        "INSERT INTO shipment_webhook_receipt (endpoint_id, digest, body, headers, state,"
        " attempts, due_at, create_date, write_date) VALUES %s RETURNING id",
        rows, fetch=True,
    )
    env.cr.commit()
    for table in ("shipment_webhook_receipt", "shipment_shipment", "shipment_package"):
        env.cr.execute(f"ANALYZE {table}")
    env.cr.commit()
    return [row[0] for row in found]

def make_due(ids):
    env.cr.execute(
        "UPDATE shipment_webhook_receipt SET due_at = now() AT TIME ZONE 'UTC'"
        " WHERE id = ANY(%s)", [ids],
    )

def wait(ids):
    '''Wait until all are done, and return how many messages a second that was.'''
    begin = time.perf_counter()
    while True:
        env.cr.execute(
            "SELECT count(*) FROM shipment_webhook_receipt"
            " WHERE state = 'received' AND id BETWEEN %s AND %s", [min(ids), max(ids)],
        )
        waiting = env.cr.fetchone()[0]
        env.cr.commit()
        if not waiting:
            break
        time.sleep(0.2)
    rate = len(ids) / (time.perf_counter() - begin)
    env.cr.execute(
        "SELECT count(*) FROM shipment_webhook_receipt"
        " WHERE state = 'done' AND failure IS NULL AND id = ANY(%s)", [ids],
    )
    assert env.cr.fetchone()[0] == len(ids), "not all messages were recorded"
    env.cr.commit()
    return rate

def ours(shipments, receipts):
    ids = prepare(shipments, receipts)
    make_due(ids)
    env["shipment.webhook.drain"]._wake()
    env.cr.commit()
    return wait(ids)

def baseline(shipments, receipts):
    # In order, so that jobs side by side do not meet at a shipment: each such meeting costs
    # the usual way a retry after five seconds.
    ids = prepare(shipments, receipts, shuffled=False)
    for receipt in ids:
        env["shipment.bench.receipt"].with_delay()._job_process(receipt)
    env.cr.commit()
    return wait(ids)

def statements(drain):
    '''Statements for each message when it is done here, in this process.'''
    ids = prepare(*given["counted"])
    before = odoo.sql_db.sql_counter
    drain(ids)
    return (odoo.sql_db.sql_counter - before) / len(ids)

def drain_here(ids):
    make_due(ids)
    env.cr.commit()
    while env["shipment.webhook.drain"]._drain_batch():
        pass

def one_by_one(ids):
    for receipt in ids:
        env["shipment.bench.receipt"]._job_process(receipt)
        env.cr.commit()
        env.invalidate_all()

counted = {"ours": statements(drain_here), "baseline": statements(one_by_one)}
for side in (baseline, ours):
    side(*given["warm_up"])  # what the workers load once is no message's cost
rounds = []
for number in range(given["runs"]):
    sides = [("ours", ours), ("baseline", baseline)]
    # Which one goes first alternates.
    rounds.append({
        name: side(*given[name])
        for name, side in (sides if number % 2 else reversed(sides))
    })
answer({"rounds": rounds, "statements": counted})
"""


@benchmark(
    "webhook-process",
    unit="messages/s",
    ours="the drain, in batches",
    baseline="one queue job for each message",
)
def webhook_process(conditions: Conditions) -> Iterator[Round]:
    """Working through stored webhooks, against one queue job for each of them."""
    with databases.copied(databases.template(), "bench") as database:
        install_baseline(database)
        server = odoo.Server(
            database,
            name="bench",
            workers=WORKERS,
            channels=f"root:{SIDE_BY_SIDE}",
            addons=[ADDONS],
        )
        server.start()
        try:
            told = _script(database, ADDONS).result(timeout=TIMEOUT)
            peak = max(map(_peak_megabytes, http_workers(server)))
        finally:
            server.stop()
    for one in told["rounds"]:
        yield Round(*(Measure(one[side]) for side in ("ours", "baseline")))
    conditions |= {
        "messages": f"{RECEIPTS} over {SHIPMENTS} shipments; a sample of {JOBS} over "
        f"{JOB_SHIPMENTS} as jobs; one event each, new shipments each run; "
        "shuffled for the drain, in order as jobs",
        "side by side": f"{SIDE_BY_SIDE} jobs on {WORKERS} workers, on both sides",
        "limits": "those of a fresh installation: 200 messages in a transaction",
        "not counted": "making the jobs, and storing the messages",
        "rules": "off on both sides: what follows from events is not measured",
        "statements per event": round(told["statements"]["ours"], 2),
        "statements per event as jobs, without the queue's own": round(
            told["statements"]["baseline"], 2
        ),
        "peak memory of a worker": f"{peak:.0f} MB, after {len(told['rounds'])} runs",
    }


def _script(database: str, addons: Path) -> shell.Script:
    return shell.Script(
        database,
        MEASURE,
        addons=[addons],
        ours=[SHIPMENTS, RECEIPTS],
        baseline=[JOB_SHIPMENTS, JOBS],
        warm_up=[WARM_UP // 4, WARM_UP],
        counted=[COUNTED // 4, COUNTED],
        runs=RUNS,
    )


def _peak_megabytes(worker: int) -> float:
    """The most memory a worker has held at a time, as the kernel counted it."""
    if not psutil.pid_exists(worker):
        return 0.0
    status = Path(f"/proc/{worker}/status").read_text()
    peak = next(line for line in status.splitlines() if line.startswith("VmHWM:"))
    return int(peak.split()[1]) / 1024
