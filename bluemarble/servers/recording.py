"""A journal as a running server writes it: its files, its digests, its snapshots."""

import contextlib
import hashlib
import os
import re
from collections.abc import Callable, Iterable, Iterator
from itertools import count
from pathlib import Path
from typing import TYPE_CHECKING, BinaryIO

from twisted.logger import Logger

from bluemarble.servers.chain import Linked
from bluemarble.servers.freezing import Child, Freezes, Inline
from bluemarble.servers.masking import Mask
from bluemarble.sim import parts
from bluemarble.sim.effects import Effect, Input
from bluemarble.sim.rules import TICK_MS
from bluemarble.sim.world import World
from bluemarble.wire.codec import codec
from bluemarble.wire.journal import SUFFIX, Header, Snapshot, Writer, beginning, summed

if TYPE_CHECKING:  # replay starts processes that need this and no configuration
    from bluemarble.settings import Journal

FLUSH_TICKS = 1000 // TICK_MS  # a crash loses at most a second
REST_TICKS = 10_000 // TICK_MS  # between two snapshots at least
OURS = re.compile(rf"(\d+)(-map\d+)?{re.escape(SUFFIX)}")  # the names that `_created` gives
MIB = 1 << 20


class Files:
    """
    Where blocks go: the file that is being written, and the next one from where it will begin.

    @ivar path: of the file; None before there is one.
    @ivar size: its bytes; @ivar since: the tick it begins after.
    """

    def __init__(self, directory: Path, wall_s: Callable[[], float], ending: str) -> None:
        self.directory, self.path = directory, Path()
        self._wall_s, self._ending = wall_s, ending
        self._out: BinaryIO | None = None
        self._held: list[bytes] | None = None
        self.size = self.since = 0

    def write(self, block: bytes) -> int:
        """Append a block."""
        if self._held is not None:
            self._held.append(block)
        if self._out is not None:
            self._out.write(block)
            self.size += len(block)
        return len(block)

    def hold(self) -> None:
        """What is written from now on belongs into the next file, too."""
        self._held = []

    def turn(self, head: bytes, since: int) -> None:
        """The next file, with all that was held; the last one is complete."""
        held, self._held = self._held or [], None
        self.close()
        self.directory.mkdir(parents=True, exist_ok=True)
        self.path, self._out = _created(self.directory, int(self._wall_s()), self._ending)
        self.size, self.since = 0, since
        for block in (head, *held):
            self.write(block)
        self.flush()

    def let_go(self) -> None:
        """There is no next file after all."""
        self._held = None

    def flush(self) -> None:
        """What was written is the system's now, and outlives us."""
        if self._out is not None:
            self._out.flush()

    def close(self) -> None:
        """The file, if there is one."""
        out, self._out = self._out, None
        if out is not None:
            out.close()

    def prune(self, keep_bytes: int, spared: Iterable[Path]) -> None:
        """
        Delete the oldest of the directory's journals until the others are no more than that.

        What has a name that we do not give stays, and so does what is still written: `spared`.
        """
        names = [found for it in self.directory.iterdir() if (found := OURS.fullmatch(it.name))]
        paths = [self.directory / it[0] for it in sorted(names, key=lambda it: int(it[1]))]
        sizes = {it: it.stat().st_size for it in paths}
        left, spared = sum(sizes.values()), {self.path, *spared}
        for path in paths:
            if left > keep_bytes and path not in spared:
                path.unlink(missing_ok=True)
                left -= sizes[path]


