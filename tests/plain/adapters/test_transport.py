import gzip
import json
import socket
import time
from threading import Thread

import pytest

from odoo.addons.shipment_visibility_carriers.adapters import wire
from odoo.addons.shipment_visibility_carriers.adapters.errors import (
    AuthFailed,
    OutcomeUnknown,
    Refused,
    Unavailable,
)
from odoo.addons.shipment_visibility_carriers.adapters.transport import Transport

from .carrier_server import DRIP, HANG, RESET, SILENT

KEY = "tiger-42-burning"


@pytest.fixture
def transport(journal):
    return Transport(timeout=5.0, journal=journal.append, secrets=[KEY])


@pytest.fixture
def hasty(journal):
    return Transport(timeout=0.1, journal=journal.append)


def raised_by(transport, url, method="POST", **options):
    with pytest.raises((AuthFailed, OutcomeUnknown, Unavailable)) as raised:
        transport.send("book", method, url, **options)
    assert raised.value.__cause__ is None and raised.value.__suppress_context__ is (
        raised.value.__context__ is not None
    )
    assert "127.0.0.1" not in str(raised.value)
    return raised.value


def test_a_request_and_its_answer(server, transport, journal):
    server.answer = (201, {"X-Request-Id": "r1"}, b'{"id": "shp_1"}')
    answer = transport.send(
        "book",
        "POST",
        f"{server.url}/v1/shipments",
        headers={"Authorization": f"Bearer {KEY}", "Idempotency-Key": "k1"},
        params={"mode": "test"},
        json={"weight": "1.40", "city": "Zürich"},
    )
    assert (answer.status, answer.ok, answer.body) == (201, True, b'{"id": "shp_1"}')
    assert answer.headers["x-request-id"] == "r1"
    (request,) = server.received
    assert (request.method, request.path) == ("POST", "/v1/shipments")
    assert request.params == {"mode": "test"}
    assert request.json == {"weight": "1.40", "city": "Zürich"}
    assert request.headers["Authorization"] == f"Bearer {KEY}"
    assert request.headers["Idempotency-Key"] == "k1"
    (exchange,) = journal
    assert exchange.operation == "book"
    assert exchange.correlation_id == transport.correlation_id
    assert (exchange.method, exchange.status) == ("POST", 201)
    assert exchange.url == f"{server.url}/v1/shipments?mode=test"
    assert exchange.outcome == "answered"
    assert "Zürich" in exchange.request and "shp_1" in exchange.response
    assert 0 <= exchange.milliseconds < 5000


def test_secrets_stay_out_of_the_journal(server, transport, journal):
    server.answer = (200, {"Set-Cookie": "s=HIDDEN"}, b'{"access_token": "HIDDEN"}')
    transport.conceal(["second-secret"])
    transport.send(
        "rate",
        "POST",
        f"{server.url}/v1/{KEY}?token=HIDDEN",
        headers={"Authorization": "Bearer HIDDEN", "X-Key": "second-secret"},
        data={"client_secret": "HIDDEN", "note": KEY},
    )
    assert "second-secret" in server.received[0].headers.values()
    (exchange,) = journal
    for hidden in ("HIDDEN", KEY, "second-secret"):
        assert hidden not in repr(exchange)
    assert transport.masked(f"Key {KEY} is wrong.") == "Key *** is wrong."


def test_a_password_file_is_not_read(server, transport, tmp_path, monkeypatch):
    netrc = tmp_path / "netrc"
    netrc.write_text("machine 127.0.0.1 login other password account")
    monkeypatch.setenv("NETRC", str(netrc))
    transport.send("track", "GET", server.url, headers={"Authorization": "Bearer own"})
    assert server.received[0].headers["Authorization"] == "Bearer own"


@pytest.mark.parametrize("status", [400, 404, 409, 422])
def test_the_carriers_no_is_left_to_the_adapter(server, transport, journal, status):
    server.answer = (status, {}, b"no")
    answer = transport.send("book", "POST", server.url)
    assert (answer.status, answer.ok, answer.body) == (status, False, b"no")
    assert journal[0].outcome == "refused"


