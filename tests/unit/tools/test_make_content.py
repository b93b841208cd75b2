"""The committed world is what the generator makes, and it hangs together."""

import hashlib
from collections import Counter
from itertools import islice
from math import hypot, isfinite

import pytest
import wow_world_messages.wrath as wrath
from click.testing import CliRunner

from bluemarble.db.dialect import statements
from bluemarble.rows.world_creatures import CreatureAddonRow, CreatureRow, WaypointDataRow
from bluemarble.rows.world_gameobjects import GameobjectRow
from bluemarble.rows.world_places import GameTeleRow
from bluemarble.settings import World
from bluemarble.tools.content import items, kinds, places, players, realm, synthetic
from bluemarble.tools.content.spawns import PATROL, WANDER, spawns
from bluemarble.tools.content.sql import literal, replace
from bluemarble.tools.make_content import SQL, files, main

FILES = dict(files())
MADE = spawns()
GRID_YARDS = 533.33333


@pytest.mark.parametrize("name", FILES)
def test_committed(name):
    """When this fails run `python -m bluemarble.tools.make_content`, unless the file has been released."""
    assert (SQL / name).read_text() == FILES[name]


@pytest.mark.parametrize("name", FILES)
def test_both_engines_take_it(name):
    assert {statement.verb for statement in statements(FILES[name], name)} == {"REPLACE"}


def test_modest():
    assert sum(path.stat().st_size for path in SQL.rglob("*.sql")) < 3_000_000


def test_every_race_and_class_can_begin():
    """On land that the client's codec knows, beside somebody to meet."""
    areas, maps = {area.value for area in wrath.Area}, {map_.value for map_ in wrath.Map}
    rows = players.playercreateinfo()
    assert len({(row.race, row.class_) for row in rows}) == len(rows) == 62
    assert {row.race for row in rows} == {1, 2, 3, 4, 5, 6, 7, 8, 10, 11}
    for row in rows:
        assert row.zone in areas
        assert row.map in maps
        assert wrath.Race(row.race)
        assert wrath.Class(row.class_)
        near = [c for c in MADE.creatures if c.map == row.map and distance(c, row) < 60]
        assert len(near) > 10


def test_every_race_can_speak():
    """The shared language's skill and spell, and the race's own."""
    skills, spells = players.playercreateinfo_skills(), players.playercreateinfo_spell_custom()
    for race in players.CLASSES:
        bit = players.race_mask(race)
        shared = players.COMMON if race in players.ALLIANCE_RACES else players.ORCISH
        own = players.OWN_TONGUE.get(race, shared)
        for skill, spell in (shared, own):
            assert any(row.skill == skill and row.raceMask & bit for row in skills)
            assert any(row.Spell == spell and row.racemask & bit for row in spells)


def test_items_exist():
    """What new characters get, what buttons use and what is sold."""
    rows = items.item_template()
    known = {row.entry for row in rows}
    assert len(known) == len(rows)
    assert {row.itemid for row in players.playercreateinfo_item()} <= known
    assert {row.item for row in kinds.npc_vendor()} <= known
    assert {
        row.action for row in players.playercreateinfo_action() if row.type == players.ITEM_BUTTON
    } <= known


def test_buttons_hold_what_one_has():
    spells = {row.Spell for row in players.playercreateinfo_spell_custom()}
    pressed = players.playercreateinfo_action()
    assert {row.action for row in pressed if row.type == players.SPELL_BUTTON} <= spells
    assert all(0 <= row.button < 144 for row in pressed)


def test_the_codec_knows_every_number():
    """An independent reader of the packets takes what our rows put into them."""
    for row in items.item_template():
        assert wrath.ItemClassAndSubClass(row.class_ | row.subclass << 32)
        assert wrath.InventoryType(row.InventoryType) is not None
        assert wrath.SheatheType(row.sheath) is not None
        assert wrath.Bonding(row.bonding) is not None
        assert wrath.ItemQuality(row.Quality) is not None
        assert wrath.ItemFlag(row.Flags) is not None
        assert wrath.BagFamily(row.BagFamily) is not None
        assert wrath.AllowedClass(row.AllowableClass)
        assert wrath.AllowedRace(row.AllowableRace)
    for creature in kinds.creature_template():
        assert wrath.CreatureFamily(creature.family) is not None
    skills = {row.skill for row in players.playercreateinfo_skills()}
    assert all(wrath.Skill(skill) for skill in skills)


def test_levels():
    """Every pair and class has every level, and none is worse than the one before."""
    assert len(players.player_levelstats()) == 62 * players.LEVELS
    stats = {(row.race, row.class_, row.level): row for row in players.player_levelstats()}
    health = {(row.class_, row.level): row for row in players.player_classlevelstats()}
    for race, class_ in players.PAIRS:
        for level in range(2, players.LEVELS + 1):
            here, before = stats[race, class_, level], stats[race, class_, level - 1]
            assert here.str >= before.str > 0
            assert here.inte >= before.inte > 0
            assert health[class_, level].basehp > health[class_, level - 1].basehp > 0


