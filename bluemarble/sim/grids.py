"""Which parts of the map exist: grids are loaded near players and unloaded when nobody comes any more."""

from typing import TYPE_CHECKING

from bluemarble.sim import motion
from bluemarble.sim.content import CREATURE, Spawn
from bluemarble.sim.entity import NOWHERE, Creature, Entity, GameObject, Player
from bluemarble.sim.fields import creature_fields, gameobject_fields
from bluemarble.sim.geometry import grids_near, same_grids
from bluemarble.sim.timers import GRID
from opcodes.cluster import GridState

if TYPE_CHECKING:
    from bluemarble.sim.zone import Zone

UDP_MORE_YARDS = 1.0


class Grid:
    """
    A grid that is loaded, or becoming so, or ceasing to be.

    @ivar slots: what has been made of its spawns so far, in spawn order.
    @ivar wanted: how many players are near.
    @ivar idle_ms: since when nobody is; 0 while somebody is.
    @ivar leaving: it is being unloaded.
    @ivar busy: its turn among those being loaded or unloaded; 0 when it is neither.
    @ivar timed: a timer will look whether it is to be unloaded; one is enough, however often players come
        and go.
    """

    __slots__ = ("busy", "idle_ms", "leaving", "number", "slots", "timed", "wanted")

    def __init__(self, number: int) -> None:
        self.number = number
        self.slots: list[int] = []
        self.wanted = 0
        self.idle_ms = 0
        self.leaving = self.timed = False
        self.busy = 0


class Grids:
    """The loaded grids of a zone; loading and unloading spend a budget of objects a tick, never of time."""

    def __init__(self, zone: "Zone") -> None:
        self.zone = zone
        self.reach_yards = zone.rules.sight_yards + zone.rules.grid_margin_yards
        self.udp_reach_yards = zone.rules.udp_sight_yards + zone.rules.grid_margin_yards
        self.loaded: dict[int, Grid] = {}
        self.busy: list[Grid] = []
        self.busy_order = 0

    def moved(self, player: Player) -> None:
        """Want the grids around where the player now is, and no others."""
        left, right, bottom, top = player.wants_within
        x, y, _, _ = player.place()
        if left < x < right and bottom < y < top:
            return
        reach_yards = self.reach_yards
        if player.field is not None:  # it tells when one comes so near: here that counts as nearer than that
            reach_yards = self.udp_reach_yards + UDP_MORE_YARDS
        wants = grids_near(x, y, reach_yards)
        player.wants_within = same_grids(x, y, reach_yards)
        if wants == player.wants:
            return
        before, player.wants = player.wants, wants
        for number in wants:
            if number not in before:
                self._want(number)
        for number in before:
            if number not in wants:
                self._release(number)

    def left(self, player: Player) -> None:
        """The player wants none any more."""
        for number in player.wants:
            self._release(number)
        player.wants = ()
        player.wants_within = NOWHERE

    def step(self) -> None:
        """Go on loading and unloading, those first that were wanted first."""
        budget = self.zone.rules.grid_objects_per_tick
        while self.busy and budget > 0:
            grid = self.busy[0]
            budget -= self._unload(grid, budget) if grid.leaving else self._load(grid, budget)
            if grid.leaving:
                done = not grid.slots
            else:
                done = len(grid.slots) == len(self.zone.content.spawns(self.zone.map, grid.number))
            if not done:
                return
            grid.busy = 0
            self.busy.pop(0)
            if grid.leaving:
                del self.loaded[grid.number]

    def restore(self, saved: GridState) -> None:
        """Make what a snapshot's grid had made."""
        grid = self.loaded[saved.grid] = Grid(saved.grid)
        grid.slots, grid.idle_ms, grid.leaving, grid.busy = (
            list(saved.slots),
            saved.idle_ms,
            bool(saved.leaving),
            saved.busy,
        )
        for spawn, slot in zip(self.zone.content.spawns(self.zone.map, saved.grid), grid.slots, strict=False):
            entity = made(self.zone, spawn, slot)
            self.zone.add(entity)
            self.zone.sight.put(entity)

    def restored(self, states: list[GridState], busy_order: int, timed: frozenset[int]) -> None:
        """
        After the players are back and want their grids: only what the snapshot says is under way is.

        @param timed: the grids that a timer is set for.
        """
        for saved in states:
            grid = self.loaded[saved.grid]
            grid.timed = saved.grid in timed
            grid.leaving, grid.busy, grid.idle_ms = bool(saved.leaving), saved.busy, saved.idle_ms
        self.busy = sorted((grid for grid in self.loaded.values() if grid.busy), key=lambda grid: grid.busy)
        self.busy_order = busy_order

    def _want(self, number: int) -> None:
        grid = self.loaded.get(number)
        if grid is None:
            if not self.zone.content.spawns(self.zone.map, number):
                return  # nothing will ever stand there
            grid = self.loaded[number] = Grid(number)
            self._begin(grid)
        grid.wanted += 1
        grid.idle_ms = 0
        grid.leaving = False  # half unloaded: its turn now makes the rest again

    def _release(self, number: int) -> None:
        if (grid := self.loaded.get(number)) is None:
            return
        grid.wanted -= 1
        if grid.wanted == 0:
            grid.idle_ms = self.zone.now_ms
            if not grid.timed:
                self._time(grid, grid.idle_ms + self.zone.rules.grid_unload_ms)

    def _time(self, grid: Grid, at_ms: int) -> None:
        grid.timed = True
        self.zone.timers.put(at_ms, GRID, grid.number)

    def _begin(self, grid: Grid) -> None:
        self.busy_order += 1
        grid.busy = self.busy_order
        self.busy.append(grid)

    @staticmethod
    def unload_due(zone: "Zone", number: int, at_ms: int) -> None:
        """Unload a grid that has been idle all the while, unless one of its own is still in sight."""
        grid = zone.grids.loaded.get(number)
        if grid is None:
            return
        grid.timed = False
        if grid.wanted or grid.leaving:
            return
        due_ms = grid.idle_ms + zone.rules.grid_unload_ms
        if due_ms > at_ms:  # wanted in between
            zone.grids._time(grid, due_ms)
            return
        if any(zone.sight.interest.watchers(slot) for slot in grid.slots):
            zone.grids._time(grid, at_ms + max(zone.rules.grid_unload_ms // 10, 50))
            return
        grid.leaving = True
        if not grid.busy:
            zone.grids._begin(grid)

    def _load(self, grid: Grid, budget: int) -> int:
        zone = self.zone
        begin = len(grid.slots)
        spawns = zone.content.spawns(zone.map, grid.number)[begin : begin + budget]
        for spawn in spawns:
            entity = made(zone, spawn, zone.slot())
            zone.add(entity)
            zone.sight.put(entity)
            grid.slots.append(entity.slot)
            if zone.steering.field is not None and isinstance(entity, Creature):
                motion.seen(zone, entity)
        return len(spawns)

    def _unload(self, grid: Grid, budget: int) -> int:
        gone = min(budget, len(grid.slots))
        for _ in range(gone):
            self.zone.remove(self.zone.entities[grid.slots.pop()])
        return gone


def made(zone: "Zone", spawn: Spawn, slot: int) -> Entity:
    """What a spawn says stands there, in a slot."""
    if spawn.kind == CREATURE:
        template = zone.content.creatures[spawn.entry]
        return Creature(slot, spawn, template, creature_fields(zone.content, spawn, template))
    return GameObject(slot, spawn, gameobject_fields(zone.content, spawn))
