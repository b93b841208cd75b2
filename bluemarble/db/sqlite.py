"""What `sql/` says in MySQL's words, said to SQLite."""

import re

from bluemarble.db.dialect import (
    ALTER,
    INSERT,
    STRING,
    Column,
    Key,
    Statement,
    Table,
    column_of,
    key_of,
    matched,
    table_of,
)

_ESCAPES = {"n": "\n", "t": "\t", "r": "\r", "'": "''", '"': '"', "\\": "\\", "%": "\\%", "_": "\\_"}
_KINDS = {
    "int": "INTEGER",
    "float": "REAL",
    "double": "REAL",
    "char": "TEXT",
    "text": "TEXT",
    "blob": "BLOB",
    "binary": "BLOB",
    "timestamp": "TEXT",
    "datetime": "TEXT",
}


def to_sqlite(statement: Statement) -> list[str]:
    """The statement as SQLite takes it; a table's indexes become statements of their own."""
    if statement.verb == "CREATE TABLE":
        return create_sqlite(table_of(statement))
    if statement.verb in ("INSERT", "REPLACE"):
        return [_insert_sqlite(statement)]
    if statement.verb != "ALTER TABLE":
        return [_strings(statement)]
    alter = matched(ALTER, statement)
    table = alter["table"]
    if alter["column"]:
        column = column_of(alter["column"], statement, False)[0]
        return [f"ALTER TABLE `{table}` ADD COLUMN {_column_sqlite(column)}"]
    if alter["key"]:
        return [_key_sqlite(table, key_of(alter["key"], statement))]
    if alter["what"] and alter["what"].upper() == "KEY":
        return [f"DROP INDEX `{table}.{alter['dropped']}`"]
    return [alter[0]]


def create_sqlite(table: Table) -> list[str]:
    """The table and its indexes in SQLite's words."""
    lines = [_column_sqlite(column) for column in table.columns.values()]
    if table.primary and not any(column.auto for column in table.columns.values()):
        lines.append(f"PRIMARY KEY ({_quoted(table.primary)})")
    body = ",\n  ".join(lines)
    return [
        f"CREATE TABLE IF NOT EXISTS `{table.name}` (\n  {body}\n)",
        *(_key_sqlite(table.name, key) for key in table.keys.values()),
    ]


def _column_sqlite(column: Column) -> str:
    if column.auto:
        return f"`{column.name}` INTEGER PRIMARY KEY AUTOINCREMENT"
    kind = next(by for ending, by in _KINDS.items() if column.kind.endswith(ending))
    collate = " COLLATE NOCASE" if column.kind in ("char", "varchar") and not column.binary else ""
    default = "" if column.default is None else f" DEFAULT {column.default}"
    return f"`{column.name}` {kind}{collate}{'' if column.null else ' NOT NULL'}{default}"


def _key_sqlite(table: str, key: Key) -> str:
    unique = "UNIQUE " if key.unique else ""
    return f"CREATE {unique}INDEX IF NOT EXISTS `{table}.{key.name}` ON `{table}` ({_quoted(key.columns)})"


def _quoted(names: tuple[str, ...]) -> str:
    return ", ".join(f"`{name}`" for name in names)


def _insert_sqlite(statement: Statement) -> str:
    match = INSERT.match(statement.text)
    text = _strings(statement)
    return text.replace(" IGNORE", " OR IGNORE", 1) if match is not None and match["ignore"] else text


def _strings(statement: Statement) -> str:
    """The text with MySQL's backslashes in strings resolved; most statements have none."""
    if "\\" not in statement.text:
        return statement.text

    def resolve(string: re.Match[str]) -> str:
        def escape(match: re.Match[str]) -> str:
            if match[1] not in _ESCAPES:
                raise statement.refuse(f"\\{match[1]} is not known on both engines", string.start())
            return _ESCAPES[match[1]]

        return re.sub(r"\\(.)", escape, string[0], flags=re.S)

    return re.sub(rf"{STRING}", resolve, statement.text, flags=re.S)
