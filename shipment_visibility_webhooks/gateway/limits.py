"""How often something may happen: token buckets in the memory of this process."""

import ipaddress
import time
from collections import OrderedDict
from collections.abc import Callable, Hashable, Iterable
from threading import Lock

Network = ipaddress.IPv4Network | ipaddress.IPv6Network


class TokenBuckets:
    """A bucket a key: it holds ``burst`` tokens and gets ``rate`` new ones a second.

    The buckets longest unused are given up when there are too many, so that a stranger who
    comes from many addresses fills no memory. Safe to use from any thread.
    """

    def __init__(
        self, size: int = 10_000, clock: Callable[[], float] = time.monotonic
    ) -> None:
        self._size = size
        self._clock = clock
        self._lock = Lock()
        self._buckets: OrderedDict[Hashable, tuple[float, float]] = OrderedDict()

    def take(self, key: Hashable, rate: float, burst: int) -> float:
        """Take a token.

        :return: 0.0 when there was one; else the seconds until there is.
        """
        with self._lock:
            tokens, now = self._fill(key, rate, burst)
            wait = self._wait(tokens, rate)
            self._buckets[key] = (tokens if wait else tokens - 1, now)
            self._buckets.move_to_end(key)
            if len(self._buckets) > self._size:
                self._buckets.popitem(last=False)
        return wait

    def look(self, key: Hashable, rate: float, burst: int) -> float:
        """The seconds until there is a token, without taking it."""
        if key not in self._buckets:
            return 0.0
        with self._lock:
            tokens, _now = self._fill(key, rate, burst)
        return self._wait(tokens, rate)

    def clear(self) -> None:
        """Begin anew with full buckets."""
        with self._lock:
            self._buckets.clear()

    def _fill(self, key, rate, burst):
        now = self._clock()
        tokens, at = self._buckets.get(key, (burst, now))
        return min(burst, tokens + (now - at) * rate), now

    @staticmethod
    def _wait(tokens, rate):
        return 0.0 if tokens >= 1 else (1 - tokens) / rate


class RecentKeys:
    """The keys last remembered, up to a number. Safe to use from any thread."""

    def __init__(self, size: int = 1_000) -> None:
        self._size = size
        self._lock = Lock()
        self._keys: OrderedDict[Hashable, None] = OrderedDict()

    def __contains__(self, key: Hashable) -> bool:
        return key in self._keys

    def remember(self, key: Hashable) -> None:
        """Put the key before all others."""
        with self._lock:
            self._keys[key] = None
            self._keys.move_to_end(key)
            if len(self._keys) > self._size:
                self._keys.popitem(last=False)

    def clear(self) -> None:
        """Remember none."""
        with self._lock:
            self._keys.clear()


def parse_networks(text: str) -> tuple[Network, ...]:
    """The networks and single addresses in a text, apart by white space or commas.

    :raise ValueError: one of them is none; the error's text is the word.
    """
    networks = []
    for word in text.replace(",", " ").split():
        try:
            networks.append(ipaddress.ip_network(word, strict=False))
        except ValueError:
            raise ValueError(word) from None
    return tuple(networks)


def is_within(address: str, networks: Iterable[Network]) -> bool:
    """Whether an address lies in one of the networks. What is no address lies in none."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return False
    # A socket that listens on IPv6 shows an IPv4 peer as ::ffff:192.0.2.1.
    ip = getattr(ip, "ipv4_mapped", None) or ip
    return any(ip in network for network in networks)


def source(address: str) -> str:
    """Who an address stands for: with IPv6 a whole /64, since one host has all of it."""
    try:
        ip = ipaddress.ip_address(address)
    except ValueError:
        return address
    ip = getattr(ip, "ipv4_mapped", None) or ip
    if ip.version == 6:
        return str(ipaddress.ip_network((ip, 64), strict=False))
    return str(ip)
