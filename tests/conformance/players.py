"""
Clients that are not ours: the PyPI packages wow-srp, wow-login-messages and wow-world-messages play.

Sans-IO: bytes in by `receive`, bytes out by `outgoing`; a test moves them over sockets or in memory.  Every
packet of the server is decoded by the package and must decode to exhaustion; where the package is known to be
wrong (waivers.py, with sources) our own codec reads the packet, to exhaustion too.
"""

import asyncio
import struct
import zlib
from typing import Any, NamedTuple

import wow_srp
from wow_login_messages import all as login
from wow_login_messages import version3, version8
from wow_world_messages import vanilla, wrath

import opcodes
from bluemarble.wire.codec import codec
from tests.conformance.waivers import SERVER_WAIVED, SERVER_WAIVED_5875


class _Still:
    """As much of an event loop as a StreamReader needs here: to wait is to say that more is wanted."""

    def get_debug(self) -> bool:
        return False

    def create_future(self) -> Any:
        return self

    def __await__(self) -> Any:
        yield


COMPRESSED_UPDATE_OBJECT = 0x1F6
UPDATE_OBJECT = 0x0A9


class Leftover(AssertionError):
    """The package did not read a packet to its end, or could not read it at all."""


class Build(NamedTuple):
    """What differs between the clients."""

    number: int
    words: Any  # the package's module of world packets
    version: Any  # the package's module of logon packets
    protocol: login.ProtocolVersion
    release: login.Version
    seed: type
    table: opcodes.Version


WRATH = Build(
    12340,
    wrath,
    version8,
    login.ProtocolVersion.EIGHT,
    login.Version(3, 3, 5, 12340),
    wow_srp.WrathProofSeed,
    opcodes.version(12340),
)
VANILLA = Build(
    5875,
    vanilla,
    version3,
    login.ProtocolVersion.THREE,
    login.Version(1, 12, 1, 5875),
    wow_srp.VanillaProofSeed,
    opcodes.version(5875),
)


def attempt(read: Any, data: bytes, *rest: Any) -> tuple[Any, int] | None:
    """What `read` makes of the start of `data` and the bytes it left; None when it wants more of them."""
    reader = asyncio.StreamReader(loop=_Still())
    reader.feed_data(data)
    reading = read(reader, *rest)
    try:
        reading.send(None)
    except StopIteration as done:
        return done.value, len(reader._buffer)
    reading.close()
    return None


class Logon:
    """Logs an account in and asks for the realms."""

    def __init__(self, name: str, password: str, build: Build = WRATH) -> None:
        self.name, self.password, self.build = name.upper(), password.upper(), build
        self.result: str | None = None  # the LoginResult's name, once it is known
        self.realms: list[Any] = []
        self.session_key = b""
        self._in, self._out = bytearray(), bytearray()
        self._step = self._challenged
        self._write(
            login.CMD_AUTH_LOGON_CHALLENGE_Client(
                build.protocol,
                build.release,
                login.Platform.X86,
                login.Os.WINDOWS,
                login.Locale.EN_GB,
                60,
                0x0100007F,
                self.name,
            )
        )

    def _write(self, packet: Any) -> None:
        sink = _Sink(self._out)
        packet.write(sink)

    def outgoing(self) -> bytes:
        out = bytes(self._out)
        self._out.clear()
        return out

    def receive(self, data: bytes) -> None:
        self._in += data
        while self._in and (got := self._take()) is not None:
            self._step(got)

    def _take(self) -> Any:
        version = self.build.version
        kinds = {
            0: version.CMD_AUTH_LOGON_CHALLENGE_Server,
            1: version.CMD_AUTH_LOGON_PROOF_Server,
            0x10: version.CMD_REALM_LIST_Server,
        }
        got = attempt(kinds[self._in[0]].read, bytes(self._in[1:]))
        if got is None:
            return None
        del self._in[: len(self._in) - got[1]]
        return got[0]

    def _challenged(self, challenge: Any) -> None:
        if challenge.result.name != "SUCCESS":
            self.result = challenge.result.name
            return
        self._srp = wow_srp.SrpClientChallenge(
            self.name,
            self.password,
            challenge.generator[0],
            challenge.large_safe_prime,
            challenge.server_public_key,
            challenge.salt,
        )
        version = self.build.version
        self._write(
            version.CMD_AUTH_LOGON_PROOF_Client(
                list(self._srp.client_public_key()),
                list(self._srp.client_proof()),
                [0] * 20,
                [],
                version.SecurityFlag(0),
            )
        )
        self._step = self._proved

    def _proved(self, proof: Any) -> None:
        self.result = proof.result.name
        if self.result != "SUCCESS":
            return
        client = self._srp.verify_server_proof(proof.server_proof)
        assert client is not None, "the server's proof is wrong"
        self.session_key = bytes(client.session_key())
        self._write(self.build.version.CMD_REALM_LIST_Client())
        self._step = self._listed

    def _listed(self, answer: Any) -> None:
        self.realms = answer.realms


class _Sink:
    """What the packages' `write` wants of a StreamWriter."""

    def __init__(self, out: bytearray) -> None:
        self.out = out

    def write(self, data: bytes) -> None:
        self.out += data


class _Headers:
    """The package's client packets ask for a server's header; this hands them a client's."""

    def __init__(self, crypto: Any) -> None:
        self.encrypt_server_header = crypto.encrypt_client_header


