"""What a new character has: a place, clothes, skills, spells, buttons; and how it grows."""

from collections.abc import Iterator
from itertools import pairwise

from bluemarble.rows.world_players import (
    PlayerClasslevelstatsRow,
    PlayercreateinfoActionRow,
    PlayercreateinfoItemRow,
    PlayercreateinfoRow,
    PlayercreateinfoSkillsRow,
    PlayercreateinfoSpellCustomRow,
    PlayerLevelstatsRow,
    PlayerXpForLevelRow,
)
from bluemarble.tools.content.items import (
    ARROWS,
    BREAD,
    MEAT,
    POUCH_BAG,
    QUIVER_BAG,
    SHOT,
    STONE,
    WATER,
)
from bluemarble.tools.content.places import ALLIANCE, HORDE

HUMAN, ORC, DWARF, NIGHT_ELF, UNDEAD, TAUREN, GNOME, TROLL, BLOOD_ELF, DRAENEI = (
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    10,
    11,
)
WARRIOR, PALADIN, HUNTER, ROGUE, PRIEST, DEATH_KNIGHT, SHAMAN, MAGE, WARLOCK, DRUID = (
    1,
    2,
    3,
    4,
    5,
    6,
    7,
    8,
    9,
    11,
)
LEVELS = 80

CLASSES = {
    HUMAN: (1, 2, 4, 5, 6, 8, 9),
    ORC: (1, 3, 4, 6, 7, 9),
    DWARF: (1, 2, 3, 4, 5, 6),
    NIGHT_ELF: (1, 3, 4, 5, 6, 11),
    UNDEAD: (1, 4, 5, 6, 8, 9),
    TAUREN: (1, 3, 6, 7, 11),
    GNOME: (1, 4, 6, 8, 9),
    TROLL: (1, 3, 4, 5, 6, 7, 8),
    BLOOD_ELF: (2, 3, 4, 5, 6, 8, 9),
    DRAENEI: (1, 2, 3, 5, 6, 7, 8),
}
ALLIANCE_RACES = (HUMAN, DWARF, NIGHT_ELF, GNOME, DRAENEI)
PAIRS = tuple((race, class_) for race, classes in CLASSES.items() for class_ in classes)

# The language that a side shares, then each race's own: skill, spell.
COMMON, ORCISH = (98, 668), (109, 669)
OWN_TONGUE = {
    DWARF: (111, 672),
    NIGHT_ELF: (113, 671),
    UNDEAD: (673, 17737),
    TAUREN: (115, 670),
    GNOME: (313, 7340),
    TROLL: (315, 7341),
    BLOOD_ELF: (137, 813),
    DRAENEI: (759, 29932),
}
RACE_SKILL = {1: 754, 2: 125, 3: 101, 4: 126, 5: 220, 6: 124, 7: 753, 8: 733, 10: 756, 11: 760}
CLASS_SKILLS = {
    WARRIOR: (26, 256, 257),
    PALADIN: (594, 267, 184),
    HUNTER: (50, 163, 51),
    ROGUE: (38, 253, 39),
    PRIEST: (56, 78, 613),
    DEATH_KNIGHT: (770, 771, 772),
    SHAMAN: (375, 373, 374),
    MAGE: (6, 8, 237),
    WARLOCK: (354, 355, 593),
    DRUID: (134, 573, 574),
}
# Weapon and armour skills and the spells that come with them.
SWORDS, AXES, BOWS, GUNS, MACES, GREAT_MACES, STAVES, GREAT_AXES, DAGGERS, SHIELDS = (
    (43, 201), (44, 196), (45, 264), (46, 266), (54, 198), (160, 199), (136, 227), (172, 197), (173, 1180),
    (433, 9116),
)  # fmt: skip
CLOTH, LEATHER, MAIL, PLATE = (415, 9078), (414, 9077), (413, 8737), (293, 750)
TRAINED = {
    WARRIOR: (SWORDS, AXES, MACES, CLOTH, LEATHER, MAIL, SHIELDS),
    PALADIN: (MACES, GREAT_MACES, CLOTH, LEATHER, MAIL, SHIELDS),
    HUNTER: (AXES, BOWS, GUNS, CLOTH, LEATHER),
    ROGUE: (DAGGERS, CLOTH, LEATHER),
    PRIEST: (MACES, CLOTH),
    DEATH_KNIGHT: (SWORDS, AXES, GREAT_AXES, CLOTH, LEATHER, MAIL, PLATE),
    SHAMAN: (MACES, STAVES, CLOTH, LEATHER, SHIELDS),
    MAGE: (STAVES, CLOTH),
    WARLOCK: (DAGGERS, CLOTH),
    DRUID: (STAVES, MACES, CLOTH, LEATHER),
}
SPELLS = {
    WARRIOR: (78, 2457),
    PALADIN: (635, 21084),
    HUNTER: (2973, 75),
    ROGUE: (1752, 2098),
    PRIEST: (585, 2050),
    DEATH_KNIGHT: (45462, 45477, 49576),
    SHAMAN: (403, 331),
    MAGE: (133, 168),
    WARLOCK: (686, 687),
    DRUID: (5176, 5185),
}
EVERYONE = (
    81, 203, 204, 522, 2382, 3050, 3365, 6233, 6246, 6247, 6477, 6478, 6603,
    7266, 7267, 7355, 8386, 21651, 21652, 22027, 22810, 61437,
)  # fmt: skip
DEFENCE, UNARMED = 95, 162
OUTFITS = {
    WARRIOR: (38, 39, 40, 25, 2362),
    PALADIN: (45, 44, 43, 2361),
    HUNTER: (127, 147, 129, 37),
    ROGUE: (49, 48, 47, 2092),
    PRIEST: (53, 52, 51, 6098, 36),
    DEATH_KNIGHT: (38, 39, 40, 12282),
    SHAMAN: (53, 52, 51, 36, 2362),
    MAGE: (6096, 1395, 55, 56, 35),
    WARLOCK: (6096, 1395, 55, 56, 2092),
    DRUID: (53, 52, 51, 6098, 35),
}
POWERLESS = (WARRIOR, ROGUE, DEATH_KNIGHT)
CASTERS = (PALADIN, HUNTER, PRIEST, SHAMAN, MAGE, WARLOCK, DRUID)
SPELL_BUTTON, ITEM_BUTTON = 0, 128

