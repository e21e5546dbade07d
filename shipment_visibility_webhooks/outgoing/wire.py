"""A connection that ends at a given moment, however slowly the other side talks."""

import io
import time
from socket import socket


class Wire:
    """A connected socket as ``http.client`` uses one.

    A timeout of Python's sockets is that of one call: who sends a byte every few seconds
    keeps a reader for ever.

    :param connection: closed by whoever opened it
    :param deadline: by ``time.monotonic``; from then on everything raises ``TimeoutError``
    :param patience: seconds without a byte after which it does so, too
    """

    def __init__(self, connection: socket, deadline: float, patience: float):
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
        left = self._deadline - time.monotonic()
        if left <= 0:
            raise TimeoutError
        self._connection.settimeout(min(left, self._patience))


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
