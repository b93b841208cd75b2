"""What update fields say of a creature, a game object, an item, a player when it appears."""

import struct
from functools import cache
from typing import Any

from bluemarble.sim.content import Content, Spawn, Template
from bluemarble.sim.entity import Player, creature_guid, gameobject_guid, item_guid
from opcodes.cluster import CharacterState, ItemState
from opcodes.update_fields import index

TYPE_OBJECT, TYPE_ITEM, TYPE_CONTAINER, TYPE_UNIT, TYPE_PLAYER, TYPE_GAMEOBJECT = 1, 2, 4, 8, 16, 32
MANA, RAGE, FOCUS, ENERGY, RUNIC = 0, 1, 2, 3, 6
POWERS = {1: RAGE, 4: ENERGY, 6: RUNIC}  # class to power; the others have mana
POWER_MAXIMA = {RAGE: 1000, ENERGY: 100, RUNIC: 1000}
UNIT_FLAG_PLAYER_CONTROLLED = 0x8
UNIT_FLAG_IN_COMBAT = 0x80000
UNIT_FLAG_STUNNED = 0x40000
UNIT_FLAG2_REGENERATES = 0x800
PLAYER_FLAG_AFK, PLAYER_FLAG_DND, PLAYER_FLAG_GM, PLAYER_FLAG_RESTING = 0x2, 0x4, 0x8, 0x20
STATE_STAND, STATE_SIT = 0, 1
EQUIPMENT_SLOTS, BAG_SLOTS, PACK_SLOTS = range(19), range(19, 23), range(23, 39)
SKILL_LIMIT = 128
LEVEL_LIMIT = 80

# Race: display ids of a man and a woman, faction template.  Source: ids a stock client knows.
RACES = {
    1: (49, 50, 1),
    2: (51, 52, 2),
    3: (53, 54, 3),
    4: (55, 56, 4),
    5: (57, 58, 5),
    6: (59, 60, 6),
    7: (1563, 1564, 115),
    8: (1478, 1479, 116),
    10: (15476, 15475, 1610),
    11: (16125, 16126, 1629),
}
HORDE = frozenset({2, 5, 6, 8, 10})

GUID, TYPE, ENTRY, SCALE = map(
    index, ("OBJECT_FIELD_GUID", "OBJECT_FIELD_TYPE", "OBJECT_FIELD_ENTRY", "OBJECT_FIELD_SCALE_X")
)
HEALTH, POWER1, MAXHEALTH, MAXPOWER1 = map(
    index, ("UNIT_FIELD_HEALTH", "UNIT_FIELD_POWER1", "UNIT_FIELD_MAXHEALTH", "UNIT_FIELD_MAXPOWER1")
)
LEVEL, FACTION, FLAGS, FLAGS_2 = map(
    index, ("UNIT_FIELD_LEVEL", "UNIT_FIELD_FACTIONTEMPLATE", "UNIT_FIELD_FLAGS", "UNIT_FIELD_FLAGS_2")
)
BYTES_0, BYTES_1, BYTES_2 = map(index, ("UNIT_FIELD_BYTES_0", "UNIT_FIELD_BYTES_1", "UNIT_FIELD_BYTES_2"))
TARGET, DISPLAY, NATIVE_DISPLAY, MOUNT = map(
    index,
    ("UNIT_FIELD_TARGET", "UNIT_FIELD_DISPLAYID", "UNIT_FIELD_NATIVEDISPLAYID", "UNIT_FIELD_MOUNTDISPLAYID"),
)
BOUNDING, REACH, ATTACK_TIME = map(
    index, ("UNIT_FIELD_BOUNDINGRADIUS", "UNIT_FIELD_COMBATREACH", "UNIT_FIELD_BASEATTACKTIME")
)
DYNAMIC, CAST_SPEED, NPC_FLAGS, EMOTE_STATE = map(
    index, ("UNIT_DYNAMIC_FLAGS", "UNIT_MOD_CAST_SPEED", "UNIT_NPC_FLAGS", "UNIT_NPC_EMOTESTATE")
)
BASE_MANA, BASE_HEALTH, HOVER, VIRTUAL_ITEMS = map(
    index,
    ("UNIT_FIELD_BASE_MANA", "UNIT_FIELD_BASE_HEALTH", "UNIT_FIELD_HOVERHEIGHT", "UNIT_VIRTUAL_ITEM_SLOT_ID"),
)
PLAYER_FLAGS, PLAYER_BYTES, PLAYER_BYTES_2, PLAYER_BYTES_3 = map(
    index, ("PLAYER_FLAGS", "PLAYER_BYTES", "PLAYER_BYTES_2", "PLAYER_BYTES_3")
)
VISIBLE_ITEMS, INVENTORY, PACK = map(
    index, ("PLAYER_VISIBLE_ITEM_1_ENTRYID", "PLAYER_FIELD_INV_SLOT_HEAD", "PLAYER_FIELD_PACK_SLOT_1")
)
XP, NEXT_XP, SKILLS, COINAGE = map(
    index, ("PLAYER_XP", "PLAYER_NEXT_LEVEL_XP", "PLAYER_SKILL_INFO_1_1", "PLAYER_FIELD_COINAGE")
)
PLAYER_FIELD_BYTES, WATCHED_FACTION, MAX_LEVEL, DAMAGE_PCT = map(
    index,
    (
        "PLAYER_FIELD_BYTES",
        "PLAYER_FIELD_WATCHED_FACTION_INDEX",
        "PLAYER_FIELD_MAX_LEVEL",
        "PLAYER_FIELD_MOD_DAMAGE_DONE_PCT",
    ),
)
GO_DISPLAY, GO_FLAGS, GO_ROTATION, GO_FACTION, GO_BYTES = map(
    index,
    (
        "GAMEOBJECT_DISPLAYID",
        "GAMEOBJECT_FLAGS",
        "GAMEOBJECT_PARENTROTATION",
        "GAMEOBJECT_FACTION",
        "GAMEOBJECT_BYTES_1",
    ),
)
ITEM_OWNER, ITEM_CONTAINED, ITEM_COUNT, ITEM_DURABILITY, ITEM_MAX_DURABILITY = map(
    index,
    (
        "ITEM_FIELD_OWNER",
        "ITEM_FIELD_CONTAINED",
        "ITEM_FIELD_STACK_COUNT",
        "ITEM_FIELD_DURABILITY",
        "ITEM_FIELD_MAXDURABILITY",
    ),
)


