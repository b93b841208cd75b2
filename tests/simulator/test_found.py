"""What simulations have found and was mended: it stays so, and they would find it again."""

import pytest

from bluemarble.servers.world import WorldService
from bluemarble.tools.simulator.datagrams import Weather
from bluemarble.tools.simulator.plan import Fault, Plan
from bluemarble.tools.simulator.simulation import simulate

RULES = {"save_interval_ms": 1_000, "logout_ms": 500, "linger_ms": 3_000}


def plan(seed, *faults, seconds=12.0):
    """Four clients over TCP, saved each second, on a quick network."""
    return Plan(
        seed=seed,
        bots=(0, 1, 2, 3),
        over_udp=frozenset(),
        faults=faults,
        seconds=seconds,
        settings={"rules": RULES, "world": {"player_limit": 0}},
        delay_s=0.001,
        jitter_s=0.0,
        split=0.0,
        weather=Weather(),
        database_s=0.0005,
    )


def stumbling(seed):
    """
    A database that fails once more, just as a server that starts writes the outage's journal.

    Its seventh statement is one of the journal's.
    """
    return plan(seed, Fault(0, 6.0, "stumble", 0, "characters", 0.61))


@pytest.mark.parametrize("old", [False, True])
def test_nobody_comes_in_before_the_journal_is_written(template, monkeypatch, old):
    """The server opened all the same: characters came in as they were before the outage, and stayed so."""

    async def recover(self):
        await self.behind.recover()

    if old:
        monkeypatch.setattr(WorldService, "_recover", recover)
    found = {it.name for seed in range(6) for it in simulate(stumbling(seed), template).findings[:1]}
    assert found == ({"characters enter as they were saved"} if old else set())
