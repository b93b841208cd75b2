"""The runs' figures as JSON, text and a plot in bench/out."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from bench.crowd.layouts import LAYOUTS
from bench.figures import OUT

FILE, TEXT, PLOT = OUT / "crowd.json", OUT / "crowd.txt", OUT / "crowd.svg"
SAME = ("players", "layout", "encoder", "io_threads")  # of lines that replace each other
KEYS = (
    "ticks_per_second strain_p50 strain_max late_share late_excused_share worst_late_ms tick_ms_p50 "
    "tick_ms_p99 tick_ms_max kernel_ratio "
    "python_ms_p50 staleness_ms_p99 bytes_per_update rss_kib_per_player crowd_late_ms_p99 crowd_late_share "
    "mismatched lost_down_share lost_up steal_share load"
).split()
COLUMNS = {  # title: (key, format)
    "players": ("players", "{:d}"),
    "layout": ("layout", "{}"),
    "s": ("seconds", "{:g}"),
    "late %": ("late_share", "{:.2%}"),
    "excused": ("late_excused_share", "{:.2%}"),
    "worst": ("worst_late_ms", "{:.0f}"),
    "strain": ("strain_max", "{:g}"),
    "tick p50": ("tick_ms_p50", "{:.1f}"),
    "p99": ("tick_ms_p99", "{:.1f}"),
    "max": ("tick_ms_max", "{:.0f}"),
    "kernel x": ("kernel_ratio", "{:.2f}"),
    "python": ("python_ms_p50", "{:.2f}"),
    "stale 10": ("staleness_ms_p99.10", "{:.0f}"),
    "50": ("staleness_ms_p99.50", "{:.0f}"),
    "100": ("staleness_ms_p99.100", "{:.0f}"),
    "far": ("staleness_ms_p99.far", "{:.0f}"),
    "B/upd": ("bytes_per_update", "{:.2f}"),
    "KiB": ("rss_kib_per_player", "{:.1f}"),
    "dg/s": ("datagrams_per_second_each", "{:.1f}"),
    "lost": ("lost_down_share", "{:.3%}"),
    "wrong": ("mismatched", "{:g}"),
    "crowd late": ("crowd_late_ms_p99", "{:.0f}"),
    "cores": ("server_cores", "{:.2f}"),
    "crowd": ("crowd_cores", "{:.2f}"),
    "steal": ("steal_share", "{:.1%}"),
}


def lines() -> list[dict[str, Any]]:
    """What has been measured so far."""
    return list(json.loads(FILE.read_text())) if FILE.exists() else []


def keep(line: Mapping[str, Any]) -> None:
    """Puts a measurement in the place of an older one of the same."""
    others = [each for each in lines() if any(each.get(key) != line.get(key) for key in SAME)]
    order = {name: number for number, name in enumerate(LAYOUTS)}
    found = sorted(
        [*others, dict(line)],
        key=lambda each: (-each["players"], order[each["layout"]], each["encoder"], each["io_threads"]),
    )
    OUT.mkdir(exist_ok=True)
    FILE.write_text(json.dumps(found, indent=1) + "\n")


def cell(line: Mapping[str, Any], key: str, how: str) -> str:
    """One figure in words; `key` may name one within another with a dot."""
    value: Any = line
    for part in key.split("."):
        value = value.get(part) if isinstance(value, Mapping) else None
    return "-" if value is None else how.format(value)


def table(found: list[dict[str, Any]]) -> str:
    """All of it, a line each."""
    rows = [list(COLUMNS), *([cell(line, *column) for column in COLUMNS.values()] for line in found)]
    widths = [max(len(row[i]) for row in rows) for i in range(len(COLUMNS))]
    return "\n".join(
        "  ".join(part.rjust(width) for part, width in zip(row, widths, strict=True)) for row in rows
    )


def told(run: Mapping[str, Any]) -> str:
    """One run, in full."""
    out = []
    for key, value in run.items():
        if key == "each":
            continue
        if isinstance(value, Mapping):
            value = "  ".join(f"{name} {short(each)}" for name, each in value.items())
        out.append(f"{key:>28}  {short(value)}")
    return "\n".join(out) + "\n"


def short(value: Any) -> str:
    """A number with four digits."""
    return f"{value:.4g}" if isinstance(value, float) else str(value)


def write() -> None:
    """crowd.txt and crowd.svg from crowd.json."""
    found = lines()
    text = [table(found), ""]
    for line in found:
        text += [f"-- {line['players']} {line['layout']}, io_threads {line['io_threads']}", told(line)]
        text += [f"   run {number + 1}:\n{told(run)}" for number, run in enumerate(line["each"])]
    TEXT.write_text("\n".join(text))
    try:
        draw(found, PLOT)
    except ImportError:
        print("no plot: matplotlib is not there (bin/setup bench)")


def draw(found: list[dict[str, Any]], file: Path) -> None:
    """Tick time against players, a line a layout; needs matplotlib (setup.py's extra `bench`)."""
    import matplotlib as mpl

    mpl.use("svg")
    mpl.rcParams["svg.hashsalt"] = "crowd"
    from matplotlib import pyplot

    figure, axes = pyplot.subplots(figsize=(8, 5))
    for number, layout in enumerate(LAYOUTS):
        points = sorted(
            (line["players"], line["tick_ms_p50"], line["tick_ms_p99"])
            for line in found
            if line["layout"] == layout and line["encoder"] == 0 and line["io_threads"] == 1
        )
        if points:
            players, median, p99 = zip(*points, strict=True)
            axes.plot(players, median, marker="o", color=f"C{number}", label=f"{layout}, median")
            axes.plot(players, p99, marker=".", ls="--", color=f"C{number}", label=f"{layout}, p99")
    axes.axhline(50, color="grey", lw=0.8)
    axes.set(xlabel="players", ylabel="tick, ms", xlim=(0, None), ylim=(0, None))
    axes.set_title("A tick of the server, generator on the same two cores")
    axes.legend()
    figure.savefig(file, metadata={"Date": None})
    pyplot.close(figure)


if __name__ == "__main__":
    write()
