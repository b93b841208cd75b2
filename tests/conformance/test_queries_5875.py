"""What clients ask once, between us and wow_world_messages.vanilla."""

from wow_world_messages import vanilla as w

from bluemarble.wire.codec import codec
from opcodes import query
from tests.conformance.on_5875 import PLAYER, V, encoded, one, received


def test_names():
    """A whole guid, wide numbers."""
    got = one(
        query.SMSG_NAME_QUERY_RESPONSE(
            guid=PLAYER,
            early_terminate=0,
            character_name="Anna",
            realm_name="",
            race=2,
            gender=1,
            class_type=4,
            has_declined_names=0,
        )
    )
    assert (got.guid, got.character_name, got.race.value, got.gender.value, got.class_type.value) == (
        PLAYER,
        "Anna",
        2,
        1,
        4,
    )
    assert one(query.SMSG_QUERY_TIME_RESPONSE(time=5, time_until_daily_quest_reset=6)).time == 5


def test_creatures():
    """One look; or none such."""
    got = one(
        query.SMSG_CREATURE_QUERY_RESPONSE(
            creature_entry=9,
            found=query.CreatureInfo(
                name1="Ogre",
                sub_name="Chief",
                type_flags=1,
                creature_type=2,
                creature_family=3,
                creature_rank=4,
                display_ids=[11, 12, 0, 0],
                racial_leader=1,
                quest_items=[0] * 6,
            ),
        )
    )
    assert (got.creature_entry, got.name1, got.sub_name, got.type_flags) == (
        9,
        "Ogre",
        "Chief",
        1,
    )
    assert (got.creature_type, got.creature_family.value, got.creature_rank) == (2, 3, 4)
    assert (got.display_id, got.racial_leader) == (11, 1)
    assert one(query.SMSG_CREATURE_QUERY_RESPONSE(creature_entry=9 | query.NOT_FOUND)).name1 is None


def test_gameobjects():
    """Its first words; the package lacks the last 18 of its data."""
    packet = query.SMSG_GAMEOBJECT_QUERY_RESPONSE(
        entry_id=9,
        found=query.GameobjectInfo(
            info_type=3,
            display_id=4,
            name1="Chest",
            icon_name="x",
            raw_data=list(range(24)),
            gameobject_quest_items=[0] * 6,
        ),
    )
    body = encoded(packet)
    assert body[:12] == bytes.fromhex("09000000 03000000 04000000")
    assert body[12:] == b"Chest\0\0\0\0x\0" + b"".join(n.to_bytes(4, "little") for n in range(24))
    assert one(query.SMSG_GAMEOBJECT_QUERY_RESPONSE(entry_id=9)).name1 is None


def test_items():
    """Ten stats, five damages, whatever it has."""
    packet = query.SMSG_ITEM_QUERY_SINGLE_RESPONSE(
        item=25,
        found=query.ItemInfo(
            item_class=2,
            item_sub_class=7,
            name1="Sword",
            display_id=1542,
            quality=1,
            buy_price=35,
            sell_price=7,
            inventory_type=21,
            allowed_class=0x7FFF,
            allowed_race=0x7FF & 0xFF,
            item_level=2,
            required_level=1,
            max_count=3,
            stats=[query.ItemStat(stat_type=4, value=5)],
            armor=6,
            delay=1900,
            max_durability=20,
            bag_family=1,
            damages=[
                query.ItemDamageType(damage_minimum=1.0, damage_maximum=3.0, school=0),
                query.ItemDamageType(),
            ],
            spells=[query.ItemSpell() for _ in range(5)],
            sockets=[query.ItemSocket() for _ in range(3)],
            description="Sharp",
            sheathe_type=3,
            block=8,
        ),
    )
    body = encoded(packet)
    again = codec(V.layout(query.SMSG_ITEM_QUERY_SINGLE_RESPONSE)).decode(body)
    assert (again.found.name1, again.found.stats, again.found.bag_family) == (
        "Sword",
        packet.found.stats,
        packet.found.bag_family,
    )
    packet.found.allowed_class, packet.found.allowed_race = 1, 1
    got = one(packet)
    assert (got.name1, got.display_id, got.quality.value, got.sell_price) == ("Sword", 1542, 1, 7)
    assert (got.max_count, got.armor, got.delay, got.description, got.block) == (3, 6, 1900, "Sharp", 8)
    assert (got.stats[0].value, len(got.stats), got.damages[0].damage_maximum, len(got.damages)) == (
        5,
        10,
        3.0,
        5,
    )
    assert (got.max_durability, got.bag_family.value) == (20, 1)
    asked = received(query.CMSG_ITEM_QUERY_SINGLE, w.CMSG_ITEM_QUERY_SINGLE(item=25, guid=7))
    assert asked == query.CMSG_ITEM_QUERY_SINGLE(item=25)
    assert (
        one(query.SMSG_ITEM_NAME_QUERY_RESPONSE(item=25, item_name="Sword", inventory_type=21)).item_name
        == "Sword"
    )
