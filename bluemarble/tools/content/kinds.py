"""Kinds of creatures and game objects: what they are called, how they look, whose side they are on."""

from typing import NamedTuple

from bluemarble.rows.world_creatures import (
    CreatureClasslevelstatsRow,
    CreatureEquipTemplateRow,
    CreatureModelInfoRow,
    CreatureTemplateModelRow,
    CreatureTemplateRow,
    NpcVendorRow,
)
from bluemarble.rows.world_gameobjects import GameobjectTemplateRow
from bluemarble.tools.content.items import BREAD, CLOTHES, MEAT, PROVISIONS, WATER, WEAPONS

BEAST, DEMON, HUMANOID, CRITTER, MECHANICAL = 1, 3, 7, 8, 9
GOSSIP, VENDOR, REPAIR, INNKEEPER = 0x1, 0x80, 0x1000, 0x10000
NEUTRAL, HOSTILE, PREY, HUMANS, WATCH, ORCS, SENTRIES = 7, 14, 31, 12, 11, 29, 85
WALK, RUN = 1.0, 1.14286
LEVELS = 83

SWORD, BOARD, AXE, CLUB, STAFF = 1899, 143, 37, 36, 35
FARE = (BREAD, WATER, MEAT, 4536, 2070)
BLADES = (*(weapon.entry for weapon in WEAPONS), 2362)
SHOOTING = (2504, 2508, 2512, 2516)
TRADE = GOSSIP | VENDOR
SWORDED, SHIELDED, AXED, CLUBBED = (SWORD, 0, 0), (SWORD, BOARD, 0), (AXE, 0, 0), (CLUB, 0, 0)
WARDROBE = tuple(entry for entry, *_ in CLOTHES)


class Kind(NamedTuple):
    """
    A kind of creature.

    @ivar displays: looks that a stock client knows; each spawn takes one of them.
    @ivar gear: item entries in the main hand, the other, and for range.
    @ivar sells: item entries.
    """

    entry: int
    name: str
    subname: str | None
    displays: tuple[int, ...]
    low: int
    high: int
    faction: int
    npcflag: int = 0
    type: int = HUMANOID
    gear: tuple[int, int, int] = (0, 0, 0)
    sells: tuple[int, ...] = ()
    health: float = 1.0
    scale: float = 1.0


ALDERHITHE = (
    Kind(60001, "Hithe Warden", None, (3167, 5446), 30, 32, WATCH, GOSSIP, gear=SHIELDED, health=3.0),
    Kind(60002, "Meadow Warden", None, (3167,), 20, 22, WATCH, GOSSIP, gear=SHIELDED, health=2.0),
    Kind(60003, "Captain Orla Fenwright", "Hithe Wardens", (5446,), 35, 35, WATCH, GOSSIP, gear=SWORDED),
    Kind(60004, "Mother Tansy", "Copper Kettle", (1291,), 20, 20, HUMANS, TRADE | INNKEEPER, sells=FARE),
    Kind(60005, "Bram Ashdown", "Smith", (1288,), 18, 18, HUMANS, TRADE | REPAIR, gear=CLUBBED, sells=BLADES),
    Kind(60006, "Nell Ashdown", "Tailor", (1287,), 16, 16, HUMANS, TRADE, sells=WARDROBE),
    Kind(60007, "Old Piers Gannet", "Fishmonger", (1943,), 12, 12, HUMANS, TRADE, sells=(MEAT, WATER)),
    Kind(60008, "Wyn Larkin", "Fletcher", (3251,), 14, 14, HUMANS, TRADE, sells=SHOOTING),
    Kind(60009, "Sister Amity Vale", "Healer", (3344,), 25, 25, HUMANS, GOSSIP),
    Kind(60010, "Corbin Wrey", "Reader of Weather", (1294,), 24, 24, HUMANS, GOSSIP, gear=(STAFF, 0, 0)),
    Kind(60011, "Reeve Haldan Moss", "Reeve of Alderhithe", (1985,), 30, 30, HUMANS, GOSSIP),
    Kind(60012, "Farmer Dunstan Oake", None, (3327,), 8, 8, HUMANS, GOSSIP),
    Kind(60013, "Goodwife Petra Oake", None, (3330,), 8, 8, HUMANS, GOSSIP),
    Kind(60014, "Robin Oake", None, (3331,), 4, 4, HUMANS, GOSSIP),
    Kind(60015, "Alderhithe Farmhand", None, (3328, 3324, 1944), 5, 7, HUMANS),
    Kind(60016, "Alderhithe Weaver", None, (1691, 1692, 3323), 5, 7, HUMANS),
    Kind(60017, "Tobias Sedge", "Ferryman", (1690,), 15, 15, HUMANS, GOSSIP),
    Kind(60018, "Ferryman's Apprentice", None, (221,), 5, 5, HUMANS),
    Kind(60019, "Ines Harrow", "Larkmeadow Supplies", (1298,), 10, 10, HUMANS, TRADE, sells=FARE + BLADES),
    Kind(60020, "Brother Lucan", "Larkmeadow", (3277,), 10, 10, HUMANS, GOSSIP),
    Kind(60021, "Marshal Edda Thorn", "Larkmeadow", (1859,), 20, 20, WATCH, GOSSIP, gear=SWORDED),
    Kind(60022, "Draught Horse", None, (229,), 5, 5, HUMANS, type=BEAST),
    Kind(60023, "Speckled Hen", None, (304,), 1, 1, PREY, type=CRITTER),
    Kind(60024, "Hithe Milch Cow", None, (1060,), 2, 2, PREY, type=CRITTER),
)  # fmt: skip

