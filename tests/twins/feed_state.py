"""The state section as the feed's twin writes it."""

from bluemarble.wire.snapshot import ENTER, GONE, Enter, State, write_states

ON_THE_WAY_MOST = 48
VALUES = -1  # any of a thing's components


class Stating:
    """The state section of one datagram."""

    def __init__(self, reader, soft, hard):
        self.reader, self.soft, self.hard = reader, soft, hard
        self.states, self.size = [], 2
        self.stuck = self.starved = False

    def write(self):
        """The section, and whether there was something but nothing fitted."""
        slots = list(enumerate(self.reader.slots))
        for number, slot in slots:
            if slot.gone:
                self.gone(number, slot)
        for number, slot in slots:
            if slot.enter and not slot.leaving:
                self.enter(number, slot)
        from_ = self.reader.values_cursor
        for number, slot in slots[from_:] + slots[:from_]:
            if slot.owing and slot.entered and not self.stuck:
                self.values(number, slot)
                if self.stuck:
                    self.reader.values_cursor = number
        return (b"\x09" + write_states(self.states) if self.states else b""), self.starved

    def crowded(self):
        self.stuck = self.stuck or len(self.reader.on_the_way) == ON_THE_WAY_MOST
        return self.stuck

    def put(self, state):
        """Whether there was room for it."""
        whole = len(write_states([state])) - 1
        limit = self.soft if self.states else self.hard
        if self.stuck or len(self.states) == 255 or self.size + whole > limit:
            self.stuck, self.starved = True, not self.states
            return False
        self.size += whole
        self.states.append(state)
        return True

    def note(self, number, component, state=0):
        slot = self.reader.slots[number]
        self.reader.on_the_way.append((self.reader.tick, number, component, slot.version, state))

    def gone(self, number, slot):
        if not self.crowded() and self.put(State(number, GONE, slot.version & 0xFF, b"")):
            self.note(number, GONE)
            slot.gone = False

    def enter(self, number, slot):
        if self.reader.stale(slot) or self.crowded():
            return
        feed, thing, anew = self.reader.feed, slot.thing, slot.version % 2 == 0
        value = Enter(
            thing.guid, thing.kind, feed.places[slot.mover], self.reader.tick & 0xFFFF, thing.look
        ).write()
        if not self.put(State(number, ENTER, slot.version + anew & 0xFF, value)):
            return
        slot.version += anew
        slot.known = 0 if anew else slot.known
        slot.state, slot.moved, slot.tick = thing.state, feed.moved[slot.mover], self.reader.tick
        slot.sure = slot.leg = feed.ways[slot.mover].leg
        slot.base, slot.kept, slot.marked = None, [], 0
        slot.enter, slot.settled, slot.exact = False, False, True
        self.note(number, ENTER)

    def values(self, number, slot):
        if self.reader.stale(slot) or self.crowded():
            return
        state = slot.known
        for since, component, version, value in sorted(
            (v[0], n, *v[1:]) for n, v in slot.thing.values.items()
        ):
            if since > state:
                if not self.put(State(number, component, version & 0xFF, value)):
                    break
                state = since
        else:
            slot.owing = False
        if state != slot.known:
            self.note(number, VALUES, state)
