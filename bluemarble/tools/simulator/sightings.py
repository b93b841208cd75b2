"""
What is told over datagram links of others: nothing of who is on another map, too far away, or gone.

It is looked at where the server says it, tick by tick, against its world; and where a client draws it,
however late that is, against where everybody has been.
"""

from collections import Counter, deque
from math import dist, inf

from bluemarble.sim.entity import Player
from bluemarble.sim.world import World
from bluemarble.sim.zone import Zone
from bluemarble.tools.simulator.ledger import Found
from bluemarble.wire import snapshot
from bluemarble.wire.datagram import sections
from bluemarble.wire.deltas import read_deltas

INVARIANT = "links show what is there"
KEPT = 1.1  # who is in sight stays so until it is a tenth farther away
SLACK_YARDS = 30.0  # who sees whom is decided before what moves within the tick
LOOK_TICKS = 4  # an eye looks around so often: until then it goes on seeing one that has been taken elsewhere
Place = tuple[int, float, float, float]  # map, x, y, z


class Whereabouts:
    """
    When each player was last on each map.

    @param looked: counts how many others clients were shown.
    """

    def __init__(self, found: Found, looked: Counter[str]) -> None:
        self._found, self._looked = found, looked
        self._last_s: dict[tuple[int, int], float] = {}  # guid and map

    def here(self, guid: int, map_: int, now_s: float) -> None:
        """A player is there."""
        self._last_s[guid, map_] = now_s

    def shown(self, guid: int, map_: int, since_s: float, who: str) -> None:
        """A client that has been on that map since then is shown a player."""
        self._looked["players shown"] += 1
        if self._last_s.get((guid, map_), 0.0) < since_s:
            self._found(INVARIANT, f"{who} is on map {map_} and is shown {guid:#x}, which has not been there")


class Sightings:
    """
    What a server's feeds tell each link, as it is pushed to the link at a tick's end.

    @param world: as it is then.  @param looked: counts how often somebody's place was told.
    """

    def __init__(self, world: World, found: Found, looked: Counter[str]) -> None:
        self._world, self._found, self._looked = world, found, looked
        self._slots: dict[int, dict[int, int]] = {}  # by link: who was said to be in which slot
        self._places: deque[dict[int, Place]] = deque(maxlen=LOOK_TICKS)

    def stepped(self, players: dict[int, Place]) -> None:
        """A tick is over: where each player is, by guid."""
        self._places.append(players)

    def told(self, cid: int, data: bytes) -> None:
        """A link is told these sections."""
        reader = self._reader(cid)
        if reader is None:
            self._found(INVARIANT, f"link {cid:#x}, by which nobody plays, is told of others")
            return
        slots = self._slots.setdefault(cid, {})
        for section in sections.read(data, 0, True, True, len(data)):
            if isinstance(section, sections.State):
                for state in snapshot.read_states(section.body):
                    self._state(cid, slots, reader, state)
            elif isinstance(section, sections.Snapshot):
                for slot in _slots(snapshot.read_snapshot(section.body)):
                    self._place(cid, slots, reader, slot)

    def _reader(self, cid: int) -> tuple[Zone, Player] | None:
        for zone in self._world.zones.values():
            for player in zone.players.values():
                if player.cid == cid:
                    return zone, player
        return None

    def _state(
        self, cid: int, slots: dict[int, int], reader: tuple[Zone, Player], state: snapshot.State
    ) -> None:
        if state.slot == snapshot.SELF_SLOT:
            return
        if state.component == snapshot.GONE:
            slots.pop(state.slot, None)
        elif state.component == snapshot.ENTER:
            slots[state.slot] = snapshot.Enter.read(state.value).guid
            self._place(cid, slots, reader, state.slot)
        elif state.slot not in slots:
            self._found(INVARIANT, f"link {cid:#x} is told what is in slot {state.slot}, which is empty")

    def _place(self, cid: int, slots: dict[int, int], reader: tuple[Zone, Player], slot: int) -> None:
        self._looked["places told"] += 1
        zone, player = reader
        guid = slots.get(slot)
        if guid is None:
            self._found(INVARIANT, f"link {cid:#x} is told where slot {slot} is, which is empty")
            return
        other = zone.objects.get(guid)
        if other is None:
            self._found(
                INVARIANT, f"{player.character.name}, map {zone.map}, is told of {guid:#x}: not there"
            )
            return
        there = None if isinstance(other, Player) else (zone.map, *other.place()[:3])
        yards = min(_yards(places.get(player.guid), there or places.get(guid)) for places in self._places)
        if yards > zone.rules.udp_sight_yards * KEPT + SLACK_YARDS:
            self._found(INVARIANT, f"{player.character.name} is told of {guid:#x}, {yards:.0f} yards away")


def _yards(here: Place | None, there: Place | None) -> float:
    """How far apart they are; without end on two maps."""
    return inf if here is None or there is None or here[0] != there[0] else dist(here[1:3], there[1:3])


def _slots(said: snapshot.Words | snapshot.Deltas) -> list[int]:
    if isinstance(said, snapshot.Deltas):
        return [delta.slot for delta in read_deltas(said.data)]
    return [word.slot for words in said for word in words]
