"""
The world server's door: every session, what each may say in which phase, and who is in the world.

What a client says goes one of three ways, which TABLE shows: the gateway answers at once, a coroutine answers
in its turn (character screen, account data), or, in the world, the simulation gets it as an Input.
"""

import os
import time
from collections import Counter
from collections.abc import Callable, Iterable
from typing import TYPE_CHECKING, Any, NamedTuple

from twisted.internet.defer import Deferred
from twisted.internet.defer import TimeoutError as DeferredTimeout
from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger
from twisted.python.failure import Failure

import opcodes
from bluemarble.config import Config
from bluemarble.db import accounts
from bluemarble.db.pool import Database
from bluemarble.db.sparing import Sparing
from bluemarble.native.lines import Lines
from bluemarble.servers import accountdata, agreeing, answers, handshake, lobby
from bluemarble.servers.control import Orders
from bluemarble.servers.doors import Door
from bluemarble.servers.saving import Saving
from bluemarble.servers.session import Line, Request, Session
from bluemarble.servers.starting import Starts
from bluemarble.servers.tapping import Taps
from bluemarble.servers.telling import Telling
from bluemarble.sim.effects import Input
from bluemarble.sim.handling import unhandled
from bluemarble.sim.rules import TICK_MS
from bluemarble.wire.errors import NotAllowed, PeerError
from opcodes import characters, datagram
from opcodes import session as wire
from opcodes.cluster import NMSG_DISCONNECTED, NMSG_LEAVE
from opcodes.vocab import Packet, Phase, Side

if TYPE_CHECKING:
    from bluemarble.servers.udp import Udp

Action = Callable[[Session, Any], None]

SIGN_OF_LIFE_S = 50  # some clients hang up after 90 s in which nothing came
ASKED_LIMIT = 6  # time requests of a client that does not answer
SENT_AWAY_S = 10  # a tick or two, unless something is wrong


class Rates(NamedTuple):
    """What a session may send, in packets; from `config.Limits`."""

    per_tick: float
    burst: float
    taken_limit: int
    dropped_limit: int
    asks_per_tick: float
    asks_burst: float


class Databases(NamedTuple):
    """The three of them."""

    auth: Database
    characters: Database
    world: Database


