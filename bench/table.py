"""
Puts what was last measured (bench/out) into bench/README.md, between its two marks.

    python -m bench.table
"""

import json
from pathlib import Path

from bench.budgets import AT_MOST, BUDGETS
from bench.figures import file

COMMANDS = {"journal": "make bench-journal"}  # others: python -m bench NAME
README = Path(__file__).with_name("README.md")
BEGIN, END = "<!-- measured -->\n", "<!-- /measured -->\n"

WORDS = {
    "logins.login_cpu_beyond_sql_ms": "CPU of a login beyond its SQL, ms",
    "logins.full_logins_per_second": "full logins a second",
    "logins.full_login_statements": "SQL statements of a full login",
    "tcp-crowd.relays_per_second": "500 players who all see each other: relays a second",
    "tcp-crowd.relays_missing": "relays that did not come",
    "tcp-crowd.tick_ms.p99": "tick p99, ms",
    "tcp-crowd.relay_ms_p99": "relay p99, ms",
    "idle.empty_server_core_percent": "CPU of a server without clients, % of a core",
    "idle.screen_kib_each": "5 000 at the character screen: KiB each",
    "idle.world_kib_each": "5 000 in the world: KiB each",
    "flood.accepted": "forged, flipped, replayed datagrams accepted",
    "flood.answers": "answered",
    "flood.allocations": "allocations they cost",
    "flood.forged.beyond_kernel_ns": "a forged one, beyond the kernel, ns",
    "flood.flipped.beyond_kernel_ns": "one with a bit flipped",
    "flood.replayed.beyond_kernel_ns": "one seen before",
    "mixed.tick_ms.p99": "1 000 on UDP and TCP, 100 on TCP alone: tick p99, ms",
    "mixed.staleness_ms_p99.10": "what is within 10 yards and moves is known as of so long ago, p99, ms",
    "mixed.staleness_ms_p99.50": "within 50 yards, ms",
    "mixed.staleness_ms_p99.100": "within 100 yards, ms",
    "mixed.mismatched": "positions that were never sent",
    "replay.different": "1 000 players' minute, run again from its journal with 1 and 2 threads: different",
    "replay.faults": "handlers that failed in it",
    "replay.times_real_time": "so many times as fast as it was",
    "replay.digest_ms.p50": "a digest of the state, each second: ms",
    "journal.ticks_not_compared": "200 bots' ten minutes on MariaDB, run again by a checkout: other ticks",
    "journal.times_real_time": "so many times as fast as it was",
    "journal.cost_percent": "the server's CPU with the journal on, beyond that without, %",
    "journal.longest_cut_ms": "the most that a crash loses of it, ms",
    "journal.frozen.fork_ms": "a snapshot of a world of 3 000: its ticks stand still for, ms",
    "journal.frozen.step_ms_meanwhile.longest": "longest tick while it is made, ms",
    "spawns.start_s": "120 000 spawns: start, s",
    "spawns.started_mib": "most memory while it started, MiB",
    "spawns.flying_mib": "and while players flew across it, MiB",
    "spawns.tick_ms.longest": "longest tick while players fly, ms",
}


def lines() -> list[str]:
    """The table, a line a budget."""
    out = ["| what | budget | measured | load | command |\n", "|---|---|---|---|---|\n"]
    for name, budgets in BUDGETS.items():
        if not file(name).exists():
            continue
        figures = json.loads(file(name).read_text())
        for key, (kind, limit) in budgets.items():
            value = figures
            for part in key.split("."):
                value = value[part]
            sign = "≤" if kind == AT_MOST else "≥"
            load = figures["machine"]["load"][0]
            what = WORDS[f"{name}.{key}"]
            command = COMMANDS.get(name, f"python -m bench {name}")
            row = (what, f"{sign} {number(limit)}", number(value), load, f"`{command}`")
            out.append(f"| {' | '.join(map(str, row))} |\n")
    return out


def number(value: float) -> str:
    """Three digits at least, thousands apart."""
    return f"{value:,.0f}".replace(",", " ") if value >= 1000 else f"{value:.3g}"


def main() -> None:
    """Rewrites the file."""
    before, _, rest = README.read_text().partition(BEGIN)
    _, _, after = rest.partition(END)
    README.write_text("".join([before, BEGIN, *lines(), END, after]))


if __name__ == "__main__":
    main()
