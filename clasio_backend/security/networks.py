"""Whose network address something came from, as far as limits are concerned."""

from ipaddress import IPv4Address, IPv6Address, ip_address, ip_network

UNKNOWN = "unknown"
CUSTOMER_PREFIX = 64
"""Bits of an IPv6 address that name a customer: one gets at least a /64 of addresses (RFC 6177), and may use all."""


def network_of(address: str) -> str:
    """What counts as one caller: an IPv4 address, or the /64 of an IPv6 address.

    A port, as some proxies add it, is left off. Everybody whose address is missing counts as one.
    """
    text = _without_port(address.strip())
    if not text:
        return UNKNOWN
    try:
        found = ip_address(text.partition("%")[0])
    except ValueError:
        return text[:64].lower()  # a name that a test or a socket gives; a proxy in front writes addresses
    if isinstance(found, IPv4Address):
        return str(found)
    return str(found.ipv4_mapped) if found.ipv4_mapped else _customer(found)


def _customer(address: IPv6Address) -> str:
    return str(ip_network((address, CUSTOMER_PREFIX), strict=False))


def _without_port(text: str) -> str:
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text.partition(":")[0] if text.count(":") == 1 else text