OCHRESTEAD = (
    Kind(60101, "Ochre Sentry", None, (4259, 4260), 30, 32, SENTRIES, GOSSIP, gear=AXED, health=3.0),
    Kind(60102, "Cinder Sentry", None, (4259,), 20, 22, SENTRIES, GOSSIP, gear=AXED, health=2.0),
    Kind(60103, "Warmaster Urgha", "Sentries of Ochrestead", (3736,), 35, 35, SENTRIES, GOSSIP, gear=AXED),
    Kind(60104, "Keeper Oshka", "The Dry Gourd", (3746,), 20, 20, ORCS, TRADE | INNKEEPER, sells=FARE),
    Kind(60105, "Dromm", "Smith", (3747,), 18, 18, ORCS, TRADE | REPAIR, gear=CLUBBED, sells=BLADES),
    Kind(60106, "Velka Hidecutter", "Tanner", (1879,), 16, 16, ORCS, TRADE, sells=WARDROBE),
    Kind(60107, "Sazul Netmender", "Fisher", (4089,), 12, 12, ORCS, TRADE, sells=(MEAT, WATER)),
    Kind(60108, "Garn Longstring", "Bowyer", (3743,), 14, 14, ORCS, TRADE, sells=SHOOTING),
    Kind(60109, "Elder Tawa", "Healer", (4072,), 25, 25, ORCS, GOSSIP, gear=(STAFF, 0, 0)),
    Kind(60110, "Rakti the Sky-Reader", "Reader of Weather", (4085,), 24, 24, ORCS, GOSSIP),
    Kind(60111, "Steward Kargan", "Steward of Ochrestead", (1877,), 30, 30, ORCS, GOSSIP),
    Kind(60112, "Herder Bolg", None, (3738,), 8, 8, ORCS, GOSSIP),
    Kind(60113, "Herder Misha", None, (3741,), 8, 8, ORCS, GOSSIP),
    Kind(60114, "Little Gruk", None, (3739,), 4, 4, ORCS, GOSSIP, scale=0.6),
    Kind(60115, "Ochrestead Quarrier", None, (3737, 3740, 3742), 5, 7, ORCS, gear=CLUBBED),
    Kind(60116, "Ochrestead Potter", None, (3749, 3744), 5, 7, ORCS),
    Kind(60117, "Zekk Tidecaller", "Boatwright", (4074,), 15, 15, ORCS, GOSSIP),
    Kind(60118, "Boatwright's Apprentice", None, (4087,), 5, 5, ORCS),
    Kind(60119, "Hurga", "Cinderfold Supplies", (1881,), 10, 10, ORCS, TRADE, sells=FARE + BLADES),
    Kind(60120, "Old Drazh", "Cinderfold", (1883,), 10, 10, ORCS, GOSSIP),
    Kind(60121, "Overseer Thakra", "Cinderfold", (1653,), 20, 20, SENTRIES, GOSSIP, gear=AXED),
    Kind(60122, "Pack Boar", None, (193,), 5, 5, ORCS, type=BEAST),
    Kind(60123, "Dust Hen", None, (304,), 1, 1, PREY, type=CRITTER),
    Kind(60124, "Red Goat", None, (856,), 2, 2, PREY, type=CRITTER),
)  # fmt: skip

