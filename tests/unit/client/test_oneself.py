"""Prediction: inputs, corrections, what is sent again and what is drawn."""

import pytest

from bluemarble.client.events import Corrected
from bluemarble.client.gait import Keys, Speeds, Stance
from bluemarble.client.oneself import KEPT_LIMIT, Correction, Oneself
from opcodes.movement import FORWARD, ROOT

SPEEDS = Speeds()
AHEAD = Keys(FORWARD)


def said(epoch=0, number=0, x=0.0, flags=0, speeds=SPEEDS):
    return Correction(epoch, number & 0xFFFF, Stance(x, 0.0, 0.0, 0.0, flags), speeds)


def ready(x=0.0):
    me = Oneself()
    assert me.correct(said(x=x), 0) is None
    return me


def steps(me, count, keys=AHEAD, since_ms=0):
    return [me.step(keys, since_ms + 50 * i) for i in range(1, count + 1)]


def test_nothing_before_the_server_has_spoken():
    with pytest.raises(ValueError, match="SELF"):
        Oneself().step(AHEAD, 0)


def test_inputs():
    """Numbered from 1; each says where one is after it, in the wire's units."""
    me = ready(x=3.0)
    first, second = steps(me, 2)
    assert (first.number, first.epoch, first.flags, first.yaw) == (1, 0, FORWARD, 0)
    assert (first.x, first.y, first.z) == (round((3.0 + 0.35) * 64), 0, 0)
    assert (second.number, second.x) == (2, round((3.0 + 0.70) * 64))
    assert me.since(0, 8) == [second, first]
    assert me.since(1, 8) == [second]
    assert me.since(0, 1) == [second]
    assert me.since(2, 8) == []


def test_correction_is_replayed_upon():
    """Set back to where input 4 left one, the six inputs since are stepped again, under the new epoch."""
    me = ready()
    steps(me, 10)
    moved = me.correct(said(epoch=1, number=4, x=-10.0), 500)
    assert moved == Corrected(pytest.approx(10.0 + 4 * 0.35), 6)
    assert me.stance.x == pytest.approx(-10.0 + 6 * 0.35)
    assert me.corrections == 1
    sent = me.since(0, 8)
    assert [i.number for i in sent] == [10, 9, 8, 7, 6, 5]
    assert {i.epoch for i in sent} == {1}
    assert [i.x for i in sent] == [round((-10.0 + n * 0.35) * 64) for n in range(6, 0, -1)]
    assert me.step(AHEAD, 550).number == 11


def test_same_epoch_grants_speeds_and_roots():
    """It changes how one moves from now on, and not where one is."""
    me = ready()
    steps(me, 5)
    assert me.correct(said(number=2, x=-10.0, speeds=Speeds(run=14.0)), 300) is None
    assert me.stance.x == pytest.approx(5 * 0.35)
    steps(me, 1)
    assert me.stance.x == pytest.approx(5 * 0.35 + 0.7)
    me.correct(said(number=6, flags=ROOT), 400)
    steps(me, 3)
    assert me.stance.x == pytest.approx(5 * 0.35 + 0.7)
    me.correct(said(number=9), 600)
    steps(me, 1)
    assert me.stance.x == pytest.approx(5 * 0.35 + 0.7 + 0.35)


def test_earlier_epoch_is_old():
    me = ready()
    me.correct(said(epoch=2, x=50.0), 0)
    assert me.correct(said(epoch=1, x=20.0), 10) is None
    assert (me.epoch, me.stance.x) == (2, 50.0)


def test_epochs_and_numbers_wrap():
    me = ready()
    me.correct(said(epoch=100), 0)
    me.correct(said(epoch=200), 0)
    me.number = 65_534
    steps(me, 4)
    moved = me.correct(said(epoch=3, number=65_536 + 1, x=9.0), 300)
    assert moved is not None and moved.replayed == 1
    assert me.since(0, 8)[0].number == 65_538
    assert me.epoch == 3


@pytest.mark.parametrize("number", [0x10000 - KEPT_LIMIT - 5, 200])
def test_input_that_was_never_made(number):
    """One from before all that is kept, or not yet made: what can be stepped again is."""
    me = ready()
    steps(me, KEPT_LIMIT + 10)
    moved = me.correct(said(epoch=1, number=me.number + number, x=1.0), 0)
    assert moved is not None and moved.replayed == (KEPT_LIMIT if number > 0x8000 else 0)


def test_drawn_between_inputs():
    me = ready()
    steps(me, 2)
    assert me.at(100).x == pytest.approx(0.35)
    assert me.at(125).x == pytest.approx(0.525)
    assert me.at(150).x == me.at(10_000).x == pytest.approx(0.70)


def test_drawn_over_a_correction():
    """A small one is glided over, a large one is not."""
    me = ready()
    steps(me, 2)
    before = me.at(150).x
    me.correct(said(epoch=1, number=2, x=2.0), 150)
    assert me.at(150).x == pytest.approx(before)
    assert before < me.at(200).x < 2.0
    assert me.at(300).x == pytest.approx(2.0)
    me.correct(said(epoch=2, number=2, x=100.0), 300)
    assert me.at(300).x == pytest.approx(100.0)


def test_drawn_facing_goes_the_short_way():
    me = ready()
    me.step(Keys(0, facing=6.2), 50)
    me.step(Keys(0, facing=0.1), 100)
    assert me.at(125).facing == pytest.approx((6.2 + (0.1 + 6.283185 - 6.2) / 2) % 6.283185, abs=1e-4)
