"""
What a tick of the field costs with ten thousand movers that are all eyes, against the prototype's.

    python bench/field.py [prototype's directory]

The prototype (its v2, which has the accumulators in it, too) is compiled here without special
instructions, as our module is, and measured in the same run, turn by turn.
"""

import math
import random
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bluemarble.native.field import PLAYER, Field
from opcodes.snapshot import Move, row

PROTOTYPE = Path("/work/shared/prototype/udp")
COUNT = 10_000
RADIUS = 150.0
SIDE = math.sqrt(COUNT * math.pi * RADIUS**2 / 100)  # about a hundred within the radius
BUDGETS_MS = {"uniform": 4.5, "towns": 8.0, "siege": 10.0}
TICKS, ROUNDS = 40, 5
RECORD = row(Move)


class Crowd:
    """Walkers as in prototype/udp/world.h: three in ten stand, five run straight on, two turn."""

    def __init__(self, layout, seed=42):
        self.chance = random.Random(seed)
        self.field = Field(seed)
        self.tick, self.now_ms = 0, 0
        towns = [(self.within(0.05), self.within(0.05)) for _ in range(31)]
        self.at = []
        for slot in range(COUNT):
            x, y = self.within(0.0), self.within(0.0)
            if layout == "towns" and slot % 2:
                x, y = (self.chance.gauss(c, 50) for c in towns[slot // 2 % 25])
            if layout == "siege" and slot % 5 == 0:
                x, y = (self.chance.gauss(c, 40) for c in towns[30])
            self.at.append([x, y, self.chance.uniform(0, 6.28), self.chance.randrange(10)])
            self.field.put(slot, PLAYER, x, y, 0.0)
            self.field.bind(0x4000 | slot, slot, 0)
            self.field.watch(slot)

    def within(self, margin):
        return self.chance.uniform(margin - 0.5, 0.5 - margin) * SIDE

    def inputs(self):
        """One tick of everybody's."""
        self.tick += 1
        self.now_ms += 50
        out = bytearray()
        for slot, it in enumerate(self.at):
            x, y, yaw, mode = it
            if self.chance.randrange(64) == 0:
                it[3] = self.chance.randrange(10)
            if mode >= 8:
                it[2] = yaw + 0.1
            elif mode >= 3 and self.chance.randrange(32) == 0:
                it[2] = yaw + self.chance.uniform(-0.75, 0.75)
            if mode >= 3:
                it[0], it[1] = x + math.cos(yaw) * 0.35, y + math.sin(yaw) * 0.35
                if max(abs(it[0]), abs(it[1])) > SIDE / 2:
                    it[0], it[1], it[2] = x, y, yaw + math.pi
            angle = int(it[2] / 6.283185307 * 65536) & 0xFFFF
            at = round(it[0] * 64), round(it[1] * 64), 0
            out += RECORD.pack(0x4000 | slot, self.tick & 0xFFFF, 1 if mode >= 3 else 0, angle, 0, 0, *at)
        return bytes(out)

    def round(self, threads=1):
        """Milliseconds of (moves, step), of the thread's own time, medians over some ticks."""
        costs = []
        clock = time.thread_time if threads == 1 else time.perf_counter
        for _ in range(TICKS):
            batch = self.inputs()
            before = clock()
            counts = self.field.moves(batch, self.now_ms)
            middle = clock()
            self.field.step(self.tick, self.now_ms, threads)
            costs.append((middle - before, clock() - middle))
            assert counts[0] == COUNT, counts
        return [statistics.median(column) * 1000 for column in zip(*costs, strict=True)]


def prototype(source, scratch):
    """Build prototype/udp's aoibench, cut down to what is compared; answers how to run it."""
    text = (source / "aoibench.c").read_text()
    program = Path(scratch) / "aoibench"
    (Path(scratch) / "aoibench.c").write_text(text)
    subprocess.run(
        ["gcc", "-O3", "-Wno-unused-function", f"-I{source}", "-o", program, f"{scratch}/aoibench.c", "-lm"],
        check=True,
    )
    return [str(program)]


def theirs(command):
    """Milliseconds of the prototype's tick, and of its refresh alone, by layout."""
    lines = subprocess.run(command, check=True, capture_output=True, text=True, env={"REPS": "9"}).stdout
    found = {}
    for line in lines.splitlines():
        name, _, rest = line.partition(",")
        if name in ("v2_full_tick(5Hz refresh)", "v2_refresh_part"):
            layout, _, figures = rest.partition(",")
            figures = dict(part.split("=") for part in figures.split(",") if "=" in part)
            found[layout.removesuffix("2000"), name] = float(figures["total_ms_med"])
    return found


def main():
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else PROTOTYPE
    crowds = {layout: Crowd(layout) for layout in BUDGETS_MS}
    for crowd in crowds.values():
        crowd.round()
    ours = {layout: [] for layout in crowds}
    for _ in range(ROUNDS):
        for layout, crowd in crowds.items():
            ours[layout].append(crowd.round())
    both = {layout: crowd.round(2)[1] for layout, crowd in crowds.items()}
    measured = {}
    if source.exists():
        with tempfile.TemporaryDirectory() as scratch:
            measured = theirs(prototype(source, scratch))
    failed = False
    print(
        "10 000 movers, all eyes; ms of CPU     moves     step   budget   2 threads   prototype: all, refresh"
    )
    for layout, budget in BUDGETS_MS.items():
        moves, step = (statistics.median(column) for column in zip(*ours[layout], strict=True))
        failed |= step > budget
        proto = [
            f"{measured[layout, name]:8.2f}"
            for name in ("v2_full_tick(5Hz refresh)", "v2_refresh_part")
            if (layout, name) in measured
        ]
        count = sum(len(crowds[layout].field.seen(eye)) for eye in range(0, COUNT, 20)) / (COUNT / 20)
        print(
            f"{layout:10}{count:6.1f} visible{moves:20.2f}{step:9.2f}{budget:9.1f}{both[layout]:12.2f}   "
            f"{' '.join(proto)}{'  OVER' if step > budget else ''}"
        )
    sys.exit(failed)


if __name__ == "__main__":
    main()
