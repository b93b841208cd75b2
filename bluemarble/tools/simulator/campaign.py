"""Many seeds in several processes, and what became of them."""

import multiprocessing
import tempfile
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from contextlib import contextmanager
from pathlib import Path
from time import process_time
from typing import NamedTuple

from bluemarble.tools.simulator.plan import plan_of
from bluemarble.tools.simulator.server import make_template
from bluemarble.tools.simulator.simulation import Outcome, simulate

AT_A_TIME = 10  # seeds that one process takes


class Batch(NamedTuple):
    """What became of some seeds; `cpu_s`: what they cost."""

    failed: list[Outcome]
    counts: Counter[str]
    seconds: float
    cpu_s: float


@contextmanager
def template() -> Iterator[Path]:
    """Databases to begin from, while this lasts."""
    with tempfile.TemporaryDirectory(prefix="bluemarble-template-") as folder:
        make_template(Path(folder))
        yield Path(folder)


def batch(seeds: range) -> Batch:
    """Run these."""
    begun_s, failed, seconds = process_time(), [], 0.0
    counts: Counter[str] = Counter()
    with template() as folder:
        for seed in seeds:
            outcome = simulate(plan_of(seed), folder)
            counts.update(outcome.counts)
            seconds += outcome.seconds
            if outcome.findings:
                failed.append(outcome)
    return Batch(failed, counts, seconds, process_time() - begun_s)


def many(seeds: range, jobs: int) -> Iterator[tuple[range, Batch]]:
    """Run these in so many processes; some at a time, in order."""
    parts = [seeds[at : at + AT_A_TIME] for at in range(0, len(seeds), AT_A_TIME)]
    if jobs == 1:
        yield from ((part, batch(part)) for part in parts)
        return
    with ProcessPoolExecutor(jobs, mp_context=multiprocessing.get_context("spawn")) as pool:
        yield from zip(parts, pool.map(batch, parts), strict=True)
