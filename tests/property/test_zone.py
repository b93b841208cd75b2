"""Whatever clients say, a step neither raises nor half-happens, and everything it sends can be sent."""

import math
import random

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

import opcodes
from bluemarble.sim.effects import Input, Send
from bluemarble.sim.geometry import bearing, f32, fine, grid_at, grids_near, on_map, same_grids
from bluemarble.sim.handling import unhandled
from bluemarble.sim.sight import Sight
from bluemarble.wire.codec import codec
from opcodes.cluster import NMSG_WORLD
from opcodes.movement import Movement
from opcodes.vocab import Phase, Side
from tests.integration.realm import Realm
from tests.integration.test_snapshot import TABLES, life
from tests.property.values import records
from tests.twins import interest

CLIENTS = sorted(
    (cls for cls in Realm().world.takes if cls.__name__.startswith(("CMSG_", "MSG_"))),
    key=lambda cls: cls.__name__,
)


def peopled():
    realm = Realm()
    for n, name in enumerate(("Ada", "Bob", "Cid")):
        realm.enter(name, x=3.0 * n, gmlevel=n, race=n + 1, items=[(15, 25)])
    realm.world.faults.clear()
    return realm


def step(realm, inputs):
    """A step whose effects are all encoded, as a gateway would; and no handler failed."""
    for effect in realm.world.step(inputs):
        if isinstance(effect, Send):
            codec(type(effect.packet)).encode(effect.packet)
    assert realm.world.faults == []


@pytest.mark.parametrize("cls", CLIENTS, ids=lambda cls: cls.__name__)
@settings(max_examples=12, deadline=None)
@given(data=st.data())
def test_hostile(cls, data):
    """Any values in any packet that a handler takes."""
    realm = peopled()
    for session in (1, 2):
        packet = data.draw(records(cls))
        if data.draw(st.booleans()):
            for field in ("guid", "mover", "target", "player"):
                if isinstance(getattr(packet, field, None), int):
                    setattr(packet, field, session)
        wire = codec(cls).encode(packet)
        step(realm, [Input(session, codec(cls).decode(wire))])
    step(realm, [])
    raw = codec(NMSG_WORLD).encode(realm.world.snapshot())
    assert codec(NMSG_WORLD).encode(codec(NMSG_WORLD).decode(raw)) == raw


@settings(max_examples=150, deadline=None)
@given(data=st.data())
def test_hostile_life(data):
    """Many of them in a row, from people who are anywhere on their way in and out."""
    realm = peopled()
    for _ in range(data.draw(st.integers(1, 12))):
        cls = data.draw(st.sampled_from(CLIENTS))
        packet = data.draw(records(cls))
        session = data.draw(st.integers(1, 4))
        if isinstance(packet, Movement):
            packet.guid = session
        step(realm, [Input(session, packet)])
        for _ in range(data.draw(st.integers(0, 5))):
            step(realm, [])


def test_a_handler_that_fails_changes_nothing(monkeypatch):
    """A fault of ours drops the input with what it had sent so far, is counted, and the world goes on."""
    realm = peopled()
    before = codec(NMSG_WORLD).encode(realm.world.snapshot())

    def failing(zone, player, message):
        zone.send(player, message)
        raise RuntimeError("ours")

    cls = next(cls for cls in CLIENTS if cls.__name__ == "CMSG_QUERY_TIME")
    monkeypatch.setitem(realm.zone().tables.zone, cls, failing)
    effects = realm.world.step([Input(1, cls())])
    assert [str(fault.error) for fault in realm.world.faults] == ["ours"]
    assert not [effect for effect in effects if isinstance(effect, Send) and isinstance(effect.packet, cls)]
    assert ("input_dropped", 1) in effects
    after = codec(NMSG_WORLD).decode(codec(NMSG_WORLD).encode(realm.world.snapshot()))
    assert after.zones[0].players == codec(NMSG_WORLD).decode(before).zones[0].players


def test_every_client_packet_has_somewhere_to_go():
    """What a client in the world may send is handled, ignored with a reason, or the gateway's own."""
    gateway = {"CMSG_TUTORIAL_FLAG", "CMSG_TUTORIAL_CLEAR", "CMSG_TUTORIAL_RESET", "CMSG_TIME_SYNC_RESP"}
    gateway |= {"CMSG_UDP_ACCEPT", "CMSG_UDP_TUNNEL"}
    spoken = [
        cls
        for cls in opcodes.version(12340).packets.values()
        if Side.CLIENT in cls.side and cls.phase is Phase.WORLD
    ]
    assert set(unhandled(spoken, Realm().world.takes)) <= gateway


@given(st.floats(-17066, 17066, width=32), st.floats(-17066, 17066, width=32), st.floats(0, 533))
def test_grids_near(x, y, radius):
    near = grids_near(x, y, radius)
    assert near[0] == grid_at(x, y)
    assert len(set(near)) == len(near) <= 9
    for dx in (-radius, 0, radius):
        for dy in (-radius, 0, radius):
            assert grid_at(x + dx, y + dy) in near


@given(
    st.floats(-17066, 17066, width=32),
    st.floats(-17066, 17066, width=32),
    st.floats(0, 533),
    st.floats(0, 1),
    st.floats(0, 1),
)
def test_same_grids(x, y, radius, right, up):
    """Anywhere in the rectangle the grids near are the same."""
    left_x, right_x, low_y, high_y = same_grids(x, y, radius)
    there = left_x + (right_x - left_x) * right, low_y + (high_y - low_y) * up
    if (
        left_x < there[0] < right_x
        and low_y < there[1] < high_y
        and left_x < x < right_x
        and low_y < y < high_y
    ):
        assert set(grids_near(*there, radius)) == set(grids_near(x, y, radius))


@given(st.floats(-1000, 1000, width=32), st.floats(-1000, 1000, width=32))
def test_bearing(dx, dy):
    if abs(dx) + abs(dy) > 1e-3:
        off = abs(bearing(dx, dy) - math.atan2(dy, dx) % (2 * math.pi))
        assert min(off, 2 * math.pi - off) < 0.005


@given(st.floats(-17066, 17066))
def test_fine(yards):
    assert f32(fine(yards)) == fine(yards)
    assert abs(fine(yards) - yards) <= 1 / 128


@pytest.mark.parametrize(
    "place", [(math.nan, 0, 0, 0), (0, math.inf, 0, 0), (0, 0, 17067, 0), (0, 0, 0, math.nan)]
)
def test_not_on_map(place):
    assert not on_map(*place)


def test_plain_twin_sees_the_same(monkeypatch):
    """The zone on the plain-Python interest grid sends what it sends on the C one."""

    def told(kind):
        if kind is not None:
            monkeypatch.setattr("bluemarble.sim.sight.Interest", kind)
        realm = Realm(*TABLES, creates_per_tick=5, sight_limit=40)
        dice = random.Random(8)
        clients = [
            realm.enter(f"P{n}", x=dice.randrange(-100, 100), y=dice.randrange(-100, 100), ticks=0)
            for n in range(6)
        ]
        life(realm, clients, dice, 60)
        return [[repr(packet) for packet in client.heard] for client in clients]

    native = told(None)
    assert isinstance(Realm().world._zone(0, 0).sight, Sight)
    assert native == told(interest.Interest)
