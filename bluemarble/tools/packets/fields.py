"""A packet's fields as plain values that JSON has, and what they are measured in."""

import functools
import math
import struct
from typing import Any

from bluemarble.wire.codec import codec
from bluemarble.wire.errors import Malformed
from opcodes import update_fields
from opcodes.links import MOVE_SIZE, NMSG_MOVES, Move
from opcodes.vocab import PackedGuid, Record, Values, wire_form
from opcodes.wire_forms import WholeOrPacked

MEASURES = ("_ms", "_s", "_yards", "_mm")
UNITS = {
    "yards": "x y z position_x position_y position_z home_x home_y home_z offset_x offset_y offset_z",
    "rad": "orientation facing pitch angle corpse_orientation vehicle_orientation",
    "yards/s": "speed new_speed xy_speed z_speed walking_speed running_speed backwards_running_speed "
    "swimming_speed backwards_swimming_speed flight_speed backwards_flight_speed",
    "yards/s²": "vertical_acceleration",
    "rad/s": "turn_rate pitch_rate",
    "ms": "timestamp fall_time transport_time duration time_passed time_left effect_start_time cooldown "
    "category_cooldown spell_cooldown spell_category_cooldown client_ticks animation_start_time",
    "s": "total_played_time level_played_time totaltime leveltime time_until_daily_quest_reset",
    "unix s": "unix_time server_time muted_until",
    "copper": "money buy_price sell_price",
}
UNIT_OF = {name: unit for unit, names in UNITS.items() for name in names.split()}
RATES = ("TURN_RATE", "PITCH_RATE")  # of packets whose speed is an angle's

ITEM, CONTAINER, UNIT, PLAYER = ("ITEM_",), ("ITEM_", "CONTAINER_"), ("UNIT_",), ("UNIT_", "PLAYER_")
COMMON = update_fields.index(
    "OBJECT_FIELD_PADDING"
)  # before it, what every object has; after it game objects' own
GAMEOBJECT, DYNAMIC, CORPSE = ("GAMEOBJECT_",), ("DYNAMICOBJECT_",), ("CORPSE_",)
KIND_OF_TYPE = {1: ITEM, 2: CONTAINER, 3: UNIT, 4: PLAYER, 5: GAMEOBJECT, 6: DYNAMIC, 7: CORPSE}
KIND_OF_GUID = {
    0x0000: PLAYER,
    0x4000: CONTAINER,
    0xF100: DYNAMIC,
    0xF101: CORPSE,
    0xF110: GAMEOBJECT,
    0xF120: GAMEOBJECT,
    0xF130: UNIT,
    0xF140: UNIT,
    0xF150: UNIT,
}  # by a guid's high sixteen bits


class Bytes(str):
    """Bytes in hexadecimal."""

    __slots__ = ()


class Wide(str):
    """A number of 64 bits, such as a guid, as "0x…": JSON's readers lose the last bits of such a number."""

    __slots__ = ()


def unit(packet_name: str, field: str) -> str:
    """What a number is measured in, as far as its name tells; "" otherwise."""
    for ending in MEASURES:
        if field.endswith(ending):
            return ending[1:]
    if field in ("speed", "new_speed") and any(rate in packet_name for rate in RATES):
        return "rad/s"
    return UNIT_OF.get(field, "")


def plain(record: Record) -> dict[str, Any]:
    """
    Its fields: numbers, texts, lists and dicts of those; guids and other u64 as `Wide`, bytes as `Bytes`.

    Fields that were not on the wire are left out; an update's values have their fields' names.
    """
    if isinstance(record, NMSG_MOVES):
        return {"moves": _moves(record.moves)}
    out: dict[str, Any] = {}
    for name, hint in type(record).hints.items():
        value = getattr(record, name)
        form = wire_form(hint)
        if value is None:
            continue
        if isinstance(form, Values):
            out[name] = named(value, _kind(record))
        else:
            out[name] = _plain(value, form, name)
    return out


def _plain(value: Any, form: Any, name: str) -> Any:
    if isinstance(value, Record):
        return plain(value)
    if isinstance(value, list):
        return [_plain(each, form, name) for each in value]
    if isinstance(value, bytes):
        return Bytes(value.hex())
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, int) and _wide(form) and not name.endswith(MEASURES):
        return Wide(f"0x{value:X}")
    return value


def _wide(form: Any) -> bool:
    return isinstance(form, PackedGuid | WholeOrPacked) or getattr(form, "fmtstr", "")[1:] == "Q"


def _moves(raw: bytes) -> Any:
    """Places in yards; bytes when they are not whole."""
    try:
        moves = [codec(Move).decode(raw[at : at + MOVE_SIZE]) for at in range(0, len(raw), MOVE_SIZE)]
    except Malformed:
        return Bytes(raw.hex())
    return [plain(move) | {axis: move[axis] / 64 for axis in "xyz"} for move in moves]


def _kind(record: Record) -> tuple[str, ...]:
    """What the names of an object's fields begin with: by its type, or its guid when that is not told."""
    object_type, guid = record.get("object_type"), record.get("guid")
    if object_type in KIND_OF_TYPE:
        return KIND_OF_TYPE[object_type]
    return () if guid is None else KIND_OF_GUID.get(guid >> 48, ())


def named(values: dict[int, int], kind: tuple[str, ...]) -> dict[str, Any]:
    """
    An object's update fields by name, "UNIT_FIELD_TARGET+1" in the middle of one; floats as such.

    @param kind: what the names begin with that such an object has, beside OBJECT_FIELD_; of an unknown one
        indices stand for the others.
    """
    names = _names(kind)
    out: dict[str, Any] = {}
    for index, value in values.items():
        name, kind_of_number = names.get(index, (f"0x{index:X}", "INT"))
        if kind_of_number == "FLOAT":
            (number,) = struct.unpack("<f", struct.pack("<I", value))
            out[name] = number if math.isfinite(number) else str(number)
        else:
            out[name] = value
    return out


@functools.cache
def _names(kind: tuple[str, ...]) -> dict[int, tuple[str, str]]:
    """Index to name and type."""
    out: dict[int, tuple[str, str]] = {}
    for name, field in update_fields.fields().items():
        if name.startswith(kind) or (
            name.startswith("OBJECT_") and (field.index < COMMON or kind == GAMEOBJECT)
        ):
            for at in range(field.size):
                out[field.index + at] = (name + (f"+{at}" if at else ""), field.type)
    return out
