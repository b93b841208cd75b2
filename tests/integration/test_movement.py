"""What clients say of their movement, what becomes of it, and what the others hear."""

import math

import pytest

from opcodes.movement import (
    BACKWARD,
    CMSG_MOVE_FALL_RESET,
    CMSG_MOVE_SET_FLY,
    FALLING,
    FLYING,
    FORWARD,
    HOVER,
    LEFT,
    MSG_MOVE_FALL_LAND,
    MSG_MOVE_HEARTBEAT,
    MSG_MOVE_JUMP,
    MSG_MOVE_ROOT,
    MSG_MOVE_SET_FACING,
    MSG_MOVE_SET_RUN_SPEED,
    MSG_MOVE_START_FORWARD,
    MSG_MOVE_START_SWIM,
    MSG_MOVE_STOP,
    MSG_MOVE_TELEPORT,
    ON_TRANSPORT,
    RIGHT,
    ROOT,
    SPLINE_ENABLED,
    SWIMMING,
    Jump,
    Movement,
    Transport,
)
from opcodes.orders import (
    CMSG_FORCE_MOVE_ROOT_ACK,
    CMSG_FORCE_RUN_SPEED_CHANGE_ACK,
    CMSG_MOVE_TIME_SKIPPED,
    CMSG_SET_ACTIVE_MOVER,
    MSG_MOVE_TIME_SKIPPED,
    MovementInfo,
    MSG_MOVE_TELEPORT_ACK_Server,
)
from opcodes.session import CMSG_LOGOUT_REQUEST
from tests.integration.realm import Realm, moved


@pytest.fixture
def realm():
    return Realm()


@pytest.fixture
def ada(realm):
    return realm.enter("Ada")


@pytest.fixture
def bob(realm, ada):
    client = realm.enter("Bob", x=10.0)
    ada.forget()
    return client.forget()


KINDS = sorted(
    {kind for kind in Movement.__subclasses__() if kind.__name__.startswith("MSG_MOVE_")}
    - {MSG_MOVE_TELEPORT, MSG_MOVE_ROOT},
    key=lambda kind: kind.__name__,
)


@pytest.mark.parametrize(
    "kind",
    [
        k
        for k in KINDS
        if not k.__subclasses__()
        and k.__name__
        not in ("MSG_MOVE_UNROOT", "MSG_MOVE_HOVER", "MSG_MOVE_FEATHER_FALL", "MSG_MOVE_WATER_WALK")
    ],
)
def test_relayed(realm, ada, bob, kind):
    """Every movement packet that players send reaches those who see them, and nobody else."""
    cid = realm.enter("Cid", x=300.0).forget()
    ada.send(moved(kind, ada.player, 1.5, -0.5, flags=FORWARD, orientation=2.0))
    realm.ticks()
    heard = bob.got(kind)
    assert (heard.guid, heard.x, heard.y, heard.orientation, heard.flags) == (
        ada.guid,
        1.5,
        -0.5,
        2.0,
        FORWARD,
    )
    assert ada.silent(kind)
    assert cid.silent(kind)
    assert ada.player.place() == (1.5, -0.5, 50.0, 2.0)


@pytest.mark.parametrize("kind", [MSG_MOVE_TELEPORT, MSG_MOVE_ROOT, MSG_MOVE_SET_RUN_SPEED])
def test_servers_words_are_ignored(realm, ada, bob, kind):
    extra = {"new_speed": 100.0} if kind is MSG_MOVE_SET_RUN_SPEED else {}
    ada.send(moved(kind, ada.player, 5.0, 5.0, **extra))
    realm.ticks()
    assert bob.silent(kind)
    assert ada.player.x == 0.0
    assert realm.counted("input_ignored") == 1


def test_run_across(realm, ada, bob):
    """A player who runs at seven yards a second, with the usual heartbeats, is never corrected."""
    x = 0.0
    ada.send(moved(MSG_MOVE_START_FORWARD, ada.player, x, 0.0))
    for _ in range(60):
        realm.ticks(10)
        x += 3.5
        ada.walk(x, 0.0)
    ada.walk(x, 0.0, kind=MSG_MOVE_STOP, flags=0)
    realm.ticks()
    assert ada.player.x == 210.0
    assert ada.silent(MSG_MOVE_TELEPORT_ACK_Server)
    assert realm.counted("move_too_fast") == 0


