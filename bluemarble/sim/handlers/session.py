"""A connection's own matters: logging out, vanishing, its clock, its saves."""

from bluemarble.sim import presence, resting
from bluemarble.sim.commands import answer
from bluemarble.sim.entity import Player
from bluemarble.sim.fields import FLAGS, UNIT_FLAG_IN_COMBAT
from bluemarble.sim.handling import handler
from bluemarble.sim.zone import Zone
from opcodes.cluster import NMSG_CLOCK, NMSG_DISCONNECTED, NMSG_LEAVE, NMSG_SAVED
from opcodes.movement import FALLING, FALLING_FAR
from opcodes.session import (
    CMSG_LOGOUT_CANCEL,
    CMSG_LOGOUT_REQUEST,
    CMSG_PLAYER_LOGOUT,
    LOGOUT_DELAYED,
    LOGOUT_FAILURE_FALLING,
    LOGOUT_FAILURE_IN_COMBAT,
    LOGOUT_INSTANT,
    LOGOUT_SUCCESS,
    SMSG_LOGOUT_CANCEL_ACK,
    SMSG_LOGOUT_RESPONSE,
)


@handler
def ask_logout(zone: Zone, player: Player, message: CMSG_LOGOUT_REQUEST) -> None:
    """At once for those who rest and for game masters, for others after sitting still; not in a fight."""
    if player.fields.get(FLAGS, 0) & UNIT_FLAG_IN_COMBAT:
        zone.send(player, SMSG_LOGOUT_RESPONSE(result=LOGOUT_FAILURE_IN_COMBAT, speed=LOGOUT_DELAYED))
    elif _falls(player):
        zone.send(player, SMSG_LOGOUT_RESPONSE(result=LOGOUT_FAILURE_FALLING, speed=LOGOUT_DELAYED))
    elif resting.rests(zone, player) or player.gmlevel >= zone.rules.instant_logout_level:
        zone.send(player, SMSG_LOGOUT_RESPONSE(result=LOGOUT_SUCCESS, speed=LOGOUT_INSTANT))
        presence.leave(zone, player, complete=True)
    else:
        zone.send(player, SMSG_LOGOUT_RESPONSE(result=LOGOUT_SUCCESS, speed=LOGOUT_DELAYED))
        presence.begin_logout(zone, player)


@handler
def cancel_logout(zone: Zone, player: Player, message: CMSG_LOGOUT_CANCEL) -> None:
    """The player stays; asked for out of the blue, it is answered all the same."""
    zone.send(player, SMSG_LOGOUT_CANCEL_ACK())
    presence.cancel_logout(zone, player)


@handler
def demand_logout(zone: Zone, player: Player, message: CMSG_PLAYER_LOGOUT) -> None:
    """The client's command for an immediate exit: granted to game masters, to others an ordinary request."""
    ask_logout(zone, player, CMSG_LOGOUT_REQUEST())


@handler
def disconnected(zone: Zone, player: Player, message: NMSG_DISCONNECTED) -> None:
    """The socket has closed: the character lingers, unless its datagram link keeps it."""
    if player.cid:
        player.wired = False
    else:
        presence.linger(zone, player)


@handler
def leave(zone: Zone, player: Player, message: NMSG_LEAVE) -> None:
    """The server wants the character out, saved."""
    presence.leave(zone, player)


@handler
def clock(zone: Zone, player: Player, message: NMSG_CLOCK) -> None:
    """What the gateway measured of the client."""
    player.latency_ms = message.latency_ms
    player.offset_ms = message.offset_ms


@handler
def saved(zone: Zone, player: Player, message: NMSG_SAVED) -> None:
    """A save that a command waits for has reached the database."""
    if player.saving:
        player.saving -= 1
        answer(zone, player, "Saved.")


def _falls(player: Player) -> bool:
    """As its link last said, or TCP; what TCP said before it was on its link does not count."""
    if player.field is not None:
        flags = player.field.read(player.slot).flags
    else:
        flags = 0 if player.movement is None else player.movement.flags
    return bool(flags & (FALLING | FALLING_FAR))
