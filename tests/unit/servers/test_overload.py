"""What is left undone follows how long ticks take, one step at a time and without swinging."""

import itertools
import random

from bluemarble.servers.overload import DOWN_TICKS, UP_MS, Overload
from bluemarble.sim.strain import LEVELS, RATE_LEVELS, SIGHT_LEVELS, rate_level, sight_level, tick_ms


def test_levels():
    """Rate first, then sight, then time; nothing else at any level."""
    told = [(rate_level(n), sight_level(n), tick_ms(n)) for n in range(LEVELS + 2)]
    assert told[0] == (0, 0, 50)
    assert told[RATE_LEVELS] == (RATE_LEVELS, 0, 50)
    assert told[RATE_LEVELS + SIGHT_LEVELS] == (RATE_LEVELS, SIGHT_LEVELS, 50)
    assert told[LEVELS] == told[LEVELS + 1] == (RATE_LEVELS, SIGHT_LEVELS, 100)
    assert told == sorted(told)


def levels(load_ms, ticks, overload=None):
    """The level after each tick that took `load_ms` of the level before."""
    overload = overload or Overload()
    out = []
    for _ in range(ticks):
        overload.measure(load_ms(overload.level))
        out.append(overload.level)
    return out


def test_one_slow_tick_is_nothing():
    """Nor is a second of them now and then, nor a stall of a minute."""
    assert set(levels(lambda _: 20.0, 500)) == {0}
    for stall_ms in (300.0, 60_000.0):
        overload = Overload()
        found = levels(lambda _, it=stall_ms: it, 1, overload) + levels(lambda _: 20.0, 200, overload)
        assert set(found) == {0}


def test_up_in_steps_and_down_slowly():
    """As far as it must, a step each half second at most; back only when there is much room."""
    up = levels(lambda _: 100.0, 2000)
    assert up[-1] == LEVELS
    rises = [n for n in range(1, len(up)) if up[n] != up[n - 1]]
    assert all(up[n] - up[n - 1] == 1 for n in rises)
    assert min(b - a for a, b in itertools.pairwise(rises)) >= UP_MS / 100
    overload = Overload()
    overload.level = 3
    down = levels(lambda _: 10.0, 1000, overload)
    falls = [n for n in range(1, len(down)) if down[n] != down[n - 1]]
    assert down[-1] == 0
    assert min(b - a for a, b in itertools.pairwise(falls)) >= DOWN_TICKS


def test_time_counts_and_not_ticks():
    """Ticks of 800 ms: it does not take ten of them for each step; two stalls pass."""
    up = levels(lambda _: 800.0, 20)
    assert up[:3] == [0, 1, 2] and up[-1] == LEVELS
    overload = Overload()
    levels(lambda _: 5000.0, 2, overload)
    assert levels(lambda _: 20.0, 200, overload)[-1] == 0


def test_no_swinging():
    """Where each level saves a tenth, it finds one that fits and stays there, noise or not."""
    chance = random.Random(3)
    found = levels(lambda level: 60.0 * 0.9**level + chance.uniform(-6.0, 6.0), 3000)
    assert len(set(found[1000:])) == 1
    assert 2 <= found[-1] <= 5


def test_told_once():
    """The simulation hears of a level when it changes."""
    overload = Overload()
    assert not overload.changed()
    levels(lambda _: 200.0, 40, overload)
    assert overload.changed()
    assert not overload.changed()
