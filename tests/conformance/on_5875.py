"""What tests of client 1.12.1 share: our bytes to the package, its bytes to us."""

from wow_world_messages import vanilla

import opcodes
from bluemarble.wire.codec import codec
from tests.conformance.agreeing import read, written

V = opcodes.version(5875)
PLAYER, CREATURE, OBJECT = 0x1234, 0xF130_0000_0100_0002, 0xF110_0000_0200_0003


def sent(packet):
    """What the package reads of what a 1.12.1 client is sent for a packet, each to its last byte."""
    out = []
    for form in V.forms(packet):
        got, left = read(vanilla.server_opcodes[V.numbers[type(form)]], encoded(form))
        assert left == 0, f"{type(form).__name__}: {left} bytes left over of {encoded(form).hex()}"
        out.append(got)
    return out


def encoded(packet):
    """The body that a 1.12.1 client is sent."""
    return codec(V.layout(type(packet))).encode(packet)


def one(packet):
    """As `sent`, of a packet that is one there too."""
    (got,) = sent(packet)
    return got


def received(cls, packet):
    """What we read of what the package writes."""
    return codec(V.layout(cls, received=True)).decode(written(packet))
