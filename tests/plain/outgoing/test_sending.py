"""One message over a real connection, on loopback."""

import datetime as dt
import logging
import socket
import threading
from contextlib import contextmanager

import pytest
from cryptography import x509
from cryptography.hazmat.primitives import hashes, serialization
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.x509.oid import NameOID

from odoo.addons.shipment_visibility_webhooks.outgoing import address, sending
from odoo.addons.shipment_visibility_webhooks.outgoing.couriers import Couriers
from odoo.addons.shipment_visibility_webhooks.outgoing.sending import (
    Message,
    Outcome,
    Result,
)

from .receiver import receiving
from .test_address import leading_to


@pytest.fixture
def receiver():
    with receiving() as server:
        yield server


def message(url, allow_private=True):
    return Message(url, {"webhook-id": "1"}, b'{"a":1}', allow_private)


def test_a_message_arrives_as_it_is(receiver):
    outcome = sending.post(message(receiver.url))
    assert (outcome.result, outcome.status) == (Result.TAKEN, 204)
    [(path, headers, body)] = receiver.requests
    assert (path, body) == ("/hook?key=1", b'{"a":1}')
    assert headers["webhook-id"] == "1"
    assert headers["Host"] == f"127.0.0.1:{receiver.port}"


@pytest.mark.parametrize(
    ("status", "result"),
    [
        (200, Result.TAKEN),
        (202, Result.TAKEN),
        (400, Result.REFUSED),
        (401, Result.REFUSED),
        (410, Result.GONE),
        (429, Result.BUSY),
        (500, Result.REFUSED),
        (502, Result.BUSY),
        (503, Result.BUSY),
        (504, Result.BUSY),
    ],
)
def test_the_status_decides(receiver, status, result):
    receiver.answers = [(status, {}, b"")]
    outcome = sending.post(message(receiver.url))
    assert (outcome.result, outcome.status) == (result, status)
    assert outcome.is_receivers_trouble == (result == Result.BUSY)


@pytest.mark.parametrize("status", [301, 302, 307, 308])
def test_no_redirect_is_followed(receiver, status):
    receiver.answers = [(status, {"Location": receiver.url}, b"")]
    outcome = sending.post(message(receiver.url))
    assert (outcome.result, outcome.status) == (Result.REFUSED, status)
    assert len(receiver.requests) == 1


def test_only_the_beginning_of_an_answer_is_read(receiver):
    receiver.answers = [(500, {}, b"no\x00\n" + b"x" * 500_000)]
    answer = sending.post(message(receiver.url)).answer
    assert answer.startswith("no  xx")
    assert len(answer) == sending.MAX_ANSWER_BYTES


def test_how_long_the_receiver_asks_to_wait(receiver):
    in_an_hour = "Mon, 02 Mar 2026 11:00:00 GMT"
    for value, seconds in (
        ("120", 120.0),
        (in_an_hour, 3600.0),
        ("99999999", 86400.0),
        ("-5", None),
        ("soon", None),
    ):
        headers = {"Retry-After": value, "Date": "Mon, 02 Mar 2026 10:00:00 GMT"}
        assert sending._retry_after(headers) == seconds
    receiver.answers = [(429, {"Retry-After": "120"}, b"")]
    assert sending.post(message(receiver.url)).retry_after == 120.0


def test_nobody_there_is_told_apart():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        url = f"http://127.0.0.1:{taken.getsockname()[1]}/"
        outcome = sending.post(message(url))
    assert (outcome.result, outcome.reason) == (Result.UNREACHABLE, "connect")


def test_an_answer_that_is_none_is_told_apart():
    with socket.create_server(("127.0.0.1", 0)) as server:

        def _hang_up():
            connection, _peer = server.accept()
            connection.recv(65536)
            connection.close()

        thread = threading.Thread(target=_hang_up)
        thread.start()
        outcome = sending.post(message(f"http://127.0.0.1:{server.getsockname()[1]}/"))
        thread.join()
    assert (outcome.result, outcome.reason) == (Result.UNREACHABLE, "broken")


