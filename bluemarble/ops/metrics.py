"""What a world server does, in the text format that Prometheus reads."""

from bisect import bisect_left
from collections.abc import Iterable, Mapping
from typing import NamedTuple

from prometheus_client import CollectorRegistry, generate_latest
from prometheus_client.core import (
    CounterMetricFamily,
    GaugeMetricFamily,
    HistogramMetricFamily,
    Metric,
)

CONTENT_TYPE = "text/plain; version=0.0.4; charset=utf-8"
BOUNDS_MS = (1, 2, 5, 10, 15, 20, 30, 40, 50, 75, 100, 200, 500, 1000)  # of the histogram; the last is no end
NOW = frozenset({"links", "attached", "feed_readers"})  # of the UDP figures: how many there are


class Durations:
    """
    How often something took how long, since the start.

    @ivar sum_ms: all of them together.
    """

    def __init__(self) -> None:
        self._counts = [0] * (len(BOUNDS_MS) + 1)
        self.sum_ms = 0.0

    def add(self, took_ms: float) -> None:
        """Once more."""
        self._counts[bisect_left(BOUNDS_MS, took_ms)] += 1
        self.sum_ms += took_ms

    def buckets(self) -> list[tuple[str, int]]:
        """An upper bound in seconds, and how many took no longer."""
        total, out = 0, []
        for bound, count in zip([*(str(ms / 1000) for ms in BOUNDS_MS), "+Inf"], self._counts, strict=True):
            total += count
            out.append((bound, total))
        return out


class Figures(NamedTuple):
    """
    What is known of a world server at one time.

    @ivar ticks: how long they took; @ivar late: those that did not begin in time, since the start.
    @ivar sessions: clients, at the character screen or further; @ivar players: characters in the world.
    @ivar counts: what happened, by kind, since the start.
    @ivar udp: likewise, of its datagram links; empty without them.
    @ivar strain: what is left undone, 0 to 10.
    """

    ticks: Durations
    late: int
    sessions: int
    players: int
    strain: int
    counts: Mapping[str, int]
    udp: Mapping[str, int]


class _Families:
    """A collector for one time only: nothing is registered with the whole process."""

    def __init__(self, figures: Figures) -> None:
        self.figures = figures

    def collect(self) -> Iterable[Metric]:
        """Every metric with its samples."""
        it = self.figures
        ticks = HistogramMetricFamily("bluemarble_tick_seconds", "How long ticks took.")
        ticks.add_metric([], buckets=it.ticks.buckets(), sum_value=it.ticks.sum_ms / 1000)
        yield ticks
        yield CounterMetricFamily("bluemarble_late_ticks", "Ticks that did not begin in time.", it.late)
        yield GaugeMetricFamily("bluemarble_sessions", "Clients, on TCP or on a link alone.", it.sessions)
        yield GaugeMetricFamily("bluemarble_players", "Characters in the world.", it.players)
        yield GaugeMetricFamily("bluemarble_strain", "What is left undone: 0, nothing, to 10.", it.strain)
        events = CounterMetricFamily("bluemarble_events", "What happened, by kind.", labels=["kind"])
        for kind, count in sorted(it.counts.items()):
            events.add_metric([kind], count)
        yield events
        for name, value in it.udp.items():
            family = GaugeMetricFamily if name in NOW else CounterMetricFamily
            yield family(f"bluemarble_udp_{name}", f"UDP: {name.replace('_', ' ')}.", value)


def render(figures: Figures) -> bytes:
    """The body of an answer of CONTENT_TYPE."""
    registry = CollectorRegistry(auto_describe=False)
    registry.register(_Families(figures))
    return generate_latest(registry)
