"""Plots as SVG in a page of HTML that needs nothing else: no library, no network, no script."""

import math
from collections.abc import Iterable, Mapping, Sequence
from html import escape
from typing import NamedTuple

COLOURS = (
    "#0072b2",
    "#d55e00",
    "#009e73",
    "#cc79a7",
    "#e69f00",
    "#56b4e9",
    "#999999",
    "#8c510a",
)  # told apart by nearly everyone
WIDTH, HEIGHT = 720, 260
LEFT, RIGHT, TOP, BOTTOM = 64, 16, 12, 36
TICKS = 5
LOG_SPAN = 1e9  # from the least to the most of a log axis
DOTS_LIMIT = 150  # points that are so many as to hide the line have no dots to point at
STYLE = """
:root { color-scheme: light dark; --ink: #1b1f24; --faint: #8b949e; --line: #d8dee4; --page: #ffffff }
@media (prefers-color-scheme: dark) {
  :root { --ink: #e6edf3; --faint: #8b949e; --line: #30363d; --page: #0d1117 }
}
body { font: 15px/1.5 system-ui, sans-serif; color: var(--ink); background: var(--page); max-width: 46rem;
  margin: 2rem auto; padding: 0 1rem }
h1 { font-size: 1.5rem } h2 { font-size: 1.1rem; margin: 2rem 0 .3rem }
table { border-collapse: collapse; width: 100%; font-variant-numeric: tabular-nums }
th, td { text-align: right; padding: .2rem .5rem; border-bottom: 1px solid var(--line) }
th:first-child, td:first-child { text-align: left }
svg { width: 100%; height: auto; font-size: 12px; fill: var(--faint) }
.key { display: inline-block; margin-right: 1rem; font-size: 13px }
.key i { display: inline-block; width: .8rem; height: .8rem; margin-right: .3rem; border-radius: 2px }
pre { overflow-x: auto }
"""

Points = Sequence[tuple[float, float]]


class Axis(NamedTuple):
    """
    An axis.

    @ivar least, most: what it shows; @ivar log: each step so many times the one before.
    """

    least: float
    most: float
    log: bool = False

    def part(self, value: float) -> float:
        """Where a value is, 0 to 1."""
        if self.log:
            value = min(max(value, self.least), self.most)
            return math.log(value / self.least) / math.log(self.most / self.least)
        return (value - self.least) / (self.most - self.least)

    def ticks(self) -> list[float]:
        """Round values, about TICKS of them."""
        if self.log:
            powers = range(math.ceil(math.log10(self.least)), math.floor(math.log10(self.most)) + 1)
            return [10.0**power for power in powers]
        rough = (self.most - self.least) / TICKS
        power = 10.0 ** math.floor(math.log10(rough))
        step = next(step for step in (power, 2 * power, 5 * power, 10 * power) if step >= rough)
        first = math.ceil(self.least / step)
        return [n * step for n in range(first, math.floor(self.most / step + 1e-9) + 1)]


def axis(values: Iterable[float], *, log: bool = False) -> Axis:
    """An axis that has room for all of them, and for nothing more than needed; from 0 but when `log`."""
    known = [value for value in values if math.isfinite(value)]
    if log:
        above = [value for value in known if value > 0.0] or [1.0]
        most = max(above)
        least = max(min(above), most / LOG_SPAN)
        return Axis(least, max(most, least * 10.0), log=True)
    least, most = min(known, default=0.0), max(known, default=1.0)
    return Axis(min(least, 0.0), max(most, min(least, 0.0) + 1e-9) if most > 0.0 else 1.0)


