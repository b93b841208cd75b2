"""
The clients' side of a capture, played on a running server by logins of its own.

Everybody comes in, and when all are there each says what was said then, as long after the beginning as it
was, or a part of that.
"""

import os
import struct
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from twisted.internet.defer import Deferred, DeferredList, ensureDeferred
from twisted.python.failure import Failure

from bluemarble.client import events
from bluemarble.client.arrival import Wish
from bluemarble.client.endpoints import AUTH_PORT, Game, enter
from bluemarble.client.legacy import BUILD
from bluemarble.tools.capturing.casting import Casting
from bluemarble.tools.capturing.comparing import Outcome, compare
from bluemarble.tools.capturing.roles import CannotPlay, Role
from bluemarble.wire import srp6
from bluemarble.wire.captures.record import US, Captured
from opcodes.orders import MSG_MOVE_TELEPORT_ACK_Server

SETTLE_S = 2.0  # for the last answers
LEAVE_S = 30.0
UNSAYABLE = "what does not fit"


class Login(NamedTuple):
    """
    Who plays.

    @ivar character: "": the account's first one, or one that is made.
    """

    account: str
    password: str
    character: str = ""


@dataclass(frozen=True, slots=True)
class Staging:
    """
    How it is played.

    @ivar host, port: of the auth server; @ivar realm: its name, "" for the first that is up.
    @ivar copies: how many play each role; @ivar aside_yards: how far each copy is from the last, along x.
    @ivar speed: 1.0 in real time, 2.0 in half of it.
    @ivar ignored: answers that may differ, by name with * and ?.
    """

    host: str
    port: int = AUTH_PORT
    realm: str = ""
    copies: int = 1
    aside_yards: float = 0.0
    speed: float = 1.0
    ignored: tuple[str, ...] = ()


@dataclass(slots=True)
class _Player:
    """
    One who plays a role.

    @ivar known: the names of the account's characters, by guid.
    """

    role: Role
    copy: int
    login: Login
    outcome: Outcome
    heard: list[Captured] = field(default_factory=list)
    known: dict[int, str] = field(default_factory=dict)
    game: Game | None = None
    casting: Casting | None = None
    over: "Deferred[None]" = field(default_factory=Deferred)

    def told(self, event: events.Event) -> None:
        """Whom it may play, and where the server puts it."""
        if isinstance(event, events.Characters):
            self.known = {row.guid: row.name for row in event.characters}
        if self.casting is not None and self.game is not None:
            moved = isinstance(event, events.Heard) and isinstance(event.packet, MSG_MOVE_TELEPORT_ACK_Server)
            if moved or isinstance(event, events.Entered):
                self.casting.put(self.game.player.world.place[:3])

    @property
    def name(self) -> str:
        """Of the character that it plays; "" before it does."""
        return "" if self.game is None else self.known.get(self.game.player.world.guid, "")


