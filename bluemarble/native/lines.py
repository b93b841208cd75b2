"""What waits to be written to clients of the framed TCP stream: framed, enciphered, one call for many."""

from collections.abc import Sequence
from typing import Any

from bluemarble.native._core import ffi, lib

BODY_LIMIT = 0x7FFF - 2  # bytes a server may put in one packet
ARC4, CHAIN = lib.BM_CIPHER_ARC4, lib.BM_CIPHER_CHAIN


class Lines:
    """
    A table of lines, and packets from one to many of them.

    Source: tests/twins/lines.py says the same in plain Python.
    """

    __slots__ = ("_data", "_lines", "_them")

    def __init__(self) -> None:
        self._them = ffi.gc(_given(lib.bm_lines_new()), lib.bm_lines_free)
        self._lines = ffi.new("uint32_t **")
        self._data = ffi.new("uint8_t **")

    def open(self) -> "Line":
        """A new line, in the clear; it is closed when nobody holds it any more."""
        return Line(self, _check(lib.bm_lines_open(self._them)))

    def audience(self, lines: Sequence["Line"]) -> Any:
        """Those lines as `queue` wants them, for as often as that is worth it."""
        return ffi.new("uint32_t[]", [line.number for line in lines])

    def queue(self, audience: Any, opcode: int, body: bytes) -> int:
        """
        One packet for all of them, each header under its line's cipher.

        @return: how many took it; closed lines are passed over.
        @raise ValueError: body over BODY_LIMIT, or no such opcode; nobody got it.
        """
        if len(body) > BODY_LIMIT:
            raise ValueError(f"opcode {opcode:#06x}: body of {len(body)} bytes")
        return _check(lib.bm_lines_queue(self._them, audience, len(audience), opcode, body, len(body)))

    def touched(self) -> list[int]:
        """The numbers of those lines for which something was queued since the last call."""
        count = lib.bm_lines_touched(self._them, self._lines)
        return ffi.unpack(self._lines[0], count) if count else []

    def _peek(self, number: int) -> bytes:
        count = lib.bm_lines_peek(self._them, number, self._data)
        return ffi.buffer(self._data[0], count)[:] if count > 0 else b""


class Line:
    """
    What waits for one client.

    @ivar number: never that of another line that anybody still holds.
    """

    __slots__ = ("_audience", "_lines", "_them", "number")

    def __init__(self, lines: Lines, number: int) -> None:
        self._lines = lines
        self._them = lines._them
        self.number = number
        self._audience = ffi.new("uint32_t[]", [number])

    def __del__(self) -> None:
        lib.bm_lines_close(self._them, self.number)

    def cipher(self, kind: int, key: bytes) -> None:
        """
        From the next packet on headers are enciphered.

        @param kind: ARC4, its first 1024 bytes dropped (3.3.5a), or CHAIN (1.12.1).
        @param key: 1 to 40 bytes.
        """
        _check(lib.bm_lines_cipher(self._them, self.number, kind, key, len(key)))

    def queue(self, opcode: int, body: bytes) -> None:
        """
        One packet.

        @raise ValueError: body over BODY_LIMIT, or no such opcode.
        """
        self._lines.queue(self._audience, opcode, body)

    @property
    def pending_bytes(self) -> int:
        """How many bytes wait."""
        return int(lib.bm_lines_peek(self._them, self.number, self._lines._data))

    def take(self) -> bytes:
        """All that waits."""
        data = self._lines._peek(self.number)
        if data:
            lib.bm_lines_taken(self._them, self.number)
        return data


def _given(pointer: Any) -> Any:
    if not pointer:
        raise MemoryError
    return pointer


def _check(code: int) -> int:
    if code >= 0:
        return code
    if code == lib.BM_NO_MEMORY:
        raise MemoryError
    raise ValueError("a line, body, opcode or key is out of range")
