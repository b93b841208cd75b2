"""Whom eyes see: the field against its twin in crowds, and each of the rules by itself."""

import random

import pytest

from bluemarble.native import field as native
from tests.twins import field as twin

pytestmark = pytest.mark.native
PLAYER = native.PLAYER


class Both:
    """A field and its twin, called alike."""

    def __init__(self, **rules):
        self.ours, self.theirs = native.Field(**rules), twin.Field(**rules)
        self.tick = 0

    def __getattr__(self, name):
        def call(*given):
            mine, other = (getattr(it, name)(*given) for it in (self.ours, self.theirs))
            assert mine == other
            return mine

        return call

    def step(self, threads=1):
        self.tick += 1
        self.ours.step(self.tick, self.tick * 50, threads)
        self.theirs.step(self.tick, self.tick * 50)

    def steps(self, count):
        for _ in range(count):
            self.step()

    def compare(self):
        for eye in self.theirs.eyes:
            assert self.ours.seen(eye) == self.theirs.seen(eye), eye


def crowd(count, spread, seed, eyes, **rules):
    """Movers around 0, 0; the first of them have eyes."""
    both, chance = Both(**rules), random.Random(seed)
    at = [[chance.gauss(0, spread), chance.gauss(0, spread), chance.uniform(0, 5)] for _ in range(count)]
    for slot, place in enumerate(at):
        both.put(slot, PLAYER, *place)
    for slot in range(eyes):
        both.watch(slot)
    return both, at, chance


