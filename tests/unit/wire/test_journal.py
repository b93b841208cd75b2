"""What goes into a journal comes out, and a damaged or cut one is noticed."""

import io
import zlib

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluemarble.wire import blocks, entries, journal
from bluemarble.wire.errors import Malformed
from bluemarble.wire.layouts import described
from opcodes.cluster import NMSG_CLOCK, NMSG_DISCONNECTED, NMSG_LEAVE
from opcodes.session import CMSG_PING
from opcodes.vocab import Packet

HEADER = journal.Header(
    content="ab" * 32, rules={"sight_yards": 100.0, "motd": ["Hi."]}, seed=7, revision="test"
)
TICKS = [
    journal.Tick(1, [(5, NMSG_CLOCK(latency_ms=40, offset_ms=-3)), (6, NMSG_LEAVE())]),
    journal.Tick(4, [(6, CMSG_PING(sequence_id=9, round_time_in_ms=30))]),
    journal.Chain(4, b"a link o"),
    journal.Digest(10, [((1, 2, 3, 4), journal.summed(b"a part"))]),
    journal.Tick(11, [(5, NMSG_DISCONNECTED())]),
]


WORLD = NMSG_CLOCK(latency_ms=1, offset_ms=2)  # any packet of ours will do
LATER = [journal.Tick(21, [(5, NMSG_CLOCK(latency_ms=7, offset_ms=7))]), journal.Chain(25, b"the link")]


def write(writer, records):
    """A block for each."""
    for record in records:
        if isinstance(record, journal.Tick):
            writer.tick(*record)
        elif isinstance(record, journal.Chain):
            writer.chain(*record)
        else:
            writer.digest(record.tick, [((1, 2, 3, 4), b"a part")])
        writer.flush()


def recorded(snapshot=None):
    out = io.BytesIO()
    writer = journal.Writer(out, HEADER, snapshot)
    write(writer, TICKS)
    writer.tick(12, [])
    writer.flush()
    return out.getvalue()


def test_there_and_back():
    """Header, inputs, links and digests come back as they went; an empty tick takes no room."""
    reader = journal.Reader(io.BytesIO(recorded()))
    assert reader.header == HEADER
    assert reader.snapshot is None
    assert list(reader) == TICKS
    assert not reader.cut


def test_begins_from_a_snapshot():
    """The world, its tick and its chain; the header tells of it, too."""
    reader = journal.Reader(io.BytesIO(recorded(journal.Snapshot(0, WORLD, b"a link.."))))
    assert (reader.snapshot.tick, reader.snapshot.world, reader.snapshot.link) == (0, WORLD, b"a link..")
    assert list(reader) == TICKS
    reader = journal.Reader(io.BytesIO(recorded(journal.Snapshot(3, WORLD))))
    assert (reader.header.begins, reader.snapshot.tick) == (3, 3)
    assert list(reader) == TICKS[1:]


def with_snapshots():
    """Of ticks 12 and 20; the latter comes late, behind a tick that is after it."""
    out = io.BytesIO()
    writer = journal.Writer(out, HEADER)
    write(writer, TICKS)
    writer.snapshot(journal.Snapshot(12, WORLD, b"link 12."))
    writer.chain(20, b"link 20.")
    writer.mark()
    write(writer, LATER[:1])
    out.write(journal.Snapshot(20, NMSG_LEAVE(), b"link 20.").block())
    write(writer, LATER[1:])
    return out.getvalue()


@pytest.mark.parametrize(
    ("tick", "at", "first"),
    [(0, None, 1), (11, None, 1), (12, 12, 20), (19, 12, 20), (20, 20, 21), (99, 20, 21)],
)
def test_seek(tick, at, first):
    """To the newest snapshot that is not later, though it stands behind what came after it; and back."""
    reader = journal.Reader(io.BytesIO(with_snapshots()))
    for _ in range(2):
        found = reader.seek(tick)
        assert found is reader.snapshot
        assert (found and found.tick) == at
        records = list(reader)
        assert records[0].tick == first
        assert records[-2 - (at != 20) :][:1] == LATER[:1]
        assert records[-1] == LATER[-1]
        assert [it.tick for it in records if isinstance(it, journal.Snapshot)] == [
            it for it in (12, 20) if it > (at or 0)
        ]
    assert reader.seek(20).world == NMSG_LEAVE()


def test_read_through():
    """From the beginning, snapshots come where they stand."""
    got = list(journal.Reader(io.BytesIO(with_snapshots())))
    assert [type(it) for it in got[-5:]] == [
        journal.Snapshot, journal.Chain, journal.Tick, journal.Snapshot, journal.Chain
    ]  # fmt: skip
    assert got[: len(TICKS)] == TICKS


