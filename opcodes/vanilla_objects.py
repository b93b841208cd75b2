"""
SMSG_UPDATE_OBJECT as client 1.12.1 (build 5875) reads it.

Update fields have other indices, and the bytes of some are packed otherwise; which fields an object has, its
guid tells.  A game object's place and rotation are fields.  Fields that 1.12.1 lacks are left out.

Source: checked against wow_world_messages.vanilla; the bytes of packed fields as in mangos-classic.
"""

import math
import struct
from collections.abc import Callable
from typing import Annotated, NamedTuple

import construct as c

from opcodes import movement as m
from opcodes import objects as o
from opcodes.update_fields import fields, index, renumbering
from opcodes.vanilla_movement import MoveFlags, SplineFlags, Transport5875
from opcodes.vocab import (
    Mapped,
    Record,
    Values,
    count_of,
    f32,
    listed,
    one_of,
    packed_guid,
    this,
    u8,
    u32,
    u64,
    when,
)

__all__ = ["BUILD", "LAYOUTS", "UpdateBlock5875", "fields_in", "fields_out"]

BUILD = 5875
MASK_WORDS = 41  # a player's 1282 fields
UPDATEFLAG_ALL = 0x10  # set for every object; a word follows that says nothing
SAME_UPDATE_FLAGS = (
    o.UPDATEFLAG_SELF
    | o.UPDATEFLAG_TRANSPORT
    | o.UPDATEFLAG_HAS_TARGET
    | o.UPDATEFLAG_LOW_GUID
    | o.UPDATEFLAG_LIVING
    | o.UPDATEFLAG_STATIONARY_POSITION
)
PLACED = o.UPDATEFLAG_LIVING | o.UPDATEFLAG_POSITION | o.UPDATEFLAG_STATIONARY_POSITION
HIGH = 48  # shift: a guid's high bits
HIGH_GAMEOBJECT = 0xF110
UNIT_END = fields(BUILD)["PLAYER_DUEL_ARBITER"].index


class Kind(NamedTuple):
    """
    A kind of object: its update fields.

    @ivar there: our index to 1.12.1's.
    @ivar back: 1.12.1's to ours.
    """

    there: dict[int, int]
    back: dict[int, int]


def _kind(*names: str, end: int = MASK_WORDS * 32) -> Kind:
    there = {ours: theirs for ours, theirs in renumbering(BUILD, names).items() if theirs < end}
    return Kind(there, {theirs: ours for ours, theirs in there.items()})


UNIT, PLAYER = _kind("UNIT_", end=UNIT_END), _kind("UNIT_", "PLAYER_")
GAMEOBJECT = _kind("OBJECT_FIELD_CREATED_BY", "GAMEOBJECT_")
KINDS = {
    0x0000: PLAYER,
    0x4000: _kind("ITEM_", "CONTAINER_"),
    HIGH_GAMEOBJECT: GAMEOBJECT,
    0xF120: GAMEOBJECT,
    0x1FC0: GAMEOBJECT,
    0xF100: _kind("DYNAMICOBJECT_"),
    0xF101: _kind("CORPSE_"),
}

# What an NPC does: our bit to theirs.
NPC_FLAGS = {
    0x1: 0x1,
    0x2: 0x2,
    0x10: 0x10,
    0x80: 0x4,
    0x1000: 0x4000,
    0x2000: 0x8,
    0x4000: 0x20,
    0x8000: 0x40,
    0x1_0000: 0x80,
    0x2_0000: 0x100,
    0x4_0000: 0x200,
    0x8_0000: 0x400,
    0x10_0000: 0x800,
    0x20_0000: 0x1000,
    0x40_0000: 0x2000,
}
DYNAMIC_FLAGS = 0x37  # 8 is another's tap with us, a root with them
PLAYER_FLAGS = 0xFFF


def _npc_in(value: int) -> int:
    return sum(ours for ours, theirs in NPC_FLAGS.items() if value & theirs)


def _npc_out(value: int) -> int:
    return sum(theirs for ours, theirs in NPC_FLAGS.items() if value & ours)


def _stand_in(value: int) -> int:
    """Stand state, pet, form, visibility as stand state, pet, visibility, tier."""
    return value & 0xFF | value >> 8 & 0xFF_0000


def _stand_out(value: int) -> int:
    """Their form is a byte of our UNIT_FIELD_BYTES_2."""
    return value & 0xFF | (value & 0xFF_0000) << 8


Bits = Callable[[int], int]


def _only(mask: int) -> tuple[Bits, Bits]:
    """The bits that both have."""
    return mask.__and__, mask.__and__


