"""
What is looked at with every tick of the server's world: its inputs, its effects, and itself.

One session for a character, one zone for a player, nobody told of what is elsewhere or out of sight, nothing
owned that was not, everybody loaded as saved.  What is said and saved goes into the ledger.
"""

from collections import deque
from collections.abc import Iterable
from math import dist
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred

from bluemarble.sim.effects import Effect, Input, Save, Send
from bluemarble.sim.entity import Entity, Player
from bluemarble.sim.world import World
from bluemarble.sim.zone import Zone
from bluemarble.tools.simulator.ledger import Asked, Belongings, Events, Found, Peer, Saves, Streams
from bluemarble.tools.simulator.server import Server
from opcodes.chat import CHAT_MSG_SAY, CHAT_MSG_YELL, CMSG_MESSAGECHAT, SMSG_MESSAGECHAT, SMSG_NOTIFICATION
from opcodes.cluster import NMSG_ENTER_WORLD, NMSG_SAVED
from opcodes.movement import Movement
from opcodes.objects import SMSG_UPDATE_OBJECT
from opcodes.vocab import Packet, Phase

if TYPE_CHECKING:
    from bluemarble.servers.session import Session

SLACK_YARDS = 30.0  # who moves within a tick was elsewhere when it was decided who sees it
EVENT_TICKS = 20
SAVED = ("map", "position_x", "position_y", "position_z", "money", "level", "xp")
Place = tuple[int, float, float, float]  # map, x, y, z


