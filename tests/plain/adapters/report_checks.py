"""What holds for every source that only reports: any body is read or refused, by name."""

import json

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from odoo.addons.shipment_visibility_carriers.adapters import base
from odoo.addons.shipment_visibility_carriers.adapters.errors import MalformedMessage
from odoo.addons.shipment_visibility_carriers.adapters.transport import Transport

from . import garbage
from .garbage import bounded


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
        garbage.read_or_refused(self.parse_own, body)

    def parse_own(self, body):
        events = self.parse(body)
        assert all(event.carrier == self.code for event in events)
        return events

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

    @pytest.mark.parametrize("body", garbage.NO_MESSAGES)
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
        names = garbage.field_names(self.message)

        @bounded
        @given(garbage.nested(names))
        def check(content):
            self.read_or_refused(garbage.dumped(content))

        check()

    def test_any_value_in_a_message_is_read_or_refused(self):
        paths = list(garbage.paths(self.message))

        @settings(bounded, max_examples=200)
        @given(st.sampled_from(paths), garbage.SCALARS | garbage.nested(st.just("x")))
        def check(path, content):
            changed = garbage.replaced(self.message, path, content)
            self.read_or_refused(garbage.dumped(changed))

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
