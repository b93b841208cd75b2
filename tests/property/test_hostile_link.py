"""What is no client's, and what only a hostile client would say: the C link and the reference agree on it."""

import random
import struct

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluemarble.native import link as native
from bluemarble.native.sealing import C2S, Crypto, Sealer
from bluemarble.wire.datagram import sections
from bluemarble.wire.datagram.connection import OPEN
from bluemarble.wire.datagram.keys import link_keys
from bluemarble.wire.datagram.sections import Event, Fragment, Input, Inputs
from bluemarble.wire.datagram.terms import Terms
from tests.twins import link as twin

pytestmark = pytest.mark.native
CID = 0x04003002
PRK = bytes(range(7, 39))
HOME, AWAY = ("client", 1), ("client", 2)
START_US = 1_000_000


class Table:
    """Both servers, and a client's keys in the hands of a test."""

    def __init__(self, aead=0, mtu=1452):
        self.now_us = START_US
        self.client = Sealer(Crypto(), PRK, aead, C2S, CID)
        self.server = twin.Server(Terms(link_keys(aead, PRK), CID, mtu, 1000), PRK, START_US)
        self.answers = []

    def say(self, plaintext, address=HOME):
        """The client says that, in a datagram of its own."""
        self.server.receive(self.client.seal(plaintext), address, self.now_us)

    def wait(self, time_us):
        self.now_us += time_us
        self.answers += self.server.datagrams_to_send(self.now_us)
        self.server.notices()

    def attach(self):
        self.say(bytes([8]) + sections.write(sections.Attach(1452)) + bytes(1300))
        self.wait(0)
        token = self.server.reference.paths.candidate.token
        self.say(bytes([8]) + sections.write(sections.Response(token)))
        self.wait(250)


def a_section(rng):
    """One that a client may say, as bytes; or one that it may not."""
    ids = rng.choice([0, 1, 2, 3, 255, 256, 0x7FFF, 0x8000, 0xFFFF])
    count = rng.choice([2, 3, 64])
    spot = Input(
        rng.getrandbits(16), rng.getrandbits(16), *(rng.randrange(-(2**31), 2**31) for _ in range(3))
    )
    near = spot._replace(x=spot.x ^ 5, y=spot.y ^ 3)
    made = rng.choice(
        [
            Event(ids, rng.getrandbits(rng.choice([3, 20, 32])), rng.randbytes(rng.choice([0, 5, 300]))),
            Event(ids, 1, b"first"),
            Fragment(ids, rng.randrange(count), count, rng.randbytes(rng.choice([1, 9, 700]))),
            Fragment(1, rng.randrange(2), 2, b"\x81" * rng.choice([1, 3, 5])),
            Inputs(rng.randrange(256), (spot, near, spot)[: rng.randrange(1, 4)]),
            sections.Response(rng.randbytes(8)),
            sections.Challenge(rng.randbytes(8)),
            sections.Ping(rng.getrandbits(32)),
            sections.Pong(1, 2),
            sections.Attach(rng.choice([0, 1200, 1300, 65535])),
            sections.Probe(rng.choice([1200, 60])),
            sections.Snapshot(bytes([0, 0, 0])),
            sections.State(b"\0"),
            sections.Close(3) if rng.random() < 0.02 else sections.Ping(0),
        ]
    )
    return sections.write(made)


