"""Events, acknowledgements, inputs and probes, each by itself."""

import random

import pytest

from bluemarble.wire.datagram import recovery
from bluemarble.wire.datagram.events import C2S_BYTES, IDS_MOST, S2C_BYTES, WAITING_MOST, Incoming, Outgoing
from bluemarble.wire.datagram.inputs import Recent
from bluemarble.wire.datagram.probing import Probing
from bluemarble.wire.datagram.recovery import Recovery, Sent
from bluemarble.wire.datagram.sections import Event, Fragment, Input, read
from bluemarble.wire.errors import Malformed, TooMuch

MUCH = 1 << 30


def sent(outgoing, room=MUCH, flight=MUCH):
    """What goes out: parts and their sections as values."""
    taken = outgoing.take(room, flight)
    return [(part, next(read(raw, 0, True, False, 0))) for part, raw in taken]


class TestEvents:
    def test_whole_and_in_parts(self):
        """Up to 1,024 bytes with the opcode in one section, more in parts of that."""
        outgoing = Outgoing(S2C_BYTES)
        for size in (0, 1023, 1024, 2047, 2048, 65_535):
            outgoing.put(5, bytes(size))
        parts = [part for part, _ in sent(outgoing)]
        counts = [sum(number == i for number, _ in parts) for i in range(6)]
        assert counts == [1, 1, 2, 2, 3, 64]

    @pytest.mark.parametrize(("limit", "most"), [(S2C_BYTES, 65_536), (C2S_BYTES, 16_384)])
    def test_the_largest(self, limit, most):
        outgoing = Outgoing(limit)
        outgoing.put(5, bytes(most - 1))
        with pytest.raises(ValueError, match="an event of"):
            outgoing.put(5, bytes(most))

    def test_at_most_256(self):
        """Ids from the oldest unacknowledged on; those behind wait, up to a limit."""
        outgoing = Outgoing(S2C_BYTES)
        for _ in range(IDS_MOST + WAITING_MOST):
            outgoing.put(1, b"x")
        with pytest.raises(TooMuch):
            outgoing.put(1, b"x")
        first = sent(outgoing)
        assert [part for part, _ in first] == [(i, 0) for i in range(256)]
        outgoing.arrived([(i, 0) for i in range(1, 256)])
        assert sent(outgoing) == []
        outgoing.arrived([(0, 0)])
        assert [part for part, _ in sent(outgoing)] == [(i, 0) for i in range(256, 512)]
        assert len(outgoing) == WAITING_MOST

    def test_at_most_so_many_bytes(self):
        outgoing = Outgoing(C2S_BYTES)
        for _ in range(3):
            outgoing.put(1, bytes(8000))
        assert {number for (number, _), _ in sent(outgoing)} == {0, 1}
        outgoing.arrived([(1, index) for index in range(8)])
        assert sent(outgoing) == []
        outgoing.arrived([(0, index) for index in range(8)])
        assert {number for (number, _), _ in sent(outgoing)} == {2}

    def test_room_and_flight(self):
        """Only what fits into the datagram, and only so much on its way."""
        outgoing = Outgoing(S2C_BYTES)
        outgoing.put(1, bytes(5000))
        assert sent(outgoing, room=1000) == []
        assert len(sent(outgoing, room=1200)) == 1
        assert outgoing.flight_bytes == 1024
        assert len(sent(outgoing, flight=3000)) == 1
        assert not outgoing.sendable(3000)
        outgoing.lost([(0, 0)])
        assert outgoing.sendable(3000)
        assert [part for part, _ in sent(outgoing, flight=3000)] == [(0, 0)]

    @pytest.mark.parametrize("seed", range(20))
    def test_any_order(self, seed):
        """Lost, doubled, shuffled, ids turning over: once each, in order."""
        chance = random.Random(seed)
        outgoing, incoming = Outgoing(S2C_BYTES), Incoming(S2C_BYTES)
        outgoing._next = outgoing._oldest = incoming._next = 65_500
        said = [(i, chance.randbytes(chance.choice([0, 10, 1024, 4000]))) for i in range(150)]
        for event in said:
            outgoing.put(*event)
        heard = []
        while len(heard) < len(said):
            flying = sent(outgoing, flight=20_000)
            chance.shuffle(flying)
            for part, section in flying:
                if chance.random() < 0.3:
                    outgoing.lost([part])
                    continue
                for _ in range(chance.choice([1, 1, 2])):
                    heard += incoming.take(section)
                (outgoing.arrived if chance.random() < 0.9 else outgoing.lost)([part])
        assert [tuple(message) for message in heard] == said
        assert incoming._bytes == 0

    def test_copies(self):
        incoming = Incoming(S2C_BYTES)
        assert incoming.take(Event(0, 1, b"a")) == [(1, b"a")]
        assert incoming.take(Event(0, 1, b"b")) == []
        assert incoming.take(Event(0x8001, 1, b"b")) == []
        assert incoming.take(Event(2, 1, b"c")) == incoming.take(Event(2, 1, b"d")) == []
        assert incoming.take(Event(1, 1, b"b")) == [(1, b"b"), (1, b"c")]

    @pytest.mark.parametrize(
        "section",
        [
            Event(256, 1, b""),
            Event(0x7FFF, 1, b""),
            Fragment(1, 0, 3, b"x"),  # it was said to have two parts
            Event(1, 1, b"x"),
            Fragment(2, 0, 2, b"x"),  # it came whole
            Fragment(1, 1, 2, b"\xff"),  # no opcode in it
        ],
    )
    def test_what_cannot_be(self, section):
        """It is refused, and what was there before stays."""
        incoming = Incoming(S2C_BYTES)
        incoming.take(Fragment(1, 0, 2, b"\xff"))
        incoming.take(Event(2, 1, b"c"))
        with pytest.raises(Malformed):
            incoming.take(section)
        incoming.take(Fragment(1, 1, 2, b"\1rest"))
        assert incoming.take(Event(0, 0, b"a")) == [(0, b"a"), (255, b"rest"), (1, b"c")]

    def test_too_many_bytes(self):
        """What is held until its turn comes is bounded, in parts too."""
        incoming = Incoming(C2S_BYTES)
        for number in range(1, 17):
            incoming.take(Fragment(number, 0, 2, bytes(1000)))
        with pytest.raises(Malformed):
            incoming.take(Fragment(17, 0, 2, bytes(1000)))
        assert incoming.take(Event(0, 1, b"")) == [(1, b"")]


