"""The C grid through its Python face, any numbers in any calls: it answers or refuses, and stays whole."""

import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluemarble.native import interest as native
from tests.property.attackers import examples
from tests.twins import interest as twin

pytestmark = pytest.mark.native
REFUSALS = (KeyError, ValueError, OverflowError)
numbers = st.one_of(
    st.integers(0, 40),
    st.sampled_from(
        [-1, 2**22 - 1 - 2**21, 2**22, 2**31 - 1, 2**31, 2**32 - 1, 2**32, 2**63, 2**64, -(2**31)]
    ),
)
places = (
    st.floats(width=32)
    | st.floats(-300, 300, width=32)
    | st.floats()
    | st.sampled_from([17066.66, -17066.66])
)
calls = st.one_of(
    st.tuples(st.just("put"), numbers, places, places),
    st.tuples(
        st.just("put"), st.integers(0, 40), st.floats(-300, 300, width=32), st.floats(-300, 300, width=32)
    ),
    st.tuples(st.just("watch"), numbers, places, places),
    st.tuples(st.just("watch"), st.integers(0, 40), st.just(100.0), st.just(110.0)),
    st.tuples(st.just("drop"), numbers),
    st.tuples(st.just("unwatch"), numbers),
    st.tuples(st.just("admit"), numbers, st.lists(numbers, max_size=6)),
    st.tuples(st.just("refresh"), st.sampled_from([0, 1, 3, 2**22])),
    st.tuples(st.just("near"), places, places, places),
    st.tuples(st.just("watchers"), numbers),
    st.tuples(st.just("seen"), numbers),
)


@settings(max_examples=examples(150))
@given(sight_limit=st.sampled_from([1, 2, 5, 1024]), script=st.lists(calls, min_size=1, max_size=40))
def test_any_calls(sight_limit, script):
    """What C refuses has changed nothing; what it takes, its twin takes with the same answer."""
    ours, theirs = native.Interest(sight_limit), twin.Interest(sight_limit)
    for name, *given_ in script:
        try:
            answer = getattr(ours, name)(*given_)
        except REFUSALS:
            continue
        if name != "near":  # the twin looks farther than a client may
            assert getattr(theirs, name)(*given_) == answer
    assert ours.refresh() == theirs.refresh()
    for slot in range(41):
        assert ours.watchers(slot) == theirs.watchers(slot)
        assert ours.seen(slot) == theirs.seen(slot)


@pytest.mark.parametrize("seed", range(3))
def test_crowds_come_and_go(seed):
    """Thousands of slots, filled and emptied again and again while others look: nobody sees what is gone."""
    dice, it, there = random.Random(seed), native.Interest(50), {}
    for _ in range(40):
        for _ in range(300):
            slot = dice.randrange(4000)
            if slot in there and dice.random() < 0.5:
                it.drop(slot)
                del there[slot]
                continue
            it.put(slot, dice.uniform(-400, 400), dice.uniform(-400, 400))
            there[slot] = there.get(slot, False)
            if dice.random() < 0.2:
                it.watch(slot, *dice.choice([(100.0, 110.0), (5.0, 1100.0)]))
                there[slot] = True
            elif there[slot] and dice.random() < 0.2:
                it.unwatch(slot)
                there[slot] = False
        changes = it.refresh(dice.choice([1, 40, 2**22]))
        assert all(there.get(observer) for observer in changes.observers)
        assert all(
            target in there for target, in_ in zip(changes.targets, changes.entered, strict=True) if in_
        )
        for slot in dice.sample(sorted(there), min(30, len(there))):
            assert len(it.seen(slot)) <= 50
            assert set(it.seen(slot)) <= there.keys()
            assert all(slot in it.seen(observer) for observer in it.watchers(slot))
    assert native.Interest(50).refresh() == native.Changes([], [], [])


def test_a_place_is_no_promise():
    """Answers are copies: what happens to the grid afterwards does not reach into them."""
    it = native.Interest()
    for slot in range(200):
        it.put(slot, slot / 10, 0.0)
    it.watch(0, 100.0, 110.0)
    it.refresh()
    seen, near = it.seen(0), it.near(0.0, 0.0, 50.0)
    before = list(seen), list(near)
    for slot in range(1, 200):
        it.drop(slot)
    it.refresh()
    it.near(0.0, 0.0, 1.0)
    assert (seen, near) == before
