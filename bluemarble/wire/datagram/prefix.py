"""How every plaintext begins: what was received, and which tick this is of; docs/bmu1.md section 4."""

import struct
from typing import NamedTuple

from bluemarble.wire.datagram.numbers import LOW, latest
from bluemarble.wire.datagram.window import ACK_ALL, ACK_NUMBERS
from bluemarble.wire.errors import Malformed

HAS_BITS, HAS_DELAY, HAS_TICK, NOTHING_YET = 1, 2, 4, 8
KNOWN = HAS_BITS | HAS_DELAY | HAS_TICK | NOTHING_YET
DELAY_UNIT_US = 2000
DELAY_LIMIT = 255  # that or more: it says nothing of the round trip
PREFIX_MOST = 10


class Prefix(NamedTuple):
    """
    What stands before the sections.

    @ivar ack: low 16 bits of the highest packet number received; None: nothing received yet.
    @ivar bits: bit i: number ack-1-i was received; None: all 32 that exist were.
    @ivar delay: since `ack` came, in 2 ms, 255: or more; None unless `ack` is said the first time.
    @ivar tick: low 16 bits; None where it says nothing.
    """

    ack: int | None = None
    bits: int | None = None
    delay: int | None = None
    tick: int | None = None


def write(prefix: Prefix) -> bytes:
    """Its bytes, 1 to PREFIX_MOST."""
    flags = 0
    out = b""
    if prefix.ack is None:
        flags |= NOTHING_YET
    else:
        out += struct.pack("<H", prefix.ack & LOW)
        if prefix.bits is not None:
            flags |= HAS_BITS
            out += struct.pack("<I", prefix.bits)
        if prefix.delay is not None:
            flags |= HAS_DELAY
            out += struct.pack("<B", prefix.delay)
    if prefix.tick is not None:
        flags |= HAS_TICK
        out += struct.pack("<H", prefix.tick & LOW)
    return bytes([flags]) + out


def read(plaintext: bytes) -> tuple[Prefix, int]:
    """
    The prefix, and the offset of the first section.

    @raise Malformed: cut short, or flags that may not be.
    """
    try:
        flags, at = plaintext[0], 1
        if flags & ~KNOWN or (flags & NOTHING_YET and flags & (HAS_BITS | HAS_DELAY)):
            raise Malformed(f"prefix flags {flags:#x}")
        ack = bits = delay = tick = None
        if not flags & NOTHING_YET:
            (ack,) = struct.unpack_from("<H", plaintext, at)
            at += 2
        if flags & HAS_BITS:
            (bits,) = struct.unpack_from("<I", plaintext, at)
            at += 4
        if flags & HAS_DELAY:
            delay = plaintext[at]
            at += 1
        if flags & HAS_TICK:
            (tick,) = struct.unpack_from("<H", plaintext, at)
            at += 2
    except (IndexError, struct.error) as error:
        raise Malformed("a prefix is cut short") from error
    return Prefix(ack, bits, delay, tick), at


def acknowledged(prefix: Prefix, last_sent: int) -> list[int]:
    """
    The packet numbers a prefix acknowledges, highest first.

    @param last_sent: the highest that was sent, -1: none.
    @raise Malformed: one that was never sent.
    """
    if prefix.ack is None:
        return []
    highest = latest(prefix.ack, last_sent)
    if highest < 0:
        raise Malformed(f"acknowledges {prefix.ack}, which was never sent")
    bits = ACK_ALL if prefix.bits is None else prefix.bits
    below = (highest - 1 - i for i in range(min(ACK_NUMBERS, highest)) if bits >> i & 1)
    return [highest, *below]
