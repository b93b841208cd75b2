"""Where things are: two lands of ours on terrain that a stock client has, and how high the ground is."""

from collections.abc import Iterator
from math import atan2, cos, hypot, pi, sin
from typing import NamedTuple

from bluemarble.rows.world_places import AreatriggerTavernRow, GameTeleRow
from bluemarble.sim.chance import Chance

TURN = 2 * pi


class Place(NamedTuple):
    """A named spot; yards and radians."""

    id: int
    name: str
    map: int
    x: float
    y: float
    z: float
    facing: float = 0.0


class Land(NamedTuple):
    """One side's part of a map."""

    map: int
    zone: int
    start: Place
    town: Place
    low_x: float
    high_x: float
    low_y: float
    high_y: float


ALLIANCE = Land(
    map=0,
    zone=12,
    start=Place(1, "larkmeadow", 0, -8949.95, -132.493, 83.5312),
    town=Place(2, "alderhithe", 0, -9464.0, 62.0, 56.0, 0.6),
    low_x=-9950.0,
    high_x=-8750.0,
    low_y=-1350.0,
    high_y=750.0,
)
HORDE = Land(
    map=1,
    zone=14,
    start=Place(11, "cinderfold", 1, -618.518, -4251.67, 38.718),
    town=Place(12, "ochrestead", 1, 311.0, -4735.0, 9.8, 1.2),
    low_x=-1250.0,
    high_x=1150.0,
    low_y=-5150.0,
    high_y=-3850.0,
)
PLACES = (
    ALLIANCE.start,
    ALLIANCE.town,
    Place(3, "pondside", 0, -9380.0, -330.0, 61.0, 2.1),
    Place(4, "fallowgate", 0, -9605.0, -1020.0, 39.5, 4.4),
    Place(5, "thornwick", 0, -9860.0, 210.0, 36.0, 1.5),
    HORDE.start,
    HORDE.town,
    Place(13, "saltmouth", 1, -826.0, -4921.0, 19.6, 0.3),
    Place(14, "kilnbank", 1, 640.0, -4420.0, 17.0, 2.9),
    Place(15, "drywell", 1, -150.0, -4380.0, 52.0, 5.1),
)

# Inns in the two towns, by the numbers of the triggers that a stock client has there.
INNS = ((562, "Alderhithe: the Copper Kettle"), (843, "Ochrestead: the Long Bench"))

# Heights of the ground where they are known; between them the nearer count more.
SURVEY = {
    0: (
        (-8949.95, -132.49, 83.53),
        (-8914.0, -60.0, 86.5),
        (-9048.0, -45.0, 88.3),
        (-8850.0, -230.0, 82.0),
        (-9130.0, -220.0, 71.0),
        (-9210.0, 90.0, 76.0),
        (-9380.0, -330.0, 61.0),
        (-9464.0, 62.0, 56.0),
        (-9456.0, 180.0, 55.5),
        (-9380.0, 90.0, 59.8),
        (-9600.0, 640.0, 37.5),
        (-9605.0, -1020.0, 39.5),
        (-9460.0, -1300.0, 41.0),
        (-9130.0, -1010.0, 71.5),
        (-9860.0, 210.0, 36.0),
        (-9800.0, -850.0, 40.0),
    ),
    1: (
        (-618.52, -4251.67, 38.72),
        (-600.0, -4190.0, 41.0),
        (-480.0, -4260.0, 48.0),
        (-700.0, -4330.0, 43.0),
        (-826.0, -4921.0, 19.6),
        (-420.0, -4850.0, 34.0),
        (311.0, -4735.0, 9.8),
        (270.0, -4690.0, 11.2),
        (380.0, -4800.0, 11.0),
        (-150.0, -4380.0, 52.0),
        (100.0, -4560.0, 46.0),
        (640.0, -4420.0, 17.0),
        (950.0, -4750.0, 20.0),
        (900.0, -4200.0, 12.0),
        (-1000.0, -4600.0, 26.0),
    ),
}


def height(map_: int, x: float, y: float) -> float:
    """The ground at a point, yards; a guess between the known points."""
    weights = total = 0.0
    for at_x, at_y, z in SURVEY[map_]:
        away = hypot(x - at_x, y - at_y)
        weight = 1.0 / (1.0 + away * away * away)
        weights += weight
        total += weight * z
    return round(total / weights, 2)


def unit(chance: Chance) -> float:
    """A number in [0, 1)."""
    return chance.u32() / 4294967296


def between(chance: Chance, low: float, high: float) -> float:
    """A number in [low, high)."""
    return low + unit(chance) * (high - low)


def pick(chance: Chance, cumulative: list[int]) -> int:
    """An index, by running totals of the weights."""
    wanted = chance.u32() % cumulative[-1]
    return next(i for i, up_to in enumerate(cumulative) if wanted < up_to)


def around(chance: Chance, x: float, y: float, near_yards: float, far_yards: float) -> tuple[float, float]:
    """A point in a ring."""
    angle = between(chance, 0.0, TURN)
    away = between(chance, near_yards, far_yards)
    return round(x + away * cos(angle), 2), round(y + away * sin(angle), 2)


def ring(
    x: float, y: float, radius_yards: float, points: int, turn: float = 0.0
) -> Iterator[tuple[float, float]]:
    """Points of a closed walk around a middle."""
    for n in range(points):
        angle = turn + TURN * n / points
        yield round(x + radius_yards * cos(angle), 2), round(y + radius_yards * sin(angle), 2)


def facing(x: float, y: float, to_x: float, to_y: float) -> float:
    """Where to look from one point to see another, radians from north, to 4 places."""
    return round(atan2(to_y - y, to_x - x) % TURN, 4)


def game_tele() -> list[GameTeleRow]:
    """Names for `.tele`."""
    return [GameTeleRow(p.id, p.x, p.y, p.z, p.facing, p.map, p.name) for p in PLACES]


def areatrigger_tavern() -> list[AreatriggerTavernRow]:
    """Where players rest."""
    return [AreatriggerTavernRow(id_, name) for id_, name in INNS]
