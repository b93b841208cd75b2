"""
The recording every other tool reads: a world, then what came in, and when, and what became of it.

`blocks` has the file's blocks, `entries` what is in them.  The first is the HEADER: JSON.  The bodies of a
SNAPSHOT and of RECORDS are records:

    record   u8 kind, u32 size; body

    L  layout    u16 number, u8 size, name, description: of each kind of packet, before the first record that
                 is made of it, the digests too; after a snapshot, and after `Writer.mark`, anew
    W  world     8s link, u16 number, NMSG_WORLD: as it was at the end of the block's tick; in a SNAPSHOT
    T  tick      u32 tick, u32 count; each input: u32 session, u16 number, u32 size, packet
    C  chain     u32 tick, 8s link: what came of everything up to the end of that tick, in a word
    D  digest    u32 tick, u16 count; each part of the state after that tick: u8 kind, u32 number, u32 first,
                 u32 count, 32s sha256; bluemarble/sim/parts.py says what they are

Little-endian; numbers are those of `opcodes.version(12340)` and `opcodes.native()`, packets are in their
canonical layouts whatever the client's build; what is in other layouts than ours is refused.  A tick without
inputs has no record T: the next record tells how far to step.  A snapshot may stand behind records of later
ticks, for it takes its time; whoever begins with it passes by those that are not later than it.
"""

import json
from collections.abc import Callable, Iterable, Iterator
from typing import BinaryIO, Protocol

import opcodes
from bluemarble.wire import blocks, entries
from bluemarble.wire.blocks import HEADER, MAGIC, RECORDS, SNAPSHOT, Block, Blocks
from bluemarble.wire.codec import codec
from bluemarble.wire.entries import (
    CANONICAL_BUILD,
    UNCHAINED,
    Chain,
    Digest,
    Header,
    PartKey,
    Snapshot,
    Tick,
    summed,
)
from bluemarble.wire.errors import Malformed
from opcodes.vocab import Packet

__all__ = [
    "CANONICAL_BUILD",
    "MAGIC",
    "SUFFIX",
    "UNCHAINED",
    "Block",
    "Chain",
    "Digest",
    "Header",
    "PartKey",
    "Reader",
    "Snapshot",
    "Tick",
    "Writer",
    "beginning",
    "summed",
]

SUFFIX = ".bmj"
BLOCK_BYTES = 1 << 18  # a block that has so many is written, however young: a millisecond's work
GAP_TICKS_LIMIT = 1 << 22  # without a record, all together: two days, and whoever runs it steps through them
Entry = Tick | Chain | Digest | Snapshot


class Sink(Protocol):
    """Where a journal goes: a file, or what is written to like one."""

    def write(self, block: bytes, /) -> object:
        """Append it."""