class Gateway:
    """
    Every session of this server.

    @param clock: what times are measured by; @param wall_s: unix time; @param random: n random bytes.
    @ivar sessions: by number; @ivar accounts: the proven ones by account.
    @ivar lines: where what is for their clients waits; @ivar by_line: sessions by their line's number.
    @ivar comings: counts sessions that came or went: what was made of `sessions` holds until it moves.
    @ivar present: guid to (session, account) of every character in the world, lingering ones too.
    @ivar data_times: guid to when which of the account data that is its own was stored, of those present.
    @ivar inputs: what the next tick takes; @ivar waiting: sessions that have had their share of this one.
    @ivar tick: counts the world's ticks; @ivar world_ms: its time at `ticked_s` of the clock.
    @ivar counts: what happened, by kind; @ivar udp: the datagram links, None where they are switched off.
    @ivar orders: what staff can order of the server; @ivar taps: whose packets are noted.
    """

    log = Logger()

    def __init__(
        self,
        config: Config,
        databases: Databases,
        saving: Saving,
        clock: IReactorTime,
        *,
        wall_s: Callable[[], float] = time.time,
        random: Callable[[int], bytes] = os.urandom,
    ) -> None:
        self.config, self.limits = config, (limits := config.limits)
        self.databases, self.saving = databases, saving
        self.clock, self.wall_s, self.random = clock, wall_s, random
        self.versions = tuple(opcodes.version(build) for build in config.world.builds)
        self.rates = Rates(
            limits.packets_per_second * TICK_MS / 1000,
            limits.packets_burst,
            limits.packets_per_tick,
            limits.packets_dropped,
            limits.requests_per_second * TICK_MS / 1000,
            limits.requests_burst,
        )
        self.starts = Starts()
        self.reserved_names: frozenset[str] = frozenset()
        self.sessions: dict[int, Session] = {}
        self.lines = Lines()
        self.by_line: dict[int, Session] = {}
        self.comings = 0
        self.accounts: dict[int, Session] = {}
        self.queue: dict[int, Session] = {}
        self.present: dict[int, tuple[int, int]] = {}
        self.data_times: dict[int, dict[int, int]] = {}
        self.inputs: list[Input] = []
        self.waiting: list[Session] = []
        self.tick = self.world_ms = self._last_number = 0
        self.ticked_s = clock.seconds()
        self.counts: Counter[str] = Counter()
        self.closing = False
        self.door = Door(
            clock, limits.connection_limit, limits.connections_per_address, limits.connects_per_minute
        )
        self._playing: dict[int, int] = {}  # account to the guid it last brought into the world
        self._leaving: dict[int, list[Deferred[None]]] = {}
        self.sparing, self.telling = Sparing(clock), Telling(databases.auth, clock)
        self.udp: Udp | None = None
        self.orders = Orders()
        self.taps = Taps(self)

    # Connections

    def admits(self, host: str) -> bool:
        """Whether another connection from there may be made; then it counts until `disconnected`."""
        if not self.closing and self.door.opens(host):
            return True
        self.counts["connections_refused"] += 1
        return False

    def disconnected(self, host: str) -> None:
        """A connection is gone."""
        self.door.closes(host)

    def connected(self, line: Line, version: opcodes.Version) -> Session:
        """A client of that build has connected: it is told what to prove its key on."""
        self._last_number += 1
        seed = int.from_bytes(self.random(4), "little")
        session = Session(self, line, version, self._last_number, seed)
        self.sessions[session.number] = self.by_line[session.wire.line.number] = session
        self.comings += 1
        session.send(wire.SMSG_AUTH_CHALLENGE(server_seed=session.seed, seed=self.random(32)))
        session.flush()
        return session

    def forget(self, session: Session, *, kicked: bool = False) -> None:
        """The session has ended, on whichever side; its character stays in the world for a while."""
        if session.closed:
            return
        session.closed = True
        self.sessions.pop(session.number, None)
        self.by_line.pop(session.wire.line.number, None)
        self.comings += 1
        if session.guid and session.phase is Phase.WORLD:
            self.post(session, NMSG_DISCONNECTED())
        account = session.account
        if self.udp is not None:
            self.udp.line_lost(session.number, account.id if account else 0, kicked=kicked)
        if account is not None and self.accounts.get(account.id) is session:
            del self.accounts[account.id]
            self._online(account.id, False)
        self.queue.pop(session.number, None)
        handshake.let_in(self)

    def alone(self) -> set[int]:
        """The accounts that play by a datagram link alone, and have no session here."""
        return set() if self.udp is None else self.udp.alone() - self.accounts.keys()

    def prove(self, session: Session, account: accounts.Account) -> None:
        """The session is that account's from now on; an older one of the same account gives way."""
        old = self.accounts.get(account.id)
        session.account = account
        self.accounts[account.id] = session
        self.taps.attach(session)
        if old is None:
            self._online(account.id, True)
        else:
            self.counts["sessions_replaced"] += 1
            old.close()

    def _online(self, account: int, online: bool) -> None:
        self.telling.tell(("online", account), lambda conn: accounts.set_online(conn, account, online))

    # Packets

    def take(self, session: Session, packet: Packet) -> None:
        """
        What a client says.

        @raise PeerError: it may not say that, or not now.
        """
        cls = type(packet)
        phase = session.wire.phase
        action = TABLE[phase].get(cls)
        if cls not in SIGNS_OF_LIFE:
            session.active_s = session.heard_s
        if action is not None and (not session.queued or cls in ALWAYS):
            action(session, packet)
        elif phase is Phase.WORLD and cls not in SCREEN and cls not in HELLO:
            self.inputs.append(Input(session.number, packet))
        elif cls in HELLO:
            raise NotAllowed(f"{cls.__name__} in {phase.name}")
        else:  # on its way when the phase changed
            self.counts["packets_late"] += 1

    def post(self, session: Session, packet: Packet) -> None:
        """Hand something to the simulation in the session's name."""
        self.inputs.append(Input(session.number, packet))

    def refused(self, session: Session, error: PeerError) -> None:
        """The client broke the protocol: hang up, and say so, but not more often than anyone can read."""
        if session.closed:
            return
        if self.sparing.allows("refusals"):
            self.log.info(
                "{host} {who}: {kind}: {why}",
                host=session.line.host,
                who=session.account.username if session.account else "?",
                kind=type(error).__name__,
                why=str(error),
            )
        session.cut(type(error).__name__, kicked=True)

    def broken(self, session: Session, failure: Failure) -> None:
        """A mistake of ours: write it down, end that session, and go on."""
        self.counts["errors"] += 1
        if self.sparing.allows("failed sessions"):
            self.log.failure("session {number} failed", failure=failure, number=session.number)
        session.cut("error")

    # Time

    def next_tick(self) -> list[Input]:
        """What has come in since the last tick; sessions that had their share may go on."""
        self.tick += 1
        inputs, self.inputs = self.inputs, []
        waiting, self.waiting = self.waiting, []
        for session in waiting:
            session.resume()
        return inputs

    def stepped(self, world_ms: int) -> None:
        """The simulation has come so far."""
        self.world_ms, self.ticked_s = world_ms, self.clock.seconds()

    def now_ms(self) -> int:
        """The simulation's time, between its ticks too."""
        return self.world_ms + int((self.clock.seconds() - self.ticked_s) * 1000)

    def watch(self) -> None:
        """About once a second: cut who is silent, and give signs of life at the character screen."""
        now, limits = self.clock.seconds(), self.limits
        for session in list(self.sessions.values()):
            if session.phase is Phase.HELLO:
                late = now - session.begun_s > limits.handshake_s
            elif session.phase is Phase.AUTHED:
                late = now - session.active_s > limits.character_screen_idle_s and not session.queued
            else:
                late = now - session.heard_s > limits.world_silence_s
            if late:
                session.cut("silent")
            elif session.phase is Phase.AUTHED and int(now - session.begun_s + 1) % SIGN_OF_LIFE_S == 0:
                lobby.sign_of_life(session)
        if self.queue and handshake.players(self) < self.config.world.player_limit:
            handshake.let_in(self)  # after one whose link was all it had

    def sent_time_request(self, session: Session, counter: int) -> None:
        """Note when a SMSG_TIME_SYNC_REQ goes out."""
        if session.asked_ms is None:
            session.asked_ms = {}
        while len(session.asked_ms) >= ASKED_LIMIT:
            del session.asked_ms[next(iter(session.asked_ms))]
        session.asked_ms[counter] = self.now_ms()

    # Who is in the world

    def entered(self, session: Session, guid: int) -> None:
        """From now on the session plays that character."""
        session.guid = guid
        session.wire.phase = Phase.WORLD
        account = session.proven().id
        self.present[guid] = (session.number, account)
        self._playing[account] = guid

    def absent(self, guid: int) -> int:
        """A character is in the world no more; answers its account, 0 when it was not there."""
        self.data_times.pop(guid, None)
        return self.present.pop(guid, (0, 0))[1]

    def elsewhere(self, account: int, guid: int) -> int:
        """The account's other character that is in the world, or 0: it leaves before this one enters."""
        other = self._playing.get(account, guid)
        return other if other != guid and self.present.get(other, (0, 0))[1] == account else 0

    def left(self, number: int, guid: int) -> None:
        """The simulation has let the character go: its client, if any, is back at the character screen."""
        if self.present.get(guid, (0, 0))[0] == number:
            account = self.absent(guid)
            if self._playing.get(account) == guid:
                del self._playing[account]
            for waiting in self._leaving.pop(guid, ()):
                waiting.callback(None)
        if self.udp is not None:
            self.udp.replace(number)
        session = self.sessions.get(number)
        if session is not None and session.guid == guid:
            session.guid = 0
            session.wire.phase = Phase.AUTHED
            session.active_s = self.clock.seconds()

    async def sent_away(self, guid: int) -> None:
        """Take a character out of the world, and come back once it is out and saved."""
        if guid in self.present:
            self.inputs.append(Input(self.present[guid][0], NMSG_LEAVE()))
            gone: Deferred[None] = Deferred()
            self._leaving.setdefault(guid, []).append(gone)
            gone.addTimeout(SENT_AWAY_S, self.clock)
            try:
                await gone
            except DeferredTimeout:  # it is not in the world after all
                self.counts["characters_not_sent_away"] += 1
                self._leaving.pop(guid, None)
                self.absent(guid)
        await self.saving.settled(guid)


