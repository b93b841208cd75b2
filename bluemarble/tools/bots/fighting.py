"""Attacking what is near: all of it that a client does, on a server that has combat."""

import zlib
from contextlib import suppress
from math import hypot
from typing import TYPE_CHECKING

from bluemarble.client.events import Event, Heard
from bluemarble.wire.codec import codec
from bluemarble.wire.errors import Malformed, PeerError
from opcodes import objects
from opcodes.play import (
    CMSG_ATTACKSTOP,
    CMSG_ATTACKSWING,
    CMSG_SET_SELECTION,
    SMSG_ATTACKSTART,
    SMSG_ATTACKSTOP,
)

if TYPE_CHECKING:
    from bluemarble.tools.bots.bot import Bot

UNIT = 3  # of object types: a creature
REACH_YARDS = 3.0
UNPACKED_LIMIT = 1 << 20  # bytes of an update
FIGHT_S, LOOK_S, CHASE_S = 10.0, 2.0, 20.0


async def fight(bot: "Bot") -> None:
    """
    Walk up to the nearest creature in sight and attack it for `seconds` (10), then the next.

    `attacks_begun`, `attacks_refused` are counted.  This server refuses every attack: it has no combat yet.
    """
    seconds, creatures = bot.number_of("seconds", FIGHT_S), Creatures()
    bot.heard = creatures.heard
    done: set[int] = set()
    while True:
        here = bot.here
        near = [(hypot(x - here.x, y - here.y), guid) for guid, (x, y) in creatures.places.items()]
        near = [(yards, guid) for yards, guid in near if guid not in done]
        if not near:
            done.clear()
            await bot.pause(LOOK_S)
            continue
        _, guid = min(near)
        done.add(guid)
        x, y = creatures.places[guid]
        await bot.walk(x - REACH_YARDS, y, CHASE_S)
        bot.send(CMSG_SET_SELECTION(target=guid))
        creatures.begun = creatures.refused = False
        bot.send(CMSG_ATTACKSWING(guid=guid))
        await bot.pause(seconds)
        for name, so in (("begun", creatures.begun), ("refused", creatures.refused and not creatures.begun)):
            if so:
                bot.crew.figures.count(f"attacks_{name}")
        bot.send(CMSG_ATTACKSTOP())


class Creatures:
    """
    The creatures around, as TCP tells of them, and how the attack goes.

    @ivar places: x, y of each by guid, yards, where it was last seen.
    """

    def __init__(self) -> None:
        self.places: dict[int, tuple[float, float]] = {}
        self.begun = self.refused = False

    def heard(self, event: Event) -> None:
        """Take what the bot has heard."""
        if not isinstance(event, Heard):
            return
        match event.packet:
            case objects.SMSG_UPDATE_OBJECT(blocks=blocks):
                self._take(blocks)
            case objects.SMSG_COMPRESSED_UPDATE_OBJECT(compressed_data=data):
                with suppress(PeerError):  # of a server that has updates of its own
                    self._take(unpacked(data).blocks)
            case objects.SMSG_DESTROY_OBJECT(guid=guid):
                self.places.pop(guid, None)
            case SMSG_ATTACKSTART():
                self.begun = True
            case SMSG_ATTACKSTOP():
                self.refused = True

    def _take(self, blocks: list[objects.UpdateBlock]) -> None:
        for block in blocks:
            for guid in block.guids or ():
                self.places.pop(guid, None)
            living = block.movement.living if block.movement is not None else None
            if block.object_type == UNIT and block.guid is not None and living is not None:
                self.places[block.guid] = living.x, living.y


def unpacked(data: bytes) -> objects.SMSG_UPDATE_OBJECT:
    """
    The update in a compressed one.

    @raise PeerError: there is none, or it is too large.
    """
    unzip = zlib.decompressobj()
    try:
        body = unzip.decompress(data, UNPACKED_LIMIT)
    except zlib.error as error:
        raise Malformed(str(error)) from None
    if not unzip.eof:
        raise Malformed("an update that is cut short, or too large")
    packet: objects.SMSG_UPDATE_OBJECT = codec(objects.SMSG_UPDATE_OBJECT).decode(body)
    return packet
