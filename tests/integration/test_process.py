"""A server as a process of its own: what only a real one shows, on ports that the system chooses."""

import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys
from dataclasses import replace
from pathlib import Path

import pytest
import wow_srp
from wow_world_messages import wrath

from bluemarble.config import load
from bluemarble.tools.bots.peopling import make_accounts
from bluemarble.tools.bots.plan import Plan
from bluemarble.tools.bots.processes import play
from bluemarble.tools.visiting import visit
from tests.conformance.players import Logon, Player

BIN = Path(sys.executable).parent
ENDS_S = 60


class Process:
    """
    `bluemarble run` on a folder.

    @ivar auth_port, world_port: where it serves; 0 when it has ended instead.
    @ivar said: what it has printed so far.
    """

    def __init__(self, folder):
        self.process = subprocess.Popen(
            [BIN / "bluemarble", "run", folder, "--auth-port", "0", "--world-port", "0"],
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
            env={name: value for name, value in os.environ.items() if not name.startswith("BLUEMARBLE")},
            preexec_fn=lambda: signal.signal(signal.SIGHUP, signal.SIG_DFL),  # under nohup it is ignored
        )
        self.said = ""
        for line in self.process.stdout:
            self.said += line
            if line.startswith("Ctrl-C"):
                break
        ports = re.findall(r"^(?:Auth|World) server on .*?:(\d+)\b", self.said, re.MULTILINE)
        self.auth_port, self.world_port = map(int, ports) if ports else (0, 0)

    def end(self, *signals):
        """Send them, and wait; the exit status."""
        for number in signals:
            self.process.send_signal(number)
        said, _ = self.process.communicate(timeout=ENDS_S)
        self.said += said
        return self.process.returncode


@pytest.fixture
def run(tmp_path, template):
    """Starts servers on one folder, which has a new world and the account ADA."""
    folder = tmp_path / "world"
    folder.mkdir()
    (folder / "bluemarble.toml").write_text("")
    for name in ("auth", "characters", "world"):
        (folder / f"{name}.sqlite").write_bytes((template / f"{name}.sqlite").read_bytes())
    made = wow_srp.SrpVerifier.from_username_and_password("ADA", "OPENSESAME")
    rows(
        folder / "auth.sqlite",
        "INSERT INTO account (username, salt, verifier, expansion) VALUES ('ADA', ?, ?, 2)",
        bytes(made.salt()),
        bytes(made.password_verifier()),
    )
    started = []

    def run():
        started.append(Process(folder))
        return started[-1]

    run.folder = folder
    yield run
    for each in started:
        each.process.kill()
        each.process.wait()
        each.process.stdout.close()


def rows(path, sql, *values):
    """What the statement brings, from the file as an outside tool reads it."""
    conn = sqlite3.connect(path)
    with conn:
        found = conn.execute(sql, values).fetchall()
    conn.close()
    return found


class Wire:
    """A client that is not ours, on a socket."""

    def __init__(self, port, client):
        self.client = client
        self.socket = socket.create_connection(("127.0.0.1", port), ENDS_S)

    def until(self, done):
        """Move bytes until something is so."""
        while not done():
            self.socket.sendall(self.client.outgoing())
            heard = self.socket.recv(65536)
            assert heard, "the server has hung up"
            self.client.receive(heard)
        self.socket.sendall(self.client.outgoing())


def entered(process, sockets):
    """Ada, in the world."""
    logon = Logon("ADA", "OPENSESAME")
    sockets.append(wire := Wire(process.auth_port, logon))
    wire.until(lambda: logon.realms)
    ada = Player("ADA", logon.session_key)
    sockets.append(wire := Wire(process.world_port, ada))
    wire.until(lambda: ada.got("SMSG_AUTH_RESPONSE"))
    ada.send(wrath.CMSG_CHAR_ENUM())
    wire.until(lambda: ada.got("SMSG_CHAR_ENUM"))
    if not ada.last("SMSG_CHAR_ENUM").characters:
        ada.send(
            wrath.CMSG_CHAR_CREATE(
                "Ada", wrath.Race.HUMAN, wrath.Class.WARRIOR, wrath.Gender.FEMALE, 1, 2, 3, 4, 5
            )
        )
        wire.until(lambda: ada.got("SMSG_CHAR_CREATE"))
        ada.send(wrath.CMSG_CHAR_ENUM())
        wire.until(lambda: ada.last("SMSG_CHAR_ENUM").characters)
    ada.guid = ada.last("SMSG_CHAR_ENUM").characters[0].guid
    ada.send(wrath.CMSG_PLAYER_LOGIN(ada.guid))
    wire.until(lambda: ada.guid in ada.objects)
    return ada, wire


