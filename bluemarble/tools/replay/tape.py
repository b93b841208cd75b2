"""
A journal in memory, to be taken apart and put together again.

An atom is one input.  What came over all links in a tick is one packet in a journal, NMSG_MOVES; here each
record of it is an atom of the session whose link that is.
"""

import io
from collections.abc import Iterable, Iterator
from itertools import groupby
from typing import BinaryIO, NamedTuple

from bluemarble.tools.replay.cast import OURS, Cast, present
from bluemarble.tools.replay.fields import MOVE
from bluemarble.tools.replay.stepping import frozen
from bluemarble.wire import journal
from bluemarble.wire.journal import Header
from opcodes.cluster import NMSG_ENTER_WORLD, NMSG_WORLD, PlayerState
from opcodes.links import MOVES_LIMIT, NMSG_MOVES, NMSG_UDP_ATTACHED
from opcodes.vocab import Packet

INPUTS_LIMIT = 10_000_000  # in memory: two gigabytes
SETTLE_TICKS = 100  # after coming in: five seconds, until a client has loaded
MOVES_MOST = MOVES_LIMIT - MOVES_LIMIT % MOVE.size


class Atom(NamedTuple):
    """One input, and the tick it reached the world in."""

    tick: int
    session: int
    packet: Packet


class Tape(NamedTuple):
    """
    @ivar first: the tick of the snapshot, 0 without one.  @ivar last: the tick to run to.
    @ivar cut: the file ended within a record.
    """

    header: Header
    snapshot: NMSG_WORLD | None
    first: int
    last: int
    atoms: list[Atom]
    cut: bool = False

    def cast(self) -> Cast:
        """Everyone who comes in it."""
        cast = Cast(self.snapshot)
        for atom in self.atoms:
            cast.hear(atom.session, atom.packet)
        return cast

    def to(self, tick: int) -> "Tape":
        """No further than that tick."""
        return self._replace(last=tick, atoms=[it for it in self.atoms if it.tick <= tick])


def load(source: BinaryIO, begin: int | None = None, end: int | None = None) -> Tape:
    """
    A journal's inputs.

    @param begin: with the last snapshot not after this tick, and with no input before or in it; None: as the
        journal begins.
    @param end: no further than this tick.
    @raise Malformed: it is none, or damaged.  @raise ValueError: over INPUTS_LIMIT inputs.
    """
    reader = journal.Reader(source)
    if begin is not None:
        reader.seek(begin)
    snapshot = frozen(reader)
    first = last = snapshot.tick if snapshot is not None else 0
    cast = Cast(snapshot)
    atoms: list[Atom] = []
    for record in reader:
        if end is not None and record.tick > end:
            break
        last = max(last, record.tick)
        if isinstance(record, journal.Tick):
            for session, packet in record.inputs:
                cast.hear(session, packet)
                if begin is None or record.tick > begin:
                    atoms += split(record.tick, session, packet, cast)
            if len(atoms) > INPUTS_LIMIT:
                raise ValueError(f"over {INPUTS_LIMIT} inputs: `bluemarble replay cut` takes a part of them")
    return Tape(reader.header, snapshot, first, last, atoms, reader.cut)


def span(source: BinaryIO) -> tuple[int, int]:
    """
    After which tick a journal begins, and its last one; the source is at its beginning afterwards.

    @raise Malformed: it is none.
    """
    source.seek(0)
    reader = journal.Reader(source)
    first = reader.snapshot.tick if reader.snapshot is not None else 0
    last = max((it.last for it in reader.index()), default=first)
    source.seek(0)
    return first, last


def split(tick: int, session: int, packet: Packet, cast: Cast) -> Iterator[Atom]:
    """An input as atoms."""
    if not isinstance(packet, NMSG_MOVES):
        yield Atom(tick, session, packet)
        return
    whole = len(packet.moves) - len(packet.moves) % MOVE.size
    for at in range(0, whole, MOVE.size):
        cid = int.from_bytes(packet.moves[at : at + 4], "little")
        yield Atom(tick, cast.links.get(cid, OURS), NMSG_MOVES(moves=packet.moves[at : at + MOVE.size]))


def inputs(atoms: Iterable[Atom]) -> Iterator[tuple[int, list[tuple[int, Packet]]]]:
    """Each tick that has some, and its inputs as a journal has them."""
    for tick, those in groupby(atoms, lambda it: it.tick):
        came: list[tuple[int, Packet]] = []
        for moving, some in groupby(those, lambda it: isinstance(it.packet, NMSG_MOVES)):
            if not moving:
                came += [(it.session, it.packet) for it in some]
                continue
            moves = b"".join(it.packet.moves for it in some)  # type: ignore[attr-defined]
            came += [
                (OURS, NMSG_MOVES(moves=moves[at : at + MOVES_MOST]))
                for at in range(0, len(moves), MOVES_MOST)
            ]
        yield tick, came


def save(tape: Tape, out: BinaryIO) -> None:
    """As a journal without digests; its last tick is in it, so that it runs as far."""
    begins = None if tape.snapshot is None else journal.Snapshot(tape.first, tape.snapshot)
    writer = journal.Writer(out, tape.header._replace(begins=0), begins)
    for tick, came in inputs(tape.atoms):
        writer.tick(tick, came)
    writer.digest(tape.last, [])
    writer.flush()


def saved(tape: Tape) -> bytes:
    """The same, as bytes."""
    out = io.BytesIO()
    save(tape, out)
    return out.getvalue()


def from_the_start(tape: Tape) -> Tape:
    """
    The same without its snapshot: everybody in it comes in, in the first tick, as their characters stood.

    It is not the same world: creatures are where they begin, and nobody remembers what had been said.
    """
    if tape.snapshot is None:
        return tape
    came = [atom for player in present(tape.snapshot) for atom in _coming(player)]
    shift = SETTLE_TICKS - tape.first
    later = [it._replace(tick=it.tick + shift) for it in tape.atoms]
    came.sort(key=lambda it: it.tick)
    return tape._replace(snapshot=None, first=0, last=tape.last + shift, atoms=came + later)


def _coming(player: PlayerState) -> Iterator[Atom]:
    names = "gmlevel", "build", "server_time", "account_data_times", "tutorials", "muted_until", "character"
    yield Atom(1, player.session, NMSG_ENTER_WORLD(**{name: getattr(player, name) for name in names}))
    if player.cid:
        yield Atom(SETTLE_TICKS, player.session, NMSG_UDP_ATTACHED(cid=player.cid))