GREEN_WILD = (
    Kind(60201, "Meadow Wolf", None, (31049,), 1, 3, NEUTRAL, type=BEAST),
    Kind(60202, "Alder Wolf", None, (31048,), 3, 6, HOSTILE, type=BEAST),
    Kind(60203, "Thicket Boar", None, (503,), 2, 5, NEUTRAL, type=BEAST),
    Kind(60204, "Old Longtusk", None, (8871,), 5, 8, NEUTRAL, type=BEAST),
    Kind(60205, "Webwood Lurker", None, (382, 368), 4, 7, HOSTILE, type=BEAST),
    Kind(60206, "Dusk Prowler", None, (11415,), 7, 10, HOSTILE, type=BEAST),
    Kind(60207, "Candle-Digger", None, (10913,), 2, 4, HOSTILE, gear=CLUBBED),
    Kind(60208, "Candle-Digger Foreman", None, (373, 365), 4, 7, HOSTILE, gear=CLUBBED),
    Kind(60209, "Reedling Snapper", None, (441,), 6, 9, HOSTILE),
    Kind(60210, "Hedge Robber", None, (5035, 5036), 5, 9, HOSTILE, gear=(AXE, 0, 0)),
    Kind(60211, "Runaway Reaper", None, (367,), 8, 10, HOSTILE, type=MECHANICAL),
    Kind(60212, "Field Hare", None, (328,), 1, 1, PREY, type=CRITTER),
    Kind(60213, "Roe Deer", None, (347,), 2, 3, PREY, type=CRITTER),
    Kind(60214, "Red Squirrel", None, (134,), 1, 1, PREY, type=CRITTER),
)
RED_WILD = (
    Kind(60301, "Dustback Boar", None, (503,), 1, 3, NEUTRAL, type=BEAST),
    Kind(60302, "Cliff Boar", None, (381,), 4, 6, NEUTRAL, type=BEAST),
    Kind(60303, "Ochre Stinger", None, (2485,), 2, 4, NEUTRAL, type=BEAST),
    Kind(60304, "Kiln Stinger", None, (2486, 2487), 5, 8, HOSTILE, type=BEAST),
    Kind(60305, "Stilt-Legged Runner", None, (1220,), 2, 5, NEUTRAL, type=BEAST),
    Kind(60306, "Saltmouth Crab", None, (1307, 1938), 5, 8, NEUTRAL, type=BEAST),
    Kind(60307, "Redcrest Raptor", None, (1960, 1959), 6, 9, HOSTILE, type=BEAST),
    Kind(60308, "Mudbank Snapjaw", None, (1250,), 8, 10, HOSTILE, type=BEAST),
    Kind(60309, "Bristle Raider", None, (6088, 1964), 5, 8, HOSTILE, gear=(AXE, 0, 0)),
    Kind(60310, "Windrag Shrieker", None, (6814, 6815), 7, 10, HOSTILE),
    Kind(60311, "Spark Imp", None, (1185,), 2, 4, HOSTILE, type=DEMON),
    Kind(60312, "Gully Rat", None, (1141,), 1, 1, PREY, type=CRITTER),
    Kind(60313, "Sand Hare", None, (328,), 1, 1, PREY, type=CRITTER),
    Kind(60314, "Ember Cultist", None, (4186, 4188), 6, 9, HOSTILE, gear=(STAFF, 0, 0)),
)
KINDS = ALDERHITHE + OCHRESTEAD + GREEN_WILD + RED_WILD


class Thing(NamedTuple):
    """A kind of game object; type 5 stands there, 8 is worked at, 19 takes letters."""

    entry: int
    name: str
    type: int
    display: int
    size: float = 1.0
    data: tuple[int, int] = (0, 0)


