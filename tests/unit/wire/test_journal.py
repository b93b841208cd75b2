"""What goes into a journal comes out, and a damaged or cut one is noticed."""

import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluemarble.wire import journal
from bluemarble.wire.errors import Malformed
from bluemarble.wire.fingerprint import fingerprint
from opcodes.cluster import NMSG_CLOCK, NMSG_DISCONNECTED, NMSG_LEAVE
from opcodes.session import CMSG_PING
from opcodes.vocab import Packet

HEADER = journal.Header(
    content="ab" * 32, rules={"sight_yards": 100.0, "motd": ["Hi."]}, seed=7, revision="test"
)
TICKS = [
    journal.Tick(1, [(5, NMSG_CLOCK(latency_ms=40, offset_ms=-3)), (6, NMSG_LEAVE())]),
    journal.Tick(4, [(6, CMSG_PING(sequence_id=9, round_time_in_ms=30))]),
    journal.Digest(10, [((1, 2, 3, 4), journal.summed(b"a part"))]),
    journal.Tick(11, [(5, NMSG_DISCONNECTED())]),
]


def recorded(snapshot=None):
    out = io.BytesIO()
    writer = journal.Writer(out, HEADER, snapshot)
    for record in TICKS:
        if isinstance(record, journal.Tick):
            writer.tick(*record)
        else:
            writer.digest(record.tick, [((1, 2, 3, 4), b"a part")])
    writer.tick(12, [])
    return out.getvalue()


def test_there_and_back():
    """Header, inputs and digests come back as they went; an empty tick takes no room."""
    reader = journal.Reader(io.BytesIO(recorded()))
    assert reader.header == HEADER
    assert reader.snapshot is None
    assert list(reader) == TICKS
    assert not reader.cut


def test_begins_from_a_snapshot():
    """Any packet of ours may be the world it starts from."""
    reader = journal.Reader(io.BytesIO(recorded(NMSG_CLOCK(latency_ms=1, offset_ms=2))))
    assert reader.snapshot == NMSG_CLOCK(latency_ms=1, offset_ms=2)
    assert list(reader) == TICKS


def test_a_cut_ends_it():
    """A server that died while writing leaves every whole record readable."""
    data = recorded()
    start = len(data) - len(recorded()[data.index(b"\n") + 1 :])
    lengths = set()
    for size in range(start, len(data)):
        try:
            reader = journal.Reader(io.BytesIO(data[:size]))
        except Malformed:  # not even the header is whole
            continue
        got = list(reader)
        assert got == TICKS[: len(got)]
        lengths.add(len(got))
    assert lengths == {0, 1, 2, 3}
    reader = journal.Reader(io.BytesIO(data[:-1]))
    assert list(reader) == TICKS[:3]
    assert reader.cut


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


def test_a_record_of_nothing_we_know():
    """An unknown packet number or kind inside a whole record is refused too."""
    out = io.BytesIO()
    writer = journal.Writer(out, HEADER)
    writer._record(journal.TICKED, journal.TICK.pack(1, 1) + journal.INPUT.pack(5, 0xFFFF, 0))
    with pytest.raises(Malformed, match="number 0xffff"):
        list(journal.Reader(io.BytesIO(out.getvalue())))
    for kind, body in (
        (journal.TICKED, b"123"),
        (journal.TICKED, journal.TICK.pack(1, 1)),
        (journal.DIGESTED, b"12345"),
        (journal.DIGESTED, journal.DIGEST.pack(1, 1)),
        (journal.LAID_OUT, b"12"),
        (90, b""),
    ):
        out = io.BytesIO()
        journal.Writer(out, HEADER)._record(kind, body)
        with pytest.raises(Malformed):
            list(journal.Reader(io.BytesIO(out.getvalue())))


def test_another_version():
    """A journal of another version of the format says so; anything else is none."""
    for data, why in (b"BMJRNL1\n", "version 1; this server reads version 2"), (b"BMJRNL2", "not a journal"):
        with pytest.raises(Malformed, match=why):
            journal.Reader(io.BytesIO(data + b"anything"[: 8 * data.endswith(b"\n")]))


@pytest.mark.parametrize("what", ["an input", "the snapshot", "a part"])
def test_another_layout(what, monkeypatch):
    """What a server wrote that lays a packet out in another way is refused where it is met, by name."""
    out, odd = io.BytesIO(), NMSG_CLOCK(latency_ms=1, offset_ms=2)
    with monkeypatch.context() as patch:
        other = {NMSG_CLOCK: bytes(16)}
        patch.setattr(journal, "fingerprint", lambda cls: other.get(cls) or fingerprint(cls))
        writer = journal.Writer(out, HEADER, odd if what == "the snapshot" else None)
        writer.tick(1, [(1, NMSG_LEAVE())])
        if what == "an input":
            writer.tick(2, [(1, odd)])
        if what == "a part":
            writer.digest(2, [((0, 0, 0, 0), odd)])
    got = []
    with pytest.raises(Malformed, match="laid NMSG_CLOCK out in another way"):
        for record in journal.Reader(io.BytesIO(out.getvalue())):
            got.append(record)
    assert len(got) == (what != "the snapshot")


def test_a_packet_we_do_not_have():
    """It is named, whether its number is free or another's."""
    for number in 0xFFFF, 0x1DC:
        out = io.BytesIO()
        body = journal.LAYOUT.pack(number, bytes(16)) + b"NMSG_OF_TOMORROW"
        journal.Writer(out, HEADER)._record(journal.LAID_OUT, body)
        with pytest.raises(Malformed, match="NMSG_OF_TOMORROW"):
            journal.Reader(io.BytesIO(out.getvalue()))


def test_a_packet_without_a_number():
    """Only what has a number can be written; the journal stays whole."""

    class NMSG_NOWHERE(Packet):
        """Not in any table."""

    out = io.BytesIO()
    writer = journal.Writer(out, HEADER)
    with pytest.raises(KeyError):
        writer.tick(1, [(1, NMSG_LEAVE()), (1, NMSG_NOWHERE())])
    assert list(journal.Reader(io.BytesIO(out.getvalue()))) == []
