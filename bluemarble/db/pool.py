"""A database as the servers use it: ordered writes, parallel reads, all off the reactor's thread."""

import threading
from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import Any, Literal, TypeVar

from sqlalchemy import Connection, Engine, create_engine, event
from sqlalchemy.engine import URL, make_url
from sqlalchemy.exc import ArgumentError, DBAPIError
from sqlalchemy.pool import NullPool, QueuePool, StaticPool
from twisted.internet.defer import Deferred, execute
from twisted.internet.interfaces import IReactorFromThreads, IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

from bluemarble.db.claim import FileClaim, ServerClaim
from bluemarble.db.errors import REFUSED, UNKNOWN_DATABASE, Refused, Unavailable, conflict, lost, number
from bluemarble.db.threads import Does, Executor, Workers

T = TypeVar("T")

CONFLICT_TRIES = 5  # of a transaction that met a deadlock
LOST_TRIES = 2  # of one that lost its connection: the second finds a new one, or nothing
BUSY_TIMEOUT_S = 30.0  # how long SQLite waits for another process's write
CONNECT_TIMEOUT_S = 5
ANSWER_TIMEOUT_S = 20  # from a MySQL server that is there and says nothing
RETRY_DELAYS_S = (1, 2, 4, 8, 15)
FORMS = "sqlite:///PATH or mysql://USER:PASS@HOST:PORT/NAME"
SQL_MODE = "STRICT_TRANS_TABLES,ERROR_FOR_DIVISION_BY_ZERO,NO_AUTO_VALUE_ON_ZERO,NO_ENGINE_SUBSTITUTION"
PRAGMAS = ("journal_mode=WAL", "synchronous=NORMAL", "foreign_keys=OFF", "temp_store=MEMORY")


