"""
The client's end of a 3.3.5a stream: framed opcodes, headers enciphered once the key is proven.

Source: bluemarble/wire/legacy.py is the server's end, and says how the bytes lie.
"""

from collections import Counter
from collections.abc import Callable, Iterator
from typing import Any

import opcodes
from bluemarble.wire.codec import codec
from bluemarble.wire.errors import Malformed, NotAllowed, PeerError, TooMuch
from bluemarble.wire.legacy import Arc4Header
from opcodes.session import SMSG_AUTH_RESPONSE
from opcodes.vocab import Packet

BUILD = 12340
BUFFER_LIMIT = 1024 * 1024  # bytes that wait for the rest of their packet
LARGE = 0x80  # in a header's first byte: its size has three bytes; other servers send such


class LegacyClient:
    """
    Bytes in, packets out, and back.

    @param forgiving: pass over what is not as we know it, from servers that have packets of their own.
    @ivar dropped: opcodes that came and were passed over, for they have no class, and how often.
    @ivar malformed: likewise, those that could not be read; only when `forgiving`.
    @ivar tap: hears every packet of the server's before it is read, its number and body; None: nobody does.
    """

    __slots__ = (
        "_cipher",
        "_clear_refusal",
        "_forgiving",
        "_head",
        "_in",
        "_opcode",
        "_out",
        "_size",
        "dropped",
        "malformed",
        "tap",
        "version",
    )

    def __init__(self, *, forgiving: bool = False) -> None:
        self.version = opcodes.version(BUILD)
        self._forgiving = forgiving
        self.malformed: Counter[int] = Counter()
        self.tap: Callable[[int, bytes], None] | None = None
        self._head = b""  # of a large packet, deciphered, when its last byte has not come
        self.dropped: Counter[int] = Counter()
        self._in, self._out = bytearray(), bytearray()
        self._size = -1  # of the body awaited; -1: a header is awaited
        self._opcode = 0
        self._cipher: Arc4Header | None = None
        # A server that does not believe us refuses in clear: it has no key to encipher with.
        self._clear_refusal = (1 + 2).to_bytes(2, "big") + self.version.numbers[SMSG_AUTH_RESPONSE].to_bytes(
            2, "little"
        )

    def enable_encryption(self, session_key: bytes) -> None:
        """From now on headers are under the key that SRP6 agreed on."""
        self._cipher = Arc4Header(session_key)

    def receive(self, data: bytes) -> Iterator[Packet]:
        """
        Take bytes; yield each whole packet as its turn comes.

        A generator on purpose: the caller may turn on encryption between two packets of one read.

        @raise PeerError: drop the connection.
        """
        self._in += data
        if len(self._in) > BUFFER_LIMIT:
            raise TooMuch("bytes waiting")
        while True:
            if self._size < 0 and not self._headed():
                return
            if len(self._in) < self._size:
                return
            body = bytes(self._in[: self._size])
            del self._in[: self._size]
            self._size = -1
            packet = self._read(self._opcode, body)
            if packet is not None:
                yield packet

    def _headed(self) -> bool:
        """Whether a header has come: four bytes, or five when the first one's top bit says so."""
        if not self._head:
            if len(self._in) < 4:
                return False
            self._head = bytes(self._in[:4])
            del self._in[:4]
            if self._cipher is not None and (not self._clear_refusal or self._head != self._clear_refusal):
                self._head = self._cipher.encrypt(self._head)  # ARC4: enciphering again deciphers
            if self._cipher is not None:
                self._clear_refusal = b""  # only the very first answer may be one
        if self._head[0] & LARGE:
            if not self._in:
                return False
            last = bytes(self._in[:1])
            del self._in[:1]
            self._head += last if self._cipher is None else self._cipher.encrypt(last)
        size = int.from_bytes(self._head[:-2], "big") & ~(LARGE << 8 * (len(self._head) - 3))
        if not 2 <= size <= BUFFER_LIMIT:
            raise Malformed(f"size {size}")
        self._size, self._opcode = size - 2, int.from_bytes(self._head[-2:], "little")
        self._head = b""
        return True

    def _read(self, number: int, body: bytes) -> Packet | None:
        """As `decode`, but that a forgiving client passes over what cannot be read."""
        if self.tap is not None:
            self.tap(number, body)
        try:
            return self.decode(number, body)
        except PeerError:
            if not self._forgiving:
                raise
            self.malformed[number] += 1
            return None

    def decode(self, number: int, body: bytes) -> Packet | None:
        """
        The packet of a server; None for one that is passed over and counted in `dropped`.

        @raise PeerError: it is none.
        """
        cls = self.version.sent.get(number)
        if cls is None:
            if number not in self.version.names:
                raise NotAllowed(f"opcode 0x{number:X} is not of build {BUILD}")
            self.dropped[number] += 1
            return None
        packet: Packet = codec(self.version.layout(cls)).decode(body)
        return packet

    def queue(self, packet: Packet) -> None:
        """Encode a packet for the server; `outgoing` takes what has been queued."""
        cls: Any = type(packet)
        self.queue_encoded(
            self.version.numbers[cls], codec(self.version.layout(cls, received=True)).encode(packet)
        )

    def queue_encoded(self, number: int, body: bytes) -> None:
        """
        As `queue`, for what has been encoded already, or has no class.

        @raise OverflowError: a body of over 65,531 bytes.
        """
        head = (len(body) + 4).to_bytes(2, "big") + number.to_bytes(4, "little")
        self._out += (head if self._cipher is None else self._cipher.decrypt(head)) + body

    def outgoing(self) -> bytes:
        """What is to be written, once."""
        out = bytes(self._out)
        self._out.clear()
        return out
