"""What clients come to know through the feed, whatever their links do to it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from bluemarble.wire.view import Moved
from tests.twins.exchange import Exchange, Line

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