class Database:
    """
    One of the three databases.

    @param url: sqlite:///PATH or mysql://USER:PASS@HOST:PORT/NAME.
    @param reactor: where results are handed back; needed by executor "threads".
    @param readers_min: reading connections to MySQL kept open; readers_max limits them, and SQLite keeps all.
    @param executor: "threads", or "inline" to run at once in the caller's thread (tests, tools); or what
        makes those who do the work.
    @ivar statements: SQL statements run so far; an executemany is one.
    @ivar up: what the last attempt to use it found.
    @raise ValueError: the URL is not one of the two forms.
    """

    log = Logger()

    def __init__(
        self,
        url: str,
        reactor: IReactorFromThreads | None = None,
        *,
        readers_min: int = 1,
        readers_max: int = 4,
        executor: Executor = "threads",
    ) -> None:
        if not 0 <= readers_min <= readers_max or readers_max < 1:
            raise ValueError(f"readers_min {readers_min} and readers_max {readers_max} do not make a pool")
        if executor == "threads" and reactor is None:
            raise ValueError("executor 'threads' needs a reactor")
        self.url = parse(url)
        self.dialect: Literal["sqlite", "mysql"] = "sqlite" if self.url.drivername == "sqlite" else "mysql"
        self.statements = 0
        self.up = True
        self._counting = threading.Lock()
        self._claim: FileClaim | ServerClaim | None = None
        self._missed = False  # and it has been said
        if self.url.database in (None, "", ":memory:"):
            if executor == "threads":
                raise ValueError("a server's database cannot be in memory")
            self._writer = self._readers = self._engine(poolclass=StaticPool)
        else:
            # To SQLAlchemy 0 means any number.  SQLite's connections are files: opening is what they cost.
            kept = readers_max if self.dialect == "sqlite" else max(1, readers_min)
            alone: dict[str, Any] = {}
            if self.dialect == "mysql":
                alone = {"isolation_level": "AUTOCOMMIT", "pool_reset_on_return": None}
            self._writer = self._engine(poolclass=QueuePool, pool_size=1, max_overflow=0)
            event.listen(self._writer, "connect", self._claim_again)
            self._readers = self._engine(
                poolclass=QueuePool, pool_size=kept, max_overflow=readers_max - kept, **alone
            )
        self._workers: dict[str, Does] = {}
        make: Callable[[str, int], Does] | None = executor if callable(executor) else None
        if executor == "threads" and reactor is not None:
            make = partial(_threads, reactor)
        if make is not None:
            self._workers = {
                "read": make(f"readers of {self}", readers_max),
                "write": make(f"writer of {self}", 1),
            }

    def __str__(self) -> str:
        return self.url.set(drivername=self.dialect).render_as_string(hide_password=True)

    def read(self, fn: Callable[[Connection], T]) -> Deferred[T]:
        """
        Run `fn` beside other reads, outside a transaction; again when the connection is lost.

        @raise Unavailable: (in the Deferred) the database is away.
        """
        return self._in("read", lambda: self._reading(fn)).addCallbacks(self._answered, self._failed)

    def write(self, fn: Callable[[Connection], T]) -> Deferred[T]:
        """
        Run `fn` in one transaction, after every earlier write; again from its start when a deadlock undid it.

        @raise Unavailable: (in the Deferred) the database is away; when it went away in the very commit,
            nobody knows whether that has happened.
        """
        return self._in("write", lambda: self._writing(fn)).addCallbacks(self._answered, self._failed)

    def administer(self, fn: Callable[[Connection], T]) -> Deferred[T]:
        """
        Run `fn` after every earlier write, without a transaction of ours and without a second try.

        On MySQL it has a connection of its own, on which a statement may take its time.
        """
        return self._in("write", lambda: self._administering(fn))

    def beside(self, work: Callable[[], T]) -> Deferred[T]:
        """Run what blocks and is not SQL on the writer's thread, in order with the writes."""
        return self._in("write", work)

    def claim(self) -> Deferred[None]:
        """
        Fires when nobody else has claimed this database; until `close` nobody else can.

        @raise Refused: (in the Deferred) another server has claimed it.
        """
        return self._in("write", self._claiming)

    def ping(self) -> Deferred[None]:
        """
        Fires when the database answers; one that is missing on its MySQL server is created.

        @raise Unavailable, Refused: (in the Deferred) it does not answer, or does not let us in.
        """
        return self._in("write", self._ping)

    def wait_until_up(self, clock: IReactorTime) -> Deferred[None]:
        """
        Fires when the database answers; says so and tries again while it does not.

        A MySQL database that does not exist on its server is created.

        @raise Refused: (in the Deferred) it answers, and does not let us in.
        """
        done: Deferred[None] = Deferred()
        delays = iter(RETRY_DELAYS_S)

        def attempt() -> None:
            self.ping().addCallbacks(lambda _: done.callback(None), failed)

        def failed(failure: Any) -> None:
            if failure.check(Unavailable) is None or failure.check(Refused) is not None:
                done.errback(failure)
                return
            delay = next(delays, RETRY_DELAYS_S[-1])
            self.log.warn("{why}; trying again in {delay} s", why=failure.getErrorMessage(), delay=delay)
            clock.callLater(delay, attempt)

        attempt()
        return done

    def close(self) -> None:
        """Finish what is queued, then close every connection; blocks until then."""
        for workers in self._workers.values():
            workers.close()
        self._readers.dispose()
        self._writer.dispose()
        if isinstance(self._claim, FileClaim):
            self._claim.release()

    def _in(self, kind: str, work: Callable[[], T]) -> Deferred[T]:
        return self._workers[kind].do(work) if self._workers else execute(work)

    def _answered(self, answer: T) -> T:
        if self._missed:
            self._missed = False
            self.log.info("{database} answers again", database=str(self))
        return answer

    def _failed(self, failure: Failure) -> Failure:
        if isinstance(failure.value, Unavailable) and not self.up and not self._missed:
            self._missed = True
            self.log.warn("{why}", why=failure.getErrorMessage())
        return failure

    def _reading(self, fn: Callable[[Connection], T]) -> T:
        return self._tried(lambda: self._alone(self._readers, fn))

    def _writing(self, fn: Callable[[Connection], T]) -> T:
        return self._tried(lambda: self._transaction(fn))

    def _administering(self, fn: Callable[[Connection], T]) -> T:
        engine = self._writer
        if self.dialect == "mysql":
            engine = self._engine(patient=True, poolclass=NullPool, isolation_level="AUTOCOMMIT")
        try:
            return self._alone(engine, fn)
        except DBAPIError as error:
            raise self._explained(error) from error

    def _tried(self, work: Callable[[], T]) -> T:
        tries = {"conflict": CONFLICT_TRIES, "lost": LOST_TRIES}
        while True:
            try:
                result = work()
            except DBAPIError as error:
                kind = "conflict" if conflict(error) else "lost" if lost(error) else "other"
                tries[kind] = tries.get(kind, 1) - 1
                if tries[kind] < 1:
                    raise self._explained(error) from error
            else:
                self.up = True
                return result

    def _alone(self, engine: Engine, fn: Callable[[Connection], T]) -> T:
        with engine.connect() as connection:
            return fn(connection)

    def _transaction(self, fn: Callable[[Connection], T]) -> T:
        with self._writer.connect() as connection:
            if self.dialect == "sqlite":
                begin_sqlite(connection)
            else:
                connection.begin()
            result = fn(connection)
            try:
                connection.commit()
            except DBAPIError as error:
                if lost(error):  # perhaps committed: a second run is not ours to decide
                    raise self._explained(error) from error
                raise
            return result

    def _claiming(self) -> None:
        if self.dialect == "sqlite":
            if self.url.database not in (None, "", ":memory:"):
                self._claim = FileClaim(Path(f"{self.url.database}.lock"), str(self))
            return
        self._claim = ServerClaim(str(self.url.database))
        self._writer.dispose()  # the new connection takes it
        try:
            self._alone(self._writer, _ask)
        except (DBAPIError, Unavailable) as error:
            self._claim = None
            if isinstance(error, DBAPIError):
                raise self._explained(error) from error
            raise Refused(f"the database {self} is in use: {error}") from None

    def _claim_again(self, connection: Any, _: Any) -> None:
        """The writer has a new connection: the lock went with the last one."""
        if isinstance(self._claim, ServerClaim):
            self._claim.take(connection)

    def _ping(self) -> None:
        try:
            self._alone(self._readers, _ask)
        except DBAPIError as error:
            if number(error) != UNKNOWN_DATABASE:
                raise self._explained(error) from error
            self._create()
        self.up = True

    def _create(self) -> None:
        """Make a MySQL database that its server does not have."""
        name = (self.url.database or "").replace("`", "``")
        server = URL.create(
            self.url.drivername,
            self.url.username,
            self.url.password,
            self.url.host,
            self.url.port,
            query=self.url.query,
        )
        engine = create_engine(server, poolclass=StaticPool, connect_args=_connect_args(self.url))
        try:
            with engine.connect() as connection:
                connection.exec_driver_sql(
                    f"CREATE DATABASE IF NOT EXISTS `{name}` CHARACTER SET utf8mb4 COLLATE utf8mb4_unicode_ci"
                )
        except DBAPIError as error:
            if lost(error):
                raise self._explained(error) from error
            raise Refused(f"the database {self} is not there and could not be made: {error.orig}") from error
        finally:
            engine.dispose()
        self.log.info("created the database {database}", database=str(self))

    def _explained(self, error: DBAPIError) -> Exception:
        if lost(error) or conflict(error):
            self.up = not lost(error)
            hint = "; is its folder there, and writable?" if "unable to open" in str(error.orig) else ""
            return Unavailable(f"the database {self} is away: {error.orig}{hint}")
        if number(error) == UNKNOWN_DATABASE:
            self.up = False
            return Refused(f"the database {self} is not there: `bluemarble db update` makes it")
        if number(error) in REFUSED:
            self.up = False
            return Refused(f"the database {self} does not let us in: {error.orig}")
        return error

    def _engine(self, *, patient: bool = False, **how: Any) -> Engine:
        if self.dialect == "sqlite":
            how["connect_args"] = {"check_same_thread": False, "timeout": BUSY_TIMEOUT_S}
            engine = create_engine(self.url, **how)
            event.listen(engine, "connect", _prepare_sqlite)
        else:
            how.setdefault("isolation_level", "READ COMMITTED")
            args = _connect_args(self.url, ANSWER_TIMEOUT_S * (not patient))
            engine = create_engine(self.url, connect_args=args, pool_pre_ping=True, **how)
        event.listen(engine, "before_cursor_execute", self._count)
        return engine

    def _count(self, *_: Any) -> None:
        with self._counting:
            self.statements += 1


