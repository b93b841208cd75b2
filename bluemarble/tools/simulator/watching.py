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
from bluemarble.tools.simulator.books import Books
from bluemarble.tools.simulator.hearing import Hearing
from bluemarble.tools.simulator.ledger import VERSION, Asked, Peer
from bluemarble.tools.simulator.server import Server, is_master
from bluemarble.tools.simulator.sightings import Place, Sightings
from bluemarble.wire.codec import codec
from opcodes.chat import CHAT_MSG_SAY, CHAT_MSG_YELL, CMSG_MESSAGECHAT, SMSG_MESSAGECHAT, SMSG_NOTIFICATION
from opcodes.cluster import NMSG_ENTER_WORLD, NMSG_SAVED, NMSG_TAKE_OVER, CharacterState
from opcodes.movement import Movement
from opcodes.objects import SMSG_UPDATE_OBJECT
from opcodes.orders import SMSG_NEW_WORLD, MSG_MOVE_TELEPORT_ACK_Server
from opcodes.vocab import Packet, Phase

if TYPE_CHECKING:
    from bluemarble.servers.session import Session

SLACK_YARDS = 30.0  # who moves within a tick was elsewhere when it was decided who sees it
SAVED_YARDS = 10.0  # between where a character is saved and where it was before the tick, or is after it
EVENT_TICKS = 4
SIGNAL = VERSION.numbers[CMSG_MESSAGECHAT]  # what clients say by their links, and nobody is to hear
SAVED = (
    *("map", "position_x", "position_y", "position_z", "orientation", "zone", "money", "level", "xp"),
    *("playerFlags", "actionBars", "totaltime", "leveltime", "health", "power1"),
)


