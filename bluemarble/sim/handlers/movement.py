"""What the zone does when a client says that its player moved."""

from bluemarble.sim import reach, travel
from bluemarble.sim.entity import Player
from bluemarble.sim.fields import EMOTE_STATE
from bluemarble.sim.geometry import heading, on_map
from bluemarble.sim.handling import handler
from bluemarble.sim.zone import Zone
from opcodes.movement import (
    ALWAYS_ALLOW_PITCHING,
    ASCENDING,
    BACKWARD,
    CAN_FLY,
    CMSG_MOVE_CHNG_TRANSPORT,
    CMSG_MOVE_FALL_RESET,
    CMSG_MOVE_SET_FLY,
    DESCENDING,
    DISABLE_GRAVITY,
    FALLING,
    FALLING_SLOW,
    FLYING,
    FORWARD,
    HOVER,
    LEFT,
    MSG_MOVE_HEARTBEAT,
    MSG_MOVE_ROOT,
    MSG_MOVE_UNROOT,
    ON_TRANSPORT,
    PITCH_DOWN,
    PITCH_UP,
    PITCHES,
    RIGHT,
    ROOT,
    SPLINE_ELEVATION,
    SPLINE_ENABLED,
    STRAFE_LEFT,
    STRAFE_RIGHT,
    WATERWALKING,
    Movement,
    MovementInfo,
)
from opcodes.orders import (
    CMSG_FORCE_MOVE_ROOT_ACK,
    CMSG_FORCE_MOVE_UNROOT_ACK,
    CMSG_MOVE_TIME_SKIPPED,
    MSG_MOVE_TELEPORT_ACK,
    MSG_MOVE_TIME_SKIPPED,
    MSG_MOVE_TELEPORT_ACK_Server,
    SpeedAck,
)

MOVING = FORWARD | BACKWARD | STRAFE_LEFT | STRAFE_RIGHT | ASCENDING | DESCENDING | FALLING
OPPOSITES = (
    ASCENDING | DESCENDING,
    LEFT | RIGHT,
    STRAFE_LEFT | STRAFE_RIGHT,
    PITCH_UP | PITCH_DOWN,
    FORWARD | BACKWARD,
)
GIVEN = HOVER | WATERWALKING | FALLING_SLOW | FLYING | CAN_FLY  # only an aura or a command gives these
OURS = SPLINE_ENABLED | ON_TRANSPORT  # no player is on a spline or, as yet, on a transport
SKIP_MS_LIMIT = 60_000
CLOCK_MS_LIMIT = 5_000  # a client whose clock is off by more is not believed
PITCH_LIMIT = 3.15  # radians: half a turn; what is beyond these limits is no client's, and makes others hang
DIRECTION_LIMIT = 1.01  # of a cosine
JUMP_SPEED_LIMIT = 200.0  # yards a second
ELEVATION_LIMIT_YARDS = 1_000.0
CORRECT_MS = 1_000  # one who is pulled back hears of it so often at most


@handler
def move(zone: Zone, player: Player, message: Movement) -> None:
    """Take a plausible move and show it to those who see the player; of others, say nothing and pull back."""
    message.guid = message.guid or player.guid  # clients of 1.12.1 name no mover
    if not accepted(zone, player, message):
        return
    message.flags = allowed(player, message.flags)
    message.orientation = heading(message.orientation)
    _lose_what_flags_deny(message)
    far = message.x != player.x or message.y != player.y
    player.stand((message.x, message.y, message.z, message.orientation))
    player.moved_ms = zone.now_ms
    player.movement = message
    if far:
        zone.sight.put(player)
        zone.grids.moved(player)
        if player.fields.get(EMOTE_STATE):
            zone.change(player, EMOTE_STATE, 0)
    else:
        zone.steering.put(player)  # its facing and what it does
    message.timestamp = corrected(zone, player, message.timestamp)
    zone.send_nearby(player, message)


@handler
def move_silently(
    zone: Zone, player: Player, message: CMSG_MOVE_SET_FLY | CMSG_MOVE_FALL_RESET | CMSG_MOVE_CHNG_TRANSPORT
) -> None:
    """Moves whose packets only clients send: the others see a heartbeat."""
    move(zone, player, MSG_MOVE_HEARTBEAT(**dict(message)))


@handler
def teleport_seen(zone: Zone, player: Player, message: MSG_MOVE_TELEPORT_ACK) -> None:
    """The client is where a near teleport led; from one that has none under way it means nothing."""
    if message.guid == player.guid:
        travel.finish_near(zone, player)


@handler
def rooted(zone: Zone, player: Player, message: CMSG_FORCE_MOVE_ROOT_ACK) -> None:
    """The client stands still; the others are told.  Its place is the one we know."""
    _show_root(zone, player, message.guid, MSG_MOVE_ROOT, ROOT)


