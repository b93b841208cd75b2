"""What of a world database is used, and what of it cannot be."""

import math

import pytest

from bluemarble.rows.world_creatures import (
    CreatureAddonRow,
    CreatureClasslevelstatsRow,
    CreatureEquipTemplateRow,
    CreatureTemplateAddonRow,
    CreatureTemplateRow,
    WaypointDataRow,
)
from bluemarble.rows.world_gameobjects import GameobjectTemplateAddonRow
from bluemarble.rows.world_places import GameGraveyardRow
from bluemarble.sim.blocks import packed_rotation
from bluemarble.sim.content import CREATURE, Content
from bluemarble.sim.fields import (
    BYTES_1,
    GO_FACTION,
    HEALTH,
    LEVEL,
    MAXHEALTH,
    MOUNT,
    POWER1,
    VIRTUAL_ITEMS,
    creature_fields,
    gameobject_fields,
)
from bluemarble.sim.geometry import grid_at
from tests.integration.realm import (
    BOARD,
    GUARD,
    KINDS,
    PLACES,
    TABLES,
    WALKER,
    WOLF,
    Realm,
    creature,
    gameobject,
)


def spawns(content, map_=0, x=0.0, y=0.0):
    return content.spawns(map_, grid_at(x, y))


def test_spawns_by_grid_in_order():
    content = Content(
        KINDS, [creature(5, WOLF, 1.0, 1.0), creature(2, WOLF, 2.0, 2.0), gameobject(1, BOARD, 3.0, 3.0)]
    )
    assert [(spawn.kind == CREATURE, spawn.guid) for spawn in spawns(content)] == [
        (True, 2),
        (True, 5),
        (False, 1),
    ]
    assert content.maps == {0}
    assert spawns(content, 1) == []


@pytest.mark.parametrize(
    "row",
    [
        creature(1, 9999, 0.0, 0.0),
        creature(1, WOLF, math.nan, 0.0),
        creature(1, WOLF, 1e30, 0.0),
        creature(1, WOLF, 0.0, 0.0, facing=math.inf),
        gameobject(1, 9999, 0.0, 0.0),
        gameobject(1, BOARD, 0.0, -17067.0),
        WaypointDataRow(id=1, point=1, position_x=math.inf),
    ],
)
def test_what_stands_nowhere_is_skipped(row):
    content = Content(KINDS, [row])
    assert (content.spawn_count(), content.paths, content.skipped) == (0, {}, 1)


def test_a_broken_rotation_is_none():
    row = gameobject(1, BOARD, 0.0, 0.0)
    row.rotation1 = math.nan
    (spawn,) = spawns(Content(KINDS, [row]))
    assert packed_rotation(spawn.rotation) == 0


def test_rotations():
    """A quarter turn about the vertical, as clients unpack it."""
    half = math.sqrt(0.5)
    packed = packed_rotation((0.0, 0.0, half, half))
    assert (packed & 0x1F_FFFF) / (1 << 20) == pytest.approx(half, abs=1e-5)
    assert packed_rotation((0.0, 0.0, -half, -half)) == packed
    assert packed_rotation((0.5, -0.5, 0.5, 0.5)) >> 42 == 1 << 20
    assert packed_rotation((0.5, -0.5, 0.5, 0.5)) >> 21 & 0x1F_FFFF == 0x20_0000 - (1 << 19)


def test_addons_and_equipment():
    """A spawn's own addon goes before its kind's."""
    content = Content(
        KINDS,
        [creature(1, GUARD, 0.0, 0.0), creature(2, GUARD, 1.0, 0.0), creature(3, WALKER, 2.0, 0.0)],
        [
            CreatureTemplateAddonRow(entry=GUARD, mount=7, path_id=3),
            CreatureAddonRow(guid=2, bytes1=8, path_id=4),
        ],
        [CreatureEquipTemplateRow(CreatureID=GUARD, ID=1, ItemID1=25, ItemID2=26)],
    )
    one, two, three = (
        (spawn, creature_fields(content, spawn, content.creatures[spawn.entry])) for spawn in spawns(content)
    )
    assert (one[0].path, one[1][MOUNT], one[1][VIRTUAL_ITEMS]) == (3, 7, 25)
    assert (two[0].path, two[1].get(MOUNT), two[1][BYTES_1]) == (4, None, 8)
    assert (three[0].path, VIRTUAL_ITEMS in three[1]) == (0, False)


def test_level_and_health():
    """A creature has the level its spawn number draws, whenever it is made; health by level and class."""
    kind = CreatureTemplateRow(entry=1, minlevel=10, maxlevel=12, unit_class=2, HealthModifier=2.0, exp=1)
    levels = [
        CreatureClasslevelstatsRow(level=n, class_=2, basehp1=100 * n, basemana=30) for n in range(10, 13)
    ]
    content = Content([kind], levels, [creature(n, 1, float(n), 0.0) for n in range(1, 7)])
    seen = set()
    for spawn in spawns(content):
        fields = creature_fields(content, spawn, content.creatures[1])
        assert fields[HEALTH] == fields[MAXHEALTH] == 200 * fields[LEVEL]
        assert fields[POWER1] == 30
        seen.add(fields[LEVEL])
    assert seen == {10, 11, 12}


def test_game_object_addon():
    content = Content(
        KINDS, [gameobject(1, BOARD, 0.0, 0.0)], [GameobjectTemplateAddonRow(entry=BOARD, faction=35)]
    )
    assert gameobject_fields(content, spawns(content)[0])[GO_FACTION] == 35


def test_places_by_name():
    content = Content(PLACES)
    assert content.place("northgate").id == 1  # itself, though it is the beginning of another
    assert content.place("NorthGate I").id == 3
    assert content.place("n").id == 1
    assert content.place("x") is content.place("") is None


def test_unused_tables_are_passed_over():
    assert Content(*TABLES, [GameGraveyardRow(ID=1)]).hash == Content(*TABLES).hash


def test_a_world_of_odd_creatures_goes_on():
    """Creatures whose rows make no sense stand or stroll; no step fails."""
    kind = CreatureTemplateRow(
        entry=1, minlevel=5, maxlevel=1, speed_walk=math.nan, faction=-1, HealthModifier=0.0
    )
    edge = creature(1, 1, 17065.9, 17065.9, motion=1, wander=50.0)
    odd = [
        creature(2, 1, 17060.0, 17060.0, motion=1, wander=math.inf),
        creature(3, 1, 17061.0, 17060.0, motion=2),
        creature(4, 1, 17062.0, 17060.0, motion=9, wander=-3.0),
    ]
    realm = Realm([kind], [edge, *odd])
    realm.enter("Ada", x=17050.0, y=17050.0)
    realm.seconds(120)
    assert realm.world.content.skipped == 0
