"""One line of a handler is changed: `replay diff` says where that shows, `replay shrink` what it takes."""

import io
import json

import pytest
from click.testing import CliRunner

from bluemarble.tools.console import main
from bluemarble.tools.replay import tape
from bluemarble.tools.replay.checkout import Checkout
from bluemarble.tools.replay.comparing import verdict
from bluemarble.tools.replay.editing import cut
from bluemarble.tools.replay.failing import Differing, kind
from bluemarble.tools.replay.shrinking import Shrinking
from tests.journals.content import content
from tests.journals.crowd import INPUTS, SETTLED, crowd
from tests.journals.planting import CONTENT, ROOT, checkout

HANDLERS = "bluemarble/sim/handlers"
# A line, another one; whose field it shows in, and the fewest inputs that show it.
PLANTS = {
    "both flags": (
        f"{HANDLERS}/chat.py",
        "who.playerFlags = who.playerFlags & ~other | flag",
        "who.playerFlags = who.playerFlags | flag",
        "playerFlags",
        ["NMSG_ENTER_WORLD", "CMSG_MESSAGECHAT", "CMSG_MESSAGECHAT"],  # away, and then not to be disturbed
    ),
    "said to nobody": (
        f"{HANDLERS}/chat.py",
        "player.spoken_ms = until_ms + every_ms",
        "player.spoken_ms = until_ms + every_ms + 1",
        "spoken_ms",
        ["NMSG_ENTER_WORLD", "CMSG_MESSAGECHAT"],
    ),
    "once in a hundred": (
        f"{HANDLERS}/emote.py",
        "    101: 3,",
        "    101: 4,",
        "emote",
        ["NMSG_ENTER_WORLD", "CMSG_TEXT_EMOTE"],
    ),
}


@pytest.fixture(scope="module")
def recorded(tmp_path_factory):
    """A journal of ten thousand inputs."""
    file = tmp_path_factory.mktemp("crowd") / "crowd.bmj"
    file.write_bytes(crowd(1))
    assert len(tape.load(io.BytesIO(file.read_bytes())).atoms) == INPUTS
    return file


@pytest.fixture(scope="module")
def here():
    """This checkout, in a process of its own."""
    with Checkout(ROOT, CONTENT) as process:
        yield process


@pytest.mark.parametrize("name", PLANTS)
def test_a_planted_bug(recorded, here, tmp_path, name):
    """Named by tick, player and field; and of ten thousand inputs those are left that it takes."""
    file, line, instead, field, least = PLANTS[name]
    with Checkout(checkout(tmp_path / "other", file, line, instead), CONTENT) as other:
        found = verdict(here, other, recorded)
        assert found.tick == found.differences[0].tick > SETTLED
        assert found.differences[0].player in {it["who"] for it in found.one["inputs"]}
        assert any(it.field.endswith(field) for it in found.differences)

        whole, fails = (
            tape.load(io.BytesIO(recorded.read_bytes())),
            Differing(tmp_path / "tried.bmj", here, other),
        )
        left = Shrinking(whole, fails).run()
        assert [type(it.packet).__name__ for it in left.atoms] == least
        assert left.last <= len(least)
        (tmp_path / "small.bmj").write_bytes(tape.saved(left))
        again = verdict(here, other, tmp_path / "small.bmj")
        assert any(it.field.endswith(field) for it in again.differences)


def test_a_servers_next_file(recorded, here, tmp_path):
    """One that begins with a snapshot, as all but a server's first do: it goes, when it need not be there."""
    file, line, instead, field, _ = PLANTS["both flags"]
    whole = tape.load(io.BytesIO(recorded.read_bytes()))
    with recorded.open("rb") as source:
        next_ = cut(source, content(), 500, whole.last)
    (tmp_path / "next.bmj").write_bytes(tape.saved(next_))
    with Checkout(checkout(tmp_path / "other", file, line, instead), CONTENT) as other:
        found = verdict(here, other, tmp_path / "next.bmj")
        assert found.tick > 500
        fails = Differing(tmp_path / "tried.bmj", here, other)
        left = Shrinking(next_, fails).run()
        assert (left.snapshot, fails.fields) == (None, {kind(it) for it in found.differences})
        assert len(left.atoms) <= 3
        assert any(it.field.endswith(field) for it in verdict(here, other, tmp_path / "next.bmj").differences)


def told(*words):
    """What a command says, and its status."""
    done = CliRunner().invoke(main, ["replay", *map(str, words), "--content", CONTENT])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done.exit_code, done.output


def test_as_a_tester_does_it(recorded, tmp_path):
    """The commands, from ten thousand inputs to three."""
    file, line, instead, _, least = PLANTS["both flags"]
    other, small = checkout(tmp_path / "other", file, line, instead), tmp_path / "small.bmj"
    status, said = told("shrink", recorded, small, "--between", ROOT, other)
    assert (status, f"{len(least)} of {INPUTS} inputs, 3 of " in said) == (0, True), said
    status, said = told("diff", small, ROOT, other, "--json")
    found = json.loads(said)
    first = found["differences"][0]
    assert (status, found["tick"]) == (1, 3)
    assert first["player"] == found["inputs"][0]["who"]
    assert first["field"] == "fields.PLAYER_FLAGS"


@pytest.mark.parametrize(
    ("fails", "instead"), [("raises", "raise KeyError(message.target)"), ("dies", "__import__('os').abort()")]
)
def test_what_breaks(tmp_path, monkeypatch, fails, instead):
    """A handler that raises, one that takes the process with it: the fewest inputs that do it."""
    line = "said = SMSG_TEXT_EMOTE("
    when = f"if message.text_emote > 100 and message.target != player.guid:\n        {instead}"
    other = checkout(tmp_path / "other", f"{HANDLERS}/emote.py", line, f"{when}\n    {line}")
    monkeypatch.setattr("bluemarble.tools.replay.smaller.HERE", other)
    whole, small = tmp_path / "whole.bmj", tmp_path / "small.bmj"
    whole.write_bytes(crowd(2, 1000))
    status, said = told("shrink", whole, small, "--fails", fails)
    assert status == 0, said
    left = tape.load(io.BytesIO(small.read_bytes()))
    assert [type(it.packet).__name__ for it in left.atoms] == ["NMSG_ENTER_WORLD", "CMSG_TEXT_EMOTE"]
    status, said = told("diff", small, ROOT, other)
    if fails == "raises":
        assert (status, "CMSG_TEXT_EMOTE: KeyError in sim/handlers/emote.py say" in said) == (1, True)
    else:
        assert (status, "the process ended with status -6" in said) == (2, True)