@contextmanager
def dripping(beginning):
    """The address of a receiver that says this, and then a byte at a time for ever."""
    with socket.create_server(("127.0.0.1", 0)) as server:
        is_over = threading.Event()

        def _drip():
            connection, _peer = server.accept()
            with connection:
                connection.recv(65536)
                connection.sendall(beginning)
                while not is_over.wait(0.005):
                    try:
                        connection.send(b"x")
                    except OSError:
                        is_over.set()

        thread = threading.Thread(target=_drip)
        thread.start()
        yield f"http://127.0.0.1:{server.getsockname()[1]}/", is_over
        is_over.set()
        thread.join()


@pytest.mark.parametrize("beginning", [b"", b"HTTP/1.1 200 OK\r\nX-Long: "])
def test_who_answers_byte_by_byte_is_hung_up_on(beginning, monkeypatch):
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0.2)
    with dripping(beginning) as (url, has_noticed):
        outcome = sending.post(message(url))
        assert has_noticed.wait(5), "the connection is left open"
    assert (outcome.result, outcome.reason) == (Result.UNREACHABLE, "timeout")


def test_a_status_counts_though_the_rest_of_the_answer_does_not_end(monkeypatch):
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0.2)
    gone = b"HTTP/1.1 410 Gone\r\nContent-Length: 999\r\n\r\n"
    with dripping(gone) as (url, has_noticed):
        assert sending.post(message(url)).result == Result.GONE
        assert has_noticed.wait(5), "the connection is left open"


def test_who_takes_a_message_and_does_not_end_the_answer_holds_up_nobody():
    taken = b"HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n"
    with dripping(taken) as (url, has_noticed):
        outcome = sending.post(message(url))
        assert has_noticed.wait(5), "the connection is left open"
    assert outcome.result == Result.TAKEN
    assert outcome.milliseconds < 1000


def test_what_was_given_up_during_the_lookup_is_not_sent_late(receiver, monkeypatch):
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0)
    outcome = sending.post(message(receiver.url))
    assert (outcome.result, outcome.reason) == (Result.UNREACHABLE, "timeout")
    assert not receiver.requests


def test_nothing_of_an_address_is_logged(caplog, monkeypatch):
    """Also where an answer is odd, which libraries like to tell of."""
    monkeypatch.setattr(sending, "TOTAL_SECONDS", 0.2)
    odd = b"HTTP/1.1 500 No\r\nno header at all\r\nContent-Length: 0\r\n\r\n"
    with caplog.at_level(logging.DEBUG), dripping(odd) as (url, _has_noticed):
        outcome = sending.post(message(f"{url}?key=hidden-in-address"))
    assert outcome.status == 500
    assert "hidden-in-address" not in caplog.text


def test_nothing_is_sent_where_we_may_not_go(receiver):
    for url, lookup in (
        (receiver.url, None),
        (f"https://127.0.0.1:{receiver.port}/", None),
        ("https://hooks.example.com/", leading_to("127.0.0.1")),
    ):
        outcome = sending.post(message(url, allow_private=False), lookup)
        assert outcome.result == Result.FORBIDDEN
    assert not receiver.requests


def test_a_name_is_looked_up_once_and_the_connection_goes_where_it_led(receiver):
    asked = []

    def rebinding(host, port, **kwargs):
        asked.append(host)
        where = "127.0.0.1" if len(asked) == 1 else "127.0.0.2"
        return leading_to(where)(host, port, **kwargs)

    url = f"http://hooks.example.com:{receiver.port}/a"
    assert sending.post(message(url), rebinding).result == Result.TAKEN
    assert asked == ["hooks.example.com"]
    [(_path, headers, _body)] = receiver.requests
    assert headers["Host"] == f"hooks.example.com:{receiver.port}"


def test_an_address_of_ipv6_is_named_in_brackets(receiver):
    url = f"http://[2001:db8::beef]:{receiver.port}/a"
    assert sending.post(message(url), leading_to("127.0.0.1")).result == Result.TAKEN
    [(_path, headers, _body)] = receiver.requests
    assert headers["Host"] == f"[2001:db8::beef]:{receiver.port}"


def test_the_next_address_is_tried_when_one_cannot_be_connected_to(receiver):
    url = f"http://hooks.example.com:{receiver.port}/a"
    both = leading_to("127.0.0.9", "127.0.0.1")
    assert sending.post(message(url), both).result == Result.TAKEN


