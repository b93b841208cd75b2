"""
Snapshots of form 1, docs/bmu1.md section 6: where things are, as differences to what the receiver has.

A difference builds on the place that the slot's thing had at an earlier tick, its base, moved on as it went.
The lowest bits come first, within a field and within a byte.
"""

import math
from collections.abc import Sequence
from typing import NamedTuple, Self

from bluemarble.wire.errors import Malformed
from bluemarble.wire.snapshot import Place

AGE_MOST = 63  # ticks from a base to what builds on it
KEPT_MOST = 4  # places that are kept beside the base
COUNT_MOST = 255

_AXIS_BITS = 22  # of a whole coordinate
_NARROW, _WIDE, _WIDEST = 5, 9, 23  # bits of a step: the least that holds it
_TURN_BITS = 4
# How far along x something goes in a tick at a quarter yard a second, in 1/65536 of 1/64 yard, by heading.
_ALONG = tuple(round(52428.8 * math.cos(math.tau * i / 256)) for i in range(256))
# Where something goes by its flags FORWARD, BACKWARD, STRAFE_LEFT and STRAFE_RIGHT, from where it looks, to
# the left, 256 to the turn; None: it stays.
_COURSES = (None, 0, 128, None, 64, 32, 96, 64, 192, 224, 160, 192, None, 0, 128, None)


class Whole(NamedTuple):
    """Where something is, without a base; `keep`: see Delta."""

    slot: int
    keep: bool
    place: Place


class Delta(NamedTuple):
    """
    How something differs from what its base lets expect.

    @ivar age: ticks since the base was so, 1 to AGE_MOST.
    @ivar keep: what follows may build on this place.
    @ivar steps: along x, y and z, 1/64 yard.
    @ivar turn: of the yaw, -8 to 7.  @ivar yaw: all of it, for larger turns; else None.
    @ivar motion: speed and flags where they changed; else None.
    """

    slot: int
    age: int
    keep: bool
    steps: tuple[int, int, int]
    turn: int
    yaw: int | None
    motion: tuple[int, int] | None

    @classmethod
    def of(cls, slot: int, place: Place, base: Place, age: int, keep: bool) -> Self:
        """The difference that leads from a base to a place."""
        x, y, z = expected(base, age)
        turn = (place.yaw - base.yaw + 128 & 0xFF) - 128
        small = -8 <= turn <= 7
        motion = place.speed, place.flags
        return cls(
            slot,
            age,
            keep,
            (place.x - x, place.y - y, place.z - z),
            turn if small else 0,
            None if small else place.yaw,
            motion if motion != (base.speed, base.flags) else None,
        )

    def place(self, base: Place) -> Place:
        """Where the difference leads to."""
        at = [a + b for a, b in zip(expected(base, self.age), self.steps, strict=True)]
        yaw = base.yaw + self.turn & 0xFF if self.yaw is None else self.yaw
        speed, flags = self.motion or (base.speed, base.flags)
        return Place(at[0], at[1], at[2], yaw, speed, flags)


def expected(base: Place, age: int) -> tuple[int, int, int]:
    """Where something is some ticks after it was at `base`, if it goes on as it went."""
    course = _COURSES[base.flags & 15]
    if course is None:
        return base[:3]
    heading = base.yaw + course
    far = base.speed * age
    along, across = _ALONG[heading & 0xFF], _ALONG[heading - 64 & 0xFF]
    return base.x + (far * along >> 16), base.y + (far * across >> 16), base.z


def write_deltas(deltas: Sequence[Whole | Delta]) -> bytes:
    """
    What stands in a snapshot of form 1 after its size.

    @raise ValueError: more than COUNT_MOST.
    """
    if len(deltas) > COUNT_MOST:
        raise ValueError(f"{len(deltas)} in a snapshot, at most {COUNT_MOST}")
    out = _Bits()
    out.put(len(deltas), 8)
    last_slot, last_age = -1, 0
    for delta in deltas:
        gap = delta.slot - last_slot - 1
        if 0 <= gap < 8:
            out.put(gap << 1, 4)
        else:
            out.put(delta.slot << 1 | 1, 9)
        age = delta.age if isinstance(delta, Delta) else 0
        if age == last_age:
            out.put(0, 1)
        else:
            out.put(age << 1 | 1, 7)
        out.put(delta.keep, 1)
        last_slot, last_age = delta.slot, age
        if isinstance(delta, Delta):
            _write_delta(out, delta)
        else:
            _write_whole(out, delta.place)
    return out.bytes()


