"""
The databases' structure and content, brought up to date from `sql/` and written into a ledger.

`sql/<name>/base/*.sql` goes into an empty database; then each of `sql/<name>/updates/*.sql`, once, in the
order of their names.  A file that has been applied never changes again: new things come in new files.
"""

import hashlib
import importlib.resources
import time
from collections.abc import Callable, Iterator
from importlib.resources.abc import Traversable
from pathlib import Path
from typing import NamedTuple

from sqlalchemy import Connection, text
from twisted.internet.defer import Deferred

from bluemarble.db.dialect import Schema, Statement, apply, statements
from bluemarble.db.errors import number
from bluemarble.db.pool import Database, begin_sqlite
from bluemarble.db.sqlite import to_sqlite
from bluemarble.db.verify import differences, table_names

LOCK_TIMEOUT_S = 60
LEDGER = ("updates", "updates_include", "updates_progress")
# Table, column or key is there already; is gone already (MariaDB's numbers).
DONE_BEFORE = frozenset({1050, 1060, 1061, 1051, 1054, 1091})
PROGRESS = """
CREATE TABLE IF NOT EXISTS `updates_progress` (
  `name` varchar(200) NOT NULL,
  `hash` char(40) NOT NULL DEFAULT '',
  `position` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
"""
MAKING = "base"  # row of the progress table while the base goes in


class UpdateFailed(Exception):
    """The database cannot be brought up to date; says what to do about it."""


class File(NamedTuple):
    """A file of sql/; `hash` is its SHA1 with Unix line ends."""

    name: str
    path: Traversable
    state: str
    base: bool
    hash: str
    script: str

    def statements(self) -> list[Statement]:
        """What it says, read strictly."""
        return statements(self.script, str(self.path))


class Status(NamedTuple):
    """
    Where a database stands.

    @ivar applied: ledger names; pending: files still to be applied, in order.
    @ivar changed: files that differ from what was applied; missing: applied, and no longer in sql/.
    @ivar unfinished: what was interrupted and goes on with the next update.
    """

    applied: list[str]
    pending: list[str]
    changed: list[str]
    missing: list[str]
    unfinished: list[str]


class Report(NamedTuple):
    """What verify found: problems to be mended, and notes on what is there beside ours."""

    problems: list[str]
    notes: list[str]


def sql_root() -> Traversable:
    """The sql/ that came with the installed package."""
    return importlib.resources.files("sql")


