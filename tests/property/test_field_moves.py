"""What clients may do: the field's verdicts beside the rules for TCP players, and each rule by itself."""

import random
import struct

import pytest

from bluemarble.native import field as native
from bluemarble.native.interest import Interest
from bluemarble.sim import reach
from bluemarble.sim.entity import FLIGHT, RUN, SWIM, WALK
from bluemarble.sim.rules import Rules
from opcodes.movement import FALLING, FLYING, FORWARD, SWIMMING

pytestmark = pytest.mark.native
RECORD = struct.Struct("<IHHHBBiii")
CID = 0x12345
TAKEN, UNKNOWN, EPOCH, OLD, MANY, OFF_MAP, ROOTED, TOO_FAST = range(8)


class Walker:
    """A steered mover at 0, 0, and how its inputs fare."""

    def __init__(self, **rules):
        self.field = native.Field(**rules)
        self.field.put(0, native.PLAYER, 0.0, 0.0, 0.0)
        self.field.bind(CID, 0, 0)
        self.tick, self.now_ms, self.at = 0, 0, (0, 0, 0)

    def record(self, at, flags=FORWARD, *, cid=CID, epoch=None, later=1):
        self.tick += later
        epoch = self.field.read(0).epoch if epoch is None else epoch
        return RECORD.pack(cid, self.tick & 0xFFFF, native.packed(flags), 0, epoch, 0, *at)

    def says(self, at, flags=FORWARD, **rest):
        """One input: the reason it was refused for, or 0."""
        return self.field.moves(self.record(at, flags, **rest), self.now_ms).index(1)

    def step(self, ms=50):
        self.now_ms += ms
        self.field.step(self.tick, self.now_ms)


class Legacy:
    """What sim/reach.py asks of a player and its message."""

    def __init__(self, speeds):
        self.speeds = speeds
        self.x = self.y = self.z = 0.0
        self.flags = 0


@pytest.mark.parametrize("seed", range(4))
def test_the_rules_of_tcp(seed):
    """A wild walk: every move is taken, or refused, by both."""
    chance, rules, walker = random.Random(seed), Rules(), Walker()
    speeds = [0.0] * 9
    speeds[RUN], speeds[WALK], speeds[SWIM], speeds[FLIGHT] = 7.0, 2.5, 5.0, 10.0
    walker.field.speeds(0, 7.0, 2.5, 5.0, 10.0)
    player, verdicts = Legacy(speeds), []
    reach.refill(rules, player, 0)
    for _ in range(1500):
        walker.step(50 * chance.choice([1, 1, 1, 2, 10]))
        scale = chance.choice([20, 30, 300, 1000])
        way = [chance.randrange(-scale, scale + 1) for _ in range(2)]
        way.append(chance.choice([0, 0, chance.randrange(-scale, scale)]))
        message = Legacy(None)
        message.flags = chance.choice([FORWARD, FALLING, SWIMMING, FLYING])
        at = [round(v * 64) + w for v, w in zip((player.x, player.y, player.z), way, strict=True)]
        message.x, message.y, message.z = (v / 64 for v in at)
        fine = reach.spend(rules, player, message, walker.now_ms)
        assert (walker.says(at, message.flags) == TAKEN) == fine
        verdicts.append(fine)
        if fine:
            player.x, player.y, player.z = message.x, message.y, message.z
        assert walker.field.read(0)[:3] == (player.x, player.y, player.z)
    assert 300 < sum(verdicts) < 1200


def test_taken():
    """Place, facing, flags and speed are the input's; the field sees it in the next step."""
    it = Walker()
    it.step()
    assert it.says((22, 0, 0)) == TAKEN
    mover = it.field.read(0)
    assert (mover.x, mover.flags, mover.speed, mover.input, mover.epoch) == (22 / 64, FORWARD, 7.0, 1, 0)
    assert it.field.moved() == [0]  # it was put
    it.step()
    assert it.field.moved() == it.field.shown() == [0]
    it.step()
    assert it.field.moved() == it.field.shown() == []


