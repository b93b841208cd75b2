"""
What the C module does when the system gives it nothing: it says so, breaks nothing, and later goes on.

Each of these happens in a process of its own, whose limits it lowers.
"""

import os
import resource
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from bluemarble.native.feed import Feed
from bluemarble.native.field import CREATURE, PLAYER, Field
from bluemarble.native.pump import Pump

ROOT = Path(__file__).parents[3]
MANY = 1 << 17  # a slot so high that columns take megabytes
CORNER_YARDS = 17_000.0
# What is larger comes from the system, always: none of it from what was freed before.
ENVIRONMENT = {**os.environ, "MALLOC_MMAP_THRESHOLD_": "65536"}

# The sanitizers' allocator has reserved all addresses there are, and ends the program instead.
UNLIMITED = pytest.mark.skipif("libasan" in os.environ.get("LD_PRELOAD", ""), reason="memory has no limit")


@contextmanager
def scarce(more_bytes: int = 0) -> Iterator[None]:
    """There is so much more memory than now, and no more."""
    taken = int(Path("/proc/self/statm").read_text().split()[0]) * resource.getpagesize()
    limits = resource.getrlimit(resource.RLIMIT_AS)
    resource.setrlimit(resource.RLIMIT_AS, (taken + more_bytes, limits[1]))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_AS, limits)


def crowd(watchers: int) -> tuple[Field, list[int]]:
    """Some who see each other and one creature, which has the next slot; and their eyes."""
    field = Field()
    for slot in range(watchers):
        field.put(slot, PLAYER, slot / 4, 0.0, 0.0)
    field.put(watchers, CREATURE, 5.0, 5.0, 0.0)
    return field, [field.watch(slot) for slot in range(watchers)]


def steps(field: Field, ticks: range) -> None:
    for tick in ticks:
        field.step(tick, 50 * tick)


def place_of(field: Field, eye: int, mover: int) -> int:
    """Which of its slots it is in."""
    return next(slot for slot, (who, _) in field.seen(eye).items() if who == mover)


def columns_grow() -> None:
    """Whatever of a step's columns it is that cannot be had."""
    field, eyes = crowd(2)
    field.put(MANY, CREATURE, 8.0, 0.0, 0.0)
    tick = failures = 0
    while True:
        tick += 1
        try:
            with scarce(tick << 18):
                field.step(tick, 50 * tick)
            break
        except MemoryError:
            failures += 1
    assert failures > 4
    steps(field, range(tick + 1, tick + 5))
    for eye in eyes:
        assert {who for who, _ in field.seen(eye).values()} == {0, 1, 2, MANY} - {eye}
    assert Field.load(field.save()).digest() == field.digest()


def map_widens() -> None:
    """Eyes miss a turn, and then are not wrong about who is new."""
    field, eyes = crowd(8)
    steps(field, range(1, 5))
    had = [place_of(field, eye, 8) for eye in eyes]
    field.drop(8)
    field.put(8, CREATURE, 5.0, 5.0, 0.0)  # another one
    field.put(9, CREATURE, CORNER_YARDS, CORNER_YARDS, 0.0)
    field.put(10, CREATURE, -CORNER_YARDS, -CORNER_YARDS, 0.0)
    with scarce(), pytest.raises(MemoryError):
        field.step(5, 250)
    field.drop(9)
    field.drop(10)
    steps(field, range(6, 10))
    for eye, slot in zip(eyes, had, strict=True):
        assert place_of(field, eye, 8) != slot
    field.drop(8)
    steps(field, range(10, 14))
    assert Field.load(field.save()).digest() == field.digest()


def words_grow() -> None:
    """What moved in the tick that failed is told in the next one."""
    field, eyes = crowd(1)
    feed = Feed(field)
    feed.join(eyes[0], 7)
    for tick in range(1, 40):
        if tick == 20:
            told = feed.counts().near
            field.put(1, CREATURE, 6.0, 5.0, 0.0)
            field.put(MANY, CREATURE, CORNER_YARDS, 0.0, 0.0)
        field.step(tick, 50 * tick)
        if tick == 20:
            with scarce(), pytest.raises(MemoryError):
                feed.tick(tick)
            continue
        feed.tick(tick)
        feed.fates([(pushed.cid, pushed.record, False) for pushed in feed.take()])
    assert feed.counts().near > told


def threads_have_no_files() -> None:
    """A pump that could not start closes what it opened, and nothing else."""
    pump = Pump(io_threads=3)
    left = os.dup(0)
    os.close(left)
    limits = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (left + 1, limits[1]))
    with pytest.raises(OSError, match="eventfd"):
        pump.start()
    resource.setrlimit(resource.RLIMIT_NOFILE, limits)
    os.fstat(0)


@pytest.mark.parametrize(
    "scene",
    [
        *(pytest.param(scene, marks=UNLIMITED) for scene in (columns_grow, map_widens, words_grow)),
        pytest.param(threads_have_no_files, marks=pytest.mark.native),
    ],
)
def test_the_next_time_it_works(scene):
    program = f"from tests.unit.native.test_scarcity import {scene.__name__} as scene; scene()"
    subprocess.run(
        [sys.executable, "-c", program], cwd=ROOT, env=ENVIRONMENT, stdin=subprocess.DEVNULL, check=True
    )