def lines(series: Mapping[str, Points], x_unit: str, y_unit: str, *, log_x: bool = False) -> str:
    """
    A plot with a line for each of `series`, at most as many as there are COLOURS, and its key.

    @param series: by name; points in the order of x.
    """
    series = {name: points for name, points in list(series.items())[: len(COLOURS)] if points}
    across = axis((x for points in series.values() for x, _ in points), log=log_x)
    up = axis(y for points in series.values() for _, y in points)
    body = [*_frame(across, up, x_unit, y_unit)]
    for (name, points), colour in zip(series.items(), COLOURS, strict=False):
        at = [(_x(across, x), _y(up, y)) for x, y in points if math.isfinite(x) and math.isfinite(y)]
        way = " ".join(f"{x:.1f},{y:.1f}" for x, y in at)
        body.append(f'<polyline points="{way}" fill="none" stroke="{colour}" stroke-width="2"/>')
        if len(at) <= DOTS_LIMIT:
            body += [
                f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3" fill="{colour}">'
                f"<title>{escape(f'{name}: {shown(y)} {y_unit}, {shown(x)} {x_unit}')}</title></circle>"
                for (px, py), (x, y) in zip(at, points, strict=False)
            ]
    svg = f'<svg viewBox="0 0 {WIDTH} {HEIGHT}" role="img">{"".join(body)}</svg>'
    return svg + _key(series)


def _key(series: Iterable[str]) -> str:
    entries = zip(series, COLOURS, strict=False)
    return "".join(
        f'<span class="key"><i style="background:{colour}"></i>{escape(name)}</span>'
        for name, colour in entries
    )


def _frame(across: Axis, up: Axis, x_unit: str, y_unit: str) -> Iterable[str]:
    """Lines and labels of both axes."""
    bottom = HEIGHT - BOTTOM
    for value in up.ticks():
        y = _y(up, value)
        yield f'<line x1="{LEFT}" x2="{WIDTH - RIGHT}" y1="{y:.1f}" y2="{y:.1f}" stroke="var(--line)"/>'
        yield f'<text x="{LEFT - 6}" y="{y + 4:.1f}" text-anchor="end">{shown(value)}</text>'
    for value in across.ticks():
        x = _x(across, value)
        yield f'<line x1="{x:.1f}" x2="{x:.1f}" y1="{bottom}" y2="{bottom + 4}" stroke="var(--faint)"/>'
        yield f'<text x="{x:.1f}" y="{bottom + 17}" text-anchor="middle">{shown(value)}</text>'
    yield f'<text x="{WIDTH - RIGHT}" y="{HEIGHT - 4}" text-anchor="end">{escape(x_unit)}</text>'
    yield f'<text x="4" y="{TOP + 2}">{escape(y_unit)}</text>'


def _x(across: Axis, value: float) -> float:
    return LEFT + across.part(value) * (WIDTH - LEFT - RIGHT)


def _y(up: Axis, value: float) -> float:
    return HEIGHT - BOTTOM - up.part(value) * (HEIGHT - TOP - BOTTOM)


def shown(value: float) -> str:
    """A number as people write it."""
    if not math.isfinite(value):
        return "more"
    if abs(value) >= 1000.0:
        return f"{value:,.0f}"
    return f"{value:.3g}"


def table(head: Sequence[str], rows: Iterable[Sequence[str | float]]) -> str:
    """A table; numbers are written as `shown` writes them."""
    cells = [[cell if isinstance(cell, str) else shown(cell) for cell in row] for row in rows]
    top = "".join(f"<th>{escape(name)}</th>" for name in head)
    body = "".join("<tr>" + "".join(f"<td>{escape(cell)}</td>" for cell in row) + "</tr>" for row in cells)
    return f"<table><tr>{top}</tr>{body}</table>"


def page(title: str, sections: Iterable[tuple[str, str]]) -> str:
    """
    The page, whole.

    @param sections: a heading as text, and what is under it as HTML.
    """
    parts = "".join(f"<h2>{escape(heading)}</h2>{html}" for heading, html in sections)
    return (
        '<!doctype html><html lang="en"><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        f"<title>{escape(title)}</title><style>{STYLE}</style><body><h1>{escape(title)}</h1>{parts}</body></html>\n"
    )
