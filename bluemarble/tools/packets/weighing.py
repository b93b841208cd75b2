"""What a recording's datagrams are made of: sections, bytes, losses, and how soon they are acknowledged."""

from collections import Counter
from collections.abc import Iterator
from typing import Any

from bluemarble.tools.packets.counting import SHARES, Count, percentiles_of, table
from bluemarble.tools.packets.overheard import Datagram
from bluemarble.wire.captures.record import US
from bluemarble.wire.datagram.prefix import DELAY_LIMIT, DELAY_UNIT_US

LINKS_LIMIT = 1 << 20  # more directions are not told apart
ROUNDED_US = 100
UNDER_WAY = {"median_ms": 50, "p95_ms": 95}  # percentiles
DELAY_MOST_MS = DELAY_LIMIT * DELAY_UNIT_US // 1000  # that or more: nothing is known


class _Way:
    """One direction of a link."""

    __slots__ = ("count", "first", "last")

    def __init__(self, first: int) -> None:
        self.first = self.last = first
        self.count = 0


class Weights:
    """Takes datagrams in the order of their recording."""

    def __init__(self) -> None:
        self.first_us: int | None = None
        self.last_us = 0
        self._sizes = {True: Count(), False: Count()}
        self._said: dict[tuple[str, bool], Count] = {}
        self._took: dict[bool, Counter[int]] = {True: Counter(), False: Counter()}
        self._under_way: dict[bool, Counter[int]] = {True: Counter(), False: Counter()}
        self._ways: dict[tuple[int, bool], _Way] = {}
        self._keys = {True: 0, False: 0}

    def __bool__(self) -> bool:
        """Whether there were any."""
        return self.first_us is not None

    def take(self, it: Datagram) -> None:
        """One more."""
        self.first_us = it.time_us if self.first_us is None else min(self.first_us, it.time_us)
        self.last_us = max(self.last_us, it.time_us)
        self._sizes[it.from_client].sizes[it.size] += 1
        self._sizes[it.from_client].faulty += bool(it.fault)
        self._keys[it.from_client] = max(self._keys[it.from_client], it.generation)
        for said in it.said:
            count = self._said.setdefault((said.name, it.from_client), Count())
            count.sizes[said.size] += 1
            count.faulty += bool(said.fault)
        if it.answered_us is not None:
            self._took[not it.from_client][max(it.answered_us, 0) // ROUNDED_US] += 1
            if it.delay_ms is not None and it.delay_ms < DELAY_MOST_MS:
                under_way_us = max(it.answered_us - it.delay_ms * 1000, 0)
                self._under_way[not it.from_client][under_way_us // ROUNDED_US] += 1
        key = it.connection, it.from_client
        if key in self._ways or len(self._ways) < LINKS_LIMIT:
            way = self._ways.setdefault(key, _Way(it.number))
            way.first, way.last = min(way.first, it.number), max(way.last, it.number)
            way.count += 1

    def as_json(self) -> dict[str, Any]:
        """All of it as values that JSON has; sections with most bytes first."""
        span_s = (self.last_us - (self.first_us or 0)) / US
        ordered = sorted(self._said.items(), key=lambda pair: (-pair[1].size_bytes, pair[0]))
        return {
            "seconds": span_s,
            "links": len({connection for connection, _ in self._ways}),
            "datagrams": [self._way(from_client, span_s) for from_client in (True, False)],
            "sections": [_row(name, from_client, count, span_s) for (name, from_client), count in ordered],
        }

    def _way(self, from_client: bool, span_s: float) -> dict[str, Any]:
        ways = [way for (_, sender), way in self._ways.items() if sender is from_client]
        took = self._took[from_client]
        row = _row("datagrams", from_client, self._sizes[from_client], span_s)
        return row | {
            "not_seen": sum(max(way.last - way.first + 1 - way.count, 0) for way in ways),
            "keys_most": self._keys[from_client],
            "acknowledged": took.total(),
            **{name: value * ROUNDED_US / 1000 for name, value in percentiles_of(took, SHARES).items()},
            **{
                f"under_way_{name}": value * ROUNDED_US / 1000
                for name, value in percentiles_of(self._under_way[from_client], UNDER_WAY).items()
            },
        }

    def lines(self) -> Iterator[str]:
        """The same as tables."""
        found = self.as_json()
        yield (
            f"datagrams of {found['links']} links in {found['seconds']:.3f} s; "
            "latencies are until they were acknowledged, under way without what the other end held that"
        )
        for rows in (found["datagrams"], found["sections"]):
            if rows:
                yield ""
                yield from table(rows)


def _row(name: str, from_client: bool, count: Count, span_s: float) -> dict[str, Any]:
    known = bool(count.sizes)
    return {
        "name": name,
        "from": "client" if from_client else "server",
        "count": count.packets,
        "size_bytes": count.size_bytes,
        "smallest_bytes": min(count.sizes) if known else None,
        "median_bytes": count.median_bytes() if known else None,
        "largest_bytes": max(count.sizes) if known else None,
        "per_s": count.packets / span_s if span_s else None,
        "bytes_per_s": count.size_bytes / span_s if span_s else None,
        "faulty": count.faulty,
    }
