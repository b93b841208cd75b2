"""Creatures that walk about, near where they belong or along a path, while somebody watches."""

from math import sqrt
from typing import TYPE_CHECKING

from bluemarble.sim.content import IDLE, PATH, WANDER
from bluemarble.sim.entity import RUN, SPEEDS, WALK, Creature, Leg, Player
from bluemarble.sim.geometry import bearing, fine, on_map
from bluemarble.sim.timers import CREATURE
from opcodes.movement import Point
from opcodes.orders import MONSTER_MOVE_NORMAL, SMSG_MONSTER_MOVE, SPLINEFLAG_WALKMODE, Walk

if TYPE_CHECKING:
    from bluemarble.sim.zone import Zone

STEP_MS = 1_000  # how often a walker's place in the interest grid is brought up to date
PAUSE_MS, PAUSE_SPREAD_MS = 4_000, 6_000  # between two strolls.  Source: what players see on public servers
FIRST_SPREAD_MS = 4_000
SHORTEST_YARDS = 0.5
SLOWEST = 0.1  # yards a second, whatever its template says
LONGEST_LEG_MS = 600_000


def seen(zone: "Zone", creature: Creature) -> None:
    """Somebody begins to see the creature: it wakes up, and is put where its walk has brought it."""
    if creature.leg is not None:
        advance(zone, creature)
    elif not creature.due_ms and moves(zone, creature):
        wake(zone, creature, 50 + zone.chance.u32() % FIRST_SPREAD_MS)


def moves(zone: "Zone", creature: Creature) -> bool:
    """Whether it is one that walks about."""
    spawn = creature.spawn
    if spawn.motion == WANDER:
        return spawn.wander_yards >= SHORTEST_YARDS
    return spawn.motion == PATH and bool(zone.content.paths.get(spawn.path))


def move_due(zone: "Zone", guid: int, at_ms: int) -> None:
    """The creature's timer: go on, arrive, or set out again."""
    creature = zone.objects.get(guid)
    if not isinstance(creature, Creature) or creature.due_ms != at_ms:
        return
    creature.due_ms = 0
    watched = zone.steering.field is not None or bool(zone.sight.interest.watchers(creature.slot))
    pause_ms = 0
    if (leg := creature.leg) is not None:
        if watched and zone.now_ms < leg.until_ms:
            advance(zone, creature)
            wake(zone, creature, min(STEP_MS, leg.until_ms - zone.now_ms))
            return
        pause_ms = arrive(zone, creature, leg)
    if not watched:
        return  # the next who sees it wakes it
    if pause_ms:
        wake(zone, creature, pause_ms)
    else:
        set_out(zone, creature)


def wake(zone: "Zone", creature: Creature, after_ms: int) -> None:
    creature.due_ms = zone.timers.put(zone.now_ms + after_ms, CREATURE, creature.guid)


def advance(zone: "Zone", creature: Creature) -> None:
    """Put the creature where its walk has brought it by now."""
    leg = creature.leg
    assert leg is not None
    span_ms = leg.until_ms - leg.since_ms
    part = min(zone.now_ms - leg.since_ms, span_ms) / span_ms
    creature.x, creature.y, creature.z = (
        fine(a + (b - a) * part) for a, b in zip(leg.from_, leg.to, strict=True)
    )
    zone.sight.interest.put(creature.slot, creature.x, creature.y)  # the field takes it along by itself


def arrive(zone: "Zone", creature: Creature, leg: Leg) -> int:
    """
    The walk is over.

    @return: how long it stands there, ms; 0: it goes on at once.
    """
    creature.leg = None
    creature.x, creature.y, creature.z = leg.to
    creature.facing = bearing(leg.to[0] - leg.from_[0], leg.to[1] - leg.from_[1])
    zone.sight.put(creature)
    if creature.spawn.motion == WANDER:
        return PAUSE_MS + zone.chance.u32() % PAUSE_SPREAD_MS
    path = zone.content.paths[creature.spawn.path]
    point = path[creature.path_at % len(path)]
    creature.path_at = (creature.path_at + 1) % len(path)
    return point.delay_ms


def set_out(zone: "Zone", creature: Creature) -> None:
    """Begin the next walk, and show it to those who see the creature."""
    spawn = creature.spawn
    run = False
    if spawn.motion == WANDER:
        to = stroll(zone, creature)
    else:
        path = zone.content.paths[spawn.path]
        point = path[creature.path_at % len(path)]
        to, run = (fine(point.x), fine(point.y), fine(point.z)), point.run
    dx, dy, dz = to[0] - creature.x, to[1] - creature.y, to[2] - creature.z
    yards = sqrt(dx * dx + dy * dy + dz * dz)
    row = creature.template.row
    speed = SPEEDS[RUN] * row.speed_run if run else SPEEDS[WALK] * row.speed_walk
    speed = speed if speed >= SLOWEST else SLOWEST
    from_ = (creature.x, creature.y, creature.z)
    span_ms = min(max(int(yards / speed * 1000.0), 1), LONGEST_LEG_MS)
    leg = Leg(from_, to, zone.now_ms, zone.now_ms + span_ms)
    if yards < SHORTEST_YARDS:
        wake(zone, creature, max(arrive(zone, creature, leg), STEP_MS))
        return
    creature.leg = leg
    creature.spline_id += 1
    zone.send_nearby(creature, monster_move(creature, span_ms, run=run))
    zone.steering.walk(creature)
    wake(zone, creature, min(STEP_MS, span_ms))


def stroll(zone: "Zone", creature: Creature) -> tuple[float, float, float]:
    """A place within the creature's wander distance of its spawn, every one as likely."""
    spawn = creature.spawn
    while True:
        a = (zone.chance.u32() & 0xFFFF) / 32768.0 - 1.0
        b = (zone.chance.u32() & 0xFFFF) / 32768.0 - 1.0
        x, y = fine(spawn.x + a * spawn.wander_yards), fine(spawn.y + b * spawn.wander_yards)
        if a * a + b * b <= 1.0 and on_map(x, y, spawn.z, 0.0):  # three times in four
            return x, y, fine(spawn.z)


def show(zone: "Zone", player: Player, creature: Creature) -> None:
    """To one who has just begun to see a walking creature: the rest of its walk."""
    leg = creature.leg
    if leg is not None and leg.until_ms > zone.now_ms:
        zone.send(player, monster_move(creature, leg.until_ms - zone.now_ms, run=runs(zone, creature)))


def runs(zone: "Zone", creature: Creature) -> bool:
    """Whether the walk in progress is a run."""
    if creature.spawn.motion != PATH:
        return False
    path = zone.content.paths[creature.spawn.path]
    return path[creature.path_at % len(path)].run


def monster_move(creature: Creature, span_ms: int, *, run: bool) -> SMSG_MONSTER_MOVE:
    """The creature goes from where it is to the end of its leg."""
    assert creature.leg is not None
    x, y, z = creature.leg.to
    return SMSG_MONSTER_MOVE(
        guid=creature.guid,
        x=creature.x,
        y=creature.y,
        z=creature.z,
        spline_id=creature.spline_id,
        move_type=MONSTER_MOVE_NORMAL,
        walk=Walk(
            spline_flags=0 if run else SPLINEFLAG_WALKMODE,
            duration=span_ms,
            destination=Point(x=x, y=y, z=z),
            offsets=[],
        ),
    )


__all__ = ["IDLE", "move_due", "seen", "show"]
