"""Journals made of journals: what is in them, and that they run."""

import io
import json

import pytest
from click.testing import CliRunner

from bluemarble.sim.handlers import emote
from bluemarble.tools.console import main
from bluemarble.tools.replay import editing, edits, rewriting, tape
from bluemarble.tools.replay.running import replay
from bluemarble.wire import journal
from opcodes.chat import CHAT_MSG_SAY, CHAT_MSG_WHISPER, CMSG_MESSAGECHAT
from opcodes.cluster import NMSG_ENTER_WORLD
from opcodes.links import NMSG_MOVES
from tests.journals import story
from tests.journals.content import content
from tests.journals.planting import CONTENT
from tests.journals.record import GOLDEN, HERE


def golden(name):
    return HERE / f"{name}{journal.SUFFIX}"


def told(*words, content=CONTENT):
    done = CliRunner().invoke(main, ["replay", *map(str, words), "--content", content])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done.exit_code, done.output


def edited(tmp_path, command, name, *words):
    """The tape that a command makes of a golden journal; it runs as it says it would."""
    out = tmp_path / f"{command}.bmj"
    status, said = (
        told(command, golden(name), *words[:1], out, *words[1:])
        if command == "merge"
        else told(command, golden(name), out, *words)
    )
    assert (status, said.count("\n")) == (0, 1), said
    result = replay(io.BytesIO(out.read_bytes()), content())
    made = tape.load(io.BytesIO(out.read_bytes()))
    assert (result.chained, result.faults, result.tick) == (result.ticks, 0, made.last)
    return made


def whole(name):
    return tape.load(io.BytesIO(golden(name).read_bytes()))


def kinds(it):
    return {type(atom.packet).__name__ for atom in it.atoms}


@pytest.mark.parametrize("name", GOLDEN)
def test_a_part_goes_on_as_the_whole_did(tmp_path, name):
    part = edited(tmp_path, "cut", name, "--from", 200, "--to", 400)
    assert (part.first, part.last) == (200, 400)
    assert part.atoms == [it for it in whole(name).atoms if 200 < it.tick <= 400]
    rest = edited(tmp_path, "cut", name, "--from", 200)
    states = [replay(io.BytesIO(tape.saved(it)), content()).state for it in (rest, whole(name))]
    assert states[0] == states[1]


def test_no_such_part(tmp_path):
    status, said = told("cut", golden("town"), tmp_path / "no.bmj", "--from", 300, "--to", 200)
    assert (status, "no ticks 300 to 200: the journal has 0 to 560" in said) == (2, True)
    assert list(tmp_path.iterdir()) == []


def test_a_part_of_what_is_too_long(tmp_path, monkeypatch):
    """What needs all inputs in memory refuses too many; a part can be cut of any length."""
    count = sum(it.tick <= 100 for it in whole("town").atoms)
    monkeypatch.setattr(tape, "INPUTS_LIMIT", count)
    status, said = told("filter", golden("town"), tmp_path / "no.bmj")
    assert (status, f"over {count} inputs: `bluemarble replay cut`" in said) == (2, True)
    assert told("cut", golden("town"), tmp_path / "part.bmj", "--to", 100)[0] == 0
    assert told("filter", tmp_path / "part.bmj", tmp_path / "same.bmj")[0] == 0
    assert told("cut", golden("town"), tmp_path / "end.bmj", "--from", 540)[0] == 0


def test_what_stops_leaves_nothing(tmp_path, monkeypatch):
    monkeypatch.setattr(editing, "stepped", lambda *_: 1 / 0)
    assert told("filter", golden("town"), tmp_path / "no.bmj")[0] == 2
    assert list(tmp_path.iterdir()) == []


def test_nothing_is_written_over_what_it_is_made_of(tmp_path):
    odd = tmp_path / "odd.bmj"
    odd.write_bytes(golden("town").read_bytes())
    (tmp_path / "link").symlink_to(odd)
    for words in (
        ["filter", odd, odd], ["cut", odd, tmp_path / "link"], ["merge", golden("crossing"), odd, odd],
        ["trace", odd, odd], ["shrink", odd, odd], ["run", odd, "--report", odd],
    ):  # fmt: skip
        status, said = told(*words)
        assert (status, "is what it is made of" in said) == (2, True), said
    assert odd.read_bytes() == golden("town").read_bytes()


