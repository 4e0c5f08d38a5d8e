"""Tells which IP addresses are of the public internet, in each form that leads to an IPv4 one."""

from ipaddress import IPv4Address, IPv4Network, IPv6Address, IPv6Network, ip_address
from typing import Final

_NAT64: Final = (IPv6Network("64:ff9b::/96"), IPv6Network("64:ff9b:1::/48"))
"""Translated to IPv4: by the well-known prefix (RFC 6052), and within a network (RFC 8215)."""
_UNICAST: Final = IPv6Network("2000::/3")
"""All that is given out of IPv6 (RFC 4291)."""

_RESERVED: Final = (IPv4Network("192.0.0.0/24"), IPv4Network("192.88.99.0/24"))
_RESERVED_V6: Final = (IPv6Network("2001:db8::/32"), IPv6Network("3fff::/20"))
"""What not every release of Python knows: protocols' own, 6to4's relays, and examples."""


def is_public(text: str) -> bool:
    """Whether an address, as the resolver spells it, is neither private nor this machine's.

    Not public are private, loopback, link-local, shared (RFC 6598), reserved and multicast ones
    (IANA's special-purpose registries), and what carries such an IPv4 address in an IPv6 one.
    """
    address = ip_address(text.partition("%")[0])
    if isinstance(address, IPv4Address):
        return _is_public_v4(address)
    carried = _carried(address)
    if carried is not None:
        return _is_public_v4(carried)
    is_reserved = any(address in network for network in _RESERVED_V6)
    return address in _UNICAST and address.is_global and not is_reserved


def _is_public_v4(address: IPv4Address) -> bool:
    is_reserved = address.is_reserved or any(address in network for network in _RESERVED)
    return address.is_global and not (address.is_multicast or is_reserved)


def _carried(address: IPv6Address) -> IPv4Address | None:
    """The IPv4 address that packets to this one end at: mapped, 6to4, Teredo or NAT64."""
    if address.ipv4_mapped or address.sixtofour:
        return address.ipv4_mapped or address.sixtofour
    if address.teredo:
        return address.teredo[1]
    is_translated = any(address in network for network in _NAT64)
    return IPv4Address(int(address) & 0xFFFFFFFF) if is_translated else None
