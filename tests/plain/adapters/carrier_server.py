"""A real HTTP server on the loopback that behaves as a test tells it to."""

import json
import socket
import struct
import threading
from contextlib import contextmanager
from dataclasses import dataclass
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from urllib.parse import parse_qs, urlsplit

HANG = "hang"
RESET = "reset"
DRIP = "drip"
SILENT = "close without a word"


@dataclass(frozen=True)
class Received:
    """A request as the server got it."""

    method: str
    target: str
    headers: dict[str, str]
    body: bytes

    @property
    def path(self):
        return urlsplit(self.target).path

    @property
    def params(self):
        return {key: values[-1] for key, values in parse_qs(self.query).items()}

    @property
    def query(self):
        return urlsplit(self.target).query

    @property
    def json(self):
        return json.loads(self.body)


class CarrierServer:
    """``answer`` is ``(status, headers, body)``, one of the words above, or a function of the
    request that returns one of these. ``received`` holds what was asked."""

    def __init__(self, port):
        self.url = f"http://127.0.0.1:{port}"
        self.reset()

    def reset(self):
        self.answer = (200, {}, b"{}")
        self.received = []
        self.released = threading.Event()

    def told_to(self, answer):
        self.answer = answer
        return self


class _Handler(BaseHTTPRequestHandler):
    def _serve(self):
        carrier = self.server.carrier
        length = int(self.headers.get("Content-Length") or 0)
        request = Received(
            self.command, self.path, dict(self.headers), self.rfile.read(length)
        )
        carrier.received.append(request)
        answer = carrier.answer(request) if callable(carrier.answer) else carrier.answer
        if isinstance(answer, str):
            self._misbehave(answer, carrier.released)
        else:
            self._respond(*answer)

    do_GET = do_POST = do_DELETE = do_HEAD = _serve

    def _respond(self, status, headers, body):
        self.send_response_only(status)
        for name, value in {"Content-Length": str(len(body)), **headers}.items():
            self.send_header(name, value)
        self.end_headers()
        self.wfile.write(body)

    def _misbehave(self, how, released):
        self.close_connection = True
        if how == HANG:
            released.wait(5)
        elif how == RESET:
            linger = struct.pack("ii", 1, 0)
            self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, linger)
            self.rfile.close()
            self.wfile.close()
            self.connection.close()
        elif how == DRIP:
            # Each byte comes in time, the answer never does.
            self.wfile.write(b"HTTP/1.1 200 OK\r\nX-Filler: ")
            while not released.wait(0.02):
                self.wfile.write(b"x")

    def handle(self):
        try:
            super().handle()
        except (OSError, ValueError):
            # The client went away, or we closed on it.
            pass

    def finish(self):
        try:
            super().finish()
        except (OSError, ValueError):
            pass

    def log_message(self, *args):
        pass


@contextmanager
def serving():
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Handler)
    server.daemon_threads = True
    server.block_on_close = False
    server.carrier = CarrierServer(server.server_port)
    thread = threading.Thread(
        target=server.serve_forever, kwargs={"poll_interval": 0.01}, daemon=True
    )
    thread.start()
    try:
        yield server.carrier
    finally:
        server.carrier.released.set()
        server.shutdown()
        server.server_close()
        thread.join()
