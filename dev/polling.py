"""Waiting for something that happens elsewhere: look, bounded, for a clear condition."""

import time
from collections.abc import Callable
from typing import TypeVar

Seen = TypeVar("Seen")

PATIENCE = 60.0
PAUSE = 0.1


class NotSeen(AssertionError):
    """What was waited for did not happen in time."""


def eventually(look: Callable[[], Seen], what: str, patience: float = PATIENCE) -> Seen:
    """Call ``look`` until it returns something true, and return that.

    :raise NotSeen: it has not within ``patience`` seconds; the text says what, and what was
        seen last.
    """
    deadline = time.monotonic() + patience
    while True:
        seen = look()
        if seen:
            return seen
        if time.monotonic() > deadline:
            raise NotSeen(f"not within {patience:.0f} s: {what}; last seen: {seen!r}")
        time.sleep(PAUSE)
