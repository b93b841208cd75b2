import pytest
from sqlalchemy import text

from bluemarble.db.update import UpdateFailed, Updater

LEDGER = """
CREATE TABLE IF NOT EXISTS `updates` (
  `name` varchar(200) NOT NULL DEFAULT '',
  `hash` char(40) NOT NULL DEFAULT '',
  `state` varchar(16) NOT NULL DEFAULT 'RELEASED',
  `timestamp` timestamp NOT NULL DEFAULT CURRENT_TIMESTAMP,
  `speed` int unsigned NOT NULL DEFAULT 0,
  PRIMARY KEY (`name`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
CREATE TABLE IF NOT EXISTS `updates_include` (
  `path` varchar(200) NOT NULL DEFAULT '',
  `state` varchar(16) NOT NULL DEFAULT 'RELEASED',
  PRIMARY KEY (`path`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
"""
THINGS = """
CREATE TABLE `thing` (
  `id` int unsigned NOT NULL,
  `name` varchar(50) NOT NULL DEFAULT '100% :sure',
  `size` float NOT NULL DEFAULT 1.5,
  PRIMARY KEY (`id`)
) ENGINE=InnoDB DEFAULT CHARSET=utf8mb4 COLLATE=utf8mb4_unicode_ci;
INSERT INTO `thing` (`id`, `name`) VALUES (1, '100% :sure'), (2, 'it''s; -- a thing');
"""
UPDATE = """
ALTER TABLE `thing` ADD COLUMN `colour` int NOT NULL DEFAULT 1;
UPDATE `thing` SET `colour` = `colour` + 1;
INSERT INTO `thing` (`id`) VALUES (3);
ALTER TABLE `thing` ADD KEY `idx_colour` (`colour`);
ALTER TABLE `thing` DROP COLUMN `size`;
ALTER TABLE `thing` RENAME COLUMN `name` TO `title`;
UPDATE `thing` SET `colour` = `colour` + 10;
"""
AFTER = [(1, "100% :sure", 12), (2, "it's; -- a thing", 12), (3, "100% :sure", 11)]


class Killed(Exception):
    """What a test raises where a kill would come."""


@pytest.fixture
def root(tmp_path):
    for name, content in {
        "base/10_ledger.sql": LEDGER,
        "base/20_things.sql": THINGS,
        "updates/2026_01_01_00.sql": UPDATE,
    }.items():
        path = tmp_path / "sql" / "test" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(content)
    return tmp_path / "sql"


@pytest.fixture
def updater(opened, root):
    return Updater(opened(), "test", root)


def rows(updater, result, query="SELECT * FROM thing ORDER BY id"):
    return result(updater.database.read(lambda conn: [tuple(row) for row in conn.execute(text(query))]))


def test_everything_is_applied_once_and_written_down(updater, result):
    assert result(updater.status()).pending == ["10_ledger.sql", "20_things.sql", "2026_01_01_00.sql"]
    assert result(updater.update()) == ["10_ledger.sql", "20_things.sql", "2026_01_01_00.sql"]
    assert rows(updater, result) == AFTER
    assert result(updater.update()) == []
    status = result(updater.status())
    assert (status.pending, status.changed, status.missing, status.unfinished) == ([], [], [], [])
    ledger = rows(updater, result, "SELECT name, state, LENGTH(hash) FROM updates")
    assert sorted(ledger) == [(name, "RELEASED", 40) for name in status.applied]
    assert result(updater.verify()) == ([], [])


def test_a_kill_at_any_point_costs_nothing(new_url, opened, root, result):
    """Killed at its first chance, again at its second, and so on: the last run ends what the others began."""
    point = 0
    while True:
        point += 1
        updater = Updater(opened(new_url()), "test", root)
        if survives(updater, result, point):
            break
        updater.interrupt = lambda: None
        result(updater.update())
        assert rows(updater, result) == AFTER, point
        assert result(updater.verify()) == ([], []), point
    assert point > 10


@pytest.mark.mariadb
def test_kills_one_after_the_other_each_leave_something_done(mariadb, opened_at, root, result):
    updater = Updater(opened_at(mariadb.url("killed")), "test", root)
    assert not all(survives(updater, result, 5) for _ in range(2))
    assert any(survives(updater, result, 5) for _ in range(20))
    assert rows(updater, result) == AFTER
    assert result(updater.verify()) == ([], [])


def survives(updater, result, point):
    chances = []

    def kill():
        chances.append(1)
        if len(chances) == point:
            raise Killed

    updater.interrupt = kill
    try:
        result(updater.update())
    except Killed:
        return False
    return True


