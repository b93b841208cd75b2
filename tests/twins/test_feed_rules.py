"""How often, how much and in which order clients are told: what docs/native.md promises of the feed."""

from collections import Counter

import pytest

from bluemarble.native._core import ffi, lib
from bluemarble.native.feed import DELTAS, RATE_BYTES_S, WORDS, Feed
from bluemarble.native.field import Field
from bluemarble.native.pump import RING_LEAST, Pump
from bluemarble.wire.datagram import sections
from bluemarble.wire.snapshot import ENTER, GONE, Oneself, read_states
from bluemarble.wire.view import Corrected, Moved
from tests.twins.exchange import Exchange, Line

pytestmark = pytest.mark.native

COUNTED = 28  # bytes of a datagram around its sections


def ring(yards, count=1, clients=1, **named):
    """A client in the middle, and others around it at some distances."""
    it = Exchange(1, movers=1 + count * len(yards), clients=clients, **named)
    it.move(0, 0.0, 0.0, 0.0)
    for slot in range(1, 1 + count * len(yards)):
        it.move(slot, yards[(slot - 1) % len(yards)], slot / 16, 0.0)
    return it


def shift(it, slots):
    """They take a short step, forth and back."""
    for slot in slots:
        x, y, z = it.places[slot][1]
        it.move(slot, x + (0.125 if it.tick % 2 else -0.125), y, z)


def moved(client, since):
    return Counter(e.slot for e in client.events if isinstance(e, Moved) and e.tick > since)


@pytest.mark.parametrize("form", [WORDS, DELTAS])
@pytest.mark.parametrize(
    ("level", "wanted"),
    [(0, (200, 100, 50, 10)), (1, (200, 50, 25, 5)), (2, (100, 50, 25, 5)), (3, (50, 25, 12, 2))],
)
def test_rates(form, level, wanted):
    """20, 10, 5 and 1 a second within 10, 50 and 100 yards and beyond; less under strain."""
    it = ring((5.0, 30.0, 80.0, 140.0), form=form)
    for _ in range(80):
        it.step(level)
    since = it.tick
    for _ in range(200):
        shift(it, range(1, 5))
        it.step(level)
    client = it.clients[0]
    slots = {client.view.seen[slot].guid - 2: count for slot, count in moved(client, since).items()}
    for mover, count in enumerate(wanted):
        assert abs(slots[mover] - count) <= 1


@pytest.mark.parametrize(
    ("yards", "moving", "wanted"), [(5.0, True, 200), (30.0, True, 100), (5.0, False, 0)]
)
def test_datagrams(yards, moving, wanted):
    """Twenty a second only where something very near moves, and none where nothing does."""
    it = ring((yards, 40.0) if moving else (yards,))
    for _ in range(60):
        it.step()
    before = it.feed.counts().datagrams
    for _ in range(200):
        if moving:
            shift(it, (1, 2))
        it.step()
    assert abs(it.feed.counts().datagrams - before - wanted) <= 1


@pytest.mark.parametrize("form", [WORDS, DELTAS])
def test_what_stands_costs_nothing(form):
    """Once it was acknowledged; what was lost comes again."""
    it = ring((5.0, 30.0, 140.0), count=30, form=form, line=Line(loss=0.3))
    for _ in range(400):
        it.step()
    assert it.agrees(it.clients[0])
    before = it.feed.counts()
    for _ in range(400):
        it.step()
    assert it.feed.counts().bytes == before.bytes
    assert it.feed.counts().idle > before.idle


@pytest.mark.parametrize("form", [WORDS, DELTAS])
@pytest.mark.parametrize("rate", [2_000, 4_000])
def test_budget(form, rate):
    """Never more than the rate and what was saved up; and everyone gets a turn."""
    it = ring((5.0, 30.0, 80.0, 140.0), count=25, form=form, rate=rate)
    bucket, last = 20 * 1200, it.tick
    for _ in range(600):
        shift(it, range(1, 101))
        it.step()
        for tick, size in it.clients[0].sent:
            bucket = min(bucket + rate * (tick - last), max(20 * 1200, rate * 5))
            bucket -= 20 * (size + COUNTED)
            assert bucket >= 0
            last = tick
        it.clients[0].sent.clear()
    assert len(it.clients[0].view.seen) == 100
    assert it.feed.counts().deferred > 1000
    newest = {slot: seen.tick for slot, seen in it.clients[0].view.seen.items()}
    assert it.tick - min(newest.values()) < 200
    spent = it.feed.counts().bytes + COUNTED * it.feed.counts().datagrams
    assert spent > 0.9 * 600 * rate / 20
    fewest = min(moved(it.clients[0], it.tick - 300).values())
    assert fewest >= 3 if rate > 2_000 else fewest >= 1


