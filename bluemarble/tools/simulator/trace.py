"""Everything that happens in a simulation, as a digest, and in words for who looks."""

import hashlib
from typing import Any


class Trace:
    """
    What has happened so far: two runs that did the same have the same digest.

    @param clock: anything with `seconds`.
    @ivar lines: in words, when `telling`; @ivar counts: how often each kind.
    """

    def __init__(self, clock: Any) -> None:
        self._clock = clock
        self._digest = hashlib.blake2b(digest_size=16)
        self.telling = False
        self.lines: list[str] = []
        self.counts: dict[str, int] = {}

    def note(self, kind: str, who: str, what: bytes | str = b"", *, words: bool = True) -> None:
        """
        Something has happened.

        @param words: whether it is worth a line, or only a part of the digest.
        """
        self.counts[kind] = self.counts.get(kind, 0) + 1
        said = what.encode() if isinstance(what, str) else what
        head = f"{self._clock.seconds():.6f} {kind} {who} {len(said)} "
        self._digest.update(head.encode())
        self._digest.update(said)
        if self.telling and words:
            shown = what if isinstance(what, str) else f"{len(what)} bytes"
            self.lines.append(f"{self._clock.seconds():12.6f}  {kind:14} {who:10} {shown}")

    @property
    def digest(self) -> str:
        """In hexadecimal."""
        return self._digest.hexdigest()
