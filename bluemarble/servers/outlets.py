"""Where what is tapped goes: into a file, or to somebody who watches; and the queue in which it waits."""

from collections import deque
from collections.abc import Callable
from pathlib import Path
from typing import Protocol

from bluemarble.servers.capturing import CaptureFile
from bluemarble.servers.hiding import hidden
from bluemarble.wire.captures import pcapng
from bluemarble.wire.captures.record import Captured

QUEUE_PACKETS, QUEUE_BYTES = 8192, 8 << 20


class Out(Protocol):
    """
    Where packets go.

    @ivar full: it takes none now; @ivar fault: why it takes none any more; "" while it does.
    """

    full: bool
    fault: str

    def take(self, captured: Captured) -> None:
        """One packet more."""

    def flush(self) -> None:
        """Those so far are to be seen."""

    def close(self) -> None:
        """No more is coming."""

    def told(self) -> str:
        """A line on it."""


class Tap:
    """
    Somebody who listens to an account.

    @ivar dropped: packets that were lost because the queue was full.
    """

    def __init__(self, account: str, out: Out) -> None:
        self.account, self.out = account, out
        self.dropped = 0
        self._queue: deque[Captured] = deque()
        self._queue_bytes = self._missing = 0

    def put(self, captured: Captured) -> None:
        """A packet; it waits for the next `drain`."""
        if len(self._queue) >= QUEUE_PACKETS or self._queue_bytes >= QUEUE_BYTES:
            self.dropped += 1
            self._missing += 1
            return
        if self._missing:
            captured = captured._replace(comment=f"{self._missing} packets before this one were dropped")
            self._missing = 0
        self._queue.append(captured)
        self._queue_bytes += len(captured.body)

    def drain(self) -> None:
        """Write what waits, as far as it is taken."""
        while self._queue and not self.out.full:
            captured = self._queue.popleft()
            self._queue_bytes -= len(captured.body)
            self.out.take(captured)
        self.out.flush()

    def told(self) -> str:
        """A line on it."""
        lost = f"; {self.dropped} dropped" if self.dropped else ""
        return f"{self.account}: {self.out.told()}{lost}"


class File(CaptureFile):
    """
    A capture's file, up to a size.

    @param limit_bytes: it is complete once it has that many.
    """

    full = False

    def __init__(self, path: Path, start_us: int, build: int, hide_chat: bool, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        super().__init__(path, start_us, build, hide_chat=hide_chat)

    def flush(self) -> None:
        """As CaptureFile; and see how long it is."""
        super().flush()
        if not self.fault and self.size_bytes >= self._limit_bytes:
            self.fault = "as long as it may be"


class Watching:
    """
    Somebody at the socket, who is sent a pcapng.

    @param ended: called when nobody watches any more.
    """

    def __init__(self, account: str, hide_chat: bool, ended: Callable[["Watching"], None]) -> None:
        self.said = f"watching {account}"
        self.full, self.fault = True, ""  # until somebody reads
        self.tap = Tap(account, self)
        self._hide_chat, self._ended = hide_chat, ended
        self._bytes: list[bytes] = []
        self._write: Callable[[bytes], None] | None = None
        self._close: Callable[[], None] | None = None
        self._writer = pcapng.Writer(self, {"account": account})  # type: ignore[arg-type]

    def write(self, data: bytes) -> None:
        """Of the pcapng's writer."""
        self._bytes.append(data)

    def begin(self, write: Callable[[bytes], None], close: Callable[[], None]) -> None:
        """Whoever watches reads from now on."""
        self._write, self._close, self.full = write, close, False
        self.flush()

    def take(self, captured: Captured) -> None:
        """As Out."""
        self._writer.write(hidden(captured, self._hide_chat))
        self.flush()

    def flush(self) -> None:
        """As Out."""
        if self._write is not None and self._bytes:
            data = b"".join(self._bytes)
            self._bytes.clear()
            self._write(data)

    def stop(self) -> None:
        """Whoever watched has gone."""
        self._write = self._close = None
        self.fault = "gone"
        self._ended(self)

    def close(self) -> None:
        """As Out."""
        if self._close is not None:
            self._close()

    def told(self) -> str:
        """As Out."""
        return "watched"
