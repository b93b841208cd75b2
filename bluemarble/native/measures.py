"""The whole numbers that a field has for places, directions, speeds and flags."""

UNITS_YARD = 64
TURN = 6.283185307179586
SWIMMING, FLYING = 0x0020_0000, 0x0200_0000  # flags of 3.3.5a that inputs hold in bits 14 and 15


def units(yards: float) -> int:
    """
    Yards as 1/64 yard, the nearest; halves to the even one.

    @raise ValueError: not a number, or one that no map has.
    """
    if not -1e6 < yards < 1e6:
        raise ValueError(f"{yards} yards are not on any map")
    return round(yards * UNITS_YARD)


def yaw(facing: float) -> int:
    """
    Radians as 1/65536 turn, the nearest.

    @raise ValueError: not a number, or infinite.
    """
    return round(facing % TURN * (65536 / TURN)) & 0xFFFF


def quarters(speed: float) -> int:
    """Yards a second as quarters of one, the nearest, 0 to 255."""
    return min(max(round(speed * 4), 0), 255)


def packed(flags: int) -> int:
    """Movement flags of 3.3.5a as inputs and columns have them."""
    return flags & 0x3FFF | (0x4000 if flags & SWIMMING else 0) | (0x8000 if flags & FLYING else 0)


def unpacked(flags: int) -> int:
    """The reverse of `packed`."""
    return flags & 0x3FFF | (SWIMMING if flags & 0x4000 else 0) | (FLYING if flags & 0x8000 else 0)
