"""Delays in buckets, and rows of what happened."""

import json
import random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bluemarble.tools.bots.figures import GROWTH, Delays, Figures, Row

TIMES = st.lists(st.floats(0.0, 1e6), min_size=1, max_size=50)


def delays(times):
    made = Delays()
    for ms in times:
        made.add(ms)
    return made


@given(TIMES, st.floats(0.01, 1.0))
def test_percentiles(times, share):
    """At most a bucket too high, and never too low, but for what is less than the clock can tell."""
    found = delays(times).at(share)
    right = sorted(times)[max(-int(-share * len(times) // 1) - 1, 0)]
    assert found >= min(right, max(times)) * (1 - 1e-9)
    assert found <= max(right * GROWTH * (1 + 1e-9), 0.0105)


@given(TIMES, TIMES)
def test_together(some, more):
    """Two processes' delays are those of one that had both."""
    both = delays(some)
    both.take(delays(more))
    one = delays(some + more)
    assert both.bars() == one.bars() and (both.count, both.most_ms) == (one.count, one.most_ms)
    assert Delays.read(json.loads(json.dumps(both.told()))).summary() == both.summary()


def test_none():
    assert Delays().at(0.5) == 0.0 and Delays().summary()["mean"] == 0.0
    assert delays([-5.0]).most_ms == 0.0


@pytest.mark.parametrize(
    "told", [{}, {"buckets": [[1, -1]]}, {"buckets": [[10**6, 1]]}, {"buckets": 5}, {"buckets": [[1]]}]
)
def test_no_delays(told):
    with pytest.raises((ValueError, KeyError, TypeError)):
        Delays.read({"sum_ms": 1.0, "most_ms": 1.0, **told} if told else told)


def test_rows():
    """What happened is of the row of its time; another process's rows go with those of the same time."""
    one, other = Figures(), Figures()
    one.count("steps_sent", 3)
    one.end_row({"in_world": 2})
    one.delay("relay", 5.0)
    other.count("steps_sent")
    other.end_row({"in_world": 1})
    other.end_row({"in_world": 4})
    one.take(other)
    assert [row.counts["steps_sent"] for row in one.rows] == [4, 0, 0]
    assert [row.now["in_world"] for row in one.rows] == [3, 4, 0]
    whole = one.whole()
    assert whole.counts["steps_sent"] == 4 and whole.now["in_world"] == 4
    assert whole.delays["relay"].count == 1
    told = json.loads(json.dumps(whole.told()))
    assert Row.read(told).told() == whole.told()


def test_many_are_quick_to_sum_up():
    """A delay of every size there is: the buckets stay few."""
    draw = random.Random(3)
    assert len(delays([draw.expovariate(0.02) for _ in range(20_000)]).bars()) < 250
