"""A checkout of the software, asked to run journals in a process of its own."""

import contextlib
import json
import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path
from types import TracebackType
from typing import Any

WORKER = "bluemarble.tools.replay.worker"
HERE = Path(__file__).resolve().parents[3]


class Died(Exception):
    """The process has ended: the C code crashed it, or it could not begin."""


class Unusable(Exception):
    """The checkout cannot run journals, or not this one."""


class Checkout:
    """
    One process; use it with `with`.

    @param path: the checkout's root; its .venv is used if there is one, else this Python.
    @param content: as of `content_of`; the other process opens it.
    @raise Unusable: there is no replay tool in it, or its C module is not built.
    """

    def __init__(self, path: Path, content: str, threads: int = 1) -> None:
        self.path = path.resolve()
        self._opening = {"content": content, "threads": threads}
        self._process = self._started()
        try:
            self.revision, self.content = self._open()
        except BaseException:
            self.close()
            raise

    def __enter__(self) -> "Checkout":
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        where: TracebackType | None,
    ) -> None:
        self.close()

    def ask(self, do: str, **about: Any) -> dict[str, Any]:
        """
        A request of worker.py, answered.

        @raise Unusable: it was refused.  @raise Died: the process has.
        """
        self.send(do, **about)
        return self.answer()

    def send(self, do: str, **about: Any) -> None:
        """Without waiting for the answer."""
        assert self._process.stdin
        with contextlib.suppress(BrokenPipeError):  # then there is no answer, which says more
            self._process.stdin.write(json.dumps({"do": do, **about}) + "\n")
            self._process.stdin.flush()

    def answer(self) -> dict[str, Any]:
        """The next one."""
        assert self._process.stdout
        line = self._process.stdout.readline()
        if not line.endswith("\n"):
            raise Died(f"{self.path}: the process ended with status {self._process.wait()}")
        said: dict[str, Any] = json.loads(line)
        if "refused" in said:
            raise Unusable(f"{self.path}: {said['refused']}")
        return said

    def restart(self) -> None:
        """After it died."""
        self.close()
        self._process = self._started()
        self._open()

    def close(self) -> None:
        """End the process."""
        assert self._process.stdin
        assert self._process.stdout
        with contextlib.suppress(BrokenPipeError):
            self._process.stdin.close()
        self._process.kill()
        self._process.wait()
        self._process.stdout.close()

    def _started(self) -> "subprocess.Popen[str]":
        own = self.path / ".venv" / "bin" / "python"
        python = str(own) if own.exists() else sys.executable
        # Isolated from where we stand: the checkout's own code is first, whatever is installed.
        return subprocess.Popen(
            [python, "-m", WORKER],
            cwd=self.path,
            env={**os.environ, "PYTHONPATH": str(self.path)},
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            text=True,
        )

    def _open(self) -> tuple[str, str]:
        try:
            said = self.ask("open", **self._opening)
        except Died:
            why = "it has no replay tool, or is not built (make native): see above"
            raise Unusable(f"{self.path} cannot run journals: {why}") from None
        if Path(said["path"]) != self.path:
            raise Unusable(f"{self.path} is no checkout: its software is in {said['path']}")
        return said["revision"], said["content"]


def asked(checkouts: Sequence[Checkout], do: str, **about: Any) -> list[dict[str, Any]]:
    """All at once, each in its process; their answers."""
    for it in checkouts:
        it.send(do, **about)
    return [it.answer() for it in checkouts]
