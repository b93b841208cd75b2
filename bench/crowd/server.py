"""
The server under measurement: a process of its own, told what to do in lines of JSON.

    python -m bench.crowd.server --players 10000 --layout uniform --invitations FILE

Its first line says that it runs; then `{"level": true}`, `{"measure": true}`, `{"read": true}`,
`{"bare": [SENT, RECEIVED]}` and `{"stop": true}` are answered by one line each.
"""

import argparse
import gc
import hashlib
import json
import os
import select
import sys
import time
from array import array
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from bench import figures
from bench.crowd import bare, clients
from bench.crowd.arena import Arena, Bare, Whole, empty, entering, meter
from bench.crowd.layouts import LAYOUTS, Place, places
from bench.fleet import letters
from bluemarble.servers.garbage import MIDDLE_LIMIT, OLD_LIMIT, YOUNG_LIMIT
from bluemarble.sim.effects import Input
from bluemarble.sim.strain import tick_ms
from bluemarble.sim.world import World
from opcodes.cluster import NMSG_DISCONNECTED

MS = 1_000_000  # ns
BATCH = 100  # characters that enter at once
USUAL_SIZES = ([0] * 150 + [1], [0] * 64 + [1])  # bytes sent and received, for the kernel's cost beforehand


def key(seed: int, index: int) -> bytes:
    """The keys of a client that never logged in."""
    return hashlib.sha256(f"crowd {seed} {index}".encode()).digest()


def invitation(cid: int, prk: bytes, place: Place, encoder: int) -> clients.Invitation:
    """What a client is told, beside what it would know."""
    return clients.Invitation(
        cid=cid,
        prk=prk,
        x=round(place.x * 64),
        y=round(place.y * 64),
        z=round(place.z * 64),
        yaw=int(place.facing * 65536 / 6.283185307179586) & 0xFFFF,
        home_x=place.home_x,
        home_y=place.home_y,
        home_yards=place.home_yards,
        encoder=encoder,
    )


class Ticking:
    """
    The ticks of an arena, each as long after the one before as it says; those missed are made up for at once.

    @param spent: of `meter`.
    @ivar columns: of each tick since `begin`: when it was due, began and ended, on the monotonic clock,
        then CPU time in all and of each phase in C; ns.
    @ivar levels: of strain, in these ticks.
    """

    def __init__(self, arena: Arena, spent: dict[str, int]) -> None:
        self.arena, self.spent = arena, spent
        self.tick = 1
        self.due_ns = time.monotonic_ns() + 50 * MS
        self.columns: dict[str, array[int]] = {}
        self.levels = array("q")
        self.begin()

    def begin(self) -> None:
        """Forgets the ticks so far."""
        self.levels = array("q")
        self.columns = {name: array("q") for name in ("due", "began", "ended", "cpu", *self.spent)}

    def step(self) -> None:
        """The next tick, when it is due."""
        wait_ns = self.due_ns - time.monotonic_ns()
        if wait_ns > 0:
            time.sleep(wait_ns / 1e9)
        began, cpu = time.monotonic_ns(), time.thread_time_ns()
        self.arena.step(self.tick)
        cpu, ended = time.thread_time_ns() - cpu, time.monotonic_ns()
        took = (self.due_ns, began, ended, cpu, *self.spent.values())
        for column, value in zip(self.columns.values(), took, strict=True):
            column.append(value)
        for phase in self.spent:
            self.spent[phase] = 0
        self.levels.append(self.arena.level)
        self.arena.measured((ended - min(self.due_ns, began)) / MS)
        self.tick += 1
        self.due_ns += tick_ms(self.arena.level) * MS


