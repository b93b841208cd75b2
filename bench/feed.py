"""
What telling ten thousand clients what they see costs a tick, against the prototype's encoders.

    python bench/feed.py [prototype's directory]

Each client acknowledges after two ticks and loses one datagram in sixty.  A tick is everything that
`Feed.tick` does: words, what is due, what goes first, encoding, states, handing it over.  The prototype's
figures are its accumulators, words and encoders, built without special instructions and run beside ours.
"""

import array
import statistics
import struct
import subprocess
import sys
import tempfile
import time
from pathlib import Path

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from bench.field import COUNT, PROTOTYPE, Crowd
from bluemarble.native._core import ffi, lib
from bluemarble.native.feed import DELTAS, WORDS, Counts, Feed

LAYOUTS = ("uniform", "towns", "siege")
FORMS = {WORDS: "shared words", DELTAS: "acknowledged deltas"}
BUDGETS_MS = {("uniform", WORDS): 4.5, ("uniform", DELTAS): 12.0}
BUDGETS_BYTES = {WORDS: 7.0, DELTAS: 5.5}
BUDGETS_KIB = {WORDS: 3.0, DELTAS: 6.0}
WARM, TICKS = 60, 60
WAY_TICKS, LOSS_IN = 2, 60
HEAD = struct.Struct("<IIII")


class Told:
    """One form's feed, and its clients, who only acknowledge."""

    def __init__(self, crowd, form):
        self.crowd, self.form = crowd, form
        self.feed = Feed(crowd.field)
        self.fates = {}
        self.costs, self.fate_costs = [], []
        self.lost = 0
        for eye in range(COUNT):
            self.feed.join(eye, 1 << 14 | eye, form, rate=64_000)

    def tick(self, threads=1):
        tick = self.crowd.tick
        clock = time.thread_time if threads == 1 else time.perf_counter
        fates = ffi.from_buffer("uint32_t[]", self.fates.pop(tick, array.array("I")))
        before = clock()
        lib.bm_feed_fates(self.feed._it, fates, len(fates) // 3)
        middle = clock()
        self.feed.tick(tick, 0, threads)
        self.costs.append((clock() - middle) * 1000)
        self.fate_costs.append((middle - before) * 1000)
        self.fates[tick + WAY_TICKS] = self.sent()

    def sent(self):
        """What becomes of what was sent in this tick: three numbers a datagram."""
        size = lib.bm_tray_take(self.feed._tray, self.feed._bytes)
        data = bytes(ffi.buffer(self.feed._bytes[0], size))
        fates, at = array.array("I"), 0
        while at < size:
            cid, record, _, length = HEAD.unpack_from(data, at)
            at += 16 + length
            self.lost += 1
            fates.extend((cid, record, self.lost % LOSS_IN == 0))
        return fates

    def figures(self, since):
        """Medians and means of the last ticks: ms, ms of fates, and what was counted, each tick."""
        counts = Counts(*[(a - b) / TICKS for a, b in zip(self.feed.counts(), since, strict=True)])
        return statistics.median(self.costs[-TICKS:]), statistics.median(self.fate_costs[-TICKS:]), counts


def run(layout):
    """Both forms over the same crowd, tick by tick."""
    crowd = Crowd(layout)
    told = {form: Told(crowd, form) for form in FORMS}
    since = {}
    for tick in range(WARM + TICKS):
        if tick == WARM:
            since = {form: it.feed.counts() for form, it in told.items()}
        crowd.field.moves(crowd.inputs(), crowd.now_ms)
        crowd.field.step(crowd.tick, crowd.now_ms)
        for it in told.values():
            it.tick()
    visible = sum(len(crowd.field.seen(eye)) for eye in range(0, COUNT, 20)) / (COUNT / 20)
    return visible, {
        form: (it.figures(since[form]), it.feed.memory() / COUNT / 1024) for form, it in told.items()
    }


def prototype(source):
    """Milliseconds of the prototype's parts: by layout and name."""
    found = {}
    with tempfile.TemporaryDirectory() as scratch:
        for name in ("aoibench", "snapbench"):
            program = f"{scratch}/{name}"
            build = [
                "gcc",
                "-O3",
                "-Wno-unused-function",
                f"-I{source}",
                "-o",
                program,
                f"{source}/{name}.c",
                "-lm",
            ]
            subprocess.run(build, check=True)
            lines = subprocess.run([program], check=True, capture_output=True, text=True, env={"REPS": "9"})
            for line in lines.stdout.splitlines():
                what, _, rest = line.partition(",")
                layout, _, figures = rest.partition(",")
                parts = dict(part.split("=", 1) for part in figures.split(",") if "=" in part)
                if "total_ms_med" in parts:
                    found[layout.removesuffix("2000"), what] = float(parts["total_ms_med"])
    return found


def theirs(found, layout, form):
    encoder = "E2c_mod6/8_idle_skip" if form == WORDS else "E3_acked_bitpack_prefetch"
    parts = [(layout, "v2_due_part"), (layout, "quantise"), (layout, encoder)]
    if form == WORDS:
        parts.append((layout, "shared_words"))
    return sum(found[part] for part in parts) if all(part in found for part in parts) else None


def main():
    source = Path(sys.argv[1]) if len(sys.argv) > 1 else PROTOTYPE
    found = prototype(source) if source.exists() else {}
    failed = False
    print(
        "10 000 clients, ms of CPU               tick budget  fates prototype  datagrams     due   sent"
        " B/due B/sent   KiB"
    )
    for layout in LAYOUTS:
        visible, figures = run(layout)
        for form, ((cost, fates, counts), kib) in figures.items():
            budget = BUDGETS_MS.get((layout, form))
            over = budget is not None and cost > budget
            over |= layout == "uniform" and (
                counts.bytes_per_due > BUDGETS_BYTES[form] or kib > BUDGETS_KIB[form]
            )
            failed |= over
            proto = theirs(found, layout, form)
            beside = "" if proto is None else format(proto, ".2f")
            sent = counts.near + counts.far
            per_sent = counts.snapshot_bytes / max(sent, 1)
            print(
                f"{layout:8}{visible:6.1f}  {FORMS[form]:20}{cost:6.2f}{budget or '':>7}{fates:7.2f}"
                f"{beside:>10}{counts.datagrams:11.0f}{counts.due:8.0f}"
                f"{sent:7.0f}{counts.bytes_per_due:6.2f}{per_sent:7.2f}{kib:6.2f}{'  OVER' if over else ''}"
            )
    sys.exit(failed)


if __name__ == "__main__":
    main()
