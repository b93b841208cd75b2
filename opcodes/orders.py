"""
Movement that the server orders: speeds, roots, teleports, other maps, creatures' walks; and acknowledgements.

An order carries a counter that the client's acknowledgement repeats.
Source: checked against the wow_world_messages package, which has an old form of the flight acknowledgements.
"""

from typing import Annotated

import construct

from opcodes.movement import MovementInfo, Point
from opcodes.vocab import (
    Mapped,
    Packet,
    Record,
    count_of,
    f32,
    listed,
    maybe,
    one_of,
    packed_guid,
    this,
    u8,
    u32,
    u64,
    when,
)

(
    MONSTER_MOVE_NORMAL,
    MONSTER_MOVE_STOP,
    MONSTER_MOVE_FACING_SPOT,
    MONSTER_MOVE_FACING_TARGET,
    MONSTER_MOVE_FACING_ANGLE,
) = range(5)

# Source: as TrinityCore 3.3.5 and WowPacketParser have them; wow_world_messages has 1.12.1's numbers here.
SPLINEFLAG_DONE = 0x0000_0100
SPLINEFLAG_FALLING = 0x0000_0200
SPLINEFLAG_PARABOLIC = 0x0000_0800
SPLINEFLAG_WALKMODE = 0x0000_1000
SPLINEFLAG_FLYING = 0x0000_2000
SPLINEFLAG_CATMULLROM = 0x0004_0000
SPLINEFLAG_CYCLIC = 0x0008_0000
SPLINEFLAG_ENTER_CYCLE = 0x0010_0000
SPLINEFLAG_ANIMATION = 0x0020_0000

TRANSFER_ABORT_ERROR, TRANSFER_ABORT_MAX_PLAYERS, TRANSFER_ABORT_NOT_FOUND = 1, 2, 3
TRANSFER_ABORT_INSUFFICIENT_EXPANSION, TRANSFER_ABORT_DIFFICULTY, TRANSFER_ABORT_UNIQUE_MESSAGE = 7, 8, 9
TRANSFER_ABORT_MAP_NOT_ALLOWED = 16


class SpeedOrder(Packet):
    """A player's own speed changes; it answers."""

    guid: packed_guid
    move_event: u32
    speed: f32


class SMSG_FORCE_RUN_SPEED_CHANGE(Packet):
    """Running forward; the one that carries a byte more."""

    guid: packed_guid
    move_event: u32
    unknown: u8 = 0
    speed: f32


class SMSG_FORCE_RUN_BACK_SPEED_CHANGE(SpeedOrder):
    """Running backward."""


class SMSG_FORCE_SWIM_SPEED_CHANGE(SpeedOrder):
    """Swimming forward."""


class SMSG_FORCE_WALK_SPEED_CHANGE(SpeedOrder):
    """Walking."""


class SMSG_FORCE_SWIM_BACK_SPEED_CHANGE(SpeedOrder):
    """Swimming backward."""


class SMSG_FORCE_TURN_RATE_CHANGE(SpeedOrder):
    """Turning."""


class SMSG_FORCE_FLIGHT_SPEED_CHANGE(SpeedOrder):
    """Flying forward."""


class SMSG_FORCE_FLIGHT_BACK_SPEED_CHANGE(SpeedOrder):
    """Flying backward."""


class SpeedAck(Packet):
    """The player moves at that speed now."""

    guid: packed_guid
    counter: u32
    info: MovementInfo
    new_speed: f32


class CMSG_FORCE_RUN_SPEED_CHANGE_ACK(SpeedAck):
    """Running forward."""


class CMSG_FORCE_RUN_BACK_SPEED_CHANGE_ACK(SpeedAck):
    """Running backward."""


class CMSG_FORCE_SWIM_SPEED_CHANGE_ACK(SpeedAck):
    """Swimming forward."""


class CMSG_FORCE_WALK_SPEED_CHANGE_ACK(SpeedAck):
    """Walking."""


class CMSG_FORCE_SWIM_BACK_SPEED_CHANGE_ACK(SpeedAck):
    """Swimming backward."""


class CMSG_FORCE_TURN_RATE_CHANGE_ACK(SpeedAck):
    """Turning."""


class CMSG_FORCE_FLIGHT_SPEED_CHANGE_ACK(SpeedAck):
    """Flying forward."""


class CMSG_FORCE_FLIGHT_BACK_SPEED_CHANGE_ACK(SpeedAck):
    """Flying backward."""


class Order(Packet):
    """A player's way of moving changes; it answers."""

    guid: packed_guid
    counter: u32


class SMSG_FORCE_MOVE_ROOT(Order):
    """It stands still."""


class SMSG_FORCE_MOVE_UNROOT(Order):
    """It may move again."""