def test_seek_in_what_was_cut():
    """A snapshot that is not whole is none."""
    data = with_snapshots()
    [*_, last] = [it for it in journal.Reader(io.BytesIO(data)).index() if it.kind == blocks.SNAPSHOT]
    reader = journal.Reader(io.BytesIO(data[: last.at + last.size - 1]))
    assert reader.seek(99).tick == 12
    assert list(reader) == [journal.Chain(20, b"link 20."), *LATER[:1]]
    assert reader.cut


def test_seek_before_its_beginning():
    """A journal that begins in the middle has nothing before it."""
    reader = journal.Reader(io.BytesIO(recorded(journal.Snapshot(3, WORLD))))
    assert reader.seek(3).world == WORLD
    assert list(reader) == TICKS[1:]
    with pytest.raises(Malformed, match="begins after tick 3"):
        reader.seek(2)


def test_a_cut_ends_it():
    """A server that died while writing leaves every whole block readable."""
    data = recorded()
    lengths = set()
    for size in range(len(data)):
        try:
            reader = journal.Reader(io.BytesIO(data[:size]))
        except Malformed:  # not even the header is whole
            continue
        got = list(reader)
        assert got == TICKS[: len(got)]
        lengths.add(len(got))
    assert lengths == {0, 1, 2, 3, 4}
    reader = journal.Reader(io.BytesIO(data[:-1]))
    assert list(reader) == TICKS[:4]
    assert reader.cut
    with pytest.raises(Malformed, match="cut within its header"):
        journal.Reader(io.BytesIO(data[:40]))
    data = recorded(journal.Snapshot(3, WORLD))
    snapshot = journal.Reader(io.BytesIO(data))._begins
    with pytest.raises(Malformed, match="cut before the snapshot"):
        journal.Reader(io.BytesIO(data[: snapshot + 30]))


@given(at=st.integers(0, len(recorded()) - 1), bit=st.integers(0, 7))
def test_damage_is_noticed(at, bit):
    """One flipped bit anywhere: what was read before it is right, and then it is refused."""
    data = bytearray(recorded())
    data[at] ^= 1 << bit
    got = []
    with pytest.raises(Malformed):
        for record in journal.Reader(io.BytesIO(bytes(data))):
            got.append(record)
    assert got == TICKS[: len(got)]


@given(st.binary(max_size=200))
def test_not_a_journal(data):
    """Anything else is refused, whatever follows the magic."""
    for start in b"", journal.MAGIC:
        with pytest.raises(Malformed):
            journal.Reader(io.BytesIO(start + data))


def forged(kind, body, first=1, last=1):
    """A journal with one block of such records."""
    return io.BytesIO(journal.beginning(HEADER) + blocks.block(kind, first, last, body))


def record(kind, body):
    return entries.record(kind, body)


def test_a_record_of_nothing_we_know():
    """A record that is none of ours, or of another length than it says, or in another place, is refused."""
    one = entries.TICK.pack(1, 1)
    for body in (
        record(entries.TICKED, one + entries.INPUT.pack(5, 0xFFFF, 0)),
        record(entries.TICKED, one + entries.INPUT.pack(5, 0xF004, 0)),  # its layout was not told
        record(entries.TICKED, b"123"),
        record(entries.TICKED, one),
        record(entries.TICKED, entries.TICK.pack(1, 0) + b"more"),
        record(entries.TICKED, entries.TICK.pack(2, 0)),  # not in the block's ticks
        record(entries.LINKED, bytes(11)),
        record(entries.DIGESTED, b"12345"),
        record(entries.DIGESTED, entries.DIGEST.pack(1, 1)),
        record(entries.LAID_OUT, b"12"),
        record(entries.WORLD, bytes(10)),
        record(90, b""),
        record(entries.TICKED, one)[:-1],
        b"1",
    ):
        with pytest.raises(Malformed):
            list(journal.Reader(forged(blocks.RECORDS, body)))
    for body in record(entries.WORLD, b"short"), record(entries.WORLD, bytes(8) + b"\4\xf0"), record(90, b""):
        with pytest.raises(Malformed):
            list(journal.Reader(forged(blocks.SNAPSHOT, body)))
    for kind in 0, blocks.HEADER:
        with pytest.raises(Malformed):
            list(journal.Reader(forged(kind, b"{}")))


def test_a_snapshot_of_nothing_we_know():
    """It is refused when its world is asked for."""
    about = entries.layout(0xF006, NMSG_CLOCK)
    world = record(entries.LAID_OUT, about) + record(
        entries.WORLD, entries.FROZEN.pack(b"link", 0xF006) + b"1"
    )
    reader = journal.Reader(forged(blocks.SNAPSHOT, world))
    with pytest.raises(Malformed):
        reader.snapshot.world


