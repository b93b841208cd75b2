"""What a journal came to, written down; and what the commands that look into journals say."""

import gzip
import json

import pytest
from click.testing import CliRunner

from bluemarble.sim.handlers import emote
from bluemarble.tools.console import main
from bluemarble.tools.replay import traces
from bluemarble.tools.replay.checkout import Checkout, Unusable
from bluemarble.wire import journal
from bluemarble.wire.errors import Malformed
from tests.journals.content import content
from tests.journals.planting import CONTENT
from tests.journals.record import HERE

TOWN = HERE / f"town{journal.SUFFIX}"
LAST = 240
TRAVEL = HERE / f"travel{journal.SUFFIX}"


def told(*words):
    done = CliRunner().invoke(main, ["replay", *map(str, words), "--content", CONTENT])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done.exit_code, done.output


@pytest.fixture(scope="module")
def town(tmp_path_factory):
    """The trace of a golden journal, as far as this file looks."""
    file = tmp_path_factory.mktemp("traces") / "town"
    assert traces.write(TOWN, file, content(), last=LAST) == LAST
    return file


def test_the_same_twice(town, tmp_path):
    assert told("trace", TOWN, tmp_path / "again", "--to", LAST)[0] == 0
    assert told("diff", TOWN, town, tmp_path / "again") == (
        0,
        "The same in every tick: what is said, and the state.\n",
    )
    lines = list(traces.read(town))
    assert [it["tick"] for it in lines[1:]] == list(range(1, LAST + 1))
    assert lines[0]["first"] == 0


def test_other_than_it_was(town, tmp_path, monkeypatch):
    """Two traces of two revisions: which tick, which player, which field."""
    monkeypatch.setitem(emote.BODY, 101, 4)
    traces.write(TOWN, tmp_path / "now", content(), last=LAST)
    status, said = told("diff", TOWN, town, tmp_path / "now")
    assert status == 1
    assert "They part in tick 235.\nWhat came in it:\n" in said
    assert (
        "  tick 235: Bob: SMSG_EMOTE to Ada, Cleo, Dora, Emil and 5 others, emote: 3 in A, 4 in B\n" in said
    )
    status, said = told("diff", TOWN, town, tmp_path / "now", "--json")
    found = json.loads(said)
    assert (status, found["tick"], found["differs"]) == (1, 235, True)
    assert found["differences"][1] == {
        "tick": 235,
        "player": "Bob",
        "where": "SMSG_EMOTE to Bob",
        "field": "emote",
        "one": 3,
        "other": 4,
    }
    assert "CMSG_TEXT_EMOTE" in {it["packet"] for it in found["inputs"]}


def test_a_handler_that_raises_now(town, tmp_path, monkeypatch):
    monkeypatch.setattr(emote, "BODY", None)
    traces.write(TOWN, tmp_path / "now", content(), last=LAST)
    status, said = told("diff", TOWN, town, tmp_path / "now")
    assert status == 1
    why = "CMSG_TEXT_EMOTE: AttributeError in sim/handlers/emote.py say: "
    why += "'NoneType' object has no attribute 'get'"
    assert f"what was raised: [] in A, [{json.dumps(why)}] in B" in said


def test_a_part(tmp_path):
    """From a tick to another; compared with a part that begins elsewhere, it is refused."""
    for name, first in (("a", 50), ("b", 51)):
        assert told("trace", TRAVEL, tmp_path / name, "--from", first, "--to", 60)[0] == 0
    ticks = [it.get("tick", it.get("first")) for it in traces.read(tmp_path / "a")]
    assert ticks == list(range(50, 61))
    status, said = told("diff", TRAVEL, tmp_path / "a", tmp_path / "b")
    assert (status, "are not traces of the same: first 50 and 51" in said) == (2, True)


def test_one_that_ends_before(town, tmp_path):
    traces.write(TOWN, tmp_path / "short", content(), last=100)
    status, said = told("diff", TOWN, town, tmp_path / "short")
    assert status == 1
    assert "tick 101: the journal's last tick: 101 in A, 'it had ended before' in B" in said