def asks(request: Request, *, at_screen: bool = False) -> Action:
    """
    A packet whose answer may have to wait for the database; one above the rate is dropped.

    @param at_screen: when its turn comes, its session must still be at the character screen.
    """

    async def ask(session: Session, packet: Packet) -> None:
        if at_screen and session.phase is not Phase.AUTHED:
            session.gateway.counts["packets_late"] += 1
        else:
            await request(session, packet)

    def action(session: Session, packet: Packet) -> None:
        if session.may_ask():
            session.ask(ask, packet)

    return action


HELLO: dict[type[Packet], Action] = {wire.CMSG_AUTH_SESSION: handshake.begin}
SIGNS_OF_LIFE: frozenset[type[Packet]] = frozenset(
    {wire.CMSG_PING, wire.CMSG_WARDEN_DATA, wire.CMSG_KEEP_ALIVE}
)
ALWAYS: dict[type[Packet], Action] = {  # in any phase once the account is proven
    wire.CMSG_PING: answers.pong,
    wire.CMSG_KEEP_ALIVE: answers.nothing,
    wire.CMSG_WARDEN_DATA: answers.nothing,
    wire.CMSG_TIME_SYNC_RESP: answers.clock_told,
    wire.CMSG_REALM_SPLIT: answers.realm_split,
    wire.CMSG_READY_FOR_ACCOUNT_DATA_TIMES: asks(accountdata.times),
    wire.CMSG_REQUEST_ACCOUNT_DATA: asks(accountdata.request),
    wire.CMSG_UPDATE_ACCOUNT_DATA: asks(accountdata.update),
    wire.CMSG_TUTORIAL_FLAG: asks(accountdata.tutorial_shown),
    wire.CMSG_TUTORIAL_CLEAR: asks(accountdata.tutorials_cleared),
    wire.CMSG_TUTORIAL_RESET: asks(accountdata.tutorials_reset),
    datagram.CMSG_UDP_REQUEST: agreeing.request,
    datagram.CMSG_UDP_ACCEPT: agreeing.accept,
    datagram.CMSG_UDP_TUNNEL: agreeing.tunnel,
}
SCREEN: dict[type[Packet], Action] = {  # at the character screen
    characters.CMSG_CHAR_ENUM: asks(lobby.enumerate_characters, at_screen=True),
    characters.CMSG_CHAR_CREATE: asks(lobby.create, at_screen=True),
    characters.CMSG_CHAR_DELETE: asks(lobby.delete, at_screen=True),
    characters.CMSG_CHAR_RENAME: asks(lobby.rename, at_screen=True),
    characters.CMSG_PLAYER_LOGIN: asks(lobby.login, at_screen=True),
}
TABLE: dict[Phase, dict[type[Packet], Action]] = {
    Phase.HELLO: HELLO,
    Phase.AUTHED: ALWAYS | SCREEN,
    Phase.WORLD: ALWAYS,  # everything else is the simulation's
}


def unanswered(versions: Iterable[opcodes.Version], taken: Iterable[type[Packet]]) -> list[str]:
    """Client packets that nobody would take, by name; a server with any does not start."""
    spoken = (cls for version in versions for cls in version.packets.values() if Side.CLIENT in cls.side)
    return unhandled(spoken, {*taken, *HELLO, *ALWAYS, *SCREEN})
