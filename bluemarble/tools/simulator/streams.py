"""TCP in memory: in order, late, in pieces of any size, cut, and sometimes with nobody at the other end."""

import random
from typing import Any

from twisted.internet.address import IPv4Address
from twisted.internet.defer import Deferred, succeed
from twisted.internet.error import (
    CannotListenError,
    ConnectionAborted,
    ConnectionDone,
    ConnectionLost,
    ConnectionRefusedError,
    TimeoutError,
)
from twisted.internet.interfaces import IConnector, IListeningPort, ITCPTransport
from twisted.python.failure import Failure
from zope.interface import implementer

from bluemarble.tools.simulator.process import Process, World

FULL_BYTES = 64 * 1024  # of what is not read: the producer is told to pause, as Twisted's sockets do
FIRST_PORT = 40_000


@implementer(ITCPTransport)
class End:
    """
    One end of a connection: what its protocol has for a transport.

    @ivar open: neither closed nor lost.
    """

    def __init__(self, process: Process, host: IPv4Address, peer: IPv4Address, line: "Line") -> None:
        self.process, self.line = process, line
        self.protocol: Any = None
        self.other: End
        self.open = True
        self._host, self._peer = host, peer
        self._closing = self._reading_off = self._full = False
        self._unread: list[bytes] = []
        self._outstanding = 0  # bytes written that the other end's protocol has not got
        self._producer: Any = None
        self._arrives_s = 0.0

    # ITransport

    def write(self, data: bytes) -> None:
        """On its way, in one piece or several."""
        if not self.open or self._closing or not data:
            return
        data = bytes(data)
        self.process.world.trace.note("tcp", f"{self._host.host}:{self._host.port}", data, words=False)
        if self.process.dark or not self.line.whole:
            return
        for piece in self.line.pieces(data):
            self._outstanding += len(piece)
            self._later(self.other.arrived, piece)
        if self._producer is not None and not self._full and self._outstanding > FULL_BYTES:
            self._full = True
            self._producer.pauseProducing()

    def writeSequence(self, data: Any) -> None:
        """As `write`."""
        self.write(b"".join(data))

    def loseConnection(self) -> None:
        """Hang up after what has been written."""
        if self.open and not self._closing:
            self._closing = True
            if self._producer is None:
                self._finish()

    def _finish(self) -> None:
        if self.line.whole and not self.process.dark:
            self._later(self.other.finished)
            self._later(self.lost, ConnectionDone(), back=True)

    def abortConnection(self) -> None:
        """Hang up at once."""
        if self.open:
            if self.line.whole and not self.process.dark:
                self.other.process.callLater(self.line.delay_s(), self.other.lost, ConnectionLost())
            self._closing = True
            self.process.callLater(0.0, self.lost, ConnectionAborted())

    def getPeer(self) -> IPv4Address:
        """The other end's address."""
        return self._peer

    def getHost(self) -> IPv4Address:
        """This end's."""
        return self._host

    def setTcpNoDelay(self, enabled: bool) -> None:
        """There is no delay to be without."""

    def getTcpNoDelay(self) -> bool:
        """Always."""
        return True

    def setTcpKeepAlive(self, enabled: bool) -> None:
        """A line that is dark stays so."""

    def getTcpKeepAlive(self) -> bool:
        """Never."""
        return False

    def loseWriteConnection(self) -> None:
        """Nobody here half-closes."""
        self.loseConnection()

    # Who writes much

    def registerProducer(self, producer: Any, streaming: bool) -> None:
        """To be told when too much is on its way."""
        self._producer = producer

    def unregisterProducer(self) -> None:
        """It writes no more."""
        self._producer = None
        if self._closing and self.open:
            self._finish()

    # Who reads

    def pauseProducing(self) -> None:
        """Hand nothing more over."""
        self._reading_off = True

    def resumeProducing(self) -> None:
        """Go on."""
        if self._reading_off:
            self._reading_off = False
            self.process.callLater(0.0, self._read)

    def stopProducing(self) -> None:
        """Its protocol has had enough."""
        self.loseConnection()

    # What the network brings

    def arrived(self, data: bytes) -> None:
        """Some bytes, in their turn."""
        if self.open and not self.line.torn:
            self._unread.append(data)
            self._read()

    def finished(self) -> None:
        """The other end has hung up."""
        self.lost(ConnectionDone())

    def lost(self, why: Exception) -> None:
        """It is over, once."""
        if self.open:
            self.open = False
            self.line.whole = False
            self.process.world.streams.forget(self)
            if self._producer is not None:
                self._producer.stopProducing()
            self.protocol.connectionLost(Failure(why))

    def _read(self) -> None:
        while self._unread and self.open and not self._reading_off:
            data = self._unread.pop(0)
            self.other.taken(len(data))
            self.protocol.dataReceived(data)

    def taken(self, size: int) -> None:
        """The other end has got so many bytes."""
        self._outstanding -= size
        if self._full and self._outstanding <= FULL_BYTES // 2 and self.open:
            self._full = False
            if self._producer is not None:
                self.process.callLater(0.0, self._resume)

    def _resume(self) -> None:
        if self._producer is not None and self.open and not self._full:
            self._producer.resumeProducing()

    def _later(self, what: Any, *given: Any, back: bool = False) -> None:
        """When it arrives, behind what was sent before; `back`: when word of that has come back here."""
        now_s = self.process.seconds()
        if not back:
            self._arrives_s = max(self._arrives_s, now_s + self.line.delay_s(), self.line.clogged_s)
        wait_s = self._arrives_s - now_s
        if back:
            self.process.callLater(wait_s + self.line.delay_s(), what, *given)
        else:
            self.other.process.callLater(wait_s, what, *given)