def test_spawns_hang_together():
    """Known kinds, own guids within 24 bits, on the map, the walking ones with a way."""
    creatures, things = {kind.entry for kind in kinds.KINDS}, {thing.entry for thing in kinds.THINGS}
    assert 3000 < len(MADE.creatures) + len(MADE.things) < 8000
    paths = {row.guid: row.path_id for row in MADE.addons}
    points = Counter(row.id for row in MADE.waypoints)
    for rows, entries in ((MADE.creatures, creatures), (MADE.things, things)):
        assert [row.guid for row in rows] == list(range(1, len(rows) + 1))
        for row in rows:
            assert row.id in entries
            assert row.map in (0, 1)
            assert all(map(isfinite, (row.position_x, row.position_y, row.position_z)))
            assert max(abs(row.position_x), abs(row.position_y)) < 32 * GRID_YARDS
    moves = Counter(row.MovementType for row in MADE.creatures)
    assert moves[PATROL] == len(paths) > 200
    assert moves[WANDER] > 800
    for row in MADE.creatures:
        assert (row.MovementType == PATROL) == (row.guid in paths)
        assert (row.MovementType == WANDER) == (row.wander_distance > 0)
        assert row.guid not in paths or points[paths[row.guid]] >= 2
    assert set(points) == set(paths.values())


@pytest.mark.parametrize("land", [places.ALLIANCE, places.HORDE])
def test_a_town_has_people(land):
    """A few dozen creatures and objects each, the watch among them, and traders."""
    here = [row for row in MADE.creatures if row.map == land.map and distance_to(row, land.town) < 60]
    things = [row for row in MADE.things if row.map == land.map and distance_to(row, land.town) < 60]
    assert len(here) > 40
    assert len(things) > 30
    flags = {kind.entry: kind.npcflag for kind in kinds.KINDS}
    assert sum(1 for row in here if flags[row.id] & kinds.VENDOR) >= 5


def test_kinds():
    """Every kind has a look with a size and its own entry, and its name fits the column."""
    sized = {row.DisplayID for row in kinds.creature_model_info()}
    assert len({kind.entry for kind in (*kinds.KINDS, *kinds.THINGS)}) == len(kinds.KINDS) + len(kinds.THINGS)
    for kind in kinds.KINDS:
        assert kind.displays
        assert set(kind.displays) <= sized
        assert 0 < kind.low <= kind.high
        assert len(kind.name) <= 100


def test_realm():
    """The first realm is the default one, without a version flag; names are spelled as characters' are."""
    first, default = realm.realmlist()[0], World()
    assert (first.id, first.name, first.address, first.port) == (
        default.realm_id,
        default.realm_name,
        default.realm_address,
        default.port,
    )
    assert (first.id, first.flag, first.gamebuild) == (1, 0, 12340)
    assert all(name.isalpha() and name == name.capitalize() and 2 <= len(name) <= 12 for name in realm.NAMES)


def test_synthetic_is_as_dense_as_a_real_world():
    """Cities with hundreds in a cell, country with one to three, and the same every time."""
    rows = list(synthetic.rows(40_000))
    placed = [row for row in rows if isinstance(row, CreatureRow | GameobjectRow)]
    assert len(placed) == 40_000
    cells = Counter(
        (
            row.map,
            int(256 - row.position_x / synthetic.CELL_YARDS),
            int(256 - row.position_y / synthetic.CELL_YARDS),
        )
        for row in placed
    )
    assert 300 < max(cells.values()) <= 345
    assert 2 < len(placed) / len(cells) < 6
    walking = {row.guid for row in rows if isinstance(row, CreatureAddonRow)}
    assert walking == {
        row.guid for row in placed if isinstance(row, CreatureRow) and row.MovementType == PATROL
    }
    assert {row.id for row in rows if isinstance(row, WaypointDataRow)} == {guid * 10 for guid in walking}
    assert list(islice(synthetic.rows(40_000), 500)) == rows[:500]


def test_synthetic_file(tmp_path):
    """The command writes a file that both engines take, replacing the spawns."""
    out = tmp_path / "big.sql"
    done = CliRunner().invoke(main, ["--spawns", "2000", "--out", str(out)])
    assert done.exit_code == 0, done.output
    verbs = [statement.verb for statement in statements(out.read_text(), out.name)]
    assert verbs[:4] == ["DELETE"] * 4
    assert set(verbs[4:]) == {"REPLACE"}
    again = hashlib.sha256("".join(synthetic.statements(2000)).encode()).digest()
    assert hashlib.sha256(out.read_bytes()).digest() == again


def test_options_go_together():
    assert CliRunner().invoke(main, ["--spawns", "2000"]).exit_code == 2


def test_literals():
    """Quotes doubled; what could cut a statement short is refused, as is what has no spelling."""
    assert literal("Page's") == "'Page''s'"
    assert literal(None) == "NULL"
    assert literal(-8949.95) == "-8949.95"
    for bad in ("a;b", "a -- b", "a\\b", "a\nb"):
        with pytest.raises(ValueError, match="no plain text"):
            literal(bad)
    with pytest.raises(TypeError):
        literal(b"bytes")


def test_long_tables_are_cut():
    rows = [GameTeleRow(id=n, name=f"spot{n}") for n in range(600)]
    assert len(list(replace(rows))) == 3


def distance(creature, row):
    return hypot(creature.position_x - row.position_x, creature.position_y - row.position_y)


def distance_to(row, place):
    return hypot(row.position_x - place.x, row.position_y - place.y)
