"""What a new character begins with: place, items, spells, skills, buttons, from `playercreateinfo*`."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from bluemarble.db.characters import Action, Home, Item, Skill
from bluemarble.rows.world_items import ItemTemplateRow
from bluemarble.rows.world_players import (
    PlayercreateinfoActionRow,
    PlayercreateinfoItemRow,
    PlayercreateinfoRow,
    PlayercreateinfoSkillsRow,
    PlayercreateinfoSpellCustomRow,
)
from bluemarble.servers.looks import possible
from opcodes.characters import CMSG_CHAR_CREATE, EQUIPMENT_SLOTS

ALLIANCE = frozenset({1, 3, 4, 7, 11})  # races
HORDE = frozenset({2, 5, 6, 8, 10})
DEATH_KNIGHT = 6
DEATH_KNIGHT_LEVEL = 55
LANGUAGES = frozenset({98, 109, 111, 113, 115, 137, 138, 139, 140, 141, 313, 315, 673, 759})
LANGUAGE_VALUE = 300  # a language is spoken perfectly or not at all
PACK = range(23, 39)  # the backpack's slots
BAG = 18  # an InventoryType
# InventoryType to the equipment slots it may go to.  Source: facts/wire_335.md, visible items; item_template.
WORN: dict[int, tuple[int, ...]] = {
    1: (0,),
    2: (1,),
    3: (2,),
    4: (3,),
    5: (4,),
    20: (4,),
    6: (5,),
    7: (6,),
    8: (7,),
    9: (8,),
    10: (9,),
    11: (10, 11),
    12: (12, 13),
    16: (14,),
    13: (15, 16),
    17: (15,),
    21: (15,),
    14: (16,),
    22: (16,),
    23: (16,),
    15: (17,),
    25: (17,),
    26: (17,),
    28: (17,),
    19: (18,),
    BAG: (19, 20, 21, 22),
}
TWO_HANDED = 17
NO_ENCHANTMENTS = "0 " * 36


class Outfit(NamedTuple):
    """Everything `creation.create` needs for one race and class."""

    row: dict[str, Any]
    home: Home
    items: list[Item]
    spells: list[int]
    skills: list[Skill]
    actions: list[Action]


class Starts:
    """
    The `playercreateinfo*` tables, indexed.

    @ivar items: `item_template` rows by entry.
    """

    def __init__(self, *tables: Iterable[Any]) -> None:
        self.places: dict[tuple[int, int], PlayercreateinfoRow] = {}
        self.items: dict[int, ItemTemplateRow] = {}
        self._items: dict[tuple[int, int], list[PlayercreateinfoItemRow]] = {}
        self._actions: dict[tuple[int, int], list[PlayercreateinfoActionRow]] = {}
        self._skills: list[PlayercreateinfoSkillsRow] = []
        self._spells: list[PlayercreateinfoSpellCustomRow] = []
        for table in tables:
            for row in table:
                self._take(row)

    def _take(self, row: Any) -> None:
        match row:
            case PlayercreateinfoRow():
                self.places[row.race, row.class_] = row
            case ItemTemplateRow():
                self.items[row.entry] = row
            case PlayercreateinfoItemRow():
                self._items.setdefault((row.race, row.class_), []).append(row)
            case PlayercreateinfoActionRow():
                self._actions.setdefault((row.race, row.class_), []).append(row)
            case PlayercreateinfoSkillsRow():
                self._skills.append(row)
            case PlayercreateinfoSpellCustomRow():
                self._spells.append(row)

    def outfit(self, wish: CMSG_CHAR_CREATE, account: int, name: str) -> Outfit | None:
        """The character as it will be made; None when there is no such race and class, or no such looks."""
        place = self.places.get((wish.race, wish.class_type))
        looks = (wish.skin_color, wish.face, wish.hair_style, wish.hair_color, wish.facial_hair)
        knight = wish.class_type == DEATH_KNIGHT
        if place is None or not possible(wish.race, wish.gender, looks, death_knight=knight):
            return None
        level = DEATH_KNIGHT_LEVEL if knight else 1
        items = self.equipped(wish.race, wish.class_type)
        row = {
            "account": account,
            "name": name,
            "race": wish.race,
            "class": wish.class_type,
            "gender": wish.gender,
            "level": level,
            "skin": wish.skin_color,
            "face": wish.face,
            "hairStyle": wish.hair_style,
            "hairColor": wish.hair_color,
            "facialStyle": wish.facial_hair,
            "map": place.map,
            "zone": place.zone,
            "position_x": place.position_x,
            "position_y": place.position_y,
            "position_z": place.position_z,
            "orientation": place.orientation,
            "equipmentCache": cache(items),
        }
        home = Home(place.map, place.zone, place.position_x, place.position_y, place.position_z)
        race, class_ = 1 << (wish.race - 1), 1 << (wish.class_type - 1)
        return Outfit(
            row,
            home,
            items,
            list(
                dict.fromkeys(s.Spell for s in self._spells if meant(s.racemask, race, s.classmask, class_))
            ),
            self.skills(race, class_, level),
            [Action(a.button, a.action, a.type) for a in self._actions.get((wish.race, wish.class_type), ())],
        )

    def skills(self, race: int, class_: int, level: int) -> list[Skill]:
        """By skill, each once; a weapon's grows to five times the level, a language is complete."""
        found: dict[int, Skill] = {}
        for row in self._skills:
            if meant(row.raceMask, race, row.classMask, class_):
                full = LANGUAGE_VALUE if row.skill in LANGUAGES else 75 * row.rank or 5 * level
                found[row.skill] = Skill(row.skill, full if row.skill in LANGUAGES else 1, full)
        return list(found.values())

    def equipped(self, race: int, class_: int) -> list[Item]:
        """The starting items, each in the first slot it fits; what fits nowhere is left out."""
        free = set(range(EQUIPMENT_SLOTS)) | set(PACK)
        out: list[Item] = []
        for given in [
            *self._items.get((race, class_), ()),
            *self._items.get((0, class_), ()),
            *self._items.get((race, 0), ()),
            *self._items.get((0, 0), ()),
        ]:
            template = self.items.get(given.itemid)
            if template is None:
                continue
            left = given.amount
            while left > 0:
                count = min(left, max(template.stackable, 1))
                left -= count
                slot = _slot(template, free)
                if slot is None:
                    break
                free.discard(slot)
                if template.InventoryType == TWO_HANDED and slot in WORN[TWO_HANDED]:
                    free.discard(16)
                out.append(
                    Item(0, template.entry, 0, slot, count, template.MaxDurability, 0, NO_ENCHANTMENTS)
                )
        return out


