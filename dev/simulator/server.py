"""The simulated carrier's HTTP: the sandbox's API, its troubles, and commands for tests."""

import json
import re
import socket
import struct
import time
from collections.abc import Callable
from contextlib import suppress
from functools import partial
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs, urlsplit

from . import webhooks
from .carrier import Carrier, Problem, engine, fault, faults
from .trouble import Kind

MAX_BODY_BYTES = 16 * 1024 * 1024
HANG_SECONDS = 60.0
VOID = re.compile(r"/v1/shipments/([^/]+)/void")
CANCEL = re.compile(r"/v1/pickups/([^/]+)/cancel")
# Closing with unread data and no lingering sends a reset instead of an end.
NO_LINGER = struct.pack("ii", 1, 0)

Json = dict[str, Any]


class Handler(BaseHTTPRequestHandler):
    """One request to the carrier."""

    server: "CarrierServer"
    protocol_version = "HTTP/1.1"
    # Head and body are two packets: the second does not wait until the first is confirmed.
    disable_nagle_algorithm = True

    def do_GET(self) -> None:
        """Look something up."""
        self._serve(b"")

    def do_POST(self) -> None:
        """Ask for something to be done."""
        length = int(self.headers.get("Content-Length") or 0)
        if length > MAX_BODY_BYTES:
            self.close_connection = True
            self._answer(413, Problem(413, "too_large", "Too large.").body())
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
        except Problem as problem:
            self._answer(problem.status, problem.body())
        except (ValueError, KeyError, TypeError) as error:
            words = str(error) or type(error).__name__
            self._answer(400, Problem(400, "invalid_request", words).body())

    # Commands.

    def _control(self, path: str, payload: Json) -> Json:
        carrier = self.server.carrier
        match (self.command, path):
            case ("GET", "/control/purchases"):
                return {"purchases": carrier.purchases()}
            case ("GET", "/control/pickups"):
                return {"pickups": carrier.pickups()}
            case ("POST", "/control/behaviour"):
                return carrier.behave(payload)
            case ("POST", "/control/journey"):
                plan = webhooks.Plan(**{"url": self.server.target, **payload})
                return {"statuses": webhooks.travel(plan, self.server.secret, carrier)}
        raise Problem(404, "not_found", "There is no such command.")

    # The API.

    def _sell(self, path: str, query: dict[str, str], payload: Json) -> None:
        key = (self.headers.get("Authorization") or "").removeprefix("Bearer ").strip()
        if not key:
            raise Problem(401, "unauthorized", "The API key is missing.")
        operation, act = self._operation(path, query, payload)
        time.sleep(self.server.carrier.behaviour.latency)
        trouble = fault(operation, key, str(payload or query))
        if trouble is faults.Fault.AUTH:
            raise Problem(401, "unauthorized", "The API key is not accepted.")
        if trouble is faults.Fault.REFUSE:
            raise engine.refusal()
        if trouble is faults.Fault.FUNDS:
            raise engine.no_funds()
        if trouble is faults.Fault.DOWN:
            self._answer(
                503,
                Problem(503, "down", "We are closed for maintenance.").body(),
                {"Retry-After": str(faults.RETRY_AFTER_SECONDS)},
            )
            return
        if trouble is None:
            self._by_chance(operation, act)
            return
        answer = act()
        if trouble is faults.Fault.TIMEOUT:
            self._hang()
        elif trouble is faults.Fault.GARBAGE:
            self._send(200, "text/html", faults.GARBAGE, {})
        else:
            time.sleep(faults.SLOW_SECONDS)
            self._answer(200, answer)

    def _by_chance(self, operation: str, act: Callable[[], Json]) -> None:
        """Answer, or do what chance will have."""
        carrier = self.server.carrier
        fate = carrier.fate(operation)
        answer = act() if fate.acts else {}
        match fate.kind:
            case Kind.RESET:
                self._reset()
            case Kind.ERROR:
                problem = Problem(500, "internal", "Something broke on our side.")
                self._answer(problem.status, problem.body())
            case Kind.GARBAGE:
                self._send(200, "text/html", faults.GARBAGE, {})
            case _:
                if fate.kind is Kind.SLOW:
                    time.sleep(carrier.behaviour.slow_seconds)
                self._answer(200, answer)

    def _operation(
        self, path: str, query: dict[str, str], payload: Json
    ) -> tuple[str, Callable[[], Json]]:
        """Which operation a request names, and how it is done."""
        if self.command == "GET":
            return self._question(path, query)
        carrier = self.server.carrier
        key = self.headers.get("Idempotency-Key") or ""
        match (self.command, path):
            case ("POST", "/v1/rates"):
                return "rate", partial(carrier.rates, payload)
            case ("POST", "/v1/drafts"):
                return "draft", partial(carrier.draft, payload, key)
            case ("POST", "/v1/shipments"):
                return "book", partial(carrier.book, payload, key)
            case ("POST", "/v1/addresses/check"):
                return "address", partial(carrier.check_address, payload)
            case ("POST", "/v1/pickups"):
                return "pickup", partial(carrier.pickup, payload, key)
            case ("POST", "/v1/manifests"):
                return "manifest", partial(carrier.manifest, payload)
        if self.command == "POST" and (named := VOID.fullmatch(path)):
            return "void", partial(carrier.void, named.group(1))
        if self.command == "POST" and (named := CANCEL.fullmatch(path)):
            return "cancel", partial(carrier.cancel_pickup, named.group(1))
        raise Problem(404, "not_found", "There is no such resource.")

    def _question(
        self, path: str, query: dict[str, str]
    ) -> tuple[str, Callable[[], Json]]:
        """As :meth:`_operation`, for what changes nothing."""
        carrier = self.server.carrier
        match path:
            case "/v1/shipments":
                reference, draft = query.get("reference", ""), query.get("draft", "")
                return "find", partial(carrier.find, reference, draft)
            case "/v1/purchases":
                since, after = query["since"], query.get("after", "")
                return "list", partial(carrier.listed, since, after)
            case "/v1/tracking":
                numbers = [one for one in query["numbers"].split(",") if one]
                return "track", partial(carrier.track, numbers)
            case "/v1/balance":
                return "balance", engine.balance
            case "/v1/points":
                return "points", partial(carrier.points, query)
        raise Problem(404, "not_found", "There is no such resource.")

    # Answers.

    def _hang(self) -> None:
        """Give no answer until the caller has had enough."""
        self.close_connection = True
        self.connection.settimeout(HANG_SECONDS)
        try:
            self.connection.recv(1)
        except OSError:
            return

    def _reset(self) -> None:
        """Break the connection off."""
        self.close_connection = True
        self.connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, NO_LINGER)
        self.rfile.close()
        self.wfile.close()
        self.connection.close()

    def handle(self) -> None:
        """Serve requests until the connection ends, also when it was broken off on purpose."""
        with suppress(OSError, ValueError):
            super().handle()

    def finish(self) -> None:
        """Close what is still open."""
        with suppress(OSError, ValueError):
            super().finish()

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
