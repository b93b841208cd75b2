"""
Run a journal again: the same effects and the same state, or the first tick that differs.

    python -m bluemarble.tools.replay FILE --world-db sqlite:///world/world.sqlite
"""

import hashlib
from collections.abc import Iterator
from typing import Any, BinaryIO, NamedTuple

import click
from twisted.python.failure import Failure

import opcodes
from bluemarble.db import world as world_database
from bluemarble.db.errors import Unavailable
from bluemarble.db.pool import Database
from bluemarble.sim.content import USED, Content
from bluemarble.sim.effects import Effect, Input, Load, Save, Send
from bluemarble.sim.rules import Rules
from bluemarble.sim.world import World
from bluemarble.wire import journal
from bluemarble.wire.codec import codec
from opcodes.vocab import Packet


class Differs(Exception):
    """The replayed world is not the one that was recorded."""


class Result(NamedTuple):
    """
    Where a replay ended.

    @ivar effects: sha256 of every effect in order, packets as bytes.
    @ivar compared: digests in the journal that the state was compared with, all equal.
    @ivar faults: handlers that raised.
    """

    tick: int
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
    compared = faults = 0
    for effects, digest in steps(reader, world):
        for effect in effects:
            total.update(told(effect))
        faults += len(world.faults)
        if digest is not None:
            if world.digest() != digest.state:
                raise Differs(f"the state after tick {digest.tick} is not the recorded one")
            compared += 1
    return Result(world.tick, total.hexdigest(), world.digest().hex(), compared, faults, reader.cut)


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
    numbers = opcodes.version(journal.CANONICAL_BUILD).numbers | opcodes.native().numbers
    body = codec(type(packet)).encode(packet)
    return numbers[type(packet)].to_bytes(2, "little") + len(body).to_bytes(4, "little") + body


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


@click.command(help=__doc__)
@click.argument("file", type=click.File("rb"))
@click.option("--world-db", required=True, help="sqlite:///PATH or mysql://USER:PASS@HOST:PORT/NAME")
@click.option("--threads", default=1, type=click.IntRange(1, 16), help="As udp.world_threads.  Default: 1")
def main(file: BinaryIO, world_db: str, threads: int) -> None:
    """The command."""
    try:
        result = replay(file, content_of(world_db), threads)
    except (Differs, Unavailable, ValueError) as error:
        raise click.ClickException(str(error)) from error
    for name, value in result._asdict().items():
        click.echo(f"{name:10}{value}")
    if result.compared:
        click.echo("Equal: the state is the recorded one wherever the journal has a digest.")
    else:
        click.echo("Compared with nothing: the server did not live to write a digest.")


if __name__ == "__main__":
    main()
