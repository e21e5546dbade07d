"""How much faster many labels are booked together than one after another."""

from collections.abc import Iterator

from dev import shell
from dev.environment import databases
from dev.simulator import Simulator

from .harness import Conditions, Measure, Round, benchmark
from .labels import WORLD

DELIVERIES = 100
RUNS = 3
ANSWER_SECONDS = 0.4

MEASURE = (
    WORLD
    + """
def ours():
    '''Press Book Labels, and do what the queue's worker does: job, commit, successor.'''
    pickings = without_labels(given["deliveries"])
    begin = time.perf_counter()
    run = env["shipment.booking.run"]._start(pickings)
    env.cr.commit()
    while run.state == "running":
        env.invalidate_all()
        run._job_book()
        env.cr.commit()
    seconds = time.perf_counter() - begin
    assert run.booked_count == len(pickings), run.line_ids.mapped("reason")
    return seconds

def baseline():
    '''Odoo's loop: each delivery is sent to its shipper when the one before is done.'''
    pickings = without_labels(given["deliveries"])
    begin = time.perf_counter()
    for picking in pickings:
        picking.send_to_shipper()
    env.cr.commit()
    seconds = time.perf_counter() - begin
    assert all(pickings.mapped("carrier_tracking_ref"))
    return seconds

def profile():
    import cProfile, pstats
    pickings = without_labels(given["deliveries"])
    run = env["shipment.booking.run"]._start(pickings)
    env.cr.commit()
    profiler = cProfile.Profile()
    profiler.enable()
    while run.state == "running":
        env.invalidate_all()
        run._job_book()
        env.cr.commit()
    profiler.disable()
    stats = pstats.Stats(profiler).stats
    rows = [
        [round(cumulative, 3), round(own, 3), calls, f"{file.rsplit('/', 1)[-1]}:{line}:{name}"]
        for (file, line, name), (calls, _, own, cumulative, _) in stats.items()
    ]
    return sorted(rows, reverse=True)[:140]

rounds = []
for number in range(given["runs"]):
    rounds.append({"baseline": baseline(), "ours": ours()})
answer({"rounds": rounds, "profile": profile() if given["profile"] else []})
"""
)


@benchmark(
    "bulk-labels",
    unit="labels/s",
    ours="Book Labels on the list, ten requests at a time",
    baseline="Odoo's own loop, one delivery after another",
)
def bulk_labels(conditions: Conditions) -> Iterator[Round]:
    """Booking 100 labels in bulk, against one after another, at a carrier that takes 400 ms."""
    with (
        databases.copied(databases.template(), "bench") as database,
        Simulator() as carrier,
    ):
        carrier.behave(before=ANSWER_SECONDS)
        told = shell.Script(
            database,
            MEASURE,
            carrier=carrier.url,
            deliveries=DELIVERIES,
            runs=RUNS,
            profile=False,
        ).result(timeout=900)
        bought = len(carrier.purchases())
    for one in told["rounds"]:
        yield Round(*(Measure(DELIVERIES / one[side]) for side in ("ours", "baseline")))
    conditions |= {
        "deliveries": f"{DELIVERIES} a side and run, validated before, one parcel each",
        "carrier": f"a simulator over HTTP that answers after {ANSWER_SECONDS * 1000:.0f} ms",
        "limit": "10 requests under way at a time",
        "labels": "attached to the deliveries, on both sides; PDF",
        "purchases": f"{bought}, of {2 * RUNS * DELIVERIES} deliveries",
    }
