"""Whatever a source that only reports sends is read or refused, and the same is read the same."""

import copy
import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.shipment_visibility.canonical.schema import TrackingEvent
from odoo.addons.shipment_visibility_carriers.adapters.base import (
    Credentials,
    MalformedMessage,
    adapter_class,
)
from odoo.addons.shipment_visibility_carriers.adapters.transport import Transport

from . import (
    test_dhl,
    test_easyship,
    test_fedex,
    test_generic,
    test_ship24,
    test_ups_track_alert,
)

MESSAGES = {
    "dhl": test_dhl.MESSAGE,
    "easyship": test_easyship.MESSAGE,
    "fedex": test_fedex.MESSAGE,
    "generic": test_generic.MESSAGE,
    "ship24": test_ship24.MESSAGE,
    "ups": test_ups_track_alert.MESSAGE,
}
SCHEMES = {
    "dhl": "dhl_push",
    "easyship": "easyship",
    "fedex": "fedex",
    "generic": "hmac_sha256",
    "ship24": "ship24",
    "ups": "ups_track_alert",
}
NAMES = {
    "dhl": "DHL",
    "easyship": "Easyship",
    "fedex": "FedEx",
    "generic": "Other System",
    "ship24": "Ship24",
}
sources = pytest.mark.parametrize("code", MESSAGES)
bounded = settings(derandomize=True, max_examples=40, deadline=None, database=None)

# Numbers that Python neither writes nor, some of them, reads.
HUGE = {"LONG": b"1" * 5_000, "LARGE": b"1" * 4_000, "WIDE": b"1e999"}
ODD = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(
        [*HUGE, "\0", "a\0b", "9999-12-31T23:59:59-14:00", "0001-01-01", "20260230"]
    )
)
JSON = st.recursive(
    ODD,
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(st.text(max_size=9), inner, max_size=3)
    ),
    max_leaves=8,
)


def parse(code, body):
    source = adapter_class(code)
    # Built without credentials where there are some: a message is read without them.
    adapter = source.__new__(source)
    adapter.production = False
    return adapter.parse_webhook(body, {})


def written(content):
    return json.dumps(content).encode()


def dumped(content):
    """JSON, with the huge numbers in the place of their names."""
    body = written(content)
    for name, number in HUGE.items():
        body = body.replace(f'"{name}"'.encode(), number)
    return body


def read_or_refused(code, body):
    try:
        events = parse(code, body)
    except MalformedMessage as error:
        assert str(error)
        assert error.__cause__ is None
        return
    for event in events:
        assert isinstance(event, TrackingEvent)
        assert "\\u0000" not in event.model_dump_json()


def places(content, path=()):
    """Each place in a message, as the keys that lead to it."""
    yield path
    if isinstance(content, dict | list):
        keys = content if isinstance(content, dict) else range(len(content))
        for key in keys:
            yield from places(content[key], (*path, key))


def changed(content, path, value):
    if not path:
        return value
    content = copy.deepcopy(content)
    inner = content
    for key in path[:-1]:
        inner = inner[key]
    inner[path[-1]] = value
    return content


@sources
def test_the_sample_has_events_and_is_read_the_same_twice(code):
    body = written(MESSAGES[code])
    assert parse(code, body)
    assert parse(code, body) == parse(code, body)


@pytest.mark.parametrize("code", NAMES)
def test_it_only_reports(code):
    source = adapter_class(code)
    assert source.name == NAMES[code]
    assert source.capabilities() == {"parse_webhook"}
    assert not source.credentials_model.model_fields
    assert source(Credentials(), Transport()).parse_webhook(
        written(MESSAGES[code]), {"X-Any": "header"}
    )


@sources
def test_its_messages_are_signed_by_its_scheme(code):
    assert adapter_class(code).webhook_scheme == SCHEMES[code]


@sources
@pytest.mark.parametrize(
    "body",
    [
        b"",
        b"null",
        b"[]",
        b"{}",
        b"7",
        b'"x"',
        b"\xff\xfe",
        b"<xml/>",
        b"[" * 100_000,
        b'{"a":' * 100_000,
        b"1" * 10_000,
        b'{"events": NaN}',
    ],
)
def test_what_is_no_message_is_refused(code, body):
    with pytest.raises(MalformedMessage):
        parse(code, body)


@sources
@bounded
@given(body=st.binary(max_size=200))
def test_any_bytes_are_read_or_refused(code, body):
    read_or_refused(code, body)


@sources
@bounded
@given(content=JSON)
def test_any_json_is_read_or_refused(code, content):
    read_or_refused(code, dumped(content))


@sources
@settings(bounded, max_examples=120)
@given(data=st.data())
def test_any_field_is_read_or_refused(code, data):
    path = data.draw(st.sampled_from(list(places(MESSAGES[code]))))
    content = changed(MESSAGES[code], path, data.draw(JSON))
    read_or_refused(code, dumped(content))


@sources
@bounded
@given(data=st.data())
def test_a_cut_message_is_refused(code, data):
    whole = written(MESSAGES[code])
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(MalformedMessage):
        parse(code, cut)
