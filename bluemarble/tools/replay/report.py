"""A replay as a page: a timeline, maps of who went where, what came and went.  One file, nothing to load."""

from collections.abc import Iterator, Sequence
from html import escape
from itertools import pairwise
from math import dist, log10
from typing import Any

from bluemarble.sim.rules import TICK_MS
from bluemarble.tools.replay.watching import SECOND_TICKS, Place, Watching

WIDE, HIGH, MARGIN = 900, 110, 60
COLUMNS_MOST = 600  # of a timeline: longer ones show the most of several seconds
MAP_SIZE, MAP_MARGIN = 640, 30
ROWS = 25  # of a table of packets
PLAYERS_MOST = 200  # rows
LINES = ("inputs", "sends", "players", "faults")
TITLES = {
    "inputs": "inputs a second",
    "sends": "packets sent a second",
    "players": "players in the world",
    "faults": "handlers that raised",
}
STYLE = """
body { font: 15px/1.45 system-ui, sans-serif; margin: 2em auto; max-width: 960px; padding: 0 1em }
body { color: #222; background: #fff }
h1 { font-size: 1.4em } h2 { font-size: 1.1em; margin-top: 2em }
table { border-collapse: collapse } td, th { padding: .15em .8em .15em 0; text-align: left }
td.n { text-align: right; font-variant-numeric: tabular-nums }
svg { display: block; margin: .4em 0 } svg text { font: 11px system-ui, sans-serif; fill: #555 }
.fine { color: #176639 } .wrong { color: #a31515 } .cols { display: flex; gap: 3em; flex-wrap: wrap }
"""


def page(
    name: str, verdict: str, fine: bool, figures: dict[str, Any], seen: Watching, differs: int | None
) -> str:
    """
    The whole page.

    @param verdict: what came of it, in a line.  @param figures: by name, as they are shown.
    @param differs: the tick that does; None: none.
    """
    parts = [
        "<!doctype html><html lang=en><meta charset=utf-8>",
        f"<title>{escape(name)}</title><style>{STYLE}</style>",
        f"<h1>{escape(name)}</h1><p class={'fine' if fine else 'wrong'}>{escape(verdict)}</p>",
        table([(escape(str(k)), escape(str(v))) for k, v in figures.items()]),
        "<h2>When</h2>",
        *timelines(seen, differs),
        "<h2>Where</h2><p>North is up. A ring is where somebody came, a dot where they were last.</p>",
        *maps(seen),
        "<h2>Who</h2>",
        table(list(players(seen)), ("player", "maps", "inputs", "yards", "ticks")),
        "<h2>What</h2><div class=cols>",
        f"<div>{table(counted(seen.inputs), ('came', ''))}</div>",
        f"<div>{table(counted(seen.sends), ('went out', ''))}</div></div>",
    ]
    if seen.faults:
        rows = [(str(tick), escape(what)) for tick, what in seen.faults]
        parts += ["<h2>What was raised</h2>", table(rows, ("tick", ""))]
    return "\n".join([*parts, ""])


def table(rows: Sequence[tuple[str, ...]], heads: tuple[str, ...] = ()) -> str:
    """Rows of HTML; what is a number stands to the right."""
    head = "".join(f"<th>{escape(it)}</th>" for it in heads)
    body = "".join(f"<tr>{''.join(map(_cell, row))}</tr>" for row in rows)
    return f"<table>{f'<tr>{head}</tr>' if heads else ''}{body}</table>"


def _cell(text: str) -> str:
    return f"<td class=n>{text}</td>" if text.replace(" ", "").isdecimal() else f"<td>{text}</td>"


def counted(names: Any) -> list[tuple[str, ...]]:
    """The most frequent packets."""
    most = sorted(names.items(), key=lambda it: (-it[1], it[0]))
    rows: list[tuple[str, ...]] = [(escape(name), str(count)) for name, count in most[:ROWS]]
    return rows + ([(f"and {len(most) - ROWS} other kinds", "")] if len(most) > ROWS else [])


def players(seen: Watching) -> Iterator[tuple[str, ...]]:
    """A row for each, those first who did most."""
    guids = sorted(seen.cast.names, key=lambda it: (-seen.by[it], it))
    for guid in guids[:PLAYERS_MOST]:
        ways = {map_: way for (map_, who), way in sorted(seen.ways.items()) if who == guid}
        ticks = [place.tick for way in ways.values() for place in way]
        yards = sum(dist(a[1:], b[1:]) for way in ways.values() for a, b in pairwise(way))
        between = f"{min(ticks)} to {max(ticks)}" if ticks else ""
        maps_ = ", ".join(map(str, ways))
        yield escape(seen.cast.names[guid]), maps_, str(seen.by[guid]), f"{yards:.0f}", between
    if len(guids) > PLAYERS_MOST:
        yield f"and {len(guids) - PLAYERS_MOST} others", "", "", "", ""


