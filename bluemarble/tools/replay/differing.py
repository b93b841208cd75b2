"""A journal that does not come out as it was recorded: where, in fields, as far as the file can tell."""

import contextlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from bluemarble.sim.content import Content
from bluemarble.tools.replay.looking import around, looked_told
from bluemarble.tools.replay.moment import Difference, compared
from bluemarble.tools.replay.stage import Stage
from bluemarble.tools.replay.states import States
from bluemarble.tools.replay.stepping import Differs, frozen
from bluemarble.tools.replay.telling import some
from bluemarble.wire import journal
from bluemarble.wire.blocks import SNAPSHOT


def differing(file: Path, content: Content, tick: int, first: int | None) -> dict[str, Any]:
    """
    What is to be seen of a difference: the tick as it is here, and what a later snapshot of the file has.

    @param first: as of `replay`, when the difference was found.
    @return: `here`, as of `around`, or None; `snapshot`, the tick of the first snapshot from there on, or
        None; `differences`, between it and the world here at that tick, recorded first.
    """
    found: dict[str, Any] = {"tick": tick, "here": None, "snapshot": None, "differences": []}
    with file.open("rb") as source:
        with contextlib.suppress(LookupError, Differs, ValueError):  # what comes next may be damaged
            found["here"] = around(source, content, tick, near=first)
        source.seek(0)
        at = next(
            (it.first for it in journal.Reader(source).index() if it.kind == SNAPSHOT and it.first >= tick),
            None,
        )
        if at is not None:
            found |= {"snapshot": at, "differences": list(_against(file, content, at, first))}
    return found


def _against(file: Path, content: Content, at: int, first: int | None) -> Iterator[Difference]:
    """The recorded snapshot of that tick, and the world here."""
    with file.open("rb") as source, file.open("rb") as again:
        reader = journal.Reader(source)
        reader.seek(at)
        recorded = frozen(reader)
        stage = Stage(again, content, near=first)
        while stage.world.tick < at and stage.step() is not None:
            pass
        if recorded is not None and stage.world.tick == at:
            here = stage.moment() | {"effects": []}
            yield from compared(here | {"state": States().of(recorded)}, here)


def differing_told(found: dict[str, Any], every: bool) -> Iterator[str]:
    """The same in lines."""
    if found["here"] is not None:
        yield "As it is here:"
        yield from looked_told(found["here"], every)
    if found["differences"]:
        yield f"The snapshot of tick {found['snapshot']}, and what is here by then:"
        yield from some([f"  {it.told('the snapshot', 'this')}" for it in found["differences"]], every)
    elif found["snapshot"] is not None:
        yield f"The snapshot of tick {found['snapshot']} is as the world is here by then."
    else:
        yield "No snapshot of the file is later: `replay diff` with the software that recorded it tells more."
