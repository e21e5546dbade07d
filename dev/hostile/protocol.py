"""Tactics against HTTP itself: lengths, frames, methods, addresses and headers."""

from hypothesis import strategies as st

from .bodies import MARK
from .stage import Stage, any_body, forged, message, now, tactic
from .wire import Header, Request, chunked, chunks, measured

LIMIT = 2 * 1024 * 1024


@tactic
def oversized(draw: st.DrawFn, stage: Stage) -> Request:
    """Rightly signed, and too large: in one piece, in chunks, or only by its own account."""
    door = stage.any_door(draw)
    size = LIMIT + draw(st.sampled_from([1, 2, 1000, 100_000]))
    head = MARK.encode()
    body = head + b"x" * (size - len(head))
    match draw(st.sampled_from(["whole", "chunked", "chunked", "claimed", "claimed"])):
        case "whole":
            return message("oversized", door, door.sign(body, now()), body)
        case "chunked":
            headers = chunked(door.sign(body, now()).items())
            payload = chunks(body, draw(st.sampled_from([997, 65_536, size])))
            return Request("oversized", door.name, door.path, headers, payload)
    claim = str(size * draw(st.sampled_from([1, 1000, 10**12, 10**40])))
    claimed = message("oversized", door, door.sign(head, now()), head)
    headers = (*claimed.headers[:-1], ("Content-Length", claim))
    return _but(claimed, headers=headers)


@tactic
def cut_off(draw: st.DrawFn, stage: Stage) -> Request:
    """A good message whose line ends too early."""
    door, body = stage.any_door(draw), any_body(draw)
    headers = door.sign(body, now()).items()
    if draw(st.booleans()):
        whole = Request(
            "cut_off",
            door.name,
            door.path,
            chunked(headers),
            chunks(body, draw(st.integers(1, len(body)))),
        )
        # Without the last chunk, that is; its line end is not missed.
        most = len(whole.raw()) - len(b"\r\n0\r\n\r\n")
    else:
        whole = message("cut_off", door, headers, body)
        most = len(whole.raw()) - 1
    least = len(whole.raw()) - len(whole.payload)
    if not door.is_token and draw(st.integers(0, 3)) == 0:
        # Without a host Odoo itself fails, before it looks for a route. A proxy has one.
        least = whole.raw().index(b"\r\n", whole.raw().index(b"Host:"))
    kept = draw(st.integers(least, most))
    return _but(whole, cut=kept)


def _but(request: Request, **changes) -> Request:
    return Request(**(vars(request) | changes))


@tactic
def odd_length(draw: st.DrawFn, stage: Stage) -> Request:
    """The length is none, is told twice, or contradicts the frame. And it is forged."""
    door, body = stage.any_door(draw), any_body(draw)
    length = st.sampled_from(
        [
            str(len(body)),
            "0",
            "-1",
            "1",
            "+5",
            "0x10",
            "1e3",
            " ",
            "",
            "٣",
            "9" * 30,
            "5, 5",
        ]
    )
    lengths = draw(st.lists(length, max_size=2))
    codings = draw(
        st.lists(
            st.sampled_from(
                ["chunked", "Chunked", "identity", "gzip, chunked", "chunked\x0b", "x"]
            ),
            max_size=2,
        )
    )
    headers: list[Header] = [
        ("Host", "127.0.0.1"),
        *forged(door, body).items(),
        *(("Content-Length", one) for one in lengths),
        *(("Transfer-Encoding", one) for one in codings),
    ]
    payload = draw(st.sampled_from([body, chunks(body, 7), body + body]))
    return Request("odd_length", door.name, door.path, tuple(headers), payload)


@tactic
def odd_chunks(draw: st.DrawFn, stage: Stage) -> Request:
    """Chunks that are no chunks."""
    door, body = stage.any_door(draw), any_body(draw)
    size = st.sampled_from(
        ["-1", "ffffffffffffffff", "0x5", "", " ", "g", "5;a=b", "1_0", "f" * 200, "+2"]
    )
    payload = draw(size).encode() + b"\r\n" + body + b"\r\n0\r\n\r\n"
    headers = chunked(forged(door, body).items())
    return Request("odd_chunks", door.name, door.path, headers, payload)


