"""SMSG_UPDATE_OBJECT as 1.12.1 is sent it, against wow_world_messages.vanilla."""

import struct

from wow_world_messages import vanilla as w

from opcodes import movement as m
from opcodes import objects, orders
from opcodes.update_fields import index
from tests.conformance.on_5875 import CREATURE, OBJECT, PLAYER, one


def bits(*numbers):
    return list(struct.unpack(f"<{len(numbers)}I", struct.pack(f"<{len(numbers)}f", *numbers)))


def living(**kwargs):
    return objects.Living(
        **{
            "flags": 0,
            "flags2": 0,
            "timestamp": 9,
            "x": 1.5,
            "y": 2.5,
            "z": 3.5,
            "orientation": 0.5,
            "fall_time": 0,
            "walking_speed": 1.0,
            "running_speed": 2.0,
            "backwards_running_speed": 3.0,
            "swimming_speed": 4.0,
            "backwards_swimming_speed": 5.0,
            "flight_speed": 6.0,
            "backwards_flight_speed": 7.0,
            "turn_rate": 8.0,
            "pitch_rate": 9.0,
        }
        | kwargs
    )


def created(guid, kind, movement, values):
    got = one(
        objects.SMSG_UPDATE_OBJECT(
            blocks=[
                objects.UpdateBlock(
                    update_type=objects.CREATE_OBJECT2,
                    guid=guid,
                    object_type=kind,
                    movement=movement,
                    values=values,
                )
            ]
        )
    )
    (block,) = got.objects
    assert (block.guid3, block.object_type.value) == (guid, kind)
    return block.movement2, block.mask2.fields


def test_player_created():
    """Itself: its place, six speeds, fields at 1.12.1's indices."""
    stands = {
        index("OBJECT_FIELD_GUID"): PLAYER,
        index("UNIT_FIELD_BYTES_0"): 0x0102_0304,
        index("UNIT_FIELD_HEALTH"): 60,
        index("UNIT_FIELD_LEVEL"): 7,
        index("UNIT_FIELD_POWER7"): 1,
        index("PLAYER_BYTES"): 0x0506_0708,
        index("PLAYER_FLAGS"): 0x0100_0402,
        index("PLAYER_VISIBLE_ITEM_2_ENTRYID"): 25,
        index("PLAYER_VISIBLE_ITEM_2_ENCHANTMENT"): 0x0005_0009,
        index("PLAYER_FIELD_INV_SLOT_HEAD") + 1: 0x4000_0000,
        index("PLAYER_FIELD_COINAGE"): 44,
        index("PLAYER_SKILL_INFO_1_1") + 383: 3,
        index("PLAYER_FIELD_WATCHED_FACTION_INDEX"): 0xFFFF_FFFF,
        index("UNIT_FIELD_POSSTAT0"): 2,
    }
    flags = objects.UPDATEFLAG_LIVING | objects.UPDATEFLAG_SELF
    where, got = created(
        PLAYER, objects.TYPEID_PLAYER, objects.MovementBlock(update_flag=flags, living=living()), stands
    )
    assert w.UpdateFlag.SELF in where.update_flag
    assert (where.timestamp, where.living_position.z, where.living_orientation) == (9, 3.5, 0.5)
    assert (where.walking_speed, where.backwards_swimming_speed, where.turn_rate) == (1.0, 5.0, 8.0)
    k = w.UpdateMaskValue
    assert got == {
        k.OBJECT_GUID: PLAYER,
        k.UNIT_BYTES_0: 0x0102_0304,
        k.UNIT_HEALTH: 60,
        k.UNIT_LEVEL: 7,
        k.PLAYER_FEATURES: 0x0506_0708,
        k.PLAYER_FLAGS: 0x402,
        k.PLAYER_VISIBLE_ITEM_1_ITEM: 25,
        k.PLAYER_VISIBLE_ITEM_1_ENCHANTS_LOW: 9,
        k.PLAYER_FIELD_INV_HEAD + 1: 0x4000_0000,
        k.PLAYER_FIELD_COINAGE: 44,
        k.PLAYER_SKILL_INFO_127_PERMANENT_BONUS_0: 3,
        k.PLAYER_FIELD_WATCHED_FACTION_INDEX: 0xFFFF_FFFF,
        k.PLAYER_FIELD_POSSTAT0: 2,
    }