def _threads(reactor: IReactorFromThreads, name: str, limit: int) -> Does:
    return Workers(reactor, limit, name)


def parse(url: str) -> URL:
    """
    The URL as SQLAlchemy takes it.

    @raise ValueError: it is not one of the two forms; the message shows no password.
    """
    try:
        parsed = make_url(url)
    except ArgumentError as error:
        raise ValueError(f"not a database URL: want {FORMS}") from error
    if parsed.drivername == "sqlite" and not parsed.host:
        return parsed
    if parsed.drivername in ("mysql", "mariadb", "mysql+mysqldb") and parsed.database:
        return parsed.set(drivername="mysql+mysqldb")
    shown = parsed.render_as_string(hide_password=True)
    raise ValueError(f"{shown}: want {FORMS}")


def _ask(connection: Connection) -> None:
    connection.exec_driver_sql("SELECT 1")


def begin_sqlite(connection: Connection) -> None:
    """Take SQLite's write lock at once: a transaction that reads first and then writes could be refused."""
    connection.begin()  # so that commit() commits what goes past SQLAlchemy
    driver = connection.connection.dbapi_connection
    if driver is None:
        raise Unavailable("the connection has been closed")
    try:
        driver.execute("BEGIN IMMEDIATE")
    except Exception as error:
        raise DBAPIError("BEGIN IMMEDIATE", None, error) from error


def _connect_args(url: URL, answer_timeout_s: int = 0) -> dict[str, Any]:
    try:
        from MySQLdb.constants import FIELD_TYPE
        from MySQLdb.converters import conversions
    except ImportError as error:
        raise ValueError("mysql:// needs mysqlclient: pip install 'bluemarble[mysql]'") from error
    numbers = {FIELD_TYPE.DECIMAL: _number, FIELD_TYPE.NEWDECIMAL: _number}
    args: dict[str, Any] = {
        "conv": conversions | numbers,
        "charset": "utf8mb4",
        "connect_timeout": CONNECT_TIMEOUT_S,
        "init_command": f"SET SESSION sql_mode='{SQL_MODE}', time_zone='+00:00'",
    }
    if answer_timeout_s:
        args |= {"read_timeout": answer_timeout_s, "write_timeout": answer_timeout_s}
    if url.host == "localhost" and url.port:
        args["host"] = "127.0.0.1"  # the C library would take the socket file and ignore the port
    return args


def _number(text: str) -> int | float:
    """What MariaDB calls a decimal: a sum, or an unsigned column beside a signed number."""
    return float(text) if "." in text else int(text)


def _prepare_sqlite(connection: Any, _: Any) -> None:
    connection.isolation_level = None  # we say BEGIN ourselves; the driver's guess breaks DDL
    for pragma in PRAGMAS:
        connection.execute(f"PRAGMA {pragma}")
