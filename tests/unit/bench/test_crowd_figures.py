"""What the crowd's counts are made into: percentiles, lateness, medians, places."""

import math

import pytest

from bench.crowd import report
from bench.crowd.bare import spread
from bench.crowd.clients import NUMBERS
from bench.crowd.layouts import LAYOUTS, SIEGE_YARDS, TOWN_YARDS, height, places
from bench.crowd.statistics import Tick, by_class, combined, lateness, mean, percentile
from bench.crowd.summary import summary


def test_percentile_of_a_histogram():
    assert percentile([0, 98, 1, 1], 0.98, 50) == 50
    assert percentile([0, 98, 1, 1], 0.99, 50) == 100
    assert percentile([0, 98, 1, 1], 1, 50) == 150
    assert percentile([0, 0], 0.5) is None
    assert mean([1, 1, 2], 10) == 12.5
    assert mean([0]) == 0


def test_each_class_has_its_own():
    assert by_class([1, 0, 0, 1, 0, 0, 1, 3], 0.5, 50) == {"10": 0, "50": 50, "100": None, "far": 50}


def ticks(*late_ms):
    return [Tick(50.0 * i, 50.0 * i + late - 5, 50.0 * i + late) for i, late in enumerate(late_ms)]


def test_a_tick_is_late_when_it_ends_late():
    found = lateness(ticks(5, 49, 50, 51), [0] * 10, 0.0)
    assert found == (0.25, 0.0, 51.0, 0.0)


def test_a_late_generator_excuses():
    """It was late in the 50 ms before the tick was due, or until it ended; not at another time."""
    late = ticks(5, 5, 5, 5, 80)
    assert lateness(late, [0, 0, 0, 51, 0, 0, 0], 0.0).excused_share == 0.2
    assert lateness(late, [0, 0, 0, 0, 0, 51, 0], 0.0).excused_share == 0.2
    assert lateness(late, [0, 0, 51, 0, 0, 0, 51], 0.0).late_share == 0.2
    assert lateness(late, [0, 0, 0, 50, 50, 50], 0.0).late_share == 0.2
    assert lateness(late, [51, 0, 0], 200.0).excused_share == 0.2
    assert lateness([], [], 0.0).late_share == 0


def test_runs_are_combined_by_their_medians():
    runs = [
        {"a": 1, "tick_ms_max": 5, "s": {"10": 100.0, "far": None}, "layout": "towns"},
        {"a": 9, "tick_ms_max": 7, "s": {"10": 50.0, "far": 3.0}, "layout": "towns"},
        {"a": 2, "tick_ms_max": 6, "s": {"10": 75.0, "far": None}, "layout": "towns"},
    ]
    assert combined(runs) == {"a": 2, "tick_ms_max": 7, "s": {"10": 75.0, "far": 3.0}, "layout": "towns"}


def test_sizes_are_spread_as_they_were():
    sizes = spread([0, 30, 0, 10], 100)
    assert (sizes.count(1), sizes.count(3)) == (75, 25)
    assert sizes != sorted(sizes)
    assert spread([], 3) == [1, 1, 1]


@pytest.mark.parametrize("layout", LAYOUTS)
def test_layouts(layout):
    found = places(layout, 2000)
    assert found == places(layout, 2000)
    assert len(found) == 2000
    for each in found:
        assert math.dist(each[:2], (each.home_x, each.home_y)) <= each.home_yards
        assert each.z == height(each.x, each.y)
    homes = [each.home_yards for each in found]
    assert homes.count(TOWN_YARDS) == (1000 if layout == "towns" else 0)
    assert homes.count(SIEGE_YARDS) == (400 if layout == "siege" else 0)


def test_a_uniform_crowd_sees_a_hundred():
    found = places("uniform", 10_000)
    seen = [sum(math.dist(each[:2], other[:2]) < 150 for other in found) - 1 for each in found[:50]]
    assert 80 < sum(seen) / len(seen) < 110


def test_a_line_replaces_its_like(tmp_path, monkeypatch):
    monkeypatch.setattr(report, "FILE", tmp_path / "crowd.json")
    line = {"players": 1000, "layout": "towns", "encoder": 0, "io_threads": 1, "tick_ms_p50": 1.0}
    for change in ({}, {"layout": "uniform"}, {"players": 2000}, {"tick_ms_p50": 2.0}):
        report.keep({**line, **change})
    assert [(each["players"], each["layout"], each["tick_ms_p50"]) for each in report.lines()] == [
        (2000, "towns", 1.0),
        (1000, "uniform", 1.0),
        (1000, "towns", 2.0),
    ]
    assert "towns" in report.table(report.lines())


def served(ticks=20):
    ms = 1_000_000
    due = [50 * ms * i for i in range(ticks)]
    phases = {name: [2 * ms] * ticks for name in ("drain", "moves", "step", "follow", "feed")}
    return {
        "ticks": {
            "due": due,
            "began": [at + ms for at in due],
            "ended": [at + 21 * ms for at in due[:-1]] + [due[-1] + 61 * ms],
            "cpu": [13 * ms] * ticks,
            **phases,
        },
        "levels": [0] * (ticks - 1) + [2],
        "counters": {
            "sent": 2000,
            "received": 1000,
            "kernel_ns": 6 * ms,
            "aead_ns": 2 * ms,
            "other_ns": 2 * ms,
            "due": 1000,
            "fed_snapshot_bytes": 6500,
        },
        "cpu_ns": 500 * ms,
        "rss_kib": {"before": 1000, "empty": 1100, "playing": 3000, "characters": 500},
    }


def played():
    histogram = {name: [0] * 512 for name in ("late_ms", "delay_ms", "rtt_ms")}
    counts = dict.fromkeys(NUMBERS, 0)
    ages = [0] * 256
    ages[0], ages[1], ages[192 + 20] = 90, 10, 5
    return {
        **histogram,
        **counts,
        "ages": ages,
        "ages_ms": [0] * 2048,
        "unseen": [1, 0, 0, 0],
        "near_by": [4, 0, 0, 0],
        "buckets": [0] * 100,
        "began_ns": 0,
        "mismatches": [],
        "cpu_ns": 100,
        "sizes_in": [0] * 100 + [1],
        "sizes_out": [0] * 60 + [1],
        "received": 1900,
        "lost": 100,
        "received_bytes": 190_000,
        "sent": 1000,
        "sent_bytes": 60_000,
        "near_words": 600,
        "far_words": 200,
    }


def test_a_run_is_summed_up():
    """The figures that the report must have, from columns where each is plain to see."""
    found = summary(served(), played(), {"before": [4000, 1000], "after": [6000, 3000]}, 10, 1.0)
    assert found["late_share"] == 0.05
    assert (found["tick_ms_p50"], found["tick_ms_max"]) == (20, 60)
    assert found["python_ms_p50"] == 3
    assert found["strain_max"] == 2
    # 10 ms in the I/O threads and 20 ticks of 8 ms, against 2000 x 5 us and 1000 x 2 us
    assert found["kernel_ratio"] == pytest.approx(170 / 12)
    assert found["staleness_ms_p99"] == {"10": 50, "50": None, "100": None, "far": 1000}
    assert found["unseen_share"]["10"] == 0.25
    assert found["bytes_per_update"] == 6.5
    assert found["lost_down_share"] == 0.05
    assert found["rss_kib_per_player"] == 150
    wire = 190_000 + 60_000 + 28 * 2900
    assert found["cut_share"] == pytest.approx(1 - wire / (14 * 20 * 100))
    assert set(report.KEYS) - {"steal_share", "load"} <= set(found)
    assert "tick_ms_p50" in report.told(found)
