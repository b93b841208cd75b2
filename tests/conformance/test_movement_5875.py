"""How players and creatures move, between us and wow_world_messages.vanilla."""

import struct

import pytest
from wow_world_messages import vanilla as w

from bluemarble.wire.codec import codec
from opcodes import movement as m
from opcodes import orders
from tests.conformance.on_5875 import CREATURE, PLAYER, V, one, received

MOVES = sorted(
    {
        name.removesuffix("_Client")
        for name in vars(w)
        if name.startswith("MSG_MOVE_") and name.endswith("_Client")
    }
    - {"MSG_MOVE_TELEPORT_ACK"}
)
FLAGS = [
    (m.FORWARD | m.LEFT, "FORWARD TURN_LEFT"),
    (m.ROOT, "ROOT"),
    (m.FALLING, "JUMPING"),
    (m.FALLING_FAR, "FALLINGFAR"),
    (m.SWIMMING | m.PITCH_UP, "SWIMMING PITCH_UP"),
    (m.WALKING, "WALK_MODE"),
    (m.HOVER | m.WATERWALKING | m.FALLING_SLOW, "HOVER WATERWALKING SAFE_FALL"),
    (m.CAN_FLY, "CAN_FLY"),
    (m.SPLINE_ELEVATION | m.DISABLE_GRAVITY, "SPLINE_ELEVATION LEVITATING"),
]


def info(flags, fall_ms=5):
    """A MovementInfo of the package's; its fall time is a float of our bits."""
    (fall_time,) = struct.unpack("<f", struct.pack("<I", fall_ms))
    return w.MovementInfo(
        flags=flags,
        timestamp=77,
        position=w.Vector3d(1.5, 2.5, 3.5),
        orientation=0.5,
        fall_time=fall_time,
        pitch=0.25,
        z_speed=1.0,
        cos_angle=2.0,
        sin_angle=3.0,
        xy_speed=4.0,
        spline_elevation=6.0,
    )


def check_info(got, ours):
    assert (got.flags, got.timestamp, got.x, got.y, got.z, got.orientation, got.fall_time) == (
        ours,
        77,
        1.5,
        2.5,
        3.5,
        0.5,
        5,
    )
    assert got.pitch == (0.25 if ours & m.SWIMMING else None)
    assert got.spline_elevation == (6.0 if ours & m.SPLINE_ELEVATION else None)
    assert (got.jump is not None) == bool(ours & m.FALLING)
    if got.jump is not None:
        assert (got.jump.z_speed, got.jump.cos_angle, got.jump.sin_angle, got.jump.xy_speed) == (
            1.0,
            2.0,
            3.0,
            4.0,
        )


@pytest.mark.parametrize("name", MOVES)
def test_every_move(name):
    """A client names no mover; the others hear who it was."""
    cls = getattr(m, name)
    got = received(cls, getattr(w, f"{name}_Client")(info=info(w.MovementFlags.FORWARD)))
    assert (type(got), got.guid) == (cls, 0)
    check_info(got, m.FORWARD)
    got.guid = PLAYER
    heard = one(got)
    assert (heard.guid, heard.info.flags, heard.info.position.x) == (PLAYER, w.MovementFlags.FORWARD, 1.5)


@pytest.mark.parametrize(("ours", "names"), FLAGS)
def test_flags(ours, names):
    """Both ways."""
    flags = w.MovementFlags(0)
    for name in names.split():
        flags |= w.MovementFlags[name]
    got = received(m.MSG_MOVE_HEARTBEAT, w.MSG_MOVE_HEARTBEAT_Client(info=info(flags)))
    check_info(got, ours)
    got.guid = PLAYER
    assert one(got).info.flags == flags


def test_nobody_flies():
    """A client that says so is not believed, so that nobody who is told must have a pitch."""
    got = received(
        m.MSG_MOVE_HEARTBEAT,
        w.MSG_MOVE_HEARTBEAT_Client(info=info(w.MovementFlags.FLYING | w.MovementFlags.FORWARD)),
    )
    assert got.flags == m.FORWARD
    codec(m.MSG_MOVE_HEARTBEAT).encode(got)


def test_fall_reset_and_time_skipped():
    """Moves that only clients send."""
    got = received(m.CMSG_MOVE_FALL_RESET, w.CMSG_MOVE_FALL_RESET(info=info(w.MovementFlags.FORWARD)))
    check_info(got, m.FORWARD)
    skipped = received(orders.CMSG_MOVE_TIME_SKIPPED, w.CMSG_MOVE_TIME_SKIPPED(guid=PLAYER, lag=9))
    assert skipped == orders.CMSG_MOVE_TIME_SKIPPED(guid=PLAYER, lag=9)
    heard = one(orders.MSG_MOVE_TIME_SKIPPED(guid=PLAYER, lag=9))
    assert (heard.player, heard.time_skipped) == (PLAYER, 9)


