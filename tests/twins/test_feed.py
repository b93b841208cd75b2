"""What clients come to know through the feed, whatever their links do to it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluemarble.native._core import ffi, lib
from bluemarble.wire.view import Moved
from tests.twins import feed as twin
from tests.twins.exchange import Exchange, Line
from tests.twins.feed_slots import Thing

pytestmark = pytest.mark.native

shares = st.sampled_from((0.0, 0.05, 0.2))
lines = st.builds(Line, shares, shares, shares, st.sampled_from(((1, 1), (1, 2), (3, 4), (20, 9))))


@settings(max_examples=25)
@given(st.integers(0, 2**32), lines, st.integers(0, 3), st.sampled_from((0, 65_500)), st.integers(0, 1))
def test_converges(seed, line, level, first_tick, form):
    """
    Whatever is lost, late or given up: what is told is true, and in the end every client knows everything.

    Things walk, leap, come, go, and change; then they stand still, and the links go on as they were.
    """
    it = Exchange(seed, movers=24, clients=4, line=line, first_tick=first_tick, form=form)
    for _ in range(120):
        it.wander(0.6)
        slot = it.chance.randrange(30)
        if slot < 4:
            it.component(slot, 2 + slot, bytes([it.tick & 0xFF]))
        elif slot in it.places and it.chance.random() < 0.3:
            it.drop(slot)
        elif slot not in it.places:
            it.put(slot)
        elif it.chance.random() < 0.1:
            it.move(slot, *(it.chance.uniform(-140, 140) for _ in range(3)))
        it.step(level)
    for _ in range(600):
        it.step(level)
        if all(it.agrees(client) for client in it.clients):
            break
    else:
        pytest.fail("they never came to know everything")


@pytest.mark.parametrize("form", [0, 1])
@pytest.mark.parametrize("ticks", [254, 255, 256, 510])
def test_a_move_after_a_rest(form, ticks):
    """However long something stood: when it moves, if only once, everybody comes to know."""
    it = Exchange(1, movers=3, clients=1, form=form)
    for yards in range(3):
        it.move(1, 5.0 + yards, 5.0, 0.0)
        for _ in range(ticks):
            it.step()
        assert it.agrees(it.clients[0])


def test_never_back():
    """The places of a slot's thing are told with ticks that only grow."""
    it = Exchange(5, movers=20, clients=2, line=Line(0.05, 0.3, 0.1, (2, 2)))
    newest = {}
    for _ in range(200):
        it.wander(0.9)
        it.step()
    for client in it.clients:
        for event in client.events:
            if isinstance(event, Moved):
                guid = client.cid, client.view.seen[event.slot].guid
                assert newest.get(guid, 0) <= event.tick
                newest[guid] = event.tick
    assert newest


class Twinned(Exchange):
    """Everything is told to the twin, too, and both must say the same."""

    def __init__(self, *args, **named):
        self.twin = twin.Feed()
        self.mover = ffi.new("bm_mover *")
        super().__init__(*args, **named)

    def put(self, slot):
        super().put(slot)
        guid, _ = self.places[slot]
        self.twin.things[slot] = Thing(guid, 1, self.look(guid))

    def drop(self, slot):
        self.twin.readers.pop(self.field.read(slot).eye, None)
        super().drop(slot)
        del self.twin.things[slot]

    def join(self, slot):
        super().join(slot)
        self.twin.join(self.clients[-1].eye, self.clients[-1].cid, self.form, rate=self.rate)

    def component(self, slot, number, value):
        super().component(slot, number, value)
        self.twin.things[slot].set(number, value)

    def moved(self, slot):
        lib.bm_field_read(self.field.handle, slot, self.mover)
        return self.mover.moved

    def fates(self, client):
        fates = super().fates(client)
        for _, record, lost in fates:
            self.twin.readers[client.eye].hear(record, lost)
        return fates

    def taken(self, level):
        pushed = super().taken(level)
        said = {it.cid: it.sections for it in pushed}
        assert len(said) == len(pushed)
        assert said == self.twin.serve(level)
        return pushed

    def stepped(self):
        places = {slot: self.place(slot) for slot in self.places}
        self.twin.look(self.tick, self.field, places, {slot: self.moved(slot) for slot in places})


@settings(max_examples=12)
@given(
    st.integers(0, 2**32),
    lines,
    st.integers(0, 3),
    st.integers(0, 1),
    st.sampled_from((2_000, 4_000, 64_000)),
    st.integers(1, 3),
)
def test_as_its_twin(seed, line, level, form, rate, threads):
    """Byte for byte, with any number of threads, over moving, standing, coming, going and changing."""
    it = Twinned(seed, movers=40, clients=2, line=line, form=form, rate=rate, half_yards=70.0)
    it.threads = threads
    for tick in range(220):
        if not 100 < tick < 170:
            it.wander(0.7, it.chance.choice((0.1, 0.4, 20.0)))
        slot = it.chance.randrange(40)
        if slot < 6:
            it.component(slot, 2 + slot // 2, bytes([it.tick & 0xFF]) * it.chance.choice((1, 30, 400)))
        elif slot in it.places and it.chance.random() < 0.2:
            it.drop(slot)
        elif slot not in it.places:
            it.put(slot)
        if it.chance.random() < 0.01:
            level = it.chance.randrange(4)
        it.step(level)