class Performance:
    """
    All of it.

    @param roles: at least one; @param logins: one for each of them and each copy, in this order.
    @raise CannotPlay: there are too few logins.
    """

    def __init__(
        self,
        reactor: Any,
        roles: Sequence[Role],
        logins: Sequence[Login],
        staging: Staging,
        random: srp6.Random = os.urandom,
    ) -> None:
        needed = len(roles) * staging.copies
        if len(logins) < needed:
            raise CannotPlay(f"{needed} accounts are needed, for each role and copy; {len(logins)} are there")
        self._reactor, self._staging, self._random = reactor, staging, random
        parts = [(role, copy) for copy in range(staging.copies) for role in roles]
        self._players = [
            _Player(
                role,
                copy,
                login,
                Outcome(login.account, role.connection, copy, left_out=dict(role.left_out)),
            )
            for (role, copy), login in zip(parts, logins, strict=False)
        ]
        self._begin_us = min(act.time_us for role in roles for act in role.acts)

    async def run(self) -> list[Outcome]:
        """
        Play it to the end.

        @raise CannotPlay: somebody does not come into the world.
        """
        try:
            await self._enter()
            self._cast()
            for player in self._players:
                self._next(player, iter(player.role.acts), self._reactor.seconds())
            await DeferredList([player.over for player in self._players])
            await self._pause(SETTLE_S)
        finally:
            await self._leave()
        for player in self._players:
            self._judge(player)
        return [player.outcome for player in self._players]

    async def _enter(self) -> None:
        entering = [ensureDeferred(self._one(player)) for player in self._players]
        found = await DeferredList(entering, consumeErrors=True)
        for (entered, why), player in zip(found, self._players, strict=True):
            if not entered:
                told = why.getErrorMessage() if isinstance(why, Failure) else str(why)
                raise CannotPlay(f"{player.login.account} does not come into the world: {told}")

    async def _one(self, player: _Player) -> None:
        staging, login = self._staging, player.login
        wish = Wish(login.character)
        if player.role.look is not None:
            race, class_, gender = player.role.look
            wish = wish._replace(race=race, class_=class_, gender=gender)
        player.game = await enter(
            self._reactor,
            staging.host,
            login.account,
            login.password,
            wish,
            heard=player.told,
            port=staging.port,
            realm=staging.realm,
            wanted=None,
            random=self._random,
            forgiving=True,
            tap=lambda opcode, body: player.heard.append(
                Captured(int(self._reactor.seconds() * US), False, 0, opcode, body, BUILD)
            ),
        )
        player.game.gone.addCallback(lambda why: self._lost(player, why))

    def _cast(self) -> None:
        """Everybody is there: who is who, and where."""
        for player in self._players:
            guids, names = {}, {}
            for other in self._players:
                if other.copy == player.copy and other.game is not None:
                    guids[other.role.guid] = other.game.player.world.guid
                    if other.role.name and other.name:
                        names[other.role.name] = other.name
            guids.pop(0, None)
            if player.game is not None:
                place = player.game.player.world.place[:3]
                aside = player.copy * self._staging.aside_yards
                player.casting = Casting(guids, names, place, aside)

    def _next(self, player: _Player, acts: Any, begun_s: float) -> None:
        """Say what is due, and come again for what is not."""
        for act in acts:
            due_s = begun_s + (act.time_us - self._begin_us) / US / self._staging.speed
            wait_s = due_s - self._reactor.seconds()
            if wait_s > 0:
                self._reactor.callLater(wait_s, self._say_and_go_on, player, act, acts, begun_s)
                return
            self._say(player, act)
        if not player.over.called:
            player.over.callback(None)

    def _say_and_go_on(self, player: _Player, act: Captured, acts: Any, begun_s: float) -> None:
        self._say(player, act)
        self._next(player, acts, begun_s)

    def _say(self, player: _Player, act: Captured) -> None:
        game, casting = player.game, player.casting
        if game is None or casting is None or game.gone.called:
            return
        try:
            said = casting.said(act, game.now_ms())
            if said is not None:
                game.say(*said)
                player.outcome.sent += 1
        except (ValueError, OverflowError, struct.error):  # another place or name does not fit
            left_out = player.outcome.left_out
            left_out[UNSAYABLE] = left_out.get(UNSAYABLE, 0) + 1

    def _lost(self, player: _Player, why: BaseException | None) -> None:
        """The connection has ended, before we left it or because we did."""
        if why is not None:
            player.outcome.lost = str(why) or type(why).__name__
        if not player.over.called:
            player.over.callback(None)

    def _pause(self, seconds: float) -> "Deferred[None]":
        pausing: Deferred[None] = Deferred()
        self._reactor.callLater(seconds, pausing.callback, None)
        return pausing

    async def _leave(self) -> None:
        games = [player.game for player in self._players if player.game is not None]
        gone: list[Deferred[Any]] = []
        for game in games:
            left: Deferred[Any] = Deferred()
            game.gone.addCallback(_passing(left))
            left.addTimeout(LEAVE_S, self._reactor)
            gone.append(left)
            game.leave()
        await DeferredList(gone, consumeErrors=True)

    def _judge(self, player: _Player) -> None:
        """What came of a role, for who played it."""
        game = player.game
        if game is None:
            return
        players = [name for other in self._players for name in (other.role.name, other.name)]
        compare(
            player.role,
            player.heard,
            player.outcome,
            guid=game.player.world.guid,
            players=players,
            moved=player.casting is not None and player.casting.moved,
            ignored=self._staging.ignored,
        )


def _passing(to: "Deferred[Any]") -> Callable[[Any], Any]:
    """A callback that tells another one as well."""

    def callback(result: Any) -> Any:
        to.callback(None)
        return result

    return callback
