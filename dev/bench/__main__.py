"""Run one benchmark: ``python -m dev.bench NAME``; without a name the names are listed."""

import json
import sys

from dev.environment import paths

from . import (  # noqa: F401  (a benchmark's module registers it)
    bulk_labels,
    contention,
    freight_import,
    harness,
    ingest_core,
    number_search,
    scale,
    validate,
    webhook_accept,
    webhook_process,
)


def main(names: list[str]) -> int:
    """Run the benchmark that is named; return the exit status."""
    known = harness.benchmarks()
    if len(names) != 1 or names[0] not in known:
        print("make bench NAME=…, one of:")
        for one in known.values():
            print(f"  {one.name:<18}{one.summary}")
        return 2
    result = harness.run(known[names[0]])
    print(f"\n{result.benchmark.name}: {result.benchmark.summary}\n\n{result.table()}")
    print(f"\nconditions: {json.dumps(result.conditions, indent=2)}")
    print(f"\nwritten to {result.write().relative_to(paths.ROOT)}")
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
