"""What is due when: a heap ordered by time, then by who came first."""

import heapq
from collections.abc import Iterator
from typing import NamedTuple

CREATE, SYNC, LOGOUT, LINGER, SAVE, TELEPORT, GRID, CREATURE, REST = range(9)  # what a timer is for


class Due(NamedTuple):
    """
    One thing to do.

    @ivar kind: CREATE..REST.
    @ivar guid: whom it is about; of a GRID, its number.
    """

    at_ms: int
    order: int
    kind: int
    guid: int


class Timers:
    """
    A zone's alarm clock.

    Nothing is ever cancelled: whoever is woken looks whether that is still the moment it waits for.
    """

    __slots__ = ("heap", "order")

    def __init__(self) -> None:
        self.heap: list[Due] = []
        self.order = 0

    def put(self, at_ms: int, kind: int, guid: int) -> int:
        """
        Wake `guid` for `kind` in the first tick at or after `at_ms`.

        @return: at_ms, for the one that waits to remember.
        """
        self.order += 1
        heapq.heappush(self.heap, Due(at_ms, self.order, kind, guid))
        return at_ms

    def due(self, now_ms: int) -> Iterator[Due]:
        """Take what is due, in order; what is put meanwhile and is due as well comes too."""
        heap = self.heap
        while heap and heap[0].at_ms <= now_ms:
            yield heapq.heappop(heap)
