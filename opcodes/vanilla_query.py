"""
Queries and their answers as client 1.12.1 (build 5875) writes them.

Source: checked against wow_world_messages.vanilla; game objects have 24 words of data, as in mangos-classic.
"""

from collections.abc import Callable, Sequence
from typing import Any

from opcodes import query
from opcodes.vocab import Packet, Record, array, f32, i32, maybe, u8, u32, u64

__all__ = ["INSTEAD", "LAYOUTS"]

STATS = 10
KEPT = (
    "name1",
    "name2",
    "name3",
    "name4",
    "sub_name",
    "type_flags",
    "creature_type",
    "creature_family",
    "creature_rank",
    "racial_leader",
)  # of a creature template
DAMAGES = 5


class NameAnswer(Record, of=query.SMSG_NAME_QUERY_RESPONSE):
    """A character."""

    guid: u64
    character_name: query.Name
    realm_name: query.Name
    race: u32
    gender: u32
    class_type: u32


class TimeAnswer(Record, of=query.SMSG_QUERY_TIME_RESPONSE):
    """Unix seconds."""

    time: u32


class CreatureInfo5875(Record):
    """A creature template: one look, no multipliers."""

    name1: query.Name
    name2: query.Name
    name3: query.Name
    name4: query.Name
    sub_name: query.Name
    type_flags: u32
    creature_type: u32
    creature_family: u32
    creature_rank: u32
    unknown0: u32 = 0
    spell_data_id: u32 = 0
    display_id: u32
    civilian: u8 = 0
    racial_leader: u8

    @staticmethod
    def outward(info: query.CreatureInfo) -> "CreatureInfo5875":
        """With its first look."""
        kept = {name: getattr(info, name) for name in KEPT}
        return CreatureInfo5875(display_id=info.display_ids[0], **kept)

    @staticmethod
    def inward(read: "CreatureInfo5875") -> query.CreatureInfo:
        """With one look."""
        return query.CreatureInfo(
            display_ids=[read.display_id, 0, 0, 0],
            quest_items=[0] * 6,
            **{name: getattr(read, name) for name in KEPT},
        )


class CreatureAnswer(Record, of=query.SMSG_CREATURE_QUERY_RESPONSE):
    """This."""

    creature_entry: u32
    found: CreatureInfo5875 | None = maybe()


class GameobjectInfo5875(Record, of=query.GameobjectInfo):
    """A game object template."""

    info_type: u32
    display_id: u32
    name1: query.Name
    name2: query.Name
    name3: query.Name
    name4: query.Name
    icon_name: query.Name
    raw_data: list[u32] = array(24)


class GameobjectAnswer(Record, of=query.SMSG_GAMEOBJECT_QUERY_RESPONSE):
    """This."""

    entry_id: u32
    found: GameobjectInfo5875 | None = maybe()


class ItemQuestion(Record, of=query.CMSG_ITEM_QUERY_SINGLE):
    """What item is that?"""

    item: u32
    guid: u64 = 0


class ItemInfo5875(Record, of=query.ItemInfo):
    """An item template: always ten stats and five damages."""

    item_class: u32
    item_sub_class: u32
    name1: query.Name
    name2: query.Name
    name3: query.Name
    name4: query.Name
    display_id: u32
    quality: u32
    flags: u32
    buy_price: u32
    sell_price: u32
    inventory_type: u32
    allowed_class: u32
    allowed_race: u32
    item_level: u32
    required_level: u32
    required_skill: u32
    required_skill_rank: u32
    required_spell: u32
    required_honor_rank: u32
    required_city_rank: u32
    required_faction: u32
    required_faction_rank: u32
    max_count: u32
    stackable: u32
    container_slots: u32
    stats: list[query.ItemStat] = array(STATS)
    damages: list[query.ItemDamageType] = array(DAMAGES)
    armor: i32
    holy_resistance: i32
    fire_resistance: i32
    nature_resistance: i32
    frost_resistance: i32
    shadow_resistance: i32
    arcane_resistance: i32
    delay: u32
    ammo_type: u32
    ranged_range_modification: f32
    spells: list[query.ItemSpell] = array(5)
    bonding: u32
    description: query.Name
    page_text: u32
    language: u32
    page_text_material: u32
    start_quest: u32
    lock_id: u32
    material: u32
    sheathe_type: u32
    random_property: u32
    block: u32
    item_set: u32
    max_durability: u32
    area: u32
    map: u32
    bag_family: u32

    @staticmethod
    def outward(info: query.ItemInfo) -> query.ItemInfo:
        """With the stats and damages that it lacks."""
        return query.ItemInfo(
            **dict(info)
            | {
                "stats": info.stats + [query.ItemStat(stat_type=0, value=0)] * (STATS - len(info.stats)),
                "damages": info.damages + [query.ItemDamageType()] * (DAMAGES - len(info.damages)),
            }
        )

    @staticmethod
    def inward(info: query.ItemInfo) -> query.ItemInfo:
        """Without those that say nothing."""
        info.stats = [stat for stat in info.stats if stat.value]
        info.damages = info.damages[:2]
        info.sockets = [query.ItemSocket() for _ in range(3)]
        return info


class ItemAnswer(Record, of=query.SMSG_ITEM_QUERY_SINGLE_RESPONSE):
    """This."""

    item: u32
    found: ItemInfo5875 | None = maybe()


class ItemNameAnswer(Record, of=query.SMSG_ITEM_NAME_QUERY_RESPONSE):
    """This."""

    item: u32
    item_name: query.Name


class PageQuestion(Record, of=query.CMSG_PAGE_TEXT_QUERY):
    """What is written on that page?"""

    page_id: u32


def _known(packet: query.SMSG_NAME_QUERY_RESPONSE) -> list[Packet]:
    """1.12.1 is not told that there is nobody."""
    return [] if packet.early_terminate else [packet]


INSTEAD: dict[type[Packet], Callable[[Any], Sequence[Packet]]] = {query.SMSG_NAME_QUERY_RESPONSE: _known}
EITHER_WAY: tuple[Any, ...] = (
    NameAnswer,
    TimeAnswer,
    CreatureAnswer,
    GameobjectAnswer,
    ItemQuestion,
    ItemAnswer,
    ItemNameAnswer,
    PageQuestion,
)
LAYOUTS: dict[tuple[type[Record], bool], type[Record]] = {
    (layout.canonical, received): layout for layout in EITHER_WAY for received in (False, True)
}
