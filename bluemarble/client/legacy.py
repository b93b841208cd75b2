"""
The client's end of a 3.3.5a stream: framed opcodes, headers enciphered once the key is proven.

Source: bluemarble/wire/legacy.py is the server's end, and says how the bytes lie.
"""

from collections import Counter
from collections.abc import Iterator
from typing import Any

import opcodes
from bluemarble.wire.codec import codec
from bluemarble.wire.errors import Malformed, NotAllowed, TooMuch
from bluemarble.wire.legacy import Arc4Header
from opcodes.session import SMSG_AUTH_RESPONSE
from opcodes.vocab import Packet

BUILD = 12340
BUFFER_LIMIT = 1024 * 1024  # bytes that wait for the rest of their packet


class LegacyClient:
    """
    Bytes in, packets out, and back.

    @ivar dropped: opcodes that came and were passed over, for they have no class, and how often.
    """

    __slots__ = ("_cipher", "_clear_refusal", "_in", "_opcode", "_out", "_size", "dropped", "version")

    def __init__(self) -> None:
        self.version = opcodes.version(BUILD)
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
            if self._size < 0:
                if len(self._in) < 4:
                    return
                self._head()
            if len(self._in) < self._size:
                return
            body = bytes(self._in[: self._size])
            del self._in[: self._size]
            self._size = -1
            packet = self.decode(self._opcode, body)
            if packet is not None:
                yield packet

    def _head(self) -> None:
        head = bytes(self._in[:4])
        del self._in[:4]
        if self._cipher is not None and (not self._clear_refusal or head != self._clear_refusal):
            head = self._cipher.encrypt(head)  # ARC4: enciphering again deciphers
        if self._cipher is not None:
            self._clear_refusal = b""  # only the very first answer may be one
        size = int.from_bytes(head[:2], "big")
        if not 2 <= size <= 0x7FFF:
            raise Malformed(f"size {size}")
        self._size, self._opcode = size - 2, int.from_bytes(head[2:], "little")

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
        body = codec(self.version.layout(cls, received=True)).encode(packet)
        head = (len(body) + 4).to_bytes(2, "big") + self.version.numbers[cls].to_bytes(4, "little")
        self._out += (head if self._cipher is None else self._cipher.decrypt(head)) + body

    def outgoing(self) -> bytes:
        """What is to be written, once."""
        out = bytes(self._out)
        self._out.clear()
        return out