class Updater:
    """
    Brings one database up to date.

    @param name: auth, characters or world: its folder under the root.
    @ivar interrupt: called wherever a kill would matter; tests raise from it.
    """

    def __init__(self, database: Database, name: str, root: Traversable | None = None) -> None:
        self.database = database
        self.name = name
        self.folder = (sql_root() if root is None else root) / name
        self.interrupt: Callable[[], None] = lambda: None

    def status(self) -> Deferred[Status]:
        """What has been applied and what has not; changes nothing."""
        return self.database.administer(self._status)

    def update(self) -> Deferred[list[str]]:
        """
        Apply what is pending; the names of the files applied.

        Servers that start together wait for the first one's update.

        @raise UpdateFailed: (in the Deferred) a released file has changed, a statement failed, or the
            database holds tables of somebody else's.
        """
        return self.database.administer(self._update)

    def verify(self) -> Deferred[Report]:
        """Compare the ledger and every table with sql/."""
        return self.database.administer(self._verify)

    def _status(self, conn: Connection) -> Status:
        tables = table_names(conn)
        if "updates" not in tables:
            return Status([], [file.name for file in self._files(conn, tables)], [], [], [])
        files = self._files(conn, tables)
        ledger = _ledger(conn)
        names = {file.name for file in files}
        unfinished = [] if "updates_progress" not in tables else list(_progress(conn))
        return Status(
            sorted(ledger),
            [f.name for f in files if f.name not in ledger],
            [f.name for f in files if ledger.get(f.name, f.hash) != f.hash],
            sorted(name for name in ledger if name not in names),
            unfinished,
        )

    def _verify(self, conn: Connection) -> Report:
        status = self._status(conn)
        problems = [f"{name}: pending" for name in status.pending]
        problems += [f"{name}: changed after it was applied" for name in status.changed]
        problems += [f"{name}: interrupted, run the update again" for name in status.unfinished]
        notes = [f"{name}: applied, and no longer in {self.folder}" for name in status.missing]
        schema: Schema = {}
        pending = set(status.pending)
        for file in self._files(conn, table_names(conn)):
            for statement in file.statements() if file.name not in pending else ():
                apply(schema, statement)
        wrong, beside = differences(conn, schema, ignore=LEDGER[2:])
        return Report(problems + wrong, notes + beside)

    def _update(self, conn: Connection) -> list[str]:
        if self.database.dialect == "sqlite":
            begin_sqlite(conn)  # one transaction: all of it, or nothing
            done = self._apply(conn, self._run_sqlite)
            self.interrupt()
            conn.commit()
            return done
        lock = f"bluemarble.{self.database.url.database}"[:64]
        got = conn.execute(text("SELECT GET_LOCK(:lock, :s)"), {"lock": lock, "s": LOCK_TIMEOUT_S}).scalar()
        if got != 1:
            raise UpdateFailed(f"another server has been updating {self.database} for a minute")
        try:
            return self._apply(conn, self._run_mysql)
        finally:
            if not conn.invalidated:
                conn.execute(text("SELECT RELEASE_LOCK(:lock)"), {"lock": lock})

    def _apply(self, conn: Connection, run: Callable[[Connection, File], None]) -> list[str]:
        files = self._prepared(conn)
        ledger = _ledger(conn)
        making = MAKING in _progress(conn)
        self._check(files, ledger, making)
        done = []
        for file in files:
            if file.name not in ledger:
                if not file.base and making:
                    making = self._base_done(conn)
                run(conn, file)
                done.append(file.name)
        if making:
            self._base_done(conn)
        return done

    def _prepared(self, conn: Connection) -> list[File]:
        """The files to go by, with the ledger there and known renames followed."""
        tables = table_names(conn)
        files = self._files(conn, tables)
        if not set(LEDGER) <= tables:
            if tables - set(LEDGER):
                raise UpdateFailed(f"{self.database} holds tables and no ledger: give us an empty database")
            self._make_ledger(conn, files)
        ledger = _ledger(conn)
        if not ledger and not _progress(conn):
            if table_names(conn) - set(LEDGER):
                raise UpdateFailed(f"{self.database} holds tables and an empty ledger: give us an empty one")
            conn.execute(text("INSERT INTO `updates_progress` (`name`) VALUES (:name)"), {"name": MAKING})
        known = {file.name for file in files}
        gone = {hash_: name for name, hash_ in ledger.items() if name not in known}
        for file in files:
            if file.name not in ledger and file.hash in gone:
                conn.execute(
                    text("UPDATE `updates` SET `name` = :new WHERE `name` = :old"),
                    {"new": file.name, "old": gone.pop(file.hash)},
                )
        return files

    def _make_ledger(self, conn: Connection, files: list[File]) -> None:
        declared: Schema = {}
        found = [s for file in files if file.base for s in file.statements() if s.verb == "CREATE TABLE"]
        for statement in [*found, *statements(PROGRESS, "updates_progress")]:
            before = len(declared)
            apply(declared, statement)
            if len(declared) > before and list(declared)[-1] in LEDGER:
                self.interrupt()
                for line in to_sqlite(statement) if self.database.dialect == "sqlite" else [statement.text]:
                    _execute(conn, line)
        if not set(LEDGER) <= set(declared):
            raise UpdateFailed(f"{self.folder}/base does not declare `updates` and `updates_include`")

    def _check(self, files: list[File], ledger: dict[str, str], making: bool) -> None:
        for file in files:
            if ledger.get(file.name, file.hash) != file.hash:
                raise UpdateFailed(
                    f"{file.path} has changed since it was applied to {self.database}: "
                    "put it back as it was, and what is new into a new file under updates/"
                )
            if file.base and file.name not in ledger and not making:
                raise UpdateFailed(f"{file.path} is newer than {self.database}: put it into updates/")

    def _base_done(self, conn: Connection) -> bool:
        self.interrupt()
        conn.execute(text("DELETE FROM `updates_progress` WHERE `name` = :name"), {"name": MAKING})
        return False

    def _run_sqlite(self, conn: Connection, file: File) -> None:
        started = time.perf_counter()
        for statement in file.statements():
            self.interrupt()
            for line in to_sqlite(statement):
                _run(conn, line, statement)
        _enter(conn, file, started)

    def _run_mysql(self, conn: Connection, file: File) -> None:
        """
        Statement by statement, each written down when it is done.

        What changes the schema cannot be rolled back, so after an interruption the one at the written
        position may have been done: then "is there already" is an answer as good as done.  What changes rows
        is in one transaction with the position.
        """
        started = time.perf_counter()
        everything = file.statements()
        at = self._position(conn, file, everything)
        perhaps_done = at
        _execute(conn, "START TRANSACTION")
        for position in range(at, len(everything)):
            statement = everything[position]
            self.interrupt()
            if statement.ddl:
                self._reached(conn, file, everything, position)
                _execute(conn, "COMMIT")
                self.interrupt()
                accepted = DONE_BEFORE if position == perhaps_done else frozenset()
                _run(conn, statement.text, statement, accepted)
                self.interrupt()
                self._reached(conn, file, everything, position + 1)
                _execute(conn, "START TRANSACTION")
            else:
                _run(conn, statement.text, statement)
        conn.execute(text("DELETE FROM `updates_progress` WHERE `name` = :name"), {"name": file.name})
        _enter(conn, file, started)
        self.interrupt()
        _execute(conn, "COMMIT")

    def _position(self, conn: Connection, file: File, everything: list[Statement]) -> int:
        """Where to begin; not at 0 when an earlier update was interrupted."""
        row = conn.execute(
            text("SELECT `position`, `hash` FROM `updates_progress` WHERE `name` = :name"),
            {"name": file.name},
        ).first()
        if row is None:
            return 0
        if _prefix(everything, row[0]) != row[1]:
            raise UpdateFailed(
                f"{file.path}: its first {row[0]} statements have been applied and have "
                "changed since; put them back as they were"
            )
        return int(row[0])

    def _reached(self, conn: Connection, file: File, everything: list[Statement], position: int) -> None:
        conn.execute(
            text("REPLACE INTO `updates_progress` (`name`, `hash`, `position`) VALUES (:n, :h, :p)"),
            {"n": file.name, "h": _prefix(everything, position), "p": position},
        )

    def _files(self, conn: Connection, tables: set[str]) -> list[File]:
        """Base, updates, then what an operator has put into `updates_include`."""
        files = [
            *_folder(self.folder / "base", "RELEASED", base=True),
            *_folder(self.folder / "updates", "RELEASED"),
        ]
        if "updates_include" in tables:
            include = text("SELECT `path`, `state` FROM `updates_include` ORDER BY `path`")
            for path, state in conn.execute(include).all():
                folder = self.folder / path[2:] if path.startswith("$/") else Path(path)
                files += _folder(folder, state)
        seen: dict[str, File] = {}
        for file in files:
            if file.name in seen:
                raise UpdateFailed(f"{file.path} and {seen[file.name].path} have the same name")
            seen[file.name] = file
        if not any(file.base for file in files):
            raise UpdateFailed(f"there is nothing in {self.folder}/base: is the package installed whole?")
        return files


