"""A whole server in memory, on SQLite, and raw 3.3.5a clients that speak with our own packets."""

import shutil
import zlib

import wow_srp
from sqlalchemy import text
from twisted.internet.address import IPv4Address
from twisted.internet.testing import MemoryReactorClock, StringTransport

import opcodes
from bluemarble.config import Config
from bluemarble.db import accounts
from bluemarble.rows import table
from bluemarble.servers import allinone
from bluemarble.servers.tcp import WorldFactory
from bluemarble.servers.world import TICK_S
from bluemarble.tools.databases import update
from bluemarble.wire.codec import codec
from opcodes.characters import (
    CMSG_CHAR_CREATE,
    CMSG_CHAR_ENUM,
    CMSG_PLAYER_LOGIN,
    SMSG_CHAR_CREATE,
    SMSG_CHAR_ENUM,
)
from opcodes.objects import SMSG_COMPRESSED_UPDATE_OBJECT, SMSG_UPDATE_OBJECT
from opcodes.session import (
    CMSG_AUTH_SESSION,
    SMSG_AUTH_CHALLENGE,
    SMSG_AUTH_RESPONSE,
    SMSG_LOGIN_VERIFY_WORLD,
)

NOON = 1_763_640_000  # unix seconds
VERSION = opcodes.version(12340)
HUMAN, ORC, WARRIOR = 1, 2, 1


def make_databases(folder):
    """The three databases as a new world has them."""
    list(update(Config(directory=str(folder))))


class Transport(StringTransport):
    """
    A transport in memory that may stop taking.

    @ivar full: the client does not read.
    """

    def __init__(self, host):
        super().__init__(peerAddress=IPv4Address("TCP", host, 50000))
        self.writes = []
        self.lost = False
        self.reading = True

    def write(self, data):
        self.writes.append(data)
        super().write(data)

    def setTcpNoDelay(self, on):
        self.no_delay = on

    def pauseProducing(self):
        self.reading = False

    def resumeProducing(self):
        self.reading = True

    def loseConnection(self):
        super().loseConnection()
        self.hang_up()

    def abortConnection(self):
        super().abortConnection()
        self.hang_up()

    def hang_up(self):
        if not self.lost:
            self.lost = True
            self.protocol.connectionLost()


class House:
    """
    Auth and world in one process, on a clock of its own.

    @param template: a folder with three databases to begin from.
    @param sockets: opens the UDP sockets; without it there is no UDP.
    """

    def __init__(self, folder, template=None, *, sockets=None, **settings):
        if template is not None:
            for name in ("auth", "characters", "world"):
                shutil.copy(template / f"{name}.sqlite", folder / f"{name}.sqlite")
        self.clock = MemoryReactorClock()
        self.config = Config(directory=str(folder), **settings)
        self.services = allinone.build(
            self.config,
            self.clock,
            executor="inline",
            wall_s=lambda: NOON + self.clock.seconds(),
            sockets=sockets,
        )
        self.world = self.services.world
        self.gateway = self.world.gateway
        self.databases = self.services.databases
        started = []
        self.services.whole.startService()
        self.services.whole.ready.addBoth(started.append)
        assert started == [None], started
        self.clients = []

    def ticks(self, n=1):
        """Let n ticks pass; every client hears what was written."""
        for _ in range(n):
            self.clock.advance(TICK_S)
        for client in self.clients:
            client.listen()

    def seconds(self, n):
        self.ticks(round(n / TICK_S))

    def account(self, name, level=0, **columns):
        """An account whose last login agreed on a key: what the auth server leaves for the world server."""
        key = (name.encode() * 40)[:40]

        def make(conn):
            number = accounts.create_account(conn, name, b"\1" * 32, b"\2" * 32, gmlevel=level)
            for column, value in {"session_key": key, **columns}.items():
                conn.execute(
                    text(f"UPDATE account SET `{column}` = :value WHERE id = :id"),
                    {"value": value, "id": number},
                )
            return number

        number = done(self.databases.auth.write(make))
        return number, key

    def knows(self, name):
        return done(
            self.databases.auth.read(lambda conn: accounts.challenge_account(conn, name, "", NOON))
        ).account

    def client(self, name="ADA", *, level=0, host="127.0.0.1", handshake=True, **given):
        """A client of the account, which is made if need be; at the character screen if it may."""
        if self.knows(name) is None:
            self.account(name, level)
        client = Client(self, name, (name.encode() * 40)[:40], host)
        self.clients.append(client)
        if handshake:
            client.prove(**given)
            client.listen()
        return client

    def player(self, name="ADA", character=None, **given):
        """A client in the world, on its first character or a new one."""
        client = self.client(name, **given)
        client.enter(character or name.capitalize())
        return client

    def row(self, cls, **key):
        """A row of the characters database as a dict, or None."""
        where = " AND ".join(f"`{name}` = :{name}" for name in key)
        query = text(f"SELECT * FROM `{table(cls)}` WHERE {where}")
        found = done(self.databases.characters.read(lambda conn: conn.execute(query, key).mappings().first()))
        return dict(found) if found else None

    def stop(self):
        """As SIGTERM does."""
        stopped = []
        self.services.whole.stopService().addBoth(stopped.append)
        assert stopped == [None], stopped