def test_a_burst_after_a_lag_is_forgiven(realm, ada, bob):
    """Two seconds of a stuck line arrive at once."""
    realm.seconds(10)
    for n in range(1, 7):
        ada.walk(7.0 * n, 0.0)
    realm.ticks()
    assert ada.player.x == 42.0


def test_too_fast_is_pulled_back_in_silence(realm, ada, bob):
    realm.seconds(60)
    ada.walk(500.0, 0.0)
    realm.ticks()
    assert ada.player.x == 0.0
    assert bob.silent(MSG_MOVE_HEARTBEAT)
    assert realm.counted("move_too_fast") == 1
    assert ada.got(MSG_MOVE_TELEPORT_ACK_Server).info.x == 0.0
    for _ in range(10):
        ada.walk(501.0, 0.0)
        realm.ticks()
    assert len(ada.all(MSG_MOVE_TELEPORT_ACK_Server)) == 0
    ada.walk(3.0, 0.0)  # the client has understood
    realm.ticks()
    assert ada.player.x == 3.0
    assert not realm.left(ada)


def test_no_speed_in_small_steps(realm, ada, bob):
    """The bucket empties: twice the speed gets nobody farther than its own and the burst."""
    x = 0.0
    for _ in range(100):
        realm.ticks(2)
        x += 1.4
        ada.walk(x, 0.0)
    realm.ticks()
    assert ada.player.x < 30.0 + 10 * 7 * 1.25 + 10
    assert realm.counted("move_too_fast") > 0


@pytest.mark.parametrize(
    "values",
    [
        {"x": math.nan},
        {"y": math.inf},
        {"z": -math.inf},
        {"orientation": math.nan},
        {"x": 17067.0},
        {"z": 17067.0},
    ],
)
def test_nowhere(realm, ada, bob, values):
    packet = moved(MSG_MOVE_HEARTBEAT, ada.player, 1.0, 0.0)
    for name, value in values.items():
        setattr(packet, name, value)
    ada.send(packet)
    realm.ticks()
    assert ada.player.x == 0.0
    assert bob.silent(MSG_MOVE_HEARTBEAT)
    assert realm.counted("move_off_map") == 1


def test_not_another(realm, ada, bob):
    ada.send(moved(MSG_MOVE_HEARTBEAT, bob.player, 11.0, 0.0), CMSG_SET_ACTIVE_MOVER(guid=bob.guid))
    realm.ticks()
    assert bob.player.x == 10.0
    assert realm.counted("move_not_mover") == 1


@pytest.mark.parametrize(
    ("said", "heard"),
    [
        (FORWARD | BACKWARD | LEFT, LEFT),
        (LEFT | RIGHT, 0),
        (FORWARD | ROOT, FORWARD),
        (FORWARD | HOVER, FORWARD),
        (SPLINE_ENABLED | FORWARD, FORWARD),
        (SWIMMING, SWIMMING),
        (FALLING | 0x400, 0x400),
        (FLYING, 0),
    ],
)
def test_flags_that_cannot_be(realm, ada, bob, said, heard):
    jump = Jump(z_speed=0.0, cos_angle=1.0, sin_angle=0.0, xy_speed=0.0) if said & FALLING else None
    pitch = 0.5 if said & (SWIMMING | FLYING) else None
    ada.send(moved(MSG_MOVE_HEARTBEAT, ada.player, 1.0, 0.0, flags=said, jump=jump, pitch=pitch))
    realm.ticks()
    got = bob.got(MSG_MOVE_HEARTBEAT)
    assert got.flags == heard
    assert (got.jump is not None) == bool(heard & FALLING)


def test_no_transports_yet(realm, ada, bob):
    on = Transport(guid=5, x=1.0, y=1.0, z=1.0, orientation=0.0, timestamp=1, seat=0)
    ada.send(moved(MSG_MOVE_HEARTBEAT, ada.player, 1.0, 0.0, flags=ON_TRANSPORT | FORWARD, transport=on))
    realm.ticks()
    assert bob.got(MSG_MOVE_HEARTBEAT).flags == FORWARD


