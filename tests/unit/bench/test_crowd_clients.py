"""The crowd's clients in C, one at a time and without a socket, against our own side of the protocol."""

import itertools
import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bench.crowd.clients import FIRST_GUID, Crowd, Invitation
from bluemarble.native.sealing import C2S, S2C, Crypto, Opener, Sealer

MS = 1_000_000
ENTER, GONE, SELF = 1, 0, 16
units = st.integers(-(17_000 * 64), 17_000 * 64)
steps = st.integers(-(60 * 64), 60 * 64)  # within what a word of 12 bits in 1/32 yard can tell


class End:
    """The server's end of each client's link."""

    def __init__(self, count=2, aead=0, yards=10):
        self.crypto = Crypto()
        self.invited = [
            Invitation(7 << 14 | i, bytes([i + 1] * 32), 64 * yards * i, 0, 0, 0, 0.0, 0.0, 500.0, aead)
            for i in range(count)
        ]
        self.crowd = Crowd(self.invited)
        self.sealers = [Sealer(self.crypto, each.prk, aead, S2C, each.cid) for each in self.invited]
        self.openers = [Opener(self.crypto, each.prk, aead, C2S, each.cid) for each in self.invited]
        self.now_ns = 10**9

    def step(self, index=0, ms=100):
        """What a client sends next: (size, plaintext); None: nothing."""
        self.now_ns += ms * MS
        datagram = self.crowd.step(index, self.now_ns)
        if not datagram:
            return None
        plain = self.openers[index].open(datagram)
        assert not isinstance(plain, int)
        return len(datagram), bytes(plain)

    def say(self, *sections, index=0, tick=1, ack=None):
        """A datagram to a client."""
        head = struct.pack("<BH", 12, tick) if ack is None else struct.pack("<BHH", 4, ack, tick)
        datagram = self.sealers[index].seal(head + b"".join(sections))
        assert self.crowd.take(index, datagram, self.now_ns) == 0
        return datagram

    def settle(self, index=0, epoch=3):
        """Attached, and knows where it is."""
        self.step(index)
        _, _, x, y, z, yaw, *_ = self.crowd.self_(index)
        self.say(state((255, SELF, 0, own(epoch, 0, x, y, z, yaw))), index=index)


def state(*components):
    body = b"".join(
        struct.pack("<4B", slot, number, version, len(value)) + value
        for slot, number, version, value in components
    )
    return bytes([9, len(components)]) + body


def own(epoch, input_, x, y, z, yaw):
    return struct.pack("<BHiiiHHHHHH", epoch, input_, x, y, z, yaw, 0, 448, 160, 302, 0)


def enter(slot, version, client, x, y, z, tick, look=b"look"):
    return (
        slot,
        ENTER,
        version,
        struct.pack("<QBiiiBBBH", FIRST_GUID + client, 1, x, y, z, 9, 28, 1, tick) + look,
    )


def near(slot, x, y, z, yaw):
    word = (x >> 1 & 0x3FFF) | (y >> 1 & 0x3FFF) << 14 | (z >> 1 & 0xFFF) << 28 | yaw << 40
    return bytes([slot]) + word.to_bytes(6, "little")


def far(slot, x, y, z, yaw, speed, flags):
    word = (x & 0x7FFF) | (y & 0x7FFF) << 15 | (z & 0x3FFF) << 30 | yaw << 44 | speed << 52 | flags << 58
    return bytes([slot]) + word.to_bytes(8, "little")


def words(nears=(), fars=()):
    return bytes([1, 0, len(nears), len(fars)]) + b"".join(nears) + b"".join(fars)


def inputs(plain):
    """(tick, epoch, inputs newest first) of a datagram whose prefix has no bits and no delay."""
    head = 3 if plain[0] & 8 else 5
    assert plain[0] & 3 == 0
    tick = struct.unpack_from("<H", plain, head - 2)[0]
    assert plain[head] == 4
    count, epoch = plain[head + 1], plain[head + 2]
    flags, yaw, x, y, z = struct.unpack_from("<HHiii", plain, head + 3)
    found = [(x, y, z, flags, yaw)]
    for i in range(count - 1):
        flags, yaw, dx, dy, dz = struct.unpack_from("<HHhhh", plain, head + 19 + 10 * i)
        x, y, z = x + dx, y + dy, z + dz
        found.append((x, y, z, flags, yaw))
    assert len(plain) == head + 19 + 10 * (count - 1)
    return tick, epoch, found


