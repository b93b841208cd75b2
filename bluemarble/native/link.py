"""
The server's end of one connection of docs/bmu1.md, in C: what an I/O thread runs ten thousand of.

Here one can be handed datagrams and asked for them, as the reference of `wire.datagram` can.  The pump does
not come this way: it calls the same functions from its threads.
"""

import struct
from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

from bluemarble.native._core import ffi, lib

DATAGRAM_BYTES = 1452
TUNNEL = 0xFFFFFFFF  # the address that is the client's TCP connection
NO_RECORD = NO_TICK = 0xFFFFFFFF
SHORT, STRANGE, REPLAYED, FORGED, OVER = -16, -17, -18, -19, -26  # why a datagram was not read
NO_ROOM, NO_PATH = -24, -25
DUE_SEND, DUE_CHALLENGE, DUE_OVER = 1, 2, 4

_HEAD = struct.Struct("<BI")


class Move(NamedTuple):
    """An input; x, y, z in 1/64, yaw 65,536 to the turn."""

    cid: int
    tick: int
    flags: int
    yaw: int
    epoch: int
    x: int
    y: int
    z: int


class Acked(NamedTuple):
    """The datagram of that record has arrived."""

    record: int


class Lost(NamedTuple):
    """The datagram of that record has not, or too late to matter."""

    record: int


class Event(NamedTuple):
    """The client has said something on the reliable stream."""

    opcode: int
    body: bytes


class Attached(NamedTuple):
    """The client is at that address."""

    address: int


class Migrated(NamedTuple):
    """The client is at another address now."""

    address: int


class Closed(NamedTuple):
    """The link is over, and why."""

    reason: int


class Rate(NamedTuple):
    """So much may be sent now."""

    bytes_per_s: int


class Mtu(NamedTuple):
    """Datagrams of so many bytes get through."""

    size_bytes: int


Notice = Move | Acked | Lost | Event | Attached | Migrated | Closed | Rate | Mtu
_NUMBERS: dict[int, Callable[[int], Notice]] = {
    2: Acked,
    3: Lost,
    5: Attached,
    6: Migrated,
    7: Closed,
    8: Rate,
    9: Mtu,
}


class Links:
    """
    What the links of one thread share: ciphers, memory for events, counters.

    @param token_key: 32 random bytes, from which challenges are made.
    @param chunk_limit: most 256-byte chunks that waiting events may take, all links together.
    @raise ValueError: the length of token_key.
    """

    __slots__ = ("_it", "_tape")

    def __init__(self, token_key: bytes, chunk_limit: int = 65536) -> None:
        if len(token_key) != 32:
            raise ValueError("token_key: 32 bytes")
        it, tape = lib.bm_links_new(token_key, chunk_limit), lib.bm_tape_new()
        if not it or not tape:
            raise MemoryError
        self._it, self._tape = ffi.gc(it, lib.bm_links_free), ffi.gc(tape, lib.bm_tape_free)
        lib.bm_tape_attach(self._tape, self._it)

    def budget(self, first: int, floor: int, ceiling: int) -> None:
        """
        What links begun from now on may send, bytes a second: at first, at least, at most.

        @raise ValueError: not 0 < floor <= first <= ceiling.
        """
        if lib.bm_links_budget(self._it, first, floor, ceiling) < 0:
            raise ValueError(f"budget {first}, {floor} to {ceiling}")

    def updates(self, numbers: int, update_us: int) -> None:
        """New keys after so many datagrams or so long."""
        lib.bm_links_updates(self._it, numbers, update_us)

    def counts(self) -> dict[str, int]:
        """What has been counted, by the names of bm_link_counts."""
        it = ffi.new("bm_link_counts *")
        lib.bm_links_counts(self._it, it)
        return _fields(it)

    def notices(self) -> list[Notice]:
        """What the links have told since the last call, in order."""
        bytes_ = ffi.new("const uint8_t **")
        size = lib.bm_tape_read(self._tape, bytes_)
        out = list(_told(bytes(ffi.buffer(bytes_[0], size)))) if size else []
        lib.bm_tape_clear(self._tape)
        return out


