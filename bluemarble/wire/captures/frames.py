"""
What a capturer of networks noted: frames of a link layer, and the UDP datagrams in them.

Link types are those of `tcpdump -i any`, `-i lo`, of Ethernet, and of tunnels and other systems' loopbacks.
Checksums are not looked at: network cards fill them in behind the capturer's back.

Source: the list of link types of the tcpdump group; RFC 791, 8200, 768.
"""

import struct
from typing import NamedTuple

NULL, ETHERNET, RAW_BSD, RAW_OPENBSD, RAW, LOOP, LINUX_SLL = 0, 1, 12, 14, 101, 108, 113
USER0, IPV4, IPV6, LINUX_SLL2 = 147, 228, 229, 276
VLANS = {0x8100, 0x88A8, 0x9100}
VLANS_MOST = 3
ETHERTYPE_IPV4, ETHERTYPE_IPV6 = 0x0800, 0x86DD
FAMILIES_IPV4, FAMILIES_IPV6 = {2}, {10, 24, 28, 30}  # AF_INET, and AF_INET6 of Linux and the BSDs
UDP = 17
HOP_BY_HOP, ROUTING, FRAGMENT, AUTHENTICATION, OPTIONS = 0, 43, 44, 51, 60  # headers of IPv6 before others
HEADERS_MOST = 8
FRAGMENTED = 0x3FFF  # of IPv4: more are coming, or this is not the first

OTHER_TRAFFIC = "frame that is no UDP"
SHORT = "frame that its capturer cut before the UDP"
FRAGMENTS = "IP fragment"

_UDP = struct.Struct(">4H")


class Frame(NamedTuple):
    """
    @ivar time_us: unix time, microseconds, rounded down.
    @ivar link_type: the tcpdump group's number.
    @ivar data: as far as it was noted; @ivar size: of all of it, bytes.
    @ivar comment: for people; @ivar rounded: the time was noted finer than that.
    """

    time_us: int
    link_type: int
    data: bytes
    size: int
    comment: str = ""
    rounded: bool = False


class Datagram(NamedTuple):
    """
    One of UDP.

    @ivar source, target: addresses of 4 or 16 bytes, each with a port.
    @ivar data: its payload; @ivar whole: all of that has been noted.
    """

    source: tuple[bytes, int]
    target: tuple[bytes, int]
    data: bytes
    whole: bool


def datagram(frame: Frame) -> Datagram | str:
    """The UDP datagram in a frame, or what is there in its place, in a few words."""
    at, data = _network(frame)
    if isinstance(at, str):
        return at
    if len(data) <= at:
        return SHORT if frame.size > len(frame.data) else OTHER_TRAFFIC
    cut = frame.size > len(frame.data)
    if data[at] >> 4 == 4:
        return _ipv4(data[at:], cut)
    if data[at] >> 4 == 6:
        return _ipv6(data[at:], cut)
    return OTHER_TRAFFIC


def _network(frame: Frame) -> tuple[int | str, bytes]:
    """Where the IP packet begins, or what else it is."""
    kind, data = frame.link_type, frame.data
    if kind in (RAW, RAW_BSD, RAW_OPENBSD, IPV4, IPV6):
        return 0, data
    if kind == ETHERNET:
        return _ethernet(data), data
    if kind == LINUX_SLL:
        return (16 if _is_ip(data, 14) else OTHER_TRAFFIC), data
    if kind == LINUX_SLL2:
        return (20 if _is_ip(data, 0) else OTHER_TRAFFIC), data
    if kind in (NULL, LOOP):  # the family in the byte order of whoever captured it, or in the network's
        families = {int.from_bytes(data[:4], "little"), int.from_bytes(data[:4], "big")}
        return (4 if families & (FAMILIES_IPV4 | FAMILIES_IPV6) else OTHER_TRAFFIC), data
    return f"frame of link type {kind}", data


def _ethernet(data: bytes) -> int | str:
    at = 12
    for _ in range(VLANS_MOST):
        if int.from_bytes(data[at : at + 2], "big") not in VLANS:
            break
        at += 4
    return at + 2 if _is_ip(data, at) else OTHER_TRAFFIC


def _is_ip(data: bytes, at: int) -> bool:
    return int.from_bytes(data[at : at + 2], "big") in (ETHERTYPE_IPV4, ETHERTYPE_IPV6)


def _ipv4(data: bytes, cut: bool) -> Datagram | str:
    if len(data) < 20:
        return SHORT if cut else OTHER_TRAFFIC
    head = (data[0] & 15) * 4
    size, _, offset = struct.unpack_from(">3H", data, 2)
    if head < 20 or data[9] != UDP:
        return OTHER_TRAFFIC
    if offset & FRAGMENTED:
        return FRAGMENTS
    size = size or len(data)  # 0: the card was to fill it in
    return _udp(data[12:16], data[16:20], data[head:size], cut)


def _ipv6(data: bytes, cut: bool) -> Datagram | str:
    if len(data) < 40:
        return SHORT if cut else OTHER_TRAFFIC
    size, kind, at = int.from_bytes(data[4:6], "big"), data[6], 40
    end = 40 + size if size else len(data)
    for _ in range(HEADERS_MOST):
        if kind == UDP:
            return _udp(data[8:24], data[24:40], data[at:end], cut)
        if kind == FRAGMENT:
            return FRAGMENTS
        if kind not in (HOP_BY_HOP, ROUTING, AUTHENTICATION, OPTIONS):
            return OTHER_TRAFFIC
        if at + 2 > len(data):
            return SHORT if cut else OTHER_TRAFFIC
        length = (data[at + 1] + 2) * 4 if kind == AUTHENTICATION else (data[at + 1] + 1) * 8
        kind, at = data[at], at + length
    return OTHER_TRAFFIC


def _udp(source: bytes, target: bytes, data: bytes, cut: bool) -> Datagram | str:
    if len(data) < _UDP.size:
        return SHORT if cut else OTHER_TRAFFIC
    source_port, target_port, size, _ = _UDP.unpack_from(data)
    payload = data[_UDP.size : size or len(data)]
    if size and size < _UDP.size:
        return OTHER_TRAFFIC
    whole = not size or len(payload) == size - _UDP.size
    return Datagram((source, source_port), (target, target_port), payload, whole)
