"""Trouble by chance, the same for the same seed: resets, server errors, garbage, slowness."""

import itertools
import random
import threading
from dataclasses import dataclass
from enum import StrEnum


class Kind(StrEnum):
    """What goes wrong with a request."""

    RESET = "resets"  # the connection breaks off
    ERROR = "errors"  # HTTP 500
    GARBAGE = "garbage"  # not what the carrier documents
    SLOW = "slow"  # the answer comes, but late


@dataclass(frozen=True)
class Fate:
    """What becomes of one request.

    :ivar acts: whether what was asked for is carried out; garbage and slowness come after that.
    """

    kind: Kind | None = None
    acts: bool = True


@dataclass(frozen=True)
class Profile:
    """How often each trouble comes, as a share of all requests; the shares add up to 1 at most.

    :ivar operations: which ones are troubled, by the simulator's names; none are all.
    """

    seed: int = 0
    resets: float = 0.0
    errors: float = 0.0
    garbage: float = 0.0
    slow: float = 0.0
    operations: tuple[str, ...] = ()


class Fortune:
    """Draws the fate of one request after the other."""

    def __init__(self, profile: Profile):
        self._profile = profile
        self._counter = itertools.count()
        self._lock = threading.Lock()

    def fate(self, operation: str) -> Fate:
        """What becomes of the next request."""
        profile = self._profile
        if profile.operations and operation not in profile.operations:
            return Fate()
        with self._lock:
            chance = random.Random(f"{profile.seed} {next(self._counter)}")
        draw, acts = chance.random(), chance.random() < 0.5
        for kind in Kind:
            share = getattr(profile, kind)
            if draw < share:
                return Fate(kind, acts or kind in (Kind.GARBAGE, Kind.SLOW))
            draw -= share
        return Fate()