def _folder(folder: Traversable, state: str, base: bool = False) -> Iterator[File]:
    if not folder.is_dir():
        return
    for path in sorted(folder.iterdir(), key=lambda path: path.name):
        if path.name.endswith(".sql"):
            try:
                content = path.read_bytes().replace(b"\r\n", b"\n")
                script = content.decode()
            except (OSError, UnicodeDecodeError) as error:
                raise UpdateFailed(f"{path} cannot be read: {error}") from error
            digest = hashlib.sha1(content, usedforsecurity=False).hexdigest()
            yield File(path.name, path, state, base, digest, script)


def _ledger(conn: Connection) -> dict[str, str]:
    return {row[0]: row[1] for row in conn.execute(text("SELECT `name`, `hash` FROM `updates`"))}


def _progress(conn: Connection) -> dict[str, int]:
    return {row[0]: row[1] for row in conn.execute(text("SELECT `name`, `position` FROM `updates_progress`"))}


def _prefix(everything: list[Statement], position: int) -> str:
    text_ = ";\n".join(statement.text for statement in everything[:position])
    return hashlib.sha1(text_.encode(), usedforsecurity=False).hexdigest()


def _enter(conn: Connection, file: File, started: float) -> None:
    conn.execute(
        text("""INSERT INTO `updates` (`name`, `hash`, `state`, `speed`)
                         VALUES (:name, :hash, :state, :ms)"""),
        {
            "name": file.name,
            "hash": file.hash,
            "state": file.state,
            "ms": int((time.perf_counter() - started) * 1000),
        },
    )


def _run(conn: Connection, line: str, statement: Statement, accepted: frozenset[int] = frozenset()) -> None:
    try:
        _execute(conn, line)
    except Exception as error:
        if number(error) not in accepted:
            raise UpdateFailed(f"{statement.file}:{statement.line}: {error}") from error


def _execute(conn: Connection, line: str) -> None:
    """Past SQLAlchemy, for which a per cent sign or a colon in a text could mean something."""
    cursor = conn.connection.cursor()
    try:
        cursor.execute(line)
    finally:
        cursor.close()
