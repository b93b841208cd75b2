"""A field, a feed and clients at the ends of bad links: what the tests of the feed play with."""

import random
from collections import defaultdict
from dataclasses import dataclass, field

from bluemarble.native.feed import Feed
from bluemarble.native.field import Field, units, yaw
from bluemarble.wire.datagram import sections
from bluemarble.wire.deltas import read_deltas, write_deltas
from bluemarble.wire.snapshot import FALLING, Deltas, Look, Place, read_snapshot, read_states
from bluemarble.wire.view import Changed, Entered, Gone, Moved, View

FORWARD, FALLS = 1, 0x1000  # movement flags of 3.3.5a


@dataclass
class Line:
    """How a link behaves; the share of datagrams, and ticks."""

    loss: float = 0.0
    late: float = 0.0  # come long after they were given up
    doubted: float = 0.0  # come, but are reported lost
    way_ticks: tuple[int, int] = (1, 1)  # there, and until the verdict is known


@dataclass
class Client:
    """One end: its picture, and what is on its way to it and back."""

    eye: int
    cid: int
    view: View = field(default_factory=View)
    coming: dict = field(default_factory=lambda: defaultdict(list))  # by tick
    verdicts: dict = field(default_factory=lambda: defaultdict(list))
    sent: list = field(default_factory=list)
    events: list = field(default_factory=list)


class Exchange:
    """Movers, some of them with clients; `step` is a tick of it all and checks every place that is told."""

    def __init__(self, seed, movers, clients, line=None, half_yards=120.0, first_tick=0, form=0, rate=64_000):
        self.chance = random.Random(seed)
        self.line = line or Line()
        self.half_yards = half_yards
        self.field, self.clients, self.places = Field(seed), [], {}
        self.feed = Feed(self.field)
        self.form, self.rate = form, rate
        self.truth = {}  # by guid: places by tick
        self.values = {}
        self.tick = first_tick
        self.threads = 1
        self.born = 0
        for slot in range(movers):
            self.put(slot)
        for slot in range(clients):
            self.join(slot)

    def put(self, slot):
        """Something new, somewhere."""
        self.born += 1
        spread = self.half_yards
        at = [self.chance.uniform(-spread, spread), self.chance.uniform(-spread, spread), 0.0]
        self.places[slot] = (self.born, at)
        self.values[self.born] = {}
        self.move(slot, *at)
        self.field.look(slot, self.born, self.look(self.born))

    def look(self, guid):
        return Look(1, 2, 3, 4, guid, f"No. {guid}").write()

    def drop(self, slot):
        self.clients = [client for client in self.clients if client.eye != self.field.read(slot).eye]
        if self.field.read(slot).eye >= 0:
            self.feed.leave(self.field.read(slot).eye)
        self.field.drop(slot)
        del self.places[slot]

    def join(self, slot):
        eye = self.field.watch(slot)
        self.clients.append(Client(eye, 1 << 14 | eye))
        self.feed.join(eye, 1 << 14 | eye, self.form, rate=self.rate)

    def move(self, slot, x, y, z, facing=0.0, flags=FORWARD):
        guid, _ = self.places[slot]
        self.places[slot] = (guid, [x, y, z])
        self.field.put(slot, 1, x, y, z, facing, 7.0, flags)

    def wander(self, share, most_yards=0.4):
        """Some take a step."""
        for slot, (_, at) in self.places.items():
            if self.chance.random() < share:
                by = [self.chance.uniform(-most_yards, most_yards) for _ in range(3)]
                flags = self.chance.choice((0, FORWARD, FALLS))
                self.move(
                    slot, *(a + b for a, b in zip(at, by, strict=True)), self.chance.uniform(0, 6), flags
                )

    def component(self, slot, number, value):
        self.field.component(slot, number, value)
        self.values[self.places[slot][0]][number] = value

    def step(self, level=0):
        """One tick: the field, verdicts, the feed, and what comes to the clients."""
        self.tick += 1
        self.field.step(self.tick, self.tick * 50)
        for slot, (guid, _) in self.places.items():
            self.truth.setdefault(guid, {})[self.tick] = self.place(slot)
        self.stepped()
        for client in self.clients:
            self.feed.fates(self.fates(client))
        by_cid = {client.cid: client for client in self.clients}
        for pushed in self.taken(level):
            assert pushed.tick == pushed.record == self.tick
            self.carry(by_cid[pushed.cid], pushed)
        for client in self.clients:
            for tick, data in client.coming.pop(self.tick, ()):
                self.receive(client, tick, data)

    def stepped(self):
        """The field is a tick further."""

    def fates(self, client):
        """What becomes known in this tick of what a client was sent."""
        return client.verdicts.pop(self.tick, [])

    def taken(self, level):
        """What the feed sends in this tick."""
        self.feed.tick(self.tick, level, self.threads)
        return self.feed.take()

    def carry(self, client, pushed):
        there, back = self.line.way_ticks
        client.sent.append((self.tick, len(pushed.sections)))
        chance, line = self.chance.random(), self.line
        lost = chance < line.loss + line.late + line.doubted
        client.verdicts[self.tick + there + back].append((pushed.cid, pushed.record, lost))
        if chance >= line.loss:
            late = self.chance.randrange(80) if chance < line.loss + line.late else 0
            client.coming[self.tick + there + late].append((pushed.tick, pushed.sections))

    def receive(self, client, tick, data):
        for section in sections.read(data, 0, True, True, len(data)):
            if isinstance(section, sections.Snapshot):
                snapshot = read_snapshot(section.body)
                if isinstance(snapshot, Deltas):
                    assert write_deltas(read_deltas(snapshot.data)) == snapshot.data
                events = client.view.snapshot(tick & 0xFFFF, snapshot)
            else:
                events = client.view.states(tick & 0xFFFF, read_states(section.body))
            for event in events:
                self.check(client, event)
            client.events += events

    def check(self, client, event):
        """What is told of someone was true of that very one at that tick."""
        if isinstance(event, Entered | Moved):
            tick = self.tick - (self.tick - event.tick & 0xFFFF)  # a view counts from the first it hears of
        if isinstance(event, Entered):
            assert event.enter.place == self.truth[event.enter.guid][tick]
        elif isinstance(event, Moved):
            guid = client.view.seen[event.slot].guid
            true, told = self.truth[guid][tick], event.place
            if event.near:
                assert (told.x, told.y, told.z, told.yaw) == (true.x & ~1, true.y & ~1, true.z & ~1, true.yaw)
            else:
                assert told == true
        elif isinstance(event, Changed) and event.component != 1:
            guid = client.view.seen[event.slot].guid
            assert event.component in self.values[guid]
        elif not isinstance(event, Changed | Gone):
            raise AssertionError(event)

    def place(self, slot):
        """Where it is, as words would say it."""
        it = self.field.read(slot)
        flags = it.flags & 15 | (FALLING if it.flags & FALLS else 0)
        turn = yaw(it.facing) + 128 >> 8 & 0xFF
        return Place(units(it.x), units(it.y), units(it.z), turn, round(it.speed * 4), flags)

    def agrees(self, client):
        """Whether a client knows just what its eye sees."""
        seen = self.field.seen(client.eye)
        if seen.keys() != client.view.seen.keys():
            return False
        for slot, (mover, _) in seen.items():
            known, guid = client.view.seen[slot], self.places[mover][0]
            if (known.guid, known.place, known.values) != (guid, self.place(mover), self.values[guid]):
                return False
        return True
