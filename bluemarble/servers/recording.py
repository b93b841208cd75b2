"""The journal as a running server writes it, and the digests in it."""

import contextlib
import hashlib
from collections.abc import Iterable, Iterator
from importlib.metadata import PackageNotFoundError, version
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from twisted.logger import Logger

from bluemarble.servers.chain import Linked
from bluemarble.sim import parts
from bluemarble.sim.effects import Effect, Input
from bluemarble.sim.rules import TICK_MS
from bluemarble.sim.world import World
from bluemarble.wire.codec import codec
from bluemarble.wire.journal import SUFFIX, Header, Writer, summed

FLUSH_TICKS = 20  # a crash loses at most a second


class Recording:
    """
    Every tick's inputs into a new file of a directory; whatever goes wrong ends the journal, never the world.

    @param digest_s: so often a part of the state is hashed, so that a replay finds where it differs; 0: only
        at the end.
    @ivar path: the file, named by the unix second of its start, or by the next that is free: the order of the
        names is the order of the starts.
    """

    log = Logger()

    def __init__(
        self, directory: Path, content: str, rules: dict[str, Any], seed: int, now_s: int, digest_s: int = 0
    ) -> None:
        self._digest_ticks = digest_s * 1000 // TICK_MS
        for kind in parts.RECORDS:  # their codecs are written now, not in a tick
            codec(kind)
        directory.mkdir(parents=True, exist_ok=True)
        self.path, out = _created(directory, now_s)
        self._out: BinaryIO | None = out
        with self._ending("has no beginning"):
            self._writer = Writer(out, Header(content, rules, seed, revision()))
            out.flush()  # what a server that dies at once leaves is a journal, too
        self._chain, self._inputs = Linked(), list[Input]()
        self.log.info("journal: {path}", path=str(self.path))

    def tick(self, tick: int, inputs: Iterable[Input]) -> None:
        """Before the step."""
        with self._ending("ends here"):
            if self._out is not None:
                self._inputs = list(inputs)
                self._writer.tick(tick, self._inputs)

    def stepped(self, world: World, effects: Iterable[Effect]) -> None:
        """After the step, before anything else is done to the world."""
        if self._out is None:
            return
        with self._ending("ends here"):
            self._writer.chain(world.tick, self._chain.stepped(world, self._inputs, effects))
            every = self._digest_ticks
            if every and world.tick % every == 0:
                some = parts.some(world, world.tick // every)
                self._writer.digest(world.tick, parts.contents(world, some))
            if world.tick % FLUSH_TICKS == 0:
                self._writer.flush()
                self._out.flush()

    def close(self, world: World) -> None:
        """After the last step: the digest of everything, so that a replay knows that it came out the same."""
        with self._ending("has no end"):
            if self._out is not None:
                self._writer.digest(world.tick, parts.contents(world, parts.whole(world)))
                self._writer.flush()
                self._out.flush()
        self._abandon()

    @contextlib.contextmanager
    def _ending(self, how: str) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            self.log.error("the journal {path} {how}: {why}", path=str(self.path), how=how, why=str(error))
            self._abandon()
        except Exception:  # something that was let in and cannot be written down: a mistake of ours
            self.log.failure("the journal {path} {how}", path=str(self.path), how=how)
            self._abandon()

    def _abandon(self) -> None:
        out, self._out = self._out, None
        if out is not None:
            with contextlib.suppress(OSError):
                out.close()


def _created(directory: Path, now_s: int) -> tuple[Path, BinaryIO]:
    """A file that no other start has; `x` lets two processes that start at once have one each."""
    for second in count(now_s):
        path = directory / f"{second}{SUFFIX}"
        with contextlib.suppress(FileExistsError):
            return path, path.open("xb")
    raise AssertionError("there is always a next second")


def digest(world: World) -> bytes:
    """32 bytes that are others when anything in the world is."""
    return hashlib.sha256(
        b"".join(summed(it) for _, it in parts.contents(world, parts.whole(world)))
    ).digest()


def revision() -> str:
    """Of this software, for people."""
    try:
        return version("bluemarble")
    except PackageNotFoundError:
        return "unpacked"
