import struct

import pytest
from sqlalchemy import text

from bluemarble.db import characters as db
from bluemarble.db import creation, upkeep
from bluemarble.db.characters import Action, Home, Item, Skill, Social

NOW = 1_800_000_000
POSITION = struct.unpack("<f", struct.pack("<f", -8949.951171875))[0]
ROW = {
    "account": 5,
    "name": "Ada",
    "race": 1,
    "class": 4,
    "gender": 1,
    "level": 1,
    "position_x": POSITION,
    "position_y": 0.1,
    "map": 1,
    "zone": 12,
    "orientation": 3.5,
    "equipmentCache": "1 0 " * 23,
}
HOME = Home(1, 12, POSITION, 2.5, 3.5)


@pytest.fixture
def database(filled):
    return filled("characters")


@pytest.fixture
def write(database, result):
    return lambda fn, *args, **more: result(database.write(lambda conn: fn(conn, *args, **more)))


@pytest.fixture
def read(database, result):
    return lambda fn, *args, **more: result(database.read(lambda conn: fn(conn, *args, **more)))


def sql(conn, query, **values):
    found = conn.execute(text(query), values)
    return [tuple(row) for row in found] if found.returns_rows else found.rowcount


def made(write, **values):
    return write(creation.create, {**ROW, **values}, home=HOME)


def test_a_character_is_loaded_as_it_was_made_by_two_statements(database, write, read):
    guid = write(
        creation.create,
        ROW,
        home=HOME,
        items=[
            Item(0, 100, 0, 19, 1, 30),
            Item(0, 101, 1, 0, 7, 0, 1, "5 " * 36),
            Item(0, 102, 0, 15, 1, 55),
        ],
        spells=[668, 81],
        skills=[Skill(98, 300, 300)],
        actions=[Action(0, 6603, 0), Action(72, 117, 128)],
    )
    friend = made(write, name="Bob")
    write(
        sql, "INSERT INTO character_social VALUES (:a, :b, 1, 'a friend'), (:a, 999, 2, '')", a=guid, b=friend
    )
    write(sql, "INSERT INTO character_account_data VALUES (:a, 1, 7, 'x')", a=guid)
    before = database.statements
    found = read(db.load, guid, 5)
    assert database.statements - before == 2
    for column in ("position_x", "orientation", "name", "class", "zone"):
        assert found.row[column] == ROW[column]
    assert found.row["position_y"] == pytest.approx(0.1)
    assert found.home == HOME
    bag = found.items[0].guid
    assert found.items == [
        Item(bag, 100, 0, 19, 1, 30),
        Item(bag + 1, 101, bag, 0, 7, 0, 1, "5 " * 36),
        Item(bag + 2, 102, 0, 15, 1, 55),
    ]
    assert found.spells == [81, 668]
    assert found.skills == [Skill(98, 300, 300)]
    assert found.actions == [Action(0, 6603, 0), Action(72, 117, 128)]
    assert found.social == [Social(friend, 1, "a friend", "Bob")]
    assert found.account_data_times == {1: 7}
    numbers = [bag, found.items[1].bag, *found.spells, *found.skills[0], *found.actions[1], found.home.map]
    assert {type(number) for number in numbers} == {int}
    assert read(db.load, guid, 6) is None
    assert read(db.load, 999, 5) is None


def test_the_list_is_one_statement_in_the_accounts_order(database, write, read):
    first, second, _ = made(write), made(write, name="Bob"), made(write, name="Eve", account=6)
    write(sql, "UPDATE characters SET `order` = 0 WHERE guid = :g", g=second)
    write(sql, "INSERT INTO guild_member (guildid, guid, `rank`) VALUES (77, :g, 0)", g=first)
    before = database.statements
    listed = read(db.enumerate_characters, 5)
    assert database.statements - before == 1
    assert [row.guid for row in listed] == [second, first]
    ada = listed[1]
    assert (ada.name, ada.class_, ada.position_x, ada.equipmentCache, ada.guild) == (
        "Ada",
        4,
        POSITION,
        "1 0 " * 23,
        77,
    )
    assert type(ada.guild) is int
    assert read(db.count, 5) == 2


def test_names_are_taken_once_and_accounts_fill_up(write, read):
    made(write)
    with pytest.raises(creation.NameTaken):
        made(write, account=6)
    for n in range(9):
        made(write, name=f"Ada{n}")
    with pytest.raises(creation.AccountFull):
        made(write, name="Last")
    assert read(db.count, 5) == 10


def test_rows_that_another_program_inserts_meanwhile_are_stepped_over(write, read, monkeypatch):
    """A load tester inserts MAX(guid) + 1 into item_instance just when we do."""
    guid = made(write)
    insert = creation._insert
    meanwhile = []

    def meddled(conn, table, rows):
        if table == "item_instance" and len(meanwhile) < 3:
            meanwhile.append(rows[0]["guid"])
            insert(conn, table, [{**rows[0], "itemEntry": 1, "owner_guid": guid}])
        insert(conn, table, rows)  # the very same guid: refused

    monkeypatch.setattr(creation, "_insert", meddled)
    first = write(creation.reserve_item_guids, 100)
    assert len(meanwhile) == 3
    assert read(sql, "SELECT MAX(guid) FROM item_instance") == [(first + 99,)]