@cache
def bits(value: float) -> int:
    """A float as an update field carries it."""
    return int.from_bytes(struct.pack("<f", value), "little")


ONE = bits(1.0)


def creature_fields(content: Content, spawn: Spawn, template: Template) -> dict[int, int]:
    """
    A creature's fields.

    Its level and look are drawn from its spawn's number, so that they are the same whenever its grid loads.
    """
    row = template.row
    span = max(row.maxlevel - row.minlevel, 0) + 1
    level = row.minlevel + spawn.guid % span
    display, scale = template.models[spawn.guid % len(template.models)] if template.models else (0, 1.0)
    info = content.models.get(display)
    health, mana = creature_health(content, row, level)
    out = {
        SCALE: bits(scale or 1.0),
        HEALTH: health,
        MAXHEALTH: health,
        BASE_HEALTH: health,
        LEVEL: level,
        FACTION: row.faction,
        FLAGS: spawn.flags or row.unit_flags,
        FLAGS_2: row.unit_flags2 | UNIT_FLAG2_REGENERATES,
        BYTES_0: row.unit_class << 8 | (info.Gender if info else 0) << 16,
        DISPLAY: display,
        NATIVE_DISPLAY: display,
        BOUNDING: bits(info.BoundingRadius if info else 0.389),
        REACH: bits(info.CombatReach if info else 1.5),
        ATTACK_TIME: row.BaseAttackTime or 2000,
        ATTACK_TIME + 1: row.BaseAttackTime or 2000,
        NPC_FLAGS: spawn.npcflag or row.npcflag,
        DYNAMIC: row.dynamicflags,
        CAST_SPEED: ONE,
        HOVER: bits(row.HoverHeight),
        BYTES_2: 1,
    }
    if mana:
        out[POWER1] = out[MAXPOWER1] = out[BASE_MANA] = mana
    if (addon := spawn.addon or template.addon) is not None:
        out[MOUNT], out[BYTES_1], out[EMOTE_STATE] = addon.mount, addon.bytes1, addon.emote
        out[BYTES_2] = addon.bytes2 or 1
    if (held := content.equipment.get((spawn.entry, spawn.equipment or 1))) is not None:
        for hand, item in enumerate((held.ItemID1, held.ItemID2, held.ItemID3)):
            out[VIRTUAL_ITEMS + hand] = item
    return _object(out, creature_guid(spawn.entry, spawn.guid), TYPE_OBJECT | TYPE_UNIT, spawn.entry)


def creature_health(content: Content, row: Any, level: int) -> tuple[int, int]:
    """Health and mana of a creature kind at a level."""
    stats = content.levels.get((level, row.unit_class))
    if stats is None:
        return max(int((20 + 25 * level) * row.HealthModifier), 1), 0
    base = (stats.basehp0, stats.basehp1, stats.basehp2)[min(max(row.exp, 0), 2)]
    mana = int(stats.basemana * row.ManaModifier) if row.unit_class in (2, 8) else 0
    return max(int(base * row.HealthModifier), 1), mana


def gameobject_fields(content: Content, spawn: Spawn) -> dict[int, int]:
    """A game object's fields."""
    row = content.gameobjects[spawn.entry]
    addon = content.gameobject_addons.get(spawn.entry)
    out = {
        SCALE: bits(row.size),
        GO_DISPLAY: row.displayId,
        GO_BYTES: spawn.state & 0xFF | (row.type & 0xFF) << 8 | (spawn.animprogress & 0xFF) << 24,
    }
    if addon is not None:
        out[GO_FACTION], out[GO_FLAGS] = addon.faction, addon.flags
    out[GO_ROTATION + 3] = ONE
    return _object(out, gameobject_guid(spawn.entry, spawn.guid), TYPE_OBJECT | TYPE_GAMEOBJECT, spawn.entry)


