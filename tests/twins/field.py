"""What native/field means, in plain Python: movers, who steers them, and a tick; field_sight.py has sight."""

from dataclasses import dataclass, field
from math import isqrt

from bluemarble.native.field import (
    SLOT_LIMIT,
    TURN,
    UNITS_YARD,
    Mover,
    packed,
    quarters,
    units,
    unpacked,
    yaw,
)
from tests.twins.field_moves import FORWARD, MOVING, ROOT, Moves, Steer
from tests.twins.field_sight import Sight

MAP_UNITS, HEIGHT_UNITS = 1_092_267, 30_000 * 64


@dataclass
class Thing:
    kind: int
    birth: int
    at: tuple = (0, 0, 0)
    yaw: int = 0
    flags: int = 0
    speed: int = 0
    epoch: int = 0
    input: int = 0
    eye: int = -1
    steer: Steer | None = None
    leg: tuple | None = None
    values: dict = field(default_factory=dict)


def placed(x, y, z):
    at = units(x), units(y), units(z)
    if abs(at[0]) > MAP_UNITS or abs(at[1]) > MAP_UNITS or abs(at[2]) > HEIGHT_UNITS:
        raise ValueError(at)
    return at


def toward(a, b, part, whole):
    """From a to b, rounded towards a."""
    way = abs(b - a) * part // whole
    return a + way if b >= a else a - way


def bearing(dx, dy):
    low, high = sorted((abs(dx), abs(dy)))
    if high == 0:
        return 0
    t = low * 65536 // high
    angle = t * (8192 * 65536 + 2847 * (65536 - t)) // 65536 // 65536
    if abs(dy) > abs(dx):
        angle = 16384 - angle
    if dx < 0:
        angle = 32768 - angle
    if dy < 0:
        angle = 65536 - angle
    return angle & 0xFFFF


