"""One client's connection to the auth server: the logon protocol on one side, the database on the other."""

import ipaddress
from collections import deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from twisted.internet.defer import Deferred, succeed
from twisted.internet.interfaces import IPushProducer
from twisted.internet.protocol import Protocol, connectionDone
from twisted.logger import Logger
from twisted.python.failure import Failure
from zope.interface import implementer

from bluemarble.db import accounts, addresses, realms
from bluemarble.db.errors import Unavailable
from bluemarble.wire import srp6
from bluemarble.wire.errors import PeerError
from bluemarble.wire.logon import Asked, LogonServer, Proven, Question, RealmsWanted, Wrong
from opcodes import logon

if TYPE_CHECKING:
    from bluemarble.servers.auth import LogonFactory

LOCALES = {
    "enUS": 0,
    "enGB": 0,
    "koKR": 1,
    "frFR": 2,
    "deDE": 3,
    "zhCN": 4,
    "zhTW": 5,
    "esES": 6,
    "esMX": 7,
    "ruRU": 8,
}


@dataclass(frozen=True, slots=True)
class Limits:
    """
    What the auth server bears.

    @ivar connections: at a time; @ivar connections_per_address: of those, from one `db.addresses.place`,
        but for this machine's own; @ivar connects_per_minute: new ones from there.
    @ivar throttle: against guessing passwords.
    """

    connections: int = 4000
    connections_per_address: int = 64
    connects_per_minute: int = 600
    throttle: accounts.Throttle = field(default_factory=accounts.Throttle)


@implementer(IPushProducer)
class LogonSession(Protocol):
    """
    Carries out what LogonServer asks for.

    It is its transport's producer, so that it hears of a client that does not read.
    """

    log = Logger()
    transport: Any  # an ITCPTransport

    def __init__(self, server: "LogonFactory", host: str) -> None:
        self.server = server
        self.host = host
        self.alive = False
        self.account: accounts.Account | None = None
        self.asked: Asked | None = None
        self.banned_address = False
        self._steps: deque[Callable[[], None]] = deque()
        self.wire = LogonServer(server.random, self._now_ms())

    def _now_ms(self) -> int:
        return int(self.server.clock.seconds() * 1000)

    def connectionMade(self) -> None:
        """Count it."""
        self.alive = True
        self.server.sessions[self] = None
        self.transport.registerProducer(self, True)

    def connectionLost(self, reason: Failure = connectionDone) -> None:
        """However it went: RST is a normal way to hang up."""
        self.alive = False
        self.server.sessions.pop(self, None)
        self.server.door.closes(self.host)

    def dataReceived(self, data: bytes) -> None:
        """Bytes from the client."""
        self._guarded(lambda: self.wire.receive(data, self._now_ms()))

    def tick(self) -> None:
        """Let time pass: a slow client is cut."""
        self._guarded(lambda: self.wire.tick(self._now_ms()))

    def pauseProducing(self) -> None:
        """64 KiB of answers wait to be read: this is no client."""
        self.server.counts["TooMuch"] += 1
        self.close()

    def resumeProducing(self) -> None:
        """It has been cut."""

    def stopProducing(self) -> None:
        """It has gone."""

    def close(self) -> None:
        """Cut the connection at once."""
        self.alive = False
        self.transport.abortConnection()

    def _guarded(self, step: Callable[[], None]) -> None:
        """Do `step`, then what the client wants next; a peer's fault closes the connection and is counted."""
        self._steps.append(step)
        if len(self._steps) > 1:  # an answer that came at once: the loop below goes on with it
            return
        while self._steps and self.alive:
            try:
                self._steps[0]()
                question = self.wire.take()
                self._flush()
                if question is not None:
                    self._act(question)
            except PeerError as error:
                self.server.counts[type(error).__name__] += 1
                self.log.debug("{host}: {error}", host=self.host, error=error)
                self._flush()
                self.close()
            except Exception:
                self._broken(Failure())
            self._steps.popleft()
        self._steps.clear()

    def _flush(self) -> None:
        out = self.wire.outgoing()
        if out:
            self.transport.write(out)

    def _act(self, question: Question) -> None:
        answering: Deferred[Any] = ANSWERS[type(question)](self, question)
        answering.addErrback(self._failed, question)
        answering.addErrback(self._broken)

    # Questions

    def _asked(self, asked: Asked) -> Deferred[None]:
        self.server.counts["challenges"] += 1
        self.asked = asked
        now_s = int(self.server.wall_s())
        looking = self.server.database.read(
            lambda conn: accounts.challenge_account(conn, asked.name, self.host, now_s)
        )
        return looking.addCallback(self._found, asked)

    def _found(self, found: accounts.Challenge, asked: Asked) -> None:
        self.account, self.banned_address = found.account, found.ip_banned
        name, account = asked.name, found.account
        salt, verifier = srp6.stranger(self.server.secret, srp6.upper(name))  # always: it takes its time
        if account is not None and len(account.salt) == len(account.verifier) == srp6.WIDTH:
            salt, verifier = account.salt, account.verifier
        else:
            self.account = None
        known = self.account
        if asked.reconnect:
            key = known.session_key if known else None
            self._guarded(lambda: self.wire.ask_key(name, key))
        else:
            self._guarded(lambda: self.wire.ask_password(name, salt, verifier, known=known is not None))

    def _proven(self, proven: Proven) -> Deferred[None]:
        account, asked, now_s = self.account, self.asked, int(self.server.wall_s())
        if account is None or asked is None:  # the wire proves nobody unknown
            raise RuntimeError("a proof without an account")
        barred = self._barred(account)
        throttle = self.server.limits.throttle
        if proven.reconnect:  # a key cannot be guessed, and is stored already
            checking = succeed(True)
        elif barred:
            checking = self.server.database.write(
                lambda conn: not accounts.throttled(conn, account.id, self.host, now_s, throttle)
            )
        else:
            checking = self.server.database.write(
                lambda conn: accounts.logged_in(
                    conn,
                    account.id,
                    proven.session_key,
                    self.host,
                    now_s,
                    os=asked.os,
                    locale=LOCALES.get(asked.locale, 0),
                    throttle=throttle,
                    failed=account.failed_logins > 0,
                )
            )
        return checking.addCallback(self._decided, barred)

    def _barred(self, account: accounts.Account) -> int:
        """Why the account may not log in from here, or 0."""
        if self.banned_address or account.banned == 2:
            return logon.FAIL_BANNED
        if account.banned:
            return logon.FAIL_SUSPENDED
        if account.locked and addresses.address(account.last_ip) != self.host:
            return logon.FAIL_LOCKED_ENFORCED
        return 0

    def _decided(self, allowed: bool, barred: int) -> None:
        code = barred if allowed else logon.FAIL_UNKNOWN_ACCOUNT
        kind = "logins" if not code else "barred" if allowed else "throttled"
        self.server.counts[kind] += 1
        self._guarded(self.wire.admit if not code else lambda: self.wire.refuse(code))

    def _wrong(self, wrong: Wrong) -> Deferred[None]:
        self.server.counts["wrong proofs"] += 1
        if wrong.reconnect:
            self._guarded(lambda: self.wire.refuse(logon.FAIL_UNKNOWN_ACCOUNT))
            return succeed(None)
        account = self.account.id if self.account else 0
        now_s, throttle = int(self.server.wall_s()), self.server.limits.throttle
        counting = self.server.database.write(
            lambda conn: accounts.login_failed(conn, account, self.host, now_s, throttle)
        )
        return counting.addCallback(
            lambda _: self._guarded(lambda: self.wire.refuse(logon.FAIL_UNKNOWN_ACCOUNT))
        )

    def _realms_wanted(self, _: RealmsWanted) -> Deferred[None]:
        account = self.account.id if self.account else 0
        reading = self.server.database.read(lambda conn: realms.enumerate_realms(conn, account))
        return reading.addCallback(
            lambda known: self._guarded(
                lambda: self.wire.list_realms(
                    [line(realm, self.host, self.wire.build) for realm in listed(known, self.wire.build)]
                )
            )
        )

    # What goes wrong on our side

    def _failed(self, failure: Failure, question: Question) -> None:
        failure.trap(Unavailable)
        self.server.counts["database away"] += 1
        if isinstance(question, RealmsWanted):
            self.close()
        else:
            self._guarded(self.wire.unavailable)

    def _broken(self, failure: Failure) -> None:
        self.server.counts["errors"] += 1
        if self.server.sparing.allows("failed logons"):
            self.log.failure("a logon failed", failure=failure)
        self.close()


