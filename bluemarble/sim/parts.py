"""
The state in parts: what is compared after a tick when a journal is replayed.

The whole of it takes long once thousands play; so a running server has some of it compared each time, and
other things the next time: `some` costs the same however many there are, but for the fields, which hash
themselves.
"""

from collections.abc import Iterable, Iterator
from typing import NamedTuple

from bluemarble.sim.entity import Creature, Player
from bluemarble.sim.state import (
    creature_state,
    grid_state,
    player_state,
    timer_state,
    zone_head,
    zone_things,
)
from bluemarble.sim.world import World
from bluemarble.sim.zone import Zone
from opcodes.cluster import NMSG_SOCIETY, NMSG_WORLD, NMSG_ZONE, TravellerState
from opcodes.vocab import Packet

WORLD, SOCIETY, ZONE, FIELD = range(4)
NAMES = {WORLD: "the world's clock", SOCIETY: "the society", ZONE: "map {}", FIELD: "the field of map {}"}
RECORDS = NMSG_WORLD, NMSG_SOCIETY, NMSG_ZONE  # what parts are told in, but for a field
SHARE = 25  # slots of a zone, and members, that are compared at one time


class Part(NamedTuple):
    """
    A part of the state.

    @ivar kind: WORLD: time, zones, travellers; SOCIETY; ZONE; FIELD: what links steer and see of a zone.
    @ivar map: of a ZONE or FIELD.
    @ivar first, size: of a ZONE its slots, of the SOCIETY its members in their order; size 0: all of it.
    """

    kind: int
    map: int = 0
    first: int = 0
    size: int = 0


def whole(world: World, alone: int | None = None) -> list[Part]:
    """All parts there are, or those of one map's zone."""
    if alone is not None:
        return [Part(ZONE, alone), Part(FIELD, alone)]
    maps = sorted(world.zones)
    return [Part(WORLD), Part(SOCIETY), *(Part(kind, m) for m in maps for kind in (ZONE, FIELD))]


def some(world: World, turn: int, alone: int | None = None) -> list[Part]:
    """
    What is always compared, and the share of the rest whose turn it is.

    @param turn: counts up; after as many as there are shares everything has been in one.
    @param alone: of that map's zone.
    """
    if alone is not None:
        slots = 0 if alone not in world.zones else world.zones[alone].slot_count
        return [Part(FIELD, alone), Part(ZONE, alone, turn % (_shares(slots) or 1) * SHARE, SHARE)]
    parts = [Part(WORLD), *(Part(FIELD, m) for m in sorted(world.zones))]
    if members := _shares(len(world.society.members)):
        parts.append(Part(SOCIETY, 0, turn % members * SHARE, SHARE))
    shares = {m: _shares(zone.slot_count) for m, zone in sorted(world.zones.items())}
    turn %= sum(shares.values()) or 1
    for map_, count in shares.items():
        if turn < count:
            parts.append(Part(ZONE, map_, turn * SHARE, SHARE))
            break
        turn -= count
    return parts


def _shares(things: int) -> int:
    return (things + SHARE - 1) // SHARE


def contents(world: World, parts: Iterable[Part]) -> Iterator[tuple[Part, Packet | bytes]]:
    """
    Each part, as it now is.

    The records share the world's: encode them before the next step.  A part that is not there has none.
    """
    for part in parts:
        yield part, _content(world, Part(*part))


def _content(world: World, part: Part) -> Packet | bytes:
    zone = world.zones.get(part.map)
    if part.kind == WORLD:
        return _clock(world)
    if part.kind == SOCIETY:
        return world.society.part(part.first, part.size) if part.size else world.society.snapshot()
    if zone is None:
        return b""
    if part.kind == ZONE:
        return _slots(zone, part.first, part.size) if part.size else zone_things(zone)
    field = zone.steering.field
    return b"" if field is None or part.kind != FIELD else field.digest()


def _clock(world: World) -> NMSG_WORLD:
    return NMSG_WORLD(
        tick=world.tick,
        now_ms=world.now_ms,
        strain=world.strain,
        zones=[zone_head(zone) for _, zone in sorted(world.zones.items())],
        travellers=[TravellerState(session=s, travel=t) for s, t in sorted(world.travellers.items())],
        society=NMSG_SOCIETY(now_ms=world.society.now_ms, members=[], channels=[]),
    )


def _slots(zone: Zone, first: int, size: int) -> NMSG_ZONE:
    """Who and what moves in these slots; of the timers the next, for they follow from whom they are about."""
    state = zone_head(zone)
    for slot in range(first, first + size):
        entity = zone.entities.get(slot)
        if isinstance(entity, Player):
            state.players.append(player_state(zone, entity))
        elif isinstance(entity, Creature) and (creature := creature_state(entity)) is not None:
            state.creatures.append(creature)
    state.grids = [grid_state(grid, []) for grid in zone.grids.loaded.values()]
    state.timers = [timer_state(timer) for timer in zone.timers.heap[:1]]
    return state


def name(part: Part) -> str:
    """A part in words."""
    what = NAMES.get(part.kind, "a part of kind {}").format(part.map if part.kind in NAMES else part.kind)
    if not part.size:
        return what
    things = "members" if part.kind == SOCIETY else "slots"
    return f"{what}, {things} {part.first} to {part.first + part.size - 1}"