class Link:
    """
    One connection's server end.

    @param prk: 32 bytes, of section 1.  @param mtu: the agreed one, 1,200 to 1,452.
    @param now_us: above 0, of a clock that never goes back.
    @raise ValueError: an argument that is out of its range.
    """

    __slots__ = ("_it", "_links", "_memory", "_out")

    def __init__(
        self, links: Links, prk: bytes, aead: int, cid: int, mtu: int, keepalive_ms: int, now_us: int
    ) -> None:
        if len(prk) != 32:
            raise ValueError("prk: 32 bytes")
        self._links = links
        self._memory = ffi.new("uint64_t[]", lib.bm_link_size() // 8)
        self._it = ffi.cast("bm_link *", self._memory)
        self._out = ffi.new("uint8_t[]", DATAGRAM_BYTES)
        if lib.bm_link_start(links._it, self._it, prk, aead, cid, mtu, keepalive_ms, now_us) < 0:
            raise ValueError(f"aead {aead}, mtu {mtu}, keepalive {keepalive_ms} ms, now {now_us}")

    def open(self, datagram: bytes, address: int, now_us: int) -> int:
        """How many sections were in it; or why it was not read: SHORT, STRANGE, REPLAYED, FORGED, OVER."""
        copy = ffi.new("uint8_t[]", datagram)
        return int(lib.bm_link_open(self._links._it, self._it, copy, len(datagram), address, now_us))

    def due(self, now_us: int) -> int:
        """What time asks for: the DUE_ that apply, added up."""
        return int(lib.bm_link_due(self._links._it, self._it, now_us))

    def wake_us(self) -> int:
        """When `due` may next ask for something, perhaps already."""
        return int(lib.bm_link_wake(self._it))

    def seal(
        self, now_us: int, sections: bytes = b"", record: int = NO_RECORD, tick: int = NO_TICK
    ) -> bytes | int:
        """The next datagram for `path`; or 0, NO_ROOM, NO_PATH or OVER."""
        size = lib.bm_link_seal(
            self._links._it, self._it, sections, len(sections), record, tick, now_us, self._out
        )
        return bytes(ffi.buffer(self._out, size)) if size > 0 else int(size)

    def challenge(self, now_us: int) -> bytes | None:
        """A challenge for `candidate`, if one is due."""
        size = lib.bm_link_challenge(self._links._it, self._it, now_us, self._out)
        return bytes(ffi.buffer(self._out, size)) if size > 0 else None

    def outgoing(self, now_us: int) -> Iterator[tuple[bytes, int]]:
        """Every datagram that is due now, and its address."""
        due = self.due(now_us)
        if due & DUE_CHALLENGE and (asked := self.challenge(now_us)):
            yield asked, self.candidate
            due = self.due(now_us)
        while due & DUE_SEND and isinstance(datagram := self.seal(now_us), bytes):
            yield datagram, self.path
            due = self.due(now_us)

    def event(self, opcode: int, body: bytes) -> int:
        """Queue an event: its id; or NO_ROOM, OVER, or -3 for one that is too long."""
        return int(lib.bm_link_event(self._links._it, self._it, opcode, body, len(body)))

    def close(self, reason: int, now_us: int) -> None:
        """Say goodbye."""
        lib.bm_link_close(self._links._it, self._it, reason, now_us)

    def end(self) -> None:
        """Give its events' memory back; nothing else may be asked of it."""
        lib.bm_link_end(self._links._it, self._it)

    @property
    def path(self) -> int:
        """The address to send to."""
        return int(lib.bm_link_path(self._it))

    @property
    def candidate(self) -> int:
        """The address to challenge."""
        return int(lib.bm_link_candidate(self._it))

    @property
    def room(self) -> int:
        """The most bytes of sections that a datagram takes."""
        return int(lib.bm_link_room(self._it))

    def facts(self) -> dict[str, int]:
        """What it knows of its path, by the names of bm_link_facts."""
        it = ffi.new("bm_link_facts *")
        lib.bm_link_facts_of(self._it, it)
        return _fields(it)

    def state(self) -> bytes:
        """The C struct's bytes: equal when nothing has changed."""
        return bytes(ffi.buffer(self._memory))


def _fields(it: Any) -> dict[str, int]:
    return {name: int(getattr(it, name)) for name, _ in ffi.typeof(it).item.fields}


def _told(data: bytes) -> Iterator[Notice]:
    at = 0
    while at < len(data):
        what, size = _HEAD.unpack_from(data, at)
        body = data[at + _HEAD.size : at + _HEAD.size + size]
        at += _HEAD.size + size
        if what == lib.BM_TAPE_MOVE:
            it = ffi.new("bm_move *")
            lib.bm_move_read(body, size, it)
            yield Move(it.cid, it.tick, it.flags, it.yaw, it.epoch, it.x, it.y, it.z)
        elif what == lib.BM_TAPE_EVENT:
            yield Event(int.from_bytes(body[:4], "little"), body[4:])
        else:
            yield _NUMBERS[what](int.from_bytes(body, "little"))
