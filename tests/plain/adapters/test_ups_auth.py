"""UPS's token: fetched once, kept as long as it lasts, renewed when it does not."""

import threading

import pytest

from odoo.addons.shipment_visibility_carriers.adapters.base import (
    AuthFailed,
    OutcomeUnknown,
    Refused,
    Unavailable,
    adapter_class,
)
from odoo.addons.shipment_visibility_carriers.adapters.transport import Transport
from odoo.addons.shipment_visibility_carriers.adapters.ups import auth, line
from odoo.addons.shipment_visibility_carriers.adapters.ups.auth import Tokens

from . import ups_samples
from .ups_samples import ACCOUNT, NUMBERS, PICKUP, SECRET

TOKEN_PATH = "/security/v1/oauth/token"


class Clock:
    now = 1_000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture(autouse=True)
def tokens(monkeypatch, clock):
    """No test finds the token of another."""
    monkeypatch.setattr(line, "TOKENS", Tokens(clock))


@pytest.fixture
def carrier(server):
    server.answer = ups_samples.answer_of
    return server


def ups(server, journal=None, secret=SECRET, **more):
    adapter = adapter_class("ups")
    credentials = adapter.credentials_model(
        client_id="client",
        client_secret=secret,
        account_number=ACCOUNT,
        base_url=server.url,
    )
    write = None if journal is None else journal.append
    return adapter(credentials, Transport(5.0, write), **more)


def paths(server):
    return [request.path for request in server.received]


def test_it_is_fetched_once_for_all_questions(carrier):
    for _question in range(3):
        ups(carrier).track([NUMBERS[0]])
    assert paths(carrier).count(TOKEN_PATH) == 1
    assert len(carrier.received) == 4


def test_it_proves_who_asks(carrier):
    ups(carrier).track([NUMBERS[0]])
    token, question = carrier.received
    assert token.headers["Authorization"].startswith("Basic ")
    assert token.headers["x-merchant-id"] == ACCOUNT
    assert token.body == b"grant_type=client_credentials"
    assert question.headers["Authorization"] == f"Bearer {ups_samples.TOKEN}"


def test_it_is_renewed_before_it_ends(carrier, clock):
    ups(carrier).track([NUMBERS[0]])
    clock.now += 14_399 - auth.MARGIN - 1
    ups(carrier).track([NUMBERS[0]])
    assert paths(carrier).count(TOKEN_PATH) == 1
    clock.now += 1
    ups(carrier).track([NUMBERS[0]])
    assert paths(carrier).count(TOKEN_PATH) == 2


def test_another_secret_has_another_token(carrier):
    ups(carrier).track([NUMBERS[0]])
    ups(carrier, secret="changed-yesterday").track([NUMBERS[0]])
    assert paths(carrier).count(TOKEN_PATH) == 2


def test_one_that_ups_has_forgotten_is_renewed_once(carrier):
    ups(carrier).track([NUMBERS[0]])
    given = iter(["second", "third"])

    def answer(request):
        if request.path == TOKEN_PATH:
            return 200, {}, ups_samples.token(next(given))
        if request.headers["Authorization"] != "Bearer second":
            return 401, {}, b""
        return ups_samples.answer_of(request)

    carrier.answer = answer
    assert len(ups(carrier).track([NUMBERS[0]])) == 1


def test_one_that_is_refused_when_it_is_new_is_not_asked_for_again(carrier):
    def answer(request):
        if request.path == TOKEN_PATH:
            return ups_samples.answer_of(request)
        return 401, {}, b""

    carrier.answer = answer
    with pytest.raises(AuthFailed):
        ups(carrier).track([NUMBERS[0]])
    assert len(carrier.received) == 2


def test_what_fails_for_another_reason_is_not_sent_again(carrier):
    ups(carrier).track([NUMBERS[0]])
    carrier.received.clear()
    carrier.answer = (500, {}, b"")
    with pytest.raises(OutcomeUnknown):
        ups(carrier).pickup(PICKUP)
    assert len(carrier.received) == 1


@pytest.mark.parametrize(
    ("status", "body", "error"),
    [
        (401, b"", AuthFailed),
        (400, ups_samples.problem("ClientId is Invalid", "10400"), AuthFailed),
        (200, b"<html>", Unavailable),
        (200, ups_samples.token(seconds="soon"), Unavailable),
        (503, b"", Unavailable),
    ],
)
def test_without_it_nothing_is_asked(carrier, status, body, error):
    carrier.answer = (status, {}, body)
    with pytest.raises(error):
        ups(carrier).track([NUMBERS[0]])
    assert paths(carrier) == [TOKEN_PATH]


def test_ups_says_why_it_gives_none(carrier):
    carrier.answer = (400, {}, ups_samples.problem("ClientId is Invalid", "10400"))
    with pytest.raises(AuthFailed, match=r"ClientId is Invalid \(10400\)"):
        ups(carrier).track([NUMBERS[0]])


def test_many_threads_wait_for_one_token(clock):
    tokens, asked = Tokens(clock), []
    begun, may_end = threading.Event(), threading.Event()

    def fetch():
        asked.append(1)
        begun.set()
        assert may_end.wait(5)
        return "token", 3600.0

    found = []
    threads = [
        threading.Thread(target=lambda: found.append(tokens.get("key", fetch, 5)))
        for _thread in range(4)
    ]
    for thread in threads:
        thread.start()
    assert begun.wait(5)
    may_end.set()
    for thread in threads:
        thread.join(5)
    assert len(asked) == 1
    assert sorted(found) == [("token", False)] * 3 + [("token", True)]


def test_who_waits_too_long_for_another_gives_up(clock):
    tokens = Tokens(clock)

    def fetch():
        with pytest.raises(Unavailable):
            tokens_of_another_thread(tokens)
        return "token", 3600.0

    assert tokens.get("key", fetch, 5)[0] == "token"


def tokens_of_another_thread(tokens):
    """Ask while somebody else is asking; a lock does not care which thread it is."""
    tokens.get("key", lambda: ("never", 1.0), 0.01)


def test_the_address_follows_the_account(carrier):
    adapter = adapter_class("ups")
    credentials = adapter.credentials_model(
        client_id="client", client_secret=SECRET, account_number=ACCOUNT
    )
    urls = []

    class Recording(Transport):
        def send(self, operation, method, url, **content):
            urls.append(url)
            raise Unavailable("no network here")

    for production in (False, True):
        with pytest.raises(Unavailable):
            adapter(credentials, Recording(), production).track([NUMBERS[0]])
    assert urls == [
        "https://wwwcie.ups.com/security/v1/oauth/token",
        "https://onlinetools.ups.com/security/v1/oauth/token",
    ]


def test_a_token_that_ups_quotes_is_not_passed_on(carrier):
    ups(carrier).track([NUMBERS[0]])
    words = f"The token {ups_samples.TOKEN} may not do this."
    carrier.answer = (400, {}, ups_samples.problem(words))
    journal = []
    with pytest.raises(Refused) as raised:
        ups(carrier, journal).track([NUMBERS[0]])
    assert "may not do this" in str(raised.value)
    assert ups_samples.TOKEN not in str(raised.value) + repr(journal)
