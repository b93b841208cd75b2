"""One journal on two revisions: the first tick in which they differ, and in what."""

from collections.abc import Callable, Sequence
from itertools import zip_longest
from pathlib import Path
from typing import NamedTuple

from bluemarble.tools.replay.checkout import Checkout, asked
from bluemarble.tools.replay.moment import Difference, Moment, compared
from bluemarble.tools.replay.stage import RAISED

BATCH_TICKS, WHOLE_TICKS = 256, 32

Told = Callable[[int], None]  # how far it is: a tick


class Parted(NamedTuple):
    """
    Where two runs part.

    @ivar tick: the first that differs.
    @ivar alike: the last before it after which the whole state was compared and equal.
    """

    tick: int
    alike: int


class Verdict(NamedTuple):
    """
    The first tick that differs.

    @ivar one, other: that tick on both; None: the step itself raised on one, or it has no such tick.
    """

    tick: int
    differences: list[Difference]
    one: Moment | None = None
    other: Moment | None = None


def parted(one: Checkout, other: Checkout, file: Path, tell: Told = lambda tick: None) -> Parted | None:
    """
    Where two checkouts' runs of a journal part; None: nowhere.

    What is said is compared in each tick, the state every WHOLE_TICKS and at the end: so it may have begun
    to differ that much earlier.

    @raise Unusable, Died: as of Checkout.
    """
    both = one, other
    began = asked(both, "begin", file=str(file))
    alike = began[0]["tick"]
    while True:
        mine, theirs = asked(both, "advance", count=BATCH_TICKS, whole=WHOLE_TICKS)
        for a, b in zip(mine["marks"], theirs["marks"], strict=False):
            if a != b:
                return Parted(a[0], alike)
            alike = a[0] if a[2] else alike
        if len(mine["marks"]) != len(theirs["marks"]):
            return Parted(alike + 1 + min(len(it["marks"]) for it in (mine, theirs)), alike)
        if mine["over"] and theirs["over"]:
            return None
        tell(alike)


def verdict(one: Checkout, other: Checkout, file: Path, tell: Told = lambda tick: None) -> Verdict | None:
    """
    The first tick that differs in anything at all, and every field that does; None: nothing differs.

    @raise Unusable, Died: as of Checkout.
    """
    found = parted(one, other, file, tell)
    if found is None:
        return None
    # From a snapshot it is quicker, if they part there, too: it may be of what neither of them does.
    return _looked(one, other, file, found, found.alike) or _looked(one, other, file, found, None)


def _looked(one: Checkout, other: Checkout, file: Path, found: Parted, near: int | None) -> Verdict | None:
    both = one, other
    asked(both, "begin", file=str(file), near=near)
    asked(both, "advance", to=found.alike)
    mine, theirs = asked(both, "advance", to=found.tick, whole=1, keep=True)
    for a, b in zip_longest(mine["marks"], theirs["marks"]):
        if a == b:
            continue
        ends = (it and (it[0], it[3]) for it in (a, b))
        if a is None or b is None or RAISED in (a[1], b[1]):
            return broken(*ends)
        moments = [it["moment"] for it in asked(both, "moment", tick=a[0])]
        raised = broken(*ends).differences if a[3] != b[3] else []
        return Verdict(a[0], raised + compared(*moments), *moments)
    return None


Ended = tuple[int, Sequence[str]] | None  # a tick, and what was raised in it; there is no such tick


def broken(one: Ended, other: Ended) -> Verdict:
    """A handler or the step raised on one side, or it has no such tick at all."""
    if one is None or other is None:
        (tick, _), *_ = (it for it in (one, other) if it)
        ends = (it[0] if it else "it had ended before" for it in (one, other))
        return Verdict(tick, [Difference(tick, "", "the journal's last tick", "", *ends)])
    return Verdict(one[0], [Difference(one[0], "", "what was raised", "", list(one[1]), list(other[1]))])
