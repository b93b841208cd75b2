"""
The stream of 3.3.5a and 1.12.1: framed opcodes, headers enciphered once a key is proven.

    client  u16 size, big-endian | u32 opcode, little-endian | body   (size counts the opcode)
    server  u16 size, big-endian | u16 opcode, little-endian | body

A server size over 0x7FFF would need a fifth header byte, which several
clients break on: such a body is refused here, its maker splits it.

Source: shared/facts/wire_335.md section 2; reference_servers.md section 3.4.
"""

import hmac
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha1
from typing import Any

from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher

from bluemarble.native.lines import ARC4 as ARC4_KIND
from bluemarble.native.lines import CHAIN, Lines
from bluemarble.wire.codec import codec
from bluemarble.wire.errors import Malformed, NotAllowed, TooMuch
from opcodes import Version
from opcodes.vocab import Packet, Phase, Side

CLIENT_SIZE_LIMIT = 10240  # what a client's size field must stay under
BUFFER_LIMIT = 256 * 1024  # bytes kept while their packets are not taken
HELLO_LIMIT = 16 * 1024  # likewise before anything is proven
AUTH_SESSION = 0x1ED  # the same number in both builds; its first u32 is the build
SERVER_KEY = bytes.fromhex("cc98ae04e897eaca12ddc09342915357")
CLIENT_KEY = bytes.fromhex("c2b3723cc6aed9b5343c53ee2f4367ce")
ARC4_DROP_BYTES = 1024


class Arc4Header:
    """Both directions of 3.3.5a headers: ARC4 with its first 1024 bytes dropped, a key for each."""

    __slots__ = ("decrypt", "encrypt")

    def __init__(self, session_key: bytes) -> None:
        self.encrypt = _arc4(SERVER_KEY, session_key)
        self.decrypt = _arc4(CLIENT_KEY, session_key)


def _arc4(seed: bytes, session_key: bytes) -> Callable[[bytes], bytes]:
    stream = Cipher(ARC4(hmac.digest(seed, session_key, "sha1")), mode=None).encryptor()
    stream.update(bytes(ARC4_DROP_BYTES))
    return stream.update


class VanillaDecipher:
    """Client headers of 1.12.1: each byte is XORed with the key's next and added to the last."""

    __slots__ = ("_at", "_key", "_last")

    def __init__(self, session_key: bytes) -> None:
        self._key = session_key
        self._at = self._last = 0

    def decrypt(self, header: bytes) -> bytes:
        """The stream's next bytes."""
        key, at, last = self._key, self._at, self._last
        out = bytearray()
        for byte in header:
            out.append((byte - last & 0xFF) ^ key[at])
            at, last = (at + 1) % len(key), byte
        self._at, self._last = at, last
        return bytes(out)


# What a server deciphers client headers with, by build, and how its lines encipher its own.
DECIPHER: dict[int, Callable[[bytes], Callable[[bytes], bytes]]] = {
    12340: lambda session_key: _arc4(CLIENT_KEY, session_key),
    5875: lambda session_key: VanillaDecipher(session_key).decrypt,
}
ENCIPHER: dict[int, Callable[[bytes], tuple[int, bytes]]] = {
    12340: lambda session_key: (ARC4_KIND, hmac.digest(SERVER_KEY, session_key, "sha1")),
    5875: lambda session_key: (CHAIN, session_key),
}


def session_digest(username: str, client_seed: int, server_seed: int, session_key: bytes) -> bytes:
    """
    What CMSG_AUTH_SESSION must carry, in both builds: 20 bytes.

    @param username: as the client spelled it in that packet.
    @param server_seed: of SMSG_AUTH_CHALLENGE; a 1.12.1 client takes the packet's first u32 for it.
    """
    return sha1(username.encode() + struct.pack("<III", 0, client_seed, server_seed) + session_key).digest()


def session_proven(
    digest: bytes, username: str, client_seed: int, server_seed: int, session_key: bytes
) -> bool:
    """Whether `digest` shows that the client holds `session_key`; takes the same time either way."""
    return hmac.compare_digest(digest, session_digest(username, client_seed, server_seed, session_key))