class Program:
    """Everything of one run."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        spots = places(options.layout, options.players, options.seed)
        self.rss_kib = {"characters": 0 if options.bare else apart(lambda: characters(spots, options))}
        self.rss_kib["before"] = figures.rss_kib(os.getpid())
        spent = meter()
        self.arena: Arena = Bare(options) if options.bare else Whole(options)
        self.rss_kib["empty"] = figures.rss_kib(os.getpid())
        clients.write(options.invitations, self._admitted(spots))
        self.rss_kib["admitted"] = figures.rss_kib(os.getpid())
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG_LIMIT, MIDDLE_LIMIT, OLD_LIMIT)
        self.bare_before = bare.cost_ns(*USUAL_SIZES, players=options.players)
        self.ticking = Ticking(self.arena, spent)
        self._counters: dict[str, int] = {}
        self._cpu_ns = 0

    def _admitted(self, spots: list[Place]) -> Iterator[clients.Invitation]:
        for index, place in enumerate(spots):
            prk = key(self.options.seed, index)
            cid = self.arena.admit(index, clients.FIRST_GUID + index, place, prk)
            yield invitation(cid, prk, place, self.options.encoder)

    def run(self) -> None:
        """Until told to stop."""
        print(json.dumps({"port": self.arena.port}), flush=True)
        while True:
            self.ticking.step()
            if select.select([sys.stdin], [], [], 0)[0]:
                line = sys.stdin.readline()
                order = json.loads(line) if line else {"stop": True}
                if "stop" in order:
                    self.arena.stop()
                    return
                print(json.dumps(self.obey(order)), flush=True)

    def obey(self, order: dict[str, Any]) -> dict[str, Any]:
        """The answer to one line."""
        if "measure" in order:
            self.ticking.begin()
            self._counters, self._cpu_ns = self.arena.counters(), time.process_time_ns()
            return {"clock": [self.ticking.tick, self.ticking.due_ns]}
        if "level" in order:
            return {"level": self.arena.level}
        if "bare" in order:
            sent, received = order["bare"]
            after = bare.cost_ns(sent, received, self.options.players)
            return {"before": self.bare_before, "after": after}
        counters = self.arena.counters()
        return {
            "ticks": {name: list(column) for name, column in self.ticking.columns.items()},
            "counters": {name: value - self._counters.get(name, 0) for name, value in counters.items()},
            "totals": counters,
            "cpu_ns": time.process_time_ns() - self._cpu_ns,
            "levels": list(self.ticking.levels),
            "rss_kib": {**self.rss_kib, "playing": figures.rss_kib(os.getpid())},
        }


def characters(spots: list[Place], options: argparse.Namespace) -> World:
    """A world with all of them in it, whom nobody sees and who see nobody: their lines are lost at once."""
    world = empty(options.seed)
    for at in range(0, len(spots), BATCH):
        numbers = range(at, min(at + BATCH, len(spots)))
        world.step(Input(n + 1, entering(clients.FIRST_GUID + n, letters(n), spots[n])) for n in numbers)
        world.step(Input(n + 1, NMSG_DISCONNECTED()) for n in numbers)
    return world


def apart(make: Callable[[], object]) -> int:
    """How much memory something takes, KiB: it is made in a process of its own."""
    out, into = os.pipe()
    if not (child := os.fork()):
        before = figures.rss_kib(os.getpid())
        made = make()
        gc.collect()
        os.write(into, str(figures.rss_kib(os.getpid()) - before).encode())
        del made
        os._exit(0)
    os.waitpid(child, 0)
    took = int(os.read(out, 100))
    os.close(out)
    os.close(into)
    return took


def main() -> None:
    """Runs it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--players", type=int, required=True)
    parser.add_argument("--layout", choices=LAYOUTS, required=True)
    parser.add_argument("--invitations", type=Path, required=True)
    parser.add_argument("--io-threads", type=int, default=1)
    parser.add_argument("--world-threads", type=int, default=1)
    parser.add_argument("--bare", action="store_true", help="without the world and its rules")
    parser.add_argument("--encoder", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    Program(parser.parse_args()).run()


if __name__ == "__main__":
    main()
