"""
One of the others: where it was at which tick, and where to draw it at any time between and shortly after.

Between two known places it is drawn on the line; after the newest one it goes on as it went, for a short
while.  When that turns out wrong, the difference is glided away.  One that was moved by magic is drawn where
it was, then where it is.
"""

from collections import deque
from math import tau
from typing import NamedTuple

from bluemarble.client.gait import heading

SAMPLES = 8  # known places kept of each
PACE_LEAST_MS, PACE_MOST_MS = 50.0, 1_200.0  # between two places of one: 20 a second to 1, with a lost one
FASTEST_YARDS_S, STEP_YARDS = 60.0, 5.0  # beyond this nobody goes by itself
RUN_ON_YARDS_S = 40.0  # whoever was faster was set there, and does not go on like that
AHEAD_LEAST_MS, AHEAD_NEAR_MS, AHEAD_FAR_MS = 100.0, 250.0, 1_200.0  # how long one is drawn on
BACK_MS = 200.0  # in which one of whom nothing more comes is drawn back to its last known place
GLIDE_MS = 150.0
SNAP_YARDS = 5.0


class Sample(NamedTuple):
    """
    A known place.

    @ivar at_ms: server's time; @ivar x, y, z: yards; @ivar facing: radians.
    @ivar speed: yards a second, and @ivar flags: section 6's, of a far word or an ENTER; speed -1: not said.
    """

    at_ms: float
    x: float
    y: float
    z: float
    facing: float
    speed: float = -1.0
    flags: int = 0


class Drawn(NamedTuple):
    """Where one is drawn: yards and radians."""

    x: float
    y: float
    z: float
    facing: float


class Track:
    """Where one of the others went."""

    __slots__ = ("_glide", "_glide_ms", "_leaps", "_pace_ms", "_samples")

    def __init__(self, first: Sample) -> None:
        self._samples: deque[Sample] = deque([first], maxlen=SAMPLES)
        self._leaps: set[float] = set()  # when it was moved by magic: at_ms of the place it came to
        self._pace_ms = 2 * PACE_LEAST_MS
        self._glide = (0.0, 0.0, 0.0)
        self._glide_ms = 0.0

    @property
    def newest(self) -> Sample:
        """Its newest known place."""
        return self._samples[-1]

    def put(self, sample: Sample, drawn_ms: float) -> None:
        """
        It was there.

        @param drawn_ms: the server's time that is drawn at present.
        """
        last = self._samples[-1]
        gap_ms = sample.at_ms - last.at_ms
        if gap_ms <= 0:
            return
        before = self.at(drawn_ms)
        if gap_ms <= PACE_MOST_MS:
            self._pace_ms += (max(gap_ms, PACE_LEAST_MS) - self._pace_ms) / 4
        if self._samples.maxlen == len(self._samples):
            self._leaps.discard(self._samples[0].at_ms)
        self._samples.append(sample)
        leapt = yards(last, sample) > STEP_YARDS + FASTEST_YARDS_S * gap_ms / 1000
        if leapt:
            self._leaps.add(sample.at_ms)
        self._glide = (0.0, 0.0, 0.0)
        after = self.at(drawn_ms)
        if not leapt and yards(before, after) < SNAP_YARDS:
            self._glide = (before.x - after.x, before.y - after.y, before.z - after.z)
            self._glide_ms = drawn_ms

    def at(self, drawn_ms: float) -> Drawn:
        """Where to draw it at that time of the server's."""
        place = self._on_its_way(drawn_ms)
        left = 1.0 - (drawn_ms - self._glide_ms) / GLIDE_MS
        if left <= 0.0 or self._glide == (0.0, 0.0, 0.0):
            return place
        gx, gy, gz = (part * min(left, 1.0) for part in self._glide)
        return place._replace(x=place.x + gx, y=place.y + gy, z=place.z + gz)

    def _on_its_way(self, drawn_ms: float) -> Drawn:
        later: Sample | None = None
        for sample in reversed(self._samples):
            if sample.at_ms <= drawn_ms:
                if later is None:
                    return self._ahead(sample, drawn_ms)
                return self._between(sample, later, drawn_ms)
            later = sample
        first = self._samples[0]
        return Drawn(first.x, first.y, first.z, first.facing)

    def _between(self, a: Sample, b: Sample, drawn_ms: float) -> Drawn:
        """On the line; one that stood for long before its newest place set out a pace before that."""
        if b.at_ms in self._leaps:
            return Drawn(a.x, a.y, a.z, a.facing)
        since_ms = max(a.at_ms, b.at_ms - max(2 * self._pace_ms, 2 * PACE_LEAST_MS))
        part = max(drawn_ms - since_ms, 0.0) / (b.at_ms - since_ms)
        turn = (b.facing - a.facing + tau / 2) % tau - tau / 2
        return Drawn(
            a.x + (b.x - a.x) * part,
            a.y + (b.y - a.y) * part,
            a.z + (b.z - a.z) * part,
            (a.facing + turn * part) % tau,
        )

    def _ahead(self, last: Sample, drawn_ms: float) -> Drawn:
        """As it went, for a while; of whom no speed is known, then back to where it was last known to be."""
        vx, vy, vz = self._velocity(last)
        age_ms = drawn_ms - last.at_ms
        if last.speed >= 0.0:
            lead_ms = min(age_ms, AHEAD_FAR_MS)
        else:
            limit_ms = min(max(2 * self._pace_ms, AHEAD_LEAST_MS), AHEAD_NEAR_MS)
            back = min(max((age_ms - limit_ms) / BACK_MS, 0.0), 1.0)
            lead_ms = min(age_ms, limit_ms) * (1.0 - back)
        lead_s = lead_ms / 1000
        return Drawn(last.x + vx * lead_s, last.y + vy * lead_s, last.z + vz * lead_s, last.facing)

    def _velocity(self, last: Sample) -> tuple[float, float, float]:
        """Yards a second along x, y and z: as told, else as from the place before."""
        if last.speed >= 0.0:
            dx, dy = heading(last.facing, last.flags)
            return dx * last.speed, dy * last.speed, 0.0
        if len(self._samples) < 2 or last.at_ms in self._leaps:
            return 0.0, 0.0, 0.0
        before = self._samples[-2]
        gap_s = (last.at_ms - before.at_ms) / 1000
        if gap_s * 1000 > PACE_MOST_MS or yards(before, last) > RUN_ON_YARDS_S * gap_s:
            return 0.0, 0.0, 0.0
        return (last.x - before.x) / gap_s, (last.y - before.y) / gap_s, (last.z - before.z) / gap_s


def yards(a: Sample | Drawn, b: Sample | Drawn) -> float:
    """Between two places."""
    return float(((a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2) ** 0.5)
