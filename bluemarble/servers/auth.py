"""
The auth server: who logs in, and which realms there are.  TCP, port 3724.

Nothing is kept outside the database, so several of these may run on one.
An unknown account meets the same bytes, the same SQL and the same arithmetic
as a wrong password: a salt of its own, made from a secret, and a refusal at
the proof.  A ban is told only to who has proven the password.
"""

import os
import time
from collections import Counter
from collections.abc import Callable
from typing import Any

from twisted.application.service import Service
from twisted.internet.defer import Deferred, maybeDeferred
from twisted.internet.interfaces import IAddress, IListeningPort, IReactorTime
from twisted.internet.protocol import ServerFactory
from twisted.internet.task import LoopingCall
from twisted.logger import Logger

from bluemarble.config import Config
from bluemarble.db import accounts, addresses
from bluemarble.db.pool import Database
from bluemarble.db.sparing import Sparing
from bluemarble.servers import opening
from bluemarble.servers.doors import Door
from bluemarble.servers.gateway import Databases
from bluemarble.servers.logon_session import Limits, LogonSession
from bluemarble.servers.options import ServerOptions, service_of

TICK_S = 0.5
FORGET_S = 600


class LogonFactory(ServerFactory):
    """
    What the logon sessions of one server share.

    @param wall_s: unix time; @param clock: what timeouts go by.
    @ivar counts: what happened, by kind.
    @ivar secret: what salts of unknown accounts are made from.
    """

    log = Logger()
    noisy = False

    def __init__(
        self,
        database: Database,
        clock: IReactorTime,
        limits: Limits | None = None,
        *,
        wall_s: Callable[[], float] = time.time,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.database = database
        self.clock = clock
        self.limits = limits or Limits()
        self.wall_s = wall_s
        self.random = random
        self.secret = b""
        self.counts: Counter[str] = Counter()
        self.sparing = Sparing(clock)
        self.sessions: dict[LogonSession, None] = {}  # in the order in which they came
        self.door = Door(
            clock,
            self.limits.connections,
            self.limits.connections_per_address,
            self.limits.connects_per_minute,
        )

    def buildProtocol(self, addr: IAddress | None) -> LogonSession | None:
        """A session, or None (the connection closes) when there are too many."""
        host = addresses.address(getattr(addr, "host", ""))
        if not self.door.opens(host):
            self.counts["too many connections"] += 1
            return None
        return LogonSession(self, host)

    def tick(self) -> None:
        """Let time pass for every session."""
        for session in list(self.sessions):
            session.tick()


class AuthService(Service):
    """
    Listens for clients once the database answers and is up to date.

    @param wall_s: unix time; @param random: n random bytes.
    @ivar ready: fires when clients can connect; fails with what the operator must know.
    @ivar addresses: where it listens.
    @ivar closes_databases: nobody else uses them.
    """

    log = Logger()
    closes_databases = False

    def __init__(
        self,
        config: Config,
        databases: Databases,
        reactor: Any,
        *,
        wall_s: Callable[[], float] = time.time,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.config, self.databases, self.reactor = config, databases, reactor
        given = config.auth
        limits = Limits(
            given.connection_limit,
            given.connections_per_address,
            given.connects_per_minute,
            accounts.Throttle(given.wrong_passwords, given.wrong_passwords_s),
        )
        self.factory = LogonFactory(databases.auth, reactor, limits, wall_s=wall_s, random=random)
        self.ready: Deferred[None] = Deferred()
        self.addresses: list[IAddress] = []
        self._ports: list[IListeningPort] = []
        self._loops = [(LoopingCall(self.factory.tick), TICK_S), (LoopingCall(self._forget), FORGET_S)]

    def startService(self) -> None:
        """Wait for the database, then listen; `ready` tells how that went."""
        super().startService()
        Deferred.fromCoroutine(self._open()).addCallbacks(self.ready.callback, self.ready.errback)

    async def _open(self) -> None:
        await opening.prepare(self.config, self.databases, self.reactor, ("auth",))
        self.factory.secret = await self.databases.auth.write(
            lambda conn: accounts.secret(conn, self.factory.random)
        )
        if not self.running:
            return
        self._ports = opening.listen(
            self.reactor, self.config.auth.addresses, self.config.auth.port, self.factory, "auth server"
        )
        self.addresses = [port.getHost() for port in self._ports]
        for loop, interval_s in self._loops:
            loop.clock = self.reactor
            loop.start(interval_s, now=False)

    def _forget(self) -> Deferred[None]:
        now_s = int(self.factory.wall_s())
        throttle = self.factory.limits.throttle
        forgetting = self.databases.auth.write(lambda conn: accounts.forget_failures(conn, now_s, throttle))
        return forgetting.addErrback(
            lambda failure: self.log.warn("old failures not forgotten: {why}", why=failure.getErrorMessage())
        )

    def busy(self) -> bool:
        """Whether somebody would notice a pause."""
        return bool(self.factory.sessions)

    def stopService(self) -> Deferred[None]:
        """Stop listening and cut what is connected."""
        super().stopService()
        return Deferred.fromCoroutine(self._close())

    async def _close(self) -> None:
        for loop, _ in self._loops:
            if loop.running:
                loop.stop()
        for port in self._ports:
            await maybeDeferred(port.stopListening)
        self._ports.clear()
        for session in list(self.factory.sessions):
            session.close()
        if self.closes_databases:
            for database in self.databases:
                database.close()


class Options(ServerOptions):
    """Of `twistd bluemarble-auth`."""

    longdesc = "The auth server: logon and the realm list.  Several may run on one auth database."


def makeService(options: Options) -> Service:
    """What twistd runs."""

    def make(config: Config, reactor: Any) -> Service:
        service = AuthService(config, opening.databases(config, reactor), reactor)
        service.closes_databases = True
        return service

    return service_of(options, make)
