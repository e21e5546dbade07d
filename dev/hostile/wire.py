"""A request byte by byte, as no library would send it."""

import re
import socket
from collections.abc import Iterable
from contextlib import suppress
from dataclasses import dataclass

TIMEOUT = 20.0
SHOWN = 300
_CONTINUE = b"HTTP/1.1 100 Continue\r\n\r\n"
_STATUS = re.compile(rb"HTTP/1\.[01] ([0-9]{3}) ")

Header = tuple[str, str | bytes]


@dataclass(frozen=True, repr=False)
class Request:
    """What is sent to a door.

    :ivar tactic: what is wrong with it.
    :ivar door: the name of the endpoint.
    :ivar headers: in their order, names may come twice.
    :ivar payload: the bytes behind the headers, whatever those say of them.
    :ivar cut: so many bytes are sent, and no more.
    :ivar is_replay: it was accepted before; to say so again is no mistake.
    """

    tactic: str
    door: str
    path: str
    headers: tuple[Header, ...]
    payload: bytes = b""
    method: str = "POST"
    cut: int | None = None
    is_replay: bool = False

    def raw(self) -> bytes:
        """All bytes of it."""
        lines = [_bytes(f"{self.method} {self.path} HTTP/1.1")]
        lines += [_bytes(name) + b": " + _bytes(value) for name, value in self.headers]
        return (b"\r\n".join(lines) + b"\r\n\r\n" + self.payload)[: self.cut]

    def _repr_pretty_(self, printer, _cycle) -> None:
        # By which hypothesis prints; else it would print every field.
        printer.text(repr(self))

    def __repr__(self) -> str:
        """Enough to understand it; it may be megabytes long."""
        raw = self.raw()
        shown = raw if len(raw) <= 2 * SHOWN else raw[:SHOWN] + b" ... " + raw[-SHOWN:]
        return f"<{self.tactic} at {self.door}, {len(raw)} bytes: {shown!r}>"


def _bytes(text: str | bytes) -> bytes:
    return text if isinstance(text, bytes) else text.encode("utf-8", "surrogatepass")


def measured(headers: Iterable[Header], body: bytes) -> tuple[Header, ...]:
    """Headers of a body whose length is told."""
    return (*_usual(headers), ("Content-Length", str(len(body))))


def chunked(headers: Iterable[Header]) -> tuple[Header, ...]:
    """Headers of a body that comes in chunks."""
    return (*_usual(headers), ("Transfer-Encoding", "chunked"))


def chunks(body: bytes, size: int) -> bytes:
    """A body in chunks of a size."""
    parts = [body[start : start + size] for start in range(0, len(body), size)]
    told = [f"{len(part):x}\r\n".encode() + part + b"\r\n" for part in parts]
    return b"".join(told) + b"0\r\n\r\n"


def _usual(headers: Iterable[Header]) -> tuple[Header, ...]:
    given = tuple(headers)
    names = {name.lower() for name, _value in given}
    usual = (("Host", "127.0.0.1"), ("Content-Type", "application/json"))
    return (*(one for one in usual if one[0].lower() not in names), *given)


@dataclass(frozen=True)
class Answer:
    """What came back; the status is 0 when nothing did."""

    status: int
    content: bytes


def send(port: int, request: Request) -> Answer:
    """Send a request, say that no more will come, and read the answer to its end.

    :raise TimeoutError: the server does not answer.
    """
    with socket.create_connection(("127.0.0.1", port), TIMEOUT) as line:
        # Who is refused before everything was read cannot send the rest.
        with suppress(OSError):
            line.sendall(request.raw())
            line.shutdown(socket.SHUT_WR)
        content = b""
        with suppress(ConnectionError):
            while part := line.recv(65536):
                content += part
    # What was asked for by ``Expect`` is not the answer yet.
    content = content.removeprefix(_CONTINUE)
    found = _STATUS.match(content)
    return Answer(int(found[1]) if found else 0, content)
