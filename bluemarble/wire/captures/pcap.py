"""
Classic pcap, as `tcpdump -w` writes it: frames of one link type, and when they came.

    file     u32 magic, u16 2, u16 4, i32 zone, u32 figures, u32 most bytes of a frame, u32 link type
    frame    u32 unix second, u32 microsecond or nanosecond, u32 size, u32 size on the wire; so many bytes

In the byte order of who wrote it, which the magic tells, and whether it counts nanoseconds.

Source: draft-ietf-opsawg-pcap.
"""

import struct
from collections import Counter
from collections.abc import Iterator
from typing import BinaryIO

from bluemarble.wire.captures.frames import Frame
from bluemarble.wire.captures.record import US, Source
from bluemarble.wire.errors import Malformed

SUFFIX = ".pcap"
MICROSECONDS, NANOSECONDS = 0xA1B2C3D4, 0xA1B23C4D
ORDERS = {
    struct.pack(f"{order}I", magic): (order, 1000 if magic == NANOSECONDS else 1)
    for order in "<>"
    for magic in (MICROSECONDS, NANOSECONDS)
}
FRAME_LIMIT = 1 << 18  # bytes: what tcpdump notes at most
LINK_TYPE = 0xFFFF  # of the field; above it is how long the frames' checksums are


class Reader:
    """
    The frames of a pcap, to be iterated once.

    @param begun: bytes of the file that have been read already.
    @ivar notes: none.
    @ivar lost: what is in the file and not in the frames, and how often.
    @raise Malformed: it is no pcap, or damaged; from the iterator too.
    """

    def __init__(self, file: BinaryIO, begun: bytes = b"") -> None:
        self.lost: Counter[str] = Counter()
        self.notes: dict[str, str] = {}
        self._source = Source(file, begun)
        head = self._source.must(24, "a pcap's head")
        if head[:4] not in ORDERS:
            raise Malformed("not a pcap")
        self._order, self._finer = ORDERS[head[:4]]
        major, minor, _, _, _, link_type = struct.unpack(f"{self._order}2Hi3I", head[4:])
        if (major, minor) != (2, 4):
            raise Malformed(f"a pcap of version {major}.{minor}; 2.4 is read here")
        self._link_type = link_type & LINK_TYPE

    @property
    def cut(self) -> bool:
        """The file ended inside a frame."""
        return self._source.cut

    def frames(self) -> Iterator[Frame]:
        """Each as it was noted."""
        while (head := self._source.take(16, inside=False)) is not None:
            second, part, size, full_size = struct.unpack(f"{self._order}4I", head)
            if size > FRAME_LIMIT:
                raise Malformed(f"a pcap's frame of {size} bytes")
            data = self._source.take(size)
            if data is None:
                return
            yield Frame(second * US + part // self._finer, self._link_type, data, full_size)
