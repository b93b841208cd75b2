"""Three hundred simulations: nothing is found, everything has happened, and a seed is always the same."""

import os
import subprocess
import sys

from bluemarble.tools.simulator.campaign import many
from bluemarble.tools.simulator.plan import KINDS, plan_of
from bluemarble.tools.simulator.simulation import simulate

SEEDS = range(300)
# What must have happened in some of them, or they no longer try what they are for.
REACHED = (
    "characters_entered",
    "characters_taken_over",
    "characters_created",
    "characters_deleted",
    "sessions_replaced",
    "database_away",
    "command_save",
    "command_tele",
    "cut: silent",
    "udp_moved",
    "crash",
    "stopped",
    "gave up",
    "unsure",
    "full",
    "packets followed",
    "saves followed",
    "events followed",
    "signals followed",
    "udp_events_passed_over",
    "account data followed",
    "players shown",
    "places told",
    "lines heard",
    "command_gps",
)
PROGRAM = """
import sys, pathlib
from bluemarble.tools.simulator.plan import plan_of
from bluemarble.tools.simulator.simulation import simulate
print(*[simulate(plan_of(int(seed)), pathlib.Path(sys.argv[1])).digest for seed in sys.argv[2:]])
"""


def test_300_seeds():
    """In two processes."""
    failed, counts = [], {}
    for _, batch in many(SEEDS, 2):
        failed += [f"{it.plan.command()}: {it.findings[0]}" for it in batch.failed]
        for what, count in batch.counts.items():
            counts[what] = counts.get(what, 0) + count
    assert not failed, "\n".join(failed)
    assert not {what for what in REACHED if not counts.get(what)}
    assert not {kind for kind in KINDS if not counts.get(f"fault: {kind}")}
    assert not counts.get("errors"), counts
    assert not counts.get("faults"), counts


def test_a_seed_is_always_the_same(template):
    """In this process and in another one, where every hash is another."""
    seeds = [seed for seed in SEEDS if len(plan_of(seed).faults) > 5 and plan_of(seed).over_udp][:4]
    here = [simulate(plan_of(seed), template).digest for seed in seeds]
    assert len(set(here)) == len(seeds)
    environment = {**os.environ, "PYTHONHASHSEED": "4711"}
    there = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(template), *map(str, seeds)],
        env=environment,
        capture_output=True,
        text=True,
        check=True,
    )
    assert there.stdout.split() == here
