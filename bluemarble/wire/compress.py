"""Object updates over 100 bytes travel as SMSG_COMPRESSED_UPDATE_OBJECT: u32 size, then zlib."""

import zlib

from bluemarble.wire.errors import Malformed

THRESHOLD_BYTES = 100  # every known server compresses above this
LEVEL = 1


def worth_compressing(body: bytes) -> bool:
    """Whether an SMSG_UPDATE_OBJECT body goes out in its compressed form."""
    return len(body) > THRESHOLD_BYTES


def compressed(body: bytes) -> bytes:
    """The body of SMSG_COMPRESSED_UPDATE_OBJECT that says the same."""
    return len(body).to_bytes(4, "little") + zlib.compress(body, LEVEL)


def decompressed(packed: bytes, size: int, limit: int) -> bytes:
    """
    What zlib packed: so many bytes as were announced, and never more of them in memory.

    @raise Malformed: it announces over `limit`, or is not what it announces.
    """
    if size > limit:
        raise Malformed(f"{size} bytes compressed, limit {limit}")
    unpacker = zlib.decompressobj()
    try:
        data = unpacker.decompress(packed, size or 1)
        more = unpacker.decompress(unpacker.unconsumed_tail, 1)
    except zlib.error as error:
        raise Malformed(str(error)) from None
    if len(data) != size or more:
        raise Malformed(f"{len(data)} bytes where {size} were announced")
    return data
