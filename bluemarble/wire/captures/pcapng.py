"""
pcapng with one of our packets in each frame: Wireshark shows it by our dissector, bluemarble/tools/lua.py.

    frame    4s "BMC1", u32 build, u32 connection, u32 opcode, u8 from a client (1 or 0),
             u8 family of the address (4, 6 or 0), u16 port, 16s address; body

Little-endian, of link type 147 (USER0), in enhanced packet blocks whose flags say the direction again, for
filters (inbound: from a client), and whose comments are the packets'.  The section's comment is JSON: its
notes.  Other blocks, such as those with keys, are neither written nor read.

Source: draft-ietf-opsawg-pcapng.
"""

import json
import struct
from collections import Counter
from collections.abc import Iterator, Mapping
from typing import BinaryIO, NamedTuple

from bluemarble.wire.captures.frames import USER0, Frame
from bluemarble.wire.captures.record import (
    BODY_LIMIT,
    TIME_LIMIT_US,
    US,
    CannotHold,
    Captured,
    Source,
    checked,
    packed,
    unpacked,
)
from bluemarble.wire.errors import Malformed

SUFFIX = ".pcapng"
MAGIC = b"\x0a\x0d\x0d\x0a"  # the type of a section's block, the same in both byte orders
FRAME = struct.Struct("<4s3I2BH16s")
FRAME_MAGIC = b"BMC1"
FAMILIES = {0: 0, 4: 4, 16: 6}  # by the length of an address
LENGTHS = {family: length for length, family in FAMILIES.items()}
SECTION, INTERFACE, PACKET = 0x0A0D0D0A, 1, 6
SIMPLE_PACKET = 3
BYTE_ORDER = 0x1A2B3C4D
ORDERS = {struct.pack("<I", BYTE_ORDER): "<", struct.pack(">I", BYTE_ORDER): ">"}
END, COMMENT, FLAGS = 0, 1, 2
PROGRAM = 4  # of a section: what wrote it
NAME, RESOLUTION, OFFSET = 2, 9, 14  # of an interface
INBOUND, OUTBOUND = 1, 2
MICROSECONDS = 6
TEXT_LIMIT = 0xFFFF  # bytes, of an option
BLOCK_LIMIT = 1 << 24
INTERFACE_LIMIT = 1 << 10
EXPONENT_LIMIT = 18  # of ten, and 63 of two: what is finer than that is no clock


class Writer:
    """
    Appends to an open binary file; buffering it, and flushing and closing it, is the caller's.

    @param notes: of the file as a whole, for whoever reads it.
    @ivar lost: nothing; as of the other formats.
    """

    def __init__(self, out: BinaryIO, notes: Mapping[str, str] | None = None) -> None:
        self.lost: Counter[str] = Counter()
        self._out = out
        section = struct.pack("<IHHq", BYTE_ORDER, 1, 0, -1) + _option(PROGRAM, b"BlueMarble")
        if notes:
            section += _option(COMMENT, json.dumps(dict(notes), sort_keys=True).encode())
        self._block(SECTION, section + _option(END))
        options = _option(NAME, b"world"), _option(RESOLUTION, bytes([MICROSECONDS])), _option(END)
        self._block(INTERFACE, struct.pack("<HHI", USER0, 0, 0) + b"".join(options))

    def write(self, packet: Captured) -> None:
        """
        One packet more.

        @raise CannotHold: a number out of its range, or a comment of over 64 KiB.  Nothing is written.
        """
        checked(packet)
        address = packed(packet.address)
        frame = FRAME.pack(
            FRAME_MAGIC,
            packet.build,
            packet.connection,
            packet.opcode,
            packet.from_client,
            FAMILIES[len(address)],
            packet.port,
            address,
        )
        frame += packet.body
        options = _option(FLAGS, struct.pack("<I", INBOUND if packet.from_client else OUTBOUND))
        if packet.comment:
            options += _option(COMMENT, packet.comment.encode(errors="replace"))
        high, low = divmod(packet.time_us, 1 << 32)
        block = struct.pack("<5I", 0, high, low, len(frame), len(frame)) + _padded(frame) + options
        self._block(PACKET, block + _option(END))

    def _block(self, kind: int, body: bytes) -> None:
        size = struct.pack("<I", len(body) + 12)
        self._out.write(b"".join((struct.pack("<I", kind), size, body, size)))


