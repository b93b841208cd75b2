"""`bluemarble capture play`, from its command line to its status, on a server in memory."""

import json
import random

import pytest
from click.testing import CliRunner

from bluemarble.config import FILE
from bluemarble.db import accounts
from bluemarble.servers.tcp import WorldFactory
from bluemarble.tools.capturing.command import main
from bluemarble.wire import srp6
from bluemarble.wire.captures import formats
from bluemarble.wire.codec import codec
from opcodes.query import SMSG_NAME_QUERY_RESPONSE
from tests.integration.cables import Net
from tests.integration.house import VERSION, done
from tests.integration.talkers import talk

PASSWORD = "Secret 1"


class Reactor(Net):
    """
    A net that runs until it is stopped, or for so long: what else happens then is an interruption.

    @ivar limit_s: seconds.
    """

    def __init__(self, house):
        super().__init__(house)
        self.doors[8085] = WorldFactory(house.gateway, VERSION)
        self.limit_s, self._begins, self.stopped = 120.0, [], False

    def callWhenRunning(self, call):
        self._begins.append(call)

    def run(self):
        for call in self._begins:
            call()
        end_s = self.seconds() + self.limit_s
        self.until(lambda: self.stopped or self.seconds() >= end_s, self.limit_s + 1)

    def stop(self):
        self.stopped = True


class Desk:
    """A server, a recording of two on it, and who types commands."""

    def __init__(self, house, folder, monkeypatch):
        self.house, self.folder, self._monkeypatch = house, folder, monkeypatch
        self.packets = talk(house, folder)
        self.file = self.written("two.pcapng", self.packets)
        self.limit_s = 120.0

    def written(self, name, packets):
        path = self.folder / name
        with path.open("wb") as out:
            writer = formats.writer(out, name, packets[0].build, packets[0].time_us)
            for packet in packets:
                writer.write(packet)
        return path

    def account(self, name):
        salt = srp6.draw_salt(random.Random(name).randbytes)
        known = srp6.verifier(name, PASSWORD, salt)
        done(self.house.databases.auth.write(lambda conn: accounts.create_account(conn, name, salt, known)))

    def play(self, *words, file=None, typed=""):
        """Status and output of the command."""
        self.reactor = Reactor(self.house)
        self.reactor.limit_s = self.limit_s
        self._monkeypatch.setattr("twisted.internet.reactor", self.reactor, raising=False)
        words = ["play", file or self.file, "127.0.0.1", *words]
        said = CliRunner().invoke(main, list(map(str, words)), input=typed)
        assert said.exception is None or isinstance(said.exception, SystemExit), said.output
        return said.exit_code, said.output


@pytest.fixture
def desk(house, tmp_path, monkeypatch):
    return Desk(house, tmp_path, monkeypatch)


def test_with_the_servers_folder(desk):
    """Accounts are made for as many as play; what is said is what was."""
    (desk.folder / FILE).write_text("")
    status, said = desk.play("--dir", desk.folder, "--copies", 2, "--shift", 2.0, "--speed", 3.0)
    assert (status, said.splitlines()[-1]) == (0, "As recorded."), said
    assert [f"PLAY9000{n}" in said for n in range(5)] == [True, True, True, True, False]
    assert desk.house.knows("PLAY90003") is not None
    # Once more: the accounts are there, and have another password.
    status, said = desk.play("--dir", desk.folder)
    assert status == 0, said


def test_one_session_by_one_account(desk):
    """The password is asked for where it is not given, and the outcome is an object of JSON."""
    desk.account("CAM")
    session = desk.packets[0].connection
    words = ("--account", "CAM", "--character", "Cam", "--session", session, "--json")
    status, said = desk.play(*words, typed=f"{PASSWORD}\n")
    told = json.loads(said[said.index("{") :])
    assert (status, told["same"], told["build"], told["copies"]) == (0, True, 12340, 1)
    [player] = told["players"]
    assert (player["account"], player["connection"], player["lost"]) == ("CAM", session, "")
    assert player["sent"] == 8
    status, said = desk.play(*words, "--password", "something else")
    assert (status, "CAM does not come into the world" in said) == (2, True)


def test_accounts_of_a_file(desk):
    """Those in it play, in their order; too few of them do not."""
    for name in ("CAM", "DEE"):
        desk.account(name)
    known = desk.folder / "accounts"
    known.write_text(f"# who plays\nCAM {PASSWORD}\n\nDEE {PASSWORD}\n")
    status, said = desk.play("--accounts", known)
    assert status == 0, said
    assert said.index("CAM") < said.index("DEE")
    status, said = desk.play("--accounts", known, "--copies", 2)
    assert (status, "4 accounts are needed" in said) == (2, True)
    known.write_text("CAM\n")
    status, said = desk.play("--accounts", known)
    assert (status, "line 1: NAME PASSWORD" in said) == (2, True)


def test_what_differs(desk):
    """Status 1, and what it is; what may differ does not count."""
    (desk.folder / FILE).write_text("")
    changed = []
    for it in desk.packets:
        if VERSION.sent.get(it.opcode) is SMSG_NAME_QUERY_RESPONSE and not it.from_client:
            packet = codec(SMSG_NAME_QUERY_RESPONSE).decode(it.body)
            packet.race = 9
            it = it._replace(body=codec(SMSG_NAME_QUERY_RESPONSE).encode(packet))
        changed.append(it)
    file = desk.written("changed.pkt", changed)
    status, said = desk.play("--dir", desk.folder, file=file)
    assert (status, said.splitlines()[-1]) == (1, "Not as recorded.")
    assert "SMSG_NAME_QUERY_RESPONSE[0].race: 9 recorded, 1 played" in said
    status, said = desk.play("--dir", desk.folder, "--ignore", "smsg_name_*", file=file)
    assert status == 0, said


def test_what_cannot_be_played(desk):
    """Nobody to play it, no server's folder, no such session, no capture, and somebody's Ctrl-C."""
    status, said = desk.play()
    assert (status, "who plays?" in said) == (2, True)
    status, said = desk.play("--dir", desk.folder / "elsewhere")
    assert (status, "no such file" in said) == (2, True)
    (desk.folder / FILE).write_text("")
    status, said = desk.play("--dir", desk.folder, "--session", 99)
    assert (status, "no client" in said) == (2, True)
    noise = desk.folder / "noise.pkt"
    noise.write_bytes(b"noise" * 100)
    status, said = desk.play("--account", "CAM", "--password", "x", file=noise)
    assert (status, "neither a .pkt nor a pcapng" in said) == (2, True)
    desk.limit_s = 0.5
    status, said = desk.play("--dir", desk.folder)
    assert (status, "it was interrupted" in said) == (2, True)
    desk.reactor.until(lambda: desk.reactor.stopped, 60.0)  # a process would have ended


def test_a_capture_that_is_cut(desk):
    """Its packets up to the cut are played."""
    (desk.folder / FILE).write_text("")
    whole = desk.file.read_bytes()
    desk.file.write_bytes(whole[: len(whole) * 9 // 10])
    status, said = desk.play("--dir", desk.folder)
    assert status in (0, 1), said
    assert "PLAY90000" in said
