"""What the auth database is told of the world: who is online, how many characters, how full the realm is."""

from collections.abc import Callable, Hashable
from typing import Any

from sqlalchemy import Connection
from twisted.internet.defer import Deferred
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger

from bluemarble.db.errors import Refused, Unavailable
from bluemarble.db.pool import Database

RETRY_S = 5

Write = Callable[[Connection], Any]


class Telling:
    """
    Writes of which only the newest about each thing matters; those that come together share a transaction.

    A database that is away is told when it is back.
    """

    log = Logger()

    def __init__(self, database: Database, clock: IReactorTime) -> None:
        self.database, self.clock = database, clock
        self._owed: dict[Hashable, Write] = {}
        self._working: Deferred[None] | None = None
        self._retry: IDelayedCall | None = None

    def tell(self, about: Hashable, write: Write) -> None:
        """Run `write` in a transaction soon, in place of an earlier one about the same that still waits."""
        self._owed[about] = write
        if self._retry is None:
            self._begin()

    async def flush(self) -> int:
        """Tell everything now, and then nothing more by itself; how many things the database was not told."""
        self._begin()
        if self._working is not None:
            await self._working
        self._stop()
        return len(self._owed)

    def _begin(self) -> None:
        self._stop()
        if self._working is None and self._owed:
            self._working = Deferred()
            Deferred.fromCoroutine(self._work())

    def _stop(self) -> None:
        if self._retry is not None and self._retry.active():
            self._retry.cancel()
        self._retry = None

    async def _work(self) -> None:
        while self._owed and self._retry is None:
            owed, self._owed = self._owed, {}
            try:
                await self.database.write(_together(tuple(owed.values())))
            except (Unavailable, Refused):
                self._owed = owed | self._owed  # a newer one wins
                self._retry = self.clock.callLater(RETRY_S, self._begin)
            except Exception:
                self.log.failure("{database} does not take what it is told", database=str(self.database))
        working, self._working = self._working, None
        if working is not None:
            working.callback(None)


def _together(writes: tuple[Write, ...]) -> Write:
    def run(conn: Connection) -> None:
        for write in writes:
            write(conn)

    return run
