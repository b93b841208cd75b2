"""What the datagram links tell the simulation: NMSG_ packets beside those of `cluster`."""

from typing import Annotated

from opcodes.vocab import Packet, Rest, u8, u32

MOVES_LIMIT = 1 << 20  # bytes of one NMSG_MOVES


class NMSG_MOVES(Packet):
    """
    What the clients on datagram links did since the last tick, in the order it came; of no session.

    Records of 24 bytes: cid u32, tick u16, flags u16, yaw u16, epoch u8, 0 u8, and x, y, z i32 in 1/64 yard.
    A tick with more than fit has several such packets.
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
