"""A journal made into another one: parts of it, some of its inputs; and run once, to have digests."""

import io
from collections.abc import Iterable, Iterator
from fnmatch import fnmatchcase
from itertools import chain
from typing import BinaryIO, NamedTuple

from bluemarble.servers.revision import revision
from bluemarble.sim import parts
from bluemarble.sim.content import Content
from bluemarble.sim.effects import Effect, Input
from bluemarble.sim.rules import TICK_MS
from bluemarble.sim.world import World
from bluemarble.tools.replay.cast import OURS
from bluemarble.tools.replay.running import Watch, replay
from bluemarble.tools.replay.stage import Stage, fault
from bluemarble.tools.replay.stepping import began, chained, stepped
from bluemarble.tools.replay.tape import Atom, Tape, load, saved, span
from bluemarble.wire import journal
from bluemarble.wire.codec import codec
from opcodes.cluster import NMSG_WORLD
from opcodes.links import NMSG_MOVES
from opcodes.orders import MSG_MOVE_TELEPORT_ACK, MSG_MOVE_WORLDPORT_ACK
from opcodes.vocab import Packet

DIGEST_TICKS = 1000 // TICK_MS
LOOK_TICKS = 10  # so often is looked who is in an area
ANSWERS = (
    MSG_MOVE_TELEPORT_ACK,
    MSG_MOVE_WORLDPORT_ACK,
)  # without them a player is between two places for ever


class Circle(NamedTuple):
    """An area of a map; radius_yards 0: all of it."""

    map: int
    x: float = 0.0
    y: float = 0.0
    radius_yards: float = 0.0

    def holds(self, x: float, y: float) -> bool:
        """Whether a place of the map is in it."""
        near = (x - self.x) ** 2 + (y - self.y) ** 2 <= self.radius_yards**2
        return near or not self.radius_yards


def cut(source: BinaryIO, content: Content, first: int | None, last: int | None) -> Tape:
    """
    What came after one tick, up to another; it begins with a snapshot of the first.

    No more than that is held in memory, however long the journal is.

    @param source: of a journal.  @param first, last: None: where it begins and ends.
    @raise LookupError: the journal has no such ticks.  @raise Differs, Malformed, Broken: as of Stage.
    @raise ValueError: as of `load`.
    """
    begins, ends = span(source)
    first, last = begins if first is None else first, ends if last is None else last
    if not begins <= first < last <= ends:
        raise LookupError(f"no ticks {first} to {last}: the journal has {begins} to {ends}")
    if first == begins:
        return load(source, end=last)._replace(last=last)
    tape = load(source, first, last)
    source.seek(0)
    stage = Stage(source, content, near=first)
    while stage.world.tick < first and stage.step() is not None:
        pass
    form = codec(NMSG_WORLD)
    snapshot = form.decode(form.encode(stage.world.snapshot()))
    return tape._replace(snapshot=snapshot, first=first, last=last)


def chosen(
    tape: Tape, packets: Iterable[str] = (), without: Iterable[str] = (), sessions: set[int] | None = None
) -> Tape:
    """
    Some of its inputs.

    @param packets: patterns of names, as MSG_MOVE_*: only these, and what it takes to be in the world at
        all: our own packets but for moves, and answers to teleports.  None: all.
    @param without: patterns of names that are left out, whatever they are.
    @param sessions: only these, and the server's own.  None: all.
    """
    only, never = tuple(packets), tuple(without)

    def stays(atom: Atom) -> bool:
        name, packet = type(atom.packet).__name__, atom.packet
        life = (name.startswith("NMSG_") and not isinstance(packet, NMSG_MOVES)) or isinstance(
            packet, ANSWERS
        )
        theirs = sessions is None or atom.session in sessions or atom.session == OURS
        return theirs and not _named(name, never) and (not only or life or _named(name, only))

    return tape._replace(atoms=[it for it in tape.atoms if stays(it)])


def _named(name: str, patterns: Iterable[str]) -> bool:
    return any(fnmatchcase(name, it) for it in patterns)


class Visitors(Watch):
    """@ivar sessions: of everyone who was in an area at some time."""

    def __init__(self, area: Circle) -> None:
        self.area = area
        self.sessions: set[int] = set()

    def stepped(self, world: World, effects: Iterable[Effect]) -> None:
        """Now and then: who is there."""
        zone = world.zones.get(self.area.map)
        if zone is not None and world.tick % LOOK_TICKS == 0:
            for session, player in zone.players.items():
                if session not in self.sessions and self.area.holds(*player.place()[:2]):
                    self.sessions.add(session)


def visitors(tape: Tape, content: Content, area: Circle) -> set[int]:
    """Sessions of everyone who was in an area at some time."""
    seen = Visitors(area)
    replay(io.BytesIO(saved(tape)), content, watch=seen)
    return seen.sessions


class Made(NamedTuple):
    """
    A journal that was made.

    @ivar faults: what handlers raised when it was run.
    """

    inputs: int
    ticks: int
    faults: list[str]


def made(tape: Tape, content: Content, out: BinaryIO) -> Made:
    """
    Run it on this software, and write it with the chain and the digests that come of it.

    @raise Differs: it is of another content.  @raise Broken: a step raises.
    """
    reader = journal.Reader(io.BytesIO(saved(tape)))
    world, linked = began(reader, content), chained(reader)
    header = reader.header._replace(revision=revision(), begins=0)
    writer = journal.Writer(out, header, reader.snapshot)
    faults: list[str] = []
    for came in _each(reader, world, tape.last):
        writer.tick(world.tick + 1, came)
        inputs = [Input(*it) for it in came]
        effects = stepped(world, inputs)
        faults += [fault(it.error, type(it.packet).__name__) for it in world.faults]
        writer.chain(world.tick, linked.stepped(world, inputs, effects))
        if world.tick % DIGEST_TICKS == 0:
            some = parts.some(world, world.tick // DIGEST_TICKS)
            writer.digest(world.tick, parts.contents(world, some))
    writer.digest(world.tick, parts.contents(world, parts.whole(world)))
    writer.flush()
    return Made(len(tape.atoms), tape.last - tape.first, faults)


def _each(reader: journal.Reader, world: World, last: int) -> Iterator[list[tuple[int, Packet]]]:
    """The inputs of each tick, to be stepped before the next is asked for."""
    for record in chain((it for it in reader if isinstance(it, journal.Tick)), [journal.Tick(last + 1, [])]):
        while world.tick < record.tick - 1:
            yield []
        if record.tick <= last:
            yield list(record.inputs)