class Writer:
    """
    Appends blocks to an open binary file; flushing and closing that is the caller's.

    What was written becomes a block with `flush`, once a second or so and at the end, or when it is much.

    @param snapshot: of a world that has already lived; None for one made from the header alone.
    """

    def __init__(self, out: Sink, header: Header, snapshot: Snapshot | None = None) -> None:
        self._out = out
        self._numbers = entries.numbers(header.build)
        self._laid_out: set[type[Packet]] = set()
        self._records: list[bytes] = []
        self._size = self._first = self._last = 0
        if snapshot is not None:
            header = header._replace(begins=snapshot.tick)
        out.write(beginning(header))
        if snapshot is not None:
            self.snapshot(snapshot)

    def tick(self, tick: int, inputs: Iterable[tuple[int, Packet]]) -> None:
        """
        Before the step: what `World.step` is about to take as its tick number `tick`.

        @raise KeyError: a packet without a number.  Nothing is written.
        """
        parts, kinds = [b""], set()
        for session, packet in inputs:
            body = codec(type(packet)).encode(packet)
            parts += entries.INPUT.pack(session, self._numbers[type(packet)], len(body)), body
            kinds.add(type(packet))
        if self._size >= BLOCK_BYTES:
            self.flush()
        if len(parts) > 1:
            parts[0] = entries.TICK.pack(tick, len(parts) // 2)
            self._lay_out(kinds)
            self._put(tick, entries.TICKED, b"".join(parts))

    def chain(self, tick: int, link: bytes) -> None:
        """After the step: the chain's link, 8 bytes."""
        self._put(tick, entries.LINKED, entries.CHAINED.pack(tick, link))

    def digest(self, tick: int, parts: Iterable[tuple[PartKey, Packet | bytes]]) -> None:
        """
        After the step: what parts of the state have become; also at the end, so that idle last ticks replay.

        @param parts: each by a name of four numbers, u8 and three u32, that means something to the world.
        """
        body, kinds = [b""], set()
        for key, content in parts:
            body.append(entries.PART.pack(*key, summed(content)))
            if not isinstance(content, bytes):
                kinds.add(type(content))
        body[0] = entries.DIGEST.pack(tick, len(body) - 1)
        self._lay_out(kinds)
        self._put(tick, entries.DIGESTED, b"".join(body))

    def snapshot(self, snapshot: Snapshot) -> None:
        """The world as it is at the end of this tick."""
        self.mark()
        self._out.write(snapshot.block())

    def mark(self) -> None:
        """
        A snapshot of this tick will come, as a block, to be appended to `out` after any later `flush`.

        What is written from here on can be read by whoever begins with that snapshot.
        """
        self.flush()
        self._laid_out.clear()

    def flush(self) -> None:
        """What was written since the last time becomes a block."""
        records, self._records, self._size = self._records, [], 0
        if records:
            self._out.write(blocks.block(RECORDS, self._first, self._last, b"".join(records)))

    def _lay_out(self, kinds: set[type[Packet]]) -> None:
        for number, kind in sorted((self._numbers[kind], kind) for kind in kinds - self._laid_out):
            self._records.append(entries.record(entries.LAID_OUT, entries.layout(number, kind)))
        self._laid_out |= kinds

    def _put(self, tick: int, kind: int, body: bytes) -> None:
        if not self._size:
            self._first = self._last = tick
        self._last = max(self._last, tick)
        self._records.append(entries.record(kind, body))
        self._size += entries.HEAD.size + len(body)


def beginning(header: Header) -> bytes:
    """How a journal's file begins."""
    return MAGIC + blocks.block(HEADER, 0, 0, json.dumps(header._asdict(), sort_keys=True).encode())


class Reader:
    """
    A journal, to be iterated once: Tick, Chain and Digest records in order, and Snapshots where they stand.

    @ivar snapshot: what it begins from, or None where that is a new world.
    @ivar cut: the file ended inside a block; known once the iteration is over.
    @raise Malformed: it is not a journal, or damaged; from the iterator too.
    """

    def __init__(self, source: BinaryIO) -> None:
        self._blocks = Blocks(source)
        first = self._blocks.head()
        body = None if first is None else self._blocks.body(first)
        if first is None or body is None:
            raise Malformed("a journal that was cut within its header: nothing is in it")
        if first.kind != HEADER:
            raise Malformed("a journal without its header")
        self.header = entries.header(body)
        self._packets = opcodes.native().packets | opcodes.version(self.header.build).packets
        self._laid_out: set[int] = set()
        self._reads: dict[int, Callable[[bytes], Tick | Chain | Digest]] = {
            entries.TICKED: self._tick,
            entries.LINKED: entries.link,
            entries.DIGESTED: entries.digest,
        }
        self._begins = self._blocks.at
        self._after = -1
        self.snapshot: Snapshot | None = None
        self._ahead = self._blocks.head()
        if self._ahead is not None and self._ahead.kind == SNAPSHOT:
            self._begin(self._ahead)
            self._ahead = self._blocks.head()
        if self.header.begins and self.snapshot is None:
            raise Malformed("a journal that was cut before the snapshot it begins with: nothing can be run")

    @property
    def cut(self) -> bool:
        """Whether the file ended inside a block."""
        return self._blocks.cut

    def __iter__(self) -> Iterator[Entry]:
        block, self._ahead = self._ahead, None
        reached = stepped = max(self._after, 0)
        idle = 0
        while block is not None:
            if block.first - reached > GAP_TICKS_LIMIT or block.last - block.first > GAP_TICKS_LIMIT:
                raise Malformed(f"a journal with nothing between the ticks {reached} and {block.last}")
            reached = max(reached, block.last)
            if block.last <= self._after:
                self._blocks.skip(block)
            elif (body := self._blocks.body(block)) is None:
                return
            else:
                for it in self._read(block, body):
                    if it.tick > self._after:
                        idle, stepped = idle + max(it.tick - stepped - 1, 0), max(it.tick, stepped)
                        if idle > GAP_TICKS_LIMIT:
                            raise Malformed(f"a journal with nothing in {idle} ticks up to {it.tick}")
                        yield it
            block = self._blocks.head()

    def index(self) -> list[Block]:
        """
        The heads of all blocks after the header, as far as they are whole; the iteration begins anew.

        @raise OSError: the file is one that cannot be sought in.
        """
        self._blocks.go(self._begins)
        found: list[Block] = []
        try:
            while (block := self._blocks.head()) is not None:
                self._blocks.skip(block)
                if self._blocks.cut:
                    break
                found.append(block)
        except Malformed:  # whoever comes to there is told
            pass
        self._start(self._begins)
        return found

    def seek(self, tick: int) -> Snapshot | None:
        """
        Go to the newest snapshot of a tick not after `tick`: the iteration begins with what came after it.

        @return: it, and `snapshot` is it now; None: a new world, as at the journal's beginning.
        @raise OSError: the file is one that cannot be sought in.
        @raise Malformed: the snapshot is damaged, or all there are come later.
        """
        near = [it for it in self.index() if it.kind == SNAPSHOT and it.first <= tick]
        self.snapshot, self._after = None, -1
        if near:
            found = max(near, key=lambda it: it.first)
            self._blocks.go(found.at - blocks.HEAD_BYTES)
            self._blocks.head()
            self._begin(found)
        elif self.header.begins:
            raise Malformed(f"a journal that begins after tick {self.header.begins}")
        self._start(self._begins)
        return self.snapshot

    def _start(self, at: int) -> None:
        self._blocks.go(at)
        self._laid_out.clear()
        self._ahead = self._blocks.head()

    def _begin(self, block: Block) -> None:
        body = self._blocks.body(block)
        for it in () if body is None else self._read(block, body):
            if isinstance(it, Snapshot):
                self.snapshot, self._after = it, it.tick

    def _read(self, block: Block, body: bytes) -> Iterator[Entry]:
        for kind, record in entries.records(body):
            if kind == entries.LAID_OUT:
                self._laid_out.add(entries.known(self._packets, record))
                continue
            if kind == entries.WORLD and block.kind == SNAPSHOT:
                yield self._frozen(block.first, record)
                continue
            if block.kind != RECORDS or kind not in self._reads:
                raise Malformed(f"a journal's record of kind {kind} in a block of kind {block.kind}")
            it = self._reads[kind](record)
            if not block.first <= it.tick <= block.last:
                raise Malformed(f"tick {it.tick} in a block of {block.first} to {block.last}")
            yield it

    def _frozen(self, tick: int, body: bytes) -> Snapshot:
        if len(body) < entries.FROZEN.size:
            raise Malformed("a short snapshot")
        link, number = entries.FROZEN.unpack_from(body)
        return Snapshot.of(tick, link, self._kind(number), body[entries.FROZEN.size :])

    def _tick(self, body: bytes) -> Tick:
        if len(body) < entries.TICK.size:
            raise Malformed("a short tick")
        tick, count = entries.TICK.unpack_from(body)
        inputs, at = [], entries.TICK.size
        for _ in range(count):
            if len(body) - at < entries.INPUT.size:
                raise Malformed(f"tick {tick} is short")
            session, number, size = entries.INPUT.unpack_from(body, at)
            at += entries.INPUT.size + size
            packet: Packet = codec(self._kind(number)).decode(body[at - size : at])
            inputs.append((session, packet))
        if at != len(body):
            raise Malformed(f"tick {tick} is {len(body)} bytes, not {at}")
        return Tick(tick, inputs)

    def _kind(self, number: int) -> type[Packet]:
        if number not in self._laid_out:
            raise Malformed(f"a packet with the number {number:#06x}, whose layout the journal does not tell")
        return self._packets[number]
