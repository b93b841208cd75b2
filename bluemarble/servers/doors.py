"""Who may connect: how many at a time, how many from one place, and how fast they may come."""

from collections import Counter

from twisted.internet.interfaces import IReactorTime

from bluemarble.db.addresses import place

MINUTE_S = 60


class Door:
    """
    What the connections of one server are counted by.

    A place is an address, or an IPv6 network as one customer has it.  This machine's own connections count as
    any others, but there are never too many of them from one place.

    @ivar total: connections there are.
    """

    def __init__(self, clock: IReactorTime, limit: int, place_limit: int, place_limit_a_minute: int) -> None:
        self.limit, self.place_limit, self.place_limit_a_minute = limit, place_limit, place_limit_a_minute
        self.total = 0
        self._clock = clock
        self._there: Counter[str] = Counter()
        self._came: Counter[str] = Counter()  # in this minute
        self._minute = 0

    def opens(self, host: str) -> bool:
        """Whether another connection from there may be made; then it counts until `closes`."""
        at = place(host)
        local = at in ("", "::1") or at.startswith("127.")
        minute = int(self._clock.seconds()) // MINUTE_S
        if minute != self._minute:
            self._minute = minute
            self._came.clear()
        if self.total >= self.limit:
            return False
        if not local:
            if self._there[at] >= self.place_limit or self._came[at] >= self.place_limit_a_minute:
                return False
            self._came[at] += 1
        self._there[at] += 1
        self.total += 1
        return True

    def closes(self, host: str) -> None:
        """A connection is gone."""
        at = place(host)
        self.total -= 1
        self._there[at] -= 1
        if self._there[at] <= 0:
            del self._there[at]
