"""A journal that is run tick by tick, with a mark of each tick by which two runs are compared."""

import hashlib
import re
import traceback
from collections.abc import Iterator
from pathlib import Path
from typing import BinaryIO, NamedTuple, cast

from bluemarble.servers import recording
from bluemarble.sim.content import Content
from bluemarble.sim.effects import Effect
from bluemarble.tools.replay.cast import Cast
from bluemarble.tools.replay.moment import Moment, moment
from bluemarble.tools.replay.states import States
from bluemarble.tools.replay.stepping import Broken, began, frozen, steps, told
from bluemarble.wire import journal
from bluemarble.wire.codec import codec
from opcodes.vocab import Packet

MARK_BYTES = 8
RAISED = "raised"  # instead of a digest
ADDRESS = re.compile("0x[0-9a-f]+")
OURS = f"{Path(__file__).resolve().parents[2].name}/"


class Mark(NamedTuple):
    """
    What a tick said, and perhaps what it left.

    @ivar effects: of all effects in their order, hex.  @ivar state: of the whole state, hex; "": not asked.
    @ivar faults: what handlers raised, and where.
    """

    tick: int
    effects: str
    state: str = ""
    faults: tuple[str, ...] = ()


class Stage:
    """
    @param near: begin with the last snapshot that is not after this tick; None: at the beginning.
    @ivar cast: who has come so far.
    @ivar over: the journal has ended, or the step raised.
    @ivar reader: the journal's, its header and snapshot.
    @ivar world: as the last tick left it.
    """

    def __init__(self, source: BinaryIO, content: Content, threads: int = 1, near: int | None = None) -> None:
        self.reader = journal.Reader(source)
        if near is not None:
            self.reader.seek(max(near, self.reader.header.begins))
        self.world = began(self.reader, content, threads)
        self.cast = Cast(frozen(self.reader))
        self.over = False
        self._states = States()
        self.digests: list[journal.Digest] = []
        self._came: dict[int, list[tuple[int, type[Packet], bytes]]] = {}
        self._steps = steps(cast(journal.Reader, self._heard()), self.world)
        self._last: tuple[int, list[Effect]] = self.world.tick, []

    def step(self) -> Mark | None:
        """
        One tick.

        @return: None: there are no more.
        @raise Differs, Malformed: as of `steps`.
        """
        self._came.pop(self.world.tick, None)
        before, faults = self.world.tick, []
        try:
            for effects, digest in self._steps:
                if self.world.tick != before:
                    self._last = self.world.tick, effects
                    self.digests = [digest] if digest else []
                    faults = [fault(f.error, type(f.packet).__name__) for f in self.world.faults]
                    return Mark(self.world.tick, _hash(effects), "", tuple(faults))
                self.digests += [digest] if digest else []
        except Broken as broken:
            self.over = True
            return Mark(broken.tick, RAISED, RAISED, (fault(broken.__cause__ or broken, "the step"),))
        self.over = True
        return None

    def state(self) -> str:
        """Of the whole state, as it is."""
        return recording.digest(self.world).hex()[: 2 * MARK_BYTES]

    def moment(self) -> Moment:
        """The last tick as fields."""
        tick, effects = self._last
        came = [(session, codec(kind).decode(body)) for session, kind, body in self._came.get(tick, ())]
        return moment(self.world, self.cast, came, effects, self._states)

    def _heard(self) -> Iterator[journal.Entry]:
        """The journal's records; inputs are kept as bytes, for handlers may change them."""
        for record in self.reader:
            if isinstance(record, journal.Tick):
                self._came[record.tick] = [
                    (session, type(packet), codec(type(packet)).encode(packet))
                    for session, packet in record.inputs
                ]
                for session, packet in record.inputs:
                    self.cast.hear(session, packet)
            yield record


def _hash(effects: list[Effect]) -> str:
    total = hashlib.sha256()
    for effect in effects:
        total.update(told(effect))
    return total.hexdigest()[: 2 * MARK_BYTES]


def fault(error: BaseException, packet: str) -> str:
    """What was raised, by which packet, and the innermost place of ours that it went through."""
    frames = traceback.extract_tb(error.__traceback__)
    ours = [it for it in frames if OURS in it.filename] or frames
    where = f"{ours[-1].filename.rpartition(OURS)[2]} {ours[-1].name}" if ours else "nowhere"
    said = ADDRESS.sub("0x", str(error))  # it is another one in each process
    return f"{packet}: {type(error).__name__} in {where}: {said}"
