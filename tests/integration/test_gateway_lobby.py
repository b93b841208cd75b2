"""The character screen: made, listed, deleted, restored and renamed, by the rules."""

import pytest
from sqlalchemy import text

from bluemarble.db import characters, creation, upkeep
from bluemarble.rows.auth import RealmcharactersRow
from bluemarble.rows.characters import CharactersRow
from opcodes import characters as c
from opcodes.play import SMSG_INITIAL_SPELLS
from opcodes.session import SMSG_CHARACTER_LOGIN_FAILED
from tests.integration.house import HUMAN, ORC, WARRIOR, done

DAY_S = 86_400


@pytest.fixture
def ada(house):
    return house.client("ADA")


def sql(house, statement, **values):
    done(house.databases.characters.write(lambda conn: conn.execute(text(statement), values)))


def test_made(house, ada):
    """What a new character has and wears, and what the realm list then says."""
    assert ada.characters() == {}
    assert ada.create("aDA") == c.CHAR_CREATE_SUCCESS
    (made,) = ada.characters().values()
    assert (made.name, made.race, made.class_type, made.level, made.first_login) == (
        "Ada",
        HUMAN,
        WARRIOR,
        1,
        1,
    )
    assert (made.skin, made.face, made.hair_style, made.hair_color, made.facial_hair) == (1, 2, 3, 4, 5)
    assert len(made.equipment) == c.EQUIPMENT_SLOTS
    assert any(gear.equipment_display_id and gear.inventory_type for gear in made.equipment)
    found = done(house.databases.characters.read(lambda conn: characters.load(conn, made.guid, 1)))
    assert found.home.map == made.map
    assert found.items
    assert 668 in found.spells  # its people's language, or it could not speak
    assert any(skill.skill == 98 and skill.value == 300 for skill in found.skills)
    assert found.actions
    counted = done(
        house.databases.auth.read(
            lambda conn: conn.execute(text("SELECT numchars FROM realmcharacters WHERE acctid = 1")).scalar()
        )
    )
    assert counted == 1
    assert RealmcharactersRow.PRIMARY_KEY


@pytest.mark.parametrize(
    ("name", "code"),
    [
        ("Aaa", c.CHAR_NAME_THREE_CONSECUTIVE),
        ("A", c.CHAR_NAME_TOO_SHORT),
        ("", c.CHAR_NAME_NO_NAME),
        ("Ada B", c.CHAR_NAME_INVALID_CHARACTER),
        ("Reserved", c.CHAR_NAME_RESERVED),
    ],
)  # fmt: skip
def test_names(house, ada, name, code):
    """A name that is against the rules makes nobody."""
    sql(house, "INSERT INTO reserved_name (name) VALUES ('reserved')")
    house.gateway.reserved_names = done(house.databases.characters.read(upkeep.reserved_names))
    assert ada.create(name) == code
    assert ada.characters() == {}


def test_name_taken(house, ada):
    """By anybody, in whatever spelling."""
    assert ada.create("Ada") == c.CHAR_CREATE_SUCCESS
    assert house.client("BOB").create("ADA") == c.CHAR_CREATE_NAME_IN_USE


def test_no_such_people(ada):
    """A race or class that there is not."""
    assert ada.create("Ada", race=0) == ada.create("Ada", race=200) == c.CHAR_CREATE_FAILED
    assert ada.create("Ada", class_=11) == c.CHAR_CREATE_FAILED


def test_ten(ada):
    """Ten on a realm, and no more."""
    for letter in "bcdfghjklm":
        assert ada.create(f"A{letter}a") == c.CHAR_CREATE_SUCCESS
    assert ada.create("Ana") == c.CHAR_CREATE_SERVER_LIMIT
    assert len(ada.characters()) == 10


def test_one_faction(build_house):
    """Where the realm says so, an account stays with its side; staff may do as they like."""
    house = build_house(world={"two_factions": False})
    ada, gus = house.client("ADA"), house.client("GUS", level=2)
    for client, second in (ada, c.CHAR_CREATE_PVP_TEAMS_VIOLATION), (gus, c.CHAR_CREATE_SUCCESS):
        assert client.create(client.name[::-1].capitalize(), race=HUMAN) == c.CHAR_CREATE_SUCCESS
        assert client.create(client.name[::-1].capitalize() + "b", race=ORC) == second


def test_deleted_and_restored(house, ada):
    """A deleted character is off the list, its name is free, and it can be had back."""
    ada.create("Ada")
    guid = ada.characters()["Ada"].guid
    assert ada.ask(c.CMSG_CHAR_DELETE(guid=guid), c.SMSG_CHAR_DELETE).result == c.CHAR_DELETE_SUCCESS
    assert ada.characters() == {}
    row = house.row(CharactersRow, guid=guid)
    assert (row["account"], row["deleteInfos_Name"]) == (0, "Ada")
    assert ada.ask(c.CMSG_PLAYER_LOGIN(guid=guid), SMSG_CHARACTER_LOGIN_FAILED)
    assert done(house.databases.characters.read(lambda conn: upkeep.guid_of(conn, "Ada"))) == guid
    assert done(house.databases.characters.write(lambda conn: creation.restore(conn, guid)))
    assert list(ada.characters()) == ["Ada"]


