"""Who is around: what each one is, as the state channel tells it, and where to draw it at any time."""

from math import tau

from bluemarble.client.events import Appeared, Changed, Event, Vanished
from bluemarble.client.timeline import TICK_MS, Timeline
from bluemarble.client.track import Drawn, Sample, Track
from bluemarble.wire import snapshot, view
from bluemarble.wire.errors import Malformed
from bluemarble.wire.snapshot import Life, Look, Place

UNITS, YAWS, SPEEDS = 64, 256, 4  # of a Place: to the yard, the turn, and the yard a second


class Other:
    """
    One of the others, or a creature, or an object.

    @ivar slot: 0 to 254, while it is in sight; @ivar kind: PLAYER, CREATURE or OBJECT of wire.snapshot.
    @ivar look: level, race, class, gender, display and name; None when it has none that we can read.
    @ivar life: health and power; None before they are told.
    @ivar values: every component it has, by number, as bytes.
    """

    __slots__ = ("guid", "kind", "life", "look", "slot", "track", "values")

    def __init__(self, slot: int, enter: snapshot.Enter, first: Sample) -> None:
        self.slot, self.guid, self.kind = slot, enter.guid, enter.kind
        self.look: Look | None = None
        self.life: Life | None = None
        self.values: dict[int, bytes] = {}
        self.track = Track(first)
        self.change(snapshot.ENTER, enter.look)

    @property
    def name(self) -> str:
        """Its name; "" when none was told."""
        return self.look.name if self.look is not None else ""

    def change(self, component: int, value: bytes) -> None:
        """A component has a new value; the rules' own ones are kept as they are."""
        self.values[component] = value
        try:
            if component == snapshot.ENTER:
                self.look = Look.read(value)
            elif component == snapshot.LIFE:
                self.life = Life.read(value)
        except Malformed:  # another game's components: its client knows them
            return


def words_of(body: bytes) -> snapshot.Words:
    """
    A snapshot as clients ask for it.

    @raise Malformed: it cannot be read, or has another form.
    """
    words = snapshot.read_snapshot(body)
    if not isinstance(words, snapshot.Words):
        raise Malformed("a snapshot of a form that was not agreed on")
    return words


class Others:
    """
    The picture of one link.

    @ivar timeline: the server's time as it is drawn; @ivar by_slot: who is in sight.
    """

    def __init__(self) -> None:
        self.timeline = Timeline()
        self.by_slot: dict[int, Other] = {}
        self._view = view.View()

    def saw(self, tick: int, body: bytes, now_ms: int) -> None:
        """
        A snapshot has come, of that tick (16 bits).

        @raise Malformed: it cannot be read.
        """
        words = words_of(body)
        self.timeline.arrived(tick, now_ms)
        self._follow(self._view.snapshot(tick, words), now_ms)

    def told(self, tick: int, body: bytes, now_ms: int) -> tuple[list[Event], list[snapshot.Oneself]]:
        """
        States have come, of that tick (16 bits).

        @return: what happened to the others; what is said of oneself.
        @raise Malformed: they cannot be read; those before the one in question stand.
        """
        states = snapshot.read_states(body)
        self.timeline.arrived(tick, now_ms)
        return self._follow(self._view.states(tick, states), now_ms)

    def drawn(self, now_ms: float) -> dict[int, Drawn]:
        """Where to draw each one now, by slot."""
        if self.timeline.newest < 0:
            return {}
        at_ms = self.timeline.drawn_ms(now_ms)
        return {slot: other.track.at(at_ms) for slot, other in self.by_slot.items()}

    def _follow(
        self, changes: list[view.Moved] | list[view.Event], now_ms: int
    ) -> tuple[list[Event], list[snapshot.Oneself]]:
        drawn_ms = self.timeline.drawn_ms(now_ms)
        events: list[Event] = []
        oneself: list[snapshot.Oneself] = []
        for change in changes:
            match change:
                case view.Moved(slot, tick, place, near) if slot in self.by_slot:
                    self.by_slot[slot].track.put(sample(tick, place, near=near), drawn_ms)
                case view.Entered(slot, tick, enter):
                    other = Other(slot, enter, sample(tick, enter.place, near=False))
                    self.by_slot[slot] = other
                    events.append(Appeared(other))
                case view.Gone(slot, _) if slot in self.by_slot:
                    events.append(Vanished(self.by_slot.pop(slot)))
                case view.Changed(slot, component, value) if slot in self.by_slot:
                    self.by_slot[slot].change(component, value)
                    events.append(Changed(self.by_slot[slot], component))
                case view.Corrected(_, said):
                    oneself.append(said)
        return events, oneself


def sample(tick: int, place: Place, *, near: bool) -> Sample:
    """A place of the wire in yards, radians and ms; a near word says nothing of speed."""
    return Sample(
        tick * TICK_MS,
        place.x / UNITS,
        place.y / UNITS,
        place.z / UNITS,
        place.yaw / YAWS * tau,
        -1.0 if near else place.speed / SPEEDS,
        0 if near else place.flags,
    )
