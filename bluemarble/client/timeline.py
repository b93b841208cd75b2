"""
The server's time as it is drawn here: a little behind the newest tick, so that there is one to draw towards.

Ticks come late by differing times, and not each one comes.  What is drawn lags the earliest arrivals by what
nearly every tick needed of late; the lag changes slowly, so that nothing drawn turns back or runs away.
"""

from collections import deque

TICK_MS = 50
WINDOW = 64  # arrivals that are looked back upon: three to six seconds
SPARED = 3  # of those may be later than what is drawn
LEAST_MS, MOST_MS, FIRST_MS = 50.0, 500.0, 100.0  # how far behind the earliest arrivals
SLEW = 0.1  # ms a ms: the drawn time runs between 0.9 and 1.1 of the clock
LEAP_MS = 1_000.0  # so far off, it is set anew


class Timeline:
    """
    One link's time.

    @ivar newest: the newest tick that came, unwrapped; -1: none yet.
    """

    __slots__ = ("_arrivals", "_behind_ms", "_drawn_ms", "_looked_ms", "_wanted_ms", "newest")

    def __init__(self) -> None:
        self.newest = -1
        # (clock less server time, least delay that would have done), ms
        self._arrivals: deque[tuple[float, float]] = deque(maxlen=WINDOW)
        self._behind_ms = self._wanted_ms = 0.0
        self._drawn_ms = self._looked_ms = float("-inf")

    def arrived(self, tick: int, now_ms: float) -> int:
        """
        A datagram of that tick has come.

        @param tick: its low 16 bits.
        @return: the whole number, counted from the first one's low bits.
        """
        if self.newest < 0:
            self.newest = tick
            self._arrivals.append((now_ms - tick * TICK_MS, FIRST_MS))
            self._wanted_ms = self._behind_ms = now_ms - tick * TICK_MS + FIRST_MS
            return tick
        whole = self.newest + ((tick - self.newest + 0x8000) & 0xFFFF) - 0x8000
        gap_ms = max(whole - self.newest, 0) * TICK_MS
        if gap_ms:
            self._arrivals.append((now_ms - whole * TICK_MS, float(gap_ms)))
            self.newest = whole
            self._weigh()
        return whole

    def _weigh(self) -> None:
        """How far behind the clock to draw: what all but a few of the last arrivals needed."""
        earliest = min(offset for offset, _ in self._arrivals)
        needs = sorted(offset - earliest + gap_ms for offset, gap_ms in self._arrivals)
        need = needs[max(len(needs) - 1 - SPARED, 0)]
        self._wanted_ms = earliest + min(max(need, LEAST_MS), MOST_MS)

    def drawn_ms(self, now_ms: float) -> float:
        """
        The server's time that is to be drawn now: its ms, 50 to the tick; never less than before.

        @raise ValueError: no tick has come yet.
        """
        if self.newest < 0:
            raise ValueError("no tick has come")
        passed = max(now_ms - self._looked_ms, 0.0)
        off = self._wanted_ms - self._behind_ms
        if abs(off) > LEAP_MS:
            self._behind_ms = self._wanted_ms
        elif passed < LEAP_MS:
            self._behind_ms += min(max(off, -SLEW * passed), SLEW * passed)
        else:
            self._behind_ms += off
        self._looked_ms = max(now_ms, self._looked_ms)
        self._drawn_ms = max(now_ms - self._behind_ms, self._drawn_ms)
        return self._drawn_ms

    @property
    def delay_ms(self) -> float:
        """How far behind the earliest arrivals it is drawn at present."""
        if not self._arrivals:
            return FIRST_MS
        return self._behind_ms - min(offset for offset, _ in self._arrivals)
