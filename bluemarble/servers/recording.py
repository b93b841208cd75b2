"""The journal as a running server writes it."""

import contextlib
from collections.abc import Iterable
from importlib.metadata import PackageNotFoundError, version
from itertools import count
from pathlib import Path
from typing import Any, BinaryIO

from twisted.logger import Logger

from bluemarble.sim.effects import Input
from bluemarble.sim.world import World
from bluemarble.wire.journal import SUFFIX, Header, Writer

FLUSH_TICKS = 20  # a crash loses at most a second


class Recording:
    """
    Every tick's inputs into a new file of a directory; whatever goes wrong ends the journal, never the world.

    @ivar path: the file, named by the unix second of its start, or by the next that is free: the order of the
        names is the order of the starts.
    """

    log = Logger()

    def __init__(self, directory: Path, content: str, rules: dict[str, Any], seed: int, now_s: int) -> None:
        directory.mkdir(parents=True, exist_ok=True)
        self.path, out = _created(directory, now_s)
        self._out: BinaryIO | None = out
        self._writer = Writer(out, Header(content, rules, seed, revision()))
        self.log.info("journal: {path}", path=str(self.path))

    def tick(self, tick: int, inputs: Iterable[Input]) -> None:
        """Before the step."""
        if self._out is None:
            return
        try:
            self._writer.tick(tick, inputs)
            if tick % FLUSH_TICKS == 0:
                self._out.flush()
        except OSError as error:
            self.log.error("the journal {path} ends here: {why}", path=str(self.path), why=str(error))
            self._abandon()
        except Exception:  # something that was let in and cannot be written down: a mistake of ours
            self.log.failure("the journal {path} ends here", path=str(self.path))
            self._abandon()

    def close(self, world: World) -> None:
        """After the last step: its digest, so that a replay knows that it came out the same."""
        if self._out is None:
            return
        try:
            self._writer.digest(world.tick, world.digest())
            self._out.flush()
        except OSError as error:
            self.log.error("the journal {path} has no end: {why}", path=str(self.path), why=str(error))
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


def revision() -> str:
    """Of this software, for people."""
    try:
        return version("bluemarble")
    except PackageNotFoundError:
        return "unpacked"
