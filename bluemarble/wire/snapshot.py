"""
What a datagram says of where things are and what they are: docs/bmu1.md sections 6 (form 0) and 7.

Places are whole 1/64 yards, yaws 256 to the turn, speeds quarter yards a second, ticks 50 ms.  `View` in
wire/view.py makes a client's picture out of these.
"""

import struct
from collections.abc import Iterable
from typing import NamedTuple, Self

from bluemarble.wire.errors import Malformed
from opcodes import snapshot as records

WORDS, DELTAS = 0, 1  # forms of a snapshot
SLOTS = 255  # 0 to 254; SELF_SLOT is oneself
SELF_SLOT = 255
GONE, ENTER, LIFE, SELF = 0, 1, 2, 16  # components
PLAYER, CREATURE, OBJECT = 1, 2, 3  # kinds of things
FORWARD, BACKWARD, STRAFE_LEFT, STRAFE_RIGHT, FALLING, AFLOAT = 1, 2, 4, 8, 16, 32  # flags of a place
MOVING = FORWARD | BACKWARD | STRAFE_LEFT | STRAFE_RIGHT
FAR_SPEED_MOST = 63  # of a far word: that or more
STATE_LIMIT = 255  # states of one section

_ENTER = records.row(records.EnterHead)
_SELF = records.row(records.Oneself)
_LOOK = records.row(records.LookHead)
_LIFE = records.row(records.Life)


class Place(NamedTuple):
    """Where something is, where it looks and how it moves; the flags are FORWARD to AFLOAT."""

    x: int
    y: int
    z: int
    yaw: int
    speed: int = 0
    flags: int = 0


class Near(NamedTuple):
    """A word for something near: the low 14, 14 and 12 bits of x, y, z in 1/32."""

    slot: int
    x: int
    y: int
    z: int
    yaw: int

    @classmethod
    def of(cls, slot: int, place: Place) -> Self:
        """The word that says where something is."""
        return cls(slot, place.x >> 1 & 0x3FFF, place.y >> 1 & 0x3FFF, place.z >> 1 & 0xFFF, place.yaw)

    def place(self, known: Place) -> Place:
        """What it means for something that was last at `known`, as even 1/64."""
        return known._replace(
            x=_unwrap(known.x >> 1, self.x, 14) * 2,
            y=_unwrap(known.y >> 1, self.y, 14) * 2,
            z=_unwrap(known.z >> 1, self.z, 12) * 2,
            yaw=self.yaw,
        )


class Far(NamedTuple):
    """A word for something farther off: the low 15, 15 and 14 bits of x, y, z in 1/64, and its motion."""

    slot: int
    x: int
    y: int
    z: int
    yaw: int
    speed: int
    flags: int

    @classmethod
    def of(cls, slot: int, place: Place) -> Self:
        """The word that says where something is."""
        x, y, z, yaw, speed, flags = place
        return cls(slot, x & 0x7FFF, y & 0x7FFF, z & 0x3FFF, yaw, min(speed, FAR_SPEED_MOST), flags & 0x3F)

    def place(self, known: Place) -> Place:
        """What it means for something that was last at `known`."""
        x, y, z = _unwrap(known.x, self.x, 15), _unwrap(known.y, self.y, 15), _unwrap(known.z, self.z, 14)
        return Place(x, y, z, self.yaw, self.speed, self.flags)


class Words(NamedTuple):
    """A snapshot of form 0."""

    near: tuple[Near, ...]
    far: tuple[Far, ...]


class Deltas(NamedTuple):
    """A snapshot of form 1, still packed."""

    data: bytes


class State(NamedTuple):
    """One component of what is in a slot; `value` is what Enter, Oneself, Life or another writes."""

    slot: int
    component: int
    version: int
    value: bytes


class Enter(NamedTuple):
    """What came into a slot: who, of which kind, where at which tick (16 bits), and how it looks."""

    guid: int
    kind: int
    place: Place
    tick: int
    look: bytes

    @classmethod
    def read(cls, value: bytes) -> Self:
        """@raise Malformed: too short."""
        if len(value) < _ENTER.size:
            raise Malformed(f"ENTER of {len(value)} bytes, at least {_ENTER.size}")
        guid, kind, x, y, z, yaw, speed, flags, tick = _ENTER.unpack_from(value)
        return cls(guid, kind, Place(x, y, z, yaw, speed, flags), tick, value[_ENTER.size :])

    def write(self) -> bytes:
        """Its value in a state."""
        return _ENTER.pack(self.guid, self.kind, *self.place, self.tick) + self.look


class Look(NamedTuple):
    """How something looks: the end of an ENTER."""

    level: int
    race: int
    class_: int
    gender: int
    display: int
    name: str

    @classmethod
    def read(cls, value: bytes) -> Self:
        """@raise Malformed: too short, or its name is not UTF-8."""
        if len(value) < _LOOK.size:
            raise Malformed(f"a look of {len(value)} bytes, at least {_LOOK.size}")
        level, race, class_, gender, display = _LOOK.unpack_from(value)
        try:
            return cls(level, race, class_, gender, display, str(value[_LOOK.size :], "utf-8"))
        except UnicodeDecodeError:
            raise Malformed("a name that is not UTF-8") from None

    def write(self) -> bytes:
        """The end of an ENTER."""
        return _LOOK.pack(*self[:5]) + self.name.encode()


