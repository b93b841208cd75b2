"""The databases from the command line: one connection, no threads, no reactor."""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TypeVar

from twisted.internet.defer import Deferred
from twisted.python.failure import Failure

from bluemarble.config import Config
from bluemarble.db.errors import Refused, Unavailable
from bluemarble.db.pool import RETRY_DELAYS_S, Database
from bluemarble.db.update import Updater
from bluemarble.servers.opening import NAMES

T = TypeVar("T")


def result(done: Deferred[T]) -> T:
    """
    What a Deferred of an inline database has come to.

    @raise Exception: what it failed with.
    """
    found: list[T] = []
    failed: list[Failure] = []
    done.addCallbacks(found.append, failed.append)
    if failed:
        failed[0].raiseException()
    return found[0]


@contextmanager
def opened(config: Config, name: str) -> Iterator[Database]:
    """A database of the configuration, closed at the end; a new SQLite file gets its directory."""
    database = Database(config.database(name), executor="inline")  # type: ignore[arg-type]
    try:
        if database.dialect == "sqlite" and database.url.database not in (None, "", ":memory:"):
            Path(str(database.url.database)).parent.mkdir(parents=True, exist_ok=True)
        yield database
    finally:
        database.close()


def status(config: Config) -> Iterator[tuple[bool, str]]:
    """Where each database stands: whether that is well, and a line."""
    for name in NAMES:
        with opened(config, name) as database:
            found = result(Updater(database, name).status())
            yield (
                not found.pending,
                f"{name}: {database}: {len(found.applied)} applied, {len(found.pending)} pending",
            )
            yield from ((False, f"  pending     {file}") for file in found.pending)
            yield from ((False, f"  changed     {file}") for file in found.changed)
            yield from ((True, f"  not in sql/ {file}") for file in found.missing)
            yield from ((False, f"  unfinished  {file}") for file in found.unfinished)


def update(config: Config, pause: Callable[[float], None] | None = None) -> Iterator[tuple[bool, str]]:
    """
    Bring each up to date; lines as they are done.

    @param pause: lets seconds pass while a database is away; without it that is an error.
    """
    for name in NAMES:
        with opened(config, name) as database:
            yield from make(database, pause)
            files = result(Updater(database, name).update())
            yield True, f"{name}: {database}: " + (f"{len(files)} applied" if files else "up to date")
            yield from ((True, f"  applied     {file}") for file in files)


def verify(config: Config) -> Iterator[tuple[bool, str]]:
    """Compare each with sql/."""
    for name in NAMES:
        with opened(config, name) as database:
            report = result(Updater(database, name).verify())
            yield (
                not report.problems,
                f"{name}: {database}: " + ("wrong" if report.problems else "as it should be"),
            )
            yield from ((False, f"  wrong       {line}") for line in report.problems)
            yield from ((True, f"  note        {line}") for line in report.notes)


def make(database: Database, pause: Callable[[float], None] | None) -> Iterator[tuple[bool, str]]:
    """
    Make a MySQL database that its server does not have, once that answers.

    @raise Unavailable, Refused: it does not.
    """
    delays = iter(RETRY_DELAYS_S)
    while True:
        try:
            result(database.ping())
        except Refused:
            raise
        except Unavailable as error:
            if pause is None:
                raise
            delay_s = next(delays, RETRY_DELAYS_S[-1])
            yield True, f"{error}; trying again in {delay_s} s"
            pause(delay_s)
        else:
            return
