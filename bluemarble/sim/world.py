"""Everything one process simulates: its zones, its society, and who is between them."""

from collections.abc import Iterable
from functools import cache
from typing import Protocol

import opcodes
from bluemarble.sim import handlers
from bluemarble.sim.content import Content
from bluemarble.sim.effects import SOCIETY, Close, Count, Effect, Input, Leave, Load, Tell
from bluemarble.sim.handling import Fault, Tables, handler_modules, tables
from bluemarble.sim.ignored import IGNORED
from bluemarble.sim.rules import TICK_MS, Rules
from bluemarble.sim.society import Society
from bluemarble.sim.state import restore_zone, zone_state
from bluemarble.sim.zone import Zone
from opcodes.cluster import (
    NMSG_DISCONNECTED,
    NMSG_ENTER_WORLD,
    NMSG_LEAVE,
    NMSG_SHUTDOWN,
    NMSG_SOCIETY,
    NMSG_TAKE_OVER,
    NMSG_TRAVEL,
    NMSG_WORLD,
    PlayerState,
    TravellerState,
)
from opcodes.datagram import CLOSE_SILENT
from opcodes.links import NMSG_MOVES, NMSG_STRAIN, NMSG_UDP_ATTACHED, NMSG_UDP_GONE
from opcodes.orders import MSG_MOVE_WORLDPORT_ACK
from opcodes.vocab import Packet

TELL_DEPTH = 8  # parts answering each other; more would be two of ours talking in circles


@cache
def handling() -> Tables:
    """Who takes which packet: every module of `handlers`."""
    spoken = [*opcodes.version(12340).packets.values(), *opcodes.native().packets.values()]
    return tables(handler_modules(handlers), spoken)


class Ear(Protocol):
    """Who wants to know what a zone takes."""

    def heard(self, inputs: list[Input]) -> None:
        """The zone takes this in its next step; a copy of its own is the ear's to make."""

    def lost(self) -> None:
        """The zone takes something beside its step: who knows only of steps does not know it any more."""


