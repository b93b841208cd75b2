"""
A session seen from the middle: both its streams taken apart, deciphered, and made again for the other side.

Whoever is in the middle has a key with each side, which may be the same one.  What is not the relay's own
affair goes on as it came, known or not; its own are the client's proof, made anew for the server's key, and
the wish for a datagram link, which is refused: what went over that would not be seen here.

Source: bluemarble/wire/legacy.py says how the bytes lie; a server's size over 0x7FFF has a third byte.
"""

from collections.abc import Callable, Iterator
from typing import Any, NamedTuple

import opcodes
from bluemarble.wire.codec import codec
from bluemarble.wire.errors import Malformed, NotAllowed, TooMuch
from bluemarble.wire.legacy import AUTH_SESSION, Arc4Header, VanillaDecipher, session_digest, session_proven
from opcodes.datagram import CMSG_UDP_REQUEST, REFUSED_OFF, SMSG_UDP_REFUSED
from opcodes.session import CMSG_AUTH_SESSION, SMSG_AUTH_CHALLENGE, SMSG_AUTH_RESPONSE

HELLO_LIMIT = 16 * 1024  # bytes of a stream before its key is known
BUFFER_LIMIT = 0x7F_FFFF + 0x1_0000  # bytes of a stream that wait for the rest of their frame
CLIENT_HEAD, SERVER_HEAD = 6, 4  # bytes
LONG = 0x80  # of a server's first byte: another follows the head
OPCODE_LIMIT = 0xFFFF
REFUSAL_SIZE = 3  # of the answer of a server that has no key: in clear

Cipher = Callable[[bytes], bytes]


class Keys(NamedTuple):
    """40 bytes each: what the client thinks the session key is, and what the server does."""

    client: bytes
    server: bytes


class Frame(NamedTuple):
    """
    One packet.

    @ivar note: what the relay did about it; "" where it only passed it on.
    """

    from_client: bool
    opcode: int
    body: bytes
    note: str = ""


class VanillaEncipher:
    """What VanillaDecipher reads: each byte is XORed with the key's next, and added to the last sent."""

    __slots__ = ("_at", "_key", "_last")

    def __init__(self, session_key: bytes) -> None:
        self._key = session_key
        self._at = self._last = 0

    def encrypt(self, header: bytes) -> bytes:
        """The stream's next bytes."""
        out = bytearray()
        for byte in header:
            self._last = ((byte ^ self._key[self._at]) + self._last) & 0xFF
            self._at = (self._at + 1) % len(self._key)
            out.append(self._last)
        return bytes(out)


def ciphers(build: int, key: bytes) -> tuple[Cipher, Cipher, Cipher, Cipher]:
    """To read a client's headers, to write them; to read a server's, to write them."""
    if build == 5875:
        return (
            VanillaDecipher(key).decrypt,
            VanillaEncipher(key).encrypt,
            VanillaDecipher(key).decrypt,
            VanillaEncipher(key).encrypt,
        )
    read, write = Arc4Header(key), Arc4Header(key)
    return read.decrypt, write.decrypt, read.encrypt, write.encrypt


class Stream:
    """
    One direction: frames in, frames out.

    @ivar read, write: ciphers of headers; None: they are in clear.
    @ivar in_clear: a head that is in clear even so, if it is the very next one.
    """

    __slots__ = (
        "_from_client",
        "_head",
        "_in",
        "_opcode",
        "_out",
        "_plain",
        "_size",
        "in_clear",
        "read",
        "write",
    )

    def __init__(self, from_client: bool) -> None:
        self._from_client = from_client
        self._in, self._out = bytearray(), bytearray()
        self._head = b""  # of the frame awaited, deciphered
        self._size = -1  # of its body
        self._opcode = 0
        self._plain = False  # the last head was
        self.read: Cipher | None = None
        self.write: Cipher | None = None
        self.in_clear = b""

    def receive(self, data: bytes) -> None:
        """
        Take bytes.

        @raise TooMuch: a frame that long is none.
        """
        self._in += data
        if len(self._in) > (HELLO_LIMIT if self.read is None else BUFFER_LIMIT):
            raise TooMuch("bytes waiting")

    def frame(self) -> tuple[int, bytes] | None:
        """
        Opcode and body of the next one that is whole.

        @raise Malformed: it is none; with a wrong key nothing is one.
        """
        if self._size < 0 and not self._heads():
            return None
        if len(self._in) < self._size:
            return None
        body = bytes(self._in[: self._size])
        del self._in[: self._size]
        self._size, self._head = -1, b""
        return self._opcode, body

    def _heads(self) -> bool:
        """Whether a head is there; then it has been read."""
        length = CLIENT_HEAD if self._from_client else SERVER_HEAD
        if not self._head and not self._more(length):
            return False
        counted = 2
        if not self._from_client and self._head[0] & LONG:
            if len(self._head) == length and not self._more(1):
                return False
            counted, head = 3, bytes([self._head[0] & ~LONG]) + self._head[1:]
        else:
            head = self._head
        self._opcode = int.from_bytes(head[counted:], "little")
        size = int.from_bytes(head[:counted], "big") - (len(head) - counted)
        if size < 0 or self._opcode > OPCODE_LIMIT:
            raise Malformed(f"a head of {size} bytes and opcode {self._opcode:#x}: is the key wrong?")
        self._size = size
        return True

    def _more(self, count: int) -> bool:
        if len(self._in) < count:
            return False
        data = bytes(self._in[:count])
        del self._in[:count]
        if self.read is not None:
            self._plain = data == self.in_clear
            self.in_clear = b""
            if not self._plain:
                data = self.read(data)
        self._head += data
        return True

    def queue(self, opcode: int, body: bytes) -> None:
        """A frame for the other side."""
        if self._from_client:
            head = (len(body) + 4).to_bytes(2, "big") + opcode.to_bytes(4, "little")
        else:
            size = len(body) + 2
            wide = (size | LONG << 16).to_bytes(3, "big") if size > 0x7FFF else size.to_bytes(2, "big")
            head = wide + opcode.to_bytes(2, "little")
        if self.write is not None and not self._plain:
            head = self.write(head)
        self._out += head + body

    def outgoing(self) -> bytes:
        """What is to be written to the other side, once."""
        out = bytes(self._out)
        self._out.clear()
        return out