THINGS = (
    Thing(60501, "Gathering Fire", 8, 192, 1.5, (4, 10)),
    Thing(60502, "Cooking Fire", 8, 192, 1.0, (4, 10)),
    Thing(60503, "Anvil", 8, 273, 1.0, (1, 10)),
    Thing(60504, "Letter Box", 19, 2128),
    Thing(60505, "Rain Barrel", 5, 30),
    Thing(60506, "Stout Crate", 5, 31),
    Thing(60507, "Iron-Bound Coffer", 5, 1),
    Thing(60508, "Signpost", 5, 22),
    Thing(60509, "Finger Post", 5, 26),
    Thing(60510, "Notice Board", 5, 17),
    Thing(60511, "Clay Jug", 5, 7),
    Thing(60512, "Greyleaf", 5, 270),
    Thing(60513, "Quietbloom", 5, 269),
    Thing(60514, "Reddish Outcrop", 5, 310),
    Thing(60515, "Nameless Grave", 5, 12),
)  # fmt: skip
(
    BONFIRE,
    COOKFIRE,
    ANVIL,
    LETTERBOX,
    BARREL,
    CRATE,
    COFFER,
    SIGN,
    POST,
    NOTICES,
    JUG,
    LEAF,
    BLOSSOM,
    ORE,
    GRAVE,
) = THINGS


def creature_template() -> list[CreatureTemplateRow]:
    """Every kind of creature."""
    return [
        CreatureTemplateRow(
            entry=k.entry,
            name=k.name,
            subname=k.subname,
            minlevel=k.low,
            maxlevel=k.high,
            faction=k.faction,
            npcflag=k.npcflag,
            speed_walk=WALK,
            speed_run=RUN,
            BaseAttackTime=2000,
            RangeAttackTime=2000,
            unit_class=1,
            type=k.type,
            HealthModifier=k.health if k.type != CRITTER else 0.1,
        )
        for k in KINDS
    ]


def creature_template_model() -> list[CreatureTemplateModelRow]:
    """How each kind looks."""
    return [
        CreatureTemplateModelRow(k.entry, n, display, k.scale, 1.0)
        for k in KINDS
        for n, display in enumerate(k.displays)
    ]


def creature_model_info() -> list[CreatureModelInfoRow]:
    """How much room each look takes; folk alike, beasts alike."""
    size = {display: k.type for k in KINDS for display in k.displays}
    reach = {HUMANOID: (0.306, 1.5), CRITTER: (0.25, 0.5), BEAST: (0.6, 1.2)}
    return [
        CreatureModelInfoRow(display, *reach.get(size[display], (0.5, 1.5)), 2, 0) for display in sorted(size)
    ]


def creature_equip_template() -> list[CreatureEquipTemplateRow]:
    """What they hold."""
    return [CreatureEquipTemplateRow(k.entry, 1, *k.gear) for k in KINDS if any(k.gear)]


def npc_vendor() -> list[NpcVendorRow]:
    """What they sell, as much as one likes."""
    assert {item for item, *_ in PROVISIONS} >= set(FARE)
    return [NpcVendorRow(k.entry, n, item) for k in KINDS for n, item in enumerate(k.sells, 1)]


def creature_classlevelstats() -> list[CreatureClasslevelstatsRow]:
    """Health and the rest by level: one curve, three fifths of it for those who also have mana."""
    rows = []
    for level in range(1, LEVELS + 1):
        full = 30 + 12 * level + level * level
        for class_, share, mana in ((1, 5, 0), (2, 4, 3), (4, 5, 0), (8, 3, 6)):
            health = full * share // 5
            blow = round(1.0 + 0.55 * level, 2)
            healths = (health, health * 2, health * 4)
            spirit = (20 + 10 * level) * mana // 5
            armour, power, aim = 8 * level, 10 + 2 * level, 2 * level
            rows.append(
                CreatureClasslevelstatsRow(
                    level, class_, *healths, spirit, armour, power, aim, blow, blow * 2, blow * 4
                )
            )
    return rows


def gameobject_template() -> list[GameobjectTemplateRow]:
    """Every kind of game object."""
    return [
        GameobjectTemplateRow(
            entry=t.entry,
            type=t.type,
            displayId=t.display,
            name=t.name,
            size=t.size,
            Data0=t.data[0],
            Data1=t.data[1],
        )
        for t in THINGS
    ]
