"""`bluemarble replay run`: the same, or the first difference in fields; a page on it."""

import io
import json
import xml.etree.ElementTree as Tree

import pytest
from click.testing import CliRunner

from bluemarble.servers.chain import Linked
from bluemarble.sim import world as worlds
from bluemarble.sim.effects import Input
from bluemarble.sim.handlers import emote
from bluemarble.sim.world import World
from bluemarble.tools.console import main
from bluemarble.tools.replay import judging, report, watching
from bluemarble.tools.replay.running import replay
from bluemarble.tools.replay.watching import Place, Watching
from bluemarble.wire import journal
from opcodes.chat import CMSG_TEXT_EMOTE
from tests.journals import story
from tests.journals.content import content
from tests.journals.planting import CONTENT
from tests.journals.record import HERE, as_sent, header

TOWN = HERE / f"town{journal.SUFFIX}"
SNAPSHOTS = 60, 100


def run(*words):
    done = CliRunner().invoke(main, ["replay", *map(str, words), "--content", CONTENT])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done.exit_code, done.output


@pytest.fixture(scope="module")
def dance(tmp_path_factory):
    """Ada and Bob come, and in tick 80 Bob dances; with two snapshots on the way."""
    world, out, chain = World(content(), story.RULES, 5), io.BytesIO(), Linked()
    writer = journal.Writer(out, header(world))
    came = {1: [story.Walker(1).enter()], 3: [story.Walker(2).enter()]}
    came[80] = [Input(2, CMSG_TEXT_EMOTE(text_emote=34, emote=0, target=1))]
    for tick in range(1, 121):
        inputs = [as_sent(it) for it in came.get(tick, ())]
        writer.tick(tick, inputs)
        writer.chain(tick, chain.stepped(world, inputs, world.step(inputs)))
        if tick in SNAPSHOTS:
            writer.snapshot(journal.Snapshot(tick, world.snapshot(), chain.link))
    writer.flush()
    file = tmp_path_factory.mktemp("dance") / "dance.bmj"
    file.write_bytes(out.getvalue())
    return file


def test_the_same(dance):
    status, said = run(dance)
    assert status == 0
    assert said.endswith("Equal: what is said, and the state, wherever the journal tells of them.\n")
    status, said = run("run", dance, "--json", "--from", 70, "--to", 90)
    found = json.loads(said)
    assert (status, found["status"]) == (0, "same")
    assert (found["tick"], found["ticks"], found["chained"]) == (90, 30, 30)


def test_the_first_difference_in_fields(dance, monkeypatch, tmp_path):
    """The tick as it is here, and where the next snapshot has something else: whose, and which field."""
    monkeypatch.setitem(emote.BODY, 34, 3)
    status, said = run(dance, "--report", tmp_path / "page.html")
    assert status == 1
    assert said.startswith("Error: what came of tick 80 is not what was recorded\nAs it is here:\nTick 80.")
    assert "  Bob: CMSG_TEXT_EMOTE text_emote 34, emote 0, target 1\n" in said
    assert "  SMSG_EMOTE to Ada: emote 3, guid 2\n" in said
    where = "map 0, player Bob, fields.UNIT_NPC_EMOTESTATE: 10 in the snapshot, '(nothing)' in this"
    assert f"The snapshot of tick 100, and what is here by then:\n  tick 100: {where}\n" in said
    status, said = run(dance, "--json")
    found = json.loads(said)
    assert (status, found["status"], found["tick"], found["snapshot"]) == (1, "differs", 80, 100)
    assert found["differences"][0]["player"] == "Bob"
    assert "what came of tick 80 is not what was recorded" in (tmp_path / "page.html").read_text()


def test_a_difference_that_has_gone_again(dance, monkeypatch):
    """What was said is another, and nothing came of it; or no snapshot is there to tell."""
    monkeypatch.setitem(emote.BODY, 34, 3)
    monkeypatch.setattr(
        judging,
        "differing",
        lambda file, content, tick, first: {"tick": tick, "here": None, "snapshot": 100, "differences": []},
    )
    assert "The snapshot of tick 100 is as the world is here by then." in run(dance)[1]
    monkeypatch.undo()
    monkeypatch.setitem(emote.BODY, 101, 4)
    assert "No snapshot of the file is later: `replay diff` with the software " in run(TOWN)[1]


