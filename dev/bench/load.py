"""Load from another process: as fast as some connections can, or so many in a second.

Requests are made ready before the clock runs, one connection carries one request (Odoo's
prefork workers close it after each), and a single thread moves raw bytes, so that the load
takes as little as possible of the cores that the server needs.
"""

import multiprocessing
import re
import selectors
import socket
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import Any

PATIENCE = 60.0
# Of a steady stream, as a proxy limits it; who has so many open falls behind. More than
# eight for each worker would not fit into the queue in which Odoo lets connections wait.
MOST_OPEN = 16


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
    """One request on its way.

    :ivar hangs_up: close the connection when the answer is complete, as a proxy does, and not
        only when the server has closed it, which waits ten milliseconds for that.
    """

    request: memoryview
    hangs_up: bool
    begin: float = field(default_factory=time.perf_counter)
    sent: int = 0
    answer: bytearray = field(default_factory=bytearray)

    @property
    def is_answered(self) -> bool:
        """Whether the answer is as long as it says."""
        head, end, body = bytes(self.answer).partition(b"\r\n\r\n")
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        return bool(end and length) and len(body) >= int(length[1])

    def reply(self) -> Reply:
        head = bytes(self.answer[:16]).split(b" ")
        status = int(head[1]) if len(head) > 1 and head[1].isdigit() else 0
        return Reply(status, time.perf_counter() - self.begin)


def _open(
    selector: selectors.BaseSelector, port: int, request: bytes, hangs_up: bool = False
) -> None:
    connection = socket.socket()
    connection.setblocking(False)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    connection.connect_ex(("127.0.0.1", port))
    exchange = _Exchange(memoryview(request), hangs_up)
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
    if part and not (exchange.hangs_up and exchange.is_answered):
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


class _Stream:
    """Requests that are due one after the other, whether earlier ones are answered or not."""

    def __init__(self, port: int, requests: Sequence[bytes], rate: float):
        self._port = port
        self._waiting = iter(requests)
        self._pause = 1 / rate
        self._replies: list[Reply] = []

    def run(self) -> Report:
        """Send until told to stop or none is left; wait for the last answers."""
        begin = due = time.perf_counter()
        request = next(self._waiting, None)
        with selectors.DefaultSelector() as selector:
            while request is not None and not _signals.stop.is_set():
                while not _signals.more.empty():
                    _open(selector, self._port, _signals.more.get(), hangs_up=True)
                now = time.perf_counter()
                if now < due or len(selector.get_map()) >= MOST_OPEN:
                    self._move(selector, max(due - now, 0.001))
                    continue
                _open(selector, self._port, request, hangs_up=True)
                due += self._pause
                request = next(self._waiting, None)
            elapsed = time.perf_counter() - begin
            while selector.get_map():
                if not self._move(selector, PATIENCE):
                    raise TimeoutError(f"no answer within {PATIENCE:.0f} s")
        return Report(elapsed, self._replies)

    def _move(self, selector: selectors.BaseSelector, seconds: float) -> bool:
        """Move bytes of what is ready within so many seconds; whether anything was."""
        if not selector.get_map():
            time.sleep(seconds)
            return False
        ready = selector.select(seconds)
        for key, _events in ready:
            if _advance(selector, key):
                self._replies.append(key.data.reply())
        return bool(ready)


def _stream(port: int, requests: Sequence[bytes], rate: float) -> Report:
    return _Stream(port, requests, rate).run()


@dataclass
class _Signals:
    """What the other process is told while it works."""

    stop: Any
    more: Any


_signals: _Signals | None = None


def _listen(stop: Any, more: Any) -> None:
    global _signals
    _signals = _Signals(stop, more)


@dataclass
class Pouring:
    """A steady stream that is under way; :attr:`report` is there when it has ended."""

    more: Any
    report: Report | None = None

    def add(self, request: bytes) -> None:
        """Send this one too, at once."""
        self.more.put(request)


class Load:
    """The other process, which is started once and fires as often as it is told."""

    def __init__(self):
        context = multiprocessing.get_context("spawn")
        self._stop, self._more = context.Event(), context.SimpleQueue()
        self._pool = context.Pool(1, _listen, (self._stop, self._more))

    def __enter__(self) -> "Load":
        return self

    def __exit__(self, *_exception) -> None:
        self._pool.terminate()
        self._pool.join()

    def fire(self, port: int, requests: Sequence[bytes], connections: int) -> Report:
        """Send all requests over that many connections at a time."""
        return self._pool.apply(_fire_all, (port, requests, connections))

    @contextmanager
    def pouring(
        self, port: int, requests: Sequence[bytes], rate: float
    ) -> Iterator[Pouring]:
        """Send so many requests a second for as long as the block lasts.

        :param requests: enough of them for the time the block may take.
        """
        self._stop.clear()
        stream = Pouring(self._more)
        running = self._pool.apply_async(_stream, (port, requests, rate))
        try:
            yield stream
        finally:
            self._stop.set()
            stream.report = running.get(PATIENCE * 2)
