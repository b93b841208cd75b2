"""Grids come and go with players, a bounded piece a tick; creatures walk while somebody watches."""

import itertools

import pytest

from bluemarble.rows.world_creatures import CreatureAddonRow, CreatureRow
from bluemarble.sim.entity import Creature
from bluemarble.sim.geometry import grid_at
from bluemarble.sim.timers import CREATURE, GRID
from opcodes.cluster import NMSG_LEAVE
from opcodes.orders import SMSG_MONSTER_MOVE
from tests.integration.realm import (
    KINDS,
    PATH,
    PLACES,
    STARTS,
    TABLES,
    WALKER,
    WOLF,
    Realm,
    creature,
    gameobject,
)


def made(realm, map_=0):
    zone = realm.zone(map_)
    return len(zone.entities) - len(zone.players)


def test_load_under_a_budget():
    spawns = [creature(n, WOLF, 100.0 + n * 0.1, 100.0) for n in range(1, 501)]
    realm = Realm(KINDS, STARTS, spawns, grid_objects_per_tick=60)
    realm.enter("Ada", x=100.0, y=100.0, ticks=0)
    counts = []
    for _ in range(10):
        realm.ticks()
        counts.append(made(realm))
    assert counts == [60, 120, 180, 240, 300, 360, 420, 480, 500, 500]


def test_unload_after_a_delay_under_the_same_budget():
    spawns = [creature(n, WOLF, 100.0 + n * 0.1, 100.0) for n in range(1, 201)]
    realm = Realm(KINDS, STARTS, spawns, grid_objects_per_tick=60, grid_unload_ms=10_000)
    ada = realm.enter("Ada", x=100.0, y=100.0, ticks=20)
    ada.send(NMSG_LEAVE())
    realm.seconds(10)
    assert made(realm) == 200
    counts = []
    for _ in range(6):
        realm.ticks()
        counts.append(made(realm))
    assert counts == [140, 80, 20, 0, 0, 0]
    assert realm.zone().grids.loaded == {}


def test_come_back_in_time():
    """A grid that is wanted again before its delay is over, or while it unloads, is whole again."""
    spawns = [creature(n, WOLF, 100.0 + n * 0.1, 100.0) for n in range(1, 201)]
    realm = Realm(KINDS, STARTS, spawns, grid_objects_per_tick=50, grid_unload_ms=10_000)
    ada = realm.enter("Ada", x=100.0, y=100.0, ticks=20)
    ada.send(NMSG_LEAVE())
    realm.seconds(10)
    realm.ticks(2)
    assert 0 < made(realm) < 200
    bob = realm.enter("Bob", x=100.0, y=100.0, ticks=20)
    assert made(realm) == 200
    assert len(bob.objects) == 201
    realm.seconds(30)
    assert made(realm) == 200


def test_only_what_is_near():
    spawns = [
        creature(n, WOLF, x, 0.0) for n, x in enumerate((-8000.0, -100.0, 0.0, 100.0, 700.0, 8000.0), 1)
    ]
    realm = Realm(KINDS, STARTS, spawns)
    realm.enter("Ada", x=30.0, y=30.0)
    assert set(realm.zone().grids.loaded) == {grid_at(-100.0, 0.0), grid_at(0.0, 0.0)}
    assert made(realm) == 3


def test_walk_into_the_next_grid():
    spawns = [creature(1, WOLF, 600.0, 100.0)]
    realm = Realm(KINDS, STARTS, spawns)
    ada = realm.enter("Ada", x=300.0, y=100.0)
    assert made(realm) == 0
    x = 300.0
    while x < 550.0:
        x += 6.0
        ada.walk(x, 100.0)
        realm.ticks(20)
    assert made(realm) == 1
    assert len(ada.objects) == 2


def test_flying_across_never_makes_more_than_the_budget():
    """Grids full of spawns, a player carried across them: no step makes or removes more than it may."""
    spawns = [creature(40 * n + m, WOLF, -1000.0 + 50.0 * n, m * 10.0) for n in range(40) for m in range(40)]
    realm = Realm(KINDS, STARTS, spawns, grid_objects_per_tick=30, grid_unload_ms=1_000)
    ada = realm.enter("Ada", x=-1000.0, y=100.0)
    before, most = made(realm), 0
    for n in range(200):
        player = ada.player
        player.x = -1000.0 + 10.0 * n
        realm.zone().sight.put(player)
        realm.zone().grids.moved(player)
        realm.ticks()
        most, before = max(most, abs(made(realm) - before)), made(realm)
    assert 0 < most <= 30


def test_gone_spawns_and_strange_ones():
    """A spawn of an unknown kind, or one that waits to be summoned, is not there."""
    waiting = gameobject(9, 6001, 3.0, 3.0)
    waiting.spawntimesecs = -1
    realm = Realm(KINDS, STARTS, [creature(1, 4242, 0.0, 0.0), waiting])
    realm.enter("Ada")
    assert made(realm) == 0


