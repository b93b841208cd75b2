"""What a capture is made of: how many of each packet, how large, how often, how soon answered."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from bluemarble.tools.packets.answering import Latencies
from bluemarble.tools.packets.decoding import decoded
from bluemarble.wire.captures.record import US, Captured

SHARES = {"median_ms": 50, "p95_ms": 95, "p99_ms": 99, "longest_ms": 100}  # percentiles of latencies
UNKNOWN = "unknown"  # all opcodes without a name
SESSIONS_LIMIT = 1 << 20  # more are not told apart


class Count:
    """
    How many packets of one name one side sent.

    @ivar sizes: of their bodies in bytes, and how often each.
    @ivar faulty: so many could not be taken apart.
    """

    __slots__ = ("faulty", "sizes")

    def __init__(self) -> None:
        self.sizes: Counter[int] = Counter()
        self.faulty = 0

    @property
    def packets(self) -> int:
        """How many."""
        return self.sizes.total()

    @property
    def size_bytes(self) -> int:
        """Their bodies' together."""
        return sum(size * count for size, count in self.sizes.items())

    def median_bytes(self) -> int:
        """The lower one of the two in the middle."""
        left = (self.packets + 1) // 2
        for size in sorted(self.sizes):
            left -= self.sizes[size]
            if left <= 0:
                return size
        return 0


class Statistics:
    """
    Takes packets in the order of their capture.

    @ivar first_us, last_us: the earliest and the latest of them.
    """

    def __init__(self) -> None:
        self.first_us: int | None = None
        self.last_us = 0
        self.counts: dict[tuple[str, bool], Count] = {}
        self.connections: set[int] = set()
        self._latencies = Latencies()

    def take(self, captured: Captured) -> None:
        """One more."""
        it = decoded(captured)
        at_us = captured.time_us
        self.first_us = at_us if self.first_us is None else min(self.first_us, at_us)
        self.last_us = max(self.last_us, at_us)
        name = UNKNOWN if it.name.startswith("0x") else it.name
        count = self.counts.setdefault((name, captured.from_client), Count())
        count.sizes[len(captured.body)] += 1
        count.faulty += it.packet is None
        if len(self.connections) < SESSIONS_LIMIT:
            self.connections.add(captured.connection)
        self._latencies.take(it)

    def as_json(self) -> dict[str, Any]:
        """All of it as values that JSON has; opcodes with most bytes first."""
        span_s = (self.last_us - (self.first_us or 0)) / US if self.counts else 0.0
        answers_seen = (
            len({from_client for _, from_client in self.counts}) == 2
        )  # journals have one side only
        ordered = sorted(self.counts.items(), key=lambda pair: (-pair[1].size_bytes, pair[0]))
        return {
            "seconds": span_s,
            "sessions": len(self.connections),
            "packets": sum(count.packets for count in self.counts.values()),
            "size_bytes": sum(count.size_bytes for count in self.counts.values()),
            "opcodes": [
                {
                    "name": name,
                    "from": "client" if from_client else "server",
                    "packets": count.packets,
                    "size_bytes": count.size_bytes,
                    "smallest_bytes": min(count.sizes),
                    "median_bytes": count.median_bytes(),
                    "largest_bytes": max(count.sizes),
                    "per_s": count.packets / span_s if span_s else None,
                    "bytes_per_s": count.size_bytes / span_s if span_s else None,
                    "faulty": count.faulty,
                }
                for (name, from_client), count in ordered
            ],
            "latencies": [
                {
                    "request": it.request,
                    "answer": it.answer,
                    "answered": len(it.took_us),
                    "unanswered": it.unanswered,
                    **percentiles_ms(it.took_us),
                }
                for it in self._latencies.found()
                if answers_seen
            ],
        }

    def lines(self) -> Iterator[str]:
        """The same as tables."""
        found = self.as_json()
        yield (
            f"{found['packets']} packets, {found['size_bytes']} bytes in {found['seconds']:.3f} s "
            f"of {found['sessions']} sessions; sizes are of bodies"
        )
        if found["opcodes"]:
            yield ""
            yield from table(found["opcodes"])
        if found["latencies"]:
            yield ""
            yield from table(found["latencies"])


def percentiles_ms(took_us: list[int]) -> dict[str, float]:
    """Of microseconds, in milliseconds: each the smallest that so many percent do not exceed."""
    ordered = sorted(took_us)
    return {
        name: ordered[-(-len(ordered) * share // 100) - 1] / 1000 for name, share in SHARES.items() if ordered
    }


def percentiles_of(counted: Counter[int], shares: dict[str, int]) -> dict[str, int]:
    """
    As `percentiles_ms`, of numbers that have been counted.

    @param shares: percent, by name.
    """
    total, ordered = counted.total(), sorted(counted)
    out: dict[str, int] = {}
    for name, share in shares.items():
        left = -(-total * share // 100)
        for value in ordered:
            left -= counted[value]
            if left <= 0:
                out[name] = value
                break
    return out


def table(rows: list[dict[str, Any]]) -> Iterator[str]:
    """Rows under their names: columns as wide as they need; texts to the left, numbers to the right."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    cells = [names, *([_cell(row.get(name)) for name in names] for row in rows)]
    widths = [max(len(line[at]) for line in cells) for at in range(len(names))]
    texts = [any(isinstance(row.get(name), str) for row in rows) for name in names]
    for line in cells:
        yield "  ".join(
            cell.ljust(width) if text else cell.rjust(width)
            for cell, width, text in zip(line, widths, texts, strict=True)
        ).rstrip()


def _cell(value: Any) -> str:
    if value is None:
        return "-"
    return f"{value:.3f}" if isinstance(value, float) else str(value)
