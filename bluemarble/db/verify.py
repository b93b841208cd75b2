"""Whether a database's tables are the ones that `sql/` declares."""

import re
import sqlite3
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import closing
from typing import Any

from sqlalchemy import Connection, text

from bluemarble.db.dialect import Schema, Table
from bluemarble.db.sqlite import create_sqlite

Words = dict[str, str]  # column, or "key NAME", to what it is in words to compare
SIZED = ("char", "varchar", "binary", "varbinary")


def table_names(conn: Connection) -> set[str]:
    """Every table of the database."""
    if conn.dialect.name == "sqlite":
        query = "SELECT name FROM sqlite_master WHERE type = 'table' AND substr(name, 1, 7) <> 'sqlite_'"
    else:
        query = "SELECT table_name FROM information_schema.tables WHERE table_schema = DATABASE()"
    return {row[0] for row in conn.execute(text(query))}


def differences(
    conn: Connection, schema: Schema, ignore: Collection[str] = ()
) -> tuple[list[str], list[str]]:
    """What is missing or other than declared, and what is there beside it."""
    present = table_names(conn) - set(ignore)
    wrong = [f"table {name} is missing" for name in schema if name not in present]
    beside = [f"table {name} is not ours" for name in sorted(present - set(schema))]
    compare = _sqlite if conn.dialect.name == "sqlite" else _mysql
    for name, want, have in compare(conn, [table for table in schema.values() if table.name in present]):
        for what in want.keys() | have.keys():
            if what not in have:
                wrong.append(f"{name}.{what} is missing")
            elif what not in want:
                beside.append(f"{name}.{what} is not ours")
            elif want[what] != have[what]:
                wrong.append(f"{name}.{what} is {have[what]}, want {want[what]}")
        order = [column for column in have if column in want and not column.startswith("key ")]
        if want.keys() <= have.keys() and order != [name for name in want if not name.startswith("key ")]:
            wrong.append(f"{name}: its columns are in another order")
    return sorted(wrong), beside


def _sqlite(conn: Connection, tables: list[Table]) -> Iterator[tuple[str, Words, Words]]:
    """Ask SQLite itself what it makes of our words, and what it has."""
    with closing(sqlite3.connect(":memory:")) as model:
        for table in tables:
            for statement in create_sqlite(table):
                model.execute(statement)
            yield (
                table.name,
                _sqlite_words(lambda query: model.execute(query).fetchall(), table.name),
                _sqlite_words(lambda query: conn.exec_driver_sql(query).fetchall(), table.name),
            )


def _sqlite_words(ask: Callable[[str], Sequence[Any]], table: str) -> Words:
    words = {}
    for _, name, kind, not_null, default, primary in ask(f"PRAGMA table_info(`{table}`)"):
        words[name] = f"{kind} {'NOT NULL' if not_null else 'NULL'} default {default} primary {primary}"
    for _, name, unique, *_ in ask(f"PRAGMA index_list(`{table}`)"):
        if name.startswith(f"{table}."):
            columns = ", ".join(row[2] for row in ask(f"PRAGMA index_info(`{name}`)"))
            words[f"key {name.removeprefix(f'{table}.')}"] = f"{'unique ' if unique else ''}({columns})"
    return words


def _mysql(conn: Connection, tables: list[Table]) -> Iterator[tuple[str, Words, Words]]:
    have: dict[str, Words] = {table.name: {} for table in tables}
    for table, name, kind, null, default, extra in conn.execute(
        text("""
            SELECT table_name, column_name, column_type, is_nullable, column_default, extra
              FROM information_schema.columns WHERE table_schema = DATABASE()
             ORDER BY table_name, ordinal_position""")
    ):
        if table in have:
            have[table][name] = _words(kind, null == "YES", default, "auto_increment" in extra.lower())
    keys: dict[tuple[str, str], tuple[bool, list[str]]] = {}
    for table, name, unique, column in conn.execute(
        text("""
            SELECT table_name, index_name, non_unique = 0, column_name FROM information_schema.statistics
             WHERE table_schema = DATABASE() ORDER BY table_name, index_name, seq_in_index""")
    ):
        keys.setdefault((table, name), (bool(unique), []))[1].append(column)
    for (table, name), (unique, columns) in keys.items():
        if table in have:
            have[table][f"key {name}"] = _key_words(unique, columns)
    for declared in tables:
        yield declared.name, _declared(declared), have[declared.name]


def _declared(table: Table) -> Words:
    words = {}
    for column in table.columns.values():
        kind = f"{column.kind}({column.size})" if column.kind in SIZED else column.kind
        null = column.null and column.name not in table.primary
        words[column.name] = _words(
            f"{kind}{' unsigned' if column.unsigned else ''}", null, column.default, column.auto
        )
    if table.primary:
        words["key PRIMARY"] = _key_words(True, table.primary)
    for key in table.keys.values():
        words[f"key {key.name}"] = _key_words(key.unique, key.columns)
    return words


def _words(kind: str, null: bool, default: str | None, auto: bool) -> str:
    """MariaDB and MySQL spell one declaration differently: integer widths, quotes of defaults, brackets."""
    kind = re.sub(r"int\(\d+\)", "int", kind.lower())
    default = (default or "NULL").replace("()", "")
    default = default[1:-1].replace("''", "'") if default.startswith("'") else default
    default = default.removesuffix(".0") if re.fullmatch(r"-?\d+\.0", default) else default
    shown = default if default.upper() not in ("NULL", "CURRENT_TIMESTAMP") else default.upper()
    return f"{kind} {'NULL' if null else 'NOT NULL'} default {shown!r}{' auto_increment' if auto else ''}"


def _key_words(unique: bool, columns: Sequence[str]) -> str:
    return f"{'unique ' if unique else ''}({', '.join(columns)})"
