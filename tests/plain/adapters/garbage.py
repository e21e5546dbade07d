"""What anybody may send as a message, and that it is read or refused."""

import json

from hypothesis import settings
from hypothesis import strategies as st

from odoo.addons.shipment_visibility.canonical.schema import TrackingEvent
from odoo.addons.shipment_visibility_carriers.adapters.errors import MalformedMessage

bounded = settings(derandomize=True, max_examples=60, deadline=None, database=None)

# Numbers that Python neither writes nor, some of them, reads.
HUGE = {"LONG": b"1" * 5_000, "LARGE": b"1" * 4_000, "WIDE": b"1e999"}
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(
        [
            *HUGE,
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "0001-01-01",
            "20260230",
            "2026-02-02T10:00:00Z",
            "2026-02-02",
            "\0",
            "a\0b",
        ]
    )
)
# A body of any source's is none of these.
NO_MESSAGES = (
    b"",
    b"[]",
    b"{}",
    b"null",
    b'"x"',
    b"12",
    b"\xff\xfe",
    b"<xml/>",
    b'{"event": ',
    b'{"event": "\xff"}',
    b'{"a": "\\ud800"}',
    b'{"events": NaN}',
    b"1" * 10_000,
    b"[" * 100_000,
    b'{"data":' * 100_000,
)


def nested(names):
    """Any JSON, with keys drawn from ``names``."""
    return st.recursive(
        SCALARS,
        lambda inner: (
            st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=5)
        ),
        max_leaves=12,
    )


ANY_JSON = nested(st.text(max_size=9))


def field_names(message):
    """A strategy of the names of a message's fields."""
    parts = {part for path in paths(message) for part in path}
    return st.sampled_from(sorted(part for part in parts if isinstance(part, str)))


def dumped(content):
    """JSON, with the huge numbers in the place of their names."""
    body = json.dumps(content).encode()
    for name, number in HUGE.items():
        body = body.replace(f'"{name}"'.encode(), number)
    return body


def paths(value, path=()):
    """The way to a message, to each value in it, and to each part of it."""
    yield path
    if isinstance(value, dict | list):
        for key in value if isinstance(value, dict) else range(len(value)):
            yield from paths(value[key], (*path, key))


def replaced(value, path, new):
    """A message in which what is at ``path`` is ``new``."""
    if not path:
        return new
    if isinstance(value, dict):
        return value | {path[0]: replaced(value[path[0]], path[1:], new)}
    return [
        replaced(item, path[1:], new) if index == path[0] else item
        for index, item in enumerate(value)
    ]


def read_or_refused(parse, body):
    """``parse`` makes events that can be stored of a body, or refuses it and says why."""
    try:
        events = parse(body)
    except MalformedMessage as error:
        assert str(error)
        assert error.__cause__ is None
        return
    for event in events:
        assert isinstance(event, TrackingEvent)
        assert "\\u0000" not in event.model_dump_json()