def axis(v):
    return min(max((v * 3 + 32 * 102_400) // 102_400 if v * 3 + 32 * 102_400 >= 0 else 0, 0), 63)


class Field(Sight, Moves):
    def __init__(
        self,
        seed=0,
        sight_yards=150.0,
        leave=1.1,
        height_yards=100.0,
        *,
        reach_yards=0.0,
        slack=1.25,
        burst_yards=30.0,
        late_ms=2_000,
    ):
        Sight.__init__(self, sight_yards, leave, height_yards)
        self.around, self.slack = units(reach_yards), round(slack * 1000)
        self.burst, self.late_ms = round(burst_yards * 1000), late_ms
        self.things, self.births, self.bound = {}, {}, {}
        self.touched, self.followed = set(), set()
        self.tick = self.steps = self.now_ms = 0
        self.lists = {"moved": [], "corrections": [], "crossed": [], "shown": []}

    def stand(self, slot, at, angle, speed, flags):
        it = self.things[slot]
        if (it.at, it.yaw, it.speed, it.flags) != (at, angle, speed, flags):
            it.at, it.yaw, it.speed, it.flags = at, angle, speed, flags
            self.touched.add(slot)

    def put(self, slot, kind, x, y, z, facing=0.0, speed=0.0, flags=0):
        at, angle = placed(x, y, z), yaw(facing)
        if kind == 0 or not 0 <= slot < SLOT_LIMIT:
            raise ValueError(kind)
        it = self.things.get(slot)
        if it is None:
            self.births[slot] = self.births.get(slot, 0) + 1
            it = self.things[slot] = Thing(kind, self.births[slot])
            self.touched.add(slot)
        it.kind, it.leg = kind, None
        if it.steer and it.steer.cid:
            self.teleport(slot, at, angle, it.steer.filled_ms)
        self.stand(slot, at, angle, quarters(speed), packed(flags))

    def drop(self, slot):
        it = self.things[slot]
        if it.eye >= 0:
            self.unwatch(slot)
        self.unsteer(slot)
        del self.things[slot]
        self.followed.discard(slot)

    def read(self, slot):
        it = self.things[slot]
        x, y, z = (v / UNITS_YARD for v in it.at)
        cid = it.steer.cid if it.steer else 0
        turned = it.yaw * (TURN / 65536)
        return Mover(
            x, y, z, turned, unpacked(it.flags), it.speed / 4, it.epoch, it.input, it.kind, it.eye, cid
        )

    def walk(self, slot, from_, to, since_ms, until_ms):
        it = self.things[slot]
        a, b = placed(*from_), placed(*to)
        if not 0 < until_ms - since_ms <= 1_000_000_000 or (it.steer and it.steer.cid):
            raise ValueError(slot)
        it.leg = a, b, since_ms, until_ms

    def halt(self, slot):
        it = self.things[slot]
        if it.leg:
            it.leg = None
            self.stand(slot, it.at, it.yaw, 0, 0)

    def steered(self, slot, now_ms):
        it = self.things[slot]
        if it.steer is None:
            it.steer = Steer()
            self.refill(it.steer, now_ms)
        return it.steer

    def unsteer(self, slot):
        steer = self.things[slot].steer
        if steer and steer.cid:
            del self.bound[steer.cid % 16384]
            steer.cid, steer.corrected = 0, False
            self.followed.add(slot)

    def bind(self, cid, slot, now_ms):
        it = self.things[slot]
        if cid == 0:
            raise ValueError(cid)
        steer = self.steered(slot, now_ms)
        self.unsteer(slot)
        if cid % 16384 in self.bound:
            self.unsteer(self.bound[cid % 16384])
        self.bound[cid % 16384] = slot
        it.leg = None
        steer.filled_ms = min(steer.filled_ms, now_ms)
        steer.cid, steer.started, steer.looked, steer.corrected = cid, False, 0, True
        steer.shown, steer.grids = (*it.at, it.yaw, it.flags, self.now_ms), self.grids(slot)

    def unbind(self, cid):
        slot = self.bound.get(cid % 16384)
        if slot is not None and self.things[slot].steer.cid == cid:
            self.unsteer(slot)

    def correct(self, slot):
        steer = self.things[slot].steer
        if steer and steer.cid:
            steer.corrected = True

    def speeds(self, slot, run, walk, swim, fly):
        wanted = tuple(round(v * 1000) for v in (run, walk, swim, fly))
        if any(not 0 <= v < 1 << 32 for v in wanted):
            raise OverflowError(wanted)
        if slot not in self.things:
            raise KeyError(slot)
        if max(wanted) > 1_000_000:
            raise ValueError(wanted)
        steer = self.steered(slot, self.now_ms)
        if steer.speeds != wanted:
            steer.speeds = wanted
            self.correct(slot)

    def allow(self, slot, allowance):
        if slot not in self.things:
            raise KeyError(slot)
        if not all(0 <= v <= 200_000_000 for v in allowance[:3]):
            raise ValueError(allowance)
        steer = self.steered(slot, allowance[3])
        steer.reach, steer.climb, steer.fall, steer.filled_ms = allowance

    def allowance(self, slot):
        steer = self.things[slot].steer
        if steer is None:
            raise KeyError(slot)
        return steer.reach, steer.climb, steer.fall, steer.filled_ms

    def root(self, slot, on):
        it = self.things[slot]
        steer = self.steered(slot, self.now_ms)
        if steer.rooted == bool(on):
            return
        steer.rooted = bool(on)
        flags = it.flags & ~MOVING | ROOT if on else it.flags & ~ROOT
        self.stand(slot, it.at, it.yaw, 0 if on else it.speed, flags)
        it.epoch = (it.epoch + 1) & 0xFF
        self.correct(slot)

    def place(self, slot, x, y, z, facing, now_ms):
        at, angle = (units(x), units(y), units(z)), yaw(facing)
        if slot not in self.things:
            raise KeyError(slot)
        self.teleport(slot, placed(*(v / 64 for v in at)), angle, now_ms)

    def teleport(self, slot, at, angle, now_ms):
        it = self.things[slot]
        it.leg = None
        if it.steer:
            self.refill(it.steer, now_ms)
        self.stand(slot, at, angle, 0, ROOT if it.steer and it.steer.rooted else 0)
        it.epoch = (it.epoch + 1) & 0xFF
        if it.eye >= 0:
            self.eyes[it.eye].due = True
        self.correct(slot)

    def component(self, slot, number, value):
        if slot not in self.things:
            raise KeyError(slot)
        if not 2 <= number <= 15 or len(value) > 512:
            raise ValueError(number)
        self.things[slot].values[number] = value

    def grids(self, slot):
        x, y, _ = self.things[slot].at
        return tuple(axis(v + way) for v in (x, y) for way in (-self.around, self.around))

    def step(self, tick, now_ms, threads=1):
        if not 1 <= threads <= 16:
            raise ValueError(threads)
        self.tick, self.now_ms = tick, now_ms
        self.steps += 1
        for slot, it in self.things.items():
            if it.leg:
                self.advance(slot, it, *it.leg)
        moved = sorted(self.touched & self.things.keys())
        self.touched.clear()
        self.followed |= {slot for slot in moved if self.things[slot].steer and self.things[slot].steer.cid}
        self.lists = {"moved": moved, "corrections": [], "crossed": [], "shown": []}
        for slot, it in sorted(self.things.items()):
            if it.steer and it.steer.cid:
                self.list_steered(slot, it, it.steer)
        self.look_around()

    def advance(self, slot, it, a, b, since_ms, until_ms):
        span, passed = until_ms - since_ms, max(self.now_ms - since_ms, 0)
        dx, dy, dz = (v - u for u, v in zip(a, b, strict=True))
        angle = bearing(dx, dy) if dx or dy else it.yaw
        if passed >= span:
            it.leg = None
            self.stand(slot, b, angle, 0, 0)
            return
        here = tuple(toward(u, v, passed, span) for u, v in zip(a, b, strict=True))
        speed = (isqrt(dx * dx + dy * dy + dz * dz) * 125 + span) // (2 * span)
        self.stand(slot, here, angle, min(speed, 255), FORWARD)

    def list_steered(self, slot, it, steer):
        steer.looked = 0
        if steer.corrected:
            self.lists["corrections"].append(slot)
        if self.grids(slot) != steer.grids:
            self.lists["crossed"].append(slot)
        steer.corrected, steer.grids = False, self.grids(slot)
        turn = (it.yaw - steer.shown[3] + 0x8000 & 0xFFFF) - 0x8000
        due = it.flags != steer.shown[4] or abs(turn) > 910
        if self.now_ms - steer.shown[5] >= 500:
            due = due or bool(it.flags & MOVING) or it.at != steer.shown[:3]
        if due:
            self.lists["shown"].append(slot)
            steer.shown = (*it.at, it.yaw, it.flags, self.now_ms)

    def moved(self):
        return self.lists["moved"]

    def corrections(self):
        return self.lists["corrections"]

    def crossed(self):
        return self.lists["crossed"]

    def shown(self):
        return self.lists["shown"]

    def follow(self, interest):
        for slot in sorted(self.followed):
            interest.put(slot, *(v / 64 for v in self.things[slot].at[:2]))
        self.followed.clear()
