"""Being the only one: a lock on a file or a MySQL server, gone with the process or connection that has it."""

import fcntl
import os
from pathlib import Path
from typing import Any

from bluemarble.db.errors import Refused, Unavailable

NAME_LIMIT = 64  # of a lock, in characters.  Source: MySQL 8 manual, GET_LOCK
PASSING_S = 1  # for a holder that is just going
FREED_LIMIT_S = 5  # from KILL until the server has let go of what that one held


class FileClaim:
    """
    A lock file with its holder's process id in it.

    @param what: what is claimed by it, for the message.
    @raise Refused: another process has it, or the file cannot be written.
    """

    def __init__(self, path: Path, what: str) -> None:
        self.path = path
        while True:
            try:
                self._file = os.open(path, os.O_RDWR | os.O_CREAT | os.O_CLOEXEC, 0o644)
            except OSError as error:
                raise Refused(f"{path} cannot be written: {error.strerror}") from None
            try:
                fcntl.flock(self._file, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except OSError:
                holder = os.read(self._file, 20).decode().strip()
                os.close(self._file)
                raise Refused(f"{what} is in use by another server, process {holder or 'unknown'}") from None
            if path.exists() and path.stat().st_ino == os.fstat(self._file).st_ino:
                break
            os.close(self._file)  # its holder has released, and so removed, it just now
        os.truncate(self._file, 0)
        os.write(self._file, f"{os.getpid()}\n".encode())

    def release(self) -> None:
        """Somebody else may have it."""
        if self._file >= 0:
            self.path.unlink(missing_ok=True)
            os.close(self._file)
            self._file = -1


class ServerClaim:
    """
    A named lock on a MySQL server, to be taken on every new connection of the one writer.

    @param name: of the database.
    """

    def __init__(self, name: str) -> None:
        self.name = f"bluemarble {name}"[:NAME_LIMIT]
        self._last = 0  # our connection that had it last

    def take(self, connection: Any) -> None:
        """
        Have it on this connection of the driver's.

        @raise Unavailable: another process has it.
        """
        cursor = connection.cursor()
        try:
            if not self._got(cursor, PASSING_S):
                holder = self._one(cursor, "SELECT IS_USED_LOCK(%s)", self.name)
                if holder != self._last:
                    raise Unavailable(
                        f"another server, connection {holder}, has the lock {self.name!r}; "
                        f"if that server is no more, KILL {holder} on the database server"
                    )
                cursor.execute("KILL %s", (holder,))  # ours, and its server has not noticed that it is gone
                if not self._got(cursor, FREED_LIMIT_S):
                    raise Unavailable(f"our last connection, {holder}, does not let go of {self.name!r}")
            self._last = self._one(cursor, "SELECT CONNECTION_ID()")
        finally:
            cursor.close()

    def _got(self, cursor: Any, wait_s: int) -> bool:
        return self._one(cursor, "SELECT GET_LOCK(%s, %s)", self.name, wait_s) == 1

    @staticmethod
    def _one(cursor: Any, sql: str, *values: Any) -> int:
        cursor.execute(sql, values)
        return int(cursor.fetchone()[0] or 0)
