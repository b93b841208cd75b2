"""A journal taken apart and put together: the same world comes of it."""

import io

import pytest

from bluemarble.tools.replay.running import replay
from bluemarble.tools.replay.tape import Atom, from_the_start, inputs, load, save, saved, split
from bluemarble.wire import journal
from opcodes.cluster import NMSG_ENTER_WORLD
from opcodes.links import NMSG_MOVES
from tests.journals.content import content
from tests.journals.record import GOLDEN, HERE


def golden(name):
    return (HERE / (name + journal.SUFFIX)).read_bytes()


@pytest.mark.parametrize("name", GOLDEN)
def test_the_same_again(name):
    data = golden(name)
    tape = load(io.BytesIO(data))
    whole, again = (replay(io.BytesIO(it), content()) for it in (data, saved(tape)))
    assert (again.tick, again.state, again.effects) == (whole.tick, whole.state, whole.effects)
    assert load(io.BytesIO(saved(tape))) == tape
    assert (tape.last, tape.first) == (whole.tick, GOLDEN[name][2])


def test_links_are_their_players():
    """Each record that came over a link is an input of whose link that is; together they are one packet."""
    tape = load(io.BytesIO(golden("crossing")))
    moves = [it for it in tape.atoms if isinstance(it.packet, NMSG_MOVES)]
    assert {len(it.packet.moves) for it in moves} == {24}
    assert {it.session for it in moves} >= {1, 2, 3, 4, 5, 6, 7, 8, 10}
    ticks = dict(inputs(moves))
    assert all(len(came) == 1 and came[0][0] == 0 for came in ticks.values())
    assert sum(len(came[0][1].moves) for came in ticks.values()) == 24 * len(moves)


def test_unknown_links_are_nobodys():
    atoms = list(split(5, 0, NMSG_MOVES(moves=bytes(50)), load(io.BytesIO(golden("town"))).cast()))
    assert [(it.session, len(it.packet.moves)) for it in atoms] == [(0, 24), (0, 24)]


def test_from_the_start():
    """Without the snapshot those who were in it come in, as they stood there."""
    tape = load(io.BytesIO(golden("travel")))
    assert tape.snapshot is not None
    opened = from_the_start(tape)
    assert (opened.snapshot, opened.first, opened.last) == (None, 0, tape.last + 100 - tape.first)
    came = [it for it in opened.atoms if it.tick == 1]
    assert [it.session for it in came] == [1, 2, 3, 4]
    assert all(isinstance(it.packet, NMSG_ENTER_WORLD) for it in came)
    assert opened.atoms[4:] == [it._replace(tick=it.tick + 60) for it in tape.atoms]
    assert from_the_start(opened) is opened
    result = replay(io.BytesIO(saved(opened)), content())
    assert result.faults == 0


def test_no_further():
    tape = load(io.BytesIO(golden("town")))
    some = tape.to(100)
    assert (some.last, max(it.tick for it in some.atoms) <= 100) == (100, True)
    out = io.BytesIO()
    save(some, out)
    assert replay(io.BytesIO(out.getvalue()), content()).tick == 100


def test_who_is_who():
    cast = load(io.BytesIO(golden("town"))).cast()
    assert cast.session(4) == "Dora"
    assert cast.session(106) == "Fay"  # taken over: another session, the same character
    assert (cast.session(0), cast.session(77)) == ("the server", "session 77")
    assert cast.sessions("fay") == {6, 106}
    assert cast.sessions("77") == {77}
    with pytest.raises(LookupError, match="nobody here is called Zoe; there are Ada, Bob, "):
        cast.sessions("Zoe")


def test_links_survive_a_split():
    """More than fits into one packet is several."""
    atoms = [Atom(1, 0, NMSG_MOVES(moves=bytes(24)))] * 50_000
    ((tick, came),) = inputs(atoms)
    assert (tick, [len(packet.moves) for _, packet in came]) == (1, [1048560, 1200000 - 1048560])
