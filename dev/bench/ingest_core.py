"""How much faster events come in by the batch than one at a time."""

import json
from collections.abc import Iterator

from dev import shell
from dev.environment import databases

from .harness import Conditions, Measure, Round, benchmark

EVENTS = 500
SHIPMENTS = 300
# One at a time there are fewer, for it takes long; both are told by the second.
SINGLE_EVENTS = 100
SINGLE_SHIPMENTS = 60
RUNS = 5

# Shipments as a warehouse leaves them: a carrier, a customer, one parcel, no event yet.
MEASURE = """
import datetime as dt
import random
import time

from odoo.fields import Command

from odoo.addons.shipment_visibility.canonical.schema import Source, TrackingEvent

JOURNEY = ["picked_up", "departed", "arrived", "out_for_delivery", "delivered"]
BEGIN = dt.datetime.now(dt.UTC).replace(microsecond=0) - dt.timedelta(days=2)
shipment = env["shipment.shipment"]
carrier = env["shipment.carrier"].create({"name": "Bench Post", "code": "bench_post"})
customer = env["res.partner"].create({"name": "Example Customer"})
serial = iter(range(10**9))

def prepare(shipments, events):
    '''Fresh shipments, and events that nobody has told yet, in no order.'''
    numbers = [f"BENCH{next(serial):09}" for _shipment in range(shipments)]
    shipment.create([
        {
            "company_id": env.company.id,
            "carrier_id": carrier.id,
            "partner_id": customer.id,
            "package_ids": [Command.create({"tracking_number": number})],
        }
        for number in numbers
    ])
    env.cr.commit()
    told = [
        TrackingEvent(
            carrier=carrier.code,
            tracking_number=numbers[place % shipments],
            event_id=f"{numbers[place % shipments]}/{place}",
            raw_code=JOURNEY[place // shipments % len(JOURNEY)],
            code=JOURNEY[place // shipments % len(JOURNEY)],
            occurred_at=BEGIN + dt.timedelta(minutes=place),
        )
        for place in range(events)
    ]
    random.Random(shipments).shuffle(told)
    return told

def measure(batches):
    '''Let the batches in, each committed; rate, statements and seconds of each.'''
    env.invalidate_all()
    seconds = []
    statements = env.cr.sql_log_count
    for batch in batches:
        begin = time.perf_counter()
        result = shipment._ingest(batch, source=Source.WEBHOOK, company=env.company)
        env.cr.commit()
        seconds.append(time.perf_counter() - begin)
        assert result.count("accepted") == len(batch), result.outcomes
    return {
        "rate": sum(map(len, batches)) / sum(seconds),
        "statements": (env.cr.sql_log_count - statements) / len(batches),
        "seconds": seconds,
    }

def ours():
    return measure([prepare(*given["batch"])])

def baseline():
    return measure([[event] for event in prepare(*given["single"])])

def profile():
    '''Where the time of a batch goes: our own functions by cumulative time.'''
    import cProfile
    import pstats

    told = prepare(*given["batch"])
    profiler = cProfile.Profile()
    profiler.runcall(measure, [told])
    stats = pstats.Stats(profiler).stats
    own = [
        [round(cumulative, 3), round(own_time, 3), calls, f"{file.rsplit('/', 1)[1]}:{name}"]
        for (file, _line, name), (calls, _, own_time, cumulative, _) in stats.items()
        if "/shipment_visibility/" in file
    ]
    return sorted(own, reverse=True)[:20]

ours(), baseline()  # what is compiled and cached once is no event's cost
rounds = []
for number in range(given["runs"]):
    sides = [("ours", ours), ("baseline", baseline)]
    # Which one goes first alternates.
    rounds.append({
        name: side() for name, side in (sides if number % 2 else reversed(sides))
    })
answer({"rounds": rounds, "profile": profile()})
"""


@benchmark(
    "ingest-core",
    unit="events/s",
    ours=f"one call with {EVENTS} events of {SHIPMENTS} shipments",
    baseline="one call for each event, of shipments like those",
)
def ingest_core(conditions: Conditions) -> Iterator[Round]:
    """Ingesting a batch of events, against the same kind of events one at a time."""
    with databases.copied(databases.template(), "bench") as database:
        told = shell.Script(
            database,
            MEASURE,
            batch=[SHIPMENTS, EVENTS],
            single=[SINGLE_SHIPMENTS, SINGLE_EVENTS],
            runs=RUNS,
        ).result(timeout=600)
    for one in told["rounds"]:
        yield Round(*(_measure(one[side]) for side in ("ours", "baseline")))
    conditions |= {
        "events": f"{EVENTS} over {SHIPMENTS} shipments in the batch, {SINGLE_EVENTS} "
        f"over {SINGLE_SHIPMENTS} one at a time; new shipments and numbers each run",
        "committed": "after each call, on both sides",
        "rules": "those of a fresh installation",
        "effects": "decided and queued, not carried out",
        "statements per batch": told["rounds"][-1]["ours"]["statements"],
        "statements per single event": told["rounds"][-1]["baseline"]["statements"],
    }
    print("\n  cumulative s, own s, calls")
    for line in told["profile"]:
        print("  " + json.dumps(line))


def _measure(side: dict) -> Measure:
    return Measure(side["rate"], side["seconds"])
