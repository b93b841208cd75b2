"""Places on a map: the 64 x 64 grids, and what is a place at all."""

import struct
from math import isfinite

from bluemarble.sim.rules import COORDINATE_LIMIT_YARDS

GRIDS = 64
GRID_YARDS = 1600 / 3  # 533.3333
CELL_YARDS = GRID_YARDS / 8
INSIDE_YARDS = GRIDS * GRID_YARDS / 2
ROUNDING_YARDS = 0.01  # so close to an edge one looks exactly
HEIGHT_LIMIT_YARDS = 5_000.0  # beyond any ground, any sky, and any hole that one falls into
TURN = 6.283185307179586
_FLOAT = struct.Struct("<f")


def f32(value: float) -> float:
    """
    The nearest float32: what clients, snapshots and journals hold of a number.

    @raise OverflowError: it is finite and there is none.
    """
    return float(_FLOAT.unpack(_FLOAT.pack(value))[0])


def grid_at(x: float, y: float) -> int:
    """The grid that a place is in: 0 to 4095, counted from the map's smallest x and y."""
    return _axis(x) * GRIDS + _axis(y)


def grids_near(x: float, y: float, radius_yards: float) -> tuple[int, ...]:
    """The grids that a square of `radius_yards` around a place touches, the place's own first."""
    own = grid_at(x, y)
    low_x, high_x = _axis(x - radius_yards), _axis(x + radius_yards)
    low_y, high_y = _axis(y - radius_yards), _axis(y + radius_yards)
    if low_x == high_x and low_y == high_y:
        return (own,)
    around = (gx * GRIDS + gy for gx in range(low_x, high_x + 1) for gy in range(low_y, high_y + 1))
    return (own, *(grid for grid in around if grid != own))


def same_grids(x: float, y: float, radius_yards: float) -> tuple[float, float, float, float]:
    """
    Where `grids_near` answers what it does here.

    @return: least and greatest x, least and greatest y, exclusive.
    """
    return (*_same(x, radius_yards), *_same(y, radius_yards))


def on_map(x: float, y: float, z: float, facing: float) -> bool:
    """Whether these are finite and inside the map."""
    return (
        -COORDINATE_LIMIT_YARDS <= x <= COORDINATE_LIMIT_YARDS
        and -COORDINATE_LIMIT_YARDS <= y <= COORDINATE_LIMIT_YARDS
        and -HEIGHT_LIMIT_YARDS <= z <= HEIGHT_LIMIT_YARDS
        and isfinite(facing)
    )


def _axis(yards: float) -> int:
    return min(max(int(yards / GRID_YARDS + GRIDS / 2), 0), GRIDS - 1)


def _same(yards: float, radius_yards: float) -> tuple[float, float]:
    """The open interval in which a place's grid, and those a radius to both sides, stay what they are."""
    low, high = -INSIDE_YARDS, INSIDE_YARDS
    for offset in (-radius_yards, 0.0, radius_yards):
        edge = (_axis(yards + offset) - GRIDS / 2) * GRID_YARDS - offset
        low = max(low, edge + ROUNDING_YARDS) if yards + offset >= -INSIDE_YARDS else low
        high = min(high, edge + GRID_YARDS - ROUNDING_YARDS) if yards + offset <= INSIDE_YARDS else high
    return low, high


def bearing(dx: float, dy: float) -> float:
    """
    The direction of (dx, dy) in radians, 0 to 2 pi, to 0.005: the same on every machine, unlike atan2.

    Source: S. Rajan et al., "Efficient Approximations for the Arctangent Function", IEEE SPM 2006.
    """
    ax, ay = abs(dx), abs(dy)
    if ax == 0.0 and ay == 0.0:
        return 0.0
    low, high = (ay, ax) if ay <= ax else (ax, ay)
    t = low / high
    angle = t * (0.7853981633974483 + 0.273 * (1.0 - t))
    if ay > ax:
        angle = 1.5707963267948966 - angle
    if dx < 0.0:
        angle = 3.141592653589793 - angle
    if dy < 0.0:
        angle = 6.283185307179586 - angle
    return f32(angle)


def heading(facing: float) -> float:
    """
    A direction as one between 0 and 2 pi; clients that are told of a huge one turn towards it for hours.

    @param facing: finite.
    """
    return facing if 0.0 <= facing <= TURN else f32(facing % TURN)


def fine(yards: float) -> float:
    """A computed coordinate, rounded to 1/128 yard: a float32 holds it exactly, so a snapshot does."""
    return int(yards * 128.0) / 128.0
