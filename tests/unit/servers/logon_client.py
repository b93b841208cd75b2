"""A client of the logon protocol whose numbers come from wow_srp, on a StringTransport."""

import struct

import pytest
import wow_srp
from twisted.internet.address import IPv4Address
from twisted.internet.task import Clock
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

from bluemarble.db import accounts
from bluemarble.db.pool import Database
from bluemarble.db.update import Updater
from bluemarble.servers.auth import LogonFactory
from bluemarble.servers.logon_session import Limits
from bluemarble.wire import srp6

NOW_S = 1_800_000_000
REALM_LIST = b"\x10\0\0\0\0"
REFUSED = b"\1\4\0\0"


@pytest.fixture(name="house")
def house(tmp_path):
    """An auth server with the account ADA, whose password is SECRET."""
    database = fresh_database(tmp_path / "auth.sqlite")
    house = House(database)
    house.account("ADA", "SECRET")
    yield house
    database.close()


def fresh_database(path):
    """An auth database with its tables, and no realm."""
    database = Database(f"sqlite:///{path}", executor="inline")
    made = []
    Updater(database, "auth").update().addCallback(made.append)
    database.write(lambda conn: conn.exec_driver_sql("DELETE FROM realmlist")).addCallback(made.append)
    assert len(made) == 2
    return database


class House:
    """An auth server in memory."""

    def __init__(self, database, **limits):
        self.database = database
        self.clock = Clock()
        self.drawn = 0
        self.factory = LogonFactory(
            database,
            self.clock,
            Limits(**limits),
            wall_s=lambda: NOW_S + self.clock.seconds(),
            random=self.random,
        )
        self.factory.secret = self.sql(accounts.secret)

    def random(self, size):
        """Bytes that are the same in every run."""
        self.drawn += 1
        return (srp6.sha1(b"%d" % self.drawn).digest() * 2)[:size]

    def sql(self, fn):
        """What `fn` makes of a connection, in a transaction."""
        got = []
        self.database.write(fn).addBoth(got.append)
        if isinstance(got[0], Failure):
            got[0].raiseException()
        return got[0]

    def account(self, name, password, **more):
        """Make an account; its id."""
        salt = srp6.draw_salt(self.random)
        known = srp6.verifier(name, password, salt)
        return self.sql(lambda conn: accounts.create_account(conn, name, salt, known, **more))

    def row(self, name):
        """The account as the world server would read it."""
        got = []
        reading = self.database.read(lambda conn: accounts.challenge_account(conn, name, "10.0.0.1", NOW_S))
        reading.addCallback(got.append)
        return got[0].account

    def connect(self, host="10.0.0.1"):
        """A client that has just connected; None when it was turned away."""
        session = self.factory.buildProtocol(IPv4Address("TCP", host, 40000))
        return session and Client(self, session)

    def pass_s(self, seconds, step_s=0.5):
        """Let time pass as the service does."""
        for _ in range(int(seconds / step_s)):
            self.clock.advance(step_s)
            self.factory.tick()


class Client:
    """One connection."""

    def __init__(self, house, session):
        self.house, self.session = house, session
        self.transport = StringTransport()
        session.makeConnection(self.transport)
        self.session_key = None

    def say(self, data):
        """Send bytes; what came back."""
        if self.closed:
            return b""
        self.session.dataReceived(data)
        return self.heard()

    def heard(self):
        """What has come since the last time."""
        data = self.transport.value()
        self.transport.clear()
        return data

    @property
    def closed(self):
        """Whether the server has cut it."""
        return self.transport.disconnecting or self.transport.disconnected

    def challenge(self, name, command=0, build=12340, protocol=8):
        """Ask to log in; the answer."""
        return self.say(challenge(name, command, build, protocol))

    def prove(self, name, password, answer):
        """Prove a password on a challenge's answer; what the server says."""
        self.srp = wow_srp.SrpClientChallenge(
            name, password, answer[36], answer[38:70], answer[3:35], answer[70:102]
        )
        reply = self.say(
            b"\1" + bytes(self.srp.client_public_key()) + bytes(self.srp.client_proof()) + bytes(22)
        )
        if len(reply) >= 26:
            self.srp = self.srp.verify_server_proof(reply[2:22])
            self.session_key = bytes(self.srp.session_key())
        return reply

    def login(self, name, password, **how):
        """Challenge and proof; the proof's answer."""
        answer = self.challenge(name, **how)
        assert answer[:3] == b"\0\0\0"
        assert len(answer) == 119
        return self.prove(name, password, answer)


def challenge(name, command=0, build=12340, protocol=8, codes=(b"WoW\0", b"68x\0", b"niW\0", b"SUne")):
    """The bytes that ask to log in, or to come back."""
    raw = name.encode()
    game, platform, system, locale = codes
    body = (
        game
        + bytes((3, 3, 5))
        + struct.pack("<H", build)
        + platform
        + system
        + locale
        + struct.pack("<IIB", 60, 0x0100007F, len(raw))
        + raw
    )
    return struct.pack("<BBH", command, protocol, len(body)) + body
