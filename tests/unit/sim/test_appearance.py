"""What links and TCP are told of how somebody looks, fares and moves."""

import pytest

from bluemarble.sim import appearance, shown
from bluemarble.sim.entity import SPEEDS, Creature, GameObject
from bluemarble.sim.fields import HEALTH, POWER1
from bluemarble.wire.codec import codec
from bluemarble.wire.snapshot import CREATURE, OBJECT, PLAYER, Life, Look
from opcodes.movement import (
    BACKWARD,
    FALLING,
    FLYING,
    FORWARD,
    LEFT,
    MSG_MOVE_FALL_LAND,
    MSG_MOVE_HEARTBEAT,
    MSG_MOVE_JUMP,
    MSG_MOVE_SET_FACING,
    MSG_MOVE_SET_RUN_MODE,
    MSG_MOVE_START_BACKWARD,
    MSG_MOVE_START_FORWARD,
    MSG_MOVE_START_STRAFE_LEFT,
    MSG_MOVE_START_SWIM,
    MSG_MOVE_STOP,
    MSG_MOVE_STOP_STRAFE,
    MSG_MOVE_STOP_TURN,
    ROOT,
    STRAFE_LEFT,
    SWIMMING,
    WALKING,
    Movement,
)
from tests.integration.realm import Realm


@pytest.fixture(scope="module")
def realm():
    realm = Realm()
    realm.enter("Ada", level=7, race=1, class_=1)
    return realm


def one(realm, kind):
    return next(it for it in realm.zone().entities.values() if isinstance(it, kind))


def test_player(realm):
    """As its character is; an unreasonable name is cut between two letters."""
    player, content = realm.clients[1].player, realm.world.content
    assert appearance.kind(player) == PLAYER
    look = Look.read(appearance.look(content, player))
    assert (look.level, look.race, look.class_, look.gender, look.name) == (7, 1, 1, 1, "Ada")
    assert look.display == 50
    player.fields |= {HEALTH: 55, POWER1 + 1: 30}  # a warrior's power is rage, the second
    assert Life.read(appearance.life(player)) == Life(55, 180, 30, 1000)
    player.character.name = "é" * 99
    assert Look.read(appearance.look(content, player)).name == "é" * 50
    player.character.name = "Ada"


def test_creatures_and_objects(realm):
    """What stands about has the name of its kind; objects have no health."""
    creature, content = one(realm, Creature), realm.world.content
    assert appearance.kind(creature) == CREATURE
    look = Look.read(appearance.look(content, creature))
    assert look.name in ("Grey Wolf", "Gate Guard") and look.level >= 1 and look.display
    assert Life.read(appearance.life(creature)).health > 0
    thing = one(realm, GameObject)
    assert appearance.kind(thing) == OBJECT
    assert Look.read(appearance.look(content, thing)) == Look(0, 0, 0, 0, 39, "Notice Board")
    assert appearance.life(thing) is None


@pytest.mark.parametrize(
    ("before", "flags", "cls"),
    [
        (0, FORWARD, MSG_MOVE_START_FORWARD),
        (FORWARD, 0, MSG_MOVE_STOP),
        (FORWARD, BACKWARD, MSG_MOVE_STOP),
        (0, BACKWARD, MSG_MOVE_START_BACKWARD),
        (FORWARD, FORWARD | STRAFE_LEFT, MSG_MOVE_START_STRAFE_LEFT),
        (FORWARD | STRAFE_LEFT, FORWARD, MSG_MOVE_STOP_STRAFE),
        (LEFT, 0, MSG_MOVE_STOP_TURN),
        (WALKING, 0, MSG_MOVE_SET_RUN_MODE),
        (FORWARD, FORWARD | FALLING, MSG_MOVE_JUMP),
        (FORWARD | FALLING, FORWARD, MSG_MOVE_FALL_LAND),
        (FORWARD, FORWARD | SWIMMING, MSG_MOVE_START_SWIM),
        (FORWARD, FORWARD, MSG_MOVE_HEARTBEAT),
        (0, 0, MSG_MOVE_SET_FACING),
        (ROOT, 0, MSG_MOVE_SET_FACING),  # which has packets of its own
    ],
)
def test_moves(before, flags, cls):
    """The packet says what is new, and can be written."""
    said = shown.movement(5, (1.0, 2.0, 3.0, 0.5), before, flags, 1 << 33)
    assert isinstance(said, cls) and said.guid == 5
    assert codec(type(said)).decode(codec(type(said)).encode(said)).flags == flags
    assert isinstance(said, Movement) and (said.jump is not None) == bool(flags & FALLING)


def test_who_goes_on_falling_is_no_news():
    """Clients draw the arc by themselves; what else is new is told all the same."""
    assert shown.movement(5, (1.0, 2.0, 3.0, 0.5), FALLING, FALLING, 0) is None
    assert shown.movement(5, (1.0, 2.0, 3.0, 0.5), FALLING, FALLING | FORWARD, 0) is not None


@pytest.mark.parametrize(
    ("flags", "speed"),
    [
        (0, 0.0),
        (FALLING, 0.0),
        (LEFT, 0.0),
        (FORWARD, 7.0),
        (BACKWARD, 4.5),
        (FORWARD | WALKING, 2.5),
        (STRAFE_LEFT, 7.0),
        (FORWARD | SWIMMING, SPEEDS[3]),
        (BACKWARD | SWIMMING, 2.5),
        (FORWARD | FLYING, 7.0),
        (BACKWARD | FLYING, 4.5),
    ],
)
def test_speeds(flags, speed):
    """As the client would go with these keys."""
    assert shown.speed(flags, SPEEDS) == speed