ANSWERS: dict[type[Any], Callable[[LogonSession, Any], Deferred[None]]] = {
    Asked: LogonSession._asked,
    Proven: LogonSession._proven,
    Wrong: LogonSession._wrong,
    RealmsWanted: LogonSession._realms_wanted,
}


def listed(known: Sequence[realms.Realm], build: int) -> Sequence[realms.Realm]:
    """The realms of the client's build, or when there are none all, so that the player sees why."""
    return [realm for realm in known if realm.gamebuild == build] or known


def line(realm: realms.Realm, host: str, build: int) -> logon.Realm:
    """
    A realm as a client at `host` sees it.

    A realm of another build is shown as offline; one that wants a higher access level is locked (1.12.1 has
    no lock: offline).
    """
    locked = realm.allowed_security_level > realm.gmlevel
    flag = realm.flag & ~logon.REALM_SPECIFY_BUILD & 0xFF
    if realm.gamebuild != build or (locked and build == 5875):
        flag |= logon.REALM_OFFLINE
    return logon.Realm(
        realm_type=realm.icon,
        locked=int(locked),
        flag=flag,
        name=realm.name,
        address=f"{realm_host(realm, host)}:{realm.port}",
        population=realm.population,
        number_of_characters_on_realm=min(realm.characters, 0xFF),
        category=realm.timezone,
        realm_id=realm.id & 0xFF,
    )


@lru_cache(4096)
def _inside(host: str, network: str) -> bool:
    return ipaddress.ip_address(host) in ipaddress.ip_network(network, strict=False)


def realm_host(realm: realms.Realm, host: str) -> str:
    """Where that client finds the realm: inside its subnet by the local address."""
    try:
        local = _inside(host, f"{realm.local_address}/{realm.local_subnet_mask}")
        return realm.local_address if local else realm.address
    except ValueError:  # a name instead of an address, or no mask: no subnet
        return realm.address