def test_a_bomb():
    """A block that unpacks to more than it says, or to more than any block has, is refused before it does."""
    bomb = blocks.block(blocks.RECORDS, 1, 1, bytes(1 << 20))
    fields = list(blocks.HEAD.unpack_from(bomb))
    for plain in (1 << 20) - 1, (1 << 25) + 1:
        fields[3] = plain
        head = blocks.HEAD.pack(*fields)
        data = head + blocks.CHECK.pack(zlib.crc32(head)) + bomb[blocks.HEAD_BYTES :]
        with pytest.raises(Malformed, match="bytes"):
            list(journal.Reader(io.BytesIO(journal.beginning(HEADER) + data)))
    with pytest.raises(ValueError, match="limit"):
        blocks.block(blocks.RECORDS, 1, 1, bytes((1 << 25) + 1))
    with pytest.raises(ValueError, match="limit"):
        blocks.block(blocks.HEADER, 0, 0, bytes((1 << 20) + 1))


@pytest.mark.parametrize("ticks", [(1, 2**32 - 1), (2**32 - 9, 2**32 - 1)])
def test_a_gap(ticks):
    """Nobody should step for years because a file says so."""
    body = record(entries.LINKED, entries.CHAINED.pack(ticks[0], b"a link..")) + record(
        entries.LINKED, entries.CHAINED.pack(ticks[1], b"a link..")
    )
    with pytest.raises(Malformed, match="nothing between the ticks 0 and 4294967295"):
        list(journal.Reader(forged(blocks.RECORDS, body, *ticks)))


def test_many_gaps():
    """Nor because it says so bit by bit."""
    out = [journal.beginning(HEADER)]
    for tick in range(3_000_000, 9_000_001, 3_000_000):
        body = record(entries.DIGESTED, entries.DIGEST.pack(tick, 0))
        out.append(blocks.block(blocks.RECORDS, tick, tick, body))
    reader = iter(journal.Reader(io.BytesIO(b"".join(out))))
    assert next(reader).tick == 3_000_000
    with pytest.raises(Malformed, match="nothing in 5999998 ticks up to 6000000"):
        next(reader)


def test_what_differs():
    """A header says why a world of other content, rules or scripts cannot run it."""
    rules = {"sight_yards", "motd", "more"}
    assert HEADER.refused("ab" * 32, rules) == []
    assert HEADER._replace(scripts="cd" * 32).refused("ba" * 32, ["motd"]) == [
        "recorded on content abababababababab, this is babababababababa",
        "recorded with scripts cdcdcdcdcdcdcdcd, these are none",
        "recorded with rules that are none here: sight_yards",
    ]


def test_another_version():
    """A journal of another version of the format says so; anything else is none."""
    for data, why in (
        (b"BMJRNL2\n", "version 2; this server reads version 3"),
        (b"BMJRNL3", "was cut before its header"),
        (b"", "not a journal"),
    ):
        with pytest.raises(Malformed, match=why):
            journal.Reader(io.BytesIO(data + b"anything"[: 8 * data.endswith(b"\n")]))


@pytest.mark.parametrize("what", ["an input", "the snapshot", "a part"])
def test_another_layout(what, monkeypatch):
    """What a server wrote that lays a packet out otherwise is refused where it is met, by name and field."""
    out, odd = io.BytesIO(), NMSG_CLOCK(latency_ms=1, offset_ms=2)
    with monkeypatch.context() as patch:
        other = {NMSG_CLOCK: described(NMSG_CLOCK).replace("latency_ms/<L", "latency_ms/<H")}
        patch.setattr(entries, "described", lambda cls: other.get(cls) or described(cls))
        writer = journal.Writer(out, HEADER, journal.Snapshot(0, odd) if what == "the snapshot" else None)
        writer.tick(1, [(1, NMSG_LEAVE())])
        writer.flush()
        if what == "an input":
            writer.tick(2, [(1, odd)])
        if what == "a part":
            writer.digest(2, [((0, 0, 0, 0), odd)])
        writer.flush()
    got = []
    there = "laid NMSG_CLOCK out in another way: there 'latency_ms/<H/', here 'latency_ms/<L/'"
    with pytest.raises(Malformed, match=there):
        for it in journal.Reader(io.BytesIO(out.getvalue())):
            got.append(it)
    assert len(got) == (what != "the snapshot")


def test_a_packet_we_do_not_have():
    """It is named, whether its number is free or another's."""
    for number in 0xFFFF, 0x1DC:
        body = entries.LAYOUT.pack(number, 16) + b"NMSG_OF_TOMORROW()"
        with pytest.raises(Malformed, match="NMSG_OF_TOMORROW"):
            list(journal.Reader(forged(blocks.RECORDS, record(entries.LAID_OUT, body))))


def test_a_packet_without_a_number():
    """Only what has a number can be written; the journal stays whole."""

    class NMSG_NOWHERE(Packet):
        """Not in any table."""

    out = io.BytesIO()
    writer = journal.Writer(out, HEADER)
    with pytest.raises(KeyError):
        writer.tick(1, [(1, NMSG_LEAVE()), (1, NMSG_NOWHERE())])
    assert list(journal.Reader(io.BytesIO(out.getvalue()))) == []
