"""Whom we may talk to."""

import socket

import pytest

from odoo.addons.shipment_visibility_webhooks.outgoing import address
from odoo.addons.shipment_visibility_webhooks.outgoing.address import Forbidden


def leading_to(*addresses):
    """A look-up after which every name leads to these addresses."""

    def lookup(host, port, **_kwargs):
        return [
            (socket.AF_INET, socket.SOCK_STREAM, 6, "", (a, port)) for a in addresses
        ]

    return lookup


def reason_of(url, *, allow_private=False, lookup=None):
    """Why we do not talk to an address; None when we do."""
    try:
        target = address.parse(url, allow_private)
        if lookup:
            address.resolve(target, allow_private, lookup)
    except Forbidden as error:
        assert url not in str(error)
        return error.reason
    return None


@pytest.mark.parametrize(
    ("url", "reason"),
    [
        ("https://hooks.example.com/a?b=c", None),
        ("https://hooks.example.com:8443/a", None),
        ("https://bücher.example/a", None),
        ("https://93.184.216.34/a", None),
        ("http://hooks.example.com/a", address.NOT_HTTPS),
        ("https://hooks.example.com:22/a", address.PORT),
        ("https://hooks.example.com:0/a", address.PORT),
        ("https://user:word@hooks.example.com/a", address.CREDENTIALS),
        ("https://@hooks.example.com/a", address.CREDENTIALS),
        ("ftp://hooks.example.com/a", address.MALFORMED),
        ("file:///etc/passwd", address.MALFORMED),
        ("https:///a", address.MALFORMED),
        ("hooks.example.com/a", address.MALFORMED),
        ("https://hooks.example.com:99999/a", address.MALFORMED),
        ("https://hooks.example.com\\@10.0.0.1/a", address.MALFORMED),
        ("https://hooks.example.com/a\r\nX: y", address.MALFORMED),
        ("https://hooks.example.com/a b", address.MALFORMED),
        ("https://[fe80::1%25eth0]/a", address.MALFORMED),
        ("https://[::1/a", address.MALFORMED),
        ("https://hooks.example.com/" + "a" * 2000, address.MALFORMED),
        ("https://127.0.0.1/a", address.PRIVATE),
        ("https://[::1]/a", address.PRIVATE),
        ("https://10.1.2.3/a", address.PRIVATE),
    ],
)
def test_an_address_is_judged_before_it_is_looked_up(url, reason):
    assert reason_of(url) == reason


@pytest.mark.parametrize(
    "where",
    [
        "0.0.0.0",
        "10.1.2.3",
        "100.64.0.1",
        "127.0.0.1",
        "127.8.8.8",
        "169.254.169.254",
        "172.16.0.1",
        "192.0.2.1",
        "192.168.1.1",
        "198.18.0.1",
        "224.0.0.1",
        "240.0.0.1",
        "255.255.255.255",
        "::",
        "::1",
        "::ffff:10.1.2.3",
        "::ffff:127.0.0.1",
        "::ffff:169.254.169.254",
        "64:ff9b::a01:203",
        "64:ff9b:1::a01:203",
        "168.63.129.16",
        "2002:a01:203::1",
        "2001:db8::1",
        "fc00::1",
        "fe80::1",
        "fec0::1",
        "ff02::1",
    ],
)
def test_a_name_that_leads_inside_is_refused(where):
    url = "https://hooks.example.com/a"
    assert reason_of(url, lookup=leading_to(where)) == address.PRIVATE
    both = leading_to("93.184.216.34", where)
    assert reason_of(url, lookup=both) == address.PRIVATE


@pytest.mark.parametrize(
    "where", ["93.184.216.34", "2606:2800:220:1:248:1893:25c8:1946"]
)
def test_a_name_that_leads_outside_is_not(where):
    assert reason_of("https://hooks.example.com/a", lookup=leading_to(where)) is None


@pytest.mark.parametrize("where", ["127.0.0.1", "10.1.2.3", "fc00::1", "::1"])
def test_private_networks_may_be_allowed(where):
    url = "http://erp.internal:8069/a"
    assert reason_of(url, allow_private=True, lookup=leading_to(where)) is None


@pytest.mark.parametrize(
    "where",
    [
        "169.254.169.254",
        "::ffff:169.254.169.254",
        "100.100.100.200",
        "::ffff:100.100.100.200",
        "168.63.129.16",
        "fd00:ec2::254",
        "fd20:ce::254",
        "64:ff9b:1::a9fe:a9fe",
        "0.0.0.0",
        "224.0.0.1",
    ],
)
def test_what_is_nobodys_receiver_is_never_allowed(where):
    url = "http://erp.internal/a"
    reason = reason_of(url, allow_private=True, lookup=leading_to(where))
    assert reason == address.PRIVATE


def test_a_name_that_leads_nowhere_is_told_apart():
    def lookup(*_args, **_kwargs):
        raise socket.gaierror

    for nowhere in (lookup, leading_to(), leading_to("what?")):
        reason = reason_of("https://hooks.example.com/a", lookup=nowhere)
        assert reason == address.UNKNOWN_HOST


def test_other_ways_to_write_an_address_are_judged_by_where_they_lead():
    for host in ("127.1", "2130706433", "0x7f.1"):
        target = address.parse(f"https://{host}/a")
        with pytest.raises(Forbidden):
            address.resolve(target)


def test_the_receiver_is_named_as_it_was_written():
    assert address.parse("https://hooks.example.com/a").authority == "hooks.example.com"
    target = address.parse("https://hooks.example.com:8443/a?b#c")
    assert target.authority == "hooks.example.com:8443"
    assert target.path == "/a?b"


def test_a_path_is_sent_in_ascii():
    target = address.parse("https://hooks.example.com/größe/%41?ü=[1]")
    assert target.path == "/gr%C3%B6%C3%9Fe/%41?%C3%BC=[1]"
