"""The benchmark harness, on figures that are known."""

import json

from dev.bench.harness import Benchmark, Measure, Result, Round
from dev.environment import paths


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
