"""A client's inputs until the server has them: docs/bmu1.md section 5."""

from collections import deque

from bluemarble.wire.datagram.sections import INPUTS_MOST, Input, Inputs

AT_ONCE = 2  # inputs in a datagram, at 20 a second: ten datagrams


class Recent:
    """
    The last inputs, consecutive and of one epoch.

    @ivar newest: the last one's number, not cut to 16 bits.
    """

    __slots__ = ("_acked", "_epoch", "_inputs", "_unsent", "newest")

    def __init__(self) -> None:
        self._inputs: deque[Input] = deque(maxlen=INPUTS_MOST)  # newest first
        self._epoch = self._unsent = 0
        self._acked = self.newest = -1

    def add(self, number: int, epoch: int, given: Input) -> None:
        """
        The input of the tick of that number.

        One of another epoch, or that does not follow the last, begins anew: those before it are forgotten.
        """
        if epoch != self._epoch or number != self.newest + 1:
            self._inputs.clear()
            self._unsent, self._acked = 0, number - 1
        self._inputs.appendleft(given)
        self._epoch, self.newest = epoch, number
        self._unsent += 1

    @property
    def due(self) -> bool:
        """Whether there are enough for a datagram."""
        return self._unsent >= AT_ONCE

    def taken(self) -> Inputs | None:
        """What to send now: all that the server may lack, at least the last two; None: it has them all."""
        missing = min(self.newest - self._acked, len(self._inputs))
        if missing <= 0:
            return None
        self._unsent = 0
        return Inputs(self._epoch, tuple(self._inputs)[: max(missing, AT_ONCE)])

    def arrived(self, number: int) -> None:
        """The server has all inputs up to that one."""
        self._acked = max(self._acked, number)
