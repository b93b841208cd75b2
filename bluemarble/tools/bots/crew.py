"""
The bots of one process: they come, play, come back when they were thrown out, and leave; and are measured.

    report = await Crew(reactor, Plan(players=20, password="secret", seconds=60)).run()
"""

import os
import random
import resource
import time
import traceback
from collections import Counter
from collections.abc import Callable
from typing import Any, TypeVar

from twisted.internet.defer import CancelledError, Deferred, DeferredList, ensureDeferred
from twisted.internet.defer import TimeoutError as NoAnswer
from twisted.internet.task import LoopingCall, deferLater

from bluemarble.client.endpoints import Game
from bluemarble.client.oneself import UNITS
from bluemarble.client.refusal import Refused
from bluemarble.client.world import Stage
from bluemarble.tools.bots.bot import Bot
from bluemarble.tools.bots.figures import EVERY_S, Figures, Row
from bluemarble.tools.bots.plan import BadPlan, Plan
from bluemarble.tools.bots.report import Report
from bluemarble.tools.bots.scenarios import Play, scenario
from bluemarble.wire import srp6
from opcodes.movement import Movement

TURN_S = 0.05  # how often bots are looked after
PROBE_S = 5.0  # each bot asks the world so often
AGAIN_S = 5.0  # until a bot that failed tries again
GOODBYE_S = 5.0
SHORTEST_ROW_S = 0.5
STEPS_KEPT = 128  # of each bot: those that may still be on their way
LINES_KEPT = 10_000
FAULTS_LIMIT = 5  # tracebacks that are kept
WAITS_S = 1.0  # after a scenario waited for something in vain
K = TypeVar("K")


