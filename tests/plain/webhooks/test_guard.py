import pytest

from odoo.addons.shipment_visibility_webhooks.gateway.guard import Guard
from odoo.addons.shipment_visibility_webhooks.gateway.limits import parse_networks
from odoo.addons.shipment_visibility_webhooks.gateway.refusals import Refusal

HERE = "192.0.2.7"


def refuse(guard, address, times, per_minute=3):
    for _ in range(times):
        guard.remember_refusal(address, per_minute)


def test_who_was_refused_too_often_has_to_wait():
    guard = Guard()
    refuse(guard, HERE, 2)
    guard.check_source(HERE, "endpoint", 3)
    refuse(guard, HERE, 1)
    with pytest.raises(Refusal) as caught:
        guard.check_source(HERE, "endpoint", 3)
    assert caught.value.reason == "source"
    assert 0 < caught.value.wait <= 20


def test_others_need_not_wait():
    guard = Guard()
    refuse(guard, HERE, 3)
    guard.check_source("192.0.2.8", "endpoint", 3)


def test_hosts_of_one_ipv6_network_wait_together():
    guard = Guard()
    refuse(guard, "2001:db8::1", 3)
    with pytest.raises(Refusal):
        guard.check_source("2001:db8::2", None, 3)


def test_who_was_accepted_is_let_in_where_he_was():
    guard = Guard()
    guard.remember_welcome(HERE, "endpoint")
    refuse(guard, HERE, 3)
    guard.check_source(HERE, "endpoint", 3)
    for elsewhere in ("other", None):
        with pytest.raises(Refusal):
            guard.check_source(HERE, elsewhere, 3)


def test_refusals_without_limit_keep_nobody_away():
    guard = Guard()
    refuse(guard, HERE, 100, per_minute=0)
    guard.check_source(HERE, None, 0)


def test_only_from_the_networks_where_there_are_some():
    guard = Guard()
    guard.check_address(HERE, ())
    guard.check_address(HERE, parse_networks("192.0.2.0/24"))
    with pytest.raises(Refusal):
        guard.check_address("198.51.100.1", parse_networks("192.0.2.0/24"))
    with pytest.raises(Refusal):
        guard.check_address("", parse_networks("192.0.2.0/24"))


def test_a_rate_of_nothing_is_without_limit():
    guard = Guard()
    for _ in range(100):
        guard.check_rate("endpoint", 0, 1)
    guard.check_rate("endpoint", 1, 1)
    with pytest.raises(Refusal) as caught:
        guard.check_rate("endpoint", 1, 1)
    assert (caught.value.reason, caught.value.wait) == ("rate", 1)
