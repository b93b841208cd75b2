"""
What the simulation decided, carried out: bytes to clients, rows to the database, questions to it.

Each packet is encoded once for each client build, however many clients get
it, and each object's block of an update once a tick, however many packets it
is part of.
"""

from collections.abc import Callable
from typing import Any, NamedTuple

from sqlalchemy import Connection
from twisted.python.failure import Failure

import opcodes
from bluemarble.db import characters as db
from bluemarble.db.errors import Unavailable
from bluemarble.servers import lobby
from bluemarble.servers.control import Refused
from bluemarble.servers.gateway import Gateway
from bluemarble.servers.session import Session
from bluemarble.sim.effects import (
    Close,
    Count,
    Effect,
    Input,
    Leave,
    Load,
    Order,
    Save,
    Send,
    Unwatch,
    Watch,
)
from bluemarble.wire.codec import codec
from bluemarble.wire.compress import compressed, worth_compressing
from bluemarble.wire.legacy import LegacyServer
from opcodes.chat import CHAT_MSG_SYSTEM, LANG_UNIVERSAL, SMSG_MESSAGECHAT
from opcodes.cluster import NMSG_CHARACTER, NMSG_CHARACTER_QUERY, NMSG_SAVED, NMSG_TAKE_OVER
from opcodes.objects import SMSG_COMPRESSED_UPDATE_OBJECT, SMSG_UPDATE_OBJECT, UpdateBlock
from opcodes.session import SMSG_TIME_SYNC_REQ
from opcodes.vocab import Packet

UPDATE_LIMIT = 24 * 1024  # bytes of one update: far below what breaks clients
COUNT_BYTES = 4  # an update begins with how many blocks it has

AUDIENCES_LIMIT = 8192

Encoded = tuple[tuple[int, bytes], ...]  # numbers and bodies of the packets that carry one


class Audience(NamedTuple):
    """
    Who gets a packet, by client build: a version, its clients' lines as C wants them, and those of its
    clients whose packets are noted.

    @ivar to: kept while its id names this.
    """

    to: tuple[int, ...]
    parts: list[tuple[opcodes.Version, Any, list[LegacyServer]]]