class Crew:
    """
    @param play: what each bot does; by default the plan's scenario.
    @param clock: seconds, for what is measured; @param draw: gives n random bytes, for keys.
    @param row_done: called each EVERY_S with what happened.
    @ivar figures: what has been measured so far.
    """

    def __init__(
        self,
        reactor: Any,
        plan: Plan,
        play: Play | None = None,
        clock: Callable[[], float] = time.perf_counter,
        draw: srp6.Random = os.urandom,
        row_done: Callable[[Row], None] = lambda row: None,
    ) -> None:
        self.reactor, self.plan, self.clock, self.draw = reactor, plan, clock, draw
        self.figures = Figures()
        self.bots = [Bot(self, plan.first + index) for index in range(plan.players)]
        self._play, self._row_done = play or scenario(plan.scenario), row_done
        self._over = False
        self._ending: Deferred[None] = Deferred()
        self._faults: list[str] = []
        self._bad: BadPlan | None = None
        self._playing: dict[Bot, Deferred[Any]] = {}
        # By guid, what it told by TCP, and in which cells it was; and when.
        self._steps: dict[int, dict[tuple[type[Movement], int, int], float]] = {}
        self._places: dict[int, dict[tuple[int, int], float]] = {}
        self._said: dict[str, float] = {}
        self._lines = 0
        self._random = random.Random(plan.seed)
        self._turns = 0
        self._began_s = self._row_s = 0.0
        self._traffic: dict[Game, Counter[str]] = {}  # of each session, as last counted

    async def run(self) -> Report:
        """
        Wait for the plan's beginning, do all of it, and tell.

        @raise BadPlan: the scenario cannot be played as it was asked for.
        """
        plan = self.plan
        if plan.begin_s:
            waiting: Deferred[None] = deferLater(self.reactor, max(plan.begin_s - time.time(), 0.0))
            either: list[Deferred[Any]] = [waiting, self._ending]
            await DeferredList(either, fireOnOneCallback=True, consumeErrors=True)
            waiting.cancel()
        begun_s, began_s, cpu_s = time.time(), self.clock(), _cpu_s()
        lives: list[Deferred[Any]] = [
            ensureDeferred(self._live(bot, index)) for index, bot in enumerate(self.bots)
        ]
        turns, rows = LoopingCall.withCount(self._turn), LoopingCall(self._end_row)
        turns.clock = rows.clock = self.reactor
        self._began_s, self._row_s = self.reactor.seconds(), self.clock()
        running: list[Deferred[Any]] = [turns.start(TURN_S), rows.start(EVERY_S, now=False)]
        self.reactor.callLater(plan.seconds, self.end)
        await self._ending
        played_s = max(self.clock() - began_s, TURN_S)
        turns.stop()
        rows.stop()
        await DeferredList(running)
        await self._within(GOODBYE_S, DeferredList(lives, consumeErrors=True), "scenarios_without_end")
        if len(self.figures.rows) == 1 or self.clock() - self._row_s > SHORTEST_ROW_S:
            self._end_row()
        cpu_s = _cpu_s() - cpu_s
        self.figures.end()
        figures, self.figures = self.figures, Figures()  # what a goodbye brings is no part of it
        await self._goodbye()
        if self._bad is not None:
            raise self._bad
        return Report(plan.told(), begun_s, played_s, cpu_s, figures, self._faults, [])

    def end(self) -> None:
        """Enough; scenarios may say so, too."""
        if not self._over:
            self._over = True
            self.reactor.callLater(0, self._end)  # not from within what is to be cancelled

    def _end(self) -> None:
        for playing in list(self._playing.values()):
            playing.cancel()
        self._ending.callback(None)

    # What bots tell

    def ended(self, bot: Bot, game: Game, why: BaseException | None) -> None:
        """A session is over; @param why: None when the bot wanted that."""
        self._count_traffic(game)
        del self._traffic[game]
        if why is not None:
            self.figures.count(f"dropped: {_words(why)}")
            if bot in self._playing:  # not from within it: what it sends may have ended the session
                self.reactor.callLater(0, self._playing[bot].cancel)

    def stepped(self, step: Movement) -> None:
        """A bot has told by TCP where it is."""
        self.figures.count("steps_sent")
        x, y = round(step.x * UNITS), round(step.y * UNITS)
        _keep(self._steps.setdefault(step.guid, {}), (type(step), x, y), self.clock())
        _keep(self._places.setdefault(step.guid, {}), _cell(x, y), self.clock())

    def moved(self, guid: int, x: int, y: int) -> None:
        """A bot on a link has made an input that moves it; @param x, y: 1/64 yard."""
        self.figures.count("inputs_made")
        _keep(self._places.setdefault(guid, {}), _cell(x, y), self.clock())

    def saw_step(self, step: Movement) -> None:
        """A bot has been told by TCP where another is; strangers are only counted."""
        self.figures.count("steps_seen")
        x, y = round(step.x * UNITS), round(step.y * UNITS)
        steps = self._steps.get(step.guid)
        if steps is not None:
            self._relayed("relay", steps.get((type(step), x, y)))
        else:  # of one on a link, put into a packet by the server
            self._relayed("relay", self._places.get(step.guid, {}).get(_cell(x, y)))

    def saw_place(self, guid: int, x: int, y: int) -> None:
        """Likewise by its link; @param x, y: 1/64 yard."""
        self.figures.count("places_seen")
        self._relayed("link relay", self._places.get(guid, {}).get(_cell(x, y)))

    def _relayed(self, how: str, sent_s: float | None) -> None:
        if sent_s is not None:
            self.figures.delay(how, (self.clock() - sent_s) * 1000)

    def spoke(self) -> str:
        """A bot is about to speak: what marks its line."""
        self._lines += 1
        mark = f"{self.plan.first}.{self._lines}"
        _keep(self._said, mark, self.clock(), LINES_KEPT)
        return mark

    def heard_line(self, mark: str, *, own: bool) -> None:
        """A bot has heard a line, perhaps its own; strangers' lines are nothing to us."""
        if (said_s := self._said.get(mark)) is not None:
            self.figures.count("lines_heard_oneself" if own else "lines_heard")
            self.figures.delay("chat", (self.clock() - said_s) * 1000)

    def fault(self, bot: Bot) -> None:
        """The scenario has a mistake, which is being handled."""
        self.figures.count("faults")
        if len(self._faults) < FAULTS_LIMIT:
            self._faults.append(f"{bot.name}: {traceback.format_exc()}")

    # What goes on

    async def _live(self, bot: Bot, index: int) -> None:
        """All of a bot's life."""
        wait_s = index / self.plan.arrivals_per_second
        while not self._over:
            try:
                await self._cancellable(bot, deferLater(self.reactor, wait_s))
                if bot.game is None:
                    await self._cancellable(bot, ensureDeferred(bot.log_in()))
                await self._cancellable(bot, ensureDeferred(self._play(bot)))
                await self._cancellable(bot, Deferred())  # its scenario is over: it stands there
            except CancelledError:
                wait_s = AGAIN_S
            except NoAnswer:
                self.figures.count("waited_in_vain")
                wait_s = WAITS_S
            except BadPlan as error:
                self._bad = self._bad or error
                self.end()
            except Exception as error:
                wait_s = AGAIN_S
                if bot.game is None:
                    self.figures.count(f"not entered: {_words(error)}")
                else:
                    self.fault(bot)

    async def _cancellable(self, bot: Bot, doing: "Deferred[Any]") -> None:
        """Wait for it; `end` and the session's end cancel it."""
        self._playing[bot] = doing
        try:
            await doing
        finally:
            del self._playing[bot]

    def _turn(self, passed: int) -> None:
        """Have some bots ask the world; see whether this process keeps up."""
        every = round(PROBE_S / TURN_S)
        for turn in range(self._turns, self._turns + passed):
            for bot in self.bots[turn % every :: every]:  # not in step with the server's ticks
                self.reactor.callLater(self._random.uniform(0.0, TURN_S), bot.probe)
        self._turns += passed
        due_s = self._began_s + (self._turns - max(passed - 1, 0)) * TURN_S  # of the first that was missed
        self.figures.delay("late", (self.reactor.seconds() - due_s) * 1000)

    def _end_row(self) -> None:
        for bot in self.bots:
            if bot.game is not None:
                self._count_traffic(bot.game)
        games = [bot.game.player for bot in self.bots if bot.game is not None]
        links = [link for player in games if (link := player.statistics()) is not None]
        for link in links:
            if link.rtt_us is not None:
                self.figures.delay("link round trip", link.rtt_us / 1000)
        now = {"in_world": sum(player.world.stage is Stage.WORLD for player in games), "links": len(links)}
        since_s, self._row_s = self.clock() - self._row_s, self.clock()
        self.figures.count("bot_ms", round(now["in_world"] * since_s * 1000))
        self.figures.end_row(now, since_s)
        self._row_done(self.figures.rows[-2])

    def _count_traffic(self, game: Game) -> None:
        """What a session has moved since it was last asked; a new link counts anew."""
        now = Counter(bytes_received=game.received_bytes, bytes_sent=game.sent_bytes)
        if (link := game.statistics()) is not None:
            now.update(
                bytes_received=link.received_bytes,
                bytes_sent=link.sent_bytes,
                datagrams_received=link.received,
                datagrams_sent=link.sent,
                datagrams_lost=link.lost,
            )
        for name, count in (now - self._traffic.get(game, Counter())).items():
            self.figures.count(name, count)
        self._traffic[game] = now

    async def _goodbye(self) -> None:
        leaving = DeferredList([bot.hang_up() for bot in self.bots if bot.game is not None])
        await self._within(GOODBYE_S, leaving, "goodbyes_missing")
        for bot in self.bots:
            bot.cut()

    async def _within(self, seconds: float, done: "Deferred[Any]", otherwise: str) -> None:
        """Wait for it so long at most, whether it can be cancelled or not, and count it otherwise."""
        over: Deferred[bool] = Deferred()
        call = self.reactor.callLater(seconds, over.callback, False)

        def ended(_: Any) -> None:
            if not over.called:
                over.callback(True)

        done.addBoth(ended)
        if await over:
            call.cancel()
        else:
            self.figures.count(otherwise)


def _keep(times: dict[K, float], what: K, now_s: float, limit: int = STEPS_KEPT) -> None:
    """Note when it was, and forget the oldest."""
    times.pop(what, None)
    times[what] = now_s
    if len(times) > limit:
        del times[next(iter(times))]


def _cell(x: int, y: int) -> tuple[int, int]:
    """As coarse as a near word of a snapshot, 1/32 yard."""
    return x >> 1, y >> 1


def _words(error: BaseException) -> str:
    """The kind of a failure, few enough to be counted."""
    return str(error) if isinstance(error, Refused) else type(error).__name__


def _cpu_s() -> float:
    used = resource.getrusage(resource.RUSAGE_SELF)
    return used.ru_utime + used.ru_stime