def test_delete_what_is_not_mine(house, ada):
    """Somebody else's, nobody's, or one that cannot be."""
    bob = house.player("BOB")
    for guid in bob.guid, 4711, 0, 1 << 40:
        assert ada.ask(c.CMSG_CHAR_DELETE(guid=guid), c.SMSG_CHAR_DELETE).result == c.CHAR_DELETE_FAILED
    assert bob.guid in house.gateway.present


def test_delete_one_that_lingers(house):
    """It leaves the world first."""
    ada = house.player("ADA")
    ada.hang_up()
    again = house.client("ADA")
    again.forget()
    again.send(c.CMSG_CHAR_DELETE(guid=ada.guid))
    house.ticks(3)
    assert again.last(c.SMSG_CHAR_DELETE).result == c.CHAR_DELETE_SUCCESS
    assert not house.gateway.present
    assert house.row(CharactersRow, guid=ada.guid)["online"] == 0


def test_forgotten(house, ada):
    """After thirty days it is gone for good, with everything it had; one of today stays."""
    for name in "Ada", "Eve":
        ada.create(name)
    for number, guid in enumerate(c_.guid for c_ in ada.characters().values()):
        ada.ask(c.CMSG_CHAR_DELETE(guid=guid), c.SMSG_CHAR_DELETE)
        sql(
            house,
            "UPDATE characters SET deleteDate = deleteDate - :s WHERE guid = :g",
            s=number * 31 * DAY_S,
            g=guid,
        )
    now_s = int(house.gateway.wall_s())
    gone = done(
        house.databases.characters.write(lambda conn: upkeep.forget_deleted(conn, now_s - 30 * DAY_S))
    )
    assert gone == 1
    left = [
        done(house.databases.characters.read(distinct(table, column)))
        for table, column in (
            ("characters", "guid"),
            ("character_inventory", "guid"),
            ("item_instance", "owner_guid"),
            ("character_spell", "guid"),
            ("character_homebind", "guid"),
        )
    ]
    assert left == [1] * 5


def distinct(table, column):
    return lambda conn: conn.execute(text(f"SELECT COUNT(DISTINCT {column}) FROM {table}")).scalar()


def test_renamed(house, ada):
    """Only when told to; until then it cannot enter."""
    ada.create("Ada")
    guid = ada.characters()["Ada"].guid
    asked = c.CMSG_CHAR_RENAME(character=guid, new_name="eVE")
    assert ada.ask(asked, c.SMSG_CHAR_RENAME).result == c.CHAR_NAME_FAILURE
    sql(house, "UPDATE characters SET at_login = 1 WHERE guid = :g", g=guid)
    assert ada.characters()["Ada"].flags & c.CHARACTER_FLAG_RENAME
    assert ada.ask(c.CMSG_PLAYER_LOGIN(guid=guid), SMSG_CHARACTER_LOGIN_FAILED)
    house.client("BOB").create("Bob")
    taken = ada.ask(c.CMSG_CHAR_RENAME(character=guid, new_name="Bob"), c.SMSG_CHAR_RENAME)
    assert taken.result == c.CHAR_CREATE_NAME_IN_USE
    bad = ada.ask(c.CMSG_CHAR_RENAME(character=guid, new_name="B"), c.SMSG_CHAR_RENAME)
    assert bad.result == c.CHAR_NAME_TOO_SHORT
    good = ada.ask(asked, c.SMSG_CHAR_RENAME)
    assert (good.result, good.new_name) == (c.RESPONSE_SUCCESS, "Eve")
    ada.enter("Eve")


def test_spells_reach_the_client(house):
    """The language spell, or a stock client would not let its player speak."""
    ada = house.player("ADA")
    assert 668 in [spell.spell_id for spell in ada.last(SMSG_INITIAL_SPELLS).initial_spells]


def test_in_turn(house, ada):
    """Requests are answered one after the other, in order."""
    ada.forget()
    ada.send(*[c.CMSG_CHAR_ENUM() for _ in range(10)])
    ada.listen()
    assert len(ada.got(c.SMSG_CHAR_ENUM)) == 10


def test_first_login_once(house):
    """The flag of a new character is gone once it has been in the world."""
    ada = house.player("ADA")
    house.seconds(1)
    house.stop()
    assert not house.row(CharactersRow, guid=ada.guid)["at_login"]


def test_outside_insert(house):
    """An account that another program makes while we run can come in at once, and its character."""
    house.account("EVE")
    eve = house.client("EVE")
    sql(
        house,
        "INSERT INTO characters (guid, account, name, race, class, gender, level, zone, map, position_x, "
        "position_y, position_z, taximask) "
        "VALUES (500, :a, 'Evelyn', 1, 1, 1, 5, 12, 0, -8949, -132, 84, '')",
        a=eve.session.account.id,
    )
    eve.enter("Evelyn")
    assert eve.guid == 500
