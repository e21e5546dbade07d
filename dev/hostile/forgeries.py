"""Tactics by which a message pretends to be a carrier's."""

import base64
import binascii
import datetime as dt
import hashlib
import hmac

from hypothesis import assume
from hypothesis import strategies as st

from . import keys
from .bodies import MARK
from .doors import Door, by_scheme
from .stage import Stage, any_body, forged, message, now, tactic
from .wire import Request, chunked, chunks, measured

_TEXTS = st.one_of(
    st.text(st.characters(codec="utf-8", exclude_characters="\r\n"), max_size=80),
    st.text('0123456789abcdefv1t=,. +/_-ZT:[]{}"', max_size=120),
    st.sampled_from(
        ["", "0", "v1,", "t=,v1=", "..", "e30.e30.", "Bearer ", "nan", "null", MARK]
    ),
    st.integers(0, 5000).map(lambda size: "a" * size),
)
_FLAWS = st.characters(codec="ascii", categories=["Lu", "Ll", "Nd"])


@tactic
def unsigned(draw: st.DrawFn, stage: Stage) -> Request:
    """No proof at all, or an empty one, or only a part of it."""
    door, body = stage.any_door(draw), any_body(draw)
    headers = dict.fromkeys(door.sign(body, now()), "")
    kept = draw(st.sets(st.sampled_from(sorted(headers))))
    return message(
        "unsigned", door, {name: "" for name in headers if name in kept}, body
    )


@tactic
def arbitrary(draw: st.DrawFn, stage: Stage) -> Request:
    """Anything at all where the proof should stand."""
    door, body = stage.any_door(draw), any_body(draw)
    headers = {name: draw(_TEXTS) for name in door.sign(body, now())}
    assume(not {door.secret, f"Bearer {door.secret}"} & set(headers.values()))
    return message("arbitrary", door, headers, body)


@tactic
def foreign(draw: st.DrawFn, stage: Stage) -> Request:
    """Signed for another endpoint: by its secret, or its whole message sent to this one."""
    door, other = stage.any_door(draw), stage.any_door(draw)
    body = any_body(draw)
    if door == other or draw(st.booleans()):
        return message("foreign", door, forged(door, body), body)
    seen = stage.seen_at(draw, other)
    # The proof of the other, under the names that this door reads.
    names = list(door.sign(b"", now()))
    values = list(seen.headers.values())
    relabelled = dict(zip(names, values, strict=False))
    return message("foreign", door, seen.headers | relabelled, seen.body)


@tactic
def changed_body(draw: st.DrawFn, stage: Stage) -> Request:
    """A good message, of which a bit, the beginning or the end is another."""
    door = stage.signed_door(draw)
    body = any_body(draw)
    headers = door.sign(body, now())
    place = draw(st.integers(0, len(body) - 1))
    flipped = bytes([body[place] ^ (1 << draw(st.integers(0, 7)))])
    sent = draw(
        st.sampled_from(
            [
                body[:place] + flipped + body[place + 1 :],
                body[:place],
                body[place + 1 :],
                body + draw(st.sampled_from([b" ", b"\n", b"\x00", body])),
                b"." + body,
            ]
        )
    )
    return message("changed_body", door, headers, sent)


@tactic
def changed_proof(draw: st.DrawFn, stage: Stage) -> Request:
    """A good message, of whose proof one character is another, one too many or missing."""
    door, body = stage.any_door(draw), any_body(draw)
    headers = door.sign(body, now())
    name = draw(st.sampled_from(sorted(headers)))
    value = headers[name]
    place = draw(st.integers(0, len(value) - 1))
    flaw = draw(_FLAWS)
    changed = draw(
        st.sampled_from(
            [
                value[:place] + flaw + value[place + 1 :],
                value[:place] + flaw + value[place:],
                value[:place] + value[place + 1 :],
                value[:place],
                value + value,
            ]
        )
    )
    assume(_meaning(door, changed) != _meaning(door, value))
    return message("changed_proof", door, headers | {name: changed}, body)


def _meaning(door: Door, value: str) -> object:
    """What a proof says, where it may be written in several ways."""
    kind, space, token = value.strip().partition(" ")
    if space and kind.lower() == "bearer":
        return token.strip()
    if door.code == "hmac" and door.settings.encoding == "hex":
        return value.strip().replace("sha256=", "", 1).lower()
    if door.code in ("shipengine", "standard_webhooks"):
        # The last character of base64 has bits that nobody reads.
        try:
            return base64.b64decode(value.removeprefix("v1a,"), validate=True)
        except binascii.Error:
            return value.strip()
    return value.strip()


@tactic
def stale(draw: st.DrawFn, stage: Stage) -> Request:
    """Rightly signed, but long ago or in the future."""
    door, body = stage.timed_door(draw), any_body(draw)
    away = dt.timedelta(seconds=draw(st.integers(6 * 60, 10 * 365 * 24 * 3600)))
    at = now() + away if draw(st.booleans()) else now() - away
    return message("stale", door, door.sign(body, at), body)


