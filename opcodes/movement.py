"""
Movement: what players' clients say of themselves, in MSG_MOVE_ packets that the server relays.

Positions are yards, angles radians, times milliseconds of the sender's own clock, wrapping at 2**32.
Source: facts/wire_335.md section 4 (fall block); checked against the wow_world_messages package.
"""

from opcodes.vocab import Packet, Record, f32, i8, packed_guid, this, u16, u32, when

FORWARD = 0x0000_0001
BACKWARD = 0x0000_0002
STRAFE_LEFT = 0x0000_0004
STRAFE_RIGHT = 0x0000_0008
LEFT = 0x0000_0010
RIGHT = 0x0000_0020
PITCH_UP = 0x0000_0040
PITCH_DOWN = 0x0000_0080
WALKING = 0x0000_0100
ON_TRANSPORT = 0x0000_0200
DISABLE_GRAVITY = 0x0000_0400
ROOT = 0x0000_0800
FALLING = 0x0000_1000
FALLING_FAR = 0x0000_2000
PENDING_STOP = 0x0000_4000
PENDING_STRAFE_STOP = 0x0000_8000
PENDING_FORWARD = 0x0001_0000
PENDING_BACKWARD = 0x0002_0000
PENDING_STRAFE_LEFT = 0x0004_0000
PENDING_STRAFE_RIGHT = 0x0008_0000
PENDING_ROOT = 0x0010_0000
SWIMMING = 0x0020_0000
ASCENDING = 0x0040_0000
DESCENDING = 0x0080_0000
CAN_FLY = 0x0100_0000
FLYING = 0x0200_0000
SPLINE_ELEVATION = 0x0400_0000
SPLINE_ENABLED = 0x0800_0000
WATERWALKING = 0x1000_0000
FALLING_SLOW = 0x2000_0000
HOVER = 0x4000_0000

NO_STRAFE = 0x0001  # these are of flags2
NO_JUMPING = 0x0002
FULL_SPEED_TURNING = 0x0008
FULL_SPEED_PITCHING = 0x0010
ALWAYS_ALLOW_PITCHING = 0x0020
INTERPOLATED_MOVEMENT = 0x0400
INTERPOLATED_TURNING = 0x0800
INTERPOLATED_PITCHING = 0x1000

PITCHES = SWIMMING | FLYING


class Point(Record):
    """A place on a map."""

    x: f32
    y: f32
    z: f32


class Transport(Record):
    """Where a mover stands on the ship or lift that carries it."""

    guid: packed_guid
    x: f32
    y: f32
    z: f32
    orientation: f32
    timestamp: u32
    seat: i8


class Jump(Record):
    """How a fall began, so that every client draws the same arc."""

    z_speed: f32
    cos_angle: f32
    sin_angle: f32
    xy_speed: f32


class MovementInfo(Record):
    """How a unit moves; `Movement` has the same fields."""

    flags: u32
    flags2: u16
    timestamp: u32
    x: f32
    y: f32
    z: f32
    orientation: f32
    transport: Transport | None = when(this.flags & ON_TRANSPORT)
    transport_time: u32 | None = when(this.flags & ON_TRANSPORT, this.flags2 & INTERPOLATED_MOVEMENT)
    pitch: f32 | None = when((this.flags & PITCHES) | (this.flags2 & ALWAYS_ALLOW_PITCHING))
    fall_time: u32
    jump: Jump | None = when(this.flags & FALLING)
    spline_elevation: f32 | None = when(this.flags & SPLINE_ELEVATION)


class Movement(Packet):
    """What every MSG_MOVE_ packet carries, in both directions; `guid` is the mover."""

    guid: packed_guid
    flags: u32
    flags2: u16
    timestamp: u32
    x: f32
    y: f32
    z: f32
    orientation: f32
    transport: Transport | None = when(this.flags & ON_TRANSPORT)
    transport_time: u32 | None = when(this.flags & ON_TRANSPORT, this.flags2 & INTERPOLATED_MOVEMENT)
    pitch: f32 | None = when((this.flags & PITCHES) | (this.flags2 & ALWAYS_ALLOW_PITCHING))
    fall_time: u32
    jump: Jump | None = when(this.flags & FALLING)
    spline_elevation: f32 | None = when(this.flags & SPLINE_ELEVATION)


