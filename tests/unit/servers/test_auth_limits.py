"""What the auth server bears: slow, hostile and too many clients, a database that goes; start and stop."""

import os

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, fail
from twisted.internet.error import ConnectionLost
from twisted.python.failure import Failure

from bluemarble.config import load
from bluemarble.db import accounts
from bluemarble.db.errors import Unavailable
from bluemarble.servers.auth import AuthService
from bluemarble.servers.gateway import Databases
from tests.unit.servers.logon_client import (
    REALM_LIST,
    REFUSED,
    Client,
    House,
    challenge,
    fresh_database,
    house,
)

__all__ = ["house"]


def test_short_proof_is_refused_after_a_second(house):
    client = house.connect()
    client.challenge("ADA")
    assert client.say(b"\1" + bytes(73)) == b""
    house.pass_s(0.5)
    assert client.heard() == b""
    house.pass_s(1)
    assert client.heard() == REFUSED
    assert not client.closed
    assert client.login("ADA", "SECRET")[:2] == b"\1\0"


def test_slow_client_is_cut(house):
    """A byte every ten seconds is not a whole command in thirty; nor is silence."""
    slow, silent, good = house.connect(), house.connect(), house.connect()
    good.login("ADA", "SECRET")
    for _ in range(3):
        slow.say(b"\0")
        house.pass_s(9.5)
    assert not slow.closed
    assert not silent.closed
    house.pass_s(2)
    assert slow.closed
    assert silent.closed
    assert not good.closed
    assert house.factory.counts["TooMuch"] == 2
    house.pass_s(275)
    assert good.closed


def test_client_that_does_not_read_is_cut(house):
    client = house.connect()
    client.login("ADA", "SECRET")
    client.transport.producer.pauseProducing()
    assert client.closed
    assert client.say(REALM_LIST) == b""


def test_sessions_are_forgotten(house):
    client = house.connect()
    assert len(house.factory.sessions) == 1
    client.session.connectionLost(Failure(ConnectionLost()))
    assert not house.factory.sessions
    assert house.factory.door.total == 0


def test_too_many_connections(tmp_path):
    house = House(fresh_database(tmp_path / "auth.sqlite"), connections=4, connections_per_address=2)
    assert house.connect("10.0.0.1")
    assert house.connect("10.0.0.1")
    assert house.connect("10.0.0.1") is None
    assert house.connect("127.0.0.1")
    assert house.connect("10.0.0.2")
    assert house.connect("10.0.0.3") is None
    house.database.close()


@pytest.mark.parametrize(
    "data",
    [
        b"\1" + bytes(74),
        b"\3" + bytes(57),
        REALM_LIST,
        b"\x04",
        b"\xff",
        challenge(""),
        challenge("N" * 21),
        b"\0\x08\xff\xff",
        b"\0\x08\0\0",
        challenge("ADA").replace(b"ADA", b"\xff\xff\xff"),
    ],
)
def test_nothing_is_answered_out_of_turn(house, data):
    client = house.connect()
    assert client.say(data) == b""
    assert client.closed


def test_command_after_its_time(house):
    client = house.connect()
    client.challenge("ADA")
    assert client.challenge("ADA") == b""
    assert client.closed
    client = house.connect()
    client.login("ADA", "SECRET")
    assert client.challenge("ADA") == b""
    assert client.closed


def test_flood_of_realm_lists(house):
    """Commands sent ahead are answered in turn, up to a rate."""
    client = house.connect()
    client.login("ADA", "SECRET")
    client.say(REALM_LIST * 200)
    assert client.closed
    client = house.connect()
    client.login("ADA", "SECRET")
    assert len(client.say(REALM_LIST * 10)) == 110
    assert not client.closed
    assert client.say(bytes(2000)) == b""
    assert client.closed


class Away:
    """A database that has gone."""

    statements = 0

    def read(self, fn):
        return fail(Unavailable("gone"))

    write = read


def test_database_goes_away(house):
    client = house.connect()
    answer = client.challenge("ADA")
    there, house.factory.database = house.database, Away()
    assert client.prove("ADA", "SECRET", answer) == b"\1\x08\0\0"
    assert client.challenge("ADA") == b"\0\0\x08"
    house.factory.database = there
    assert client.login("ADA", "SECRET")[:2] == b"\1\0"
    house.factory.database = Away()
    assert client.say(REALM_LIST) == b""
    assert client.closed


def test_answer_after_the_client_has_gone(house):
    """The database's answer finds nobody: no error, nothing written."""
    waiting = Deferred()
    house.factory.database = type("Slow", (), {"read": lambda self, fn: waiting})()
    client = house.connect()
    client.challenge("ADA")
    client.session.connectionLost(Failure(ConnectionLost()))
    waiting.callback(accounts.Challenge(False, None))
    assert client.heard() == b""
    assert not house.factory.counts["errors"]


@settings(max_examples=150, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(
    chunks=st.lists(
        st.one_of(
            st.binary(max_size=150),
            st.sampled_from([REALM_LIST, challenge("ADA"), challenge("ADA", 2)]),
            st.builds(
                lambda head, tail: head + tail,
                st.sampled_from([b"\1", b"\3", b"\0\x08\x22\0"]),
                st.binary(min_size=50, max_size=80),
            ),
        ),
        max_size=6,
    )
)
def test_hostile_bytes(house, chunks):
    """Whatever comes, the server stays whole and nobody is admitted."""
    client = house.connect()
    for chunk in chunks:
        client.say(chunk)
    assert house.factory.counts["errors"] == house.factory.counts["logins"] == 0
    client.session.connectionLost(Failure(ConnectionLost()))


class Port:
    """A listening port that is none."""

    def __init__(self, listening):
        self.listening = listening
        listening.append(self)

    def getHost(self):
        return IPv4Address("TCP", "127.0.0.1", 3724)

    def stopListening(self):
        self.listening.remove(self)


def service(house, database=None):
    """The service on the house's clock, and the ports it listens on."""
    listening = []
    house.clock.listenTCP = lambda port, factory, interface: Port(listening)
    databases = Databases(database or house.database, None, None)
    return AuthService(load(flags={"auth": {"wrong_passwords": 3}}), databases, house.clock), listening


def test_service(house):
    """It listens once the database has answered, and lets go of everything when stopped."""
    server, listening = service(house)
    server.startService()
    assert [address.port for address in server.addresses] == [3724, 3724]
    assert server.ready.called
    assert server.factory.secret == house.factory.secret
    assert server.factory.limits.throttle.failures == 3
    client = Client(house, server.factory.buildProtocol(None))
    for _ in range(62):
        house.clock.advance(0.5)
    assert client.closed
    house.clock.advance(600)
    assert len(listening) == 2
    assert server.stopService().called
    assert not listening
    assert not house.clock.getDelayedCalls()


def test_service_stopped_before_its_database_answered(house):
    """It never listens."""
    waiting = Deferred()
    late = Away()
    late.dialect, late.wait_until_up = "mysql", lambda clock: waiting
    server, listening = service(house, late)
    server.startService()
    assert not server.ready.called
    server.stopService()
    waiting.errback(Unavailable("gone"))
    server.ready.addErrback(lambda failure: failure.trap(Unavailable))
    assert not listening


def test_random_is_the_system_s(house):
    assert service(house)[0].factory.random is os.urandom
