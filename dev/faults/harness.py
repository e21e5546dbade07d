"""What a fault scenario is, and how scenarios find each other by name."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

Counts = dict[str, int]


class FaultFound(AssertionError):
    """Something that must hold in spite of the fault does not."""


@dataclass(frozen=True)
class Plan:
    """How a scenario is to be run.

    :ivar rng: the only source of chance, so that a seed repeats the plan of a run (not the
        scheduling of the processes).
    :ivar size: how much is done; each scenario says what it counts.
    :ivar world: a database of :mod:`.world`, to be copied.
    """

    rng: random.Random
    size: int
    world: str


Acting = Callable[[Plan], Counts]


@dataclass(frozen=True)
class Scenario:
    """A named fault.

    :ivar act: does it, raises :class:`FaultFound`, or returns what it counted.
    :ivar size: the plan's size in ``make faults``.
    """

    name: str
    act: Acting
    size: int

    @property
    def summary(self) -> str:
        """The first line of what the function says of itself."""
        return (self.act.__doc__ or "").strip().partition("\n")[0]

    def run(self, world: str, seed: int, size: int | None = None) -> Counts:
        """Run it with a chance of its own, whichever scenarios ran before.

        :raise FaultFound: something does not hold.
        """
        rng = random.Random(f"{self.name} {seed}")
        return self.act(Plan(rng, self.size if size is None else size, world))


_registry: dict[str, Scenario] = {}


def scenario(name: str, *, size: int) -> Callable[[Acting], Acting]:
    """Function decorator: make a function known as the scenario ``name``.

    :raise ValueError: the name is taken.
    """

    def _register(act: Acting) -> Acting:
        if name in _registry:
            raise ValueError(f"scenario {name!r} is already registered")
        _registry[name] = Scenario(name, act, size)
        return act

    return _register


def scenarios() -> dict[str, Scenario]:
    """All scenarios by name, in the order they are run."""
    return dict(_registry)


Value = TypeVar("Value")


def holds(actual: Value, expected: Value, what: str) -> Value:
    """Compare; return ``actual``.

    :raise FaultFound: they differ.
    """
    if actual != expected:
        raise FaultFound(f"{what}: {actual!r}, should be {expected!r}")
    return actual
