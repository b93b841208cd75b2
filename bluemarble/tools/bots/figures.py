"""What bots have measured: counts, delays as distributions that can be added up, and all of it over time."""

import math
from collections import Counter
from collections.abc import Iterable
from typing import Any

GROWTH = 1.05  # from one bucket's bound to the next: percentiles are at most so much too high
LEAST_MS = 0.01
LOG_GROWTH = math.log(GROWTH)
EVERY_S = 5.0  # a row of what happened over time
SHARES = {"p50": 0.5, "p90": 0.9, "p99": 0.99, "p999": 0.999}


class Delays:
    """
    Times, in buckets that grow by a twentieth each.

    @ivar count, sum_ms, most_ms: of all of them.
    """

    __slots__ = ("_buckets", "count", "most_ms", "sum_ms")

    def __init__(self) -> None:
        self._buckets: Counter[int] = Counter()
        self.count, self.sum_ms, self.most_ms = 0, 0.0, 0.0

    def add(self, ms: float) -> None:
        """One more; a time below nothing is a clock's mistake, and counts as none."""
        ms = max(ms, 0.0)
        self._buckets[math.ceil(math.log(max(ms, LEAST_MS) / LEAST_MS) / LOG_GROWTH)] += 1
        self.count += 1
        self.sum_ms += ms
        self.most_ms = max(self.most_ms, ms)

    def take(self, other: "Delays") -> None:
        """All of another's as well."""
        self._buckets.update(other._buckets)
        self.count += other.count
        self.sum_ms += other.sum_ms
        self.most_ms = max(self.most_ms, other.most_ms)

    def at(self, share: float) -> float:
        """The ms that `share` of all do not exceed, rounded up to a bucket's bound; 0 of none."""
        left = math.ceil(share * self.count)
        for bucket, count in sorted(self._buckets.items()):
            left -= count
            if left <= 0:
                return min(LEAST_MS * GROWTH**bucket, self.most_ms)
        return self.most_ms

    def summary(self) -> dict[str, float]:
        """Count, mean, percentiles and the most, ms."""
        mean = self.sum_ms / self.count if self.count else 0.0
        shown = {name: self.at(share) for name, share in SHARES.items()}
        return {"count": self.count, "mean": mean, **shown, "most": self.most_ms}

    def bars(self) -> list[tuple[float, int]]:
        """Upper bound of each bucket that has any, ms, and how many."""
        return [(LEAST_MS * GROWTH**bucket, count) for bucket, count in sorted(self._buckets.items())]

    def told(self) -> dict[str, Any]:
        """For a report."""
        return {"sum_ms": self.sum_ms, "most_ms": self.most_ms, "buckets": sorted(self._buckets.items())}

    @classmethod
    def read(cls, told: dict[str, Any]) -> "Delays":
        """
        What `told` told.

        @raise ValueError, KeyError, TypeError: it is something else.
        """
        made = cls()
        made._buckets = Counter({int(bucket): int(count) for bucket, count in told["buckets"]})
        if any(count < 0 or abs(bucket) > 1000 for bucket, count in made._buckets.items()):
            raise ValueError("a bucket that no time falls into")
        made.count = made._buckets.total()
        made.sum_ms, made.most_ms = float(told["sum_ms"]), float(told["most_ms"])
        return made


class Row:
    """
    What happened in EVERY_S seconds, or, in the last one, fewer.

    @ivar seconds: how many; 0: it is not over.
    @ivar counts: by what; @ivar delays: by what, ms; @ivar now: what was so at the end, such as `in_world`.
    """

    __slots__ = ("counts", "delays", "now", "seconds")

    def __init__(self) -> None:
        self.counts: Counter[str] = Counter()
        self.delays: dict[str, Delays] = {}
        self.now: Counter[str] = Counter()
        self.seconds = 0.0

    def a_second(self, name: str) -> float:
        """How often it happened a second."""
        return self.counts[name] / self.seconds if self.seconds else 0.0

    def take(self, other: "Row") -> None:
        """All of another process's as well."""
        self.counts.update(other.counts)
        self.now.update(other.now)
        self.seconds = max(self.seconds, other.seconds)
        for name, delays in other.delays.items():
            self.delays.setdefault(name, Delays()).take(delays)

    def told(self) -> dict[str, Any]:
        """For a report."""
        return {
            "seconds": self.seconds,
            "counts": dict(sorted(self.counts.items())),
            "now": dict(sorted(self.now.items())),
            "delays": {name: delays.told() for name, delays in sorted(self.delays.items())},
        }

    @classmethod
    def read(cls, told: dict[str, Any]) -> "Row":
        """
        What `told` told.

        @raise ValueError, KeyError, TypeError, AttributeError: it is something else.
        """
        made = cls()
        made.seconds = float(told["seconds"])
        made.counts.update({str(name): int(count) for name, count in told["counts"].items()})
        made.now.update({str(name): int(count) for name, count in told["now"].items()})
        made.delays = {str(name): Delays.read(delays) for name, delays in told["delays"].items()}
        return made


class Figures:
    """
    All of it, row by row.

    @ivar rows: one each EVERY_S seconds since the beginning; the last is not over yet.
    """

    def __init__(self, rows: Iterable[Row] = ()) -> None:
        self.rows = list(rows) or [Row()]

    def count(self, name: str, by: int = 1) -> None:
        """It has happened, so often."""
        self.rows[-1].counts[name] += by

    def delay(self, name: str, ms: float) -> None:
        """It has taken so long."""
        delays = self.rows[-1].delays
        if name not in delays:
            delays[name] = Delays()
        delays[name].add(ms)

    def end_row(self, now: dict[str, int], seconds: float = EVERY_S) -> None:
        """Time for a new row; @param now: what is so at the end of this one, which was so long."""
        self.rows[-1].seconds = seconds
        self.rows[-1].now.update(now)
        self.rows.append(Row())

    def end(self) -> None:
        """Nothing more comes: what is over so soon that it is no row of its own goes with the one before."""
        *_, last, rest = self.rows
        if rest.counts or rest.delays:
            last.counts.update(rest.counts)
            for name, delays in rest.delays.items():
                last.delays.setdefault(name, Delays()).take(delays)
        del self.rows[-1]

    def take(self, other: "Figures") -> None:
        """All of another process's as well, each row to the one of the same time."""
        while len(self.rows) < len(other.rows):
            self.rows.append(Row())
        for mine, theirs in zip(self.rows, other.rows, strict=False):
            mine.take(theirs)

    def whole(self) -> Row:
        """All rows as one; what was so at the end is what was so at the most."""
        whole = Row()
        for row in self.rows:
            most = whole.now | row.now
            whole.take(row)
            whole.now = most
        return whole
