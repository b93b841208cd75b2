"""What happens to a client, one class each; a driver hands them out in order."""

from typing import TYPE_CHECKING, NamedTuple

from opcodes.characters import Character
from opcodes.vocab import Packet

if TYPE_CHECKING:
    from bluemarble.client.others import Other


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


class Linked(NamedTuple):
    """The datagram link is up; `tunnelled`: through the TCP connection, for UDP does not get through."""

    tunnelled: bool


class NotLinked(NamedTuple):
    """There is no datagram link; REFUSED_ of opcodes.datagram.  `again`: it will be asked for again."""

    reason: int
    again: bool


class Begun(NamedTuple):
    """The server has said where oneself is: from now on what is held down moves it."""


class Unlinked(NamedTuple):
    """The datagram link is over; `reason` as docs/bmu1.md section 4 numbers those of a close."""

    reason: int


class Appeared(NamedTuple):
    """Somebody has come into sight."""

    other: "Other"


class Vanished(NamedTuple):
    """Somebody is out of sight."""

    other: "Other"


class Changed(NamedTuple):
    """A component of somebody in sight has another value: `other.values[component]`."""

    other: "Other"
    component: int


class Corrected(NamedTuple):
    """The server has set oneself elsewhere, by so many yards; so many inputs were stepped again upon it."""

    yards: float
    replayed: int


Event = (
    Queued
    | Admitted
    | NotAdmitted
    | Characters
    | Created
    | NotCreated
    | Entered
    | NotEntered
    | Left
    | Heard
    | Linked
    | NotLinked
    | Begun
    | Unlinked
    | Appeared
    | Vanished
    | Changed
    | Corrected
)