@handler
def unrooted(zone: Zone, player: Player, message: CMSG_FORCE_MOVE_UNROOT_ACK) -> None:
    """The client may move again."""
    _show_root(zone, player, message.guid, MSG_MOVE_UNROOT, 0)


@handler
def speed_changed(zone: Zone, player: Player, message: SpeedAck) -> None:
    """The client moves at the speed that it was ordered; we have reckoned with it since the order."""
    if message.guid != player.guid:
        zone.count("move_not_mover")


@handler
def time_skipped(zone: Zone, player: Player, message: CMSG_MOVE_TIME_SKIPPED) -> None:
    """The client was busy: the others let its player stand for so long."""
    if message.guid == player.guid and message.lag <= SKIP_MS_LIMIT:
        zone.send_nearby(player, MSG_MOVE_TIME_SKIPPED(guid=player.guid, lag=message.lag))


def accepted(zone: Zone, player: Player, message: Movement) -> bool:
    """Whether the player may be where its client says; if not, that is counted, and nothing has changed."""
    if message.guid != player.guid:
        zone.count("move_not_mover")
    elif player.field is not None:
        zone.count("move_while_steered")
    elif player.teleport is not None or not player.created:
        zone.count("move_while_teleporting")
    elif not on_map(message.x, message.y, message.z, message.orientation) or not _plausible(message):
        zone.count("move_off_map")
    elif player.rooted and (message.flags & MOVING or message.x != player.x or message.y != player.y):
        zone.count("move_rooted")
    elif not reach.spend(zone.rules, player, message, zone.real_ms):
        zone.count("move_too_fast")
        _pull_back(zone, player)
    else:
        return True
    return False


def allowed(player: Player, flags: int) -> int:
    """
    Movement flags without what cannot be.

    Source: facts/reference_servers.md 3.6.
    """
    flags &= ~(GIVEN | OURS)
    if not player.rooted:
        flags &= ~ROOT
    for both in OPPOSITES:
        if flags & both == both:
            flags &= ~both
    if flags & FALLING and flags & DISABLE_GRAVITY:
        flags &= ~FALLING
    return flags


def corrected(zone: Zone, player: Player, timestamp: int) -> int:
    """A client's time as the zone's, for all who see the player; now, if it is unbelievable."""
    if player.offset_ms is not None:
        at_ms = timestamp + player.offset_ms
        if abs(at_ms - zone.now_ms) <= CLOCK_MS_LIMIT:
            return at_ms & 0xFFFF_FFFF
    return zone.now_ms & 0xFFFF_FFFF


def _pull_back(zone: Zone, player: Player) -> None:
    """Tell a client where its player really is, now and then."""
    if zone.now_ms - player.moved_ms < CORRECT_MS:
        return
    player.moved_ms = zone.now_ms
    player.counter += 1
    zone.send(
        player,
        MSG_MOVE_TELEPORT_ACK_Server(
            guid=player.guid, movement_counter=player.counter, info=standing(zone, player)
        ),
    )


def standing(zone: Zone, player: Player, flags: int = 0) -> MovementInfo:
    """The player, standing where it is."""
    return MovementInfo(
        flags=flags,
        flags2=0,
        timestamp=zone.now_ms & 0xFFFF_FFFF,
        x=player.x,
        y=player.y,
        z=player.z,
        orientation=player.facing,
        fall_time=0,
    )


def _show_root(zone: Zone, player: Player, guid: int, kind: type[Movement], flags: int) -> None:
    if guid == player.guid and player.created and bool(flags) == player.rooted:
        player.movement = standing(zone, player, flags)
        zone.send_nearby(player, kind(guid=player.guid, **dict(player.movement)))


def _plausible(message: Movement) -> bool:
    """Whether pitch and fall are numbers that a client can draw."""
    jump = message.jump
    return (
        abs(message.pitch or 0.0) <= PITCH_LIMIT
        and abs(message.spline_elevation or 0.0) <= ELEVATION_LIMIT_YARDS
        and (
            jump is None
            or (
                abs(jump.z_speed) <= JUMP_SPEED_LIMIT
                and abs(jump.xy_speed) <= JUMP_SPEED_LIMIT
                and abs(jump.cos_angle) <= DIRECTION_LIMIT
                and abs(jump.sin_angle) <= DIRECTION_LIMIT
            )
        )
    )


def _lose_what_flags_deny(message: Movement) -> None:
    """Fields that the flags, as they now are, do not announce."""
    message.transport = message.transport_time = None
    if not message.flags & FALLING:
        message.jump = None
    if not message.flags & SPLINE_ELEVATION:
        message.spline_elevation = None
    if not (message.flags & PITCHES or message.flags2 & ALWAYS_ALLOW_PITCHING):
        message.pitch = None
    elif message.pitch is None:
        message.pitch = 0.0
