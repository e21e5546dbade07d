"""Run fault scenarios: ``python -m dev.faults [NAME ...] [--seed N]``, all by default."""

import argparse
import random
import sys
import time

# Importing registers them.
from . import (  # noqa: F401
    booking_killed,
    drain_killed,
    flood,
    hostile,
    postgres_restarted,
    server_killed,
)
from .harness import Scenario, scenarios
from .world import prepared

SHIPMENTS = 40


def main() -> int:
    """Run what is named; return 1 when something did not hold."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--size", type=int, help="another size of what is named")
    parser.add_argument(
        "--seed", type=int, default=random.SystemRandom().getrandbits(32)
    )
    options = parser.parse_args()
    known = scenarios()
    if unknown := set(options.names) - set(known):
        print(f"no such scenario: {', '.join(sorted(unknown))}; there are:")
        for one in known.values():
            print(f"  {one.name:<18}{one.summary}")
        return 2
    print(f"seed {options.seed} (repeat with SEED={options.seed})", flush=True)
    with prepared("faults", shipments=SHIPMENTS) as world:
        held = [
            _run(known[name], world, options.seed, options.size)
            for name in options.names or known
        ]
    return 0 if all(held) else 1


def _run(one: Scenario, world: str, seed: int, size: int | None) -> bool:
    print(f"\n{one.name}: {one.summary}", flush=True)
    begin = time.monotonic()
    try:
        counts = one.run(world, seed, size)
    except AssertionError as fault:
        print(f"  ✗ {fault}\n    seed {seed}", flush=True)
        return False
    for what, count in counts.items():
        print(f"  {count:>7}  {what}")
    print(f"  ✓ holds ({time.monotonic() - begin:.0f} s)", flush=True)
    return True


if __name__ == "__main__":
    sys.exit(main())
