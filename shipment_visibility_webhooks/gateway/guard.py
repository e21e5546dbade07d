"""Who may come to the door at all, decided in memory before anything costs something.

Plain Python. The buckets are those of this process: with several workers, each of them lets
a sender through at the set rate.
"""

from collections.abc import Hashable

from . import limits
from .refusals import ADDRESS, RATE, SOURCE, Refusal


class Guard:
    """Keeps sources that guess away, and senders to their rate."""

    def __init__(self) -> None:
        self._rates = limits.TokenBuckets()
        self._refused = limits.TokenBuckets()
        self._welcome = limits.RecentKeys()

    def check_source(
        self, address: str, endpoint: Hashable | None, per_minute: int
    ) -> None:
        """Refuse who was refused too often, unless the endpoint has just accepted him.

        A carrier shares its address with a stranger where a proxy hides both, and loses
        nothing by that.

        :param endpoint: which one is called; ``None`` when there is no such.
        :raise Refusal: later again.
        """
        if per_minute <= 0:
            return
        source = limits.source(address)
        wait = self._refused.look(source, per_minute / 60, per_minute)
        if wait and (endpoint, source) not in self._welcome:
            raise Refusal(SOURCE, wait)

    def check_address(self, address: str, networks: tuple[limits.Network, ...]) -> None:
        """Refuse who comes from elsewhere, where networks are given.

        :raise Refusal: for good.
        """
        if networks and not limits.is_within(address, networks):
            raise Refusal(ADDRESS)

    def check_rate(self, endpoint: Hashable, rate: float, burst: int) -> None:
        """Refuse what is more than ``rate`` a second; 0 is without limit.

        :raise Refusal: later again.
        """
        if rate > 0 and (wait := self._rates.take(endpoint, rate, burst)):
            raise Refusal(RATE, wait)

    def remember_refusal(self, address: str, per_minute: int) -> None:
        """Note that something from this address was refused."""
        if per_minute > 0:
            self._refused.take(limits.source(address), per_minute / 60, per_minute)

    def remember_welcome(self, address: str, endpoint: Hashable) -> None:
        """Note that the endpoint accepted a message from this address."""
        self._welcome.remember((endpoint, limits.source(address)))

    def clear(self) -> None:
        """Forget everything."""
        for memory in (self._rates, self._refused, self._welcome):
            memory.clear()


guard = Guard()
