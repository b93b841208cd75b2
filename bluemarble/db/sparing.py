"""Log lines that somebody may read: of each kind a few a minute, and how many were left out."""

from twisted.internet.interfaces import IReactorTime
from twisted.logger import Logger

LINES_LIMIT = 10
WINDOW_S = 60


class Sparing:
    """Counts lines by kind; kinds are few, and words of ours."""

    log = Logger()

    def __init__(self, clock: IReactorTime) -> None:
        self.clock = clock
        self._windows: dict[str, tuple[float, int]] = {}

    def allows(self, kind: str) -> bool:
        """Whether one more line of that kind may be written; if not, it is counted."""
        now = self.clock.seconds()
        since, count = self._windows.get(kind, (now, 0))
        if now - since >= WINDOW_S:
            if count > LINES_LIMIT:
                self.log.info("{kind}: {more} more than were written", kind=kind, more=count - LINES_LIMIT)
            since, count = now, 0
        self._windows[kind] = since, count + 1
        return count < LINES_LIMIT
