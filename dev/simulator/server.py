"""The simulated carrier's HTTP: the sandbox's API, its troubles, and commands for tests."""

import json
import re
import time
from collections.abc import Callable
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from . import webhooks
from .carrier import Carrier, engine, fault, faults

MAX_BODY_BYTES = 16 * 1024 * 1024
HANG_SECONDS = 60.0
VOID = re.compile(r"/v1/shipments/([^/]+)/void")

Json = dict[str, Any]


class Handler(BaseHTTPRequestHandler):
    """One request to the carrier."""

    server: "CarrierServer"
    protocol_version = "HTTP/1.1"

    def do_GET(self) -> None:
        """Look something up."""
        self._serve(b"")

    def do_POST(self) -> None:
        """Ask for something to be done."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY_BYTES:
            self.close_connection = True
            self._answer(413, engine.Problem(413, "too_large", "Too large.").body())
            return
        self._serve(self.rfile.read(length))

    def log_message(self, *_arguments: object) -> None:
        """Stay silent: standard output carries the port and nothing else."""

    def _serve(self, body: bytes) -> None:
        address = urlsplit(self.path)
        query = {name: values[-1] for name, values in parse_qs(address.query).items()}
        try:
            payload = json.loads(body) if body else {}
            if address.path.startswith("/control/"):
                self._answer(200, self._control(address.path, payload))
            else:
                self._sell(address.path, query, payload)
        except engine.Problem as problem:
            self._answer(problem.status, problem.body())
        except (ValueError, KeyError, TypeError) as error:
            words = str(error) or type(error).__name__
            self._answer(400, engine.Problem(400, "invalid_request", words).body())

    # Commands.

    def _control(self, path: str, payload: Json) -> Json:
        carrier = self.server.carrier
        match (self.command, path):
            case ("GET", "/control/purchases"):
                return {"purchases": carrier.purchases()}
            case ("POST", "/control/behaviour"):
                return carrier.behave(payload)
            case ("POST", "/control/journey"):
                plan = webhooks.Plan(**{"url": self.server.target, **payload})
                return {"statuses": webhooks.travel(plan, self.server.secret, carrier)}
        raise engine.Problem(404, "not_found", "There is no such command.")

    # The API.

    def _sell(self, path: str, query: dict[str, str], payload: Json) -> None:
        key = (self.headers.get("Authorization") or "").removeprefix("Bearer ").strip()
        if not key:
            raise engine.Problem(401, "unauthorized", "The API key is missing.")
        operation, act = self._operation(path, query, payload)
        trouble = fault(operation, key, str(payload))
        if trouble is faults.Fault.AUTH:
            raise engine.Problem(401, "unauthorized", "The API key is not accepted.")
        if trouble is faults.Fault.REFUSE:
            raise engine.refusal()
        if trouble is faults.Fault.DOWN:
            self._answer(
                503,
                engine.Problem(503, "down", "We are closed for maintenance.").body(),
                {"Retry-After": str(faults.RETRY_AFTER_SECONDS)},
            )
            return
        answer = act()
        if trouble is faults.Fault.TIMEOUT:
            self._hang()
        elif trouble is faults.Fault.GARBAGE:
            self._send(200, "text/html", faults.GARBAGE, {})
        else:
            if trouble is faults.Fault.SLOW:
                time.sleep(faults.SLOW_SECONDS)
            self._answer(200, answer)

    def _operation(
        self, path: str, query: dict[str, str], payload: Json
    ) -> tuple[str, Callable[[], Json]]:
        """Which operation a request names, and how it is done."""
        carrier = self.server.carrier
        match (self.command, path):
            case ("POST", "/v1/rates"):
                return "rate", partial(carrier.rates, payload)
            case ("POST", "/v1/shipments"):
                key = self.headers.get("Idempotency-Key") or ""
                return "book", partial(carrier.book, payload, key)
            case ("GET", "/v1/shipments"):
                return "find", partial(carrier.find, query["reference"])
            case ("GET", "/v1/tracking"):
                numbers = [one for one in query["numbers"].split(",") if one]
                return "track", partial(carrier.track, numbers)
        if self.command == "POST" and (named := VOID.fullmatch(path)):
            return "void", partial(carrier.void, named.group(1))
        raise engine.Problem(404, "not_found", "There is no such resource.")

    # Answers.

    def _hang(self) -> None:
        """Give no answer until the caller has had enough."""
        self.close_connection = True
        self.connection.settimeout(HANG_SECONDS)
        try:
            self.connection.recv(1)
        except OSError:
            return

    def _answer(
        self, status: int, content: Json, headers: dict[str, str] | None = None
    ) -> None:
        body = json.dumps(content).encode()
        self._send(status, "application/json", body, headers or {})

    def _send(
        self, status: int, mimetype: str, body: bytes, headers: dict[str, str]
    ) -> None:
        try:
            self.send_response(status)
            for name, value in headers.items():
                self.send_header(name, value)
            self.send_header("Content-Type", mimetype)
            self.send_header("Content-Length", str(len(body)))
            self.end_headers()
            self.wfile.write(body)
        except OSError:
            # The caller was killed or lost patience; what was bought stays bought.
            self.close_connection = True


class CarrierServer(ThreadingHTTPServer):
    """The carrier on loopback."""

    daemon_threads = True
    request_queue_size = 128

    def __init__(self, port: int, secret: str, target: str):
        super().__init__(("127.0.0.1", port), Handler)
        self.carrier = Carrier()
        self.secret = secret
        self.target = target
