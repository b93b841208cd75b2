"""
A server program with a probe in it: what its SQL costs, apart from everything else.

    python -m bench.probe FILE bluemarble run DIR
    python -m bench.probe FILE twistd -n bluemarble-auth ...

On SIGUSR1 it writes FILE, with what has been used since the start.  SQL is what the databases' threads do
from taking a connection to giving it back, commit included.  On SIGUSR2 it first looks for garbage that only
a full collection finds, which a running server never makes.
"""

import gc
import json
import signal
import sys
import threading
import time
from collections.abc import Callable
from importlib.metadata import entry_points
from pathlib import Path
from typing import Any

from bluemarble.db.pool import Database

SQL_LOCK = threading.Lock()


class Sql:
    """CPU seconds and calls of all databases' threads."""

    cpu_s = 0.0
    calls = 0
    databases: set[Database] = set()


class Collections:
    """The garbage collector's work since the program began; the longest, since the last look."""

    count = 0
    total_ms = longest_ms = 0.0
    leaked = 0
    _began_s = 0.0

    @classmethod
    def note(cls, phase: str, info: dict[str, int]) -> None:
        """As gc.callbacks."""
        if phase == "start":
            cls._began_s = time.perf_counter()
            return
        took_ms = (time.perf_counter() - cls._began_s) * 1000
        cls.count += 1
        cls.total_ms += took_ms
        cls.longest_ms = max(cls.longest_ms, took_ms)


def watch_sql() -> None:
    """Time every piece of work that is handed to a database."""
    original = Database._in

    def timed(self: Database, kind: str, work: Callable[[], Any]) -> Any:
        Sql.databases.add(self)

        def measured() -> Any:
            began_s = time.thread_time()
            try:
                return work()
            finally:
                took_s = time.thread_time() - began_s
                with SQL_LOCK:
                    Sql.cpu_s += took_s
                    Sql.calls += 1

        return original(self, kind, measured)

    Database._in = timed  # type: ignore[method-assign]


def write(file: Path) -> None:
    """Everything so far; the reactor's thread is the one that gets signals."""
    so_far = {
        "process_s": time.process_time(),
        "reactor_s": time.thread_time(),
        "sql_s": Sql.cpu_s,
        "sql_calls": Sql.calls,
        "statements": sum(database.statements for database in Sql.databases),
        "collections": Collections.count,
        "collections_ms": Collections.total_ms,
        "collection_longest_ms": Collections.longest_ms,
        "leaked": Collections.leaked,
    }
    draft = file.with_suffix(".draft")
    draft.write_text(json.dumps(so_far))
    draft.rename(file)
    Collections.longest_ms = 0.0


def look_for_garbage(file: Path) -> None:
    """Everything so far, and what a full collection finds."""
    Collections.leaked += gc.collect()
    write(file)


def main() -> None:
    """Puts the probe in, then becomes the program."""
    file = Path(sys.argv[1])
    del sys.argv[:2]
    watch_sql()
    gc.callbacks.append(Collections.note)
    signal.signal(signal.SIGUSR1, lambda *_: write(file))
    signal.signal(signal.SIGUSR2, lambda *_: look_for_garbage(file))
    [script] = [each for each in entry_points(group="console_scripts") if each.name == sys.argv[0]]
    sys.exit(script.load()())


if __name__ == "__main__":
    main()
