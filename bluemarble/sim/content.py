"""The world as its database has it: templates by entry, spawns by grid, paths, places with names."""

import hashlib
from collections.abc import Callable, Iterable
from math import isfinite
from operator import attrgetter
from typing import Any, NamedTuple

from bluemarble.rows.world_creatures import (
    CreatureAddonRow,
    CreatureClasslevelstatsRow,
    CreatureEquipTemplateRow,
    CreatureModelInfoRow,
    CreatureRow,
    CreatureTemplateAddonRow,
    CreatureTemplateModelRow,
    CreatureTemplateRow,
    WaypointDataRow,
)
from bluemarble.rows.world_gameobjects import GameobjectRow, GameobjectTemplateAddonRow, GameobjectTemplateRow
from bluemarble.rows.world_items import ItemTemplateRow
from bluemarble.rows.world_places import AreatriggerTavernRow, GameTeleRow
from bluemarble.rows.world_players import PlayerClasslevelstatsRow, PlayercreateinfoRow, PlayerXpForLevelRow
from bluemarble.sim.geometry import f32, grid_at, on_map

CREATURE, GAMEOBJECT = 0, 1
IDLE, WANDER, PATH = 0, 1, 2  # creature.MovementType
WANDER_LIMIT_YARDS = 200.0  # farther is a path's business


class Spawn:
    """
    Where and how one creature or game object stands: its spawn row, and nothing of its state.

    @ivar rotation: x, y, z, w of a game object.
    @ivar path: `waypoint_data.id`; 0 for none.
    """

    __slots__ = (
        "addon",
        "animprogress",
        "entry",
        "equipment",
        "facing",
        "flags",
        "guid",
        "kind",
        "motion",
        "npcflag",
        "path",
        "rotation",
        "state",
        "wander_yards",
        "x",
        "y",
        "z",
    )

    def __init__(self, kind: int, row: Any) -> None:
        self.kind = kind
        self.guid, self.entry = row.guid, row.id
        self.x, self.y, self.z = f32(row.position_x), f32(row.position_y), f32(row.position_z)
        self.facing = f32(row.orientation)
        self.motion = self.path = self.state = self.animprogress = 0
        self.equipment = self.npcflag = self.flags = 0
        self.wander_yards = 0.0
        self.addon: Any = None
        self.rotation: tuple[float, float, float, float] | None = None


class Point(NamedTuple):
    """A waypoint; a delay is ms to stand there."""

    x: float
    y: float
    z: float
    facing: float | None
    delay_ms: int
    run: bool


class Template(NamedTuple):
    """
    A creature template with what belongs to it.

    @ivar row: `creature_template`.
    @ivar models: (display id, scale), at least one when the database has any.
    @ivar addon: `creature_template_addon` or None.
    """

    row: Any
    models: tuple[tuple[int, float], ...]
    addon: Any


