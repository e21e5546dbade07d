"""Carriers that post webhooks, and post again what was not accepted."""

from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from itertools import count, cycle
from threading import Lock

import requests

from dev.polling import eventually
from dev.simulator import webhooks

from .world import SECRET

SENDERS = 4
PATIENCE = 180.0


@dataclass
class Barrage:
    """Posts all bodies from several threads.

    :ivar urls: where to; with several each request goes to another one.
    :ivar after: called with how many have been accepted, after each.
    :ivar repeated: how many requests were not accepted, and sent again.
    """

    urls: Sequence[str]
    bodies: Sequence[bytes]
    after: Callable[[int], None] = lambda accepted: None
    repeated: int = 0
    _lock: Lock = field(default_factory=Lock)
    _accepted: Iterator[int] = field(default_factory=lambda: count(1))

    def run(self) -> None:
        """Send all.

        :raise NotSeen: one was refused for minutes.
        """
        self._turns = cycle(self.urls)
        with ThreadPoolExecutor(SENDERS) as senders:
            list(senders.map(self._send, self.bodies))

    def _send(self, body: bytes) -> None:
        def accepted() -> bool:
            status = self._post(body)
            with self._lock:
                self.repeated += status != 200
            return status == 200

        eventually(accepted, "a webhook is accepted", PATIENCE)
        with self._lock:
            self.after(next(self._accepted))

    def _post(self, body: bytes) -> int:
        with self._lock:
            url = next(self._turns)
        try:
            with requests.Session() as session:
                return webhooks.post(session, url, body, SECRET)
        except requests.RequestException:
            return 0
