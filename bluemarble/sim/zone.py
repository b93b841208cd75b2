"""One map: what stands on it, and what an input and 50 ms of time do to it."""

import heapq
from collections.abc import Callable, Iterable
from typing import Any

from bluemarble.sim import burst, motion, presence, resting, saving, steering, travel
from bluemarble.sim.chance import Chance
from bluemarble.sim.content import Content
from bluemarble.sim.effects import SOCIETY, Count, Effect, Input, Send, Tell
from bluemarble.sim.entity import Entity, Player
from bluemarble.sim.grids import Grids
from bluemarble.sim.handling import Fault, Tables
from bluemarble.sim.rules import TICK_MS, Rules
from bluemarble.sim.sight import Sight
from bluemarble.sim.steering import Steering
from bluemarble.sim.strain import tick_ms
from bluemarble.sim.timers import CREATE, CREATURE, GRID, LINGER, LOGOUT, REST, SAVE, SYNC, TELEPORT, Timers
from opcodes.cluster import NMSG_ENTER_WORLD, NMSG_SHUTDOWN, NMSG_TAKE_OVER, NMSG_TRAVEL
from opcodes.links import NMSG_MOVES, NMSG_STRAIN
from opcodes.vocab import Packet

__all__ = ["Player", "Zone"]


class Zone:
    """
    A map with its players and what is loaded of it; what it does is a function of its state and inputs.

    @ivar players: by session.
    @ivar entities: by slot.
    @ivar objects: the same by guid.
    @ivar now_ms: how long it has been; @ivar real_ms: the same outside, where ticks take longer while
        they are stretched: what movers may spend comes with that.
    @ivar epoch_s: unix time minus zone time, in whole seconds, from the last login.
    @ivar strain: how much is left undone to keep up, as the server last said.
    @ivar threads: how many may find out who sees whom; no part of the state.
    @ivar slot_count: one more than the greatest slot in use; those that are free are below.
    @ivar strays: inputs of sessions that are not here, for the World to look after.
    @ivar faults: what handlers raised since the server last looked; no part of the state.
    """

    def __init__(self, map_: int, content: Content, rules: Rules, seed: int, tables: Tables) -> None:
        self.map = map_
        self.content = content
        self.rules = rules
        self.tables = tables
        self.now_ms = self.real_ms = 0
        self.epoch_s = 0
        self.chance = Chance(seed * 0x9E3779B97F4A7C15 + map_ & 0xFFFF_FFFF_FFFF_FFFF)
        self.players: dict[int, Player] = {}
        self.entities: dict[int, Entity] = {}
        self.objects: dict[int, Entity] = {}
        self.timers = Timers()
        self.sight = Sight(self)
        self.steering = Steering(self)
        self.strain = 0
        self.threads = 1
        self.grids = Grids(self)
        self.strays: list[Input] = []
        self.faults: list[Fault] = []
        self._free: list[int] = []
        self.slot_count = 0
        self._effects: list[Effect] = []
        self._counts: dict[str, int] = {}

    def step(self, inputs: Iterable[Input] = ()) -> list[Effect]:
        """Advance one tick: every input in order, then what time brings, then who sees what of it."""
        self.now_ms += TICK_MS
        self.real_ms += tick_ms(self.strain)
        for session, packet in inputs:
            self._take(session, packet)
        for due in self.timers.due(self.now_ms):
            WAKES[due.kind](self, due.guid, due.at_ms)
        self.grids.step()
        self.steering.step()
        self.sight.step()
        return self._flush()

    def receive(self, inputs: Iterable[Input]) -> list[Effect]:
        """Take inputs within a tick that has already been stepped."""
        for session, packet in inputs:
            self._take(session, packet)
        return self._flush()

    def send(self, player: Player, packet: Packet) -> None:
        """To the player's client, if there is one."""
        if player.wired:
            self._effects.append(Send((player.session,), packet))

    def send_to(self, sessions: tuple[int, ...], packet: Packet) -> None:
        """To these sessions, whoever they are."""
        self._effects.append(Send(sessions, packet))

    def send_nearby(
        self, player: Entity, packet: Packet, *, radius_yards: float | None = None, myself: bool = False
    ) -> None:
        """
        To the clients that see `player`, or to those that stand within `radius_yards` of it.

        @param myself: to the player itself as well, after the others.
        """
        to = self.sight.watchers(player) if radius_yards is None else self.sight.within(player, radius_yards)
        if to:
            self.send_to(to, packet)
        if myself and isinstance(player, Player):
            self.send(player, packet)

    def tell(self, to: int, session: int, packet: Packet) -> None:
        """To another part of the simulation: SOCIETY, or a map's zone; it is there within this tick."""
        self._effects.append(Tell(to, session, packet))

    def emit(self, effect: Effect) -> None:
        """Any other effect."""
        self._effects.append(effect)

    def save(self, player: Player) -> None:
        """Write the player's rows."""
        saving.save(self, player)

    def count(self, what: str, times: int = 1) -> None:
        """Something happened that is worth counting."""
        self._counts[what] = self._counts.get(what, 0) + times

    def change(self, entity: Entity, index: int, value: int) -> None:
        """Set an update field; those who may see it learn of it at the end of the step."""
        if entity.fields.get(index, 0) != value:
            entity.fields[index] = value
            if entity.changed is None:
                entity.changed = set()
                self.sight.dirty.append(entity)
            entity.changed.add(index)

    def unix_s(self) -> int:
        """Unix time, as far as the logins told it."""
        return self.epoch_s + self.now_ms // 1000

    def slot(self) -> int:
        """The lowest free slot."""
        if self._free:
            return heapq.heappop(self._free)
        self.slot_count += 1
        return self.slot_count - 1

    def add(self, entity: Entity) -> None:
        """Put something into its slot: it exists, but nobody sees it until it is in the sight."""
        self.entities[entity.slot] = entity
        self.objects[entity.guid] = entity

    def remove(self, entity: Entity) -> None:
        """Take something out of the zone and of everyone's sight; its slot is free after this step."""
        self.sight.drop(entity)
        del self.objects[entity.guid]
        del self.entities[entity.slot]

    def free(self, slot: int) -> None:
        """A slot that nobody's sight holds any more may be used again."""
        heapq.heappush(self._free, slot)

    def take_slots(self) -> None:
        """Count what is in the zone: the slots between are free."""
        self.slot_count = max(self.entities, default=-1) + 1
        self._free = [slot for slot in range(self.slot_count) if slot not in self.entities]

    def _take(self, session: int, packet: Packet) -> None:
        arrive = ARRIVALS.get(type(packet))
        player = self.players.get(session)
        mark = len(self._effects)
        try:
            if arrive is not None:
                arrive(self, session, packet)
            elif player is None:
                self.strays.append(Input(session, packet))
            elif (handle := self.tables.zone.get(type(packet))) is not None:
                handle(self, player, packet)
            elif type(packet) in self.tables.society:
                self.tell(SOCIETY, session, packet)  # after what the session said before it
            else:
                self.count("input_unhandled")
        except Exception as error:
            # Before it changed anything: then dropping its effects undoes it.  After: a mistake of ours.
            del self._effects[mark:]
            self.count("input_dropped")
            self.faults.append(Fault(session, packet, error))
            if isinstance(packet, NMSG_ENTER_WORLD):
                presence.turn_away(self, session, packet)

    def _flush(self) -> list[Effect]:
        effects, self._effects = self._effects, []
        if self._counts:
            effects += [Count(what, self._counts[what]) for what in sorted(self._counts)]
            self._counts = {}
        return effects


ARRIVALS: dict[type[Packet], Callable[[Zone, int, Any], None]] = {
    NMSG_ENTER_WORLD: presence.enter,
    NMSG_TRAVEL: travel.arrive,
    NMSG_TAKE_OVER: presence.take_over,
    NMSG_SHUTDOWN: presence.shut_down,
    NMSG_MOVES: steering.moves,
    NMSG_STRAIN: steering.strain,
}
WAKES: dict[int, Callable[[Zone, int, int], None]] = {
    CREATE: burst.create_due,
    SYNC: burst.sync_due,
    LOGOUT: presence.logout_due,
    LINGER: presence.linger_due,
    SAVE: saving.save_due,
    TELEPORT: travel.teleport_due,
    GRID: Grids.unload_due,
    CREATURE: motion.move_due,
    REST: resting.rest_due,
}
