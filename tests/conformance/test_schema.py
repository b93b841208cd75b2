"""The databases on both engines: our row classes have their columns, and tools from outside find theirs."""

import importlib
import pkgutil
from dataclasses import fields

import pytest
from sqlalchemy import inspect, text
from twisted.internet.task import Clock

import bluemarble.rows
from bluemarble.db.dialect import statements, table_of
from bluemarble.db.pool import Database
from bluemarble.db.update import Updater, sql_root
from bluemarble.rows import columns, table

NAMES = ("auth", "characters", "world")
ROWS = [
    row
    for module in pkgutil.iter_modules(bluemarble.rows.__path__, "bluemarble.rows.")
    for name, row in vars(importlib.import_module(module.name)).items()
    if name.endswith("Row")
]


def result(deferred):
    """What an inline database's Deferred holds already."""
    got = []
    deferred.addBoth(got.append)
    if hasattr(got[0], "raiseException"):
        got[0].raiseException()
    return got[0]


@pytest.fixture(scope="module", params=["sqlite", pytest.param("mariadb", marks=pytest.mark.mariadb)])
def databases(request, tmp_path_factory):
    """The three, made from sql/ on one engine."""
    if request.param == "sqlite":
        folder = tmp_path_factory.mktemp("schema")
        made = {name: Database(f"sqlite:///{folder}/{name}.sqlite", executor="inline") for name in NAMES}
    else:
        server = request.getfixturevalue("mariadb")
        made = {name: Database(server.url(f"schema_{name}"), executor="inline") for name in NAMES}
    for name, database in made.items():
        result(database.wait_until_up(Clock()))
        result(Updater(database, name).update())
    yield made
    for database in made.values():
        database.close()


def database_of(row):
    return row.__doc__.strip().partition("\n")[0].partition(".")[0]


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__name__)
def test_row(row, databases):
    """Columns in order, the primary key, and the table that the docstring names."""
    assert row.__doc__.strip().partition("\n")[0] == f"{database_of(row)}.{table(row)}"

    def look(connection):
        seen = inspect(connection)
        return seen.get_columns(table(row)), seen.get_pk_constraint(table(row))["constrained_columns"]

    found, key = result(databases[database_of(row)].read(look))
    assert tuple(column["name"] for column in found) == columns(row)
    assert tuple(key) == row.PRIMARY_KEY


DECLARED = {
    (name, made.name): made
    for name in NAMES
    for path in sorted((sql_root() / name / "base").iterdir(), key=lambda path: path.name)
    for statement in statements(path.read_text(), path.name)
    if statement.verb == "CREATE TABLE"
    for made in [table_of(statement)]
}
ZERO = {"int": 0, "float": 0.0, "char": "", "text": "", "binary": b"", "blob": b"", "timestamp": None}


@pytest.mark.parametrize("row", ROWS, ids=lambda row: row.__name__)
def test_defaults(row):
    """A row made with nothing said is the row that the database makes."""
    declared = DECLARED[database_of(row), table(row)].columns
    for field in fields(row):
        column = declared[field.name.rstrip("_")]
        if column.default is None or column.default in ("NULL", "CURRENT_TIMESTAMP"):
            zero = next(value for kind, value in ZERO.items() if column.kind.endswith(kind))
            want = None if column.null or column.default == "CURRENT_TIMESTAMP" else zero
        elif column.default.startswith("'"):
            want = column.default[1:-1]
        else:
            want = float(column.default) if column.kind == "float" else int(column.default)
        assert field.default == want, field.name
        assert type(field.default) is type(want), field.name


@pytest.mark.parametrize(
    ("name", "count"),
    [
        ("creature_template", 55),
        ("item_template", 138),
        ("quest_template", 105),
        ("spell_dbc", 234),
        ("npc_text", 90),
        ("smart_scripts", 31),
        ("creature_addon", 8),
    ],
)
def test_the_editor_finds_its_columns(name, count):
    """Keira3 writes every column it knows: how many, and no more."""
    assert len(DECLARED["world", name].columns) == count


# What tools from outside send, by database: values left out must have defaults that both engines know.
OUTSIDE = {
    "auth": (
        "INSERT INTO account (username, salt, verifier, expansion) VALUES ('TESTER', :b32, :b32, 2)",
        "INSERT INTO account (username, salt, verifier, email, reg_mail, expansion) "
        "VALUES ('PANEL', :b32, :b32, 'a@example.org', 'a@example.org', 2)",
        "INSERT INTO account_access (id, gmlevel, RealmID) VALUES (1, 3, -1)",
        "UPDATE account SET salt = :b32, verifier = :b32 WHERE username = 'TESTER'",
        "INSERT INTO account_banned (id, bandate, unbandate, bannedby, banreason) VALUES (2, 1, 1, 'x', 'y')",
        "INSERT INTO ip_banned (ip, bandate, unbandate) "
        "VALUES ('2001:0db8:ffff:ffff:ffff:ffff:192.168.100.200', 1, 1)",
    ),
    "characters": (
        "INSERT INTO characters (guid, account, name, taximask) VALUES (7, 1, 'Tester', '')",
        "UPDATE characters SET level = 80, position_x = 1.5, map = 1, health = 99999, power1 = 99999, "
        "playerFlags = playerFlags & ~(16 | 32) WHERE name = 'Tester' AND online = 0",
        "INSERT INTO character_spell (guid, spell, specMask) VALUES (7, 668, 255)",
        "INSERT INTO item_instance (guid, itemEntry, owner_guid, count, durability, enchantments) "
        "VALUES (1, 25, 7, 1, 20, '0 0 0')",
        "INSERT INTO character_inventory (guid, bag, slot, item) VALUES (7, 0, 15, 1)",
        "INSERT INTO petition (ownerguid, petitionguid, petition_id, name, type) VALUES (7, 2, 2, 'Us', 9)",
        "INSERT INTO guild_member (guildid, guid, `rank`, pnote, offnote) VALUES (1, 7, 0, '', '')",
    ),
}


@pytest.mark.parametrize("name", OUTSIDE)
def test_tools_write(name, databases):
    """Load testers and panels insert while we run, saying only the columns they know."""

    def send(connection):
        for line in OUTSIDE[name]:
            if ":b32" in line:
                done = connection.execute(text(line), {"b32": bytes(range(32))})
            else:
                done = connection.exec_driver_sql(line)
            assert done.rowcount == 1, line
        connection.rollback()

    result(databases[name].write(send))


def test_a_verifier_comes_back_as_it_went(databases):
    """32 bytes, also with zeros at the end: nothing pads, nothing strips."""
    short = bytes(31) + b"\x01", b"\x01" + bytes(31)

    def both(connection):
        connection.execute(
            text("INSERT INTO account (username, salt, verifier) VALUES ('ZEROS', :s, :v)"),
            {"s": short[0], "v": short[1]},
        )
        row = connection.execute(text("SELECT salt, verifier FROM account WHERE username = 'ZEROS'")).one()
        connection.rollback()
        return tuple(bytes(value) for value in row)

    assert result(databases["auth"].write(both)) == short