def test_a_handler_raises(dance, monkeypatch):
    """As it may have when it was recorded: another status, and what was raised."""
    monkeypatch.setattr(emote, "BODY", None)
    monkeypatch.setattr(journal.Reader, "__iter__", unchained(journal.Reader.__iter__))
    status, said = run(dance)
    assert status == 3
    assert "  tick 80: CMSG_TEXT_EMOTE: AttributeError in sim/handlers/emote.py say: 'None" in said


def unchained(right):
    """A journal without a chain."""

    def iterate(reader):
        return (it for it in right(reader) if not isinstance(it, journal.Chain))

    return iterate


def test_the_step_raises(dance, monkeypatch, tmp_path):
    """Not a handler: what ended a server ends no replay."""
    step = worlds.Society.step

    def breaks(society, inputs):
        if society.now_ms == 4450:
            raise ZeroDivisionError("by nought")
        return step(society, inputs)

    monkeypatch.setattr(worlds.Society, "step", breaks)
    status, said = run(dance, "--report", tmp_path / "page.html")
    assert status == 3
    assert said.startswith("Error: the step of tick 90 raised, which ends a server\n  tick 90: the step: ")
    assert json.loads(run(dance, "--json")[1])["tick"] == 90
    assert "ZeroDivisionError" in (tmp_path / "page.html").read_text()


def test_it_cannot_be_run(tmp_path, dance):
    """Other content is not another outcome: status 2, and what differs."""
    done = CliRunner().invoke(main, ["replay", str(dance), "--content", "bluemarble.sim.content:Content"])
    assert (done.exit_code, done.output.startswith("Error: recorded on content ")) == (2, True)
    (tmp_path / "cut.bmj").write_bytes(dance.read_bytes()[:-40])
    status, said = run(tmp_path / "cut.bmj")
    assert (status, "The journal was cut: " in said) == (0, True)


@pytest.mark.parametrize("name", ["town", "travel", "crossing"])
def test_a_page(tmp_path, name):
    """Its plots are whole, it loads nothing, and everyone who came is on it."""
    assert run(HERE / f"{name}.bmj", "--report", tmp_path / "page.html")[0] == 0
    text = (tmp_path / "page.html").read_text()
    assert "<script" not in text
    assert "http" not in text
    plots = [it.partition("</svg>")[0] + "</svg>" for it in text.split("<svg")[1:]]
    assert len(plots) >= 4
    for plot in plots:
        root = Tree.fromstring("<svg" + plot)
        left, top, wide, high = map(float, root.get("viewBox").split())
        points = [p for line in root.iter("polyline") for p in line.get("points").split()]
        for x, y in (map(float, it.split(",")) for it in points):
            assert left <= x <= left + wide
            assert top <= y <= top + high
    for who in ("Ada", "Bob", "Dora"):
        assert f"<td>{who}</td>" in text
        assert f"<title>{who}: ticks " in text
    assert "<td>CMSG_MESSAGECHAT</td>" in text


def test_names_are_no_html():
    seen = Watching()
    seen.cast.names[5] = "<script>"
    seen.ways[0, 5] = [Place(1, 0.0, 0.0), Place(9, 5.0, 5.0)]
    text = report.page("a<b", "c<d", False, {"e<f": "g<h"}, seen, 5)
    assert "<script" not in text
    assert "&lt;script&gt;" in text
    assert not any(it in text for it in ("a<b", "c<d", "e<f", "g<h"))


def test_long_ways_are_thinned(monkeypatch):
    """However long a journal is, a page is not."""
    monkeypatch.setattr(watching, "PLACES_LIMIT", 40)
    seen = Watching()
    replay(io.BytesIO(TOWN.read_bytes()), content(), watch=seen)
    assert sum(map(len, seen.ways.values())) <= 60
    assert len(seen.seconds) == 28
    assert sum(it.inputs for it in seen.seconds) == seen.inputs.total() == seen.by.total()
    assert max(it.players for it in seen.seconds) == 10