def test_a_changed_file_is_an_error_and_never_applied(updater, root, result):
    result(updater.update())
    path = root / "test/updates/2026_01_01_00.sql"
    path.write_text(UPDATE + "DELETE FROM `thing` WHERE `id` = 1;\n")
    (root / "test/updates/2026_01_02_00.sql").write_text("DELETE FROM `thing` WHERE `id` = 2;\n")
    with pytest.raises(UpdateFailed, match=r"2026_01_01_00.sql has changed since"):
        result(updater.update())
    assert rows(updater, result) == AFTER
    assert result(updater.status()).changed == ["2026_01_01_00.sql"]
    assert "2026_01_01_00.sql: changed after it was applied" in result(updater.verify()).problems
    path.write_bytes(UPDATE.encode().replace(b"\n", b"\r\n"))  # a checkout's line ends
    assert result(updater.update()) == ["2026_01_02_00.sql"]
    assert len(rows(updater, result)) == 2


def test_a_failing_statement_names_its_line_and_can_be_mended(updater, root, result):
    bad = "\nINSERT INTO `thing` (`id`) VALUES (9);\n\nINSERT INTO `nothing` (`id`) VALUES (1);\n"
    path = root / "test/updates/2026_01_02_00.sql"
    path.write_text(bad)
    with pytest.raises(UpdateFailed, match=r"2026_01_02_00.sql:4: .*nothing"):
        result(updater.update())
    path.write_text(bad.replace("`nothing` (`id`) VALUES (1)", "`thing` (`id`) VALUES (8)"))
    assert "2026_01_02_00.sql" in result(updater.update())
    assert len(rows(updater, result)) == 5


def test_the_base_goes_into_an_empty_database_only(opened, root, result):
    database = opened()
    result(database.write(lambda conn: conn.exec_driver_sql("CREATE TABLE theirs (a INTEGER)")))
    with pytest.raises(UpdateFailed, match="give us an empty database"):
        result(Updater(database, "test", root).update())


def test_a_base_file_that_came_later_is_an_error(updater, root, result):
    result(updater.update())
    (root / "test/base/30_more.sql").write_text("DELETE FROM `thing`;")
    with pytest.raises(UpdateFailed, match="put it into updates/"):
        result(updater.update())


def test_a_renamed_file_is_known_by_its_content(updater, root, result):
    result(updater.update())
    (root / "test/updates/2026_01_01_00.sql").rename(root / "test/updates/2026_01_01_01.sql")
    assert result(updater.update()) == []
    assert "2026_01_01_01.sql" in result(updater.status()).applied


def test_an_operators_own_folder_is_included(updater, root, tmp_path, result):
    result(updater.update())
    (tmp_path / "mine").mkdir()
    (tmp_path / "mine/mine.sql").write_text("INSERT INTO `thing` (`id`) VALUES (50);\n")
    result(
        updater.database.write(
            lambda conn: conn.execute(
                text("INSERT INTO updates_include VALUES (:path, 'CUSTOM')"), {"path": str(tmp_path / "mine")}
            )
        )
    )
    assert result(updater.update()) == ["mine.sql"]
    assert rows(updater, result, "SELECT state FROM updates WHERE name = 'mine.sql'") == [("CUSTOM",)]


def test_two_files_of_one_name_are_refused(updater, root, result):
    (root / "test/updates/20_things.sql").write_text("DELETE FROM `thing`;")
    with pytest.raises(UpdateFailed, match="same name"):
        result(updater.update())


def test_verify_sees_what_is_missing_other_and_beside(updater, result):
    result(updater.update())

    def meddle(conn):
        for statement in (
            "ALTER TABLE thing DROP COLUMN title",
            "ALTER TABLE thing ADD COLUMN mine INTEGER",
            "CREATE TABLE theirs (a INTEGER)",
            "DROP TABLE updates_include",
            "CREATE TABLE updates_include (path INTEGER, state INTEGER)",
        ):
            conn.exec_driver_sql(statement)

    result(updater.database.administer(meddle))
    problems, notes = result(updater.verify())
    assert "thing.title is missing" in problems
    assert any(problem.startswith("updates_include.state is ") for problem in problems)
    assert notes == ["table theirs is not ours", "thing.mine is not ours"]


@pytest.mark.parametrize("name", ["auth", "characters", "world"])
def test_what_we_ship_is_applied_and_verified(filled, name, result):
    updater = Updater(filled(name), name)
    assert result(updater.verify()) == ([], [])
    assert result(updater.update()) == []


@pytest.mark.mariadb
def test_two_servers_never_migrate_at_once(mariadb, opened_at, root, result, monkeypatch):
    monkeypatch.setattr("bluemarble.db.update.LOCK_TIMEOUT_S", 0)
    url = mariadb.url("locked")
    first, second = (Updater(opened_at(url), "test", root) for _ in range(2))
    told = []

    def meanwhile():
        if not told:
            with pytest.raises(UpdateFailed, match="another server"):
                result(second.update())
            told.append(1)

    first.interrupt = meanwhile
    result(first.update())
    assert told
    assert result(second.update()) == []
