"""What hostile messages are made of."""

import json

from hypothesis import strategies as st

# Stands in every body, so that a log that tells of one gives itself away.
MARK = "recipient of nobody, 1 Secret Lane"

_WORDS = st.one_of(
    st.text(max_size=40),
    st.sampled_from(
        ["", "\x00", "NaN", "1e999", "../../etc/passwd", "{{7*7}}", "' OR 1"]
    ),
)
_SCALARS = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-(2**70), 2**70),
    st.floats(),
    _WORDS,
)
_VALUES = st.recursive(
    _SCALARS,
    lambda inner: st.one_of(
        st.lists(inner, max_size=4), st.dictionaries(_WORDS, inner, max_size=4)
    ),
    max_leaves=12,
)


@st.composite
def wrong_types(draw: st.DrawFn) -> bytes:
    """A message of our own form whose fields hold anything."""
    message = {
        "id": draw(_VALUES),
        "type": draw(st.sampled_from(["tracking.updated", 7, None, []])),
        "events": draw(
            st.one_of(_VALUES, st.lists(st.just({"code": MARK}), max_size=3))
        ),
        "to": MARK,
    }
    return json.dumps(message).encode()


@st.composite
def nested(draw: st.DrawFn) -> bytes:
    """Lists or objects in each other, deeper than any reader goes; closed or not."""
    depth = draw(st.sampled_from([50, 500, 5_000, 50_000]))
    opening, closing = draw(st.sampled_from([(b"[", b"]"), (b'{"a":', b"}")]))
    end = closing * depth if draw(st.booleans()) else b""
    return opening * depth + json.dumps(MARK).encode() + end


@st.composite
def not_text(draw: st.DrawFn) -> bytes:
    """JSON with bytes in it that are no UTF-8, and zeros."""
    rubbish = draw(
        st.one_of(
            st.binary(min_size=1, max_size=60),
            st.sampled_from(
                [
                    b"\xff\xfe",
                    b"\xc0\x80",
                    b"\xed\xa0\x80",
                    b"\x00",
                    b"\x1f\x8b\x08\x00",
                ]
            ),
        )
    )
    return b'{"to": "' + MARK.encode() + b'", "id": "' + rubbish + b'"}'


@st.composite
def other_forms(draw: st.DrawFn) -> bytes:
    """Forms, XML, and what stands at the head of a file."""
    return draw(
        st.sampled_from(
            [
                f"payload={MARK}&token=1&csrf_token=2&a=%00&a=%ff".encode(),
                f'--b\r\nContent-Disposition: form-data; name="x"; filename="y"'
                f"\r\n\r\n{MARK}\r\n--b--".encode(),
                f'<?xml version="1.0"?><!DOCTYPE a [<!ENTITY b SYSTEM "file:///etc/passwd">'
                f"]><a>&b;{MARK}</a>".encode(),
                b"\xef\xbb\xbf" + json.dumps({"to": MARK}).encode(),
                json.dumps({"to": MARK}).encode("utf-16"),
                b"POST /shipment/webhook/1 HTTP/1.1\r\nHost: a\r\n\r\n" + MARK.encode(),
            ]
        )
    )


# Small for most requests: what counts is how often, not how much.
ANY = st.one_of(
    wrong_types(),
    not_text(),
    other_forms(),
    nested(),
    st.binary(max_size=200).map(lambda some: some + MARK.encode()),
)
