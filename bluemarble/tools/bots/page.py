"""A report of bots as a page of HTML with plots."""

from collections.abc import Iterator
from html import escape
from itertools import pairwise

from bluemarble.tools import plots
from bluemarble.tools.bots.figures import EVERY_S, SHARES, Row
from bluemarble.tools.bots.report import COUNTED, DELAYS, TICK_SHARES, Report

OVER_TIME = ("relay", "link relay", "chat", "answer")  # delays that are plotted over time


def page(report: Report) -> str:
    """The page: what was asked for, what was measured, and how it went."""
    plan = report.plan
    title = f"{plan['players']} bots, {plan['scenario']}, {report.seconds:.0f} s"
    return plots.page(title, _sections(report))


def _sections(report: Report) -> Iterator[tuple[str, str]]:
    told, whole, rows = report.summary(), report.figures.whole(), report.figures.rows
    yield "Delays", _delays(report)
    known = [name for name in DELAYS if name in whole.delays]
    yield (
        "How many took at most so long",
        plots.lines({name: _shares(whole, name) for name in known}, "ms", "%", log_x=True),
    )
    for name in OVER_TIME:
        if name in known:
            over = {key: _over_time(rows, name, SHARES[key]) for key in ("p50", "p99")}
            yield f"{name.capitalize()} over time", plots.lines(over, "s", "ms")
    yield "In the world", plots.lines({key: _now(rows, key) for key in ("in_world", "links")}, "s", "bots")
    bytes_ = {key: _rate(rows, f"bytes_{key}", 1e-3) for key in ("received", "sent")}
    yield "Bytes of all bots", plots.lines(bytes_, "s", "kB/s")
    if len(report.server) > 1:
        yield "The server's ticks took at most", _ticks(report)
    rates = told["per_second"]
    yield (
        "Counts",
        plots.table(
            ("", "count", "a second"),
            [
                (name.replace("_", " "), n, rates[name] if name in COUNTED else "")
                for name, n in told["counts"].items()
            ],
        ),
    )
    asked = [(name, str(value)) for name, value in report.plan.items() if value not in ("", 0.0, {})]
    cost = [("cores of the bots", told["bots_cores"]), ("ms a second and bot", told["bot_cpu_ms_per_second"])]
    yield "The plan, and what it cost", plots.table(("", ""), [*asked, *cost])
    if report.faults:
        yield "Mistakes of the scenario", "".join(f"<pre>{escape(fault)}</pre>" for fault in report.faults)


def _delays(report: Report) -> str:
    delays = report.summary()["delays_ms"]
    keys = ("count", *SHARES, "most")
    return plots.table(
        ("ms", *keys),
        [(f"{name}: {DELAYS[name]}", *(delays[name][key] for key in keys)) for name in delays],
    )


def _shares(whole: Row, name: str) -> list[tuple[float, float]]:
    """Which share took at most so many ms, in %."""
    delays, so_far, points = whole.delays[name], 0, []
    for bound, count in delays.bars():
        so_far += count
        points.append((min(bound, max(delays.most_ms, bound / 2)), 100.0 * so_far / delays.count))
    return points


def _over_time(rows: list[Row], name: str, share: float) -> list[tuple[float, float]]:
    return [
        ((at + 1) * EVERY_S, row.delays[name].at(share)) for at, row in enumerate(rows) if name in row.delays
    ]


def _now(rows: list[Row], name: str) -> list[tuple[float, float]]:
    return [((at + 1) * EVERY_S, row.now[name]) for at, row in enumerate(rows)]


def _rate(rows: list[Row], name: str, scale: float) -> list[tuple[float, float]]:
    return [((at + 1) * EVERY_S, row.a_second(name) * scale) for at, row in enumerate(rows)]


def _ticks(report: Report) -> str:
    """Of each time between two looks the bounds that shares of the ticks stayed below."""
    first = report.server[0].at_s
    series: dict[str, list[tuple[float, float]]] = {key: [] for key in TICK_SHARES}
    for before, after in pairwise(report.server):
        since = after.since(before)
        for key, points in series.items():
            points.append((after.at_s - first, since[key]))
    whole = report.server[-1].since(report.server[0])
    return (
        plots.lines(series, "s", "ms")
        + plots.table(("", "ms, at most"), [(key, whole[key]) for key in TICK_SHARES])
        + f"<p>{whole['late']:g} of {whole['ticks']:g} ticks did not begin in time.</p>"
    )
