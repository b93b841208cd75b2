"""The grid in C against the twin that compares everything with everything."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluemarble.native import interest as native
from tests.twins import interest as twin

pytestmark = pytest.mark.native
SLOTS = 12
# Around cell borders (multiples of 66.6667), sight's edge and the map's corner, and anywhere.
places = st.one_of(
    st.sampled_from([0.0, -0.001, 66.6667, 66.66, 100.0, 99.99999, 110.0, 133.34, -200.0, 533.3333]),
    st.sampled_from([native.HALF_MAP_YARDS - 0.01, -native.HALF_MAP_YARDS + 0.01, 17000.0]),
    st.floats(-300, 300, width=32),
)
slots = st.integers(0, SLOTS - 1)
radii = st.sampled_from([(100.0, 110.0), (30.0, 30.0), (66.6667, 200.0), (0.5, 1100.0)])
calls = st.one_of(
    st.tuples(st.just("put"), slots, places, places),
    st.tuples(st.just("put"), slots, places, places),
    st.tuples(st.just("drop"), slots),
    st.tuples(st.just("watch"), slots, radii),
    st.tuples(st.just("watch"), slots, radii),
    st.tuples(st.just("unwatch"), slots),
    st.tuples(st.just("admit"), slots, st.lists(slots, max_size=4)),
    st.tuples(st.just("refresh"), st.sampled_from([0, 1, 2, native.SLOT_LIMIT])),
)


def answer(it, name, *given_):
    """What a call gives back or raises."""
    flat = [v for g in given_ for v in (g if isinstance(g, tuple) else (g,))]
    try:
        return getattr(it, name)(*flat)
    except (KeyError, ValueError) as error:
        return type(error)


@settings(max_examples=300, deadline=None)
@given(sight_limit=st.sampled_from([1, 3, 1024]), script=st.lists(calls, min_size=1, max_size=60))
def test_same_answers(sight_limit, script):
    """Any calls in any order: the same changes in the same order, the same watchers."""
    ours, theirs = native.Interest(sight_limit), twin.Interest(sight_limit)
    for call in [*script, ("refresh", 1), ("refresh", native.SLOT_LIMIT)]:
        assert answer(ours, *call) == answer(theirs, *call), call
        if call[0] == "refresh":
            for slot in range(SLOTS):
                assert ours.watchers(slot) == theirs.watchers(slot)
                assert ours.seen(slot) == theirs.seen(slot)


@settings(max_examples=100, deadline=None)
@given(
    things=st.lists(st.tuples(places, places), max_size=30),
    x=st.floats(-300, 300),
    y=st.floats(-300, 300),
    radius=st.sampled_from([0.0, 5.0, 40.0, 300.0]),
)
def test_near(things, x, y, radius):
    """Who stands near a place, nearest first."""
    ours, theirs = native.Interest(), twin.Interest()
    for slot, place in enumerate(things):
        ours.put(slot, *place)
        theirs.put(slot, *place)
    assert ours.near(x, y, radius) == theirs.near(x, y, radius)


def test_a_drifting_crowd():
    """Small steps across sight's edge are never missed: hundreds of movers, hundreds of ticks."""
    import random

    chance = random.Random(5)
    ours, theirs = native.Interest(), twin.Interest()
    at = {slot: [chance.uniform(-250, 250), chance.uniform(-250, 250)] for slot in range(60)}
    for it in ours, theirs:
        for slot, (x, y) in at.items():
            it.put(slot, x, y)
            if slot % 3:
                it.watch(slot, 100.0, 110.0)
    for _ in range(150):
        for slot in chance.sample(sorted(at), 20):
            at[slot][0] += chance.uniform(-4, 4)
            at[slot][1] += chance.uniform(-4, 4)
            for it in ours, theirs:
                it.put(slot, *at[slot])
        limit = chance.choice([0, 2, native.SLOT_LIMIT])
        assert ours.refresh(limit) == theirs.refresh(limit)


def test_a_reused_slot_is_something_new():
    """Dropped and filled again before anybody looked: one leaves, the other enters."""
    it = native.Interest()
    it.put(1, 0, 0)
    it.watch(1, 100, 110)
    it.put(2, 5, 5)
    assert it.refresh() == native.Changes([1], [2], [1])
    it.drop(2)
    assert it.watchers(2) == []
    it.put(2, 6, 6)
    assert it.refresh() == native.Changes([1, 1], [2, 2], [0, 1])
    assert it.watchers(2) == [1]


@pytest.mark.parametrize(
    ("x", "y"), [(17066.7, 0), (0, -17066.7), (float("nan"), 0), (0, float("inf")), (1e300, 0), (-1e39, 0)]
)
def test_outside_the_map(x, y):
    """A place that is not on the map is refused and changes nothing."""
    it = native.Interest()
    it.put(1, 3, 4)
    with pytest.raises(ValueError, match="out of range"):
        it.put(1, x, y)
    assert it.near(3, 4, 1) == [1]


def test_refusals():
    """Wrong slots and radii are the caller's mistake and say so."""
    it = native.Interest()
    for call in it.drop, it.unwatch:
        with pytest.raises(KeyError):
            call(3)
    with pytest.raises(KeyError):
        it.watch(3, 100, 110)
    it.put(3, 0, 0)
    for radius, leave_radius in (0, 1), (10, 9), (100, 1101), (float("nan"), 100), (1, float("nan")):
        with pytest.raises(ValueError, match="out of range"):
            it.watch(3, radius, leave_radius)
    with pytest.raises(ValueError, match="out of range"):
        it.put(native.SLOT_LIMIT, 0, 0)
    with pytest.raises(OverflowError):
        it.put(-1, 0, 0)
    with pytest.raises(ValueError, match="out of range"):
        it.near(0, 0, 5000)
    with pytest.raises(ValueError, match="sight limit"):
        native.Interest(0)
