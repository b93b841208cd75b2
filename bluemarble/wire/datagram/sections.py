"""
What stands in a datagram after its prefix, as values: docs/bmu1.md section 4.

`write` and `read` are each other's inverse.  The bodies of snapshots and states are left as they are: only
where they end is found here.
"""

import struct
from collections.abc import Iterator
from typing import NamedTuple

from bluemarble.wire.datagram.numbers import LOW, read_varint, write_varint
from bluemarble.wire.errors import Malformed
from opcodes.datagram import MTU_LEAST, PROTO
from opcodes.snapshot import NewestInput, OlderInput, row

PAD, SNAPSHOT, _, EVENT, INPUT, PATH, TIME, CLOSE, ATTACH, STATE, FRAGMENT, PROBE = range(12)
TOKEN_BYTES = 8
PART_BYTES = 1024  # an event has so many in one section
PARTS_MOST = 64
INPUTS_MOST = 8
WORDS, DELTAS = 0, 1  # forms of a snapshot
NEAR_BYTES, FAR_BYTES = 7, 9  # of form 0: slot and word

_EVENT = struct.Struct("<BH")
_FRAGMENT = struct.Struct("<BHBB")
_STAMP = struct.Struct("<BBI")
_STAMPS = struct.Struct("<BBII")
_ATTACH = struct.Struct("<BHH")
_PROBE = struct.Struct("<BH")
_NEWEST = row(NewestInput)
_OLDER = row(OlderInput)
_HALF, _WHOLE = 1 << 31, 1 << 32


class Snapshot(NamedTuple):
    """Where things were; section 6 with its form."""

    body: bytes


class State(NamedTuple):
    """What things are; section 7."""

    body: bytes


class Event(NamedTuple):
    """A message of the reliable stream, whole."""

    id: int
    opcode: int
    body: bytes


class Fragment(NamedTuple):
    """A part of an event's `opcode varint, body`."""

    id: int
    part: int
    parts: int
    data: bytes


class Input(NamedTuple):
    """Where a client is after a tick of 50 ms, and how it moves; x, y, z in 1/64, yaw 65,536 to the turn."""

    flags: int
    yaw: int
    x: int
    y: int
    z: int


class Inputs(NamedTuple):
    """Consecutive inputs, the newest first, at most INPUTS_MOST; the newest's number is the prefix's tick."""

    epoch: int
    inputs: tuple[Input, ...]


class Challenge(NamedTuple):
    """From a server: say this from the address it came to."""

    token: bytes


class Response(NamedTuple):
    """From a client: the challenge's token."""

    token: bytes


class Ping(NamedTuple):
    """The sender's clock, ms, modulo 2^32."""

    stamp_ms: int


class Pong(NamedTuple):
    """The ping's stamp, and the answerer's own clock."""

    stamp_ms: int
    mine_ms: int


class Close(NamedTuple):
    """The link is over, and why: CLOSE_."""

    reason: int


class Attach(NamedTuple):
    """A client's first words; `mtu`: the largest datagram it takes."""

    mtu: int


class Probe(NamedTuple):
    """Does a datagram of this size get through?"""

    size: int


Section = (
    Snapshot | State | Event | Fragment | Inputs | Challenge | Response | Ping | Pong | Close | Attach | Probe
)


def write(section: Section) -> bytes:
    """Its bytes, kind and body; what pads it is the caller's."""
    match section:
        case Snapshot(body):
            return bytes([SNAPSHOT]) + body
        case State(body):
            return bytes([STATE]) + body
        case Event(number, opcode, body):
            return _EVENT.pack(EVENT, number & LOW) + write_varint(opcode) + write_varint(len(body)) + body
        case Fragment(number, part, parts, data):
            return _FRAGMENT.pack(FRAGMENT, number & LOW, part, parts) + write_varint(len(data)) + data
        case Inputs():
            return _inputs_written(section)
        case Challenge(token):
            return bytes([PATH, 0]) + token
        case Response(token):
            return bytes([PATH, 1]) + token
        case Ping(stamp_ms):
            return _STAMP.pack(TIME, 0, stamp_ms)
        case Pong(stamp_ms, mine_ms):
            return _STAMPS.pack(TIME, 1, stamp_ms, mine_ms)
        case Close(reason):
            return bytes([CLOSE, reason])
        case Attach(mtu):
            return _ATTACH.pack(ATTACH, PROTO, mtu)
        case Probe(size):
            return _PROBE.pack(PROBE, size)


def _inputs_written(section: Inputs) -> bytes:
    newer = section.inputs[0]
    out = [b"", _NEWEST.pack(*newer)]
    for older in section.inputs[1:INPUTS_MOST]:
        steps = [_wrapped(a - b) for a, b in zip(older[2:], newer[2:], strict=True)]
        if not all(-0x8000 <= step <= 0x7FFF for step in steps):
            break
        out.append(_OLDER.pack(older.flags, older.yaw, *steps))
        newer = older
    out[0] = bytes([INPUT, len(out) - 1, section.epoch])
    return b"".join(out)