def read_deltas(data: bytes) -> list[Whole | Delta]:
    """
    What stands in a snapshot of form 1 after its size.

    @raise Malformed: cut short, with something behind it, or with a slot 255.
    """
    bits = _Taking(data)
    deltas: list[Whole | Delta] = []
    slot, age = -1, 0
    for _ in range(bits.take(8)):
        slot = bits.take(8) if bits.take(1) else slot + 1 + bits.take(3)
        if slot > 254:
            raise Malformed(f"slot {slot}")
        if bits.take(1):
            age = bits.take(6)
        keep = bits.take(1) == 1
        if age:
            deltas.append(_read_delta(bits, slot, age, keep))
        else:
            deltas.append(Whole(slot, keep, _read_whole(bits)))
    bits.end()
    return deltas


def _write_whole(out: "_Bits", place: Place) -> None:
    for axis in place[:3]:
        out.put(axis & (1 << _AXIS_BITS) - 1, _AXIS_BITS)
    for value, size in zip(place[3:], (8, 8, 6), strict=True):
        out.put(value, size)


def _read_whole(bits: "_Taking") -> Place:
    x, y, z = (bits.signed(_AXIS_BITS) for _ in range(3))
    return Place(x, y, z, bits.take(8), bits.take(8), bits.take(6))


def _write_delta(out: "_Bits", delta: Delta) -> None:
    out.put(any(delta.steps), 1)
    if any(delta.steps):
        for step in delta.steps:
            if -16 <= step < 16:
                out.put((step & 31) << 1, 1 + _NARROW)
            elif -256 <= step < 256:
                out.put((step & 511) << 2 | 1, 2 + _WIDE)
            else:
                out.put((step & (1 << _WIDEST) - 1) << 2 | 3, 2 + _WIDEST)
    if delta.yaw is not None:
        out.put(delta.yaw << 2 | 3, 10)
    elif delta.turn:
        out.put((delta.turn & 15) << 2 | 1, 2 + _TURN_BITS)
    else:
        out.put(0, 1)
    if delta.motion is None:
        out.put(0, 1)
    else:
        speed, flags = delta.motion
        out.put(flags << 9 | speed << 1 | 1, 15)


def _read_delta(bits: "_Taking", slot: int, age: int, keep: bool) -> Delta:
    steps = (_read_step(bits), _read_step(bits), _read_step(bits)) if bits.take(1) else (0, 0, 0)
    turn, yaw = 0, None
    if bits.take(1):
        if bits.take(1):
            yaw = bits.take(8)
        else:
            turn = bits.signed(_TURN_BITS)
    motion = (bits.take(8), bits.take(6)) if bits.take(1) else None
    return Delta(slot, age, keep, steps, turn, yaw, motion)


def _read_step(bits: "_Taking") -> int:
    if not bits.take(1):
        return bits.signed(_NARROW)
    return bits.signed(_WIDEST if bits.take(1) else _WIDE)


class _Bits:
    """Bits that are written one after another, the first into the lowest bit of the first byte."""

    def __init__(self) -> None:
        self._all = self._size = 0

    def put(self, value: int, size: int) -> None:
        self._all |= value << self._size
        self._size += size

    def bytes(self) -> bytes:
        return self._all.to_bytes((self._size + 7) // 8, "little")


class _Taking:
    """The reverse."""

    def __init__(self, data: bytes) -> None:
        self._all = int.from_bytes(data, "little")
        self._left = 8 * len(data)

    def take(self, size: int) -> int:
        if size > self._left:
            raise Malformed("deltas are cut short")
        value = self._all & (1 << size) - 1
        self._all >>= size
        self._left -= size
        return value

    def signed(self, size: int) -> int:
        half = 1 << size - 1
        return (self.take(size) ^ half) - half

    def end(self) -> None:
        if self._left > 7 or self._all:
            raise Malformed("more than the deltas")
