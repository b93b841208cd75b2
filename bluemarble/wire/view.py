"""
A client's picture of what is around it, made of snapshots and states: docs/bmu1.md sections 6 and 7.

Datagrams come late, twice, in any order or not at all; the picture never goes back, and nothing that is said
of one thing is ever taken for another.
"""

from typing import NamedTuple

from bluemarble.wire.deltas import KEPT_MOST, Delta, Whole, read_deltas
from bluemarble.wire.snapshot import (
    ENTER,
    GONE,
    SELF,
    SELF_SLOT,
    Deltas,
    Enter,
    Far,
    Near,
    Oneself,
    Place,
    State,
    Words,
)

_HALF, _LOW = 0x8000, 0xFFFF


class Entered(NamedTuple):
    """Something new is in a slot that was empty before."""

    slot: int
    tick: int
    enter: Enter


class Moved(NamedTuple):
    """A slot's thing was there at that tick; `near`: its speed and flags are not known, the old ones stay."""

    slot: int
    tick: int
    place: Place
    near: bool


class Changed(NamedTuple):
    """A component of a slot's thing has a new value; component ENTER: how it looks, `value` is the look."""

    slot: int
    component: int
    value: bytes


class Gone(NamedTuple):
    """A slot is empty from now on; `guid`: who was in it."""

    slot: int
    guid: int


class Corrected(NamedTuple):
    """Oneself is there, says the server, whatever was predicted."""

    tick: int
    oneself: Oneself


Event = Entered | Moved | Changed | Gone | Corrected


class Seen:
    """
    What is in a slot.

    @ivar tick: when `place` was so; @ivar entered: the tick of the ENTER that filled the slot.
    @ivar values: components by number.
    @ivar base: the tick of the place that the newest delta builds on, and that place; None: it built on none.
    @ivar kept: places by tick that a later delta may build on.
    """

    __slots__ = ("base", "entered", "guid", "kept", "kind", "look", "place", "tick", "told", "values")

    def __init__(self, enter: Enter, tick: int) -> None:
        self.guid = enter.guid
        self.kind = enter.kind
        self.look = enter.look
        self.place = enter.place
        self.tick = self.entered = tick
        self.values: dict[int, bytes] = {}
        self.told: dict[int, tuple[int, int]] = {}  # beside the values: when, and their version
        self.base: tuple[int, Place] | None = (tick, enter.place)
        self.kept: dict[int, Place] = {}


