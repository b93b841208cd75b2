"""
The recording every other tool reads: a world, then what came in, and when.

    file     8s magic, records
    record   u8 kind, u32 size, u32 crc32 of the body, u32 crc32 of those nine bytes; body

    H  header    JSON: build, content, revision, rules, seed; always first
    L  layout    u16 number, 16s fingerprint, name: of each kind of packet, before the first record that is
                 made of it, the digests too
    W  world     u16 number, NMSG_WORLD: what the journal begins from; before all ticks when it was not new
    T  tick      u32 tick, u32 count; each input: u32 session, u16 number, u32 size, packet
    D  digest    u32 tick, u16 count; each part of the state after that tick: u8 kind, u32 number, u32 first,
                 u32 count, 32s sha256; bluemarble/sim/parts.py says what they are

Little-endian; numbers are those of `opcodes.version(12340)` and `opcodes.native()`, packets are in their
canonical layouts whatever the client's build; what is in other layouts than ours is refused.  A tick without
inputs has no record: the next tick or digest tells how far to step.  A file that was cut ends where its last
whole record does; a damaged one says so.
"""

import hashlib
import json
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, NamedTuple

import opcodes
from bluemarble.wire.codec import codec
from bluemarble.wire.errors import Malformed
from bluemarble.wire.fingerprint import SIZE, fingerprint
from opcodes.vocab import Packet, Record

VERSION = b"2"
MAGIC = b"BMJRNL" + VERSION + b"\n"
SUFFIX = ".bmj"
CANONICAL_BUILD = 12340
HEAD = struct.Struct("<BII")
CHECK = struct.Struct("<I")
NUMBER = struct.Struct("<H")
TICK = struct.Struct("<II")
INPUT = struct.Struct("<IHI")
LAYOUT = struct.Struct(f"<H{SIZE}s")
DIGEST = struct.Struct("<IH")
PART = struct.Struct("<BIII32s")
HEADER, LAID_OUT, WORLD, TICKED, DIGESTED = b"HLWTD"
RECORD_LIMIT = 1 << 28  # 256 MiB: a world of a hundred thousand entities is a tenth of it


class Header(NamedTuple):
    """
    What a world must be made of to replay a journal.

    @ivar content: `Content.hash`, in hex.
    @ivar revision: of the software, for people: replay does not insist on it.
    @ivar rules: `Rules` as a dict; values are JSON's.
    """

    content: str
    rules: dict[str, Any]
    seed: int
    revision: str
    build: int = CANONICAL_BUILD


HEADER_TYPES: dict[str, type] = {"content": str, "rules": dict, "seed": int, "revision": str, "build": int}


class Tick(NamedTuple):
    """What a step took, in order: (session, packet) pairs."""

    tick: int
    inputs: list[tuple[int, Packet]]


PartKey = tuple[int, int, int, int]


class Digest(NamedTuple):
    """Parts of the state after a tick, in order, and what `summed` said of each."""

    tick: int
    parts: list[tuple[PartKey, bytes]]


def summed(content: Record | bytes) -> bytes:
    """sha256 of a part of the state: of a record's bytes, or of bytes."""
    raw = content if isinstance(content, bytes) else codec(type(content)).encode(content)
    return hashlib.sha256(raw).digest()


