"""The driver on Twisted, with a reactor in memory."""

import pytest
from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred
from twisted.internet.error import ConnectionDone, ConnectionLost, ConnectionRefusedError
from twisted.internet.testing import MemoryReactorClock, StringTransport
from twisted.python.failure import Failure

from bluemarble.client import events
from bluemarble.client.arrival import WORLD_PORT, Wish, address
from bluemarble.client.endpoints import AUTH_PORT, enter
from bluemarble.client.gait import Keys
from bluemarble.client.refusal import Refused
from bluemarble.wire.errors import Malformed
from opcodes.movement import FORWARD
from tests.unit.client.inn import PORT, Inn, Walker, standing
from tests.unit.client.street import Porter, realm

FOLK = (Walker(11, "Bertha", standing(3.0, 0.0)),)
SERVER = "192.0.2.7"


class Connection(StringTransport):
    """The client's end of a TCP connection."""

    def __init__(self, protocol, server):
        super().__init__(peerAddress=IPv4Address("TCP", SERVER, 8085))
        self.protocol, self.server, self.lost = protocol, server, False

    def loseConnection(self):
        self.drop(ConnectionDone())

    def drop(self, why):
        if not self.lost:
            self.lost = True
            self.protocol.connectionLost(Failure(why))


class Port:
    """A UDP port."""

    def __init__(self, protocol):
        self.protocol, self.said, self.open = protocol, [], True
        protocol.makeConnection(self)

    def write(self, datagram, to):
        assert to == (SERVER, PORT)
        self.said.append(datagram)

    def stopListening(self):
        self.open = False


class Reactor(MemoryReactorClock):
    """Connections lead to the porter and to the inn."""

    def __init__(self, inn, password="secret"):
        super().__init__()
        self.inn = inn
        self.connections, self.ports = [], []
        self.porter = Porter(inn.draw.randbytes, [realm(address=f"{SERVER}:8085")])
        self.advance(1000)

    def connectTCP(self, host, port, factory, timeout=30):
        connector = super().connectTCP(host, port, factory, timeout)
        if host == "nowhere":
            factory.clientConnectionFailed(connector, Failure(ConnectionRefusedError()))
            return connector
        server = self.porter
        if port != AUTH_PORT:
            server, self.inn.key = self.inn, self.porter.key
        line = factory.buildProtocol(None)
        connection = Connection(line, server)
        connector.disconnect = connection.loseConnection
        self.connections.append(connection)
        line.makeConnection(connection)
        return connector

    def listenUDP(self, port, protocol, interface=""):
        self.ports.append(Port(protocol))
        return self.ports[-1]

    def run(self, seconds):
        for _ in range(round(seconds * 100)):
            self.advance(0.01)
            now_ms = int(self.seconds() * 1000)
            if now_ms % 50 < 10:
                self.inn.tick(now_ms)
            for line in [line for line in self.connections if not line.lost]:
                said = line.value()
                line.clear()
                line.server.receive(said, now_ms)
                if heard := line.server.outgoing():
                    line.protocol.dataReceived(heard)
            for port in [port for port in self.ports if port.open]:
                said, port.said = port.said, []
                for datagram in said:
                    self.inn.receive_datagram(datagram, now_ms)
                for datagram in self.inn.datagrams():
                    port.protocol.datagramReceived(b"\0" * 50, ("198.51.100.1", PORT))
                    port.protocol.datagramReceived(datagram, (SERVER, PORT))


def entering(reactor, account="ada", password="secret", host=SERVER, **given):
    """What `enter` comes to, and what was heard meanwhile."""
    found, heard = [], []
    coming = enter(
        reactor,
        host,
        account,
        password,
        Wish("Ada"),
        heard=heard.append,
        random=reactor.inn.draw.randbytes,
        **given,
    )
    Deferred.fromCoroutine(coming).addBoth(found.append)
    reactor.run(3)
    return found, heard


def test_play():
    reactor = Reactor(Inn(aside=FOLK))
    [game], heard = entering(reactor)
    game.keys = Keys(FORWARD, facing=0.0)
    reactor.run(2)
    assert [seen.other.name for seen in game.picture()] == ["Bertha"]
    assert game.place().x == pytest.approx(14.0, abs=0.5) and game.keys.flags == FORWARD
    assert game.statistics().dropped["short"] == game.statistics().dropped["forged"] == 0
    assert {events.Entered, events.Linked, events.Begun, events.Appeared} <= {type(event) for event in heard}
    gone = []
    game.leave().addBoth(gone.append)
    reactor.run(1)
    assert gone == [None]
    assert all(line.lost for line in reactor.connections) and not reactor.ports[0].open
    assert not reactor.getDelayedCalls()
    assert game.leave() is game.gone


def test_refused():
    [why], _ = entering(Reactor(Inn()), password="sesame")
    assert why.check(Refused)


def test_server_that_is_not_there():
    [why], _ = entering(Reactor(Inn()), host="nowhere")
    assert why.check(ConnectionRefusedError)


def test_server_that_never_answers():
    reactor = Reactor(Inn())
    reactor.inn.outgoing = bytes
    found, _ = entering(reactor, timeout_s=10.0)
    assert found == []
    reactor.run(10)
    assert len(found) == 1 and all(line.lost for line in reactor.connections)
    assert not reactor.getDelayedCalls()


def test_character_refused():
    reactor = Reactor(Inn())
    reactor.inn._CMSG_CHAR_CREATE = lambda packet, now_ms: None
    found, _ = entering(reactor, timeout_s=10.0)
    reactor.run(10)
    assert len(found) == 1


@pytest.mark.parametrize("when", ["logon", "play"])
def test_connection_that_breaks(when):
    reactor = Reactor(Inn())
    if when == "logon":
        reactor.porter.outgoing = bytes
        found, _ = entering(reactor)
        reactor.connections[-1].drop(ConnectionLost())
        assert found[0].check(ConnectionLost)
        return
    [game], _ = entering(reactor)
    gone = []
    game.gone.addBoth(gone.append)
    reactor.connections[-1].drop(ConnectionLost())
    assert isinstance(gone[0], ConnectionLost) and not reactor.getDelayedCalls()


def test_server_that_talks_nonsense():
    reactor = Reactor(Inn())
    [game], _ = entering(reactor)
    gone = []
    game.gone.addBoth(gone.append)
    game.player.world.wire._cipher = None
    reactor.connections[-1].protocol.dataReceived(b"\xff" * 40)
    assert isinstance(gone[0], Malformed) and reactor.connections[-1].lost


@pytest.mark.parametrize(
    ("told", "where"),
    [
        ("127.0.0.1:9", ("127.0.0.1", 9)),
        ("[::1]:8085", ("::1", 8085)),
        ("host.example", ("host.example", WORLD_PORT)),
        ("192.0.2.1:1:", ("192.0.2.1:1:", WORLD_PORT)),
    ],
)
def test_where_a_realm_is(told, where):
    assert address(realm(address=told)) == where


@pytest.mark.parametrize(
    "told", ["", ":8085", "a:0", "a:65536", "a:" + "9" * 5000, "a..b:1", "a" * 70, "\ud800:1"]
)
def test_a_realm_that_is_nowhere(told):
    """The network would say so too late, or with a traceback."""
    with pytest.raises(Malformed, match="a realm at"):
        address(realm(address=told))
