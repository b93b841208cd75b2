"""
Clients for measuring: many logins, many sessions, crowds that walk; quick enough to stay out of the way.

A bot speaks 3.3.5a with our own packet classes; SRP6 and the header cipher come from the independent
`wow_srp`.  It reads frames only far enough to know what they are: the sender's clock rides in `fall_time`
of a heartbeat, the last four bytes of its body, so that each relay tells its own age.
"""

import struct
import time
from collections import Counter
from typing import Any

import wow_srp
from twisted.internet.defer import Deferred
from twisted.internet.protocol import Protocol
from twisted.python.failure import Failure

import opcodes
from bluemarble.wire.codec import codec
from opcodes.characters import CMSG_CHAR_CREATE, CMSG_CHAR_ENUM, CMSG_PLAYER_LOGIN, SMSG_CHAR_ENUM
from opcodes.movement import MSG_MOVE_HEARTBEAT
from opcodes.session import CMSG_AUTH_SESSION
from opcodes.vocab import Packet

VERSION = opcodes.version(12340)
NUMBERS = {name: number for number, name in VERSION.names.items()}
HEARTBEAT = NUMBERS["MSG_MOVE_HEARTBEAT"]
HUMAN, WARRIOR = 1, 1
AUTH_OK = 0x0C
CHALLENGE_BYTES, PROOF_BYTES = 119, 32


def clock_us() -> int:
    """A clock that fits a u32: microseconds, wrapping after 71 minutes."""
    return time.monotonic_ns() // 1000 & 0xFFFFFFFF


class Logon(Protocol):
    """
    Challenge, proof and realm list, as one exchange.

    @ivar done: fires with the session key, or fails.
    """

    def __init__(self, name: str, password: str) -> None:
        self.name, self.password = name, password
        self.done: Deferred[bytes] = Deferred()
        self._in = bytearray()
        self._step = self._challenged

    def connectionMade(self) -> None:
        """Asks for the challenge."""
        name = self.name.encode()
        self.transport.write(
            struct.pack(
                "<BBH4s3BH4s4s4sIIB",
                0,
                8,
                30 + len(name),
                b"WoW\0",
                3,
                3,
                5,
                12340,
                b"68x\0",
                b"niW\0",
                b"BGne",
                0,
                0x0100007F,
                len(name),
            )
            + name
        )

    def dataReceived(self, data: bytes) -> None:
        """Answers each step as it is whole."""
        self._in += data
        self._step()

    def _challenged(self) -> None:
        if len(self._in) < CHALLENGE_BYTES:
            if len(self._in) == 3:
                self._fail(f"challenge refused: {self._in.hex()}")
            return
        got = bytes(self._in)
        self._srp = wow_srp.SrpClientChallenge(
            self.name, self.password, got[36], got[38:70], got[3:35], got[70:102]
        )
        del self._in[:CHALLENGE_BYTES]
        self._step = self._proved
        self.transport.write(
            b"\x01" + bytes(self._srp.client_public_key()) + bytes(self._srp.client_proof()) + bytes(22)
        )

    def _proved(self) -> None:
        if len(self._in) < PROOF_BYTES:
            if len(self._in) == 4:
                self._fail(f"proof refused: {self._in.hex()}")
            return
        client = self._srp.verify_server_proof(bytes(self._in[2:22]))
        assert client is not None
        self._key = bytes(client.session_key())
        del self._in[:PROOF_BYTES]
        self._step = self._listed
        self.transport.write(b"\x10\0\0\0\0")

    def _listed(self) -> None:
        if len(self._in) >= 3 and len(self._in) >= 3 + int.from_bytes(self._in[1:3], "little"):
            done, self.done = self.done, Deferred()
            self.transport.loseConnection()
            done.callback(self._key)

    def _fail(self, why: str) -> None:
        done, self.done = self.done, Deferred()
        self.transport.abortConnection()
        done.errback(Failure(ConnectionError(why)))


