"""A capture that is being written: packets as they come, without their secrets."""

from collections import Counter
from pathlib import Path

from bluemarble.servers.hiding import hidden
from bluemarble.wire.captures import formats
from bluemarble.wire.captures.record import CANONICAL_BUILD, CannotHold, Captured


class CaptureFile:
    """
    A new file of captured packets; `flush` when those so far are to be read.

    @param path: ends with .pkt or .pcapng; no file may be there.
    @param start_us: unix time, microseconds: no packet is earlier than its second.
    @param build: of every packet of a .pkt.
    @param hide_chat: whether what is said is made unreadable.
    @ivar written: packets; @ivar lost: what could not be kept, and how often.
    @ivar fault: why nothing is written any more, as when the disk is full; "" while all is well.
    @raise ValueError: the name ends otherwise.
    @raise OSError: the file cannot be made, or its head not be written; then there is none.
    """

    def __init__(
        self, path: Path, start_us: int, build: int = CANONICAL_BUILD, *, hide_chat: bool = False
    ) -> None:
        if not path.name.endswith(formats.SUFFIXES):
            raise ValueError(f"{path}: a capture's name ends with {' or '.join(formats.SUFFIXES)}")
        self.path, self.hide_chat = path, hide_chat
        self.written, self.fault = 0, ""
        self.refused: Counter[str] = Counter()
        self._file = path.open("xb")
        try:
            self._writer = formats.writer(self._file, path.name, build, start_us)
            self._file.flush()
        except (OSError, ValueError):
            self.close()
            path.unlink(missing_ok=True)
            raise

    @property
    def lost(self) -> Counter[str]:
        """What could not be kept, and how often."""
        return self._writer.lost + self.refused

    @property
    def size_bytes(self) -> int:
        """Of the file."""
        return self._file.tell()

    def take(self, captured: Captured) -> None:
        """One packet more, without its secrets; what the format has no way to say is counted."""
        if self.fault:
            self.refused["packet after a fault of the disk"] += 1
            return
        try:
            self._writer.write(hidden(captured, self.hide_chat))
            self.written += 1
        except CannotHold as why:
            self.refused[str(why)] += 1
        except OSError as why:
            self.fault = str(why)

    def flush(self) -> None:
        """What was taken is in the file."""
        try:
            self._file.flush()
        except OSError as why:
            self.fault = self.fault or str(why)

    def close(self) -> None:
        """No more is coming."""
        try:
            self._file.close()
        except OSError as why:
            self.fault = self.fault or str(why)

    def told(self) -> str:
        """What is in it and what is not, in a line."""
        lost = "".join(f"; not kept: {what} ({count})" for what, count in sorted(self.lost.items()))
        return f"{self.path}: {self.written} packets{lost}" + (f"; {self.fault}" if self.fault else "")
