"""A zone as records, and back: what a snapshot, a digest and a far teleport are made of."""

import heapq
from typing import TYPE_CHECKING

from bluemarble.sim.content import CREATURE
from bluemarble.sim.entity import Creature, Leg, Player
from bluemarble.sim.timers import GRID, Due
from opcodes.cluster import (
    NMSG_ZONE,
    CreatureState,
    GridState,
    PlayerState,
    TimerState,
)
from opcodes.movement import Movement, MovementInfo

if TYPE_CHECKING:
    from bluemarble.sim.grids import Grid
    from bluemarble.sim.zone import Zone

PLAIN = (
    "session",
    "slot",
    "gmlevel",
    "build",
    "server_time",
    "muted_until",
    "entered_ms",
    "played_ms",
    "moved_ms",
    "reach_ms",
    "reach_mm",
    "climb_mm",
    "fall_mm",
    "create_ms",
    "logout_ms",
    "linger_ms",
    "rest_ms",
    "save_ms",
    "sync_ms",
    "teleport_ms",
    "counter",
    "sync_count",
    "latency_ms",
    "selection",
    "area",
    "saving",
    "spoken_ms",
    "cid",
)
YES_OR_NO = ("rooted", "created", "looking", "wired")


def player_state(zone: "Zone", player: Player) -> PlayerState:
    """All of a player; its character has the place it is at."""
    who = player.character
    who.position_x, who.position_y, who.position_z, who.orientation = player.place()
    return PlayerState(
        **{name: getattr(player, name) for name in PLAIN},
        **{name: int(getattr(player, name)) for name in YES_OR_NO},
        account_data_times=player.account_data_times,
        tutorials=player.tutorials,
        moves=[] if player.movement is None else [movement_info(player.movement)],
        speeds=list(player.speeds),
        teleport=list(player.teleport or ()),
        rests_at=list(player.rests_at or ()),
        clock_known=int(player.offset_ms is not None),
        offset_ms=player.offset_ms or 0,
        fields=player.fields,
        seen=zone.sight.interest.seen(player.slot) if player.looking else [],
        character=who,
    )


def player_from(state: PlayerState, slot: int) -> Player:
    """A player as it was, in a slot; it is in no zone yet."""
    player = Player(state.session, slot, state.character, state.fields)
    for name in PLAIN:
        if name != "slot":
            setattr(player, name, getattr(state, name))
    for name in YES_OR_NO:
        setattr(player, name, bool(getattr(state, name)))
    player.account_data_times, player.tutorials = state.account_data_times, state.tutorials
    player.movement = state.moves[0] if state.moves else None
    player.speeds = tuple(state.speeds)
    if state.teleport:
        x, y, z, facing = state.teleport
        player.teleport = (x, y, z, facing)
    if state.rests_at:
        x, y, z = state.rests_at
        player.rests_at = (x, y, z)
    player.offset_ms = state.offset_ms if state.clock_known else None
    return player


def movement_info(said: Movement | MovementInfo) -> MovementInfo:
    """What a movement packet says, without whom it is about."""
    return MovementInfo(**{name: getattr(said, name) for name in MovementInfo.hints})


def zone_head(zone: "Zone") -> NMSG_ZONE:
    """A zone without what is in it."""
    return NMSG_ZONE(
        map=zone.map,
        now_ms=zone.now_ms,
        real_ms=zone.real_ms,
        epoch_s=zone.epoch_s,
        chance=zone.chance.state,
        timer_order=zone.timers.order,
        busy_order=zone.grids.busy_order,
    )


def zone_things(zone: "Zone") -> NMSG_ZONE:
    """All of a zone but its field, between two steps."""
    state = zone_head(zone)
    state.players = [player_state(zone, it) for it in zone.players.values()]
    state.grids = [grid_state(grid, grid.slots) for grid in zone.grids.loaded.values()]
    creatures = [creature_state(it) for _, it in sorted(zone.entities.items()) if isinstance(it, Creature)]
    state.creatures = [it for it in creatures if it is not None]
    state.timers = [timer_state(timer) for timer in sorted(zone.timers.heap)]
    return state


def zone_state(zone: "Zone") -> NMSG_ZONE:
    """All of a zone, between two steps."""
    state = zone_things(zone)
    if zone.steering.field is not None:
        state.field = zone.steering.field.save()
    return state


def restore_zone(zone: "Zone", state: NMSG_ZONE) -> None:
    """Make a new zone what the snapshot was of."""
    zone.now_ms, zone.epoch_s, zone.chance.state = state.now_ms, state.epoch_s, state.chance
    zone.real_ms = state.real_ms
    for saved in state.grids:
        zone.grids.restore(saved)
    for creature in state.creatures:
        _restore_creature(zone, creature)
    for it in state.players:
        player = player_from(it, it.slot)
        zone.add(player)
        zone.players[player.session] = player
        zone.grids.moved(player)
        if player.created:
            zone.sight.put(player)
    zone.take_slots()
    for it in state.players:
        if it.looking:
            player = zone.players[it.session]
            zone.sight.watch(player)
            zone.sight.interest.admit(player.slot, it.seen)
    timed = frozenset(timer.guid for timer in state.timers if timer.kind == GRID)
    zone.grids.restored(state.grids, state.busy_order, timed)
    zone.timers.heap = [Due(t.at_ms, t.order, t.kind, t.guid) for t in state.timers]
    heapq.heapify(zone.timers.heap)
    zone.timers.order = state.timer_order
    zone.steering.restore(state.field)


def grid_state(grid: "Grid", slots: list[int]) -> GridState:
    """A grid, with these slots."""
    return GridState(
        grid=grid.number, idle_ms=grid.idle_ms, leaving=int(grid.leaving), busy=grid.busy, slots=slots
    )


def timer_state(due: Due) -> TimerState:
    """An alarm."""
    return TimerState(at_ms=due.at_ms, order=due.order, kind=due.kind, guid=due.guid)


def creature_state(it: Creature) -> CreatureState | None:
    """What differs from a creature that has just been made, if anything does."""
    leg = it.leg
    if not (it.due_ms or leg or it.spline_id or it.path_at):
        return None
    return CreatureState(
        slot=it.slot,
        x=it.x,
        y=it.y,
        z=it.z,
        facing=it.facing,
        path_at=it.path_at,
        due_ms=it.due_ms,
        spline_id=it.spline_id,
        leg=[*leg.from_, *leg.to] if leg else [],
        since_ms=leg.since_ms if leg else 0,
        until_ms=leg.until_ms if leg else 0,
    )


def _restore_creature(zone: "Zone", saved: CreatureState) -> None:
    it = zone.entities[saved.slot]
    assert isinstance(it, Creature)
    assert it.spawn.kind == CREATURE
    it.x, it.y, it.z, it.facing = saved.x, saved.y, saved.z, saved.facing
    it.path_at, it.due_ms, it.spline_id = saved.path_at, saved.due_ms, saved.spline_id
    if saved.leg:
        a, b, c, x, y, z = saved.leg
        it.leg = Leg((a, b, c), (x, y, z), saved.since_ms, saved.until_ms)
    zone.sight.put(it)