@tactic
def weaker(draw: st.DrawFn, stage: Stage) -> Request:
    """Made with the right secret by another algorithm, or in another encoding."""
    codes = ("hmac_sha256", "easypost", "sendcloud", "fedex", "aftership", "shippo")
    doors = [door for door in stage.doors if door.code in (*codes, "seventeen_track")]
    door, body = draw(st.sampled_from(doors)), any_body(draw)
    name, value = next(iter(door.sign(body, now()).items()))
    algorithm = draw(st.sampled_from(["md5", "sha1", "sha256", "sha384", "sha512"]))
    signed = draw(
        st.sampled_from([body, body + b"/" + door.secret.encode(), b"." + body])
    )
    digest = draw(
        st.sampled_from(
            [
                hmac.digest(door.secret.encode(), signed, algorithm),
                hashlib.new(algorithm, signed).digest(),
            ]
        )
    )
    written = draw(
        st.sampled_from([bytes.hex, lambda raw: base64.b64encode(raw).decode()])
    )
    prefix = draw(
        st.sampled_from(["", f"{algorithm}=", f"hmac-{algorithm}-hex=", "t=0,v1="])
    )
    weak = prefix + written(digest)
    assume(weak != value)
    return message("weaker", door, {name: weak}, body)


@tactic
def doubled(draw: st.DrawFn, stage: Stage) -> Request:
    """The proof is there twice: both good, or one of them a stranger's, in any order."""
    door, body = stage.any_door(draw), any_body(draw)
    good = door.sign(body, now())
    name = draw(st.sampled_from(sorted(good)))
    second = draw(st.sampled_from([good[name], forged(door, body)[name], "", "x"]))
    alias = draw(st.sampled_from([name, name.lower(), name.upper(), name.title()]))
    pair = [(name, good[name]), (alias, second)]
    rest = [(other, value) for other, value in good.items() if other != name]
    if draw(st.booleans()):
        pair.reverse()
    return message("doubled", door, [*rest, *pair], body)


@tactic
def disguised(draw: st.DrawFn, stage: Stage) -> Request:
    """The proof stands where it must not be read: other names, the query, a cookie."""
    door, body = stage.any_door(draw), any_body(draw)
    good = door.sign(body, now())
    name, value = draw(st.sampled_from(sorted(good.items())))
    rest = {other: told for other, told in good.items() if other != name}
    bad_name = draw(
        st.sampled_from(
            [name.replace("-", "_"), f"HTTP-{name}", f"X-{name}", f"{name}-"]
        )
    )
    assume(bad_name.lower() != name.lower())
    match draw(st.integers(0, 2)):
        case 0:
            return message("disguised", door, rest | {bad_name: value}, body)
        case 1:
            return message(
                "disguised", door, rest | {"Cookie": f"{name}={value}"}, body
            )
    sent = message("disguised", door, rest, body)
    query = "".join(c if c.isalnum() else f"%{ord(c):02x}" for c in value)
    return _at(sent, f"{door.path}?{name}={query}")


def _at(request: Request, path: str) -> Request:
    return Request(request.tactic, request.door, path, request.headers, request.payload)


@tactic
def replayed(draw: st.DrawFn, stage: Stage) -> Request:
    """An accepted message once more, perhaps under another guise: it adds nothing."""
    door = stage.any_door(draw)
    seen = stage.seen_at(draw, door)
    extra = draw(
        st.sampled_from(
            [
                {},
                {"Content-Type": "text/plain"},
                {"Content-Type": "application/x-www-form-urlencoded"},
                {"User-Agent": "another"},
                {"X-Forwarded-For": "192.0.2.1"},
            ]
        )
    )
    headers = [*seen.headers.items(), *extra.items()]
    if draw(st.booleans()):
        headers.reverse()
    size = draw(st.integers(0, 40))
    if size:
        framed, payload = chunked(headers), chunks(seen.body, size)
    else:
        framed, payload = measured(headers, seen.body), seen.body
    query = draw(st.sampled_from(["", "?", "?again=1", "?token=%00"]))
    path = door.path + query
    return Request("replayed", door.name, path, framed, payload, is_replay=True)


@tactic
def other_key(draw: st.DrawFn, stage: Stage) -> Request:
    """ShipEngine: signed with a stranger's key, which the message says where to find."""
    door = by_scheme(stage.doors, "shipengine")[0]
    body = any_body(draw)
    places = [
        f"{stage.canary}/stranger",
        f"{stage.canary}/jwks?stranger",
        "file:///etc",
    ]
    place = draw(st.sampled_from([*places, "//127.0.0.1/jwks", "../jwks", "0", "*"]))
    key_id = draw(st.sampled_from([keys.KEY_ID, place, keys.STRANGERS, "\x00", MARK]))
    headers = door.sign(body, now(), keys.STRANGERS, key_id)
    named = [
        "jku",
        "x5u",
        "x5c",
        "kid",
        "jwk",
        "Link",
        "x-shipengine-jwks-url",
        "Referer",
    ]
    headers |= dict.fromkeys(draw(st.sets(st.sampled_from(named))), place)
    return message("other_key", door, headers, body)