_PACKED: dict[int, tuple[Bits, Bits]] = {
    index("UNIT_NPC_FLAGS"): (_npc_in, _npc_out),
    index("UNIT_FIELD_BYTES_1"): (_stand_in, _stand_out),
    index("UNIT_FIELD_BYTES_2"): _only(0xFF),
    index("UNIT_DYNAMIC_FLAGS"): _only(DYNAMIC_FLAGS),
    index("PLAYER_FLAGS"): _only(PLAYER_FLAGS),
    **{index(f"PLAYER_VISIBLE_ITEM_{n}_ENCHANTMENT"): _only(0xFFFF) for n in range(1, 20)},
}
_FORM = index("UNIT_FIELD_BYTES_2")
_STAND = index("UNIT_FIELD_BYTES_1")
_GO_BYTES = index("GAMEOBJECT_BYTES_1")
_GO_DYNAMIC = fields(BUILD)["GAMEOBJECT_DYNAMIC"].index
_GO_ROTATION, _GO_POSITION = (fields(BUILD)[f"GAMEOBJECT_{name}"].index for name in ("ROTATION", "POS_X"))
_GO_PARTS = tuple(
    fields(BUILD)[f"GAMEOBJECT_{name}"].index for name in ("STATE", "TYPE_ID", "ARTKIT", "ANIMPROGRESS")
)


def fields_out(guid: int, values: dict[int, int]) -> dict[int, int]:
    """An object's update fields, in 1.12.1's indices and bytes."""
    kind = KINDS.get(guid >> HIGH, UNIT)
    there = kind.there
    if kind is UNIT or kind is PLAYER:
        out = {
            there[i]: _PACKED[i][1](value) if i in _PACKED else value
            for i, value in values.items()
            if i in there
        }
        if _STAND in values and _FORM in values:
            out[there[_STAND]] |= values[_FORM] >> 8 & 0xFF_0000
        return out
    out = {there[i]: value for i, value in values.items() if i in there}
    if kind is GAMEOBJECT:
        if _GO_DYNAMIC in out:
            out[_GO_DYNAMIC] &= 0xFFFF  # the rest is how far a transport has come
        if _GO_BYTES in values:
            out.update((part, values[_GO_BYTES] >> 8 * i & 0xFF) for i, part in enumerate(_GO_PARTS))
    return out


def fields_in(guid: int, values: dict[int, int]) -> dict[int, int]:
    """The same backwards, as far as 1.12.1 knows."""
    kind = KINDS.get(guid >> HIGH, UNIT)
    out = {kind.back[i]: value for i, value in values.items() if i in kind.back}
    if kind is UNIT or kind is PLAYER:
        out.update((i, _PACKED[i][0](value)) for i, value in out.items() if i in _PACKED)
    elif kind is GAMEOBJECT and _GO_PARTS[0] in values:
        out[_GO_BYTES] = sum((values.get(part, 0) & 0xFF) << 8 * i for i, part in enumerate(_GO_PARTS))
    return out


def _bits(*numbers: float) -> tuple[int, ...]:
    return struct.unpack(f"<{len(numbers)}I", struct.pack(f"<{len(numbers)}f", *numbers))


def _signed(value: int, width: int) -> int:
    return (value & (1 << width) - 1) - ((value & 1 << width - 1) << 1)


def rotation(packed: int) -> tuple[float, float, float, float]:
    """The unit quaternion x, y, z, w of UPDATEFLAG_ROTATION's 64 bits; w is not negative."""
    z, y = _signed(packed, 21) / 2**20, _signed(packed >> 21, 21) / 2**20
    x = _signed(packed >> 42, 22) / 2**21
    return x, y, z, math.sqrt(max(0.0, 1.0 - x * x - y * y - z * z))


def _update_flags_in(theirs: int) -> int:
    placed = o.UPDATEFLAG_STATIONARY_POSITION if theirs & o.UPDATEFLAG_LIVING else 0
    return theirs & SAME_UPDATE_FLAGS & ~placed


def _update_flags_out(ours: int) -> int:
    placed = o.UPDATEFLAG_STATIONARY_POSITION if ours & PLACED else 0
    return ours & SAME_UPDATE_FLAGS | UPDATEFLAG_ALL | placed


class Spline5875(Record, of=o.Spline):
    """Where a unit is going by itself."""

    spline_flags: SplineFlags
    angle: f32 | None = when(this.spline_flags & o.SPLINE_FINAL_ANGLE)
    target: u64 | None = when(
        (this.spline_flags & (o.SPLINE_FINAL_ANGLE | o.SPLINE_FINAL_TARGET)) == o.SPLINE_FINAL_TARGET
    )
    spline_final_point: m.Point | None = when((this.spline_flags & o.FINAL) == o.SPLINE_FINAL_POINT)
    time_passed: u32
    duration: u32
    id: u32
    nodes: list[m.Point] = listed(count=u32, limit=1000)
    final_node: m.Point


