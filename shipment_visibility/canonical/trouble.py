"""Which exceptions the course of events opens, and when it closes them again."""

import datetime as dt
from collections import Counter
from collections.abc import Collection
from dataclasses import dataclass

from .facts import MOVED_AFTER_CANCELLATION, Entry, OpenedException
from .milestone import MILESTONES, Code

# A parcel's key; None stands for the whole shipment where it has no parcels.
Lane = str | None


@dataclass
class _Trouble:
    key: str
    code: Code
    reason: str
    opened_at: dt.datetime
    package: Lane
    text: str
    waits_for: set[Lane]
    closed_at: dt.datetime | None = None

    def opened_exception(self) -> OpenedException:
        return OpenedException(
            key=self.key,
            code=self.code,
            reason=self.reason,
            opened_at=self.opened_at,
            closed_at=self.closed_at,
            package=self.package,
            text=self.text,
        )

    def ends_by(self, code: Code, at: dt.datetime) -> bool:
        """Whether a parcel that comes to ``code`` is out of it.

        An overlay ends by the next state that is strictly newer: a parcel that is
        delivered damaged has both in one moment. A state ends by any other state.
        """
        if MILESTONES[self.code].kind == "overlay":
            return at > self.opened_at
        return code != self.code


class TroubleDesk:
    """The exceptions of one shipment, while its events are replayed in order.

    There is at most one open exception of a code for each parcel, and one for the whole
    shipment: saying it again opens no other.
    """

    def __init__(self) -> None:
        self._all: list[_Trouble] = []
        self._open: dict[tuple[Code, Lane], _Trouble] = {}
        self._counts: Counter[tuple[Code, Lane]] = Counter()

    def open(self, code: Code, entry: Entry, package: Lane, lanes: Collection) -> bool:
        """Open an exception that lasts until all ``lanes`` have got over it.

        :return: whether the shipment had none of this code until now.
        """
        if trouble := self._open.get((code, package)):
            trouble.waits_for.update(lanes)
            return False
        first = all(other != code for other, __ in self._open)
        self._open[code, package] = self._note(
            code, entry.reason if entry.code == code else "", entry, package, lanes
        )
        return first

    def open_anomaly(self, entry: Entry, package: Lane) -> None:
        """A cancelled parcel moves. Only a person can close that: money may be due."""
        self._note(Code.CANCELLED, MOVED_AFTER_CANCELLATION, entry, package, ())

    def _note(
        self, code: Code, reason: str, entry: Entry, package: Lane, lanes: Collection
    ) -> _Trouble:
        self._counts[code, package] += 1
        key = f"{code}/{package or ''}/{self._counts[code, package]}"
        # An anomaly, and a roll-up, are nothing that the source has said.
        text = entry.text if entry.code == code else ""
        trouble = _Trouble(
            key, code, reason, entry.occurred_at, package, text, set(lanes)
        )
        self._all.append(trouble)
        return trouble

    def parcel_moved(self, lane: Lane, code: Code, at: dt.datetime) -> None:
        """The parcel came to the state ``code``."""
        for trouble in list(self._open.values()):
            if lane in trouble.waits_for and trouble.ends_by(code, at):
                trouble.waits_for.discard(lane)
                if not trouble.waits_for:
                    self.close(trouble.code, trouble.package, at)

    def close(self, code: Code, package: Lane, at: dt.datetime) -> None:
        """The exception is over, if there is one."""
        if trouble := self._open.pop((code, package), None):
            trouble.closed_at = at

    def exceptions(self) -> tuple[OpenedException, ...]:
        """All of them, in the order in which they were opened."""
        return tuple(trouble.opened_exception() for trouble in self._all)
