"""A journal replays bit for bit, in any process and from any snapshot; a difference is noticed."""

import io
import json
import os
import re
import subprocess
import sys
from pathlib import Path

import pytest
from click.testing import CliRunner

from bluemarble.db.pool import Database
from bluemarble.db.update import Updater
from bluemarble.servers.recording import digest
from bluemarble.sim import parts
from bluemarble.sim.effects import Input, Send
from bluemarble.sim.world import World
from bluemarble.tools.console import main
from bluemarble.tools.replay.content import content_of
from bluemarble.tools.replay.running import replay
from bluemarble.tools.replay.stepping import Differs, began, steps, told
from bluemarble.wire import journal
from bluemarble.wire.blocks import RECORDS
from opcodes.cluster import NMSG_DISCONNECTED
from tests.journals import story
from tests.journals.content import content
from tests.journals.record import DIGESTS, GOLDEN, HERE, header, recorded, replayed

ROOT = Path(__file__).resolve().parents[2]


def golden(name):
    return (HERE / (name + journal.SUFFIX)).read_bytes()


@pytest.mark.native
@pytest.mark.parametrize("name", GOLDEN)
def test_golden(name):
    """The checked-in journal says and becomes what it did when it was recorded, whatever the threads."""
    for threads in 1, 2:
        assert replayed(golden(name), threads) == json.loads(DIGESTS.read_text())[name]


@pytest.mark.parametrize("name", GOLDEN)
def test_recorded_again(name):
    """
    Playing the story again writes the same: nothing in a recording depends on when or where.

    But the bytes of the file do, on the version of zstd.
    """
    again, once = (journal.Reader(io.BytesIO(data)) for data in (recorded(name), golden(name)))
    assert again.header == once.header
    if once.snapshot is not None:
        assert (again.snapshot.link, again.snapshot.world) == (once.snapshot.link, once.snapshot.world)
    assert list(again) == list(once)


@pytest.mark.parametrize(("seed", "extra"), [("1", []), ("2", []), ("3", ["-O"])])
def test_other_processes(seed, extra):
    """Processes that hash and optimise differently agree."""
    for name in GOLDEN:
        got = subprocess.run(
            [sys.executable, *extra, "-m", "tests.journals.record", str(HERE / (name + journal.SUFFIX))],
            env={**os.environ, "PYTHONHASHSEED": seed},
            cwd=ROOT,
            capture_output=True,
            text=True,
            check=True,
        )
        assert json.loads(got.stdout) == json.loads(DIGESTS.read_text())[name]


@pytest.mark.parametrize("name", GOLDEN)
def test_a_story_with_something_in_it(name):
    """The journals are worth replaying: many packets of many kinds, and no handler fails."""
    reader = journal.Reader(io.BytesIO(golden(name)))
    done = [e for effects, _ in steps(reader, began(reader, content())) for e in effects]
    said = [e.packet for e in done if isinstance(e, Send)]
    assert len(said) > 150
    assert len({type(packet) for packet in said}) > 20
    assert json.loads(DIGESTS.read_text())[name]["faults"] == 0


def spoken(data):
    """Tick, effects and, now and then, state of every step of a journal."""
    reader = journal.Reader(io.BytesIO(data))
    world = began(reader, content())
    rows = {}
    for effects, _ in steps(reader, world):
        rows[world.tick] = ([told(e) for e in effects], digest(world) if world.tick % 20 == 0 else None)
    return rows


@pytest.mark.native
@pytest.mark.parametrize(
    ("name", "cut"),
    [
        *(("travel", n) for n in (45, 131, 255, 263, 305)),
        *(("crossing", n) for n in (34, 121, 201, 331, 441)),
    ],
)
def test_snapshot_continues(name, cut):
    """Frozen at any tick, sent as bytes and thawed, a world says and becomes the same."""
    data = golden(name)
    whole = spoken(data)
    reader = journal.Reader(io.BytesIO(data))
    world = began(reader, content())
    later, writer = io.BytesIO(), None
    records = list(journal.Reader(io.BytesIO(data)))
    for _ in steps(reader, world):
        if world.tick == cut:
            writer = journal.Writer(later, header(world), journal.Snapshot(cut, world.snapshot()))
            break
    for record in records:
        if record.tick > cut:
            if isinstance(record, journal.Tick):
                writer.tick(*record)
            elif isinstance(record, journal.Digest):
                writer.digest(record.tick, [])
    writer.flush()
    again = spoken(later.getvalue())
    assert again == {tick: row for tick, row in whole.items() if tick > cut}


def forgetful(name, forgets):
    """A golden journal whose server forgot to write some inputs down."""
    reader = journal.Reader(io.BytesIO(golden(name)))
    world, out = began(reader, content()), io.BytesIO()
    writer = journal.Writer(out, reader.header)
    for record in reader:
        while world.tick < record.tick - isinstance(record, journal.Tick):
            world.step([])
        if isinstance(record, journal.Tick):
            writer.tick(record.tick, [it for it in record.inputs if not forgets(record.tick, it[1])])
            world.step([Input(*it) for it in record.inputs])
        elif isinstance(record, journal.Digest):
            writer.digest(world.tick, parts.contents(world, parts.whole(world)))
    writer.flush()
    return io.BytesIO(out.getvalue())