def test_no_proxy_of_the_environment_stands_between(receiver, monkeypatch):
    for name in ("http_proxy", "HTTP_PROXY", "all_proxy"):
        monkeypatch.setenv(name, "http://127.0.0.1:1")
    monkeypatch.delenv("no_proxy", raising=False)
    assert sending.post(message(receiver.url)).result == Result.TAKEN


@pytest.fixture
def certificate(tmp_path):
    """A certificate of hooks.example.com that signs itself, with its key."""
    key = ec.generate_private_key(ec.SECP256R1())
    name = x509.Name([x509.NameAttribute(NameOID.COMMON_NAME, "hooks.example.com")])
    now = dt.datetime.now(dt.UTC)
    signed = (
        x509.CertificateBuilder()
        .subject_name(name)
        .issuer_name(name)
        .public_key(key.public_key())
        .serial_number(1)
        .not_valid_before(now - dt.timedelta(days=1))
        .not_valid_after(now + dt.timedelta(days=1))
        .add_extension(
            x509.SubjectAlternativeName([x509.DNSName("hooks.example.com")]), False
        )
        .add_extension(x509.BasicConstraints(ca=True, path_length=None), True)
        .sign(key, hashes.SHA256())
    )
    file = tmp_path / "certificate.pem"
    file.write_bytes(
        key.private_bytes(
            serialization.Encoding.PEM,
            serialization.PrivateFormat.PKCS8,
            serialization.NoEncryption(),
        )
        + signed.public_bytes(serialization.Encoding.PEM)
    )
    return str(file)


def test_the_certificate_must_be_that_of_the_name(certificate, monkeypatch):
    monkeypatch.setenv("REQUESTS_CA_BUNDLE", certificate)
    lookup = leading_to("127.0.0.1")
    with receiving(certificate) as receiver:
        good = f"https://hooks.example.com:{receiver.port}/a"
        other = f"https://other.example.com:{receiver.port}/a"
        assert sending.post(message(good), lookup).result == Result.TAKEN
        assert sending.post(message(other), lookup).result == Result.UNREACHABLE
        monkeypatch.delenv("REQUESTS_CA_BUNDLE")
        assert sending.post(message(good), lookup).result == Result.UNREACHABLE
        assert len(receiver.requests) == 1


def test_a_message_does_not_show_what_it_holds():
    shown = repr(message("https://hooks.example.com/a?key=1"))
    assert "key=1" not in shown
    assert "webhook-id" not in shown


def test_couriers_bring_back_what_came_of_each():
    couriers = Couriers(2, send=lambda m: Outcome(Result.TAKEN, int(m.body)))
    for ticket in ("a", "b"):
        couriers.send_out(ticket, Message("", {}, b"200"))
    assert couriers.free == 0
    back = {}
    while couriers.under_way:
        back |= couriers.returned()
    assert {ticket: o.status for ticket, o in back.items()} == {"a": 200, "b": 200}
    assert couriers.free == 2


def test_a_courier_that_does_not_come_back_is_given_up():
    now = [0.0]
    hold = threading.Event()

    def _wait(_message):
        hold.wait()
        return Outcome(Result.TAKEN, 200)

    couriers = Couriers(1, send=_wait, seconds=0.01, clock=lambda: now[0])
    couriers.send_out("a", Message("", {}, b""))
    now[0] = 1.0
    assert couriers.returned() == {"a": sending.TIMED_OUT}
    assert couriers.free == 1
    couriers.send_out("b", Message("", {}, b""))
    hold.set()
    assert [*couriers.returned()] == ["b"]


def test_who_waits_for_couriers_need_not_wait_for_the_slowest():
    hold = threading.Event()

    def _send(message):
        hold.wait()
        return Outcome(Result.TAKEN, 200)

    couriers = Couriers(2, send=_send)
    couriers.send_out("a", Message("", {}, b""))
    assert couriers.returned(0.01) == {}
    assert couriers.under_way == 1
    hold.set()
    assert [*couriers.returned()] == ["a"]


def test_reasons_have_no_address_in_them():
    outcome = sending.post(message("https://hooks.example.com:1/?key=1", False))
    assert outcome.reason == address.PORT
    assert "key=1" not in repr(outcome)
