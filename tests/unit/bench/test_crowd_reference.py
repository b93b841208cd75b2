"""The crowd's clients in C against the reference in Python: the server's end, and a client's picture."""

import random

from hypothesis import given
from hypothesis import strategies as st

from bench.crowd.clients import FIRST_GUID, Crowd, Invitation
from bluemarble.wire import snapshot
from bluemarble.wire.datagram import keys, notices
from bluemarble.wire.datagram.server import Server
from bluemarble.wire.datagram.terms import Terms
from bluemarble.wire.deltas import Delta, Whole, write_deltas
from bluemarble.wire.snapshot import Deltas, Enter, Far, Near, Oneself, Place, State, Words
from bluemarble.wire.view import View

CID, PRK = 5 << 14, bytes(range(32))
PLAYERS = 8
TICK_US = 50_000


def crowd(aead=0, encoder=0):
    return Crowd(
        [Invitation(CID + i, PRK, 640, -640, 64, 0, 0.0, 0.0, 500.0, aead, encoder) for i in range(PLAYERS)]
    )


class Road:
    """One client and the reference's server, and a road between them that loses, delays and reorders."""

    def __init__(self, seed, loss=0.0, delay_us=0, aead=0):
        self.chance = random.Random(seed)
        self.loss, self.delay_us = loss, delay_us
        self.crowd = crowd(aead)
        self.server = Server(Terms(keys.link_keys(aead, PRK), CID, 1200, 1000), self.chance.randbytes, 1)
        self.now_us = 1
        self.coming, self.going = [], []  # (when, datagram)
        self.told = []

    def run(self, ms, say=lambda tick: b""):
        """Goes on, 10 ms at a time; the server says something each tick, the client each second one."""
        for _ in range(ms // 10):
            self.now_us += 10_000
            if self.now_us // 10_000 % 10 == 0:
                self.travel(self.coming, self.crowd.step(0, self.now_us * 1000))
            for datagram in self.due(self.coming):
                self.told += self.server.receive(datagram, "there", self.now_us)
            for datagram, _ in self.server.datagrams_to_send(self.now_us):
                self.travel(self.going, datagram)
            tick = self.now_us // TICK_US
            if self.now_us // 10_000 % 5 == 0 and (
                sent := self.server.send(self.now_us, say(tick), tick & 0xFFFF)
            ):
                self.travel(self.going, sent[0])
            for datagram in self.due(self.going):
                assert self.crowd.take(0, datagram, self.now_us * 1000) == 0

    def travel(self, road, datagram):
        if datagram and self.chance.random() >= self.loss:
            road.append((self.now_us + self.chance.randrange(self.delay_us + 1), datagram))

    def due(self, road):
        arrived = [each for each in road if each[0] <= self.now_us]
        road[:] = [each for each in road if each[0] > self.now_us]
        return [datagram for _, datagram in sorted(arrived)]

    def place(self, tick):
        return section(9, snapshot.write_states([State(255, 16, 0, own().write())]))


def section(kind, body):
    return bytes([kind]) + body


def own(x=640, y=-640, z=64):
    return Oneself(1, 0, x, y, z, 0, 0, 448, 160, 302, 0)


def moves(told):
    return [(each.tick, each.epoch, each.inputs) for each in told if isinstance(each, notices.Moves)]


def test_the_server_understands_it():
    """Attached at once, ten datagrams a second, whose inputs are without a gap; ours are acknowledged."""
    road = Road(1)
    road.run(5_000, road.place)
    assert any(isinstance(each, notices.Attached) for each in road.told)
    numbers = [tick for tick, _, _ in moves(road.told)]
    assert numbers == list(range(2, 2 * len(numbers) + 1, 2))
    assert len(numbers) >= 48
    statistics = road.server.statistics()
    assert statistics.malformed == statistics.lost == 0
    assert not any(statistics.dropped.values())
    assert statistics.rtt_us < 110_000
    figures = road.crowd.figures()
    assert figures["malformed"] == figures["forged"] == figures["corrections"] == figures["lost"] == 0
    assert figures["rtt_ms"].index(max(figures["rtt_ms"])) < 60
    assert figures["acked"] > 45


def test_with_chacha():
    road = Road(1, aead=1)
    road.run(1_000, road.place)
    assert len(moves(road.told)) > 7


