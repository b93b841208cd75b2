"""Where one of the others is drawn."""

import itertools
from math import pi

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluemarble.client.track import (
    AHEAD_FAR_MS,
    AHEAD_NEAR_MS,
    RUN_ON_YARDS_S,
    SNAP_YARDS,
    Drawn,
    Sample,
    Track,
    yards,
)
from opcodes.movement import BACKWARD, FORWARD, STRAFE_LEFT


def track(*samples, drawn_ms=0.0):
    it = Track(Sample(*samples[0]))
    for sample in samples[1:]:
        it.put(Sample(*sample), drawn_ms)
    return it


def test_between():
    """On the line, in time and in direction, the short way round."""
    it = track((0, 0.0, 0.0, 0.0, 6.2), (100, 1.0, 2.0, 4.0, 0.2))
    assert it.at(-50) == Drawn(0.0, 0.0, 0.0, 6.2)
    there = it.at(25)
    assert there[:3] == pytest.approx((0.25, 0.5, 1.0))
    assert there.facing == pytest.approx(6.2 + (0.2 + 2 * pi - 6.2) / 4)


def test_old_places_are_ignored():
    it = track((100, 1.0, 0.0, 0.0, 0.0), (50, 9.0, 0.0, 0.0, 0.0), (100, 9.0, 0.0, 0.0, 0.0))
    assert it.newest.x == 1.0


def test_ahead_and_back():
    """Near ones carry no speed: they go on as they went, not for long, and then back to where they were."""
    it = track((0, 0.0, 0.0, 0.0, 0.0), (50, 0.35, 0.0, 0.0, 0.0), (100, 0.7, 0.0, 0.0, 0.0))
    assert it.at(150).x == pytest.approx(1.05)
    assert max(it.at(ms).x for ms in range(100, 2000)) <= 0.7 + 7.0 * AHEAD_NEAR_MS / 1000
    assert it.at(1000).x == pytest.approx(0.7)


@pytest.mark.parametrize(
    ("flags", "x", "y"),
    [(FORWARD, 0.0, 7.0), (BACKWARD, 0.0, -7.0), (STRAFE_LEFT, -7.0, 0.0), (0, 0.0, 0.0)],
)
def test_ahead_with_a_speed(flags, x, y):
    """Far ones say how fast and where to; a second is drawn on."""
    it = track((0, 0.0, 0.0, 0.0, pi / 2, 7.0, flags))
    assert it.at(1000)[:2] == pytest.approx((x, y))
    assert it.at(60_000)[:2] == pytest.approx((x * AHEAD_FAR_MS / 1000, y * AHEAD_FAR_MS / 1000))


def test_who_stood_for_long():
    """It sets out when it did, and does not creep there all the while."""
    it = track((0, 0.0, 0.0, 0.0, 0.0), (5_000, 0.7, 0.0, 0.0, 0.0), drawn_ms=2_000)
    assert it.at(2_500).x == it.at(4_800).x == 0.0
    assert 0.0 < it.at(4_950).x < 0.7


def test_teleport():
    """It is there, then here, and nowhere in between; nor does it run on from the leap."""
    it = track((0, 0.0, 0.0, 0.0, 0.0), (50, 0.3, 0.0, 0.0, 0.0), (100, 40.0, 0.0, 0.0, 0.0))
    assert {it.at(ms).x for ms in range(50, 100)} == {0.3}
    assert {it.at(ms).x for ms in range(100, 400)} == {40.0}
    it.put(Sample(150, 40.3, 0.0, 0.0, 0.0), 60.0)
    assert it.at(125).x == pytest.approx(40.15)


def test_who_was_set_back():
    """A correction by a few yards is not speed: nobody shoots on like that."""
    it = track((0, 0.0, 0.0, 0.0, 0.0), (50, 0.35, 0.0, 0.0, 0.0), (100, 3.5, 0.0, 0.0, 0.0))
    assert {it.at(ms).x for ms in range(100, 600, 10)} == {3.5}


def test_gliding():
    """A guess that was wrong is made good little by little."""
    it = track((0, 0.0, 0.0, 0.0, 0.0, 7.0, FORWARD))
    before = it.at(400)
    it.put(Sample(300, 1.0, 1.0, 0.0, 0.0, 0.0, 0), 400)
    assert yards(it.at(400), before) < 1e-9
    steps = [it.at(ms) for ms in range(400, 600, 10)]
    assert max(yards(a, b) for a, b in itertools.pairwise(steps)) < 0.3
    assert steps[-1] == Drawn(1.0, 1.0, 0.0, 0.0)


@given(
    st.lists(
        st.tuples(st.integers(1, 10), st.floats(-1, 1), st.floats(-1, 1), st.integers(0, 3)), max_size=30
    )
)
def test_drawn_stays_near_the_truth(moves):
    """However places come, nobody jumps farther than it is drawn on, and all come to stand where they are."""
    farthest = SNAP_YARDS + RUN_ON_YARDS_S * AHEAD_NEAR_MS / 1000
    it, x, y, now, last = Track(Sample(0, 0.0, 0.0, 0.0, 0.0)), 0.0, 0.0, 0, None
    for ticks, dx, dy, late in moves:
        for _ in range(ticks):
            now += 50
            there = it.at(now - 100)
            if last is not None:
                assert yards(last, there) < farthest
            last = there
        x, y = x + dx * ticks * 0.35, y + dy * ticks * 0.35
        it.put(Sample(now - late * 50, x, y, 0.0, 0.0), now - 100)
        assert yards(it.at(now + 60_000), it.newest) < 1e-6
