import datetime as dt

import pytest

from odoo.addons.shipment_visibility_carriers.adapters import signature
from odoo.addons.shipment_visibility_carriers.adapters.signature import SignatureError

HEADER = "X-Shipment-Signature"
# printf '1700000000.{"id":"evt_1"}' | openssl dgst -sha256 -hmac sesame
BODY = b'{"id":"evt_1"}'
SECRET = "sesame"
DIGEST = "756e4ac3aaeee290a953fc3161939d2ecd36031c13382d235ee51ecd16b9e64d"
SIGNED_AT = dt.datetime(2023, 11, 14, 22, 13, 20, tzinfo=dt.UTC)
SIGNED = {HEADER: f"t=1700000000,v1={DIGEST}"}
TOLERANCE = dt.timedelta(minutes=5)


@pytest.fixture
def scheme():
    return signature.scheme("hmac_sha256")


def refused(scheme, headers, body=BODY, secrets=(SECRET,), now=SIGNED_AT):
    with pytest.raises(SignatureError) as raised:
        scheme.verify(headers, body, secrets, now)
    assert SECRET not in str(raised.value)
    return str(raised.value)


@pytest.mark.parametrize(
    ("body", "secret", "digest"),
    [
        (BODY, SECRET, DIGEST),
        (
            b"",
            SECRET,
            "3a7bb9c1ec0af4af16811e4d2fb76c758fbe8c0973a59c46a0dee90c0dbe4303",
        ),
        (
            '{"name":"Zoë"}'.encode(),
            "gehëim",
            "151b9e193e11048b6caadc255e1aa78fc022144141a0afd226687aa659791388",
        ),
    ],
)
def test_vectors(scheme, body, secret, digest):
    headers = {HEADER: f"t=1700000000,v1={digest}"}
    assert scheme.sign(body, secret, SIGNED_AT) == headers
    scheme.verify(headers, body, [secret], SIGNED_AT)


def test_header_names_have_no_case(scheme):
    scheme.verify({HEADER.upper(): SIGNED[HEADER]}, BODY, [SECRET], SIGNED_AT)


def test_two_secrets_live_during_a_rotation(scheme):
    scheme.verify(SIGNED, BODY, ["new", SECRET], SIGNED_AT)
    scheme.verify(SIGNED, BODY, [SECRET, "old"], SIGNED_AT)
    assert refused(scheme, SIGNED, secrets=["new", "old"]) == "wrong signature"


@pytest.mark.parametrize("secrets", [(), ("",), ("", "")])
def test_without_a_secret_nothing_is_accepted(scheme, secrets):
    assert refused(scheme, SIGNED, secrets=secrets) == "no secret is set"
    empty = scheme.sign(BODY, "", SIGNED_AT)
    assert refused(scheme, empty, secrets=secrets) == "no secret is set"


@pytest.mark.parametrize(
    "body", [b"", BODY + b"\n", b'{"id": "evt_1"}', b'{"id":"evt_2"}', b"1" + BODY]
)
def test_another_body(scheme, body):
    assert refused(scheme, SIGNED, body=body) == "wrong signature"


def test_another_time_than_the_signed_one(scheme):
    moved = {HEADER: f"t=1700000001,v1={DIGEST}"}
    assert refused(scheme, moved) == "wrong signature"


@pytest.mark.parametrize("skew", [TOLERANCE, -TOLERANCE])
def test_replay_window(scheme, skew):
    scheme.verify(SIGNED, BODY, [SECRET], SIGNED_AT + skew)
    beyond = skew + skew / 300
    reason = refused(scheme, SIGNED, now=SIGNED_AT + beyond)
    assert reason == "signed too long ago, or in the future"


@pytest.mark.parametrize(
    "value",
    [
        "",
        DIGEST,
        f"v1={DIGEST}",
        f"t=,v1={DIGEST}",
        f"t=-1700000000,v1={DIGEST}",
        f"t=1700000000.0,v1={DIGEST}",
        f"t=170000000000,v1={DIGEST}",
        f"t=١٧٠٠٠٠٠٠٠٠,v1={DIGEST}",
        "t=1700000000,v1=",
        f"t=1700000000,v1={DIGEST[:-1]}",
        f"t=1700000000,v1={DIGEST.upper()}",
        f"t=1700000000,v2={DIGEST}",
        f"t=1700000000,v1={DIGEST},v1={DIGEST}",
        f"t=1700000000,v1={DIGEST}, t=1700000000,v1={DIGEST}",
        f" t=1700000000,v1={DIGEST}",
        f"t=1700000000,v1={DIGEST}\n",
    ],
)
def test_unreadable_signature(scheme, value):
    assert refused(scheme, {HEADER: value}) == "unreadable signature"


def test_no_signature(scheme):
    assert refused(scheme, {}) == "not signed"


def test_more_than_one_signature(scheme):
    doubled = {HEADER: SIGNED[HEADER], HEADER.lower(): SIGNED[HEADER]}
    assert refused(scheme, doubled) == "signed more than once"


def test_registry():
    assert {code: one.code for code, one in signature.schemes().items()} == {
        code: code for code in signature.schemes()
    }
    assert all(one.name for one in signature.schemes().values())
    with pytest.raises(ValueError, match="already registered"):
        signature.register("hmac_sha256")(signature.SignatureScheme)
    with pytest.raises(SignatureError):
        signature.scheme("none")
