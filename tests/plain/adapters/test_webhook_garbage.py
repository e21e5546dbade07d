"""Whatever a source that only reports sends is read or refused, and the same is read the same."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.shipment_visibility_carriers.adapters.base import (
    Credentials,
    MalformedMessage,
    adapter_class,
)
from odoo.addons.shipment_visibility_carriers.adapters.transport import Transport

from . import (
    garbage,
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
bounded = settings(garbage.bounded, max_examples=40)


def parse(code, body):
    source = adapter_class(code)
    # Built without credentials where there are some: a message is read without them.
    adapter = source.__new__(source)
    adapter.production = False
    return adapter.parse_webhook(body, {})


def written(content):
    return json.dumps(content).encode()


def read_or_refused(code, content):
    body = content if isinstance(content, bytes) else garbage.dumped(content)
    garbage.read_or_refused(lambda told: parse(code, told), body)


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
@pytest.mark.parametrize("body", garbage.NO_MESSAGES)
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
@given(content=garbage.ANY_JSON)
def test_any_json_is_read_or_refused(code, content):
    read_or_refused(code, content)


@sources
@settings(bounded, max_examples=120)
@given(data=st.data())
def test_any_field_is_read_or_refused(code, data):
    path = data.draw(st.sampled_from(list(garbage.paths(MESSAGES[code]))))
    content = garbage.replaced(MESSAGES[code], path, data.draw(garbage.ANY_JSON))
    read_or_refused(code, content)


@sources
@bounded
@given(data=st.data())
def test_a_cut_message_is_refused(code, data):
    whole = written(MESSAGES[code])
    cut = whole[: data.draw(st.integers(0, len(whole) - 1))]
    with pytest.raises(MalformedMessage):
        parse(code, cut)
