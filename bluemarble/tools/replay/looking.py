"""One tick of a journal: what came, what was said, and which fields of the state became others."""

from collections.abc import Iterator
from typing import Any, BinaryIO

from bluemarble.sim.content import Content
from bluemarble.tools.replay.moment import compared
from bluemarble.tools.replay.stage import Stage
from bluemarble.tools.replay.tape import span
from bluemarble.tools.replay.telling import effects_told, inputs_told, shown, some


def around(
    source: BinaryIO, content: Content, tick: int, player: str | None = None, *, near: int | None = None
) -> dict[str, Any]:
    """
    A moment (moment.py), and `changes` from the tick before: player, where, field, before, after.

    @param player: only what is of this one: a name, or a session's number.
    @param near: as of Stage; the tick's own snapshot is too late.
    @raise LookupError: the journal has no such tick, or no such player by then.
    @raise Differs, Malformed: as of Stage.
    """
    stage = Stage(source, content, near=near)
    first = stage.world.tick
    while stage.world.tick < tick - 1 and stage.step() is not None:
        pass
    before = stage.moment()
    faults = () if stage.over or (mark := stage.step()) is None else mark.faults
    if stage.world.tick != tick or tick == first or stage.over:
        begins, ends = span(source)
        raise LookupError(f"no tick {tick}: the journal has {begins + 1} to {ends}")
    seen = stage.moment()
    state = seen.pop("state")
    changes = compared(before | {"effects": []}, seen | {"state": state, "effects": []})
    told = [(it.player, it.where, it.field, it.one, it.other) for it in changes]
    if player is not None:
        sessions = stage.cast.sessions(player)
        names = {stage.cast.session(it) for it in sessions}
        seen["inputs"] = [it for it in seen["inputs"] if it["session"] in sessions]
        seen["effects"] = [it for it in seen["effects"] if sessions & {*it.get("to", ()), it.get("session")}]
        told = [it for it in told if it[0] in names]
    keys = ("player", "where", "field", "before", "after")
    return seen | {"faults": list(faults), "changes": [dict(zip(keys, it, strict=True)) for it in told]}


def looked_told(seen: dict[str, Any], every: bool) -> Iterator[str]:
    """The same in lines."""
    yield f"Tick {seen['tick']}.  What came:"
    yield from some(inputs_told(seen, every) or ["  nothing"], every)
    yield "What was said:"
    yield from some(effects_told(seen, every) or ["  nothing"], every)
    if seen["faults"]:
        yield "What was raised:"
        yield from (f"  {it}" for it in seen["faults"])
    yield "What became others:"
    changes = [
        f"  {it['where']}{', ' if it['field'] else ''}{it['field']}: "
        f"{shown(it['before'], every)}, now {shown(it['after'], every)}"
        for it in seen["changes"]
    ]
    yield from some(changes or ["  nothing"], every)