@pytest.mark.parametrize(
    ("at", "flags", "reason"),
    [
        ((17_066 * 64 + 1, 0, 0), FORWARD, OFF_MAP),
        ((0, -17_066 * 64 - 1, 0), FORWARD, OFF_MAP),
        ((0, 0, 5_001 * 64), FORWARD, OFF_MAP),
        ((-(2**31), 2**31 - 1, 0), 0, OFF_MAP),
        ((31 * 64, 0, 0), FORWARD, TOO_FAST),
        ((0, 0, 6 * 64), FORWARD, TOO_FAST),
        ((0, 0, -35 * 64), FALLING, TOO_FAST),
    ],
)
def test_refused(at, flags, reason):
    """It changes nothing but the epoch; the client is corrected, and what it sent before is not looked at."""
    it = Walker()
    it.step()
    before = it.field.read(0)
    late = it.record((1, 0, 0))
    assert it.says(at, flags) == reason
    assert it.field.read(0) == before._replace(epoch=1)
    assert it.field.moves(late, it.now_ms)[EPOCH] == 1
    it.step()
    assert it.field.corrections() == [0]
    it.step()
    assert it.field.corrections() == []
    assert it.says((1, 0, 0)) == TAKEN


def test_old_ones_and_too_many():
    """An input is taken once, in order, and eight of a mover in a tick."""
    it = Walker()
    it.step()
    sent = [it.record((v, 0, 0)) for v in range(1, 12)]
    assert it.field.moves(sent[1] + sent[1] + sent[0], it.now_ms)[: MANY + 1] == [1, 0, 0, 2, 0]
    counts = it.field.moves(b"".join(sent), it.now_ms)
    assert (counts[TAKEN], counts[OLD], counts[MANY]) == (7, 2, 2)
    it.step()
    assert it.field.moves(b"".join(sent), it.now_ms)[TAKEN] == 2
    it.tick += 40_000
    assert it.says((12, 0, 0)) == OLD


def test_whose():
    """Inputs of connections that are not bound, or are no more, are skipped."""
    it = Walker()
    assert it.says((1, 0, 0), cid=CID + 1) == UNKNOWN
    assert it.says((1, 0, 0), cid=CID + (1 << 14)) == UNKNOWN
    assert it.says((1, 0, 0), cid=0) == UNKNOWN
    it.field.put(1, native.PLAYER, 0.0, 0.0, 0.0)
    it.field.bind(CID + (1 << 14), 1, 0)  # the same link, a generation later
    assert it.says((1, 0, 0)) == UNKNOWN
    it.field.bind(CID, 0, 0)
    it.field.unbind(CID + 7)
    assert it.says((1, 0, 0)) == TAKEN
    it.field.unbind(CID)
    assert it.says((2, 0, 0)) == UNKNOWN
    assert it.field.read(0).x == 1 / 64
    with pytest.raises(ValueError, match="out of range"):
        it.field.moves(b"1234567", 0)


def test_binding_again_pays_nothing():
    """A new link does not give its player another thirty yards."""
    it = Walker()
    it.step()
    assert it.says((29 * 64, 0, 0)) == TAKEN
    it.field.unbind(CID)
    it.field.bind(CID, 0, it.now_ms)
    assert it.says((58 * 64, 0, 0)) == TOO_FAST


def test_rooted():
    """Who is held may turn and fall silent, and no more."""
    it = Walker()
    it.step()
    it.field.root(0, True)
    assert it.field.read(0).epoch == 1
    assert it.says((0, 0, 0), 0) == TAKEN
    assert it.field.read(0).flags == 0x800
    assert it.says((0, 0, 0), FORWARD) == ROOTED
    assert it.says((1, 0, 0), 0) == ROOTED
    it.field.root(0, False)
    assert it.says((1, 0, 0)) == TAKEN
    assert it.field.read(0).flags == FORWARD


def test_placed():
    """A teleport has a new epoch and full buckets; so has a put of one who is steered."""
    it = Walker()
    it.step()
    assert it.says((29 * 64, 0, 0)) == TAKEN
    it.field.place(0, 100.0, 0.0, 0.0, 1.0, it.now_ms)
    assert it.says((129 * 64, 0, 0)) == TAKEN
    it.field.put(0, native.PLAYER, 200.0, 0.0, 0.0)
    assert it.field.read(0).epoch == 2
    assert it.says((229 * 64, 0, 0), epoch=1) == EPOCH
    assert it.says((229 * 64, 0, 0)) == TAKEN


