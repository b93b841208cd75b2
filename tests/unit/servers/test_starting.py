"""What a new character is given."""

import pytest

from bluemarble.db.characters import Skill
from bluemarble.rows.world_items import ItemTemplateRow
from bluemarble.rows.world_players import (
    PlayercreateinfoActionRow,
    PlayercreateinfoItemRow,
    PlayercreateinfoRow,
    PlayercreateinfoSkillsRow,
    PlayercreateinfoSpellCustomRow,
)
from bluemarble.servers.starting import Starts, cache, entries
from opcodes.characters import CMSG_CHAR_CREATE, EQUIPMENT_SLOTS

SHIRT, STAFF, SHIELD, RING, BREAD, BAG = 38, 1000, 1001, 1002, 4540, 4496
ITEMS = [
    ItemTemplateRow(entry=SHIRT, InventoryType=4, displayid=9891, MaxDurability=10),
    ItemTemplateRow(entry=STAFF, InventoryType=17),
    ItemTemplateRow(entry=SHIELD, InventoryType=14),
    ItemTemplateRow(entry=RING, InventoryType=11),
    ItemTemplateRow(entry=BREAD, InventoryType=0, stackable=20),
    ItemTemplateRow(entry=BAG, InventoryType=18),
]


def wish(**changed):
    given = {
        "name": "Ada",
        "race": 1,
        "class_type": 1,
        "gender": 0,
        "skin_color": 1,
        "face": 2,
        "hair_style": 3,
        "hair_color": 4,
        "facial_hair": 5,
    }
    return CMSG_CHAR_CREATE(**{**given, **changed})


def starts(*items):
    return Starts(
        [
            PlayercreateinfoRow(1, 1, 0, 12, 1.0, 2.0, 3.0, 4.0),
            PlayercreateinfoRow(1, 6, 0, 12, 1.0, 2.0, 3.0, 4.0),
        ],
        ITEMS,
        [PlayercreateinfoItemRow(1, 1, entry, amount) for entry, amount in items],
        [PlayercreateinfoActionRow(1, 1, 0, 6603, 0), PlayercreateinfoActionRow(2, 1, 1, 1, 0)],
        [
            PlayercreateinfoSkillsRow(1101, 0, 98),
            PlayercreateinfoSkillsRow(0, 1, 43),
            PlayercreateinfoSkillsRow(690, 0, 109),
            PlayercreateinfoSkillsRow(0, 0, 95, 2),
        ],
        [
            PlayercreateinfoSpellCustomRow(1101, 0, 668),
            PlayercreateinfoSpellCustomRow(0, 1, 78),
            PlayercreateinfoSpellCustomRow(0, 2, 635),
            PlayercreateinfoSpellCustomRow(0, 0, 668),
        ],
    )


def slots(*items):
    return {(i.entry, i.slot, i.count) for i in starts(*items).equipped(1, 1)}


def test_outfit():
    """Place, language, spells and buttons of its race and class, and nobody else's."""
    found = starts((SHIRT, 1)).outfit(wish(), 7, "Ada")
    assert (found.row["account"], found.row["name"], found.row["class"], found.row["level"]) == (
        7,
        "Ada",
        1,
        1,
    )
    assert (found.row["map"], found.row["position_x"], found.row["orientation"]) == (0, 1.0, 4.0)
    assert found.home.zone == 12
    assert found.spells == [668, 78]
    assert found.skills == [Skill(98, 300, 300), Skill(43, 1, 5), Skill(95, 1, 150)]
    assert [a.action for a in found.actions] == [6603]
    assert entries(found.row["equipmentCache"])[3] == (SHIRT, 0)


@pytest.mark.parametrize(
    "changed", [{"race": 9}, {"class_type": 11}, {"gender": 2}, {"race": 0, "class_type": 0}]
)
def test_no_such_people(changed):
    """A race and class without a row cannot be made, nor a third gender."""
    assert starts().outfit(wish(**changed), 7, "Ada") is None


@pytest.mark.parametrize("kind", ["skin_color", "face", "hair_style", "hair_color", "facial_hair"])
def test_no_such_looks(kind):
    """What no client can choose cannot be made."""
    assert starts().outfit(wish(**{kind: 250}), 7, "Ada") is None


def test_death_knights_looks():
    """Their own skins and hair are for one class only."""
    pale = {"skin_color": 13, "face": 23, "hair_color": 12}
    assert starts().outfit(wish(class_type=6, **pale), 7, "Ada") is not None
    for kind, value in pale.items():
        assert starts().outfit(wish(**{kind: value}), 7, "Ada") is None


def test_death_knight_level():
    """One class starts where the others are after months."""
    assert starts().outfit(wish(class_type=6), 7, "Ada").row["level"] == 55


def test_worn():
    """Each thing goes where it is worn; the second of a kind where there is room."""
    assert slots((SHIRT, 2)) == {(SHIRT, 3, 1), (SHIRT, 23, 1)}
    assert slots((RING, 3)) == {(RING, 10, 1), (RING, 11, 1), (RING, 23, 1)}
    assert slots((BAG, 1)) == {(BAG, 19, 1)}


def test_both_hands():
    """A staff leaves no hand for a shield, and a shield none for a staff."""
    assert slots((STAFF, 1), (SHIELD, 1)) == {(STAFF, 15, 1), (SHIELD, 23, 1)}
    assert slots((SHIELD, 1), (STAFF, 1)) == {(SHIELD, 16, 1), (STAFF, 23, 1)}


def test_stacks():
    """What stacks is stacked, and what does not fit is left out."""
    assert slots((BREAD, 45)) == {(BREAD, 23, 20), (BREAD, 24, 20), (BREAD, 25, 5)}
    assert len(slots((BREAD, 4000))) == 16
    assert slots((99999, 1)) == set()


def test_cache_survives_anything():
    """Other programs write that column, too."""
    assert entries(cache([])) == entries("") == entries("x y") == [(0, 0)] * EQUIPMENT_SLOTS
    assert entries("5 6 7")[:2] == [(5, 6), (7, 0)]
    assert len(entries("1 2 " * 100)) == EQUIPMENT_SLOTS