# Strength, agility, stamina, intellect, spirit: at level 1, and gained by level in tenths.
FIGHTER, FINDER, SNEAK, SAGE, MIDDLE = (
    ((23, 20, 22, 20, 20), (18, 11, 16, 4, 5)),
    ((20, 23, 21, 20, 21), (8, 18, 13, 7, 8)),
    ((21, 23, 21, 20, 20), (10, 20, 11, 4, 5)),
    ((20, 20, 20, 22, 23), (4, 5, 7, 17, 18)),
    ((21, 20, 21, 21, 22), (11, 8, 12, 12, 13)),
)
GROWTH = {
    WARRIOR: FIGHTER,
    DEATH_KNIGHT: FIGHTER,
    PALADIN: MIDDLE,
    HUNTER: FINDER,
    ROGUE: SNEAK,
    PRIEST: SAGE,
    SHAMAN: MIDDLE,
    MAGE: SAGE,
    WARLOCK: SAGE,
    DRUID: MIDDLE,
}
BUILD = {
    HUMAN: (0, 0, 0, 0, 1),
    ORC: (2, -2, 1, -2, 2),
    DWARF: (3, -3, 2, -1, -1),
    NIGHT_ELF: (-3, 4, 0, 0, 0),
    UNDEAD: (-1, -2, 1, -2, 4),
    TAUREN: (4, -4, 2, -4, 2),
    GNOME: (-4, 2, 0, 3, 0),
    TROLL: (1, 2, 1, -4, 1),
    BLOOD_ELF: (-3, 2, 0, 3, -2),
    DRAENEI: (1, -3, 0, 1, 2),
}


def race_mask(*races: int) -> int:
    """A bit for each race, or for each class."""
    return sum(1 << (race - 1) for race in races)


def playercreateinfo() -> list[PlayercreateinfoRow]:
    """Where each pair of race and class begins: its side's start."""
    rows = []
    for race, class_ in PAIRS:
        land = ALLIANCE if race in ALLIANCE_RACES else HORDE
        at = land.start
        rows.append(PlayercreateinfoRow(race, class_, land.map, land.zone, at.x, at.y, at.z, at.facing))
    return rows


def playercreateinfo_action() -> list[PlayercreateinfoActionRow]:
    """Attack, the class's first spells, food and drink."""
    rows = []
    for race, class_ in PAIRS:
        spells = (6603, *SPELLS[class_])
        rows += [
            PlayercreateinfoActionRow(race, class_, n, spell, SPELL_BUTTON) for n, spell in enumerate(spells)
        ]
        rows.append(PlayercreateinfoActionRow(race, class_, 10, BREAD, ITEM_BUTTON))
        if class_ in CASTERS:
            rows.append(PlayercreateinfoActionRow(race, class_, 11, WATER, ITEM_BUTTON))
    return rows


def playercreateinfo_item() -> list[PlayercreateinfoItemRow]:
    """An outfit, something to eat, the way home."""
    return [
        PlayercreateinfoItemRow(race, class_, item, count)
        for race, class_ in PAIRS
        for item, count in kit(race, class_)
    ]


