"""Which addresses may be connected to: public ones, unless `net.allow_private` is set."""

from __future__ import annotations

import ipaddress
import socket
from collections.abc import Callable
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv6Address

from .failures import FetchFailed

# Beside what `is_global` knows, which differs between versions of Python: reserved for protocols,
# for relays and for documentation, and Azure's metadata, which lies among public addresses.
_RESERVED = [
    ipaddress.ip_network(each)
    for each in (
        *("192.0.0.0/24", "192.88.99.0/24", "168.63.129.16/32"),
        *("2001:db8::/32", "3fff::/20", "5f00::/16"),
    )
]
_NAT64 = (ipaddress.ip_network("64:ff9b::/96"), ipaddress.ip_network("64:ff9b:1::/48"))
_COMPATIBLE = ipaddress.ip_network("::/96")

Lookup = Callable[[str, int], list[str]]  # the addresses of a host's name, as text


def look_up(host: str, port: int) -> list[str]:
    """The addresses of a host, as the system resolves them. Raises OSError."""
    found = socket.getaddrinfo(host, port, type=socket.SOCK_STREAM)
    return list(dict.fromkeys(str(each[4][0]) for each in found))


@dataclass(frozen=True, slots=True)
class Guard:
    """Resolves the names of hosts, and lets through the addresses that may be connected to."""

    allow_private: bool = False
    lookup: Lookup = look_up

    def addresses(self, host: str, port: int) -> list[str]:
        """The addresses of a host that may be connected to. Raises FetchFailed.

        >>> Guard().addresses("127.0.0.1", 80)
        Traceback (most recent call last):
        newsdesk.index.net.failures.FetchFailed: 127.0.0.1 is a private address, and those are \
refused; set NEWSDESK_NET_ALLOW_PRIVATE=true if it is yours
        """
        try:
            addresses = self.lookup(host, port)
        except (OSError, UnicodeError) as error:
            raise FetchFailed(
                f"the name {host} is not known ({getattr(error, 'strerror', None) or error}); "
                "check the address"
            ) from error
        allowed = [each for each in addresses if self.allow_private or is_public(each)]
        if not allowed:
            raise FetchFailed(
                f"{host} is a private address, and those are refused; set "
                "NEWSDESK_NET_ALLOW_PRIVATE=true if it is yours"
            )
        return allowed


def is_public(address: str) -> bool:
    """Whether an address is one of the internet: no loopback, private, link-local, metadata one.

    An IPv6 address that stands for one of IPv4 is judged by that.

    >>> [is_public(each) for each in ("1.1.1.1", "169.254.169.254", "::ffff:10.0.0.1")]
    [True, False, False]
    """
    try:
        parsed = ipaddress.ip_address(address.partition("%")[0])
    except ValueError:
        return False
    inner = _embedded(parsed) if isinstance(parsed, IPv6Address) else None
    if inner is not None:
        return is_public(str(inner))
    reserved = any(parsed in network for network in _RESERVED)
    return parsed.is_global and not (parsed.is_multicast or reserved)


def _embedded(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that an IPv6 one stands for: mapped, 6to4, Teredo, NAT64, compatible."""
    if address.teredo:
        return address.teredo[1]
    translated = any(address in network for network in _NAT64)
    if translated or (address in _COMPATIBLE and int(address) > 0xFFFF):
        return IPv4Address(int(address) & 0xFFFFFFFF)
    return address.ipv4_mapped or address.sixtofour