def drift(both, at, chance, share, yards):
    for slot in chance.sample(range(len(at)), len(at) // share):
        at[slot][0] += chance.uniform(-yards, yards)
        at[slot][1] += chance.uniform(-yards, yards)
        both.put(slot, PLAYER, *at[slot])


def test_a_drifting_crowd():
    """Over the edges of sight, of classes and of cells, for some hundred ticks, slots come and go alike."""
    both, at, chance = crowd(60, 110.0, 3, 25)
    for _ in range(200):
        drift(both, at, chance, 3, 8.0)
        both.step(threads=chance.choice([1, 2, 3]))
        both.compare()


def test_more_than_there_are_slots():
    """Of a thick crowd the nearest, with patience for those who are seen; slots run out and come back."""
    both, at, chance = crowd(420, 25.0, 4, 6)
    for _ in range(90):
        drift(both, at, chance, 8, 12.0)
        both.step()
        both.compare()
    for eye in range(6):
        assert 255 - 64 <= len(both.seen(eye)) <= 255


def test_the_nearest_of_a_crowd():
    """Before anybody has moved they are exactly the 255 nearest."""
    both, at, _ = crowd(400, 40.0, 5, 1)
    both.step()
    x, y, z = (native.units(v) for v in at[0])
    away = sorted(
        ((native.units(u) - x) ** 2 + (native.units(v) - y) ** 2 + (native.units(w) - z) ** 2, slot)
        for slot, (u, v, w) in enumerate(at)
        if slot
    )
    assert {mover for mover, _ in both.seen(0).values()} == {slot for _, slot in away[:255]}


def test_paces():
    """So often within 10, 50, 100 yards in space and a little more, and beyond."""
    both = Both()
    both.put(0, PLAYER, 0.0, 0.0, 0.0)
    for slot, (x, z) in enumerate([(10.9, 0.0), (0.0, 11.0), (48.0, 20.0), (51.9, 0.0), (99.0, 50.0)], 1):
        both.put(slot, PLAYER, x, 0.0, z)
    both.watch(0)
    both.step()
    assert [both.seen(0)[slot] for slot in range(5)] == [(1, 60), (2, 30), (3, 15), (4, 30), (5, 3)]


def test_hysteresis():
    """Who came nearer than the radius is seen until a tenth farther; up and down as well."""
    both = Both(sight_yards=100.0, height_yards=50.0)
    both.put(0, PLAYER, 0.0, 0.0, 0.0)
    both.watch(0)
    for x, z, seen in [
        (100.1, 0, 0), (99, 0, 1), (109.9, 0, 1), (110.1, 0, 0), (105, 0, 0),
        (90, 50.1, 0), (90, 49, 1), (90, -54, 1), (90, 56, 0),
    ]:  # fmt: skip
        both.put(1, PLAYER, float(x), 0.0, float(z))
        both.steps(64)
        both.compare()
        assert len(both.seen(0)) == seen, (x, z)


def test_quarantine():
    """A slot that was left is empty for sixty ticks, whoever comes; then the lowest is filled again."""
    both = Both()
    both.put(0, PLAYER, 0.0, 0.0, 0.0)
    both.watch(0)
    for slot in 1, 2:
        both.put(slot, PLAYER, 5.0, 0.0, 0.0)
    both.step()
    assert both.seen(0) == {0: (1, 60), 1: (2, 60)}
    both.drop(1)
    while len(both.seen(0)) == 2:
        both.step()
        both.compare()
    left = both.tick
    slot = 3
    while both.tick < left + 59:
        both.put(slot, PLAYER, 5.0, 0.0, 0.0)
        both.step()
        slot += 1
    both.compare()
    assert 0 not in both.seen(0)
    both.put(1000, PLAYER, 5.0, 0.0, 0.0)
    both.steps(5)
    both.compare()
    assert 0 in both.seen(0)


def test_a_reused_slot_is_something_new():
    """Dropped and filled again before the eye looked: the one left its slot, the other is in another."""
    both = Both()
    both.put(0, PLAYER, 0.0, 0.0, 0.0)
    both.put(7, PLAYER, 5.0, 0.0, 0.0)
    both.watch(0)
    both.step()
    both.drop(7)
    both.put(7, PLAYER, 6.0, 0.0, 0.0)
    both.steps(4)
    both.compare()
    assert both.seen(0) == {1: (7, 60)}


def test_a_teleport_is_seen_at_once():
    """Whoever is placed elsewhere looks around in the next step."""
    both = Both()
    both.put(0, PLAYER, 0.0, 0.0, 0.0)
    both.put(1, PLAYER, 5.0, 0.0, 0.0)
    both.put(2, PLAYER, 1000.0, 0.0, 0.0)
    both.watch(0)
    both.step()
    both.place(0, 1003.0, 0.0, 0.0, 0.0, 0)
    both.step()
    assert [mover for mover, _ in both.seen(0).values()] == [2]


@pytest.mark.parametrize(("level", "yards"), [(0, 150), (1, 120), (2, 90), (3, 67.5), (4, 49.95)])
def test_levels(level, yards):
    """Overload makes all see less far; what is kept shrinks with it."""
    both = Both()
    for slot in range(300):
        both.put(slot, PLAYER, slot * 0.6 - 3.0, 0.0, 0.0)
    both.watch(5)
    both.steps(4)
    both.radius(level)
    both.steps(70)
    both.compare()
    farthest = max(mover for mover, _ in both.seen(0).values())
    assert yards <= (farthest - 5) * 0.6 <= yards * 1.1
    both.radius(0)
    both.sight(5, 30.0)
    both.steps(70)
    both.compare()
    assert max(mover for mover, _ in both.seen(0).values()) == 60


def test_eyes_are_numbered_from_the_lowest():
    """A number that became free is the next given out; its slots are empty."""
    both, _, _ = crowd(8, 5.0, 1, 5)
    both.step()
    both.unwatch(1)
    both.drop(3)
    assert both.watch(7) == 1
    assert both.watch(6) == 3
    assert both.watch(7) == 1
    assert both.seen(1) == {}
    both.steps(4)
    both.compare()


def test_many_arrive_at_once():
    """Some thousand looks out of turn a step, no more; the others have theirs within four."""
    field = native.Field()
    for slot in range(3000):
        field.put(slot, PLAYER, 0.0, slot * 2.0, 0.0)
        field.watch(slot)
    for tick, looked in ((1, range(1760, 1790)), (2, range(2900, 3001)), (3, [3000])):
        field.step(tick, tick * 50)
        assert sum(bool(field.seen(eye)) for eye in range(3000)) in looked


def test_all_on_one_spot():
    """Nobody is nearer: who is seen stays, and nobody else comes."""
    both = Both()
    for slot in range(300):
        both.put(slot, PLAYER, 1.0, 2.0, 3.0)
    both.watch(17)
    both.step()
    seen = both.seen(0)
    both.steps(12)
    assert both.seen(0) == seen == {n: (n + (n >= 17), 60) for n in range(255)}


def test_any_number_of_threads():
    """The same digests with one thread and with several, in a crowd that moves and comes and goes."""
    fields = [native.Field(9) for _ in range(4)]
    chance = random.Random(6)
    for tick in range(1, 40):
        for _ in range(60):
            slot = chance.randrange(300)
            x, y = chance.gauss(0, 60), chance.gauss(0, 60)
            gone = chance.randrange(8) == 0
            for it in fields:
                it.put(slot, PLAYER, x, y, 0.0)
                it.watch(slot)
                if gone:
                    it.drop(slot)
        for threads, it in zip((1, 2, 3, 16), fields, strict=True):
            it.step(tick, tick * 50, threads)
        assert len({it.digest() for it in fields}) == 1
