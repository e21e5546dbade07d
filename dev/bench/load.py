"""Load from another process: a fixed number of connections that post one after the other.

Requests are made ready before the clock runs, one connection carries one request (Odoo's
prefork workers close it after each), and a single thread moves raw bytes, so that the load
takes as little as possible of the cores that the server needs.
"""

import multiprocessing
import selectors
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

PATIENCE = 60.0


@dataclass(frozen=True)
class Reply:
    """The status of one request, 0 when the connection broke, and how long it took."""

    status: int
    seconds: float


@dataclass(frozen=True)
class Report:
    """What came of all requests, in no particular order."""

    elapsed: float
    replies: Sequence[Reply]

    @property
    def rate(self) -> float:
        """Answered requests per second."""
        return len(self.replies) / self.elapsed


def post(path: str, port: int, body: bytes, headers: Mapping[str, str]) -> bytes:
    """The bytes of one request."""
    lines = [
        f"POST {path} HTTP/1.1",
        f"Host: 127.0.0.1:{port}",
        "Connection: close",
        "Content-Type: application/json",
        f"Content-Length: {len(body)}",
        *(f"{name}: {value}" for name, value in headers.items()),
    ]
    return "\r\n".join(lines).encode() + b"\r\n\r\n" + body


@dataclass
class _Exchange:
    """One request on its way."""

    request: memoryview
    begin: float = field(default_factory=time.perf_counter)
    sent: int = 0
    answer: bytearray = field(default_factory=bytearray)

    def reply(self) -> Reply:
        head = bytes(self.answer[:16]).split(b" ")
        status = int(head[1]) if len(head) > 1 and head[1].isdigit() else 0
        return Reply(status, time.perf_counter() - self.begin)


def _open(selector: selectors.BaseSelector, port: int, request: bytes) -> None:
    connection = socket.socket()
    connection.setblocking(False)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.connect_ex(("127.0.0.1", port))
    exchange = _Exchange(memoryview(request))
    selector.register(connection, selectors.EVENT_WRITE, exchange)


def _advance(selector: selectors.BaseSelector, key: selectors.SelectorKey) -> bool:
    """Move bytes of one connection; whether it is finished."""
    connection, exchange = key.fileobj, key.data
    try:
        if exchange.sent < len(exchange.request):
            exchange.sent += connection.send(exchange.request[exchange.sent :])
            if exchange.sent == len(exchange.request):
                selector.modify(connection, selectors.EVENT_READ, exchange)
            return False
        part = connection.recv(65536)
    except BlockingIOError:
        return False
    except OSError:
        part = b""
    exchange.answer += part
    if part:
        return False
    selector.unregister(connection)
    connection.close()
    return True


def _fire(port: int, waiting: Iterator[bytes], connections: int) -> Report:
    replies = []
    begin = time.perf_counter()
    with selectors.DefaultSelector() as selector:
        for _number in range(connections):
            if (request := next(waiting, None)) is not None:
                _open(selector, port, request)
        while selector.get_map():
            ready = selector.select(PATIENCE)
            if not ready:
                raise TimeoutError(f"no answer within {PATIENCE:.0f} s")
            for key, _events in ready:
                if not _advance(selector, key):
                    continue
                replies.append(key.data.reply())
                if (request := next(waiting, None)) is not None:
                    _open(selector, port, request)
    return Report(time.perf_counter() - begin, replies)


def _fire_all(port: int, requests: Sequence[bytes], connections: int) -> Report:
    return _fire(port, iter(requests), connections)


class Load:
    """The other process, which is started once and fires as often as it is told."""

    def __init__(self):
        self._pool = multiprocessing.get_context("spawn").Pool(1)

    def __enter__(self) -> "Load":
        return self

    def __exit__(self, *_exception) -> None:
        self._pool.terminate()
        self._pool.join()

    def fire(self, port: int, requests: Sequence[bytes], connections: int) -> Report:
        """Send all requests over that many connections at a time."""
        return self._pool.apply(_fire_all, (port, requests, connections))
