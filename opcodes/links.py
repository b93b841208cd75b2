"""What the datagram links tell the simulation: NMSG_ packets beside those of `cluster`."""

from typing import Annotated

from opcodes.vocab import Packet, Record, Rest, i32, u8, u16, u32

MOVES_LIMIT = 1 << 20  # bytes of one NMSG_MOVES
MOVE_SIZE = 24  # bytes of a Move


class Move(Record):
    """One of NMSG_MOVES; `x`, `y` and `z` are in 1/64 yard."""

    cid: u32
    tick: u16
    flags: u16
    yaw: u16
    epoch: u8
    zero: u8
    x: i32
    y: i32
    z: i32


class NMSG_MOVES(Packet):
    """
    What the clients on datagram links did since the last tick, in the order it came; of no session.

    Each is a Move.  A tick with more than fit has several such packets.
    """

    moves: Annotated[bytes, Rest(MOVES_LIMIT)]


class NMSG_UDP_ATTACHED(Packet):
    """The session's client is on the datagram link of that connection id: it is steered and told over it."""

    cid: u32


class NMSG_UDP_GONE(Packet):
    """That link of the session is no more; while its TCP connection lasts, it is told over that again."""

    cid: u32


class NMSG_STRAIN(Packet):
    """How much the server leaves undone from this tick on, because its ticks took too long; 0: nothing."""

    level: u8
