"""
What a journal costs, and whether another checkout runs it again to the same digests, on MariaDB.

    python -m bench.journal [--players N] [--seconds S] [--trial]

Bots wander over a map for ten minutes while the server's journal is on; a fresh clone of this checkout then
runs it, and compares the chain's link of every tick and each digest.  Then they wander for as long while the
journal is switched on and off in turns, and the server's CPU is compared.  Last, a world of thousands is
frozen, to see what that does to its ticks.
"""

import argparse
import math
import os
import sys
import tempfile
import time
from pathlib import Path
from typing import Any

from bench import figures
from bench.figures import percentile
from bench.realm import Bots, Realm, checkout, cpu_s, rerun
from bluemarble.servers.freezing import Child
from bluemarble.sim.effects import Input
from bluemarble.sim.rules import TICK_MS, Rules
from bluemarble.sim.world import World
from bluemarble.tools.replay.content import content_of
from bluemarble.wire import blocks, journal
from opcodes.movement import FORWARD, MSG_MOVE_HEARTBEAT
from tests import mariadb
from tests.integration.realm import character, entering

FULL, TRIAL = (200, 600.0, 3000), (40, 24.0, 300)  # bots, seconds, players of the frozen world
SPREAD_YARDS = 1500.0
LEAD_S = 30.0  # until all are in
SETTLE_S = 4.0  # after the journal was switched: a snapshot, or what is written at an end
TURNS = "off on on off off on on off".split()  # what drifts, drifts for both
FROZEN_TICKS = 100
ENTER_EACH_TICK, EVERY_TICKS, APART_YARDS, STEP_YARDS = 50, 10, 30.0, 3.0