class Player:
    """
    One client on the world server.

    @ivar packets: everything the server sent, decoded, in order.
    @ivar decoded, waived: how many of each were read by the package, and by our own codec.
    @ivar objects: guid -> update fields (index -> u32), as the create and values blocks told.
    @ivar positions: guid -> (x, y, z) as last seen.
    """

    def __init__(self, name: str, session_key: bytes, build: Build = WRATH, realm_id: int = 1) -> None:
        self.name, self.key, self.build, self.realm_id = name.upper(), session_key, build, realm_id
        self.packets: list[Any] = []
        self.decoded: dict[str, int] = {}
        self.waived: dict[str, int] = {}
        self.objects: dict[int, dict[int, int]] = {}
        self.positions: dict[int, tuple[float, float, float]] = {}
        self.guid = 0
        self._in, self._out = bytearray(), bytearray()
        self._header: tuple[int, int] | None = None
        self._crypto: Any = None

    def outgoing(self) -> bytes:
        out = bytes(self._out)
        self._out.clear()
        return out

    def send(self, packet: Any) -> None:
        packet.write_encrypted_client(_Sink(self._out), _Headers(self._crypto))

    def receive(self, data: bytes) -> None:
        self._in += data
        while True:
            if self._header is None:
                if len(self._in) < 4:
                    return
                head = bytes(self._in[:4])
                del self._in[:4]
                self._header = (
                    self._crypto.decrypt_server_header(head)
                    if self._crypto
                    else struct.unpack(">H", head[:2]) + struct.unpack("<H", head[2:])
                )
            size, opcode = self._header[0] - 2, self._header[1]
            assert size <= 0x7FFF, "a header of five bytes, which clients break on"
            if len(self._in) < size:
                return
            body = bytes(self._in[:size])
            del self._in[:size]
            self._header = None
            self._take(opcode, body)

    def _take(self, opcode: int, body: bytes) -> None:
        name = self.build.table.names[opcode]
        if name in (SERVER_WAIVED_5875 if self.build is VANILLA else SERVER_WAIVED):
            self.waived[name] = self.waived.get(name, 0) + 1
            self.packets.append(codec(self.build.table.layout(self.build.table.sent[opcode])).decode(body))
            return
        if opcode == COMPRESSED_UPDATE_OBJECT:
            assert len(zlib.decompress(body[4:])) == struct.unpack_from("<I", body)[0]
            opcode, body = UPDATE_OBJECT, zlib.decompress(body[4:])
            self._count("SMSG_COMPRESSED_UPDATE_OBJECT")
        kind = self.build.words.server_opcodes.get(opcode)
        if kind is None:
            raise Leftover(f"{opcode:#05x} ({len(body)} bytes) is unknown to the package")
        try:
            got = attempt(kind.read, body, len(body))
        except Exception as error:
            raise Leftover(f"{kind.__name__}: {error!r} in {body.hex()}") from error
        if got is None or got[1]:
            raise Leftover(f"{kind.__name__}: {'wants more' if got is None else got[1]} of {body.hex()}")
        self._count(kind.__name__)
        self.packets.append(got[0])
        self._notice(got[0])

    def _count(self, name: str) -> None:
        self.decoded[name] = self.decoded.get(name, 0) + 1

    def _notice(self, packet: Any) -> None:
        name = type(packet).__name__
        if name == "SMSG_AUTH_CHALLENGE":
            self._authenticate(packet.server_seed)
        elif name == "SMSG_UPDATE_OBJECT":
            for block in packet.objects:
                self._update(block)
        elif name == "SMSG_DESTROY_OBJECT":
            self.objects.pop(packet.guid, None)
        elif name.startswith("MSG_MOVE_") and getattr(packet, "info", None) is not None:
            at = packet.info.position
            self.positions[packet.guid] = (at.x, at.y, at.z)

    def _update(self, block: Any) -> None:
        if block.guids is not None:
            for guid in block.guids:
                self.objects.pop(guid, None)
            return
        if block.object_type is not None:
            self.objects[block.guid3] = dict(block.mask2.fields)
            moved = block.movement2
            at = getattr(moved, "position", None) or getattr(moved, "living_position", None)
            if at is not None:
                self.positions[block.guid3] = (at.x, at.y, at.z)
        elif block.mask1 is not None and block.guid1 in self.objects:
            self.objects[block.guid1].update(block.mask1.fields)

    def _authenticate(self, server_seed: int) -> None:
        seed = self.build.seed()
        proof, crypto = seed.into_client_header_crypto(self.name, self.key, server_seed)
        session = self.build.words.CMSG_AUTH_SESSION
        if self.build is WRATH:
            packet = session(
                12340, 0, self.name, 0, seed.seed(), 0, 0, self.realm_id, 0, list(proof), [0] * 4
            )
        else:
            packet = session(self.build.number, 0, self.name, seed.seed(), list(proof), [])
        packet.write_unencrypted(_Sink(self._out))
        self._crypto = crypto

    # What tests ask.

    def got(self, name: str) -> list[Any]:
        """The packets of that name so far."""
        return [p for p in self.packets if type(p).__name__.removesuffix("_Server") == name]

    def last(self, name: str) -> Any:
        return self.got(name)[-1]

    def forget(self) -> None:
        """Empties `packets`, so that `got` speaks of what comes from here on."""
        self.packets.clear()
