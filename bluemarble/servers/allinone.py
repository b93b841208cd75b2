"""Auth server and world server in one process: what `bluemarble run` and `twistd bluemarble` start."""

import os
import time
from collections.abc import Callable
from typing import Any, NamedTuple

from twisted.application.service import Service
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IAddress

from bluemarble.config import Config
from bluemarble.db.threads import Executor
from bluemarble.servers import opening
from bluemarble.servers.auth import AuthService
from bluemarble.servers.gateway import Databases
from bluemarble.servers.options import ServerOptions, service_of
from bluemarble.servers.world import WorldService


class Services(NamedTuple):
    """The parts of one process."""

    config: Config
    databases: Databases
    world: WorldService
    auth: AuthService
    whole: "AllInOne"


class AllInOne(Service):
    """
    World server first, so that the realm list shows a realm that is there.

    @ivar ready: fires when clients can log in; fails with what the operator must know.
    @ivar failed: fails when it cannot go on: stop it.
    """

    def __init__(self, databases: Databases, world: WorldService, auth: AuthService) -> None:
        self.databases, self.world, self.auth = databases, world, auth
        self.ready: Deferred[None] = Deferred()
        self.failed = world.failed
        self._stopping: Deferred[None] | None = None

    @property
    def udp_addresses(self) -> list[IAddress]:
        """Where the world server takes datagrams."""
        return self.world.udp_addresses

    @property
    def addresses(self) -> list[IAddress]:
        """Where the parts listen: the auth server's, then the world server's."""
        return [*self.auth.addresses, *self.world.addresses]

    def busy(self) -> bool:
        """Whether somebody would notice a pause."""
        return self.world.busy() or self.auth.busy()

    def startService(self) -> None:
        """Start the parts; `ready` tells how that went."""
        super().startService()
        Deferred.fromCoroutine(self._open()).addCallbacks(self.ready.callback, self.ready.errback)

    async def _open(self) -> None:
        self.world.startService()
        await self.world.ready
        if self.running:
            self.auth.startService()
            await self.auth.ready

    def stopService(self) -> Deferred[None]:
        """Save everything and close; asked twice, it is done once."""
        if self._stopping is None:
            super().stopService()
            self._stopping = Deferred.fromCoroutine(self._close())
        return self._stopping

    async def _close(self) -> None:
        if self.auth.running:
            await self.auth.stopService()
        await self.world.stopService()
        for database in self.databases:
            database.close()


def build(
    config: Config,
    reactor: Any,
    *,
    executor: Executor = "threads",
    wall_s: Callable[[], float] = time.time,
    random: Callable[[int], bytes] = os.urandom,
    sockets: opening.OpensSockets | None = None,
) -> Services:
    """
    Everything of one process, not started yet.

    @param reactor: the reactor, or in a test one in memory with its own clock.
    @param executor: as of `db.pool.Database`; "inline" runs SQL at once in the caller's thread.
    @param sockets: `opening.sockets`; None for a world without UDP.
    @raise ConfigError: a database's URL is not one.
    """
    databases = opening.databases(config, reactor, executor)
    world = WorldService(config, databases, reactor, wall_s=wall_s, random=random, sockets=sockets)
    auth = AuthService(config, databases, reactor, wall_s=wall_s, random=random)
    return Services(config, databases, world, auth, AllInOne(databases, world, auth))


class Options(ServerOptions):
    """Of `twistd bluemarble`."""

    longdesc = "Auth server and world server in one process."


def makeService(options: Options) -> Service:
    """What twistd runs."""
    return service_of(options, lambda config, reactor: build(config, reactor, sockets=opening.sockets).whole)
