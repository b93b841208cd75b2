"""Which packet numbers have come: against replays, and for acknowledgements."""

REPLAY_NUMBERS = 256
ACK_NUMBERS = 32
ACK_ALL = (1 << ACK_NUMBERS) - 1


class Window:
    """
    The highest number authenticated, and which of the 256 below it were.

    @ivar highest: -1 before anything.
    @ivar bits: bit i: number highest-1-i came.
    """

    __slots__ = ("bits", "highest")

    def __init__(self) -> None:
        self.highest = -1
        self.bits = 0

    def fresh(self, number: int) -> bool:
        """Whether a datagram of that number may be opened: it has not come, and is not older than known."""
        behind = self.highest - number
        if behind < 0:
            return True
        return 0 < behind <= REPLAY_NUMBERS and not self.bits >> behind - 1 & 1

    def add(self, number: int) -> bool:
        """A fresh one has been authenticated; whether it is the highest so far."""
        behind = self.highest - number
        if behind > 0:
            self.bits |= 1 << behind - 1
            return False
        if self.highest >= 0:  # what was highest takes its place among the others
            self.bits = (self.bits << 1 | 1) << -behind - 1 & (1 << REPLAY_NUMBERS) - 1
        self.highest = number
        return True

    def ack_bits(self) -> int | None:
        """The 32 numbers below the highest, which there must be, or None when all that exist came."""
        existing = (1 << min(self.highest, ACK_NUMBERS)) - 1
        bits = self.bits & existing
        return None if bits == existing else bits
