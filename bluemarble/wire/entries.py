"""What stands in a journal: its header, and records, as values and as bytes; see `journal`."""

import hashlib
import json
import struct
from collections.abc import Collection, Iterator, Mapping
from functools import cache
from typing import Any, NamedTuple

import opcodes
from bluemarble.wire import blocks
from bluemarble.wire.blocks import SNAPSHOT
from bluemarble.wire.codec import codec
from bluemarble.wire.errors import Malformed
from bluemarble.wire.layouts import described, difference
from opcodes.vocab import Packet, Record

CANONICAL_BUILD = 12340
HEAD = struct.Struct("<BI")
NUMBER = struct.Struct("<H")
TICK = struct.Struct("<II")
INPUT = struct.Struct("<IHI")
LAYOUT = struct.Struct("<HB")
CHAINED = struct.Struct("<I8s")
FROZEN = struct.Struct("<8sH")
DIGEST = struct.Struct("<IH")
PART = struct.Struct("<BIII32s")
LAID_OUT, WORLD, TICKED, LINKED, DIGESTED = b"LWTCD"
UNCHAINED = bytes(8)  # the chain of a world that has not stepped yet


class Header(NamedTuple):
    """
    What a world must be made of to replay a journal.

    @ivar content: `Content.hash`, in hex.
    @ivar revision: of the software, for people: replay does not insist on it.
    @ivar rules: `Rules` as a dict; values are JSON's.
    @ivar scripts: a hash of the scripts, in hex; empty when there are none.
    @ivar begins: the tick it begins after: of its first snapshot, or 0, with a new world.
    @ivar map: the one map whose zone it is about; -1: all of the world.
    @ivar masked: what was said in chats was made unreadable before it was written, here and in the digests.
    """

    content: str
    rules: dict[str, Any]
    seed: int
    revision: str
    build: int = CANONICAL_BUILD
    scripts: str = ""
    begins: int = 0
    map: int = -1
    masked: bool = False

    def refused(self, content: str, rules: Collection[str], scripts: str = "") -> list[str]:
        """
        Why a world of this content, with rules of these names and these scripts, cannot run it; in words.

        @return: empty when it can.
        """
        reasons = []
        if self.content != content:
            reasons.append(f"recorded on content {self.content[:16]}, this is {content[:16]}")
        if self.scripts != scripts:
            theirs, ours = self.scripts[:16] or "none", scripts[:16] or "none"
            reasons.append(f"recorded with scripts {theirs}, these are {ours}")
        if unknown := sorted(self.rules.keys() - set(rules)):
            reasons.append(f"recorded with rules that are none here: {', '.join(unknown)}")
        return reasons


HEADER_TYPES: dict[str, type] = {
    "content": str,
    "rules": dict,
    "seed": int,
    "revision": str,
    "build": int,
    "scripts": str,
    "begins": int,
    "map": int,
    "masked": bool,
}


class Tick(NamedTuple):
    """What a step took, in order: (session, packet) pairs."""

    tick: int
    inputs: list[tuple[int, Packet]]


class Chain(NamedTuple):
    """The chain's link at the end of a tick: other bytes from the first tick on that is another."""

    tick: int
    link: bytes


PartKey = tuple[int, int, int, int]


class Digest(NamedTuple):
    """Parts of the state after a tick, in order, and what `summed` said of each."""

    tick: int
    parts: list[tuple[PartKey, bytes]]


class Snapshot:
    """
    A world at the end of a tick.

    @param world: NMSG_WORLD; what it is made of must not change until it is written.
    @param link: of the chain at the end of that tick.
    """

    __slots__ = ("_cls", "_world", "link", "tick")

    def __init__(self, tick: int, world: Packet, link: bytes = UNCHAINED) -> None:
        self.tick, self.link = tick, link
        self._cls: type[Packet] = type(world)
        self._world: Packet | bytes = world

    @classmethod
    def of(cls, tick: int, link: bytes, kind: type[Packet], body: bytes) -> "Snapshot":
        """One that is decoded when its world is asked for."""
        made = cls.__new__(cls)
        made.tick, made.link, made._cls, made._world = tick, link, kind, body
        return made

    @property
    def world(self) -> Packet:
        """
        NMSG_WORLD.

        @raise Malformed: it is none.
        """
        if isinstance(self._world, bytes):
            decoded: Packet = codec(self._cls).decode(self._world)
            self._world = decoded
        return self._world

    def block(self) -> bytes:
        """As it stands in a journal, with all that a reader needs to know of layouts."""
        number = numbers(CANONICAL_BUILD)[self._cls]
        raw = self._world if isinstance(self._world, bytes) else codec(self._cls).encode(self._world)
        body = record(LAID_OUT, layout(number, self._cls)) + record(
            WORLD, FROZEN.pack(self.link, number) + raw
        )
        return blocks.block(SNAPSHOT, self.tick, self.tick, body)


