"""
Run a journal again: the same effects and the same state, or the first tick after which it differs, and where.

    bluemarble replay FILE --dir world --threads 2
"""

import hashlib
import time
from collections.abc import Iterator
from typing import BinaryIO, NamedTuple

from bluemarble.servers import recording
from bluemarble.sim.content import Content
from bluemarble.sim.strain import tick_ms
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


def replay(source: BinaryIO, content: Content, threads: int = 1) -> Result:
    """
    All of a journal.

    @param threads: as of `began`.
    @raise Differs: with the tick.  @raise Malformed: it is damaged.
    """
    reader = journal.Reader(source)
    world = began(reader, content, threads)
    total = hashlib.sha256()
    began_at = last = world.tick
    compared = faults = real_ms = 0
    chain = chained(reader)
    for effects, digest in steps(reader, world, chain):
        for effect in effects:
            total.update(told(effect))
        if world.tick != last:  # else it is another digest of the same tick
            last = world.tick
            faults += len(world.faults)
            real_ms += tick_ms(world.strain)
        if digest is not None:
            compare(world, digest)
            compared += 1
    state = recording.digest(world).hex()
    ticks = world.tick - began_at
    return Result(
        world.tick, ticks, real_ms, total.hexdigest(), state, compared, chain.tick_count, faults, reader.cut
    )


def told_of(file: BinaryIO, world_db: str, threads: int = 1) -> Iterator[str]:
    """
    Lines on what came of a journal, and how fast.

    @param world_db: the URL of the world database it was recorded with.
    @raise Differs: as `replay`.  @raise ValueError: not a journal, or not a database.
    @raise Unavailable: the database cannot be reached.
    """
    content = content_of(world_db)
    began_s, cpu_s = time.perf_counter(), time.process_time()
    result = replay(file, content, threads)
    took_s, cpu_s = time.perf_counter() - began_s, time.process_time() - cpu_s
    for name, value in result._asdict().items():
        yield f"{name:10}{value}"
    yield (
        f"In {took_s:.2f} s, {cpu_s:.2f} s of CPU: {result.ticks / took_s:.0f} ticks a second, "
        f"{result.real_ms / 1000 / took_s:.0f} times as fast as it was."
    )
    if result.cut:
        yield "The journal was cut: this is as far as it goes, the end of its last whole block."
    if result.compared:
        yield "Equal: the state is the recorded one wherever the journal has a digest."
    else:
        yield "Compared with nothing: the server did not live to write a digest."