@pytest.fixture
def sockets():
    """What is to be closed at the end."""
    wires = []
    yield wires
    for wire in wires:
        wire.socket.close()


def test_a_server_lives_and_ends(run, sockets):
    """
    Enter, walk, SIGTERM thrice: saved where she stands, nobody online, status 0; killed instead, the next
    server knows that nobody is there, and is let into the folder, which two at a time are not.
    """
    server = run()
    ada, wire = entered(server, sockets)
    second = run()
    assert second.end() == 1
    assert f"in use by another server, process {server.process.pid}" in second.said
    assert "Traceback" not in second.said
    x, y, z = ada.positions[ada.guid]
    info = wrath.MovementInfo(
        flags=wrath.MovementFlags(0),
        timestamp=1000,
        position=wrath.Vector3d(x + 2, y, z),
        orientation=0.0,
        fall_time=0,
    )
    ada.send(wrath.MSG_MOVE_HEARTBEAT(ada.guid, info))
    ada.send(wrath.CMSG_PING(7, 30))
    wire.until(lambda: ada.got("SMSG_PONG"))
    assert server.end(signal.SIGTERM, signal.SIGTERM, signal.SIGINT) == 0
    assert server.said.endswith("Everything is saved.\n")
    characters = run.folder / "characters.sqlite"
    ((saved_x, online),) = rows(
        characters, "SELECT position_x, online FROM characters WHERE guid = ?", ada.guid
    )
    assert (abs(saved_x - x - 2) < 0.01, online) == (True, 0)
    assert not list(run.folder.glob("*.lock"))

    killed = run()
    entered(killed, sockets)
    assert rows(run.folder / "auth.sqlite", "SELECT online FROM account WHERE username = 'ADA'") == [(1,)]
    assert killed.end(signal.SIGKILL) == -signal.SIGKILL
    again = run()
    assert again.auth_port, again.said
    assert rows(run.folder / "auth.sqlite", "SELECT online FROM account WHERE username = 'ADA'") == [(0,)]
    assert rows(characters, "SELECT SUM(online) FROM characters") == [(0,)]
    assert again.end(signal.SIGHUP) == 0


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("--auth-port", "99999"), "auth.port"),
        (("--auth-db", "postgres://x/y"), "databases.auth: postgres://x/y"),
        (("--auth-db", "sqlite:////proc/no/such/file"), "cannot start"),
    ],
)
def test_a_service_that_cannot_start(tmp_path, words, told):
    """`twistd` says why in a line, and its status says that something is wrong."""
    ended = subprocess.run(
        [BIN / "twistd", "-n", "--pidfile", "", "bluemarble-auth", *words],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        timeout=ENDS_S,
        env={**os.environ, "PYTHONPATH": str(Path(__file__).parents[2])},
        check=False,
    )
    assert ended.returncode == 1
    said = ended.stdout + ended.stderr
    assert told in said
    assert "Traceback" not in said


def test_visit(run):
    """Our own client, on real sockets: by UDP where that gets through."""
    process = run()
    said = list(visit("127.0.0.1", "ada", "opensesame", "Ada", 1, port=process.auth_port))
    assert said[0].startswith("In the world: map 0")
    assert said[1].startswith("The link is up")
    assert "RTT" in said[-1] and "sees nobody" not in said[-1]
    assert process.end(signal.SIGTERM) == 0


GREET = """
async def play(bot):
    print("Hello.")
    bots, figures = bot.crew.bots, bot.crew.figures
    while not all(each.game for each in bots) or figures.whole().counts["lines_heard_oneself"] < 6:
        bot.say("Hello.")
        await bot.pause(0.1)
    bot.crew.end()
"""


def test_bots(run, tmp_path):
    """Three of them in two processes, one on a link, until all have spoken; the scenario may print."""
    server = run()
    scenario = tmp_path / "greet.py"
    scenario.write_text(GREET)
    plan = Plan(port=server.auth_port, players=3, processes=2, password="SECRET", seconds=600.0, udp=0.34)
    make_accounts(load(run.folder / "bluemarble.toml"), plan)
    report = play(replace(plan, scenario=str(scenario)))
    told = report.summary()
    assert not report.faults and told["delays_ms"]["login"]["count"] == 3
    assert told["counts"]["linked"] == 1 and told["counts"]["lines_heard_oneself"] >= 12
    assert server.end(signal.SIGTERM) == 0
