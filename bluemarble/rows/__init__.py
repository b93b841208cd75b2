"""
Rows as the rest of the server sees them: a dataclass a table, columns in order, and what to write.

A TIMESTAMP column is whatever the engine gives for it, text or a datetime; nothing of ours counts with one.
"""

import re
from dataclasses import fields
from functools import cache
from typing import Any, NamedTuple


class Write(NamedTuple):
    """
    One row to write.

    @ivar table: the table's row class.
    @ivar key: column name to value, the whole primary key (or a delete's condition).
    @ivar values: the other columns to set; None deletes the row.
    @ivar insert: make the row when it is missing; else only an existing one is changed.
    """

    table: type[Any]
    key: dict[str, Any]
    values: dict[str, Any] | None
    insert: bool = True


def table(row: type[Any]) -> str:
    """The table of a row class: `CreatureAddonRow` is `creature_addon`."""
    return _snake(row.__name__)


def columns(row: Any) -> tuple[str, ...]:
    """The columns in order; a field that would be a Python keyword has an underscore more than its column."""
    return _columns(row)


@cache
def _columns(row: Any) -> tuple[str, ...]:
    return tuple(field.name.rstrip("_") for field in fields(row))


@cache
def _snake(name: str) -> str:
    return re.sub(r"(?<!^)(?=[A-Z])", "_", name.removesuffix("Row")).lower()
