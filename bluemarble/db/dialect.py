"""
MySQL as `sql/` writes it, read strictly.

The habits known here are all that `sql/` may use; anything else is refused with its file and line, so that a
new habit is noticed when it is written and not on the other engine.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import NamedTuple


class UnknownHabit(ValueError):
    """A file says something that has no known meaning on both engines."""


class Statement(NamedTuple):
    """
    One statement of a file, without its semicolon.

    @ivar verb: its first word or two: CREATE TABLE, ALTER TABLE, DROP TABLE, INSERT, REPLACE, UPDATE, DELETE.
    """

    text: str
    verb: str
    file: str
    line: int

    @property
    def ddl(self) -> bool:
        """Does it change the schema?  On MySQL such a statement cannot be rolled back."""
        return self.verb.endswith(" TABLE")

    def refuse(self, why: str, at: int = 0) -> UnknownHabit:
        """The error to raise for what stands at that offset of the text."""
        return UnknownHabit(f"{self.file}:{self.line + self.text.count(chr(10), 0, at)}: {why}")


@dataclass(slots=True)
class Column:
    """A column as declared; `default` is SQL text, None when there is none."""

    name: str
    kind: str
    size: int | None
    unsigned: bool
    null: bool
    default: str | None
    auto: bool
    binary: bool


@dataclass(slots=True)
class Key:
    """An index; the name is unique within its table."""

    name: str
    columns: tuple[str, ...]
    unique: bool


@dataclass(slots=True)
class Table:
    """A table as declared."""

    name: str
    columns: dict[str, Column] = field(default_factory=dict)
    primary: tuple[str, ...] = ()
    keys: dict[str, Key] = field(default_factory=dict)
    binary: bool = False


Schema = dict[str, Table]

STRING = r"'(?:[^'\\]++|\\.|'')*+'"
_PIECE = re.compile(rf"[^;'\"`#/\-0\\]++|{STRING}|`\w++`|--(?=[ \n])[^\n]*+|-(?!-)|0(?![xX])|/(?!\*)", re.S)
_BLANK = re.compile(r"\s++|--(?=[ \n])[^\n]*+")
_COMMENT = re.compile(rf"({STRING})|--(?=[ \n])[^\n]*+", re.S)
_VERB = re.compile(r"(CREATE TABLE|ALTER TABLE|DROP TABLE|INSERT|REPLACE|UPDATE|DELETE)\b", re.I)
_CREATE = re.compile(
    r"CREATE TABLE (?:IF NOT EXISTS )?`(?P<name>\w+)` \(\n(?P<body>.*)\n\) "
    r"ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_(?P<collation>unicode_ci|bin)",
    re.I | re.S,
)
_COLUMN = re.compile(
    rf"`(?P<name>\w+)` (?P<kind>tinyint|smallint|mediumint|int|bigint|float|double|"
    rf"char|varchar|binary|varbinary|tinytext|text|mediumtext|longtext|tinyblob|blob|mediumblob|longblob|"
    rf"timestamp|datetime)"
    rf"(?:\((?P<size>\d+)\))?(?P<unsigned> unsigned)?(?: CHARACTER SET utf8mb4)?"
    rf"(?: COLLATE utf8mb4_(?P<collation>unicode_ci|bin))?"
    rf"(?P<null> NOT NULL| NULL)?(?: DEFAULT (?P<default>NULL|-?\d+(?:\.\d+)?|CURRENT_TIMESTAMP|{STRING}))?"
    rf"(?P<primary> PRIMARY KEY)?(?P<auto> AUTO_INCREMENT)?"
    rf"(?: COMMENT {STRING})?",
    re.I | re.S,
)
_PRIMARY = re.compile(r"PRIMARY KEY \((?P<columns>(?:`\w+`(?:, ?)?)+)\)", re.I)
_KEY = re.compile(r"(?P<unique>UNIQUE )?KEY `(?P<name>\w+)` \((?P<columns>(?:`\w+`(?:, ?)?)+)\)", re.I)
ALTER = re.compile(
    r"ALTER TABLE `(?P<table>\w+)`\s+(?:"
    r"ADD COLUMN (?P<column>`.*)|ADD (?P<key>(?:UNIQUE )?KEY .*)|"
    r"DROP (?P<what>COLUMN|KEY) `(?P<dropped>\w+)`|"
    r"RENAME COLUMN `(?P<old>\w+)` TO `(?P<new>\w+)`)",
    re.I | re.S,
)
_DROP = re.compile(r"DROP TABLE (?:IF EXISTS )?`(?P<table>\w+)`", re.I)
INSERT = re.compile(r"(?:INSERT|REPLACE)(?P<ignore> IGNORE)? INTO `\w+` \((?:`\w+`,?\s*)+\)\s+VALUES\s", re.I)
_CHANGE = re.compile(r"(?:UPDATE `\w+` SET |DELETE FROM `\w+`(?: WHERE |$))", re.I)
_CALL = re.compile(rf"{STRING}|(\w+)\s*\(|\b(JOIN|LIMIT|INTERVAL|REGEXP|XOR|DIV)\b", re.I | re.S)
_CALLS = frozenset(
    "IN AND OR NOT VALUES COALESCE MAX MIN COUNT SUM ABS EXISTS UPPER LOWER "
    "REPLACE SELECT WHERE AS SET".split()
)


def statements(script: str, file: str) -> list[Statement]:
    """
    The statements of a file, each known.

    @raise UnknownHabit: one is not among the habits, or ends without a semicolon.
    """
    found: list[Statement] = []
    at, line = 0, 1
    while True:
        start = _end(_BLANK, script, at)
        line += script.count("\n", at, start)
        if start == len(script):
            return found
        end = _end(_PIECE, script, start)
        here = line + script.count("\n", start, end)
        if end == len(script):
            raise UnknownHabit(f"{file}:{here}: the last statement ends without ';'")
        if script[end] != ";":
            raise UnknownHabit(
                f"{file}:{here}: {script[end : end + 12]!r}: write `names`, 'strings', "
                "-- comments and x'hex' only"
            )
        text = script[start:end].rstrip()
        verb = _VERB.match(text)
        if verb is None:
            raise UnknownHabit(f"{file}:{line}: {text[:40]!r} is not a statement that both engines take")
        statement = Statement(text, verb[1].upper(), file, line)
        _check(statement)
        found.append(statement)
        at, line = end + 1, here


def _end(piece: re.Pattern[str], script: str, at: int) -> int:
    """Where the pieces that follow each other from `at` end."""
    # Not one pattern that repeats: Python 3.11.2 does not go back from a possessive repeat that fails inside.
    while match := piece.match(script, at):
        at = match.end()
    return at


def _check(statement: Statement) -> None:
    """Refuse data statements whose form is not known; the others are parsed anyway."""
    if statement.verb in ("INSERT", "REPLACE"):
        if INSERT.match(statement.text) is None:
            raise statement.refuse("write INSERT [IGNORE] INTO `table` (`column`, ...) VALUES ...")
    elif statement.verb in ("UPDATE", "DELETE"):
        if _CHANGE.match(statement.text) is None:
            raise statement.refuse("write UPDATE `table` SET ..., or DELETE FROM `table` WHERE ...")
        for call in _CALL.finditer(statement.text):
            word = (call[1] or call[2] or "IN").upper()
            if word not in _CALLS:
                raise statement.refuse(f"{word} is not known on both engines", call.start())
    else:
        _parsed(statement)


def apply(schema: Schema, statement: Statement) -> None:
    """Let a statement have its effect on a schema; data statements have none."""
    if statement.ddl:
        _parsed(statement)(schema)


def _parsed(statement: Statement) -> Callable[[Schema], None]:
    """What a DDL statement does to a schema."""
    if statement.verb == "CREATE TABLE":
        table = table_of(statement)

        def create(schema: Schema) -> None:
            schema.setdefault(table.name, table)

        return create
    if statement.verb == "DROP TABLE":
        drop = matched(_DROP, statement)

        def remove(schema: Schema) -> None:
            schema.pop(drop["table"], None)

        return remove
    return _altered(statement)


def _altered(statement: Statement) -> Callable[[Schema], None]:
    alter = matched(ALTER, statement)
    name = alter["table"]

    def change(schema: Schema) -> None:
        if name not in schema:
            raise statement.refuse(f"there is no table {name}")
        table = schema[name]
        if alter["column"]:
            added = column_of(alter["column"], statement, table.binary)[0]
            table.columns[added.name] = added
        elif alter["key"]:
            key = key_of(alter["key"], statement)
            table.keys[key.name] = key
        elif alter["old"]:
            for column in table.columns.values():
                column.name = alter["new"] if column.name == alter["old"] else column.name
            table.columns = {column.name: column for column in table.columns.values()}
        elif alter["what"].upper() == "COLUMN":
            del table.columns[alter["dropped"]]
        else:
            del table.keys[alter["dropped"]]

    if alter["column"]:
        column, primary = column_of(alter["column"], statement, False)
        if primary or (not column.null and column.default in (None, "CURRENT_TIMESTAMP")):
            raise statement.refuse("a column added later is NULL or has a constant default, and is no key")
    elif alter["key"]:
        key_of(alter["key"], statement)
    return change


def table_of(statement: Statement) -> Table:
    """
    The table that a CREATE TABLE declares: one definition a line.

    @raise UnknownHabit: with the line that is not understood.
    """
    match = matched(_CREATE, statement)
    table = Table(match["name"], binary=match["collation"].lower() == "bin")
    offset = match.start("body")
    lines = match["body"].split("\n")
    for number, line in enumerate(lines):
        bare = _uncommented(line).strip()
        definition = bare.removesuffix(",")
        if definition:
            if bare.endswith(",") != (number < len(lines) - 1):
                raise statement.refuse("write one definition a line, with commas between them", offset)
            _define(table, definition, statement, offset)
        offset += len(line) + 1
    if any(column.auto and table.primary != (column.name,) for column in table.columns.values()):
        raise statement.refuse("AUTO_INCREMENT needs a primary key of that column alone")
    return table


def _define(table: Table, definition: str, statement: Statement, at: int) -> None:
    if match := _PRIMARY.fullmatch(definition):
        if table.primary:
            raise statement.refuse("a second primary key", at)
        table.primary = _names(match["columns"])
    elif definition[0] == "`":
        column, primary = column_of(definition, statement, table.binary, at)
        table.columns[column.name] = column
        if primary:
            table.primary = (column.name,)
    else:
        key = key_of(definition, statement, at)
        table.keys[key.name] = key


def column_of(text: str, statement: Statement, binary: bool, at: int = 0) -> tuple[Column, bool]:
    """
    The column that a definition declares, and whether it is the primary key.

    @raise UnknownHabit: with the line that stands `at` characters into the statement.
    """
    match = _COLUMN.fullmatch(text.strip())
    if match is None:
        raise statement.refuse(f"{text.strip()[:80]}: not a column definition that both engines take", at)
    default = match["default"]
    if default is not None and default.upper() in ("NULL", "CURRENT_TIMESTAMP"):
        default = default.upper()
    collation = match["collation"]
    primary = match["primary"] is not None
    null = not primary and (match["null"] or "").strip().upper() != "NOT NULL"
    return Column(
        match["name"],
        match["kind"].lower(),
        int(match["size"]) if match["size"] else None,
        match["unsigned"] is not None,
        null,
        default,
        match["auto"] is not None,
        binary if collation is None else collation.lower() == "bin",
    ), primary


def key_of(text: str, statement: Statement, at: int = 0) -> Key:
    """
    The index that a definition declares.

    @raise UnknownHabit: with the line that stands `at` characters into the statement.
    """
    match = _KEY.fullmatch(text.strip())
    if match is None:
        raise statement.refuse(f"{text.strip()[:80]}: not a key definition that both engines take", at)
    return Key(match["name"], _names(match["columns"]), match["unique"] is not None)


def _names(columns: str) -> tuple[str, ...]:
    return tuple(re.findall(r"\w+", columns))


def matched(pattern: re.Pattern[str], statement: Statement) -> re.Match[str]:
    """
    The parts of a statement without its comments.

    @raise UnknownHabit: it has not the pattern's form.
    """
    text = statement.text if pattern is _CREATE else _uncommented(statement.text).strip()
    match = pattern.fullmatch(text)
    if match is None:
        raise statement.refuse(f"not a form of {statement.verb} that both engines take")
    return match


def _uncommented(text: str) -> str:
    return _COMMENT.sub(lambda match: match[1] or "", text) if "--" in text else text