@pytest.mark.parametrize(
    "lines",
    [
        b"no json\n",
        b"[]\n",
        b"\xff\xfe\n",
        b'{"trace": 1, "journal": "x", "first": 0}\n{"tick": 1}\n',
        b'{"trace": 1, "journal": "x", "first": 0}\n7\n',
    ],
)
def test_no_trace(lines, tmp_path):
    """Bytes that are none, or part of one: a line, and no traceback."""
    for wrong in (lines, gzip.compress(lines), gzip.compress(lines * 500)[:-9]):
        (tmp_path / "no").write_bytes(wrong)
        with pytest.raises(Malformed):
            list(traces.read(tmp_path / "no"))
        status, said = told("diff", TOWN, tmp_path / "no", tmp_path / "no")
        assert (status, said.count("\n")) == (2, 1)


def test_flipped_bytes_and_lines_without_an_end(town, tmp_path, monkeypatch):
    """Behind the head of a gzip, which names no more than itself."""
    data = town.read_bytes()
    for at in range(40, len(data), len(data) // 40):
        (tmp_path / "no").write_bytes(data[:at] + bytes([data[at] ^ 0x55]) + data[at + 1 :])
        status, said = told("diff", TOWN, tmp_path / "no", town)
        assert (status, said.count("\n")) == (2, 1), said
    monkeypatch.setattr(traces, "LINE_LIMIT", 1000)
    (tmp_path / "no").write_bytes(gzip.compress(b'{"trace": 1}' + b" " * 5000))
    with pytest.raises(Malformed, match="line 1 has no end"):
        list(traces.read(tmp_path / "no"))


def test_look_where_no_tick_is():
    """What the journal has is told, however far it was run."""
    for tick in (30, 9999):
        status, said = told("show", TRAVEL, tick)
        assert (status, f"no tick {tick}: the journal has 41 to " in said) == (2, True), said
        assert not said.endswith("41 to 41\n")


def test_long_values_are_cut():
    lines = [told("show", TRAVEL, 60, *words)[1].splitlines() for words in ([], ["--all"])]
    assert max(map(len, lines[0])) < max(map(len, lines[1]))
    assert any("…" in it for it in lines[0]) and not any("…" in it for it in lines[1])


def test_look_at_a_tick():
    """What came, what was said, what became others; of one player, or of all."""
    status, said = told("show", TOWN, 235)
    assert status == 0
    assert "Tick 235.  What came:\n" in said
    assert "  Bob: CMSG_TEXT_EMOTE text_emote 101, emote 0, target " in said
    assert "SMSG_EMOTE to Ada, Cleo, Dora, Emil and 5 others: emote 3, guid 2\n" in said
    assert "  map 0, player Bob, spoken_ms: " in said
    status, said = told("show", TOWN, 235, "--player", "ada", "--json")
    seen = json.loads(said)
    assert status == 0
    assert {it["who"] for it in seen["inputs"]} <= {"Ada"}
    assert {it["player"] for it in seen["changes"]} <= {"Ada"}
    assert all(1 in it["to"] for it in seen["effects"] if it["effect"] == "Send")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([9999], "no tick 9999: the journal has 1 to 560"),
        ([5, "--player", "Zoe"], "nobody here is called Zoe"),
    ],
)
def test_no_such(words, why):
    status, said = told("show", TOWN, *words)
    assert (status, why in said) == (2, True)
    assert said.count("\n") == 1


def test_no_checkout(tmp_path, capfd):
    """A folder without our software is no checkout; a file that is no journal is refused by one."""
    with pytest.raises(Unusable, match=r"cannot run journals|is no checkout"):
        Checkout(tmp_path, CONTENT)
    capfd.readouterr()
    with Checkout(HERE.parents[1], CONTENT) as here:
        with pytest.raises(Unusable, match="not a journal"):
            here.ask("begin", file=__file__)
        with pytest.raises(Unusable, match="no journal has begun"):
            here.ask("advance")
        assert here.ask("begin", file=str(TOWN)) == {"tick": 0}
        here.restart()
        assert here.ask("outlive", file=str(TOWN)) == {"status": 0}


@pytest.mark.parametrize(
    "where", ["tests.journals.content:nothing", "no.such:thing", "os:getpid", "nonsense"]
)
def test_no_content(where):
    done = CliRunner().invoke(main, ["replay", "show", str(TOWN), "5", "--content", where])
    assert (done.exit_code, done.output.count("\n")) == (2, 1)
