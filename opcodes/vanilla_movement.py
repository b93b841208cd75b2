"""
Movement as client 1.12.1 (build 5875) writes it.

A client names no mover: `guid` is 0 in what it sends of itself.  Flags are other numbers, there is no second
word of them, and a transport has neither clock nor seats.

Source: checked against wow_world_messages.vanilla; where that differs (transports, the guid of a teleport's
acknowledgement) as the servers do that 1.12.1 clients play on, mangos-zero and mangos-classic.
"""

import functools
import types
from typing import Annotated, Any

import construct as c

from opcodes import movement as m
from opcodes import orders as o
from opcodes.objects import SPLINE_FINAL_ANGLE, SPLINE_FINAL_POINT, SPLINE_FINAL_TARGET
from opcodes.vocab import (
    Mapped,
    Record,
    count_of,
    f32,
    listed,
    packed_guid,
    this,
    u8,
    u32,
    u64,
    when,
)
from opcodes.wire_forms import WholeOrPacked

__all__ = ["LAYOUTS", "MoveFlags", "MovementInfo5875", "SplineFlags", "Transport5875"]

SAME_FLAGS = (
    m.FORWARD
    | m.BACKWARD
    | m.STRAFE_LEFT
    | m.STRAFE_RIGHT
    | m.LEFT
    | m.RIGHT
    | m.PITCH_UP
    | m.PITCH_DOWN
    | m.WALKING
    | m.DISABLE_GRAVITY
    | m.SWIMMING
    | m.SPLINE_ELEVATION
    | m.WATERWALKING
    | m.FALLING_SLOW
    | m.HOVER
)
OTHER_FLAGS = {
    m.ON_TRANSPORT: 0x0200_0000,
    m.ROOT: 0x1000,
    m.FALLING: 0x2000,
    m.FALLING_FAR: 0x4000,
    m.SPLINE_ENABLED: 0x0040_0000,
    m.CAN_FLY: 0x0080_0000,
    m.FLYING: 0x0100_0000,
}
SPLINE_FLAGS = {
    o.SPLINEFLAG_DONE: 0x1,
    o.SPLINEFLAG_FALLING: 0x2,
    o.SPLINEFLAG_FLYING: 0x200,
    SPLINE_FINAL_POINT: 0x1_0000,
    SPLINE_FINAL_TARGET: 0x2_0000,
    SPLINE_FINAL_ANGLE: 0x4_0000,
    o.SPLINEFLAG_CYCLIC: 0x10_0000,
}
RUN_MODE = 0x100  # where we say who walks, 1.12.1 says who runs


@functools.lru_cache(4096)
def _flags_in(theirs: int) -> int:
    """Without FLYING: nobody flies there, and nobody who does is without a pitch here."""
    return (theirs & SAME_FLAGS | sum(ours for ours, bit in OTHER_FLAGS.items() if theirs & bit)) & ~m.FLYING


@functools.lru_cache(4096)
def _flags_out(ours: int) -> int:
    return ours & SAME_FLAGS | sum(bit for flag, bit in OTHER_FLAGS.items() if ours & flag)


def _spline_in(theirs: int) -> int:
    known = sum(ours for ours, bit in SPLINE_FLAGS.items() if theirs & bit)
    return known if theirs & RUN_MODE else known | o.SPLINEFLAG_WALKMODE


def _spline_out(ours: int) -> int:
    known = sum(bit for flag, bit in SPLINE_FLAGS.items() if ours & flag)
    return known if ours & o.SPLINEFLAG_WALKMODE else known | RUN_MODE


MoveFlags = Annotated[int, Mapped(c.Int32ul, _flags_in, _flags_out)]
SplineFlags = Annotated[int, Mapped(c.Int32ul, _spline_in, _spline_out)]


class Transport5875(Record, of=m.Transport):
    """Where a mover stands on what carries it."""

    guid: u64
    x: f32
    y: f32
    z: f32
    orientation: f32


class MovementInfo5875(Record, of=m.MovementInfo):
    """How a unit moves."""

    flags: MoveFlags
    timestamp: u32
    x: f32
    y: f32
    z: f32
    orientation: f32
    transport: Transport5875 | None = when(this.flags & m.ON_TRANSPORT)
    pitch: f32 | None = when(this.flags & m.SWIMMING)
    fall_time: u32
    jump: m.Jump | None = when(this.flags & m.FALLING)
    spline_elevation: f32 | None = when(this.flags & m.SPLINE_ELEVATION)


class Moved(MovementInfo5875, of=m.Movement):
    """What a client says of its player."""


