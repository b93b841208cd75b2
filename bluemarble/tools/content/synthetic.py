"""A world as dense as a real one, with nobody in it that matters: for measuring."""

from collections.abc import Iterator
from itertools import accumulate
from typing import Any

from bluemarble.rows.world_creatures import CreatureAddonRow, CreatureRow, WaypointDataRow
from bluemarble.rows.world_gameobjects import GameobjectRow
from bluemarble.sim.chance import Chance
from bluemarble.tools.content.kinds import GREEN_WILD, RED_WILD, THINGS
from bluemarble.tools.content.places import TURN, between, pick, ring, unit
from bluemarble.tools.content.sql import replace

SEED = 120_000
GRID_YARDS, CELLS_A_GRID = 533.33333, 8
CELL_YARDS = GRID_YARDS / CELLS_A_GRID

# How many objects a used cell holds, and how often, of 42 666.
# Source: four big maps of public worlds, cells of 66.7 yards.
OCCUPANCY = (
    (1, 1, 12792),
    (2, 3, 16007),
    (4, 5, 6241),
    (6, 10, 4892),
    (11, 20, 1862),
    (21, 40, 569),
    (41, 80, 203),
)
# A city: the middle cell of each holds 343 objects, its neighbours less and less.
CITIES = {0: ((49, 31), (34, 28), (41, 36)), 1: ((28, 40), (22, 36), (40, 28))}
CITY_CELLS = (
    (0, 0, 343),
    (1, 0, 190),
    (0, 1, 170),
    (-1, 0, 150),
    (0, -1, 130),
    (1, 1, 110),
    (-1, 1, 95),
    (1, -1, 85),
)
# Grids that are used at all: 338 and 504, as many as on the real maps.
GRIDS = {0: (24, 50, 26, 39), 1: (18, 46, 24, 42)}
CREATURES_IN_100, WANDER_IN_100, PATROL_IN_100 = 55, 33, 8


def statements(count: int) -> Iterator[str]:
    """SQL that replaces all spawns of a world database by `count` synthetic ones, on maps 0 and 1."""
    yield f"-- {count} synthetic spawns, made by bluemarble.tools.make_content.\n"
    for table in ("creature_addon", "waypoint_data", "creature", "gameobject"):
        yield f"DELETE FROM `{table}`;\n"
    batch: dict[type[Any], list[Any]] = {}
    for row in rows(count):
        some = batch.setdefault(type(row), [])
        some.append(row)
        if len(some) == 1000:
            yield from replace(some)
            some.clear()
    for some in batch.values():
        if some:
            yield from replace(some)


def rows(count: int) -> Iterator[Any]:
    """The rows, cell by cell: cities first, then country until there are enough."""
    chance = Chance(SEED)
    creatures = things = 0
    for map_, cell_x, cell_y, held in cells(chance):
        for _ in range(min(held, count - creatures - things)):
            x = round((32 * CELLS_A_GRID - cell_x - unit(chance)) * CELL_YARDS, 2)
            y = round((32 * CELLS_A_GRID - cell_y - unit(chance)) * CELL_YARDS, 2)
            z = round(between(chance, 20.0, 90.0), 2)
            look = round(between(chance, 0.0, TURN), 4)
            if chance.u32() % 100 < CREATURES_IN_100:
                creatures += 1
                yield from creature(chance, creatures, map_, x, y, z, look)
            else:
                things += 1
                kind = THINGS[chance.u32() % len(THINGS)]
                yield GameobjectRow(
                    guid=things, id=kind.entry, map=map_, position_x=x, position_y=y, position_z=z,
                    orientation=look, rotation3=1.0, spawntimesecs=300, animprogress=100, state=1,
                )  # fmt: skip
        if creatures + things >= count:
            return


def creature(
    chance: Chance, guid: int, map_: int, x: float, y: float, z: float, look: float
) -> Iterator[CreatureRow | CreatureAddonRow | WaypointDataRow]:
    """A spawn, with a path if it is one that walks."""
    wild = RED_WILD if map_ else GREEN_WILD
    how = chance.u32() % 100
    moves = 2 if how < PATROL_IN_100 else 1 if how < PATROL_IN_100 + WANDER_IN_100 else 0
    kind = wild[chance.u32() % len(wild)]
    yield CreatureRow(
        guid=guid, id=kind.entry, map=map_, position_x=x, position_y=y, position_z=z, orientation=look,
        spawntimesecs=300, wander_distance=8.0 if moves == 1 else 0.0, MovementType=moves,
    )  # fmt: skip
    if moves == 2:
        yield CreatureAddonRow(guid=guid, path_id=guid * 10)
        for n, (at_x, at_y) in enumerate(ring(x, y, 15.0, 5), 1):
            yield WaypointDataRow(guid * 10, n, at_x, at_y, z)


def cells(chance: Chance) -> Iterator[tuple[int, int, int, int]]:
    """Map, cell and how much stands there; no cell twice, until nine in ten are used."""
    used: set[tuple[int, int, int]] = set()
    for map_, cities in CITIES.items():
        for grid_x, grid_y in cities:
            for dx, dy, held in CITY_CELLS:
                cell = (map_, grid_x * CELLS_A_GRID + 3 + dx, grid_y * CELLS_A_GRID + 3 + dy)
                used.add(cell)
                yield *cell, held
    free = sum((b - a) * (d - c) for a, b, c, d in GRIDS.values()) * CELLS_A_GRID**2
    weights = list(accumulate(often for *_, often in OCCUPANCY))
    while len(used) < free * 9 // 10:
        map_ = chance.u32() % 2
        low_x, high_x, low_y, high_y = (edge * CELLS_A_GRID for edge in GRIDS[map_])
        cell = (map_, low_x + chance.u32() % (high_x - low_x), low_y + chance.u32() % (high_y - low_y))
        low, high, _ = OCCUPANCY[pick(chance, weights)]
        if cell not in used:
            used.add(cell)
            yield *cell, low + chance.u32() % (high - low + 1)
