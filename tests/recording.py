"""Recordings of networks, as tcpdump writes them: for tests of what reads those."""

import ipaddress
import struct

from bluemarble.wire.captures import frames, pcap
from bluemarble.wire.datagram.keylog import Lines

START_US = 1_800_000_000_000_000


def udp(source, target, payload, *, fragment=0, extended=False):
    """An IP packet with a UDP datagram; @param extended: IPv6 with headers of options before it."""
    (here, port), (there, to) = source, target
    body = struct.pack(">4H", port, to, 8 + len(payload), 0) + payload
    one, other = (ipaddress.ip_address(address).packed for address in (here, there))
    if len(one) == 4:
        head = struct.pack(">2B3H2BH", 0x45, 0, 20 + len(body), 7, fragment, 64, 17, 0)
        return head + one + other + body
    kind = 17
    if fragment:
        kind, body = frames.FRAGMENT, bytes([17, 0, 0, 1]) + bytes(4) + body
    if extended:
        kind, body = frames.HOP_BY_HOP, bytes([kind, 0]) + bytes(6) + body
    return struct.pack(">IH2B", 6 << 28, len(body), kind, 64) + one + other + body


def framed(link_type, packet):
    """As a capturer on such an interface has it."""
    kind = 0x0800 if packet[0] >> 4 == 4 else 0x86DD
    family = 2 if kind == 0x0800 else 10
    return {
        frames.ETHERNET: bytes(12) + kind.to_bytes(2, "big"),
        frames.LINUX_SLL: bytes(14) + kind.to_bytes(2, "big"),
        frames.LINUX_SLL2: kind.to_bytes(2, "big") + bytes(18),
        frames.NULL: family.to_bytes(4, "little"),
        frames.LOOP: family.to_bytes(4, "big"),
        frames.RAW: b"",
    }[link_type] + packet


def pcap_of(noted, link_type=frames.ETHERNET, *, order="<", nanoseconds=False, snaplen=1 << 18):
    """
    A classic pcap.

    @param noted: (microseconds since the start, frame) of each.
    """
    magic, finer = (pcap.NANOSECONDS, 1000) if nanoseconds else (pcap.MICROSECONDS, 1)
    out = struct.pack(f"{order}I2Hi3I", magic, 2, 4, 0, 0, snaplen, link_type)
    for at_us, frame in noted:
        second, part = divmod(START_US + at_us, 1_000_000)
        kept = frame[:snaplen]
        out += struct.pack(f"{order}4I", second, part * finer, len(kept), len(frame)) + kept
    return out


def pcapng_of(noted, link_type=frames.ETHERNET):
    """A pcapng, as Wireshark writes it."""

    def block(kind, body):
        size = struct.pack("<I", 12 + len(body))
        return struct.pack("<I", kind) + size + body + size

    out = block(0x0A0D0D0A, struct.pack("<IHHq", 0x1A2B3C4D, 1, 0, -1))
    out += block(1, struct.pack("<HHI", link_type, 0, 0))
    for at_us, frame in noted:
        high, low = divmod(START_US + at_us, 1 << 32)
        head = struct.pack("<5I", 0, high, low, len(frame), len(frame))
        out += block(6, head + frame + bytes(-len(frame) % 4))
    return out


def pieces(blocks):
    """All lines of a key log that comes in blocks, the last one though it may lack its end."""
    lines = Lines()
    for block in blocks:
        yield from lines.feed(block)
    yield lines.rest
