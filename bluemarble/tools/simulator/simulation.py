"""
One simulation from its plan to its outcome.

First things go wrong; then all is well, and everybody must be able to play, with a true picture of what is
around; then everything is stopped, and the databases must hold what was promised.
"""

import tempfile
import traceback
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any, NamedTuple

from twisted.logger import ILogObserver, LogLevel, globalLogPublisher
from zope.interface import implementer

from bluemarble.db.errors import Refused, Unavailable
from bluemarble.tools.simulator import faults
from bluemarble.tools.simulator.books import Books
from bluemarble.tools.simulator.bots import TWIN, Bot
from bluemarble.tools.simulator.datagrams import Datagrams
from bluemarble.tools.simulator.ledger import Finding
from bluemarble.tools.simulator.plan import Plan
from bluemarble.tools.simulator.process import BEGIN_S, World
from bluemarble.tools.simulator.server import Server, copy
from bluemarble.tools.simulator.storage import Storage
from bluemarble.tools.simulator.streams import Streams as Network
from bluemarble.tools.simulator.watching import Watch

CALM_S = 150.0  # from when all is well: everybody plays
PICTURE_S = 15.0  # from then: what everybody is shown is true
STOP_S = 60.0
RESTART_S = 0.1  # of systemd's on-failure


class Outcome(NamedTuple):
    """
    What became of a plan.

    @ivar findings: invariants that did not hold; the first one ended it.
    @ivar digest: of everything that happened; @ivar counts: how often what did.
    @ivar seconds: how long it was, of its own time; @ivar lines: everything in words, if asked for.
    """

    plan: Plan
    findings: tuple[Finding, ...]
    digest: str
    counts: Counter[str]
    seconds: float
    lines: tuple[str, ...] = ()


def simulate(plan: Plan, template: Path, *, telling: bool = False) -> Outcome:
    """
    Run a plan.

    @param template: a folder with databases, of `server.make_template`.
    @param telling: keep everything that happens in words.
    """
    with tempfile.TemporaryDirectory(prefix="bluemarble-", dir=_memory()) as folder:
        copy(template, Path(folder))
        simulation = Simulation(plan, Path(folder))
        simulation.world.trace.telling = telling
        with simulation.storage.failing():
            simulation.run()
        return simulation.outcome()


def _memory() -> str | None:
    """Where files cost no disk, if there is such a place."""
    return "/dev/shm" if Path("/dev/shm").is_dir() else None


