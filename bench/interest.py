"""
What native/interest costs a tick, against what it may.

    python bench/interest.py
"""

import random
import sys
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bluemarble.native.interest import Interest

TICK_MS = 50.0


def ms(call, times):
    """Milliseconds of the fastest of `times` calls."""
    best = float("inf")
    for _ in range(times):
        started = time.perf_counter()
        call()
        best = min(best, time.perf_counter() - started)
    return best * 1000


def world(observers, things, half_yards, seed=1):
    """A map with observers in slots 0 up, and things after them."""
    chance = random.Random(seed)
    it = Interest()
    places = [
        [chance.uniform(-half_yards, half_yards), chance.uniform(-half_yards, half_yards)]
        for _ in range(observers + things)
    ]
    for slot, place in enumerate(places):
        it.put(slot, *place)
        if slot < observers:
            it.watch(slot, 100.0, 110.0)
    it.refresh()
    return it, places


def moving(it, places, slots):
    """One tick in which these slots take a step."""
    for slot in slots:
        places[slot][0] += 0.35 if places[slot][0] < 0 else -0.35
        it.put(slot, *places[slot])
    it.refresh()


def main():
    idle, places = world(5000, 120_000, 8000)
    crowd, crowded = world(200, 0, 40)
    siege, besieged = world(2000, 0, 100)
    rows = [
        ("5 000 idle observers, 120 000 things", ms(idle.refresh, 200), 0.5),
        ("of these 250 walk", ms(lambda: moving(idle, places, range(250)), 20), 5.0),
        ("200 in one place, 50 of them step", ms(lambda: moving(crowd, crowded, range(50)), 50), 1.0),
        ("2 000 in one place, 500 of them step", ms(lambda: moving(siege, besieged, range(500)), 10), 40.0),
    ]
    failed = False
    for name, cost, budget in rows:
        over = cost > budget
        failed |= over
        print(
            f"{name:40}{cost:9.3f} ms {cost / TICK_MS:8.1%} of a tick, budget {budget / TICK_MS:6.1%}"
            f"{'  OVER' if over else ''}"
        )
    sys.exit(failed)


if __name__ == "__main__":
    main()
