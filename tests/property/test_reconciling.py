"""Whatever the network loses and the server corrects, the player ends where the server has it."""

import random

from hypothesis import given
from hypothesis import strategies as st

from bluemarble.client.gait import GOING, Keys, Speeds, Stance
from bluemarble.client.oneself import UNITS, Correction, Oneself
from opcodes.movement import FORWARD, LEFT, RIGHT, ROOT, STRAFE_LEFT

STEPS = 300
FASTEST = 1.0  # yards a step that the server lets pass
REACH = 20.0  # and what may be saved up
KEYS = [0, FORWARD, FORWARD | LEFT, FORWARD | RIGHT, STRAFE_LEFT]


class Judge:
    """The server's rules in a few lines: inputs of its epoch, in order, that could be; else a correction."""

    def __init__(self, draw):
        self.draw = draw
        self.epoch = draw.randrange(256)
        self.input, self.x, self.y, self.reach = 0, 0, 0, REACH
        self.rooted = False
        self.speeds = Speeds()

    def take(self, inputs):
        """Oldest last, as they are sent."""
        for it in reversed(inputs):
            if it.epoch != self.epoch or it.number <= self.input:
                continue
            self.input = it.number
            yards = ((it.x - self.x) ** 2 + (it.y - self.y) ** 2) ** 0.5 / UNITS
            if yards > self.reach or (self.rooted and it.flags & GOING):
                self.place(self.x, self.y)
                return
            self.reach -= yards
            self.x, self.y = it.x, it.y

    def place(self, x, y):
        """A correction, or a teleport."""
        self.x, self.y, self.reach = x, y, REACH
        self.epoch = self.epoch + 1 & 0xFF

    def step(self, mischief):
        """Time passes; now and then something happens to the player."""
        self.reach = min(self.reach + FASTEST, REACH)
        if not mischief:
            self.rooted = False
            return
        chance = self.draw.random()
        if chance < 0.02:
            self.place(self.x + self.draw.randrange(-4000, 4000), self.y)
        elif chance < 0.04:
            self.rooted = not self.rooted
        elif chance < 0.06:
            self.speeds = Speeds(run=self.draw.choice([3.0, 7.0, 14.0]))

    def said(self):
        flags = ROOT if self.rooted else 0
        stance = Stance(self.x / UNITS, self.y / UNITS, 0.0, 0.0, flags)
        return Correction(self.epoch, self.input & 0xFFFF, stance, self.speeds)


class Pipe:
    """One way: each message is lost or late by chance."""

    def __init__(self, draw, loss, late):
        self.draw, self.loss, self.late = draw, loss, late
        self.waiting = []

    def send(self, now, message):
        if self.draw.random() >= self.loss:
            self.waiting.append((now + self.draw.randint(*self.late), message))

    def come(self, now):
        there = [message for at, message in self.waiting if at <= now]
        self.waiting = [(at, message) for at, message in self.waiting if at > now]
        return there


@given(
    seed=st.integers(0, 2**32),
    loss=st.sampled_from([0.0, 0.1, 0.4]),
    late=st.tuples(st.integers(0, 6), st.integers(0, 12)).map(sorted),
    cheats=st.booleans(),
)
def test_converges(seed, loss, late, cheats):
    draw = random.Random(seed)
    me, judge = Oneself(), Judge(draw)
    up, down = Pipe(draw, loss, late), Pipe(draw, loss, late)
    known, acked = -1, 0
    for now in range(STEPS + 80):
        wild = now < STEPS
        if not wild:
            up.loss = down.loss = 0.0
        judge.step(wild)
        down.send(now, (now, judge.said()))
        for version, said in down.come(now):
            if version > known:  # the state channel: an older version of a component is ignored
                known = version
                me.correct(said, now * 50)
                acked = me.number - ((me.number - said.input) & 0xFFFF)
        if me.ready:
            speeds, me.speeds = (
                me.speeds,
                Speeds(run=200.0) if cheats and wild and now % 40 == 7 else me.speeds,
            )
            me.step(Keys(draw.choice(KEYS) if wild else 0), now * 50)
            me.speeds = speeds
            if now % 2:
                up.send(now, me.since(acked, 8))
        for inputs in up.come(now):
            judge.take(inputs)
    assert me.epoch == judge.epoch
    newest = me.since(0, 1)[0]
    assert (newest.x, newest.y) == (judge.x, judge.y)
    assert me.at((STEPS + 100) * 50).x == me.stance.x
