"""Who is within sight of whom on one map: the grid, in C."""

from collections.abc import Sequence
from typing import Any, NamedTuple

from bluemarble.native._core import ffi, lib

HALF_MAP_YARDS = 64 * 533.0 / 2 + 64 / 6  # a map is 64 x 64 grids of 533.3333 yards around 0, 0
SLOT_LIMIT = 1 << 22
RADIUS_LIMIT_YARDS = 1100.0
SIGHT_LIMIT = 1024  # a crowd of all ten thousand is more than a client can draw


class Changes(NamedTuple):
    """
    What a refresh found, three columns of one length.

    Observers ascend; an observer's leaves come first, by slot, then its
    enters, nearest first, ties by slot.
    """

    observers: list[int]
    targets: list[int]
    entered: list[int]


class Interest:
    """
    Things in dense slots on one map, and which of them each observer sees.

    An observer begins to see what comes nearer than its radius and loses what
    goes farther than its leave radius, in the plane; never itself.  Distances
    are float64 of float32 coordinates.  It sees at most `sight_limit` things:
    the nearest are taken first, and whoever is in sight stays until it leaves.
    What changed since the last `refresh` is found by that refresh and no
    earlier, but that a dropped thing has no watchers any more.

    Every answer is a function of the calls made so far: no clock, no hashing.
    Source: tests/twins/interest.py says the same in plain Python.
    """

    __slots__ = ("_it", "_slots")

    def __init__(self, sight_limit: int = SIGHT_LIMIT) -> None:
        if not 1 <= sight_limit <= SLOT_LIMIT:
            raise ValueError(f"sight limit {sight_limit}: 1 to {SLOT_LIMIT}")
        self._it = ffi.gc(_given(lib.bm_interest_new(sight_limit)), lib.bm_interest_free)
        self._slots = ffi.new("uint32_t **")

    @property
    def handle(self) -> Any:
        """What C functions of other subjects take it by; good as long as this object lives."""
        return self._it

    def put(self, slot: int, x: float, y: float) -> None:
        """
        Place a thing, or move it; a slot that was dropped holds something new.

        @param slot: 0 to SLOT_LIMIT - 1; low numbers, for there is an array behind it.
        @param x, y: yards, rounded to float32, within HALF_MAP_YARDS of 0.
        @raise ValueError: outside the map, or not a number.
        """
        _check(lib.bm_interest_put(self._it, slot, x, y), slot)

    def drop(self, slot: int) -> None:
        """
        Take a thing away, its sight with it; those who saw it lose it in the next refresh.

        Use the slot for something else only after that refresh when you look
        things up by slot.

        @raise KeyError: nothing is there.
        """
        _check(lib.bm_interest_drop(self._it, slot), slot)

    def watch(self, slot: int, radius_yards: float, leave_radius_yards: float) -> None:
        """
        Let a thing look around, or change how far.

        @param leave_radius_yards: from the radius to RADIUS_LIMIT_YARDS.
        @raise KeyError: nothing is there.  @raise ValueError: the radii.
        """
        _check(lib.bm_interest_watch(self._it, slot, radius_yards, leave_radius_yards), slot)

    def unwatch(self, slot: int) -> None:
        """
        Stop looking, and forget what was seen; nothing of it is reported.

        @raise KeyError: it is not an observer.
        """
        _check(lib.bm_interest_unwatch(self._it, slot), slot)

    def admit(self, observer: int, targets: Sequence[int]) -> None:
        """
        Let an observer see things without reporting them: a snapshot put back.

        @raise KeyError: not an observer, or no such target.
        """
        _check(lib.bm_interest_admit(self._it, observer, list(targets), len(targets)), observer)

    def refresh(self, enter_limit: int = SLOT_LIMIT) -> Changes:
        """
        Bring what every observer sees up to date.

        @param enter_limit: most enters an observer gets in this call; the rest wait for the next.
        """
        count = _check(lib.bm_interest_refresh(self._it, enter_limit), None)
        if not count:
            return Changes([], [], [])
        return Changes(
            ffi.unpack(lib.bm_interest_observers(self._it), count),
            ffi.unpack(lib.bm_interest_targets(self._it), count),
            ffi.unpack(lib.bm_interest_entered(self._it), count),
        )

    def watchers(self, slot: int) -> list[int]:
        """The observers that see this thing, ascending; none when nothing is there."""
        count = lib.bm_interest_watchers(self._it, slot, self._slots)
        return ffi.unpack(self._slots[0], count) if count else []

    def seen(self, slot: int) -> list[int]:
        """What this observer sees, ascending, as of the last refresh; none when it does not look."""
        count = lib.bm_interest_seen(self._it, slot, self._slots)
        return ffi.unpack(self._slots[0], count) if count else []

    def near(self, x: float, y: float, radius_yards: float) -> list[int]:
        """
        What stands nearer than `radius_yards` to a place right now, nearest first, ties by slot.

        @raise ValueError: outside the map, or the radius is over RADIUS_LIMIT_YARDS.
        """
        count = _check(lib.bm_interest_near(self._it, x, y, radius_yards, self._slots), None)
        return ffi.unpack(self._slots[0], count) if count else []


def _given(pointer: Any) -> Any:
    if not pointer:
        raise MemoryError
    return pointer


def _check(code: int, slot: int | None) -> int:
    if code >= 0:
        return code
    if code == lib.BM_NO_MEMORY:
        raise MemoryError
    if code == lib.BM_NO_SUCH:
        raise KeyError(slot)
    raise ValueError(f"slot {slot}: a number, place or radius is out of range")