class Watch:
    """
    Looks at one server from when it is ready.

    @param streams, saves, belongings, events: what is promised, over all servers of a simulation.
    """

    def __init__(
        self,
        server: Server,
        found: Found,
        streams: Streams,
        saves: Saves,
        belongings: Belongings,
        events: Events,
    ) -> None:
        self.server, self._found = server, found
        self._streams, self._saves, self._belongings, self._events = streams, saves, belongings, events
        self._service = server.services.world
        self.gateway = self._service.gateway
        world = self._service.world
        if world is None:
            raise ValueError("the server is not ready")
        self.world: World = world
        self._step, self._keep = world.step, self.gateway.saving.keep
        self._places: dict[int, Place] = {}  # of players by guid, before the step
        self._spoken: dict[int, int] = {}  # by session, the number of its last line
        self._answered: dict[int, tuple[int, Any]] = {}  # by their id: session and writes
        self._waiting: dict[int, deque[Asked]] = {}
        # Both are attributes of these two alone; what is asked of them goes on to what they were.
        vars(world)["step"] = self._stepped
        vars(self.gateway.saving)["keep"] = self._kept

    # What passes

    def _stepped(self, inputs: Iterable[Input]) -> list[Effect]:
        inputs = list(inputs)
        self._places = self._now()
        for item in inputs:
            self._taken(item)
        effects = self._step(inputs)
        try:
            self._look(effects)
        except Exception as error:  # a mistake here must not look like one of the server's
            self._found("the simulator itself", f"{type(error).__name__}: {error}")
        return effects

    def _kept(self, owner: int, writes: Any) -> Deferred[bool]:
        asked = self._saves.asked(writes)
        session, _ = self._answered.pop(id(writes), (0, None))
        if session:
            self._waiting.setdefault(session, deque()).append(asked)

        def told(saved: bool) -> bool:
            if saved:
                self._saves.kept(asked)
            return saved

        return self._keep(owner, writes).addCallback(told)

    def _taken(self, item: Input) -> None:
        session, packet = item
        if isinstance(packet, NMSG_ENTER_WORLD):
            who = packet.character
            self._saves.loaded(who.guid, {name: getattr(who, name) for name in SAVED}, who.name)
        elif isinstance(packet, CMSG_MESSAGECHAT):
            word = packet.message.rpartition(" ")[2]
            number = int(word) if word.isdecimal() else 0
            if number and number <= self._spoken.get(session, 0):
                self._found("inputs once, in order", f"session {session} says {packet.message!r} again")
            self._spoken[session] = number or self._spoken.get(session, 0)
        elif isinstance(packet, NMSG_SAVED) and (waiting := self._waiting.get(session)):
            self._saves.kept(waiting[0])
            self._saves.verify(waiting.popleft(), self.server.folder)

    # A look at everything

    def _look(self, effects: list[Effect]) -> None:
        now = self._now()
        self._sessions()
        for effect in effects:
            if type(effect) is Send:
                for number in effect.to:
                    if (session := self.gateway.sessions.get(number)) is not None:
                        self._streams.said(peer(session), effect.packet)
                        self._may_hear(number, effect.packet, now)
            elif type(effect) is Save and effect.session:
                self._answered[id(effect.writes)] = effect.session, effect.writes
        for zone in self.world.zones.values():
            for player in zone.players.values():
                who = player.character
                items = tuple(sorted((it.guid, it.entry, it.count) for it in who.items))
                self._belongings.owned(who.guid, who.money, items, who.name)
        if self.world.tick % EVENT_TICKS == 0:
            self._say_events()

    def _sessions(self) -> None:
        """Who is where: each character once, each session once, as the world and its gateway both say."""
        seen: dict[int, str] = {}
        for map_, zone in self.world.zones.items():
            for session, player in zone.players.items():
                place = f"map {map_}, session {session}"
                if player.guid in seen:
                    self._found(
                        "one place for a character", f"{player.guid}: {seen[player.guid]} and {place}"
                    )
                seen[player.guid] = place
                if player.session != session or self.world.places.get(session) != map_:
                    self._found("one zone for a session", f"{place}: the world has it elsewhere")
        for session, travel in self.world.travellers.items():
            guid = travel.player.character.guid
            if guid in seen:
                self._found("one place for a character", f"{guid}: {seen[guid]}, and it travels ({session})")
            seen[guid] = "between maps"
        if self.world.present.keys() != seen.keys():
            self._found("who is present is somewhere", f"{sorted(self.world.present)}, {sorted(seen)}")
        playing: dict[int, int] = {}
        for number, one in self.gateway.sessions.items():
            if one.phase is Phase.WORLD and one.guid:
                if one.guid in playing:
                    self._found("one session for a character", f"{one.guid}: {playing[one.guid]}, {number}")
                playing[one.guid] = number

    def _may_hear(self, number: int, packet: Packet, now: dict[int, Place]) -> None:
        """What is about somebody at a place is told to those who are near."""
        map_ = self.world.places.get(number)
        if map_ is None:
            return
        zone = self.world.zones[map_]
        listener = zone.players.get(number)
        if listener is None:
            return
        rules = zone.rules
        if isinstance(packet, SMSG_UPDATE_OBJECT):
            for block in packet.blocks:
                if block.movement is not None and block.guid != listener.guid:
                    self._near(zone, listener, block.guid or 0, rules.sight_leave_yards, "sees", now)
        elif isinstance(packet, Movement):
            self._near(zone, listener, packet.guid, rules.sight_leave_yards, "sees move", now)
        elif isinstance(packet, SMSG_MESSAGECHAT) and packet.chat_type == CHAT_MSG_SAY:
            self._near(zone, listener, packet.sender, rules.say_yards, "hears", now)
        elif isinstance(packet, SMSG_MESSAGECHAT) and packet.chat_type == CHAT_MSG_YELL:
            self._near(zone, listener, packet.sender, rules.yell_yards, "hears", now)

    def _near(
        self, zone: Zone, listener: Player, guid: int, yards: float, how: str, now: dict[int, Place]
    ) -> None:
        one: Entity | None = zone.objects.get(guid)
        if one is None and guid not in self._places:
            return  # of a creature that its grid has just let go
        here = [at for at in (self._places.get(listener.guid), now.get(listener.guid)) if at]
        if isinstance(one, Player) or guid in self._places:
            there = [at for at in (self._places.get(guid), now.get(guid)) if at]
        else:
            assert one is not None
            there = [(zone.map, *one.place()[:3])]
        if not any(a[0] == b[0] and dist(a[1:3], b[1:3]) <= yards + SLACK_YARDS for a in here for b in there):
            self._found(
                "nobody sees what is not there", f"{listener.character.name} {how} {guid:#x}: {there}"
            )

    def _now(self) -> dict[int, Place]:
        return {
            player.guid: (zone.map, *player.place()[:3])
            for zone in self.world.zones.values()
            for player in zone.players.values()
        }

    def _say_events(self) -> None:
        """Something reliable for each datagram link, that its client can count."""
        udp, pump = self._service.udp, self.server.pump
        if udp is None or pump is None:
            return
        for cid, link in udp.links.by_cid.items():
            if link.attached and not link.closing:
                pump.notify(cid, SMSG_NOTIFICATION(notification=self._events.next(self.server.number, cid)))

    # At the end

    def pictures(self) -> dict[int, set[int]]:
        """By character, the guids of what its datagram link ought to show it."""
        shown = {}
        for zone in self.world.zones.values():
            for player in zone.players.values():
                if (eye := zone.steering.eyes.get(player.slot)) is not None and player.field is not None:
                    seen = player.field.seen(eye).values()
                    there = (zone.entities.get(mover) for mover, _ in seen)
                    shown[player.guid] = {it.guid for it in there if it is not None}
        return shown


def peer(session: "Session") -> Peer:
    """A session's connection, by its client's address."""
    address = session.line.transport.getPeer()  # type: ignore[attr-defined]
    return address.host, address.port
