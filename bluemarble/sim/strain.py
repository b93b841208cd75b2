"""What is left undone when the server cannot keep up, by level: rate first, then sight, then time."""

from bluemarble.sim.rules import TICK_MS

RATE_LEVELS = 3  # levels 1 to 3 only send less often: Feed.tick, none of the simulation's
SIGHT_LEVELS = 4  # 4 to 7 see less far: Field.radius
STRETCHED_MS = (62, 75, 100)  # 8 to 10: so long a tick takes
LEVELS = RATE_LEVELS + SIGHT_LEVELS + len(STRETCHED_MS)


def rate_level(level: int) -> int:
    """What Feed.tick is given, 0 to RATE_LEVELS."""
    return min(level, RATE_LEVELS)


def sight_level(level: int) -> int:
    """What Field.radius is given, 0 to SIGHT_LEVELS."""
    return min(max(level - RATE_LEVELS, 0), SIGHT_LEVELS)


def tick_ms(level: int) -> int:
    """How long a tick takes in the world outside; inside it is TICK_MS."""
    stretched = min(level, LEVELS) - RATE_LEVELS - SIGHT_LEVELS
    return STRETCHED_MS[stretched - 1] if stretched > 0 else TICK_MS
