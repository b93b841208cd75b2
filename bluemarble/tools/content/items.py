"""What new characters wear and carry, and what the first vendors sell."""

from collections.abc import Iterator
from typing import NamedTuple

from bluemarble.rows.world_items import ItemTemplateRow

CONSUMABLE, WEAPON, ARMOUR, PROJECTILE, QUIVER, ODD = 0, 2, 4, 6, 11, 15
SHIRT, LEGS, FEET, ROBE, MAIN_HAND, TWO_HAND, ONE_HAND, SHIELD, BOW, GUN, AMMO, BAG = (
    4, 7, 8, 20, 21, 17, 13, 14, 15, 26, 24, 18,
)  # fmt: skip
ALL_CLASSES, ALL_RACES = 0x5FF, 0x6FF
STONE, BREAD, WATER, MEAT = 6948, 4540, 159, 117
ARROWS, SHOT, QUIVER_BAG, POUCH_BAG = 2512, 2516, 2101, 2102


class Weapon(NamedTuple):
    """A weapon's numbers; its swing in ms, its damage at the swing."""

    entry: int
    subclass: int
    name: str
    displayid: int
    InventoryType: int
    delay: int
    low: float
    high: float
    sheath: int
    durability: int


WEAPONS = (
    Weapon(25, 7, "Notched Short Blade", 1542, MAIN_HAND, 2000, 1, 3, 3, 20),
    Weapon(35, 10, "Crooked Walking Staff", 472, TWO_HAND, 2900, 3, 5, 2, 25),
    Weapon(36, 4, "Dented Club", 5194, MAIN_HAND, 2000, 1, 3, 3, 20),
    Weapon(37, 0, "Chipped Hatchet", 14029, MAIN_HAND, 2000, 1, 3, 3, 20),
    Weapon(2092, 15, "Blunt Knife", 6442, ONE_HAND, 1600, 1, 2, 3, 16),
    Weapon(2361, 5, "Two-Handed Mallet", 8690, TWO_HAND, 2900, 3, 5, 1, 25),
    Weapon(12282, 1, "Woodcutter's Axe", 22291, TWO_HAND, 2900, 3, 5, 1, 25),
    Weapon(2504, 2, "Springy Bow", 8106, BOW, 2300, 2, 4, 0, 20),
    Weapon(2508, 3, "Smoky Musket", 6606, GUN, 2300, 2, 4, 0, 20),
)

# entry, name, display, slot, subclass (0 odd, 1 cloth, 2 leather, 3 mail), armour
CLOTHES = (
    (38, "Drill Shirt", 9891, SHIRT, 0, 0),
    (39, "Drill Trousers", 9892, LEGS, 1, 2),
    (40, "Drill Boots", 10141, FEET, 1, 1),
    (45, "Page's Shirt", 3265, SHIRT, 0, 0),
    (44, "Page's Trousers", 9937, LEGS, 1, 2),
    (43, "Page's Boots", 9938, FEET, 1, 1),
    (49, "Creeper's Shirt", 9906, SHIRT, 0, 0),
    (48, "Creeper's Trousers", 9913, LEGS, 1, 2),
    (47, "Creeper's Shoes", 9915, FEET, 1, 1),
    (53, "Novice's Shirt", 9944, SHIRT, 0, 0),
    (52, "Novice's Trousers", 9945, LEGS, 1, 2),
    (51, "Novice's Sandals", 9946, FEET, 1, 0),
    (6098, "Novice's Robe", 12679, ROBE, 1, 3),
    (6096, "Pupil's Shirt", 2163, SHIRT, 0, 0),
    (1395, "Pupil's Trousers", 9924, LEGS, 1, 2),
    (55, "Pupil's Shoes", 9929, FEET, 1, 0),
    (56, "Pupil's Robe", 12647, ROBE, 1, 3),
    (127, "Tracker's Shirt", 9996, SHIRT, 0, 0),
    (147, "Tracker's Trousers", 9975, LEGS, 1, 2),
    (129, "Tracker's Boots", 9977, FEET, 1, 1),
)

# entry, name, display, spell when used, kind of food (0 none), price in copper for five
PROVISIONS = (
    (MEAT, "Strip of Dried Meat", 2473, 433, 1, 25),
    (WATER, "Flask of Well Water", 18084, 430, 0, 25),
    (BREAD, "Heel of Brown Bread", 6399, 433, 4, 25),
    (4536, "Windfall Apple", 6410, 433, 6, 25),
    (2070, "Wedge of Goat Cheese", 6353, 433, 3, 25),
)


