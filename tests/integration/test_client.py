"""Our own client and the whole server, in memory: from the password to the world."""

import random

import pytest

from bluemarble.client import events
from bluemarble.client.logon import LogonClient
from bluemarble.client.world import Stage, WorldClient
from bluemarble.db import accounts
from bluemarble.servers.tcp import WorldFactory
from bluemarble.wire import srp6
from opcodes import characters, session
from opcodes.session import SMSG_MOTD, SMSG_TIME_SYNC_REQ
from tests.integration.house import HUMAN, VERSION, WARRIOR, Transport, done


class Line:
    """A client's TCP connection: what it says reaches the server's protocol, and back."""

    def __init__(self, house, factory, client):
        self.house, self.client = house, client
        self.transport = Transport("127.0.0.1")
        self.protocol = factory.buildProtocol(self.transport.getPeer())
        self.transport.protocol = self.protocol
        self.protocol.makeConnection(self.transport)

    def pump(self):
        """The events of what has come."""
        said = self.client.outgoing()
        if said and not self.transport.lost:
            self.protocol.dataReceived(said)
        heard = self.transport.value()
        self.transport.clear()
        if isinstance(self.client, LogonClient):
            self.client.receive(heard)
            return []
        return list(self.client.receive(heard, int(self.house.clock.seconds() * 1000)))

    def run(self, ticks=1):
        found = []
        for _ in range(ticks):
            found += self.pump()
            self.house.ticks()
        return found + self.pump()


@pytest.fixture
def ada(house):
    """A client at the world server's door, its account and key the real ones."""
    draw = random.Random(11).randbytes
    salt = srp6.draw_salt(draw)
    known = srp6.verifier("ADA", "secret", salt)
    done(house.databases.auth.write(lambda conn: accounts.create_account(conn, "ADA", salt, known)))
    logon = LogonClient("ada", "Secret", draw)
    line = Line(house, house.services.auth.factory, logon)
    line.run(3)
    assert logon.done
    [realm, *_] = logon.realms
    client = WorldClient("ada", logon.session_key, realm.realm_id, draw)
    return Line(house, WorldFactory(house.gateway, VERSION), client)


def only(found, kind):
    [one] = [event for event in found if isinstance(event, kind)]
    return one


def test_from_password_to_world(ada):
    """Log in, make a character, enter, be greeted, answer the server's clock, leave."""
    only(ada.run(3), events.Admitted)
    ada.client.create("Ada", HUMAN, WARRIOR, 1)
    only(ada.run(2), events.Created)
    ada.client.ask_characters()
    [row] = only(ada.run(2), events.Characters).characters
    assert row.name == "Ada"
    ada.client.enter(row.guid)
    with pytest.raises(ValueError, match="ENTERING"):
        ada.client.enter(row.guid)
    found = ada.run(6)
    entered = only(found, events.Entered)
    assert (entered.guid, entered.map) == (row.guid, row.map)
    assert ada.client.place == (entered.x, entered.y, entered.z, entered.facing)
    heard = [event.packet for event in found if isinstance(event, events.Heard)]
    assert {SMSG_MOTD, SMSG_TIME_SYNC_REQ} <= {type(packet) for packet in heard}
    ada.run(2)
    assert not ada.protocol.session.asked_ms, "the clock's question was not answered"
    ada.client.leave()
    only(ada.run(20 * 21), events.Left)
    assert ada.client.stage is Stage.SCREEN


def test_what_is_refused(ada):
    """A name that cannot be, a character that is not there: an answer, and the session goes on."""
    ada.run(3)
    ada.client.create("A1", HUMAN, WARRIOR, 1)
    assert only(ada.run(2), events.NotCreated).code >= characters.CHAR_NAME_NO_NAME
    ada.client.enter(999)
    assert only(ada.run(2), events.NotEntered).code == characters.CHAR_LOGIN_NO_CHARACTER
    assert ada.client.stage is Stage.SCREEN


def test_wrong_key(house):
    """A key that the server does not hold: refused in clear."""
    house.account("BOB")
    line = Line(house, WorldFactory(house.gateway, VERSION), WorldClient("bob", b"\7" * 40, 1, bytes))
    assert only(line.run(3), events.NotAdmitted).code == session.AUTH_FAILED


def test_ping(ada):
    ada.run(3)
    assert ada.client.round_trip_ms == -1
    ada.house.seconds(30)
    ada.client.advance(int(ada.house.clock.seconds() * 1000))
    ada.run()
    assert 0 <= ada.client.round_trip_ms <= 50


def test_full_realm(build_house):
    house = build_house(world={"player_limit": 1})
    house.client("FIRST")
    house.account("BOB")
    line = Line(house, WorldFactory(house.gateway, VERSION), WorldClient("bob", (b"BOB" * 40)[:40], 1, bytes))
    assert only(line.run(3), events.Queued).place == 1
    house.clients[0].hang_up()
    only(line.run(3), events.Admitted)