def item_fields(content: Content, owner: int, item: ItemState) -> dict[int, int]:
    """An item's fields, as its owner sees them."""
    row = content.items.get(item.entry)
    holder = item_guid(item.bag) if item.bag else owner
    out = {
        SCALE: ONE,
        ITEM_OWNER: owner,
        ITEM_CONTAINED: holder & 0xFFFF_FFFF,
        ITEM_CONTAINED + 1: holder >> 32,
        ITEM_COUNT: item.count,
        ITEM_DURABILITY: item.durability,
        ITEM_MAX_DURABILITY: row.MaxDurability if row is not None else item.durability,
    }
    return _object(out, item_guid(item.guid), TYPE_OBJECT | TYPE_ITEM, item.entry)


def player_fields(content: Content, who: CharacterState) -> dict[int, int]:
    """A player's fields, public and owner's, from its character."""
    man, woman, faction = RACES.get(who.race, RACES[1])
    display = woman if who.gender == 1 else man
    power = POWERS.get(who.class_, MANA)
    health, mana = player_maxima(content, who)
    out = {
        SCALE: ONE,
        HEALTH: min(who.health or health, health),
        MAXHEALTH: health,
        BASE_HEALTH: health,
        MAXPOWER1 + power: POWER_MAXIMA.get(power, mana),
        LEVEL: who.level,
        FACTION: faction,
        BYTES_0: who.race | who.class_ << 8 | who.gender << 16 | power << 24,
        FLAGS: UNIT_FLAG_PLAYER_CONTROLLED,
        FLAGS_2: UNIT_FLAG2_REGENERATES,
        DISPLAY: display,
        NATIVE_DISPLAY: display,
        BOUNDING: bits(0.389),
        REACH: bits(1.5),
        ATTACK_TIME: 2000,
        ATTACK_TIME + 1: 2000,
        CAST_SPEED: ONE,
        HOVER: ONE,
        PLAYER_FLAGS: who.playerFlags,
        PLAYER_BYTES: who.skin | who.face << 8 | who.hairStyle << 16 | who.hairColor << 24,
        PLAYER_BYTES_2: who.facialStyle | 2 << 24,
        PLAYER_BYTES_3: who.gender,
        XP: who.xp,
        NEXT_XP: next_experience(content, who.level),
        COINAGE: who.money,
        PLAYER_FIELD_BYTES: who.actionBars << 16,
        WATCHED_FACTION: 0xFFFF_FFFF,
        MAX_LEVEL: LEVEL_LIMIT,
    }
    if power == MANA:
        out[POWER1] = min(who.power1 or mana, mana)
        out[BASE_MANA] = mana
    elif power == ENERGY:
        out[POWER1 + power] = POWER_MAXIMA[ENERGY]
    out.update((DAMAGE_PCT + school, ONE) for school in range(7))
    for at, skill in enumerate(who.skills[:SKILL_LIMIT]):
        out[SKILLS + 3 * at] = skill.skill
        out[SKILLS + 3 * at + 1] = skill.value | skill.max << 16
    for item in who.items:
        _worn(out, item)
    return _object(out, who.guid, TYPE_OBJECT | TYPE_UNIT | TYPE_PLAYER, 0)


def player_maxima(content: Content, who: CharacterState) -> tuple[int, int]:
    """Health and mana of a character at its level, without what it wears."""
    if (row := content.class_levels.get((who.class_, who.level))) is not None:
        return max(row.basehp, 1), row.basemana
    return 40 + 20 * who.level, 60 + 20 * who.level


def next_experience(content: Content, level: int) -> int:
    """What it takes from a level to the next."""
    return content.experience.get(level, 400 * level)


def player_power(player: Player) -> int:
    """Which power the player's class uses."""
    return POWERS.get(player.character.class_, MANA)


def _worn(out: dict[int, int], item: ItemState) -> None:
    if item.bag:
        return
    if item.slot in EQUIPMENT_SLOTS:
        out[VISIBLE_ITEMS + 2 * item.slot] = item.entry
    if item.slot < PACK_SLOTS.start:
        head = INVENTORY + 2 * item.slot
    elif item.slot in PACK_SLOTS:
        head = PACK + 2 * (item.slot - PACK_SLOTS.start)
    else:
        return
    guid = item_guid(item.guid)
    out[head], out[head + 1] = guid & 0xFFFF_FFFF, guid >> 32


def _object(out: dict[int, int], guid: int, type_: int, entry: int) -> dict[int, int]:
    out[GUID], out[GUID + 1], out[TYPE] = guid & 0xFFFF_FFFF, guid >> 32, type_
    if entry:
        out[ENTRY] = entry
    return {at: value & 0xFFFF_FFFF for at, value in out.items() if value}