@pytest.mark.parametrize("aead", [0, 1])
def test_attach(aead):
    """A padded attach each 250 ms until the server is heard of; a challenge is answered, then it plays."""
    end = End(aead=aead)
    size, plain = end.step()
    assert size == 1200
    assert plain[:8] == struct.pack("<BHBHH", 12, 0, 8, 1, 1452)
    assert plain[8:] == bytes(1200 - 23 - 8)
    assert end.step() is None
    assert end.step() is None
    assert end.step()[0] == 1200
    assert end.crowd.attached == 0
    end.say(b"\5\0tokentok")
    assert end.crowd.attached == 1
    _, plain = end.step()
    assert plain[:6] == struct.pack(
        "<BHBH", 6, 0, 50, 2
    )  # acknowledges 0 after 100 ms, with its second input
    assert plain[6:16] == b"\5\1tokentok"
    assert plain[16:18] == b"\4\2"


def test_moves_only_when_it_knows_its_place():
    end = End()
    end.step()
    end.say(b"\5\0tokentok")
    end.step()
    assert inputs(end.step()[1])[2][0][:3] == (0, 0, 0)
    end.say(state((255, SELF, 0, own(3, 0, 0, 0, 0, 0))))
    end.step()
    walked = [inputs(end.step()[1]) for _ in range(100)]
    assert {epoch for _, epoch, _ in walked} == {3}
    assert any(found[0][:2] != (0, 0) for _, _, found in walked)
    assert end.crowd.figures()["corrections"] == 0


def test_inputs_follow_each_other():
    """Each datagram has what is not acknowledged, at most eight; nobody is faster than 7 yards a second."""
    end = End()
    end.settle()
    end.step()
    counts, last = [], None
    for _ in range(10):
        tick, _, found = inputs(end.step()[1])
        counts.append(len(found))
        for newer, older in itertools.pairwise(found):
            assert (newer[0] - older[0]) ** 2 + (newer[1] - older[1]) ** 2 <= (0.35 * 64 + 1.5) ** 2
            assert abs(newer[2] - older[2]) <= 7
        if last:
            assert tick == last[0] + 2
            assert found[2 : len(last[1])] == last[1][: len(found[2 : len(last[1])])]
        last = tick, found
    assert counts[0] <= 6
    assert counts[-1] == 8
    end.say(ack=10)  # the one before the last
    end.step()
    assert len(inputs(end.step()[1])[2]) == 6
    assert end.crowd.figures()["acked"] == 11  # the ten before it, too: no bits say otherwise


def test_a_correction_is_obeyed():
    end = End()
    end.settle()
    for _ in range(30):
        end.step()
    end.say(state((255, SELF, 1, own(4, 20, 6400, -6400, 64, 0x4000))))
    assert end.crowd.self_(0)[1:6] == (4, 6400, -6400, 64, 0x4000)
    end.step()
    _, epoch, found = inputs(end.step()[1])
    assert epoch == 4
    assert abs(found[0][0] - 6400) < 200
    assert end.crowd.figures()["corrections"] == 1


def test_acknowledges_what_came():
    """ack, the 32 before it when one of them is missing, and the delay once."""
    end = End()
    end.settle()
    dropped = end.sealers[0].seal(struct.pack("<BH", 12, 2))
    end.say(tick=3)
    _, plain = end.step(ms=40)
    assert plain[:10] == struct.pack("<BHIBH", 7, 2, 0b10, 20, end.crowd.self_(0)[0])
    _, plain = end.step()
    assert plain[:7] == struct.pack("<BHI", 5, 2, 0b10)
    assert end.crowd.figures()["lost"] == 1
    end.crowd.take(0, dropped, end.now_ns)
    assert end.step()[1][0] == 4
    assert end.crowd.figures()["lost"] == 0
    assert end.crowd.take(0, dropped, end.now_ns) < 0
    assert end.crowd.figures()["replayed"] == 1
    end.crowd.take(0, bytes(40), end.now_ns)
    assert end.crowd.figures()["forged"] == 1


def test_ping_is_answered():
    end = End()
    end.settle()
    end.step()
    end.say(b"\6\0" + struct.pack("<I", 77))
    _, plain = end.step()
    assert plain[6:12] == b"\6\1" + struct.pack("<I", 77)


@given(
    units,
    units,
    st.integers(-6400, 6400),
    st.lists(st.tuples(steps, steps, steps, st.booleans()), max_size=8),
)
def test_words_are_unwrapped(x, y, z, ways):
    """An entity that goes anywhere is where its words say, as exactly as they say it."""
    end = End()
    end.say(state(enter(5, 1, 1, x, y, z, 10)), tick=10)
    assert end.crowd.slot(0, 5) == (FIRST_GUID + 1, 10, x, y, z, 9, 28, 1)
    for tick, (dx, dy, dz, close) in enumerate(ways, 11):
        x, y, z = x + dx, y + dy, z + dz
        end.say(
            words([near(5, x, y, z, 77)]) if close else words([], [far(5, x, y, z, 78, 33, 5)]), tick=tick
        )
        if close:
            assert end.crowd.slot(0, 5)[:6] == (FIRST_GUID + 1, tick, x & ~1, y & ~1, z & ~1, 77)
            x, y, z = x & ~1, y & ~1, z & ~1
        else:
            assert end.crowd.slot(0, 5) == (FIRST_GUID + 1, tick, x, y, z, 78, 33, 5)