def _padded(data: bytes) -> bytes:
    return data + bytes(-len(data) % 4)


def _option(code: int, value: bytes = b"") -> bytes:
    if len(value) > TEXT_LIMIT:
        raise CannotHold(f"a comment of {len(value)} bytes; pcapng takes {TEXT_LIMIT}")
    return struct.pack("<HH", code, len(value)) + _padded(value)


class _Interface(NamedTuple):
    """Where frames come from, and how their clock counts: `units` a second, from `offset_s` on."""

    link_type: int
    units: int
    offset_s: int


class Reader:
    """
    The packets of a pcapng, to be iterated once; another program may have copied or merged them.

    @param begun: bytes of the file that have been read already.
    @ivar notes: of the first section.
    @ivar lost: what is in the file and not in the packets, and how often.
    @ivar cut: the file ended inside a block; known once the iteration is over.
    @raise Malformed: it is no pcapng, or damaged; from the iterator too.
    """

    def __init__(self, file: BinaryIO, begun: bytes = b"") -> None:
        self.lost: Counter[str] = Counter()
        self.notes: dict[str, str] = {}
        self._source = Source(file, begun)
        self._order = ""
        self._interfaces: list[_Interface] = []
        first = self._block()
        if first is None:
            raise Malformed("a pcapng's section is cut")
        if first[0] != SECTION:
            raise Malformed("not a pcapng")
        self.notes = _notes(self._options(first[1], 16))

    @property
    def cut(self) -> bool:
        """The file ended inside a block."""
        return self._source.cut

    def __iter__(self) -> Iterator[Captured]:
        for frame in self.frames():
            packet = self.packet(frame)
            if packet is not None:
                yield packet

    def frames(self) -> Iterator[Frame]:
        """Each as it was noted, whatever is in it."""
        while (block := self._block()) is not None:
            kind, body = block
            if kind == INTERFACE:
                self._interface(body)
            elif kind == PACKET:
                yield self._frame(body)
            elif kind == SIMPLE_PACKET:
                self.lost["frame without a time"] += 1
            elif kind != SECTION:
                self.lost["block of another kind"] += 1

    def _block(self) -> tuple[int, bytes] | None:
        """The next one's kind and content; a section's sets the byte order of what follows."""
        head = self._source.take(8, inside=False)
        if head is None:
            return None
        begun = b""
        if head[:4] == MAGIC:
            begun = self._source.take(4) or b""
            if len(begun) < 4:
                return None
            if begun not in ORDERS:
                raise Malformed("a pcapng's section without its byte order")
            self._order, self._interfaces = ORDERS[begun], []
        elif not self._order:
            raise Malformed("not a pcapng")
        kind, size = struct.unpack(f"{self._order}2I", head)
        if size % 4 or not 12 + len(begun) <= size <= BLOCK_LIMIT:
            raise Malformed(f"a pcapng's block of {size} bytes")
        rest = self._source.take(size - len(head) - len(begun))
        if rest is None:
            return None
        if rest[-4:] != head[4:]:
            raise Malformed("a pcapng's block that ends with another length")
        if kind == SECTION and size < 28:
            raise Malformed("a pcapng's section is short")
        return kind, begun + rest[:-4]

    def _interface(self, body: bytes) -> None:
        if len(body) < 8 or len(self._interfaces) == INTERFACE_LIMIT:
            raise Malformed("a pcapng's interface is short, or one too many")
        (link_type,) = struct.unpack_from(f"{self._order}H", body)
        units, offset_s = US, 0
        for code, value in self._options(body, 8):
            if code == RESOLUTION and len(value) == 1:
                exponent = value[0] & 0x7F
                base, limit = (2, 63) if value[0] & 0x80 else (10, EXPONENT_LIMIT)
                if exponent > limit:
                    raise Malformed(f"a pcapng's clock of {base}^-{exponent} seconds")
                units = base**exponent
            elif code == OFFSET and len(value) == 8:
                (offset_s,) = struct.unpack(f"{self._order}q", value)
        self._interfaces.append(_Interface(link_type, units, offset_s))

    def _frame(self, body: bytes) -> Frame:
        """What an enhanced packet block says."""
        if len(body) < 20:
            raise Malformed("a pcapng's packet is short")
        number, high, low, size, full_size = struct.unpack_from(f"{self._order}5I", body)
        if number >= len(self._interfaces):
            raise Malformed(f"a pcapng's packet of interface {number}, of {len(self._interfaces)}")
        end = 20 + size + -size % 4
        if end > len(body):
            raise Malformed(f"a pcapng's frame of {size} bytes in a block of {len(body)}")
        interface = self._interfaces[number]
        time_us, finer = divmod(((high << 32) + low) * US, interface.units)
        time_us += interface.offset_s * US
        if not 0 <= time_us <= TIME_LIMIT_US:
            raise Malformed(f"a frame at {time_us} microseconds")
        comments = [text for code, text in self._options(body, end) if code == COMMENT]
        comment = b"\n".join(comments).decode(errors="replace")
        return Frame(time_us, interface.link_type, body[20 : 20 + size], full_size, comment, bool(finer))

    def packet(self, frame: Frame) -> Captured | None:
        """
        The packet of ours in a frame, or None for what is none, which is counted.

        @raise Malformed: it is one, and says what none can say.
        """
        if frame.link_type != USER0:
            self.lost[f"frame of link type {frame.link_type}"] += 1
        elif len(frame.data) < frame.size:
            self.lost["frame that its capturer cut"] += 1
        elif len(frame.data) < FRAME.size or frame.data[:4] != FRAME_MAGIC:
            self.lost["frame of another program"] += 1
        else:
            self.lost.update(["time below a microsecond"] * frame.rounded)
            return _captured(frame)
        return None

    def _options(self, body: bytes, at: int) -> Iterator[tuple[int, bytes]]:
        """Code and value of each."""
        while at < len(body):
            if len(body) - at < 4:
                raise Malformed("a pcapng's option is short")
            code, size = struct.unpack_from(f"{self._order}2H", body, at)
            at += 4
            if code == END:
                return
            if at + size > len(body):
                raise Malformed(f"a pcapng's option of {size} bytes")
            yield code, body[at : at + size]
            at += size + -size % 4


def _captured(frame: Frame) -> Captured:
    data = frame.data
    _, build, connection, opcode, from_client, family, port, address = FRAME.unpack_from(data)
    if from_client > 1 or family not in LENGTHS:
        raise Malformed(f"a frame of direction {from_client} and address family {family}")
    if len(data) - FRAME.size > BODY_LIMIT:
        raise Malformed(f"a packet of {len(data)} bytes")
    return Captured(
        time_us=frame.time_us,
        from_client=bool(from_client),
        connection=connection,
        opcode=opcode,
        body=data[FRAME.size :],
        build=build,
        address=unpacked(address[: LENGTHS[family]]) if family else "",
        port=port,
        comment=frame.comment,
    )


def _notes(options: Iterator[tuple[int, bytes]]) -> dict[str, str]:
    """Of a section's options; another program's comment is a note, too."""
    notes: dict[str, str] = {}
    for code, value in options:
        if code == COMMENT:
            try:
                found = json.loads(value)
            except (ValueError, RecursionError):
                found = {"comment": value.decode(errors="replace")}
            if isinstance(found, dict):
                notes |= {name: text for name, text in found.items() if isinstance(text, str)}
    return notes
