"""
A word on all that came of a world's ticks, a new one each tick; once it is another, it is so for ever.

Each link is made of the last one, of what the tick said to clients, databases and links, of what it left of
those who had asked for something, and of the zones' clocks and random numbers.  So the first tick in which
something is another shows at once; that nothing is, in corners that no tick touched, is what the digests of
the parts (bluemarble/sim/parts.py) say.
"""

import hashlib
import struct
from array import array
from collections.abc import Iterable
from copy import copy
from functools import cache
from typing import Any

import opcodes
from bluemarble.servers.masking import unreadable
from bluemarble.sim.effects import Effect, Input, Load, Save, Send
from bluemarble.sim.entity import Entity, Player
from bluemarble.sim.world import World
from bluemarble.sim.zone import Zone
from bluemarble.wire.codec import codec
from bluemarble.wire.journal import CANONICAL_BUILD, UNCHAINED
from opcodes.chat import SMSG_MESSAGECHAT
from opcodes.objects import SMSG_UPDATE_OBJECT, UpdateBlock
from opcodes.vocab import Packet

LINK_BYTES = len(UNCHAINED)
CLOCK = struct.Struct("<QBIIII")  # tick, strain, zones, travellers, members, channels
ZONE = struct.Struct("<HQQII")  # map, random numbers, alarms, players, things
TOUCHED = struct.Struct("<II4dIIQ5I")
X, Y, Z, FACING = (getattr(Entity, name).__get__ for name in ("x", "y", "z", "facing"))  # past Player's own
SAID = struct.Struct("<HI")  # number, bytes


class Linked:
    """
    The chain of one world.

    @param link: of the tick the world stands at.
    @param masked: what was said in chats is not in it, but as the journal has it (`masking`).
    @param alone: of the map whose zone it is of alone: then nothing that was said is in it.
    @ivar link: of the last tick that was stepped.
    @ivar tick_count: how many were.
    """

    def __init__(self, link: bytes = UNCHAINED, masked: bool = False, alone: int | None = None) -> None:
        self.link, self.masked, self.alone = link, masked, alone
        self.tick_count = 0

    def stepped(self, world: World, inputs: Iterable[Input], effects: Iterable[Effect]) -> bytes:
        """
        After the step, before anything else is done to the world.

        @param inputs: what the step took; @param effects: what it answered.
        @return: the new link.
        """
        parts = [self.link]
        if self.alone is None:
            parts.append(_clock(world))
            telling = _Telling(self.masked)
            parts += [telling.told(effect) for effect in effects]
        zones = [zone for map_, zone in sorted(world.zones.items()) if self.alone in (None, map_)]
        parts += [_zone(zone) for zone in zones]
        for session in dict.fromkeys(session for session, _ in inputs):
            parts += [_touched(zone.players[session]) for zone in zones if session in zone.players]
        self.tick_count += 1
        self.link = hashlib.blake2b(b"".join(parts), digest_size=LINK_BYTES).digest()
        return self.link


def _clock(world: World) -> bytes:
    society = world.society
    return CLOCK.pack(
        world.tick,
        world.strain,
        len(world.zones),
        len(world.travellers),
        len(society.members),
        len(society.channels),
    )


def _zone(zone: Zone) -> bytes:
    counts = len(zone.players), len(zone.entities)
    head = ZONE.pack(zone.map, zone.chance.state, zone.timers.order, *counts)
    field = zone.steering.field
    return head if field is None else head + field.trace().to_bytes(8, "little")


def _touched(player: Player) -> bytes:
    who, movement = player.character, player.movement
    place = player.place() if player.field is not None else (X(player), Y(player), Z(player), FACING(player))
    return TOUCHED.pack(
        player.session,
        player.slot,
        *place,
        0 if movement is None else movement.flags,
        player.counter,
        player.selection,
        len(player.fields),
        who.health,
        who.money,
        who.playerFlags,
        player.cid,
    )


class _Telling:
    """A tick's effects as bytes, what they share made once."""

    def __init__(self, masked: bool) -> None:
        self._masked = masked
        self._blocks: dict[int, bytes] = {}  # by id: the effects keep them while the tick is told
        self._audiences: dict[int, bytes] = {}

    def told(self, effect: Effect) -> bytes:
        if type(effect) is Send:  # nearly all of them
            to = effect.to
            audience = self._audiences.get(id(to))
            if audience is None:
                audience = self._audiences[id(to)] = array("I", to).tobytes()
            return self._said(effect.packet) + audience
        if isinstance(effect, Load):
            return self._said(effect.question) + effect.session.to_bytes(4, "little")
        if isinstance(effect, Save):
            rows = [(w.table.__name__, _row(w.key), _row(w.values), w.insert) for w in effect.writes]
            return repr((effect.owner, effect.session, rows)).encode()
        return repr((type(effect).__name__, *effect)).encode()

    def _said(self, packet: Packet) -> bytes:
        kind = type(packet)
        try:
            if self._masked and isinstance(packet, SMSG_MESSAGECHAT):
                packet = copy(packet)
                packet.message = unreadable(packet.message)
            body = self._update(packet) if kind is SMSG_UPDATE_OBJECT else codec(kind).encode(packet)
        except (
            Exception
        ) as error:  # a mistake of ours that whoever sends it will meet: it must be in journals
            body = f"{kind.__name__}: {error}".encode()
        return SAID.pack(_numbers()[kind], len(body)) + body

    def _update(self, packet: Any) -> bytes:
        encoded = []
        for block in packet.blocks:
            body = self._blocks.get(id(block))
            if body is None:
                body = self._blocks[id(block)] = codec(UpdateBlock).encode(block)
            encoded.append(body)
        return b"".join(encoded)


def _row(columns: dict[str, Any] | None) -> list[tuple[str, Any]] | None:
    return None if columns is None else sorted(columns.items())


@cache
def _numbers() -> dict[type[Packet], int]:
    return opcodes.version(CANONICAL_BUILD).numbers | opcodes.native().numbers