class SMSG_MOVE_WATER_WALK(Order):
    """It walks on water."""


class SMSG_MOVE_LAND_WALK(Order):
    """It no longer does."""


class SMSG_MOVE_FEATHER_FALL(Order):
    """It falls slowly."""


class SMSG_MOVE_NORMAL_FALL(Order):
    """It no longer does."""


class SMSG_MOVE_SET_HOVER(Order):
    """It hovers."""


class SMSG_MOVE_UNSET_HOVER(Order):
    """It no longer does."""


class SMSG_MOVE_SET_CAN_FLY(Order):
    """It may fly."""


class SMSG_MOVE_UNSET_CAN_FLY(Order):
    """It no longer may."""


class Ack(Packet):
    """The player moves that way now."""

    guid: packed_guid
    counter: u32
    info: MovementInfo


class CMSG_FORCE_MOVE_ROOT_ACK(Ack):
    """It stands still."""


class CMSG_FORCE_MOVE_UNROOT_ACK(Ack):
    """It may move again."""


class MSG_MOVE_TELEPORT_ACK(Packet):
    """The player has seen that it is somewhere else now."""

    guid: packed_guid
    movement_counter: u32
    time: u32


class MSG_MOVE_TELEPORT_ACK_Server(Packet):
    """A near teleport's order, to the player itself."""

    guid: packed_guid
    movement_counter: u32
    info: MovementInfo


class PendingTransport(Record):
    """The ship that takes the player across."""

    transport: u32
    transport_map: u32


class SMSG_TRANSFER_PENDING(Packet):
    """A far teleport begins: show the loading screen of this map."""

    map: u32
    transport: PendingTransport | None = maybe()


class SMSG_NEW_WORLD(Packet):
    """The player is there now; MSG_MOVE_WORLDPORT_ACK is the answer when the map is loaded."""

    map: u32
    x: f32
    y: f32
    z: f32
    orientation: f32


class MSG_MOVE_WORLDPORT_ACK(Packet):
    """The map is loaded; send the world."""


class SMSG_TRANSFER_ABORTED(Packet):
    """The far teleport does not happen."""

    map: u32
    reason: u8
    difficulty: u8 | None = when(
        one_of(
            this.reason,
            TRANSFER_ABORT_INSUFFICIENT_EXPANSION,
            TRANSFER_ABORT_DIFFICULTY,
            TRANSFER_ABORT_UNIQUE_MESSAGE,
        )
    )


class CMSG_SET_ACTIVE_MOVER(Packet):
    """Whom the player's movement packets move from now on."""

    guid: u64


class SMSG_CLIENT_CONTROL_UPDATE(Packet):
    """Whether the player may move that unit."""

    guid: packed_guid
    allow_movement: u8


class CMSG_MOVE_TIME_SKIPPED(Packet):
    """The client was busy for so long."""

    guid: packed_guid
    lag: u32


class MSG_MOVE_TIME_SKIPPED(Packet):
    """A player's client was busy for so long: to the others."""

    guid: packed_guid
    lag: u32


def _less_one(value: int) -> int:
    return value - 1


def _more_one(value: int) -> int:
    return value + 1


class Walk(Record):
    """
    How a creature goes: along `offsets` to `destination` in `duration` ms.

    An offset packs a middle point relative to the middle of start and destination, in signed quarter yards:
    x 11 bits, y 11, z 10, lowest first.  Flags that want whole points instead are not for this class.
    """

    spline_flags: u32
    animation_id: u8 | None = when(this.spline_flags & SPLINEFLAG_ANIMATION)
    animation_start_time: u32 | None = when(this.spline_flags & SPLINEFLAG_ANIMATION)
    duration: u32
    vertical_acceleration: f32 | None = when(this.spline_flags & SPLINEFLAG_PARABOLIC)
    effect_start_time: u32 | None = when(this.spline_flags & SPLINEFLAG_PARABOLIC)
    points: Annotated[int, Mapped(construct.Int32ul, _less_one, _more_one)] = count_of("offsets")
    destination: Point
    offsets: list[u32] = listed(count=this.points, limit=500)


class SMSG_MONSTER_MOVE(Packet):
    """A creature at x, y, z walks, or with MONSTER_MOVE_STOP stands still."""

    guid: packed_guid
    unknown: u8 = 0
    x: f32
    y: f32
    z: f32
    spline_id: u32
    move_type: u8
    target: u64 | None = when(this.move_type == MONSTER_MOVE_FACING_TARGET)
    angle: f32 | None = when(this.move_type == MONSTER_MOVE_FACING_ANGLE)
    facing_spot: Point | None = when(this.move_type == MONSTER_MOVE_FACING_SPOT)
    walk: Walk | None = when(this.move_type != MONSTER_MOVE_STOP)
