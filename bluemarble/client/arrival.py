"""The way from the realm list into the world and onto the link, as every program that plays takes it."""

from string import ascii_lowercase
from typing import NamedTuple

from bluemarble.client.events import (
    Admitted,
    Begun,
    Characters,
    Created,
    Entered,
    Event,
    NotAdmitted,
    NotCreated,
    NotEntered,
    NotLinked,
)
from bluemarble.client.refusal import Refused
from bluemarble.client.world import WorldClient
from bluemarble.wire.errors import Malformed
from opcodes.characters import CHAR_CREATE_NAME_IN_USE, CHAR_LOGIN_NO_CHARACTER
from opcodes.logon import REALM_OFFLINE, Realm

HUMAN, WARRIOR, FEMALE = 1, 1, 1
VISITORS = ("Visitor", *("Visitor" + letter for letter in ascii_lowercase))  # the next where one is taken
WORLD_PORT = 8085  # where a realm is that names none
PORT_DIGITS = 5
SHOWN = 80  # of an address that is none


class Wish(NamedTuple):
    """
    Whom to play.

    @ivar name: of the character; "": the account's first one, or the first of VISITORS that is free.
    @ivar make: whether to make it when the account has none of that name.
    """

    name: str = ""
    make: bool = True
    race: int = HUMAN
    class_: int = WARRIOR
    gender: int = FEMALE


def pick(realms: list[Realm], name: str = "") -> Realm:
    """
    The realm of that name; without one the first that is up.

    @raise LookupError: there is none.
    """
    for realm in realms:
        if realm.name == name if name else not realm.flag & REALM_OFFLINE:
            return realm
    raise LookupError(f"no realm {name!r}" if name else "no realm is up")


def address(realm: Realm) -> tuple[str, int]:
    """
    Host and port of a realm's world server.

    @raise Malformed: nobody could connect there.
    """
    host, colon, said = realm.address.rpartition(":")
    name, port = (host.strip("[]"), said) if colon and said.isdecimal() else (realm.address, str(WORLD_PORT))
    try:
        name.encode("idna")  # as the network does it; its own fault comes where nobody waits for it
    except UnicodeError:
        raise Malformed(f"a realm at {realm.address[:SHOWN]!r}") from None
    if not name or len(port) > PORT_DIGITS or not 0 < int(port) <= 0xFFFF:
        raise Malformed(f"a realm at {realm.address[:SHOWN]!r}")
    return name, int(port)


class Arrival:
    """
    Asks for the characters, makes one if need be, enters, and waits for the link.

    @param linking: whether a link is asked for.
    @ivar done: in the world, and oneself can be moved; or there will be no link.
    """

    __slots__ = ("_entered", "_linking", "_names", "_wish", "_world", "done")

    def __init__(self, world: WorldClient, wish: Wish, *, linking: bool = True) -> None:
        self._world, self._wish, self._linking = world, wish, linking
        self._names = [wish.name] if wish.name else list(VISITORS)  # still to be tried
        self._entered = self.done = False

    def take(self, event: Event) -> None:
        """
        See what has happened, and do what comes next.

        @raise Refused: the server does not let us in, or there is no such character.
        """
        if self.done:
            return
        match event:
            case Admitted() | Created():
                self._world.ask_characters()
            case Characters(rows) if not self._entered:
                fit = [row.guid for row in rows if self._wish.name.lower() in ("", row.name.lower())]
                if fit:
                    self._world.enter(fit[0])
                elif self._wish.make and self._names:
                    self._make()
                else:
                    raise Refused("character", CHAR_LOGIN_NO_CHARACTER)
            case Entered():
                self._entered = True
                self.done = not self._linking
            case Begun() | NotLinked(again=False):
                self.done = True
            case NotAdmitted(code):
                raise Refused("session", code)
            case NotCreated(code) if code == CHAR_CREATE_NAME_IN_USE and self._names:
                self._make()
            case NotCreated(code) | NotEntered(code):
                raise Refused("character", code)

    def _make(self) -> None:
        """Make a character of the next name."""
        wish = self._wish
        self._world.create(self._names.pop(0), wish.race, wish.class_, wish.gender)
