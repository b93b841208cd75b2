"""Databases that are slow, away, or commit and do not say so; and the disk behind them, full or torn."""

import errno
import sqlite3
from collections import deque
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any, TypeVar

from sqlalchemy import Connection, Engine, event
from sqlalchemy.exc import OperationalError
from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from bluemarble.db.batch import Batch
from bluemarble.db.outage import Outage, line_of
from bluemarble.tools.simulator.process import Process, World

T = TypeVar("T")

MOMENT_S = 1e-6  # for what is being asked now, and asked again at once


class Storage:
    """
    The databases' machine.

    @ivar away_s: by a database's name, until when nothing is answered; @ivar slow_s: until when all is slow.
    @ivar unsure: by name, how many commits are still to happen and to look as if they had not.
    @ivar hiccup: by name, in how many statements it is away for a moment.
    @ivar full_s: until when the disk of the server takes nothing.
    @ivar put_away: called with what the outage's journal holds from now on.
    """

    def __init__(self, world: World, delay_s: float) -> None:
        self.world, self._delay_s = world, delay_s
        self.away_s: dict[str, float] = {}
        self.slow_s: dict[str, float] = {}
        self.unsure: dict[str, int] = {}
        self.hiccup: dict[str, int] = {}
        self.put_away: Callable[[Batch], object] = lambda batch: None
        self.full_s = 0.0

    def workers(self, process: Process) -> Callable[[str, int], "Workers"]:
        """What a process has its databases' work done by: an executor of `db.pool.Database`."""
        return lambda name, limit: Workers(self, process, name, limit)

    def delay_s(self, name: str) -> float:
        """How long an answer takes, at most."""
        slow = self.slow_s.get(name, 0.0) > self.world.clock.seconds()
        return self._delay_s * (40 if slow else 1)

    @contextmanager
    def failing(self) -> Iterator[None]:
        """While this lasts, connections meet what this says."""
        hooks = (("before_cursor_execute", self._statement), ("commit", self._commit))
        for what, hook in hooks:
            event.listen(Engine, what, hook)
        try:
            yield
        finally:
            for what, hook in hooks:
                event.remove(Engine, what, hook)

    def _statement(self, connection: Connection, *_: Any) -> None:
        name, now_s = _name(connection), self.world.clock.seconds()
        if name in self.hiccup:
            self.hiccup[name] -= 1
            if self.hiccup[name] <= 0:
                del self.hiccup[name]
                self.away_s[name] = max(self.away_s.get(name, 0.0), now_s + MOMENT_S)
                self.world.trace.note("hiccup", name)
        if self.away_s.get(name, 0.0) > now_s:
            raise _broken("SQLITE_IOERR")

    def _commit(self, connection: Connection) -> None:
        name = _name(connection)
        if self.unsure.get(name, 0) > 0:
            self.unsure[name] -= 1
            driver: Any = connection.connection.dbapi_connection
            driver.execute("COMMIT")
            self.world.trace.note("unsure", name, "committed, and its answer is lost")
            raise _broken("SQLITE_IOERR")


class Workers:
    """
    Does what blocks, some time later: first the work, then, after a while, the answer.

    A process that is killed in between has done it and does not know.
    """

    def __init__(self, storage: Storage, process: Process, name: str, limit: int) -> None:
        self._storage, self._process, self._limit = storage, process, limit
        self._name = name.rpartition("/")[2].removesuffix(".sqlite")
        self._chance = process.world.chance("database", process.name, name.partition(" ")[0], self._name)
        self._jobs: deque[tuple[Deferred[Any], Callable[[], Any]]] = deque()
        self._busy = 0

    def do(self, work: Callable[[], T]) -> Deferred[T]:
        """As `db.threads.Workers`."""
        done: Deferred[T] = Deferred()
        self._jobs.append((done, work))
        self._next()
        return done

    def close(self) -> None:
        """Finish what is queued."""
        while self._jobs:
            done, work = self._jobs.popleft()
            self._finish(done, _result(work), 0)

    def _next(self) -> None:
        while self._jobs and self._busy < self._limit:
            self._busy += 1
            self._process.callLater(self._wait_s(), self._work, *self._jobs.popleft())

    def _work(self, done: Deferred[Any], work: Callable[[], Any]) -> None:
        self._process.callLater(self._wait_s(), self._finish, done, _result(work), 1)

    def _finish(self, done: Deferred[Any], result: Any, busy: int) -> None:
        self._busy -= busy
        self._process.world.trace.note("answer", self._name, type(result).__name__, words=False)
        done.callback(result)
        self._next()

    def _wait_s(self) -> float:
        return self._chance.random() * self._storage.delay_s(self._name) / 2


class Disk(Outage):
    """The outage's journal on a disk that is sometimes full, and that a crash may leave torn."""

    def __init__(self, outage: Outage, storage: Storage) -> None:
        super().__init__(outage.path)
        self._storage = storage
        self.torn = b""

    def append(self, batches: Iterable[Batch]) -> None:
        """As an Outage."""
        batches = list(batches)
        if self._storage.full_s > self._storage.world.clock.seconds():
            self._storage.world.trace.note("full", "disk", "the outage's journal is not written")
            raise OSError(errno.ENOSPC, "No space left on device")
        super().append(batches)
        for batch in batches:
            self._storage.put_away(batch)
        self.torn = b"".join(map(line_of, batches))

    def tear(self) -> None:
        """A line was just being written when the process ended."""
        if self.path.exists() and self.torn:
            with self.path.open("ab") as file:
                file.write(self.torn[: len(self.torn) // 2])


def _name(connection: Connection) -> str:
    return str(connection.engine.url.database or "").rpartition("/")[2].removesuffix(".sqlite")


def _broken(name: str) -> OperationalError:
    error = sqlite3.OperationalError("disk I/O error")
    error.sqlite_errorname = name
    return OperationalError("", None, error)


def _result(work: Callable[[], Any]) -> Any:
    try:
        return work()
    except Exception:
        return Failure()
