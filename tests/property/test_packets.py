"""Whatever a capture says, it is shown, counted and chosen from without an exception."""

import json

from hypothesis import example, given, settings
from hypothesis import strategies as st

import opcodes
from bluemarble.tools.packets.choosing import Choice
from bluemarble.tools.packets.counting import Statistics
from bluemarble.tools.packets.decoding import decoded
from bluemarble.tools.packets.showing import as_json, lines
from bluemarble.wire.captures.record import Captured
from bluemarble.wire.codec import codec
from opcodes.vocab import Side
from tests.property.attackers import examples
from tests.property.values import records

VERSIONS = {12340: opcodes.version(12340), 5875: opcodes.version(5875), 0: opcodes.native()}
# (build, whether a client sends it, number, class), of everything that has a definition
KINDS = [
    (build, from_client, number, cls)
    for build, version in VERSIONS.items()
    for from_client, table in ((True, version.packets), (False, version.sent))
    for number, cls in table.items()
    if (Side.CLIENT if from_client else Side.SERVER) in cls.side
]


@st.composite
def real(draw):
    """A packet as its sender would write it, or with a few bytes that are not its own."""
    build, from_client, number, cls = draw(st.sampled_from(KINDS))
    layout = VERSIONS[build].layout(cls, received=from_client)
    body = draw(records(cls).map(codec(cls).encode) if layout is cls else st.binary(max_size=90))
    if draw(st.booleans()):
        at = draw(st.integers(0, len(body)))
        body = body[:at] + draw(st.binary(max_size=5)) + body[at + draw(st.integers(0, 5)) :]
    return Captured(
        draw(st.integers(0, (1 << 63) - 1)), from_client, draw(st.integers(0, 2)), number, body, build
    )


anything = st.builds(
    Captured,
    time_us=st.integers(0, (1 << 63) - 1),
    from_client=st.booleans(),
    connection=st.integers(0, 0xFFFF_FFFF),
    opcode=st.integers(0, 0x600) | st.integers(0xF000, 0xF020) | st.integers(0, 0xFFFF_FFFF),
    body=st.binary(max_size=60),
    build=st.sampled_from([12340, 5875, 0]) | st.integers(0, 0xFFFF_FFFF),
    comment=st.text(max_size=9),
)


@settings(max_examples=examples(120))
@example([Captured(0, True, 0, 0xC7, b"", 5875)], [])  # construct explains itself in several lines
@given(st.lists(real() | anything, min_size=1, max_size=4), st.lists(st.text("0x1-", max_size=4), max_size=2))
def test_whatever_it_says(some, values):
    """One head line and printable others; JSON without NaN; counts that add up."""
    statistics, first_us = Statistics(), some[0].time_us
    for captured in some:
        it = decoded(captured)
        shown = list(lines(it, first_us))
        assert all(line.isprintable() for line in shown)
        assert (it.packet is None) == bool(it.fault)
        json.dumps(as_json(it), allow_nan=False)
        statistics.take(captured)
        Choice(values=tuple(values), opcodes=tuple(values)).takes(captured, first_us)
        assert Choice(opcodes=(it.name,), faulty=bool(it.fault)).takes(captured, first_us)
    found = statistics.as_json()
    assert found["packets"] == len(some) == sum(each["packets"] for each in found["opcodes"])
    json.dumps(found, allow_nan=False)
    assert list(statistics.lines())
