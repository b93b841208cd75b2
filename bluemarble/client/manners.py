"""What every client answers by itself: clocks, and the teleports, roots and speeds that the server orders."""

from collections.abc import Callable
from typing import Any

from opcodes.movement import ROOT, MovementInfo
from opcodes.orders import (
    CMSG_FORCE_FLIGHT_BACK_SPEED_CHANGE_ACK,
    CMSG_FORCE_FLIGHT_SPEED_CHANGE_ACK,
    CMSG_FORCE_MOVE_ROOT_ACK,
    CMSG_FORCE_MOVE_UNROOT_ACK,
    CMSG_FORCE_RUN_BACK_SPEED_CHANGE_ACK,
    CMSG_FORCE_RUN_SPEED_CHANGE_ACK,
    CMSG_FORCE_SWIM_BACK_SPEED_CHANGE_ACK,
    CMSG_FORCE_SWIM_SPEED_CHANGE_ACK,
    CMSG_FORCE_TURN_RATE_CHANGE_ACK,
    CMSG_FORCE_WALK_SPEED_CHANGE_ACK,
    MSG_MOVE_TELEPORT_ACK,
    MSG_MOVE_WORLDPORT_ACK,
    SMSG_FORCE_FLIGHT_BACK_SPEED_CHANGE,
    SMSG_FORCE_FLIGHT_SPEED_CHANGE,
    SMSG_FORCE_MOVE_ROOT,
    SMSG_FORCE_MOVE_UNROOT,
    SMSG_FORCE_RUN_BACK_SPEED_CHANGE,
    SMSG_FORCE_RUN_SPEED_CHANGE,
    SMSG_FORCE_SWIM_BACK_SPEED_CHANGE,
    SMSG_FORCE_SWIM_SPEED_CHANGE,
    SMSG_FORCE_TURN_RATE_CHANGE,
    SMSG_FORCE_WALK_SPEED_CHANGE,
    SMSG_NEW_WORLD,
    MSG_MOVE_TELEPORT_ACK_Server,
    SpeedAck,
)
from opcodes.session import CMSG_TIME_SYNC_RESP, SMSG_TIME_SYNC_REQ
from opcodes.vocab import Packet

SPEED_ACKS: dict[type[Packet], type[SpeedAck]] = {
    SMSG_FORCE_RUN_SPEED_CHANGE: CMSG_FORCE_RUN_SPEED_CHANGE_ACK,
    SMSG_FORCE_RUN_BACK_SPEED_CHANGE: CMSG_FORCE_RUN_BACK_SPEED_CHANGE_ACK,
    SMSG_FORCE_WALK_SPEED_CHANGE: CMSG_FORCE_WALK_SPEED_CHANGE_ACK,
    SMSG_FORCE_SWIM_SPEED_CHANGE: CMSG_FORCE_SWIM_SPEED_CHANGE_ACK,
    SMSG_FORCE_SWIM_BACK_SPEED_CHANGE: CMSG_FORCE_SWIM_BACK_SPEED_CHANGE_ACK,
    SMSG_FORCE_FLIGHT_SPEED_CHANGE: CMSG_FORCE_FLIGHT_SPEED_CHANGE_ACK,
    SMSG_FORCE_FLIGHT_BACK_SPEED_CHANGE: CMSG_FORCE_FLIGHT_BACK_SPEED_CHANGE_ACK,
    SMSG_FORCE_TURN_RATE_CHANGE: CMSG_FORCE_TURN_RATE_CHANGE_ACK,
}


def answer(packet: Packet, place: tuple[float, float, float, float], now_ms: int) -> Packet | None:
    """
    What every client would say to that packet, or None.

    @param place: x, y, z, facing of the player.  @param now_ms: the client's clock.
    """
    cls = type(packet)
    if cls in ANSWERS:
        return ANSWERS[cls](packet, standing(place, now_ms), now_ms)
    if cls in SPEED_ACKS:
        order: Any = packet
        return SPEED_ACKS[cls](
            guid=order.guid, counter=order.move_event, info=standing(place, now_ms), new_speed=order.speed
        )
    return None


def standing(place: tuple[float, float, float, float], now_ms: int, flags: int = 0) -> MovementInfo:
    """The player, standing there."""
    x, y, z, facing = place
    return MovementInfo(
        flags=flags, flags2=0, timestamp=now_ms & 0xFFFF_FFFF, x=x, y=y, z=z, orientation=facing, fall_time=0
    )


def _clock(packet: SMSG_TIME_SYNC_REQ, info: MovementInfo, now_ms: int) -> Packet:
    return CMSG_TIME_SYNC_RESP(time_sync=packet.time_sync, client_ticks=now_ms & 0xFFFF_FFFF)


def _teleported(packet: MSG_MOVE_TELEPORT_ACK_Server, info: MovementInfo, now_ms: int) -> Packet:
    return MSG_MOVE_TELEPORT_ACK(
        guid=packet.guid, movement_counter=packet.movement_counter, time=now_ms & 0xFFFF_FFFF
    )


def _elsewhere(packet: SMSG_NEW_WORLD, info: MovementInfo, now_ms: int) -> Packet:
    return MSG_MOVE_WORLDPORT_ACK()


def _rooted(packet: SMSG_FORCE_MOVE_ROOT, info: MovementInfo, now_ms: int) -> Packet:
    info.flags = ROOT
    return CMSG_FORCE_MOVE_ROOT_ACK(guid=packet.guid, counter=packet.counter, info=info)


def _unrooted(packet: SMSG_FORCE_MOVE_UNROOT, info: MovementInfo, now_ms: int) -> Packet:
    return CMSG_FORCE_MOVE_UNROOT_ACK(guid=packet.guid, counter=packet.counter, info=info)


ANSWERS: dict[type[Packet], Callable[[Any, MovementInfo, int], Packet]] = {
    SMSG_TIME_SYNC_REQ: _clock,
    MSG_MOVE_TELEPORT_ACK_Server: _teleported,
    SMSG_NEW_WORLD: _elsewhere,
    SMSG_FORCE_MOVE_ROOT: _rooted,
    SMSG_FORCE_MOVE_UNROOT: _unrooted,
}
