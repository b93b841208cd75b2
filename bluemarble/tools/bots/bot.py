"""
One bot: an account, a character, a connection, and what a scenario does with them.

    async def greet(bot):
        while True:
            await bot.walk(bot.home.x + 10, bot.home.y)
            bot.say("Hello.")
            await bot.pause(5)
"""

import random
from collections.abc import Callable
from math import atan2, hypot, tau
from typing import TYPE_CHECKING, Any, TypeVar

from twisted.internet.defer import Deferred
from twisted.internet.task import deferLater

from bluemarble.client import events
from bluemarble.client.arrival import Wish
from bluemarble.client.endpoints import Game, enter
from bluemarble.client.link import EVERYTHING
from bluemarble.client.track import Drawn
from bluemarble.client.world import Stage
from bluemarble.tools.bots.legs import Glide, Steps, Stride
from bluemarble.tools.bots.plan import BadPlan
from bluemarble.tools.bots.sights import Sights
from opcodes import chat, orders
from opcodes.movement import Movement
from opcodes.query import CMSG_QUERY_TIME, SMSG_QUERY_TIME_RESPONSE
from opcodes.session import CMSG_LOGOUT_REQUEST
from opcodes.vocab import Packet

if TYPE_CHECKING:
    from bluemarble.tools.bots.crew import Crew

P = TypeVar("P", bound=Packet)

AWAY_YARDS = 0.5  # so near is there
LONGEST_S = 2.0  # on one course, before the bot looks where it is: the server may have put it elsewhere
LEAST_S = 0.05  # that every walk lasts, so that no scenario keeps the others from their turn
SLOWEST_YARDS_S = 0.1
PLACED_S = 5.0  # in which a command has put it where it belongs
ANSWER_S = 15.0
LOGOUT_S = 40.0  # servers let one who is not resting wait for twenty seconds
STEPS_PER_SECOND = 2.0  # as a stock client
MARK = "~"  # in front of a line's own number


