"""`replay shrink`: a journal that fails made small, as its flags want it."""

import contextlib
import tempfile
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from bluemarble.tools.replay import tape
from bluemarble.tools.replay.checkout import HERE, Checkout
from bluemarble.tools.replay.failing import Differing, Dying, Failing, Raising, Told
from bluemarble.tools.replay.fields import packet_fields
from bluemarble.tools.replay.shrinking import NeverFailed, Shrinking
from bluemarble.tools.replay.telling import fields_told, progress

TOLD_LIMIT = 40  # inputs that are printed; what is small has fewer


class Wanted(NamedTuple):
    """
    @ivar fails: differs, raises, dies or says; None: what the others are about.
    @ivar between: two checkouts.  @ivar any_: in whatever field.  @ivar fault: in what a handler raised.
    @ivar command: a program that judges a file.
    """

    fails: str | None = None
    between: tuple[Path, Path] | None = None
    any_: bool = False
    fault: str = ""
    command: str | None = None

    def kind(self) -> str:
        """
        What it is to fail.

        @raise ValueError: it needs a flag that is not there.
        """
        kind = self.fails or ("differs" if self.between else "says" if self.command else "raises")
        if kind == "differs" and not self.between:
            raise ValueError("to differ it takes two checkouts: --between A B")
        if kind == "says" and not self.command:
            raise ValueError("a program must say so: --command")
        return kind


def small(file: Path, out: Path, wanted: Wanted, content: str) -> Iterator[str]:
    """
    Shrink it, and tell what is left.

    @raise ValueError: it does not fail, or is no journal, or `wanted` is not whole.
    @raise Unusable, Died: as of Checkout.
    """
    with file.open("rb") as source:
        whole = tape.load(source)
    with contextlib.ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bm-shrink-")))
        fails = failing(folder / "tried.bmj", wanted, content, stack)
        tell = stack.enter_context(progress("leaving out", len(whole.atoms)))
        shrinking = Shrinking(whole, fails, lambda what, tried, left: tell(len(whole.atoms) - left))
        try:
            left = shrinking.run()
        except NeverFailed:
            raise ValueError(f"{file} does not fail: {fails.meaning}") from None
    with out.open("wb") as made:
        tape.save(left, made)
    yield (
        f"{out}: {len(left.atoms)} of {len(whole.atoms)} inputs, {left.last - left.first} of "
        f"{whole.last - whole.first} ticks; {shrinking.tried} tried"
    )
    if left.snapshot is not None:
        yield "It needs the snapshot it begins with."
    cast = left.cast()
    for atom in left.atoms[:TOLD_LIMIT]:
        fields = packet_fields(atom.packet)
        yield f"  tick {atom.tick}, {cast.session(atom.session)}: {fields['packet']} {fields_told(fields)}"


def failing(file: Path, wanted: Wanted, content: str, stack: contextlib.ExitStack) -> Failing:
    """Who judges, with the processes it takes; the stack ends these."""
    kind = wanted.kind()
    if kind == "differs" and wanted.between:
        one, other = (stack.enter_context(Checkout(it, content)) for it in wanted.between)
        return Differing(file, one, other, same=not wanted.any_)
    if kind == "says" and wanted.command:
        return Told(file, wanted.command)
    here = stack.enter_context(Checkout(HERE, content))
    return Dying(file, here) if kind == "dies" else Raising(file, here, wanted.fault)
