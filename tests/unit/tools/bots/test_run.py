"""`bluemarble bots` without its processes: what is asked of them, what is written, what is said."""

import json

import pytest
from click.testing import CliRunner

from bluemarble.config import load
from bluemarble.db import accounts
from bluemarble.tools.bots import command, processes, run
from bluemarble.tools.bots.figures import Row
from bluemarble.tools.bots.report import Report
from bluemarble.tools.bots.scenarios import MISSING, SCENARIOS
from bluemarble.tools.console import main
from bluemarble.tools.databases import opened, result
from bluemarble.wire import srp6
from tests.integration.house import make_databases
from tests.unit.tools.bots.test_report import report, samples


@pytest.fixture
def say(tmp_path, monkeypatch):
    """Run the command in an empty directory; the processes are done at once."""
    monkeypatch.chdir(tmp_path)
    plans = []

    def play(plan, told):
        plans.append(plan)
        row = Row()
        row.counts["dropped: ConnectionLost"] = 1
        told(row)
        return run_report

    run_report = report(server=samples(3, 4), faults=())
    monkeypatch.setattr(processes, "play", play)

    def run(*words, status=0):
        found = CliRunner().invoke(main, ["bots", *words])
        assert found.exit_code == status, (found.output, found.exception)
        return found.output

    run.plans = plans
    return run


@pytest.fixture
def world(tmp_path):
    folder = tmp_path / "world"
    folder.mkdir()
    (folder / "bluemarble.toml").write_text("[auth]\nport = 4000\n[metrics]\nport = 9100\n")
    make_databases(folder)
    return folder


def test_given_accounts(say, tmp_path):
    """Nothing is touched; the report is printed, and written in both forms."""
    out = say(
        "--host", "192.0.2.1", "--password", "hush", "--players", "3", "--set", "radius=5", "--set", "rest=0",
        "--begin", "2026-11-21T20:00:00+00:00", "--json", "r.json", "--html", "r.html", "--udp", "0.5",
    )  # fmt: skip
    [plan] = say.plans
    assert (plan.host, plan.port, plan.password, plan.udp) == ("192.0.2.1", 3724, "hush", 0.5)
    assert plan.options == {"radius": "5", "rest": "0"} and plan.begin_s == 1795291200.0
    assert "1 dropped or refused" in out and "3 bots for 10 s" in out
    assert Report.read((tmp_path / "r.json").read_bytes()).seconds == 10.0
    html = (tmp_path / "r.html").read_text()
    assert "<svg" in html and "hush" not in html + (tmp_path / "r.json").read_text()
    assert "The server&#x27;s ticks" in html


def test_accounts_of_its_own(say, world):
    """In a server's directory the accounts are made, with a password of this run's; its ports are known."""
    say("--players", "2", "--spread", "500")
    [plan] = say.plans
    assert (plan.port, plan.metrics) == (4000, "http://127.0.0.1:9100/metrics")
    with opened(load(world / "bluemarble.toml"), "auth") as database:
        read = database.read(lambda conn: accounts.challenge_account(conn, "BOT00001", "", 0))
        made = result(read).account
    assert srp6.verifier("BOT00001", plan.password, made.salt) == made.verifier and len(plan.password) == 16
    say("--players", "2", "--port", "5000", "--metrics", "", "--keylog", "keys.txt")
    assert say.plans[1].password != plan.password
    assert (say.plans[1].port, say.plans[1].metrics, say.plans[1].keylog) == (5000, "", "keys.txt")


@pytest.mark.parametrize(
    ("words", "why"),
    [
        ([], "no world/bluemarble.toml"),
        (["--dir", "elsewhere"], "no elsewhere/bluemarble.toml"),
        (["--password", "x", "--spread", "5"], "(--dir) or a command"),
        (["--password", "x", "--players", "0"], "players"),
        (["--password", "x", "--set", "radius"], "NAME=VALUE"),
        (["--password", "x", "--begin", "noon"], "--begin noon"),
    ],
)
def test_mistakes(say, words, why):
    assert why in say(*words, status=1)


@pytest.mark.parametrize("error", [processes.Failed("it broke"), processes.NoMetrics("no metrics")])
def test_what_goes_wrong_is_told(say, monkeypatch, error):
    def play(plan, told):
        raise error

    monkeypatch.setattr(processes, "play", play)
    assert str(error) in say("--password", "x", status=1)


def test_status():
    """Nobody came in, or the scenario is broken: a program that runs this sees it."""
    assert run.tell(report(), ("", "")) == 0
    assert run.tell(report(in_world=(0, 0)), ("", "")) == 1
    assert run.tell(report(faults=["it broke"]), ("", "")) == 1


def test_merge(say, tmp_path):
    for name in ("a.json", "b.json"):
        (tmp_path / name).write_text(json.dumps(report().told()))
    assert "6 bots" in say("merge", "a.json", "b.json", "--json", "c.json")
    assert Report.read((tmp_path / "c.json").read_bytes()).plan["players"] == 6
    (tmp_path / "b.json").write_text("{}")
    assert "b.json: no report" in say("merge", "a.json", "b.json", status=1)
    (tmp_path / "b.json").write_text(json.dumps(report(begun_s=99999.0).told()))
    assert "different times" in say("merge", "a.json", "b.json", status=1)


def test_accounts_for_another_server(say):
    assert say("accounts", "--players", "2", "--first", "8", "--password", "hush").splitlines() == [
        "account create BOT00008 hush",
        "account create BOT00009 hush",
    ]
    assert "prefix" in say("accounts", "--prefix", "B0T", "--password", "hush", status=1)


def test_help_names_what_there_is():
    assert ", ".join(SCENARIOS) == command.SCENARIOS
    assert not set(MISSING) & set(SCENARIOS)
