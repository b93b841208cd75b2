"""
Bots in processes of their own, from a program that waits for them.

    report = play(Plan(port=3724, players=200, processes=2, password="secret", seconds=60))
"""

import json
import os
import queue
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import IO, Any

from bluemarble.tools.bots.figures import Row
from bluemarble.tools.bots.plan import BadPlan, Plan
from bluemarble.tools.bots.report import Report, Sample, merged
from bluemarble.tools.bots.scenarios import scenario
from bluemarble.tools.bots.scraping import NoMetrics, scrape

Said = queue.Queue[tuple[int, dict[str, Any]]]

COMMAND = [sys.executable, "-m", "bluemarble.tools.bots"]
SOURCES = Path(__file__).parents[3]
SCRAPE_S = 5.0
LONGER_S = 120.0  # than the plan says, until processes that tell nothing are given up


class Failed(Exception):
    """A process of bots has ended without a report; the message says how."""


def play(plan: Plan, told: Callable[[Row], None] = lambda row: None) -> Report:
    """
    Play all of it, and tell; Ctrl-C ends it early.

    @param told: called each 5 s with what all processes did meanwhile.
    @raise BadPlan: it cannot be played.  @raise Failed: one of the processes broke.
    @raise NoMetrics: the server tells none, and the plan says where.
    """
    scenario(plan.scenario)
    samples = [scrape(plan.metrics)] if plan.metrics else []
    children = [_started(share) for share in plan.shared()]
    said: Said = queue.Queue()
    readers = [
        threading.Thread(target=_read, args=(index, child.stdout, said), daemon=True)
        for index, child in enumerate(children)
    ]
    try:
        for reader in readers:
            reader.start()
        reports = _Gathering(plan, said, len(children), told, samples).all(children)
    finally:
        for child, reader in zip(children, readers, strict=True):
            child.kill()
            child.wait()
            reader.join()  # it closes its end
    return merged(reports)._replace(plan=plan.told(), server=samples)


def _started(plan: Plan) -> subprocess.Popen[bytes]:
    """A process with its plan, which has the password: by a pipe, where nobody else reads it."""
    path = os.pathsep.join([str(SOURCES), os.environ.get("PYTHONPATH", "")]).rstrip(os.pathsep)
    child = subprocess.Popen(
        COMMAND, stdin=subprocess.PIPE, stdout=subprocess.PIPE, env={**os.environ, "PYTHONPATH": path}
    )
    assert child.stdin is not None
    with suppress(BrokenPipeError), child.stdin:  # it will be seen to have said nothing
        child.stdin.write(plan.written().encode())
    return child


def _read(index: int, out: IO[bytes], said: Said) -> None:
    with out:
        for line in out:
            said.put((index, json.loads(line)))
    said.put((index, {"end": None}))


class _Gathering:
    """What the processes say, until each has told its report."""

    def __init__(
        self, plan: Plan, said: Said, count: int, told: Callable[[Row], None], samples: list[Sample]
    ) -> None:
        self._plan, self._said, self._told, self._samples = plan, said, told, samples
        self._reports: dict[int, Report] = {}
        self._rows: list[list[Row]] = [[] for _ in range(count)]

    def all(self, children: list[subprocess.Popen[bytes]]) -> list[Report]:
        """Wait for them."""
        plan = self._plan
        until_s = max(plan.begin_s, time.time()) + plan.seconds + LONGER_S
        next_s, interrupted = time.time() + SCRAPE_S, False
        while len(self._reports) < len(children):
            if time.time() > until_s:
                raise Failed("a process of bots does not end")
            try:
                with suppress(queue.Empty):
                    self._take(*self._said.get(timeout=0.5))
                if self._samples and time.time() >= next_s:
                    next_s = time.time() + SCRAPE_S
                    with suppress(NoMetrics):  # too busy just now, perhaps
                        self._samples.append(scrape(plan.metrics))
            except KeyboardInterrupt:
                if interrupted:
                    raise
                interrupted = True
                for child in children:
                    child.send_signal(signal.SIGTERM)
        return [self._reports[index] for index in sorted(self._reports)]

    def _take(self, index: int, line: dict[str, Any]) -> None:
        [(kind, what)] = line.items()
        match kind:
            case "row":
                self._rows[index].append(Row.read(what))
                if all(self._rows):
                    together = Row()
                    for rows in self._rows:
                        together.take(rows.pop(0))
                    self._told(together)
            case "report":
                self._reports[index] = Report.read(json.dumps(what))
            case "bad":
                raise BadPlan(what)
            case "broken":
                raise Failed(what)
            case "end" if index not in self._reports:
                raise Failed("a process of bots has ended without a report")