class Watch:
    """
    Looks at one server from when it is ready.

    @param books: what is promised, over all servers of a simulation.
    """

    def __init__(self, server: Server, books: Books) -> None:
        self.server, self._books, self._found = server, books, books.found
        self._streams, self._saves = books.streams, books.saves
        self._service = server.services.world
        self.gateway = self._service.gateway
        world = self._service.world
        if world is None:
            raise ValueError("the server is not ready")
        self.world: World = world
        self._step, self._keep = world.step, self.gateway.saving.keep
        self._places: dict[int, Place] = {}  # of players by guid, before the step
        self._bound: set[int] = set()  # for elsewhere, likewise: they are saved where they will be
        self._spoken: dict[int, int] = {}  # by session, the number of its last line
        self._answered: dict[int, tuple[int, Any]] = {}  # by their id: session and writes
        self._waiting: dict[int, deque[Asked]] = {}
        self._hearing = Hearing(world.society, books.found, books.looked)
        self._sightings = Sightings(world, books.found, books.looked)
        if server.pump is not None:
            server.pump.told = self._sightings.told
            server.pump.heard = self._signalled
        # Both are attributes of these two alone; what is asked of them goes on to what they were.
        vars(world)["step"] = self._stepped
        vars(self.gateway.saving)["keep"] = self._kept

    # What passes

    def _stepped(self, inputs: Iterable[Input]) -> list[Effect]:
        inputs = list(inputs)
        self._places, self._bound = self._now(), self._teleporting()
        self._hearing.begin()
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
            self._entering(packet.character)
            self._tutored(session, packet.tutorials)
        elif isinstance(packet, NMSG_TAKE_OVER):
            self._tutored(session, packet.tutorials)
        elif isinstance(packet, CMSG_MESSAGECHAT):
            if packet.message.startswith("event "):
                self._found("signals once, in order", f"session {session} says {packet.message!r} aloud")
            word = packet.message.rpartition(" ")[2]
            number = int(word) if word.isdecimal() else 0
            if number and number <= self._spoken.get(session, 0):
                self._found("inputs once, in order", f"session {session} says {packet.message!r} again")
            self._spoken[session] = number or self._spoken.get(session, 0)
        elif isinstance(packet, NMSG_SAVED) and (waiting := self._waiting.get(session)):
            self._saves.kept(waiting[0])
            self._saves.verify(waiting.popleft(), self.server.folder)

    def _entering(self, who: CharacterState) -> None:
        """A character comes in as it was saved, with its buttons and those it knows."""
        saves = self._saves
        saves.loaded(who.guid, {name: getattr(who, name) for name in SAVED}, who.name)
        actions = [{"button": it.button, "action": it.action, "type": it.type} for it in who.actions]
        saves.came("character_action", {"guid": who.guid, "spec": 0}, actions, who.name)
        social = [{"friend": it.friend, "flags": it.flags, "note": it.note} for it in who.social]
        saves.came("character_social", {"guid": who.guid}, social, who.name)

    def _tutored(self, session: int, flags: list[int]) -> None:
        one = self.gateway.sessions.get(session)
        if one is not None and one.account is not None:
            known = {f"tut{n}": flag for n, flag in enumerate(flags)}
            self._saves.came("account_tutorial", {"accountId": one.account.id}, [known], one.account.username)

    def _signalled(self, cid: int, opcode: int, body: bytes) -> None:
        """A client says something reliably by its link."""
        if opcode == SIGNAL:
            self._books.signals.take(codec(CMSG_MESSAGECHAT).decode(body).message, f"link {cid:#x}")

    # A look at everything

    def _look(self, effects: list[Effect]) -> None:
        now = self._now()
        self._sightings.stepped(now)
        self._sessions()
        self._hearing.stepped()
        for effect in effects:
            if type(effect) is Send:
                for number in effect.to:
                    self._hearing.said(number, effect.packet)
                    if (session := self.gateway.sessions.get(number)) is not None:
                        self._streams.said(peer(session), effect.packet)
                        self._may_hear(number, effect.packet, now)
            elif type(effect) is Save:
                self._saved_where_it_is(effect, now)
                if effect.session:
                    self._answered[id(effect.writes)] = effect.session, effect.writes
        for zone in self.world.zones.values():
            for player in zone.players.values():
                who = player.character
                items = tuple(sorted((it.guid, it.entry, it.count) for it in who.items))
                self._books.belongings.owned(who.guid, who.money, items, who.name)
                self._books.whereabouts.here(player.guid, zone.map, self.server.process.seconds())
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
        if isinstance(packet, SMSG_NEW_WORLD | MSG_MOVE_TELEPORT_ACK_Server):
            account = self.gateway.sessions[number].proven().username
            if not is_master(account):
                self._found("only game masters travel", f"{account}, session {number}: {packet}")
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

    def _saved_where_it_is(self, save: Save, now: dict[int, Place]) -> None:
        """What is written of a character is where it stands, or stood when the tick began."""
        guid = save.owner
        if guid in self._bound | self._teleporting():
            return
        for write in save.writes:
            if write.values is None or "position_x" not in write.values:
                continue
            map_, x, y = (write.values[name] for name in SAVED[:3])
            there = [at for at in (self._places.get(guid), now.get(guid)) if at and at[0] == map_]
            if there and not any(dist(at[1:3], (x, y)) <= SAVED_YARDS for at in there):
                self._found("saved where it is", f"character {guid}: at {x:.2f}, {y:.2f}, and is {there}")

    def _teleporting(self) -> set[int]:
        zones = self.world.zones.values()
        return {it.guid for zone in zones for it in zone.players.values() if it.teleport is not None}

    def _now(self) -> dict[int, Place]:
        return {
            player.guid: (zone.map, *player.place()[:3])
            for zone in self.world.zones.values()
            for player in zone.players.values()
        }

    def _say_events(self) -> None:
        """Something reliable for each datagram link, that its client can count."""
        udp, pump, events = self._service.udp, self.server.pump, self._books.events
        if udp is None or pump is None:
            return
        for cid, link in udp.links.by_cid.items():
            if link.attached and not link.closing:
                pump.notify(cid, SMSG_NOTIFICATION(notification=events.next(self.server.number, cid)))

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
