"""What happens to a client, one class each; a driver hands them out in order."""

from typing import NamedTuple

from opcodes.characters import Character
from opcodes.vocab import Packet


class Queued(NamedTuple):
    """The realm is full; that many sessions come before this one, itself counted."""

    place: int


class Admitted(NamedTuple):
    """At the character screen."""


class NotAdmitted(NamedTuple):
    """The world server does not want the session, and hangs up; an AUTH_ code of opcodes.session."""

    code: int


class Characters(NamedTuple):
    """The account's characters on this realm."""

    characters: list[Character]


class Created(NamedTuple):
    """The character has been made; ask for the characters to learn its guid."""


class NotCreated(NamedTuple):
    """It has not; a CHAR_ code of opcodes.characters."""

    code: int


class Entered(NamedTuple):
    """In the world; x, y, z in yards, facing in radians."""

    guid: int
    map: int
    x: float
    y: float
    z: float
    facing: float


class NotEntered(NamedTuple):
    """Still at the character screen; a CHAR_LOGIN_ code of opcodes.characters."""

    code: int


class Left(NamedTuple):
    """Back at the character screen."""


class Heard(NamedTuple):
    """Any other packet, over TCP or as a reliable event over UDP."""

    packet: Packet


Event = (
    Queued | Admitted | NotAdmitted | Characters | Created | NotCreated | Entered | NotEntered | Left | Heard
)