class Content:
    """
    Everything of the world database that the simulation uses; never changes.

    @param tables: rows of `bluemarble.rows` dataclasses, each an iterable, in any order; those that the
        simulation does not use are passed over.
    @ivar hash: sha256 of every row used, in table and key order: what a journal names its world by.
    @ivar maps: those with a spawn, a start or a named place.
    @ivar skipped: spawns and waypoints that are nowhere on a map, or of a kind that there is not.
    """

    def __init__(self, *tables: Iterable[Any]) -> None:
        self.creatures: dict[int, Template] = {}
        self.gameobjects: dict[int, Any] = {}
        self.items: dict[int, Any] = {}
        self.models: dict[int, Any] = {}
        self.levels: dict[tuple[int, int], Any] = {}
        self.paths: dict[int, tuple[Point, ...]] = {}
        self.places: list[Any] = []
        self.inns: dict[int, Any] = {}
        self.class_levels: dict[tuple[int, int], Any] = {}
        self.equipment: dict[tuple[int, int], Any] = {}
        self.gameobject_addons: dict[int, Any] = {}
        self.experience: dict[int, int] = {}
        self.skipped = 0
        self._spawns: dict[tuple[int, int], list[Spawn]] = {}
        maps: set[int] = set()
        kept: dict[type, list[Any]] = {table: [] for table in USED}
        for table in tables:
            for row in table:
                if (rows := kept.get(type(row))) is not None:
                    rows.append(row)
        digest = hashlib.sha256()
        for cls, (key, take) in USED.items():
            rows = sorted(kept.pop(cls), key=key)
            values = attrgetter(*cls.__slots__)
            digest.update(cls.__name__.encode())
            for row in rows:
                digest.update(repr(values(row)).encode())
            take(self, rows, maps)
        self.hash = digest.digest()
        self.maps = frozenset(maps)

    def spawns(self, map_: int, grid: int) -> list[Spawn]:
        """What stands in a grid of a map, in spawn order."""
        return self._spawns.get((map_, grid), [])

    def spawn_count(self) -> int:
        """How many spawns there are on all maps."""
        return sum(map(len, self._spawns.values()))

    def place(self, name: str) -> Any:
        """The `game_tele` row of that name, else the first by name that begins with it, else None."""
        wanted = name.lower()
        if not wanted:
            return None
        begun = [row for row in self.places if row.name.lower().startswith(wanted)]
        return next((row for row in begun if row.name.lower() == wanted), begun[0] if begun else None)

    def _take_templates(self, rows: list[Any], maps: set[int]) -> None:
        for row in rows:
            self.creatures[row.entry] = Template(row, (), None)

    def _take_models(self, rows: list[Any], maps: set[int]) -> None:
        for row in rows:
            if (found := self.creatures.get(row.CreatureID)) is not None:
                shown = (row.CreatureDisplayID, row.DisplayScale)
                self.creatures[row.CreatureID] = found._replace(models=(*found.models, shown))

    def _take_template_addons(self, rows: list[Any], maps: set[int]) -> None:
        for row in rows:
            if (found := self.creatures.get(row.entry)) is not None:
                self.creatures[row.entry] = found._replace(addon=row)

    def _take_creatures(self, rows: list[Any], maps: set[int]) -> None:
        for row in rows:
            if (template := self.creatures.get(row.id)) is None or not _stands(row):
                self.skipped += 1
                continue
            spawn = Spawn(CREATURE, row)
            spawn.motion = row.MovementType
            if 0.0 < row.wander_distance <= WANDER_LIMIT_YARDS:
                spawn.wander_yards = row.wander_distance
            spawn.equipment, spawn.npcflag, spawn.flags = row.equipment_id, row.npcflag, row.unit_flags
            if template.addon is not None:
                spawn.path = template.addon.path_id
            self._spawns.setdefault((row.map, grid_at(spawn.x, spawn.y)), []).append(spawn)
            maps.add(row.map)

    def _take_addons(self, rows: list[Any], maps: set[int]) -> None:
        by_guid = {row.guid: row for row in rows}
        if not by_guid:
            return
        for spawns in self._spawns.values():
            for spawn in spawns:
                if spawn.kind == CREATURE and (addon := by_guid.get(spawn.guid)) is not None:
                    spawn.addon = addon
                    spawn.path = addon.path_id or spawn.path

    def _take_gameobjects(self, rows: list[Any], maps: set[int]) -> None:
        for row in rows:
            if row.spawntimesecs < 0:
                continue  # not there until something summons it
            if row.id not in self.gameobjects or not _stands(row):
                self.skipped += 1
                continue
            spawn = Spawn(GAMEOBJECT, row)
            turned = (row.rotation0, row.rotation1, row.rotation2, row.rotation3)
            spawn.rotation = turned if all(map(isfinite, turned)) else (0.0, 0.0, 0.0, 1.0)
            spawn.state, spawn.animprogress = row.state, row.animprogress
            self._spawns.setdefault((row.map, grid_at(spawn.x, spawn.y)), []).append(spawn)
            maps.add(row.map)

    def _take_waypoints(self, rows: list[Any], maps: set[int]) -> None:
        paths: dict[int, list[Point]] = {}
        for row in rows:
            if not on_map(row.position_x, row.position_y, row.position_z, row.orientation or 0.0):
                self.skipped += 1
                continue
            paths.setdefault(row.id, []).append(
                Point(
                    row.position_x,
                    row.position_y,
                    row.position_z,
                    row.orientation,
                    row.delay,
                    row.move_type == 1,
                )
            )
        self.paths = {id_: tuple(points) for id_, points in paths.items()}

    def _take_places(self, rows: list[Any], maps: set[int]) -> None:
        self.places = rows
        maps.update(row.map for row in rows)

    def _take_starts(self, rows: list[Any], maps: set[int]) -> None:
        maps.update(row.map for row in rows)


def _stands(row: Any) -> bool:
    return on_map(row.position_x, row.position_y, row.position_z, row.orientation)


def _into(attribute: str, key: Callable[[Any], Any]) -> Callable[[Content, list[Any], set[int]], None]:
    def take(content: Content, rows: list[Any], maps: set[int]) -> None:
        getattr(content, attribute).update((key(row), row) for row in rows)

    return take


def _experience(content: Content, rows: list[Any], maps: set[int]) -> None:
    content.experience = {row.Level: row.Experience for row in rows}


# Row class: what its rows are ordered by, and where they go; a later one may need an earlier one's.
USED: dict[Any, tuple[Callable[[Any], Any], Callable[[Content, list[Any], set[int]], None]]] = {
    CreatureTemplateRow: (lambda r: r.entry, Content._take_templates),
    CreatureTemplateModelRow: (lambda r: (r.CreatureID, r.Idx), Content._take_models),
    CreatureTemplateAddonRow: (lambda r: r.entry, Content._take_template_addons),
    CreatureModelInfoRow: (lambda r: r.DisplayID, _into("models", lambda r: r.DisplayID)),
    CreatureEquipTemplateRow: (
        lambda r: (r.CreatureID, r.ID),
        _into("equipment", lambda r: (r.CreatureID, r.ID)),
    ),
    CreatureClasslevelstatsRow: (
        lambda r: (r.level, r.class_),
        _into("levels", lambda r: (r.level, r.class_)),
    ),
    CreatureRow: (lambda r: r.guid, Content._take_creatures),
    CreatureAddonRow: (lambda r: r.guid, Content._take_addons),
    GameobjectTemplateRow: (lambda r: r.entry, _into("gameobjects", lambda r: r.entry)),
    GameobjectTemplateAddonRow: (lambda r: r.entry, _into("gameobject_addons", lambda r: r.entry)),
    GameobjectRow: (lambda r: r.guid, Content._take_gameobjects),
    ItemTemplateRow: (lambda r: r.entry, _into("items", lambda r: r.entry)),
    WaypointDataRow: (lambda r: (r.id, r.point), Content._take_waypoints),
    GameTeleRow: (lambda r: (r.name.lower(), r.id), Content._take_places),
    AreatriggerTavernRow: (lambda r: r.id, _into("inns", lambda r: r.id)),
    PlayercreateinfoRow: (lambda r: (r.race, r.class_), Content._take_starts),
    PlayerClasslevelstatsRow: (
        lambda r: (r.class_, r.level),
        _into("class_levels", lambda r: (r.class_, r.level)),
    ),
    PlayerXpForLevelRow: (lambda r: r.Level, _experience),
}
