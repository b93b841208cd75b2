"""
A journal that fails made small: the fewest inputs in the least time that still fail.

First who need not be there goes, then what need not happen for a while, then single inputs, and last the time
in between.  What is left cannot spare any one of its inputs.  Whether a journal fails is somebody else's to
say: `failing.py`.
"""

from collections.abc import Callable, Hashable
from itertools import pairwise
from typing import TypeVar

from bluemarble.tools.replay.tape import Atom, Tape, from_the_start

T = TypeVar("T")
# The tick in which a tape fails, or None: it does not.
Fails = Callable[[Tape], int | None]


class NeverFailed(Exception):
    """The journal does not fail as it is: there is nothing to make smaller."""


class Shrinking:
    """
    @param fails: the same every time for the same tape.
    @param tell: is told what is being tried, how many tapes have been, and how many inputs are left.
    @ivar tape: the smallest so far that fails.
    @ivar tried: how many tapes have been.
    """

    def __init__(
        self, tape: Tape, fails: Fails, tell: Callable[[str, int, int], None] = lambda what, n, left: None
    ) -> None:
        self.tape = tape
        self.tried = 0
        self._fails = fails
        self._tell = tell

    def run(self) -> Tape:
        """
        As small as it gets.

        @raise NeverFailed: it does not fail to begin with.
        """
        whole = self.tape
        if not self._try("all of it", whole):
            raise NeverFailed
        if whole.snapshot is not None:  # all of it: what the snapshot remembers may come about once more
            self._try("without its snapshot", from_the_start(whole))
        self._drop("sessions", lambda atom, index: atom.session)
        before = -1
        while before != (before := len(self.tape.atoms)):
            self._drop("inputs", lambda atom, index: index)
            self._hurry()
        return self.tape

    def _try(self, what: str, tape: Tape) -> bool:
        """Whether it fails; if so it is the tape from now on, as far as it needs to run."""
        self.tried += 1
        tick = self._fails(tape)
        if tick is not None:
            self.tape = tape.to(tick)
        self._tell(what, self.tried, len(self.tape.atoms))
        return tick is not None

    def _drop(self, what: str, group: Callable[[Atom, int], Hashable]) -> None:
        """Leave out groups of atoms, many at once and then fewer, the last ones first."""
        left = _groups(self.tape.atoms, group)
        size = len(left)
        while size:
            at = len(left)
            while at > 0:
                kept = left[: max(at - size, 0)] + left[at:]
                atoms = sorted(((i, it) for some in kept for i, it in some), key=lambda it: it[0])
                if self._try(what, self.tape._replace(atoms=[it for _, it in atoms])):
                    ends = len(self.tape.atoms)  # it may fail earlier now: what came later is gone, too
                    gone = {i for i, _ in atoms[ends:]}
                    left = [some for it in kept if (some := [a for a in it if a[0] not in gone])]
                at = min(at - size, len(left))
            size = min(size, len(left) + 1) // 2

    def _hurry(self) -> None:
        """Let what happens happen sooner: everything at once, then each pause by itself."""
        if self._try("no time", self._with([1] * len(self._pauses()))):
            return
        n = 0
        while n < len(self._pauses()):
            least, most = 1, self._pauses()[n]
            while least < most:  # the shortest that fails, if shorter ones do not where longer ones do
                middle = (least + most) // 2
                pauses = self._pauses()
                if self._try("less time", self._with([*pauses[:n], middle, *pauses[n + 1 :]])):
                    most = middle
                else:
                    least = middle + 1
                if n >= len(self._pauses()):
                    return
            n += 1

    def _pauses(self) -> list[int]:
        """How many ticks there are to each tick that has inputs, and from the last of these to the end."""
        ticks = [self.tape.first, *sorted({it.tick for it in self.tape.atoms})]
        return [b - a for a, b in pairwise([*ticks, self.tape.last])]

    def _with(self, pauses: list[int]) -> Tape:
        """The tape with other pauses."""
        now, became = self.tape.first, {}
        for tick, pause in zip(sorted({it.tick for it in self.tape.atoms}), pauses, strict=False):
            now += pause
            became[tick] = now
        atoms = [it._replace(tick=became[it.tick]) for it in self.tape.atoms]
        return self.tape._replace(atoms=atoms, last=now + pauses[-1])


def _groups(atoms: list[Atom], group: Callable[[Atom, int], Hashable]) -> list[list[tuple[int, Atom]]]:
    """Atoms with their places, in groups, in the order of each one's first."""
    found: dict[Hashable, list[tuple[int, Atom]]] = {}
    for index, atom in enumerate(atoms):
        found.setdefault(group(atom, index), []).append((index, atom))
    return list(found.values())