class Relay:
    """
    One session.

    @param keys_of: the keys of an account, by its name as its client spells it; None: nobody knows them.
    @ivar to_server, to_client: the two directions.
    @ivar build: the client's; 0 until it has said it.
    """

    def __init__(self, keys_of: Callable[[str], Keys | None]) -> None:
        self._keys_of = keys_of
        self._challenge: bytes | None = None
        self.to_server, self.to_client = Stream(from_client=True), Stream(from_client=False)
        self.build = 0

    def receive(self, data: bytes, from_client: bool) -> Iterator[Frame]:
        """
        Take bytes of one side; yield each packet, and queue what the other side is told.

        @raise PeerError: drop both connections.
        """
        stream = self.to_server if from_client else self.to_client
        stream.receive(data)
        while (read := stream.frame()) is not None:
            frame = Frame(from_client, *read)
            if not self.build:
                yield self._hello(frame)
            elif self._asks_for_link(frame):
                version = opcodes.version(self.build)
                refusal = codec(SMSG_UDP_REFUSED).encode(SMSG_UDP_REFUSED(reason=REFUSED_OFF))
                number = version.numbers[SMSG_UDP_REFUSED]
                self.to_client.queue(number, refusal)
                yield frame._replace(note="not passed on")
                yield Frame(False, number, refusal, "said by the proxy")
            else:
                stream.queue(frame.opcode, frame.body)
                yield frame

    def _asks_for_link(self, frame: Frame) -> bool:
        number = opcodes.version(self.build).numbers.get(CMSG_UDP_REQUEST)
        return frame.from_client and frame.opcode == number

    def _hello(self, frame: Frame) -> Frame:
        """What is said in clear: the server's challenge, and the client's proof."""
        if not frame.from_client:
            if self._challenge is not None:
                raise NotAllowed("a server that goes on before its client has proven anything")
            self._challenge = frame.body
            self.to_client.queue(frame.opcode, frame.body)
            return frame
        if frame.opcode != AUTH_SESSION or self._challenge is None:
            raise NotAllowed(f"opcode {frame.opcode:#x} before the proof")
        build = int.from_bytes(frame.body[:4], "little")
        if build not in opcodes.LAYOUTS:
            raise NotAllowed(f"client build {build}")
        version = opcodes.version(build)
        challenge: Any = codec(version.layout(SMSG_AUTH_CHALLENGE)).decode(self._challenge)
        form = codec(version.layout(CMSG_AUTH_SESSION, received=True))
        proof: Any = form.decode(frame.body)
        keys = self._keys_of(proof.username)
        if keys is None:
            raise NotAllowed(f"no key is known of {proof.username!r}")
        said = proof.username, proof.client_seed, challenge.server_seed
        if not session_proven(proof.client_proof, *said, keys.client):
            raise NotAllowed(f"{proof.username!r} has another key")
        proof.client_proof = session_digest(*said, keys.server)
        self.to_server.queue(frame.opcode, form.encode(proof))
        self.build = build
        self._encipher(keys, version)
        return frame

    def _encipher(self, keys: Keys, version: opcodes.Version) -> None:
        client, server = ciphers(self.build, keys.client), ciphers(self.build, keys.server)
        self.to_server.read, self.to_server.write = client[0], server[1]
        self.to_client.read, self.to_client.write = server[2], client[3]
        number = version.numbers[SMSG_AUTH_RESPONSE]
        self.to_client.in_clear = REFUSAL_SIZE.to_bytes(2, "big") + number.to_bytes(2, "little")
