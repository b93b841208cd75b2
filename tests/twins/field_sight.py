"""Whom each eye of a field sees, in plain Python: every eye against everyone, whenever it is its turn."""

from dataclasses import dataclass, field

from bluemarble.native.field import units

SLOTS, QUARANTINE_TICKS = 255, 60
CROWDED_OUT = 64  # slots in quarantine up to which nearer ones push out those who are seen
AT_ONCE = 16  # of those it takes so many to begin
EARLY_LIMIT = 1024  # eyes that look in a step out of turn
PERMILLE = (1000, 800, 600, 450, 333)


@dataclass
class Eye:
    owner: int
    sight: int
    due: bool = True
    slots: dict = field(default_factory=dict)  # slot -> (mover, birth, pace)
    held: dict = field(default_factory=dict)  # slot -> the tick in which it was left


def pace(square):
    return next((p for yards, p in ((11, 60), (52, 30), (103, 15)) if square < (yards * 64) ** 2), 3)


def nearest(near, limit, farthest):
    """
    The `limit` of near (key first) with the least keys, in their order; of equal ones the first.

    Keys are equal when they are in the same of the bins of the last of three levels, 256 each.
    """
    if len(near) <= limit:
        return near
    fine = max(farthest.bit_length() - 24, 0)
    last = sorted(it[0] >> fine for it in near)[limit]
    room = limit - sum(it[0] >> fine < last for it in near)
    kept = []
    for it in near:
        if it[0] >> fine == last:
            room -= 1
        if it[0] >> fine < last or (it[0] >> fine == last and room >= 0):
            kept.append(it)
    return kept


class Sight:
    def __init__(self, sight_yards, leave, height_yards):
        self.reach = units(sight_yards), units(sight_yards * leave)
        self.height = units(height_yards), units(height_yards * leave)
        self.eyes, self.level = {}, 0

    def watch(self, slot):
        it = self.things[slot]
        if it.eye < 0:
            it.eye = next(n for n in range(1 << 14) if n not in self.eyes)
            self.eyes[it.eye] = Eye(slot, self.reach[0])
        return it.eye

    def unwatch(self, slot):
        it = self.things[slot]
        if it.eye < 0:
            raise KeyError(slot)
        del self.eyes[it.eye]
        it.eye = -1

    def sight(self, slot, yards):
        it, radius = self.things[slot], units(yards)
        if it.eye < 0:
            raise KeyError(slot)
        if radius <= 0:
            raise ValueError(yards)
        self.eyes[it.eye].sight = min(radius, self.reach[0])

    def radius(self, level):
        if not 0 <= level <= 4:
            raise ValueError(level)
        self.level = level

    def seen(self, eye):
        return {slot: (mover, p) for slot, (mover, _, p) in sorted(self.eyes[eye].slots.items())}

    def look_around(self):
        early = 0
        for number, eye in sorted(self.eyes.items(), key=lambda item: self.cell(item[1].owner)):
            if (number * 0x9E3779B9 & 0xFFFF_FFFF) >> 30 != self.steps % 4:
                if not eye.due or early == EARLY_LIMIT:
                    continue
                early += 1
            self.look_of(eye)

    def cell(self, slot):
        """What the order of all movers is: rows of 64 yards, columns in those, slots."""
        x, y, _ = self.things[slot].at
        return y + (1 << 21) >> 12, x + (1 << 21) >> 12, slot

    def near(self, eye):
        """(key, slot of the eye or None, square in space, mover) of all it sees or may begin to see."""
        sight = max(eye.sight * PERMILLE[self.level] // 1000, 1)
        leave = sight * self.reach[1] // self.reach[0]
        x, y, z = self.things[eye.owner].at
        inside = {(mover, birth): slot for slot, (mover, birth, _) in eye.slots.items()}
        for mover in sorted(self.things, key=self.cell):
            it = self.things[mover]
            plane, high = (it.at[0] - x) ** 2 + (it.at[1] - y) ** 2, abs(it.at[2] - z)
            slot, square = inside.get((mover, it.birth)), plane + high * high
            if slot is not None and plane <= leave * leave and high <= self.height[1]:
                yield square - (square >> 3) - (square >> 4), slot, square, mover
            elif plane <= sight * sight and high <= self.height[0] and mover != eye.owner:
                yield square, slot, square, mover

    def look_of(self, eye):
        farthest = self.reach[1] ** 2 + self.height[1] ** 2
        eye.due = False
        eye.held = {s: t for s, t in eye.held.items() if (self.tick - t) % 256 < QUARANTINE_TICKS}
        room = SLOTS - len(eye.held) - len(eye.slots)
        near = list(self.near(eye))
        seen, fresh = ([it for it in near if (it[1] is None) == new] for new in (False, True))
        if len(near) > SLOTS - len(eye.held) and len(eye.held) <= CROWDED_OUT - AT_ONCE:
            fine = max(farthest.bit_length() - 24, 0)
            last = sorted(it[0] >> fine for it in near)[SLOTS - len(eye.held)]
            beyond = sum(it[0] >> fine > last for it in seen)
            seen = nearest(seen, len(seen) - min(beyond, CROWDED_OUT - len(eye.held)), farthest)
        kept = {slot: (mover, pace(square)) for _, slot, square, mover in seen}
        for slot in eye.slots.keys() - kept.keys():
            eye.held[slot] = self.tick
        eye.slots = {
            slot: (mover, self.things[mover].birth, paced) for slot, (mover, paced) in sorted(kept.items())
        }
        free = (slot for slot in range(SLOTS) if slot not in eye.slots and slot not in eye.held)
        for _, _, square, mover in nearest(fresh, room, farthest):
            eye.slots[next(free)] = mover, self.things[mover].birth, pace(square)
