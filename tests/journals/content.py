"""
The small world that the golden journals were recorded on.

It is apart from sql/world, so that a new tree in a town does not ask for new journals.
"""

from bluemarble.rows.world_creatures import (
    CreatureAddonRow,
    CreatureClasslevelstatsRow,
    CreatureModelInfoRow,
    CreatureRow,
    CreatureTemplateModelRow,
    CreatureTemplateRow,
    WaypointDataRow,
)
from bluemarble.rows.world_gameobjects import GameobjectRow, GameobjectTemplateRow
from bluemarble.rows.world_places import GameTeleRow
from bluemarble.rows.world_players import PlayerClasslevelstatsRow, PlayercreateinfoRow
from bluemarble.sim.content import Content

HUMAN, WARRIOR = 1, 1
HOME = (0, 100.0, 200.0, 50.0)  # map, x, y, z
AWAY = (1, -300.0, 450.0, 20.0)
STAND, WANDER, PATH = 0, 1, 2  # creature.MovementType


def content():
    """A green with a guard who walks round it, hens that wander, lamps; on the other map a camp."""
    return Content(
        templates(),
        models(),
        looks(),
        levels(),
        creatures(),
        addons(),
        waypoints(),
        things(),
        objects(),
        places(),
        starts(),
        classes(),
    )


def templates():
    return [
        CreatureTemplateRow(
            entry=101,
            name="Watchman",
            subname="Round the green",
            minlevel=10,
            maxlevel=12,
            faction=35,
            npcflag=1,
            unit_class=1,
            type=7,
        ),
        CreatureTemplateRow(entry=102, name="Hen", minlevel=1, maxlevel=1, faction=35, unit_class=1, type=8),
        CreatureTemplateRow(
            entry=103, name="Charcoal Burner", minlevel=4, maxlevel=6, faction=35, unit_class=1, type=7
        ),
    ]


def models():
    return [
        CreatureTemplateModelRow(CreatureID=entry, Idx=0, CreatureDisplayID=display, Probability=1.0)
        for entry, display in ((101, 3167), (102, 304), (103, 3258))
    ]


def looks():
    return [
        CreatureModelInfoRow(DisplayID=display, BoundingRadius=0.3, CombatReach=1.5, Gender=0)
        for display in (3167, 304, 3258)
    ]


def levels():
    return [CreatureClasslevelstatsRow(level=n, class_=1, basehp0=40 + 20 * n) for n in range(1, 15)]


def creatures():
    spawns = [
        CreatureRow(
            guid=1, id=101, map=0, position_x=120.0, position_y=200.0, position_z=50.0, MovementType=PATH
        )
    ]
    spawns += [
        CreatureRow(
            guid=10 + n,
            id=102,
            map=0,
            position_x=90.0 + 7 * n,
            position_y=180.0 + 5 * (n % 4),
            position_z=50.0,
            orientation=n / 2,
            wander_distance=6.0,
            MovementType=WANDER,
        )
        for n in range(8)
    ]
    spawns += [
        CreatureRow(guid=40 + n, id=103, map=1, position_x=-300.0 + 9 * n, position_y=440.0, position_z=20.0)
        for n in range(5)
    ]
    # Across two grids' border, and one beyond sight of everybody's start.
    spawns += [
        CreatureRow(guid=60 + n, id=102, map=0, position_x=100.0 + 60 * n, position_y=260.0, position_z=50.0)
        for n in range(9)
    ]
    return spawns


def addons():
    return [CreatureAddonRow(guid=1, path_id=1)]


def waypoints():
    corners = ((120.0, 200.0, 0), (120.0, 240.0, 2000), (80.0, 240.0, 0), (80.0, 200.0, 500))
    return [
        WaypointDataRow(id=1, point=n, position_x=x, position_y=y, position_z=50.0, delay=delay)
        for n, (x, y, delay) in enumerate(corners, 1)
    ]


def things():
    return [GameobjectTemplateRow(entry=201, type=5, displayId=192, name="Lamp")]


def objects():
    return [
        GameobjectRow(
            guid=1 + n,
            id=201,
            map=0,
            position_x=80.0 + 20 * n,
            position_y=210.0,
            position_z=50.0,
            rotation3=1.0,
            spawntimesecs=300,
            animprogress=100,
            state=1,
        )
        for n in range(4)
    ]


def places():
    return [
        GameTeleRow(id=n, name=name, map=map_, position_x=x, position_y=y, position_z=z)
        for n, (name, (map_, x, y, z)) in enumerate({"green": HOME, "camp": AWAY}.items(), 1)
    ]


def starts():
    map_, x, y, z = HOME
    return [
        PlayercreateinfoRow(
            race=HUMAN, class_=WARRIOR, map=map_, zone=12, position_x=x, position_y=y, position_z=z
        )
    ]


def classes():
    return [PlayerClasslevelstatsRow(class_=WARRIOR, level=n, basehp=20 * n) for n in range(1, 11)]