def test_pressing_ones_first():
    """With little room the near ones still come more often than the far ones."""
    it = ring((5.0, 140.0), count=40, rate=4_000)
    for _ in range(600):
        shift(it, range(1, 81))
        it.step()
    client = it.clients[0]
    near, far = [], []
    for slot, count in moved(client, it.tick - 300).items():
        (near if client.view.seen[slot].guid % 2 == 0 else far).append(count)
    assert min(near) > 2 * max(far)
    assert max(near) - min(near) <= 2
    assert min(far) > 0


def test_large_components_are_saved_up_for():
    """Half of a small budget is kept back until what is large fits."""
    it = ring((5.0,), count=12, rate=2_000)
    it.component(1, 3, bytes(500))
    for _ in range(120):
        shift(it, range(1, 13))
        it.step()
    assert bytes(500) in [
        value for seen in it.clients[0].view.seen.values() for value in seen.values.values()
    ]
    assert moved(it.clients[0], it.tick - 60)


def states(pushed):
    """The states in one client's datagrams."""
    return [
        state
        for it in pushed
        for section in sections.read(it.sections, 0, True, True, len(it.sections))
        if isinstance(section, sections.State)
        for state in read_states(section.body)
    ]


def test_gone_is_acknowledged_first():
    """A slot that is filled again is not spoken of before its last one's leaving is known to be known."""
    field = Field()
    feed = Feed(field)
    for slot in (0, 1, 2):
        field.put(slot, 1, float(slot), 0.0, 0.0)
    feed.join(field.watch(0), 9)
    said = []

    def ticks(numbers, acknowledge):
        for tick in numbers:
            field.step(tick, tick * 50)
            feed.tick(tick)
            pushed = feed.take()
            said.extend((tick, state.slot, state.component, state.version) for state in states(pushed))
            if acknowledge:
                feed.fates([(it.cid, it.record, False) for it in pushed])

    ticks(range(1, 10), True)
    field.put(1, 1, 500.0, 0.0, 0.0)
    ticks(range(10, 20), False)
    field.put(1, 1, 1.0, 0.0, 0.0)  # it comes back, into another slot: this one is in quarantine
    ticks(range(20, 90), True)
    field.put(3, 1, 2.0, 1.0, 0.0)  # into the slot that the client may not know to be empty
    ticks(range(90, 120), False)
    first = next(slot for tick, slot, component, _ in said if component == GONE)

    def told():
        return list(
            dict.fromkeys((component, version) for _, slot, component, version in said if slot == first)
        )

    assert told() == [(ENTER, 1), (GONE, 2)]
    gone_at = next(tick for tick, _, component, _ in said if component == GONE)
    feed.fates([(9, gone_at, True)])
    ticks(range(120, 128), True)
    assert told() == [(ENTER, 1), (GONE, 2), (ENTER, 3)]


def steered():
    """One who is steered, and its client."""
    it = Exchange(1, movers=1, clients=0)
    it.check = lambda client, event: None
    it.field.speeds(0, 7.0, 2.5, 4.722222, 0.0)
    it.field.bind(1 << 14, 0, 0)
    it.join(0)
    return it


def test_self():
    """One is told where one is at first, and whenever the server has it otherwise than one thinks."""
    it = steered()
    for _ in range(4):
        it.step()
    (first,) = it.clients[0].events
    assert isinstance(first, Corrected)
    assert (first.oneself.run, first.oneself.walk, first.oneself.swim, first.oneself.fly) == (
        448,
        160,
        302,
        0,
    )
    for _ in range(40):
        it.step()
    assert len(it.clients[0].events) == 1
    it.line.loss = 1.0
    it.field.place(0, 10.0, -20.0, 30.0, 3.0, it.tick * 50)
    it.step()
    it.step()
    it.field.place(0, 11.0, -20.0, 30.0, 3.0, it.tick * 50)
    it.line.loss = 0.0
    for _ in range(6):
        it.step()
    news = [event.oneself for event in it.clients[0].events[1:]]
    assert news
    assert isinstance(news[-1], Oneself)
    assert (news[-1].x, news[-1].y, news[-1].z) == (11 * 64, -20 * 64, 30 * 64)
    assert news[-1].epoch == it.field.read(0).epoch
    assert it.feed.counts().selves >= 3


