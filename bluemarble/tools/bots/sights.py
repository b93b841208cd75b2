"""Who is around a bot on a datagram link: where each was last, and word of it; nothing is drawn."""

from collections.abc import Callable

from bluemarble.client.events import Appeared, Changed, Event, Vanished
from bluemarble.client.others import Other, Others, sample, words_of
from bluemarble.client.track import Drawn
from bluemarble.wire import snapshot, view

Moved = Callable[[int, int, int], None]


class Sights(Others):
    """
    As the client's picture, at a third of its cost: between two places nothing is reckoned.

    @param moved: called with a guid and its new place, x and y in 1/64 yard.
    """

    def __init__(self, moved: Moved) -> None:
        super().__init__()
        self._moved = moved
        self._places: dict[int, snapshot.Place] = {}  # by slot

    def saw(self, tick: int, body: bytes, now_ms: int) -> None:
        """
        A snapshot has come, of that tick (16 bits).

        @raise Malformed: it cannot be read.
        """
        for moved in self._view.snapshot(tick, words_of(body)):
            self._put(moved)

    def told(self, tick: int, body: bytes, now_ms: int) -> tuple[list[Event], list[snapshot.Oneself]]:
        """As `Others.told`."""
        events: list[Event] = []
        oneself: list[snapshot.Oneself] = []
        for change in self._view.states(tick, snapshot.read_states(body)):
            match change:
                case view.Moved():
                    self._put(change)
                case view.Entered(slot, at_tick, enter):
                    self._places[slot] = enter.place
                    self.by_slot[slot] = Other(slot, enter, sample(at_tick, enter.place, near=False))
                    events.append(Appeared(self.by_slot[slot]))
                case view.Gone(slot, _) if slot in self.by_slot:
                    del self._places[slot]
                    events.append(Vanished(self.by_slot.pop(slot)))
                case view.Changed(slot, component, value) if slot in self.by_slot:
                    self.by_slot[slot].change(component, value)
                    events.append(Changed(self.by_slot[slot], component))
                case view.Corrected(_, said):
                    oneself.append(said)
        return events, oneself

    def drawn(self, now_ms: float) -> dict[int, Drawn]:
        """Where each one was last, by slot."""
        shown = {slot: sample(0, place, near=True) for slot, place in self._places.items()}
        return {slot: Drawn(at.x, at.y, at.z, at.facing) for slot, at in shown.items()}

    def _put(self, moved: view.Moved) -> None:
        was, place = self._places.get(moved.slot), moved.place
        if was is None:
            return
        self._places[moved.slot] = place
        if (place.x, place.y) != (was.x, was.y):
            self._moved(self.by_slot[moved.slot].guid, place.x, place.y)
