"""
WowPacketParser's .pkt, version 3.1, as the C++ servers' packet logs write it.

    file     3s "PKT", u16 0x0301, u8 sniffer, u32 build, 4s locale, 40s key, u32 unix second, u32 ticks,
             u32 size; so many bytes
    packet   u32 direction, u32 connection, u32 ticks, u32 size, u32 length; so many bytes; u32 opcode; body

Little-endian.  Ticks are milliseconds, modulo 2^32; the head's were when its unix second was.  `length`
counts the opcode.  Of sniffer 'T', a server, the packet's optional bytes are 16s address and u32 port of the
client; an address whose last twelve bytes are zero is IPv4.  The key is written as zeros, and not read.

Source: WowPacketParser's BinaryPacketReader.cs and TrinityCore's PacketLog.cpp, as facts about the format.
"""

import struct
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import BinaryIO

from bluemarble.wire.captures.record import (
    BODY_LIMIT,
    CANONICAL_BUILD,
    MS_US,
    U32,
    US,
    CannotHold,
    Captured,
    Source,
    checked,
    packed,
    unpacked,
)
from bluemarble.wire.errors import Malformed

SUFFIX = ".pkt"
MAGIC = b"PKT"
VERSION = 0x0301
SERVER_SNIFFER = ord("T")
LOCALE = "enUS"
FILE = struct.Struct("<3sHBI4s40sIII")
PACKET = struct.Struct("<4s4I")
PEER = struct.Struct("<16sI")
OPCODE = struct.Struct("<I")
CLIENT, SERVER = b"CMSG", b"SMSG"
OPTIONAL_LIMIT = 1 << 16


class Writer:
    """
    Appends to an open binary file; buffering it, and flushing and closing it, is the caller's.

    @param build: of every packet.
    @param start_us: unix time in microseconds; no packet may be earlier than its second, nor 49.7 days later.
    @param notes: "locale", four letters, is kept.
    @ivar lost: what could not be kept of packets that were written, and how often.
    """

    def __init__(
        self,
        out: BinaryIO,
        build: int = CANONICAL_BUILD,
        start_us: int = 0,
        notes: Mapping[str, str] | None = None,
    ) -> None:
        self.lost: Counter[str] = Counter()
        self._out = out
        self._build = build
        self._start_s = start_us // US
        if not 0 <= self._start_s <= U32 or not 0 <= build <= U32:
            raise CannotHold(f"a .pkt of build {build} that begins at unix second {self._start_s}")
        notes = notes or {}
        self.lost.update(f"note {name}" for name in notes if name != "locale")
        locale = notes.get("locale", LOCALE).encode("latin-1", "replace")
        if len(locale) != len(LOCALE):
            raise CannotHold(f"a locale of {len(locale)} letters; it has four")
        head = MAGIC, VERSION, SERVER_SNIFFER, build, locale, bytes(40), self._start_s, 0, 0
        out.write(FILE.pack(*head))

    def write(self, packet: Captured) -> None:
        """
        One packet more.

        @raise CannotHold: of another build, or too early or too late.  Nothing is written.
        """
        checked(packet)
        if packet.build != self._build:
            raise CannotHold(f"packets of another build in a .pkt of {self._build}")
        ticks, below_ms = divmod(packet.time_us - self._start_s * US, MS_US)
        if not 0 <= ticks <= U32:
            raise CannotHold(".pkt has no packets before its start, nor 49.7 days after it")
        peer = b""
        if packet.address or packet.port:
            address = packed(packet.address)
            if len(address) != 4 and not any(address[4:]):
                self.lost["address that .pkt takes for another"] += 1
            peer = PEER.pack(address, packet.port)
        if below_ms:
            self.lost["time below a millisecond"] += 1
        if packet.comment:
            self.lost["comment"] += 1
        head = PACKET.pack(
            CLIENT if packet.from_client else SERVER,
            packet.connection,
            ticks,
            len(peer),
            OPCODE.size + len(packet.body),
        )
        self._out.write(b"".join((head, peer, OPCODE.pack(packet.opcode), packet.body)))


class Reader:
    """
    The packets of a .pkt, to be iterated once.

    @param begun: bytes of the file that have been read already.
    @ivar build: of every packet.
    @ivar notes: "locale".
    @ivar lost: what is in the file and not in the packets, and how often.
    @ivar cut: the file ended inside a packet; known once the iteration is over.
    @raise Malformed: it is no .pkt of version 3.1, or damaged; from the iterator too.
    """

    def __init__(self, file: BinaryIO, begun: bytes = b"") -> None:
        self.lost: Counter[str] = Counter()
        self._source = Source(file, begun)
        start = self._source.must(5, "a .pkt's head")
        version = int.from_bytes(start[3:], "little")
        if start[:3] != MAGIC:
            raise Malformed("not a .pkt")
        if version != VERSION:
            raise Malformed(f"a .pkt of version {version >> 8}.{version & 0xFF}; 3.1 is read here")
        rest = self._source.must(FILE.size - len(start), "a .pkt's head")
        _, _, sniffer, self.build, locale, key, start_s, self._start_ticks, size = FILE.unpack(start + rest)
        self._start_us = start_s * US
        self._has_peers = sniffer == SERVER_SNIFFER
        self.notes = {"locale": locale.decode("latin-1")}
        if any(key):
            self.lost["session key"] += 1
        if size:
            self.lost["optional bytes of the file"] += 1
            self._optional(size)

    @property
    def cut(self) -> bool:
        """The file ended inside a packet."""
        return self._source.cut

    def __iter__(self) -> Iterator[Captured]:
        while (head := self._source.take(PACKET.size, inside=False)) is not None:
            direction, connection, ticks, size, length = PACKET.unpack(head)
            if direction not in (CLIENT, SERVER):
                raise Malformed(f"a .pkt's packet with direction {direction!r}")
            if not OPCODE.size <= length <= OPCODE.size + BODY_LIMIT:
                raise Malformed(f"a .pkt's packet of {length} bytes")
            optional = self._optional(size)
            data = self._source.take(length) if optional is not None else None
            if optional is None or data is None:
                return
            address, port = self._peer(optional)
            yield Captured(
                time_us=self._start_us + (ticks - self._start_ticks & U32) * MS_US,
                from_client=direction == CLIENT,
                connection=connection,
                opcode=OPCODE.unpack_from(data)[0],
                body=data[OPCODE.size :],
                build=self.build,
                address=address,
                port=port,
            )

    def _optional(self, size: int) -> bytes | None:
        if size > OPTIONAL_LIMIT:
            raise Malformed(f"{size} optional bytes in a .pkt, limit {OPTIONAL_LIMIT}")
        return self._source.take(size)

    def _peer(self, optional: bytes) -> tuple[str, int]:
        known = PEER.size if self._has_peers and len(optional) >= PEER.size else 0
        if len(optional) > known:
            self.lost["optional bytes of a packet"] += 1
        if not known:
            return "", 0
        address, port = PEER.unpack_from(optional)
        if port > 0xFFFF:
            raise Malformed(f"a .pkt's packet from port {port}")
        return unpacked(address if any(address[4:]) else address[:4]), port
