"""What native/interest means, in plain Python: every observer against everything, every time."""

import struct
from dataclasses import dataclass, field

from bluemarble.native.interest import HALF_MAP_YARDS, RADIUS_LIMIT_YARDS, SIGHT_LIMIT, SLOT_LIMIT, Changes


def f32(v):
    """The nearest float32, as a float."""
    return struct.unpack("<f", struct.pack("<f", v))[0]


@dataclass(eq=False)
class Thing:
    x: float
    y: float
    radius: float | None = None
    leave_radius: float = 0.0
    seen: dict = field(default_factory=dict)  # slot -> the very Thing that was there


def square(a, b):
    dx, dy = a.x - b.x, a.y - b.y
    return dx * dx + dy * dy


class Interest:
    def __init__(self, sight_limit=SIGHT_LIMIT):
        self.sight_limit = sight_limit
        self.things = {}

    def put(self, slot, x, y):
        x, y = f32(x), f32(y)
        if not (abs(x) <= HALF_MAP_YARDS and abs(y) <= HALF_MAP_YARDS):
            raise ValueError(slot)
        thing = self.things.setdefault(slot, Thing(x, y))
        thing.x, thing.y = x, y

    def drop(self, slot):
        del self.things[slot]

    def watch(self, slot, radius, leave_radius):
        thing = self.things[slot]
        if not 0 < radius <= leave_radius <= RADIUS_LIMIT_YARDS:
            raise ValueError(slot)
        thing.radius, thing.leave_radius = radius, leave_radius

    def unwatch(self, slot):
        thing = self.things[slot]
        if thing.radius is None:
            raise KeyError(slot)
        thing.radius, thing.seen = None, {}

    def admit(self, observer, targets):
        looking = self.things[observer]
        if looking.radius is None or observer in targets or any(t not in self.things for t in targets):
            raise KeyError(observer)
        for slot in targets:
            looking.seen.setdefault(slot, self.things[slot])

    def refresh(self, enter_limit=SLOT_LIMIT):
        changes = [
            (slot, target, entered)
            for slot, thing in sorted(self.things.items())
            if thing.radius is not None
            for target, entered in self.look(slot, thing, enter_limit)
        ]
        return Changes(*map(list, zip(*changes, strict=True))) if changes else Changes([], [], [])

    def look(self, slot, looking, enter_limit):
        for target, thing in sorted(looking.seen.items()):
            if self.things.get(target) is not thing or square(thing, looking) > looking.leave_radius**2:
                del looking.seen[target]
                yield target, 0
        near = sorted(
            (square(thing, looking), target)
            for target, thing in self.things.items()
            if target != slot and target not in looking.seen and square(thing, looking) < looking.radius**2
        )
        for _, target in near[: max(0, min(enter_limit, self.sight_limit - len(looking.seen)))]:
            looking.seen[target] = self.things[target]
            yield target, 1

    def watchers(self, slot):
        thing = self.things.get(slot)
        return [o for o, it in sorted(self.things.items()) if thing and it.seen.get(slot) is thing]

    def seen(self, slot):
        return sorted(self.things[slot].seen) if slot in self.things else []

    def near(self, x, y, radius):
        at = Thing(x, y)
        found = sorted((square(thing, at), slot) for slot, thing in self.things.items())
        return [slot for d2, slot in found if d2 < radius * radius]
