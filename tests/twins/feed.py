"""
What native/feed means, in plain Python: who is told what in which tick, byte for byte.

It knows ticks, legs and counts whole, where the C code keeps low bits, and asks the field of the C code where
things are and who sees whom.  What a thing looks like is told to both: see `Thing`.
"""

from bluemarble.wire.deltas import AGE_MOST, KEPT_MOST, Delta, Whole, write_deltas
from bluemarble.wire.snapshot import GONE, Deltas, Far, Near, Words, write_snapshot
from tests.twins.feed_slots import DUE, Slot, Way, phase
from tests.twins.feed_state import VALUES, Stating

NEAR = 30
MEMORY_TICKS, ANEW_TICKS = 128, 50
OUTSIDE, COUNTED, LEAST_ROOM = 32, 28, 40
LEVELS = ((2, True, False), (2, True, True), (2, False, True), (4, False, True))  # period, between, halved


class Reader:
    """A client at the other end of a link."""

    def __init__(self, feed, eye, cid, form, mtu, rate):
        self.feed, self.eye, self.cid, self.form = feed, eye, cid, form
        self.rate, self.room, self.tokens = rate, mtu - OUTSIDE, 20 * mtu
        self.slots = [Slot() for _ in range(255)]
        self.tick = feed.tick
        self.quick = self.served = False
        self.cursor = self.values_cursor = 0
        self.fates = {}  # by tick: whether it was lost
        self.on_the_way = []  # tick, slot number, component, version, state

    def hear(self, record, lost):
        self.fates[record] = lost
        mine = [sent for sent in self.on_the_way if sent[0] == record]
        self.on_the_way = [sent for sent in self.on_the_way if sent[0] != record]
        for _, number, component, version, state in mine:
            slot = self.slots[number]
            if slot.version == version:
                self.judge(slot, component, state, record, lost)

    def judge(self, slot, component, state, record, lost):
        if component == GONE:
            slot.gone, slot.leaving = slot.gone or lost, lost
        elif component == VALUES:
            slot.owing = slot.owing or lost
            slot.known = slot.known if lost else max(slot.known, state)
        elif lost or self.feed.tick - record >= MEMORY_TICKS:
            slot.enter = True
        else:
            slot.base, slot.kept, slot.marked = record, [], 0
            slot.entered = slot.owing = True

    def verdict(self, tick):
        """1 acknowledged, -1 lost or too old, 0 not known yet."""
        if self.feed.tick - tick >= MEMORY_TICKS:
            return -1
        return 0 if tick not in self.fates else -1 if self.fates[tick] else 1

    def serve(self, tick, level, seen):
        """Its turn, if it is: the sections that go, or None."""
        period, between, halved = LEVELS[level]
        full = (tick + self.eye) % period == 0
        if not full and not (between and self.quick):
            self.served = False
            return None
        quick = 2 if full and between and not self.served else 1
        slow = int(full) if halved else quick
        ticks = tick - self.tick
        if self.form and tick // 64 != self.tick // 64:
            for slot in self.slots:
                self.base_age(slot)
        self.tick, self.served = tick, not full
        self.follow(seen, ticks >= ANEW_TICKS)
        self.tokens = min(self.tokens + self.rate * ticks, max(20 * (self.room + COUNTED), self.rate * 5))
        due = self.accumulate(slow, quick)
        pressing = [number for number in due if self.slots[number].pace >= DUE]
        others = [number for number in due if self.slots[number].pace < DUE]
        words = self.speaking(pressing)
        if not full and not words:
            for number in others:
                self.slots[number].acc = self.slots[number].sum
            return None
        words |= self.speaking(others)
        return self.compose(dict(sorted(words.items())))

    def follow(self, seen, anew):
        for number, slot in enumerate(self.slots):
            thing, mover, pace = seen.get(number, (None, 0, 0))
            slot.pace = pace
            if slot.thing is not None and (anew or thing is None):
                slot.thing, slot.acc = None, 0
                slot.enter = slot.entered = slot.owing = False
                if slot.version % 2:
                    slot.version += 1
                    slot.gone = slot.leaving = True
            if slot.thing is None and thing is not None:
                slot.thing, slot.mover, slot.enter = thing, mover, True
                slot.acc = phase(self.cid, number, self.tick)

    def accumulate(self, slow, quick):
        """Those that are due of what the client has."""
        due = []
        self.quick = False
        for number, slot in enumerate(self.slots):
            if slot.thing is None:
                continue
            self.quick |= slot.pace >= DUE
            slot.sum = min(255, slot.acc + slot.pace * (quick if slot.pace >= DUE else slow))
            slot.acc = slot.sum % DUE
            if slot.sum >= DUE and slot.entered:
                due.append(number)
        return due

    def stale(self, slot):
        return self.feed.things.get(slot.mover) is not slot.thing

    def speaking(self, due):
        """Those that have something to say, and whether by a near word."""
        said = {}
        for number in due:
            how = self.speaks(self.slots[number])
            if how:
                said[number] = how == "anew" and self.slots[number].pace >= NEAR
        return said

    def speaks(self, slot):
        if self.stale(slot):
            return None
        if slot.thing.state != slot.state:
            self.notice(slot)
            if not slot.entered:
                return None
        leg = self.feed.ways[slot.mover].leg
        if slot.leg != slot.sure:
            self.probed(slot, self.verdict(slot.probe))
        how = "anew"
        if slot.moved == self.feed.moved[slot.mover]:
            if slot.settled:
                return None
            fate = self.verdict(slot.tick)
            if fate > 0 and slot.exact:
                slot.settled = True
                slot.sure = slot.leg = leg
            if fate == 0 or slot.settled:
                return None
            how = "again"
        if self.form or leg - slot.sure < 2:
            return how
        slot.entered, slot.enter = False, True  # a word might be taken wrongly
        return None

    def probed(self, slot, fate):
        if fate > 0:
            slot.sure = slot.leg
        elif fate < 0:
            slot.leg = slot.sure

    def notice(self, slot):
        new = [number for number, (since, *_) in slot.thing.values.items() if since > slot.state]
        look = slot.thing.look_since > slot.state
        slot.owing = slot.owing or bool(new)
        slot.state = slot.thing.state
        if look or not new:
            slot.entered, slot.enter = False, True

    def compose(self, words):
        room = min(self.tokens // 20 - COUNTED, self.room)
        if room < LEAST_ROOM:
            self.cut(self.ordered(words), 0)
            return None
        size = sum(7 if near else 9 for near in words.values()) if words else 0
        states, starved = Stating(self, room - size - 4 if size + 4 < room // 2 else room // 2, room).write()
        rest = room // 2 if starved else room - len(states)
        sections = states + (self.deltas(words, rest) if self.form else self.words(words, rest))
        if sections:
            self.tokens -= 20 * (len(sections) + COUNTED)
            self.fates.pop(self.tick, None)
        return sections or None

    def ordered(self, words):
        """Those that waited longest first; among equals from where the last round ended."""
        turn = sorted(words, key=lambda number: (number < self.cursor, number))
        return sorted(turn, key=lambda number: sum(self.slots[number].sum < limit for limit in (120, 180)))

    def cut(self, numbers, count):
        for number in numbers[count:]:
            self.slots[number].moved = None
            self.slots[number].acc = self.slots[number].sum
        if numbers[count:]:
            self.cursor = numbers[count]
        return set(numbers[:count])

    def words(self, words, room):
        if words and 4 + sum(7 if near else 9 for near in words.values()) > room:
            numbers, left, count = self.ordered(words), room - 4, 0
            while (left := left - (7 if words[numbers[count]] else 9)) >= 0:
                count += 1
            kept = self.cut(numbers, count)
            words = {number: near for number, near in words.items() if number in kept}
        if not words:
            return b""
        near = tuple(Near.of(n, self.place(n)) for n, is_near in words.items() if is_near)
        far = tuple(Far.of(n, self.place(n)) for n, is_near in words.items() if not is_near)
        for number, is_near in words.items():
            self.tell(self.slots[number], exact=not is_near)
        return b"\1" + write_snapshot(Words(near, far))

    def place(self, number):
        return self.feed.places[self.slots[number].mover]

    def tell(self, slot, exact):
        leg = self.feed.ways[slot.mover].leg
        if not self.form and slot.leg == slot.sure != leg:
            slot.leg, slot.probe = leg, self.tick
        slot.moved, slot.tick = self.feed.moved[slot.mover], self.tick
        slot.settled, slot.exact = False, exact

    def deltas(self, words, room):
        if not words:
            return b""
        numbers = list(words) if 4 + 16 * (len(words) + 1) <= room else self.ordered(words)
        ages = {number: self.base_age(self.slots[number]) for number in numbers}
        deltas, count = [], 0
        while count < len(numbers) and 4 + len(write_deltas(deltas)) + 16 <= room:
            deltas.append(self.delta(numbers[count], ages[numbers[count]]))
            count += 1
        self.cut(numbers, count)
        return b"\1" + write_snapshot(Deltas(write_deltas(deltas))) if deltas else b""

    def delta(self, number, age):
        slot = self.slots[number]
        place, keep = self.place(number), slot.marked < KEPT_MOST
        if keep:
            slot.marked += 1
            slot.kept.append(self.tick)
        self.tell(slot, exact=True)
        if not age:
            return Whole(number, keep, place)
        return Delta.of(number, place, self.feed.history[slot.mover][self.tick - age], age, keep)

    def base_age(self, slot):
        """How old is what a delta can build on; 0: nothing can be."""
        slot.kept = [
            tick for tick in slot.kept if self.feed.tick - tick <= AGE_MOST and self.verdict(tick) >= 0
        ]
        acknowledged = [tick for tick in slot.kept if self.verdict(tick) > 0]
        if acknowledged:
            slot.base, slot.kept, slot.marked = max(acknowledged), [], 0
        if not slot.kept:
            slot.marked = 0
        if slot.base is not None and self.feed.tick - slot.base > AGE_MOST:
            slot.base, slot.kept, slot.marked = None, [], 0
        return 0 if slot.base is None else self.feed.tick - slot.base


class Feed:
    """All readers; `things` by mover is kept by whoever puts and drops them, in the field too."""

    def __init__(self):
        self.things, self.ways, self.places, self.moved = {}, {}, {}, {}
        self.history = {}  # by mover: places by tick
        self.readers = {}
        self.tick = 0
        self.seen = {}  # by eye, by slot: the thing that came into it, its mover, its pace

    def join(self, eye, cid, form=0, mtu=1200, rate=8000):
        self.readers[eye] = Reader(self, eye, cid, form, mtu, rate)

    def look(self, tick, field, places, moved):
        """
        After a step of the field: where all are, and who sees whom.

        @param places, moved: by mover: its Place, and the tick of its last change, seen in that or not.
        """
        self.tick, self.places, self.moved = tick, places, moved
        for mover, thing in self.things.items():
            way = self.ways.get(mover)
            if way is None or way.thing is not thing:
                self.ways[mover] = Way(thing, places[mover][:3], way.leg if way else 0)
            else:
                way.walk_on(places[mover])
            self.history.setdefault(mover, {})[tick] = places[mover]
        for eye in self.readers:
            had = self.seen.get(eye, {})
            self.seen[eye] = {
                slot: (
                    had[slot][0] if slot in had and had[slot][1] == mover else self.things.get(mover),
                    mover,
                    pace,
                )
                for slot, (mover, pace) in field.seen(eye).items()
            }

    def serve(self, level):
        """What goes to whom: (cid, sections)."""
        said = (
            (reader.cid, reader.serve(self.tick, level, self.seen[eye]))
            for eye, reader in self.readers.items()
        )
        return {cid: sections for cid, sections in said if sections}
