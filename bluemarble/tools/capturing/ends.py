"""Two connections that belong together: the client's, which came, and the server's, made for it."""

from typing import Any

from twisted.internet.interfaces import IAddress
from twisted.internet.protocol import ClientFactory, Protocol, connectionDone
from twisted.python.failure import Failure

CONNECT_S = 20.0


class End(Protocol):
    """
    One of two; when either is gone the other is hung up, and neither is read faster than the other takes.

    @ivar other: the other one, once it is there.
    """

    transport: Any
    other: "End | None" = None

    def connectionMade(self) -> None:
        """What is small goes at once."""
        set_no_delay = getattr(self.transport, "setTcpNoDelay", None)
        if set_no_delay is not None:
            set_no_delay(True)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """However it went."""
        other, self.other = self.other, None
        if other is not None:
            other.other = None
            other.transport.loseConnection()

    def join(self, other: "End") -> None:
        """They belong together from now on."""
        self.other, other.other = other, self
        self.transport.registerProducer(other.transport, True)
        other.transport.registerProducer(self.transport, True)

    def part(self) -> None:
        """Hang up here, and here alone."""
        other, self.other = self.other, None
        if other is not None:
            other.other = None
        self.transport.loseConnection()

    def cut(self) -> None:
        """Hang up on both sides, at once."""
        other, self.other = self.other, None
        for end in (self, other):
            if end is not None:
                end.other = None
                end.transport.abortConnection()


class Once(ClientFactory):
    """
    Connects a protocol, and tells when that fails.

    @param failed: called with why.
    """

    noisy = False

    def __init__(self, line: Protocol, failed: Any) -> None:
        self._line, self._failed = line, failed

    def buildProtocol(self, addr: IAddress | None) -> Protocol:
        """The one."""
        return self._line

    def clientConnectionFailed(self, connector: Any, reason: Failure) -> None:
        """Nobody is there."""
        self._failed(reason.getErrorMessage())
