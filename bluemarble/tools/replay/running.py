"""
Run a journal again: the same effects and the same state, or the first tick after which it differs, and where.

    bluemarble replay FILE --dir world --threads 2
"""

import hashlib
import time
from collections.abc import Iterable, Iterator
from typing import BinaryIO, NamedTuple, cast

from bluemarble.servers import recording
from bluemarble.sim.content import Content
from bluemarble.sim.effects import Effect
from bluemarble.sim.strain import tick_ms
from bluemarble.sim.world import World
from bluemarble.tools.replay.content import content_of
from bluemarble.tools.replay.stepping import began, chained, compare, steps, told
from bluemarble.wire import journal


class Result(NamedTuple):
    """
    Where a replay ended.

    @ivar ticks: so many were run; @ivar real_ms: how long they took when they were recorded.
    @ivar effects: sha256 of every effect in order, packets as bytes.
    @ivar state: `recording.digest` of the last tick's.
    @ivar compared: digests in the journal that the state was compared with, all equal.
    @ivar chained: ticks whose link of the journal's chain it was compared with, all equal.
    @ivar faults: handlers that raised.
    @ivar cut: the journal ends within a block: its server died, or its disk was full.
    """

    tick: int
    ticks: int
    real_ms: int
    effects: str
    state: str
    compared: int
    chained: int
    faults: int
    cut: bool


class Watch:
    """Looks on while a journal is run; this one sees nothing."""

    def began(self, world: World) -> None:
        """The world, before the first tick."""

    def came(self, record: journal.Tick) -> None:
        """Inputs of a tick, some time before it is stepped."""

    def stepped(self, world: World, effects: Iterable[Effect]) -> None:
        """The world after a tick."""


def replay(
    source: BinaryIO,
    content: Content,
    threads: int = 1,
    *,
    first: int | None = None,
    last: int | None = None,
    watch: Watch | None = None,
) -> Result:
    """
    All of a journal.

    @param threads: as of `began`.
    @param first: begin with the newest snapshot that is not after this tick.  @param last: no further.
    @raise Differs: with the tick.  @raise Malformed: it is damaged, or begins later than `first`.
    """
    reader = journal.Reader(source)
    if first is not None:
        reader.seek(first)
    world = began(reader, content, threads)
    watch = watch or Watch()
    watch.began(world)
    total = hashlib.sha256()
    began_at = before = world.tick
    compared = faults = real_ms = 0
    chain = chained(reader)
    for effects, digest in steps(cast(journal.Reader, _seen(reader, watch)), world, chain):
        for effect in effects:
            total.update(told(effect))
        if world.tick != before:  # else it is another digest of the same tick
            before = world.tick
            faults += len(world.faults)
            real_ms += tick_ms(world.strain)
            watch.stepped(world, effects)
        if digest is not None and digest.parts:
            compare(world, digest)
            compared += 1
        if world.tick == last:
            break
    state = recording.digest(world).hex()
    ticks = world.tick - began_at
    return Result(
        world.tick, ticks, real_ms, total.hexdigest(), state, compared, chain.tick_count, faults, reader.cut
    )


def _seen(reader: journal.Reader, watch: Watch) -> Iterator[journal.Entry]:
    for record in reader:
        if isinstance(record, journal.Tick):
            watch.came(record)
        yield record


class Timed(NamedTuple):
    """A result, and how long it took: seconds of the clock, and of CPU."""

    result: Result
    seconds: float
    cpu_s: float


def timed(
    source: BinaryIO,
    content: Content,
    threads: int = 1,
    *,
    first: int | None = None,
    last: int | None = None,
    watch: Watch | None = None,
) -> Timed:
    """As `replay`."""
    began_s, cpu_s = time.perf_counter(), time.process_time()
    result = replay(source, content, threads, first=first, last=last, watch=watch)
    return Timed(result, time.perf_counter() - began_s, time.process_time() - cpu_s)


def told_of(file: BinaryIO, world_db: str, threads: int = 1) -> Iterator[str]:
    """
    Lines on what came of a journal, and how fast.

    @param world_db: the URL of the world database it was recorded with.
    @raise Differs: as `replay`.  @raise ValueError: not a journal, or not a database.
    @raise Unavailable: the database cannot be reached.
    """
    yield from lines(timed(file, content_of(world_db), threads))


def lines(ran: Timed) -> Iterator[str]:
    """What came of it, for people."""
    result = ran.result
    for name, value in result._asdict().items():
        yield f"{name:10}{value}"
    yield (
        f"In {ran.seconds:.2f} s, {ran.cpu_s:.2f} s of CPU: {result.ticks / ran.seconds:.0f} ticks a second, "
        f"{result.real_ms / 1000 / ran.seconds:.0f} times as fast as it was."
    )
    if result.cut:
        yield "The journal was cut: this is as far as it goes, the end of its last whole block."
    if result.compared or result.chained:
        yield "Equal: what is said, and the state, wherever the journal tells of them."
    else:
        yield "Compared with nothing: there are no digests in it."
