"""Where everything stands: two starts, two towns, two wildernesses."""

from dataclasses import dataclass, field
from itertools import accumulate
from math import cos, hypot, sin

from bluemarble.rows.world_creatures import CreatureAddonRow, CreatureRow, WaypointDataRow
from bluemarble.rows.world_gameobjects import GameobjectRow
from bluemarble.sim.chance import Chance
from bluemarble.tools.content.kinds import (
    ALDERHITHE,
    ANVIL,
    BARREL,
    BEAST,
    BLOSSOM,
    BONFIRE,
    COFFER,
    COOKFIRE,
    CRATE,
    CRITTER,
    GRAVE,
    GREEN_WILD,
    JUG,
    LEAF,
    LETTERBOX,
    NOTICES,
    OCHRESTEAD,
    ORE,
    POST,
    RED_WILD,
    SIGN,
    Kind,
    Thing,
)
from bluemarble.tools.content.places import (
    ALLIANCE,
    HORDE,
    PLACES,
    TURN,
    Land,
    around,
    between,
    facing,
    height,
    pick,
    ring,
    unit,
)

IDLE, WANDER, PATROL = 0, 1, 2
SHEATH_MELEE = 1
WILD_PACKS = 460
WILD_THINGS = 380
CLEAR_YARDS = 75.0


@dataclass
class Spawns:
    """What has been placed so far; guids count from 1."""

    creatures: list[CreatureRow] = field(default_factory=list)
    addons: list[CreatureAddonRow] = field(default_factory=list)
    waypoints: list[WaypointDataRow] = field(default_factory=list)
    things: list[GameobjectRow] = field(default_factory=list)

    def creature(
        self, land: Land, kind: Kind, x: float, y: float, look: float, **columns: float
    ) -> CreatureRow:
        """Stand one of a kind somewhere, on the ground."""
        row = CreatureRow(
            guid=len(self.creatures) + 1,
            id=kind.entry,
            map=land.map,
            zoneId=land.zone,
            equipment_id=1 if any(kind.gear) else 0,
            position_x=x,
            position_y=y,
            position_z=height(land.map, x, y),
            orientation=round(look % TURN, 4),
            spawntimesecs=300,
        )
        for column, value in columns.items():
            setattr(row, column, value)
        self.creatures.append(row)
        return row

    def patrol(self, row: CreatureRow, path: list[tuple[float, float]], pause_ms: int = 0) -> None:
        """Send a creature round a path, at a walk."""
        row.MovementType = PATROL
        path_id = row.guid * 10
        self.addons.append(CreatureAddonRow(guid=row.guid, path_id=path_id, bytes2=SHEATH_MELEE))
        for n, (x, y) in enumerate(path, 1):
            delay = pause_ms if n == len(path) else 0
            self.waypoints.append(WaypointDataRow(path_id, n, x, y, height(row.map, x, y), None, delay))

    def thing(self, land: Land, kind: Thing, x: float, y: float, look: float) -> None:
        """Put a game object somewhere, on the ground, upright."""
        turn = round(look % TURN, 4)
        self.things.append(
            GameobjectRow(
                guid=len(self.things) + 1,
                id=kind.entry,
                map=land.map,
                zoneId=land.zone,
                position_x=x,
                position_y=y,
                position_z=height(land.map, x, y),
                orientation=turn,
                rotation2=round(sin(turn / 2), 5),
                rotation3=round(cos(turn / 2), 5),
                spawntimesecs=300,
                animprogress=100,
                state=1,
            )
        )


def spawns() -> Spawns:
    """Both sides' lands."""
    made = Spawns()
    for land, folk, wild, seed in (
        (ALLIANCE, ALDERHITHE, GREEN_WILD, 0xA1DE),
        (HORDE, OCHRESTEAD, RED_WILD, 0x0C4E),
    ):
        chance = Chance(seed)
        start(made, chance, land, folk)
        town(made, chance, land, folk)
        posts(made, chance, land, folk)
        wilderness(made, chance, land, wild)
    return made


def start(made: Spawns, chance: Chance, land: Land, folk: tuple[Kind, ...]) -> None:
    """A camp around the spot where new characters appear, open towards where they look."""
    x, y = land.start.x, land.start.y
    watch, hen = folk[1], folk[22]
    for n, kind in enumerate(folk[18:21]):
        at_x, at_y = round(x + 9.0 + n, 2), round(y - 5.0 + 5.0 * n, 2)
        made.creature(land, kind, at_x, at_y, facing(at_x, at_y, x, y))
    for at_x, at_y in ring(x, y, 30.0, 4, turn=0.6):
        made.creature(land, watch, at_x, at_y, facing(x, y, at_x, at_y))
    guard = made.creature(land, watch, *around(chance, x, y, 40.0, 41.0), 0.0)
    made.patrol(guard, list(ring(x, y, 40.0, 8)), pause_ms=5000)
    for _ in range(6):
        at = around(chance, x, y, 12.0, 26.0)
        made.creature(land, hen, *at, between(chance, 0, TURN), MovementType=WANDER, wander_distance=5.0)
    made.thing(land, BONFIRE, round(x + 14.0, 2), round(y + 8.0, 2), 0.0)
    for n, thing in enumerate((CRATE, BARREL, CRATE, JUG, SIGN, LETTERBOX)):
        made.thing(land, thing, round(x + 12.0, 2), round(y - 12.0 + 2.5 * n, 2), 3.1)


