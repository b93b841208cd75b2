"""How players who are steered over datagram links look to clients on TCP: MSG_MOVE_ packets."""

from bluemarble.sim.entity import FLIGHT, FLIGHT_BACK, RUN, RUN_BACK, SWIM, SWIM_BACK, WALK, Place
from bluemarble.sim.reach import JUMP_YARDS_S
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
    MSG_MOVE_SET_WALK_MODE,
    MSG_MOVE_START_BACKWARD,
    MSG_MOVE_START_FORWARD,
    MSG_MOVE_START_STRAFE_LEFT,
    MSG_MOVE_START_STRAFE_RIGHT,
    MSG_MOVE_START_SWIM,
    MSG_MOVE_START_TURN_LEFT,
    MSG_MOVE_START_TURN_RIGHT,
    MSG_MOVE_STOP,
    MSG_MOVE_STOP_STRAFE,
    MSG_MOVE_STOP_SWIM,
    MSG_MOVE_STOP_TURN,
    PITCHES,
    RIGHT,
    STRAFE_LEFT,
    STRAFE_RIGHT,
    SWIMMING,
    WALKING,
    Jump,
    Movement,
)

SHOWN = FORWARD | BACKWARD | STRAFE_LEFT | STRAFE_RIGHT | LEFT | RIGHT | WALKING | FALLING | SWIMMING | FLYING
GOING = FORWARD | BACKWARD | STRAFE_LEFT | STRAFE_RIGHT | FALLING

# What is said of the first difference found, in this order: flags, the packet when any of them came, when all
# have gone.
CHANGES: tuple[tuple[int, type[Movement], type[Movement]], ...] = (
    (FALLING, MSG_MOVE_JUMP, MSG_MOVE_FALL_LAND),
    (SWIMMING, MSG_MOVE_START_SWIM, MSG_MOVE_STOP_SWIM),
    (FORWARD, MSG_MOVE_START_FORWARD, MSG_MOVE_STOP),
    (BACKWARD, MSG_MOVE_START_BACKWARD, MSG_MOVE_STOP),
    (STRAFE_LEFT, MSG_MOVE_START_STRAFE_LEFT, MSG_MOVE_STOP_STRAFE),
    (STRAFE_RIGHT, MSG_MOVE_START_STRAFE_RIGHT, MSG_MOVE_STOP_STRAFE),
    (LEFT, MSG_MOVE_START_TURN_LEFT, MSG_MOVE_STOP_TURN),
    (RIGHT, MSG_MOVE_START_TURN_RIGHT, MSG_MOVE_STOP_TURN),
    (WALKING, MSG_MOVE_SET_WALK_MODE, MSG_MOVE_SET_RUN_MODE),
)


def movement(guid: int, place: Place, before: int, flags: int, now_ms: int) -> Movement | None:
    """
    The packet that shows a change.

    @param before, flags: movement flags, as watchers know them and as they are.
    @param now_ms: zone time.
    @return: None for who goes on falling: clients draw the arc from how the fall began.
    """
    x, y, z, facing = place
    flags &= SHOWN
    cls = kind(before, flags)
    if flags & FALLING and cls is MSG_MOVE_HEARTBEAT:
        return None
    said = cls(
        guid=guid,
        flags=flags,
        flags2=0,
        timestamp=now_ms & 0xFFFF_FFFF,
        x=x,
        y=y,
        z=z,
        orientation=facing,
        fall_time=0,
    )
    if flags & PITCHES:
        said.pitch = 0.0
    if flags & FALLING:  # straight up, which is negative on the wire; where it lands is told when it has
        said.jump = Jump(z_speed=-JUMP_YARDS_S, cos_angle=1.0, sin_angle=0.0, xy_speed=0.0)
    return said


def kind(before: int, flags: int) -> type[Movement]:
    """Which packet says how `flags` differ from those `before`."""
    for bit, came, went in CHANGES:
        if (before ^ flags) & bit:
            return came if flags & bit else went
    return MSG_MOVE_HEARTBEAT if flags & GOING else MSG_MOVE_SET_FACING


def speed(flags: int, speeds: tuple[float, ...]) -> float:
    """How fast one with these movement flags goes, yards a second."""
    if not flags & GOING & ~FALLING:
        return 0.0
    back = flags & BACKWARD
    if flags & FLYING:
        return speeds[FLIGHT_BACK if back else FLIGHT]
    if flags & SWIMMING:
        return speeds[SWIM_BACK if back else SWIM]
    if flags & WALKING:
        return speeds[WALK]
    return speeds[RUN_BACK if back else RUN]
