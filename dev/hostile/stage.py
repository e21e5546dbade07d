"""What a tactic knows, and how tactics find each other by name."""

import datetime as dt
from collections.abc import Callable, Sequence
from dataclasses import dataclass

from hypothesis import strategies as st

from . import bodies
from .doors import Door, Headers
from .wire import Header, Request, measured


@dataclass(frozen=True)
class Genuine:
    """A message of a carrier that was accepted."""

    door: Door
    headers: Headers
    body: bytes


@dataclass(frozen=True)
class Stage:
    """Where hostile requests go, and what a stranger may have seen.

    :ivar seen: messages that were accepted, at least one a door.
    :ivar canary: an address that nobody may ask because a request says so.
    """

    doors: Sequence[Door]
    seen: list[Genuine]
    canary: str

    def any_door(self, draw: st.DrawFn) -> Door:
        """One of all."""
        return draw(st.sampled_from(self.doors))

    def signed_door(self, draw: st.DrawFn) -> Door:
        """One where the signature is over the body."""
        return draw(st.sampled_from([door for door in self.doors if not door.is_token]))

    def timed_door(self, draw: st.DrawFn) -> Door:
        """One where the time is signed, too."""
        return draw(st.sampled_from([door for door in self.doors if door.is_timed]))

    def seen_at(self, draw: st.DrawFn, door: Door) -> Genuine:
        """A message that this door accepted."""
        return draw(st.sampled_from([one for one in self.seen if one.door == door]))


Tactic = Callable[[st.DrawFn, Stage], Request]

TACTICS: dict[str, Tactic] = {}


def tactic(function: Tactic) -> Tactic:
    """Function decorator: a way of being hostile, called as its function is."""
    TACTICS[function.__name__] = function
    return function


def requests(stage: Stage) -> st.SearchStrategy[Request]:
    """Hostile requests of all tactics."""

    @st.composite
    def hostile(draw: st.DrawFn) -> Request:
        name = draw(st.sampled_from(sorted(TACTICS)))
        return TACTICS[name](draw, stage)

    return hostile()


def now() -> dt.datetime:
    """The time at which a message is signed that is to look like a good one."""
    return dt.datetime.now(dt.UTC)


def forged(door: Door, body: bytes) -> Headers:
    """Headers of the right form, signed by somebody who does not know the secret."""
    return door.sign(body, now(), door.other)


def message(
    name: str, door: Door, headers: Headers | Sequence[Header], body: bytes, **more
) -> Request:
    """An ordinary request, as far as HTTP is concerned."""
    given = headers.items() if isinstance(headers, dict) else headers
    return Request(name, door.name, door.path, measured(given, body), body, **more)


def any_body(draw: st.DrawFn) -> bytes:
    """What a stranger might write."""
    return draw(bodies.ANY)
