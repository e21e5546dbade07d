"""The benchmark harness, on figures that are known; benchmarks in short."""

import json

from dev import shell
from dev.bench import contention, crowd, harness
from dev.bench.harness import Benchmark, Measure, Result, Round
from dev.environment import databases, paths


def result() -> Result:
    chosen = Benchmark("known", "things/s", lambda _conditions: iter(()), "a", "b")
    rounds = [
        Round(Measure(90.0, [0.001] * 99 + [0.5]), Measure(100.0, [0.001] * 100)),
        Round(Measure(80.0), Measure(100.0)),
        Round(Measure(10.0), Measure(200.0)),
    ]
    return Result(chosen, {"cores": 2}, rounds)


def test_the_ratio_is_of_the_medians():
    figures = result().as_dict()
    assert (figures["ours"], figures["baseline"], figures["ratio"]) == (
        80.0,
        100.0,
        0.8,
    )
    assert figures["ratios"] == [0.9, 0.8, 0.05]


def test_the_file_holds_what_is_promised(monkeypatch, tmp_path):
    monkeypatch.setattr(paths, "BENCH", tmp_path)
    kept = json.loads(result().write().read_text())
    assert {"name", "ratio", "ours", "baseline", "unit", "conditions"} <= set(kept)
    assert kept["conditions"] == {"cores": 2, "runs": 3}
    assert kept["details"]["ours"]["values"] == [90.0, 80.0, 10.0]
    assert kept["details"]["ours"]["p99_ms"] == 500.0
    assert kept["details"]["ours"]["p50_ms"] == 1.0


def test_people_work_on_while_webhooks_arrive(monkeypatch):
    """The benchmark in short: it fails of itself when a message is refused or lost."""
    short = {"ROUNDS": 1, "TURNS": 2, "WARM_UP": 1, "FOLLOWED": 2, "OTHERS": 20}
    for name, value in {**short, "RATE": 20, "LEAD_IN": 0.5}.items():
        monkeypatch.setattr(contention, name, value)
    result = harness.run(harness.benchmarks()["contention"])
    told = result.as_dict()["conditions"]
    assert {one["times"] for one in told["operations"].values()} == {2}
    assert told["serialization errors that reached a user"] == 0
    assert told["webhooks processed per second meanwhile"] > 0


# What became of a copied shipment when all is derived anew from its copied milestones.
REFOLD = """
shipments = env["shipment.shipment"].search([("name", "like", "CROWD/")])
before = {one.id: one.headline for one in shipments if one.headline == "delivered"}
same = shipments.browse(before)
same.with_context(shipment_no_effects=True)._refold()
numbers = same.package_ids.filtered("tracking_number").mapped("number_normalised")
answer({
    "shipments": len(shipments.with_context(active_test=False).search(
        [("name", "like", "CROWD/")]
    )),
    "delivered": len(same),
    "changed": [one.id for one in same if one.headline != before[one.id]],
    "deliveries": len(same.picking_ids),
    "numbers": len(set(numbers)) == len(numbers) > 0,
})
"""


def test_a_crowd_is_made_of_shipments_as_the_suite_writes_them(simulator):
    made = crowd.ready(150, simulator.url)
    try:
        told = shell.run(made.database, REFOLD)
    finally:
        databases.drop(made.database)
    assert told["shipments"] == 150
    assert told["delivered"] == told["deliveries"] > 100
    assert (told["changed"], told["numbers"]) == ([], True)
