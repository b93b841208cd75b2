import importlib.resources
import sqlite3

import pytest

from bluemarble.db.dialect import UnknownHabit, apply, statements
from bluemarble.db.sqlite import to_sqlite

TABLE = """-- A table.

CREATE TABLE IF NOT EXISTS `thing` (
  `id` int unsigned PRIMARY KEY AUTO_INCREMENT,     -- comments may stand here
  `name` varchar(12) NOT NULL DEFAULT 'it''s; -- a "name"',
  `code` binary(32) NULL DEFAULT NULL,
  `size` float NOT NULL DEFAULT -1.5,
  `made` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  UNIQUE KEY `idx_name` (`name`),
  KEY `idx_size` (`size`, `made`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
"""


def sqlite(*scripts):
    connection = sqlite3.connect(":memory:")
    for number, script in enumerate(scripts):
        for statement in statements(script, f"{number}.sql"):
            for line in to_sqlite(statement):
                connection.execute(line)
    return connection


def rows(connection, query):
    try:
        return connection.execute(query).fetchall()
    finally:
        connection.close()


def test_a_table_keeps_its_columns_defaults_and_indexes():
    connection = sqlite(TABLE, "INSERT INTO `thing` (`id`) VALUES (7);")
    indexes = "(SELECT group_concat(name) FROM sqlite_master WHERE type = 'index')"
    assert rows(connection, f"SELECT id, name, code, size, length(made), {indexes} FROM thing") == [
        (7, 'it\'s; -- a "name"', None, -1.5, 19, "thing.idx_name,thing.idx_size")
    ]


def test_names_are_unique_without_case_unless_the_table_is_binary():
    connection = sqlite(TABLE, "INSERT INTO `thing` (`name`) VALUES ('ada');")
    with pytest.raises(sqlite3.IntegrityError):
        connection.execute("INSERT INTO thing (name) VALUES ('ADA')")
    connection.close()
    binary = TABLE.replace("unicode_ci", "bin")
    connection = sqlite(binary, "INSERT INTO `thing` (`name`) VALUES ('ada'), ('ADA');")
    assert rows(connection, "SELECT COUNT(*) FROM thing WHERE name = 'ada'") == [(1,)]


def test_strings_survive_with_everything_that_looks_like_sql():
    told = "it''s; -- no comment; \"quoted\" `back` # /* */ 0x12 ?:name %s"
    connection = sqlite(TABLE, f"INSERT INTO `thing` (`name`) VALUES\n('{told}');")
    assert rows(connection, "SELECT name FROM thing") == [(told.replace("''", "'"),)]


def test_backslashes_mean_what_they_mean_to_mysql():
    connection = sqlite(TABLE, r"INSERT INTO `thing` (`name`, `size`) VALUES ('a\'b\\\n\"', 1);")
    assert rows(connection, "SELECT name FROM thing") == [("a'b\\\n\"",)]


def test_alterations_reach_both_the_schema_and_sqlite():
    changes = """
ALTER TABLE `thing` ADD COLUMN `colour` tinyint unsigned NOT NULL DEFAULT 3;
ALTER TABLE `thing` ADD KEY `idx_colour` (`colour`);
ALTER TABLE `thing` DROP KEY `idx_size`;
ALTER TABLE `thing` DROP COLUMN `size`;
ALTER TABLE `thing` RENAME COLUMN `code` TO `secret`;
UPDATE `thing` SET `colour` = COALESCE(`colour`, 4) WHERE `id` IN (1, 2);
DELETE FROM `thing` WHERE `id` = 3;
"""
    schema = {}
    for script in (TABLE, changes):
        for statement in statements(script, "x.sql"):
            apply(schema, statement)
    connection = sqlite(TABLE, changes)
    described = [row[0] for row in rows(connection, "SELECT name FROM pragma_table_info('thing')")]
    assert described == list(schema["thing"].columns) == ["id", "name", "secret", "made", "colour"]
    assert set(schema["thing"].keys) == {"idx_name", "idx_colour"}


@pytest.mark.parametrize(
    ("script", "told"),
    [
        ("SELECT 1;", "x.sql:1: 'SELECT 1'"),
        ("\n\nTRUNCATE `thing`;", "x.sql:3: "),
        ("INSERT INTO `thing` (`id`) VALUES (1)", "x.sql:1: the last statement ends without"),
        ("INSERT INTO `thing` (`id`) VALUES (0x12);", "x.sql:1: '0x12"),
        ('INSERT INTO `thing` (`name`) VALUES ("x");', 'x.sql:1: \'"x"'),
        ("INSERT INTO `thing` (`name`) VALUES ('x');\n# note\n", "x.sql:2: '# note"),
        ("/* note */ DELETE FROM `thing`;", "x.sql:1: '/* note"),
        ("INSERT INTO `thing` (`id`) VALUES (1) --5;\n;", "x.sql:1: '--5"),
        ("INSERT INTO thing VALUES (1);", "x.sql:1: write INSERT"),
        ("INSERT INTO `thing` SET `id` = 1;", "x.sql:1: write INSERT"),
        ("UPDATE `thing` SET `made` = NOW();", "x.sql:1: NOW is not known"),
        ("UPDATE `a` JOIN `b` SET `x` = 1;", "x.sql:1: write UPDATE"),
        ("DELETE FROM `thing` WHERE `id` = 1 LIMIT 1;", "x.sql:1: LIMIT is not known"),
        (TABLE.replace("float", "decimal"), "x.sql:7: `size` decimal"),
        (TABLE.replace("float", "enum('a')"), "x.sql:7: "),
        (TABLE.replace("InnoDB", "MyISAM"), "x.sql:3: not a form of CREATE TABLE"),
        (TABLE.replace("`idx_size` (`size`, `made`)", "`idx_size` (`name`(4))"), "x.sql:10: "),
        (TABLE.replace("NULL,", "NULL ON UPDATE CURRENT_TIMESTAMP,"), "x.sql:6: "),
        (TABLE.replace("-1.5,", "-1.5"), "x.sql:7: write one definition a line"),
        (
            TABLE.replace("PRIMARY KEY AUTO_INCREMENT", "NOT NULL AUTO_INCREMENT"),
            "x.sql:3: AUTO_INCREMENT needs",
        ),
        ("ALTER TABLE `thing` ADD COLUMN `x` int NOT NULL;", "x.sql:1: a column added later"),
        ("ALTER TABLE `thing` MODIFY COLUMN `x` int;", "x.sql:1: not a form of ALTER TABLE"),
        ("ALTER TABLE `thing` ADD COLUMN `x` int NULL, ADD COLUMN `y` int NULL;", "x.sql:1: "),
        (r"INSERT INTO `thing` (`name`) VALUES ('\0');", "x.sql:1: \\0 is not known"),
    ],
)
def test_what_is_not_known_is_refused_with_its_line(script, told):
    with pytest.raises(UnknownHabit) as refused:
        for statement in statements(script, "x.sql"):
            to_sqlite(statement)
    assert str(refused.value).startswith(told)


def test_every_file_that_we_ship_is_known_and_sqlite_takes_it():
    for name in ("auth", "characters", "world"):
        folder = importlib.resources.files("sql") / name
        files = [path for part in ("base", "updates") for path in sorted((folder / part).iterdir(), key=str)]
        connection = sqlite(*(path.read_text("utf-8") for path in files if path.name.endswith(".sql")))
        connection.close()
