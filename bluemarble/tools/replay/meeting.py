"""`replay diff`: two checkouts, or two traces, or one of each."""

import contextlib
import tempfile
from collections.abc import Callable
from pathlib import Path

from bluemarble.tools.replay import comparing, traces
from bluemarble.tools.replay.checkout import Checkout
from bluemarble.tools.replay.comparing import Verdict
from bluemarble.tools.replay.telling import progress


def met(file: Path, one: Path, other: Path, content: Callable[[], str]) -> Verdict | None:
    """
    Where they part.

    @param content: asked only when something must be run.
    @raise Unusable, Died: as of Checkout.  @raise Malformed: as of `traces.read`.
    """
    with contextlib.ExitStack() as stack:
        if one.is_dir() and other.is_dir():
            where = content()
            a, b = (stack.enter_context(Checkout(it, where)) for it in (one, other))
            tell = stack.enter_context(progress("comparing"))
            return comparing.verdict(a, b, file.resolve(), tell)
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory(prefix="bm-diff-")))
        told = []
        for name, it in (("a", one), ("b", other)):
            if it.is_dir():
                checkout = stack.enter_context(Checkout(it, content()))
                checkout.ask("trace", file=str(file.resolve()), out=str(folder / name))
                it = folder / name
            told.append(it)
        return traces.verdict(*told)
