"""Writes that the tick does not wait for: ordered per owner, coalesced by row, never lost."""

from collections.abc import Callable, Generator, Iterable, Sequence
from pathlib import Path
from typing import Any

from sqlalchemy import Connection
from twisted.internet.defer import Deferred, inlineCallbacks, succeed
from twisted.internet.interfaces import IDelayedCall, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from bluemarble.db.batch import Batch, run
from bluemarble.db.errors import Refused, Unavailable
from bluemarble.db.outage import Outage
from bluemarble.db.pool import Database
from bluemarble.db.sparing import Sparing
from bluemarble.rows import Write

ROWS_LIMIT = 2000  # in one transaction of several owners
RETRY_DELAYS_S = (0.5, 1.0, 2.0, 4.0, 8.0)
Steps = Generator[Deferred[Any], Any, None]


class Asked(Batch):
    """A batch with those who want to know when it is in the database."""

    __slots__ = ("told",)

    def __init__(self, owner: int, since_s: float) -> None:
        super().__init__(owner, since_s)
        self.told: list[Deferred[None]] = []


class WriteBehind:
    """
    Writes rows into one database.

    While the database is away everything goes into a journal on disk, in order, and memory holds none of it;
    when it is back the journal is replayed before anything newer is written.

    @param journal: the file of the journal; what an earlier run has left there is written by `recover`.
    @ivar written: rows that are in the database; rejected: those it has refused (kept beside the journal).
    @ivar away: the journal is not empty: the database is away, or has just come back.
    """

    log = Logger()

    def __init__(self, database: Database, clock: IReactorTime, journal: str | Path) -> None:
        self.database = database
        self.clock = clock
        self.outage = Outage(journal)
        self.sparing = Sparing(clock)
        self.written = 0
        self.rejected = 0
        self.away = self.outage.size_bytes() > 0
        self._waiting: dict[int, Asked] = {}
        self._owed: dict[int, list[Deferred[None]]] = {}  # by owner: of saves that are in the journal
        self._journaled_rows = 0
        self._journaled_since_s = 0.0
        self._replayed = 0  # bytes of the journal that are in the database
        self._running = False
        self._retry: IDelayedCall | None = None
        self._failures = 0
        self._unwritable = False
        self._flushes: list[Deferred[bool]] = []

    @property
    def depth(self) -> int:
        """Rows that are not in the database yet."""
        return sum(len(batch) for batch in self._waiting.values()) + self._journaled_rows

    @property
    def oldest_age_s(self) -> float:
        """How long the oldest of them has been waiting."""
        since = [batch.since_s for batch in self._waiting.values()]
        if self._journaled_rows:
            since.append(self._journaled_since_s)
        return max(0.0, self.clock.seconds() - min(since)) if since else 0.0

    def save(self, owner: int, writes: Iterable[Write]) -> Deferred[None]:
        """
        Write the rows, after everything that this owner has asked for before.

        @param owner: whose rows they are: those of one owner that meet here share a transaction.
        @return: fires when they are in the database; fails when the database refuses them.
        @raise ValueError: a write cannot be right; none of them is taken.
        """
        batch = self._waiting.get(owner) or Asked(owner, self.clock.seconds())
        batch.add(writes)
        self._waiting[owner] = batch
        done: Deferred[None] = Deferred()
        batch.told.append(done)
        self._pump()
        return done

    def flush(self) -> Deferred[bool]:
        """Fires when nothing is left in memory; True: all is in the database, False: some in the journal."""
        if not self._running and not self._waiting:
            return succeed(not self.away)
        done: Deferred[bool] = Deferred()
        self._flushes.append(done)
        return done

    def recover(self) -> Deferred[bool]:
        """At start, before anything is read: write what an earlier run has left; the answer is `flush`'s."""
        self._try_again()
        return self.flush()

    def stop(self) -> None:
        """Do not try again; what is in the journal stays there for the next start."""
        if self._retry is not None and self._retry.active():
            self._retry.cancel()
        self._retry = None

    def _pump(self) -> None:
        if not self._running:
            self._running = True
            self._work().addErrback(self._broken)

    @inlineCallbacks
    def _work(self) -> Steps:
        """Until there is nothing to do now: one transaction, or the journal, after the other."""
        while self._waiting or (self.away and self._retry is None):
            if self.away and self._retry is not None:
                if not (yield self._put_away(self._take())):
                    break
            elif self.away:
                yield self._replay()
            else:
                batches = self._take()
                try:
                    yield self.database.write(_writing(batches))
                except (Unavailable, Refused) as error:
                    self._gone(error)
                    yield self._put_away(batches)
                except Exception:
                    yield self._one_by_one(batches)
                else:
                    self._wrote(batches)
        self._running = False
        if not self._waiting:
            flushes, self._flushes = self._flushes, []
            for done in flushes:
                done.callback(not self.away)

    def _take(self) -> list[Asked]:
        """The owners that have waited longest, as many as one transaction takes."""
        taken: list[Asked] = []
        rows = 0
        for owner, batch in list(self._waiting.items()):
            if taken and rows + len(batch) > ROWS_LIMIT:
                break
            rows += len(batch)
            taken.append(self._waiting.pop(owner))
        return taken

    def _wrote(self, batches: Iterable[Batch]) -> None:
        self._failures = 0
        for batch in batches:
            self.written += len(batch)
            if isinstance(batch, Asked):
                for done in batch.told:
                    done.callback(None)

    @inlineCallbacks
    def _one_by_one(self, batches: Sequence[Batch]) -> Steps:
        """The database has refused something of these: find whose it is, and let the others through."""
        for at, batch in enumerate(batches):
            try:
                yield self.database.write(_writing([batch]))
            except (Unavailable, Refused) as error:
                self._gone(error)
                yield self._put_away([b for b in batches[at:] if isinstance(b, Asked)])
                return
            except Exception as error:
                yield self._reject(batch, error)
            else:
                self._wrote([batch])

    @inlineCallbacks
    def _reject(self, batch: Batch, error: Exception) -> Steps:
        self.rejected += len(batch)
        if self.sparing.allows("refused rows"):
            self.log.error(
                "{database} refuses {rows} rows of {owner}: {error}",
                database=str(self.database),
                rows=len(batch),
                owner=batch.owner,
                error=str(error).partition("\n")[0],
            )
        try:
            yield self.database.beside(lambda: self.outage.reject(batch, str(error)))
        except OSError as lost:
            self.log.error("and they could not be put aside: {lost}", lost=lost)
        told = batch.told if isinstance(batch, Asked) else self._owed.pop(batch.owner, [])
        for done in told:
            done.errback(error)

    def _gone(self, error: Exception) -> None:
        delay = RETRY_DELAYS_S[min(self._failures, len(RETRY_DELAYS_S) - 1)]
        if not self._failures:
            self.log.warn(
                "{path} takes the writes until {database} does: {error}",
                error=error,
                path=str(self.outage.path),
                database=str(self.database),
            )
        self._failures += 1
        self.away = True
        self.stop()
        self._retry = self.clock.callLater(delay, self._try_again)

    def _try_again(self) -> None:
        self.stop()
        self._pump()

    @inlineCallbacks
    def _put_away(self, batches: Sequence[Asked]) -> Generator[Deferred[Any], Any, bool]:
        """Into the journal; when even the disk fails, back into memory until the next try."""
        try:
            yield self.database.beside(lambda: self.outage.append(batches))
        except OSError as error:
            if not self._unwritable:
                self._unwritable = True
                self.log.error(
                    "{path} cannot be written either, the writes stay in memory: {error}",
                    path=str(self.outage.path),
                    error=error,
                )
            newer, self._waiting = self._waiting, {batch.owner: batch for batch in batches}
            for owner, batch in newer.items():
                older = self._waiting.setdefault(owner, batch)
                if older is not batch:
                    older.told += batch.told
                    for row in batch.rows.values():
                        older.put(row)
            return False
        self._unwritable = False
        for batch in batches:
            if not self._journaled_rows:
                self._journaled_since_s = batch.since_s
            self._journaled_rows += len(batch)
            self._owed.setdefault(batch.owner, []).extend(batch.told)
        return True

    @inlineCallbacks
    def _replay(self) -> Steps:
        """Everything in the journal, in order; it is empty when the last of it is in the database."""
        while True:
            chunk = yield self.database.beside(lambda: self.outage.read(self._replayed, ROWS_LIMIT))
            if not chunk.batches:
                break
            batches: dict[int, Batch] = {}
            for part in chunk.batches:
                batch = batches.setdefault(part.owner, Batch(part.owner))
                for row in part.rows.values():
                    batch.put(row)
            try:
                yield self.database.write(_writing(list(batches.values())))
            except (Unavailable, Refused) as error:
                self._gone(error)
                return
            except Exception:
                yield self._one_by_one(list(batches.values()))
                if self._retry is not None:
                    return
            else:
                self._wrote(batches.values())
            self._replayed = chunk.end
        yield self.database.beside(self.outage.clear)
        if self._replayed:
            self.log.info(
                "{database} has everything that was in {path}",
                database=str(self.database),
                path=str(self.outage.path),
            )
        self.away, self._replayed, self._journaled_rows = False, 0, 0
        owed, self._owed = self._owed, {}
        for waiting in owed.values():
            for done in waiting:
                done.callback(None)

    def _broken(self, failure: Failure) -> None:
        self.log.failure("a fault of ours; writing goes on in a moment", failure=failure)
        self._running = False
        self.stop()
        self._retry = self.clock.callLater(RETRY_DELAYS_S[-1], self._try_again)


def _writing(batches: Sequence[Batch]) -> Callable[[Connection], None]:
    return lambda conn: run(conn, batches)
