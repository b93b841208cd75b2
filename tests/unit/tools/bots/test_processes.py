"""Processes of bots, played by small programs: their rows and reports together, and how they may fail."""

import json
import sys

import pytest

from bluemarble.tools.bots import processes
from bluemarble.tools.bots.figures import Row
from bluemarble.tools.bots.plan import BadPlan, Plan
from bluemarble.tools.bots.processes import Failed, play
from bluemarble.tools.bots.scraping import NoMetrics
from tests.unit.tools.bots.test_report import report, samples

SAYS = """
import json, sys
plan = json.loads(sys.stdin.read())
assert plan["password"] == "hush" and "hush" not in " ".join(sys.argv)
for line in json.loads(sys.argv[1]):
    print(json.dumps(line))
"""


@pytest.fixture
def say(monkeypatch):
    """What each process prints."""

    def lines(*said):
        monkeypatch.setattr(processes, "COMMAND", [sys.executable, "-c", SAYS, json.dumps(said)])

    return lines


def test_together(say):
    """A row is told when all have theirs; the report is of all, under the plan that was asked for."""
    row, told = Row(), []
    row.counts["steps_sent"] = 3
    say({"row": row.told()}, {"row": row.told()}, {"report": report().told()})
    plan = Plan(players=6, processes=2, password="hush")
    made = play(plan, told.append)
    assert made.plan == plan.told() and made.figures.whole().counts["steps_sent"] == 100
    assert [row.counts["steps_sent"] for row in told] == [6] * len(told)


@pytest.mark.parametrize(
    ("said", "error"),
    [
        ([], Failed("a process of bots has ended without a report")),
        ([{"bad": "radius: no number"}], BadPlan("radius: no number")),
        ([{"broken": "Traceback"}], Failed("Traceback")),
    ],
)
def test_failures(say, said, error):
    say(*said)
    with pytest.raises(type(error), match=str(error)):
        play(Plan(password="hush"))


def test_one_that_is_killed(monkeypatch):
    monkeypatch.setattr(processes, "COMMAND", [sys.executable, "-c", "import os; os.abort()"])
    with pytest.raises(Failed):
        play(Plan(password="hush", options={"much": "x" * 200_000}))


def test_metrics(say, monkeypatch):
    """Read before the bots begin: where there are none, nothing begins."""
    with pytest.raises(NoMetrics):
        play(Plan(password="hush", metrics="http://127.0.0.1:1/metrics"))
    [sample] = samples(3)
    monkeypatch.setattr(processes, "scrape", lambda url: sample)
    say({"report": report().told()})
    assert play(Plan(password="hush", metrics="http://there")).server[0] == sample


def test_unknown_scenario():
    with pytest.raises(BadPlan, match="no scenario 'dance'; there are wander"):
        play(Plan(scenario="dance"))
    with pytest.raises(BadPlan, match="packets of trading"):
        play(Plan(scenario="trade"))
