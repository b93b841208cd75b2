"""Which inputs a field takes, in plain Python; tests/twins/field.py has the rest."""

import struct
from dataclasses import dataclass
from math import isqrt

INPUT_MAP, INPUT_HEIGHT = 17_066 * 64, 5_000 * 64
FORWARD, BACKWARD, STRAFES, TURNS, PITCHES = 1, 2, 12, 0x30, 0xC0
WALKING, ON_TRANSPORT, NO_GRAVITY, ROOT, FALLING = 0x100, 0x200, 0x400, 0x800, 0x1000
SWIMMING, FLYING = 0x4000, 0x8000
MOVING = FORWARD | BACKWARD | STRAFES | FALLING
TAKEN, UNKNOWN, EPOCH, OLD, MANY, OFF_MAP, ROOTED, TOO_FAST = range(8)
RECORD = struct.Struct("<IHHHBBiii")
STEPS_MM, JUMP_MM_S, FALL_MM_S = 5_000, 7_960, 60_148


@dataclass
class Steer:
    cid: int = 0
    speeds: tuple = (7000, 2500, 4722, 0)
    reach: int = 0
    climb: int = 0
    fall: int = 0
    filled_ms: int = 0
    rooted: bool = False
    started: bool = False
    looked: int = 0
    corrected: bool = False
    grids: tuple = ()
    shown: tuple = ()  # x, y, z, yaw, flags, ms


class Moves:
    def refill(self, steer, now_ms):
        steer.reach = steer.fall = self.burst
        steer.climb, steer.filled_ms = STEPS_MM, now_ms

    def moves(self, batch, now_ms):
        if len(batch) % RECORD.size:
            raise ValueError(len(batch))
        counts = [0] * 8
        for cid, tick, flags, angle, epoch, _, *at in RECORD.iter_unpack(batch):
            slot = self.bound.get(cid % 16384) if cid else None
            if slot is None or self.things[slot].steer.cid != cid:
                counts[UNKNOWN] += 1
            else:
                counts[self.take(slot, tick, flags, angle, epoch, tuple(at), now_ms)] += 1
        return counts

    def take(self, slot, tick, flags, angle, epoch, at, now_ms):
        it = self.things[slot]
        steer = it.steer
        ahead = (tick - it.input) & 0xFFFF
        if epoch != it.epoch:
            return EPOCH
        if steer.started and not 0 < ahead < 0x8000:
            return OLD
        if steer.looked >= 8:
            return MANY
        steer.looked += 1
        reason = self.refusal(it, flags, at, now_ms)
        if reason:
            it.epoch = (it.epoch + 1) & 0xFF
            self.correct(slot)
            return reason
        flags = allowed(steer, flags)
        speed = speed_of(steer, flags, [b - a for a, b in zip(it.at, at, strict=True)], ahead)
        self.stand(slot, at, angle, speed, flags)
        it.input, steer.started = tick, True
        return TAKEN

    def refusal(self, it, flags, at, now_ms):
        if max(abs(at[0]), abs(at[1])) > INPUT_MAP or abs(at[2]) > INPUT_HEIGHT:
            return OFF_MAP
        if it.steer.rooted and (flags & MOVING or at[:2] != it.at[:2]):
            return ROOTED
        way = [b - a for a, b in zip(it.at, at, strict=True)]
        return 0 if self.spend(it.steer, allowed(it.steer, flags), way, now_ms) else TOO_FAST

    def spend(self, steer, flags, way, now_ms):
        run, _, swim, fly = steer.speeds
        speed = (fly if flags & FLYING else max(run, swim) if flags & SWIMMING else run) * self.slack // 1000
        climb, fall = max(speed * 1200 // 1000, JUMP_MM_S), FALL_MM_S * self.slack // 1000
        passed = min(max(now_ms - steer.filled_ms, 0), 1_000_000_000)
        for name, mm_s, at_once in (
            ("reach", speed, self.burst),
            ("climb", climb, STEPS_MM),
            ("fall", fall, self.burst),
        ):
            full = at_once + mm_s * self.late_ms // 1000
            setattr(steer, name, min(getattr(steer, name) + passed * mm_s // 1000, full))
        steer.filled_ms = now_ms
        dx, dy, dz = way
        square = dx * dx + dy * dy + (dz * dz if flags & (SWIMMING | FLYING) else 0)
        if square * 15_625 > steer.reach**2 * 64 or not -steer.fall * 64 <= dz * 1000 <= steer.climb * 64:
            return False
        steer.reach -= isqrt(square * 15_625 // 64)
        if dz > 0:
            steer.climb -= dz * 1000 // 64
        else:
            steer.fall -= -dz * 1000 // 64
        return True


def allowed(steer, flags):
    flags &= ~(ON_TRANSPORT | ROOT)
    if steer.rooted:
        flags |= ROOT
    if not steer.speeds[3]:
        flags &= ~FLYING
    for both in TURNS, STRAFES, PITCHES, FORWARD | BACKWARD:
        if flags & both == both:
            flags &= ~both
    if flags & FALLING and flags & NO_GRAVITY:
        flags &= ~FALLING
    return flags


def speed_of(steer, flags, way, ahead):
    run, walk, swim, fly = steer.speeds
    mm_s = fly if flags & FLYING else swim if flags & SWIMMING else walk if flags & WALKING else run
    usual, ticks = (mm_s * 4 + 500) // 1000, ahead if steer.started else 1
    if not flags & (MOVING | SWIMMING | FLYING):
        return 0
    dx, dy, dz = way
    length = isqrt(dx * dx + dy * dy + (dz * dz if flags & (SWIMMING | FLYING) else 0))
    speed = (length * 5 + 2 * ticks) // (4 * ticks)
    if abs(speed - usual) <= 2:
        speed = usual
    return min(speed, usual * 5 // 4, 255)
