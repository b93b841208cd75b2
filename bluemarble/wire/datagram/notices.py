"""What a connection tells its owner, as values."""

from collections.abc import Hashable
from typing import NamedTuple

from bluemarble.wire.datagram.events import Message
from bluemarble.wire.datagram.sections import Input

__all__ = [
    "Acked",
    "Attached",
    "Closed",
    "Fits",
    "Input",
    "Lost",
    "Message",
    "Moved",
    "Moves",
    "Notice",
    "Seen",
    "Stated",
    "Time",
]


class Attached(NamedTuple):
    """The other end has answered; `address`: where it is sent to."""

    address: Hashable


class Moved(NamedTuple):
    """The client has shown that it is at another address now."""

    address: Hashable


class Moves(NamedTuple):
    """Inputs, oldest first, the last one of number `tick` (16 bits), each one before the next; copies too."""

    tick: int
    epoch: int
    inputs: tuple[Input, ...]


class Seen(NamedTuple):
    """A snapshot's body, and when it was so (16 bits)."""

    tick: int
    body: bytes


class Stated(NamedTuple):
    """A state section's body, and when it was so (16 bits)."""

    tick: int
    body: bytes


class Time(NamedTuple):
    """The other end's clock when it answered a ping, and ours when that was sent; ms, modulo 2^32."""

    sent_ms: int
    theirs_ms: int


class Acked(NamedTuple):
    """The datagram of that record has arrived."""

    record: int


class Lost(NamedTuple):
    """The datagram of that record has not arrived, or too late to matter."""

    record: int


class Fits(NamedTuple):
    """Datagrams of so many bytes get through."""

    mtu: int


class Closed(NamedTuple):
    """The link is over; `theirs`: the other end said so."""

    reason: int
    theirs: bool


Notice = Attached | Moved | Message | Moves | Seen | Stated | Time | Acked | Lost | Fits | Closed
