"""
The packages wow-srp and wow-login-messages log in, with both client builds, on both engines.

Each answer is decoded by the package and to its last byte.
"""

from typing import Any, NamedTuple

import pytest
import wow_srp
from twisted.internet.task import Clock
from wow_login_messages import all as logon_messages
from wow_login_messages import version2, version3, version8

from bluemarble.db import accounts
from bluemarble.db.pool import Database
from bluemarble.db.realms import put_realm, realm_online
from bluemarble.db.update import Updater
from bluemarble.servers.logon_session import Limits
from tests.unit.servers.logon_client import NOW_S, House


class Build(NamedTuple):
    """A client build's words in the package."""

    number: int
    protocol: Any
    version: Any
    reconnect: Any  # whose answers to a reconnect it reads


WRATH = Build(12340, logon_messages.ProtocolVersion.EIGHT, version8, version8)
VANILLA = Build(5875, logon_messages.ProtocolVersion.THREE, version3, version2)
BUILDS = pytest.mark.parametrize("build", [WRATH, VANILLA], ids=["12340", "5875"])


class Bytes:
    """What the package reads from and writes to, in memory."""

    def __init__(self, data=b""):
        self.data = data

    async def readexactly(self, size):
        """The next bytes."""
        assert len(self.data) >= size, "the package wants more"
        taken, self.data = self.data[:size], self.data[size:]
        return taken

    async def readuntil(self, end):
        """As far as the NUL."""
        return await self.readexactly(self.data.index(end) + 1)

    def write(self, data):
        """More bytes."""
        self.data += data


def decoded(kind, command, data):
    """An answer as the package reads it, to its last byte."""
    assert data[:1] == bytes([command])
    source = Bytes(data[1:])
    reading = kind.read(source)
    with pytest.raises(StopIteration) as done:
        reading.send(None)
    assert source.data == b""
    return done.value.value


def encoded(packet):
    """A request as the package writes it."""
    sink = Bytes()
    packet.write(sink)
    return sink.data


def asking(kind, build, name):
    """A challenge or reconnect challenge."""
    return encoded(
        kind(
            build.protocol,
            logon_messages.Version(3, 3, 5, build.number),
            logon_messages.Platform.X86,
            logon_messages.Os.WINDOWS,
            logon_messages.Locale.EN_GB,
            60,
            0x0100007F,
            name,
        )
    )


