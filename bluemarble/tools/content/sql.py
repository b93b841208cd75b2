"""Rows as SQL text that MySQL and SQLite both take."""

from collections.abc import Iterator, Sequence
from dataclasses import fields
from typing import Any

from bluemarble.rows import columns, table

ROWS_A_STATEMENT = 250


def replace(rows: Sequence[Any]) -> Iterator[str]:
    """
    REPLACE statements for rows of one class; only columns that some row sets apart from their default.

    REPLACE, so that a file that was cut short can be run again from its beginning.
    @raise ValueError: a text has something in it that a splitter of statements could trip over.
    """
    row: type[Any] = type(rows[0])
    pairs = list(zip((field.name for field in fields(row)), columns(row), strict=True))
    defaults = row()
    used = [
        (name, column)
        for name, column in pairs
        if column in row.PRIMARY_KEY or any(getattr(r, name) != getattr(defaults, name) for r in rows)
    ]
    head = f"REPLACE INTO `{table(row)}` ({', '.join(f'`{column}`' for _, column in used)}) VALUES\n"
    for start in range(0, len(rows), ROWS_A_STATEMENT):
        some = rows[start : start + ROWS_A_STATEMENT]
        lines = ("(" + ",".join(literal(getattr(r, name)) for name, _ in used) + ")" for r in some)
        yield head + ",\n".join(lines) + ";\n"


def literal(value: object) -> str:
    """A value as both dialects spell it; floats to what a FLOAT column keeps."""
    if value is None:
        return "NULL"
    if isinstance(value, float):
        return f"{value:.7g}"
    if isinstance(value, int):
        return str(value)
    if isinstance(value, str):
        if any(bad in value for bad in (";", "--", "\\", "\n")):
            raise ValueError(f"no plain text: {value!r}")
        return "'" + value.replace("'", "''") + "'"
    raise TypeError(f"{type(value).__name__} has no literal here")


def script(about: str, *tables: Sequence[Any]) -> str:
    """A whole file: a comment, then every table's rows."""
    return f"-- {about}\n-- Made by bluemarble.tools.make_content.\n\n" + "\n".join(
        statement for rows in tables for statement in replace(rows)
    )
