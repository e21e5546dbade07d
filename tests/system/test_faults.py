"""A short run of the fault scenarios; ``make faults`` runs them longer."""

import pytest

import dev.faults.booking_killed
import dev.faults.drain_killed  # noqa: F401  (importing registers the scenarios)
from dev.faults.harness import scenarios

SEED = 19
# These have a file of their own.
ELSEWHERE = {"hostile"}
SHORT = {"drain-killed": 4, "booking-killed": 6, "booking-killed-blind": 4}


@pytest.mark.parametrize("name", SHORT)
def test_nothing_is_lost_and_nothing_twice(name, world_database):
    counts = scenarios()[name].run(world_database, SEED, SHORT[name])
    print(f"\n{name}, seed {SEED}: {counts}")


def test_every_scenario_has_a_short_run():
    assert set(SHORT) == set(scenarios()) - ELSEWHERE
