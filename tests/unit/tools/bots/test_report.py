"""Reports: read again, merged, refused when they are none."""

import json

import pytest

from bluemarble.ops.metrics import Durations, render
from bluemarble.ops.metrics import Figures as ServerFigures
from bluemarble.tools.bots.figures import Figures
from bluemarble.tools.bots.plan import Plan
from bluemarble.tools.bots.report import BadReport, Report, Sample, merged
from bluemarble.tools.bots.scraping import NoMetrics, read, scrape


def report(begun_s=1000.0, in_world=(2, 3), seconds=10.0, server=(), faults=()):
    figures = Figures()
    for count in in_world:
        figures.count("steps_sent", 10 * count)
        figures.delay("relay", 30.0 + count)
        figures.count("bot_ms", 5000 * count)
        figures.end_row({"in_world": count})
    del figures.rows[-1]
    return Report(
        Plan(players=3, password="x").told(), begun_s, seconds, 0.5, figures, list(faults), list(server)
    )


def samples(*ticks):
    """A server of which so many ticks took at most a millisecond, and one each time longer."""
    durations, found = Durations(), []
    for at_s, count in enumerate(ticks):
        for _ in range(count):
            durations.add(0.5)
        durations.add(70.0)
        page = render(ServerFigures(durations, at_s, 3, 3, 0, {"logins": 2}, {})).decode()
        found.append(read(page, float(at_s)))
    return found


def test_read_again():
    made = report(server=samples(5, 98), faults=["Ada: it broke"])
    assert Report.read(json.dumps(made.told())).told() == made.told()


def test_summary():
    told = report(server=samples(5, 98)).summary()
    assert (told["in_world_most"], told["in_world_at_the_end"]) == (3, 3)
    assert told["counts"]["steps_sent"] == 50 and told["per_second"]["steps_sent"] == 5.0
    assert told["delays_ms"]["relay"]["count"] == 2
    assert told["bots_cores"] == 0.05 and told["bot_cpu_ms_per_second"] == 500 / 25
    assert told["server"] == {"ticks": 99, "late": 1, "p50": 1.0, "p99": 75.0, "p999": 75.0}
    lines = "\n".join(report(server=samples(5, 98), faults=["Ada: it broke"]).lines())
    assert "a step, until another bot saw it" in lines and "server ticks" in lines and "it broke" in lines


def test_merged():
    """Two machines, one of which began a row later."""
    whole = merged([report(begun_s=1005.0, seconds=10.0), report()])
    assert whole.begun_s == 1000.0 and whole.seconds == 15.0 and whole.cpu_s == 1.0
    assert [row.now["in_world"] for row in whole.figures.rows] == [2, 5, 3]
    assert whole.plan["players"] == 6


def test_not_merged():
    with pytest.raises(BadReport):
        merged([])
    with pytest.raises(BadReport):
        merged([report(), report(begun_s=9000.0)])


@pytest.mark.parametrize(
    "text",
    ["", "[]", "{}", '{"form": 1}', b"\xff", "[" * 100_000, '{"form": "bluemarble bots 1", "every_s": 5.0}'],
)
def test_no_report(text):
    with pytest.raises(BadReport):
        Report.read(text)


@pytest.mark.parametrize("key", ["plan", "begun_s", "seconds", "cpu_s", "rows", "faults", "server"])
def test_damaged_report(key):
    told = report(server=samples(1, 1)).told()
    with pytest.raises(BadReport):
        Report.read(json.dumps({**told, key: 7 if key not in ("begun_s", "seconds", "cpu_s") else "x"}))


@pytest.mark.parametrize("key", ["begun_s", "seconds", "cpu_s"])
@pytest.mark.parametrize("number", ["1" + "0" * 400, "1e308", "-1e300", "1e999", "9" * 5000])
def test_numbers_beyond_reckoning(key, number):
    """Those of another machine, or of somebody who made them up: no traceback, when they are merged."""
    told = report(server=samples(1, 1)).told()
    with pytest.raises(BadReport):
        Report.read(json.dumps({**told, key: 0}).replace(f'"{key}": 0', f'"{key}": {number}'))


@pytest.mark.parametrize("url", ["ftp://there", "/etc/passwd", "http://127.0.0.1:1/metrics", "http://[::1"])
def test_no_metrics(url):
    with pytest.raises(NoMetrics):
        scrape(url)


def test_a_page_of_something_else():
    with pytest.raises(KeyError):
        read("up 1\n", 0.0)


def test_sample_read():
    [one] = samples(3)
    assert Sample.read(json.loads(json.dumps(one._asdict()))) == one
