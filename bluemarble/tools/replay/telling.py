"""What the replay commands print: moments and verdicts in lines for people, and how far something is."""

import contextlib
import sys
from collections.abc import Callable, Iterator
from typing import Any

from bluemarble.tools.replay.comparing import Verdict
from bluemarble.tools.replay.fields import Plain
from bluemarble.tools.replay.moment import Moment, audience

COLUMNS = 80  # of a field
LINES = 20  # of a list, unless all are asked for
UNTOLD = {"who", "session", "packet", "effect", "to"}

Progress = Callable[[int], None]


@contextlib.contextmanager
def progress(what: str, total: int | None = None) -> Iterator[Progress]:
    """
    A bar on stderr while something goes on; nothing when that is no terminal.

    @param total: what it goes up to, when that is known.
    @return: to be called with how far it is.
    """
    if not sys.stderr.isatty():
        yield lambda done: None
        return
    from rich.console import Console
    from rich.progress import BarColumn, MofNCompleteColumn, TextColumn, TimeElapsedColumn
    from rich.progress import Progress as Bars

    columns = TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn()
    with Bars(*columns, console=Console(stderr=True), transient=True) as bars:
        task = bars.add_task(what, total=total)
        yield lambda done: bars.update(task, completed=done)


def some(lines: list[str], every: bool) -> Iterator[str]:
    """The first of them, and how many there are beside these; or all."""
    yield from lines if every else lines[:LINES]
    if not every and len(lines) > LINES:
        yield f"  and {len(lines) - LINES} more (--all shows them)"


def fields_told(record: Plain, every: bool = False) -> str:
    """
    A packet's fields in a line.

    @param every: however long they are.
    """
    told = {name: shown(value, every) for name, value in record.items() if name not in UNTOLD}
    return ", ".join(f"{name} {value}" for name, value in told.items())


def shown(value: Plain, every: bool = False) -> str:
    """
    A field's value.

    @param every: however long it is.
    """
    text = repr(value)
    return text if every or len(text) <= COLUMNS else f"{text[:COLUMNS]}…"


def inputs_told(moment: Moment, every: bool = False) -> list[str]:
    """A line for each input."""
    return [f"  {it['who']}: {it['packet']} {fields_told(it, every)}".rstrip() for it in moment["inputs"]]


def effects_told(moment: Moment, every: bool = False) -> list[str]:
    """A line for each effect."""
    sessions = moment["sessions"]
    lines = []
    for it in moment["effects"]:
        to = audience(it, sessions)
        what = f"{it['packet']} to {to}" if to else it.get("packet", it["effect"])
        lines.append(f"  {what}: {fields_told(it, every)}".rstrip(": "))
    return lines


def verdict_told(verdict: Verdict, one: str, other: str, every: bool) -> Iterator[str]:
    """Which tick, which player, which field."""
    yield f"They part in tick {verdict.tick}."
    if verdict.one is not None:
        yield "What came in it:"
        yield from some(inputs_told(verdict.one, every) or ["  nothing: it is the time that passed"], every)
    yield "What differs:"
    yield from some([f"  {it.told(one, other)}" for it in verdict.differences], every)


def verdict_json(verdict: Verdict | None) -> dict[str, Any]:
    """The same for programs."""
    if verdict is None:
        return {"differs": False}
    return {
        "differs": True,
        "tick": verdict.tick,
        "inputs": verdict.one["inputs"] if verdict.one else [],
        "differences": [it._asdict() for it in verdict.differences],
    }
