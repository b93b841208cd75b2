"""The `bluemarble` command: a world from nothing, accounts, databases, and mistakes told in words."""

import json
import os
import re
import signal
import socket
import sqlite3
import subprocess
import sys

import pytest
from click.testing import CliRunner
from twisted.internet.defer import fail
from twisted.internet.error import CannotListenError
from twisted.internet.testing import MemoryReactorClock
from twisted.logger import formatEvent, globalLogPublisher

from bluemarble.config import load
from bluemarble.db import accounts
from bluemarble.db.errors import Unavailable
from bluemarble.db.pool import Database
from bluemarble.servers import allinone
from bluemarble.servers.allinone import build
from bluemarble.tools.console import main
from bluemarble.tools.databases import opened, result
from bluemarble.tools.making import make_world
from bluemarble.tools.running import serve
from bluemarble.wire import srp6
from tests.integration.house import make_databases


@pytest.fixture
def say(tmp_path, monkeypatch):
    """Run the command in an empty directory; answers what it printed, and its status."""
    monkeypatch.chdir(tmp_path)

    def run(*words, status=0):
        found = CliRunner().invoke(main, list(words))
        assert found.exit_code == status, (found.output, found.exception)
        return found.output

    return run


@pytest.fixture
def world(tmp_path):
    """A world's directory; its UDP port, which is a real one, is any that is free."""
    folder = tmp_path / "world"
    folder.mkdir()
    (folder / "bluemarble.toml").write_text("[udp]\nport = 0\n")
    make_databases(folder)
    return folder


def account(folder, name):
    config = load(folder / "bluemarble.toml")
    with opened(config, "auth") as database:
        return result(database.read(lambda conn: accounts.challenge_account(conn, name, "", 0))).account


def test_init(say, tmp_path):
    """A directory, a file with every setting, three databases, and an account that can log in."""
    printed = say("init")
    name, password = re.search(r"Account:  (\w+)  password:  (\w+)", printed).groups()
    made = account(tmp_path / "world", name)
    assert made.gmlevel == 3
    assert srp6.verifier(name, password, made.salt) == made.verifier
    assert {"auth.sqlite", "characters.sqlite", "world.sqlite"} <= set(os.listdir(tmp_path / "world"))
    assert say("init", status=1).endswith("is there already\n")
    assert os.stat(tmp_path / "world" / "bluemarble.toml").st_mode & 0o777 == 0o600
    assert "as it should be" in say("db", "verify")


def test_a_world_is_its_operators_alone(say, tmp_path):
    """Nobody else on the machine reads verifiers, session keys or whispers; what was there keeps its mode."""
    before = os.umask(0o022)
    try:
        say("init", "new")
        (tmp_path / "shared").mkdir(mode=0o755)
        say("init", "shared")
        assert os.umask(0o022) == 0o022
    finally:
        os.umask(before)
    modes = {path: path.stat().st_mode & 0o777 for path in tmp_path.rglob("*")}
    assert modes.pop(tmp_path / "new") == 0o700
    assert modes.pop(tmp_path / "shared") == 0o755
    assert len(modes) >= 8
    assert set(modes.values()) == {0o600}, modes


def test_init_writes_flags(say, tmp_path):
    """What is said at `init` is what `run` will use."""
    say("init", "here", "--world-port", "9085", "--realm-address", "play.example.org")
    config = load(tmp_path / "here" / "bluemarble.toml")
    assert (config.world.port, config.world.realm_address) == (9085, "play.example.org")


def test_account(say, world):
    """Made, with its level, and with another password later; one name once."""
    assert "number 1" in say("account", "create", "ada", "open sesame", "--level", "2")
    made = account(world, "ADA")
    assert (made.username, made.gmlevel) == ("ADA", 2)
    assert srp6.verifier("ADA", "OPEN SESAME", made.salt) == made.verifier
    assert "exists" in say("account", "create", "Ada", "x", status=1)
    say("account", "set-password", "ADA", "other")
    made = account(world, "ADA")
    assert srp6.verifier("ADA", "other", made.salt) == made.verifier
    assert "there is no account" in say("account", "set-password", "EVE", "x", status=1)


def test_init_can_be_run_again(say, tmp_path):
    """Whatever went wrong the first time, a folder is a world only when all of it is there."""
    missing = tmp_path / "no" / "folder"
    missing.parent.write_text("")
    say("init", "here", "--world-db", f"sqlite:///{missing}", status=1)
    assert not (tmp_path / "here" / "bluemarble.toml").exists()
    say("init", "here", "--world-db", "mysql://nobody", status=1)
    assert "Account:" in say("init", "here")


