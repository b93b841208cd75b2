"""What it is for a journal to fail: it differs between two checkouts, a handler raises, a program says so."""

import re
import shlex
import subprocess
from abc import ABC, abstractmethod
from pathlib import Path

from bluemarble.tools.replay.checkout import Checkout, Died
from bluemarble.tools.replay.comparing import BATCH_TICKS, parted, verdict
from bluemarble.tools.replay.moment import Difference
from bluemarble.tools.replay.tape import Tape, save

NUMBERS = re.compile(r"[0-9]+")
SKIP = 125  # a program's status that says: this one cannot be judged


class Failing(ABC):
    """
    Writes a tape where the checkouts find it, and judges; call it with a tape.

    @param file: where; it is overwritten.
    @cvar meaning: what it is to fail, in words.
    """

    meaning = ""

    def __init__(self, file: Path) -> None:
        self.file = file

    def __call__(self, tape: Tape) -> int | None:
        """The tick in which it fails, None when it does not."""
        with self.file.open("wb") as out:
            save(tape, out)
        return self.judged(tape)

    @abstractmethod
    def judged(self, tape: Tape) -> int | None:
        """Of what is in the file."""


class Differing(Failing):
    """
    Two checkouts make different things of it.

    @param same: it is the same failure only if a field differs that differed at first; else any will do.
    @ivar fields: those, of packets and things whoever's they are.
    """

    meaning = "both make the same of it"

    def __init__(self, file: Path, one: Checkout, other: Checkout, same: bool = True) -> None:
        super().__init__(file)
        self.both = one, other
        self.same = same
        self.fields: set[tuple[str, str]] = set()

    def judged(self, tape: Tape) -> int | None:
        """The first tick that differs, or up to which one of them has died."""
        try:
            if not self.same:
                found = parted(*self.both, self.file)
                return None if found is None else found.tick
            seen = verdict(*self.both, self.file)
        except Died:
            return tape.last if self._one_alone_dies() else None
        if seen is None:
            return None
        fields = {kind(it) for it in seen.differences}
        self.fields = self.fields or fields
        return seen.tick if fields & self.fields else None

    def _one_alone_dies(self) -> bool:
        died = []
        for each in self.both:
            each.restart()
            died.append(dies(each, self.file))
        return died[0] != died[1]


def kind(difference: Difference) -> tuple[str, str]:
    """What differs, whoever's it is and wherever in a list."""
    where = difference.where.partition(" to ")[0].removesuffix(difference.player)
    return NUMBERS.sub("", where), NUMBERS.sub("", difference.field)


class Raising(Failing):
    """
    A handler raises.

    @param text: what is in what is told of it; "": as the first one that is found.
    """

    meaning = "no handler raises, or not that"

    def __init__(self, file: Path, checkout: Checkout, text: str = "") -> None:
        super().__init__(file)
        self.checkout = checkout
        self.text = text

    def judged(self, tape: Tape) -> int | None:
        """The tick; a process that ends before it is another failure."""
        try:
            return self._first()
        except Died:
            self.checkout.restart()
            return None

    def _first(self) -> int | None:
        self.checkout.ask("begin", file=str(self.file))
        over = False
        while not over:
            said = self.checkout.ask("advance", count=BATCH_TICKS)
            over = said["over"]
            for tick, _, _, faults in said["marks"]:
                for fault in faults:
                    self.text = self.text or ": ".join(fault.split(": ")[:2])  # not what it said
                    if self.text in fault:
                        return int(tick)
        return None


class Dying(Failing):
    """The process that runs it does not come to the end."""

    meaning = "the process comes to the end"

    def __init__(self, file: Path, checkout: Checkout) -> None:
        super().__init__(file)
        self.checkout = checkout

    def judged(self, tape: Tape) -> int | None:
        """Its last tick."""
        return tape.last if dies(self.checkout, self.file) else None


def dies(checkout: Checkout, file: Path) -> bool:
    """Whether running it ends a process."""
    return bool(checkout.ask("outlive", file=str(file))["status"])


class Told(Failing):
    """
    A program says so: its status is neither 0 nor SKIP.

    @param command: as a shell would split it; {} stands for the file, which else is its last word.
    """

    meaning = "the program does not say so"

    def __init__(self, file: Path, command: str) -> None:
        super().__init__(file)
        words = shlex.split(command)
        self.words = words if any("{}" in it for it in words) else [*words, "{}"]

    def judged(self, tape: Tape) -> int | None:
        """Its last tick."""
        command = [it.replace("{}", str(self.file)) for it in self.words]
        done = subprocess.run(command, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, check=False)
        return None if done.returncode in (0, SKIP) else tape.last
