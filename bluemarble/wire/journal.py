"""
The recording every other tool reads: a world, then what came in, and when.

    file     8s magic, records
    record   u8 kind, u32 size, u32 crc32 of the body, u32 crc32 of those nine bytes; body

    H  header    JSON: build, content, revision, rules, seed; always first
    W  world     u16 number, NMSG_WORLD: what the journal begins from; second when the world was not new
    T  tick      u32 tick, u32 count; each input: u32 session, u16 number, u32 size, packet
    D  digest    u32 tick, 32s sha256 of the state after that tick

Little-endian; numbers are those of `opcodes.version(12340)` and `opcodes.native()`, packets are in their
canonical layouts whatever the client's build.  A tick without inputs has no record: the next tick or digest
tells how far to step.  A file that was cut ends where its last whole record does; a damaged one says so.
"""

import json
import struct
import zlib
from collections.abc import Iterable, Iterator
from typing import Any, BinaryIO, NamedTuple

import opcodes
from bluemarble.wire.codec import codec
from bluemarble.wire.errors import Malformed
from opcodes.vocab import Packet

MAGIC = b"BMJRNL1\n"
SUFFIX = ".bmj"
CANONICAL_BUILD = 12340
HEAD = struct.Struct("<BII")
CHECK = struct.Struct("<I")
NUMBER = struct.Struct("<H")
TICK = struct.Struct("<II")
INPUT = struct.Struct("<IHI")
DIGEST = struct.Struct("<I32s")
HEADER, WORLD, TICKED, DIGESTED = b"HWTD"
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


class Digest(NamedTuple):
    """`World.digest()` after a tick."""

    tick: int
    state: bytes


class Writer:
    """
    Appends to an open binary file; buffering it, and flushing and closing it, is the caller's.

    @param snapshot: NMSG_WORLD of a world that has already lived; None for one made from the header alone.
    """

    def __init__(self, out: BinaryIO, header: Header, snapshot: Packet | None = None) -> None:
        self._out = out
        self._numbers = opcodes.native().numbers | opcodes.version(header.build).numbers
        out.write(MAGIC)
        self._record(HEADER, json.dumps(header._asdict(), sort_keys=True).encode())
        if snapshot is not None:
            body = codec(type(snapshot)).encode(snapshot)
            self._record(WORLD, NUMBER.pack(self._numbers[type(snapshot)]) + body)

    def tick(self, tick: int, inputs: Iterable[tuple[int, Packet]]) -> None:
        """
        Before the step: what `World.step` is about to take as its tick number `tick`.

        @raise KeyError: a packet without a number.  Nothing is written.
        """
        parts = [b""]
        for session, packet in inputs:
            body = codec(type(packet)).encode(packet)
            parts += INPUT.pack(session, self._numbers[type(packet)], len(body)), body
        if len(parts) > 1:
            parts[0] = TICK.pack(tick, len(parts) // 2)
            self._record(TICKED, b"".join(parts))

    def digest(self, tick: int, state: bytes) -> None:
        """After the step: what the state has become; also at the end, so that idle last ticks replay."""
        self._record(DIGESTED, DIGEST.pack(tick, state))

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
        if source.read(len(MAGIC)) != MAGIC:
            raise Malformed("not a journal")
        kind, body = self._record() or (0, b"")
        if kind != HEADER:
            raise Malformed("a journal without its header")
        self.header = _header(body)
        self._packets = opcodes.native().packets | opcodes.version(self.header.build).packets
        self.snapshot: Packet | None = None
        self._ahead = self._record()
        if self._ahead and self._ahead[0] == WORLD:
            self.snapshot = self._packet(*_split(self._ahead[1]))
            self._ahead = self._record()

    def __iter__(self) -> Iterator[Tick | Digest]:
        while self._ahead:
            kind, body = self._ahead
            if kind == TICKED:
                yield self._tick(body)
            elif kind == DIGESTED and len(body) == DIGEST.size:
                yield Digest(*DIGEST.unpack(body))
            else:
                raise Malformed(f"a journal's record of kind {kind} and {len(body)} bytes")
            self._ahead = self._record()

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
