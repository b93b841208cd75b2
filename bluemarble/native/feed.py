"""What each client is told of what its eye sees, and when: snapshots and states, in C."""

from collections.abc import Iterable
from typing import Any, NamedTuple

from bluemarble.native._core import ffi, lib
from bluemarble.native.field import Field
from bluemarble.native.pump import Pump

WORDS, DELTAS = 0, 1  # forms of snapshots: docs/bmu1.md section 6
LEVELS = 4  # of overload
RATE_BYTES_S = 8_000
MTU = 1_200
TRAY_BYTES = 64 << 20


class Pushed(NamedTuple):
    """What would go into a datagram: `record` is the number that `Feed.fates` wants back."""

    cid: int
    record: int
    tick: int
    sections: bytes


class Counts(NamedTuple):
    """
    What a feed did since it was made; bytes are those of sections.

    @ivar near, far: updates sent, for things within 50 yards and beyond.
    @ivar idle: updates that were due and had nothing new to say.
    @ivar deferred: how often one that was due had to wait, for want of budget or of room.
    @ivar enters, gones, values, selves: states sent, also when sent again.
    @ivar again: datagrams' states that were found lost.
    @ivar refused: datagrams for which the pump had no room.
    """

    datagrams: int
    bytes: int
    snapshot_bytes: int
    near: int
    far: int
    idle: int
    deferred: int
    state_bytes: int
    enters: int
    gones: int
    values: int
    selves: int
    again: int
    refused: int
    readers: int

    @property
    def due(self) -> int:
        """Updates whose turn came, whether sent or idle."""
        return self.near + self.far + self.idle

    @property
    def bytes_per_due(self) -> float:
        """Bytes of snapshots for each of these."""
        return self.snapshot_bytes / max(self.due, 1)


class Feed:
    """
    Tells the clients at the other ends of links what is around them, in docs/bmu1.md's sections 6 and 7.

    A reader is such a client, by its eye's number in the field.  Each tick, after the field's step, every
    reader whose turn it is gets at most one datagram: what must be known of what came, went or changed, until
    it was acknowledged; and where those are whose turn it is, as often as they are near, most pressing first
    if it must not have all.  What was acknowledged and has not changed is not told again.

    Nothing of it is simulated: it follows the field and never changes it.
    Source: tests/twins/feed.py says the same in plain Python.
    """

    __slots__ = ("_bytes", "_field", "_it", "_pump", "_tray")

    def __init__(self, field: Field, pump: Pump | None = None) -> None:
        """
        Begin without readers.

        @param pump: what is to be sent goes there; without one it stays until `take` is called.
        """
        self._field, self._pump = field, pump
        self._tray = None if pump else ffi.gc(_given(lib.bm_tray_new(TRAY_BYTES)), lib.bm_tray_free)
        made = lib.bm_feed_new(field.handle, pump.handle if pump else ffi.NULL, self._tray or ffi.NULL)
        self._it = ffi.gc(_given(made), lib.bm_feed_free)
        self._bytes = ffi.new("uint8_t **")

    def join(self, eye: int, cid: int, form: int = WORDS, mtu: int = MTU, rate: int = RATE_BYTES_S) -> None:
        """
        Tell a client what this eye sees, from the next tick on; all of it anew if it was told before.

        @param form: WORDS or DELTAS.  @param mtu: bytes of the largest datagram, 1,200 to 1,452.
        @param rate: bytes a second, until the pump reports another budget.
        @raise KeyError: no such eye.  @raise ValueError: one of these is out of range.
        """
        _check(lib.bm_feed_join(self._it, eye, cid, form, mtu, rate), eye)

    def leave(self, eye: int) -> None:
        """
        Tell it no more: before its mover is dropped or ceases to watch.

        @raise KeyError: no reader has this eye.
        """
        _check(lib.bm_feed_leave(self._it, eye), eye)

    def tick(self, tick: int, level: int = 0, threads: int = 1) -> None:
        """
        Tell all readers, after the field's step with this tick and the pump's drain.

        @param level: of overload, 0 to 3: docs/native.md.
        @param threads: 1 to 16; what is sent does not depend on it.
        @raise ValueError: another tick than the field's, or one of these is out of range.
        """
        lib.bm_feed_hear(self._it)
        _check(lib.bm_feed_tick(self._it, tick, level, threads), None)

    def fates(self, fates: Iterable[tuple[int, int, bool]]) -> None:
        """Say what became of records: (cid, record, lost).  With a pump `tick` asks that itself."""
        flat = [int(number) for fate in fates for number in fate]
        lib.bm_feed_fates(self._it, flat, len(flat) // 3)

    def budget(self, cid: int, rate: int, room: int = MTU - 32) -> None:
        """
        Say what a link may be sent.  With a pump `tick` asks that itself.

        @param rate: bytes a second.  @param room: bytes of sections in a datagram, 1,168 to 1,420.
        """
        lib.bm_feed_budget(self._it, cid, rate, room)

    def take(self) -> list[Pushed]:
        """What is to be sent since the last call, without a pump; a reader's datagrams are in order."""
        size = lib.bm_tray_take(self._tray, self._bytes)
        data = bytes(ffi.buffer(self._bytes[0], size))
        pushed, at = [], 0
        while at < size:
            cid, record, tick, length = memoryview(data[at : at + 16]).cast("I")
            pushed.append(Pushed(cid, record, tick, data[at + 16 : at + 16 + length]))
            at += 16 + length
        return pushed

    def counts(self) -> Counts:
        """What it did so far."""
        counts = ffi.new("uint64_t[]", lib.BM_FED_COUNTS)
        lib.bm_feed_count(self._it, counts)
        return Counts(*counts)

    def memory(self) -> int:
        """Bytes allocated: readers, and words for all movers."""
        return int(lib.bm_feed_memory(self._it))


def _given(pointer: Any) -> Any:
    if not pointer:
        raise MemoryError
    return pointer


def _check(code: int, eye: int | None) -> int:
    if code >= 0:
        return code
    if code == lib.BM_NO_MEMORY:
        raise MemoryError
    if code == lib.BM_NO_SUCH:
        raise KeyError(eye)
    raise ValueError(f"eye {eye}: a form, size, level or tick is out of range")