def read(plaintext: bytes, at: int, from_server: bool, ticked: bool, size: int) -> Iterator[Section]:
    """
    The sections from `at` on, each as its turn comes.

    @param ticked: the prefix has a tick, without which inputs, snapshots and states say nothing.
    @param size: of the whole datagram, bytes.
    @raise Malformed: the next one is not as it should be; those before it stand.
    """
    while at < len(plaintext) and plaintext[at] != PAD:
        try:
            section, at = _read(plaintext, at, size)
        except (IndexError, struct.error) as error:
            raise Malformed("a section is cut short") from error
        kind = type(section)
        if kind in (FROM_CLIENTS if from_server else FROM_SERVERS):
            raise Malformed(f"{kind.__name__} comes the wrong way")
        if kind in TICKED and not ticked:
            raise Malformed(f"{kind.__name__} without a tick")
        yield section


FROM_CLIENTS = (Inputs, Response, Attach)
FROM_SERVERS = (Snapshot, State, Challenge)
TICKED = (Inputs, Snapshot, State)


def _read(data: bytes, at: int, size: int) -> tuple[Section, int]:
    kind = data[at]
    if kind == EVENT:
        _, number = _EVENT.unpack_from(data, at)
        opcode, at = read_varint(data, at + _EVENT.size)
        body, at = _sized(data, at)
        return Event(number, opcode, body), at
    if kind == FRAGMENT:
        _, number, part, parts = _FRAGMENT.unpack_from(data, at)
        raw, at = _sized(data, at + _FRAGMENT.size)
        if not (2 <= parts <= PARTS_MOST and part < parts and 1 <= len(raw) <= PART_BYTES):
            raise Malformed(f"fragment {part} of {parts}, {len(raw)} bytes")
        return Fragment(number, part, parts, raw), at
    if kind == INPUT:
        return _inputs_read(data, at + 1)
    if kind == SNAPSHOT:
        end = _snapshot_end(data, at + 1)
        return Snapshot(_cut(data, at + 1, end)), end
    if kind == STATE:
        end = _state_end(data, at + 1)
        return State(_cut(data, at + 1, end)), end
    return _read_control(data, at, size)


def _read_control(data: bytes, at: int, size: int) -> tuple[Section, int]:
    kind = data[at]
    if kind == PATH:
        what, end = data[at + 1], at + 2 + TOKEN_BYTES
        if what > 1:
            raise Malformed(f"path {what}")
        return (Response if what else Challenge)(_cut(data, at + 2, end)), end
    if kind == TIME:
        what = data[at + 1]
        if what > 1:
            raise Malformed(f"time {what}")
        if what:
            return Pong(*_STAMPS.unpack_from(data, at)[2:]), at + _STAMPS.size
        return Ping(_STAMP.unpack_from(data, at)[2]), at + _STAMP.size
    if kind == CLOSE:
        return Close(data[at + 1]), at + 2
    if kind == ATTACH:
        _, proto, mtu = _ATTACH.unpack_from(data, at)
        if proto != PROTO or size < MTU_LEAST:
            raise Malformed(f"attach of protocol {proto} in {size} bytes")
        return Attach(mtu), at + _ATTACH.size
    if kind == PROBE:
        _, wanted = _PROBE.unpack_from(data, at)
        if wanted != size:
            raise Malformed(f"probe of {wanted} bytes in {size}")
        return Probe(wanted), at + _PROBE.size
    raise Malformed(f"section {kind}")


def _cut(data: bytes, at: int, end: int) -> bytes:
    if end > len(data):
        raise IndexError
    return data[at:end]


def _sized(data: bytes, at: int) -> tuple[bytes, int]:
    size, at = read_varint(data, at)
    return _cut(data, at, at + size), at + size


def _snapshot_end(data: bytes, at: int) -> int:
    if data[at] == WORDS:
        return at + 3 + NEAR_BYTES * data[at + 1] + FAR_BYTES * data[at + 2]
    if data[at] == DELTAS:
        size: int = struct.unpack_from("<H", data, at + 1)[0]
        return at + 3 + size
    raise Malformed(f"snapshot form {data[at]}")


def _state_end(data: bytes, at: int) -> int:
    count, at = data[at], at + 1
    for _ in range(count):
        size, at = read_varint(data, at + 3)  # after slot, component, version
        at += size
    return at


def _inputs_read(data: bytes, at: int) -> tuple[Inputs, int]:
    count, epoch = data[at], data[at + 1]
    if not 1 <= count <= INPUTS_MOST:
        raise Malformed(f"{count} inputs")
    newer = Input(*_NEWEST.unpack_from(data, at + 2))
    at += 2 + _NEWEST.size
    inputs = [newer]
    for _ in range(count - 1):
        flags, yaw, *steps = _OLDER.unpack_from(data, at)
        newer = Input(flags, yaw, *(_wrapped(a + b) for a, b in zip(newer[2:], steps, strict=True)))
        inputs.append(newer)
        at += _OLDER.size
    return Inputs(epoch, tuple(inputs)), at


def _wrapped(value: int) -> int:
    """Modulo 2^32, as an i32."""
    return (value + _HALF) % _WHOLE - _HALF
