"""
The client's end of one logon connection: bytes in, bytes out, no I/O.

Challenge, proof, realm list, one after the other; at the end `realms` and `session_key` are there.
Source: bluemarble/wire/logon.py is the server's end.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from bluemarble.client.proof import Proof, draw_proof
from bluemarble.client.refusal import Refused
from bluemarble.wire import srp6
from bluemarble.wire.codec import codec
from bluemarble.wire.errors import Malformed, NotAllowed, TooMuch
from bluemarble.wire.logon import LOGON_CHALLENGE, LOGON_PROOF, NAME_LIMIT, REALM_LIST
from opcodes import logon
from opcodes.vocab import Packet

BUILD = 12340
CHALLENGE_SIZE, CHALLENGE_REFUSED_SIZE = 119, 3  # bytes of an answer, its command counted
BUFFER_LIMIT = 64 * 1024 + 3  # bytes: the realm list's u16 size


class Hello(NamedTuple):
    """
    What a client says that it is.

    @ivar protocol: of the logon; @ivar version: its numbers, as players know them.
    @ivar proof_size, proof_refused_size: bytes of the answers to its proof, the command counted.
    @ivar os: "Win" or "OSX"; @ivar locale: as in "enGB".
    """

    build: int
    protocol: int
    version: tuple[int, int, int]
    proof_size: int
    proof_refused_size: int
    os: str = "Win"
    locale: str = "enUS"


HELLOS = {
    12340: Hello(12340, 8, (3, 3, 5), 32, 4),
    5875: Hello(5875, 3, (1, 12, 1), 26, 2),
}


class LogonClient:
    """
    Logs an account in.

    @param name, password: as typed; their latin letters count as capitals.
    @param random: gives n random bytes.
    @param hello: which client it is, and where.
    @ivar realms: what the account may enter, once `done`; @ivar session_key: 40 bytes, from the proof on.
    """

    __slots__ = (
        "_hello",
        "_in",
        "_name",
        "_out",
        "_password",
        "_proof",
        "_random",
        "_step",
        "realms",
        "session_key",
    )

    def __init__(self, name: str, password: str, random: srp6.Random, hello: Hello = HELLOS[BUILD]) -> None:
        raw = srp6.upper(name)
        if not 1 <= len(raw) <= NAME_LIMIT:
            raise ValueError(f"an account's name has 1 to {NAME_LIMIT} bytes")
        self._name, self._password, self._random = name, password, random
        self._hello = hello
        major, minor, patch = hello.version
        self._in, self._out = bytearray(), bytearray()
        self._step: Callable[[], bool] | None = self._challenged
        self._proof: Proof | None = None
        self.session_key = b""
        self.realms: list[logon.Realm] = []
        self._send(
            LOGON_CHALLENGE,
            codec(logon.CMD_AUTH_LOGON_CHALLENGE_Client).encode(
                logon.CMD_AUTH_LOGON_CHALLENGE_Client(
                    protocol_version=hello.protocol,
                    size=30 + len(raw),
                    game_name=b"WoW\0",
                    major=major,
                    minor=minor,
                    patch=patch,
                    build=hello.build,
                    platform=b"68x\0",
                    os=hello.os.encode()[::-1].ljust(4, b"\0"),
                    locale=hello.locale.encode()[::-1],
                    utc_timezone_offset=0,
                    client_ip_address=0,
                    account_name_size=len(raw),
                    account_name=raw,
                )
            ),
        )

    @property
    def done(self) -> bool:
        """Whether the realms are here: hang up, and go to one."""
        return self._step is None

    def receive(self, data: bytes) -> None:
        """
        Take bytes from the server.

        @raise Refused: it says no; a wrong password and an unknown account are the same to it.
        @raise PeerError: it does not speak the protocol, or does not know the password's verifier.
        """
        self._in += data
        if len(self._in) > BUFFER_LIMIT:
            raise TooMuch("bytes of an answer")
        while self._in and self._step is not None and self._step():
            pass

    def outgoing(self) -> bytes:
        """What is to be written, once."""
        out = bytes(self._out)
        self._out.clear()
        return out

    def _challenged(self) -> bool:
        body = self._take(LOGON_CHALLENGE, CHALLENGE_SIZE, 2, CHALLENGE_REFUSED_SIZE)
        if body is None:
            return False
        said: logon.CMD_AUTH_LOGON_CHALLENGE_Server = codec(logon.CMD_AUTH_LOGON_CHALLENGE_Server).decode(
            body
        )
        if said.result != logon.SUCCESS:
            raise Refused("logon", said.result)
        ours = (1, srp6.GENERATOR, srp6.WIDTH, srp6.PRIME_BYTES)
        group = (
            said.generator_length,
            said.generator,
            said.large_safe_prime_length,
            said.large_safe_prime,
        )
        if group != ours or said.salt is None or said.server_public_key is None:
            raise NotAllowed("another group than SRP6's: it may have been made to be broken")
        if said.security_flag:
            raise NotAllowed("the server wants a second secret")
        made = draw_proof(self._name, self._password, said.salt, said.server_public_key, self._random)
        self._proof = made
        self._send(
            LOGON_PROOF,
            codec(logon.CMD_AUTH_LOGON_PROOF_Client).encode(
                logon.CMD_AUTH_LOGON_PROOF_Client(
                    client_public_key=made.public,
                    client_proof=made.proof,
                    crc_hash=bytes(20),
                    telemetry_keys=[],
                    security_flag=0,
                )
            ),
        )
        self._step = self._proved
        return True

    def _proved(self) -> bool:
        body = self._take(LOGON_PROOF, self._hello.proof_size, 1, self._hello.proof_refused_size)
        if body is None or self._proof is None:
            return False
        said: logon.CMD_AUTH_LOGON_PROOF_Server = self._form(logon.CMD_AUTH_LOGON_PROOF_Server).decode(body)
        if said.result != logon.SUCCESS:
            raise Refused("logon", said.result)
        if said.server_proof is None or not self._proof.answered(said.server_proof):
            raise NotAllowed("the server does not know the account's verifier")
        self.session_key = self._proof.session_key
        self._proof = None
        self.ask_realms()
        return True

    def ask_realms(self) -> None:
        """Once more, after the proof: `done` again when they are here."""
        self._send(
            REALM_LIST, codec(logon.CMD_REALM_LIST_Client).encode(logon.CMD_REALM_LIST_Client(padding=0))
        )
        self._step = self._listed

    def _listed(self) -> bool:
        if self._in[0] != REALM_LIST:
            raise Malformed(f"logon command 0x{self._in[0]:02X}")
        size = 3 + int.from_bytes(self._in[1:3], "little")
        if len(self._in) < max(size, 3):
            return False
        body = bytes(self._in[3:size])
        del self._in[:size]
        said: logon.CMD_REALM_LIST_Server = self._form(logon.CMD_REALM_LIST_Server).decode(body)
        self.realms = said.realms
        self._step = None
        return False

    def _take(self, command: int, size: int, result_at: int, refused_size: int) -> bytes | None:
        """The body of an answer that is shorter when its result is not SUCCESS; None: more must come."""
        if self._in[0] != command:
            raise Malformed(f"logon command 0x{self._in[0]:02X}")
        if len(self._in) <= result_at:
            return None
        size = size if self._in[result_at] == logon.SUCCESS else refused_size
        if len(self._in) < size:
            return None
        body = bytes(self._in[1:size])
        del self._in[:size]
        return body

    def _form(self, cls: type[Packet]) -> Any:
        """What reads the build's layout of an answer."""
        return codec(logon.LAYOUTS[self._hello.build].get(cls, cls))

    def _send(self, command: int, body: bytes) -> None:
        self._out.append(command)
        self._out += body
