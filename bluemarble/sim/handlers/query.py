"""What is that?  Templates as clients ask for them, and the time."""

from functools import cache
from typing import Any

from bluemarble.sim.entity import Player
from bluemarble.sim.handling import handler
from bluemarble.sim.zone import Zone
from opcodes.query import (
    CMSG_CREATURE_QUERY,
    CMSG_GAMEOBJECT_QUERY,
    CMSG_ITEM_NAME_QUERY,
    CMSG_ITEM_QUERY_SINGLE,
    CMSG_PAGE_TEXT_QUERY,
    CMSG_QUERY_TIME,
    NOT_FOUND,
    SMSG_CREATURE_QUERY_RESPONSE,
    SMSG_GAMEOBJECT_QUERY_RESPONSE,
    SMSG_ITEM_NAME_QUERY_RESPONSE,
    SMSG_ITEM_QUERY_SINGLE_RESPONSE,
    SMSG_PAGE_TEXT_QUERY_RESPONSE,
    SMSG_QUERY_TIME_RESPONSE,
    CreatureInfo,
    GameobjectInfo,
    ItemDamageType,
    ItemInfo,
    ItemSocket,
    ItemSpell,
    ItemStat,
)

ENTRY_LIMIT = 0xFF_FFFF
DAY_S = 86_400
DAILY_RESET_S = 6 * 3600  # daily quests begin anew at six, UTC


@handler
def creature(zone: Zone, player: Player, message: CMSG_CREATURE_QUERY) -> None:
    """A creature template."""
    found = zone.content.creatures.get(message.creature)
    if found is None:
        zone.send(
            player, SMSG_CREATURE_QUERY_RESPONSE(creature_entry=message.creature | NOT_FOUND, found=None)
        )
        return
    row = found.row
    displays = ([display for display, _ in found.models] + [0] * 4)[:4]
    zone.send(
        player,
        SMSG_CREATURE_QUERY_RESPONSE(
            creature_entry=message.creature,
            found=CreatureInfo(
                name1=text(row.name),
                sub_name=text(row.subname),
                description=text(row.IconName),
                type_flags=row.type_flags,
                creature_type=row.type,
                creature_family=row.family,
                creature_rank=row.rank,
                kill_credit1=row.KillCredit1,
                kill_credit2=row.KillCredit2,
                display_ids=displays,
                health_multiplier=row.HealthModifier,
                mana_multiplier=row.ManaModifier,
                racial_leader=row.RacialLeader,
                quest_items=[0] * 6,
                movement_id=row.movementId,
            ),
        ),
    )


@handler
def gameobject(zone: Zone, player: Player, message: CMSG_GAMEOBJECT_QUERY) -> None:
    """A game object template."""
    row = zone.content.gameobjects.get(message.entry_id)
    if row is None:
        zone.send(player, SMSG_GAMEOBJECT_QUERY_RESPONSE(entry_id=message.entry_id | NOT_FOUND, found=None))
        return
    data = [getattr(row, f"Data{at}") & 0xFFFF_FFFF for at in range(24)]
    zone.send(
        player,
        SMSG_GAMEOBJECT_QUERY_RESPONSE(
            entry_id=message.entry_id,
            found=GameobjectInfo(
                info_type=row.type,
                display_id=row.displayId,
                name1=text(row.name),
                icon_name=text(row.IconName),
                cast_bar_caption=text(row.castBarCaption),
                unknown=text(row.unk1),
                raw_data=data,
                gameobject_size=row.size,
                gameobject_quest_items=[0] * 6,
            ),
        ),
    )


@handler
def item(zone: Zone, player: Player, message: CMSG_ITEM_QUERY_SINGLE) -> None:
    """An item template."""
    row = zone.content.items.get(message.item)
    if row is None:
        zone.send(player, SMSG_ITEM_QUERY_SINGLE_RESPONSE(item=message.item | NOT_FOUND, found=None))
    else:
        zone.send(player, SMSG_ITEM_QUERY_SINGLE_RESPONSE(item=message.item, found=item_info(row)))


@handler
def item_name(zone: Zone, player: Player, message: CMSG_ITEM_NAME_QUERY) -> None:
    """An item's name alone; of one that is not there, nothing."""
    if (row := zone.content.items.get(message.item)) is not None:
        zone.send(
            player,
            SMSG_ITEM_NAME_QUERY_RESPONSE(
                item=message.item, item_name=text(row.name), inventory_type=row.InventoryType
            ),
        )


@handler
def page(zone: Zone, player: Player, message: CMSG_PAGE_TEXT_QUERY) -> None:
    """A page: our world has no books yet, and a client waits for an answer."""
    zone.send(player, SMSG_PAGE_TEXT_QUERY_RESPONSE(page_id=message.page_id, text="", next_page_id=0))