@pytest.fixture(scope="module", params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def engine(request, tmp_path_factory):
    """An auth database, made once for all tests here."""
    url = (
        f"sqlite:///{tmp_path_factory.mktemp('logon')}/auth.sqlite"
        if request.param == "sqlite"
        else request.getfixturevalue("mariadb").url("logon")
    )
    database = Database(url, executor="inline")
    failures = []
    for step in (lambda: database.wait_until_up(Clock()), lambda: Updater(database, "auth").update()):
        step().addErrback(failures.append)
    for failure in failures:
        failure.raiseException()
    yield database
    database.close()


@pytest.fixture
def house(engine):
    """An auth server on it, with the accounts ADA and BOB and one realm."""
    house = House(engine)
    for table in (
        "account",
        "account_access",
        "account_banned",
        "account_failure",
        "ip_banned",
        "realmlist",
        "realmcharacters",
    ):
        house.sql(lambda conn, table=table: conn.exec_driver_sql(f"DELETE FROM `{table}`"))
    house.account("ADA", "SECRET")
    house.account("BOB", "LETMEIN", gmlevel=3)
    house.sql(lambda conn: put_realm(conn, 1, "Ödland", "play.example.org", 8085))
    house.sql(lambda conn: put_realm(conn, 2, "Ödland 1.12.1", "play.example.org", 8086, 5875))
    for realm in 1, 2:
        house.sql(lambda conn, realm=realm: realm_online(conn, realm, True, 0.5))
    return house


class Logon(NamedTuple):
    """What became of a login."""

    result: str
    session: Any = None
    realms: Any = None


def logon(house, name, password, build=WRATH, host="10.0.0.1"):
    """Log in with the packages' client, and list the realms when it may."""
    client, words = house.connect(host), build.version
    asked = decoded(
        words.CMD_AUTH_LOGON_CHALLENGE_Server,
        0,
        client.say(asking(logon_messages.CMD_AUTH_LOGON_CHALLENGE_Client, build, name)),
    )
    assert asked.result.name == "SUCCESS"
    srp = wow_srp.SrpClientChallenge(
        name, password, *asked.generator, asked.large_safe_prime, asked.server_public_key, asked.salt
    )
    proving = words.CMD_AUTH_LOGON_PROOF_Client(
        list(srp.client_public_key()), list(srp.client_proof()), [0] * 20, [], words.SecurityFlag(0)
    )
    proof = decoded(words.CMD_AUTH_LOGON_PROOF_Server, 1, client.say(encoded(proving)))
    if proof.result.name != "SUCCESS":
        return Logon(proof.result.name)
    session = srp.verify_server_proof(proof.server_proof)
    assert session is not None
    return Logon("SUCCESS", session, realms(client, words))


def realms(client, words):
    """The realm list, as the package reads it."""
    raw = client.say(encoded(words.CMD_REALM_LIST_Client()))
    return decoded(words.CMD_REALM_LIST_Server, 0x10, raw).realms


@BUILDS
def test_login(house, build):
    player = logon(house, "ADA", "SECRET", build)
    assert player.result == "SUCCESS"
    assert house.row("ADA").session_key == bytes(player.session.session_key())
    [realm] = player.realms
    assert (realm.name, realm.address, realm.realm_id) == {
        WRATH: ("Ödland", "play.example.org:8085", 1),
        VANILLA: ("Ödland 1.12.1", "play.example.org:8086", 2),
    }[build]
    assert (realm.population, realm.number_of_characters_on_realm) == (0.5, 0)
    assert realm.flag.value == 0


@BUILDS
def test_refusals(house, build):
    assert logon(house, "ADA", "GUESS", build).result == "FAIL_UNKNOWN_ACCOUNT"
    assert logon(house, "EVE", "GUESS", build).result == "FAIL_UNKNOWN_ACCOUNT"
    ada, bob = (house.row(name).id for name in ("ADA", "BOB"))
    house.sql(lambda conn: accounts.ban_account(conn, ada, NOW_S, 0, "GM", ""))
    house.sql(lambda conn: accounts.ban_account(conn, bob, NOW_S, 60, "GM", ""))
    assert logon(house, "ADA", "SECRET", build).result == "FAIL_BANNED"
    assert logon(house, "BOB", "LETMEIN", build).result == "FAIL_SUSPENDED"
    assert logon(house, "BOB", "GUESS", build).result == "FAIL_UNKNOWN_ACCOUNT"
    house.clock.advance(61)
    assert logon(house, "BOB", "LETMEIN", build).result == "SUCCESS"
    house.sql(lambda conn: accounts.ban_ip(conn, "10.0.0.9", NOW_S, 0, "GM", ""))
    assert logon(house, "BOB", "LETMEIN", build, "10.0.0.9").result == "FAIL_BANNED"
    house.sql(lambda conn: conn.exec_driver_sql("UPDATE `account` SET `locked` = 1"))
    locked = logon(house, "BOB", "LETMEIN", build, "10.0.0.8").result
    assert locked == ("FAIL_LOCKED_ENFORCED" if build is WRATH else "FAIL_NO_ACCESS")


def test_guesses(house):
    """Five wrong ones throttle the account for that address, on this engine too."""
    for _ in range(Limits().throttle.failures):
        assert logon(house, "ADA", "GUESS").result == "FAIL_UNKNOWN_ACCOUNT"
    assert logon(house, "ADA", "SECRET").result == "FAIL_UNKNOWN_ACCOUNT"
    assert logon(house, "ADA", "SECRET", host="::ffff:10.0.0.2").result == "SUCCESS"
    house.clock.advance(601)
    assert logon(house, "ADA", "GUESS").result == "FAIL_UNKNOWN_ACCOUNT"
    assert logon(house, "ADA", "SECRET").result == "SUCCESS"
    assert house.row("ADA").failed_logins == 0
    house.sql(lambda conn: accounts.forget_failures(conn, NOW_S + 10_000, Limits().throttle))
    assert not house.sql(lambda conn: conn.exec_driver_sql("SELECT * FROM `account_failure`").fetchall())


@BUILDS
def test_reconnect(house, build):
    first, client = logon(house, "ADA", "SECRET", build), house.connect()
    answer = decoded(
        build.reconnect.CMD_AUTH_RECONNECT_CHALLENGE_Server,
        2,
        client.say(asking(logon_messages.CMD_AUTH_RECONNECT_CHALLENGE_Client, build, "ADA")),
    )
    again = first.session.calculate_reconnect_values(answer.challenge_data)
    answer = decoded(
        build.reconnect.CMD_AUTH_RECONNECT_PROOF_Server,
        3,
        client.say(
            encoded(
                build.reconnect.CMD_AUTH_RECONNECT_PROOF_Client(
                    list(again.challenge_data()), list(again.client_proof()), [0] * 20
                )
            )
        ),
    )
    assert answer.result.name == "SUCCESS"
    assert realms(client, build.version)


def test_realm_for_the_privileged(house):
    house.sql(lambda conn: conn.exec_driver_sql("UPDATE `realmlist` SET `allowedSecurityLevel` = 2"))
    assert logon(house, "ADA", "SECRET").realms[0].locked
    assert not logon(house, "BOB", "LETMEIN").realms[0].locked


def test_one_secret(house):
    """Every server finds the same secret."""
    assert House(house.database).factory.secret == house.factory.secret
    assert len(house.factory.secret) == 32
