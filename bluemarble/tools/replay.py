"""
Run a journal again: the same effects and the same state, or the first tick after which it differs, and where.

    bluemarble replay FILE --dir world --threads 2
"""

import hashlib
import time
from collections.abc import Iterator
from functools import cache
from typing import Any, BinaryIO, NamedTuple

from twisted.python.failure import Failure

import opcodes
from bluemarble.db import world as world_database
from bluemarble.db.pool import Database
from bluemarble.servers import recording
from bluemarble.sim import parts
from bluemarble.sim.content import USED, Content
from bluemarble.sim.effects import Effect, Input, Load, Save, Send
from bluemarble.sim.rules import Rules
from bluemarble.sim.strain import tick_ms
from bluemarble.sim.world import World
from bluemarble.wire import journal
from bluemarble.wire.codec import codec
from opcodes.vocab import Packet


class Differs(Exception):
    """The replayed world is not the one that was recorded."""


class Result(NamedTuple):
    """
    Where a replay ended.

    @ivar ticks: so many were run; @ivar real_ms: how long they took when they were recorded.
    @ivar effects: sha256 of every effect in order, packets as bytes.
    @ivar state: `recording.digest` of the last tick's.
    @ivar compared: digests in the journal that the state was compared with, all equal.
    @ivar faults: handlers that raised.
    @ivar cut: the journal ends within a record: its server died, or its disk was full.
    """

    tick: int
    ticks: int
    real_ms: int
    effects: str
    state: str
    compared: int
    faults: int
    cut: bool


def began(reader: journal.Reader, content: Content, threads: int = 1) -> World:
    """
    The world a journal begins with.

    @param threads: how many it may use; they change nothing of what it becomes.
    @raise Differs: the content is not what it was recorded on.
    """
    header = reader.header
    if content.hash.hex() != header.content:
        raise Differs(f"recorded on content {header.content[:16]}, this is {content.hash.hex()[:16]}")
    rules: dict[str, Any] = {name: tuple(v) if isinstance(v, list) else v for name, v in header.rules.items()}
    world = World(content, Rules(**rules), header.seed, threads)
    if reader.snapshot is not None:
        world.restore(reader.snapshot)  # type: ignore[arg-type]
    return world


def steps(reader: journal.Reader, world: World) -> Iterator[tuple[list[Effect], journal.Digest | None]]:
    """
    The effects of each tick; with it the journal's digest of the state after that tick, if it has one.

    @raise Differs: a record is of a tick that is over.
    """
    waiting: list[Effect] | None = None  # a step's effects, until we know whether a digest follows
    for record in reader:
        taken = isinstance(record, journal.Tick)
        if record.tick < world.tick + taken:
            raise Differs(f"a record of tick {record.tick} after tick {world.tick}")
        while world.tick < record.tick - taken:
            if waiting is not None:
                yield waiting, None
            waiting = world.step(())
        if isinstance(record, journal.Digest):
            yield waiting or [], record
            waiting = None
        else:
            if waiting is not None:
                yield waiting, None
            waiting = world.step([Input(session, packet) for session, packet in record.inputs])
    if waiting is not None:
        yield waiting, None


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
    for effects, digest in steps(reader, world):
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
    return Result(world.tick, ticks, real_ms, total.hexdigest(), state, compared, faults, reader.cut)


def compare(world: World, digest: journal.Digest) -> None:
    """
    The state with a journal's digest of it.

    @raise Differs: with the parts that do.
    """
    recorded = dict(digest.parts)
    differ = [
        parts.name(part)
        for part, content in parts.contents(world, (parts.Part(*key) for key in recorded))
        if journal.summed(content) != recorded[part]
    ]
    if differ:
        raise Differs(f"the state after tick {digest.tick} is not the recorded one: {'; '.join(differ)}")


def told(effect: Effect) -> bytes:
    """An effect as bytes that are the same wherever it is the same."""
    match effect:
        case Send(to, packet):
            return repr(("send", to)).encode() + _bytes(packet)
        case Load(session, question):
            return repr(("load", session)).encode() + _bytes(question)
        case Save(owner, writes, session):
            rows = [(w.table.__name__, sorted(w.key.items()), _values(w.values), w.insert) for w in writes]
            return repr(("save", owner, session, rows)).encode()
        case _:
            return repr((type(effect).__name__, *effect)).encode()


def _values(values: dict[str, Any] | None) -> list[tuple[str, Any]] | None:
    return None if values is None else sorted(values.items())


def _bytes(packet: Packet) -> bytes:
    body = codec(type(packet)).encode(packet)
    return _numbers()[type(packet)].to_bytes(2, "little") + len(body).to_bytes(4, "little") + body


@cache
def _numbers() -> dict[type[Packet], int]:
    return opcodes.version(journal.CANONICAL_BUILD).numbers | opcodes.native().numbers


def content_of(world_db: str) -> Content:
    """
    The content of a world database.

    @raise Unavailable: it cannot be reached.  @raise ValueError: not a URL of ours.
    """
    database = Database(world_db, executor="inline")
    found: list[Content | Failure] = []
    database.read(lambda connection: Content(*world_database.tables(connection, USED))).addBoth(found.append)
    database.close()
    if isinstance(found[0], Failure):
        found[0].raiseException()
    return found[0]


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
        yield "The journal was cut: this is as far as it goes."
    if result.compared:
        yield "Equal: the state is the recorded one wherever the journal has a digest."
    else:
        yield "Compared with nothing: the server did not live to write a digest."
