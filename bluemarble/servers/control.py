"""
Orders to a running world server: by a socket in its folder, which its owner alone may use, and in chat.

A line of words in UTF-8 comes, a line of JSON goes: {"done": true or false, "said": text}; then it is over,
but for an order that begins a flow: its bytes follow until either side hangs up.
"""

import json
from collections.abc import Callable
from pathlib import Path
from socket import SO_PEERCRED, SOL_SOCKET
from struct import Struct
from typing import Any, Protocol

from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort, IPushProducer
from twisted.internet.protocol import Factory, connectionDone
from twisted.logger import Logger
from twisted.protocols.basic import LineOnlyReceiver
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure
from zope.interface import implementer

LINE_LIMIT_BYTES = 1024
TIMEOUT_S = 10
OWNER_ALONE = 0o600
CREDENTIALS = Struct("3i")  # of a socket's other end: process, user, group
log = Logger()


class Refused(ValueError):
    """An order that cannot be followed; the message says why."""


Order = Callable[[list[str]], str]  # takes the words after its own, answers with a line


class Flow(Protocol):
    """
    What goes on after the answer.

    @ivar said: the answer; @ivar full: whoever reads does not keep up, or does not read yet.
    """

    said: str
    full: bool

    def begin(self, write: Callable[[bytes], None], close: Callable[[], None]) -> None:
        """The answer has been given."""

    def stop(self) -> None:
        """Nobody reads any more."""


class Orders:
    """
    What can be ordered, by its first word.

    @ivar known: what follows it; @ivar flows: likewise what begins a flow, by the socket alone.
    """

    def __init__(self) -> None:
        self.known: dict[str, Order] = {}
        self.flows: dict[str, Callable[[list[str]], Flow]] = {}

    def follow(self, words: list[str], who: str) -> str:
        """
        Do what the words say; it is written down, with who wanted it.

        @raise Refused: it cannot be done.
        """
        log.info("ordered by {who}: {words}", who=who, words=" ".join(words))
        order = self.known.get(words[0]) if words else None
        if order is None:
            raise Refused(f"no such order; there are: {', '.join(sorted(self.known)) or 'none'}")
        return order(words[1:])

    def flow(self, words: list[str], who: str) -> Flow | None:
        """
        What those words begin; None when they are another order.  It is written down, too.

        @raise Refused: it cannot be done.
        """
        if not words or words[0] not in self.flows:
            return None
        log.info("ordered by {who}: {words}", who=who, words=" ".join(words))
        return self.flows[words[0]](words[1:])


@implementer(IPushProducer)
class Conversation(LineOnlyReceiver, TimeoutMixin):
    """One order."""

    delimiter = b"\n"
    MAX_LENGTH = LINE_LIMIT_BYTES
    factory: "Control"
    flow: Flow | None = None

    def connectionMade(self) -> None:
        """Who says nothing is hung up on."""
        self.setTimeout(TIMEOUT_S)

    def lineReceived(self, line: bytes) -> None:
        """The order; what follows it is passed over."""
        if self.flow is not None:
            return
        orders, who = self.factory.orders, self._who()
        try:
            words = line.decode().split()
            self.flow = orders.flow(words, who)
            said, done = self.flow.said if self.flow is not None else orders.follow(words, who), True
        except ValueError as error:  # ours, or no UTF-8
            said, done = str(error), False
        except Exception:
            log.failure("an order failed")
            said, done = "it failed; the log has more", False
        self.sendLine(json.dumps({"done": done, "said": said}).encode())
        transport: Any = self.transport
        if self.flow is None:
            transport.loseConnection()
            return
        self.setTimeout(None)
        transport.registerProducer(self, True)
        self.flow.begin(transport.write, transport.loseConnection)

    def _who(self) -> str:
        """Whose process it is, as far as the system says."""
        line = getattr(self.transport, "socket", None)
        if line is None:
            return "the socket"
        process, user, _ = CREDENTIALS.unpack(line.getsockopt(SOL_SOCKET, SO_PEERCRED, CREDENTIALS.size))
        return f"the socket (user {user}, process {process})"

    def pauseProducing(self) -> None:
        """Whoever reads does not keep up."""
        if self.flow is not None:
            self.flow.full = True

    def resumeProducing(self) -> None:
        """It has caught up."""
        if self.flow is not None:
            self.flow.full = False

    def stopProducing(self) -> None:
        """It has gone."""

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """It is over."""
        self.setTimeout(None)
        if self.flow is not None:
            self.flow.stop()


class Control(Factory):
    """What makes conversations."""

    protocol = Conversation  # type: ignore[assignment]
    noisy = False

    def __init__(self, orders: Orders) -> None:
        self.orders = orders


def path_of(folder: Path, realm_id: int) -> Path:
    """Where a world server's socket is."""
    return folder / f"realm{realm_id}.control"


def listen(reactor: Any, path: Path, orders: Orders) -> list[IListeningPort]:
    """The socket; none where there can be none, as when its path is longer than the system takes."""
    try:
        return [reactor.listenUNIX(str(path), Control(orders), mode=OWNER_ALONE, wantPID=True)]
    except (CannotListenError, OSError) as error:
        log.warn("no orders by {path}: {why}", path=str(path), why=str(error))
        return []