class Performer:
    """Carries out a tick's effects."""

    def __init__(self, gateway: Gateway) -> None:
        self.gateway = gateway
        self._blocks: dict[tuple[int, int], bytes] = {}
        self._updates: dict[tuple[int, ...], Encoded] = {}
        self._named: list[Packet] = []  # kept while their blocks' ids name them
        self._audiences: dict[int, Audience] = {}
        self._comings = -1  # of the gateway, when those were made

    def perform(self, effects: list[Effect]) -> None:
        """
        All of them in order, then one write for each client that got something.

        One that cannot be carried out is written down, and the others are.
        """
        for effect in effects:
            try:
                if type(effect) is Send:  # nearly all of them
                    self._send(effect.to, effect.packet)
                else:
                    PERFORM[type(effect)](self, effect)
            except Exception:
                self._failed(effect)
        self._blocks.clear()
        self._updates.clear()
        self._named.clear()
        by_line = self.gateway.by_line
        for line in self.gateway.lines.touched():
            session = by_line.get(line)
            if session is not None:
                session.flush()

    def _failed(self, effect: Effect) -> None:
        gateway = self.gateway
        gateway.counts["errors"] += 1
        if gateway.sparing.allows("failed effects"):
            what = type(effect.packet if isinstance(effect, Send) else effect).__name__
            gateway.log.failure("carrying out {what}", failure=Failure(), what=what)

    def _send(self, to: tuple[int, ...], packet: Packet) -> None:
        gateway = self.gateway
        if len(to) == 1:
            if (session := gateway.sessions.get(to[0])) is not None:
                for opcode, body in self._encode(session.wire.version, packet):
                    session.wire.queue_encoded(opcode, body)
        else:
            for version, lines, tapped in self._audience(to).parts:
                for opcode, body in self._encode(version, packet):
                    gateway.lines.queue(lines, opcode, body)
                    for wire in tapped:
                        wire.overheard(opcode, body)
        if type(packet) is SMSG_TIME_SYNC_REQ:
            for number in to:
                if number in gateway.sessions:
                    gateway.sent_time_request(gateway.sessions[number], packet.time_sync)

    def _audience(self, to: tuple[int, ...]) -> Audience:
        """The lines of these sessions; a mover's watchers are asked for with each of its steps."""
        gateway = self.gateway
        if self._comings != gateway.comings or len(self._audiences) >= AUDIENCES_LIMIT:
            self._audiences.clear()
            self._comings = gateway.comings
        known = self._audiences.get(id(to))
        if known is None:
            by_build: dict[int, list[Session]] = {}
            for number in to:
                if (session := gateway.sessions.get(number)) is not None:
                    by_build.setdefault(session.wire.version.build, []).append(session)
            known = self._audiences[id(to)] = Audience(
                to,
                [
                    (
                        sessions[0].wire.version,
                        gateway.lines.audience([s.wire.line for s in sessions]),
                        [s.wire for s in sessions if s.wire.tap is not None],
                    )
                    for sessions in by_build.values()
                ],
            )
        return known

    def _encode(self, version: opcodes.Version, packet: Packet) -> Encoded:
        """The packet in that build's words; nothing when the build has none for it."""
        forms = version.forms(packet)
        if not forms:
            self.gateway.counts["packets_without_words"] += 1
        return tuple(encoded for form in forms for encoded in self._form(version, form))

    def _form(self, version: opcodes.Version, packet: Packet) -> Encoded:
        if isinstance(packet, SMSG_UPDATE_OBJECT):
            return self._update(version, packet)
        cls = type(packet)
        return ((version.numbers[cls], codec(version.layout(cls)).encode(packet)),)

    def _update(self, version: opcodes.Version, packet: SMSG_UPDATE_OBJECT) -> Encoded:
        """Its blocks, joined, in as many packets as they need, compressed where that is worth it."""
        key = (version.build, *map(id, packet.blocks))
        known = self._updates.get(key)
        if known is None:
            self._named.append(packet)
            known = self._updates[key] = tuple(
                self._packed(version, part)
                for part in split([self._block(version, b) for b in packet.blocks])
            )
        return known

    def _block(self, version: opcodes.Version, block: UpdateBlock) -> bytes:
        key = (version.build, id(block))
        known = self._blocks.get(key)
        if known is None:
            known = self._blocks[key] = codec(version.layout(UpdateBlock)).encode(block)
        return known

    def _packed(self, version: opcodes.Version, blocks: list[bytes]) -> tuple[int, bytes]:
        head = codec(version.layout(SMSG_UPDATE_OBJECT)).encode(SMSG_UPDATE_OBJECT(blocks=[]))
        body = b"".join((len(blocks).to_bytes(COUNT_BYTES, "little"), head[COUNT_BYTES:], *blocks))
        if worth_compressing(body):
            return version.numbers[SMSG_COMPRESSED_UPDATE_OBJECT], compressed(body)
        return version.numbers[SMSG_UPDATE_OBJECT], body

    # Effects other than Send

    def _save(self, effect: Save) -> None:
        saving = self.gateway.saving.keep(effect.owner, effect.writes)
        if effect.session:
            answer = Input(effect.session, NMSG_SAVED())
            saving.addCallback(lambda saved: self.gateway.inputs.append(answer) if saved else None)

    def _load(self, effect: Load) -> None:
        question = effect.question
        session = self.gateway.sessions.get(effect.session)
        if isinstance(question, NMSG_TAKE_OVER):
            if session is None:
                self.gateway.absent(question.guid)
            else:
                session.ask(lobby.enter_after_all, question)
        elif isinstance(question, NMSG_CHARACTER_QUERY):
            self._who_is(effect.session, question)
        else:
            raise TypeError(f"no one answers {type(question).__name__}")

    def _who_is(self, number: int, question: NMSG_CHARACTER_QUERY) -> None:
        gateway = self.gateway

        def find(conn: Connection) -> db.Card | None:
            return db.by_guid(conn, question.guid) if question.guid else db.by_name(conn, question.name)

        def answer(card: db.Card | None) -> None:
            gateway.inputs.append(
                Input(
                    number,
                    NMSG_CHARACTER(
                        **(card._asdict() if card is not None and card.name else NOBODY),
                        why=question.why,
                        note=question.note,
                        asked=question.name,
                    ),
                )
            )

        def failed(failure: Failure) -> None:
            if failure.check(Unavailable):
                gateway.counts["database_away"] += 1
            elif gateway.sparing.allows("failed questions"):
                gateway.log.failure("looking for a character", failure=failure)
            answer(None)

        gateway.databases.characters.read(find).addCallbacks(answer, failed)

    def _leave(self, effect: Leave) -> None:
        session = self.gateway.sessions.get(effect.session)
        if session is not None:
            session.flush()  # what it has been told belongs to the world it leaves
        self.gateway.left(effect.session, effect.guid)

    def _count(self, effect: Count) -> None:
        self.gateway.counts[effect.what] += effect.times

    def _link(self, effect: Watch | Unwatch | Close) -> None:
        if self.gateway.udp is not None:
            self.gateway.udp.perform(effect)

    def _order(self, effect: Order) -> None:
        """Staff orders something in its chat window."""
        gateway, session = self.gateway, self.gateway.sessions.get(effect.session)
        if session is None:
            return
        try:
            said = gateway.orders.follow(list(effect.words), session.proven().username)
        except Refused as error:
            said = str(error)
        session.send(
            SMSG_MESSAGECHAT(
                chat_type=CHAT_MSG_SYSTEM, language=LANG_UNIVERSAL, sender=0, target=0, message=said
            )
        )


NOBODY = {"guid": 0, "name": "", "race": 0, "class_": 0, "gender": 0, "level": 0, "account": 0}
PERFORM: dict[type[Any], Callable[[Performer, Any], None]] = {
    Save: Performer._save,
    Load: Performer._load,
    Leave: Performer._leave,
    Count: Performer._count,
    Watch: Performer._link,
    Unwatch: Performer._link,
    Close: Performer._link,
    Order: Performer._order,
}


def split(blocks: list[bytes], limit: int = UPDATE_LIMIT) -> list[list[bytes]]:
    """The blocks in order, in parts of at most `limit` bytes; a larger one alone."""
    parts: list[list[bytes]] = [[]]
    size = 0
    for block in blocks:
        if parts[-1] and size + len(block) > limit:
            parts.append([])
            size = 0
        parts[-1].append(block)
        size += len(block)
    return parts