def test_a_new_world_waits_for_its_databases(tmp_path, monkeypatch):
    """One that is not up yet is told of, and asked again."""
    ping, paused = Database.ping, []
    monkeypatch.setattr(Database, "ping", lambda self: fail(Unavailable("it is away")))

    def pause(seconds):
        paused.append(seconds)
        if len(paused) == 3:
            monkeypatch.setattr(Database, "ping", ping)

    lines = list(make_world(tmp_path / "here", {}, pause))
    assert lines[:3] == [f"it is away; trying again in {s} s" for s in (1, 2, 4)]
    assert paused == [1, 2, 4]
    assert (tmp_path / "here" / "bluemarble.toml").exists()


@pytest.mark.parametrize("name", ["A:B", " A", "A\tB"])
def test_odd_account_names(say, world, name):
    """What a client cannot send is no name."""
    assert "cannot be typed" in say("account", "create", name, "x", status=1)


def test_no_password(say, world):
    """Clients do not send empty ones."""
    assert "at least one character" in say("account", "create", "ADA", "", status=1)


def test_database_flags_are_enough(say, world, monkeypatch):
    """An account needs the auth database and no folder."""
    monkeypatch.setenv("BLUEMARBLE__DATABASES__AUTH", f"sqlite:///{world}/auth.sqlite")
    assert "number 1" in say("account", "create", "ADA", "x", "--dir", "none")
    monkeypatch.delenv("BLUEMARBLE__DATABASES__AUTH")
    printed = say(
        "account", "create", "EVE", "x", "--dir", "none", "--auth-db", f"sqlite:///{world}/auth.sqlite"
    )
    assert "number 2" in printed


def test_help_has_the_defaults(say):
    """Each flag says what goes without it."""
    printed = " ".join(say("run", "--help").split())
    for default in "3724", "8085", "127.0.0.1", "sqlite:///auth.sqlite":
        assert f"Default: {default}" in printed


@pytest.mark.parametrize("name", ["", "A" * 21])
def test_account_names(say, world, name):
    """One to twenty bytes."""
    assert "1 to 20" in say("account", "create", name, "x", status=1)


def test_long_password(say, world):
    """It is made, and the operator learns why nobody will be able to type it."""
    assert "at most 16" in say("account", "create", "ADA", "p" * 17)
    assert "Warning" not in say("account", "create", "EVE", "p" * 16)


def test_db(say, world):
    """Status, update and verify, with a status that scripts can use."""
    assert "0 pending" in say("db", "status")
    assert "up to date" in say("db", "update")
    with sqlite3.connect(world / "auth.sqlite") as conn:
        conn.execute("DROP TABLE account_banned")
    conn.close()
    assert "account_banned" in say("db", "verify", status=1)


def test_db_of_nothing(say, world):
    """An empty database is behind, and is brought up to date."""
    (world / "world.sqlite").unlink()
    assert "pending" in say("db", "status", status=1)
    say("db", "update")
    say("db", "status")


def test_restore(say, world):
    """By name, by number, under another name."""
    with sqlite3.connect(world / "characters.sqlite") as conn:
        for guid, name in (7, "Ada"), (8, "Eve"):
            conn.execute(
                "INSERT INTO characters (guid, account, name, deleteInfos_Name, deleteInfos_Account, "
                "deleteDate, taximask) VALUES (?, 0, '', ?, 1, 5, '')",
                (guid, name),
            )
        conn.execute("INSERT INTO characters (guid, account, name, taximask) VALUES (9, 2, 'Eve', '')")
    conn.close()
    assert "7 is back" in say("character", "restore", "aDA")
    assert "a character is called Eve" in say("character", "restore", "8", status=1)
    assert "8 is back" in say("character", "restore", "8", "--name", "Evelyn")
    assert "no deleted character" in say("character", "restore", "8", status=1)


@pytest.mark.parametrize(
    ("words", "told"),
    [
        (("db", "status"), "no such file; `bluemarble init"),
        (("account", "create", "A", "B"), "no such file"),
        (("init", "--auth-db", "postgres://x/y"), "mysql://USER:PASS@HOST:PORT/NAME"),
        (("init", "--world-port", "70000"), "world.port"),
    ],
)
def test_mistakes(say, words, told):
    """A line each, no traceback."""
    printed = say(*words, status=1)
    assert told in printed
    assert "Traceback" not in printed


