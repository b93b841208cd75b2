"""Captures: there and back in each format and between them; cut, flipped and invented files."""

import contextlib
import io

from hypothesis import example, given, settings
from hypothesis import strategies as st

from bluemarble.wire.captures import formats, pcapng, pkt
from bluemarble.wire.captures.record import Captured
from bluemarble.wire.errors import Malformed
from tests.property.attackers import examples

START_US = 1_700_000_000 * 1_000_000
BEGINS = {pkt: {"start_us": START_US}, pcapng: {}}
u32 = st.integers(0, 0xFFFF_FFFF)
addresses = st.just("") | st.ip_addresses().map(str)
packets = st.builds(
    Captured,
    time_us=st.integers(0, (1 << 63) - 1),
    from_client=st.booleans(),
    connection=u32,
    opcode=u32,
    body=st.binary(max_size=70),
    build=u32,
    address=addresses,
    port=st.integers(0, 0xFFFF),
    comment=st.text(st.characters(exclude_categories=["Cs"]), max_size=20),
)
notes = st.dictionaries(st.text(max_size=9), st.text(max_size=9), max_size=3)


def plain(packet):
    """What of it a .pkt holds that begins at START_S."""
    looks_like_ipv4 = packet.address.endswith("::") or not packet.address
    return packet._replace(
        time_us=START_US + packet.time_us // 1000 % (1 << 32) * 1000,
        build=12340,
        comment="",
        address="" if looks_like_ipv4 else packet.address,
        port=0 if looks_like_ipv4 else packet.port,
    )


def written(some, kind, **options):
    out = io.BytesIO()
    writer = kind.Writer(out, **options)
    for packet in some:
        writer.write(packet)
    assert not writer.lost
    return out.getvalue()


def read(data):
    reader = formats.reader(io.BytesIO(data))
    return list(reader), reader


@settings(max_examples=examples(80))
@given(st.lists(packets, max_size=5), notes)
def test_pcapng_holds_everything(some, said):
    got, reader = read(written(some, pcapng, notes=said))
    assert got == some
    assert reader.notes == said
    assert not reader.cut
    assert not reader.lost


@settings(max_examples=examples(80))
@given(st.lists(packets.map(plain), max_size=5))
def test_between_the_formats(some):
    """What a .pkt can say goes into a pcapng and back without a bit of it changed."""
    data = written(some, pkt, **BEGINS[pkt])
    got, reader = read(data)
    assert got == some
    over, between = read(written(got, pcapng, notes=reader.notes))
    assert over == some
    assert written(over, pkt, notes=between.notes, **BEGINS[pkt]) == data


@settings(max_examples=examples(120))
@given(
    some=st.lists(packets.map(plain), min_size=1, max_size=4),
    kind=st.sampled_from([pkt, pcapng]),
    where=st.floats(0, 1, exclude_max=True),
    how=st.integers(0, 3),
    junk=st.binary(min_size=1, max_size=9),
)
def test_damaged(some, kind, where, how, junk):
    """Cut, overwritten, with something pushed in or cut out: Malformed, or packets, never more."""
    data = written(some, kind, **BEGINS[kind])
    at = int(where * len(data))
    damaged = (data[:at], data[:at] + junk + data[at + len(junk) :], data[:at] + junk + data[at:],
               data[:at] + data[at + len(junk) :])[how]  # fmt: skip
    try:
        got, _ = read(damaged)
    except Malformed:
        return
    assert len(got) <= len(damaged) / 20
    assert read(written(got, pcapng))[0] == got
    if how == 0:
        assert got == some[: len(got)]


@settings(max_examples=examples(120))
@given(
    begun=st.sampled_from([b"", written([], pkt), written([], pcapng), pcapng.MAGIC, pkt.MAGIC + b"\1\3"]),
    junk=st.binary(max_size=200),
)
@example(begun=written([], pcapng), junk=b"\n\r\r\n\x1c\0\0\0\x1a+<M\1\0\0\0" + b"\xff" * 8 + b"\x1c\0\0\0")
def test_invented(begun, junk):
    """Nothing but Malformed comes of bytes that mean nothing."""
    with contextlib.suppress(Malformed):
        read(begun + junk)
