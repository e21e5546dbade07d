"""What a benchmark is, and how its figures are gathered, shown and kept."""

import datetime as dt
import json
import os
import platform
import statistics
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from dev.environment import databases, paths


@dataclass(frozen=True)
class Measure:
    """One measurement: its figure, and the duration of each single operation in seconds."""

    value: float
    seconds: Sequence[float] = ()

    def percentile(self, share: float) -> float | None:
        """The duration in milliseconds that ``share`` of the operations stay within."""
        if not self.seconds:
            return None
        ordered = sorted(self.seconds)
        return ordered[min(int(len(ordered) * share), len(ordered) - 1)] * 1000


@dataclass(frozen=True)
class Round:
    """Ours and the baseline, measured right after each other."""

    ours: Measure
    baseline: Measure

    @property
    def ratio(self) -> float:
        """How often ours holds the baseline's figure."""
        return self.ours.value / self.baseline.value


Conditions = dict[str, Any]
Measuring = Callable[[Conditions], Iterator[Round]]


@dataclass(frozen=True)
class Benchmark:
    """A named comparison.

    :ivar measure: is given the conditions, adds what is particular about its own, and yields
        a :class:`Round` as often as it measures.
    """

    name: str
    unit: str
    measure: Measuring
    ours: str
    baseline: str

    @property
    def summary(self) -> str:
        """The first line of what the measuring function says of itself."""
        return (self.measure.__doc__ or "").strip().partition("\n")[0]


_registry: dict[str, Benchmark] = {}


def benchmark(
    name: str, *, unit: str, ours: str, baseline: str
) -> Callable[[Measuring], Measuring]:
    """Function decorator: make a measuring function known as the benchmark ``name``.

    :raise ValueError: the name is taken.
    """

    def _register(measure: Measuring) -> Measuring:
        if name in _registry:
            raise ValueError(f"benchmark {name!r} is already registered")
        _registry[name] = Benchmark(name, unit, measure, ours, baseline)
        return measure

    return _register


def benchmarks() -> dict[str, Benchmark]:
    """All benchmarks by name."""
    return dict(_registry)


@dataclass
class Result:
    """The rounds of one run, and what is said of them."""

    benchmark: Benchmark
    conditions: Conditions
    rounds: list[Round] = field(default_factory=list)

    def side(self, name: str) -> dict[str, Any]:
        """The figures of ``ours`` or of the ``baseline``."""
        measures = [getattr(one, name) for one in self.rounds]
        return {
            "what": getattr(self.benchmark, name),
            "median": statistics.median(measure.value for measure in measures),
            "values": [round(measure.value, 2) for measure in measures],
            "p50_ms": _median(measure.percentile(0.50) for measure in measures),
            "p99_ms": _median(measure.percentile(0.99) for measure in measures),
        }

    def as_dict(self) -> dict[str, Any]:
        """What the JSON file holds."""
        ours, baseline = self.side("ours"), self.side("baseline")
        return {
            "name": self.benchmark.name,
            "ratio": round(ours["median"] / baseline["median"], 4),
            "ours": ours.pop("median"),
            "baseline": baseline.pop("median"),
            "unit": self.benchmark.unit,
            "ratios": [round(one.ratio, 4) for one in self.rounds],
            "details": {"ours": ours, "baseline": baseline},
            "conditions": {**self.conditions, "runs": len(self.rounds)},
        }

    def write(self) -> Path:
        """Keep the figures as JSON and return the file."""
        paths.BENCH.mkdir(parents=True, exist_ok=True)
        file = paths.BENCH / f"{self.benchmark.name}.json"
        file.write_text(json.dumps(self.as_dict(), indent=2) + "\n")
        return file

    def table(self) -> str:
        """The figures for a reader."""
        figures = self.as_dict()
        unit = figures["unit"]
        lines = [
            f"{'run':>8}{'ours':>12}{'baseline':>12}{'ratio':>9}   ({unit})",
            *(
                f"{number:>8}{one.ours.value:>12.1f}{one.baseline.value:>12.1f}"
                f"{one.ratio:>9.3f}"
                for number, one in enumerate(self.rounds, 1)
            ),
            f"{'median':>8}{figures['ours']:>12.1f}{figures['baseline']:>12.1f}"
            f"{figures['ratio']:>9.3f}",
        ]
        for name in ("p50_ms", "p99_ms"):
            ours, baseline = (
                figures["details"][side][name] for side in ("ours", "baseline")
            )
            if ours is not None:
                lines.append(f"{name[:3]:>8}{ours:>12.1f}{baseline:>12.1f}{'ms':>9}")
        return "\n".join(lines)


def _median(values: Iterator[float | None]) -> float | None:
    known = [value for value in values if value is not None]
    return round(statistics.median(known), 2) if known else None


def machine() -> Conditions:
    """What every figure depends on."""
    settings = ("server_version", "fsync", "synchronous_commit", "shared_buffers")
    return {
        "date": dt.datetime.now(dt.UTC).isoformat(timespec="seconds"),
        "cores": os.cpu_count(),
        "machine": platform.machine(),
        "python": platform.python_version(),
        "odoo": _odoo_version(),
        "postgresql": {
            name: databases.execute("postgres", f"SHOW {name};") for name in settings
        },
    }


def _odoo_version() -> str:
    release: dict[str, Any] = {}
    exec((paths.odoo_home() / "odoo" / "release.py").read_text(), release)
    return release["version"]


def run(chosen: Benchmark) -> Result:
    """Measure, printing each round as it is done."""
    result = Result(chosen, machine())
    for number, one in enumerate(chosen.measure(result.conditions), 1):
        result.rounds.append(one)
        print(
            f"  run {number}: {one.ours.value:.1f} against {one.baseline.value:.1f} "
            f"{chosen.unit}, {one.ratio:.3f}",
            flush=True,
        )
    return result