class Life(NamedTuple):
    """The LIFE component."""

    health: int
    health_max: int
    power: int
    power_max: int

    @classmethod
    def read(cls, value: bytes) -> Self:
        """@raise Malformed: of another size."""
        if len(value) != _LIFE.size:
            raise Malformed(f"LIFE of {len(value)} bytes")
        return cls(*_LIFE.unpack(value))

    def write(self) -> bytes:
        """Its value in a state."""
        return _LIFE.pack(*self)


class Oneself(NamedTuple):
    """
    The SELF component: the last input taken, where one is after it, and one's speeds in 1/64 yard a second.

    Here yaw is 65,536 to the turn, and the flags are an input's.
    """

    epoch: int
    input: int
    x: int
    y: int
    z: int
    yaw: int
    flags: int
    run: int
    walk: int
    swim: int
    fly: int

    @classmethod
    def read(cls, value: bytes) -> Self:
        """@raise Malformed: of another size."""
        if len(value) != _SELF.size:
            raise Malformed(f"SELF of {len(value)} bytes")
        return cls(*_SELF.unpack(value))

    def write(self) -> bytes:
        """Its value in a state."""
        return _SELF.pack(*self)


def write_snapshot(snapshot: Words | Deltas) -> bytes:
    """A section of kind 1, without its kind."""
    if isinstance(snapshot, Deltas):
        return struct.pack("<BH", DELTAS, len(snapshot.data)) + snapshot.data
    near, far = snapshot
    out = bytearray((WORDS, len(near), len(far)))
    for slot, x, y, z, yaw in near:
        out.append(slot)
        out += (x | y << 14 | z << 28 | yaw << 40).to_bytes(6, "little")
    for slot, x, y, z, yaw, speed, flags in far:
        out.append(slot)
        out += (x | y << 15 | z << 30 | yaw << 44 | speed << 52 | flags << 58).to_bytes(8, "little")
    return bytes(out)


def read_snapshot(body: bytes) -> Words | Deltas:
    """
    A section of kind 1, without its kind.

    @raise Malformed: of an unknown form, cut short, or with something behind it.
    """
    if len(body) < 3:
        raise Malformed(f"a snapshot of {len(body)} bytes")
    if body[0] == DELTAS:
        if len(body) != 3 + int.from_bytes(body[1:3], "little"):
            raise Malformed("a snapshot that is not as long as it says")
        return Deltas(body[3:])
    if body[0] != WORDS:
        raise Malformed(f"snapshot form {body[0]}")
    far_at = 3 + 7 * body[1]
    if len(body) != far_at + 9 * body[2]:
        raise Malformed("a snapshot that is not as long as it says")
    near, far = [], []
    for at in range(3, far_at, 7):
        word = int.from_bytes(body[at + 1 : at + 7], "little")
        near.append(Near(body[at], word & 0x3FFF, word >> 14 & 0x3FFF, word >> 28 & 0xFFF, word >> 40))
    for at in range(far_at, len(body), 9):
        word = int.from_bytes(body[at + 1 : at + 9], "little")
        x, y, z = word & 0x7FFF, word >> 15 & 0x7FFF, word >> 30 & 0x3FFF
        far.append(Far(body[at], x, y, z, word >> 44 & 0xFF, word >> 52 & 0x3F, word >> 58))
    return Words(tuple(near), tuple(far))


def write_states(states: Iterable[State]) -> bytes:
    """
    A section of kind 9, without its kind.

    @raise ValueError: more than STATE_LIMIT.
    """
    states = tuple(states)
    if len(states) > STATE_LIMIT:
        raise ValueError(f"{len(states)} states in a section, at most {STATE_LIMIT}")
    out = bytearray((len(states),))
    for slot, component, version, value in states:
        out += bytes((slot, component, version)) + _varint(len(value)) + value
    return bytes(out)


def read_states(body: bytes) -> tuple[State, ...]:
    """
    A section of kind 9, without its kind.

    @raise Malformed: cut short, or with something behind it.
    """
    states = []
    at = 1
    try:
        for _ in range(body[0]):
            slot, component, version = body[at : at + 3]
            size, at = _read_varint(body, at + 3)
            value = body[at : at + size]
            at += size
            states.append(State(slot, component, version, value))
    except (IndexError, ValueError):
        raise Malformed("states that are cut short") from None
    if at != len(body):
        raise Malformed(f"states of {at} bytes in {len(body)}")
    return tuple(states)


def _unwrap(known: int, low: int, bits: int) -> int:
    """The number nearest `known` that has those low bits."""
    half = 1 << bits - 1
    return known + (low - known + half & 2 * half - 1) - half


def _varint(value: int) -> bytes:
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def _read_varint(data: bytes, at: int) -> tuple[int, int]:
    value = 0
    for index in range(5):
        byte = data[at + index]
        value |= (byte & 0x7F) << 7 * index
        if byte < 0x80:
            if value >> 32:
                break
            return value, at + index + 1
    raise ValueError("a number over 32 bits")