class Bot(Protocol):
    """
    A session on the world server.

    @ivar counts: packets received, by opcode.
    @ivar recording: keep bytes instead of reading them, so that reading many frames delays no sender.
    @ivar ages_us: how old each relayed heartbeat was when it came, of those that were recorded.
    """

    def __init__(self, name: str, session_key: bytes) -> None:
        self.name, self.key = name, session_key
        self.counts: Counter[int] = Counter()
        self.ages_us: list[int] = []
        self.bytes = 0
        self.recording = False
        self._kept: list[tuple[int, bytes]] = []
        self.guid = 0
        self.at = (0.0, 0.0, 0.0)
        self._waits: dict[int, Deferred[bytes]] = {}
        self._crypto: Any = None
        self._in = b""
        self._head: tuple[int, int] | None = None

    def dataReceived(self, data: bytes) -> None:
        """Reads frames, or while `recording` only keeps the bytes and when they came."""
        self.bytes += len(data)
        if self.recording:
            self._kept.append((clock_us(), data))
        else:
            self._read(clock_us(), data)

    def replay(self) -> None:
        """Reads what was kept: counts it, and how old each relayed step was when it came."""
        self.recording = False
        for now, data in self._kept:
            self._read(now, data, self.ages_us)
        self._kept.clear()

    def _read(self, now: int, data: bytes, ages: list[int] | None = None) -> None:
        data, at, end = self._in + data, 0, len(self._in) + len(data)
        counts, waits = self.counts, self._waits
        while True:
            if self._head is None:
                if end - at < 4:
                    break
                crypto = self._crypto
                self._head = (crypto.decrypt_server_header if crypto else _plain_header)(data[at : at + 4])
                at += 4
            size, opcode = self._head[0] - 2, self._head[1]
            if end - at < size:
                break
            self._head = None
            at += size
            counts[opcode] += 1
            if opcode == HEARTBEAT and ages is not None:
                ages.append(now - int.from_bytes(data[at - 4 : at], "little") & 0xFFFFFFFF)
            elif opcode in waits:
                waits.pop(opcode).callback(data[at - size : at])
        self._in = data[at:]

    def expect(self, name: str) -> Deferred[bytes]:
        """Fires with the body of the next packet of that name."""
        self._waits[NUMBERS[name]] = waiting = Deferred()
        return waiting

    def send(self, packet: Packet) -> None:
        """One packet, at once."""
        cls: Any = type(packet)
        body = codec(cls).encode(packet)
        number = VERSION.numbers[cls]
        head = (
            self._crypto.encrypt_client_header(len(body) + 4, number)
            if self._crypto
            else struct.pack(">H", len(body) + 4) + struct.pack("<I", number)
        )
        self.transport.write(bytes(head) + body)

    async def authenticate(self, challenge: Deferred[bytes]) -> None:
        """To the character screen; `challenge` was expected before the connection was made."""
        seed = wow_srp.WrathProofSeed()
        server_seed = struct.unpack_from("<I", await challenge, 4)[0]
        proof, crypto = seed.into_client_header_crypto(self.name, self.key, server_seed)
        answer = self.expect("SMSG_AUTH_RESPONSE")
        self.send(
            CMSG_AUTH_SESSION(
                client_build=12340,
                login_server_id=0,
                username=self.name,
                login_server_type=0,
                client_seed=seed.seed(),
                region_id=0,
                battleground_id=0,
                realm_id=1,
                dos_response=0,
                client_proof=bytes(proof),
                addon_info=bytes(4),
            )
        )
        self._crypto = crypto
        body = await answer
        if body[0] != AUTH_OK:
            raise ConnectionError(f"{self.name}: AUTH_RESPONSE {body[0]:#x}")

    async def characters(self) -> SMSG_CHAR_ENUM:
        """The character screen."""
        listed = self.expect("SMSG_CHAR_ENUM")
        self.send(CMSG_CHAR_ENUM())
        answer: SMSG_CHAR_ENUM = codec(SMSG_CHAR_ENUM).decode(await listed)
        return answer

    async def create(self, name: str) -> None:
        """Makes a character."""
        made = self.expect("SMSG_CHAR_CREATE")
        self.send(
            CMSG_CHAR_CREATE(
                name=name,
                race=HUMAN,
                class_type=WARRIOR,
                gender=0,
                skin_color=0,
                face=0,
                hair_style=0,
                hair_color=0,
                facial_hair=0,
            )
        )
        body = await made
        if body[0] != 0x2F:
            raise ConnectionError(f"{name}: CHAR_CREATE {body[0]:#x}")

    async def enter(self, guid: int) -> None:
        """Into the world; done when the player's place is known."""
        placed = self.expect("SMSG_LOGIN_VERIFY_WORLD")
        self.guid = guid
        self.send(CMSG_PLAYER_LOGIN(guid=guid))
        self.at = struct.unpack_from("<3f", await placed, 4)

    def step(self, dx: float, dy: float) -> None:
        """A heartbeat a little on, with the clock in it."""
        self.at = (self.at[0] + dx, self.at[1] + dy, self.at[2])
        x, y, z = self.at
        self.send(
            MSG_MOVE_HEARTBEAT(
                guid=self.guid,
                flags=1,
                flags2=0,
                timestamp=time.monotonic_ns() // 1_000_000 & 0xFFFFFFFF,
                x=x,
                y=y,
                z=z,
                orientation=0.0,
                fall_time=clock_us(),
            )
        )


def _plain_header(head: bytes) -> tuple[int, int]:
    return int.from_bytes(head[:2], "big"), int.from_bytes(head[2:], "little")
