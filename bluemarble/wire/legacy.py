"""
The stream of 3.3.5a and 1.12.1: framed opcodes, headers enciphered once a key is proven.

    client  u16 size, big-endian | u32 opcode, little-endian | body   (size counts the opcode)
    server  u16 size, big-endian | u16 opcode, little-endian | body

A server size over 0x7FFF would need a fifth header byte, which several
clients break on: such a body is refused here, its maker splits it.

Source: shared/facts/wire_335.md section 2; reference_servers.md section 3.4.
"""

import hmac
import itertools
import struct
from collections import Counter
from collections.abc import Callable, Iterator
from hashlib import sha1
from typing import Any, Protocol

from cryptography.hazmat.decrepit.ciphers.algorithms import ARC4
from cryptography.hazmat.primitives.ciphers import Cipher

from bluemarble.wire.codec import codec
from bluemarble.wire.errors import Malformed, NotAllowed, TooMuch
from opcodes import Version
from opcodes.vocab import Packet, Phase, Side

CLIENT_SIZE_LIMIT = 10240  # what a client's size field must stay under
BODY_LIMIT = 0x7FFF - 2  # bytes a server may put in one packet
BUFFER_LIMIT = 256 * 1024  # bytes kept while their packets are not taken
HELLO_LIMIT = 16 * 1024  # likewise before anything is proven
AUTH_SESSION = 0x1ED  # the same number in both builds; its first u32 is the build
SERVER_KEY = bytes.fromhex("cc98ae04e897eaca12ddc09342915357")
CLIENT_KEY = bytes.fromhex("c2b3723cc6aed9b5343c53ee2f4367ce")
ARC4_DROP_BYTES = 1024
_HEADS = struct.Struct("4s")
# A server's opcode is little-endian after a big-endian size: swapped, so that both pack as one number.
_SWAPPED = tuple((number & 0xFF) << 8 | number >> 8 for number in range(0x800))


class HeaderCipher(Protocol):
    """Both directions of one session's headers; each call continues the stream."""

    def encrypt(self, headers: bytes) -> bytes:
        """Server headers, 4 bytes each, as many as are given."""

    def decrypt(self, header: bytes) -> bytes:
        """One client header, 6 bytes."""


class Arc4Header:
    """3.3.5a: ARC4 with its first 1024 bytes dropped, a key for each direction."""

    __slots__ = ("decrypt", "encrypt")

    def __init__(self, session_key: bytes) -> None:
        self.encrypt = _arc4(SERVER_KEY, session_key)
        self.decrypt = _arc4(CLIENT_KEY, session_key)


def _arc4(seed: bytes, session_key: bytes) -> Callable[[bytes], bytes]:
    stream = Cipher(ARC4(hmac.digest(seed, session_key, "sha1")), mode=None).encryptor()
    stream.update(bytes(ARC4_DROP_BYTES))
    return stream.update


class VanillaHeader:
    """1.12.1: each byte is XORed with the session key's next and added to the last one sent."""

    __slots__ = ("_in_at", "_in_last", "_key", "_out_at", "_out_last")

    def __init__(self, session_key: bytes) -> None:
        self._key = session_key
        self._out_at = self._out_last = self._in_at = self._in_last = 0

    def encrypt(self, headers: bytes) -> bytes:
        """As HeaderCipher."""
        if not headers:
            return b""
        key, at = self._key, self._out_at
        self._out_at = (at + len(headers)) % len(key)
        under = itertools.islice(itertools.cycle(key), at, at + len(headers))
        sums = itertools.accumulate(map(int.__xor__, headers, under), initial=self._out_last)
        out = bytes(map((255).__and__, sums))[1:]
        self._out_last = out[-1]
        return out

    def decrypt(self, header: bytes) -> bytes:
        """As HeaderCipher."""
        key, at, last = self._key, self._in_at, self._in_last
        out = bytearray()
        for byte in header:
            out.append((byte - last & 0xFF) ^ key[at])
            at, last = (at + 1) % len(key), byte
        self._in_at, self._in_last = at, last
        return bytes(out)


CIPHERS: dict[int, type[Arc4Header] | type[VanillaHeader]] = {12340: Arc4Header, 5875: VanillaHeader}


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
    @ivar version: the client's build; the first of `versions` until CMSG_AUTH_SESSION names it.
    @ivar dropped: opcodes that came and were passed over, and how often: those of the build without a
        definition, and world packets outside the world (on their way when it was left, or too early).
    """

    __slots__ = (
        "_bodies",
        "_cipher",
        "_heads",
        "_in",
        "_opcode",
        "_size",
        "_versions",
        "dropped",
        "phase",
        "version",
    )

    def __init__(self, *versions: Version) -> None:
        self.version = versions[0]
        self.phase = Phase.HELLO
        self.dropped: Counter[int] = Counter()
        self._versions = versions
        self._in = bytearray()
        self._size = -1  # of the body awaited; -1: a header is awaited
        self._opcode = 0
        self._cipher: HeaderCipher | None = None
        self._heads: list[int] = []
        self._bodies: list[bytes] = []

    def enable_encryption(self, session_key: bytes) -> None:
        """From now on headers are under the key SRP6 agreed on; `version` must be the client's."""
        self._cipher = CIPHERS[self.version.build](session_key)

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
        if self._cipher is not None:
            head = self._cipher.decrypt(head)
        size = int.from_bytes(head[:2], "big")
        if size < 4:
            raise Malformed(f"size {size}")
        if size >= CLIENT_SIZE_LIMIT:
            raise TooMuch(f"size {size}")
        self._size, self._opcode = size - 4, int.from_bytes(head[2:], "little")

    def _read(self, number: int, body: bytes) -> Packet | None:
        """The packet, or None for one that is passed over and counted in `dropped`."""
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
        size = len(body) + 2
        if size > 0x7FFF:
            raise ValueError(f"opcode 0x{number:X}: body of {size - 2} bytes")
        self._heads.append(size << 16 | _SWAPPED[number])
        self._bodies.append(body)

    @property
    def pending_bytes(self) -> int:
        """How long `outgoing` would be."""
        return 4 * len(self._bodies) + sum(map(len, self._bodies))

    def outgoing(self) -> bytes:
        """All that is queued, headers enciphered in one call."""
        heads, bodies = self._heads, self._bodies
        if not heads:
            return b""
        clear = struct.pack(f">{len(heads)}I", *heads)
        raw = clear if self._cipher is None else self._cipher.encrypt(clear)
        parts: list[bytes] = [b""] * (2 * len(heads))
        parts[::2] = itertools.chain.from_iterable(_HEADS.iter_unpack(raw))
        parts[1::2] = bodies
        heads.clear()
        bodies.clear()
        return b"".join(parts)