@handler
def time(zone: Zone, player: Player, message: CMSG_QUERY_TIME) -> None:
    """Unix time, and when daily quests begin anew."""
    now_s = zone.unix_s()
    zone.send(
        player,
        SMSG_QUERY_TIME_RESPONSE(
            time=now_s & 0xFFFF_FFFF, time_until_daily_quest_reset=DAY_S - (now_s - DAILY_RESET_S) % DAY_S
        ),
    )


def text(value: str | None) -> str:
    """A database text as a client's field takes it."""
    if not value:
        return ""
    return value.replace("\0", "").encode()[:255].decode(errors="ignore")


def item_info(row: Any) -> ItemInfo:
    """An `item_template` row as clients see it."""
    stats = [
        ItemStat(stat_type=getattr(row, f"stat_type{n}"), value=getattr(row, f"stat_value{n}"))
        for n in range(1, 11)
        if getattr(row, f"stat_value{n}")
    ]
    damages = [
        ItemDamageType(
            damage_minimum=getattr(row, f"dmg_min{n}"),
            damage_maximum=getattr(row, f"dmg_max{n}"),
            school=getattr(row, f"dmg_type{n}"),
        )
        for n in (1, 2)
    ]
    spells = [
        ItemSpell(
            spell=_word(getattr(row, f"spellid_{n}")),
            spell_trigger=getattr(row, f"spelltrigger_{n}"),
            spell_charges=getattr(row, f"spellcharges_{n}"),
            spell_cooldown=getattr(row, f"spellcooldown_{n}"),
            spell_category=getattr(row, f"spellcategory_{n}"),
            spell_category_cooldown=getattr(row, f"spellcategorycooldown_{n}"),
        )
        for n in range(1, 6)
    ]
    sockets = [
        ItemSocket(
            color=_word(getattr(row, f"socketColor_{n}")), content=_word(getattr(row, f"socketContent_{n}"))
        )
        for n in (1, 2, 3)
    ]
    words: dict[str, Any] = {field: _word(getattr(row, column)) for field, column in ITEM_WORDS.items()}
    signed: dict[str, Any] = {field: getattr(row, column) or 0 for field, column in ITEM_SIGNED.items()}
    return ItemInfo(
        name1=text(row.name),
        description=text(row.description),
        stats=stats,
        damages=damages,
        spells=spells,
        sockets=sockets,
        **words,
        **signed,
    )


@cache
def _word(value: int) -> int:
    """A column as a u32: some hold -1."""
    return int(value) & 0xFFFF_FFFF


ITEM_WORDS = {
    "item_class": "class_",
    "item_sub_class": "subclass",
    "display_id": "displayid",
    "quality": "Quality",
    "flags": "Flags",
    "flags2": "FlagsExtra",
    "buy_price": "BuyPrice",
    "sell_price": "SellPrice",
    "inventory_type": "InventoryType",
    "allowed_class": "AllowableClass",
    "allowed_race": "AllowableRace",
    "item_level": "ItemLevel",
    "required_level": "RequiredLevel",
    "required_skill": "RequiredSkill",
    "required_skill_rank": "RequiredSkillRank",
    "required_spell": "requiredspell",
    "required_honor_rank": "requiredhonorrank",
    "required_city_rank": "RequiredCityRank",
    "required_faction": "RequiredReputationFaction",
    "required_faction_rank": "RequiredReputationRank",
    "max_count": "maxcount",
    "stackable": "stackable",
    "container_slots": "ContainerSlots",
    "scaling_stats_entry": "ScalingStatDistribution",
    "scaling_stats_flag": "ScalingStatValue",
    "delay": "delay",
    "ammo_type": "ammo_type",
    "bonding": "bonding",
    "page_text": "PageText",
    "language": "LanguageID",
    "page_text_material": "PageMaterial",
    "start_quest": "startquest",
    "lock_id": "lockid",
    "material": "Material",
    "sheathe_type": "sheath",
    "random_property": "RandomProperty",
    "random_suffix": "RandomSuffix",
    "block": "block",
    "item_set": "itemset",
    "max_durability": "MaxDurability",
    "area": "area",
    "map": "Map",
    "bag_family": "BagFamily",
    "totem_category": "TotemCategory",
    "socket_bonus": "socketBonus",
    "gem_properties": "GemProperties",
    "duration": "duration",
    "item_limit_category": "ItemLimitCategory",
    "holiday_id": "HolidayId",
}
ITEM_SIGNED = {
    "sound_override_sub_class": "SoundOverrideSubclass",
    "armor": "armor",
    "holy_resistance": "holy_res",
    "fire_resistance": "fire_res",
    "nature_resistance": "nature_res",
    "frost_resistance": "frost_res",
    "shadow_resistance": "shadow_res",
    "arcane_resistance": "arcane_res",
    "ranged_range_modification": "RangedModRange",
    "required_disenchant_skill": "RequiredDisenchantSkill",
    "armor_damage_modifier": "ArmorDamageModifier",
}
