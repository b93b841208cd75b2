"""
Oneself: each input moves the player at once, and the server's corrections are made good when they come.

Inputs are numbered, one each 50 ms.  A correction says where the player was after some input, under a new
epoch; the player is set there, and the inputs since are stepped again upon it.
"""

from collections import deque
from math import tau
from typing import NamedTuple

from bluemarble.client.events import Corrected
from bluemarble.client.gait import STEP_MS, Gait, Keys, Speeds, Stance, Walk
from opcodes.movement import FALLING, ROOT

KEPT_LIMIT = 256  # inputs that can be stepped again: 12.8 s
UNITS = 64  # to the yard, on the wire
YAWS = 65536  # to the turn
SNAP_YARDS = 5.0  # a correction by more is not glided over
GLIDE_MS = 150.0


class Input(NamedTuple):
    """
    One input as the wire has it: where one is after it.

    @ivar number: counts the inputs from 1; @ivar x, y, z: 1/64 yard; @ivar yaw: 65,536 to the turn.
    """

    number: int
    epoch: int
    flags: int
    yaw: int
    x: int
    y: int
    z: int


class Correction(NamedTuple):
    """
    What the server says of oneself.

    @ivar input: the low 16 bits of the newest input it has taken; @ivar stance: where that left one.
    """

    epoch: int
    input: int
    stance: Stance
    speeds: Speeds


class _Step(NamedTuple):
    number: int
    keys: Keys
    stance: Stance


class Oneself:
    """
    The player that this client steers.

    @param gait: how it moves; the server checks only that it could have got there.
    @ivar ready: whether the server has said where it is; before that there are no inputs.
    @ivar stance: where it is after the newest input; @ivar number: that input's.
    @ivar corrections: how many there have been.
    """

    def __init__(self, gait: Gait | None = None) -> None:
        self._gait = gait or Walk()
        self._steps: deque[_Step] = deque(maxlen=KEPT_LIMIT)
        self._stepped_ms = 0
        self._glide = (0.0, 0.0, 0.0)
        self._glide_ms = 0
        self.ready = False
        self.stance = self._before = Stance(0.0, 0.0, 0.0, 0.0)
        self.speeds = Speeds()
        self.epoch = self.number = self.corrections = 0

    def step(self, keys: Keys, now_ms: int) -> Input:
        """
        Make an input of what is held down, and move.

        @raise ValueError: the server has not yet said where one is.
        """
        if not self.ready:
            raise ValueError("no SELF has come")
        self.number += 1
        self._before, self.stance = self.stance, self._gait(self.stance, keys, self.speeds)
        self._steps.append(_Step(self.number, keys, self.stance))
        self._stepped_ms = now_ms
        return self._input(self._steps[-1])

    def since(self, number: int, limit: int) -> list[Input]:
        """The newest inputs after `number`, newest first, at most `limit`."""
        newest = [step for step in list(self._steps)[-limit:] if step.number > number]
        return [self._input(step) for step in reversed(newest)]

    def correct(self, said: Correction, now_ms: int) -> Corrected | None:
        """
        Take what the server says of oneself.

        Under the epoch that one has it grants speeds; under a later one it moves the player; under an
        earlier one it is old.

        @return: how it moved the player, if it did.
        """
        ahead = (said.epoch - self.epoch) & 0xFF
        if self.ready and ahead >= 0x80:
            return None
        self.speeds = said.speeds
        if self.ready and not ahead:
            rooted = said.stance.flags & ROOT
            self.stance = self.stance._replace(flags=self.stance.flags & ~ROOT | rooted)
            return None
        shown = self.at(now_ms)
        first, self.ready = not self.ready, True
        self.epoch = said.epoch
        was, replayed = self.stance, self._again(said)
        yards = distance(was, self.stance)
        self._glide, self._glide_ms = (0.0, 0.0, 0.0), now_ms
        if first:
            return None
        self.corrections += 1
        drawn = self.at(now_ms)
        if distance(shown, drawn) < SNAP_YARDS:
            self._glide = (shown.x - drawn.x, shown.y - drawn.y, shown.z - drawn.z)
        return Corrected(yards, replayed)

    def at(self, now_ms: float) -> Stance:
        """Where to draw oneself: between the last two inputs, gliding over small corrections."""
        part = min(max((now_ms - self._stepped_ms) / STEP_MS, 0.0), 1.0)
        left = max(1.0 - (now_ms - self._glide_ms) / GLIDE_MS, 0.0)
        gx, gy, gz = self._glide
        was, stance = self._before, self.stance
        turn = (stance.facing - was.facing + tau / 2) % tau - tau / 2
        return stance._replace(
            x=was.x + (stance.x - was.x) * part + gx * left,
            y=was.y + (stance.y - was.y) * part + gy * left,
            z=was.z + (stance.z - was.z) * part + gz * left,
            facing=(was.facing + turn * part) % tau,
        )

    def _again(self, said: Correction) -> int:
        """Set the player there and step the later inputs upon it; how many."""
        behind = (self.number - said.input) & 0xFFFF
        taken = self.number - behind if behind < 0x8000 else self.number
        stance = said.stance._replace(flags=said.stance.flags & ~FALLING, rising=0.0, floor=said.stance.z)
        before = stance
        later = [step for step in self._steps if step.number > taken]
        self._steps.clear()
        for step in later:
            before, stance = stance, self._gait(stance, step.keys, self.speeds)
            self._steps.append(step._replace(stance=stance))
        self._before, self.stance = before, stance
        return len(later)

    def _input(self, step: _Step) -> Input:
        stance = step.stance
        return Input(
            step.number,
            self.epoch,
            stance.flags & 0xFFFF,
            round(stance.facing / tau * YAWS) % YAWS,
            round(stance.x * UNITS),
            round(stance.y * UNITS),
            round(stance.z * UNITS),
        )


def distance(a: Stance, b: Stance) -> float:
    """Yards between two places."""
    return float(((a.x - b.x) ** 2 + (a.y - b.y) ** 2 + (a.z - b.z) ** 2) ** 0.5)
