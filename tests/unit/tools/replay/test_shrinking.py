"""Making journals small: what is left fails, and cannot spare any of its inputs."""

import random

import pytest

from bluemarble.sim.world import World
from bluemarble.tools.replay.shrinking import NeverFailed, Shrinking
from bluemarble.tools.replay.tape import Atom, Tape
from opcodes.cluster import NMSG_CLOCK, NMSG_DISCONNECTED
from tests.journals import story
from tests.journals.content import content
from tests.journals.record import header

HEADER = header(World(content(), story.RULES, 1))


def tape(atoms, last):
    return Tape(HEADER, None, 0, last, atoms)


def tens(count, sessions=9):
    """Inputs whose numbers are their places, three a tick."""
    return tape(
        [Atom(1 + n // 3, n % sessions, NMSG_CLOCK(latency_ms=n, offset_ms=0)) for n in range(count)],
        count,
    )


def numbers(it):
    return [atom.packet.latency_ms for atom in it.atoms]


@pytest.mark.parametrize("seed", range(8))
def test_what_it_takes(seed):
    """Whatever inputs it takes, those are left, in their order; it ends with the last of them."""
    needed = sorted(random.Random(seed).sample(range(1000), 1 + seed))

    def fails(it):
        there = [n for n in numbers(it) if n in needed]
        return max(a.tick for a in it.atoms if a.packet.latency_ms in needed) if there == needed else None

    shrinking = Shrinking(tens(1000), fails)
    left = shrinking.run()
    assert numbers(left) == needed
    assert len({it.tick for it in left.atoms}) == left.last == left.atoms[-1].tick
    assert shrinking.tried < 60 + 30 * len(needed)


def test_any_of_some():
    """Where one of several will do, one is left."""
    left = Shrinking(tens(300), lambda it: it.last if {17, 150, 299} & {*numbers(it)} else None).run()
    assert len(left.atoms) == 1


@pytest.mark.parametrize("pause", [1, 2, 7, 60])
def test_the_time_it_takes(pause):
    """Where so much time must pass between two inputs, no more passes."""

    def fails(it):
        ticks = {atom.packet.latency_ms: atom.tick for atom in it.atoms}
        first, then = ticks.get(3), ticks.get(280)
        return then if first is not None and then is not None and then - first >= pause else None

    left = Shrinking(tens(300), fails).run()
    assert numbers(left) == [3, 280]
    assert [it.tick for it in left.atoms] == [1, 1 + pause]


def test_what_comes_of_time_alone():
    """It takes one input and forty ticks after it; or none at all, only time."""

    def fails(it):
        first = next((atom.tick for atom in it.atoms if atom.packet.latency_ms == 3), None)
        return first + 40 if first is not None and it.last >= first + 40 else None

    left = Shrinking(tens(300), fails).run()
    assert (numbers(left), left.atoms[0].tick, left.last) == ([3], 1, 41)
    left = Shrinking(tens(300), lambda it: 25 if it.last >= 25 else None).run()
    assert (left.atoms, left.last) == ([], 25)


def test_a_session_that_never_failed():
    with pytest.raises(NeverFailed):
        Shrinking(tens(30), lambda it: None).run()


def test_those_who_need_not_be_there_go_first():
    """Whole sessions go before single inputs: a crowd costs few trials."""
    atoms = [Atom(1 + n, n % 50, NMSG_DISCONNECTED()) for n in range(5000)]

    def fails(it):
        sessions = [atom.session for atom in it.atoms]
        return it.last if sessions.count(7) >= 2 else None

    told = []
    shrinking = Shrinking(tape(atoms, 5000), fails, lambda what, tried, left: told.append((what, left)))
    assert [it.session for it in shrinking.run().atoms] == [7, 7]
    assert min(left for what, left in told if what == "sessions") <= 100
    assert shrinking.tried < 100