class View:
    """
    A client's picture: what is in which slot, and what the server last said of oneself.

    `snapshot` and `states` take a datagram's sections, in the order in which they stand there, with the tick
    of its prefix, and answer what is new.  What is stale is left out without a word: it is no error.

    @ivar seen: by slot.  @ivar oneself: None before the first SELF.
    @ivar now: the newest tick heard of, counted on beyond 16 bits; None before the first.
    """

    __slots__ = ("_self_told", "_versions", "now", "oneself", "seen")

    def __init__(self) -> None:
        self.now: int | None = None
        self.seen: dict[int, Seen] = {}
        self.oneself: Oneself | None = None
        self._self_told: tuple[int, int] | None = None
        self._versions: dict[int, int] = {}  # of ENTER and GONE, by slot; they outlive what was there

    def snapshot(self, tick: int, snapshot: Words | Deltas) -> list[Moved]:
        """
        Take over where things were.

        @param tick: the prefix's 16 bits.
        @raise Malformed: deltas are not as they should be; then nothing is taken over.
        """
        tick = self._heard(tick)
        moved: list[Moved] = []
        if isinstance(snapshot, Deltas):
            for delta in read_deltas(snapshot.data):
                self._build(tick, delta, moved)
            return moved
        for words in snapshot:
            for word in words:
                seen = self.seen.get(word.slot)
                if seen is not None and tick >= seen.tick:
                    moved.append(self._move(seen, tick, word))
        return moved

    def states(self, tick: int, states: tuple[State, ...]) -> list[Event]:
        """
        Take over what things are.

        @param tick: the prefix's 16 bits.
        @raise Malformed: a value is not what its component has; the states before it stand.
        """
        tick = self._heard(tick)
        events: list[Event] = []
        for state in states:
            if state.slot == SELF_SLOT:
                self._correct(tick, state, events)
            elif state.component == ENTER:
                self._enter(state, events)
            elif state.component == GONE:
                self._leave(state, events)
            else:
                self._change(tick, state, events)
        return events

    def _heard(self, tick: int) -> int:
        """The whole of a tick's number: the one nearest the newest."""
        if self.now is None:
            self.now = tick
        tick = self._whole(tick)
        self.now = max(self.now, tick)
        return tick

    def _whole(self, tick: int) -> int:
        now = self.now or 0
        return now + (tick - now + _HALF & _LOW) - _HALF

    def _move(self, seen: Seen, tick: int, word: Near | Far) -> Moved:
        seen.tick = tick
        seen.place = word.place(seen.place)
        return Moved(word.slot, tick, seen.place, isinstance(word, Near))

    def _build(self, tick: int, delta: Whole | Delta, moved: list[Moved]) -> None:
        seen = self.seen.get(delta.slot)
        if seen is None:
            return
        base = None
        if isinstance(delta, Delta):
            at = tick - delta.age
            base = (
                seen.base
                if seen.base and seen.base[0] == at
                else (at, seen.kept[at])
                if at in seen.kept
                else None
            )
            if base is None:
                return
            place = delta.place(base[1])
        else:
            place = delta.place
        if tick >= seen.tick:
            if base != seen.base:
                seen.base, seen.kept = base, {}
            seen.tick, seen.place = tick, place
            moved.append(Moved(delta.slot, tick, place, near=False))
        elif base != seen.base:
            return
        if delta.keep:
            seen.kept[tick] = place
            if len(seen.kept) > KEPT_MOST:
                del seen.kept[min(seen.kept)]

    def _correct(self, tick: int, state: State, events: list[Event]) -> None:
        if state.component != SELF or (self._self_told and tick < self._self_told[0]):
            return
        oneself = Oneself.read(state.value)
        news = not self._self_told or state.version != self._self_told[1]
        self._self_told, self.oneself = (tick, state.version), oneself
        if news:
            events.append(Corrected(tick, oneself))

    def _enter(self, state: State, events: list[Event]) -> None:
        slot, enter = state.slot, Enter.read(state.value)
        known = self._versions.get(slot)
        if _older(state.version, known):
            return
        tick = self._whole(enter.tick)
        seen = self.seen.get(slot)
        if state.version != known:
            self._empty(slot, events)
            self._versions[slot] = state.version
            self.seen[slot] = Seen(enter, tick)
            events.append(Entered(slot, tick, enter))
        elif seen is not None and tick >= seen.tick:
            # The same thing, told again: where it is and how it looks may be new.
            if seen.look != enter.look:
                seen.look = enter.look
                events.append(Changed(slot, ENTER, enter.look))
            seen.tick, seen.place = tick, enter.place
            seen.base, seen.kept = (tick, enter.place), {}
            events.append(Moved(slot, tick, enter.place, near=False))

    def _leave(self, state: State, events: list[Event]) -> None:
        if _older(state.version, self._versions.get(state.slot)):
            return
        self._versions[state.slot] = state.version
        self._empty(state.slot, events)

    def _empty(self, slot: int, events: list[Event]) -> None:
        seen = self.seen.pop(slot, None)
        if seen is not None:
            events.append(Gone(slot, seen.guid))

    def _change(self, tick: int, state: State, events: list[Event]) -> None:
        seen = self.seen.get(state.slot)
        if seen is None or tick < seen.entered:
            return
        told = seen.told.get(state.component)
        if told and tick < told[0]:
            return
        seen.told[state.component] = tick, state.version
        seen.values[state.component] = state.value
        if not told or state.version != told[1]:
            events.append(Changed(state.slot, state.component, state.value))


def _older(version: int, known: int | None) -> bool:
    return known is not None and version - known & 0xFF >= 0x80
