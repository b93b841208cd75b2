"""One line of a handler is changed: `replay diff` says where that shows, `replay shrink` what it takes."""

import contextlib
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


class Bench:
    """Checkouts with a plant in each, and processes that run them: each is started once for all tests."""

    def __init__(self, folder, stack):
        self.folder, self._stack = folder, stack
        self._processes = {}

    def path(self, name):
        """A checkout with that plant."""
        folder = self.folder / name
        return folder if folder.exists() else checkout(folder, *PLANTS[name][:3])

    def process(self, path, content=CONTENT):
        if path not in self._processes:
            self._processes[path] = self._stack.enter_context(Checkout(path, content))
        return self._processes[path]

    def both(self, name):
        return self.process(ROOT), self.process(self.path(name))

    @contextlib.contextmanager
    def lent(self, path, content):
        """As a Checkout that ends with a command; this one goes on."""
        yield self.process(path, content)


@pytest.fixture(scope="module")
def bench(tmp_path_factory):
    with contextlib.ExitStack() as stack:
        yield Bench(tmp_path_factory.mktemp("bench"), stack)


@pytest.mark.parametrize(("name", "seed"), [("both flags", 3), ("said to nobody", 4)])
def test_a_planted_bug(bench, tmp_path, name, seed):
    """Named by tick, player and field; and those inputs are left that it takes."""
    _, _, _, field, least = PLANTS[name]
    both, recorded = bench.both(name), tmp_path / "some.bmj"
    recorded.write_bytes(crowd(seed, 600))
    found = verdict(*both, recorded)
    assert found.tick == found.differences[0].tick >= SETTLED
    assert found.differences[0].player in {it["who"] for it in found.one["inputs"]}
    assert any(it.field.endswith(field) for it in found.differences)

    whole = tape.load(io.BytesIO(recorded.read_bytes()))
    left = Shrinking(whole, Differing(tmp_path / "tried.bmj", *both)).run()
    assert [type(it.packet).__name__ for it in left.atoms] == least
    assert left.last <= len(least)
    (tmp_path / "small.bmj").write_bytes(tape.saved(left))
    again = verdict(*both, tmp_path / "small.bmj")
    assert any(it.field.endswith(field) for it in again.differences)


def test_a_servers_next_file(bench, tmp_path):
    """One that begins with a snapshot, as all but a server's first do: it goes, when it need not be there."""
    both, field = bench.both("said to nobody"), PLANTS["said to nobody"][3]
    first = crowd(4, 600)
    next_ = cut(io.BytesIO(first), content(), 60, tape.load(io.BytesIO(first)).last)
    (tmp_path / "next.bmj").write_bytes(tape.saved(next_))
    found = verdict(*both, tmp_path / "next.bmj")
    assert found.tick > 60
    fails = Differing(tmp_path / "tried.bmj", *both)
    left = Shrinking(next_, fails).run()
    assert (left.snapshot, fails.fields) == (None, {kind(it) for it in found.differences})
    assert len(left.atoms) <= 3
    assert any(it.field.endswith(field) for it in verdict(*both, tmp_path / "next.bmj").differences)


def told(*words):
    """What a command says, and its status."""
    done = CliRunner().invoke(main, ["replay", *map(str, words), "--content", CONTENT])
    assert done.exception is None or isinstance(done.exception, SystemExit), done.output
    return done.exit_code, done.output


def test_as_a_tester_does_it(bench, tmp_path, monkeypatch):
    """The commands: of ten thousand inputs, one of which shows it, two are left, and tell what differs."""
    monkeypatch.setattr("bluemarble.tools.replay.smaller.Checkout", bench.lent)
    monkeypatch.setattr("bluemarble.tools.replay.meeting.Checkout", bench.lent)
    recorded, small = tmp_path / "crowd.bmj", tmp_path / "small.bmj"
    recorded.write_bytes(crowd(1))
    assert len(tape.load(io.BytesIO(recorded.read_bytes())).atoms) == INPUTS
    name = "once in a hundred"
    other, least = bench.path(name), PLANTS[name][4]
    status, said = told("shrink", recorded, small, "--between", ROOT, other)
    assert (status, f"{len(least)} of {INPUTS} inputs, " in said) == (0, True), said
    assert [type(it.packet).__name__ for it in tape.load(io.BytesIO(small.read_bytes())).atoms] == least
    status, said = told("diff", small, ROOT, other, "--json")
    found = json.loads(said)
    first = found["differences"][0]
    assert (status, found["tick"]) == (1, 2)
    assert first["player"] == found["inputs"][0]["who"]
    assert first["field"] == "emote"


@pytest.mark.parametrize(
    ("fails", "instead"), [("raises", "raise KeyError(message.target)"), ("dies", "__import__('os').abort()")]
)
def test_what_breaks(bench, tmp_path, monkeypatch, fails, instead):
    """A handler that raises, one that takes the process with it: the fewest inputs that do it."""
    line = "said = SMSG_TEXT_EMOTE("
    when = f"if message.text_emote > 100 and message.target != player.guid:\n        {instead}"
    other = checkout(tmp_path / "other", f"{HANDLERS}/emote.py", line, f"{when}\n    {line}")
    monkeypatch.setattr("bluemarble.tools.replay.smaller.HERE", other)
    monkeypatch.setattr("bluemarble.tools.replay.smaller.Checkout", bench.lent)
    monkeypatch.setattr("bluemarble.tools.replay.meeting.Checkout", bench.lent)
    whole, small = tmp_path / "whole.bmj", tmp_path / "small.bmj"
    whole.write_bytes(crowd(2, 300))
    status, said = told("shrink", whole, small, "--fails", fails)
    assert status == 0, said
    left = tape.load(io.BytesIO(small.read_bytes()))
    assert [type(it.packet).__name__ for it in left.atoms] == ["NMSG_ENTER_WORLD", "CMSG_TEXT_EMOTE"]
    status, said = told("diff", small, ROOT, other)
    if fails == "raises":
        assert (status, "CMSG_TEXT_EMOTE: KeyError in sim/handlers/emote.py say" in said) == (1, True)
    else:
        assert (status, "the process ended with status -6" in said) == (2, True)
