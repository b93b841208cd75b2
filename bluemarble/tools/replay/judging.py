"""`replay run`: what came of a journal, for people, for programs and as a page."""

import contextlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, BinaryIO, NamedTuple

from bluemarble.sim.content import Content
from bluemarble.sim.effects import Effect
from bluemarble.sim.world import World
from bluemarble.tools.replay.content import content_of
from bluemarble.tools.replay.differing import differing, differing_told
from bluemarble.tools.replay.report import page
from bluemarble.tools.replay.running import Timed, lines, timed
from bluemarble.tools.replay.stage import fault
from bluemarble.tools.replay.stepping import Broken, Differs
from bluemarble.tools.replay.telling import Progress, progress, some
from bluemarble.tools.replay.watching import Watching
from bluemarble.wire import journal


class Asked(NamedTuple):
    """
    @ivar first, last, threads: as of `replay`.  @ivar report: where a page goes; None: nowhere.
    @ivar every: all lines of long lists.
    """

    file: Path
    threads: int = 1
    first: int | None = None
    last: int | None = None
    report: Path | None = None
    every: bool = False


class Looking(Watching):
    """
    @param much: everything that a page shows; else only what was raised.
    @ivar world: that is run, as far as it came.
    """

    def __init__(self, much: bool, tell: Progress) -> None:
        super().__init__()
        self.much, self._tell = much, tell
        self.world: World | None = None

    def began(self, world: World) -> None:
        """The world it will be."""
        self.world = world
        super().began(world)

    def came(self, record: journal.Tick) -> None:
        """Inputs."""
        if self.much:
            super().came(record)

    def stepped(self, world: World, effects: Iterable[Effect]) -> None:
        """A tick."""
        if self.much or world.faults:
            super().stepped(world, effects)
        if world.tick % 64 == 0:
            self._tell(world.tick)


def judged(asked: Asked, where: str) -> tuple[dict[str, Any], Iterable[str]]:
    """
    Run it.

    @param where: as of `content_of`.
    @return: what programs are told: `status` is same, differs or raised; and lines for people.
    @raise Differs: it cannot be run here.  @raise ValueError, Unavailable: as `told_of`.
    """
    content = content_of(where)
    with contextlib.ExitStack() as stack:
        file = stack.enter_context(asked.file.open("rb"))
        tell = stack.enter_context(progress("replaying", asked.last or last_tick(file)))
        seen = Looking(asked.report is not None, tell)
        limits = {"first": asked.first, "last": asked.last}
        try:
            ran = timed(file, content, asked.threads, watch=seen, **limits)
        except Differs as differs:
            if differs.tick is None:
                raise
            return _differs(asked, content, seen, differs, differs.tick)
        except Broken as broken:
            return _breaks(asked, seen, broken)
    said = {**ran.result._asdict(), "seconds": ran.seconds, "cpu_s": ran.cpu_s}
    said |= {"status": "raised" if ran.result.faults else "same", "raised": seen.faults}
    told = list(lines(ran))
    told += some([f"  tick {tick}: {what}" for tick, what in seen.faults], asked.every)
    _report(asked, seen, told[-1], ran, None)
    return said, told


def last_tick(file: BinaryIO) -> int | None:
    """How far a journal goes; the file is where it was.  @raise Malformed: it is none."""
    blocks = journal.Reader(file).index()
    file.seek(0)
    return max((it.last for it in blocks), default=None)


def _differs(
    asked: Asked, content: Content, seen: Looking, why: Differs, tick: int
) -> tuple[dict[str, Any], Iterator[str]]:
    _report(asked, seen, str(why), None, tick)
    found = differing(asked.file, content, tick, asked.first)
    said = {**found, "differences": [it._asdict() for it in found["differences"]]}
    said |= {"status": "differs", "why": str(why), "raised": seen.faults}

    def told() -> Iterator[str]:
        yield f"Error: {why}"
        yield from differing_told(found, asked.every)

    return said, told()


def _breaks(asked: Asked, seen: Looking, broken: Broken) -> tuple[dict[str, Any], list[str]]:
    seen.faults.append((broken.tick, fault(broken.__cause__ or broken, "the step")))
    _report(asked, seen, str(broken), None, broken.tick)
    told = [f"Error: {broken}, which ends a server", *(f"  tick {n}: {what}" for n, what in seen.faults)]
    return {"status": "raised", "tick": broken.tick, "why": str(broken), "raised": seen.faults}, told


def _report(asked: Asked, seen: Looking, verdict: str, ran: Timed | None, differs: int | None) -> None:
    if asked.report is None or seen.world is None:
        return
    seen.end(seen.world)
    fine = differs is None and not seen.faults
    figures = {} if ran is None else ran.result._asdict()
    asked.report.write_text(page(asked.file.name, verdict, fine, figures, seen, differs), encoding="utf-8")
