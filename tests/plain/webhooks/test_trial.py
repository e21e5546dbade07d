"""What is sent to try the way to us."""

import json

import pytest

from odoo.addons.shipment_visibility_webhooks.gateway.trial import is_trial, new_trial


def test_each_test_is_known_and_unlike_any_other():
    first, second = new_trial(), new_trial()
    assert is_trial(first) and is_trial(second)
    assert first != second
    assert json.loads(first)


@pytest.mark.parametrize("frame", ("[%s]", '{"events": [%s]}', "%s\n", " %s", "%s%s"))
def test_a_message_that_only_holds_a_test_is_none(frame):
    trial = new_trial().decode()
    assert not is_trial(frame.replace("%s", trial).encode())


def test_a_message_of_a_carrier_is_no_test():
    for body in (b"", b"{}", b'{"events": []}', b'{"shipment_visibility_test": ""}'):
        assert not is_trial(body)
