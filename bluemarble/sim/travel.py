"""Teleports: near ones within the map, far ones to another."""

from typing import TYPE_CHECKING

from bluemarble.sim import burst, presence, resting, saving
from bluemarble.sim.entity import Player
from bluemarble.sim.geometry import f32, on_map
from bluemarble.sim.state import player_from, player_state
from bluemarble.sim.timers import SAVE, TELEPORT
from opcodes.cluster import NMSG_TRAVEL
from opcodes.datagram import CLOSE_REPLACED
from opcodes.movement import MSG_MOVE_TELEPORT, MovementInfo
from opcodes.orders import (
    SMSG_NEW_WORLD,
    SMSG_TRANSFER_ABORTED,
    SMSG_TRANSFER_PENDING,
    TRANSFER_ABORT_NOT_FOUND,
    MSG_MOVE_TELEPORT_ACK_Server,
)

if TYPE_CHECKING:
    from bluemarble.sim.zone import Zone


def teleport(zone: "Zone", player: Player, map_: int, place: tuple[float, float, float, float]) -> bool:
    """
    Send a player somewhere: x, y, z, facing on a map.

    @return: whether there is such a place, and no other teleport is under way.
    """
    if player.teleport is not None or player.create_ms or not on_map(*place):
        return False
    if map_ not in zone.content.maps:
        zone.send(player, SMSG_TRANSFER_ABORTED(map=map_, reason=TRANSFER_ABORT_NOT_FOUND))
        return False
    x, y, z, facing = map(f32, place)
    presence.cancel_logout(zone, player)
    resting.end(zone, player)
    if map_ == zone.map:
        near(zone, player, (x, y, z, facing))
    else:
        far(zone, player, map_, (x, y, z, facing))
    return True


def near(zone: "Zone", player: Player, place: tuple[float, float, float, float]) -> None:
    """Within the map: it stands there once its client has acknowledged, or failed to for long enough."""
    player.teleport = place
    if player.field is not None:
        finish_near(zone, player)  # its link tells it, for as long as it takes
        return
    player.counter += 1
    x, y, z, facing = place
    info = MovementInfo(
        flags=0, flags2=0, timestamp=zone.now_ms & 0xFFFF_FFFF, x=x, y=y, z=z, orientation=facing, fall_time=0
    )
    zone.send(
        player, MSG_MOVE_TELEPORT_ACK_Server(guid=player.guid, movement_counter=player.counter, info=info)
    )
    player.teleport_ms = zone.timers.put(zone.now_ms + zone.rules.teleport_near_ms, TELEPORT, player.guid)


def finish_near(zone: "Zone", player: Player) -> None:
    """The player is there now: those who see it are told at once, everyone else at the step's end."""
    if player.teleport is None:
        return
    player.stand(player.teleport, zone.real_ms)
    player.teleport, player.teleport_ms = None, 0
    presence.rest(zone, player)
    zone.send_nearby(
        player,
        MSG_MOVE_TELEPORT(
            guid=player.guid,
            flags=0,
            flags2=0,
            timestamp=zone.now_ms & 0xFFFF_FFFF,
            x=player.x,
            y=player.y,
            z=player.z,
            orientation=player.facing,
            fall_time=0,
        ),
    )
    zone.sight.put(player)
    zone.grids.moved(player)


def teleport_due(zone: "Zone", guid: int, at_ms: int) -> None:
    """The client does not answer: it may never have learnt the packet."""
    player = zone.objects.get(guid)
    if isinstance(player, Player) and player.teleport_ms == at_ms:
        zone.count("teleport_unanswered")
        finish_near(zone, player)


def far(zone: "Zone", player: Player, map_: int, place: tuple[float, float, float, float]) -> None:
    """To another map: saved as being there, and gone from here until its client has loaded the map."""
    x, y, z, facing = place
    zone.send(player, SMSG_TRANSFER_PENDING(map=map_))
    zone.send(player, SMSG_NEW_WORLD(map=map_, x=x, y=y, z=z, orientation=facing))
    saving.save(zone, player, at=(map_, *place))
    presence.depart(zone, player, CLOSE_REPLACED)  # a link belongs to a map: there it asks for another
    player.movement = None
    player.created = player.looking = False
    player.stand(place)
    zone.tell(
        map_,
        player.session,
        NMSG_TRAVEL(
            map=map_,
            x=x,
            y=y,
            z=z,
            facing=facing,
            until_ms=zone.now_ms + zone.rules.teleport_far_ms,
            player=player_state(zone, player),
        ),
    )


def arrive(zone: "Zone", session: int, message: NMSG_TRAVEL) -> None:
    """A traveller's client has loaded this map: what it shows now is the zone's."""
    player = player_from(message.player, zone.slot())
    player.stand((message.x, message.y, message.z, message.facing))
    presence.rest(zone, player)
    zone.epoch_s = message.player.server_time - player.entered_ms // 1000
    presence.settle(zone, player)
    if player.save_ms:
        player.save_ms = zone.timers.put(max(player.save_ms, zone.now_ms + 50), SAVE, player.guid)
    burst.surroundings(zone, player, entered=0)
    if not player.wired and not player.cid:
        presence.linger(zone, player)