def flight(*times_us, **what):
    """A Recovery whose datagrams were sent at these times."""
    recovering = Recovery(0)
    for number, at_us in enumerate(times_us):
        recovering.sent(Sent(number, at_us, asks=True, **what))
    return recovering


def numbers(all_):
    return [one.number for one in all_]


class TestRecovery:
    def test_lost_by_distance(self):
        recovering = flight(*[0] * 10)
        arrived, lost = recovering.received([5, 4], None, 10)
        assert (numbers(arrived), numbers(lost)) == ([4, 5], [0, 1, 2])
        assert recovering.asking == 5

    def test_lost_by_time(self):
        """Not before something later arrived, and then a round trip and a half after it was sent."""
        recovering = flight(0, 90_000, 100_000)
        assert recovering.overdue(10_000_000) == []
        assert recovering.loss_due_us() is None
        assert numbers(recovering.received([2], 0, 200_000)[1]) == [0]
        assert recovering.loss_due_us() == 240_000
        assert recovering.overdue(239_999) == []
        assert numbers(recovering.overdue(240_000)) == [1]

    def test_lost_by_number(self):
        """When 256 later ones have been sent."""
        recovering = flight(*[0] * 256)
        assert numbers(recovering.sent(Sent(256, 0))) == [0]

    def test_each_once(self):
        recovering = flight(*[0] * 6)
        assert numbers(recovering.received([5], None, 1)[0]) == [5]
        assert recovering.received([5, 2, 1, 0], None, 2) == ([], [])
        assert (recovering.acked, recovering.lost, recovering.asking) == (1, 3, 2)
        assert numbers(recovering.received([5, 4, 3], None, 3)[0]) == [3, 4]

    def test_round_trips(self):
        """RFC 6298's smoothing, in whole microseconds."""
        recovering = flight(*[0] * 5)
        assert recovering.round_trip_us == 250_000
        recovering.received([0], 1000, 101_000)
        assert (recovering.rtt_us, recovering.jitter_us, recovering.least_us) == (100_000, 50_000, 100_000)
        recovering.received([1], 0, 181_001)
        assert (recovering.rtt_us, recovering.jitter_us) == (110_125, 57_750)
        recovering.received([2], 500_000, 181_001)  # it cannot have had it for so long
        recovering.received([3], None, 900_000)
        recovering.received([3], 0, 900_000)
        assert (recovering.rtt_us, recovering.jitter_us, recovering.least_us) == (110_125, 57_750, 100_000)
        assert recovering.patience_us == 165_187
        assert recovering.ping_us == 470_250
        recovering.moved()
        recovering.received([4], 0, 900_000)
        assert recovering.least_us == 900_000

    def test_budget(self):
        """More while all is well, less on loss above a twentieth or a growing round trip, within limits."""
        recovering = Recovery(0, recovery.Budget(8_000, 5_000, 9_000))
        for number in range(200):
            recovering.sent(Sent(number, number * 10_000, probe=1400 * (number % 10 == 0)))
        recovering.received([0], 0, 50_000)
        assert recovering.budget == 8_000
        recovering.received([1], 0, 260_000)
        assert recovering.budget == 8_500
        recovering.received([*range(29, 10, -1), *range(9, 1, -1)], None, 520_000)
        assert recovering.budget == 9_000  # the only one lost was a probe
        recovering.received([*range(59, 41, -1), 39], None, 800_000)
        assert recovering.budget == 6_300
        assert recovering.loss_ppm > 0
        recovering.received([99], None, 1_100_000)
        assert recovering.budget == 5_000

    def test_nothing_acknowledged(self):
        assert flight(0).received([], None, 5) == ([], [])


