"""Cheats by movement: corrected without a word, counted, never kicked, and never shown to anybody."""

import math

import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from bluemarble.rows.characters import CharactersRow
from bluemarble.sim.effects import Input
from bluemarble.sim.geometry import TURN
from bluemarble.sim.rules import COORDINATE_LIMIT_YARDS
from opcodes import movement as m
from opcodes.cluster import NMSG_LEAVE
from opcodes.orders import (
    CMSG_MOVE_TIME_SKIPPED,
    MSG_MOVE_TELEPORT_ACK,
    MSG_MOVE_WORLDPORT_ACK,
    MSG_MOVE_TELEPORT_ACK_Server,
)
from opcodes.session import CMSG_TIME_SYNC_RESP, SMSG_LOGIN_VERIFY_WORLD, SMSG_TIME_SYNC_REQ
from tests.property.attackers import BUILDS, examples

SHARED = [HealthCheck.function_scoped_fixture, HealthCheck.too_slow]
plain = settings(
    max_examples=examples(60), suppress_health_check=SHARED, phases=[Phase.explicit, Phase.generate]
)
KINDS = [
    cls
    for cls in m.Movement.__subclasses__()
    if cls.__name__.startswith("MSG_MOVE_ST") and all(cls in version.numbers for version in BUILDS.values())
]
odd = st.one_of(
    st.floats(width=32),
    st.sampled_from(
        [math.nan, math.inf, -math.inf, 3.4e38, -3.4e38, 1e-45, -0.0, 17066.0, 17067.0, -17066.7]
    ),
    st.floats(-20000, 20000, width=32),
)
flags = st.integers(0, 2**32 - 1) | st.integers(0, 31).map(lambda bit: 1 << bit) | st.just(0)


def cheater(house, version=BUILDS[12340]):
    """One that enters beside the witness, wherever an earlier test has left it."""
    house.over()
    for guid, (number, _) in house.gateway.present.items():
        if guid != house.witness.guid:
            house.gateway.inputs.append(Input(number, NMSG_LEAVE()))
    house.ticks(2)
    x, y, z, _ = place(house, house.witness)
    house.databases.characters.write(
        lambda conn: conn.exec_driver_sql(
            "UPDATE characters SET position_x = ?, position_y = ?, position_z = ?", (x, y, z)
        )
    )
    client = house.attacker("EVE", version)
    house.seconds(0.5)
    return client


def place(house, client):
    """Where the server has the client's player."""
    for zone in house.world.world.zones.values():
        if client.session.number in zone.players:
            return zone.players[client.session.number].place()
    return None


def moves(client, cls=m.MSG_MOVE_HEARTBEAT, **given):
    """A movement packet from where the client was told it is."""
    at = client.last(SMSG_LOGIN_VERIFY_WORLD)
    fields = {"guid": client.guid, "flags": 0, "flags2": 0, "timestamp": 1, "x": at.x, "y": at.y, "z": at.z,
              "orientation": 0.0, "fall_time": 0}  # fmt: skip
    return cls(**fields | given)


def fitted(packet):
    """With the fields that its flags announce, and no others."""
    if not packet.flags & m.FALLING:
        packet.jump = None
    if not packet.flags & m.SPLINE_ELEVATION:
        packet.spline_elevation = None
    if not (packet.flags & m.PITCHES or packet.flags2 & m.ALWAYS_ALLOW_PITCHING):
        packet.pitch = None
    if not packet.flags & m.ON_TRANSPORT:
        packet.transport = packet.transport_time = None
    elif not packet.flags2 & m.INTERPOLATED_MOVEMENT:
        packet.transport_time = None
    return packet


