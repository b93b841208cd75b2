"""Internet addresses as the auth database stores and compares them."""

import ipaddress
from functools import lru_cache
from typing import Any


@lru_cache(4096)
def address(ip: str) -> str:
    """One spelling per address: IPv6 in its short form, IPv4 out of its IPv6 mapping."""
    try:
        parsed: Any = ipaddress.ip_address(ip.partition("%")[0])
    except ValueError:
        return ip[:45]
    return str(getattr(parsed, "ipv4_mapped", None) or parsed)


@lru_cache(4096)
def place(ip: str) -> str:
    """Where an address is, as far as an attacker cannot choose it: an IPv6 address's /64, or the address."""
    spelled = address(ip)
    try:
        parsed = ipaddress.ip_address(spelled)
    except ValueError:
        return spelled
    if parsed.version == 4 or parsed.is_loopback:
        return spelled
    return str(ipaddress.ip_network((spelled, 64), strict=False))