def test_reserved_item_guids_are_behind_nobody_and_before_everybody(write, read):
    first = write(creation.reserve_item_guids, 1000)
    top = read(sql, "SELECT COALESCE(MAX(guid), 0) FROM item_instance")[0][0]
    assert top == first + 999
    write(
        sql,
        "INSERT INTO item_instance (guid, itemEntry, owner_guid, count, durability, enchantments) "
        "VALUES (:g, 25, 1, 1, 1, '')",
        g=top + 1,
    )
    assert write(creation.reserve_item_guids, 10) == top + 2


def test_a_deleted_character_keeps_everything_and_gives_its_name_back(write, read):
    guid = made(write)
    assert not write(creation.soft_delete, guid, 6, NOW)
    assert write(creation.soft_delete, guid, 5, NOW)
    assert not write(creation.soft_delete, guid, 5, NOW)
    assert not write(creation.soft_delete, guid, 0, NOW)
    assert read(db.enumerate_characters, 5) == []
    assert read(db.load, guid, 5) is None
    assert read(db.by_name, "") is None
    assert read(creation.deleted, 5) == [(guid, "Ada", NOW)]
    other = made(write)
    assert other > guid
    with pytest.raises(creation.NameTaken):
        write(creation.restore, guid)
    assert write(creation.restore, guid, "Adda")
    assert not write(creation.restore, guid)
    assert {row.name for row in read(db.enumerate_characters, 5)} == {"Ada", "Adda"}
    assert read(creation.deleted, 5) == []


def test_a_character_is_renamed_when_it_has_been_told_to(write, read):
    guid = made(write, at_login=0x21)
    made(write, name="Bob")
    with pytest.raises(creation.NameTaken):
        write(creation.rename, guid, 5, "Bob")
    assert not write(creation.rename, guid, 6, "Eve")
    assert write(creation.rename, guid, 5, "Eve")
    assert not write(creation.rename, guid, 5, "Eva")
    assert read(sql, "SELECT name, at_login FROM characters WHERE guid = :g", g=guid) == [("Eve", 0x20)]


def test_cards_are_found_by_name_and_by_guid(write, read):
    guid = made(write)
    card = db.Card(guid, "Ada", 1, 4, 1, 1, 5)
    assert read(db.by_name, "Ada") == read(db.by_guid, guid) == card
    assert read(db.by_name, "ada") is None  # names are stored spelled one way, and compared byte by byte
    assert read(db.by_guid, guid + 1) is None


def test_what_an_account_keeps_is_one_statement(database, write, read):
    write(sql, "INSERT INTO account_data VALUES (5, 0, 10, x'61'), (5, 2, 20, x'62'), (6, 0, 30, x'63')")
    before = database.statements
    assert read(db.session_data, 5) == db.SessionData({0: 10, 2: 20}, None)
    assert database.statements - before == 1
    write(sql, "INSERT INTO account_tutorial (accountId, tut0, tut7) VALUES (5, 4294967295, 1)")
    found = read(db.session_data, 5)
    assert found.tutorials == (0xFFFFFFFF, 0, 0, 0, 0, 0, 0, 1)
    assert {type(number) for number in found.tutorials} == {int}
    assert read(db.account_data, 5, 0, 2) == (20, b"b")
    assert read(db.account_data, 5, 0, 4) is None
    assert read(db.account_data, 5, 1, 2) is None


def test_online_flags_are_reset(write, read):
    guid = made(write)
    write(db.set_online, guid, True)
    assert write(db.reset_online) == 1
    assert write(db.reset_online) == 0
    assert read(sql, "SELECT online FROM characters") == [(0,)]


def test_nothing_is_inherited(database, write, read):
    """A guid that another program has freed, by deleting its `characters` row alone, comes with nothing."""
    guid = write(creation.create, ROW, home=HOME, items=[Item(0, 100, 0, 15, 1, 30)], spells=[668])
    friend = made(write, name="Bob")
    write(sql, "INSERT INTO character_social VALUES (:a, :b, 1, ''), (:b, :a, 1, '')", a=friend, b=guid)
    write(sql, "DELETE FROM characters")
    assert made(write, name="Eve") == guid
    found = read(db.load, guid, 5)
    assert (found.items, found.spells, found.social) == ([], [], [])
    assert read(sql, "SELECT COUNT(*) FROM item_instance WHERE owner_guid = :guid", guid=guid) == [(0,)]


def test_deleted_without_end(write, read):
    """The last fifty of an account can be restored, and other accounts' are not counted."""
    made(write, name="Bob", account=6)
    write(creation.soft_delete, 1, 6, NOW - 1000)
    for n in range(upkeep.DELETED_KEPT + 3):
        guid = made(write, name=f"N{n}")
        assert write(creation.soft_delete, guid, 5, NOW + n)
        assert write(upkeep.forget_surplus, 5) == int(n >= upkeep.DELETED_KEPT)
    kept = read(creation.deleted, 5)
    assert [name for _, name, _ in kept] == [f"N{n}" for n in range(upkeep.DELETED_KEPT + 2, 2, -1)]
    assert len(read(creation.deleted, 6)) == 1
