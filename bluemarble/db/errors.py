"""What goes wrong with a database, told apart by what helps: try again, wait for it, or fix something."""

import sqlite3

from sqlalchemy.exc import DBAPIError

# Numbers are MySQL's and MariaDB's own: https://mariadb.com/kb/en/mariadb-error-codes/
LOST = frozenset(
    {
        1040,
        1053,
        1077,
        1152,
        1158,
        1159,
        1160,
        1161,
        1184,
        1203,
        1927,
        2002,
        2003,
        2005,
        2006,
        2013,
        2014,
        2045,
        2055,
        4031,
    }
)
# It is there and can do nothing for anybody now: full, read-only after a failover, a cluster without quorum.
UNABLE = frozenset({1021, 1026, 1030, 1037, 1041, 1047, 1114, 1180, 1290, 1317, 1792, 1836, 1969, 3024})
CONFLICT = frozenset({1205, 1213, 1020, 1305})  # 1305: the savepoint went with a deadlock
UNKNOWN_DATABASE = 1049
DUPLICATE = 1062
REFUSED = frozenset({1044, 1045, 1130, 1698})
SQLITE_DUPLICATE = frozenset({"SQLITE_CONSTRAINT_PRIMARYKEY", "SQLITE_CONSTRAINT_UNIQUE"})
SQLITE_LOST = ("SQLITE_CANTOPEN", "SQLITE_IOERR", "SQLITE_FULL", "SQLITE_READONLY")
SQLITE_CONFLICT = ("SQLITE_BUSY", "SQLITE_LOCKED")


class Unavailable(Exception):
    """The database cannot be reached now; it may come back."""


class Refused(Unavailable):
    """The database is there and does not let us do what we need: waiting alone does not help."""


def number(error: BaseException) -> int:
    """The server's error number, 0 when there is none."""
    origin = error.orig if isinstance(error, DBAPIError) else error
    args = getattr(origin, "args", ())
    return args[0] if args and isinstance(args[0], int) else 0


def lost(error: BaseException) -> bool:
    """The server is away, or has cut us off: nothing is wrong with what was asked."""
    if isinstance(error, Unavailable):
        return True
    name = _sqlite_name(error)
    return name.startswith(SQLITE_LOST) if name else number(error) in LOST | UNABLE


def conflict(error: BaseException) -> bool:
    """Another transaction was in the way and ours was rolled back: run it again."""
    name = _sqlite_name(error)
    return name.startswith(SQLITE_CONFLICT) if name else number(error) in CONFLICT


def duplicate(error: BaseException) -> bool:
    """A row with that key is there already."""
    return _sqlite_name(error) in SQLITE_DUPLICATE or number(error) == DUPLICATE


def _sqlite_name(error: BaseException) -> str:
    origin = error.orig if isinstance(error, DBAPIError) else error
    return getattr(origin, "sqlite_errorname", "") or "" if isinstance(origin, sqlite3.Error) else ""