class Writer:
    """
    Appends to an open binary file; buffering it, and flushing and closing it, is the caller's.

    @param snapshot: NMSG_WORLD of a world that has already lived; None for one made from the header alone.
    """

    def __init__(self, out: BinaryIO, header: Header, snapshot: Packet | None = None) -> None:
        self._out = out
        self._numbers = opcodes.native().numbers | opcodes.version(header.build).numbers
        self._laid_out: set[type[Packet]] = set()
        out.write(MAGIC)
        self._record(HEADER, json.dumps(header._asdict(), sort_keys=True).encode())
        if snapshot is not None:
            body = codec(type(snapshot)).encode(snapshot)
            self._lay_out({type(snapshot)})
            self._record(WORLD, NUMBER.pack(self._numbers[type(snapshot)]) + body)

    def tick(self, tick: int, inputs: Iterable[tuple[int, Packet]]) -> None:
        """
        Before the step: what `World.step` is about to take as its tick number `tick`.

        @raise KeyError: a packet without a number.  Nothing is written.
        """
        parts, kinds = [b""], set()
        for session, packet in inputs:
            body = codec(type(packet)).encode(packet)
            parts += INPUT.pack(session, self._numbers[type(packet)], len(body)), body
            kinds.add(type(packet))
        if len(parts) > 1:
            parts[0] = TICK.pack(tick, len(parts) // 2)
            self._lay_out(kinds)
            self._record(TICKED, b"".join(parts))

    def digest(self, tick: int, parts: Iterable[tuple[PartKey, Packet | bytes]]) -> None:
        """
        After the step: what parts of the state have become; also at the end, so that idle last ticks replay.

        @param parts: each by a name of four numbers, u8 and three u32, that means something to the world.
        """
        body, kinds = [b""], set()
        for key, content in parts:
            body.append(PART.pack(*key, summed(content)))
            if not isinstance(content, bytes):
                kinds.add(type(content))
        body[0] = DIGEST.pack(tick, len(body) - 1)
        self._lay_out(kinds)
        self._record(DIGESTED, b"".join(body))

    def _lay_out(self, kinds: set[type[Packet]]) -> None:
        for number, kind in sorted((self._numbers[kind], kind) for kind in kinds - self._laid_out):
            self._record(LAID_OUT, LAYOUT.pack(number, fingerprint(kind)) + kind.__name__.encode())
        self._laid_out |= kinds

    def _record(self, kind: int, body: bytes) -> None:
        if len(body) > RECORD_LIMIT:
            raise ValueError(f"a journal's record of {len(body)} bytes, limit {RECORD_LIMIT}")
        head = HEAD.pack(kind, len(body), zlib.crc32(body))
        self._out.write(b"".join((head, CHECK.pack(zlib.crc32(head)), body)))


class Reader:
    """
    A journal, to be iterated once: Tick and Digest records in order.

    @ivar snapshot: the NMSG_WORLD it begins from, or None.
    @ivar cut: the file ended inside a record; known once the iteration is over.
    @raise Malformed: it is not a journal, or damaged; from the iterator too.
    """

    def __init__(self, source: BinaryIO) -> None:
        self.cut = False
        self._source = source
        _check_magic(source.read(len(MAGIC)))
        kind, body = self._record() or (0, b"")
        if kind != HEADER:
            raise Malformed("a journal without its header")
        self.header = _header(body)
        self._packets = opcodes.native().packets | opcodes.version(self.header.build).packets
        self.snapshot: Packet | None = None
        self._ahead = self._known()
        if self._ahead and self._ahead[0] == WORLD:
            self.snapshot = self._packet(*_split(self._ahead[1]))
            self._ahead = self._known()

    def __iter__(self) -> Iterator[Tick | Digest]:
        while self._ahead:
            kind, body = self._ahead
            if kind == TICKED:
                yield self._tick(body)
            elif kind == DIGESTED:
                yield _digest(body)
            else:
                raise Malformed(f"a journal's record of kind {kind} and {len(body)} bytes")
            self._ahead = self._known()

    def _known(self) -> tuple[int, bytes] | None:
        """The next record that is no layout; those are compared with ours."""
        while (record := self._record()) and record[0] == LAID_OUT:
            body = record[1]
            if len(body) < LAYOUT.size:
                raise Malformed("a short layout")
            number, theirs = LAYOUT.unpack_from(body)
            cls, name = self._packets.get(number), body[LAYOUT.size :].decode(errors="replace")
            if cls is None or cls.__name__ != name:
                raise Malformed(
                    f"a journal with {name}, number {number:#06x}, which this server does not have"
                )
            if fingerprint(cls) != theirs:
                raise Malformed(f"a journal of a server that laid {name} out in another way")
        return record

    def _record(self) -> tuple[int, bytes] | None:
        head = self._source.read(HEAD.size + CHECK.size)
        if len(head) < HEAD.size + CHECK.size:
            self.cut = bool(head)
            return None
        kind, size, check = HEAD.unpack_from(head)
        if CHECK.unpack_from(head, HEAD.size)[0] != zlib.crc32(head[: HEAD.size]) or size > RECORD_LIMIT:
            raise Malformed("a damaged journal: a record's head")
        body = self._source.read(size)
        if len(body) < size:
            self.cut = True
            return None
        if zlib.crc32(body) != check:
            raise Malformed(f"a damaged journal: a record of {size} bytes")
        return kind, body

    def _tick(self, body: bytes) -> Tick:
        if len(body) < TICK.size:
            raise Malformed("a short tick")
        tick, count = TICK.unpack_from(body)
        inputs, at = [], TICK.size
        for _ in range(count):
            if len(body) - at < INPUT.size:
                raise Malformed(f"tick {tick} is short")
            session, number, size = INPUT.unpack_from(body, at)
            at += INPUT.size + size
            inputs.append((session, self._packet(number, body[at - size : at])))
        if at != len(body):
            raise Malformed(f"tick {tick} is {len(body)} bytes, not {at}")
        return Tick(tick, inputs)

    def _packet(self, number: int, body: bytes) -> Packet:
        cls = self._packets.get(number)
        if cls is None:
            raise Malformed(f"no packet has the number {number:#06x}")
        packet: Packet = codec(cls).decode(body)
        return packet


def _check_magic(magic: bytes) -> None:
    if magic == MAGIC:
        return
    if len(magic) == len(MAGIC) and magic[:-2] == MAGIC[:-2] and magic[-1:] == MAGIC[-1:]:
        version, ours = magic[-2:-1].decode(errors="replace"), VERSION.decode()
        raise Malformed(f"a journal of version {version}; this server reads version {ours}")
    raise Malformed("not a journal")


def _digest(body: bytes) -> Digest:
    if len(body) < DIGEST.size:
        raise Malformed("a short digest")
    tick, count = DIGEST.unpack_from(body)
    if len(body) != DIGEST.size + count * PART.size:
        raise Malformed(f"a digest of {len(body)} bytes and {count} parts")
    parts = [(each[:4], each[4]) for each in PART.iter_unpack(body[DIGEST.size :])]
    return Digest(tick, parts)


def _split(body: bytes) -> tuple[int, bytes]:
    if len(body) < NUMBER.size:
        raise Malformed("a short snapshot")
    return NUMBER.unpack_from(body)[0], body[NUMBER.size :]


def _header(body: bytes) -> Header:
    try:
        header = Header(**json.loads(body))
        for name, kind in HEADER_TYPES.items():
            if not isinstance(getattr(header, name), kind):
                raise TypeError(f"{name} is no {kind.__name__}")
        opcodes.version(header.build)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Malformed(f"a journal's header: {error}") from error
    return header
