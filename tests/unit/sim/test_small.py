"""Timers, chance, packed times and levels."""

from datetime import UTC, datetime, timedelta

import pytest

from bluemarble.sim import growth
from bluemarble.sim.burst import packed_time
from bluemarble.sim.chance import Chance
from bluemarble.sim.effects import Save
from bluemarble.sim.rules import Rules
from bluemarble.sim.timers import Timers
from tests.integration.realm import Realm


def test_timers_in_order():
    timers = Timers()
    for at, guid in ((30, 1), (10, 2), (20, 3), (10, 4)):
        assert timers.put(at, 0, guid) == at
    assert [due.guid for due in timers.due(20)] == [2, 4, 3]
    assert [due.guid for due in timers.due(1000)] == [1]


def test_timers_put_meanwhile():
    timers = Timers()
    timers.put(10, 0, 1)
    seen = []
    for due in timers.due(50):
        seen.append(due.guid)
        if due.guid < 4:
            timers.put(10 + due.guid, 0, due.guid + 1)
    assert seen == [1, 2, 3, 4]


@pytest.mark.parametrize("name", ["save_interval_ms", "time_sync_ms"])
def test_what_comes_again_and_again_is_no_sooner_than_a_tick(name):
    """With an interval of nothing the first player's first alarm would never end."""
    with pytest.raises(ValueError, match="save_interval_ms, time_sync_ms: at least 50"):
        Rules(**{name: 49})
    realm = Realm(**{name: 50})
    realm.enter("Ada")
    realm.ticks(5)


def test_chance_is_the_published_generator():
    """PCG-XSH-RR with the reference's seed and stream begins with its published numbers' kind of spread."""
    chance = Chance(1)
    drawn = [chance.u32() for _ in range(10_000)]
    assert len(set(drawn)) > 9_990
    assert abs(sum(drawn) / len(drawn) / 2**32 - 0.5) < 0.01
    assert Chance(1).u32() == drawn[0]
    assert sum(chance.u32() % 6 == 0 for _ in range(6000)) == pytest.approx(1000, abs=120)


@pytest.mark.parametrize("days", [0, 1, 59, 60, 365, 366, 10_000, 20_412, 25_000])
def test_packed_time(days):
    """The date as datetime has it, for leap days and centuries too."""
    when = datetime(2000, 2, 28, 13, 45, tzinfo=UTC) + timedelta(days=days)
    packed = packed_time(int(when.timestamp()))
    assert (packed & 63, packed >> 6 & 31) == (45, 13)
    assert (packed >> 11 & 7) == (when.weekday() + 1) % 7
    assert (packed >> 14 & 63, packed >> 20 & 15) == (when.day - 1, when.month - 1)
    assert packed >> 24 & 31 == (when.year - 2000) % 32


def test_a_new_level_is_seen_and_saved():
    realm = Realm()
    ada, bob = realm.enter("Ada"), realm.enter("Bob")
    growth.reach(realm.zone(), ada.player, 12)
    realm.ticks()
    assert bob.objects[ada.guid][54] == 12
    assert ada.objects[ada.guid][32] == ada.objects[ada.guid][24] > 60
    assert realm.of(Save)[-1].writes[0].values["level"] == 12
    assert realm.world.society.members[ada.session].level == 12
    with pytest.raises(ValueError, match="81"):
        growth.reach(realm.zone(), ada.player, 81)


@pytest.mark.parametrize(
    "wrong",
    [
        {"sight_yards": 120.0},
        {"sight_leave_yards": 2000.0},
        {"sight_yards": float("nan")},
        {"yell_yards": 5000.0},
        {"creates_per_tick": 0},
    ],
)
def test_rules_that_make_no_sense(wrong):
    with pytest.raises(ValueError, match=next(iter(wrong))):
        Rules(**wrong)
