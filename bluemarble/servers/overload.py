"""Whether the ticks keep up, and the level of strain that follows from it: bluemarble/sim/strain.py."""

from bluemarble.sim.strain import LEVELS, tick_ms

HIGH, LOW = 0.84, 0.55  # of a tick's time, smoothed: above, more is left undone; below, less
UP_MS, DOWN_TICKS = 500, 100  # for so long it must have been so: ten ticks that fit, or fewer that do not
SHARE = 0.1  # of a new tick in the smoothed time
STALL = 8  # ticks' times: no tick counts for more, else a single stall of seconds would look like strain


class Overload:
    """
    The measure of it, one tick after the other.

    Relief comes slower than strain, and only when there is much room, so that the level does not swing; after
    each change the smoothed time has as long to settle as it took to find out.

    @ivar level: what is left undone, 0 (nothing) to LEVELS.
    """

    def __init__(self) -> None:
        self.level = 0
        self._smooth_ms = 0.0
        self._high_ms = 0.0
        self._low = 0
        self._told = 0

    def measure(self, took_ms: float) -> None:
        """A tick took so long; the level follows, one step at a time."""
        whole_ms = tick_ms(self.level)
        self._smooth_ms += (min(took_ms, STALL * whole_ms) - self._smooth_ms) * SHARE
        high = self._smooth_ms > HIGH * whole_ms
        self._high_ms = self._high_ms + max(took_ms, whole_ms) if high else 0.0
        self._low = self._low + 1 if self._smooth_ms < LOW * whole_ms else 0
        if self._high_ms >= UP_MS and self.level < LEVELS:
            self._to(self.level + 1)
        elif self._low >= DOWN_TICKS and self.level:
            self._to(self.level - 1)

    def changed(self) -> bool:
        """Whether the level is another than when this was last asked."""
        changed, self._told = self.level != self._told, self.level
        return changed

    def _to(self, level: int) -> None:
        self.level = level
        self._high_ms, self._low = 0.0, 0