def town(made: Spawns, chance: Chance, land: Land, folk: tuple[Kind, ...]) -> None:
    """A square around a fire: traders inside, the watch outside, folk and beasts between."""
    x, y = land.town.x, land.town.y
    named = [folk[n] for n in (2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 16, 17)]
    for kind, (at_x, at_y) in zip(named, ring(x, y, 19.0, len(named)), strict=True):
        made.creature(land, kind, at_x, at_y, facing(at_x, at_y, x, y))
    for at_x, at_y in ring(x, y, 46.0, 8, turn=0.3):
        made.creature(land, folk[0], at_x, at_y, facing(x, y, at_x, at_y))
    for radius_yards, points, first in ((52.0, 10, 0), (33.0, 8, 3)):
        path = list(ring(x, y, radius_yards, points))
        path = path[first:] + path[:first]
        made.patrol(made.creature(land, folk[0], *path[-1], 0.0), path, pause_ms=8000)
    for kind, count, reach_yards in (
        (folk[14], 6, 8.0),
        (folk[15], 6, 6.0),
        (folk[22], 7, 5.0),
        (folk[23], 4, 5.0),
    ):
        for _ in range(count):
            at = around(chance, x, y, 12.0, 42.0)
            made.creature(
                land, kind, *at, between(chance, 0, TURN), MovementType=WANDER, wander_distance=reach_yards
            )
    for at in ring(x, y, 27.0, 3, turn=1.1):
        made.creature(land, folk[21], *at, between(chance, 0, TURN))
    made.thing(land, BONFIRE, x, y, 0.0)
    for thing, count, low, high in (
        (BARREL, 8, 21.0, 26.0),
        (CRATE, 9, 21.0, 26.0),
        (JUG, 6, 18.0, 24.0),
        (COFFER, 2, 22.0, 24.0),
        (COOKFIRE, 4, 28.0, 40.0),
        (SIGN, 3, 44.0, 48.0),
        (NOTICES, 2, 9.0, 11.0),
        (LETTERBOX, 2, 10.0, 12.0),
        (ANVIL, 1, 16.0, 17.0),
    ):
        for _ in range(count):
            made.thing(land, thing, *around(chance, x, y, low, high), between(chance, 0, TURN))


def posts(made: Spawns, chance: Chance, land: Land, folk: tuple[Kind, ...]) -> None:
    """At each of the land's other places a fire, a sign and two of the watch, one walking."""
    for place in PLACES:
        if place.map != land.map or place in (land.start, land.town):
            continue
        made.thing(land, COOKFIRE, place.x, place.y, 0.0)
        made.thing(land, POST, *around(chance, place.x, place.y, 5.0, 7.0), place.facing)
        made.creature(land, folk[1], *around(chance, place.x, place.y, 4.0, 5.0), place.facing)
        path = list(ring(place.x, place.y, 22.0, 6, turn=place.facing))
        made.patrol(made.creature(land, folk[1], *path[-1], 0.0), path, pause_ms=6000)


def wilderness(made: Spawns, chance: Chance, land: Land, kinds: tuple[Kind, ...]) -> None:
    """Packs of beasts and folk, the stronger the farther from where new characters appear."""
    far = hypot(land.high_x - land.low_x, land.high_y - land.low_y) / 2
    for _ in range(WILD_PACKS):
        x, y = open_ground(chance, land)
        level = 1 + min(9, int(10 * hypot(x - land.start.x, y - land.start.y) / far))
        fitting = [kind for kind in kinds if kind.low <= level + 1 and kind.high >= level - 1]
        kind = fitting[pick(chance, list(accumulate(1 for _ in fitting)))]
        pack(made, chance, land, kind, x, y)
    for _ in range(WILD_THINGS):
        thing = (LEAF, BLOSSOM, ORE, LEAF, BLOSSOM, BARREL, GRAVE, COFFER)[pick(chance, [*range(3, 11)])]
        made.thing(land, thing, *open_ground(chance, land), between(chance, 0, TURN))


def pack(made: Spawns, chance: Chance, land: Land, kind: Kind, x: float, y: float) -> None:
    """One to six of a kind: half stand, a third wander, some walk a round."""
    for n in range(1 + chance.u32() % 6):
        at = around(chance, x, y, 3.0 * n, 6.0 + 4.0 * n)
        row = made.creature(land, kind, *at, between(chance, 0, TURN))
        how = unit(chance)
        if kind.type == CRITTER or how < 0.4:
            row.MovementType, row.wander_distance = WANDER, 6.0 if kind.type == CRITTER else 10.0
        elif how < 0.5:
            made.patrol(
                row, list(ring(x, y, 14.0 if kind.type == BEAST else 18.0, 5, turn=unit(chance) * TURN))
            )


def open_ground(chance: Chance, land: Land) -> tuple[float, float]:
    """A point of the land away from its start and town."""
    while True:
        x = round(between(chance, land.low_x, land.high_x), 2)
        y = round(between(chance, land.low_y, land.high_y), 2)
        if all(hypot(x - p.x, y - p.y) > CLEAR_YARDS for p in (land.start, land.town)):
            return x, y
