"""What holds for every source that only reports: any body is read or refused, by name."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.shipment_visibility_carriers.adapters import base
from odoo.addons.shipment_visibility_carriers.adapters.errors import MalformedMessage
from odoo.addons.shipment_visibility_carriers.adapters.transport import Transport

bounded = settings(derandomize=True, max_examples=60, deadline=None, database=None)

SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.just(10**400)
    | st.floats()
    | st.text(max_size=9)
    | st.sampled_from(
        [
            "0001-01-01T00:00:00+14:00",
            "9999-12-31T23:59:59-14:00",
            "2026-02-02T10:00:00Z",
            "2026-02-02",
            "a\0b",
        ]
    )
)


def nested(names):
    """Any JSON, with the field names of a message in it."""
    return st.recursive(
        SCALARS,
        lambda inner: (
            st.lists(inner, max_size=3)
            | st.dictionaries(st.sampled_from(names), inner, max_size=5)
        ),
        max_leaves=12,
    )


def _paths(value, path=()):
    """The way to each value in a message, and to each part of it."""
    if path:
        yield path
    if isinstance(value, dict):
        for name in value:
            yield from _paths(value[name], (*path, name))
    elif isinstance(value, list):
        for index, item in enumerate(value):
            yield from _paths(item, (*path, index))


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


class ReportChecks:
    """Subclass with what the source sends.

    :cvar code: the adapter's.
    :cvar message: one that holds events.
    :cvar silent: messages that are understood and hold none.
    """

    code: str
    message: dict
    silent: tuple[dict, ...] = ()

    def parse(self, body):
        if not isinstance(body, bytes):
            body = json.dumps(body).encode()
        adapter = base.adapter_class(self.code)
        made = adapter(adapter.credentials_model(), Transport(), production=True)
        return made.parse_webhook(body, {})

    def read_or_refused(self, body):
        try:
            events = self.parse(body)
        except MalformedMessage as error:
            assert str(error)
        else:
            assert all(event.carrier == self.code for event in events)

    def test_it_reports_and_does_nothing_else(self):
        adapter = base.adapter_class(self.code)
        assert adapter.capabilities() == {"parse_webhook"}
        assert adapter.webhook_scheme == self.code
        assert adapter.name
        assert not adapter.credentials_model.model_fields

    def test_a_message_is_read(self):
        assert self.parse(self.message)

    def test_the_same_message_twice_is_the_same_events(self):
        assert self.parse(self.message) == self.parse(self.message)

    def test_fields_of_tomorrow_are_passed_over(self):
        assert self.parse(self.message | {"weather": {"rain": [1]}}) == self.parse(
            self.message
        )

    def test_messages_about_other_things_hold_no_events(self):
        assert self.silent
        for message in self.silent:
            assert self.parse(message) == []

    @pytest.mark.parametrize(
        "body",
        [
            b"",
            b"[]",
            b"{}",
            b"null",
            b'"x"',
            b"12",
            b'{"event": ',
            b'{"event": "\xff"}',
            b'{"a": "\\ud800"}',
            b"[" * 100_000,
            b'{"data":' * 100_000,
        ],
    )
    def test_what_is_no_message_is_refused(self, body):
        with pytest.raises(MalformedMessage):
            self.parse(body)

    def test_any_bytes_are_read_or_refused(self):
        @bounded
        @given(st.binary(max_size=200))
        def check(body):
            self.read_or_refused(body)

        check()

    def test_any_json_is_read_or_refused(self):
        parts = {part for path in _paths(self.message) for part in path}
        names = sorted(part for part in parts if isinstance(part, str))

        @bounded
        @given(nested(names))
        def check(content):
            self.read_or_refused(content)

        check()

    def test_any_value_in_a_message_is_read_or_refused(self):
        paths = sorted(_paths(self.message), key=str)

        @settings(bounded, max_examples=200)
        @given(st.sampled_from(paths), SCALARS | nested(["x"]))
        def check(path, content):
            self.read_or_refused(replaced(self.message, path, content))

        check()

    def test_a_cut_message_is_refused(self):
        whole = json.dumps(self.message).encode()

        @bounded
        @given(st.integers(0, len(whole) - 1))
        def check(length):
            with pytest.raises(MalformedMessage):
                self.parse(whole[:length])

        check()

    def test_a_nul_is_refused_wherever_it_is_read(self):
        number = self.parse(self.message)[0].tracking_number
        body = json.dumps(self.message).replace(number, f"{number}\\u0000")
        with pytest.raises(MalformedMessage, match="NUL"):
            self.parse(body.encode())

    def test_a_refusal_tells_no_value(self):
        number = self.parse(self.message)[0].tracking_number
        body = json.dumps(self.message).replace(f'"{number}"', f'["{number}"]')
        with pytest.raises(MalformedMessage) as raised:
            self.parse(body.encode())
        assert number not in str(raised.value)
        assert raised.value.__cause__ is None
