"""What enters a step and what leaves it: inputs in, effects out, values all."""

from typing import NamedTuple

from bluemarble.rows import Write
from opcodes.vocab import Packet

SOCIETY = -1  # where a Tell goes when it is not to a map's zone


class Input(NamedTuple):
    """
    Something that reached the simulation.

    @ivar session: whose it is, the gateway's number of the connection; 0 is the server itself.
    """

    session: int
    packet: Packet


class Send(NamedTuple):
    """Put `packet` on the wire of each session in `to`; the packet is shared and must not change after."""

    to: tuple[int, ...]
    packet: Packet


class Save(NamedTuple):
    """
    Write rows, in one transaction, after all earlier Saves of the same owner.

    @ivar owner: the character's guid.
    @ivar session: who is told with NMSG_SAVED once it is in the database; 0 for nobody.
    """

    owner: int
    writes: tuple[Write, ...]
    session: int = 0


class Load(NamedTuple):
    """Ask what only the database knows; the answer comes back as an Input of `session`."""

    session: int
    question: Packet


class Tell(NamedTuple):
    """A message between parts of the simulation: to a map's zone, or to SOCIETY."""

    to: int
    session: int
    packet: Packet


class Leave(NamedTuple):
    """The session's character has left the world and is saved: back to the character screen, or gone."""

    session: int
    guid: int


class Watch(NamedTuple):
    """
    Tell a datagram link what one pair of eyes of a map's field sees, from this tick on.

    @ivar cid: the link.
    """

    map: int
    eye: int
    cid: int


class Unwatch(NamedTuple):
    """Tell the link no more of it: the eye may be another's from the next Watch on."""

    map: int
    eye: int
    cid: int


class Close(NamedTuple):
    """
    End a datagram link.

    @ivar reason: a CLOSE_ of opcodes.datagram, for the client.
    """

    cid: int
    reason: int


class Order(NamedTuple):
    """
    Something for the server itself to do, by one who may order it; the answer comes into its chat window.

    @ivar words: the first says what follows it.
    """

    session: int
    words: tuple[str, ...]


class Count(NamedTuple):
    """Something worth counting happened `times`: a refused move, a dropped input."""

    what: str
    times: int = 1


Effect = Send | Save | Load | Tell | Leave | Watch | Unwatch | Close | Order | Count