def walker(realm):
    return next(it for it in realm.zone().entities.values() if isinstance(it, Creature))


def test_wander():
    realm = Realm(KINDS, STARTS, [creature(1, WOLF, 20.0, 0.0, motion=1, wander=10.0)])
    ada = realm.enter("Ada")
    realm.seconds(120)
    moves = ada.all(SMSG_MONSTER_MOVE)
    assert 8 < len(moves) < 40
    for move in moves:
        there = move.walk.destination
        assert (there.x - 20.0) ** 2 + there.y**2 <= 100.2
        yards = ((there.x - move.x) ** 2 + (there.y - move.y) ** 2) ** 0.5
        assert move.walk.duration == pytest.approx(yards / 2.5 * 1000, abs=2)
    for one, other in itertools.pairwise(moves):
        assert (other.x, other.y) == (one.walk.destination.x, one.walk.destination.y)
    assert [move.spline_id for move in moves] == list(range(1, len(moves) + 1))


def test_path():
    spawn = creature(1, WALKER, 10.0, 20.0, motion=2)
    realm = Realm(KINDS, STARTS, PATH, [spawn, CreatureAddonRow(guid=1, path_id=30)])
    ada = realm.enter("Ada")
    realm.seconds(60)
    there = [move.walk.destination.x for move in ada.all(SMSG_MONSTER_MOVE)]
    assert there[:4] == [30.0, 10.0, 30.0, 10.0]
    assert len(there) == pytest.approx(60 / 9, abs=2)  # eight seconds a way, two of rest at one end


def test_nobody_watches():
    """Creatures that nobody sees stand still: no timer is set for them."""
    realm = Realm(KINDS, STARTS, [creature(1, WOLF, 20.0, 0.0, motion=1, wander=10.0)])
    ada = realm.enter("Ada")
    realm.seconds(20)
    ada.send(NMSG_LEAVE())
    realm.seconds(20)
    assert walker(realm).due_ms == 0
    assert not any(due.kind == CREATURE for due in realm.zone().timers.heap)
    where = walker(realm).place()
    realm.seconds(60)
    assert walker(realm).place() == where
    bob = realm.enter("Bob")
    realm.seconds(20)
    assert bob.all(SMSG_MONSTER_MOVE)


def test_one_who_comes_sees_the_walk_in_progress():
    """A creature that walks when it comes into sight is made where it is, and shown the rest of its way."""
    spawn = creature(1, WALKER, 10.0, 20.0, motion=2)
    realm = Realm(KINDS, STARTS, PATH, [spawn, CreatureAddonRow(guid=1, path_id=30)])
    ada = realm.enter("Ada")
    while walker(realm).leg is None:
        realm.ticks()
    realm.seconds(2)
    bob = realm.enter("Bob")
    (rest,) = bob.all(SMSG_MONSTER_MOVE)
    leg = walker(realm).leg
    assert rest.walk.destination.x == leg.to[0]
    assert min(leg.from_[0], leg.to[0]) < rest.x < max(leg.from_[0], leg.to[0])
    assert rest.spline_id == ada.all(SMSG_MONSTER_MOVE)[-1].spline_id


def test_content_is_indexed_not_made():
    spawns = (
        CreatureRow(guid=n, id=WOLF, map=n % 2, position_x=float(n % 15_000), position_y=float(n % 9_000))
        for n in range(20_000)
    )
    realm = Realm(KINDS, PLACES, STARTS, spawns)
    assert realm.world.content.spawn_count() == 20_000
    assert realm.world.zones == {}


def test_content_hash():
    """The same world has the same name whatever order its rows come in; another has another."""
    one, same = (
        Realm(*TABLES).world.content,
        Realm(*(list(reversed(table)) for table in TABLES)).world.content,
    )
    other = Realm(*TABLES, [creature(9, WOLF, 1.0, 1.0)]).world.content
    assert one.hash == same.hash != other.hash


def test_one_timer_a_grid():
    """Who steps over a grid's edge and back a thousand times leaves one timer, and it unloads in time."""
    realm = Realm(KINDS, STARTS, [creature(1, WOLF, 100.0, 100.0)], grid_unload_ms=10_000)
    ada = realm.enter("Ada", x=100.0, y=100.0, ticks=20)
    zone = realm.zone()
    ((number, grid),) = zone.grids.loaded.items()
    for _ in range(1000):
        zone.grids._release(number)
        zone.grids._want(number)
    assert [timer.kind for timer in zone.timers.heap].count(GRID) == 1
    realm.seconds(6)
    ada.send(NMSG_LEAVE())
    realm.seconds(9.9)
    assert (grid.timed, made(realm)) == (True, 1)
    realm.seconds(0.2)
    assert made(realm) == 0
    assert not [timer for timer in zone.timers.heap if timer.kind == GRID]