def test_creature_created():
    """It walks, what it offers has other bits, and it has no player's fields."""
    spline = objects.Spline(
        spline_flags=orders.SPLINEFLAG_WALKMODE,
        time_passed=1,
        duration=2,
        id=3,
        nodes=[m.Point(x=1.0, y=2.0, z=3.0)] * 2,
        final_node=m.Point(x=7.0, y=8.0, z=9.0),
    )
    flags = m.FORWARD | m.SPLINE_ENABLED | m.FALLING | m.SWIMMING
    walks = living(
        flags=flags,
        pitch=0.25,
        spline=spline,
        jump=m.Jump(z_speed=1.0, cos_angle=2.0, sin_angle=3.0, xy_speed=4.0),
    )
    where, got = created(
        CREATURE,
        objects.TYPEID_UNIT,
        objects.MovementBlock(update_flag=objects.UPDATEFLAG_LIVING, living=walks),
        {
            index("UNIT_NPC_FLAGS"): 0x1 | 0x80 | 0x1000 | 0x1_0000,
            index("UNIT_DYNAMIC_FLAGS"): 0x29,
            index("UNIT_FIELD_BYTES_1"): 0x0102_0003,
            index("UNIT_FIELD_BYTES_2"): 0x0500_0102,
            index("UNIT_FIELD_POSSTAT0"): 5,
            index("UNIT_VIRTUAL_ITEM_SLOT_ID"): 6,
        },
    )
    assert where.flags == (
        w.MovementFlags.FORWARD
        | w.MovementFlags.SPLINE_ENABLED
        | w.MovementFlags.JUMPING
        | w.MovementFlags.SWIMMING
    )
    assert (where.pitch, where.xy_speed, where.final_node.z, len(where.nodes)) == (0.25, 4.0, 9.0, 2)
    assert where.spline_flags == w.SplineFlag.NONE
    k = w.UpdateMaskValue
    assert got == {
        k.UNIT_NPC_FLAGS: 0x1 | 0x4 | 0x4000 | 0x80,
        k.UNIT_DYNAMIC_FLAGS: 0x21,
        k.UNIT_BYTES_1: 0x0205_0003,
        k.UNIT_BYTES_2: 2,
    }


def test_gameobject_created():
    """Where it stands and how it is turned are fields there; its state, type and look are not packed."""
    where, got = created(
        OBJECT,
        objects.TYPEID_GAMEOBJECT,
        objects.MovementBlock(
            update_flag=objects.UPDATEFLAG_STATIONARY_POSITION | objects.UPDATEFLAG_ROTATION,
            place=objects.Place(x=1.5, y=2.5, z=3.5, orientation=0.5),
            packed_local_rotation=0x0010_0000 - 0x8_0000,
        ),
        {
            index("GAMEOBJECT_DISPLAYID"): 8,
            index("GAMEOBJECT_BYTES_1"): 0x6400_0301,
            index("GAMEOBJECT_PARENTROTATION") + 3: 9,
        },
    )
    assert (where.position.x, where.orientation) == (1.5, 0.5)
    k = w.UpdateMaskValue
    assert got == {
        k.GAME_OBJECT_DISPLAYID: 8,
        k.GAME_OBJECT_STATE: 1,
        k.GAME_OBJECT_TYPE_ID: 3,
        k.GAME_OBJECT_ARTKIT: 0,
        k.GAME_OBJECT_ANIMPROGRESS: 100,
        **dict(enumerate(bits(1.5, 2.5, 3.5, 0.5), k.GAME_OBJECT_POS_X)),
        **dict(enumerate(bits(0.0, 0.0, 0.5, 0.75**0.5), k.GAME_OBJECT_ROTATION)),
    }


def test_item_created():
    """An item has its own fields at the same indices as a unit's."""
    guid = 0x4000_0000_0000_0007
    _, got = created(
        guid,
        objects.TYPEID_ITEM,
        objects.MovementBlock(update_flag=0),
        {
            index("ITEM_FIELD_OWNER"): PLAYER,
            index("ITEM_FIELD_STACK_COUNT"): 3,
            index("ITEM_FIELD_DURABILITY"): 4,
            index("ITEM_FIELD_ENCHANTMENT_8_1"): 5,
            index("ITEM_FIELD_ENCHANTMENT_4_1"): 6,
        },
    )
    k = w.UpdateMaskValue
    assert got == {
        k.ITEM_OWNER: PLAYER,
        k.ITEM_STACK_COUNT: 3,
        k.ITEM_DURABILITY: 4,
        k.ITEM_ENCHANTMENT + 9: 5,
    }


def test_changes_and_leaving():
    """Changed fields, objects out of sight, objects gone."""
    got = one(
        objects.SMSG_UPDATE_OBJECT(
            blocks=[
                objects.UpdateBlock(
                    update_type=objects.VALUES, guid=CREATURE, values={index("UNIT_FIELD_HEALTH"): 5}
                ),
                objects.UpdateBlock(update_type=objects.OUT_OF_RANGE_OBJECTS, guids=[PLAYER, OBJECT]),
            ]
        )
    )
    assert (got.objects[0].guid1, got.objects[0].mask1.fields) == (
        CREATURE,
        {w.UpdateMaskValue.UNIT_HEALTH: 5},
    )
    assert got.objects[1].guids == [PLAYER, OBJECT]
    assert one(objects.SMSG_DESTROY_OBJECT(guid=OBJECT)).guid == OBJECT


def test_one_passenger():
    """An object that may be on a transport stands where it stands."""
    where, _ = created(
        0xF120_0000_0000_0001,
        objects.TYPEID_GAMEOBJECT,
        objects.MovementBlock(
            update_flag=objects.UPDATEFLAG_POSITION,
            passenger=objects.Passenger(
                transport_guid=0,
                x=1.0,
                y=2.0,
                z=3.0,
                offset_x=1.0,
                offset_y=2.0,
                offset_z=3.0,
                orientation=4.0,
                corpse_orientation=0.0,
            ),
        ),
        {},
    )
    assert (where.position.z, where.orientation) == (3.0, 4.0)