def a_plaintext(rng, sent):
    """A prefix and some sections, as they should be or a little off."""
    flags = rng.choice([0, 1, 2, 3, 4, 5, 6, 7, 4, 4, 8, 12, rng.randrange(256)])
    out = bytearray([flags])
    if not flags & 8:
        out += struct.pack("<H", max(0, sent - rng.choice([0, 1, 1, 1, 2, 5, 40, 300])) & 0xFFFF)
        if flags & 1:
            out += struct.pack("<I", rng.choice([0, 1, 0xFFFFFFFE, rng.getrandbits(32)]))
        if flags & 2:
            out.append(rng.choice([0, 1, 5, 100, 255]))
    if flags & 4:
        out += struct.pack("<H", rng.choice([0, 1, 5, 9, 0x7FFF, 0x8001, 0xFFFF, rng.getrandbits(16)]))
    for _ in range(rng.choice([0, 1, 1, 2, 5])):
        out += a_section(rng)
    if rng.random() < 0.2 and len(out) > 1:
        bit = rng.randrange(8, len(out) * 8)
        out[bit // 8] ^= 1 << bit % 8
    if rng.random() < 0.1:
        del out[rng.randrange(len(out)) :]
    if rng.random() < 0.1:
        out += bytes(max(0, 1200 - 23 - len(out)))
    return bytes(out[: 1452 - 23])


@settings(max_examples=60)
@given(seed=st.integers(0, 2**32))
def test_authentic_nonsense(seed):
    """Whatever a client with keys says, both servers take the same of it, and answer the same."""
    rng = random.Random(seed)
    table = Table(rng.randrange(2))
    if rng.random() < 0.9:
        table.attach()
    for turn in range(60):
        table.say(
            a_plaintext(rng, table.server.reference.sealer.number), rng.choice([HOME, HOME, HOME, AWAY])
        )
        if rng.random() < 0.5:
            table.server.send(table.now_us, b"", rng.getrandbits(16), record=turn)
        if rng.random() < 0.1 and table.server.reference.state == OPEN:
            table.server.send_event(rng.getrandbits(32), rng.randbytes(rng.choice([0, 10, 2000])))
        table.wait(250 * rng.choice([0, 1, 40, 400, 4000]))


@pytest.mark.parametrize("aead", [0, 1])
def test_outsiders(aead):
    """Flipped bits, missing ends, copies, chance bytes: refused, and no byte of the link changes."""
    rng = random.Random(aead)
    table = Table(aead)
    table.attach()
    said = [table.client.seal(bytes([4, 0, 0, i, 0]) + bytes(30)) for i in range(40)]
    for datagram in said[:20]:
        table.server.receive(datagram, HOME, table.now_us)
    link, links, now_us = table.server.link, table.server.links, table.now_us
    before, counts = link.state(), links.counts()
    chunks, waste = counts["chunks"], 0
    for datagram in said[18:22]:
        for bit in range(len(datagram) * 8):
            flipped = bytearray(datagram)
            flipped[bit // 8] ^= 1 << bit % 8
            assert link.open(bytes(flipped), rng.randrange(9), now_us) in (-17, -18, -19)
        for size in range(len(datagram)):
            assert link.open(datagram[:size], 3, now_us) in (-16, -17, -18, -19)
        waste += len(datagram) * 9
    for _ in range(3000):
        noise = bytearray(rng.randbytes(rng.randrange(1500)))
        noise[:5] = (b"\x5a" + struct.pack("<I", CID))[: len(noise)] if rng.random() < 0.8 else noise[:5]
        assert link.open(bytes(noise), 3, now_us) in (-16, -17, -18, -19)
        assert link.open(rng.choice(said[:20]), rng.randrange(9), now_us) == native.REPLAYED
    assert link.state() == before
    after = links.counts()
    refused = ("refused_short", "strange", "replayed", "forged")
    assert sum(after[name] - counts[name] for name in refused) == waste + 6000
    assert {name: after[name] for name in after if name not in refused} == {
        name: counts[name] for name in counts if name not in refused
    }
    assert after["chunks"] == chunks
    assert not link.due(now_us) & native.DUE_CHALLENGE


def test_held_events_are_bounded():
    """A client leaves out the first event and sends on: 16,384 bytes are held, 320 parts, and no more."""
    table = Table()
    table.attach()
    chunks = []
    for i in range(1, 200):
        table.say(bytes([8]) + sections.write(Event(i, 1, bytes(900))))
        chunks.append(table.server.links.counts()["chunks"])
    assert max(chunks) == 18 * 4
    link, links = table.server.link, table.server.links
    for i in range(2, 250):  # past what the reference is asked: small parts, which cost more than they say
        for part in range(2):
            plain = bytes([8]) + sections.write(Fragment(i, part, 3, b"x"))
            link.open(table.client.seal(plain), 1, table.now_us)
    assert links.counts()["chunks"] <= 320 + 18 * 4
    link.end()
    assert links.counts()["chunks"] == 0


def test_no_memory_for_events():
    """Events share so many chunks: then sending is refused, and what cannot be held ends the link."""
    links = native.Links(bytes(32), chunk_limit=1)  # rounded up to a slab of 1,024
    link = native.Link(links, PRK, 0, CID, 1452, 1000, START_US)
    other = native.Link(links, PRK, 0, CID + 1, 1452, 1000, START_US)
    took = 0
    while link.event(1, bytes(60_000)) >= 0:
        took += 1
    assert took == 3
    while link.event(1, b"small") >= 0:
        took += 1
    assert links.counts()["chunks"] == 1024
    assert link.event(1, b"") == native.NO_ROOM
    assert link.event(1, bytes(65_536)) == -3
    client = Sealer(Crypto(), PRK, 0, C2S, CID + 1)
    assert other.open(client.seal(bytes([8]) + sections.write(Event(1, 1, b"early"))), 1, START_US) == 0
    assert links.notices() == [native.Closed(3)]
    assert other.open(client.seal(bytes(30)), 1, START_US) == native.OVER
    assert other.due(START_US) == native.DUE_OVER
    assert other.wake_us() <= START_US
    assert other.event(1, b"") == native.OVER
    link.end()
    assert links.counts()["chunks"] == 0
    assert link.event(1, b"") == native.OVER


def test_many_at_once():
    """An event delivered from what was held may come with 255 others; each once, in order."""
    table = Table()
    table.attach()
    for i in reversed(range(256)):
        table.say(bytes([8]) + sections.write(Event(i, i, b"%03d" % i)))
    assert table.server.links.counts()["events_in"] == 256


def test_nowhere_to_send():
    """Before it is attached a link seals nothing, and what it was to seal is lost."""
    links = native.Links(bytes(32))
    link = native.Link(links, PRK, 0, CID, 1300, 1000, START_US)
    assert link.seal(START_US, b"\1\0\0\0", record=5, tick=1) == native.NO_PATH
    assert links.notices() == [native.Lost(5)]
    assert link.challenge(START_US) is None
    assert link.room == 1200 - 29
    assert link.wake_us() == START_US + 15_000_000
    link.close(0, START_US)
    assert link.due(START_US) == native.DUE_OVER
    assert link.seal(START_US, b"", record=6) == native.OVER
    assert links.notices() == [native.Closed(0), native.Lost(6)]


def test_too_large():
    """Sections that do not fit are lost, not cut."""
    table = Table()
    table.attach()
    link, links = table.server.link, table.server.links
    links.notices()
    assert link.seal(table.now_us, bytes(link.room + 1), record=1) == native.NO_ROOM
    assert links.notices() == [native.Lost(1)]
    assert len(link.seal(table.now_us, bytes([1]) + bytes(link.room - 1), record=2, tick=3)) <= 1200


def test_records_begin_anew():
    """A new count of records, or a gap too wide to remember: what was open is told lost, once."""
    table = Table()
    table.attach()
    link, links = table.server.link, table.server.links
    links.notices()
    for record in (0xFFFFFFFD, 0xFFFFFFFE, 0, 1, 3):
        assert isinstance(link.seal(table.now_us, b"", record=record), bytes)
    assert links.notices() == []
    link.seal(table.now_us, b"", record=0)
    assert links.notices() == [native.Lost(r) for r in (0xFFFFFFFD, 0xFFFFFFFE, 0, 1, 3)]
    link.seal(table.now_us, b"", record=200)
    link.seal(table.now_us, b"", record=257)
    assert links.notices() == [native.Lost(0)]
    link.end()
    assert links.notices() == [native.Lost(200), native.Lost(257)]


def test_arguments():
    """What a link may not be begun with."""
    links = native.Links(bytes(32))
    for aead, mtu, keepalive_ms, now_us in [
        (2, 1200, 1000, 1),
        (0, 1199, 1000, 1),
        (0, 1453, 1000, 1),
        (0, 1200, 0, 1),
        (0, 1200, 1000, 0),
    ]:
        with pytest.raises(ValueError, match="aead"):
            native.Link(links, PRK, aead, CID, mtu, keepalive_ms, now_us)
    with pytest.raises(ValueError, match="prk"):
        native.Link(links, PRK[1:], 0, CID, 1200, 1000, 1)
    with pytest.raises(ValueError, match="token_key"):
        native.Links(bytes(16))
    with pytest.raises(ValueError, match="budget"):
        links.budget(1, 2, 3)