class Living5875(Record, of=o.Living):
    """How a unit moves, and how fast: nobody flies."""

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
    walking_speed: f32
    running_speed: f32
    backwards_running_speed: f32
    swimming_speed: f32
    backwards_swimming_speed: f32
    turn_rate: f32
    spline: Spline5875 | None = when(this.flags & m.SPLINE_ENABLED)


class MovementBlock5875(Record, of=o.MovementBlock):
    """Where an object is."""

    update_flag: Annotated[int, Mapped(c.Int8ul, _update_flags_in, _update_flags_out)]
    living: Living5875 | None = when(this.update_flag & o.UPDATEFLAG_LIVING)
    place: o.Place | None = when((this.update_flag & o.PLACES) == o.UPDATEFLAG_STATIONARY_POSITION)
    unknown0: u32 | None = when(this.update_flag & o.UPDATEFLAG_LOW_GUID)
    always: u32 = 1
    guid: packed_guid | None = when(this.update_flag & o.UPDATEFLAG_HAS_TARGET)
    transport_progress_in_ms: u32 | None = when(this.update_flag & o.UPDATEFLAG_TRANSPORT)


class UpdateBlock5875(Record, of=o.UpdateBlock):
    """One object, or the guids of several."""

    update_type: u8
    guid: packed_guid | None = when(this.update_type <= o.CREATE_OBJECT2)
    object_type: u8 | None = when(one_of(this.update_type, o.CREATE_OBJECT, o.CREATE_OBJECT2))
    movement: MovementBlock5875 | None = when(
        one_of(this.update_type, o.MOVEMENT, o.CREATE_OBJECT, o.CREATE_OBJECT2)
    )
    values: Annotated[dict[int, int], Values(MASK_WORDS)] | None = when(
        one_of(this.update_type, o.VALUES, o.CREATE_OBJECT, o.CREATE_OBJECT2)
    )
    guids: list[packed_guid] | None = when(
        one_of(this.update_type, o.OUT_OF_RANGE_OBJECTS, o.NEAR_OBJECTS),
        then=listed(count=u32, limit=o.OBJECTS_IN_PACKET),
    )

    @staticmethod
    def outward(block: o.UpdateBlock) -> o.UpdateBlock:
        """With 1.12.1's fields."""
        if block.guid is None:
            return block
        movement, values = block.movement, block.values
        if movement is not None and (stands := movement.passenger) is not None:
            flags = movement.update_flag ^ o.UPDATEFLAG_POSITION | o.UPDATEFLAG_STATIONARY_POSITION
            movement = o.MovementBlock(
                **dict(movement)
                | {
                    "update_flag": flags,
                    "passenger": None,
                    "place": o.Place(x=stands.x, y=stands.y, z=stands.z, orientation=stands.orientation),
                }
            )
        if values is not None:
            values = fields_out(block.guid, values)
            if block.guid >> HIGH == HIGH_GAMEOBJECT and movement is not None and movement.place is not None:
                where, packed = movement.place, movement.packed_local_rotation or 0
                values.update(enumerate(_bits(where.x, where.y, where.z, where.orientation), _GO_POSITION))
                values.update(enumerate(_bits(*rotation(packed)), _GO_ROTATION))
        return o.UpdateBlock(**dict(block) | {"movement": movement, "values": values})

    @staticmethod
    def inward(block: o.UpdateBlock) -> o.UpdateBlock:
        """With ours."""
        read = {name: block[name] for name in o.UpdateBlock.hints}
        if read["guid"] is not None and read["values"] is not None:
            read["values"] = fields_in(read["guid"], read["values"])
        return o.UpdateBlock(**read)


class UpdateObject(Record, of=o.SMSG_UPDATE_OBJECT):
    """Objects that have come into sight, changed or gone."""

    amount: u32 = count_of("blocks")
    has_transport: u8 = 0
    blocks: list[UpdateBlock5875] = listed(count=this.amount, limit=o.OBJECTS_IN_PACKET)


class DestroyObject(Record, of=o.SMSG_DESTROY_OBJECT):
    """An object is gone."""

    guid: u64


LAYOUTS: dict[tuple[type[Record], bool], type[Record]] = {
    (o.UpdateBlock, False): UpdateBlock5875,
    (o.SMSG_UPDATE_OBJECT, False): UpdateObject,
    (o.SMSG_DESTROY_OBJECT, False): DestroyObject,
}
