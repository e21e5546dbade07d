"""What validating a delivery costs with a label, beside what it costs without one."""

from collections.abc import Iterator

from dev import shell
from dev.environment import databases
from dev.simulator import Simulator

from .harness import Conditions, Measure, Round, benchmark
from .labels import WORLD

RUNS = 25

MEASURE = (
    WORLD
    + """
import statistics

def validate(carrier):
    '''Press Validate and commit; the seconds, and the statements of all cursors.'''
    picking = deliveries(1, carrier)
    env.invalidate_all()
    cursors.clear()
    before = env.cr.sql_log_count
    begin = time.perf_counter()
    picking.button_validate()
    env.cr.commit()
    seconds = time.perf_counter() - begin
    assert picking.state == "done"
    assert bool(picking.carrier_tracking_ref) == (carrier == method)
    statements = env.cr.sql_log_count - before + sum(cr.sql_log_count for cr in cursors)
    return {"seconds": seconds, "statements": statements}

# Own transactions have cursors of their own, which count as well.
cursors = []
open_cursor = type(env.registry).cursor

def counted(registry, *args, **kwargs):
    cursor = open_cursor(registry, *args, **kwargs)
    cursors.append(cursor)
    return cursor

type(env.registry).cursor = counted

for _warm in range(3):
    validate(fixed), validate(method)
rounds = []
for _number in range(given["runs"]):
    rounds.append({"baseline": validate(fixed), "ours": validate(method)})

def profile():
    import cProfile, pstats
    picking = deliveries(1, method)
    env.invalidate_all()
    profiler = cProfile.Profile()
    profiler.enable()
    picking.button_validate()
    env.cr.commit()
    profiler.disable()
    stats = pstats.Stats(profiler).stats
    rows = [
        [round(cumulative, 4), round(own, 4), calls, f"{file.rsplit('/', 1)[-1]}:{line}:{name}"]
        for (file, line, name), (calls, _, own, cumulative, _) in stats.items()
    ]
    return sorted(rows, reverse=True)[:120]
answer({"rounds": rounds, "profile": profile() if given["profile"] else []})
"""
)


@benchmark(
    "validate",
    unit="validations/s",
    ours="a delivery method that books a label at a carrier",
    baseline="Odoo's fixed price",
)
def validate(conditions: Conditions) -> Iterator[Round]:
    """Validating a delivery with its label, against Odoo's fixed-price provider."""
    with (
        databases.copied(databases.template(), "bench") as database,
        Simulator() as carrier,
    ):
        told = shell.Script(
            database, MEASURE, carrier=carrier.url, runs=RUNS, profile=False
        ).result(timeout=600)
    for one in told["rounds"]:
        yield Round(
            *(
                Measure(1 / one[side]["seconds"], [one[side]["seconds"]])
                for side in ("ours", "baseline")
            )
        )
    last = told["rounds"][-1]
    conditions |= {
        "carrier": "a simulator over HTTP that answers at once; PDF label",
        "delivery": "one product, one parcel, no sales order; committed",
        "statements ours": last["ours"]["statements"],
        "statements baseline": last["baseline"]["statements"],
        "statements more": last["ours"]["statements"] - last["baseline"]["statements"],
    }
