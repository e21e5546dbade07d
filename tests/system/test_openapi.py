"""The running server answers, and tells others, as docs/openapi.yaml says."""

import datetime as dt
import threading
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

import pytest
import requests
import schemathesis
from hypothesis import HealthCheck, Phase, seed, settings
from schemathesis import checks
from schemathesis.specs.openapi import checks as openapi_checks

from dev.check import openapi
from dev.faults.world import SECRET
from dev.polling import eventually
from dev.simulator import webhooks

SEED = 19
EXAMPLES = 40
TIMEOUT = 30
# The days of a journey become minutes.
PACE = 0.001
METRICS_TOKEN = "shipment_visibility_webhooks.metrics_token"
REFUSALS = "shipment_visibility_webhooks.refusals_per_minute"
CHECKS = [
    checks.not_a_server_error,
    openapi_checks.status_code_conformance,
    openapi_checks.content_type_conformance,
    openapi_checks.response_headers_conformance,
    openapi_checks.response_schema_conformance,
]

interface = schemathesis.openapi.from_path(openapi.DOCUMENT)
bounded = settings(
    max_examples=EXAMPLES,
    phases=[Phase.explicit, Phase.generate, Phase.shrink],
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@pytest.fixture(scope="module", autouse=True)
def patience(world):
    """Nobody is sent away for being refused often: all requests come from one address."""
    before = world.admin.call("ir.config_parameter", "get_param", REFUSALS)
    world.admin.call("ir.config_parameter", "set_param", REFUSALS, "0")
    yield
    world.admin.call("ir.config_parameter", "set_param", REFUSALS, before)


class Known(requests.Session):
    """Somebody who knows the secrets, and proves it over the bytes that are sent."""

    def __init__(self, token: str):
        super().__init__()
        self._token = token
        self.auth = self._prove

    def _prove(self, request):
        body = request.body or b""
        body = body.encode() if isinstance(body, str) else body
        if request.method == "POST":
            request.headers.update(webhooks.signed(body, SECRET))
        else:
            request.headers["Authorization"] = f"Bearer {self._token}"
        return request


@pytest.fixture(scope="module")
def known(world):
    """Knows the secret of the endpoint and the token of the metrics."""
    token = world.admin.call("ir.config_parameter", "get_param", METRICS_TOKEN)
    with Known(token) as session:
        yield session


@seed(SEED)
@interface.parametrize()
@bounded
def test_who_knows_the_secrets_is_answered_as_documented(case, world, known):
    if "token" in case.path_parameters:
        case.path_parameters["token"] = _token(world)
    answer = case.call(base_url=world.server.url, session=known, timeout=TIMEOUT)
    assert answer.status_code == (200 if _is_documented(case) else 405)
    case.validate_response(answer, checks=CHECKS)


@seed(SEED)
@interface.parametrize()
@bounded
def test_a_stranger_is_answered_as_documented(case, world):
    is_open = _is_documented(case) and case.path.endswith("/health")
    # At whatever address comes up, and at the right one.
    for token in {case.path_parameters.get("token"), _token(world)}:
        if "token" in case.path_parameters:
            case.path_parameters["token"] = token
        answer = case.call(base_url=world.server.url, timeout=TIMEOUT)
        assert (answer.status_code == 200) == is_open
        case.validate_response(answer, checks=CHECKS)


def _token(world):
    return world.webhook_url.rpartition("/")[2]


def _is_documented(case):
    """Whether the method is the operation's own: others are tried as well.

    Odoo hands OPTIONS to every route; where something is only looked up, that does no harm.
    """
    own = case.operation.method.upper()
    return case.method == own or (own, case.method) == ("GET", "OPTIONS")


class _Receiver(BaseHTTPRequestHandler):
    def do_POST(self):
        body = self.rfile.read(int(self.headers["Content-Length"]))
        self.server.messages.append((dict(self.headers), body))
        self.send_response(204)
        self.end_headers()

    def log_message(self, *args):
        """Override of http.server to keep quiet."""


@pytest.fixture
def receiver():
    """Somebody who takes messages; ``messages`` are those he took."""
    server = ThreadingHTTPServer(("127.0.0.1", 0), _Receiver)
    server.messages = []
    thread = threading.Thread(target=server.serve_forever, args=(0.05,))
    thread.start()
    yield server
    server.shutdown()
    thread.join()
    server.server_close()


def test_what_subscribers_are_told_is_as_documented(world, simulator, receiver, number):
    events = world.admin.search("shipment.subscription.event", [])
    subscription = world.admin.create(
        "shipment.subscription",
        name="Told by the document",
        url=f"http://127.0.0.1:{receiver.server_address[1]}/events",
        allow_private_addresses=True,
        listens_since=str(dt.datetime.now(dt.UTC) - dt.timedelta(hours=1))[:19],
        event_ids=[(6, 0, events)],
    )
    call = world.admin.call
    try:
        call("shipment.subscription", "action_new_secret", [subscription])
        call("shipment.subscription", "action_send_test", [subscription])
        statuses = simulator.journey(
            world.webhook_url, [number], "delivered", pace=PACE
        )
        assert set(statuses) == {200}
        eventually(
            lambda: any(b"shipment.delivered" in body for _, body in receiver.messages),
            "the subscriber is told of the delivery",
        )
    finally:
        call("shipment.subscription", "write", [subscription], {"active": False})
    assert len(receiver.messages) > 2
    for headers, body in receiver.messages:
        assert openapi.outgoing_problems(headers, body) == []