def item_template() -> list[ItemTemplateRow]:
    """Every item there is as yet, by entry; for every class and race by name, as strict readers want it."""
    rows = sorted([*weapons(), *clothes(), *provisions(), *sundries()], key=lambda row: row.entry)
    for row in rows:
        row.AllowableClass, row.AllowableRace = ALL_CLASSES, ALL_RACES
    return rows


def weapons() -> Iterator[ItemTemplateRow]:
    """What is swung, shot, or held before one."""
    for w in WEAPONS:
        ranged = w.InventoryType in (BOW, GUN)
        yield ItemTemplateRow(
            entry=w.entry,
            class_=WEAPON,
            subclass=w.subclass,
            name=w.name,
            displayid=w.displayid,
            Quality=1,
            BuyPrice=40,
            SellPrice=8,
            InventoryType=w.InventoryType,
            ItemLevel=2,
            RequiredLevel=1,
            dmg_min1=float(w.low),
            dmg_max1=float(w.high),
            delay=w.delay,
            ammo_type={BOW: 2, GUN: 3}.get(w.InventoryType, 0),
            RangedModRange=100.0 if ranged else 0.0,
            Material=1 if w.subclass not in (2, 10) else 2,
            sheath=w.sheath,
            MaxDurability=w.durability,
        )
    yield ItemTemplateRow(
        entry=2362,
        class_=ARMOUR,
        subclass=6,
        name="Barrel-Lid Shield",
        displayid=18730,
        Quality=1,
        BuyPrice=7,
        SellPrice=1,
        InventoryType=SHIELD,
        ItemLevel=1,
        RequiredLevel=1,
        armor=5,
        block=1,
        Material=1,
        sheath=4,
        MaxDurability=20,
    )


def clothes() -> Iterator[ItemTemplateRow]:
    """What is put on."""
    for entry, name, displayid, slot, subclass, armour in CLOTHES:
        yield ItemTemplateRow(
            entry=entry,
            class_=ARMOUR,
            subclass=subclass,
            name=name,
            displayid=displayid,
            Quality=1 if slot == SHIRT else 0,
            BuyPrice=5,
            SellPrice=1,
            InventoryType=slot,
            ItemLevel=1,
            RequiredLevel=0 if slot == SHIRT else 1,
            armor=armour,
            Material=7,
            MaxDurability=0 if slot == SHIRT else 25,
        )


def provisions() -> Iterator[ItemTemplateRow]:
    """What is eaten and drunk."""
    for entry, name, displayid, spell, food, price in PROVISIONS:
        yield ItemTemplateRow(
            entry=entry,
            class_=CONSUMABLE,
            subclass=5,
            name=name,
            displayid=displayid,
            Quality=1,
            BuyCount=5,
            BuyPrice=price,
            SellPrice=1,
            ItemLevel=5,
            RequiredLevel=1,
            stackable=20,
            spellid_1=spell,
            spellcharges_1=-1,
            spellcategory_1=11 if food else 59,
            spellcategorycooldown_1=1000,
            FoodType=food,
            Material=0 if food else 3,
        )


def sundries() -> Iterator[ItemTemplateRow]:
    """The stone that leads home, and what a hunter shoots and keeps it in."""
    yield ItemTemplateRow(
        entry=STONE,
        class_=ODD,
        name="Homeward Pebble",
        displayid=6418,
        Quality=1,
        Flags=64,
        maxcount=1,
        spellid_1=8690,
        spellcategory_1=1176,
        bonding=1,
        description="Warm on the side that faces home.",
        ItemLevel=1,
    )
    for entry, name, displayid, subclass in (
        (ARROWS, "Plain Arrow", 5996, 2),
        (SHOT, "Lead Shot", 5998, 3),
    ):
        yield ItemTemplateRow(
            entry=entry,
            class_=PROJECTILE,
            subclass=subclass,
            name=name,
            displayid=displayid,
            Quality=1,
            BuyCount=200,
            BuyPrice=10,
            InventoryType=AMMO,
            ItemLevel=5,
            RequiredLevel=1,
            stackable=1000,
            dmg_min1=1.0,
            dmg_max1=1.0,
            delay=3000,
            BagFamily=1 if subclass == 2 else 2,
        )
    for entry, name, displayid, subclass in (
        (QUIVER_BAG, "Reed Quiver", 21328, 2),
        (POUCH_BAG, "Shot Pouch", 1816, 3),
    ):
        yield ItemTemplateRow(
            entry=entry,
            class_=QUIVER,
            subclass=subclass,
            name=name,
            displayid=displayid,
            Quality=1,
            BuyPrice=4,
            SellPrice=1,
            InventoryType=BAG,
            ItemLevel=1,
            maxcount=1,
            ContainerSlots=6,
            BagFamily=1 if subclass == 2 else 2,
            Material=8,
        )
