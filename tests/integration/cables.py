"""A TCP network in memory: doors by port, and connections whose bytes move when a test says so."""

from twisted.internet.address import IPv4Address
from twisted.internet.error import CannotListenError, ConnectionDone, ConnectionLost, ConnectionRefusedError
from twisted.internet.testing import StringTransport
from twisted.python.failure import Failure

STEP_S = 0.01


class Plug(StringTransport):
    """One end of a connection; what is not read waits in it."""

    def __init__(self, host, peer):
        super().__init__(hostAddress=host, peerAddress=peer)
        self.protocol = self.far = None
        self.lost = self.closing = False

    def give(self):
        """Its bytes to the other end, if that one reads."""
        data = self.value()
        if data and self.far.producerState == "producing" and not self.far.lost:
            self.clear()
            self.far.protocol.dataReceived(data)

    def setTcpNoDelay(self, on):
        self.no_delay = on

    def unregisterProducer(self):
        self.producer = None

    def registerProducer(self, producer, streaming):
        self.producer = producer

    def loseConnection(self):
        self.closing = True

    def abortConnection(self):
        self.end(ConnectionLost())

    def disconnect(self):
        self.loseConnection()

    def end(self, why):
        for one in (self, self.far):
            if not one.lost:
                one.lost = True
                one.connected = False
                one.protocol.connectionLost(Failure(why))


class Listening:
    def __init__(self, net, port):
        self.net, self.port = net, port

    def getHost(self):
        return IPv4Address("TCP", "127.0.0.1", self.port)

    def stopListening(self):
        self.net.doors.pop(self.port)


class Net:
    """
    A house's clock as a reactor, and its doors.

    @ivar doors: port to the factory behind it.
    """

    def __init__(self, house, **doors):
        self.house, self.plugs = house, []
        self.doors = {3724: house.services.auth.factory}
        self.seconds, self.callLater = house.clock.seconds, house.clock.callLater
        self._free = iter(range(40_000, 50_000))

    def listenTCP(self, port, factory, backlog=50, interface=""):
        if port in self.doors:
            raise CannotListenError(interface, port, OSError("in use"))
        port = port or next(self._free)
        self.doors[port] = factory
        return Listening(self, port)

    def connectTCP(self, host, port, factory, timeout=30):
        if port not in self.doors:
            factory.clientConnectionFailed(None, Failure(ConnectionRefusedError()))
            return None
        here, there = IPv4Address("TCP", "127.0.0.1", next(self._free)), IPv4Address("TCP", "127.0.0.1", port)
        ours, theirs = Plug(here, there), Plug(there, here)
        ours.far, theirs.far = theirs, ours
        theirs.protocol = self.doors[port].buildProtocol(here)
        ours.protocol = factory.buildProtocol(there)
        self.plugs += ours, theirs
        theirs.protocol.makeConnection(theirs)
        ours.protocol.makeConnection(ours)
        return ours

    def move(self):
        """Bytes, everywhere, once."""
        for plug in list(self.plugs):
            plug.give()
            if plug.closing and not plug.value() and not plug.lost:
                plug.end(ConnectionDone())
        self.plugs = [plug for plug in self.plugs if not plug.lost]

    def run(self, seconds):
        for _ in range(round(seconds / STEP_S)):
            self.house.clock.advance(STEP_S)
            self.move()

    def until(self, reached, seconds=20.0):
        """Let time pass until something is so."""
        for _ in range(round(seconds / STEP_S)):
            if reached():
                return
            self.house.clock.advance(STEP_S)
            self.move()
        raise AssertionError(f"not in {seconds} s")