@tactic
def other_method(draw: st.DrawFn, stage: Stage) -> Request:
    """A good message, but not posted."""
    door, body = stage.any_door(draw), any_body(draw)
    names = ["GET", "PUT", "PATCH", "DELETE", "HEAD", "OPTIONS", "TRACE", "P"]
    headers = [*door.sign(body, now()).items(), ("X-HTTP-Method-Override", "POST")]
    method = draw(st.sampled_from(names))
    return message("other_method", door, headers, body, method=method)


@tactic
def other_address(draw: st.DrawFn, stage: Stage) -> Request:
    """A good message at an address that is nearly right."""
    door, body = stage.any_door(draw), any_body(draw)
    start, _slash, token = door.path.rpartition("/")
    digit = str((int(token[-1]) + draw(st.integers(1, 9))) % 10)
    path = draw(
        st.sampled_from(
            [
                door.path[:-1],
                door.path[:-1] + digit,
                door.path + digit,
                f"{door.path}%00",
                f"{door.path}%20",
                f"{door.path};a=b",
                f"{start}/%ff%fe",
                f"{start}/%2e%2e%2f{token}",
                f"{start}/{token.translate(_FULL_WIDTH)}",
                f"{start}/' OR token LIKE '%25".replace(" ", "%20"),
                f"{start}/{token * 100}",
                f"{start}/{'9' * 70_000}",
                f"{start}/{'0' * len(token)}",
            ]
        )
    )
    headers = measured(door.sign(body, now()).items(), body)
    return Request("other_address", door.name, path, headers, body)


_FULL_WIDTH = {ord("0") + digit: f"%EF%BC%{0x90 + digit:X}" for digit in range(10)}


@tactic
def odd_headers(draw: st.DrawFn, stage: Stage) -> Request:
    """A forged message with headers that confuse what stands around the route."""
    door, body = stage.any_door(draw), any_body(draw)
    forms = [
        "application/x-www-form-urlencoded",
        "application/x-www-form-urlencoded; charset=utf-7",
        "multipart/form-data; boundary=b",
        "multipart/form-data",
        "application/json; charset=\x00",
        "application/xml",
        "/",
        "",
    ]
    strange: list[tuple[Header, ...]] = [
        (("X-Huge", "a" * 70_000),),
        tuple((f"X-Many-{number}", "a") for number in range(150)),
        (("X-Large", MARK * 500),),
        (("Content-Encoding", draw(st.sampled_from(["gzip", "br", "deflate"]))),),
        (("Expect", draw(st.sampled_from(["100-continue", "200-ok"]))),),
        (("Upgrade", "websocket"), ("Connection", "Upgrade")),
        (("Connection", "keep-alive, X-Demo-Token"), ("Keep-Alive", "timeout=9")),
        (("Cookie", f"session_id={draw(st.sampled_from(_SESSIONS))}"),),
        (
            (
                "X-Odoo-Database",
                draw(st.sampled_from(["postgres", "'", "\x00", "a" * 500])),
            ),
        ),
        (("X-Forwarded-For", "127.0.0.1, ::1"), ("X-Forwarded-Host", "a")),
        (("X-Forwarded-Host", "@"), ("X-Forwarded-Proto", "file")),
        (
            (
                "Accept-Language",
                draw(st.sampled_from(["\xff", "a" * 5000, "*;q=x", "_"])),
            ),
        ),
        (("User-Agent", draw(st.sampled_from(["", "\x00", "a" * 60_000, "{{7*7}}"]))),),
        (("X-No-Text", draw(st.binary(max_size=40).map(_one_line))),),
        ((" X-Space-Before", "a"), ("X-Space-After ", "a"), ("", "nameless")),
        (("X-Folded", b"one\r\n two\r\n\tthree"),),
        (("Range", "bytes=0-0,-1"), ("If-Match", "*"), ("If-Modified-Since", "x")),
        (("Origin", "null"), ("Access-Control-Request-Method", "POST")),
        (("Host", draw(st.sampled_from(["", "a b", "[::1", "127.0.0.1:x", "\xff"]))),),
    ]
    headers = [
        *forged(door, body).items(),
        ("Content-Type", draw(st.sampled_from(forms))),
        *draw(st.sampled_from(strange)),
    ]
    return message("odd_headers", door, headers, body)


_SESSIONS = ["../../etc/passwd", "a" * 84, "\x00", "x" * 3000, '"\\012"', ""]


def _one_line(raw: bytes) -> bytes:
    return raw.replace(b"\r", b"").replace(b"\n", b"")