def test_teleports():
    """Near and far, with what the client answers: its guid whole or packed."""
    stands = m.MovementInfo(
        flags=0, flags2=0, timestamp=77, x=1.5, y=2.5, z=3.5, orientation=0.5, fall_time=0
    )
    order = one(orders.MSG_MOVE_TELEPORT_ACK_Server(guid=PLAYER, movement_counter=4, info=stands))
    assert (order.guid, order.movement_counter, order.info.position.z) == (PLAYER, 4, 3.5)
    seen = orders.MSG_MOVE_TELEPORT_ACK(guid=PLAYER, movement_counter=4, time=5)
    assert (
        received(
            orders.MSG_MOVE_TELEPORT_ACK,
            w.MSG_MOVE_TELEPORT_ACK_Client(guid=PLAYER, movement_counter=4, time=5),
        )
        == seen
    )
    layout = V.layout(orders.MSG_MOVE_TELEPORT_ACK, received=True)
    assert codec(layout).decode(struct.pack("<QII", PLAYER, 4, 5)) == seen
    assert one(orders.SMSG_TRANSFER_PENDING(map=1)).map.value == 1
    there = one(orders.SMSG_NEW_WORLD(map=1, x=1.0, y=2.0, z=3.0, orientation=4.0))
    assert (there.position.y, there.orientation) == (2.0, 4.0)
    why = one(orders.SMSG_TRANSFER_ABORTED(map=1, reason=orders.TRANSFER_ABORT_NOT_FOUND))
    assert why.reason.name == "NOT_FOUND"
    why = one(orders.SMSG_TRANSFER_ABORTED(map=1, reason=orders.TRANSFER_ABORT_MAX_PLAYERS))
    assert why.reason.name == "IS_FULL"
    assert isinstance(
        received(orders.MSG_MOVE_WORLDPORT_ACK, w.MSG_MOVE_WORLDPORT_ACK()), orders.MSG_MOVE_WORLDPORT_ACK
    )


@pytest.mark.parametrize("what", ["RUN", "RUN_BACK", "SWIM", "SWIM_BACK", "WALK"])
def test_speeds(what):
    """Ordered and acknowledged."""
    order = getattr(orders, f"SMSG_FORCE_{what}_SPEED_CHANGE")
    got = one(order(guid=PLAYER, move_event=3, speed=7.5))
    assert (got.guid, got.move_event, got.speed) == (PLAYER, 3, 7.5)
    ack = getattr(orders, f"CMSG_FORCE_{what}_SPEED_CHANGE_ACK")
    counter = "movement_counter" if what == "RUN_BACK" else "counter"
    got = received(
        ack,
        getattr(w, ack.__name__)(
            guid=PLAYER, info=info(w.MovementFlags.FORWARD), new_speed=7.5, **{counter: 3}
        ),
    )
    assert (type(got), got.guid, got.counter, got.new_speed) == (ack, PLAYER, 3, 7.5)
    check_info(got.info, m.FORWARD)


def test_roots():
    """Acknowledged with a whole guid."""
    for cls in (orders.CMSG_FORCE_MOVE_ROOT_ACK, orders.CMSG_FORCE_MOVE_UNROOT_ACK):
        got = received(
            cls, getattr(w, cls.__name__)(guid=PLAYER, movement_counter=3, info=info(w.MovementFlags.ROOT))
        )
        assert (got.guid, got.counter, got.info.flags) == (PLAYER, 3, m.ROOT)


@pytest.mark.parametrize(
    "kind",
    [
        orders.MONSTER_MOVE_NORMAL,
        orders.MONSTER_MOVE_FACING_TARGET,
        orders.MONSTER_MOVE_FACING_ANGLE,
        orders.MONSTER_MOVE_FACING_SPOT,
    ],
)
def test_walks(kind):
    """A creature walks unless it is said to run; a walk's middle points are offsets."""
    walk = orders.Walk(
        spline_flags=orders.SPLINEFLAG_WALKMODE,
        duration=9,
        destination=m.Point(x=7.0, y=8.0, z=9.0),
        offsets=[1 << 22 | 2 << 11 | 4],
    )
    packet = orders.SMSG_MONSTER_MOVE(
        guid=CREATURE,
        x=1.0,
        y=2.0,
        z=3.0,
        spline_id=5,
        move_type=kind,
        target=PLAYER,
        angle=0.5,
        facing_spot=m.Point(x=4.0, y=5.0, z=6.0),
        walk=walk,
    )
    got = one(packet)
    assert (got.guid, got.spline_point.y, got.spline_id, got.duration) == (CREATURE, 2.0, 5, 9)
    assert got.spline_flags == w.SplineFlag.NONE
    assert [(at.x, at.y, at.z) for at in got.splines.splines] == [(7.0, 8.0, 9.0), (1.0, 0.5, 0.25)]
    assert got.target == (PLAYER if kind == orders.MONSTER_MOVE_FACING_TARGET else None)
    assert got.angle == (0.5 if kind == orders.MONSTER_MOVE_FACING_ANGLE else None)
    walk.spline_flags = 0
    assert one(packet).spline_flags == w.SplineFlag.RUN_MODE
