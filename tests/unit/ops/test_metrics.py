"""The text that Prometheus reads."""

import prometheus_client
from prometheus_client.parser import text_string_to_metric_families

from bluemarble.ops.metrics import BOUNDS_MS, Durations, Figures, render


def samples(figures):
    families = text_string_to_metric_families(render(figures).decode())
    return {(s.name, *s.labels.values()): s.value for family in families for s in family.samples}


def test_render():
    """Numbers come out as they went in; nothing stays with the process."""
    ticks = Durations()
    for took_ms in (0.5, 1.0, 1.1, 60.0, 5000.0):
        ticks.add(took_ms)
    counts = {"move_too_fast": 3, "udp closed: silent": 2, 'a "kind"\n': 1}
    found = samples(Figures(ticks, 4, 5, 6, 7, counts, {"links": 8, "forged": 9}))
    assert found["bluemarble_tick_seconds_bucket", "0.001"] == 2
    assert found["bluemarble_tick_seconds_bucket", "0.075"] == 4
    assert found["bluemarble_tick_seconds_bucket", "+Inf"] == found["bluemarble_tick_seconds_count",] == 5
    assert round(found["bluemarble_tick_seconds_sum",], 4) == 5.0626
    assert found["bluemarble_late_ticks_total",] == 4
    assert found["bluemarble_sessions",], found["bluemarble_players",] == (5, 6)
    assert found["bluemarble_strain",] == 7
    assert {kind: found["bluemarble_events_total", kind] for kind in counts} == counts
    assert (found["bluemarble_udp_links",], found["bluemarble_udp_forged_total",]) == (8, 9)
    assert b"bluemarble" not in prometheus_client.generate_latest()


def test_nothing_yet():
    """A server that has just begun, without UDP."""
    found = samples(Figures(Durations(), 0, 0, 0, 0, {}, {}))
    assert len(found) == len(BOUNDS_MS) + 1 + 2 + 4
    assert set(found.values()) == {0}
