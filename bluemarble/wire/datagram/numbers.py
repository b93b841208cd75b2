"""Numbers on the wire that are shorter than what they mean: varints, and low bits of counters."""

from bluemarble.wire.errors import Malformed

VARINT_BYTES = 5
VARINT_LIMIT = 2**32 - 1
LOW = 0xFFFF  # of packet numbers, ticks and event ids only the low 16 bits are sent


def write_varint(value: int) -> bytes:
    """
    LEB128: seven bits a byte, low ones first, the top bit says that more follow.

    @raise ValueError: not in 0 to VARINT_LIMIT.
    """
    if not 0 <= value <= VARINT_LIMIT:
        raise ValueError(f"varint {value}")
    out = bytearray()
    while value > 0x7F:
        out.append(value & 0x7F | 0x80)
        value >>= 7
    out.append(value)
    return bytes(out)


def read_varint(data: bytes, at: int) -> tuple[int, int]:
    """
    The varint at `at`, of at most five bytes, and the offset after it.

    @raise Malformed: cut short, longer, or above VARINT_LIMIT.
    """
    value = 0
    for i in range(VARINT_BYTES):
        if at + i >= len(data):
            raise Malformed("a varint is cut short")
        value |= (data[at + i] & 0x7F) << 7 * i
        if data[at + i] < 0x80:
            if value > VARINT_LIMIT:
                break
            return value, at + i + 1
    raise Malformed("a varint is too large")


def expanded(low: int, expected: int) -> int:
    """
    The number closest to `expected` that has those low 16 bits; never below 0.

    Source: RFC 9000 A.3.
    """
    number = expected & ~LOW | low
    if number <= expected - 0x8000:
        return number + 0x10000
    if number > expected + 0x8000 and number >= 0x10000:
        return number - 0x10000
    return number


def latest(low: int, last: int) -> int:
    """The highest number not above `last` that has those low 16 bits; below 0 when there is none."""
    return last - (last - low & LOW)
