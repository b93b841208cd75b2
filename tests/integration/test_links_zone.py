"""What a zone does for players on datagram links: what they may spend, what they see, what loads for them."""

import math

import pytest

from bluemarble.sim.entity import creature_guid
from bluemarble.sim.strain import LEVELS
from opcodes.cluster import NMSG_DISCONNECTED
from opcodes.links import NMSG_MOVES, NMSG_STRAIN, NMSG_UDP_ATTACHED, NMSG_UDP_GONE
from opcodes.movement import MSG_MOVE_HEARTBEAT
from opcodes.session import SMSG_TIME_SYNC_REQ
from tests.integration.linked import Link, linked, sees
from tests.integration.realm import WOLF, Realm

CID = 1 << 14


@pytest.fixture
def realm():
    return Realm()


def test_to_and_fro_brings_nobody_further(realm):
    """Changing between link and TCP does not fill what one may spend."""
    ada = Link(realm.enter("Ada"), CID)
    at = 0.0
    for turn in range(1, 41):
        ada.cid = turn << 14
        ada.attach()
        ada.epoch = ada.mover.epoch
        for _ in range(3):
            ada.walk(ada.mover.x + 9.0, 0.0)
            ada.epoch = ada.mover.epoch
        ada.lose()
        at = ada.client.player.x
        ada.client.walk(at + 9.0, 0.0)
        realm.ticks(1)
    assert ada.client.player.x < 35.0 + 40 * 6 * 0.05 * 7.0 * 1.3


def test_creatures_walk_for_links(realm):
    """A wanderer wakes for one on a link, and its link is told of it where it is."""
    ada = linked(realm, "Ada")
    wolf = next(e for e in realm.zone().objects.values() if e.guid == creature_guid(WOLF, 1))
    home = wolf.place()[:2]
    realm.seconds(20)
    seen = realm.zone().steering.field.read(wolf.slot)
    assert wolf.guid in sees(ada)
    assert (seen.x, seen.y) != home
    assert math.dist((seen.x, seen.y), home) < 11.0
    realm.zone().change(wolf, 24, 7)
    realm.ticks(1)


def test_grids_load_for_links(realm):
    """Walking far loads what stands there before it is in sight."""
    ada = linked(realm, "Ada", x=700.0, y=800.0)
    assert not [e for e in realm.zone().objects.values() if e.guid == creature_guid(WOLF, 1)]
    ada.epoch = 0
    x, y = 700.0, 800.0
    for _ in range(2000):
        x, y = x - 0.22, y - 0.26
        ada.walk(x, y)
    assert ada.mover.x == pytest.approx(x, abs=0.02)
    assert [e for e in realm.zone().objects.values() if e.guid == creature_guid(WOLF, 1)]


def test_strain(realm):
    """The level is the simulation's: it sees less far, and stretched ticks give movers more time."""
    ada, bob = linked(realm, "Ada"), realm.enter("Bob", x=120.0)
    realm.ticks(8)
    assert bob.guid in sees(ada)
    realm.post(0, NMSG_STRAIN(level=7))
    realm.ticks(8)
    assert bob.guid not in sees(ada)
    zone = realm.zone()
    before = zone.real_ms
    realm.post(0, NMSG_STRAIN(level=10))
    realm.ticks(10)
    assert zone.real_ms - before == 50 + 9 * 100  # the level counts from the tick after
    assert zone.now_ms == realm.world.now_ms
    realm.post(0, NMSG_STRAIN(level=0))
    realm.ticks(8)
    assert bob.guid in sees(ada)
    other = realm.enter("Cid", map_=1)
    realm.post(0, NMSG_MOVES(moves=b""))
    assert realm.zone(1).strain == 0 and other


def test_nothing_to_ask_of_a_line_that_is_gone(realm):
    """Clocks are not asked for over TCP once that has gone."""
    ada = linked(realm, "Ada")
    realm.post(ada.client.session, NMSG_DISCONNECTED())  # the test's client would still hear
    ada.client.forget()
    realm.seconds(30)
    assert ada.client.silent(SMSG_TIME_SYNC_REQ)


def test_extreme_rules():
    """Whatever an operator may set, a field takes."""
    realm = Realm(
        udp_sight_yards=270.0,
        move_slack=10.0,
        move_burst_yards=1000.0,
        move_late_ms_limit=86_400_000,
        grid_margin_yards=600.0,
    )
    bob = realm.enter("Bob")
    bob.player.reach_ms = -86_400_000
    bob.walk(1.0, 0.0)
    realm.ticks(1)
    assert bob.player.reach_mm > 200_000_000
    assert Link(bob, CID).attach().walk(900.0, 0.0).mover.x == 900.0


def test_attached_within_a_teleport(realm):
    """The order by TCP counts as followed: the link tells where that led."""
    bob = realm.enter("Bob", gmlevel=3)
    bob.say(".tele northgate")
    realm.ticks(1)
    link = Link(bob, CID).attach()
    assert bob.player.teleport is None
    assert (link.mover.x, link.mover.y) == (1500.0, -300.0)


def test_links_of_nobody(realm):
    """Attached and gone for sessions that are not in the world change nothing."""
    realm.post(77, NMSG_UDP_ATTACHED(cid=CID))
    realm.post(77, NMSG_UDP_GONE(cid=CID))
    realm.post(0, NMSG_MOVES(moves=bytes(24)))
    realm.ticks(1)
    assert realm.counted("input_without_place") == 2


def test_shown_after_long_strain(realm):
    """However long ticks were stretched, those on TCP see who attaches then walk, twice a second."""
    bob = realm.enter("Bob", x=5.0)
    realm.post(0, NMSG_STRAIN(level=LEVELS))
    realm.seconds(30)
    assert realm.zone().real_ms > realm.zone().now_ms + 20_000
    ada = linked(realm, "Ada")
    bob.forget()
    for step in range(1, 41):
        ada.walk(0.35 * step, 0.0)
    assert 3 <= len(bob.all(MSG_MOVE_HEARTBEAT)) <= 4
