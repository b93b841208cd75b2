"""Sessions over TCP: Twisted's protocol on one side, a Session on the other."""

from typing import Any

from twisted.internet.address import IPv4Address, IPv6Address
from twisted.internet.interfaces import IAddress, IDelayedCall, IPushProducer
from twisted.internet.protocol import Factory, Protocol, connectionDone
from twisted.python.failure import Failure
from zope.interface import implementer

from bluemarble.db.addresses import address
from bluemarble.servers.gateway import Gateway
from bluemarble.servers.session import Session
from opcodes import Version

CLOSE_S = 10


@implementer(IPushProducer)
class WorldConnection(Protocol):
    """
    A socket of the world server.

    It is registered as its transport's producer, so that the transport says
    when the client stops reading; what is queued from then on stays in the
    session, where it is counted.
    """

    def __init__(self, gateway: Gateway, version: Version, host: str) -> None:
        self.gateway = gateway
        self.version = version
        self.host = host
        self.full = False
        self.session: Session | None = None
        self._last: IDelayedCall | None = None

    def connectionMade(self) -> None:
        """The server speaks first."""
        transport: Any = self.transport
        set_no_delay = getattr(transport, "setTcpNoDelay", None)
        if set_no_delay is not None:  # one write a tick is already whole: nothing to wait for
            set_no_delay(True)
        transport.registerProducer(self, True)
        self.session = self.gateway.connected(self, self.version)

    def dataReceived(self, data: bytes) -> None:
        """Bytes from the client."""
        if self.session is not None:
            self.session.receive(data)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """However it went: RST is a normal way to hang up."""
        if self.session is not None:
            self.gateway.forget(self.session)
            self.session = None
        if self._last is not None:
            self._last.cancel()
            self._last = None
        self.gateway.disconnected(self.host)

    # Line

    def write(self, data: bytes) -> None:
        """As Line."""
        transport: Any = self.transport
        transport.write(data)

    def close(self) -> None:
        """As Line; a client that does not take the rest in time does not get it."""
        transport: Any = self.transport
        self._last = self.gateway.clock.callLater(CLOSE_S, self._abort)
        transport.unregisterProducer()
        transport.loseConnection()

    def _abort(self) -> None:
        self._last = None
        self.gateway.counts["cut: not closing"] += 1
        self.abort()

    def abort(self) -> None:
        """As Line."""
        transport: Any = self.transport
        transport.abortConnection()

    def pause(self) -> None:
        """As Line."""
        transport: Any = self.transport
        transport.pauseProducing()

    def resume(self) -> None:
        """As Line."""
        transport: Any = self.transport
        transport.resumeProducing()

    # IPushProducer: the transport's buffer is full, or empty again

    def pauseProducing(self) -> None:
        """The client does not read as fast as we write."""
        self.full = True

    def resumeProducing(self) -> None:
        """It has caught up."""
        self.full = False
        if self.session is not None:
            self.session.flush()

    def stopProducing(self) -> None:
        """It has gone."""
        self.full = True


class WorldFactory(Factory):
    """
    Takes connections of one client build, as many as the limits allow.

    The server speaks first, and what it says differs by build: so each has a port of its own.
    """

    noisy = False

    def __init__(self, gateway: Gateway, version: Version) -> None:
        self.gateway = gateway
        self.version = version

    def buildProtocol(self, addr: IAddress | None) -> WorldConnection | None:
        """A connection, or None (it is closed) when there are too many."""
        host = address(addr.host) if isinstance(addr, IPv4Address | IPv6Address) else ""
        return WorldConnection(self.gateway, self.version, host) if self.gateway.admits(host) else None