def test_some_packets(tmp_path):
    """Those that are wanted, and what it takes to be there; what is unwanted is not, whatever it is."""
    chats = edited(tmp_path, "filter", "town", "--packet", "CMSG_MESSAGE*")
    told = {it for it in kinds(chats) if not it.startswith("NMSG_")}
    assert told == {"CMSG_MESSAGECHAT", "MSG_MOVE_TELEPORT_ACK"}
    assert "NMSG_ENTER_WORLD" in kinds(chats)
    none = edited(tmp_path, "filter", "crossing", "--without", "*MOVE*")
    assert not any("MOVE" in it for it in kinds(none))
    assert "CMSG_MESSAGECHAT" in kinds(none)


def test_some_players(tmp_path):
    """By name or session; on a map, or near a place of it."""
    some = edited(tmp_path, "filter", "crossing", "--player", "ada", "--player", "106")
    assert {it.session for it in some.atoms} <= {0, 1, 106}
    assert any(isinstance(it.packet, NMSG_MOVES) and it.session == 1 for it in some.atoms)
    away = edited(tmp_path, "filter", "travel", "--map", 1)
    assert {it.session for it in away.atoms} == {1, 0}
    near = edited(tmp_path, "filter", "town", "--map", 0, "--area", 100, 200, 30)
    all_ = edited(tmp_path, "filter", "town", "--map", 0)
    assert 0 < len(near.atoms) <= len(all_.atoms)
    assert edited(tmp_path, "filter", "town", "--map", 0, "--area", 9000, 9000, 5).atoms == []
    assert edited(tmp_path, "filter", "travel", "--from-the-start").snapshot is None


@pytest.mark.parametrize(
    ("words", "why"), [(["--player", "Zoe"], "nobody here is called Zoe"), (["--area", 1, 2, 3], "--map")]
)
def test_filters_that_mean_nothing(tmp_path, words, why):
    status, said = told("filter", golden("town"), tmp_path / "no.bmj", *words)
    assert (status, why in said) == (2, True)


def test_one_after_the_other(tmp_path):
    """A server's next file: its snapshot is where the first one was."""
    for name, words in (("a", ["--to", 300]), ("b", ["--from", 250])):
        assert told("cut", golden("crossing"), tmp_path / f"{name}.bmj", *words)[0] == 0
    status, _ = told("merge", tmp_path / "a.bmj", tmp_path / "b.bmj", tmp_path / "both.bmj")
    assert status == 0
    both, once = tape.load(io.BytesIO((tmp_path / "both.bmj").read_bytes())), whole("crossing")
    assert (both.atoms, both.last) == (once.atoms, once.last)
    results = [replay(io.BytesIO(tape.saved(it)), content()) for it in (both, once)]
    assert results[0].effects == results[1].effects


def test_side_by_side(tmp_path):
    """Who is in both is two: other sessions, guids, names and links, and everyone is there."""
    made = edited(tmp_path, "merge", "town", golden("crossing"))
    cast = made.cast()
    assert len(cast.names) == len({it.lower() for it in cast.names.values()}) == 20
    assert len(made.atoms) == len(whole("town").atoms) + len(whole("crossing").atoms)
    with pytest.raises(ValueError, match="one ends with tick 560, the other begins after 0"):
        rewriting.after(whole("town"), whole("crossing"))


@pytest.mark.parametrize("name", GOLDEN)
def test_nobody_is_known(tmp_path, name):
    """No name, no word, no account: and as much is done and said as before."""
    made = edited(tmp_path, "anonymise", name)
    data = b"".join(
        repr(atom.packet).encode() for atom in made.atoms if not isinstance(atom.packet, NMSG_MOVES)
    ).lower()
    for known in [*story.NAMES, "all is well", "hello", "back soon", "are you there"]:
        assert known.lower().encode() not in data
    opened = tape.from_the_start(whole(name))
    chats = [
        [it.packet.message for it in each.atoms if isinstance(it.packet, CMSG_MESSAGECHAT)]
        for each in (opened, made)
    ]
    assert [len(it.encode()) for it in chats[0]] == [len(it.encode()) for it in chats[1]]
    assert name != "travel" or ".tele camp" in chats[1]
    before, after = (replay(io.BytesIO(tape.saved(it)), content()) for it in (opened, made))
    assert (before.tick, before.faults) == (after.tick, after.faults)
    guids = sorted(it.packet.character.guid for it in made.atoms if isinstance(it.packet, NMSG_ENTER_WORLD))
    assert guids[-1] <= 10


