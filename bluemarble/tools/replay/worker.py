"""
A process that runs journals with the revision of the software that it finds itself in.

    python -m bluemarble.tools.replay.worker

It is asked in lines of JSON and answers each with one; `checkout.py` asks.  What it is asked to do:

    open     content, threads    -> path, revision, content
    begin    file, near          -> tick; of the last snapshot not after `near`, or where the journal begins
    advance  to, count, whole, keep
                                 -> marks, over; the whole state is in each `whole`th mark, and the last
    moment   tick                -> moment; of the last tick, or of one that was kept
    trace    file, out           -> ticks; written as traces.py has it
    outlive  file                -> status; of a process that runs all of it, 0 when it came to the end

An answer with `refused` says why the file cannot be run.
"""

import contextlib
import io
import json
import os
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any, TextIO

from bluemarble.servers.revision import revision
from bluemarble.sim.content import Content
from bluemarble.tools.replay import traces
from bluemarble.tools.replay.content import content_of
from bluemarble.tools.replay.moment import Moment
from bluemarble.tools.replay.stage import Stage, fault
from bluemarble.tools.replay.stepping import Differs

FILE_HERE = Path(__file__).resolve()


class Worker:
    """Answers, one request after the other."""

    def __init__(self) -> None:
        self.content = Content()
        self.threads = 1
        self.stage: Stage | None = None
        self.kept: dict[int, Moment] = {}

    def open(self, content: str, threads: int = 1) -> dict[str, Any]:
        """The content everything is run on."""
        self.content, self.threads = content_of(content), threads
        return {
            "path": str(FILE_HERE.parents[3]),
            "revision": revision(),
            "content": self.content.hash.hex(),
        }

    def begin(self, file: str, near: int | None = None) -> dict[str, Any]:
        """Another journal, or the same once more."""
        self.kept = {}
        with Path(file).open("rb") as source:
            # All of it: what is asked next may come when the file is another one.
            self.stage = Stage(io.BytesIO(source.read()), self.content, self.threads, near)
        return {"tick": self.stage.world.tick}

    def advance(
        self, to: int | None = None, count: int | None = None, whole: int = 0, keep: bool = False
    ) -> dict[str, Any]:
        """Steps, as far as a tick, or so many."""
        stage = self._staged()
        marks: list[Any] = []
        while (to is None or stage.world.tick < to) and (count is None or len(marks) < count):
            mark = stage.step()
            if mark is None or stage.over:
                marks += [mark] if mark else []
                break
            if whole and mark.tick % whole == 0:
                mark = mark._replace(state=stage.state())
            if keep:
                self.kept[mark.tick] = stage.moment()
            marks.append(mark)
        if whole and marks and not marks[-1].state:
            marks[-1] = marks[-1]._replace(state=stage.state())
        return {"marks": marks, "over": stage.over}

    def moment(self, tick: int | None = None) -> dict[str, Any]:
        """A tick as fields."""
        return {"moment": self._staged().moment() if tick is None else self.kept[tick]}

    def trace(self, file: str, out: str) -> dict[str, Any]:
        """All of a journal, written down."""
        return {"ticks": traces.write(Path(file), Path(out), self.content)}

    def outlive(self, file: str) -> dict[str, Any]:
        """Run it in a copy of this process, which it may end."""
        pid = os.fork()  # there are no threads: the world's are for one step
        if not pid:
            with contextlib.suppress(Exception):  # that it raises is another question
                self.begin(file)
                self.advance()
            os._exit(0)
        return {"status": os.waitstatus_to_exitcode(os.waitpid(pid, 0)[1])}

    def _staged(self) -> Stage:
        if self.stage is None:
            raise ValueError("no journal has begun")
        return self.stage


def serve(asked: TextIO, out: TextIO) -> None:
    """Until there are no more questions."""
    worker = Worker()
    does: dict[str, Callable[..., dict[str, Any]]] = {
        "open": worker.open,
        "begin": worker.begin,
        "advance": worker.advance,
        "moment": worker.moment,
        "trace": worker.trace,
        "outlive": worker.outlive,
    }
    for line in asked:
        request = json.loads(line)
        try:
            answer = does[request.pop("do")](**request)
        except (ValueError, OSError, LookupError, Differs) as error:
            answer = {"refused": f"{error}" or type(error).__name__}
        except Exception as error:  # a made-up snapshot, or a mistake of that revision
            answer = {"refused": fault(error, request.get("file", "it cannot be run"))}
        out.write(json.dumps(answer) + "\n")
        out.flush()


def main() -> None:
    """What is printed goes to stderr: stdout is for answers."""
    with os.fdopen(os.dup(1), "w") as out:
        os.dup2(2, 1)
        serve(sys.stdin, out)


if __name__ == "__main__":
    main()