class Client:
    """
    A raw client.

    @ivar version: its build's; it connects to that build's port.
    @ivar heard: packets it was sent, updates unpacked; `names` are their names.
    """

    version = opcodes.version(12340)

    def __init__(self, house, name, key, host="127.0.0.1"):
        self.house, self.name, self.key = house, name, key
        self.transport = Transport(host)
        self.line = WorldFactory(house.gateway, self.version).buildProtocol(self.transport.getPeer())
        assert self.line is not None, "no connection"
        self.transport.protocol = self.line
        self.crypto = None
        self.heard = []
        self.guid = 0
        self._in = b""
        self.line.makeConnection(self.transport)
        self.listen()

    @property
    def session(self):
        return self.line.session

    def prove(self, *, digest=None, build=12340, name=None, addons=b""):
        """The handshake."""
        seed = wow_srp.WrathProofSeed()
        (challenge,) = self.got(SMSG_AUTH_CHALLENGE)
        proof, crypto = seed.into_client_header_crypto(self.name, self.key, challenge.server_seed)
        self.send(
            CMSG_AUTH_SESSION(
                client_build=build,
                login_server_id=0,
                username=name or self.name,
                login_server_type=0,
                client_seed=seed.seed(),
                region_id=0,
                battleground_id=0,
                realm_id=1,
                dos_response=0,
                client_proof=bytes(proof) if digest is None else digest,
                addon_info=addons,
            )
        )
        self.crypto = crypto

    def send(self, *packets):
        """All of them in one segment."""
        for packet in packets:
            self.say(VERSION.numbers[type(packet)], codec(type(packet)).encode(packet))

    def say(self, opcode, body):
        """A frame, whatever is in it."""
        size = len(body) + 4
        if self.crypto is None:
            head = size.to_bytes(2, "big") + opcode.to_bytes(4, "little")
        else:
            head = bytes(self.crypto.encrypt_client_header(size, opcode))
        self.raw(head + body)

    def raw(self, data):
        if not self.transport.lost:
            self.line.dataReceived(data)

    def listen(self):
        """Read what was written."""
        self._in += self.transport.value()
        self.transport.clear()
        while len(self._in) >= 4:
            if not hasattr(self, "_frame") or self._frame is None:
                head = self._in[:4]
                if self.crypto is not None:
                    self._frame = self.crypto.decrypt_server_header(head)
                else:
                    self._frame = int.from_bytes(head[:2], "big"), int.from_bytes(head[2:], "little")
            size, opcode = self._frame
            if len(self._in) < size + 2:
                return
            body, self._in = self._in[4 : size + 2], self._in[size + 2 :]
            self._frame = None
            self._take(VERSION.sent[opcode], body)

    def _take(self, cls, body):
        packet = codec(cls).decode(body)
        if cls is SMSG_COMPRESSED_UPDATE_OBJECT:
            packet = codec(SMSG_UPDATE_OBJECT).decode(zlib.decompress(packet.compressed_data))
        self.heard.append(packet)

    def got(self, cls):
        """Every packet of the class heard since `forget`."""
        return [packet for packet in self.heard if type(packet) is cls]

    def last(self, cls):
        return self.got(cls)[-1]

    def forget(self):
        self.heard.clear()

    @property
    def names(self):
        return [type(packet).__name__ for packet in self.heard]

    @property
    def result(self):
        return self.last(SMSG_AUTH_RESPONSE).result

    def ask(self, packet, answer):
        """Send a request, and the answer to it."""
        self.forget()
        self.send(packet)
        self.listen()
        return self.last(answer)

    def characters(self):
        return {c.name: c for c in self.ask(CMSG_CHAR_ENUM(), SMSG_CHAR_ENUM).characters}

    def create(self, name, race=HUMAN, class_=WARRIOR):
        """The result code."""
        return self.ask(
            CMSG_CHAR_CREATE(
                name=name,
                race=race,
                class_type=class_,
                gender=0,
                skin_color=1,
                face=2,
                hair_style=3,
                hair_color=4,
                facial_hair=5,
            ),
            SMSG_CHAR_CREATE,
        ).result

    def enter(self, name, ticks=6):
        """Into the world on that character, made if need be."""
        if name not in (known := self.characters()):
            assert self.create(name) == 0x2F
            known = self.characters()
        self.guid = known[name].guid
        self.forget()
        self.send(CMSG_PLAYER_LOGIN(guid=self.guid))
        self.house.ticks(ticks)
        assert self.got(SMSG_LOGIN_VERIFY_WORLD), self.names

    @property
    def gone(self):
        """Whether the server has hung up."""
        return self.transport.lost

    def hang_up(self):
        self.transport.hang_up()


def done(deferred):
    """What it has come to."""
    found = []
    deferred.addBoth(found.append)
    (result,) = found
    if hasattr(result, "raiseException"):
        result.raiseException()
    return result