class TestInputs:
    def test_redundancy(self):
        """All that the server may lack, at least the last two, at most eight."""
        recent = Recent()
        assert recent.taken() is None
        recent.add(10, 0, Input(0, 0, 10, 0, 0))
        assert not recent.due
        recent.add(11, 0, Input(0, 0, 11, 0, 0))
        assert recent.due
        assert [given.x for given in recent.taken().inputs] == [11, 10]
        assert not recent.due
        for number in range(12, 30):
            recent.add(number, 0, Input(0, 0, number, 0, 0))
        assert [given.x for given in recent.taken().inputs] == list(range(29, 21, -1))
        recent.arrived(28)
        recent.arrived(25)
        assert [given.x for given in recent.taken().inputs] == [29, 28]
        recent.arrived(29)
        assert recent.taken() is None

    def test_another_epoch(self):
        """What was before it is not sent again; it may begin at an older tick."""
        recent = Recent()
        for number in range(20):
            recent.add(number, 0, Input(0, 0, number, 0, 0))
        recent.arrived(15)
        recent.add(12, 1, Input(0, 0, -12, 0, 0))
        taken = recent.taken()
        assert (taken.epoch, [given.x for given in taken.inputs]) == (1, [-12])
        recent.add(14, 1, Input(0, 0, -14, 0, 0))  # not the next: those before it cannot be said
        assert [given.x for given in recent.taken().inputs] == [-14]


def test_probing():
    """Three tries a size, from the largest; what is found stays, another path forgets it."""
    probing = Probing()
    assert probing.wanted() == 0
    probing.begin(1452)
    tried = []
    while size := probing.wanted():
        tried.append(size)
        probing.sent()
        assert probing.wanted() == 0
        if len(tried) == 5:
            assert probing.arrived(size)
            assert not probing.arrived(size)
        else:
            probing.lost(size)
            probing.lost(9999)
    assert (tried, probing.mtu) == ([1452] * 3 + [1400] * 2, 1400)
    probing.begin(1452)
    assert probing.wanted() == 1452
    probing.forget()
    assert (probing.wanted(), probing.mtu) == (0, 1200)
    probing.lost(1452)
    probing.begin(1200)
    assert probing.wanted() == 0