class Bot:
    """
    A bot, whether it is in the world or not.

    @ivar number: of the whole fleet's; @ivar name: its character's.
    @ivar random: its own chance, the same with the same seed.
    @ivar home: where it first stood.
    @ivar steps_per_second: packets that tell where it is while it goes, without a link.
    @ivar game: its session; None while there is none.
    @ivar heard: scenarios may set it: called with each event.
    """

    def __init__(self, crew: "Crew", number: int) -> None:
        plan = crew.plan
        self.crew, self.number, self.name = crew, number, plan.character(number)
        self.random = random.Random(f"{plan.seed}/{number}")
        self.home = Drawn(0.0, 0.0, 0.0, 0.0)
        self.steps_per_second = STEPS_PER_SECOND
        self.game: Game | None = None
        self.heard: Callable[[events.Event], None] = lambda event: None
        self._legs: Glide | Steps | None = None
        self._waits: dict[type[Packet], list[Deferred[Any]]] = {}
        self._asked_s: float | None = None
        self._left: Deferred[None] | None = None
        self._been = False
        self._map = 0

    # What scenarios do

    @property
    def rate(self) -> float:
        """Of what the scenario does, a second; 0: as the scenario likes."""
        return self.crew.plan.rate

    def option(self, name: str, otherwise: str) -> str:
        """One of the scenario's own options."""
        return self.crew.plan.options.get(name, otherwise)

    def number_of(self, name: str, otherwise: float) -> float:
        """
        An option that is a number.

        @raise BadPlan: it is none.
        """
        given = self.option(name, str(otherwise))
        try:
            return float(given)
        except ValueError:
            raise BadPlan(f"{name}: {given!r} is no number") from None

    @property
    def here(self) -> Drawn:
        """Where it is, yards and radians."""
        return self.home if self._legs is None else self._legs.here()

    def pause(self, seconds: float) -> Deferred[None]:
        """Fires after a while."""
        return deferLater(self.crew.reactor, seconds)

    def go(self, facing: float) -> None:
        """Walk there, radians, until told otherwise."""
        if self._legs is not None:
            self._legs.go(facing)

    def stop(self) -> None:
        """Stand."""
        if self._legs is not None:
            self._legs.stop()

    async def walk(self, x: float, y: float, longest_s: float = 600.0) -> None:
        """Walk there, yards, straight, and stand; or stand where it is after `longest_s` seconds."""
        until_s = self.crew.reactor.seconds() + longest_s
        while (left_s := until_s - self.crew.reactor.seconds()) > 0.0 and self._legs is not None:
            here = self.here
            away = hypot(x - here.x, y - here.y)
            if away < AWAY_YARDS:
                break
            self.go(atan2(y - here.y, x - here.x) % tau)
            await self.pause(min(away / max(self._legs.yards_s, SLOWEST_YARDS_S), LONGEST_S, left_s))
        self.stop()
        await self.pause(LEAST_S)

    def send(self, packet: Packet) -> None:
        """Any packet of a client; none while it is not connected."""
        if self.game is not None:
            self.game.send(packet)

    def expect(self, kind: type[P], timeout_s: float = ANSWER_S) -> "Deferred[P]":
        """
        Fires with the next packet of that class.

        It fails with Twisted's TimeoutError when none comes in time.
        """
        waiting: Deferred[P] = Deferred()
        self._waits.setdefault(kind, []).append(waiting)
        return waiting.addTimeout(timeout_s, self.crew.reactor)

    def say(self, text: str, kind: int = chat.CHAT_MSG_SAY, to: str = "") -> None:
        """
        Speak; how long it takes to be heard is measured.

        @param kind: CHAT_MSG_ of opcodes.chat; @param to: a whisper's listener, or a channel's name.
        """
        packet = chat.CMSG_MESSAGECHAT(
            chat_type=kind,
            language=chat.LANG_COMMON,
            target_player=to if kind == chat.CHAT_MSG_WHISPER else None,
            channel=to if kind == chat.CHAT_MSG_CHANNEL else None,
            message=f"{text} {MARK}{self.crew.spoke()}",
        )
        self.crew.figures.count("lines_said")
        self.send(packet)

    # Coming and going, which the crew does; scenarios may

    async def log_in(self) -> None:
        """
        From the password into the world.

        @raise Exception: as `client.endpoints.enter`.
        """
        crew, plan = self.crew, self.crew.plan
        began_s = crew.clock()
        game = await enter(
            crew.reactor,
            plan.host,
            plan.account(self.number),
            plan.password,
            Wish(self.name),
            heard=self._hear,
            port=plan.port,
            realm=plan.realm,
            random=crew.draw,
            gait=Stride(self._moved),
            others=lambda: Sights(crew.saw_place),
            forgiving=True,
            wanted=EVERYTHING if plan.by_udp(self.number) else None,
            keylog=plan.keylog or None,
        )
        crew.figures.delay("login", (crew.clock() - began_s) * 1000)
        self.game = game
        game.gone.addCallback(self._gone, game)
        self._stand_up(game)
        if not self._been:
            self.home = self.here
            await self._go_to_its_place()
            self._been, self.home = True, self.here

    async def _go_to_its_place(self) -> None:
        """Have a game master's command put it there, when the plan names one and its account may."""
        plan = self.crew.plan
        game = self.game
        if not plan.place_by or game is None:
            return
        dx, dy = plan.aside(self.number)
        x, y, z, _ = self.home
        line = plan.place_by.format(x=x + dx, y=y + dy, z=z, map=self._map)
        self.send(
            chat.CMSG_MESSAGECHAT(
                chat_type=chat.CHAT_MSG_SAY,
                language=chat.LANG_COMMON,
                target_player=None,
                channel=None,
                message=line,
            )
        )
        await self.pause(PLACED_S)

    async def log_out(self) -> None:
        """Back to the character screen as players do, which the server may let last, and hang up."""
        game = self.game
        if game is None:
            return
        self.stop()
        began_s = self.crew.clock()
        self._left = Deferred()
        self._left.addTimeout(LOGOUT_S, self.crew.reactor)
        game.send(CMSG_LOGOUT_REQUEST())
        await self._left
        self.crew.figures.delay("logout", (self.crew.clock() - began_s) * 1000)
        await self.hang_up()

    def hang_up(self) -> "Deferred[BaseException | None]":
        """Say goodbye on the link, and hang up; fires when that is done."""
        if self.game is None:
            none: Deferred[BaseException | None] = Deferred()
            none.callback(None)
            return none
        return self.game.leave()

    def cut(self) -> None:
        """Hang up at once."""
        if self.game is not None:
            self.game.line.transport.abortConnection()

    def probe(self) -> None:
        """Ask the world what time it is: how long the answer takes is measured."""
        game = self.game
        if game is None or game.player.world.stage is not Stage.WORLD:
            return
        if self._asked_s is not None:
            self.crew.figures.count("answers_missing")
        self._asked_s = self.crew.clock()
        game.send(CMSG_QUERY_TIME())

    # What the connection tells

    def _stand_up(self, game: Game) -> None:
        """Move by the link when there is one, else by packets."""
        if self._legs is not None:
            self._legs.end()
        if game.player.oneself.ready:
            self._legs = Glide(game.player, game.now_ms)
        else:
            reactor = self.crew.reactor
            self._legs = Steps(
                game.player,
                reactor.seconds,
                reactor.callLater,
                self._step,
                lambda: 1.0 / self.steps_per_second,
            )

    def _moved(self, x: int, y: int) -> None:
        if self.game is not None:
            self.crew.moved(self.game.player.world.guid, x, y)

    def _step(self, step: Movement) -> None:
        self.crew.stepped(step)
        self.send(step)

    def _gone(self, why: BaseException | None, game: Game) -> None:
        if self._legs is not None:
            self._legs.end()
        self._legs, self.game, self._asked_s = None, None, None
        self.crew.ended(self, game, why)

    def _hear(self, event: events.Event) -> None:
        if isinstance(event, events.Heard):
            packet = event.packet
            if isinstance(packet, Movement):
                self.crew.saw_step(packet)
            elif (told := TOLD.get(type(packet))) is not None:
                told(self, packet)
            for waiting in self._waits.pop(type(packet), ()):
                if not waiting.called:
                    waiting.callback(packet)
        else:
            self.crew.figures.count(type(event).__name__.lower())
            if isinstance(event, events.Entered):
                self._map = event.map
            if self.game is not None:
                self._follow(event, self.game)
        try:
            self.heard(event)
        except Exception:
            self.crew.fault(self)

    def _follow(self, event: events.Event, game: Game) -> None:
        match event:
            case events.Entered() | events.Begun() | events.Unlinked():
                self._stand_up(game)
            case events.Left() if self._left is not None and not self._left.called:
                self._left.callback(None)

    def _heard_line(self, packet: chat.SMSG_MESSAGECHAT) -> None:
        guid = 0 if self.game is None else self.game.player.world.guid
        self.crew.heard_line(packet.message.rpartition(MARK)[2], own=packet.sender == guid)

    def _answered(self, packet: SMSG_QUERY_TIME_RESPONSE) -> None:
        if self._asked_s is not None:
            self.crew.figures.delay("answer", (self.crew.clock() - self._asked_s) * 1000)
            self._asked_s = None

    def _put(self, packet: Packet) -> None:
        """The server has set it elsewhere, and the client has answered: it stands there."""
        self.crew.figures.count("teleports")
        if isinstance(self._legs, Steps):
            self._legs.end()

    def _rooted(self, packet: orders.SMSG_FORCE_MOVE_ROOT) -> None:
        if isinstance(self._legs, Steps):
            self._legs.end()
            self._legs.rooted = True

    def _unrooted(self, packet: orders.SMSG_FORCE_MOVE_UNROOT) -> None:
        if isinstance(self._legs, Steps):
            self._legs.rooted = False

    def _sped(self, packet: orders.SMSG_FORCE_RUN_SPEED_CHANGE) -> None:
        if isinstance(self._legs, Steps):
            self._legs.yards_s = packet.speed


TOLD: dict[type[Packet], Callable[[Bot, Any], None]] = {
    chat.SMSG_MESSAGECHAT: Bot._heard_line,
    SMSG_QUERY_TIME_RESPONSE: Bot._answered,
    orders.MSG_MOVE_TELEPORT_ACK_Server: Bot._put,
    orders.SMSG_FORCE_MOVE_ROOT: Bot._rooted,
    orders.SMSG_FORCE_MOVE_UNROOT: Bot._unrooted,
    orders.SMSG_FORCE_RUN_SPEED_CHANGE: Bot._sped,
}
