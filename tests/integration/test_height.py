"""Up and down: what terrain, jumps and falls allow a client to say, and what nothing does."""

import random

import pytest

from opcodes.movement import (
    FALLING,
    FORWARD,
    MSG_MOVE_FALL_LAND,
    MSG_MOVE_HEARTBEAT,
    MSG_MOVE_JUMP,
    MSG_MOVE_START_FORWARD,
    MSG_MOVE_STOP,
    Jump,
)
from opcodes.orders import MSG_MOVE_TELEPORT_ACK_Server
from tests.integration.realm import Realm, moved

GRAVITY = 19.2911  # yards a second, each second
TERMINAL = 60.148
TICK_S = 0.05


@pytest.fixture
def realm():
    return Realm()


@pytest.fixture
def ada(realm):
    return realm.enter("Ada", z=1000.0)


@pytest.fixture
def bob(realm, ada):
    bob = realm.enter("Bob", x=10.0, z=1000.0)
    ada.forget()
    return bob.forget()


def fallen(seconds, up=0.0):
    """How far down, after so long in the air and with a speed up at first."""
    free_s = (TERMINAL + up) / GRAVITY
    t = min(seconds, free_s)
    return GRAVITY * t * t / 2 - up * t + TERMINAL * max(seconds - free_s, 0.0)


def play(realm, client, said, *, delays=lambda: 0.0):
    """
    What a client says, as it arrives: each after its delay, and none before an earlier one.

    @param said: (second, kind, x, z, flags), in order.
    """
    arriving, last = {}, 0
    for at_s, *what in said:
        last = max(round((at_s + delays()) / TICK_S), last)
        arriving.setdefault(last, []).append(what)
    for tick in range(last + 1):
        for kind, x, z, flags in arriving.get(tick, ()):
            jump = (
                Jump(z_speed=-7.96, cos_angle=1.0, sin_angle=0.0, xy_speed=7.0) if flags & FALLING else None
            )
            client.send(moved(kind, client.player, x, 0.0, z, flags=flags, jump=jump))
        realm.ticks()
    realm.ticks()


def honest(realm, client, x, z):
    """Never refused, and where it says."""
    assert realm.counted("move_too_fast") == realm.counted("move_off_map") == 0
    assert client.silent(MSG_MOVE_TELEPORT_ACK_Server)
    assert client.player.place()[:3] == pytest.approx((x, 0.0, z), abs=0.01)


def jitter(seed):
    """200 ms, and 100 more or less."""
    chance = random.Random(seed)
    return lambda: chance.uniform(0.1, 0.3)


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("slope", [1.19, -1.19, 0.3])
def test_slopes(realm, ada, bob, seed, slope):
    """Half a minute up and down what is as steep as can be walked."""
    said = [(n / 2, MSG_MOVE_HEARTBEAT, 3.5 * n, 1000.0 + 3.5 * n * slope, FORWARD) for n in range(60)]
    play(realm, ada, said, delays=jitter(seed))
    honest(realm, ada, 3.5 * 59, 1000.0 + 3.5 * 59 * slope)


@pytest.mark.parametrize("seed", range(5))
def test_off_a_cliff(realm, ada, bob, seed):
    """Ten seconds of falling, heard each half second."""
    said = [(0.0, MSG_MOVE_START_FORWARD, 0.0, 1000.0, FORWARD)]
    said += [
        (n / 2, MSG_MOVE_HEARTBEAT, 3.5 * n, 1000.0 - fallen(n / 2), FORWARD | FALLING) for n in range(1, 20)
    ]
    said += [(10.0, MSG_MOVE_FALL_LAND, 70.0, 1000.0 - fallen(10.0), FORWARD)]
    play(realm, ada, said, delays=jitter(seed))
    honest(realm, ada, 70.0, 1000.0 - fallen(10.0))


@pytest.mark.parametrize("seed", range(5))
@pytest.mark.parametrize("slope", [0.0, 1.0])
def test_jumping_all_the_way(realm, ada, bob, seed, slope):
    """One jump after the other, on the level and uphill."""
    said, air_s = [], 0.8
    for n in range(30):
        x, s = 7.0 * air_s * n, n * air_s
        said.append((s, MSG_MOVE_JUMP, x, 1000.0 + slope * x, FORWARD | FALLING))
        peak = 1000.0 + slope * x + max(-fallen(0.4, 7.96), 0.0)
        said.append((s + 0.4, MSG_MOVE_HEARTBEAT, x + 2.8, peak, FORWARD | FALLING))
        x += 7.0 * air_s
        said.append((s + air_s, MSG_MOVE_FALL_LAND, x, 1000.0 + slope * x, FORWARD))
    play(realm, ada, said, delays=jitter(seed))
    honest(realm, ada, x, 1000.0 + slope * x)


