"""
What a journal came to, written down tick by tick, to be compared with another time or another revision.

    trace    gzip, lines of JSON: a head, then one for each tick
    head     trace: VERSION; journal: sha256 of the file; revision; content; first: the tick it begins after
    tick     tick, faults, inputs, effects as of moment.py; changed: {thing: fields, or null when it is gone};
             names and sessions: those that are new
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Callable, Iterator
from itertools import count, zip_longest
from pathlib import Path
from typing import Any

from bluemarble.servers.revision import revision
from bluemarble.sim.content import Content
from bluemarble.tools.replay.comparing import Ended, Verdict, broken
from bluemarble.tools.replay.moment import Moment, compared
from bluemarble.tools.replay.stage import Stage
from bluemarble.wire.errors import Malformed

VERSION = 1
LINE_LIMIT = 1 << 27  # characters: the first has all of the state
PIECE_BYTES = 1 << 20
KNOWN = ("names", "sessions")
Line = dict[str, Any]
NEEDED = (
    ("tick", int),
    ("faults", list),
    ("inputs", list),
    ("effects", list),
    ("changed", dict),
    ("names", dict),
    ("sessions", dict),
)


def write(
    file: Path,
    out: Path,
    content: Content,
    *,
    first: int = 0,
    last: int | None = None,
    tell: Callable[[int], None] = lambda tick: None,
) -> int:
    """
    Run a journal, and write down what comes of it.

    @param first, last: only what comes after the one tick, up to the other.
    @return: how many ticks were.  @raise Differs, Malformed: as of Stage.
    """
    with file.open("rb") as source:
        digest = hashlib.file_digest(source, "sha256").hexdigest()
        source.seek(0)
        stage = Stage(source, content, near=first)
        while stage.world.tick < first and stage.step() is not None:
            pass
        with gzip.open(out, "wt", compresslevel=3, encoding="utf-8") as lines:
            about = {"revision": revision(), "content": content.hash.hex(), "first": stage.world.tick}
            _line(lines, {"trace": VERSION, "journal": digest, **about})
            return _ticks(stage, last, lines, tell)


def _ticks(stage: Stage, last: int | None, lines: Any, tell: Callable[[int], None]) -> int:
    before: Moment = {"names": {}, "sessions": {}, "state": {}}
    ticks = 0
    while (last is None or stage.world.tick < last) and (mark := stage.step()) is not None:
        ticks += 1
        if stage.over:
            _line(lines, {"tick": mark.tick, "faults": mark.faults, "raised": True})
            break
        now = stage.moment()
        line = {name: now[name] for name in ("tick", "inputs", "effects")}
        line |= {name: _new(before[name], now[name]) for name in KNOWN}
        _line(lines, {**line, "faults": mark.faults, "changed": _changed(before["state"], now["state"])})
        before = now
        tell(mark.tick)
    return ticks


def _line(lines: Any, line: Line) -> None:
    lines.write(json.dumps(line, separators=(",", ":")) + "\n")


def _new(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    return {key: value for key, value in now.items() if before.get(key) != value}


def _changed(before: dict[str, Any], now: dict[str, Any]) -> dict[str, Any]:
    return _new(before, now) | dict.fromkeys(before.keys() - now.keys())


def read(file: Path) -> Iterator[Line]:
    """
    The head, then each tick.

    @raise Malformed: it is no trace, or damaged, or it ends in the middle.
    """
    try:
        with gzip.open(file, "rb") as whole:  # its checksum comes last: what is damaged differs from nothing
            while whole.read(PIECE_BYTES):
                pass
        with gzip.open(file, "rt", encoding="utf-8") as lines:
            for number in count():
                if not (line := lines.readline(LINE_LIMIT)):
                    return
                if len(line) == LINE_LIMIT:
                    raise ValueError(f"line {number + 1} has no end")
                it = json.loads(line)
                if not isinstance(it, dict) or not (_whole(it) if number else it.get("trace") == VERSION):
                    raise Malformed(f"{file} is no trace of ours: line {number + 1}")
                yield it
    except (gzip.BadGzipFile, zlib.error, EOFError, ValueError, RecursionError) as error:
        raise Malformed(f"{file} is no trace, or it was cut: {error}") from error


def _whole(line: Line) -> bool:
    kinds = NEEDED[:2] if "raised" in line else NEEDED
    return all(isinstance(line.get(name), kind) for name, kind in kinds)


def verdict(one: Path, other: Path) -> Verdict | None:
    """
    The first tick in which two traces differ; None: nowhere.

    @raise Malformed: as of `read`; or they are of two journals, or do not begin with the same tick.
    """
    mine, theirs = read(one), read(other)
    heads = [next(it, {}) for it in (mine, theirs)]
    for name in ("journal", "first"):
        a, b = (it.get(name) for it in heads)
        if a != b:
            raise Malformed(f"{one} and {other} are not traces of the same: {name} {a} and {b}")
    moments: list[Moment] = [{"names": {}, "sessions": {}, "state": {}} for _ in heads]
    for a, b in zip_longest(mine, theirs):
        if a is None or b is None or "raised" in a or "raised" in b:
            return broken(_ended(a), _ended(b)) if a != b else None
        for moment, line in zip(moments, (a, b), strict=True):
            _follow(moment, line)
        if any(a[name] != b[name] for name in ("inputs", "effects", "changed", "faults")):
            raised = broken(_ended(a), _ended(b)).differences if a["faults"] != b["faults"] else []
            if differences := [*raised, *compared(*moments)]:
                return Verdict(a["tick"], differences, *moments)
    return None


def _ended(line: Line | None) -> Ended:
    return None if line is None else (line["tick"], line["faults"])


def _follow(moment: Moment, line: Line) -> None:
    """The moment of this line, from that of the one before."""
    state = moment["state"]
    for thing, became in line["changed"].items():
        if became is None:
            state.pop(thing, None)
        else:
            state[thing] = became
    for name in KNOWN:
        moment[name] |= line[name]
    for name in ("tick", "inputs", "effects"):
        moment[name] = line[name]
