"""What one owner has to write, coalesced by row, and the statements that write it."""

from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache
from itertools import groupby
from typing import Any, NamedTuple

from sqlalchemy import Connection, TextClause, text

from bluemarble.rows import Write, columns, table

# Rows of these trade places under a second unique key: written whole, all old places emptied first.
TRADING = frozenset({"character_inventory"})


class Shape(NamedTuple):
    """What writes have in common that one statement can write."""

    table: str
    keys: tuple[str, ...]
    columns: tuple[str, ...]
    how: str  # "upsert", "update", "delete" or "insert"


class Row(NamedTuple):
    """
    One row to write: `Write` with its table's name.

    @ivar fresh: it was deleted before, so what `values` does not name goes to its default.
    """

    table: str
    key: dict[str, Any]
    values: dict[str, Any] | None
    insert: bool
    fresh: bool = False

    def shape(self) -> Shape:
        """Which other rows can be written with it."""
        how = (
            "delete"
            if self.values is None
            else "insert"
            if self.table in TRADING
            else "upsert"
            if self.insert
            else "update"
        )
        return Shape(self.table, tuple(self.key), tuple(self.values or ()), how)


class Batch:
    """
    One owner's rows, in the order to write them; they belong in one transaction.

    @ivar since_s: when the oldest of them was asked for, by the clock of whoever made this.
    """

    __slots__ = ("owner", "rows", "since_s")

    def __init__(self, owner: int, since_s: float = 0.0) -> None:
        self.owner = owner
        self.since_s = since_s
        self.rows: dict[tuple[Any, ...], Row] = {}

    def __len__(self) -> int:
        return len(self.rows)

    def add(self, writes: Iterable[Write]) -> None:
        """
        Take in more writes; a row that is in already is written once, as it is last.

        @raise ValueError: a row's key is not the primary key of its table, it is to be changed in nothing, or
            it is one of TRADING and not whole.
        """
        rows = [_checked(write) for write in writes]
        for row in rows:
            self.put(row)

    def put(self, row: Row) -> None:
        """Take in one more row."""
        identity = (row.table, *sorted(row.key.items()))
        if row.values is None:
            before = self.rows.get(identity)
            if before is not None and before.values is None:
                return  # stays where it is: what came after may need its place
            self._forget(row)
            self.rows[identity] = row
            return
        before = self.rows.pop(identity, None)
        if before is not None and before.values is not None:
            row = row._replace(
                values=before.values | row.values, insert=row.insert or before.insert, fresh=before.fresh
            )
        elif before is not None:
            if not row.insert:  # a change of a row that will not be there
                self.rows[identity] = before
                return
            row = row._replace(fresh=True)
        self.rows[identity] = row

    def _forget(self, delete: Row) -> None:
        """Drop the rows that a delete makes pointless; its key may be any condition."""
        condition = delete.key.items()
        for identity, row in list(self.rows.items()):
            if row.table == delete.table and condition <= (row.key | (row.values or {})).items():
                del self.rows[identity]


def _checked(write: Write) -> Row:
    if write.values is not None:
        primary = write.table.PRIMARY_KEY
        if set(write.key) != set(primary):
            raise ValueError(f"{table(write.table)}: the key is {primary}, not {tuple(write.key)}")
        if not write.insert and not write.values:
            raise ValueError(f"{table(write.table)}: an update of no columns")
        if table(write.table) in TRADING and {*write.key, *write.values} != set(columns(write.table)):
            raise ValueError(f"{table(write.table)}: write all of its columns")
    elif not write.key:
        raise ValueError(f"{table(write.table)}: a delete of everything")
    for name, value in (write.key | (write.values or {})).items():
        if not isinstance(value, int | float | str | bytes | None):
            raise ValueError(f"{table(write.table)}.{name}: {type(value).__name__} is nothing to store")
    return Row(table(write.table), write.key, write.values, write.insert)


def run(conn: Connection, batches: Sequence[Batch]) -> None:
    """Write the batches: each in its own order, rows of one shape from all of them together."""
    queues = [steps for batch in batches if (steps := list(_steps(batch)))]
    while queues:
        shape = queues[0][0][0]
        rows: list[Row] = []
        for steps in queues:
            if steps[0][0] == shape:
                rows += steps.pop(0)[1]
        queues = [steps for steps in queues if steps]
        _execute(conn, shape, rows)


def _steps(batch: Batch) -> Iterator[tuple[Shape, list[Row]]]:
    """Neighbours of one shape, to be written by one statement."""
    deletes = [
        Row(row.table, row.key, None, False)
        for row in batch.rows.values()
        if row.fresh or row.table in TRADING
    ]
    later = [row for row in batch.rows.values() if row.values is not None or row.table not in TRADING]
    for part in (deletes, later):
        for shape, rows in groupby(part, Row.shape):
            yield shape, list(rows)


def _execute(conn: Connection, shape: Shape, rows: list[Row]) -> None:
    conn.execute(_statement(conn.dialect.name, shape), [{**(row.values or {}), **row.key} for row in rows])


@lru_cache(1000)
def _statement(dialect: str, shape: Shape) -> TextClause:
    return text(_sql(dialect, shape))


def _sql(dialect: str, shape: Shape) -> str:
    where = " AND ".join(f"`{name}` = :{name}" for name in shape.keys)
    if shape.how == "update":
        changes = ", ".join(f"`{name}` = :{name}" for name in shape.columns)
        return f"UPDATE `{shape.table}` SET {changes} WHERE {where}"
    if shape.how == "delete":
        return f"DELETE FROM `{shape.table}` WHERE {where}"
    names = (*shape.keys, *shape.columns)
    insert = (
        f"INSERT INTO `{shape.table}` ({', '.join(f'`{name}`' for name in names)}) "
        f"VALUES ({', '.join(f':{name}' for name in names)})"
    )
    if shape.how == "insert":
        return insert
    if dialect == "sqlite":
        conflict = ", ".join(f"`{name}`" for name in shape.keys)
        changes = ", ".join(f"`{name}` = excluded.`{name}`" for name in shape.columns)
        return f"{insert} ON CONFLICT ({conflict}) DO {f'UPDATE SET {changes}' if changes else 'NOTHING'}"
    changes = ", ".join(f"`{name}` = VALUES(`{name}`)" for name in shape.columns or shape.keys[:1])
    return f"{insert} ON DUPLICATE KEY UPDATE {changes}"
