"""
The blocks that a journal's file is made of: each is there whole, or not at all, and says so.

    file     8s magic, blocks
    block    u8 kind, u32 first, u32 last, u32 plain, u32 size, u32 crc32 of the body,
             u32 crc32 of those 21 bytes; body: `size` bytes

Little-endian.  `first` and `last` are the ticks that the block is about; whoever looks for one goes from head
to head without reading a body.  A body is one zstd frame of `plain` bytes, but that of a HEADER is plain.
A file may end anywhere: within a block it was cut, and the block is as if it were not there.
"""

import struct
import zlib
from typing import BinaryIO, NamedTuple

import zstandard

from bluemarble.wire.errors import Malformed

VERSION = b"3"
MAGIC = b"BMJRNL" + VERSION + b"\n"
HEAD = struct.Struct("<BIIIII")
CHECK = struct.Struct("<I")
HEAD_BYTES = HEAD.size + CHECK.size
HEADER, SNAPSHOT, RECORDS = b"HSR"
# Bytes of a body, by kind.  A world of a hundred thousand entities is a tenth of a SNAPSHOT.  RECORDS are
# written when they are a quarter of a MiB; a tick of twelve thousand sessions may be more.  Each byte may
# become twenty in memory.
LIMITS = {HEADER: 1 << 20, SNAPSHOT: 1 << 28, RECORDS: 1 << 25}
LEVEL = 3


class Block(NamedTuple):
    """
    A block's head.

    @ivar first, last: ticks.
    @ivar plain: bytes of the body; @ivar size: how many they are in the file; @ivar check: their crc32.
    @ivar at: where in the file the body begins.
    """

    kind: int
    first: int
    last: int
    plain: int
    size: int
    check: int
    at: int


def block(kind: int, first: int, last: int, body: bytes) -> bytes:
    """
    A block as it stands in the file.

    @raise ValueError: a body over its kind's limit.
    """
    if len(body) > (limit := _limit(kind)):
        raise ValueError(f"a journal's block of {len(body)} bytes, limit {limit}")
    inside = body if kind == HEADER else zstandard.ZstdCompressor(level=LEVEL).compress(body)
    head = HEAD.pack(kind, first, last, len(body), len(inside), zlib.crc32(inside))
    return b"".join((head, CHECK.pack(zlib.crc32(head)), inside))


def _limit(kind: int) -> int:
    return LIMITS.get(kind, LIMITS[HEADER])


class Blocks:
    """
    A journal's file, block by block.

    @ivar cut: it ended within a block.
    @raise Malformed: it is no journal, or one of another version.
    """

    def __init__(self, source: BinaryIO) -> None:
        self._source = source
        self._origin = source.tell() if source.seekable() else None
        self.cut = False
        self.at = len(MAGIC)
        _check_magic(source.read(len(MAGIC)))

    def head(self) -> Block | None:
        """
        The next block's; read its body next.  None at the end.

        @raise Malformed: it is damaged.
        """
        head = self._source.read(HEAD_BYTES)
        if len(head) < HEAD_BYTES:
            self.cut = bool(head)
            return None
        self.at += len(head)
        found = Block._make((*HEAD.unpack_from(head), self.at))
        if CHECK.unpack_from(head, HEAD.size)[0] != zlib.crc32(head[: HEAD.size]):
            raise Malformed(f"a damaged journal: the head of a block at {self.at - HEAD_BYTES}")
        if max(found.plain, found.size) > _limit(found.kind) or found.last < found.first:
            raise Malformed(f"a journal's block of {found.plain} bytes, ticks {found.first} to {found.last}")
        return found

    def body(self, of: Block) -> bytes | None:
        """
        What is in the block whose head was just read; None when the file was cut within it.

        @raise Malformed: it is damaged.
        """
        inside = self._source.read(of.size)
        self.at += of.size
        if len(inside) < of.size:
            self.cut = True
            return None
        if zlib.crc32(inside) != of.check:
            raise Malformed(f"a damaged journal: a block of {of.size} bytes at {of.at}")
        if of.kind == HEADER:
            return inside
        try:
            if zstandard.frame_content_size(inside) != of.plain:
                raise Malformed(f"a journal's block at {of.at} that is not {of.plain} bytes")
            return zstandard.ZstdDecompressor().decompress(
                inside, max_output_size=of.plain, allow_extra_data=False
            )
        except zstandard.ZstdError as error:
            raise Malformed(f"a journal's block at {of.at}: {error}") from None

    def skip(self, of: Block) -> None:
        """Leave out the body of the block whose head was just read."""
        if of.size and self._origin is not None:
            self._source.seek(self._origin + of.at + of.size - 1)
            self.cut = not self._source.read(1)
        else:
            self.cut = len(self._source.read(of.size)) < of.size
        self.at += of.size

    def go(self, at: int) -> None:
        """
        Go on from where a block begins.

        @raise OSError: the file is one that cannot be sought in.
        """
        if self._origin is None:
            raise OSError("a journal that is piped has no places to go to")
        self._source.seek(self._origin + at)
        self.at, self.cut = at, False


def _check_magic(magic: bytes) -> None:
    if magic == MAGIC:
        return
    if len(magic) == len(MAGIC) and magic[:-2] == MAGIC[:-2] and magic[-1:] == MAGIC[-1:]:
        version, ours = magic[-2:-1].decode(errors="replace"), VERSION.decode()
        raise Malformed(f"a journal of version {version}; this server reads version {ours}")
    if magic and MAGIC.startswith(magic):
        raise Malformed("a journal that was cut before its header: nothing is in it")
    raise Malformed("not a journal")
