from dataclasses import make_dataclass

import pytest
from sqlalchemy import text

from bluemarble.db import world
from bluemarble.rows.world_creatures import CreatureRow, CreatureTemplateRow
from bluemarble.rows.world_players import PlayercreateinfoRow
from bluemarble.sim.content import USED, Content


@pytest.fixture
def database(filled):
    return filled("world")


def test_rows_are_whole_tables_in_key_order(database, result):
    found = result(database.read(lambda conn: list(world.rows(conn, CreatureRow))))
    assert [row.guid for row in found] == sorted(row.guid for row in found)
    assert len(found) == result(
        database.read(lambda conn: conn.execute(text("SELECT COUNT(*) FROM creature")).scalar())
    )
    assert {type(row.position_x) for row in found} == {float}


def test_floats_are_exact_float32_on_both_engines(database, result):
    result(
        database.write(
            lambda conn: conn.execute(
                text(
                    "INSERT INTO creature (guid, id, position_x, position_y) "
                    "VALUES (16000000, 1, -8949.951, 0.1)"
                )
            )
        )
    )
    row = result(database.read(lambda conn: list(world.rows(conn, CreatureRow))))[-1]
    assert (row.guid, row.position_x, row.position_y) == (16000000, -8949.951171875, 0.10000000149011612)


def test_every_table_that_the_simulation_uses_is_read(database, result):
    before = database.statements
    content = result(database.read(lambda conn: Content(*world.tables(conn, USED))))
    assert database.statements == before  # past SQLAlchemy: they are many rows
    assert content.spawn_count() > 1000
    assert content.hash == result(database.read(lambda conn: Content(*world.tables(conn, USED)))).hash


def test_a_null_stays_one_beside_floats(database, result):
    for statement in (
        "CREATE TABLE sample (a FLOAT NULL, b FLOAT NULL)",
        "INSERT INTO sample VALUES (NULL, 0.1)",
    ):
        result(database.write(lambda conn, statement=statement: conn.execute(text(statement))))
    cls = make_dataclass("SampleRow", [("a", float | None), ("b", float | None)])
    (row,) = result(database.read(lambda conn: list(world.rows(conn, cls))))
    assert (row.a, row.b) == (None, 0.10000000149011612)


def test_classes_name_their_columns(database, result):
    for cls in (CreatureTemplateRow, PlayercreateinfoRow):
        row = next(iter(result(database.read(lambda conn, cls=cls: list(world.rows(conn, cls))))))
        assert isinstance(row, cls)
