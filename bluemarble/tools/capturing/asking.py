"""Logins with known passwords: towards a client we are the auth server, towards the auth server a client."""

from collections.abc import Callable
from typing import TYPE_CHECKING, Any

from twisted.internet.protocol import connectionDone
from twisted.internet.task import LoopingCall
from twisted.python.failure import Failure

from bluemarble.client.logon import HELLOS, LogonClient
from bluemarble.client.refusal import Refused
from bluemarble.tools.capturing.ends import CONNECT_S, End, Once
from bluemarble.wire import srp6
from bluemarble.wire.errors import PeerError
from bluemarble.wire.logon import Asked, LogonServer, Proven, Question, RealmsWanted
from bluemarble.wire.relay import Keys
from opcodes import logon

if TYPE_CHECKING:
    from bluemarble.tools.capturing.proxy import Passwords, Proxy

TICK_S = 0.5
OSES = ("Win", "OSX")


class Answering(End):
    """A client that logs in: it proves the password to us, and then we do to the server."""

    def __init__(self, proxy: "Proxy", passwords: "Passwords") -> None:
        self.proxy, self.passwords = proxy, passwords
        self.asked: Asked | None = None
        self.asking: Asking | None = None
        self._fresh = False  # the realms that are known have not been told yet
        self._ticks = LoopingCall(lambda: self._guarded(lambda: self.wire.tick(self._now_ms())))
        self._ticks.clock = proxy.reactor
        self.wire = LogonServer(proxy.random, self._now_ms())

    def _now_ms(self) -> int:
        return int(self.proxy.reactor.seconds() * 1000)

    def connectionMade(self) -> None:
        """Somebody is there."""
        super().connectionMade()
        self._ticks.start(TICK_S, now=False)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """Gone."""
        if self._ticks.running:
            self._ticks.stop()
        super().connectionLost(reason)

    def dataReceived(self, data: bytes) -> None:
        """Bytes from the client."""
        self._guarded(lambda: self.wire.receive(data, self._now_ms()))

    def _guarded(self, step: Callable[[], None]) -> None:
        """Do it, then what the client wants next."""
        try:
            step()
            while (question := self.wire.take()) is not None:
                self._act(question)
        except PeerError as why:
            self.proxy.refused(f"logon: {why}")
            self.cut()
            return
        said = self.wire.outgoing()
        if said and self.connected:
            self.transport.write(said)

    def _act(self, question: Question) -> None:
        if isinstance(question, Asked):
            self.asked = question
            self._challenge(question)
        elif isinstance(question, Proven):
            self._log_in(question.session_key)
        elif isinstance(question, RealmsWanted):
            if self._fresh or self.asking is None or not self.asking.again():
                self._list()
        else:
            self.wire.refuse(logon.FAIL_UNKNOWN_ACCOUNT)

    def _challenge(self, asked: Asked) -> None:
        password, keys = self.passwords.of(asked.name), self.passwords.keys_of(asked.name)
        if asked.reconnect:
            self.wire.ask_key(asked.name, keys.client if keys and password is not None else None)
            return
        salt = srp6.draw_salt(self.proxy.random)
        verifier = srp6.verifier(asked.name, password or "", salt)
        self.wire.ask_password(asked.name, salt, verifier, known=password is not None)

    def _log_in(self, client_key: bytes) -> None:
        """The client is who it says: now the server must be told so."""
        asked = self.asked
        password = None if asked is None else self.passwords.of(asked.name)
        if asked is None or password is None:
            raise RuntimeError("a proof without an account")
        hello = HELLOS[asked.build]
        if asked.os in OSES and len(asked.locale) == 4 and asked.locale.isascii():
            hello = hello._replace(os=asked.os, locale=asked.locale)
        self.asking = Asking(self, LogonClient(asked.name, password, self.proxy.random, hello), client_key)
        self.proxy.reactor.connectTCP(
            self.proxy.host, self.proxy.port, Once(self.asking, self.asking.failed), timeout=CONNECT_S
        )

    def told(self, key: bytes, client_key: bytes) -> None:
        """The server has let us in."""
        if self.asked is not None:
            self.proxy.counts["logins"] += 1
            self._fresh = True
            self.passwords.keys[srp6.upper(self.asked.name)] = Keys(client_key, key)
            self._guarded(self.wire.admit)

    def refuse(self, code: int) -> None:
        """The server says no: so do we."""
        self._guarded(lambda: self.wire.refuse(code))

    def listed(self) -> None:
        """The server has told its realms once more."""
        self._guarded(self._list)

    def _list(self) -> None:
        self._fresh = False
        realms = [] if self.asking is None else self.asking.client.realms
        reached = getattr(self.transport.getHost(), "host", "127.0.0.1").removeprefix("::ffff:")
        self.wire.list_realms(self.proxy.through(realms, reached))


class Asking(End):
    """Our login at the server, in a client's name; the connection stays: realms are asked for again."""

    def __init__(self, answering: Answering, client: LogonClient, client_key: bytes) -> None:
        self.answering, self.client, self.client_key = answering, client, client_key
        self._in = False

    def connectionMade(self) -> None:
        """Say who we are."""
        super().connectionMade()
        if not self.answering.connected:
            self.transport.loseConnection()
            return
        self.other, self.answering.other = self.answering, self
        self.transport.write(self.client.outgoing())

    def again(self) -> bool:
        """Ask for the realms once more; False where what is known must do."""
        if not self.connected or not self.client.done:
            return False
        self.client.ask_realms()
        self.transport.write(self.client.outgoing())
        return True

    def dataReceived(self, data: bytes) -> None:
        """Bytes from the server."""
        try:
            self.client.receive(data)
        except Refused as why:
            self.part()
            self.answering.refuse(why.code)
            return
        except PeerError as why:
            self.part()
            self.failed(str(why))
            return
        self.transport.write(self.client.outgoing())
        if self.client.done and not self._in:
            self._in = True
            self.answering.told(self.client.session_key, self.client_key)
        elif self.client.done:
            self.answering.listed()

    def failed(self, why: Any) -> None:
        """There is no server, or not one that speaks this."""
        self.answering.proxy.refused(f"logon at the server: {why}")
        if not self._in:
            self.answering.refuse(logon.FAIL_DB_BUSY)