@pytest.mark.parametrize("method", ["GET", "POST"])
@pytest.mark.parametrize("status", [401, 403])
def test_credentials_not_accepted(server, transport, journal, method, status):
    server.answer = (status, {}, b'{"error": "bad key"}')
    assert type(raised_by(transport, server.url, method)) is AuthFailed
    assert (journal[0].outcome, journal[0].status) == ("auth_failed", status)
    assert "bad key" in journal[0].response


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({}, None),
        ({"Retry-After": "17"}, 17),
        ({"Retry-After": "-5"}, None),
        ({"Retry-After": "9" * 400}, 24 * 60 * 60),
        ({"Retry-After": "soon"}, None),
        (
            {
                "Retry-After": "Wed, 21 Oct 2015 07:28:30 GMT",
                "Date": "Wed, 21 Oct 2015 07:28:00 GMT",
            },
            30,
        ),
        (
            {
                "Retry-After": "Wed, 21 Oct 2015 07:27:00 GMT",
                "Date": "Wed, 21 Oct 2015 07:28:00 GMT",
            },
            0,
        ),
    ],
)
@pytest.mark.parametrize("status", [429, 503])
def test_asked_to_wait(server, transport, status, headers, seconds):
    server.answer = (status, headers, b"")
    error = raised_by(transport, server.url)
    assert type(error) is Unavailable
    assert error.retry_after == seconds


@pytest.mark.parametrize("status", [301, 302, 303, 307, 308, 500, 502, 504])
def test_nobody_knows_whether_it_was_done(server, transport, journal, status):
    server.answer = (status, {"Location": f"{server.url}/elsewhere"}, b"")
    assert type(raised_by(transport, server.url)) is OutcomeUnknown
    assert journal[-1].outcome == "unknown"
    assert type(raised_by(transport, server.url, "GET")) is Unavailable
    assert journal[-1].outcome == "unavailable"
    assert type(raised_by(transport, server.url, idempotent=True)) is Unavailable
    assert type(raised_by(transport, server.url, "GET", idempotent=False)) is (
        OutcomeUnknown
    )
    assert {request.path for request in server.received} == {"/"}


@pytest.mark.parametrize("how", [RESET, SILENT, HANG, DRIP])
def test_no_whole_answer(server, hasty, journal, how):
    server.answer = how
    begin = time.monotonic()
    assert type(raised_by(hasty, server.url)) is OutcomeUnknown
    assert type(raised_by(hasty, server.url, "GET")) is Unavailable
    assert time.monotonic() - begin < 2.5
    assert [exchange.status for exchange in journal] == [0, 0]
    assert len(server.received) == 2


@pytest.mark.parametrize(
    "answer",
    [
        (200, {"Content-Length": "100"}, b"half"),
        (200, {"Content-Encoding": "gzip"}, b"this is not gzip"),
        (200, {"Transfer-Encoding": "chunked", "Content-Length": ""}, b"zz\r\nx"),
    ],
)
def test_a_broken_answer(server, transport, answer):
    server.answer = answer
    assert type(raised_by(transport, server.url)) is OutcomeUnknown


def test_an_answer_that_is_no_http(transport):
    def _answer(listener):
        connection, _address = listener.accept()
        with connection:
            connection.recv(65536)
            connection.sendall(b"\x00\x01 garbage\r\n\r\n")

    with socket.create_server(("127.0.0.1", 0)) as listener:
        Thread(target=_answer, args=(listener,), daemon=True).start()
        url = f"http://127.0.0.1:{listener.getsockname()[1]}"
        assert type(raised_by(transport, url)) is OutcomeUnknown


