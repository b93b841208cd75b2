"""What a replay's report is made of: how much of what there was when, and who went where."""

from collections import Counter
from collections.abc import Iterable
from math import isfinite
from typing import NamedTuple

from bluemarble.sim.effects import Effect, Send
from bluemarble.sim.rules import TICK_MS
from bluemarble.sim.world import World
from bluemarble.tools.replay.cast import Cast
from bluemarble.tools.replay.fields import MOVE
from bluemarble.tools.replay.running import Watch
from bluemarble.tools.replay.stage import fault
from bluemarble.wire import journal
from opcodes.links import NMSG_MOVES

SECOND_TICKS = 1000 // TICK_MS
PLACES_LIMIT = 100_000  # of all ways together; beyond, each second place of every way is forgotten
FAULTS_LIMIT = 100
STRIDE_YARDS = 1.0  # less is no step


class Second(NamedTuple):
    """One second of the world: its first tick, and how many there were."""

    tick: int
    inputs: int
    sends: int
    players: int
    faults: int


class Place(NamedTuple):
    """Where somebody was."""

    tick: int
    x: float
    y: float


class Watching(Watch):
    """
    @ivar cast: everyone.
    @ivar seconds: in order.
    @ivar inputs, sends: how many packets of each name came, and went out, each recipient counted.
    @ivar ways: (map, guid) to places, in order.
    @ivar faults: tick, and what was raised; the first FAULTS_LIMIT.
    @ivar by: guid to how many inputs.
    """

    def __init__(self) -> None:
        self.cast = Cast()
        self.seconds: list[Second] = []
        self.inputs: Counter[str] = Counter()
        self.sends: Counter[str] = Counter()
        self.by: Counter[int] = Counter()
        self.ways: dict[tuple[int, int], list[Place]] = {}
        self.faults: list[tuple[int, str]] = []
        self._came: Counter[int] = Counter()
        self._kept = 0
        self._every = SECOND_TICKS
        self._tick = self._sum_inputs = self._sum_sends = self._sum_faults = 0

    def began(self, world: World) -> None:
        """Who is there already."""
        self._tick = world.tick
        for zone in world.zones.values():
            for session, player in zone.players.items():
                self.cast.meet(session, player.character)
                if player.cid:
                    self.cast.links[player.cid] = session

    def came(self, record: journal.Tick) -> None:
        """Counted now, for handlers change packets; in the second in which they are taken."""
        for session, packet in record.inputs:
            self.cast.hear(session, packet)
            self.inputs[type(packet).__name__] += 1
            if isinstance(packet, NMSG_MOVES):
                self._came[record.tick] += len(packet.moves) // MOVE.size
                for at in range(0, len(packet.moves) - MOVE.size + 1, MOVE.size):
                    cid = int.from_bytes(packet.moves[at : at + 4], "little")
                    self.by[self.cast.guids.get(self.cast.links.get(cid, 0), 0)] += 1
            else:
                self._came[record.tick] += 1
                self.by[self.cast.guids.get(session, 0)] += 1

    def stepped(self, world: World, effects: Iterable[Effect]) -> None:
        """What was said, and, now and then, where everyone is."""
        self._sum_inputs += self._came.pop(world.tick, 0)
        for effect in effects:
            if isinstance(effect, Send):
                self._sum_sends += len(effect.to)
                self.sends[type(effect.packet).__name__] += len(effect.to)
        for it in world.faults[: FAULTS_LIMIT - len(self.faults)]:
            self.faults.append((world.tick, fault(it.error, type(it.packet).__name__)))
        self._sum_faults += len(world.faults)
        if world.tick % SECOND_TICKS == 0:
            self._second(world)
        if world.tick % self._every == 0:
            self._look(world)

    def end(self, world: World) -> None:
        """The last second, which may be a short one."""
        if world.tick > self._tick:
            self._second(world)
            self._look(world)

    def _second(self, world: World) -> None:
        players = sum(len(zone.players) for zone in world.zones.values()) + len(world.travellers)
        sums = self._sum_inputs, self._sum_sends, players, self._sum_faults
        self.seconds.append(Second(self._tick, *sums))
        self._tick, self._sum_inputs, self._sum_sends, self._sum_faults = world.tick, 0, 0, 0

    def _look(self, world: World) -> None:
        for map_, zone in world.zones.items():
            for player in zone.players.values():
                x, y, *_ = player.place()
                if not (isfinite(x) and isfinite(y)):
                    continue
                way = self.ways.setdefault((map_, player.guid), [])
                if not way or abs(x - way[-1].x) + abs(y - way[-1].y) >= STRIDE_YARDS:
                    way.append(Place(world.tick, x, y))
                    self._kept += 1
        if self._kept > PLACES_LIMIT:
            self._every *= 2
            for way in self.ways.values():
                del way[1:-1:2]
            self._kept = sum(map(len, self.ways.values()))