def test_flying_is_given():
    """The flag does not stand, nor the speed of flight count, where there is none."""
    it = Walker()
    it.step()
    assert it.says((1, 0, 0), FORWARD | FLYING) == TAKEN
    assert it.field.read(0).flags == FORWARD
    it.field.speeds(0, 7.0, 2.5, 4.7, 100.0)
    for tick in range(1, 5):
        it.step(1000)
        assert it.says((1 + tick * 6400, 0, 0), FORWARD | FLYING) == TAKEN
    assert it.field.read(0).flags == FORWARD | FLYING


def test_shown():
    """Watchers over TCP hear of changed flags, of turns over five degrees, and each half second of moving."""
    it = Walker()
    heard, at = [], 0
    for tick in range(40):
        if tick < 25:
            at += 22
        flags, angle = (FORWARD if tick < 25 else 0), (1000 if tick >= 30 else 900 if tick >= 28 else 0)
        it.tick += 1
        it.field.moves(RECORD.pack(CID, it.tick, flags, angle, 0, 0, at, 0, 0), it.now_ms)
        it.step()
        if it.field.shown():
            heard.append(tick)
    assert heard == [0, 10, 20, 25, 30]


def test_the_still():
    """Who says that it stands is heard in every tick, and shown once more where it came to a stand."""
    it, heard = Walker(), []
    for tick in range(40):
        assert it.says((0 if tick < 3 else 22, 0, 0), 0) == TAKEN
        it.step()
        if it.field.shown():
            heard.append(it.now_ms)
    assert heard == [500]


def test_crossed():
    """Whoever comes within reach of other grids than before."""
    it = Walker(reach_yards=100.0)
    it.step()
    crossed = []
    for yards in range(0, 1200, 10):
        it.step(2000)
        assert it.says((yards * 64, 0, 0)) == TAKEN
        it.step()
        if it.field.crossed():
            crossed.append(yards)
    assert crossed == [100, 440, 640, 970, 1170]  # 0, 533.33 and 1066.67, a hundred before and after


def test_followed():
    """The interest grid hears of the steered that moved, once."""
    it, interest = Walker(), Interest()
    it.field.put(1, native.CREATURE, 3.0, 0.0, 0.0)
    it.step()
    it.field.follow(interest)
    assert interest.near(0, 0, 50) == [0]
    interest.drop(0)
    it.step()
    it.field.follow(interest)
    assert interest.near(0, 0, 50) == []
    assert it.says((64, 0, 0)) == TAKEN
    it.step()
    it.field.follow(interest)
    assert interest.near(1, 0, 0.01) == [0]


def test_walks():
    """A leg is where it is by now; it arrives, and can be halted."""
    field = native.Field()
    field.put(3, native.CREATURE, 0.0, 0.0, 0.0)
    field.walk(3, (0.0, 0.0, 0.0), (0.0, 10.0, 5.0), 1_000, 3_000)
    for now_ms, y in ((500, 0.0), (1_500, 2.5), (2_999, 9.984375)):
        field.step(now_ms // 50, now_ms)
        mover = field.read(3)
        assert (mover.y, mover.flags, mover.speed) == (y, FORWARD, 5.5)
        assert mover.facing == pytest.approx(1.5708, abs=0.01)
    field.step(60, 3_000)
    assert field.read(3)[:3] == (0.0, 10.0, 5.0)
    assert field.read(3).speed == field.read(3).flags == 0
    field.step(61, 3_050)
    assert field.moved() == []
    field.walk(3, (0.0, 10.0, 5.0), (100.0, 10.0, 5.0), 3_050, 23_050)
    field.step(62, 4_050)
    field.halt(3)
    field.step(63, 5_050)
    assert field.read(3)[:3] == (5.0, 10.0, 5.0)
    field.bind(1, 3, 0)
    with pytest.raises(ValueError, match="out of range"):
        field.walk(3, (0.0, 0.0, 0.0), (1.0, 0.0, 0.0), 0, 10)
