"""
Every packet of both builds against wow_world_messages: an independent reader and writer of the same protocol.

What we send it must read to the last byte; what a client sends, its writer and our reader must agree on.
Values are drawn from the package's own enumerations, since it refuses ids that it does not know.
"""

import functools
import random

import pytest
from wow_world_messages import wrath

import opcodes
from bluemarble.wire.codec import codec
from opcodes.vocab import Side
from tests.conformance.agreeing import ASCII, Drawing, agrees, read, written
from tests.conformance.waivers import CLIENT_WAIVED, PARTLY_WAIVED, SERVER_WAIVED

TIMES = 20
BUILDS = [(opcodes.version(12340), wrath)]


def cases(side, table, waived):
    return list(_cases(side, table, waived))


def _cases(side, table, waived):
    for version, package in BUILDS:
        for cls, number in version.numbers.items():
            kind = getattr(package, table).get(number)
            if side not in cls.side or (cls.__name__.endswith("_Server") and side is Side.CLIENT):
                continue
            if side is Side.SERVER and version.sent[number] is not cls:
                continue
            if kind is None or cls.__name__ in waived:
                continue
            yield pytest.param(version, package, cls, kind, id=f"{version.build}-{cls.__name__}")


@pytest.mark.parametrize(
    ("version", "package", "cls", "kind"), cases(Side.SERVER, "server_opcodes", SERVER_WAIVED)
)
def test_the_package_reads_what_we_send(version, package, cls, kind):
    """To the last byte, and every field of the same name has the same value."""
    draw = Drawing(random.Random(cls.__name__), package)
    layout = version.layout(cls)
    for _ in range(TIMES):
        packet = draw.record(cls, kind)
        body = codec(layout).encode(packet)
        theirs, left = read(kind, body)
        assert left == 0, f"{left} bytes left over of {body.hex()}"
        agrees(packet, theirs, layout)


@pytest.mark.parametrize(
    ("version", "package", "cls", "kind"), cases(Side.CLIENT, "client_opcodes", CLIENT_WAIVED)
)
def test_we_read_what_the_package_writes(version, package, cls, kind):
    """It reads our bytes as the packet, writes it again, and we read the same from that."""
    layout = version.layout(cls, received=True)
    draw = Drawing(random.Random(cls.__name__), package, ASCII)
    for _ in range(TIMES):
        packet = draw.record(cls, kind)
        body = codec(layout).encode(packet)
        theirs, left = read(kind, body)
        assert left == 0, f"{left} bytes left over of {body.hex()}"
        again = codec(layout).decode(written(theirs))
        assert codec(layout).encode(again) == body


@functools.cache
def defined(build):
    return {cls.__name__ for cls in opcodes.version(build).numbers}


@pytest.mark.parametrize("name", sorted({*SERVER_WAIVED, *CLIENT_WAIVED, *PARTLY_WAIVED}))
def test_waivers_are_of_packets(name):
    """No waiver outlives its packet, and each says why."""
    assert name in defined(12340)
    assert len({**SERVER_WAIVED, **CLIENT_WAIVED, **PARTLY_WAIVED}[name]) > 40
