"""What bench/replay.py makes of two runs of a journal."""

import io

import pytest

from bench.replay import Took, read, summary
from bluemarble.servers import recording
from bluemarble.sim import parts
from bluemarble.sim.world import World
from bluemarble.tools.replay import running
from bluemarble.wire import journal
from tests.journals import story
from tests.journals.content import content
from tests.journals.record import header

SAID = """tick      1655
ticks     1655
real_ms   82750
effects   185e
state     3d79
compared  83
faults    0
cut       False
In 4.00 s, 2.50 s of CPU: 414 ticks a second, 21 times as fast as it was.
Equal: the state is the recorded one wherever the journal has a digest.
"""


def test_it_reads_what_the_command_says(monkeypatch):
    world, out = World(content(), story.RULES, 5), io.BytesIO()
    writer = journal.Writer(out, header(world))
    for _ in range(40):
        world.step([])
    writer.digest(world.tick, parts.contents(world, parts.whole(world)))
    writer.flush()
    monkeypatch.setattr(running, "content_of", lambda _: content())
    found = read("\n".join(running.told_of(io.BytesIO(out.getvalue()), "")))
    assert (found["ticks"], found["real_ms"], found["compared"], found["cut"]) == ("40", "2000", "1", "False")
    assert found["state"] == recording.digest(world).hex()
    assert float(found["seconds"]) >= 0 and float(found["cpu_s"]) >= 0


@pytest.mark.parametrize(("other", "different"), [("3d79", 0), ("3d70", 1)])
def test_both_runs(other, different):
    """The slower one counts; what they say may differ in time alone."""
    slower = SAID.replace("4.00", "8.00").replace("3d79", other)
    found = summary({1: read(slower), 2: read(SAID)})
    assert found["different"] == different
    assert found["times_real_time"] == pytest.approx(82.75 / 8)
    assert found["threads_2"]["times_real_time"] == pytest.approx(82.75 / 4)
    assert found["threads_1"]["cpu_s"] == 2.5
    assert (found["real_s"], found["compared"], found["faults"]) == (82.75, 83, 0)


def test_took():
    took, done = Took(), []
    for n in range(3):
        took.time("it", done.append, n)
    assert done == [0, 1, 2]
    assert 0 <= took.figures()["it"]["p50"] <= took.figures()["it"]["longest"]
