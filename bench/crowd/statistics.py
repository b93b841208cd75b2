"""What the counts of a run say: percentiles of histograms, late ticks, medians of several runs."""

import statistics
from collections.abc import Mapping, Sequence
from typing import Any, NamedTuple

TICK_MS = 50
LATE_MS = 50
CLASSES = ("10", "50", "100", "far")


def percentile(counts: Sequence[int], share: float, step: float = 1.0) -> float | None:
    """
    The least value that `share` of all do not exceed.

    @param counts: how often 0, 1 ... times `step` came.
    @return: None of none.
    """
    total = sum(counts)
    if not total:
        return None
    so_far = 0
    for value, count in enumerate(counts):
        so_far += count
        if so_far >= share * total:
            return value * step
    raise ValueError(f"share {share}: at most 1")


def by_class(counts: Sequence[int], share: float, step: float) -> dict[str, float | None]:
    """The percentile of each class; `counts` has one class after the other."""
    size = len(counts) // len(CLASSES)
    return {
        name: percentile(counts[i * size : (i + 1) * size], share, step) for i, name in enumerate(CLASSES)
    }


def mean(counts: Sequence[int], step: float = 1.0) -> float:
    """Of a histogram; 0 of none."""
    total = sum(counts)
    return sum(value * count for value, count in enumerate(counts)) * step / total if total else 0.0


class Tick(NamedTuple):
    """One tick of the server's: ms on the monotonic clock."""

    due_ms: float
    began_ms: float
    ended_ms: float


class Lateness(NamedTuple):
    """Shares of all ticks that ended more than 50 ms after they were due."""

    late_share: float
    excused_share: float  # late, too, but the generator was as well
    worst_ms: float  # after it was due, excused or not
    began_late_share: float  # began as late as that


def lateness(ticks: Sequence[Tick], buckets: Sequence[int], began_ms: float) -> Lateness:
    """
    How many ticks were late while the generator was not.

    @param buckets: how late the generator was at worst in each 50 ms from `began_ms` on, ms.
    """
    late = [tick for tick in ticks if tick.ended_ms - tick.due_ms > LATE_MS]
    excused = 0
    for tick in late:
        first = max(int((tick.due_ms - began_ms) // TICK_MS) - 1, 0)
        last = int((tick.ended_ms - began_ms) // TICK_MS)
        excused += max(buckets[first : last + 1], default=0) > LATE_MS
    count = len(ticks) or 1
    return Lateness(
        (len(late) - excused) / count,
        excused / count,
        max((tick.ended_ms - tick.due_ms for tick in ticks), default=0.0),
        sum(tick.began_ms - tick.due_ms > LATE_MS for tick in ticks) / count,
    )


WORST = {"tick_ms_max", "worst_late_ms", "mismatched"}  # of several runs: the worst, not the median


def combined(runs: Sequence[Mapping[str, Any]]) -> dict[str, Any]:
    """Several runs' figures as one: medians of numbers, also within mappings; else the last one's."""
    out: dict[str, Any] = {}
    for key, value in runs[-1].items():
        values = [run[key] for run in runs if run.get(key) is not None]
        if isinstance(value, Mapping):
            out[key] = combined(values)
        elif values and all(isinstance(each, int | float) for each in values):
            out[key] = max(values) if key in WORST else statistics.median(values)
        else:
            out[key] = value
    return out
