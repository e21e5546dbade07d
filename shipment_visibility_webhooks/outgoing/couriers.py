"""Many messages at a time, each by a thread that holds nothing but the message.

A thread that takes too long is given up, and left to end by itself: looking up a name has no
time limit. It sends nothing any more then.
"""

import math
import time
from collections.abc import Callable, Hashable
from queue import Empty, SimpleQueue
from threading import Thread

from .sending import TIMED_OUT, TOTAL_SECONDS, Message, Outcome, post


class Couriers:
    """Sends up to ``limit`` messages at a time.

    :param send: what a thread does with its message; it must not raise
    """

    def __init__(
        self,
        limit: int,
        send: Callable[[Message], Outcome] = post,
        seconds: float = TOTAL_SECONDS,
        clock: Callable[[], float] = time.monotonic,
    ):
        self._limit = limit
        self._send = send
        self._seconds = seconds
        self._clock = clock
        self._deadlines: dict[Hashable, float] = {}
        self._back: SimpleQueue[tuple[Hashable, Outcome]] = SimpleQueue()

    @property
    def free(self) -> int:
        """How many more may be sent out."""
        return self._limit - len(self._deadlines)

    @property
    def under_way(self) -> int:
        """How many have not come back."""
        return len(self._deadlines)

    def send_out(self, ticket: Hashable, message: Message) -> None:
        """Have a message sent; ``ticket`` names it when it comes back."""
        self._deadlines[ticket] = self._clock() + self._seconds
        Thread(
            target=lambda: self._back.put((ticket, self._send(message))),
            name="shipment-courier",
            daemon=True,
        ).start()

    def returned(self, seconds: float = math.inf) -> dict[Hashable, Outcome]:
        """Wait until at least one is back or given up, and tell of all that are.

        :param seconds: to wait at most; then perhaps of none
        """
        outcomes: dict[Hashable, Outcome] = {}
        until = self._clock() + seconds
        while self._deadlines and not outcomes:
            if self._clock() >= until:
                break
            wait = min(until, *self._deadlines.values()) - self._clock()
            try:
                self._note(*self._back.get(timeout=max(wait, 0.0)), outcomes)
                while not self._back.empty():
                    self._note(*self._back.get(), outcomes)
            except Empty:
                self._give_up(outcomes)
        return outcomes

    def _note(self, ticket: Hashable, outcome: Outcome, outcomes: dict) -> None:
        # One that was given up has been told of already.
        if self._deadlines.pop(ticket, None) is not None:
            outcomes[ticket] = outcome

    def _give_up(self, outcomes: dict) -> None:
        now = self._clock()
        for ticket in [t for t, at in self._deadlines.items() if at <= now]:
            del self._deadlines[ticket]
            outcomes[ticket] = TIMED_OUT