def test_an_answer_too_large(server, transport, monkeypatch):
    monkeypatch.setattr(wire, "MAX_ANSWER_BYTES", 10_000)
    server.answer = (200, {}, b"x" * 10_000)
    assert len(transport.send("book", "POST", server.url).body) == 10_000
    server.answer = (200, {}, b"x" * 10_001)
    assert type(raised_by(transport, server.url)) is OutcomeUnknown
    # Small on the way, large when it is unpacked.
    bomb = gzip.compress(b"x" * 1_000_000)
    server.answer = (200, {"Content-Encoding": "gzip"}, bomb)
    assert type(raised_by(transport, server.url, "GET")) is Unavailable


def test_nobody_listens(transport, journal):
    with socket.socket() as unused:
        unused.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{unused.getsockname()[1]}"
        assert type(raised_by(transport, url)) is Unavailable
    assert journal[0].outcome == "unavailable"


@pytest.mark.parametrize(
    "error", [TimeoutError(), socket.gaierror(), ConnectionRefusedError()]
)
def test_never_connected(transport, monkeypatch, error):
    def _fail(*args, **kwargs):
        raise error

    monkeypatch.setattr("urllib3.util.connection.create_connection", _fail)
    assert type(raised_by(transport, "http://carrier.example")) is Unavailable


def test_a_name_that_cannot_be_looked_up_in_time(hasty, monkeypatch):
    monkeypatch.setattr(socket, "getaddrinfo", lambda *args: time.sleep(3) or [])
    begin = time.monotonic()
    # It may still be sent, after we gave up.
    assert type(raised_by(hasty, "http://carrier.example")) is OutcomeUnknown
    assert time.monotonic() - begin < 2


@pytest.mark.parametrize(
    "url",
    ["carrier", "ftp://carrier", "http://", "http://[1", "http://.x", "http://a:b"],
)
def test_an_address_that_is_none(transport, journal, url):
    assert type(raised_by(transport, url)) is AuthFailed
    assert journal[0].outcome == "auth_failed"


@pytest.mark.parametrize("value", ["a\r\nX-Evil: b", "ключ"])
def test_a_key_that_is_no_header(server, transport, value):
    error = raised_by(transport, server.url, headers={"Authorization": value})
    assert type(error) is AuthFailed
    assert server.received == []


def test_a_local_call_is_journalled_like_a_sent_one(transport, journal):
    with transport.local("book", json.dumps({"api_key": "HIDDEN", "n": KEY})) as draft:
        draft.status, draft.response = 200, b'{"token": "HIDDEN", "id": 1}'
    with pytest.raises(Refused), transport.local("void", "{}") as draft:
        raise Refused("too late")
    with pytest.raises(ZeroDivisionError), transport.local("void", "{}"):
        raise ZeroDivisionError
    booked, refused, failed = journal
    assert (booked.operation, booked.outcome, booked.status) == (
        "book",
        "answered",
        200,
    )
    assert '"id": 1' in booked.response
    assert "HIDDEN" not in repr(booked) and KEY not in repr(booked)
    assert (refused.outcome, failed.outcome) == ("refused", "failed")


def test_a_journal_that_fails_does_not_lose_the_answer(server, caplog):
    def _broken(exchange):
        raise RuntimeError("disk full")

    answer = Transport(journal=_broken).send("book", "POST", server.url)
    assert answer.ok
    assert "not journalled" in caplog.text


def test_without_a_journal(server):
    assert Transport().send("track", "GET", server.url).ok


def test_the_correlation_is_the_callers():
    assert Transport(correlation_id="c-1").correlation_id == "c-1"
    assert Transport().correlation_id != Transport().correlation_id


def test_what_was_never_sent_is_no_failure_of_the_carrier(server):
    """A limiter that keeps us waiting too long must not open the breaker."""
    told = []

    class Slow:
        def reserve(self, patience):
            return patience

        def report(self, *outcome):
            told.append(outcome)

    transport = Transport(timeout=0.2, budget=0.2, gate=Slow())
    with pytest.raises(Unavailable):
        transport.send("book", "POST", server.url, json={}, idempotent=False)
    assert told == []
    assert not server.received