@plain
@given(
    build=st.sampled_from(sorted(BUILDS)),
    script=st.lists(
        st.tuples(st.sampled_from(KINDS), flags, flags, st.tuples(odd, odd, odd, odd),
                  st.tuples(odd, odd, odd, odd), odd, st.integers(0, 2**32 - 1), st.integers(0, 3),
                  st.booleans()),
        min_size=1, max_size=8,
    ),
)  # fmt: skip
def test_any_moves(castle, build, script):
    """Whatever numbers and flags: what the others are told is a place on the map, near where one was."""
    eve, bob = cheater(castle, BUILDS[build]), castle.witness
    bob.forget()
    for cls, bits, bits2, (x, y, z, o), (a, b, c, d), pitch, stamp, wait, near in script:
        at = place(castle, eve)
        if near and all(map(math.isfinite, (x, y, z))):
            x, y, z = at[0] + math.remainder(x, 9), at[1] + math.remainder(y, 9), at[2] + math.remainder(z, 9)
        packet = cls(
            guid=eve.guid, flags=bits, flags2=bits2 & 0xFFFF, timestamp=stamp, x=x, y=y, z=z, orientation=o,
            fall_time=stamp, pitch=pitch, spline_elevation=pitch, transport_time=stamp,
            jump=m.Jump(z_speed=a, cos_angle=b, sin_angle=c, xy_speed=d),
            transport=m.Transport(guid=stamp, x=a, y=b, z=c, orientation=d, timestamp=1, seat=0))  # fmt: skip
        eve.send(fitted(packet))
        castle.ticks(wait)
        after = place(castle, eve)
        assert math.dist(at[:2], after[:2]) < 60
        assert all(abs(v) <= COORDINATE_LIMIT_YARDS for v in after[:3])
        assert 0 <= after[3] <= TURN + 1e-6
    castle.ticks(1)
    assert not eve.gone
    for seen in bob.heard:
        if isinstance(seen, m.Movement):
            assert seen.guid == eve.guid
            assert all(map(math.isfinite, (seen.x, seen.y, seen.z, seen.orientation, seen.pitch or 0.0)))
            assert not seen.flags & (
                m.ON_TRANSPORT | m.SPLINE_ENABLED | m.CAN_FLY | m.FLYING | m.WATERWALKING
            )
            assert abs(seen.orientation) < 7
            assert seen.jump is None or max(map(abs, (seen.jump.z_speed, seen.jump.xy_speed))) < 300
    castle.over()
    castle.judge()


CHEATS = {
    "move_off_map": [{"x": math.nan}, {"y": math.inf}, {"z": -math.inf}, {"x": 1e9}, {"z": 40_000.0},
                     {"orientation": math.nan}, {"x": 17067.0}],
    "move_not_mover": [{"guid": 4711}, {"guid": 2**64 - 1}, {"guid": 1}],
    "move_too_fast": [{"dx": 500.0}, {"dy": -60.0}, {"dx": 20_000.0 - 17_000.0},
                      {"dz": 200.0}, {"dz": 3000.0}, {"dz": -3000.0}],
}  # fmt: skip


@pytest.mark.parametrize(("counted", "given"), [(kind, given) for kind in CHEATS for given in CHEATS[kind]])
def test_cheats(castle, counted, given):
    """Refused, counted, and the cheater is neither moved nor told, but for where it is if it was too fast."""
    eve, bob = cheater(castle), castle.witness
    castle.seconds(3)
    bob.forget()
    eve.forget_but_place()
    before, at = castle.gateway.counts[counted], place(castle, eve)
    given = dict(given)
    if given.get("guid") == 1:
        given["guid"] = bob.guid
    dx, dy, dz = (given.pop(name, 0.0) for name in ("dx", "dy", "dz"))
    eve.send(moves(eve, **{"x": at[0] + dx, "y": at[1] + dy, "z": at[2] + dz} | given))
    castle.ticks(2)
    assert castle.gateway.counts[counted] == before + 1
    assert place(castle, eve) == at
    assert not [p for p in bob.heard if isinstance(p, m.Movement)]
    assert bool(eve.got(MSG_MOVE_TELEPORT_ACK_Server)) == (counted == "move_too_fast")
    assert not eve.gone
    castle.over()
    castle.judge()


