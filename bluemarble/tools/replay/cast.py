"""Who is who in a journal: sessions, characters and links, as its inputs tell."""

from collections.abc import Iterable

from opcodes.cluster import (
    NMSG_ENTER_WORLD,
    NMSG_TAKE_OVER,
    NMSG_TRAVEL,
    NMSG_WORLD,
    CharacterState,
    PlayerState,
)
from opcodes.links import NMSG_UDP_ATTACHED
from opcodes.vocab import Packet

OURS = 0  # the session that is the server's own


class Cast:
    """
    Learns from a snapshot and from inputs, in their order; forgets nobody.

    @ivar names: guid to name.
    @ivar guids: session to the guid of whom it plays, or claims.
    @ivar links: cid to session.
    """

    def __init__(self, snapshot: NMSG_WORLD | None = None) -> None:
        self.names: dict[int, str] = {}
        self.guids: dict[int, int] = {}
        self.links: dict[int, int] = {}
        if snapshot is not None:
            for player in present(snapshot):
                self.meet(player.session, player.character)
                if player.cid:
                    self.links[player.cid] = player.session

    def hear(self, session: int, packet: Packet) -> None:
        """An input."""
        if isinstance(packet, NMSG_ENTER_WORLD):
            self.meet(session, packet.character)
        elif isinstance(packet, NMSG_TRAVEL):  # in a journal of one map alone
            self.meet(session, packet.player.character)
            self.links |= {packet.player.cid: session} if packet.player.cid else {}
        elif isinstance(packet, NMSG_TAKE_OVER):
            self.guids[session] = packet.guid
        elif isinstance(packet, NMSG_UDP_ATTACHED):
            self.links[packet.cid] = session

    def session(self, number: int) -> str:
        """Whose session that is: a name, if it is known."""
        name = self.names.get(self.guids.get(number, 0))
        return "the server" if number == OURS else name or f"session {number}"

    def sessions(self, name: str) -> set[int]:
        """
        All sessions of a character, by its name, or the one that a number is.

        @raise LookupError: there is none.
        """
        known = {s for s, guid in self.guids.items() if self.names.get(guid, "").lower() == name.lower()}
        if not known and name.isdecimal():
            known = {int(name)}
        if not known:
            raise LookupError(f"nobody here is called {name}; there are {', '.join(self.everyone())}")
        return known

    def everyone(self) -> list[str]:
        """All names, in order."""
        return sorted(set(self.names.values())) or ["no players"]

    def meet(self, session: int, character: CharacterState) -> None:
        """Somebody, and whose session it is."""
        self.guids[session] = character.guid
        self.names[character.guid] = "".join(it if it.isprintable() else "?" for it in character.name)


def present(snapshot: NMSG_WORLD) -> Iterable[PlayerState]:
    """Every player of a snapshot, those between two maps last."""
    for zone in snapshot.zones:
        yield from zone.players
    for traveller in snapshot.travellers:
        yield traveller.travel.player