def _slot(template: ItemTemplateRow, free: set[int]) -> int | None:
    wanted = (*WORN.get(template.InventoryType, ()), *PACK)
    if template.InventoryType == TWO_HANDED and 16 not in free:
        wanted = tuple(PACK)
    return next((slot for slot in wanted if slot in free), None)


def meant(race_mask: int, race: int, class_mask: int, class_: int) -> bool:
    """Whether a row is for that race and class; a mask of 0 is for all."""
    return (not race_mask or bool(race_mask & race)) and (not class_mask or bool(class_mask & class_))


def cache(items: Iterable[Item]) -> str:
    """`equipmentCache`: entry and enchantment of each of the 23 slots that the character screen shows."""
    worn = {item.slot: item.entry for item in items if not item.bag}
    return " ".join(f"{worn.get(slot, 0)} 0" for slot in range(EQUIPMENT_SLOTS)) + " "


def entries(equipment_cache: str) -> list[tuple[int, int]]:
    """Entry and enchantment of each slot, whatever another program has written there."""
    words = [int(word) if word.isdecimal() else 0 for word in equipment_cache.split()[: 2 * EQUIPMENT_SLOTS]]
    words += [0] * (2 * EQUIPMENT_SLOTS - len(words))
    return list(zip(words[::2], words[1::2], strict=True))


def side(race: int) -> int:
    """0 for the Alliance's races, 1 for the Horde's."""
    return int(race in HORDE)
