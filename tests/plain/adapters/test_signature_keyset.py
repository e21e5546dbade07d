"""The keys that ShipEngine publishes, against a server on the loopback."""

import json
import threading
import time

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa

from odoo.addons.shipment_visibility_carriers.adapters import signature
from odoo.addons.shipment_visibility_carriers.adapters.signature import (
    KeySet,
    Settings,
    SignatureError,
)
from odoo.addons.shipment_visibility_carriers.adapters.signature.keyset import (
    MAX_BODY_BYTES,
    MAX_KEYS,
    read_keys,
)

from .carrier_server import DRIP, HANG, RESET, SILENT
from .signature_samples import BODY, KEY_ID, NOW, SAMPLES, rsa_key

SHIPENGINE = next(one for one in SAMPLES if one.code == "shipengine")


def published(number=0, kid=KEY_ID, **changes):
    """A key as a carrier publishes it; a change to ``None`` leaves that part out."""
    algorithm = jwt.algorithms.RSAAlgorithm
    key = algorithm.to_jwk(rsa_key(number).public_key(), as_dict=True)
    entry = {"kty": "RSA", "n": key["n"], "e": key["e"], "kid": kid, "use": "sig"}
    entry |= {"alg": "RS256"} | changes
    return {name: value for name, value in entry.items() if value is not None}


def answer(*entries):
    return 200, {}, json.dumps({"keys": entries}).encode()


class Clock:
    def __init__(self):
        self.now = 1000.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


@pytest.fixture
def keys(server, clock):
    server.answer = answer(published())
    return KeySet(f"{server.url}/jwks", clock=clock)


def verify(keys, headers, now=NOW):
    settings = Settings(find_key=keys.find)
    signature.scheme("shipengine").verify(headers, BODY, [], now, settings)


def refused(keys, headers, **options):
    with pytest.raises(SignatureError) as raised:
        verify(keys, headers, **options)
    return str(raised.value)


class TestShipEngine:
    def test_a_message_is_verified_with_the_published_key(self, keys, server):
        verify(keys, SHIPENGINE.signed())
        (request,) = server.received
        assert (request.method, request.path, request.body) == ("GET", "/jwks", b"")

    def test_it_needs_no_secret_and_no_secret_helps(self, keys):
        headers = SHIPENGINE.signed(secret=SHIPENGINE.other)
        assert refused(keys, headers) == "wrong signature"
        assert SHIPENGINE.scheme.keys_url == "https://api.shipengine.com/jwks"

    def test_without_keys_nothing_is_accepted(self):
        with pytest.raises(SignatureError, match="key that is not known"):
            SHIPENGINE.scheme.verify(SHIPENGINE.signed(), BODY, ["sesame"], NOW)

    def test_it_cannot_be_signed_here(self):
        with pytest.raises(SignatureError, match="only ShipEngine itself"):
            SHIPENGINE.scheme.sign(BODY, "sesame", NOW)

    @pytest.mark.parametrize(
        "key_id",
        [
            "http://127.0.0.1:1/jwks",
            "https://evil.example/jwks",
            "../jwks",
            "//evil.example",
            "file:///etc/passwd",
            KEY_ID + "x",
            KEY_ID.upper(),
        ],
    )
    def test_a_key_id_leads_nowhere_else(self, keys, server, key_id):
        headers = SHIPENGINE.signed() | {"x-shipengine-rsa-sha256-key-id": key_id}
        assert refused(keys, headers) == "signed with a key that is not known"
        assert {request.target for request in server.received} == {"/jwks"}

    @pytest.mark.parametrize("key_id", ["", " ", "a,b", "a b", "é", "x" * 201])
    def test_a_key_id_that_is_none_is_not_even_looked_for(self, keys, server, key_id):
        headers = SHIPENGINE.signed() | {"x-shipengine-rsa-sha256-key-id": key_id}
        assert refused(keys, headers) == "unreadable signature"
        assert not server.received

    def test_an_old_message_costs_no_call(self, keys, server):
        headers = SHIPENGINE.signed()
        refused(keys, headers, now=NOW.replace(year=2024))
        assert not server.received

    @pytest.mark.parametrize("value", ["", "====", "AAAA", "%", "A", "AAAA\n"])
    def test_what_is_no_signature(self, keys, value):
        name = "x-shipengine-rsa-sha256-signature"
        refused(keys, SHIPENGINE.signed() | {name: value})