class MSG_MOVE_START_FORWARD(Movement):
    """The player begins to run forward."""


class MSG_MOVE_START_BACKWARD(Movement):
    """The player begins to walk backward."""


class MSG_MOVE_STOP(Movement):
    """The player stops running."""


class MSG_MOVE_START_STRAFE_LEFT(Movement):
    """The player begins to step left."""


class MSG_MOVE_START_STRAFE_RIGHT(Movement):
    """The player begins to step right."""


class MSG_MOVE_STOP_STRAFE(Movement):
    """The player stops stepping aside."""


class MSG_MOVE_JUMP(Movement):
    """The player jumps."""


class MSG_MOVE_START_TURN_LEFT(Movement):
    """The player begins to turn left, by keyboard."""


class MSG_MOVE_START_TURN_RIGHT(Movement):
    """The player begins to turn right, by keyboard."""


class MSG_MOVE_STOP_TURN(Movement):
    """The player stops turning."""


class MSG_MOVE_START_PITCH_UP(Movement):
    """The player begins to look up, swimming or flying."""


class MSG_MOVE_START_PITCH_DOWN(Movement):
    """The player begins to look down."""


class MSG_MOVE_STOP_PITCH(Movement):
    """The player's pitch stays."""


class MSG_MOVE_SET_RUN_MODE(Movement):
    """The player runs from now on."""


class MSG_MOVE_SET_WALK_MODE(Movement):
    """The player walks from now on."""


class MSG_MOVE_FALL_LAND(Movement):
    """The player has landed."""


class MSG_MOVE_START_SWIM(Movement):
    """The player is in the water."""


class MSG_MOVE_STOP_SWIM(Movement):
    """The player is out of the water."""


class MSG_MOVE_SET_FACING(Movement):
    """The player turned, by mouse."""


class MSG_MOVE_SET_PITCH(Movement):
    """The player's pitch changed, by mouse."""


class MSG_MOVE_HEARTBEAT(Movement):
    """The player is still moving; sent twice a second."""


class MSG_MOVE_START_ASCEND(Movement):
    """The player begins to rise."""


class MSG_MOVE_START_DESCEND(Movement):
    """The player begins to sink."""


class MSG_MOVE_STOP_ASCEND(Movement):
    """The player stops rising or sinking."""


class CMSG_MOVE_FALL_RESET(Movement):
    """The player's fall begins anew."""


class CMSG_MOVE_SET_FLY(Movement):
    """The player takes off or lands."""


class CMSG_MOVE_CHNG_TRANSPORT(Movement):
    """The player steps onto or off a transport."""


class MSG_MOVE_TELEPORT(Movement):
    """The player is somewhere else now: to the others, after a near teleport."""


class MSG_MOVE_ROOT(Movement):
    """The player cannot move from now on: to the others."""


class MSG_MOVE_UNROOT(Movement):
    """The player can move again: to the others."""


class MSG_MOVE_HOVER(Movement):
    """The player hovers, or no longer: to the others."""


class MSG_MOVE_FEATHER_FALL(Movement):
    """The player falls slowly, or no longer: to the others."""


class MSG_MOVE_WATER_WALK(Movement):
    """The player walks on water, or no longer: to the others."""


class SpeedSet(Movement):
    """A player's speed has changed: to the others."""

    new_speed: f32


class MSG_MOVE_SET_RUN_SPEED(SpeedSet):
    """Running forward."""


class MSG_MOVE_SET_RUN_BACK_SPEED(SpeedSet):
    """Running backward."""


class MSG_MOVE_SET_WALK_SPEED(SpeedSet):
    """Walking."""


class MSG_MOVE_SET_SWIM_SPEED(SpeedSet):
    """Swimming forward."""


class MSG_MOVE_SET_SWIM_BACK_SPEED(SpeedSet):
    """Swimming backward."""


class MSG_MOVE_SET_FLIGHT_SPEED(SpeedSet):
    """Flying forward."""


class MSG_MOVE_SET_FLIGHT_BACK_SPEED(SpeedSet):
    """Flying backward."""


class MSG_MOVE_SET_TURN_RATE(SpeedSet):
    """Turning."""


class MSG_MOVE_SET_PITCH_RATE(SpeedSet):
    """Pitching."""
