"""
The client's end of a world session: bytes in, events out, no I/O.

Proves the key, shows the character screen, enters the world, and then hands over whatever else is said.
It answers by itself what every client answers (`manners`) and pings now and then.
"""

import enum
from collections.abc import Iterator
from typing import Any

from bluemarble.client import manners
from bluemarble.client.events import (
    Admitted,
    Characters,
    Created,
    Entered,
    Event,
    Heard,
    Left,
    NotAdmitted,
    NotCreated,
    NotEntered,
    Queued,
)
from bluemarble.client.legacy import BUILD, LegacyClient
from bluemarble.wire import srp6
from bluemarble.wire.errors import NotAllowed
from bluemarble.wire.legacy import session_digest
from opcodes import characters, session
from opcodes.orders import SMSG_NEW_WORLD, MSG_MOVE_TELEPORT_ACK_Server
from opcodes.vocab import Packet

PING_MS = 30_000  # the server cuts sessions that are silent for two minutes


class Stage(enum.IntEnum):
    """How far the session has come."""

    HELLO = 0  # connected
    PROVING = 1  # the proof is on its way, or the session waits in the realm's queue
    SCREEN = 2  # at the character screen
    ENTERING = 3  # the character is being loaded
    WORLD = 4  # in the world


class WorldClient:
    """
    One session on a world server.

    @param name: the account's; @param session_key: what the logon gave; @param realm_id: of the realm.
    @param random: gives n random bytes.
    @param forgiving: as of LegacyClient.
    @ivar stage: how far it has come; @ivar guid: the character it entered with.
    @ivar place: x, y, z, facing, as TCP last said it; a datagram link knows better.
    @ivar round_trip_ms: of the last ping, over TCP; -1: none yet.
    """

    __slots__ = (
        "_key",
        "_name",
        "_ping",
        "_pinged_ms",
        "_random",
        "_realm",
        "guid",
        "place",
        "round_trip_ms",
        "stage",
        "wire",
    )

    def __init__(
        self, name: str, session_key: bytes, realm_id: int, random: srp6.Random, *, forgiving: bool = False
    ) -> None:
        self._name, self._key = srp6.upper(name).decode(), session_key
        self._realm, self._random = realm_id, random
        self._ping, self._pinged_ms = 0, 0
        self.wire = LegacyClient(forgiving=forgiving)
        self.stage = Stage.HELLO
        self.guid = 0
        self.place = (0.0, 0.0, 0.0, 0.0)
        self.round_trip_ms = -1

    def receive(self, data: bytes, now_ms: int) -> Iterator[Event]:
        """
        Take bytes; yield what they tell, in order.

        @raise PeerError: it does not speak the protocol; hang up.
        """
        for packet in self.wire.receive(data):
            yield from self._take(packet, now_ms)

    def advance(self, now_ms: int) -> None:
        """Let time pass: ping when it is time."""
        if self.stage >= Stage.SCREEN and now_ms - self._pinged_ms >= PING_MS:
            self._ping += 1
            self._pinged_ms = now_ms
            self.send(session.CMSG_PING(sequence_id=self._ping, round_time_in_ms=max(self.round_trip_ms, 0)))

    def outgoing(self) -> bytes:
        """What is to be written, once."""
        return self.wire.outgoing()

    # What one may ask

    def ask_characters(self) -> None:
        """Ask for the account's characters; the event `Characters` answers."""
        self._want(Stage.SCREEN)
        self.send(characters.CMSG_CHAR_ENUM())

    def create(
        self, name: str, race: int, class_: int, gender: int, look: tuple[int, ...] = (0,) * 5
    ) -> None:
        """
        Make a character; `Created` or `NotCreated` answers.

        @param look: skin colour, face, hair style, hair colour, facial hair.
        """
        self._want(Stage.SCREEN)
        skin, face, style, colour, facial = look
        self.send(
            characters.CMSG_CHAR_CREATE(
                name=name,
                race=race,
                class_type=class_,
                gender=gender,
                skin_color=skin,
                face=face,
                hair_style=style,
                hair_color=colour,
                facial_hair=facial,
            )
        )

    def enter(self, guid: int) -> None:
        """Enter the world as that character; `Entered` or `NotEntered` answers."""
        self._want(Stage.SCREEN)
        self.guid, self.stage = guid, Stage.ENTERING
        self.send(characters.CMSG_PLAYER_LOGIN(guid=guid))

    def leave(self) -> None:
        """Ask to go back to the character screen; `Left` answers, when the server lets one go."""
        self._want(Stage.WORLD)
        self.send(session.CMSG_LOGOUT_REQUEST())

    def send(self, packet: Packet) -> None:
        """Any packet of a client."""
        self.wire.queue(packet)

    def _want(self, stage: Stage) -> None:
        if self.stage is not stage:
            raise ValueError(f"in {self.stage.name}, not {stage.name}")

    # What the server says

    def _take(self, packet: Packet, now_ms: int) -> list[Event]:
        handle = HANDLERS.get(type(packet))
        events: list[Event] = [Heard(packet)] if handle is None else handle(self, packet, now_ms)
        said = manners.answer(packet, self.place, now_ms)
        if said is not None:
            self.send(said)
        return events

    def _challenged(self, packet: session.SMSG_AUTH_CHALLENGE, now_ms: int) -> list[Event]:
        self._expect(Stage.HELLO, packet)
        seed = int.from_bytes(self._random(4), "little")
        self.send(
            session.CMSG_AUTH_SESSION(
                client_build=BUILD,
                login_server_id=0,
                username=self._name,
                login_server_type=0,
                client_seed=seed,
                region_id=0,
                battleground_id=0,
                realm_id=self._realm,
                dos_response=0,
                client_proof=session_digest(self._name, seed, packet.server_seed, self._key),
                addon_info=b"",
            )
        )
        self.wire.enable_encryption(self._key)
        self.stage = Stage.PROVING
        return []

    def _admitted(self, packet: session.SMSG_AUTH_RESPONSE, now_ms: int) -> list[Event]:
        self._expect(Stage.PROVING, packet)
        if packet.result == session.AUTH_WAIT_QUEUE:
            return [Queued(packet.queue_position or 0)]
        if packet.result != session.AUTH_OK:
            return [NotAdmitted(packet.result)]
        self.stage, self._pinged_ms = Stage.SCREEN, now_ms
        return [Admitted()]

    def _listed(self, packet: characters.SMSG_CHAR_ENUM, now_ms: int) -> list[Event]:
        return [Characters(packet.characters) if self.stage is Stage.SCREEN else Heard(packet)]

    def _created(self, packet: characters.SMSG_CHAR_CREATE, now_ms: int) -> list[Event]:
        if self.stage is not Stage.SCREEN:
            return [Heard(packet)]
        made = packet.result == characters.CHAR_CREATE_SUCCESS
        return [Created() if made else NotCreated(packet.result)]

    def _entered(self, packet: session.SMSG_LOGIN_VERIFY_WORLD, now_ms: int) -> list[Event]:
        self._expect(Stage.ENTERING, packet)
        self.stage = Stage.WORLD
        self.place = (packet.x, packet.y, packet.z, packet.orientation)
        return [Entered(self.guid, packet.map, *self.place)]

    def _not_entered(self, packet: session.SMSG_CHARACTER_LOGIN_FAILED, now_ms: int) -> list[Event]:
        self._expect(Stage.ENTERING, packet)
        self.stage, self.guid = Stage.SCREEN, 0
        return [NotEntered(packet.result)]

    def _left(self, packet: session.SMSG_LOGOUT_COMPLETE, now_ms: int) -> list[Event]:
        self._expect(Stage.WORLD, packet)
        self.stage, self.guid = Stage.SCREEN, 0
        return [Left()]

    def _moved_near(self, packet: MSG_MOVE_TELEPORT_ACK_Server, now_ms: int) -> list[Event]:
        info = packet.info
        if packet.guid == self.guid:
            self.place = (info.x, info.y, info.z, info.orientation)
        return [Heard(packet)]

    def _moved_far(self, packet: SMSG_NEW_WORLD, now_ms: int) -> list[Event]:
        self._expect(Stage.WORLD, packet)
        self.place = (packet.x, packet.y, packet.z, packet.orientation)
        return [Entered(self.guid, packet.map, *self.place)]

    def _ponged(self, packet: session.SMSG_PONG, now_ms: int) -> list[Event]:
        if packet.sequence_id == self._ping:
            self.round_trip_ms = now_ms - self._pinged_ms
        return []

    def _expect(self, stage: Stage, packet: Packet) -> None:
        if self.stage is not stage:
            raise NotAllowed(f"{type(packet).__name__} in {self.stage.name}")


HANDLERS: dict[type[Packet], Any] = {
    session.SMSG_AUTH_CHALLENGE: WorldClient._challenged,
    session.SMSG_AUTH_RESPONSE: WorldClient._admitted,
    characters.SMSG_CHAR_ENUM: WorldClient._listed,
    characters.SMSG_CHAR_CREATE: WorldClient._created,
    session.SMSG_LOGIN_VERIFY_WORLD: WorldClient._entered,
    session.SMSG_CHARACTER_LOGIN_FAILED: WorldClient._not_entered,
    session.SMSG_LOGOUT_COMPLETE: WorldClient._left,
    MSG_MOVE_TELEPORT_ACK_Server: WorldClient._moved_near,
    SMSG_NEW_WORLD: WorldClient._moved_far,
    session.SMSG_PONG: WorldClient._ponged,
}