def test_numbers_keep_their_order():
    atom = whole("town").atoms[0]
    character = atom.packet.character
    character.guid, character.account, character.social[0].friend = 70_000, 900, 12
    character.social[0].note = "Born in 1985, Málaga"
    (it,) = rewriting.anonymised(tape.Tape(whole("town").header, None, 0, 9, [atom]), bool).atoms
    made = it.packet.character
    assert (made.guid, made.account, made.social[0].friend) == (2, 1, 1)
    assert made.social[0].note == "xxxx xx 0000, xxxxxxx"
    assert made.name.startswith("Player")
    assert atom.packet.character.name == "Ada"  # the tape that was given is as it was


@pytest.mark.parametrize(
    ("said", "stays"),
    [
        (".tele camp", ".tele camp"),
        (".te camp", ".te camp"),
        (".tele Ada of 1200 Mill Lane", ".tele xxx xx 0000 xxxx xxxx"),
        (".capture begin BOSS7 pkt", ".capture begin xxxx0 pkt"),
        (".journal on 0", ".journal on 0"),
        (".gps", ".gps"),
        (" .save now please", " .save xxx xxxxxx"),
        (".account set password BOSS7 hunter2 hunter2", ".xxxxxxx xxx xxxxxxxx xxxx0 xxxxxx0 xxxxxx0"),
        ("... says Ada", "... xxxx xxx"),
    ],
)
def test_what_a_command_is_about(said, stays):
    """Whom a game master captures, and what only looks like a command, is nobody's affair."""
    it = whole("town")
    atom = tape.Atom(9, 1, CMSG_MESSAGECHAT(chat_type=CHAT_MSG_SAY, language=7, message=said))
    found = rewriting.anonymised(it._replace(atoms=[*it.atoms, atom]), lambda name: name == "camp")
    assert found.atoms[-1].packet.message == stays
    whisper = CMSG_MESSAGECHAT(chat_type=CHAT_MSG_WHISPER, language=7, target_player="Ada", message=said)
    found = rewriting.anonymised(it._replace(atoms=[*it.atoms, tape.Atom(9, 1, whisper)]), bool)
    assert found.atoms[-1].packet.message == rewriting.unreadable(said)


def test_who_runs_the_realm(tmp_path):
    """Its message of the day is no player's, but somebody's."""
    made = edited(tmp_path, "anonymise", "town")
    assert whole("town").header.rules["motd"] == ["Well met."]
    assert made.header.rules["motd"] == ["xxxx xxx."]


def test_to_another_content(tmp_path):
    """The same inputs in another world, which has nothing of the first but them."""
    out = tmp_path / "recast.bmj"
    status, said = told("recast", golden("travel"), out, content="bluemarble.sim.content:Content")
    assert status == 0, said
    assert told(out, content="bluemarble.sim.content:Content")[0] == 0
    assert told(out)[0] == 2


def test_kept(tmp_path, monkeypatch):
    """A test is made of it, unless it still raises."""
    status, said = told("keep", golden("town"), "some_name", "--checkout", tmp_path)
    assert status == 0, said
    kept = tmp_path / edits.REGRESSIONS / "some_name.bmj"
    assert told(kept, "--json")[0] == 0
    assert told("keep", golden("town"), "no/name", "--checkout", tmp_path)[0] == 2
    monkeypatch.setattr(emote, "BODY", None)
    status, said = told("keep", golden("town"), "broken", "--checkout", tmp_path)
    assert (status, "a handler raises: mend that first" in said) == (2, True)
    assert [it.name for it in kept.parent.iterdir()] == ["some_name.bmj"]
    assert json.loads(told("show", golden("town"), 235, "--json")[1])["faults"]