def test_old_and_empty_words_change_nothing():
    end = End()
    end.say(words([near(5, 1, 1, 1, 1)]))
    end.say(state(enter(5, 1, 1, 64, 64, 0, 10)), tick=10)
    end.say(words([near(5, 128, 64, 0, 1)]), tick=9)
    assert end.crowd.slot(0, 5)[1:3] == (10, 64)
    figures = end.crowd.figures()
    assert (figures["empty_words"], figures["old_words"]) == (1, 1)


def test_slots_are_filled_and_emptied():
    end = End()
    end.say(state(enter(5, 200, 1, 64, 64, 0, 10), enter(6, 7, 99, 64, 64, 0, 10)), tick=10)
    assert end.crowd.slot(0, 6)[0] == -1
    end.say(state((5, GONE, 199, b"")), tick=11)
    assert end.crowd.slot(0, 5)[0]
    end.say(state((5, GONE, 201, b"")), tick=12)
    assert end.crowd.slot(0, 5)[0] == 0
    end.say(state(enter(5, 200, 1, 64, 64, 0, 10)), tick=13)
    assert end.crowd.slot(0, 5)[0] == 0
    end.say(state(enter(5, 202, 0, 64, 64, 0, 13), (5, 2, 0, bytes(16))), tick=14)
    assert end.crowd.slot(0, 5)[0] == FIRST_GUID


@pytest.mark.parametrize(
    "section",
    [
        b"\2",
        b"\xff",
        words([near(5, 1, 1, 1, 1)])[:-1],
        b"\1\2\0\0",
        state(enter(5, 1, 1, 1, 1, 1, 1))[:-20],
        b"\5\1tokentok",
    ],
)
def test_malformed_sections_are_counted(section):
    end = End()
    end.say(section)
    assert end.crowd.figures()["malformed"] == 1


@given(st.binary(max_size=200))
def test_nothing_breaks_it(plain):
    end = End()
    end.crowd.read_plain(0, 0, plain)


def test_positions_are_checked_against_what_was_sent():
    """All of another client's last inputs are right, anything else is told."""
    end = End()
    end.settle(0)
    end.settle(1, epoch=0)
    end.step(1)
    _, _, first = inputs(end.step(1)[1])
    for _ in range(20):
        end.step(1)
    x, y, z = first[0][:3]
    end.crowd.measure()
    end.say(state(enter(3, 1, 1, x, y, z, 20)), tick=20)
    figures = end.crowd.figures()
    assert (figures["checked"], figures["mismatched"]) == (1, 0)
    end.say(state(enter(3, 2, 1, x + 6400, y, z, 21)), tick=21)
    [told] = end.crowd.figures()["mismatches"]
    assert (told["observer"], told["shown"], told["x"]) == (0, 1, x + 6400)


def ages(end, class_):
    """How many ticks old what was sampled of a class is: {ticks: how often}, and how many went unseen."""
    end.crowd.measure()
    end.crowd.sample(end.now_ns)
    figures = end.crowd.figures()
    column = figures["ages"][64 * class_ : 64 * class_ + 64]
    return {i: count for i, count in enumerate(column) if count}, figures["unseen"][class_]


def test_staleness_is_against_what_anyone_has_heard():
    """Three clients within ten yards; the third has heard of the first what the second has not."""
    end = End(3, yards=2)
    for index in range(3):
        end.settle(index)
    stood = end.crowd.self_(0)[2:5]
    while end.crowd.self_(0)[2:5] == stood:
        end.step(0)
    x, y, z = end.crowd.self_(0)[2:5]
    assert ages(end, 0) == ({}, 2)  # it moves and stands in nobody's slots
    for index in (1, 2):
        end.say(state(enter(5, 1, 0, x, y, z, 10)), index=index, tick=10)
    assert ages(end, 0) == ({0: 2}, 0)
    end.say(index=1, tick=13)
    assert ages(end, 0) == ({0: 2}, 0)  # the server has a newer tick, but nothing newer of the first
    end.say(words([near(5, x + 2, y, z, 9)]), index=2, tick=14)
    assert ages(end, 0) == ({0: 1, 1: 1}, 0)
    end.say(words([near(5, x + 2, y, z, 9)]), index=2, tick=15)
    end.say(words([near(5, x + 4, y, z, 9)]), index=2, tick=16)
    assert ages(end, 0) == ({0: 1, 3: 1}, 0)  # since 14 it has been elsewhere, and the newest tick is 16
    end.say(words([near(5, x + 2, y, z, 9)]), index=1, tick=15)
    assert ages(end, 0) == ({0: 1, 1: 1}, 0)
    end.say(words([near(5, x + 4, y, z, 9)]), index=1, tick=17)
    assert ages(end, 0) == ({0: 2}, 0)