def test_jump_and_swim(realm, ada, bob):
    jump = Jump(z_speed=-7.95, cos_angle=0.6, sin_angle=0.8, xy_speed=7.0)
    ada.send(moved(MSG_MOVE_JUMP, ada.player, 1.0, 0.0, flags=FORWARD | FALLING, jump=jump))
    realm.ticks()
    assert bob.got(MSG_MOVE_JUMP).jump == jump
    ada.walk(2.0, 0.0, z=20.0, kind=MSG_MOVE_FALL_LAND)  # a long fall is no speeding
    ada.send(moved(MSG_MOVE_START_SWIM, ada.player, 2.0, 0.0, z=20.0, flags=SWIMMING, pitch=0.25))
    realm.ticks()
    assert bob.got(MSG_MOVE_START_SWIM).pitch == 0.25


def test_clients_only_packets_become_heartbeats(realm, ada, bob):
    for kind in (CMSG_MOVE_FALL_RESET, CMSG_MOVE_SET_FLY):
        ada.send(moved(kind, ada.player, 1.0, 0.0))
        realm.ticks()
        assert bob.got(MSG_MOVE_HEARTBEAT).x == 1.0
        assert bob.silent(kind)


def test_times_are_the_servers(realm, ada, bob):
    """A mover's time is translated by the measured offset; one that nobody would believe becomes now."""
    now = realm.world.now_ms
    ada.walk(1.0, 0.0, timestamp=77_000)
    realm.ticks()
    assert bob.got(MSG_MOVE_HEARTBEAT).timestamp == now + 50
    ada.clock(40, now - 77_000)
    ada.walk(2.0, 0.0, timestamp=77_010)
    realm.ticks()
    assert bob.got(MSG_MOVE_HEARTBEAT).timestamp == now + 10
    ada.walk(3.0, 0.0, timestamp=0xFFFF_FFFF)
    realm.ticks()
    assert bob.got(MSG_MOVE_HEARTBEAT).timestamp == now + 150
    assert ada.player.latency_ms == 40


def test_time_skipped(realm, ada, bob):
    ada.send(
        CMSG_MOVE_TIME_SKIPPED(guid=ada.guid, lag=300), CMSG_MOVE_TIME_SKIPPED(guid=ada.guid, lag=0xFFFF_FFFF)
    )
    realm.ticks()
    assert [packet.lag for packet in bob.all(MSG_MOVE_TIME_SKIPPED)] == [300]


def test_acknowledgements(realm, ada, bob):
    info = MovementInfo(flags=0, flags2=0, timestamp=0, x=400.0, y=0.0, z=50.0, orientation=0.0, fall_time=0)
    ada.send(CMSG_FORCE_MOVE_ROOT_ACK(guid=ada.guid, counter=1, info=info))
    realm.ticks()
    assert bob.silent(MSG_MOVE_ROOT)  # nobody asked for it
    ada.send(CMSG_LOGOUT_REQUEST(), CMSG_FORCE_MOVE_ROOT_ACK(guid=ada.guid, counter=1, info=info))
    ada.send(CMSG_FORCE_RUN_SPEED_CHANGE_ACK(guid=ada.guid, counter=1, info=info, new_speed=700.0))
    realm.ticks()
    assert bob.got(MSG_MOVE_ROOT).x == 0.0  # where it is, not where it says
    assert ada.player.speeds[1] == 7.0


def test_before_its_own_create(realm):
    """A client that moves before it stands in the world is not heard."""
    ada = realm.enter("Ada", ticks=1)
    ada.walk(1.0, 0.0)
    realm.ticks()
    assert realm.counted("move_while_teleporting") == 1


def test_facing_alone(realm, ada, bob):
    ada.send(moved(MSG_MOVE_SET_FACING, ada.player, 0.0, 0.0, flags=0, orientation=3.0))
    realm.ticks()
    assert bob.got(MSG_MOVE_SET_FACING).orientation == 3.0
    assert ada.player.facing == 3.0