@pytest.mark.parametrize("speed", [7.0, 8.0, 14.0, 28.0, 70.0, 700.0])
@pytest.mark.parametrize("each", [1, 4, 10])
def test_speed(castle, speed, each):
    """Over half a minute nobody gets farther than its speed, a quarter more, and what one may save up."""
    eve = cheater(castle)
    castle.seconds(2)
    x, y, z, _ = place(castle, eve)
    begun, here, ticks = castle.clock.seconds(), x, 0
    while ticks < 600:
        castle.ticks(each)
        ticks += each
        here += speed * 0.05 * each
        eve.send(moves(eve, x=here, y=y, z=z, flags=m.FORWARD))
        got = place(castle, eve)[0]
        if abs(here - got) > 60:  # pulled back: go on from there
            here = got
    castle.ticks(1)
    way, seconds = place(castle, eve)[0] - x, castle.clock.seconds() - begun
    assert way <= 7.0 * 1.25 * (seconds + 2) + 30 + 1
    if speed <= 8.0:
        assert abs(way - (here - x)) < 1  # honest ones are where they say
    castle.over()


def test_height(castle):
    """Who swims or flies by its own word gets no farther up than on."""
    eve = cheater(castle)
    castle.seconds(2)
    z = place(castle, eve)[2]
    eve.send(moves(eve, z=z + 3000.0, flags=m.SWIMMING, pitch=0.0))
    castle.ticks(2)
    assert place(castle, eve)[2] == z
    castle.over()


@plain
@given(
    stamps=st.lists(st.integers(0, 2**32 - 1), min_size=1, max_size=6),
    ticks=st.integers(0, 2**32 - 1),
    lag=st.integers(0, 2**32 - 1),
)
def test_times(castle, stamps, ticks, lag):
    """Clocks that jump, stand or run backwards do not reach the others: what they hear of is about now."""
    eve, bob = cheater(castle), castle.witness
    asked = eve.last(SMSG_TIME_SYNC_REQ).time_sync
    eve.send(CMSG_TIME_SYNC_RESP(time_sync=asked, client_ticks=ticks),
             CMSG_TIME_SYNC_RESP(time_sync=asked, client_ticks=0),
             CMSG_TIME_SYNC_RESP(time_sync=2**32 - 1, client_ticks=ticks))  # fmt: skip
    bob.forget()
    for stamp in stamps:
        eve.send(moves(eve, timestamp=stamp))
    eve.send(CMSG_MOVE_TIME_SKIPPED(guid=eve.guid, lag=lag))
    castle.ticks(2)
    now = castle.world.world.now_ms
    seen = bob.got(m.MSG_MOVE_HEARTBEAT)
    assert len(seen) == len(stamps)
    for packet in seen:
        assert abs(packet.timestamp - now % 2**32) <= 5200
    castle.over()
    castle.judge()


def test_acknowledging_what_was_not_asked(castle):
    """Teleports that nobody ordered are not arrived at."""
    eve = cheater(castle)
    castle.seconds(1)
    at = place(castle, eve)
    for guid in (eve.guid, castle.witness.guid, 0):
        eve.send(MSG_MOVE_TELEPORT_ACK(guid=guid, movement_counter=0, time=0), MSG_MOVE_WORLDPORT_ACK())
        castle.ticks(2)
    assert place(castle, eve) == at
    castle.over()
    castle.judge()


def test_saved_where_it_is(castle):
    """Where a cheater says it is never reaches the database."""
    eve = cheater(castle)
    castle.seconds(1)
    at = place(castle, eve)
    for x in (1e9, math.nan, at[0] + 900):
        eve.send(moves(eve, x=x))
        castle.ticks(1)
    castle.over()
    castle.seconds(65)
    row = castle.row(CharactersRow, guid=eve.guid)
    assert math.dist((row["position_x"], row["position_y"], row["position_z"]), at[:3]) < 0.01
    castle.judge()