@pytest.mark.parametrize("slope", [1.19, -1.19])
def test_a_burst_after_a_lag(realm, ada, bob, slope):
    """Two seconds of a stuck line arrive at once, in the midst of a slope."""
    said = [(n / 2, MSG_MOVE_HEARTBEAT, 3.5 * n, 1000.0 + 3.5 * n * slope, FORWARD) for n in range(40)]
    late = iter([0.0] * 20 + [2.0, 1.5, 1.0, 0.5, 0.0] + [0.0] * 20)
    play(realm, ada, said, delays=lambda: next(late))
    honest(realm, ada, 3.5 * 39, 1000.0 + 3.5 * 39 * slope)


def test_a_lag_in_the_fall(realm, ada, bob):
    """Nothing is heard for two seconds at the greatest speed."""
    said = [(n / 2, MSG_MOVE_HEARTBEAT, 0.0, 1000.0 - fallen(n / 2), FALLING) for n in range(20)]
    late = iter([0.0] * 8 + [2.0, 1.5, 1.0, 0.5, 0.0] + [0.0] * 20)
    play(realm, ada, said, delays=lambda: next(late))
    honest(realm, ada, 0.0, 1000.0 - fallen(9.5))


def test_after_a_teleport(realm):
    """What is far up or down from here is where it was sent."""
    ada = realm.enter("Ada", gmlevel=1, z=1000.0)
    ada.say(".tele northgate")
    realm.ticks()
    realm.seconds(25)
    assert ada.player.z == 40.0
    ada.forget()
    ada.walk(1500.0, -300.0, z=41.5, kind=MSG_MOVE_STOP, flags=0)
    realm.ticks()
    assert ada.player.z == 41.5
    assert realm.counted("move_too_fast") == 0


@pytest.mark.parametrize("flags", [0, FORWARD, FALLING, FORWARD | FALLING])
@pytest.mark.parametrize("up", [200.0, 40.0, 3000.0, -300.0, -5000.0])
def test_leaps(realm, ada, bob, up, flags):
    """Out of nothing, far up or down: refused, counted, and the others hear nothing."""
    realm.seconds(60)
    play(realm, ada, [(0.0, MSG_MOVE_HEARTBEAT, 0.0, 1000.0 + up, flags)])
    assert ada.player.z == 1000.0
    assert bob.silent(MSG_MOVE_HEARTBEAT)
    assert realm.counted("move_too_fast") == 1
    assert ada.got(MSG_MOVE_TELEPORT_ACK_Server).info.z == 1000.0
    ada.walk(1.0, 0.0)
    realm.ticks()
    assert ada.player.x == 1.0


@pytest.mark.parametrize("z", [5000.5, -5000.5, 17000.0])
def test_out_of_the_world(realm, ada, bob, z):
    play(realm, ada, [(0.0, MSG_MOVE_HEARTBEAT, 0.0, z, 0)])
    assert ada.player.z == 1000.0
    assert realm.counted("move_off_map") == 1


@pytest.mark.parametrize("flags", [0, FALLING])
@pytest.mark.parametrize("speed", [20.0, 100.0, -90.0, -400.0])
def test_no_flight_in_small_steps(realm, ada, bob, speed, flags):
    """Over twenty seconds nobody gets farther up than slopes lead, or farther down than one falls."""
    realm.seconds(5)
    begun = z = 1000.0
    for _ in range(200):
        z = ada.player.z + speed / 10
        play(realm, ada, [(0.0, MSG_MOVE_HEARTBEAT, 0.0, z, flags)])  # two ticks
    z, seconds = ada.player.z, 200 * 2 * TICK_S
    assert z - begun <= 7.0 * 1.25 * 1.2 * (seconds + 2) + 6
    assert begun - z <= TERMINAL * 1.25 * (seconds + 2) + 31
    assert realm.counted("move_too_fast") > 0
