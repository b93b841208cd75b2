"""A player's datagram link comes and goes."""

from bluemarble.sim import burst, presence, travel
from bluemarble.sim.entity import Player
from bluemarble.sim.handling import handler
from bluemarble.sim.zone import Zone
from opcodes.links import NMSG_UDP_ATTACHED, NMSG_UDP_GONE


@handler
def attached(zone: Zone, player: Player, message: NMSG_UDP_ATTACHED) -> None:
    """The client is on its link: it plays over that from now on, or as soon as its character is there."""
    if player.cid:
        zone.steering.end(player)
    player.cid = message.cid
    player.linger_ms = 0
    if player.teleport is not None:
        travel.finish_near(zone, player)
    if player.created:
        zone.steering.begin(player)
    elif player.create_ms <= zone.now_ms:  # its time has passed while it lingered
        burst.create(zone, player)


@handler
def gone(zone: Zone, player: Player, message: NMSG_UDP_GONE) -> None:
    """The link is no more: back to TCP, or, when that has gone before, the character lingers."""
    if player.cid != message.cid:
        return  # another came after it
    zone.steering.end(player)
    if not player.wired:
        presence.linger(zone, player)
    elif player.created:
        zone.sight.watch(player)