@implementer(ILogObserver)
class Simulation:
    """
    A plan that is being run.

    @ivar bots: by number; @ivar server: the one that runs, or is being opened; None between two.
    """

    def __init__(self, plan: Plan, folder: Path) -> None:
        self.plan, self.folder = plan, folder
        self.world = World(plan.seed)
        self.world.streams = Network(self.world, plan.delay_s, plan.jitter_s, plan.split)
        self.world.datagrams = Datagrams(self.world, plan.weather)
        self.storage = Storage(self.world, plan.database_s)
        self.server: Server | None = None
        self.findings: list[Finding] = []
        self.books = Books(self.found)
        self.storage.put_away = self.books.saves.put_away
        self.bots = {
            number: Bot(self.world, number, number in plan.over_udp, self.books) for number in plan.bots
        }
        self._servers: list[Server] = []  # those that are gone, too: what they left is collected at the end
        self._second: Server | None = None
        self._watch: Watch | None = None
        self._calm = self._stopping = False

    def found(self, name: str, words: str) -> None:
        """An invariant does not hold."""
        words = words.replace(str(self.folder), "")
        self.world.trace.note("finding", name, words)
        self.findings.append(Finding(name, self.world.clock.seconds() - BEGIN_S, words))

    def outcome(self) -> Outcome:
        """What has come of it."""
        trace = self.world.trace
        counts = Counter(trace.counts)
        counts.update(self.books.counts())
        for server in self._servers:
            counts.update(server.services.world.gateway.counts)
        seconds = self.world.clock.seconds() - BEGIN_S
        return Outcome(self.plan, tuple(self.findings), trace.digest, counts, seconds, tuple(trace.lines))

    # The course of it

    def run(self) -> None:
        """All of it, or until an invariant does not hold."""
        globalLogPublisher.addObserver(self)
        try:
            for part in (self._storm, self._play, self._look, self._close):
                if not self.findings:
                    part()
        except Exception:  # a mistake here: the seed that shows it is worth as much
            self.found("the simulator itself", traceback.format_exc())
        finally:
            globalLogPublisher.removeObserver(self)

    def _storm(self) -> None:
        clock = self.world.clock
        self.open_server()
        for fault in self.plan.faults:
            clock.callLater(fault.at_s, self._fault, fault)
        for bot in self.bots.values():
            bot.born()
        self._pass(self.plan.seconds)

    def _play(self) -> None:
        """All is well: everybody gets into the world."""
        self._calm = True
        faults.heal(self)
        for bot in self.bots.values():
            bot.calm = True
            if bot in self._wanted():
                bot.born()
            else:
                bot.die()
        if not self._pass(CALM_S, self._all_settled):
            missing = ", ".join(str(bot) for bot in self._wanted() if not bot.settled())
            server = "" if self.server is not None and self.server.ready else ", and no server"
            self.found("all can play once all is well", f"{missing or 'nobody'} cannot{server}")

    def _wanted(self) -> list[Bot]:
        """Those who must get in: no second ones of an account, and no more than there are places."""
        limit = self.plan.settings["world"]["player_limit"]
        return [bot for bot in self.bots.values() if bot.number < TWIN][: limit or None]

    def _all_settled(self) -> bool:
        ready = self.server is not None and self.server.ready
        return ready and all(bot.settled() for bot in self._wanted())

    def _look(self) -> None:
        """Everybody stands: what each is shown is what is there."""
        if not self._pass(PICTURE_S, self._pictures_true):
            self.found("pictures come true", self._untrue())

    def _pictures_true(self) -> bool:
        return not self._untrue()

    def _untrue(self) -> str:
        assert self._watch is not None
        pictures = self._watch.pictures()
        for bot in self._wanted():
            if bot.udp and bot.game is not None:
                others = bot.game.player.others.by_slot.values()
                shown, guid = {other.guid for other in others}, bot.game.player.world.guid
                real = pictures.get(guid, set()) - {guid}
                if shown - {guid} != real:
                    more, less = sorted(shown - real - {guid}), sorted(real - shown)
                    return f"{bot} sees {more}, which is not there, and not {less}"
        return ""

    def _close(self) -> None:
        """The server stops as told; the databases hold everything, if need be after one more start."""
        for bot in self.bots.values():
            bot.calm = False  # they need not be in to be saved
            bot.die()
        while not self.findings:
            unwritten = self._stopped()
            if not unwritten or self.findings:
                break
            self.open_server()
            if not self._pass(CALM_S, lambda: self.server is not None and self.server.ready):
                self.found("the server starts", f"not within {CALM_S:.0f} s")
        if not self.findings:
            self.books.saves.check(self.folder, all_of_it=True)
            self._check()

    def _stopped(self) -> bool:
        """Stop the server; whether it has left writes for its next start."""
        assert self.server is not None
        disk = self.server.disk
        stopped: list[bool] = []
        self.stop(lambda: stopped.append(True))
        if not self._pass(STOP_S, lambda: bool(stopped)):
            self.found("the server stops", f"not within {STOP_S:.0f} s")
        return disk.size_bytes() > 0

    def _check(self) -> None:
        self.books.belongings.check(self.folder)
        self.books.characters.check(self.folder)

    def _pass(self, seconds: float, done: Callable[[], bool] = lambda: False) -> bool:
        """Let time pass until it is done, or something was found; whether it was done."""
        clock = self.world.clock
        clock.run(clock.seconds() + seconds, lambda: bool(self.findings) or done())
        return bool(self.findings) or done()

    def _fault(self, fault: Any) -> None:
        if not self._calm:
            faults.apply(self, fault)

    # The server

    def open_server(self) -> None:
        """Start one, if none runs."""
        if self.server is None and not self._stopping:
            self.server = self._new(self._opened)
            self.server.start()

    def open_second(self) -> None:
        """Somebody starts another one meanwhile, on the same databases: it must refuse to."""
        if self.server is not None and self.server.ready and self._second is None:
            self._second = self._new(self._opened_second)
            self._second.start()

    def crash(self) -> None:
        """Kill the one that runs."""
        if self.server is not None and not self._stopping:
            self._end_second()
            server, self.server, self._watch = self.server, None, None
            self.world.trace.note("crash", server.process.name)
            server.kill()

    def stop(self, then: Callable[[], Any]) -> None:
        """Stop the one that runs."""
        if self.server is None or self._stopping:
            return
        self._end_second()
        server = self.server
        self._stopping = True
        self.world.trace.note("stop", server.process.name)

        def stopped(_: None) -> None:
            self._stopping = False
            self.server = self._watch = None
            self.world.trace.note("stopped", server.process.name)
            then()

        server.stop().addCallback(stopped)

    def revive(self, bot: Bot) -> None:
        """A bot that has died comes back."""
        if not self._calm:
            bot.born()

    def _new(self, opened: Callable[[Server], None]) -> Server:
        server = Server(self.world, self.storage, self.folder, len(self._servers), self.plan.settings, opened)
        self._servers.append(server)
        return server

    def _opened(self, server: Server) -> None:
        """It is ready: what the last one promised is there; or it gave up, and is started again."""
        if server.why is not None:
            why = server.why.getErrorMessage().replace(str(self.folder), "")
            self.world.trace.note("gave up", server.process.name, why)
            if not server.why.check(Unavailable) or server.why.check(Refused):
                self.found("the server starts", server.why.getErrorMessage())
            self.stop(lambda: self.world.clock.callLater(RESTART_S, self.open_server))
            return
        self.world.trace.note("ready", server.process.name)
        saves = self.books.saves
        saves.uncertain = server.services.world.behind.away
        if not saves.uncertain:
            saves.check(self.folder)
            saves.forget_unwritten(self.folder)
        self.books.kept.reopened(self.folder, certain=not saves.uncertain)
        self._check()
        self._watch = Watch(server, self.books)

    def _opened_second(self, server: Server) -> None:
        if server.why is None:
            self.found("one server for a realm", "a second one runs beside the first")
        elif not server.why.check(Unavailable):
            self.found("one server for a realm", f"a second one says {server.why.getErrorMessage()}")

    def _end_second(self) -> None:
        """It was started beside the first, and does not outlive it: what would then be is another story."""
        second, self._second = self._second, None
        if second is not None and not second.stopped:
            second.kill()

    # What is written down

    def __call__(self, event: dict[str, Any]) -> None:
        """A traceback is a mistake, whatever else happens."""
        level = event.get("log_level", LogLevel.info)
        failure = event.get("log_failure")
        if failure is not None and level in (LogLevel.error, LogLevel.critical):
            where = failure.tb.tb_frame.f_code.co_name if failure.tb else ""
            self.found("no tracebacks", f"{event.get('log_namespace')}: {failure.value!r} {where}".rstrip())
