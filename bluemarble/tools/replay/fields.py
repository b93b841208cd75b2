"""Packets, records and effects as fields: what people and JSON read, and where two of them differ."""

import hashlib
import struct
from collections.abc import Iterator
from functools import cache
from typing import Any

from bluemarble.rows import Write, table
from bluemarble.sim.effects import Effect, Load, Save, Send
from bluemarble.sim.entity import HIGH_GAMEOBJECT, HIGH_ITEM
from bluemarble.wire.codec import codec
from opcodes import update_fields
from opcodes.links import NMSG_MOVES
from opcodes.vocab import Packet, Record

Plain = Any  # what JSON holds
ABSENT = "(nothing)"
BYTES_SHOWN = 32
F32 = struct.Struct("<f")
MOVE = struct.Struct("<IHHHBBiii")
MOVE_FIELDS = ("cid", "tick", "flags", "yaw", "epoch", "", "x", "y", "z")
UNITS_YARD = 64
OBJECT = ("OBJECT_",)
KINDS = {HIGH_GAMEOBJECT: (*OBJECT, "GAMEOBJECT_"), HIGH_ITEM: (*OBJECT, "ITEM_", "CONTAINER_")}
UNIT = (*OBJECT, "UNIT_", "PLAYER_")


def plain(value: Any, guid: int = 0) -> Plain:
    """
    A record, a list or a number as JSON has it: its fields by name, in order.

    @param guid: whose update fields a dict holds, for their names.
    """
    if isinstance(value, NMSG_MOVES):
        whole = len(value.moves) - len(value.moves) % MOVE.size
        return {"moves": [move(*it) for it in MOVE.iter_unpack(value.moves[:whole])]}
    if isinstance(value, Record):
        guid = value.get("guid") or guid
        return {name: plain(it, guid) for name, it in value if it is not None}
    if isinstance(value, dict):
        return {update_field(index, guid): value[index] for index in sorted(value)}
    if isinstance(value, list | tuple):
        return [plain(it, guid) for it in value]
    if isinstance(value, float):
        return short(value)
    if isinstance(value, bytes):
        return value.hex() if len(value) <= BYTES_SHOWN else summary(value)
    return value if isinstance(value, int | str | None) else str(value)


def packet_fields(packet: Packet) -> Plain:
    """A packet's name, and its fields as the wire has them."""
    form = codec(type(packet))
    return {"packet": type(packet).__name__, **plain(form.decode(form.encode(packet)))}


def effect_fields(effect: Effect) -> Plain:
    """An effect's kind, and what is in it."""
    kind = {"effect": type(effect).__name__}
    match effect:
        case Send(to, packet):
            return kind | {"to": list(to)} | packet_fields(packet)
        case Load(session, question):
            return kind | {"session": session} | packet_fields(question)
        case Save(owner, writes, session):
            return kind | {"owner": owner, "session": session, "rows": [_row(it) for it in writes]}
        case _:
            named = effect._asdict()
            return kind | {name: plain(value) for name, value in named.items()}


def _row(write: Write) -> Plain:
    made = {"table": table(write.table), "insert": write.insert, **_columns(write.key)}
    return made | ({"deleted": True} if write.values is None else _columns(write.values))


def _columns(values: dict[str, Any]) -> dict[str, Plain]:
    return {name: plain(values[name]) for name in sorted(values)}


def move(*record: int) -> dict[str, Plain]:
    """A record of NMSG_MOVES, its place in yards."""
    named = {name: value for name, value in zip(MOVE_FIELDS, record, strict=True) if name}
    return named | {axis: named[axis] / UNITS_YARD for axis in "xyz"}


def summary(value: bytes) -> str:
    """Bytes that are too many to print."""
    return f"{len(value)} bytes, sha256 {hashlib.sha256(value).hexdigest()[:16]}"


def short(value: float) -> float | str:
    """A float with no more digits than its 32 bits have; text, when JSON has no such number."""
    if value != value or value in (float("inf"), float("-inf")):
        return str(value)
    try:
        bits = F32.pack(value)
    except OverflowError:
        return value
    if F32.unpack(bits)[0] == value:
        for digits in (6, 7, 8, 9):
            fewer = float(f"{value:.{digits}g}")
            if F32.pack(fewer) == bits:
                return fewer
    return value


def update_field(index: int, guid: int = 0) -> str:
    """The name of an update field of that object, a player or creature unless its guid says otherwise."""
    names = _names(KINDS.get(guid >> 48, UNIT))
    return names.get(index, f"field {index}")


@cache
def _names(kinds: tuple[str, ...]) -> dict[int, str]:
    return {
        it.index + n: it.name if it.size == 1 else f"{it.name}+{n}"
        for it in update_fields.fields().values()
        if it.name.startswith(kinds)
        for n in range(it.size)
    }


def differences(one: Plain, other: Plain, path: str = "") -> Iterator[tuple[str, Plain, Plain]]:
    """
    Each field that differs: its path, and both values.

    Lists are compared place by place; of lists of plain values what one has alone is told, too.
    """
    if one == other:
        return
    if isinstance(one, dict) and isinstance(other, dict):
        for name in [*one, *(it for it in other if it not in one)]:
            inner = f"{path}.{name}" if path else name
            yield from differences(one.get(name, ABSENT), other.get(name, ABSENT), inner)
    elif isinstance(one, list) and isinstance(other, list) and not _flat(one, other):
        for n in range(max(len(one), len(other))):
            mine, theirs = (it[n] if n < len(it) else ABSENT for it in (one, other))
            yield from differences(mine, theirs, f"{path}[{n}]")
    else:
        yield path, one, other


def _flat(*lists: list[Plain]) -> bool:
    """Whether all are lists of numbers or texts, which are best read side by side."""
    return not any(isinstance(it, dict | list) for each in lists for it in each)
