"""Easyship's JSON Web Token: one algorithm, whatever the token says."""

import base64
import datetime as dt
import hashlib
import hmac
import json

import jwt
import pytest
from cryptography.hazmat.primitives import serialization

from odoo.addons.shipment_visibility_carriers.adapters import signature
from odoo.addons.shipment_visibility_carriers.adapters.signature import SignatureError

from .signature_samples import BODY, NOW, rsa_key

SECRET = "webh_sesame_of_the_demo_company_1"
HEADER = "X-EASYSHIP-SIGNATURE"
CLAIMS = {"easyship_company_id": "demo"}
AT = int(NOW.timestamp())


def verify(token, secrets=(SECRET,), body=BODY):
    signature.scheme("easyship").verify({HEADER: token}, body, secrets, NOW)


def refused(token, **options):
    with pytest.raises(SignatureError) as raised:
        verify(token, **options)
    return str(raised.value)


def segment(value):
    raw = value if isinstance(value, bytes) else json.dumps(value).encode()
    return base64.urlsafe_b64encode(raw).rstrip(b"=")


def token_of(head, claims=CLAIMS, key=SECRET, digest=hashlib.sha256):
    """Any header and claims, truly signed by HMAC: made by hand, as no library would."""
    signed = segment(head) + b"." + segment(claims)
    proof = hmac.new(key if isinstance(key, bytes) else key.encode(), signed, digest)
    return (signed + b"." + segment(proof.digest())).decode()


def pem():
    return (
        rsa_key(0)
        .public_key()
        .public_bytes(
            serialization.Encoding.PEM,
            serialization.PublicFormat.SubjectPublicKeyInfo,
        )
    )


@pytest.mark.filterwarnings("ignore::jwt.InsecureKeyLengthWarning")
def test_an_example():
    # openssl dgst -sha256 -hmac sesame
    verify(
        "eyJhbGciOiJIUzI1NiIsInR5cCI6IkpXVCJ9.eyJlYXN5c2hpcF9jb21wYW55X2lkIjoiMSJ9."
        "5GzT9hZwqV5xzbyJgrfGUUYMeoEPTC7BWHntcnhsbX4",
        secrets=["sesame"],
    )


def test_the_token_says_nothing_of_the_body():
    token = jwt.encode(CLAIMS, SECRET, "HS256")
    verify(token, body=BODY)
    verify(token, body=b"another")


@pytest.mark.parametrize("algorithm", ["none", "None", "NONE", "nOnE", "", None, 0, []])
def test_a_token_without_a_signature(algorithm):
    head, claims = segment({"alg": algorithm, "typ": "JWT"}), segment(CLAIMS)
    unsigned = (head + b"." + claims + b".").decode()
    assert refused(unsigned) == "wrong signature"
    assert refused(unsigned.rstrip(".")) == "wrong signature"
    assert refused(token_of({"alg": algorithm})) == "wrong signature"


@pytest.mark.parametrize("algorithm", ["HS384", "HS512"])
def test_a_token_of_another_length(algorithm):
    token = jwt.encode(CLAIMS, SECRET * 2, algorithm)
    assert refused(token, secrets=[SECRET * 2]) == "wrong signature"


@pytest.mark.parametrize("algorithm", ["hs256", "HS512", "RS256", "ES256", "EdDSA"])
def test_the_token_does_not_choose_the_algorithm(algorithm):
    """The bytes are right for HS256; the token says it is something else."""
    assert refused(token_of({"alg": algorithm})) == "wrong signature"
    verify(token_of({"alg": "HS256"}))


def test_a_token_signed_with_a_private_key():
    token = jwt.encode(CLAIMS, rsa_key(0), "RS256")
    assert refused(token) == "wrong signature"
    assert refused(token, secrets=[SECRET, pem().decode()]) == "wrong signature"


def test_a_public_key_is_no_secret():
    """Anybody could sign with it, so it is refused even where somebody has set it as one."""
    token = token_of({"alg": "HS256", "typ": "JWT"}, key=pem())
    assert refused(token) == "wrong signature"
    assert refused(token, secrets=[pem().decode()]) == "wrong signature"
    with pytest.raises(SignatureError, match="cannot sign"):
        signature.scheme("easyship").sign(BODY, pem().decode(), NOW)


@pytest.mark.parametrize(
    "head",
    [
        {"alg": "HS256", "jwk": {"kty": "oct", "k": "c2ltc2lt"}},
        {"alg": "HS256", "jku": "http://169.254.169.254/keys"},
        {"alg": "HS256", "kid": "../../../dev/null"},
        {"alg": "HS256", "x5u": "http://169.254.169.254/keys"},
    ],
)
def test_a_token_does_not_bring_its_own_key(head):
    assert refused(token_of(head, key="simsim")) == "wrong signature"


@pytest.mark.parametrize(
    "head",
    [
        {"alg": "HS256", "b64": False, "crit": ["b64"]},
        {"alg": "HS256", "crit": ["exp"]},
        {"alg": "HS256", "crit": 1},
        [],
        "HS256",
        b"[" * 2000,
        b"\xff\xfe",
    ],
)
def test_a_header_that_nobody_sends(head):
    assert refused(token_of(head)) == "wrong signature"


@pytest.mark.parametrize("claims", [[], "demo", None, b"", b"[" * 2000, b"\xff"])
def test_claims_that_are_none(claims):
    assert refused(token_of({"alg": "HS256"}, claims)) == "wrong signature"


def test_each_part_is_signed():
    token = jwt.encode(CLAIMS, SECRET, "HS256")
    head, claims, proof = token.split(".")
    other = jwt.encode({"easyship_company_id": "other"}, SECRET, "HS256").split(".")
    for parts in (
        (head, other[1], proof),
        (head, claims, other[2]),
        (head, claims, ""),
        (head, claims, proof, proof),
        (head, claims),
        (segment({"alg": "HS256"}).decode(), claims, proof),
    ):
        assert refused(".".join(parts)) == "wrong signature"


@pytest.mark.parametrize(
    "claims", [{}, {"exp": AT + 1}, {"exp": AT - 299}, {"nbf": AT}, {"nbf": AT + 299}]
)
def test_a_token_in_its_time(claims):
    verify(token_of({"alg": "HS256"}, CLAIMS | claims))


@pytest.mark.parametrize(
    "claims",
    [
        {"exp": AT - 301},
        {"exp": 0},
        {"exp": -(10**400)},
        {"nbf": AT + 301},
        {"nbf": 10**400},
        {"exp": float("nan")},
        {"nbf": float("inf")},
        {"exp": AT + 1, "nbf": AT + 301},
        {"exp": str(AT + 1)},
        {"exp": True},
        {"exp": [AT + 1]},
        {"exp": {}},
    ],
    ids=str,
)
def test_a_token_out_of_its_time(claims):
    reason = refused(token_of({"alg": "HS256"}, CLAIMS | claims))
    assert reason in (
        "signed too long ago, or in the future",
        "unreadable time of signature",
    )


def test_the_time_is_that_of_reception():
    ended = token_of({"alg": "HS256"}, CLAIMS | {"exp": AT})
    later = NOW + dt.timedelta(minutes=6)
    verify(ended)
    with pytest.raises(SignatureError, match="too long ago"):
        signature.scheme("easyship").verify({HEADER: ended}, BODY, [SECRET], later)