class Recording:
    """
    Every tick's inputs into files of a directory; whatever goes wrong ends the journal, never the world.

    A file is named by the unix second of its start, or by the next that is free: the order of the names is
    the order of the starts.  Each begins with a snapshot, or with a new world, and can be replayed alone.

    @param header: what the world is made of.
    @param world: the one that is recorded, between two ticks.
    @param wall_s: unix time.  @param freezes: makes snapshots beside the world, or at once.
    @param alone: the one map whose zone is recorded; None: all of the world.
    @param others: the newest files of other journals in the directory.
    @param secret: what passwords are hashed with; random.
    @ivar on: whether it goes on; @ivar fault: why it went no further, "" while nothing was wrong.
    """

    log = Logger()

    def __init__(
        self,
        directory: Path,
        header: Header,
        settings: "Journal",
        world: World,
        wall_s: Callable[[], float],
        *,
        alone: int | None = None,
        others: Callable[[], Iterable[Path]] = tuple,
        freezes: Freezes = Child,
        secret: bytes | None = None,
    ) -> None:
        self.settings, self.on, self.alone = settings, True, alone
        self.fault = ""
        self._world = world
        self.mask = Mask(os.urandom(16) if secret is None else secret, settings.mask_chat)
        self._header = header._replace(masked=settings.mask_chat, map=-1 if alone is None else alone)
        self._freezes, self._others = freezes, others
        self._child: Child | Inline | None = None
        self._turning = False
        self._frozen_tick = world.tick
        self._inputs: list[Input] = []
        self._written = self._lost = False
        self._chain = Linked(masked=settings.mask_chat, alone=alone)
        for kind in parts.RECORDS:  # their codecs are written now, not in a tick
            codec(kind)
        self._files = Files(directory, wall_s, SUFFIX if alone is None else f"-map{alone}{SUFFIX}")
        self._writer = Writer(self._files, self._header)  # whose header is lost: each file has its own
        with self._ending("has no beginning"):
            directory.mkdir(parents=True, exist_ok=True)
            if world.tick:
                self._freeze(world, turning=True)
            else:
                self._turn(beginning(self._header), 0)
        if alone is not None:
            world.ears[alone] = self

    @property
    def path(self) -> Path:
        """The newest file."""
        return self._files.path

    @property
    def size(self) -> int:
        """Bytes of the newest file."""
        return self._files.size

    def tick(self, tick: int, inputs: Iterable[Input]) -> None:
        """Before the step; of a map's zone `heard` tells what it takes."""
        self._inputs, self._written = [], False
        if self.on and self.alone is None:
            with self._ending("ends here"):
                self._inputs = self.mask.inputs(inputs)
                self._writer.tick(tick, self._inputs)

    def heard(self, inputs: list[Input]) -> None:
        """In the step, before the zone's: what it takes; before there is one, how strained it will begin."""
        with self._ending("ends here"):
            self._inputs += self.mask.inputs(inputs)
            if self.alone in self._world.zones:
                self._writer.tick(self._world.tick, self._inputs)
                self._written = True

    def lost(self) -> None:
        """Somebody came into the zone beside its step: no tick has that, but the next snapshot will."""
        self._lost = True

    def stepped(self, world: World, effects: Iterable[Effect]) -> None:
        """After the step, before anything else is done to the world."""
        if not self.on:
            return
        with self._ending("ends here"):
            if self._lost:
                self._begin_anew(world)
                return
            if self.alone is not None and not self._written:
                self._writer.tick(world.tick, self._inputs)
            self._writer.chain(world.tick, self._chain.stepped(world, self._inputs, effects))
            every = self.settings.digest_s * 1000 // TICK_MS
            if every and world.tick % every == 0:
                self._digest(world, parts.some(world, world.tick // every, self.alone))
            if world.tick % FLUSH_TICKS == 0:
                self._writer.flush()
                self._files.flush()
            if self._child is not None:
                self._take(self._child)
            elif due := self._due(world.tick):
                self._freeze(world, turning=due > 1)

    def close(self, world: World) -> None:
        """After the last step: the digest of everything, so that a replay knows that it came out the same."""
        if not self.on:
            return
        with self._ending("has no end"):
            self._digest(world, parts.whole(world, self.alone))
            self._writer.flush()
            if self._child is not None and not self._files.path.name:  # else nothing of it would be left
                self._take(self._child, wait=True)
            self._files.flush()
        self._abandon()

    def _due(self, tick: int) -> int:
        """Whether it is time for a snapshot, 1, or for one in a new file, 2."""
        settings, files = self.settings, self._files
        if tick - self._frozen_tick < REST_TICKS:
            return 0
        age_s = (tick - files.since) * TICK_MS // 1000
        if files.size > settings.file_mib * MIB or (settings.file_s and age_s >= settings.file_s):
            return 2
        snapshot_ticks = settings.snapshot_s * 1000 // TICK_MS
        return int(bool(snapshot_ticks) and tick - self._frozen_tick >= snapshot_ticks)

    def _freeze(self, world: World, *, turning: bool) -> None:
        """Have a snapshot of the world made, for this file or the beginning of the next."""
        self._writer.mark()
        self._turning, self._frozen_tick = turning, world.tick
        tick, link, mask, alone = world.tick, self._chain.link, self.mask, self.alone
        try:
            self._child = self._freezes(
                lambda: Snapshot(tick, mask.world(world.snapshot(alone)), link).block()
            )
        except OSError as error:
            self._no_snapshot(error)
        if turning and self._child is not None:
            self._files.hold()

    def _take(self, child: Child | Inline, wait: bool = False) -> None:
        """The snapshot, if it is ready."""
        try:
            block = child.result(wait)
        except OSError as error:
            self._child = None
            self._no_snapshot(error)
            return
        if block is None:
            return
        self._child = None
        if self._turning:
            header = self._header._replace(begins=self._frozen_tick)
            self._turn(beginning(header) + block, self._frozen_tick)
        else:
            self._files.write(block)

    def _begin_anew(self, world: World) -> None:
        """What was written ends before this tick; a file that begins after it follows."""
        self._lost = False
        self._writer.flush()
        self._files.close()
        if self._child is not None:
            self._child.stop()
            self._child = None
        self._freeze(world, turning=True)

    def _turn(self, head: bytes, since: int) -> None:
        self._files.turn(head, since)
        self.log.info("journal: {path}", path=str(self.path))
        if self.settings.keep_mib:
            self._files.prune(self.settings.keep_mib * MIB, self._others())

    def _no_snapshot(self, error: OSError) -> None:
        """The journal goes on without; but one that has not begun cannot."""
        self._files.let_go()
        if not self._files.path.name:
            raise error
        self.log.warn("no snapshot in the journal {path}: {why}", path=str(self.path), why=str(error))

    def _digest(self, world: World, which: Iterable[parts.Part]) -> None:
        self._writer.digest(world.tick, self.mask.contents(parts.contents(world, which)))

    @contextlib.contextmanager
    def _ending(self, how: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.fault = str(error)
            self.log.error("the journal {path} {how}: {why}", path=str(self.path), how=how, why=self.fault)
            self._abandon()
        except Exception:  # something that was let in and cannot be written down: a mistake of ours
            self.fault = "a mistake of ours, which is in the log"
            self.log.failure("the journal {path} {how}", path=str(self.path), how=how)
            self._abandon()

    def _abandon(self) -> None:
        self.on = False
        if self.alone is not None:
            self._world.ears.pop(self.alone, None)
        child, self._child = self._child, None
        if child is not None:
            child.stop()
        with contextlib.suppress(OSError):
            self._files.close()


def _created(directory: Path, now_s: int, ending: str) -> tuple[Path, BinaryIO]:
    """A file that no other start has; `x` lets two processes that start at once have one each."""
    for second in count(now_s):
        path = directory / f"{second}{ending}"
        with contextlib.suppress(FileExistsError):
            return path, path.open("xb")
    raise AssertionError("there is always a next second")


def digest(world: World) -> bytes:
    """32 bytes that are others when anything in the world is."""
    return hashlib.sha256(
        b"".join(summed(it) for _, it in parts.contents(world, parts.whole(world)))
    ).digest()
