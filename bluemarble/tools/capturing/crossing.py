"""World sessions through the proxy: what one side says goes to the other, noted and enciphered anew."""

from typing import TYPE_CHECKING

from twisted.internet.protocol import connectionDone
from twisted.python.failure import Failure

from bluemarble.db.addresses import address
from bluemarble.tools.capturing.ends import CONNECT_S, End, Once
from bluemarble.wire.captures.record import CANONICAL_BUILD
from bluemarble.wire.errors import PeerError
from bluemarble.wire.relay import Frame, Relay

if TYPE_CHECKING:
    from bluemarble.tools.capturing.proxy import Proxy


class ClientEnd(End):
    """
    A client that has come to a realm's door.

    @param host, port: of the world server behind it.
    """

    def __init__(self, proxy: "Proxy", host: str, port: int) -> None:
        self.proxy, self.host, self.port = proxy, host, port
        self.relay = Relay(proxy.keys_of)
        self.session = 0
        self._early: list[Frame] = []  # before the client's build is known

    def connectionMade(self) -> None:
        """The server speaks first: connect to it, and read nothing before."""
        super().connectionMade()
        peer = self.transport.getPeer()
        self.peer = address(getattr(peer, "host", "")), getattr(peer, "port", 0)
        self.session = self.proxy.session()
        self.transport.pauseProducing()
        self.proxy.reactor.connectTCP(
            self.host, self.port, Once(ServerEnd(self), self.not_there), timeout=CONNECT_S
        )

    def not_there(self, why: str) -> None:
        """There is no server."""
        self.proxy.refused(f"{self.host} port {self.port}: {why}")
        self.transport.loseConnection()

    def dataReceived(self, data: bytes) -> None:
        """Bytes from the client."""
        self.passed(data, from_client=True)

    def passed(self, data: bytes, from_client: bool) -> None:
        """Bytes of one side, noted and written to the other; what is no session ends here."""
        relay, server = self.relay, self.other
        if server is None:
            return
        try:
            for frame in relay.receive(data, from_client):
                self._note(frame)
        except PeerError as why:
            self.proxy.refused(str(why))
            self._write()
            self.cut()
        else:
            self._write()
        self.proxy.out.flush()

    def _write(self) -> None:
        for end, stream in ((self.other, self.relay.to_server), (self, self.relay.to_client)):
            said = stream.outgoing()
            if said and end is not None:
                end.transport.write(said)

    def _note(self, frame: Frame) -> None:
        self._early.append(frame)
        if self.relay.build:
            self._tell(self.relay.build)

    def _tell(self, build: int) -> None:
        for frame in self._early:
            self.proxy.captured(self.session, build, frame, *self.peer)
        self._early.clear()

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """However it went."""
        self._tell(self.relay.build or CANONICAL_BUILD)
        self.proxy.out.flush()
        super().connectionLost(reason)


class ServerEnd(End):
    """The connection to the world server, made for a client."""

    def __init__(self, client: ClientEnd) -> None:
        self.client = client

    def connectionMade(self) -> None:
        """Now both are there."""
        super().connectionMade()
        if not self.client.connected:  # it has gone meanwhile
            self.transport.loseConnection()
            return
        self.join(self.client)
        self.client.transport.resumeProducing()

    def dataReceived(self, data: bytes) -> None:
        """Bytes from the server."""
        self.client.passed(data, from_client=False)
