"""What a capture's clients did in the world, session by session, so that others can do it again."""

from collections import Counter
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any

from bluemarble.client.legacy import BUILD
from bluemarble.tools.packets.decoding import NATIVE, decoded, name_of
from bluemarble.wire.captures.record import Captured
from opcodes.characters import CMSG_PLAYER_LOGIN, SMSG_CHAR_ENUM
from opcodes.orders import SMSG_NEW_WORLD, MSG_MOVE_TELEPORT_ACK_Server
from opcodes.session import SMSG_LOGIN_VERIFY_WORLD, SMSG_LOGOUT_COMPLETE

PACKETS_LIMIT = 1_000_000
# What every client says by itself, or says to come and go: whoever plays a role has its own.
OWN = frozenset(
    """CMSG_AUTH_SESSION CMSG_PLAYER_LOGIN CMSG_CHAR_ENUM CMSG_CHAR_CREATE CMSG_CHAR_DELETE CMSG_CHAR_RENAME
    CMSG_PING CMSG_KEEP_ALIVE CMSG_WARDEN_DATA CMSG_TIME_SYNC_RESP CMSG_REALM_SPLIT CMSG_LOGOUT_REQUEST
    CMSG_UDP_REQUEST CMSG_UDP_ACCEPT CMSG_UDP_TUNNEL MSG_MOVE_WORLDPORT_ACK CMSG_UPDATE_ACCOUNT_DATA
    CMSG_MOVE_TIME_SKIPPED""".split()
)
Place = tuple[float, float, float]


class CannotPlay(ValueError):
    """There is nothing in it that could be played; the message says why."""


@dataclass(slots=True)
class Role:
    """
    One session's time in the world, to the first logout.

    @ivar guid, name: of the character; 0 and "" where the capture does not say.
    @ivar look: race, class and gender; None likewise.
    @ivar acts: what the client said there, and where the server put it, in order.
    @ivar heard: what the server said.
    @ivar left_out: what is not played, by name.
    """

    connection: int
    guid: int = 0
    name: str = ""
    look: tuple[int, int, int] | None = None
    acts: list[Captured] = field(default_factory=list)
    heard: list[Captured] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


class _Reading:
    """A session as far as it has been read."""

    def __init__(self, connection: int) -> None:
        self.role = Role(connection)
        self.over = False
        self._known: dict[int, Any] = {}  # guid to its line of the character screen

    def take(self, captured: Captured) -> None:
        name = name_of(captured)
        if self.over:
            self.role.left_out["after the logout"] += 1
        elif captured.from_client:
            self._said(captured, name)
        else:
            self._heard(captured)

    def _said(self, captured: Captured, name: str) -> None:
        role = self.role
        if name == CMSG_PLAYER_LOGIN.__name__:
            packet: Any = decoded(captured).packet
            role.guid = packet.guid if packet is not None else 0
            line = self._known.get(role.guid)
            if line is not None:
                role.name, role.look = line.name, (line.race, line.class_type, line.gender)
            role.acts.clear()  # what was said before was at the character screen
        if name in OWN or name.endswith("_ACK"):
            role.left_out[name] += 1
        elif captured.build != BUILD:
            role.left_out[f"packet of build {captured.build}"] += 1
        else:
            role.acts.append(captured)
            role.guid = role.guid or _mover(captured, name)

    def _heard(self, captured: Captured) -> None:
        role = self.role
        role.heard.append(captured)
        version_name = name_of(captured)
        if version_name == SMSG_CHAR_ENUM.__name__:
            packet: Any = decoded(captured).packet
            if packet is not None:
                self._known = {line.guid: line for line in packet.characters}
        elif version_name == SMSG_LOGOUT_COMPLETE.__name__:
            self.over = True
        elif place_told(captured) is not None:
            role.acts.append(captured)


def _mover(captured: Captured, name: str) -> int:
    """Whose step it is; 0 when it is none."""
    packet = decoded(captured).packet if name.startswith("MSG_MOVE_") else None
    return int(getattr(packet, "guid", 0) or 0)


def place_told(captured: Captured) -> Place | None:
    """Where the server puts the client; None when it does not."""
    name = name_of(captured)
    if name in (SMSG_LOGIN_VERIFY_WORLD.__name__, SMSG_NEW_WORLD.__name__):
        packet: Any = decoded(captured).packet
        return None if packet is None else (packet.x, packet.y, packet.z)
    if name == "MSG_MOVE_TELEPORT_ACK":
        packet = decoded(captured).packet
        if isinstance(packet, MSG_MOVE_TELEPORT_ACK_Server):
            return packet.info.x, packet.info.y, packet.info.z
    return None


def roles_of(packets: Iterable[Captured], connections: Iterable[int] = ()) -> list[Role]:
    """
    Every session in which a client did something in the world.

    @param connections: only these; none: all.
    @raise CannotPlay: there is none, or more than PACKETS_LIMIT packets are in it.
    """
    wanted, sessions = set(connections), dict[int, _Reading]()
    for count, captured in enumerate(packets, 1):
        if count > PACKETS_LIMIT:
            raise CannotPlay(
                f"over {PACKETS_LIMIT} packets: `bluemarble packets convert` takes a part of them"
            )
        if captured.build != NATIVE and (not wanted or captured.connection in wanted):
            if captured.connection not in sessions:
                sessions[captured.connection] = _Reading(captured.connection)
            sessions[captured.connection].take(captured)
    roles = [it.role for it in sessions.values() if any(act.from_client for act in it.role.acts)]
    if not roles:
        raise CannotPlay("no client of build 12340 does anything in the world there")
    return roles
