"""Whom we may talk to. A receiver's address is typed by a person and leads anywhere.

Without this, a subscription would be a way to reach what only this server can reach: its own
ports, the company's network, the cloud's metadata service. A name is looked up once, every
address it has is judged, and the connection goes to an address that was judged: a name that
leads elsewhere a moment later (DNS rebinding) changes nothing.
"""

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import quote, urlsplit

import idna

PORTS = {"http": 80, "https": 443}
PUBLIC_PORTS = frozenset({80, 443, 8080, 8443})
MAX_LENGTH = 2000

_Address = ipaddress.IPv4Address | ipaddress.IPv6Address
# The well-known prefix by which an IPv6 network reaches IPv4, RFC 6052.
_NAT64 = ipaddress.IPv6Network("64:ff9b::/96")
# That of a translator of one's own, RFC 8215. Where in it the IPv4 address is, and so where
# it leads, only the network's owner knows.
_LOCAL_NAT64 = ipaddress.IPv6Network("64:ff9b:1::/48")
# Where clouds hand out their keys beside the link-local addresses: nobody's receiver.
_METADATA = frozenset(
    ipaddress.ip_address(text)
    for text in (
        # Amazon, docs.aws.amazon.com/AWSEC2/latest/UserGuide/instancedata-data-retrieval.html
        "fd00:ec2::254",
        # Google, cloud.google.com/compute/docs/metadata/querying-metadata
        "fd20:ce::254",
        # Azure, learn.microsoft.com/azure/virtual-network/what-is-ip-address-168-63-129-16
        "168.63.129.16",
        # Alibaba, www.alibabacloud.com/help/en/ecs/user-guide/view-instance-metadata
        "100.100.100.200",
    )
)
# What stays as it is in a path, beside letters and digits.
_KEPT = "!#$%&'()*+,/:;=?@[]~"


class Forbidden(Exception):
    """We do not talk to this address.

    :ivar reason: one of the constants below. It never quotes the address, whose path and
        query may hold a key.
    """

    def __init__(self, reason: str):
        super().__init__(reason)
        self.reason = reason


MALFORMED = "malformed"
NOT_HTTPS = "not_https"
CREDENTIALS = "credentials"
PORT = "port"
PRIVATE = "private"
UNKNOWN_HOST = "unknown_host"


@dataclass(frozen=True, slots=True)
class Target:
    """An address taken apart. Requests are made of these parts, never of the text.

    :ivar host: as it is looked up and named to the receiver, ASCII, without brackets.
    :ivar path: with the query, ASCII.
    """

    scheme: str
    host: str
    port: int
    path: str

    @property
    def authority(self) -> str:
        """The value of the Host header."""
        host = f"[{self.host}]" if ":" in self.host else self.host
        return host if self.port == PORTS[self.scheme] else f"{host}:{self.port}"


def parse(url: str, allow_private: bool = False) -> Target:
    """Take an address apart and judge what needs no look-up.

    :raise Forbidden: it is not one we would ever talk to.
    """
    if (
        len(url) > MAX_LENGTH
        or "\\" in url
        or any(c <= " " or c == "\x7f" for c in url)
    ):
        raise Forbidden(MALFORMED)
    try:
        parts = urlsplit(url)
        port = parts.port
        host = _ascii_host(parts.hostname or "")
    except ValueError:
        raise Forbidden(MALFORMED) from None
    if parts.scheme not in PORTS:
        raise Forbidden(MALFORMED)
    if "@" in parts.netloc:
        raise Forbidden(CREDENTIALS)
    if not allow_private and parts.scheme != "https":
        raise Forbidden(NOT_HTTPS)
    port = PORTS[parts.scheme] if port is None else port
    if port == 0 or (not allow_private and port not in PUBLIC_PORTS):
        raise Forbidden(PORT)
    literal = _literal(host)
    if literal is not None and not _is_allowed(literal, allow_private):
        raise Forbidden(PRIVATE)
    path = parts.path or "/"
    whole = f"{path}?{parts.query}" if parts.query else path
    return Target(parts.scheme, host, port, quote(whole, safe=_KEPT))


def resolve(
    target: Target,
    allow_private: bool = False,
    lookup: Callable = socket.getaddrinfo,
) -> list[str]:
    """Look the host up, once, and return the addresses to connect to, in order.

    One address that we may not talk to forbids the whole name.

    :param lookup: as ``socket.getaddrinfo``
    :raise Forbidden: it leads nowhere, or where we do not go.
    """
    try:
        found = lookup(target.host, target.port, type=socket.SOCK_STREAM)
        addresses = list(dict.fromkeys(entry[4][0] for entry in found))
        judged = [
            _is_allowed(ipaddress.ip_address(a), allow_private) for a in addresses
        ]
    except (OSError, ValueError):
        raise Forbidden(UNKNOWN_HOST) from None
    if not addresses:
        raise Forbidden(UNKNOWN_HOST)
    if not all(judged):
        raise Forbidden(PRIVATE)
    return addresses


def _ascii_host(host: str) -> str:
    """The host as it is looked up.

    :raise ValueError: it is none.
    """
    if not host or "%" in host:
        raise ValueError
    if host.isascii():
        return host
    return idna.encode(host, uts46=True).decode()


def _literal(host: str) -> _Address | None:
    try:
        return ipaddress.ip_address(host)
    except ValueError:
        return None


def _is_allowed(address: _Address, allow_private: bool) -> bool:
    """Whether we may connect to it.

    Private networks are for those who allow them. Nobody's receiver is at a link-local
    address, where clouds hand out their keys, at many addresses at once, or at none.
    """
    if address.version == 6 and address in _LOCAL_NAT64:
        return False
    for meant in (address, *_embedded(address)):
        if meant.is_link_local or meant.is_multicast or meant.is_unspecified:
            return False
        if meant in _METADATA:
            return False
        is_public = meant.is_global and not (
            meant.is_reserved or getattr(meant, "is_site_local", False)
        )
        if not (is_public or allow_private):
            return False
    return True


def _embedded(address: _Address) -> list[_Address]:
    """The IPv4 addresses that an IPv6 address leads to by way of a translator or tunnel."""
    if address.version == 4:
        return []
    found = [address.ipv4_mapped, address.sixtofour]
    if address.teredo:
        found += address.teredo
    if address in _NAT64:
        found.append(ipaddress.IPv4Address(int(address) & 0xFFFFFFFF))
    return [meant for meant in found if meant is not None]