class TestAsking:
    def test_known_keys_are_not_fetched_again(self, keys, server, clock):
        for _message in range(5):
            assert keys.find(KEY_ID)
            clock.now += 3600
        assert len(server.received) == 1

    def test_an_unknown_key_is_looked_for_once_a_minute(self, keys, server, clock):
        keys.find(KEY_ID)
        clock.now += 60
        for number in range(20):
            assert keys.find(f"new-{number}") is None
        assert len(server.received) == 2
        clock.now += 59.9
        assert keys.find("new-0") is None
        assert len(server.received) == 2
        server.answer = answer(published(), published(1, kid="new-0"))
        clock.now += 0.2
        assert keys.find("new-0").public_numbers() == (
            rsa_key(1).public_key().public_numbers()
        )
        assert len(server.received) == 3

    def test_a_key_that_comes_is_used_and_one_that_goes_is_not(
        self, keys, server, clock
    ):
        verify(keys, SHIPENGINE.signed())
        clock.now += 60
        server.answer = answer(published(1, kid="new"))
        assert keys.find("new")
        assert refused(keys, SHIPENGINE.signed()).startswith("signed with a key")

    def test_withdrawn_keys_are_forgotten_within_a_day(self, keys, server, clock):
        assert keys.find(KEY_ID)
        server.answer = answer(published(1, kid="new"))
        clock.now += 24 * 3600
        assert keys.find(KEY_ID) is None

    @pytest.mark.parametrize(
        "bad",
        [
            (500, {}, b""),
            (404, {}, b"{}"),
            (200, {}, b""),
            (200, {}, b"no JSON"),
            (200, {}, b"[]"),
            (200, {}, b'{"keys": {}}'),
            (200, {}, b'{"keys": []}'),
            (200, {}, b"[" * 50_000),
            (200, {}, b"\xff\xfe"),
            (200, {}, b'{"keys": [' + b" " * MAX_BODY_BYTES + b"]}"),
            RESET,
            SILENT,
        ],
        ids=lambda bad: repr(bad)[:30],
    )
    def test_when_there_is_no_answer_the_known_keys_go_on(
        self, keys, server, clock, bad
    ):
        assert keys.find(KEY_ID)
        server.answer = bad
        clock.now += 25 * 3600
        verify(keys, SHIPENGINE.signed())
        assert keys.find("new") is None
        assert len(server.received) == 2
        clock.now += 60
        server.answer = answer(published(), published(1, kid="new"))
        assert keys.find("new")

    def test_when_nobody_answers_nothing_is_accepted(self, server, clock):
        server.answer = RESET
        keys = KeySet(f"{server.url}/jwks", clock=clock)
        headers = SHIPENGINE.signed()
        assert refused(keys, headers) == "signed with a key that is not known"
        refused(keys, headers)
        assert len(server.received) == 1
        clock.now += 60
        server.answer = answer(published())
        verify(keys, headers)

    @pytest.mark.parametrize("slow", [HANG, DRIP])
    def test_a_message_waits_only_so_long(self, server, slow):
        server.answer = slow
        keys = KeySet(f"{server.url}/jwks", timeout=0.2)
        begin = time.monotonic()
        assert keys.find(KEY_ID) is None
        assert time.monotonic() - begin < 2

    def test_no_redirect_is_followed(self, server, clock):
        def elsewhere(request):
            target = {"Location": f"{server.url}/other"}
            return (
                answer(published()) if request.path == "/other" else (302, target, b"")
            )

        server.answer = elsewhere
        assert KeySet(f"{server.url}/jwks", clock=clock).find(KEY_ID) is None
        assert [request.path for request in server.received] == ["/jwks"]

    def test_many_threads_ask_once(self, keys, server):
        barrier = threading.Barrier(8)
        found = []

        def ask(number):
            barrier.wait(5)
            found.append(keys.find(KEY_ID if number % 2 else "unknown"))

        threads = [threading.Thread(target=ask, args=(one,)) for one in range(8)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join(10)
        assert len([key for key in found if key]) == 4
        assert len(server.received) == 1

    @pytest.mark.parametrize(
        "url",
        [
            "http://api.shipengine.com/jwks",
            "http://127.0.0.1.evil.example/jwks",
            "ftp://127.0.0.1/jwks",
            "file:///etc/passwd",
            "/jwks",
            "",
            "https://",
        ],
    )
    def test_keys_are_only_fetched_encrypted(self, url):
        with pytest.raises(ValueError, match="https"):
            KeySet(url)


class TestKeys:
    def found(self, *entries):
        return set(read_keys(json.dumps({"keys": entries}).encode()))

    def test_what_a_key_does_not_say_is_left_open(self):
        assert self.found(published(use=None, alg=None)) == {KEY_ID}

    @pytest.mark.parametrize(
        "changes",
        [
            {"kty": "oct", "k": "c2VzYW1l"},
            {"kty": "EC", "crv": "P-256", "x": "AA", "y": "AA"},
            {"kty": "OKP", "crv": "Ed25519", "x": "AA"},
            {"kty": None},
            {"kty": "rsa"},
            {"use": "enc"},
            {"alg": "HS256"},
            {"alg": "none"},
            {"alg": "RS512"},
            {"alg": {}},
            {"kid": ""},
            {"kid": 1},
            {"kid": []},
            {"n": None},
            {"e": None},
            {"n": ""},
            {"n": 1},
            {"n": "é"},
            {"e": "AA"},
            {"e": []},
        ],
        ids=str,
    )
    def test_a_key_that_is_not_for_us_spoils_no_other(self, changes):
        good = published(1, kid="good")
        assert self.found(published(**changes), good) == {"good"}

    def test_a_private_key_is_no_public_one(self):
        algorithm = jwt.algorithms.RSAAlgorithm
        private = algorithm.to_jwk(rsa_key(0), as_dict=True)
        entry = {**private, "kid": KEY_ID, "use": "sig", "key_ops": None}
        assert self.found({**entry, "alg": "RS256"}) == set()

    def test_a_weak_key(self):
        weak = rsa.generate_private_key(public_exponent=65537, key_size=1024)
        algorithm = jwt.algorithms.RSAAlgorithm
        key = algorithm.to_jwk(weak.public_key(), as_dict=True)
        assert self.found(published(n=key["n"])) == set()

    def test_of_two_with_one_id_the_first_stays(self):
        body = json.dumps({"keys": [published(0), published(1)]}).encode()
        found = read_keys(body)[KEY_ID]
        assert found.public_numbers() == rsa_key(0).public_key().public_numbers()

    def test_more_keys_than_anybody_publishes(self):
        many = [published(kid=str(number)) for number in range(MAX_KEYS + 5)]
        assert len(self.found(*many)) == MAX_KEYS

    @pytest.mark.parametrize("entry", [None, 1, "key", [], {}])
    def test_what_is_no_key(self, entry):
        assert self.found(entry, published()) == {KEY_ID}
