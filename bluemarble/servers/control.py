"""
Orders to a running world server: by a socket in its folder, which its owner alone may use, and in chat.

A line of words in UTF-8 comes, a line of JSON goes: {"done": true or false, "said": text}; then it is over.
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from twisted.internet.error import CannotListenError
from twisted.internet.interfaces import IListeningPort
from twisted.internet.protocol import Factory, connectionDone
from twisted.logger import Logger
from twisted.protocols.basic import LineOnlyReceiver
from twisted.protocols.policies import TimeoutMixin
from twisted.python.failure import Failure

LINE_LIMIT_BYTES = 1024
TIMEOUT_S = 10
OWNER_ALONE = 0o600
log = Logger()


class Refused(ValueError):
    """An order that cannot be followed; the message says why."""


Order = Callable[[list[str]], str]  # takes the words after its own, answers with a line


class Orders:
    """
    What can be ordered, by its first word.

    @ivar known: what follows it.
    """

    def __init__(self) -> None:
        self.known: dict[str, Order] = {}

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


class Conversation(LineOnlyReceiver, TimeoutMixin):
    """One order."""

    delimiter = b"\n"
    MAX_LENGTH = LINE_LIMIT_BYTES
    factory: "Control"

    def connectionMade(self) -> None:
        """Who says nothing is hung up on."""
        self.setTimeout(TIMEOUT_S)

    def lineReceived(self, line: bytes) -> None:
        """The order."""
        try:
            said, done = self.factory.orders.follow(line.decode().split(), "the socket"), True
        except ValueError as error:  # ours, or no UTF-8
            said, done = str(error), False
        except Exception:
            log.failure("an order failed")
            said, done = "it failed; the log has more", False
        self.sendLine(json.dumps({"done": done, "said": said}).encode())
        self.transport.loseConnection()  # type: ignore[union-attr]

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """It is over."""
        self.setTimeout(None)


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