def test_through_a_pump():
    """What is pushed can be pulled, and fates come back by themselves; a ring that is full is a loss."""
    it = ring((5.0, 40.0), count=40)
    pump = Pump(ring_bytes=RING_LEAST)
    feed = Feed(it.field, pump)
    feed.join(it.clients[0].eye, it.clients[0].cid, rate=it.rate)
    pushed = ffi.new("bm_pushed *")
    for _ in range(30):
        shift(it, range(1, 81))
        it.step()
        pump.drain()
        feed.tick(it.tick)
        while lib.bm_pump_pull(pump.handle, pushed):
            assert (pushed.cid, pushed.record) == (it.clients[0].cid, it.tick)
            data = bytes(ffi.buffer(pushed.sections, pushed.size))
            assert list(sections.read(data, 0, True, True, len(data)))
            lib.bm_pump_feign(pump.handle, pushed.cid, pushed.record, False)
    counts = feed.counts()
    assert counts.near > 1000
    assert counts.refused == counts.again == 0
    for _ in range(800):
        shift(it, range(1, 81))
        it.step()
        feed.tick(it.tick)
    assert feed.counts().refused > 0


def test_who_may_join():
    field = Field()
    feed = Feed(field)
    field.put(0, 1, 0.0, 0.0, 0.0)
    with pytest.raises(KeyError):
        feed.join(0, 1)
    eye = field.watch(0)
    for wrong in ({"form": 2}, {"mtu": 1199}, {"mtu": 1453}, {"rate": 10_000_001}):
        with pytest.raises(ValueError, match="out of range"):
            feed.join(eye, 1, **wrong)
    feed.join(eye, 1)
    feed.join(eye, 2)
    assert feed.counts().readers == 1
    feed.budget(1, RATE_BYTES_S)
    feed.fates([(1, 5, True), (2, 5, False)])
    feed.leave(eye)
    with pytest.raises(KeyError):
        feed.leave(eye)
    assert feed.counts().readers == 0


def test_ticks_follow_the_field():
    field = Field()
    feed = Feed(field)
    field.step(7, 350)
    for wrong in ((6,), (7, 4), (7, -1), (7, 0, 0), (7, 0, 17)):
        with pytest.raises(ValueError, match="out of range"):
            feed.tick(*wrong)
    feed.tick(7)


def test_from_the_start_again():
    """A new link knows nothing: everything is told anew."""
    it = ring((5.0, 30.0), count=5)
    for _ in range(30):
        it.step()
    assert it.agrees(it.clients[0])
    it.clients.clear()
    it.join(0)
    for _ in range(30):
        it.step()
    assert it.agrees(it.clients[0])


def test_after_a_pause():
    """A feed that was not asked for long may have missed who came and went: it begins anew."""
    it = ring((5.0, 30.0), count=5)
    for _ in range(30):
        it.step()
    tell, it.taken = it.taken, lambda level: []
    for slot in range(1, 11):
        it.drop(slot)
    for _ in range(70):
        it.step()
    for slot in range(1, 11):
        it.put(slot)
    for _ in range(20):
        it.step()
    it.taken = tell
    for _ in range(40):
        it.step()
    assert it.agrees(it.clients[0])
    assert it.feed.counts().gones == 10


@pytest.mark.parametrize(("form", "most"), [(WORDS, 3), (DELTAS, 6)])
def test_memory(form, most):
    """KiB a reader that sees about a hundred, words and history for movers aside."""
    it = Exchange(3, movers=110, clients=40, half_yards=40.0, form=form)
    empty = Exchange(3, movers=110, clients=0, half_yards=40.0, form=form)
    for exchange in (it, empty):
        for _ in range(30):
            exchange.wander(1.0)
            exchange.step()
    assert (it.feed.memory() - empty.feed.memory()) / 40 <= most * 1024 + (110 * 1100 / 40 if form else 0)
