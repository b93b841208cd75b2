"""The time that is drawn."""

import itertools
import random

import pytest

from bluemarble.client.timeline import FIRST_MS, LEAST_MS, MOST_MS, Timeline


def test_nothing_before_the_first_tick():
    with pytest.raises(ValueError, match="tick"):
        Timeline().drawn_ms(0)


def test_ticks_are_counted_on():
    line = Timeline()
    assert [line.arrived(tick, 0) for tick in (65_534, 65_535, 1, 0, 5, 65_530)] == [
        65_534,
        65_535,
        65_537,
        65_536,
        65_541,
        65_530,
    ]
    assert line.newest == 65_541


def run(delay_ms, seconds=20, every=1, clock=1.0, lost=0.0, seed=1):
    """Ticks that arrive after `delay_ms(random)`; yields (now, drawn, newest, line) 125 times a second."""
    draw, line = random.Random(seed), Timeline()
    sent = [(tick, tick * 50 * clock + delay_ms(draw)) for tick in range(0, seconds * 20, every)]
    arrivals = sorted((at, tick) for tick, at in sent if tick == 0 or draw.random() >= lost)
    for now in range(int(arrivals[0][0]) + 1, seconds * 1000, 8):
        while arrivals and arrivals[0][0] <= now:
            at, tick = arrivals.pop(0)
            line.arrived(tick & 0xFFFF, at)
        yield now, line.drawn_ms(now), line.newest * 50, line


def judge(frames, since_ms):
    """The share of frames drawn beyond the newest tick, and the greatest and least pace of the drawn time."""
    frames = [f for f in frames if f[0] >= since_ms]
    paces = [(b[1] - a[1]) / (b[0] - a[0]) for a, b in itertools.pairwise(frames)]
    return sum(f[1] > f[2] for f in frames) / len(frames), min(paces), max(paces)


@pytest.mark.parametrize(
    ("delay", "every", "lost", "most_ms"),
    [
        (lambda draw: 30.0, 1, 0.0, 60),
        (lambda draw: 30.0, 2, 0.0, 110),
        (lambda draw: 30.0 + 40.0 * draw.random(), 1, 0.0, 110),
        (lambda draw: 100.0 + draw.expovariate(1 / 20), 2, 0.05, 260),
    ],
    ids=["even", "thinned", "jitter", "loss"],
)
def test_behind_what_arrives(delay, every, lost, most_ms):
    """There is nearly always a later tick to draw towards, and no more delay than that takes."""
    frames = list(run(delay, every=every, lost=lost))
    beyond, slowest, fastest = judge(frames, 6_000)
    assert beyond < 0.05
    assert 0.89 < slowest <= fastest < 1.11
    assert LEAST_MS <= frames[-1][3].delay_ms <= most_ms


def test_never_back():
    """However ticks come, the drawn time does not turn back."""
    frames = list(run(lambda draw: draw.choice([10.0, 10.0, 700.0]), lost=0.3, seed=3))
    assert all(a[1] <= b[1] for a, b in itertools.pairwise(frames))
    assert frames[-1][3].delay_ms <= MOST_MS + 1.0


def test_dilated_server():
    """A server whose ticks take longer is followed, and outrun by less than half a tick."""
    frames = [f for f in run(lambda draw: 30.0, clock=1.08) if f[0] > 8_000]
    assert all(-120 < drawn - newest < 25 for _, drawn, newest, _ in frames)


def test_long_silence():
    """After a pause of seconds the time is set anew at once."""
    line = Timeline()
    line.arrived(0, 30)
    assert line.drawn_ms(30) == -FIRST_MS
    line.arrived(20, 9_030)  # the server stood still for eight seconds
    for tick in range(21, 100):
        line.arrived(tick, 9_030 + (tick - 20) * 50)
    assert line.drawn_ms(13_000) == pytest.approx(99 * 50 - LEAST_MS, abs=60)
