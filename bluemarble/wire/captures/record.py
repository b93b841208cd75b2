"""What a captured packet is, whatever the file, and what every format's reader and writer share."""

import ipaddress
from typing import BinaryIO, NamedTuple

from bluemarble.wire.errors import Malformed

CANONICAL_BUILD = 12340
U32 = 0xFFFF_FFFF
BODY_LIMIT = 0x7F_FFFF  # bytes: what a server's header of five bytes can say
TIME_LIMIT_US = (1 << 63) - 1
US = 1_000_000  # of a second
MS_US = 1000


class CannotHold(ValueError):
    """A packet that a format has no way to say, or numbers out of their range: nothing is written of it."""


class Captured(NamedTuple):
    """
    One packet of a session, deciphered.

    @ivar time_us: unix time in microseconds, when it was received or sent.
    @ivar from_client: a client sent it; otherwise a server did.
    @ivar connection: which session it belongs to, u32; what the number means is the capturer's affair.
    @ivar opcode: its number in that build, u32, known or not.
    @ivar body: what follows the opcode, at most BODY_LIMIT bytes.
    @ivar build: whose opcodes and layouts they are, u32; 0: those of our own parts, `opcodes.native()`.
    @ivar address: of the client, as `ipaddress` writes it; "" where it is not known.
    @ivar port: the client's, 0 to 65535.
    @ivar comment: for people; readers join several by newlines.
    """

    time_us: int
    from_client: bool
    connection: int
    opcode: int
    body: bytes
    build: int = CANONICAL_BUILD
    address: str = ""
    port: int = 0
    comment: str = ""


def checked(packet: Captured) -> None:
    """
    Refuse what no format can hold.

    @raise CannotHold: a number out of its range, too long a body, or an address that is none.
    """
    for name, value, limit in (
        ("time_us", packet.time_us, TIME_LIMIT_US),
        ("connection", packet.connection, U32),
        ("opcode", packet.opcode, U32),
        ("build", packet.build, U32),
        ("port", packet.port, 0xFFFF),
        ("body of bytes", len(packet.body), BODY_LIMIT),
    ):
        if not 0 <= value <= limit:
            raise CannotHold(f"{name} {value}; 0 to {limit} can be written")
    packed(packet.address)


def packed(address: str) -> bytes:
    """
    4 or 16 bytes, or none for "".

    @raise CannotHold: it is no IP address.
    """
    if not address:
        return b""
    try:
        return ipaddress.ip_address(address).packed
    except ValueError as error:
        raise CannotHold(str(error)) from None


def unpacked(address: bytes) -> str:
    """The text of 4 or 16 bytes."""
    return str(ipaddress.ip_address(address))


class Source:
    """
    An open binary file, read forwards.

    @param begun: bytes of it that have been read already.
    @ivar cut: it ended inside something.
    """

    __slots__ = ("_begun", "_file", "cut")

    def __init__(self, file: BinaryIO, begun: bytes = b"") -> None:
        self._file = file
        self._begun = begun
        self.cut = False

    def take(self, size: int, inside: bool = True) -> bytes | None:
        """
        So many bytes; None where the file ends before, which makes it `cut`.

        @param inside: something has begun; otherwise the end of the file is where it should be.
        """
        data = self._begun[:size]
        self._begun = self._begun[size:]
        if len(data) < size:
            data += self._file.read(size - len(data))
        if len(data) == size:
            return data
        self.cut = self.cut or inside or bool(data)
        return None

    def must(self, size: int, what: str) -> bytes:
        """
        As `take`, for what no file can do without.

        @raise Malformed: it is not there.
        """
        data = self.take(size)
        if data is None:
            raise Malformed(f"{what} is cut")
        return data
