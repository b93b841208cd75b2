"""A failing plan made small: fewer faults, fewer bots, less time, and it fails in the same way."""

from collections.abc import Callable, Sequence
from math import ceil

from bluemarble.tools.simulator.plan import Plan
from bluemarble.tools.simulator.simulation import Outcome

RUNS_LIMIT = 80


class _Spent(Exception):
    """Enough has been tried."""


class Shrinking:
    """
    @param run: what a plan comes to.
    @ivar best: the smallest so far that fails as the first did; @ivar runs: how many were tried.
    """

    def __init__(self, failed: Outcome, run: Callable[[Plan], Outcome], limit: int = RUNS_LIMIT) -> None:
        if not failed.findings:
            raise ValueError("a plan that does not fail cannot be made smaller")
        self.best, self.runs = failed, 0
        self._run, self._limit, self._name = run, limit, failed.findings[0].name

    def shrink(self) -> Outcome:
        """Try until nothing more can be left out, or the limit is reached."""
        try:
            before: Plan | None = None
            while before != self.best.plan:
                before = self.best.plan
                faults = [fault.number for fault in before.faults]
                self._leave_out(faults, lambda kept: self.best.plan.reduced(faults=kept))
                self._leave_out(before.bots, lambda kept: self.best.plan.reduced(bots=kept))
                self._shorten()
        except _Spent:
            pass
        return self.best

    def _fails(self, plan: Plan) -> bool:
        """Whether it fails in the same way; then it is the best."""
        if self.runs >= self._limit:
            raise _Spent
        self.runs += 1
        outcome = self._run(plan)
        if outcome.findings and outcome.findings[0].name == self._name:
            self.best = outcome
            return True
        return False

    def _shorten(self) -> None:
        """As soon as it was found, or sooner."""
        at_s = ceil(self.best.findings[0].at_s)
        if at_s < self.best.plan.seconds:
            self._fails(self.best.plan.reduced(seconds=float(at_s)))
        least, most = 1, int(self.best.plan.seconds)
        while least < most:
            middle = (least + most) // 2
            if self._fails(self.best.plan.reduced(seconds=float(middle))):
                most = middle
            else:
                least = middle + 1

    def _leave_out(self, parts: Sequence[int], plan_with: Callable[[tuple[int, ...]], Plan]) -> None:
        """Halves first, then smaller and smaller pieces, then each one alone."""
        kept, size = tuple(parts), len(parts)
        while kept and size:
            at = 0
            while at < len(kept):
                less = kept[:at] + kept[at + size :]
                if self._fails(plan_with(less)):
                    kept = less
                else:
                    at += size
            size = size // 2 if size > 1 else 0