class LegacyServer:
    """
    The server's end of one connection; bytes in, packets out, no I/O.

    @ivar phase: how far the session has come; its owner moves it.
    @param lines: the table its outgoing bytes wait in, so that one packet goes to many in one call; its own
        when not given.
    @ivar line: its place there.
    @ivar version: the client's build; the first of `versions` until CMSG_AUTH_SESSION names it.
    @ivar dropped: opcodes that came and were passed over, and how often: those of the build without a
        definition, and world packets outside the world (on their way when it was left, or too early).
    @ivar tap: hears every packet: whether the client sent it, its number and body; None: nobody does.
    """

    __slots__ = (
        "_decipher",
        "_in",
        "_opcode",
        "_size",
        "_versions",
        "dropped",
        "line",
        "phase",
        "tap",
        "version",
    )

    def __init__(self, *versions: Version, lines: Lines | None = None) -> None:
        self.version = versions[0]
        self.phase = Phase.HELLO
        self.dropped: Counter[int] = Counter()
        self._versions = versions
        self._in = bytearray()
        self._size = -1  # of the body awaited; -1: a header is awaited
        self._opcode = 0
        self._decipher: Callable[[bytes], bytes] | None = None
        self.tap: Callable[[bool, int, bytes], None] | None = None
        self.line = (lines or Lines()).open()

    def enable_encryption(self, session_key: bytes) -> None:
        """From now on headers are under the key SRP6 agreed on; `version` must be the client's."""
        build = self.version.build
        self._decipher = DECIPHER[build](session_key)
        self.line.cipher(*ENCIPHER[build](session_key))

    def receive(self, data: bytes) -> Iterator[Packet | None]:
        """
        Take bytes; yield each whole packet as its turn comes, and None for one that was passed over.

        A generator on purpose: the caller may move `phase` or turn on
        encryption between two packets of one read, or stop and go on
        later with `receive(b"")`.

        @raise PeerError: drop the connection.
        """
        self._in += data
        if len(self._in) > (HELLO_LIMIT if self.phase is Phase.HELLO else BUFFER_LIMIT):
            raise TooMuch("bytes waiting")
        while True:
            if self._size < 0:
                if len(self._in) < 6:
                    return
                self._head()
            if len(self._in) < self._size:
                return
            body = bytes(self._in[: self._size])
            del self._in[: self._size]
            self._size = -1
            yield self._read(self._opcode, body)

    def _head(self) -> None:
        head = bytes(self._in[:6])
        del self._in[:6]
        if self._decipher is not None:
            head = self._decipher(head)
        size = int.from_bytes(head[:2], "big")
        if size < 4:
            raise Malformed(f"size {size}")
        if size >= CLIENT_SIZE_LIMIT:
            raise TooMuch(f"size {size}")
        self._size, self._opcode = size - 4, int.from_bytes(head[2:], "little")

    def _read(self, number: int, body: bytes) -> Packet | None:
        """The packet, or None for one that is passed over and counted in `dropped`."""
        if self.tap is not None:
            self.tap(True, number, body)
        if number == AUTH_SESSION and self.phase is Phase.HELLO:
            self._meet(int.from_bytes(body[:4], "little"))
        name = self.version.names.get(number)
        if name is None:
            raise NotAllowed(f"opcode 0x{number:X} is not of build {self.version.build}")
        cls = self.version.packets.get(number)
        fit = Side.CLIENT in cls.side if cls else not name.startswith("SMSG_")
        if not fit or (self.phase is Phase.HELLO and (cls is None or cls.phase > self.phase)):
            raise NotAllowed(f"{name} in {self.phase.name}")
        if cls is None or cls.phase > self.phase:
            self.dropped[number] += 1
            return None
        packet: Packet = codec(self.version.layout(cls, received=True)).decode(body)
        return packet

    def _meet(self, build: int) -> None:
        for version in self._versions:
            if version.build == build:
                self.version = version
                return
        raise NotAllowed(f"client build {build}")

    def queue(self, packet: Packet) -> None:
        """Encode a packet for this client; `outgoing` takes what has been queued."""
        cls: Any = type(packet)
        self.queue_encoded(self.version.numbers[cls], codec(self.version.layout(cls)).encode(packet))

    def queue_encoded(self, number: int, body: bytes) -> None:
        """
        As `queue`, when one encoding goes to many.

        @raise ValueError: body over BODY_LIMIT; ours to split.
        """
        self.line.queue(number, body)
        if self.tap is not None:
            self.tap(False, number, body)

    def overheard(self, number: int, body: bytes) -> None:
        """The line has been given a packet together with others."""
        if self.tap is not None:
            self.tap(False, number, body)

    @property
    def pending_bytes(self) -> int:
        """How long `outgoing` would be."""
        return self.line.pending_bytes

    def outgoing(self) -> bytes:
        """All that is queued."""
        return self.line.take()
