import pytest

from odoo.addons.shipment_visibility_webhooks.gateway.limits import (
    RecentKeys,
    TokenBuckets,
    is_within,
    parse_networks,
    source,
)


class Clock:
    now = 100.0

    def __call__(self):
        return self.now


@pytest.fixture
def clock():
    return Clock()


def test_a_burst_is_let_through_and_then_the_rate(clock):
    buckets = TokenBuckets(clock=clock)
    assert [buckets.take("a", 2, 3) for _ in range(4)] == [0, 0, 0, 0.5]
    clock.now += 0.5
    assert buckets.take("a", 2, 3) == 0
    assert buckets.take("a", 2, 3) == 0.5


def test_a_bucket_holds_no_more_than_its_burst(clock):
    buckets = TokenBuckets(clock=clock)
    buckets.take("a", 1, 2)
    clock.now += 3600
    assert [bool(buckets.take("a", 1, 2)) for _ in range(3)] == [False, False, True]


def test_keys_have_buckets_of_their_own(clock):
    buckets = TokenBuckets(clock=clock)
    assert buckets.take("a", 1, 1) == 0
    assert buckets.take("b", 1, 1) == 0
    assert buckets.take("a", 1, 1) == 1


def test_a_look_takes_no_token(clock):
    buckets = TokenBuckets(clock=clock)
    assert buckets.look("a", 1, 1) == 0
    buckets.take("a", 1, 1)
    assert buckets.look("a", 1, 1) == buckets.look("a", 1, 1) == 1
    clock.now += 1
    assert buckets.look("a", 1, 1) == 0


def test_many_keys_fill_no_memory(clock):
    buckets = TokenBuckets(size=10, clock=clock)
    for number in range(1000):
        buckets.take(number, 1, 1)
    assert len(buckets._buckets) == 10
    assert buckets.look(999, 1, 1) == 1


def test_the_keys_last_seen_are_remembered():
    keys = RecentKeys(size=2)
    for key in ("a", "b", "a", "c"):
        keys.remember(key)
    assert "a" in keys
    assert "b" not in keys
    assert "c" in keys


def test_networks_are_read_from_a_text():
    networks = parse_networks(
        "192.0.2.7, 198.51.100.0/24\n2001:db8::/32\t203.0.113.9/24"
    )
    assert [str(network) for network in networks] == [
        "192.0.2.7/32",
        "198.51.100.0/24",
        "2001:db8::/32",
        "203.0.113.0/24",
    ]
    assert parse_networks(" \n") == ()


def test_a_word_that_is_no_network_is_named():
    with pytest.raises(ValueError, match=r"^hooks\.example\.com$"):
        parse_networks("192.0.2.7 hooks.example.com")


@pytest.mark.parametrize(
    ("address", "inside"),
    [
        ("192.0.2.7", True),
        ("192.0.2.8", False),
        ("::ffff:192.0.2.7", True),
        ("2001:db8::1", True),
        ("2001:db9::1", False),
        ("", False),
        ("unix:", False),
    ],
)
def test_an_address_is_within_the_networks_or_not(address, inside):
    networks = parse_networks("192.0.2.7 2001:db8::/32")
    assert is_within(address, networks) is inside


def test_one_host_is_one_source():
    assert source("2001:db8::1") == source("2001:db8::ffff") != source("2001:db8:1::1")
    assert source("::ffff:192.0.2.7") == source("192.0.2.7")
    assert source("192.0.2.7") != source("192.0.2.8")
    assert source("nonsense") == "nonsense"
