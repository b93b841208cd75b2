"""How one moves by keys."""

from math import hypot, pi, tau

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluemarble.client import gait
from bluemarble.client.gait import FLYING, SWIMMING, Keys, Speeds, Stance, Walk
from opcodes.movement import (
    BACKWARD,
    FALLING,
    FORWARD,
    LEFT,
    RIGHT,
    ROOT,
    STRAFE_LEFT,
    STRAFE_RIGHT,
    WALKING,
)

SPEEDS = Speeds(run=7.0, walk=2.5, swim=4.0, fly=14.0)
START = Stance(10.0, 20.0, 5.0, 0.0)


def after(keys, steps=20, start=START, walk=None):
    stance, walk = start, walk or Walk()
    for _ in range(steps):
        stance = walk(stance, keys, SPEEDS)
    return stance


@pytest.mark.parametrize(
    ("flags", "dx", "dy"),
    [
        (0, 0.0, 0.0),
        (FORWARD, 7.0, 0.0),
        (BACKWARD, -4.5, 0.0),
        (STRAFE_LEFT, 0.0, 7.0),
        (STRAFE_RIGHT, 0.0, -7.0),
        (FORWARD | BACKWARD, 0.0, 0.0),
        (FORWARD | STRAFE_LEFT, 7.0 * 0.5**0.5, 7.0 * 0.5**0.5),
        (FORWARD | STRAFE_LEFT | STRAFE_RIGHT, 7.0, 0.0),
        (FORWARD | WALKING, 2.5, 0.0),
        (FORWARD | SWIMMING, 4.0, 0.0),
        (FORWARD | FLYING | SWIMMING, 14.0, 0.0),
    ],
)
def test_a_second(flags, dx, dy):
    """How far each key, and each pair of them, takes one in a second."""
    there = after(Keys(flags))
    assert (there.x - START.x, there.y - START.y, there.z) == pytest.approx((dx, dy, START.z))


def test_facing():
    assert after(Keys(FORWARD, facing=pi / 2)).y == pytest.approx(START.y + 7.0)
    assert after(Keys(LEFT)).facing == pytest.approx(gait.TURN_RADIANS_S)
    assert after(Keys(RIGHT), steps=1).facing == pytest.approx(tau - gait.TURN_RADIANS_S / 20)
    assert after(Keys(0, facing=-1.0)).facing == pytest.approx(tau - 1.0)


def test_root():
    """Whoever is rooted turns and goes nowhere, and stays rooted until told otherwise."""
    there = after(Keys(FORWARD, facing=1.0), start=START._replace(flags=ROOT))
    assert (there.x, there.y, there.z, there.facing) == (START.x, START.y, START.z, 1.0)
    assert there.flags & ROOT and not there.flags & FORWARD


def test_jump():
    """Up, and down to where one was, in four fifths of a second."""
    walk, stance, highest, steps = Walk(), START, 0.0, 0
    stance = walk(stance, Keys(FORWARD, jump=True), SPEEDS)
    while stance.flags & FALLING:
        steps += 1
        highest = max(highest, stance.z)
        stance = walk(stance, Keys(FORWARD), SPEEDS)
    assert highest == pytest.approx(START.z + 1.64, abs=0.1)
    assert steps == pytest.approx(16, abs=1)
    assert (stance.z, stance.rising) == (START.z, 0.0)


def test_ground():
    """Along a slope at its height; over an edge one falls, at last no faster than anyone."""
    slope = Walk(lambda x, y, z: x / 2)
    there = after(Keys(FORWARD), start=Stance(10.0, 0.0, 5.0, 0.0), walk=slope)
    assert there.z == pytest.approx(there.x / 2) and not there.flags & FALLING
    cliff = Walk(lambda x, y, z: 0.0 if x < 12.0 else -1000.0)
    there = after(Keys(FORWARD), start=Stance(10.0, 0.0, 0.0, 0.0), walk=cliff, steps=100)
    assert there.flags & FALLING and there.rising == -gait.FALL_YARDS_S_LIMIT
    there = after(Keys(FORWARD), start=Stance(10.0, 0.0, 0.0, 0.0), walk=cliff, steps=600)
    assert (there.z, there.rising, there.flags & FALLING) == (-1000.0, 0.0, 0)


@given(flags=st.integers(0, 0xFFFF), facing=st.none() | st.floats(-100, 100), jump=st.booleans())
def test_nobody_outruns_its_speed(flags, facing, jump):
    """Whatever is held down, a step is no longer than the fastest speed allows."""
    there = Walk()(START, Keys(flags, facing, jump), SPEEDS)
    assert hypot(there.x - START.x, there.y - START.y) <= 14.0 / 20 + 1e-9
    assert abs(there.z - START.z) <= gait.JUMP_YARDS_S / 20
    assert 0.0 <= there.facing <= tau