def summed(content: Record | bytes) -> bytes:
    """sha256 of a part of the state: of a record's bytes, or of bytes."""
    raw = content if isinstance(content, bytes) else codec(type(content)).encode(content)
    return hashlib.sha256(raw).digest()


@cache
def numbers(build: int) -> dict[type[Packet], int]:
    """The number of each packet that a journal of that build may have."""
    return opcodes.native().numbers | opcodes.version(build).numbers


def record(kind: int, body: bytes) -> bytes:
    """A record as it stands in a block."""
    return HEAD.pack(kind, len(body)) + body


def records(body: bytes) -> Iterator[tuple[int, bytes]]:
    """
    Kind and body of each record of a block's body.

    @raise Malformed: it is not made of records.
    """
    at = 0
    while at < len(body):
        if len(body) - at < HEAD.size:
            raise Malformed("a journal's block that ends within a record's head")
        kind, size = HEAD.unpack_from(body, at)
        at += HEAD.size + size
        if at > len(body):
            raise Malformed("a journal's block that ends within a record")
        yield kind, body[at - size : at]


def layout(number: int, kind: type[Packet]) -> bytes:
    """The body of the record that tells of a kind of packet."""
    name = kind.__name__.encode()
    return LAYOUT.pack(number, len(name)) + name + described(kind).encode()


def known(packets: Mapping[int, type[Packet]], body: bytes) -> int:
    """
    The number of the kind of packet that such a record tells of.

    @raise Malformed: it is none of `packets`, or not laid out as the record says.
    """
    if len(body) < LAYOUT.size:
        raise Malformed("a short layout")
    number, size = LAYOUT.unpack_from(body)
    name = body[LAYOUT.size : LAYOUT.size + size].decode(errors="replace")
    cls = packets.get(number)
    if cls is None or cls.__name__ != name:
        raise Malformed(f"a journal with {name!r}, number {number:#06x}, which this server does not have")
    theirs = body[LAYOUT.size + size :].decode(errors="replace")
    if described(cls) != theirs:
        raise Malformed(
            f"a journal of a server that laid {name} out in another way: {difference(theirs, described(cls))}"
        )
    return int(number)


def link(body: bytes) -> Chain:
    """@raise Malformed: the record is of another size."""
    if len(body) != CHAINED.size:
        raise Malformed(f"a chain's link of {len(body)} bytes")
    return Chain(*CHAINED.unpack(body))


def digest(body: bytes) -> Digest:
    """@raise Malformed: the record is not as long as it says."""
    if len(body) < DIGEST.size:
        raise Malformed("a short digest")
    tick, count = DIGEST.unpack_from(body)
    if len(body) != DIGEST.size + count * PART.size:
        raise Malformed(f"a digest of {len(body)} bytes and {count} parts")
    parts = [(each[:4], each[4]) for each in PART.iter_unpack(body[DIGEST.size :])]
    return Digest(tick, parts)


def header(body: bytes) -> Header:
    """@raise Malformed: it is not JSON, or not all there, or of a build that we do not know."""
    try:
        found = Header(**json.loads(body))
        for name, kind in HEADER_TYPES.items():
            if not isinstance(getattr(found, name), kind):
                raise TypeError(f"{name} is no {kind.__name__}")
        opcodes.version(found.build)
    except (ValueError, TypeError, KeyError, RecursionError) as error:
        raise Malformed(f"a journal's header: {error}") from error
    return found
