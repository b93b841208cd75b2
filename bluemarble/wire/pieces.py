"""The parts of a packet that a `struct` format cannot say; what the written codecs call."""

import functools
import io
import struct
from typing import Any

from bluemarble.wire.errors import Malformed

__all__ = [
    "read_guid",
    "read_other",
    "read_sized_text",
    "read_text",
    "read_values",
    "write_guid",
    "write_sized_text",
    "write_text",
    "write_values",
]

_POPCOUNT = bytes(i.bit_count() for i in range(256))


def read_guid(data: bytes, at: int) -> tuple[int, int]:
    """The packed guid at `at` and the offset after it."""
    mask = data[at]
    end = at + 1 + _POPCOUNT[mask]
    raw = data[at + 1 : end]
    if at + 1 + len(raw) != end:
        raise IndexError
    if mask & mask + 1 == 0:  # the usual guid: low bytes only
        return int.from_bytes(raw, "little"), end
    value = index = 0
    for bit in range(8):
        if mask >> bit & 1:
            value |= raw[index] << 8 * bit
            index += 1
    return value, end


@functools.lru_cache(1 << 16)
def write_guid(value: int) -> bytes:
    """The packed form of a 64-bit guid."""
    raw = value.to_bytes(8, "little")
    mask = 0
    out = bytearray(1)
    for bit, byte in enumerate(raw):
        if byte:
            mask |= 1 << bit
            out.append(byte)
    out[0] = mask
    return bytes(out)


def read_text(data: bytes, at: int, limit: int) -> tuple[str, int]:
    """UTF-8 up to a NUL within `limit` bytes, and the offset after the NUL."""
    end = data.find(b"\0", at, at + limit + 1)
    if end < 0:
        raise IndexError
    return str(data[at:end], "utf-8"), end + 1


def write_text(value: str, limit: int) -> bytes:
    """UTF-8 of at most `limit` bytes, and a NUL."""
    raw = value.encode()
    if len(raw) > limit or 0 in raw:
        raise ValueError(f"text over {limit} bytes or with NUL")
    return raw + b"\0"


def read_sized_text(data: bytes, at: int, limit: int) -> tuple[str, int]:
    """A u32 length that counts the NUL, the text and its NUL; and the offset after them."""
    (size,) = struct.unpack_from("<L", data, at)
    end = at + 3 + size
    if not 1 <= size <= limit + 1 or data.find(b"\0", at + 4, end + 1) != end:
        raise IndexError
    return str(data[at + 4 : end], "utf-8"), end + 1


def write_sized_text(value: str, limit: int) -> bytes:
    """As `write_text`, with the u32 length before it."""
    raw = write_text(value, limit)
    return struct.pack("<L", len(raw)) + raw


def read_values(data: bytes, at: int, words: int, back: dict[int, int] | None) -> tuple[dict[int, int], int]:
    """An update mask of at most `words` words with its values, and the offset after them."""
    n = data[at]
    if n > words:
        raise Malformed(f"{n} mask words, limit {words}")
    at += 1 + 4 * n
    if at > len(data):
        raise IndexError
    mask = int.from_bytes(data[at - 4 * n : at], "little")
    indices = []
    while mask:
        lowest = mask & -mask
        indices.append(lowest.bit_length() - 1)
        mask ^= lowest
    values = struct.unpack_from(f"<{len(indices)}L", data, at)
    at += 4 * len(indices)
    if back is None:
        return dict(zip(indices, values, strict=True)), at
    return {back[i]: value for i, value in zip(indices, values, strict=True) if i in back}, at


def write_values(values: dict[int, int], words: int, there: dict[int, int] | None) -> bytes:
    """An update mask and its values; `there` renumbers fields, and drops those it lacks."""
    if there is not None:
        values = {there[i]: value for i, value in values.items() if i in there}
    if not values:
        return b"\0"
    indices = sorted(values)
    n = (indices[-1] >> 5) + 1
    if n > words:
        raise ValueError(f"{n} mask words, limit {words}")
    mask = 0
    for i in indices:
        mask |= 1 << i
    return struct.pack(
        f"<B{4 * n}s{len(indices)}L", n, mask.to_bytes(4 * n, "little"), *[values[i] for i in indices]
    )


def read_other(form: Any, data: bytes, at: int) -> tuple[Any, int]:
    """A field construct must read: everything not spelled out above."""
    stream = io.BytesIO(data)
    stream.seek(at)
    return form.parse_stream(stream), stream.tell()
