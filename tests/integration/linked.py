"""Players on datagram links, as the simulation knows them: their inputs, and what it says of links."""

import struct

from bluemarble.native.measures import packed, units, yaw
from bluemarble.sim.effects import Close, Unwatch, Watch
from opcodes.links import NMSG_MOVES, NMSG_UDP_ATTACHED, NMSG_UDP_GONE

RECORD = struct.Struct("<IHHHBBiii")


class Link:
    """
    The link of a client of a Realm.

    @ivar epoch, input: what its next input carries.
    """

    def __init__(self, client, cid):
        self.client, self.realm, self.cid = client, client.realm, cid
        self.epoch = self.input = 0

    def attach(self, ticks=1):
        self.client.send(NMSG_UDP_ATTACHED(cid=self.cid))
        self.realm.ticks(ticks)
        return self

    def lose(self, ticks=1):
        self.realm.post(self.client.session, NMSG_UDP_GONE(cid=self.cid))
        self.realm.ticks(ticks)

    def record(self, x, y, z=50.0, *, flags=1, facing=0.0):
        """The next input, as `Field.moves` reads it."""
        self.input += 1
        return RECORD.pack(
            self.cid,
            self.input & 0xFFFF,
            packed(flags),
            yaw(facing),
            self.epoch,
            0,
            units(x),
            units(y),
            units(z),
        )

    def walk(self, x, y, z=50.0, ticks=1, **more):
        """One input, and so many ticks."""
        self.realm.post(0, NMSG_MOVES(moves=self.record(x, y, z, **more)))
        self.realm.ticks(ticks)
        return self

    @property
    def mover(self):
        """As the field has it."""
        player = self.client.player
        return player.field.read(player.slot)

    def said(self):
        """What the simulation said of this link so far, in order."""
        return [
            it for it in self.realm.effects if isinstance(it, Watch | Unwatch | Close) and it.cid == self.cid
        ]


def linked(realm, name, cid=1 << 14, **options):
    """A new character, which its client plays over a link."""
    link = Link(realm.enter(name, **options), cid)
    return link.attach(ticks=5)


def sees(link):
    """The guids of what a link's eye sees."""
    zone = next(z for z in link.realm.world.zones.values() if link.client.session in z.players)
    eye = zone.steering.eyes[link.client.player.slot]
    return {zone.entities[mover].guid for mover, _ in zone.steering.field.seen(eye).values()}
