"""The world database, read once at start: whole tables as their row classes."""

import struct
from collections.abc import Callable, Iterable, Iterator
from dataclasses import fields
from typing import Any, TypeVar, get_type_hints

from sqlalchemy import Connection

from bluemarble.rows import columns, table

R = TypeVar("R")

ROWS_A_FETCH = 2000


def tables(conn: Connection, classes: Iterable[type[Any]]) -> Iterator[Iterator[Any]]:
    """
    The rows of each class's table, one table after the other; each is read as it is asked for.

    So a Content can be built from them in the thread that reads, and no table is in memory twice.
    """
    return (rows(conn, cls) for cls in classes)


def rows(conn: Connection, cls: type[R]) -> Iterator[R]:
    """
    Every row of the class's table, by primary key: one statement.

    Floats are float32 values on both engines, so the same content is the same numbers.
    """
    names = columns(cls)
    floats = [at for at, name in enumerate(_float_fields(cls)) if name]
    exact = "" if conn.dialect.name == "sqlite" else " + 0e0"  # else a FLOAT comes with six digits
    chosen = ", ".join(f"`{name}`{exact * (at in floats)}" for at, name in enumerate(names))
    key = ", ".join(f"`{name}`" for name in getattr(cls, "PRIMARY_KEY", ()))
    order = f" ORDER BY {key}" if key else ""
    cursor = conn.connection.cursor()  # past SQLAlchemy's rows: there may be 120 000 spawns
    try:
        cursor.execute(f"SELECT {chosen} FROM `{table(cls)}`{order}")
        narrow = _narrowing(floats) if floats and not exact else None
        while found := cursor.fetchmany(ROWS_A_FETCH):
            for values in found:
                yield cls(*values) if narrow is None else cls(*narrow(list(values)))
    finally:
        cursor.close()


def _float_fields(cls: type[Any]) -> list[bool]:
    hints = get_type_hints(cls)
    return [hints[field.name] in (float, float | None) for field in fields(cls)]


def _narrowing(at: list[int]) -> Callable[[list[Any]], list[Any]]:
    """A function that rounds these columns of a row to float32, as MySQL does when it stores a FLOAT."""
    form = struct.Struct(f"<{len(at)}f")

    def narrow(values: list[Any]) -> list[Any]:
        numbers = [values[i] for i in at]
        if None in numbers:
            for i in at:
                if values[i] is not None:
                    values[i] = struct.unpack("<f", struct.pack("<f", values[i]))[0]
            return values
        for i, number in zip(at, form.unpack(form.pack(*numbers)), strict=True):
            values[i] = number
        return values

    return narrow