@pytest.mark.parametrize(
    ("name", "kinds", "since", "where"),
    [
        ("town", "MSG_MOVE_START_FORWARD MSG_MOVE_STOP MSG_MOVE_HEARTBEAT", 201, "250 .*: map 0"),
        ("town", "CMSG_JOIN_CHANNEL", 0, "[0-9]+ .*: the society"),
        ("crossing", "NMSG_MOVES", 201, "250 .*; the field of map 0"),
        ("crossing", "NMSG_STRAIN", 0, "[0-9]+ .*: the world's clock; .*"),
    ],
)
def test_a_difference_is_found(name, kinds, since, where):
    """A state that is not the recorded one stops the replay and names the tick, and the part."""
    forgot = forgetful(name, lambda tick, packet: tick >= since and type(packet).__name__ in kinds.split())
    with pytest.raises(Differs, match=f"^the state after tick {where}"):
        replay(forgot, content())
    assert replay(forgetful(name, lambda *_: False), content()).compared > 10


@pytest.mark.parametrize("name", GOLDEN)
def test_cut_anywhere(name):
    """What a journal holds up to a cut replays as it did, and equals all of its digests up to there."""
    data = golden(name)
    whole = list(journal.Reader(io.BytesIO(data)))
    begins = next(it.at for it in journal.Reader(io.BytesIO(data)).index() if it.kind == RECORDS)
    compared = set()
    for size in range(begins, len(data), (len(data) - begins) // 8):
        reader = journal.Reader(io.BytesIO(data[:size]))
        records, first = list(reader), began(reader, content()).tick
        result = replay(io.BytesIO(data[:size]), content())
        assert records == whole[: len(records)]
        assert result.tick == (records[-1].tick if records else first)
        assert result.compared == sum(isinstance(it, journal.Digest) for it in records)
        assert result.cut == reader.cut
        compared.add(result.compared)
    assert len(compared) > 4


def test_other_content_or_order():
    """Another world's journal, or one whose ticks go back, is refused."""
    world = World(content(), story.RULES, 99)
    for made in header(world)._replace(content="00" * 32), header(world):
        out = io.BytesIO()
        writer = journal.Writer(out, made)
        writer.digest(5, parts.contents(world, parts.whole(world)))
        writer.tick(5, [(1, story.Walker(1).enter().packet)])
        writer.flush()
        with pytest.raises(Differs):
            replay(io.BytesIO(out.getvalue()), content())


@pytest.fixture(scope="module")
def world_db(tmp_path_factory):
    """The URL of the world that comes with us, on SQLite."""
    database = Database(f"sqlite:///{tmp_path_factory.mktemp('world')}/world.sqlite", executor="inline")
    done = []
    Updater(database, "world").update().addBoth(done.append)
    database.close()
    assert isinstance(done[0], list), done
    return str(database.url)


def test_the_command(world_db, tmp_path):
    """A journal of the world that comes with us, replayed as an operator does it."""
    world = World(content_of(world_db), story.RULES, 5)
    file = tmp_path / "session.bmj"
    with file.open("wb") as out:
        writer = journal.Writer(out, header(world))
        for tick, inputs in (1, [story.Walker(1).enter()]), (60, [(1, NMSG_DISCONNECTED())]):
            while world.tick < tick - 1:
                world.step([])
            writer.tick(tick, inputs)
            world.step([Input(*i) for i in inputs])
        writer.digest(world.tick, parts.contents(world, parts.whole(world)))
        writer.flush()
    got = CliRunner().invoke(main, ["replay", str(file), "--world-db", world_db, "--threads", "2"])
    assert got.exit_code == 0, got.output
    assert (
        f"state     {digest(world).hex()}\ncompared  1\nchained   0\nfaults    0\ncut       False\n"
        in got.output
    )
    assert re.search(
        r"^In .* s, .* s of CPU: \d+ ticks a second, \d+ times as fast as it was\.$", got.output, re.M
    )
    assert "Equal:" in got.output


@pytest.mark.parametrize("name", ["a golden journal", "nonsense", "nowhere"])
def test_the_command_says_what_is_wrong(world_db, tmp_path, name):
    """Another world's journal, a file that is none, a database that is none: one line, no traceback."""
    file = tmp_path / "session.bmj"
    file.write_bytes(b"nonsense" if name == "nonsense" else golden("town"))
    url = f"sqlite:///{tmp_path}/no/such/place.sqlite" if name == "nowhere" else world_db
    got = CliRunner().invoke(main, ["replay", str(file), "--world-db", url])
    assert got.exit_code == 2
    assert got.output.startswith("Error: ")
    assert got.output.count("\n") == 1