def test_lost_datagrams():
    """A fifth is lost and the rest comes in any order: every input arrives all the same."""
    road = Road(2, 0.2, 120_000)
    road.run(30_000, road.place)
    inputs = {}
    for tick, _, found in moves(road.told):
        for i, each in enumerate(found):
            assert inputs.setdefault(tick - len(found) + 1 + i, each) == each
    newest = max(inputs)
    assert len(inputs) >= newest * 0.99
    figures = road.crowd.figures()
    assert figures["malformed"] == figures["forged"] == 0
    assert 0.1 < figures["lost"] / (figures["lost"] + 600) < 0.3
    assert 0.1 < figures["lost_up"] / 300 < 0.3


places = st.builds(
    Place,
    st.integers(0, 4000),
    st.integers(-4000, 0),
    st.integers(0, 900),
    st.integers(0, 255),
    st.integers(0, 63),
    st.integers(0, 63),
)
slots = st.integers(0, 5)
ticks = st.integers(100, 120)
states = st.builds(
    lambda slot, version, gone, who, place, tick: (
        State(slot, 0, version, b"")
        if gone
        else State(slot, 1, version, Enter(FIRST_GUID + who, 1, place, tick, b"").write())
    ),
    slots,
    st.integers(0, 255) | st.integers(0, 5),
    st.booleans(),
    st.integers(0, PLAYERS - 1),
    places,
    ticks,
)
words = st.builds(
    lambda near, far: Words(
        tuple(Near.of(slot, place) for slot, place in near), tuple(Far.of(slot, place) for slot, place in far)
    ),
    st.lists(st.tuples(slots, places), max_size=4),
    st.lists(st.tuples(slots, places), max_size=4),
)


wholes = st.builds(Whole, slots, st.booleans(), places)
steps = st.integers(-16, 15) | st.integers(-256, 255) | st.integers(-4000, 4000)
differences = st.builds(
    lambda slot, age, keep, steps, turn, yaw, motion: Delta(
        slot, age, keep, steps, 0 if yaw is not None else turn, yaw, motion
    ),
    slots,
    st.integers(1, 20),
    st.booleans(),
    st.tuples(steps, steps, steps),
    st.integers(-8, 7),
    st.none() | st.integers(0, 255),
    st.none() | st.tuples(st.integers(0, 255), st.integers(0, 63)),
)
deltas = st.lists(wholes | differences, max_size=6).map(lambda found: Deltas(write_deltas(found)))


@given(st.lists(st.tuples(ticks, words | deltas | st.lists(states, max_size=4)), max_size=20))
def test_its_picture_is_the_reference_s(said):
    """Whatever comes in whatever order: the same things in the same slots, at the same places."""
    view, it = View(), crowd(encoder=1)
    for number, (tick, what) in enumerate(said):
        if isinstance(what, Words | Deltas):
            view.snapshot(tick, what)
            body = section(1, snapshot.write_snapshot(what))
        else:
            view.states(tick, tuple(what))
            body = section(9, snapshot.write_states(what))
        assert it.read_plain(0, number, bytes((12, tick, 0)) + body) == 0
    for slot in range(6):
        guid, tick, *place = it.slot(0, slot)
        seen = view.seen.get(slot)
        assert (guid, tick, Place(*place)) == (seen.guid, seen.tick, seen.place) if seen else guid == 0


moves_of = st.lists(st.tuples(st.integers(1, 6), st.booleans(), st.booleans(), places), max_size=20)


@given(places, moves_of)
def test_it_follows_deltas(place, moved):
    """An entity told of by deltas alone, each on a place that was kept: where it is, to the unit."""
    view, it = View(), crowd(encoder=1)
    tick, bases = 100, {100: place}
    body = snapshot.write_states([State(3, 1, 1, Enter(FIRST_GUID + 1, 1, place, tick, b"").write())])
    assert it.read_plain(0, 0, bytes((12, tick, 0, 9)) + body) == 0
    view.states(tick, snapshot.read_states(body))
    for number, (ticks_on, keep, oldest, at) in enumerate(moved, 1):
        tick += ticks_on
        on = min(bases) if oldest else max(bases)
        said = Deltas(write_deltas([Delta.of(3, at, bases[on], tick - on, keep)]))
        body = section(1, snapshot.write_snapshot(said))
        assert it.read_plain(0, number, bytes((12, tick, 0)) + body) == 0
        view.snapshot(tick, said)
        assert Place(*it.slot(0, 3)[2:]) == view.seen[3].place == at
        seen = view.seen[3]
        bases = {seen.base[0]: seen.base[1], **seen.kept}
    assert it.figures()["baseless"] == 0
