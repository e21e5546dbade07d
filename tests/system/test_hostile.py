"""A thousand requests that nobody honest sends; ``make faults`` sends ten thousand."""

import dev.faults.hostile  # noqa: F401  (importing registers the scenario)
from dev.faults.harness import scenarios
from dev.hostile.stage import TACTICS

SEED = 19
REQUESTS = 1000


def test_no_hostile_request_is_let_in_or_does_harm(world_database):
    counts = scenarios()["hostile"].run(world_database, SEED, REQUESTS)
    print(f"\nhostile, seed {SEED}: {counts}")
    assert counts["hostile requests"] >= REQUESTS
    assert counts["ways of being hostile"] == len(TACTICS)