def timelines(seen: Watching, differs: int | None) -> Iterator[str]:
    """A plot of each of LINES that is not always 0."""
    if not seen.seconds:
        yield "<p>There was no tick.</p>"
        return
    for name in LINES:
        values = [getattr(it, name) for it in seen.seconds]
        if any(values):
            yield timeline(TITLES[name], values, seen.seconds[0].tick, differs)


def timeline(title: str, values: list[int], first: int, differs: int | None) -> str:
    """
    One plot, of a value each second.

    @param first: the tick of the first.
    """
    together = -(-len(values) // COLUMNS_MOST)
    tops = [max(values[at : at + together]) for at in range(0, len(values), together)]
    most, wide = max(tops), WIDE / len(tops)
    points = " ".join(
        f"{MARGIN + x:.1f},{HIGH - HIGH * top / most:.1f}"
        for n, top in enumerate(tops)
        for x in (n * wide, (n + 1) * wide)
    )
    last = first + len(values) * SECOND_TICKS
    parts = [
        f'<svg viewBox="0 -16 {WIDE + MARGIN + 10} {HIGH + 36}" role="img" aria-label="{escape(title)}">',
        f'<text x="{MARGIN}" y="-4">{escape(title)}: at most {most}</text>',
        f'<polygon fill="#9bbfe0" points="{MARGIN},{HIGH} {points} {MARGIN + WIDE},{HIGH}"/>',
        f'<path stroke="#888" d="M{MARGIN} {HIGH}h{WIDE}"/>',
    ]
    for n in range(5):
        tick = first + (last - first) * n // 4
        anchor = ("start", "middle", "middle", "middle", "end")[n]
        said = f"{tick} · {tick * TICK_MS / 1000:.0f} s"
        parts.append(
            f'<text x="{MARGIN + WIDE * n / 4}" y="{HIGH + 14}" text-anchor="{anchor}">{said}</text>'
        )
    if differs is not None and first <= differs <= last:
        x = MARGIN + WIDE * (differs - first) / max(last - first, 1)
        parts.append(
            f'<path stroke="#a31515" stroke-width="2" d="M{x:.1f} 0v{HIGH}"><title>{differs}</title></path>'
        )
    return "".join([*parts, "</svg>"])


def maps(seen: Watching) -> Iterator[str]:
    """A plot of each map on which somebody was."""
    for map_ in sorted({map_ for map_, _ in seen.ways}):
        ways = {guid: way for (it, guid), way in sorted(seen.ways.items()) if it == map_ and way}
        yield f"<p>Map {map_}, {len(ways)} players</p>" + plot(ways, seen.cast.names)


def plot(ways: dict[int, list[Place]], names: dict[int, str]) -> str:
    """
    Ways on a map, x to the north, y to the west.

    @param ways: by guid, none of them empty.
    """
    xs, ys = ([getattr(place, axis) for way in ways.values() for place in way] for axis in "xy")
    span = max(max(xs) - min(xs), max(ys) - min(ys), 10.0)
    scale = (MAP_SIZE - 2 * MAP_MARGIN) / span
    north, west = (max(xs) + min(xs)) / 2, (max(ys) + min(ys)) / 2

    def at(place: Place) -> tuple[float, float]:
        return MAP_SIZE / 2 + (west - place.y) * scale, MAP_SIZE / 2 + (north - place.x) * scale

    parts = [f'<svg viewBox="0 0 {MAP_SIZE} {MAP_SIZE}" width="{MAP_SIZE}" role="img" aria-label="map">']
    parts.append(f'<rect width="{MAP_SIZE}" height="{MAP_SIZE}" fill="#f6f4ee"/>')
    for guid, way in ways.items():
        colour = f"hsl({guid * 137 % 360} 70% 40%)"
        points = " ".join(f"{x:.1f},{y:.1f}" for x, y in map(at, way))
        (x0, y0), (x1, y1) = at(way[0]), at(way[-1])
        name = escape(names.get(guid, str(guid)))
        parts.append(
            f'<g stroke="{colour}" fill="none"><title>{name}: ticks {way[0].tick} to {way[-1].tick}</title>'
            f'<polyline stroke-opacity=".7" points="{points}"/><circle cx="{x0:.1f}" cy="{y0:.1f}" r="3.5"/>'
            f'<circle cx="{x1:.1f}" cy="{y1:.1f}" r="2.5" fill="{colour}"/></g>'
        )
    yards = 10 ** int(log10(span / 2))
    bar = yards * scale
    low = MAP_SIZE - 8
    parts.append(f'<path stroke="#333" stroke-width="2" d="M{MAP_MARGIN} {low}h{bar:.1f}"/>')
    parts.append(f'<text x="{MAP_MARGIN + bar + 6:.1f}" y="{low + 3}">{yards} yards</text>')
    parts.append(f'<text x="{MAP_MARGIN}" y="16">x {north:.0f}, y {west:.0f} in the middle</text></svg>')
    return "".join(parts)
