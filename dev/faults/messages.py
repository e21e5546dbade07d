"""What carriers send in the scenarios: journeys, much of it twice, and some of it poison."""

import datetime as dt
import json
import random
from collections.abc import Sequence
from dataclasses import dataclass

from dev.environment import databases
from dev.simulator import journeys

# All that happens lies behind us, and less than the two days after which no mail is sent.
PACE = 0.5
EARLIEST = dt.timedelta(hours=44)
LATEST = dt.timedelta(hours=32)
POISON_EVERY = 100

# What the database does not take in: an error that no reader of messages can foresee.
POISON = "Nobody can record this"
POISONED_DATABASE = f"""
CREATE FUNCTION fault_of_poison() RETURNS trigger LANGUAGE plpgsql AS $$
BEGIN
    RAISE EXCEPTION 'this cannot be recorded' USING ERRCODE = '23514';
END $$;
CREATE TRIGGER fault_of_poison BEFORE INSERT ON shipment_milestone FOR EACH ROW
    WHEN (NEW.raw_text = '{POISON}') EXECUTE FUNCTION fault_of_poison();
"""


@dataclass(frozen=True)
class Messages:
    """What is sent, and what must become of it.

    :ivar bodies: all of it in the order it is sent, with repetitions.
    :ivar clean: what it says, each event once and in order.
    :ivar malformed: how many different ones cannot be read.
    :ivar unrecordable: how many different ones can be read and not be recorded.
    """

    bodies: list[bytes]
    clean: list[bytes]
    malformed: int
    unrecordable: int

    @property
    def distinct(self) -> int:
        """How many receipts there must be."""
        return len(set(self.bodies))


def numbers_under_way(database: str) -> list[str]:
    """The tracking numbers of all parcels that are on their way."""
    rows = databases.execute(
        database, "SELECT tracking_number FROM shipment_package WHERE live ORDER BY id;"
    )
    return rows.splitlines()


def travel(
    rng: random.Random, numbers: Sequence[str], poison_every: int = POISON_EVERY
) -> Messages:
    """Messages of a random journey for each number, shuffled.

    A quarter is sent twice, another quarter is told again in another message.
    """
    now = dt.datetime.now(dt.UTC).replace(second=0, microsecond=0)
    clean, again = [], []
    for number in numbers:
        name = rng.choice(sorted(journeys.JOURNEYS))
        begin = now - EARLIEST + rng.random() * (EARLIEST - LATEST)
        events = journeys.events(name, number, begin, pace=PACE)
        clean += journeys.messages(events)
        again += [
            journeys.message([event], f"again_{event['event_id']}")
            for event in events
            if rng.random() < 0.25
        ]
    repeated = rng.sample(clean, len(clean) // 4)
    # Of both kinds at least one.
    wanted = max((len(clean) + len(again)) // (poison_every - 1), 2)
    malformed = [_malformed(turn) for turn in range(wanted // 2)]
    unrecordable = [
        _unrecordable(rng.choice(numbers), turn, now)
        for turn in range(wanted - wanted // 2)
    ]
    bodies = [*clean, *again, *repeated, *malformed, *unrecordable]
    rng.shuffle(bodies)
    return Messages(bodies, clean, len(malformed), len(unrecordable))


def _malformed(turn: int) -> bytes:
    if turn % 2:
        return b"not JSON %d" % turn
    return json.dumps({"id": f"malformed_{turn}", "events": "none"}).encode()


def _unrecordable(number: str, turn: int, now: dt.datetime) -> bytes:
    event = {
        "event_id": f"poison_{turn}",
        "tracking_number": number,
        "code": "ARR",
        "description": POISON,
        "occurred_at": (now - LATEST).isoformat(timespec="seconds"),
    }
    return journeys.message([event], f"poison_{turn}")
