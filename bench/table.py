"""
Puts what was last measured (bench/out) into bench/README.md, between its marks.

    python -m bench.table
"""

import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

from bench.budgets import AT_MOST, BUDGETS
from bench.figures import file

COMMANDS = {"journal": "make bench-journal"}  # others: python -m bench NAME
README = Path(__file__).with_name("README.md")
PLAYERS = 10_000  # of the crowd's table
KINDS = {  # of its columns: layout, I/O threads, encoder
    "uniform": ("uniform", 1, 0),
    "25 towns": ("towns", 1, 0),
    "siege of 2 000": ("siege", 1, 0),
    "uniform, two I/O threads": ("uniform", 2, 0),
    "uniform, deltas": ("uniform", 1, 1),
}

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

CROWD: dict[str, tuple[str, Callable[[dict[str, Any]], str]]] = {  # by figure: its goal, and how it is told
    "seconds, and how often": ("60", lambda run: f"{run['seconds']:.0f} × {run['runs']}"),
    "late ticks, %": ("< 1", lambda run: number(run["late_share"] * 100)),
    "the worst, ms after it was due": ("", lambda run: number(run["worst_late_ms"])),
    "tick p50, ms": ("", lambda run: number(run["tick_ms_p50"])),
    "tick p99, ms": ("", lambda run: number(run["tick_ms_p99"])),
    "strain, at most": ("", lambda run: number(run["strain_max"])),
    "I/O, AEAD, interest and encoding against the bare kernel": (
        "≤ 1.6 of words",
        lambda run: " ".join(number(one["kernel_ratio"]) for one in run["each"]),
    ),
    "Python p50, ms a tick": ("≤ 6", lambda run: number(run["python_ms_p50"])),
    "known as of so long ago, p99, ms: within 10 yards": ("≤ 60", lambda run: _stale(run, "10")),
    "within 50": ("≤ 120", lambda run: _stale(run, "50")),
    "within 100": ("≤ 240", lambda run: _stale(run, "100")),
    "beyond": ("≤ 1 200", lambda run: _stale(run, "far")),
    "snapshot bytes for each due update": ("≤ 7; deltas 5.5", lambda run: number(run["bytes_per_update"])),
    "less than all told to all, %": ("≥ 99", lambda run: f"{run['cut_share'] * 100:.2f}"),
    "KiB a player": ("≤ 12", lambda run: number(run["rss_kib_per_player"])),
    "lost, and places that were never sent": (
        "0",
        lambda run: f"{number(run['lost_down_share'])}, {run['mismatched']}",
    ),
    "steal, %": ("", lambda run: number(run["steal_share"] * 100)),
}


def _stale(run: dict[str, Any], kind: str) -> str:
    return number(run["staleness_ms_p99"][kind])


def crowd() -> list[str]:
    """The table of the crowd: a line a figure, a column a layout."""
    kept = json.loads(file("crowd").read_text())
    of = {
        (run["layout"], run["io_threads"], run["encoder"]): run for run in kept if run["players"] == PLAYERS
    }
    runs = {name: of[kind] for name, kind in KINDS.items() if kind in of}
    out = [_row(["what", "goal", *runs]), _row(["---"] * (2 + len(runs)))]
    for what, (goal, told) in CROWD.items():
        out.append(_row([what, goal, *map(told, runs.values())]))
    return out


def _row(cells: list[str]) -> str:
    return f"| {' | '.join(cells)} |\n"


def lines() -> list[str]:
    """The table, a line a budget."""
    out = [_row(["what", "budget", "measured", "load", "command"]), "|---|---|---|---|---|\n"]
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
            out.append(_row(list(map(str, row))))
    return out


def number(value: float) -> str:
    """Three digits at least, thousands apart."""
    return f"{value:,.0f}".replace(",", " ") if value >= 1000 else f"{value:.3g}"


def main() -> None:
    """Rewrites the file."""
    text = README.read_text()
    for name, table in {"measured": lines(), "crowd": crowd()}.items():
        begin, end = f"<!-- {name} -->\n", f"<!-- /{name} -->\n"
        before, _, rest = text.partition(begin)
        _, _, after = rest.partition(end)
        text = "".join([before, begin, *table, end, after])
    README.write_text(text)


if __name__ == "__main__":
    main()
