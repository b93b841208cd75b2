"""What bench/journal.py sees in a journal, how its players walk, and what the table says of budgets."""

from pathlib import Path

from bench import table
from bench.budgets import BUDGETS
from bench.journal import EVERY_TICKS, STEP_YARDS, TURNS, Walkers, longest_cut_ms, looked_at
from bluemarble.sim.effects import Count
from bluemarble.sim.rules import Rules
from bluemarble.sim.world import World
from bluemarble.wire.blocks import RECORDS, SNAPSHOT
from bluemarble.wire.journal import Block
from tests.journals.content import content

TRAVEL = Path(__file__).parents[2] / "journals" / "travel.bmj"


def test_looked_at():
    """Links of every tick, inputs, sizes; the snapshot that it begins with counts."""
    found = looked_at(TRAVEL)
    assert (found["links"], found["snapshots"]) == (490, 1)
    assert found["inputs"] > 50
    assert found["bytes"] == TRAVEL.stat().st_size < found["bytes_unpacked"]
    assert found["longest_cut_ms"] == 2500  # those of the tests are written each 50 ticks


def test_the_longest_block():
    """Snapshots have no length."""
    heads = [Block(RECORDS, 1, 20, 0, 0, 0, 0), Block(SNAPSHOT, 500, 500, 0, 0, 0, 0)]
    assert longest_cut_ms(heads) == 1000
    assert longest_cut_ms(heads[1:]) == longest_cut_ms([]) == 0


def test_the_walkers():
    """All come in, and walk as players may."""
    world, walkers, counted = World(content(), Rules(), 1), Walkers(70), set()
    for tick in range(2):
        world.step(walkers.enter(tick))
    for _ in range(EVERY_TICKS):  # until their clients have their own characters
        world.step(walkers.walk(world.tick))
    for _ in range(5 * EVERY_TICKS):
        counted |= {it.what for it in world.step(walkers.walk(world.tick)) if isinstance(it, Count)}
    assert len(world.zones[0].players) == 70
    assert not world.faults
    assert not {it for it in counted if it.startswith("move_")}
    assert {it.x - x for it, (x, _) in zip(world.zones[0].players.values(), walkers.places, strict=True)} == {
        0.0,
        STEP_YARDS,
    }


def test_turns():
    """As often on as off, and neither earlier than the other on the whole."""
    on = [at for at, turn in enumerate(TURNS) if turn == "on"]
    assert sum(on) * 2 == sum(range(len(TURNS)))
    assert len(on) * 2 == len(TURNS)


def test_words_for_all():
    """Every budget is a line of the table, and none is without."""
    assert {f"{name}.{key}" for name, keys in BUDGETS.items() for key in keys} == set(table.WORDS)
