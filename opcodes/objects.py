"""
SMSG_UPDATE_OBJECT: objects made, changed and gone.

Blocks are records of their own, so that one block's bytes serve every client of a build that is sent it.
Source: facts/wire_335.md section 2; checked against the wow_world_messages package.
"""

from typing import Annotated

from opcodes.movement import SPLINE_ENABLED, MovementInfo, Point
from opcodes.vocab import (
    Packet,
    Record,
    Rest,
    Values,
    f32,
    listed,
    one_of,
    packed_guid,
    this,
    u8,
    u16,
    u32,
    u64,
    when,
)

VALUES, MOVEMENT, CREATE_OBJECT, CREATE_OBJECT2, OUT_OF_RANGE_OBJECTS, NEAR_OBJECTS = range(6)
(
    TYPEID_OBJECT,
    TYPEID_ITEM,
    TYPEID_CONTAINER,
    TYPEID_UNIT,
    TYPEID_PLAYER,
    TYPEID_GAMEOBJECT,
    TYPEID_DYNAMICOBJECT,
    TYPEID_CORPSE,
) = range(8)

UPDATEFLAG_SELF = 0x001
UPDATEFLAG_TRANSPORT = 0x002
UPDATEFLAG_HAS_TARGET = 0x004
UPDATEFLAG_LOW_GUID = 0x008
UPDATEFLAG_HIGH_GUID = 0x010
UPDATEFLAG_LIVING = 0x020
UPDATEFLAG_STATIONARY_POSITION = 0x040
UPDATEFLAG_VEHICLE = 0x080
UPDATEFLAG_POSITION = 0x100
UPDATEFLAG_ROTATION = 0x200
PLACES = UPDATEFLAG_LIVING | UPDATEFLAG_POSITION | UPDATEFLAG_STATIONARY_POSITION

SPLINE_FINAL_POINT = 0x0000_8000  # with the numbers of orders.SPLINEFLAG_
SPLINE_FINAL_TARGET = 0x0001_0000
SPLINE_FINAL_ANGLE = 0x0002_0000
FINAL = SPLINE_FINAL_POINT | SPLINE_FINAL_TARGET | SPLINE_FINAL_ANGLE

MASK_WORDS = 42  # a player's 1326 fields
OBJECTS_IN_PACKET = 4096


class Spline(Record):
    """Where a unit is going by itself, for those who see it from now on."""

    spline_flags: u32
    angle: f32 | None = when(this.spline_flags & SPLINE_FINAL_ANGLE)
    target: u64 | None = when(
        (this.spline_flags & (SPLINE_FINAL_ANGLE | SPLINE_FINAL_TARGET)) == SPLINE_FINAL_TARGET
    )
    spline_final_point: Point | None = when((this.spline_flags & FINAL) == SPLINE_FINAL_POINT)
    time_passed: u32
    duration: u32
    id: u32
    duration_mod: f32 = 1.0
    duration_mod_next: f32 = 1.0
    vertical_acceleration: f32 = 0.0
    effect_start_time: u32 = 0
    nodes: list[Point] = listed(count=u32, limit=1000)
    mode: u8 = 0
    final_node: Point


class Living(MovementInfo):
    """How a unit moves: as movement packets say, its speeds in yards and radians a second, its spline."""

    walking_speed: f32
    running_speed: f32
    backwards_running_speed: f32
    swimming_speed: f32
    backwards_swimming_speed: f32
    flight_speed: f32
    backwards_flight_speed: f32
    turn_rate: f32
    pitch_rate: f32
    spline: Spline | None = when(this.flags & SPLINE_ENABLED)


class Passenger(Record):
    """Where an object stands that may be on a transport; the offsets repeat the place when it is not."""

    transport_guid: packed_guid
    x: f32
    y: f32
    z: f32
    offset_x: f32
    offset_y: f32
    offset_z: f32
    orientation: f32
    corpse_orientation: f32


class Place(Record):
    """Where an object stands."""

    x: f32
    y: f32
    z: f32
    orientation: f32


class MovementBlock(Record):
    """Where an object is; the flags say in which words."""

    update_flag: u16
    living: Living | None = when(this.update_flag & UPDATEFLAG_LIVING)
    passenger: Passenger | None = when(
        (this.update_flag & (UPDATEFLAG_LIVING | UPDATEFLAG_POSITION)) == UPDATEFLAG_POSITION
    )
    place: Place | None = when((this.update_flag & PLACES) == UPDATEFLAG_STATIONARY_POSITION)
    unknown0: u32 | None = when(this.update_flag & UPDATEFLAG_LOW_GUID)
    unknown1: u32 | None = when(this.update_flag & UPDATEFLAG_HIGH_GUID)
    guid: packed_guid | None = when(this.update_flag & UPDATEFLAG_HAS_TARGET)
    transport_progress_in_ms: u32 | None = when(this.update_flag & UPDATEFLAG_TRANSPORT)
    vehicle_id: u32 | None = when(this.update_flag & UPDATEFLAG_VEHICLE)
    vehicle_orientation: f32 | None = when(this.update_flag & UPDATEFLAG_VEHICLE)
    packed_local_rotation: u64 | None = when(this.update_flag & UPDATEFLAG_ROTATION)


class UpdateBlock(Record):
    """
    One object of SMSG_UPDATE_OBJECT, or the guids of several.

    `values` maps update field indices (opcodes.update_fields) to raw u32s.
    """

    update_type: u8
    guid: packed_guid | None = when(this.update_type <= CREATE_OBJECT2)
    object_type: u8 | None = when(one_of(this.update_type, CREATE_OBJECT, CREATE_OBJECT2))
    movement: MovementBlock | None = when(one_of(this.update_type, MOVEMENT, CREATE_OBJECT, CREATE_OBJECT2))
    values: Annotated[dict[int, int], Values(MASK_WORDS)] | None = when(
        one_of(this.update_type, VALUES, CREATE_OBJECT, CREATE_OBJECT2)
    )
    guids: list[packed_guid] | None = when(
        one_of(this.update_type, OUT_OF_RANGE_OBJECTS, NEAR_OBJECTS),
        then=listed(count=u32, limit=OBJECTS_IN_PACKET),
    )


class SMSG_UPDATE_OBJECT(Packet):
    """Objects that have come into sight, changed or gone."""

    blocks: list[UpdateBlock] = listed(count=u32, limit=OBJECTS_IN_PACKET)


class SMSG_COMPRESSED_UPDATE_OBJECT(Packet):
    """An SMSG_UPDATE_OBJECT's body, zlib."""

    decompressed_size: u32
    compressed_data: Annotated[bytes, Rest(0x7FFF)]


class SMSG_DESTROY_OBJECT(Packet):
    """An object is gone."""

    guid: u64
    target_died: u8 = 0
