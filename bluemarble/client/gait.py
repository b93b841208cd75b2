"""
How one moves in a twentieth of a second: what prediction steps, and steps again when the server corrects it.

A gait is a function of where one was, what one presses and how fast one may be, and of nothing else.
`Walk` is that of a flat world with jumps; a client that knows the terrain gives it the ground, or brings a
gait of its own.
"""

from collections.abc import Callable
from math import cos, sin, tau
from typing import NamedTuple

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

STEP_MS = 50
STEP_S = STEP_MS / 1000
SWIMMING, FLYING = 1 << 14, 1 << 15  # as inputs and SELF number them: docs/bmu1.md section 5
GOING = FORWARD | BACKWARD | STRAFE_LEFT | STRAFE_RIGHT
TURN_RADIANS_S = 3.141594  # by keyboard
BACKWARD_SHARE = 4.5 / 7.0  # of the speed forward
JUMP_YARDS_S = 7.96
LEDGE_YARDS = 0.4  # as much lower one still steps down, in a step
GRAVITY_YARDS_S2 = 19.29110527
FALL_YARDS_S_LIMIT = 60.148

Ground = Callable[[float, float, float], float]


class Keys(NamedTuple):
    """
    What the player holds down.

    @ivar flags: movement flags, the low 16 and SWIMMING and FLYING as above.
    @ivar facing: radians, where the player looks; None: as before, but for LEFT and RIGHT.
    """

    flags: int = 0
    facing: float | None = None
    jump: bool = False


class Speeds(NamedTuple):
    """Yards a second, as the server grants them."""

    run: float = 7.0
    walk: float = 2.5
    swim: float = 4.722222
    fly: float = 7.0


class Stance(NamedTuple):
    """
    Where one is after an input.

    @ivar x, y, z: yards; @ivar facing: radians, 0 to a turn.
    @ivar flags: what one does there, ROOT among it.
    @ivar rising: yards a second up, and @ivar floor: the height that it began from, in a fall.
    """

    x: float
    y: float
    z: float
    facing: float
    flags: int = 0
    rising: float = 0.0
    floor: float = 0.0


Gait = Callable[[Stance, Keys, Speeds], Stance]


class Walk:
    """
    Runs, walks, steps aside, turns, jumps and falls.

    @param ground: the height below a place, yards; without it the world is as flat as where one stands.
    """

    def __init__(self, ground: Ground | None = None) -> None:
        self._ground = ground

    def __call__(self, was: Stance, keys: Keys, speeds: Speeds) -> Stance:
        """Where one is a step later."""
        facing = turned(was.facing, keys)
        flags = keys.flags & ~(ROOT | FALLING) | was.flags & ROOT
        if was.flags & ROOT:
            return was._replace(facing=facing, flags=flags & ~GOING)
        dx, dy = strides(facing, flags, speed(flags, speeds))
        x, y = was.x + dx, was.y + dy
        if flags & (SWIMMING | FLYING):
            return Stance(x, y, was.z, facing, flags, 0.0, was.z)
        began = was.floor if was.flags & FALLING else was.z
        floor = began if self._ground is None else self._ground(x, y, was.z)
        rising = was.rising
        if not was.flags & FALLING:
            if not keys.jump and was.z - floor < LEDGE_YARDS:  # on the flat, up a slope, or down one
                return Stance(x, y, floor, facing, flags, 0.0, floor)
            rising = JUMP_YARDS_S if keys.jump else 0.0
        z = was.z + rising * STEP_S - GRAVITY_YARDS_S2 * STEP_S * STEP_S / 2
        rising = max(rising - GRAVITY_YARDS_S2 * STEP_S, -FALL_YARDS_S_LIMIT)
        if z <= floor and rising < 0.0:
            return Stance(x, y, floor, facing, flags, 0.0, floor)
        return Stance(x, y, z, facing, flags | FALLING, rising, floor)


def turned(facing: float, keys: Keys) -> float:
    """The direction after the step, radians, 0 to a turn."""
    if keys.facing is not None:
        return keys.facing % tau
    sense = bool(keys.flags & LEFT) - bool(keys.flags & RIGHT)
    return (facing + sense * TURN_RADIANS_S * STEP_S) % tau


def speed(flags: int, speeds: Speeds) -> float:
    """Yards a second that the flags allow forward."""
    if flags & FLYING:
        return speeds.fly
    if flags & SWIMMING:
        return speeds.swim
    return speeds.walk if flags & WALKING else speeds.run


def strides(facing: float, flags: int, yards_s: float) -> tuple[float, float]:
    """How far one gets in a step, along x and y, with that speed forward."""
    dx, dy = heading(facing, flags)
    back = flags & BACKWARD and not flags & FORWARD
    length = yards_s * STEP_S * (BACKWARD_SHARE if back else 1.0)
    return dx * length, dy * length


def heading(facing: float, flags: int) -> tuple[float, float]:
    """The direction that one goes in: a unit vector; opposite keys cancel, and none, or all, is nowhere."""
    ahead = bool(flags & FORWARD) - bool(flags & BACKWARD)
    aside = bool(flags & STRAFE_LEFT) - bool(flags & STRAFE_RIGHT)
    share = 0.7071067811865476 if ahead and aside else 1.0
    along_x, along_y = cos(facing) * share, sin(facing) * share
    return ahead * along_x - aside * along_y, ahead * along_y + aside * along_x