class World:
    """
    What is stepped, journaled, replayed.

    @param threads: how many may find out who sees whom; it changes nothing but the time that takes.
    @param alone: of that map's zone alone, which is given what `ears` heard of it in a whole world: who
        travels away is gone, and who arrives comes as an input.
    @ivar ears: by map; told of what its zone is about to take in this step, and it may not change that.
        `Ear.lost` is told when a zone has taken what is in no step.
    @ivar strain: how much is left undone to keep up, as the server last said.

    @ivar takes: client packets that some handler takes, or that are ignored on purpose.
    @ivar places: session to the map of its zone.
    @ivar present: guid to session, of everyone in a zone or between two.
    @ivar travellers: by session.
    @ivar faults: what handlers raised in the last step.
    """

    def __init__(
        self, content: Content, rules: Rules, seed: int = 1, threads: int = 1, alone: int | None = None
    ) -> None:
        self.content = content
        self.alone = alone
        self.ears: dict[int, Ear] = {}
        self.threads = threads
        self.rules = rules
        self.seed = seed
        self.now_ms = 0
        self.tick = 0
        self.strain = 0
        self.tables = handling()
        self.takes = (
            frozenset(self.tables.zone)
            | frozenset(self.tables.society)
            | frozenset(IGNORED)
            | {MSG_MOVE_WORLDPORT_ACK}
        )
        self.zones: dict[int, Zone] = {}
        self.society = Society(rules, self.tables.society)
        self.places: dict[int, int] = {}
        self.present: dict[int, int] = {}
        self.travellers: dict[int, NMSG_TRAVEL] = {}
        self.faults: list[Fault] = []
        self._effects: list[Effect] = []

    def step(self, inputs: Iterable[Input]) -> list[Effect]:
        """Advance one tick of 50 ms: the zones in map order, then the society.  Client input never raises."""
        self.tick += 1
        self.now_ms += TICK_MS
        self.faults.clear()
        by_map: dict[int, list[Input]] = {}
        social: list[Input] = []
        if self.alone is not None:
            self._route_alone(list(inputs), self.alone, by_map)
        else:
            for item in inputs:
                self._route(item, by_map, social)
        for session in [s for s, t in self.travellers.items() if t.until_ms <= self.now_ms]:
            self._arrive(session, by_map)
        for map_ in sorted(by_map.keys() - self.zones.keys()):
            self._zone(map_, self.now_ms - TICK_MS)  # it is about to step with the others
        for map_ in sorted(self.zones):
            zone = self.zones[map_]
            if (ear := self.ears.get(map_)) is not None:
                ear.heard(by_map.get(map_, []))
            self._settle(zone.step(by_map.get(map_, ())))
            self._strays(zone)
        self._settle(self.society.step(social))
        self.faults += self.society.faults
        self.society.faults.clear()
        effects, self._effects = self._effects, []
        return effects

    def snapshot(self, alone: int | None = None) -> NMSG_WORLD:
        """
        All of it, or of one map's zone alone; a world made from this behaves as this one will.

        It shares this world's records: encode it before the next step.
        """
        if alone is not None:
            return NMSG_WORLD(
                tick=self.tick,
                now_ms=self.now_ms,
                strain=self.strain,
                zones=[zone_state(self.zones[alone])] if alone in self.zones else [],
                travellers=[],
                society=NMSG_SOCIETY(now_ms=self.society.now_ms, members=[], channels=[]),
            )
        return NMSG_WORLD(
            tick=self.tick,
            now_ms=self.now_ms,
            strain=self.strain,
            zones=[zone_state(self.zones[m]) for m in sorted(self.zones)],
            travellers=[TravellerState(session=s, travel=t) for s, t in sorted(self.travellers.items())],
            society=self.society.snapshot(),
        )

    def restore(self, state: NMSG_WORLD) -> None:
        """
        Become what the snapshot was of.

        @raise ValueError: this world has already stepped.
        """
        if self.tick:
            raise ValueError("only a new world can be restored")
        self.tick, self.now_ms, self.strain = state.tick, state.now_ms, state.strain
        for zone_packet in state.zones:
            zone = self._zone(zone_packet.map, zone_packet.now_ms)
            restore_zone(zone, zone_packet)
            for session, player in zone.players.items():
                self.places[session] = zone.map
                self.present[player.guid] = session
        for item in state.travellers:
            self.travellers[item.session] = item.travel
            self.present[item.travel.player.character.guid] = item.session
        self.society.restore(state.society)

    def _zone(self, map_: int, now_ms: int) -> Zone:
        if map_ not in self.zones:
            zone = self.zones[map_] = Zone(map_, self.content, self.rules, self.seed, self.tables)
            zone.faults = self.faults
            zone.strain, zone.threads = self.strain, self.threads
            zone.now_ms = zone.real_ms = now_ms
        return self.zones[map_]

    def _route(self, item: Input, by_map: dict[int, list[Input]], social: list[Input]) -> None:
        session, packet = item
        kind = type(packet)
        if isinstance(packet, NMSG_ENTER_WORLD):
            self._enter(session, packet, by_map)
        elif isinstance(packet, NMSG_TAKE_OVER):
            self._take_over(session, packet, by_map)
        elif kind is NMSG_SHUTDOWN:
            for traveller in list(self.travellers):
                self._arrive(traveller, by_map)
            for map_ in self.zones.keys() | by_map.keys():
                by_map.setdefault(map_, []).append(item)
        elif isinstance(packet, NMSG_MOVES | NMSG_STRAIN):
            self.strain = packet.level if isinstance(packet, NMSG_STRAIN) else self.strain
            for map_ in self.ears.keys() - self.zones.keys() if isinstance(packet, NMSG_STRAIN) else ():
                self.ears[map_].heard([item])
            for map_ in self.zones:
                by_map.setdefault(map_, []).append(item)
        elif kind in IGNORED:
            self._effects.append(Count("input_ignored"))
        elif kind in self.tables.society and session not in self.places:
            social.append(item)
        elif session in self.travellers:
            if kind in (MSG_MOVE_WORLDPORT_ACK, NMSG_DISCONNECTED, NMSG_LEAVE):
                map_ = self._arrive(session, by_map)
                by_map[map_].append(item)
            elif isinstance(packet, NMSG_UDP_ATTACHED | NMSG_UDP_GONE):
                self._link(self.travellers[session].player, packet)
            else:
                self._effects.append(Count("input_without_place"))
        elif (place := self.places.get(session)) is not None:
            if kind is not MSG_MOVE_WORLDPORT_ACK:
                by_map.setdefault(place, []).append(item)
        else:
            self._placeless(packet)

    def _route_alone(self, inputs: list[Input], map_: int, by_map: dict[int, list[Input]]) -> None:
        """All is the one zone's; what is the world's makes none."""
        for _, packet in inputs:
            self.strain = packet.level if isinstance(packet, NMSG_STRAIN) else self.strain
        if map_ in self.zones or not all(isinstance(packet, NMSG_STRAIN) for _, packet in inputs):
            by_map[map_] = inputs

    def _placeless(self, packet: Packet) -> None:
        """
        Nobody is there to take it.  A link that attached, before its character is (back) in the world, would
        never be told anything: it is closed in a way that makes its client ask again.
        """
        self._effects.append(Count("input_without_place"))
        if isinstance(packet, NMSG_UDP_ATTACHED):
            self._effects.append(Close(packet.cid, CLOSE_SILENT))

    def _enter(self, session: int, packet: NMSG_ENTER_WORLD, by_map: dict[int, list[Input]]) -> None:
        who = packet.character
        if session in self.places or session in self.travellers:
            self._effects.append(Count("enter_refused"))
            return
        if who.guid in self.present:  # the lobby thought that it was gone
            claim = {name: getattr(packet, name) for name in NMSG_TAKE_OVER.hints if name != "guid"}
            self._take_over(session, NMSG_TAKE_OVER(guid=who.guid, **claim), by_map)
            return
        if who.map not in self.content.maps:
            who.map, who.zone = who.home_map, who.home_zone
            who.position_x, who.position_y, who.position_z = who.home_x, who.home_y, who.home_z
            who.is_logout_resting = 0
        self._at(session, who.guid, who.map)
        by_map.setdefault(who.map, []).append(Input(session, packet))

    def _take_over(self, session: int, packet: NMSG_TAKE_OVER, by_map: dict[int, list[Input]]) -> None:
        old = self.present.get(packet.guid)
        if old is None:
            self._effects.append(Load(session, packet))
            return
        if old in self.travellers:
            self._arrive(old, by_map)
        map_ = self.places.pop(old)
        self._at(session, packet.guid, map_)
        by_map.setdefault(map_, []).append(Input(session, packet))

    def _link(self, traveller: PlayerState, packet: NMSG_UDP_ATTACHED | NMSG_UDP_GONE) -> None:
        """The datagram link of someone between two maps: its new zone begins to use it."""
        if isinstance(packet, NMSG_UDP_ATTACHED):
            traveller.cid = packet.cid
        elif traveller.cid == packet.cid:
            traveller.cid = 0

    def _at(self, session: int, guid: int, map_: int) -> None:
        self.places[session] = map_
        self.present[guid] = session

    def _arrive(self, session: int, by_map: dict[int, list[Input]]) -> int:
        """The traveller's new zone takes it in this step, before anything else of its session."""
        travel = self.travellers.pop(session)
        self.places[session] = travel.map
        by_map.setdefault(travel.map, []).append(Input(session, travel))
        return travel.map

    def _strays(self, zone: Zone) -> None:
        """Inputs that their player had left before: only those that end a session still mean something."""
        strays, zone.strays = zone.strays, []
        for session, packet in strays:
            if session in self.travellers and isinstance(packet, NMSG_DISCONNECTED | NMSG_LEAVE):
                travel = self.travellers.pop(session)
                if (ear := self.ears.get(travel.map)) is not None:
                    ear.lost()
                self.places[session] = travel.map
                there = self._zone(travel.map, self.now_ms)
                self._settle(there.receive([Input(session, travel), Input(session, packet)]))
            else:
                self._placeless(packet)

    def _settle(self, effects: list[Effect], depth: int = 0) -> None:
        """
        Keep what goes out, note who has left, and let what is told be heard on the spot.

        What a part answers stands where it was told, so that a session's packets keep their order.
        """
        for effect in effects:
            if isinstance(effect, Tell):
                if isinstance(effect.packet, NMSG_TRAVEL):
                    self.places.pop(effect.session, None)
                    if self.alone is None:
                        self.travellers[effect.session] = effect.packet
                elif depth == TELL_DEPTH:
                    self._effects.append(Count("tell_dropped"))
                else:
                    self._settle(self._tell(effect), depth + 1)
                continue
            if isinstance(effect, Leave):
                self._gone(effect.session, effect.guid)
            elif isinstance(effect, Load) and isinstance(effect.question, NMSG_TAKE_OVER):
                self._gone(effect.session, effect.question.guid)
            self._effects.append(effect)

    def _gone(self, session: int, guid: int) -> None:
        self.places.pop(session, None)
        if self.present.get(guid) == session:
            del self.present[guid]

    def _tell(self, tell: Tell) -> list[Effect]:
        heard = [Input(tell.session, tell.packet)]
        if tell.to == SOCIETY:
            return self.society.receive(heard)
        zone = self.zones.get(tell.to)
        return [Count("tell_dropped")] if zone is None else zone.receive(heard)
