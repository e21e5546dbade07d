"""Tactics against tokens that are written as JSON: algorithms that the token itself chooses."""

import base64
import hmac
import json
from collections.abc import Mapping
from typing import Any

from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import padding
from hypothesis import strategies as st

from . import keys
from .doors import by_scheme
from .stage import Stage, any_body, message, now, tactic
from .wire import Request

_NONES = ["none", "None", "NONE", "nOnE", "", None, False, 0, ["none"], {}]
_LARGER = {"HS384": "sha384", "HS512": "sha512"}


def _part(content: Any) -> str:
    raw = content if isinstance(content, bytes) else json.dumps(content).encode()
    return base64.urlsafe_b64encode(raw).decode().rstrip("=")


def _token(head: Any, claims: Any, key: bytes, digest: str = "sha256") -> str:
    signed = f"{_part(head)}.{_part(claims)}"
    return f"{signed}.{_part(hmac.digest(key, signed.encode(), digest))}"


def _claims(draw: st.DrawFn) -> Mapping[str, Any]:
    return draw(
        st.sampled_from(
            [
                {"easyship_company_id": "test"},
                {},
                {"exp": int(now().timestamp()) + 3600, "iss": "easyship"},
            ]
        )
    )


@tactic
def token_without_signature(draw: st.DrawFn, stage: Stage) -> Request:
    """``alg: none``, in every way of writing it, with a signature or without."""
    head = {"typ": "JWT", "alg": draw(st.sampled_from(_NONES))}
    end = draw(st.sampled_from(["", _part(b"x"), _part(b"\x00" * 32)]))
    token = f"{_part(head)}.{_part(_claims(draw))}.{end}"
    return _sent(draw, stage, "token_without_signature", token)


@tactic
def token_by_known_key(draw: st.DrawFn, stage: Stage) -> Request:
    """HS256 keyed with what everybody knows: a public key, nothing, the token's own key."""
    known = [
        keys.public_pem(),
        keys.public_pem().strip(),
        b"",
        b"\x00",
        b"secret",
        b"null",
    ]
    key = draw(st.sampled_from(known))
    head = {"typ": "JWT", "alg": "HS256"} | draw(
        st.sampled_from(
            [
                {},
                {"kid": "../../../../dev/null"},
                {"kid": "' UNION SELECT 'secret"},
                {"jku": f"{stage.canary}/stranger"},
                {"x5u": f"{stage.canary}/stranger", "kid": keys.KEY_ID},
                {"jwk": {"kty": "oct", "k": _part(key)}},
                {"crit": ["exp"]},
                {"b64": False},
            ]
        )
    )
    return _sent(draw, stage, "token_by_known_key", _token(head, _claims(draw), key))


@tactic
def token_by_other_algorithm(draw: st.DrawFn, stage: Stage) -> Request:
    """The right secret, but not the algorithm that was agreed on; or RSA by a stranger."""
    secret = by_scheme(stage.doors, "easyship")[0].secret.encode()
    algorithm = draw(st.sampled_from([*_LARGER, "RS256"]))
    head = {"typ": "JWT", "alg": algorithm}
    if algorithm == "RS256":
        head["jwk"] = keys.jwk(keys.STRANGERS, keys.KEY_ID)
        signed = f"{_part(head)}.{_part(_claims(draw))}"
        proof = keys.private_key(keys.STRANGERS).sign(
            signed.encode(), padding.PKCS1v15(), hashes.SHA256()
        )
        token = f"{signed}.{_part(proof)}"
    else:
        token = _token(head, _claims(draw), secret, _LARGER[algorithm])
    return _sent(draw, stage, "token_by_other_algorithm", token)


@tactic
def token_out_of_time(draw: st.DrawFn, stage: Stage) -> Request:
    """Rightly signed, but over, not begun, or with times that are none."""
    secret = by_scheme(stage.doors, "easyship")[0].secret.encode()
    at = int(now().timestamp())
    claims = draw(
        st.sampled_from(
            [
                {"exp": at - 3600},
                {"nbf": at + 3600},
                {"exp": "tomorrow"},
                {"exp": [at]},
                {"exp": True},
                {"exp": -(10**400)},
                {"nbf": 10**400},
                {"exp": float("nan")},
                {"nbf": float("nan")},
                {"nbf": float("inf")},
            ]
        )
    )
    token = _token({"typ": "JWT", "alg": "HS256"}, claims, secret)
    return _sent(draw, stage, "token_out_of_time", token)


@tactic
def token_broken(draw: st.DrawFn, stage: Stage) -> Request:
    """Rightly signed, but its parts are not what a token consists of."""
    secret = by_scheme(stage.doors, "easyship")[0].secret.encode()
    anything = st.sampled_from(
        [b"", b"\xff", b"[]", b"1", b'"a"', b"null", b"{", b"[" * 1500, b"{}{}"]
    )
    good = json.dumps({"typ": "JWT", "alg": "HS256"}).encode()
    head = draw(st.one_of(st.just(good), anything))
    token = _token(head, draw(anything), secret)
    token = draw(
        st.sampled_from([token, f"{token}.", f".{token}", token.replace(".", "")])
    )
    return _sent(draw, stage, "token_broken", token)


def _sent(draw: st.DrawFn, stage: Stage, name: str, token: str) -> Request:
    door = by_scheme(stage.doors, "easyship")[0]
    header = next(iter(door.sign(b"", now())))
    return message(name, door, {header: token}, any_body(draw))
