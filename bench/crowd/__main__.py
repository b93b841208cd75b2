"""
Ten thousand UDP players on one machine: the server on it, the crowd on it, both measured.

    python -m bench.crowd [--players N ...] [--layout L ...] [--seconds S] [--runs R] [--sweep]

Puts a line for each number of players and layout into bench/out/crowd.json (medians of its runs; what was
measured before of others stays there), the same as text into crowd.txt, and draws crowd.svg.
"""

import argparse
import os
import subprocess
import sys
import tempfile
import time
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, NamedTuple

from bench.crowd import report
from bench.crowd.build import build
from bench.crowd.child import Child
from bench.crowd.layouts import LAYOUTS
from bench.crowd.statistics import combined
from bench.crowd.summary import summary

PER_SECOND = 1500  # clients that attach
PATIENCE_S = 20.0
SETTLE_S, RELIEF_S = 6.0, 60.0
SWEEP = (1000, 2500, 5000, 7500)
SWEEP_SECONDS = 15.0


class Job(NamedTuple):
    """What is measured, and how often."""

    players: int
    layout: str
    seconds: float
    runs: int
    io_threads: int = 1
    encoder: int = 0


def jiffies() -> list[int]:
    """What all CPUs have done since they started: user, nice, system, idle, iowait, irq, softirq, steal."""
    return [int(part) for part in Path("/proc/stat").read_text().splitlines()[0].split()[1:9]]


def attach(crowd: Child, players: int) -> None:
    """
    Waits until all of them play.

    @raise TimeoutError: some do not.
    """
    limit = time.monotonic() + players / PER_SECOND + PATIENCE_S
    while (attached := crowd.ask({"attached": True})) < players:
        if time.monotonic() > limit:
            raise TimeoutError(f"{attached} of {players} attached")
        time.sleep(0.2)


def settle(server: Child) -> None:
    """Waits until coming in strains the server no more; if it goes on, that is how it is."""
    time.sleep(SETTLE_S)
    limit = time.monotonic() + RELIEF_S
    while server.ask({"level": True})["level"] and time.monotonic() < limit:
        time.sleep(0.5)


def measure(job: Job, options: argparse.Namespace) -> dict[str, Any]:
    """One run of a job."""
    with tempfile.TemporaryDirectory(prefix="bm-crowd-") as folder:
        invitations = Path(folder) / "invitations"
        server = Child(
            *("bench.crowd.server", "--players", str(job.players), "--layout", job.layout),
            *("--invitations", str(invitations), "--seed", str(options.seed)),
            *("--io-threads", str(job.io_threads), "--world-threads", str(options.world_threads)),
            *("--encoder", str(job.encoder), *(["--bare"] if options.bare else [])),
        )
        crowd = Child("bench.crowd.clients")
        if options.pin_crowd is not None:
            os.sched_setaffinity(crowd.process.pid, {options.pin_crowd})
        try:
            port = server.answer()["port"]
            crowd.ask({"invite": str(invitations), "server": port, "per_second": PER_SECOND})
            attach(crowd, job.players)
            settle(server)
            clock = server.ask({"measure": True})["clock"]
            crowd.ask({"clock": clock, "measure": True})
            before, cpu_ns = jiffies(), crowd.ask({"read": True})["cpu_ns"]
            time.sleep(job.seconds)
            served, played, after = server.ask({"read": True}), crowd.ask({"read": True}), jiffies()
            played["cpu_ns"] -= cpu_ns
            crowd.stop()
            bare = server.ask({"bare": [played["sizes_in"], played["sizes_out"]]})
        finally:
            crowd.stop()
            server.stop()
    passed = [b - a for a, b in zip(before, after, strict=True)]
    return {
        **job._asdict(),
        **summary(served, played, bare, job.players, job.seconds),
        "steal_share": passed[7] / (sum(passed) or 1),
        "idle_share": passed[3] / (sum(passed) or 1),
        "load": [round(each, 2) for each in os.getloadavg()],
    }


def revision() -> str:
    """The tree's commit, and whether it has been changed since."""
    words = ["git", "describe", "--always", "--dirty", "--abbrev=10"]
    return subprocess.run(words, capture_output=True, text=True, check=False).stdout.strip()


def options_of(words: list[str]) -> argparse.Namespace:
    """What to measure."""
    parser = argparse.ArgumentParser(prog="python -m bench.crowd")
    parser.add_argument("--players", type=int, nargs="+", default=[10_000])
    parser.add_argument("--layout", choices=LAYOUTS, nargs="+", default=list(LAYOUTS))
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--runs", type=int, default=3)
    parser.add_argument(
        "--sweep", action="store_true", help=f"also {SWEEP}, two I/O threads, and acknowledged deltas"
    )
    parser.add_argument("--encoder", type=int, choices=(0, 1), default=0)
    parser.add_argument("--io-threads", type=int, default=1)
    parser.add_argument("--world-threads", type=int, default=1)
    parser.add_argument("--bare", action="store_true", help="field, feed and pump without the world")
    parser.add_argument("--pin-crowd", type=int, help="the crowd's core; else it goes where it likes")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--trial", action="store_true", help="leave bench/out as it is")
    return parser.parse_args(words)


def jobs(options: argparse.Namespace) -> list[Job]:
    """What is asked for, the long ones first."""
    mine = {"io_threads": options.io_threads, "encoder": options.encoder}
    found = [
        Job(players, layout, options.seconds, options.runs, **mine)
        for players in options.players
        for layout in options.layout
    ]
    if options.sweep:
        found += [Job(players, layout, SWEEP_SECONDS, 1) for players in SWEEP for layout in options.layout]
        found.append(Job(options.players[0], "uniform", SWEEP_SECONDS, 1, io_threads=2))
        found.append(Job(options.players[0], "uniform", SWEEP_SECONDS, 1, encoder=1))
    return found


def main() -> None:
    """Measures, and writes it down after each."""
    options = options_of(sys.argv[1:])
    build()  # not while it is being measured
    commit = revision()
    for job in jobs(options):
        each = []
        for _ in range(job.runs):
            each.append(measure(job, options))
            print(report.told(each[-1]), flush=True)
        if not options.trial:
            report.keep(
                {
                    **combined(each),
                    "each": [{key: one[key] for key in report.KEYS} for one in each],
                    "revision": commit,
                    "date": datetime.now(UTC).strftime("%Y-%m-%d %H:%M UTC"),
                }
            )
            report.write()


if __name__ == "__main__":
    main()