class Walkers:
    """Players of a world, ten yards apart, who walk to and fro on TCP: each says so twice a second."""

    def __init__(self, count: int) -> None:
        side = math.isqrt(count) + 1
        self.places = [(n % side * APART_YARDS, n // side * APART_YARDS) for n in range(count)]

    def enter(self, tick: int) -> list[Input]:
        """Those who come in this tick."""
        first = tick * ENTER_EACH_TICK
        some = enumerate(self.places[first : first + ENTER_EACH_TICK], first + 1)
        return [Input(n, entering(character(n, f"P{n}", x=x, y=y, z=50.0))) for n, (x, y) in some]

    def walk(self, tick: int) -> list[Input]:
        """What those say whose turn it is."""
        return [self._step(n, tick) for n in range(tick % EVERY_TICKS, len(self.places), EVERY_TICKS)]

    def _step(self, index: int, tick: int) -> Input:
        x, y = self.places[index]
        there = tick // EVERY_TICKS % 2 * STEP_YARDS
        said = MSG_MOVE_HEARTBEAT(
            guid=index + 1,
            flags=FORWARD,
            flags2=0,
            timestamp=tick * TICK_MS,
            x=x + there,
            y=y,
            z=50.0,
            orientation=0.0,
            fall_time=0,
        )
        return Input(index + 1, said)


def measure(players: int, seconds: float, thousands: int, keep: bool) -> None:
    """All of it, and the figures."""
    with tempfile.TemporaryDirectory(prefix="bm-journal-") as name, mariadb.Server() as maria:
        folder = Path(name)
        there = checkout(folder)
        realm = Realm(folder / "realm", maria, {})
        realm.init()
        found: dict[str, Any] = {"players": players, "seconds": seconds}
        found |= recorded(realm, players, seconds, there)
        found |= compared(realm, players, seconds)
        found |= {"frozen": frozen(realm.world_db, thousands)}
    if keep:
        figures.report("journal", found)
    else:
        print("\n".join(f"{key:>36}  {value}" for key, value in found.items()))


def recorded(realm: Realm, players: int, seconds: float, there: Path) -> dict[str, Any]:
    """The bots' time with the journal on, and the journal run again elsewhere."""
    realm.settings["BLUEMARBLE__JOURNAL__PATH"] = "journals"
    realm.start()
    try:
        bots = Bots(realm, players, LEAD_S + seconds, SPREAD_YARDS)
        try:
            time.sleep(LEAD_S)
            began = len(realm.log())
            if bots.wait():
                raise RuntimeError("the bots did not play")
        finally:
            bots.stop()
        ticks = realm.ticks(began)
    finally:
        realm.stop()
    (file,) = realm.journals()
    held = looked_at(file)
    run = rerun(there, file, realm.world_db)
    return {
        **held,
        "tick_ms": ticks,
        "ticks_compared": int(run["chained"]),
        "ticks_not_compared": held["links"] - int(run["chained"]) + abs(int(run["ticks"]) - held["links"]),
        "digests_compared": int(run["compared"]),
        "faults": int(run["faults"]),
        "replay_s": float(run["seconds"]),
        "times_real_time": int(run["real_ms"]) / 1000 / float(run["seconds"]),
    }


def looked_at(file: Path) -> dict[str, Any]:
    """What is in the journal."""
    with file.open("rb") as source:
        reader = journal.Reader(source)
        heads = reader.index()
        links = inputs = 0
        for record in reader:
            links += isinstance(record, journal.Chain)
            inputs += len(record.inputs) if isinstance(record, journal.Tick) else 0
    snapshots = [head.size for head in heads if head.kind == blocks.SNAPSHOT]
    return {
        "inputs": inputs,
        "links": links,
        "bytes": file.stat().st_size,
        "bytes_unpacked": sum(head.plain for head in heads),
        "snapshots": len(snapshots),
        "snapshot_bytes": max(snapshots, default=0),
        "longest_cut_ms": longest_cut_ms(heads),
    }


def longest_cut_ms(heads: list[journal.Block]) -> float:
    """The most of the world's time that one block holds: what a crash loses."""
    ticks = [head.last - head.first + 1 for head in heads if head.kind == blocks.RECORDS]
    return max(ticks, default=0) * TICK_MS


def compared(realm: Realm, players: int, seconds: float) -> dict[str, Any]:
    """The server's CPU with the journal on and off, in turns."""
    turn_s = max(seconds / len(TURNS), SETTLE_S + 2)
    used: dict[str, list[float]] = {"on": [], "off": []}
    realm.start()
    try:
        bots = Bots(realm, players, LEAD_S + turn_s * len(TURNS) + 5, SPREAD_YARDS)
        try:
            time.sleep(LEAD_S)
            for turn in TURNS:
                realm.order("journal", turn)
                time.sleep(SETTLE_S)
                began_s, before_s = time.monotonic(), cpu_s(realm.pid)
                time.sleep(turn_s - SETTLE_S)
                used[turn].append((cpu_s(realm.pid) - before_s) / (time.monotonic() - began_s))
            bots.wait()
        finally:
            bots.stop()
    finally:
        realm.stop()
    on, off = (sum(used[turn]) / len(used[turn]) for turn in ("on", "off"))
    return {
        "cores_on": used["on"],
        "cores_off": used["off"],
        "cost_percent": (on / off - 1) * 100,
        "cost_core_percent": (on - off) * 100,
    }


def frozen(world_db: str, players: int) -> dict[str, Any]:
    """A world of so many, all of whom walk, is frozen by a child while it goes on at 20 ticks a second."""
    world, walkers = World(content_of(world_db), Rules(), 1), Walkers(players)
    for tick in range(players // ENTER_EACH_TICK + 1):
        world.step(walkers.enter(tick))
    for _ in range(FROZEN_TICKS):
        world.step(walkers.walk(world.tick))
    before = [paced(world, walkers) for _ in range(FROZEN_TICKS)]
    began_s = time.perf_counter()
    child = Child(lambda: journal.Snapshot(world.tick, world.snapshot()).block())
    fork_ms = (time.perf_counter() - began_s) * 1000
    during, made = [], None
    while made is None:
        during.append(paced(world, walkers))
        made = child.result()
    return {
        "players": sum(len(zone.players) for zone in world.zones.values()),
        "rss_mib": figures.rss_kib(os.getpid()) / 1024,
        "fork_ms": fork_ms,
        "child_s": time.perf_counter() - began_s,
        "block_bytes": len(made),
        "step_ms": spread(before),
        "step_ms_meanwhile": spread(during),
    }


def spread(values: list[float]) -> dict[str, float]:
    """Median and the longest."""
    return {"p50": percentile(values, 0.5), "longest": max(values)}


def paced(world: World, walkers: Walkers) -> float:
    """A step, and a pause until the next is due; how long it took, ms."""
    began_s = time.perf_counter()
    world.step(walkers.walk(world.tick))
    took_s = time.perf_counter() - began_s
    time.sleep(max(TICK_MS / 1000 - took_s, 0))
    return took_s * 1000


def main() -> None:
    """Measures as it is told to."""
    parser = argparse.ArgumentParser(prog="python -m bench.journal")
    parser.add_argument("--players", type=int)
    parser.add_argument("--seconds", type=float)
    parser.add_argument("--trial", action="store_true", help="shorter, with fewer; leaves bench/out as it is")
    options = parser.parse_args()
    sizes = TRIAL if options.trial else FULL
    measure(options.players or sizes[0], options.seconds or sizes[1], sizes[2], keep=not options.trial)
    if figures.broken:
        sys.exit("\n".join(["not kept:", *figures.broken]))


if __name__ == "__main__":
    main()
