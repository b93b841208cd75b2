"""The journal of a running server, switched on and off by staff in chat and by the socket in its folder."""

import json

import pytest
from click.testing import CliRunner
from twisted.internet.testing import StringTransport

from bluemarble.servers.control import LINE_LIMIT_BYTES, TIMEOUT_S, Control, path_of
from bluemarble.servers.freezing import Inline
from bluemarble.tools.console import main
from bluemarble.tools.replay.running import replay
from opcodes.chat import CHAT_MSG_SAY, CMSG_MESSAGECHAT, SMSG_MESSAGECHAT
from tests.integration.sockets import listening


def typed(client, line):
    """What the chat window answers."""
    client.forget()
    client.send(CMSG_MESSAGECHAT(chat_type=CHAT_MSG_SAY, language=7, message=line))
    client.house.ticks(2)
    return [it.message for it in client.got(SMSG_MESSAGECHAT)]


def asked(house, line):
    """What the socket answers, and whether it hung up."""
    talk = house.control.buildProtocol(None)
    talk.callLater = house.clock.callLater
    line_ = StringTransport()
    talk.makeConnection(line_)
    talk.dataReceived(line)
    return line_.value() and json.loads(line_.value()), line_.disconnecting


@pytest.fixture
def house(house):
    house.world.journals.freezes = Inline
    ((path, factory, *_),) = house.clock.unixServers
    assert path == str(path_of(house.config.path(".").absolute(), 1))
    assert isinstance(factory, Control)
    house.control = factory
    return house


def test_by_staff(house, tmp_path):
    """On in the middle of it all, off, and on again: two journals, each replays to its end."""
    ada, bob = house.player("ADA", level=3), house.player("BOB", level=2)
    (said,) = typed(bob, ".journal on")
    assert said == "There is no such command."
    assert typed(ada, ".journal status") == ["The journal is off."]
    for _ in range(2):
        (said,) = typed(ada, ".journal on")
        assert said == "The journal is on, and begins as soon as its first snapshot is made."
        house.seconds(3)
        (said,) = typed(ada, ".journal")
        assert said == "journal on [MAP], journal off [MAP] or journal status"
        (said,) = typed(ada, ".journal on")
        assert said.startswith(f"The journal is on: {tmp_path}/") and said.endswith(" bytes.")
        assert typed(ada, ".journal off") == ["The journal is off."]
        house.seconds(1)
    files = sorted((tmp_path / "journals").iterdir())
    assert len(files) == 2
    for file in files:
        with file.open("rb") as source:
            result = replay(source, house.world.world.content)
        assert result.chained == result.ticks > 60
        assert result.compared > 2


def test_by_the_socket(house, tmp_path):
    """The same, for whoever has the server's folder."""
    answer, over = asked(house, b"journal on\n")
    assert (answer["done"], over) == (True, True)
    house.ticks(2)
    answer, _ = asked(house, b"journal status\r\n")
    assert answer == {"done": True, "said": house.world.journals.told()}
    maps = ", ".join(map(str, sorted(house.world.world.content.maps)))
    for line, why in (
        (b"\n", "no such order; there are: capture, journal"),
        (b"nonsense on\n", "no such order; there are: capture, journal"),
        (b"journal\n", "journal on [MAP], journal off [MAP] or journal status"),
        (
            b"journal on 12345\n",
            f"journal on [MAP], journal off [MAP] or journal status; there are the maps {maps}",
        ),
        (b"\xff\n", "'utf-8' codec can't decode byte 0xff in position 0: invalid start byte"),
    ):
        assert asked(house, line) == ({"done": False, "said": why}, True)
    assert asked(house, b"x" * (LINE_LIMIT_BYTES + 9)) == (b"", True)
    house.gateway.orders.known["break"] = lambda words: 1 / 0
    answer, _ = asked(house, b"break\n")
    assert answer["said"] == "it failed; the log has more"
    assert asked(house, b"half a line") == (b"", False)
    house.seconds(TIMEOUT_S + 1)


def test_no_disk(house, tmp_path):
    """A journal that cannot begin says so, and the world goes on."""
    (tmp_path / "journals").write_text("in the way")
    answer, _ = asked(house, b"journal on\n")
    assert answer == {"done": False, "said": "the journal cannot begin; the log says why"}
    house.ticks(2)
    said = asked(house, b"journal status\n")[0]["said"]
    assert said.startswith("The journal is off: it could not begin: [Errno ")
    assert asked(house, b"journal off\n")[0]["said"] == "The journal is off."
    (tmp_path / "journals").unlink()
    asked(house, b"journal on\n")
    house.ticks(2)
    [recording] = house.world.journals.recordings.values()
    recording._files.write = lambda block: fail_with(OSError(28, "No space left on device"))
    house.ticks(40)
    said = asked(house, b"journal status\n")[0]["said"]
    assert said == f"The journal is off: {recording.path} ends early: [Errno 28] No space left on device"


def fail_with(error):
    raise error


@pytest.mark.parametrize(("done", "status"), [(True, 0), (False, 1)])
def test_the_command(tmp_path, done, status):
    """`bluemarble journal on` asks the server in the folder."""
    words = ["journal", "on", "--dir", str(tmp_path)]
    (tmp_path / "bluemarble.toml").write_text("[world]\nrealm_id = 7\n")
    got = CliRunner().invoke(main, words)
    assert got.exit_code == 1
    assert "no world server runs in" in got.output
    thread, heard = listening(
        path_of(tmp_path, 7), json.dumps({"done": done, "said": "As you say."}).encode()
    )
    got = CliRunner().invoke(main, words)
    thread.join(10)
    assert heard == ["journal on\n"]
    assert (got.exit_code, got.output) == (status, "As you say.\n" if done else "Error: As you say.\n")
