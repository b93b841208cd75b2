"""Object updates over 100 bytes travel as SMSG_COMPRESSED_UPDATE_OBJECT: u32 size, then zlib."""

import zlib

THRESHOLD_BYTES = 100  # every known server compresses above this
LEVEL = 1


def worth_compressing(body: bytes) -> bool:
    """Whether an SMSG_UPDATE_OBJECT body goes out in its compressed form."""
    return len(body) > THRESHOLD_BYTES


def compressed(body: bytes) -> bytes:
    """The body of SMSG_COMPRESSED_UPDATE_OBJECT that says the same."""
    return len(body).to_bytes(4, "little") + zlib.compress(body, LEVEL)