class Line:
    """
    What the network does to one connection.

    @ivar whole: bytes may be sent; @ivar torn: nor do those arrive that are under way.
    @ivar clogged_s: none arrives before then.
    """

    def __init__(self, chance: random.Random, delay_s: float, jitter_s: float, split: float) -> None:
        self._chance, self._delay_s, self._jitter_s, self._split = chance, delay_s, jitter_s, split
        self.whole, self.torn = True, False
        self.clogged_s = 0.0
        self.ends: tuple[End, ...] = ()

    def delay_s(self) -> float:
        """How long the next piece takes."""
        return self._delay_s + self._jitter_s * self._chance.random()

    def pieces(self, data: bytes) -> list[bytes]:
        """The data in one piece, or cut anywhere."""
        if len(data) < 2 or self._chance.random() >= self._split:
            return [data]
        at = self._chance.randrange(1, len(data))
        return [data[:at], data[at:]]

    def cut(self) -> None:
        """Both ends are told that it is lost; what is under way is, too."""
        for end in self.ends:
            if end.open:
                end.process.callLater(self.delay_s(), end.lost, ConnectionLost())
        self.whole, self.torn = False, True


@implementer(IListeningPort)
class Listening:
    """A port that takes connections."""

    def __init__(self, streams: "Streams", process: Process, port: int, factory: Any) -> None:
        self._streams, self.process, self.factory = streams, process, factory
        self._address = IPv4Address("TCP", process.host, port)

    def startListening(self) -> None:
        """It does."""

    def stopListening(self) -> Deferred[None]:
        """No more."""
        self._streams.ports.pop((self._address.host, self._address.port), None)
        return succeed(None)

    def getHost(self) -> IPv4Address:
        """Where."""
        return self._address


@implementer(IConnector)
class Connector:
    """A connection that is being made."""

    def __init__(self, host: str, port: int) -> None:
        self._address = IPv4Address("TCP", host, port)
        self.end: End | None = None
        self.over = False

    def stopConnecting(self) -> None:
        """It is wanted no more."""
        self.over = True

    def disconnect(self) -> None:
        """Whether it is there or not."""
        self.over = True
        if self.end is not None:
            self.end.loseConnection()

    def connect(self) -> None:
        """It is being made already."""

    def getDestination(self) -> IPv4Address:
        """Where to."""
        return self._address