def test_bad_file(say, world):
    """A slip in the file is named."""
    (world / "bluemarble.toml").write_text("[world]\nprot = 1\n")
    assert "did you mean port?" in say("run", str(world), status=1)


@pytest.fixture
def signals():
    """The signal handlers as they were."""
    before = {number: signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)}
    yield
    for number, handler in before.items():
        signal.signal(number, handler)


def test_serve(world, signals, capsys):
    """It tells where it listens, and ends with 0 when it is stopped."""
    reactor = MemoryReactorClock()
    assert serve(load(world / "bluemarble.toml"), reactor, "inline") == 0
    printed = capsys.readouterr().out
    assert "3724" in printed
    assert "8085" in printed
    both = r"^ +UDP on +\[::\]:(\d+), 0\.0\.0\.0:\1$|^ +UDP on +0\.0\.0\.0:\d+$"
    assert re.search(both, printed, re.MULTILINE)
    assert printed.endswith("Everything is saved.\n")
    assert {port for port, *_ in reactor.tcpServers} == {3724, 8085, 8086}
    assert {interface for *_, interface in reactor.tcpServers} == {"::", "0.0.0.0"}


def test_the_realm_list_is_told_once(world):
    """A new world's row is what the configuration says; what a flag changes is told as what it is now."""
    said = []
    globalLogPublisher.addObserver(said.append)
    for port in (None, 9085, 9085):
        config = load(world / "bluemarble.toml", {"world": {"port": port}})
        whole = build(config, MemoryReactorClock(), executor="inline").whole
        whole.startService()
        result(whole.ready)
        whole.stopService()
    globalLogPublisher.removeObserver(said.append)
    told = [line for event in said if "realm list" in (line := formatEvent(event))]
    assert told == [
        "realm 1 of the realm list: port 9085 (it was 8085)",
        "realm 2 of the realm list: port 9086 (it was 8086)",
    ]


def test_port_in_use(world, signals, capsys):
    """Another server is running: one line, status 1."""

    class Taken(MemoryReactorClock):
        def listenTCP(self, port, factory, backlog=50, interface=""):
            raise CannotListenError(interface, port, OSError(98, "Address already in use"))

    assert serve(load(world / "bluemarble.toml"), Taken(), "inline") == 1
    said, told = capsys.readouterr()
    assert "cannot listen on port 8085" in told
    assert "Traceback" not in told and not said


def test_udp_port_in_use(world, signals, capsys):
    """Likewise."""
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as other:
        other.bind(("0.0.0.0", 0))
        taken = {"port": other.getsockname()[1]}
        assert serve(load(world / "bluemarble.toml", {"udp": taken}), MemoryReactorClock(), "inline") == 1
    assert f"world server on UDP: 0.0.0.0 {taken['port']}" in capsys.readouterr().err


def test_threads_that_end(world, signals, capsys, monkeypatch):
    """A server whose I/O threads have failed says so, stops by itself, saved, and its status is 1."""
    made = []
    monkeypatch.setattr(allinone, "build", lambda *args, **more: made.append(build(*args, **more)) or made[0])

    class Running(MemoryReactorClock):
        def run(self):
            super().run()
            made[0].world.udp.pump.stop()
            self.advance(0.05)
            assert self.hasStopped

    assert serve(load(world / "bluemarble.toml"), Running(), "inline") == 1
    said, told = capsys.readouterr()
    assert told.startswith("Error: UDP: ")
    assert "Traceback" not in told
    assert said.endswith("Everything is saved.\n")


def test_incomplete_world(world, signals, capsys):
    """A database without content says what is missing."""
    with sqlite3.connect(world / "world.sqlite") as conn:
        conn.execute("DELETE FROM playercreateinfo")
    conn.close()
    assert serve(load(world / "bluemarble.toml"), MemoryReactorClock(), "inline") == 1
    assert "playercreateinfo" in capsys.readouterr().err


def test_help_is_quick():
    """`bluemarble --help` and the plugins' names need no database and no packets."""
    heavy = subprocess.run(
        [sys.executable, "-c", "import sys, json, bluemarble.tools.console;"
         "print(json.dumps([m for m in sys.modules if m in ('sqlalchemy', 'construct', 'cryptography')]))"],
        check=True, capture_output=True, text=True).stdout  # fmt: skip
    assert json.loads(heavy) == []
