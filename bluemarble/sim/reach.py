"""How far a player may have got since it last moved, by its speed and by what falls."""

from bluemarble.sim.entity import FLIGHT, RUN, SWIM, Player
from bluemarble.sim.rules import Rules
from opcodes.movement import FLYING, SWIMMING, Movement

STEEPEST = 1.2  # yards up for one along: no slope beyond fifty degrees can be walked
JUMP_YARDS_S = 7.96  # how fast one leaves the ground
STEPS_YARDS = 5.0  # a jump and some stairs, at once
FALL_YARDS_S = 60.148  # nobody falls faster


def spend(rules: Rules, player: Player, message: Movement, now_ms: int) -> bool:
    """
    Pay for the way from buckets that fill with time: one for along, one for up, one for down.

    Without the terrain, height is nobody's word but the client's; the buckets are what it can lie within.

    @return: whether there was enough; if not, none is spent.
    """
    if message.flags & FLYING:
        speed = player.speeds[FLIGHT]
    elif message.flags & SWIMMING:
        speed = max(player.speeds[SWIM], player.speeds[RUN])
    else:
        speed = player.speeds[RUN]
    speed *= rules.move_slack
    climb, fall = max(speed * STEEPEST, JUMP_YARDS_S), FALL_YARDS_S * rules.move_slack
    late_ms, passed_ms = rules.move_late_ms_limit, now_ms - player.reach_ms
    burst_mm = int(rules.move_burst_yards * 1000)
    reach_mm = _filled(player.reach_mm, speed, passed_ms, burst_mm + int(speed * late_ms))
    climb_mm = _filled(player.climb_mm, climb, passed_ms, int(STEPS_YARDS * 1000 + climb * late_ms))
    fall_mm = _filled(player.fall_mm, fall, passed_ms, burst_mm + int(fall * late_ms))
    player.reach_mm, player.climb_mm, player.fall_mm, player.reach_ms = reach_mm, climb_mm, fall_mm, now_ms

    dx, dy, dz = message.x - player.x, message.y - player.y, message.z - player.z
    square = dx * dx + dy * dy
    if message.flags & (SWIMMING | FLYING):
        square += dz * dz
    if square * 1_000_000 > reach_mm * reach_mm or not -fall_mm <= dz * 1000 <= climb_mm:
        return False
    player.reach_mm = reach_mm - int(square**0.5 * 1000)
    if dz > 0.0:
        player.climb_mm = climb_mm - int(dz * 1000)
    else:
        player.fall_mm = fall_mm - int(-dz * 1000)
    return True


def refill(rules: Rules, player: Player, now_ms: int) -> None:
    """It stands somewhere new: what it may spend there at once."""
    player.reach_mm = player.fall_mm = int(rules.move_burst_yards * 1000)
    player.climb_mm = int(STEPS_YARDS * 1000)
    player.reach_ms = now_ms


def _filled(had_mm: int, yards_s: float, passed_ms: int, full_mm: int) -> int:
    return min(had_mm + int(passed_ms * yards_s), full_mm)