class Streams:
    """
    Every TCP connection.

    @ivar split: of what is written, this share arrives in two pieces.
    @ivar lines: those there are, by the connecting machine, oldest first.
    """

    def __init__(self, world: World, delay_s: float, jitter_s: float, split: float) -> None:
        self._world = world
        self._delay_s, self._jitter_s, self.split = delay_s, jitter_s, split
        self.ports: dict[tuple[str, int], Listening] = {}
        self._ends: dict[End, None] = {}
        self._made: dict[str, int] = {}

    def listen(self, process: Process, port: int, factory: Any) -> Listening:
        """
        Take connections.

        @raise CannotListenError: somebody does already.
        """
        if (process.host, port) in self.ports:
            raise CannotListenError(process.host, port, OSError(98, "Address already in use"))
        listening = self.ports[process.host, port] = Listening(self, process, port, factory)
        factory.doStart()
        return listening

    def unused(self, process: Process, factory: Any) -> Listening:
        """Somewhere to listen where nobody connects."""
        return Listening(self, process, 0, factory)

    def connect(self, process: Process, host: str, port: int, factory: Any, timeout_s: float) -> Connector:
        """Make a connection; the factory is told how that went."""
        number = self._made[process.host] = self._made.get(process.host, 0) + 1
        connector = Connector(host, port)
        line = Line(
            self._world.chance("line", process.host, number), self._delay_s, self._jitter_s, self.split
        )
        factory.doStart()
        factory.startedConnecting(connector)
        if process.dark:
            process.callLater(timeout_s, self._failed, connector, factory, TimeoutError())
        else:
            mine = IPv4Address("TCP", process.host, FIRST_PORT + number)
            process.callLater(2 * line.delay_s(), self._meet, process, mine, connector, factory, line)
        return connector

    def _meet(
        self, process: Process, mine: IPv4Address, connector: Connector, factory: Any, line: Line
    ) -> None:
        theirs = connector.getDestination()
        listening = self.ports.get((theirs.host, theirs.port))
        if connector.over or listening is None or process.dark:
            self._failed(connector, factory, ConnectionRefusedError())
            return
        accepted = listening.factory.buildProtocol(mine)
        near, far = End(process, mine, theirs, line), End(listening.process, theirs, mine, line)
        near.other, far.other = far, near
        line.ends = (near, far)
        near.protocol = factory.buildProtocol(theirs)
        connector.end = near
        self._world.trace.note("connect", f"{mine.host}:{mine.port}", f"to port {theirs.port}")
        self._ends[near] = None
        near.protocol.makeConnection(near)
        if accepted is None:
            far.open = False
            near.process.callLater(line.delay_s(), near.lost, ConnectionDone())
            return
        far.protocol = accepted
        self._ends[far] = None
        listening.process.callLater(0.0, accepted.makeConnection, far)

    def _failed(self, connector: Connector, factory: Any, why: Exception) -> None:
        factory.clientConnectionFailed(connector, Failure(why))

    def forget(self, end: End) -> None:
        """It is over."""
        self._ends.pop(end, None)

    def of(self, host: str) -> list[Line]:
        """The lines of a machine, oldest first."""
        return [end.line for end in self._ends if end.getHost().host == host]

    def died(self, process: Process) -> None:
        """A program has ended: its machine hangs up for it, unless that has gone, too."""
        for key, listening in list(self.ports.items()):
            if listening.process is process:
                del self.ports[key]
        for end in [end for end in self._ends if end.process is process]:
            end.open = False
            self.forget(end)
            if end.line.whole and not process.dark:
                end.other.process.callLater(end.line.delay_s(), end.other.lost, ConnectionLost())
            end.line.whole = False
