"""A connection that ends at a given moment, however slowly the other side talks."""

import io
import time
from collections.abc import Callable
from socket import socket


class Deadline:
    """A moment that comes in so many seconds, whatever becomes of the wall's clock."""

    def __init__(self, seconds: float, clock: Callable[[], float] = time.monotonic):
        self._clock = clock
        self._begin = clock()
        self._end = self._begin + seconds

    @property
    def spent(self) -> float:
        """Seconds since it was set."""
        return self._clock() - self._begin

    def left(self, at_most: float) -> float:
        """Seconds that something may still take.

        :raise TimeoutError: none.
        """
        seconds = self._end - self._clock()
        if seconds <= 0:
            raise TimeoutError
        return min(seconds, at_most)


class Wire:
    """A connected socket as ``http.client`` uses one.

    A timeout of Python's sockets is that of one call: who sends a byte every few seconds
    keeps a reader for ever.

    :param connection: closed by whoever opened it
    :param deadline: from then on everything raises ``TimeoutError``
    :param patience: seconds without a byte after which it does so, too
    """

    def __init__(self, connection: socket, deadline: Deadline, patience: float):
        self._connection = connection
        self._deadline = deadline
        self._patience = patience

    def sendall(self, data: bytes) -> None:
        """As that of a socket."""
        self._limit()
        self._connection.sendall(data)

    def makefile(self, _mode: str) -> io.BufferedReader:
        """What arrives, as a file."""
        return io.BufferedReader(_Arriving(self))

    def recv_into(self, buffer: memoryview) -> int:
        """As that of a socket."""
        self._limit()
        return self._connection.recv_into(buffer)

    def close(self) -> None:
        """Nothing: an answer is read after the request's side has been closed."""

    def _limit(self) -> None:
        self._connection.settimeout(self._deadline.left(self._patience))


class _Arriving(io.RawIOBase):
    def __init__(self, wire: Wire):
        super().__init__()
        self._wire = wire

    def readable(self) -> bool:
        """As of any file that is read."""
        return True

    def readinto(self, buffer: memoryview) -> int:
        """Fill the buffer with what has arrived."""
        return self._wire.recv_into(buffer)
