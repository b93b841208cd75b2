"""
One of the processes that play bots: the plan comes in, rows and the report go out, a line each.

    python -m bluemarble.tools.bots < plan.json
"""

import json
import os
import signal
import sys
from typing import Any

from twisted.internet.defer import ensureDeferred

from bluemarble.servers.options import raise_file_limit
from bluemarble.tools.bots.crew import Crew
from bluemarble.tools.bots.figures import Row
from bluemarble.tools.bots.plan import BadPlan, Plan

OUT = sys.stdout


def main() -> None:
    """Play until the plan's end, or until SIGINT or SIGTERM; tell all the same."""
    from twisted.internet import reactor  # noqa: TID251

    raise_file_limit()
    sys.stdout = sys.stderr  # what a scenario prints is no line of ours
    loop: Any = reactor

    def row_done(row: Row) -> None:
        if not _tell("row", row.told()):  # whoever wanted these bots is gone
            crew.end()

    try:
        crew = Crew(reactor, Plan.read(sys.stdin.read()), row_done=row_done)
    except BadPlan as error:
        _tell("bad", str(error))
        return

    def heed() -> None:
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: loop.callFromThread(crew.end))

    def begin() -> None:
        heed()  # the reactor has put its own there
        done = ensureDeferred(crew.run())
        done.addCallbacks(lambda report: _tell("report", report.told()), _failed)
        done.addBoth(lambda _: loop.stop())

    heed()
    loop.callWhenRunning(begin)
    loop.run()


def _failed(failure: Any) -> None:
    expected = failure.check(BadPlan) is not None
    _tell(*("bad", failure.getErrorMessage()) if expected else ("broken", failure.getTraceback()))


def _tell(kind: str, what: Any) -> bool:
    """A line; whether somebody may have read it."""
    try:
        print(json.dumps({kind: what}), file=OUT, flush=True)
    except BrokenPipeError:
        os.dup2(os.open(os.devnull, os.O_WRONLY), OUT.fileno())
        return False
    return True


if __name__ == "__main__":
    main()
