"""What the simulation saves, on its way to the characters database."""

from collections.abc import Sequence
from typing import Any

from twisted.internet.defer import Deferred, succeed
from twisted.python.failure import Failure

from bluemarble.db.writing import WriteBehind
from bluemarble.rows import Write


class Saving:
    """
    Writes, and who waits for them.

    An owner is a character's guid, or minus an account's id.
    """

    def __init__(self, behind: WriteBehind) -> None:
        self.behind = behind
        self.failures = 0
        self._pending: dict[int, int] = {}
        self._waiting: dict[int, list[Deferred[None]]] = {}

    def keep(self, owner: int, writes: Sequence[Write]) -> Deferred[bool]:
        """
        Write these rows after all earlier ones of the owner.

        @return: fires with True once they are in the database, with False when it refuses them.
        """
        self._pending[owner] = self._pending.get(owner, 0) + 1
        kept: Deferred[bool] = Deferred()
        saving = self.behind.save(owner, writes)
        saving.addCallbacks(self._kept, self._lost, (owner, kept), errbackArgs=(owner, kept))
        return kept

    def settled(self, owner: int) -> Deferred[None]:
        """Fires as soon as nothing of the owner's is on its way."""
        if owner not in self._pending:
            return succeed(None)
        waiting: Deferred[None] = Deferred()
        self._waiting.setdefault(owner, []).append(waiting)
        return waiting

    def flush(self) -> Deferred[Any]:
        """Fires when everything is in the database."""
        return self.behind.flush()

    def _kept(self, _: Any, owner: int, kept: Deferred[bool], saved: bool = True) -> None:
        left = self._pending[owner] - 1
        if left:
            self._pending[owner] = left
        else:
            del self._pending[owner]
            for waiting in self._waiting.pop(owner, ()):
                waiting.callback(None)
        kept.callback(saved)

    def _lost(self, failure: Failure, owner: int, kept: Deferred[bool]) -> None:
        """The database refused these rows: a mistake of ours that must not hold up anything else."""
        self.failures += 1
        self._kept(None, owner, kept, saved=False)
