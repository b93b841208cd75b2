"""
What is that?  Questions that clients ask once and keep the answers to.

A template that does not exist is answered with its entry and bit 31, and nothing more.
Source: checked against the wow_world_messages package, which has fewer words of data for game objects.
"""

from typing import Annotated

from opcodes.vocab import (
    Packet,
    Record,
    Text,
    array,
    f32,
    i32,
    listed,
    maybe,
    packed_guid,
    this,
    u8,
    u32,
    u64,
    when,
)

NOT_FOUND = 0x8000_0000  # or'ed to the entry

Name = Annotated[str, Text(255)]
Page = Annotated[str, Text(4096)]


class CMSG_NAME_QUERY(Packet):
    """Who is that?"""

    guid: u64


class SMSG_NAME_QUERY_RESPONSE(Packet):
    """A character, or with `early_terminate` 1 none."""

    guid: packed_guid
    early_terminate: u8 = 0
    character_name: Annotated[str, Text(48)] | None = when(this.early_terminate == 0)
    realm_name: Name | None = when(this.early_terminate == 0)
    race: u8 | None = when(this.early_terminate == 0)
    gender: u8 | None = when(this.early_terminate == 0)
    class_type: u8 | None = when(this.early_terminate == 0)
    has_declined_names: u8 | None = when(this.early_terminate == 0)
    declined_names: list[Name] | None = when(
        this.early_terminate == 0, this.has_declined_names, then=array(5)
    )


class CMSG_QUERY_TIME(Packet):
    """What time is it?"""


class SMSG_QUERY_TIME_RESPONSE(Packet):
    """Unix seconds."""

    time: u32
    time_until_daily_quest_reset: u32


class CMSG_CREATURE_QUERY(Packet):
    """What creature is that?"""

    creature: u32
    guid: u64


class CreatureInfo(Record):
    """A creature template as clients see it."""

    name1: Name
    name2: Name = ""
    name3: Name = ""
    name4: Name = ""
    sub_name: Name = ""
    description: Name = ""
    type_flags: u32 = 0
    creature_type: u32
    creature_family: u32 = 0
    creature_rank: u32 = 0
    kill_credit1: u32 = 0
    kill_credit2: u32 = 0
    display_ids: list[u32] = array(4)
    health_multiplier: f32 = 1.0
    mana_multiplier: f32 = 1.0
    racial_leader: u8 = 0
    quest_items: list[u32] = array(6)
    movement_id: u32 = 0


class SMSG_CREATURE_QUERY_RESPONSE(Packet):
    """This."""

    creature_entry: u32
    found: CreatureInfo | None = maybe()


class CMSG_GAMEOBJECT_QUERY(Packet):
    """What object is that?"""

    entry_id: u32
    guid: u64


class GameobjectInfo(Record):
    """A game object template as clients see it."""

    info_type: u32
    display_id: u32
    name1: Name
    name2: Name = ""
    name3: Name = ""
    name4: Name = ""
    icon_name: Name = ""
    cast_bar_caption: Name = ""
    unknown: Name = ""
    raw_data: list[u32] = array(24)
    gameobject_size: f32 = 1.0
    gameobject_quest_items: list[u32] = array(6)


class SMSG_GAMEOBJECT_QUERY_RESPONSE(Packet):
    """This."""

    entry_id: u32
    found: GameobjectInfo | None = maybe()


class CMSG_ITEM_QUERY_SINGLE(Packet):
    """What item is that?"""

    item: u32


class ItemStat(Record):
    """Something the item is good for."""

    stat_type: u32
    value: i32


class ItemDamageType(Record):
    """What the item hits for."""

    damage_minimum: f32 = 0.0
    damage_maximum: f32 = 0.0
    school: u32 = 0


class ItemSpell(Record):
    """What the item casts."""

    spell: u32 = 0
    spell_trigger: u32 = 0
    spell_charges: i32 = 0
    spell_cooldown: i32 = -1
    spell_category: u32 = 0
    spell_category_cooldown: i32 = -1


class ItemSocket(Record):
    """Where a gem goes."""

    color: u32 = 0
    content: u32 = 0


class ItemInfo(Record):
    """An item template as clients see it."""

    item_class: u32
    item_sub_class: u32
    sound_override_sub_class: i32 = -1
    name1: Name
    name2: Name = ""
    name3: Name = ""
    name4: Name = ""
    display_id: u32
    quality: u32
    flags: u32 = 0
    flags2: u32 = 0
    buy_price: u32
    sell_price: u32
    inventory_type: u32
    allowed_class: u32
    allowed_race: u32
    item_level: u32
    required_level: u32
    required_skill: u32 = 0
    required_skill_rank: u32 = 0
    required_spell: u32 = 0
    required_honor_rank: u32 = 0
    required_city_rank: u32 = 0
    required_faction: u32 = 0
    required_faction_rank: u32 = 0
    max_count: u32 = 0
    stackable: u32 = 1
    container_slots: u32 = 0
    stats: list[ItemStat] = listed(count=u32, limit=10)
    scaling_stats_entry: u32 = 0
    scaling_stats_flag: u32 = 0
    damages: list[ItemDamageType] = array(2)
    armor: i32 = 0
    holy_resistance: i32 = 0
    fire_resistance: i32 = 0
    nature_resistance: i32 = 0
    frost_resistance: i32 = 0
    shadow_resistance: i32 = 0
    arcane_resistance: i32 = 0
    delay: u32 = 0
    ammo_type: u32 = 0
    ranged_range_modification: f32 = 0.0
    spells: list[ItemSpell] = array(5)
    bonding: u32 = 0
    description: Name = ""
    page_text: u32 = 0
    language: u32 = 0
    page_text_material: u32 = 0
    start_quest: u32 = 0
    lock_id: u32 = 0
    material: u32 = 0
    sheathe_type: u32 = 0
    random_property: u32 = 0
    random_suffix: u32 = 0
    block: u32 = 0
    item_set: u32 = 0
    max_durability: u32 = 0
    area: u32 = 0
    map: u32 = 0
    bag_family: u32 = 0
    totem_category: u32 = 0
    sockets: list[ItemSocket] = array(3)
    socket_bonus: u32 = 0
    gem_properties: u32 = 0
    required_disenchant_skill: i32 = -1
    armor_damage_modifier: f32 = 0.0
    duration: u32 = 0
    item_limit_category: u32 = 0
    holiday_id: u32 = 0


class SMSG_ITEM_QUERY_SINGLE_RESPONSE(Packet):
    """This."""

    item: u32
    found: ItemInfo | None = maybe()


class CMSG_ITEM_NAME_QUERY(Packet):
    """What is that item called?"""

    item: u32
    guid: u64


class SMSG_ITEM_NAME_QUERY_RESPONSE(Packet):
    """This."""

    item: u32
    item_name: Name
    inventory_type: u8


class CMSG_PAGE_TEXT_QUERY(Packet):
    """What is written on that page?"""

    page_id: u32
    guid: u64


class SMSG_PAGE_TEXT_QUERY_RESPONSE(Packet):
    """This, and then that page; 0 is none."""

    page_id: u32
    text: Page
    next_page_id: u32