class Relayed(Record, of=m.Movement):
    """What the others are told."""

    guid: packed_guid
    flags: MoveFlags
    timestamp: u32
    x: f32
    y: f32
    z: f32
    orientation: f32
    transport: Transport5875 | None = when(this.flags & m.ON_TRANSPORT)
    pitch: f32 | None = when(this.flags & m.SWIMMING)
    fall_time: u32
    jump: m.Jump | None = when(this.flags & m.FALLING)
    spline_elevation: f32 | None = when(this.flags & m.SPLINE_ELEVATION)


class RelayedSpeed(Relayed, of=m.SpeedSet):
    """A player's speed has changed."""

    new_speed: f32


class RunSpeedOrder(Record, of=o.SMSG_FORCE_RUN_SPEED_CHANGE):
    """Like the other speeds."""

    guid: packed_guid
    move_event: u32
    speed: f32


class Ack5875(Record, of=o.Ack):
    """The player moves that way now."""

    guid: u64
    counter: u32
    info: MovementInfo5875


class SpeedAck5875(Record, of=o.SpeedAck):
    """The player moves at that speed now."""

    guid: u64
    counter: u32
    info: MovementInfo5875
    new_speed: f32


class TeleportAck5875(Record, of=o.MSG_MOVE_TELEPORT_ACK):
    """The player has seen that it is somewhere else now."""

    guid: Annotated[int, WholeOrPacked(tail=8)]
    movement_counter: u32
    time: u32


class TeleportOrder(Record, of=o.MSG_MOVE_TELEPORT_ACK_Server):
    """A near teleport's order."""

    guid: packed_guid
    movement_counter: u32
    info: MovementInfo5875


class TimeSkipped(Record, of=o.CMSG_MOVE_TIME_SKIPPED):
    """The client was busy for so long."""

    guid: u64
    lag: u32


class TransferAborted(Record, of=o.SMSG_TRANSFER_ABORTED):
    """The far teleport does not happen; of its few reasons ours are "full" and "not found"."""

    map: u32
    reason: Annotated[
        int,
        Mapped(
            c.Int8ul,
            lambda theirs: min(theirs + 1, o.TRANSFER_ABORT_NOT_FOUND),
            lambda ours: 1 if ours == o.TRANSFER_ABORT_MAX_PLAYERS else 2,
        ),
    ]
    argument: u8 = 0


class Walk5875(Record, of=o.Walk):
    """How a creature goes."""

    spline_flags: SplineFlags
    duration: u32
    points: Annotated[int, Mapped(c.Int32ul, lambda theirs: theirs - 1, lambda ours: ours + 1)] = count_of(
        "offsets"
    )
    destination: m.Point
    offsets: list[u32] = listed(count=this.points, limit=500)


class MonsterMove5875(Record, of=o.SMSG_MONSTER_MOVE):
    """A creature walks or stands still."""

    guid: packed_guid
    x: f32
    y: f32
    z: f32
    spline_id: u32
    move_type: u8
    target: u64 | None = when(this.move_type == o.MONSTER_MOVE_FACING_TARGET)
    angle: f32 | None = when(this.move_type == o.MONSTER_MOVE_FACING_ANGLE)
    facing_spot: m.Point | None = when(this.move_type == o.MONSTER_MOVE_FACING_SPOT)
    walk: Walk5875 | None = when(this.move_type != o.MONSTER_MOVE_STOP)


def _kin(module: types.ModuleType, base: type[Record]) -> list[Any]:
    """The packets of a module that have a base's layout."""
    return [
        cls
        for cls in vars(module).values()
        if isinstance(cls, type) and issubclass(cls, base) and cls is not base
    ]


def _of(cls: Any, layout: type[Record]) -> Any:
    """A layout for one more packet."""
    return types.new_class(f"{cls.__name__}_{layout.__name__}", (layout,), {"of": cls})


LAYOUTS: dict[tuple[type[Record], bool], type[Record]] = {
    (o.SMSG_FORCE_RUN_SPEED_CHANGE, False): RunSpeedOrder,
    (o.MSG_MOVE_TELEPORT_ACK, True): TeleportAck5875,
    (o.MSG_MOVE_TELEPORT_ACK_Server, False): TeleportOrder,
    (o.CMSG_MOVE_TIME_SKIPPED, True): TimeSkipped,
    (o.SMSG_TRANSFER_ABORTED, False): TransferAborted,
    (o.SMSG_MONSTER_MOVE, False): MonsterMove5875,
    **{
        (cls, False): _of(cls, RelayedSpeed if issubclass(cls, m.SpeedSet) else Relayed)
        for cls in _kin(m, m.Movement)
        if cls is not m.SpeedSet
    },
    **{(cls, True): _of(cls, Moved) for cls in _kin(m, m.Movement) if not issubclass(cls, m.SpeedSet)},
    **{(cls, True): _of(cls, Ack5875) for cls in _kin(o, o.Ack)},
    **{(cls, True): _of(cls, SpeedAck5875) for cls in _kin(o, o.SpeedAck)},
}