def kit(race: int, class_: int) -> Iterator[tuple[int, int]]:
    """Item and count."""
    for item in OUTFITS[class_]:
        yield item, 1
    if class_ == HUNTER:
        gunner = race == DWARF
        yield (2508 if gunner else 2504), 1
        yield (POUCH_BAG if gunner else QUIVER_BAG), 1
        yield (SHOT if gunner else ARROWS), 120
    yield STONE, 1
    yield BREAD, 4
    yield (WATER, 4) if class_ in CASTERS else (MEAT, 4)


def playercreateinfo_skills() -> list[PlayercreateinfoSkillsRow]:
    """Languages first: without them a client does not let its player speak."""
    sides = (race_mask(*ALLIANCE_RACES), race_mask(*(r for r in CLASSES if r not in ALLIANCE_RACES)))
    rows = [PlayercreateinfoSkillsRow(sides[0], 0, COMMON[0], 0, "Language, Alliance")]
    rows.append(PlayercreateinfoSkillsRow(sides[1], 0, ORCISH[0], 0, "Language, Horde"))
    rows += [
        PlayercreateinfoSkillsRow(race_mask(r), 0, skill, 0, "Language")
        for r, (skill, _) in OWN_TONGUE.items()
    ]
    rows += [PlayercreateinfoSkillsRow(race_mask(r), 0, skill, 0, "Race") for r, skill in RACE_SKILL.items()]
    rows += [PlayercreateinfoSkillsRow(0, 0, skill, 0, "Everyone") for skill in (DEFENCE, UNARMED)]
    for class_ in SPELLS:
        mask = race_mask(class_)
        rows += [PlayercreateinfoSkillsRow(0, mask, skill, 0, "Class") for skill in CLASS_SKILLS[class_]]
        rows += [PlayercreateinfoSkillsRow(0, mask, skill, 0, "Training") for skill, _ in TRAINED[class_]]
    return rows


def playercreateinfo_spell_custom() -> list[PlayercreateinfoSpellCustomRow]:
    """The spells behind those skills, and each class's first."""
    sides = (race_mask(*ALLIANCE_RACES), race_mask(*(r for r in CLASSES if r not in ALLIANCE_RACES)))
    rows = [PlayercreateinfoSpellCustomRow(sides[0], 0, COMMON[1], "Language, Alliance")]
    rows.append(PlayercreateinfoSpellCustomRow(sides[1], 0, ORCISH[1], "Language, Horde"))
    rows += [
        PlayercreateinfoSpellCustomRow(race_mask(r), 0, spell, "Language")
        for r, (_, spell) in OWN_TONGUE.items()
    ]
    rows += [PlayercreateinfoSpellCustomRow(0, 0, spell, "Everyone") for spell in EVERYONE]
    for class_, spells in SPELLS.items():
        mask = race_mask(class_)
        rows += [PlayercreateinfoSpellCustomRow(0, mask, spell, "Class") for spell in spells]
        rows += [PlayercreateinfoSpellCustomRow(0, mask, spell, "Training") for _, spell in TRAINED[class_]]
    return rows


def player_levelstats() -> list[PlayerLevelstatsRow]:
    """Straight lines: a start by class and race, so many tenths a level."""
    rows = []
    for race, class_ in PAIRS:
        first, tenths = GROWTH[class_]
        for level in range(1, LEVELS + 1):
            stats = (
                s + b + t * (level - 1) // 10 for s, b, t in zip(first, BUILD[race], tenths, strict=True)
            )
            rows.append(PlayerLevelstatsRow(race, class_, level, *stats))
    return rows


def player_classlevelstats() -> list[PlayerClasslevelstatsRow]:
    """Health and mana before stamina and intellect: a line with a little bend upwards."""
    rows = []
    for class_, (first, _) in GROWTH.items():
        health = 2 * first[2] - 20 + (0 if class_ in CASTERS else 2)
        for level in range(1, LEVELS + 1):
            n = level - 1
            mana = 0 if class_ in POWERLESS else 60 + 22 * n + n * n // 3
            rows.append(PlayerClasslevelstatsRow(class_, level, health + 15 * n + n * n, mana))
    return rows


def player_xp_for_level() -> list[PlayerXpForLevelRow]:
    """Each level takes somewhat more than the one before, in whole hundreds."""
    need = [400]
    for level in range(2, LEVELS):
        need.append(need[-1] + 100 * (5 + level * level // 12))
    assert all(a < b for a, b in pairwise(need))
    return [PlayerXpForLevelRow(level, experience) for level, experience in enumerate(need, 1)]
