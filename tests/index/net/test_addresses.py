"""Which addresses are connected to: none that is not of the internet, however it is written."""

from __future__ import annotations

import ipaddress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from newsdesk.index.net import FetchFailed, Guard
from newsdesk.index.net.addresses import is_public

PRIVATE = """
127.0.0.1 127.8.9.1 0.0.0.0 10.1.2.3 172.16.0.1 172.31.255.255 192.168.1.1 169.254.169.254
100.64.0.1 100.100.100.200 192.0.0.192 198.18.0.1 224.0.0.1 239.1.1.1 255.255.255.255 168.63.129.16
:: ::1 fe80::1 fe80::1%eth0 fc00::1 fd00:ec2::254 ff02::1 ::ffff:127.0.0.1 ::ffff:10.0.0.1
::ffff:169.254.169.254 64:ff9b::7f00:1 64:ff9b::a9fe:a9fe 2002:7f00:1:: ::7f00:1
2001:db8::1 nonsense
""".split()
PUBLIC = "1.1.1.1 93.184.215.14 2606:4700:4700::1111 ::ffff:1.1.1.1 64:ff9b::101:101".split()


@pytest.mark.parametrize("address", PRIVATE)
def test_what_is_not_of_the_internet_is_refused(address: str) -> None:
    assert not is_public(address)


@pytest.mark.parametrize("address", PUBLIC)
def test_what_is_of_the_internet_is_let_through(address: str) -> None:
    assert is_public(address)


@given(st.ip_addresses(v=4))
def test_an_address_in_disguise_is_judged_as_itself(address: ipaddress.IPv4Address) -> None:
    number = int(address)
    disguises = [
        ipaddress.IPv6Address(0xFFFF << 32 | number),
        ipaddress.IPv6Address(0x2002 << 112 | number << 80),
        ipaddress.IPv6Address(0x64FF9B << 96 | number),
    ]
    assert {is_public(str(each)) for each in disguises} == {is_public(str(address))}


# As people who try to get in write 127.0.0.1; the system's lookup takes them.
@pytest.mark.parametrize("host", "2130706433 0x7f000001 127.1 0177.0.0.1 localhost 0".split())
def test_other_spellings_of_this_machine_are_refused(host: str) -> None:
    with pytest.raises(FetchFailed, match="private address"):
        Guard().addresses(host, 80)


def test_only_the_public_ones_of_a_name_are_connected_to() -> None:
    guard = Guard(lookup=lambda host, port: ["10.0.0.1", "1.1.1.1"])
    assert guard.addresses("news.example", 80) == ["1.1.1.1"]


def test_a_name_that_is_not_known() -> None:
    with pytest.raises(FetchFailed, match=r"the name no-such-host\.invalid is not known"):
        Guard().addresses("no-such-host.invalid", 80)
