"""
The server under measurement: a process of its own, told what to do in lines of JSON.

    python -m bench.crowd.server --players 10000 --layout uniform --invitations FILE

Its first line says that it runs; then `{"measure": true}`, `{"read": true}`, `{"bare": [SENT, RECEIVED]}`
and `{"stop": true}` are answered by one line each.
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
from pathlib import Path
from typing import Any

from bench import figures
from bench.crowd import bare, clients
from bench.crowd.arena import Arena
from bench.crowd.layouts import LAYOUTS, Place, places
from bluemarble.servers.garbage import MIDDLE_LIMIT, OLD_LIMIT, YOUNG_LIMIT

TICK_NS = 50_000_000
SHARD, GENERATION = 1, 1  # of every connection id
USUAL_SIZES = ([0] * 150 + [1], [0] * 64 + [1])  # bytes sent and received, for the kernel's cost beforehand


def key(seed: int, index: int) -> bytes:
    """The keys of a client that never logged in."""
    return hashlib.sha256(f"crowd {seed} {index}".encode()).digest()


def invitation(index: int, place: Place, seed: int, encoder: int) -> clients.Invitation:
    """What client `index` is given, and the server, too."""
    return clients.Invitation(
        cid=SHARD << 26 | GENERATION << 14 | index,
        prk=key(seed, index),
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
    The ticks of an arena, one each 50 ms; those missed are made up for at once.

    @ivar columns: of each tick since `begin`: when it was due, began and ended, on the monotonic clock,
        then CPU time in all and of each phase in C; ns.
    """

    def __init__(self, arena: Arena) -> None:
        self.arena = arena
        self.tick = 1
        self.due_ns = time.monotonic_ns() + TICK_NS
        self.columns: dict[str, array[int]] = {}
        self.begin()

    def begin(self) -> None:
        """Forgets the ticks so far."""
        self.columns = {name: array("q") for name in ("due", "began", "ended", "cpu", *self.arena.phases)}

    def step(self) -> None:
        """The next tick, when it is due."""
        wait_ns = self.due_ns - time.monotonic_ns()
        if wait_ns > 0:
            time.sleep(wait_ns / 1e9)
        began, cpu = time.monotonic_ns(), time.thread_time_ns()
        self.arena.step(self.tick)
        cpu = time.thread_time_ns() - cpu
        took = (self.due_ns, began, time.monotonic_ns(), cpu, *self.arena.phases.values())
        for column, value in zip(self.columns.values(), took, strict=True):
            column.append(value)
        self.tick += 1
        self.due_ns += TICK_NS


class Program:
    """Everything of one run."""

    def __init__(self, options: argparse.Namespace) -> None:
        self.options = options
        self.rss_kib = {"before": figures.rss_kib(os.getpid())}
        self.arena = Arena(options)
        self.rss_kib["empty"] = figures.rss_kib(os.getpid())
        invited = [
            invitation(index, place, options.seed, options.encoder)
            for index, place in enumerate(places(options.layout, options.players, options.seed))
        ]
        clients.write(options.invitations, invited)
        held_kib = figures.rss_kib(os.getpid())
        for index, each in enumerate(invited):
            self.arena.admit(index, clients.FIRST_GUID + index, each)
        self.rss_kib["admitted"] = figures.rss_kib(os.getpid()) - held_kib + self.rss_kib["empty"]
        self.rss_kib["ours"] = held_kib - self.rss_kib["empty"]  # the invitations, which no server keeps
        gc.collect()
        gc.freeze()
        gc.set_threshold(YOUNG_LIMIT, MIDDLE_LIMIT, OLD_LIMIT)
        self.bare_before = bare.cost_ns(*USUAL_SIZES, players=options.players)
        self.ticking = Ticking(self.arena)
        self._counters: dict[str, int] = {}
        self._cpu_ns = 0

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
        if "bare" in order:
            sent, received = order["bare"]
            after = bare.cost_ns(sent, received, self.options.players)
            return {"before": self.bare_before, "after": after}
        counters = self.arena.counters()
        kib = figures.rss_kib(os.getpid()) - self.rss_kib["ours"]
        return {
            "ticks": {name: list(column) for name, column in self.ticking.columns.items()},
            "counters": {name: value - self._counters.get(name, 0) for name, value in counters.items()},
            "totals": counters,
            "cpu_ns": time.process_time_ns() - self._cpu_ns,
            "rss_kib": {**self.rss_kib, "playing": kib},
        }


def main() -> None:
    """Runs it."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--players", type=int, required=True)
    parser.add_argument("--layout", choices=LAYOUTS, required=True)
    parser.add_argument("--invitations", type=Path, required=True)
    parser.add_argument("--io-threads", type=int, default=1)
    parser.add_argument("--encoder", type=int, default=0)
    parser.add_argument("--seed", type=int, default=1)
    Program(parser.parse_args()).run()


if __name__ == "__main__":
    main()
