"""The field in C against its twin."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluemarble.native import field as native
from bluemarble.native.interest import Interest
from tests.twins import field as twin
from tests.twins.field_moves import RECORD

pytestmark = pytest.mark.native
SLOTS = 10
# Around the borders of cells (64 yards), of sight and of classes, and anywhere; and the map's edge.
plain = st.one_of(
    st.sampled_from([0.0, 9.99, 10.0, 50.0, 64.0, 63.99, 100.0, 150.0, 150.02, 165.0, 165.02, -128.0]),
    st.sampled_from([533.33, 533.34, 1600.0, 17066.0, -17066.6, 17066.7]),
    st.integers(-12_000, 12_000).map(lambda v: v / 64),
)
heights = st.sampled_from([0.0, 0.0, 1.0, 30.0, 99.0, 100.0, 100.02, 110.0, 110.02, -3000.0])
places = st.tuples(plain, plain, heights)
slots = st.integers(0, SLOTS - 1)
cids = st.sampled_from([1, 2, 3, 0x4001, 0x10000002])
angles = st.sampled_from([0.0, 1.0, 3.2, -1.0, 6.28318])
flags = st.sampled_from([0, 1, 2, 3, 0x101, 0x1001, 0x200000, 0x2000001, 0x800, 0x1403, 0x35])
speeds = st.sampled_from([(7.0, 2.5, 4.722, 0.0), (7.0, 2.5, 4.722, 7.0), (14.0, 2.5, 20.0, 30.0)])
# Inputs: whose, how much later, in which epoch and how far from where the mover is.
inputs = st.tuples(
    cids,
    st.sampled_from([1, 1, 1, 2, 0, -1, 40_000]),
    st.sampled_from([0, 0, 0, 0, 1]),
    st.integers(0, 0xFFFF),
    st.sampled_from([0, 1, 1, 2, 3, 9, 0x100, 0x801, 0x1001, 0x1401, 0x4001, 0x8001, 0xC000, 0x31, 0xC5]),
    st.sampled_from([(0, 0, 0), (22, 0, 0), (0, 23, 5), (28, 0, 0), (90, -90, 0), (2000, 0, 0), (0, 0, 900)]),
)
times = st.sampled_from([0, 50, 50, 50, 100, 1_000, 100_000])
calls = st.one_of(
    st.tuples(st.just("put"), slots, st.sampled_from([1, 2, 3, 0]), places, angles, st.just(0.0), flags),
    st.tuples(st.just("put"), slots, st.sampled_from([1, 2, 3]), places),
    st.tuples(st.just("drop"), slots),
    st.tuples(st.just("walk"), slots, places, places, st.sampled_from([0, 100]), st.sampled_from([1000, 50])),
    st.tuples(st.just("halt"), slots),
    st.tuples(st.just("bind"), cids, slots),
    st.tuples(st.just("unbind"), cids),
    st.tuples(st.just("speeds"), slots, speeds),
    st.tuples(st.just("root"), slots, st.booleans()),
    st.tuples(st.just("allow"), slots, st.sampled_from([(0, 0, 0, 0), (9_000, 10, 200_000_001, 50)])),
    st.tuples(st.just("place"), slots, places, angles),
    st.tuples(st.just("watch"), slots),
    st.tuples(st.just("watch"), slots),
    st.tuples(st.just("unwatch"), slots),
    st.tuples(st.just("sight"), slots, st.sampled_from([40.0, 100.0, 1000.0, 0.0])),
    st.tuples(st.just("radius"), st.integers(0, 5)),
    st.tuples(st.just("moves"), st.lists(inputs, min_size=1, max_size=12)),
    st.tuples(st.just("moves"), st.lists(inputs, min_size=1, max_size=12)),
    st.tuples(st.just("step"), times),
    st.tuples(st.just("step"), times),
)


def answer(it, name, *given_):
    """What a call gives back or raises."""
    try:
        return getattr(it, name)(*given_)
    except (KeyError, ValueError, OverflowError) as error:
        return type(error)


def flat(given_):
    """Places and speeds as their parts, but for walks, which take places."""
    return [v for g in given_ for v in (g if isinstance(g, tuple) else (g,))]


def batch(it, wanted):
    """Inputs, from where each mover is now."""
    out, newest = b"", {}
    for cid, later, stale, angle, held, way in wanted:
        slot = it.bound.get(cid % 16384)
        mover = it.things[slot] if slot is not None else twin.Thing(1, 1)
        tick, at = newest.get(slot, (mover.input, mover.at))
        tick, at = tick + later & 0xFFFF, tuple(a + b for a, b in zip(at, way, strict=True))
        if max(map(abs, way)) < 500:
            newest[slot] = tick, at
        out += RECORD.pack(cid, tick, held, angle, (mover.epoch + stale) & 0xFF, 0, *at)
    return out


class Recorder:
    """An interest grid that only remembers."""

    def __init__(self):
        self.at = {}

    def put(self, slot, x, y):
        self.at[slot] = x, y


def same(ours, theirs):
    """Everything that can be asked."""
    for slot in range(SLOTS):
        for name in "read", "allowance":
            assert answer(ours, name, slot) == answer(theirs, name, slot), (name, slot)
    for eye in range(SLOTS):
        assert answer(ours, "seen", eye) == answer(theirs, "seen", eye), eye
    for name in "moved", "corrections", "crossed", "shown":
        assert getattr(ours, name)() == getattr(theirs, name)(), name


def begun(start):
    """Most slots filled, half of them with eyes, some steered."""
    for slot, place in enumerate(start):
        yield "put", slot, 1 + slot % 3, place
        if slot % 2:
            yield "watch", slot
    yield from (("bind", cid, slot) for cid, slot in ((1, 0), (2, 1), (3, 2), (0x10000002, 3)))


@settings(max_examples=120, deadline=None)
@given(
    reach=st.sampled_from([0.0, 60.0]),
    start=st.lists(places, min_size=4, max_size=SLOTS),
    script=st.lists(calls, min_size=10, max_size=60),
)
def test_same_answers(reach, start, script):
    """Any calls in any order, the same movers, lists and slots; and saved and loaded in between."""
    ours, theirs = native.Field(reach_yards=reach), twin.Field(reach_yards=reach)
    tick = now_ms = 0
    for name, *given_ in [*begun(start), *script, *[("step", 50)] * 5]:
        if name == "step":
            tick, now_ms = tick + 1, now_ms + given_[0]
            given_ = [tick, now_ms]
        elif name == "moves":
            given_ = [batch(theirs, given_[0]), now_ms]
        elif name == "walk":
            given_ = [*given_[:3], now_ms + given_[3], now_ms + given_[3] + given_[4]]
        elif name != "allow":
            given_ = flat(given_) + ([now_ms] if name in ("bind", "place") else [])
        assert answer(ours, name, *given_) == answer(theirs, name, *given_), (name, given_)
        if name == "step":
            same(ours, theirs)
    followed, recorded = Interest(), Recorder()
    ours.follow(followed)
    theirs.follow(recorded)
    for slot, (x, y) in recorded.at.items():
        assert slot in followed.near(x, y, 0.01)
    again = native.Field.load(ours.save())
    assert again.digest() == ours.digest()
    assert again.save() == ours.save()
